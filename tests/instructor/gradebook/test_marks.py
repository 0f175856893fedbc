"""Marks are read from nbgrader's gradebook, and those that a person gave are never lost."""

import pytest
from nbgrader.api import Gradebook

from course_utils.instructor.gradebook.marks import (
    Mark,
    forget_test_marks,
    keep_marks_by_hand,
    marks_by_hand,
    read_marks,
    read_released_cells,
    read_submissions,
)
from tests.instructor.marked_class import ALL, mark

NAME = "01-sums"


@pytest.fixture
def url(course):
    """The address of a gradebook in which ada's written answer is marked, and bo's is not."""
    comments = {"why": "Well said.", "total": "A short one."}
    mark(course, "ada", by_hand={"why": 1.5, "total-visible": 0.5}, comments=comments)
    mark(course, "bo")
    return course.gradebook_url


def flag(url, student):
    """Flag what was marked by hand, as nbgrader does when it grades again."""
    with Gradebook(url) as gradebook:
        for grade in gradebook.find_submission_notebook(NAME, NAME, student).grades:
            grade.needs_manual_grade = True
        gradebook.db.commit()


def test_marks_tell_who_gave_them_and_what_they_wrote(url):
    marks = read_marks(url, NAME)
    assert {name: set(its) for name, its in marks.items()} == {"ada": set(ALL), "bo": set(ALL)}
    assert marks["ada"]["why"] == Mark(1.5, by_hand=True, comment="Well said.")
    assert marks["ada"]["total-visible"] == Mark(0.5, by_hand=True)
    assert marks["ada"]["total-hidden"] == Mark(2.0, comment="A short one.")
    assert marks["bo"]["why"] == Mark(None)
    assert read_marks(url, NAME, "ada") == {"ada": marks["ada"]}
    assert read_submissions(url) == {("ada", NAME), ("bo", NAME)}


def test_released_cells_have_points_and_tests_their_text(url):
    cells = read_released_cells(url, NAME)
    assert {name: points for name, (points, _) in cells.items()} == {
        **{name: points for name, points in ALL.items() if points},
        "why": 2,
    }
    assert "an empty list should give 0" in cells["total-hidden"][1]
    assert cells["why"][1] is None
    assert read_released_cells(url, "09-none") == {}


def test_marks_by_hand_stand_where_the_answer_is_the_same(url):
    by_hand = marks_by_hand(url, "ada", NAME)
    assert by_hand == {"why": 2, "total-visible": 1}
    flag(url, "ada")
    assert marks_by_hand(url, "ada", NAME) == {}
    keep_marks_by_hand(url, "ada", NAME, by_hand, same={"why", "mean-hidden"})
    marks = read_marks(url, NAME)["ada"]
    assert {name for name, it in marks.items() if it.again} == {"total-visible"}
    assert marks_by_hand(url, "nobody", NAME) == {}


def test_only_what_tests_gave_is_taken_back(url):
    forget_test_marks(url, "ada", NAME)
    forget_test_marks(url, "nobody", NAME)
    marks = read_marks(url, NAME)
    assert marks["ada"]["why"] == Mark(1.5, by_hand=True, again=True, comment="Well said.")
    assert marks["ada"]["total-hidden"] == Mark(None, comment="A short one.")
    assert marks["bo"]["total-hidden"] == Mark(2.0)
