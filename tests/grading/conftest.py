"""What the tests of grading share: one release of every lesson a worker."""

import functools

import pytest

from course_utils.instructor.release import generate
from tests.grading.answers import COURSE


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """A function that gives the course with a lesson released, in a build folder for tests."""
    course = COURSE.with_build(tmp_path_factory.mktemp("bank"))

    @functools.cache
    def release(lesson):
        generate(course, lesson)
        return course

    return release
