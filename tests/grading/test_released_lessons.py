"""What students of this very course get: no secrets, and notebooks that run to the first task."""

import pytest

from course_utils.instructor.release import find_leaks
from tests.grading.answers import lessons_to_test
from tests.instructor.first_error import check_runs_to_its_first_exercise


@pytest.mark.parametrize("lesson", lessons_to_test())
def test_a_release_leaks_nothing(lesson, released):
    leaks = find_leaks(released(lesson))
    assert not leaks, "\n".join(map(str, leaks))


@pytest.mark.parametrize("lesson", lessons_to_test())
def test_a_released_notebook_runs_to_its_first_exercise(lesson, released):
    check_runs_to_its_first_exercise(released(lesson).released(lesson))
