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
    exercises_to_test,
    imports_of,
    lessons_to_test,
    read_answers,
    run_here,
)

EXERCISES = exercises_to_test(COURSE, lessons_to_test())


@functools.cache
def imports(course, lesson):
    """What a lesson imports; once a worker, because TensorFlow may be part of it."""
    return imports_of(nbformat.read(course.source(lesson), as_version=4), lesson)


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES)
def test_answers_earn_their_marks(lesson, exercise, released):
    problems = disagreements_of_exercise(BANK, released(lesson), lesson, exercise)
    assert not problems, "\n".join(problems)


def disagreements_of_exercise(bank, course, lesson, name):
    """Run all answers to an exercise; say where the bank expects otherwise."""
    tested = autograded_exercises(course, lesson)[name]
    try:
        answers = read_answers(bank, course, lesson, name)
        namespace = imports(course, lesson)
    except ValueError as error:
        return [str(error)]
    problems = [
        disagreement(lesson, name, answer, *run_here(answer, tested, namespace))
        for answer in answers
    ]
    return list(filter(None, problems))
