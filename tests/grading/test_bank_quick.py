"""The bank, quickly: every answer is executed and tested in this process, without a kernel.

What this cannot see, ``test_bank.py`` can: whether answers and tests work in the released notebook.
"""

import functools

import pytest

from course_utils.instructor.lessons.exercises import read_source
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
    """What a lesson imports; read once a worker."""
    return imports_of(read_source(course.source(lesson)))


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES)
def test_answers_earn_their_marks(lesson, exercise, released):
    problems = disagreements_of_exercise(BANK, released(lesson), lesson, exercise)
    assert not problems, "\n".join(problems)


def disagreements_of_exercise(bank, course, lesson, name):
    """Run all answers to an exercise; say where the bank expects otherwise."""
    tested = autograded_exercises(course, lesson)[name]
    try:
        answers = read_answers(bank, course, lesson, name)
        imported = imports(course, lesson)
    except ValueError as error:
        return [str(error)]
    problems = [
        disagreement(lesson, name, answer, *run_here(answer, tested, imported))
        for answer in answers
    ]
    return list(filter(None, problems))
