"""Markers of a reliability diagram stand where confidence and accuracy of their bins are."""

import numpy as np
import pytest

from course_utils.figures import reliability_diagram

CONFIDENCE = np.array([0.55, 0.58, 0.91, 0.95, 0.99, 1.0])
RIGHT = np.array([True, False, True, True, False, True])
ANSWERS = np.stack([CONFIDENCE, 1 - CONFIDENCE], axis=1), np.where(RIGHT, 0, 1)


def markers(picture):
    """Centres of the markers, one array a set of answers."""
    [axes] = picture.figure.axes
    return [np.asarray(it.get_offsets()) for it in axes.collections if len(it.get_offsets()) > 1]


def test_each_bin_with_images_is_a_marker():
    [places] = markers(reliability_diagram({"a": ANSWERS}))
    expected = [[CONFIDENCE[:2].mean(), 0.5], [CONFIDENCE[2:].mean(), 0.75]]
    np.testing.assert_allclose(places, expected)


def test_a_confidence_of_one_belongs_to_the_last_bin():
    words = reliability_diagram({"a": ANSWERS}, bins=2).alt_text
    assert "6 images: 1 of 1 bins" in words


def test_alt_text_tells_on_which_side_of_the_diagonal_it_lies():
    words = reliability_diagram({"a": ANSWERS}).alt_text
    assert "“a”, 6 images: 2 of 2 bins lie below the diagonal" in words
    assert words.endswith("where it is surest, at 96 % on average, 75 % of 4 answers are right.")
    modest = np.array([[0.6, 0.4]] * 4), np.zeros(4, int)
    assert "0 of 1 bins lie below the diagonal, on average 40 points above it" in (
        reliability_diagram({"b": modest}).alt_text
    )


@pytest.mark.parametrize("count", [1, 2, 3])
def test_sets_differ_in_more_than_colour(count):
    answers = {f"set {k}": ANSWERS for k in range(count)}
    [axes] = reliability_diagram(answers).figure.axes
    looks = [(it.get_marker(), it.get_linestyle()) for it in axes.lines[1:]]
    assert len({marker for marker, _ in looks}) == count
