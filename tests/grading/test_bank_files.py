"""Every autograded exercise has its bank of answers, and every bank file its exercise."""

import pytest

from course_utils.instructor.course import lesson_names
from tests.grading.answers import (
    BANK,
    COURSE,
    lessons_to_test,
    problems_of_lesson,
)


def test_the_course_has_lessons():
    assert lesson_names(COURSE)


def test_every_folder_of_the_bank_belongs_to_a_lesson():
    strange = sorted({folder.name for folder in BANK.glob("*")} - set(lesson_names(COURSE)))
    assert not strange, f"{BANK}: no lesson is called {', '.join(strange)}. Rename or remove it."


@pytest.mark.parametrize("lesson", lessons_to_test())
def test_every_exercise_has_its_bank(lesson):
    problems = problems_of_lesson(BANK, COURSE, lesson)
    assert not problems, "\n".join(problems)
