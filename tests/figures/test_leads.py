"""Leads are drawn where they are, with another sign for right and for wrong."""

import numpy as np
import pytest

from course_utils.figures import leads

generator = np.random.default_rng(21)
LEADS = generator.random((7, 3))
RIGHT = generator.random((7, 3)) < 0.5
NAMES = ["dog", "cat", "a ship"]


@pytest.fixture(scope="module")
def picture():
    return leads(LEADS, RIGHT, NAMES)


@pytest.mark.parametrize("place", range(3))
def test_dots_are_right_and_crosses_wrong(picture, place):
    axes = picture.figure.axes[place]
    assert axes.get_title(loc="left") == NAMES[place]
    line, dots, crosses = axes.lines
    np.testing.assert_allclose(line.get_ydata(), LEADS[:, place])
    assert (dots.get_marker(), crosses.get_marker()) == ("o", "x")
    for signs, chosen in ((dots, RIGHT[:, place]), (crosses, ~RIGHT[:, place])):
        np.testing.assert_array_equal(signs.get_xdata(), np.flatnonzero(chosen))
        np.testing.assert_allclose(signs.get_ydata(), LEADS[chosen, place])


def test_alt_text_counts_and_tells_the_worst(picture):
    words = picture.alt_text
    assert words.startswith("3 panels, one an image")
    for name, right, values in zip(NAMES, RIGHT.T, LEADS.T, strict=True):
        told = words.lower().split(f"{name}: ")[1]
        assert f"right in {right.sum()} of 7" in told
        assert f"wrong with a lead of up to {values[~right].max():.3g}" in told


def test_where_all_are_right_nothing_is_said_of_wrong_ones():
    words = leads(LEADS[:, :1], np.ones((7, 1), bool), ["dog"]).alt_text
    assert "right in 7 of 7." in words
