"""Run mutants of reference solutions: ``python -m tests.grading.judge_mutants [LESSON…]``.

Writes ``mutants/LESSON.yaml``: of each exercise how many mutants were killed by an assertion of its
tests, by another error and by the time limit, and the survivors, each with the reason why it is a
right answer. A reason is written by a person; a survivor without one has ``null``, and fails
``test_mutants.py``.
"""

import argparse
import signal
import sys
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import yaml
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from course_utils.instructor.course import lesson_names
from course_utils.instructor.lessons.exercises import read_source
from tests.grading.answers import COURSE, Answer, autograded_exercises, imports_of, run_here
from tests.grading.mutants import mutants

FILES = Path(__file__).parent / "mutants"
SECONDS = 20
"""For one mutant."""
ASSERTION, ERROR, TIME, SURVIVED = "by an assertion", "by an error", "by the time limit", "survived"


class TooLong(BaseException):
    """A mutant does not come to its end. No Exception, so that no answer catches it."""


@contextmanager
def time_limit(seconds):
    """Raise TooLong within this context after so many seconds; in the main thread only."""

    def stop(number, frame):
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def digest(exercise):
    """Eight hexadecimal digits that tell a solution with its tests from any other."""
    parts = [exercise.answer, *exercise.tests.values()]
    return sha256("\0".join(parts).encode()).hexdigest()[:8]


def fate(code, exercise, imported):
    """How an answer ends: killed by what, or survived."""
    try:
        with time_limit(SECONDS):
            marks, message = run_here(Answer("a mutant", code, {}), exercise, imported)
    except TooLong:
        return TIME
    if marks == exercise.points:
        return SURVIVED
    return ASSERTION if message.startswith("AssertionError") else ERROR


def judge(exercise, imported, tell=lambda: None):
    """The fate of each mutant of an exercise, by its name."""
    fates = {}
    for name, code in mutants(exercise.answer).items():
        fates[name] = fate(code, exercise, imported)
        tell()
    return fates


def kept(lesson):
    """What a lesson's file says, by exercise."""
    path = FILES / f"{lesson}.yaml"
    return yaml.safe_load(path.read_text("utf-8")) if path.is_file() else {}


def entry(exercise, fates, before):
    """What is written down of an exercise; reasons that were given stay."""
    reasons = before.get("survived", {})
    counts = {kind: sum(it == kind for it in fates.values()) for kind in (ASSERTION, ERROR, TIME)}
    survived = {name: reasons.get(name) for name, it in fates.items() if it == SURVIVED}
    return {"digest": digest(exercise), **counts, "survived": survived}


def unexplained(course, lesson, name):
    """The survivors of an exercise for which no reason stands in the lesson's file."""
    exercise = autograded_exercises(course, lesson)[name]
    found = kept(lesson).get(name, {})
    if found.get("digest") != digest(exercise):
        imported = imports_of(read_source(course.source(lesson)))
        found = entry(exercise, judge(exercise, imported), found)
    return [mutant for mutant, reason in found["survived"].items() if not reason]


def judge_lesson(lesson, wanted, progress):
    """Judge a lesson's exercises that have changed, or all, and write its file."""
    exercises = autograded_exercises(COURSE, lesson)
    imported, before = imports_of(read_source(COURSE.source(lesson))), kept(lesson)
    made = {}
    for name, exercise in exercises.items():
        made[name] = before.get(name, {})
        if wanted.all or made[name].get("digest") != digest(exercise):
            total = len(mutants(exercise.answer))
            task = progress.add_task(f"{lesson}, {name}", total=total)
            fates = judge(exercise, imported, lambda task=task: progress.advance(task))
            made[name] = entry(exercise, fates, made[name])
            progress.remove_task(task)
            FILES.mkdir(exist_ok=True)
            text = yaml.safe_dump(before | made, sort_keys=False, allow_unicode=True, width=100)
            (FILES / f"{lesson}.yaml").write_text(text, "utf-8")
    return made


def main():
    """Judge, write, print; returns 1 if a survivor has no reason."""
    parser = argparse.ArgumentParser(prog="python -m tests.grading.judge_mutants")
    names = lesson_names(COURSE)
    parser.add_argument("lessons", nargs="*", metavar="LESSON", default=names)
    parser.add_argument("--all", action="store_true", help="also what has not changed")
    wanted = parser.parse_args()
    if unknown := set(wanted.lessons) - set(names):
        parser.error(f"no such lesson: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    kinds = (ASSERTION, ERROR, TIME)
    table = Table("exercise", "mutants", *kinds, "right in spite of it", "unexplained")
    loose = 0
    with Progress(transient=True) as progress:
        for lesson in wanted.lessons:
            for name, it in judge_lesson(lesson, wanted, progress).items():
                reasons = list(it["survived"].values())
                open_ones = sum(not reason for reason in reasons)
                loose += open_ones
                numbers = [it[kind] for kind in kinds]
                counts = [sum(numbers) + len(reasons), *numbers, len(reasons) - open_ones]
                table.add_row(f"{lesson[:2]} {name}", *map(str, [*counts, open_ones]))
    Console(width=120).print(table)
    return 1 if loose else 0


if __name__ == "__main__":
    sys.exit(main())
