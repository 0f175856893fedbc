"""What students of this very course get: no secrets, and notebooks that run to the first task.

``test_bank`` runs the release with all its cells; here those without a task only import.
"""

import nbformat
import pytest

from course_utils.instructor.release.release import find_leaks
from tests.grading.answers import exercises_alone, lessons_to_test
from tests.instructor.first_error import check_runs_to_its_first_exercise


def test_the_release_leaks_nothing(released):
    for lesson in lessons_to_test():
        course = released(lesson)
    leaks = find_leaks(course)
    assert not leaks, "\n".join(map(str, leaks))


@pytest.mark.parametrize("lesson", lessons_to_test())
def test_a_released_notebook_runs_to_its_first_exercise(lesson, released, tmp_path):
    release = nbformat.read(released(lesson).released(lesson), as_version=4)
    path = tmp_path / f"{lesson}.ipynb"
    nbformat.write(exercises_alone(release), path)
    check_runs_to_its_first_exercise(path)
