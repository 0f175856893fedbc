"""Numbers in words: rounded, but never so that they say something false."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.figures import words
from course_utils.figures.line_ends import spread


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.95612, "0.956"), (-0.42411, "−0.424"), (999.4, "999"), (999.7, "1,000"),
     (118282, "118,282"), (np.float32(2.5), "2.5"), (0.3, "0.3"), (1e-5, "1e−05")],
)  # fmt: skip
def test_number(value, text):
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (1, "100 %"), (0.61, "61 %"), (0.004, "0.4 %"), (0.9962, "99.6 %"),
     (0.9999, "> 99.9 %"), (0.00001, "< 0.1 %"), (0.0095, "1 %"), (1 / 3, "33 %")],
)  # fmt: skip
def test_percent(share, text):
    assert words.percent(share) == text


@settings(deadline=None, derandomize=True)
@given(st.floats(0, 1))
def test_percent_is_certain_only_of_certainties(share):
    text = words.percent(share)
    assert (text == "0 %") == (share == 0)
    assert (text == "100 %") == (share == 1)
    number = float(text.strip("<> %")) / 100
    assert abs(number - share) <= 0.0051


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 images"), (1, "1 image"), (1200, "1,200 images")]
)
def test_counted(count, text):
    assert words.counted(count, "image") == text


def test_counted_with_its_own_plural():
    assert words.counted(1, "bias", "biases") == "1 bias"
    assert words.counted(2, "bias", "biases") == "2 biases"


@pytest.mark.parametrize(("texts", "text"), [("a", "a"), ("ab", "a and b"), ("abc", "a, b and c")])
def test_listed(texts, text):
    assert words.listed(texts) == text


def test_capitalised_leaves_the_rest():
    assert words.capitalised("reLU") == "ReLU"
    assert words.capitalised("") == ""


X = np.linspace(-5, 5, 21)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (X, "rises from −5 to 5"),
        (-X, "falls from 5 to −5"),
        (0 * X + 3, "stays at 3"),
        (0.993 + 1e-9 * X, "stays at 0.993"),
        (np.maximum(0, X), "stays at 0 up to input 0, then rises to 5"),
        (X**2, "goes from 25 to 25, lowest 0 at input 0, highest 25 at input −5"),
        (np.minimum(X, 0), "rises from −5 to 0"),
    ],
)
def test_trend(values, text):
    assert words.trend(values, X, "input") == text


@settings(deadline=None, derandomize=True)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=6),
    st.floats(0.01, 0.5),
)
def test_spread_keeps_order_and_distance(positions, gap):
    moved = spread(positions, gap, low=0.0, high=1.0)
    order = np.argsort(positions, kind="stable")
    steps = np.diff(np.array(moved)[order])
    assert (steps >= gap - 1e-9).all()
    assert max(moved) <= 1 + 1e-9
    if gap * (len(positions) - 1) <= 1:
        assert min(moved) >= -1e-9


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 10), min_size=1, max_size=6, unique=True))
def test_spread_leaves_positions_that_are_far_enough_apart(positions):
    assert spread(positions, gap=1, low=0, high=10) == positions
