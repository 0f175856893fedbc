"""A toy course for every test that wants one."""

import shutil

import pytest

from course_utils.instructor.course import find_course
from course_utils.instructor.release import release
from tests.instructor.toy_course import make_toy_course

LESSONS = ("01-sums", "02-more-sums")


@pytest.fixture(scope="session")
def released_course(tmp_path_factory):
    """A toy course of two lessons that has been released; tests must not change it."""
    course = make_toy_course(tmp_path_factory.mktemp("toy"), LESSONS)
    release(course, LESSONS)
    return course


@pytest.fixture
def course(released_course, tmp_path):
    """A copy of the released toy course, for a test to change."""
    folder = tmp_path / "course"
    shutil.copytree(released_course.root, folder)
    return find_course(folder)
