"""What the tests of grading share: one release of every lesson a worker."""

import functools

import pytest

from course_utils.instructor.release.release import generate
from tests.grading.answers import COURSE, autograded_exercises


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """A function that gives the course with a lesson released, in a build folder for tests."""
    course = COURSE.with_build(tmp_path_factory.mktemp("bank"))

    @functools.cache
    def release(lesson):
        try:
            autograded_exercises(course, lesson)  # nbgrader would not say which file to mend
        except ValueError as error:
            pytest.fail(str(error), pytrace=False)
        generate(course, lesson)
        return course

    return release
