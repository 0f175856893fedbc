"""Every training is a marked point on a logarithmic axis, and words tell how far sets are apart."""

import numpy as np
import pytest

from course_utils.figures import validation_curve

SIZES = [480, 6258, 94_890]
SCORES = {"training": [0.4, 0.6, 0.95], "validation": [0.39, 0.5, 0.45]}


def lines_of(picture):
    [axes] = picture.figure.axes
    return {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}


def test_every_training_is_a_point_at_its_size():
    lines = lines_of(validation_curve(SIZES, SCORES))
    assert list(lines) == list(SCORES)
    for name, line in lines.items():
        np.testing.assert_array_equal(line.get_xdata(), SIZES)
        np.testing.assert_array_equal(line.get_ydata(), SCORES[name])


def test_the_sizes_stand_on_a_logarithmic_axis():
    [axes] = validation_curve(SIZES, SCORES, "parameters").figure.axes
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["480", "6,258", "94,890"]
    assert axes.get_xlabel() == "parameters"
    assert axes.get_title(loc="left") == "Accuracy"


def test_the_sets_differ_in_dashes_and_marker_and_end_with_their_names():
    picture = validation_curve(SIZES, SCORES)
    training, validation = lines_of(picture).values()
    assert training.get_linestyle() != validation.get_linestyle()
    assert training.get_marker() != validation.get_marker()
    texts = [text.get_text() for text in picture.figure.axes[0].texts if text.get_text()]
    assert texts == ["training  0.95", "validation  0.45"]


@pytest.mark.parametrize("sizes", [SIZES, [1, 1.1, 1e7]])
def test_numbers_of_the_sizes_do_not_leave_the_figure(sizes, extents):
    picture = validation_curve(sizes, SCORES)
    [axes] = picture.figure.axes
    for box in extents(picture.figure, axes.get_xticklabels()):
        assert picture.figure.bbox.x0 <= box.x0 and box.x1 <= picture.figure.bbox.x1


def test_alt_text_tells_how_both_run_and_where_they_part():
    assert validation_curve(SIZES, SCORES, "parameters").alt_text == (
        "Line plot of accuracy against parameters, on a logarithmic axis, for 3 trainings from "
        "480 to 94,890. “training” rises from 0.4 to 0.95. “validation” goes from 0.39 to 0.45, "
        "lowest 0.39 at parameters 480, highest 0.5 at parameters 6,258. They are closest at 480, "
        "0.01 apart, and furthest apart at 94,890, 0.5."
    )


def test_one_set_is_compared_with_nothing():
    alone = validation_curve(np.array(SIZES), {"test": np.array([0.4, 0.5, 0.6])}, metric="recall")
    assert alone.alt_text.endswith("“test” rises from 0.4 to 0.6.")
