"""The bank, quickly: every answer is executed and tested in this process, without a kernel.

What this cannot see, ``test_bank.py`` can: whether answers and tests work in the released notebook.
"""

import functools

import nbformat
import pytest

from tests.grading.answers import (
    BANK,
    COURSE,
    autograded_exercises,
    disagreement,
    imports_of,
    lessons_to_test,
    read_answers,
    run_here,
)

EXERCISES = [
    (lesson, exercise)
    for lesson in lessons_to_test()
    for exercise in autograded_exercises(COURSE, lesson)
]


@functools.cache
def imports(lesson):
    """What a lesson imports; once a worker, because TensorFlow may be part of it."""
    return imports_of(nbformat.read(COURSE.source(lesson), as_version=4))


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES)
def test_answers_earn_their_marks(lesson, exercise, released):
    tested = autograded_exercises(COURSE, lesson)[exercise]
    problems = []
    for answer in read_answers(BANK, released(lesson), lesson)[exercise]:
        marks, message = run_here(answer, tested, imports(lesson))
        problems.append(disagreement(f"{lesson}, {exercise}", answer, marks, message))
    assert not any(problems), "\n".join(filter(None, problems))
