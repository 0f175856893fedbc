"""How quickly is a class graded? ``python -m benchmarks.grading``, about an hour for all lessons.

N and 3 N whole notebooks of each lesson, with right and wrong answers from the bank, are graded in
two ways, which take turns: by stock ``nbgrader autograde``, with nothing of ours but
``nbgrader_config.py``; and by ``course grade``. Each run is a process of its own, in a folder of
its own, in the fast profile. A table shows the seconds of each run, those of one more notebook
(between N and 3 N), the ratios, and how many marks agree, cell by cell. It ends with 1 if one does
not, if one more notebook costs stock less than twelve times as much (eight times, where stock needs
less than 8 s for it), or a class of 24 less than six times as much: measured where N is 8, else
worked out from the seconds of one more.

* ``--lessons 02-neurons-to-networks 05-convolutions`` takes these only; ``--submissions 4`` is N.
* ``--workers-compared 48`` grades so many notebooks of each lesson, and a third of them, with one
  worker and with two, and nothing by stock; it tells how much quicker two are.
* ``--memory 200`` grades so many notebooks of each lesson in one run, and nothing by stock; it
  tells how much memory the server of warm kernels has after some of them.
* ``--cells`` runs nothing: it tells which cells are run of a notebook that is right everywhere.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from course_utils.instructor.course import find_course, lesson_names
from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.execute import needed, sandbox
from course_utils.instructor.execute.roles import roles
from course_utils.instructor.execute.warm_kernel import warm_kernels
from course_utils.instructor.grade import capacity
from course_utils.instructor.grade.grading import grade, submissions
from course_utils.instructor.release.release import generate
from tests.grading.answers import BANK, COURSE, autograded_exercises, read_answers, stubs

WAYS = ("stock", "course")
REQUIRED, REQUIRED_OF_SHORT, REQUIRED_IN_ALL = 12, 8, 6  # ratios
CLASS = 24  # notebooks
SHORT = 8  # seconds of a notebook
COMMAND = "from course_utils.instructor.cli.app import app; app()"


def make_course(folder, lesson, count):
    """A course of one lesson, released, for which so many students have handed in."""
    for name in ("nbgrader_config.py", "jupytext.toml"):
        shutil.copy(COURSE.root / name, folder)
    shutil.copytree(COURSE.source(lesson).parent, folder / "notebooks" / lesson)
    course = find_course(folder)
    course.build.mkdir()
    generate(course, lesson)
    untouched = stubs(course, lesson)  # left out: a notebook of nothing else is not graded
    bank = {
        name: [it for it in read_answers(BANK, course, lesson, name) if it.code != untouched[name]]
        for name in autograded_exercises(course, lesson)
    }
    for student in range(count):
        answers = {name: some[student % len(some)].code for name, some in bank.items()}
        hand_in(course, f"student-{student:03}", lesson, answers)
    return course


def seconds_of(course, command):
    """How long a command takes in a course's folder."""
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    inherited = {name: value for name, value in os.environ.items() if name != "JUPYTER_PATH"}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command],
        cwd=course.root,
        env=inherited | {"PATH": tools, "COURSE_PROFILE": "fast"},
        capture_output=True,
        text=True,
    )
    taken = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return taken


def marks(course, lesson):
    """Points by student and test; what was graded by hand left out."""
    with Gradebook(course.gradebook_url) as gradebook:
        return {
            (submission.student.id, grade.name): grade.auto_score
            for submission in gradebook.assignment_submissions(lesson)
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.cell.cell_type == "code"
        }


def ours(lesson, workers):
    """The command that grades as we do."""
    words = ["-c", COMMAND, "grade", "--lesson", lesson, "--workers", str(workers)]
    return [*words, "--no-sandbox"] if sandbox.available() else words


def measure(lesson, counts, workers, tell):
    """Seconds by way and number of notebooks, and marks likewise."""
    commands = {"stock": ["-m", "nbgrader", "autograde", lesson], "course": ours(lesson, workers)}
    seconds, found = {}, {}
    for count in counts:
        for way, command in commands.items():
            with tempfile.TemporaryDirectory() as folder:
                tell(f"{lesson}: {way}, {count} notebooks")
                course = make_course(Path(folder), lesson, count)
                seconds[way, count] = seconds_of(course, command)
                found[way, count] = marks(course, lesson)
    return seconds, found


def measure_workers(lesson, many, tell):
    """Seconds by number of workers: of `course grade` with so many notebooks, and of one more."""
    few, in_all, more = many // 3, {}, {}
    for workers in (1, 2):
        seconds = {}
        for count in (few, many):
            with tempfile.TemporaryDirectory() as folder:
                tell(f"{lesson}: {workers} at a time, {count} notebooks")
                course = make_course(Path(folder), lesson, count)
                seconds[count] = seconds_of(course, ours(lesson, workers))
        in_all[workers] = seconds[many]
        more[workers] = (seconds[many] - seconds[few]) / (many - few)
    return in_all, more


def memory_of_server(lesson, count, workers, tell):
    """MiB of the server of warm kernels, by how many notebooks have been graded."""
    sizes, wanted = {}, {1, 10, 100, count // 2, count}
    with tempfile.TemporaryDirectory() as folder, warm_kernels() as server:
        course = make_course(Path(folder), lesson, count)
        records = grade(
            course,
            submissions(course, [lesson]),
            workers=workers,
            confined=not sandbox.available(),
        )
        for done, _ in enumerate(records, start=1):
            tell(f"{lesson}: {done} of {count}")
            if done in wanted:
                sizes[done] = proportional_size(server.pid)
    return sizes


def proportional_size(process):
    """MiB of a process; what it shares is divided among those that do."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return int(next(it for it in lines if it.startswith("Pss:")).split()[1]) / 1024


def cells_that_are_run(lesson):
    """A row of a table: how many cells a lesson has, and what is run of them if all is right."""
    notebook = nbformat.read(COURSE.source(lesson), as_version=4)
    made = needed.plan(roles(notebook))
    own = [
        f"{number + 1}{'' if made.sources[number] == notebook.cells[number].source else ' in part'}"
        for number, (_, role) in roles(notebook).items()
        if role == needed.OTHER and number in made.sources
    ]
    graded = sum(role != needed.OTHER for _, role in roles(notebook).values())
    count = len(roles(notebook))
    return lesson, str(count), str(graded), str(len(own)), ", ".join(own) + made.whole


def row_of(lesson, counts, seconds, found):
    """A row of the table, whether all is as it has to be, and the marks that are not alike."""
    few, many = counts
    more = {way: (seconds[way, many] - seconds[way, few]) / (many - few) for way in WAYS}
    of_class = {way: seconds[way, many] + (CLASS - many) * more[way] for way in WAYS}
    ratio, total = more["stock"] / more["course"], of_class["stock"] / of_class["course"]
    pairs = [
        (found["course", count].get(cell), mark)
        for count in counts
        for cell, mark in found["stock", count].items()
    ]
    alike = sum(ours == stock for ours, stock in pairs)
    times = [f"{seconds[way, count]:.1f}" for way in WAYS for count in counts]
    each = [f"{more[way]:.2f}" for way in WAYS]
    row = [lesson, *times, *each, f"{ratio:.1f}", f"{total:.1f}", f"{alike} of {len(pairs)}"]
    required = REQUIRED if more["stock"] >= SHORT else REQUIRED_OF_SHORT
    differ = differences(counts, found)
    return row, not differ and ratio >= required and total >= REQUIRED_IN_ALL, differ


def differences(counts, found):
    """In words: the marks that are not the same in both ways."""
    return [
        f"  {student}, {cell}, of {count} notebooks: stock gives {stock}, course {ours}"
        for count in counts
        for student, cell in sorted(found["stock", count].keys() | found["course", count].keys())
        for stock, ours in [[found[way, count].get((student, cell)) for way in WAYS]]
        if stock != ours
    ]


def workers_compared(lesson, count, tell):
    """In words: seconds of one worker and of two."""
    in_all, more = measure_workers(lesson, count, tell)
    return (
        f"{lesson}, {count} notebooks: one worker {in_all[1]:.1f} s, two {in_all[2]:.1f} s "
        f"({in_all[1] / in_all[2]:.2f}); one more notebook {more[1]:.2f} s and {more[2]:.2f} s "
        f"({more[1] / more[2]:.2f})"
    )


def memory_told(lesson, count, workers, tell):
    """In words: the memory of the server of warm kernels."""
    sizes = memory_of_server(lesson, count, workers, tell)
    told = ", ".join(f"{size:.0f} MiB after {done}" for done, size in sizes.items())
    return f"{lesson}: the server of warm kernels has {told} notebooks"


def compare(console, tell, wanted):
    """Grade in both ways; returns whether all is as quick as it has to be."""
    counts = wanted.submissions, 3 * wanted.submissions
    numbers = [f"{way}, {count}" for way in WAYS for count in counts]
    more = [f"{way}, one more" for way in WAYS]
    table = Table("seconds", *numbers, *more, "ratio", f"of {CLASS}", "marks alike")
    succeeded = True
    for lesson in wanted.lessons:
        row, quick, differ = row_of(lesson, counts, *measure(lesson, counts, wanted.workers, tell))
        table.add_row(*row)
        console.print("  ".join(row), *differ, sep="\n")  # an hour is long
        succeeded &= quick
    console.print(table)
    return succeeded


def main():
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading")
    names = lesson_names(COURSE)
    parser.add_argument("--lessons", nargs="+", choices=names, default=names, metavar="LESSON")
    parser.add_argument("--submissions", type=int, default=8, metavar="N")
    parser.add_argument("--workers", type=int, default=capacity.workers())
    parser.add_argument("--workers-compared", type=int, metavar="COUNT")
    parser.add_argument("--memory", type=int, metavar="COUNT")
    parser.add_argument("--cells", action="store_true")
    wanted = parser.parse_args()
    console = Console(width=150)
    if wanted.cells:
        table = Table("lesson", "code cells", "graded", "others run", "which")
        for lesson in wanted.lessons:
            table.add_row(*cells_that_are_run(lesson))
        console.print(table)
        return 0
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("", total=None)

        def tell(words):
            progress.update(task, description=words)

        if not wanted.memory and not wanted.workers_compared:
            return 0 if compare(console, tell, wanted) else 1
        for lesson in wanted.lessons:
            if wanted.workers_compared:
                console.print(workers_compared(lesson, wanted.workers_compared, tell))
            if wanted.memory:
                console.print(memory_told(lesson, wanted.memory, wanted.workers, tell))
    return 0


if __name__ == "__main__":
    sys.exit(main())
