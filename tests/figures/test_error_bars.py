"""Bars reach as far as margins say, dots tell what is clear of the line, no decimal too many."""

import numpy as np
import pytest

from course_utils.figures import error_bars

VALUES = {"mirror": 0.4, "blocks": -1.234, "skip": 0.5}
MARGINS = {"mirror": 0.55, "blocks": 0.6, "skip": 0.5}


def rows_of(picture):
    """Of every row the ends of its bar, and whether its dot is filled."""
    [axes] = picture.figure.axes
    found = []
    for container in axes.containers:
        dot, _, [bar] = container.lines
        (left, _), (right, _) = bar.get_segments()[0]
        found.append((left, right, dot.get_markerfacecolor() == dot.get_color()))
    return found


def test_bars_reach_from_value_minus_margin_to_value_plus_margin():
    ends = [row[:2] for row in rows_of(error_bars(VALUES, MARGINS, "points", line=0))]
    np.testing.assert_allclose(ends, [(-0.15, 0.95), (-1.834, -0.634), (0.0, 1.0)])


def test_a_dot_is_filled_only_if_its_bar_is_clear_of_the_line():
    assert [row[2] for row in rows_of(error_bars(VALUES, MARGINS, "points", line=0))] == [
        False, True, False
    ]  # fmt: skip
    assert all(row[2] for row in rows_of(error_bars(VALUES, MARGINS, "points")))


def test_numbers_stand_beside_the_bars_with_two_digits_of_the_margin(extents):
    picture = error_bars(VALUES, MARGINS, "points", line=0, title="Gains")
    [axes] = picture.figure.axes
    assert [text.get_text() for text in axes.texts] == [
        "0.40 ± 0.55", "−1.23 ± 0.60", "0.50 ± 0.50"
    ]  # fmt: skip
    for box in extents(picture.figure, axes.texts):
        assert box.x1 <= picture.figure.bbox.x1


@pytest.mark.parametrize(
    ("margin", "text"), [(6.94, "86.0 ± 6.9"), (25, "86 ± 25"), (0, "86.000 ± 0.000")]
)
def test_a_large_margin_leaves_few_decimals(margin, text):
    picture = error_bars({"a": 86.0}, {"a": margin}, "percent")
    assert picture.figure.axes[0].texts[0].get_text() == text


def test_words_tell_every_row_and_whether_it_is_clear_of_the_line():
    assert error_bars(VALUES, MARGINS, "points gained", line=0).alt_text == (
        "Points gained of 3 rows, each with its margin. “mirror”: 0.40 ± 0.55, reaching the line. "
        "“blocks”: −1.23 ± 0.60, clear of the line. “skip”: 0.50 ± 0.50, reaching the line. "
        "The dotted line stands at 0."
    )
    assert error_bars({"a": 1.0}, {"a": 0.1}, "points").alt_text == (
        "Points of 1 row, each with its margin. “a”: 1.00 ± 0.10."
    )
