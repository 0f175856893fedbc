"""What ends Python costs its own exercise and no other, and nobody is accused of anything.

A lesson of the course is graded, because its tests need more than those of a toy.
"""

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.execute import sandbox
from course_utils.instructor.grade.grading import grade
from course_utils.instructor.gradebook.records import GRADED, NEEDS_REVIEW
from tests.grading.answers import autograded_exercises, exercises_alone, lessons_to_test

LESSON = lessons_to_test()[0]
KILL = "import os\nos.kill(os.getpid(), 9)"
EXIT = "import os\n\n\ndef {}(*_, **__):\n    os._exit(1)"
DEEP = "def {0}(*given, **more):\n    return {0}(*given, **more)"


@pytest.mark.parametrize(
    ("own", "answer", "status", "whole"),
    [
        (["exit()", "quit()"], None, NEEDS_REVIEW, True),
        (["exit()", "quit()", KILL], None, GRADED, False),  # no answer needs them: left out
        ([KILL], None, NEEDS_REVIEW, True),
        ([], EXIT, NEEDS_REVIEW, False),
        ([], DEEP, GRADED, False),
    ],
    ids=["exit and quit", "left out", "killed", "os._exit in an answer", "endless recursion"],
)
def test_what_ends_python_costs_no_other_exercise(own, answer, status, whole, released):
    course = released(LESSON)
    exercises = autograded_exercises(course, LESSON)
    first, *others = exercises
    answers = {name: exercise.solution for name, exercise in exercises.items()}
    expected = {cell: most for it in exercises.values() for cell, most in it.points.items()}
    if answer:
        answers[first] = answer.format(first)
        expected |= dict.fromkeys(exercises[first].points, 0)
    student = f"ends-{len(own)}-{status}".replace(" ", "-")
    hand_in(course, student, LESSON, answers)
    path = course.submission(student, LESSON)
    notebook = exercises_alone(nbformat.read(path, as_version=4))
    for source, above in zip(own, others, strict=False):
        names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
        notebook.cells.insert(names.index(above), new_code_cell(source))
    nbformat.write(notebook, path)
    confined = not sandbox.available()
    (record,) = grade(course, [(student, LESSON)], confined=confined, whole=whole)
    assert {it.name: it.earned for it in record.cells if not it.written} == expected
    assert record.status == status
    assert bool(record.reasons) == (status == NEEDS_REVIEW)
    assert all(": the kernel " in reason for reason in record.reasons), record.reasons
