"""Curves are the values given, each with its name at its end."""

import numpy as np
import pytest

from course_utils.figures import line_curves

X = np.linspace(-5, 5, 51)
CURVES = {"ReLU": np.maximum(0, X), "sigmoid": 1 / (1 + np.exp(-X)), "tanh": np.tanh(X)}


def lines_of(axes):
    """The curves by name, without samples and zero lines."""
    return {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}


def test_lines_are_the_values():
    [axes] = line_curves(X, CURVES, "input", "output", "Activations").figure.axes
    lines = lines_of(axes)
    assert list(lines) == list(CURVES)
    for name, line in lines.items():
        np.testing.assert_array_equal(line.get_xdata(), X)
        np.testing.assert_array_equal(line.get_ydata(), CURVES[name])
    assert axes.get_xlabel() == "input"
    assert axes.get_ylabel() == "output"
    assert axes.get_title(loc="left") == "Activations"


def test_whole_numbers_are_curves_too():
    [axes] = line_curves(np.arange(4), {"square": np.arange(4) ** 2}).figure.axes
    np.testing.assert_array_equal(lines_of(axes)["square"].get_ydata(), [0, 1, 4, 9])


def test_six_curves_have_six_line_styles():
    curves = {name: X + place for place, name in enumerate("abcdef")}
    [axes] = line_curves(X, curves).figure.axes
    # Matplotlib has no public way to read a dash pattern back.
    assert len({str(line._unscaled_dash_pattern) for line in lines_of(axes).values()}) == 6


def test_names_stand_at_the_ends_in_order_and_do_not_overlap(extents):
    picture = line_curves(X, CURVES)
    [axes] = picture.figure.axes
    named = [text for text in axes.texts if text.get_text()]
    boxes = dict(
        zip([text.get_text() for text in named], extents(picture.figure, named), strict=True)
    )
    assert set(boxes) == set(CURVES)
    assert boxes["ReLU"].y0 > boxes["sigmoid"].y0
    for one, other in (("ReLU", "sigmoid"), ("ReLU", "tanh"), ("sigmoid", "tanh")):
        assert not boxes[one].overlaps(boxes[other])
    edge = axes.get_window_extent().x1
    assert all(box.x0 > edge for box in boxes.values())
    assert all(box.x1 <= picture.figure.bbox.x1 for box in boxes.values())


def test_colour_of_a_name_is_that_of_its_line():
    [axes] = line_curves(X, CURVES).figure.axes
    colours = {text.get_text(): text.get_color() for text in axes.texts if text.get_text()}
    assert colours == {name: line.get_color() for name, line in lines_of(axes).items()}


def test_alt_text_tells_how_each_curve_runs():
    curves = {name: CURVES[name] for name in ("ReLU", "sigmoid")}
    assert line_curves(X, curves, "input", "output", "Activations").alt_text == (
        "Activations: line plot of output against input, from −5 to 5, for “ReLU” and “sigmoid”. "
        "“ReLU” stays at 0 up to input 0, then rises to 5. “sigmoid” rises from 0.00669 to 0.993, "
        "nearly flat at both ends and steepest near input 0."
    )


def test_alt_text_without_labels():
    assert line_curves(np.array([0, 1]), {"flat": np.array([2, 2])}).alt_text == (
        "Line plot of y against x, from 0 to 1, for “flat”. “flat” stays at 2."
    )


@pytest.mark.parametrize(("y", "lines"), [(X, 2), (X + 100, 1)])
def test_zero_is_marked_where_it_is_in_sight(y, lines):
    [axes] = line_curves(X, {"y": y}).figure.axes
    marks = [line for line in axes.lines if list(line.get_xdata()) in ([0, 0], [0, 1])]
    assert len(marks) == lines


@pytest.mark.parametrize("y", [X, np.zeros(len(X)), np.exp(X), np.exp(-(X**2))])
def test_only_a_curve_that_is_flat_at_both_ends_and_never_turns_has_a_steepest_place(y):
    assert "steepest" not in line_curves(X, {"y": y}).alt_text


def test_a_very_long_name_is_cut_beside_the_panel_but_not_in_the_words():
    name = "a name that goes on " * 6
    picture = line_curves(X, {name: X})
    [axes] = picture.figure.axes
    assert axes.texts[-1].get_text().endswith("…")
    assert name in picture.alt_text
