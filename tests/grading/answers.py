"""The bank of answers: read and check its files, run an answer, and compare what graders say.

A file ``bank/LESSON/EXERCISE.yaml`` holds right answers, and wrong ones with the marks they earn
and what the student then reads. The reference solution (from the lesson's source) and the untouched
stub (from its release) are added here.
"""

import copy
import io
import random
import sys
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
import yaml

from course_utils.instructor.course import CourseError, find_course, lesson_names
from course_utils.instructor.lessons.cell_text import borrowed, imports
from course_utils.instructor.lessons.exercises import read_exercises, read_source

COURSE = find_course(Path(__file__).parent)
BANK = Path(__file__).parent / "bank"
FEWEST_RIGHT, FEWEST_WRONG = 2, 5
KEYS = {
    "file": {"exercise", "cells", "right", "wrong"},
    "right": {"name", "code"},
    "wrong": {"name", "marks", "says", "code"},
}


@dataclass(frozen=True)
class Answer:
    """An answer, and what graders must say to it: marks by cell, and words within the message."""

    name: str
    code: str
    marks: dict
    says: str = ""


def lessons_to_test():
    """Names of the course's lessons; none where ``test_bank_files`` says what is wrong."""
    try:
        return lesson_names(COURSE)
    except CourseError:
        return []


def exercises_to_test(course, lessons):
    """Lessons with each of their exercises; none where ``test_bank_files`` says what is wrong."""
    found = []
    for lesson in lessons:
        with suppress(ValueError):
            found += [(lesson, exercise) for exercise in autograded_exercises(course, lesson)]
    return found


def markdown_of(lesson):
    """The file in which a lesson is mended."""
    return f"notebooks/{lesson}/{lesson}.md"


def autograded_exercises(course, lesson):
    """Exercises of a lesson that need a bank, by name; an error names the file and the mend."""
    source = read_source(course.source(lesson))
    try:
        exercises = read_exercises(source)
    except ValueError as error:
        mend = "Mend this file, then run: make pair"
        raise ValueError(f"{markdown_of(lesson)}: {error} {mend}") from None
    return {name: it for name, it in exercises.items() if not it.written}


def stubs(course, lesson):
    """Answer cells as students get them, by exercise."""
    released = nbformat.read(course.released(lesson), as_version=4)
    return {name: exercise.answer for name, exercise in read_exercises(released).items()}


def problems_of_lesson(bank, course, lesson):
    """Say what is wrong with a lesson's exercises and their bank files, one line a problem."""
    try:
        exercises = autograded_exercises(course, lesson)
    except ValueError as error:
        return [str(error)]
    problems = []
    for exercise in exercises.values():
        try:
            _checked_entry(bank, lesson, exercise)
        except ValueError as error:
            problems += str(error).splitlines()
    for path in sorted((bank / lesson).glob("*")):
        if path.suffix != ".yaml" or path.stem not in exercises:
            problems.append(
                f"{path}: {lesson} has no autograded exercise of this name; its exercises are "
                f"{', '.join(exercises) or 'none'}. Rename the file, or remove it."
            )
    return problems


def problems_of_entry(entry, exercise):
    """Say what is wrong with one bank file's content, one line a problem."""
    if not isinstance(entry, dict) or set(entry) != KEYS["file"]:
        return [f"expected the keys {', '.join(sorted(KEYS['file']))}; got {_keys(entry)}."]
    problems = []
    if entry["exercise"] != exercise.name:
        problems.append(f"exercise should be {exercise.name!r}; got {entry['exercise']!r}.")
    if entry["cells"] != exercise.points:
        problems.append(
            f"cells should be the notebook's graded cells and points, {_marks(exercise.points)}; "
            f"got {_marks(entry['cells'])}."
        )
    for kind, fewest in (("right", FEWEST_RIGHT), ("wrong", FEWEST_WRONG)):
        answers = entry[kind] if isinstance(entry[kind], list) else []
        if len(answers) < fewest:
            problems.append(f"expected {fewest} {kind} answers or more; got {len(answers)}.")
        for number, answer in enumerate(answers, start=1):
            problems += [
                f"{kind} answer {number}: {problem}"
                for problem in _problems_of_answer(answer, kind, exercise)
            ]
    if not problems:
        answers = entry["right"] + entry["wrong"]
        for key in ("name", "code"):
            for text, times in Counter(answer[key] for answer in answers).items():
                if times > 1:
                    problems.append(f"{times} answers have the same {key}: {text!r}.")
    return problems


def all_answers(entry, exercise, stub):
    """The reference, the right answers, the stub and the wrong answers, in this order."""
    full = exercise.points
    return [
        Answer("the reference solution", exercise.solution, full),
        *(Answer(answer["name"], answer["code"], full) for answer in entry["right"]),
        Answer("the untouched stub", stub, dict.fromkeys(full, 0)),
        *(Answer(**answer) for answer in entry["wrong"]),
    ]


def read_answers(bank, course, lesson, name):
    """All answers to one exercise of a released lesson; an error names the file and the mend."""
    exercise = autograded_exercises(course, lesson)[name]
    entry = _checked_entry(bank, lesson, exercise)
    return all_answers(entry, exercise, stubs(course, lesson)[name])


def number_of_answers(bank, lesson):
    """Length of a lesson's longest bank; 0 where ``test_bank_files`` says what is wrong."""
    lengths = [0]
    for path in (bank / lesson).glob("*.yaml"):
        try:
            entry = _entry(bank, lesson, path.stem)
            lengths.append(2 + len(entry["right"]) + len(entry["wrong"]))
        except (ValueError, KeyError, TypeError):
            continue
    return max(lengths)


def imports_of(notebook):
    """The import statements of a lesson's cells, by the name that each brings."""
    found = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            found = imports(cell.source) | found
    return found


def needed(code, imported):
    """Those of a lesson's import statements whose names some code uses."""
    return [imported[name] for name in sorted(borrowed(code) & imported.keys())]


def exercises_alone(notebook):
    """A copy in which cells without a task only import, and the first one begins the lesson.

    Answers need no more of a lesson than that, and tests nothing but answers.
    """
    short = copy.deepcopy(notebook)
    plain = [
        cell for cell in short.cells if cell.cell_type == "code" and "nbgrader" not in cell.metadata
    ]
    for cell in plain[1:]:
        cell.source = "\n".join(imports(cell.source).values())
    return short


def run_here(answer, exercise, imported):
    """Give marks by cell, and the first failing test's message, without a kernel."""
    namespace = {"__name__": "__main__"}
    _seed()
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        for code in (*needed(answer.code, imported), answer.code):
            _complaint(code, namespace)
        complaints = {test: _complaint(code, namespace) for test, code in exercise.tests.items()}
    marks = {
        test: 0 if complaint else exercise.points[test] for test, complaint in complaints.items()
    }
    return marks, next(filter(None, complaints.values()), "")


def disagreement(lesson, exercise, answer, marks, message):
    """Say how graders differ from what the bank expects, and the mend; nothing if they agree."""
    if marks != answer.marks:
        what = f"expected the marks {_marks(answer.marks)}; got {_marks(marks)}"
    elif answer.says not in message:
        what = f"expected a message with {answer.says!r}; got other words"
    else:
        return ""
    return (
        f"{lesson}, {exercise}, {answer.name!r}: {what}. "
        f"The first failing test says: {(message or 'nothing').rstrip('.')}. "
        f"Mend exercise {exercise!r} in {markdown_of(lesson)} and run: make pair; "
        f"or mend its entry in tests/grading/bank/{lesson}/{exercise}.yaml."
    )


def _entry(bank, lesson, exercise):
    """Content of a bank file; an error names the file and the mend."""
    path = bank / lesson / f"{exercise}.yaml"
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(
            f"{path}: exercise {exercise!r} of {lesson} has no bank. Write this file, with at "
            f"least {FEWEST_RIGHT} right and {FEWEST_WRONG} wrong answers."
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        what = " ".join(str(error).split())
        raise ValueError(f"{path}: this is not YAML. Mend it: {what}") from None


def _checked_entry(bank, lesson, exercise):
    """Content of a bank file that fits its exercise; an error has a line for each problem."""
    entry = _entry(bank, lesson, exercise.name)
    problems = problems_of_entry(entry, exercise)
    if problems:
        path = bank / lesson / f"{exercise.name}.yaml"
        raise ValueError("\n".join(f"{path}: {problem}" for problem in problems))
    return entry


def _problems_of_answer(answer, kind, exercise):
    """Say what is wrong with one answer."""
    if not isinstance(answer, dict) or set(answer) != KEYS[kind]:
        return [f"expected the keys {', '.join(sorted(KEYS[kind]))}; got {_keys(answer)}."]
    problems = [
        f"{key} should be a text that is not empty; got {answer[key]!r}."
        for key in sorted(KEYS[kind] - {"marks"})
        if not (isinstance(answer[key], str) and answer[key].strip())
    ]
    if kind == "wrong":
        marks = answer["marks"]
        if not isinstance(marks, dict) or set(marks) != set(exercise.points):
            problems.append(
                f"marks should name the cells {', '.join(exercise.points)}; got {_keys(marks)}."
            )
        elif any(marks[cell] not in (0, most) for cell, most in exercise.points.items()):
            problems.append(
                "marks of a cell are 0 or all of its points, as nbgrader gives them: "
                f"{_marks(exercise.points)}; got {_marks(marks)}."
            )
        elif marks == exercise.points:
            problems.append("a wrong answer should lose points; this one earns all of them.")
    return problems


def _keys(value):
    """What a mapping's keys are, or that it is none."""
    return ", ".join(map(str, value)) if isinstance(value, dict) else f"{value!r}"


def _marks(marks):
    """Marks by cell, to read."""
    if not isinstance(marks, dict):
        return repr(marks)
    return ", ".join(f"{cell} {points:g}" for cell, points in marks.items())


def _complaint(code, namespace):
    """Execute code as a cell of a notebook; the message of what it raises, if anything."""
    try:
        exec(compile(code, "cell", "exec"), namespace)
    except (Exception, SystemExit) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _seed():
    """Begin every answer with the same random numbers."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002, for answers that still use it
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(0)
