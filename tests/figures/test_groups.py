"""Groups are sorted by their accuracy, with whiskers of one standard error."""

import numpy as np
import pytest

from course_utils.figures import group_accuracies

RIGHT = {"good": np.array([True] * 9 + [False]), "bad": np.array([True, False, False, False])}


def test_the_worst_group_stands_at_the_top():
    [axes] = group_accuracies(RIGHT).figure.axes
    assert [it.get_text() for it in axes.get_yticklabels()] == ["bad", "good"]
    assert [bar.get_width() for bar in axes.patches] == [0.25, 0.9]
    low, high = axes.get_ylim()
    assert low > high  # row 0 is at the top


def test_whiskers_are_standard_errors():
    [axes] = group_accuracies(RIGHT).figure.axes
    [bars] = [it for it in axes.collections if len(it.get_segments()) == 2]
    (left, _), (right, _) = bars.get_segments()[0]
    assert (right - left) / 2 == pytest.approx(np.sqrt(0.25 * 0.75 / 4))


def test_alt_text_tells_each_group_and_all_together():
    assert group_accuracies(RIGHT).alt_text == (
        "Horizontal bars, accuracy by group, the lowest first: “bad” 25 % of 4 images; “good” 90 % "
        "of 10 images. All together 71 %; between the first and the last lie 65 points."
    )
