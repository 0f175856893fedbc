"""Counts and shares are those of the table, and the worst mistake is seen without colour."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from matplotlib.colors import to_rgb

from course_utils.figures import confusion_matrix

NAMES = ["cat", "dog", "ship"]
COUNTS = np.array([[6, 4, 0], [1, 9, 0], [0, 0, 1200]])


def cells(picture, classes):
    """Shade and texts of every cell, by row and column, found by their place."""
    [axes] = picture.figure.axes
    squares = [patch for patch in axes.patches if patch.get_fill()]
    assert len(squares) == classes**2
    found = {}
    for number, square in enumerate(squares):
        x0, y0 = square.get_xy()
        within = [
            text
            for text in axes.texts
            if x0 < text.get_position()[0] < x0 + square.get_width()
            and y0 < text.get_position()[1] < y0 + square.get_height()
        ]
        found[divmod(number, classes)] = square, within
    return found


def frames(picture):
    """Rectangles that frame a cell."""
    return [patch for patch in picture.figure.axes[0].patches if not patch.get_fill()]


def test_cells_hold_share_and_count_and_those_without_images_are_empty():
    texts = {
        place: [text.get_text() for text in within]
        for place, (_, within) in cells(confusion_matrix(COUNTS, NAMES), 3).items()
    }
    assert texts == {
        (0, 0): ["60 %", "6"],
        (0, 1): ["40 %", "4"],
        (0, 2): [],
        (1, 0): ["10 %", "1"],
        (1, 1): ["90 %", "9"],
        (1, 2): [],
        (2, 0): [],
        (2, 1): [],
        (2, 2): ["100 %", "1,200"],
    }


def test_rows_are_true_classes_and_columns_predicted_ones():
    picture = confusion_matrix(COUNTS, NAMES)
    [axes] = picture.figure.axes
    beside, below = [], []
    for text in axes.texts:
        if text.get_text() in NAMES:
            (below if text.get_rotation() else beside).append(text)
    assert [text.get_text() for text in beside] == NAMES
    assert [text.get_text() for text in below] == NAMES
    squares = cells(picture, 3)
    for place, text in enumerate(beside):
        square = squares[place, 0][0]
        assert square.get_y() < text.get_position()[1] < square.get_y() + square.get_height()
    for place, text in enumerate(below):
        square = squares[2, place][0]
        assert square.get_x() < text.get_position()[0] < square.get_x() + square.get_width()
    words = {text.get_text(): text for text in axes.texts}
    assert words["true class"].get_rotation() == 90
    assert words["predicted class"].get_rotation() == 0


@settings(max_examples=15, deadline=None, derandomize=True)
@given(arrays.arrays(np.int64, (4, 4), elements=st.integers(0, 5000)))
def test_texts_can_be_read_on_their_shade_and_darker_means_more(counts):
    counts[0, 0] += 1
    rates = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    found = cells(confusion_matrix(counts, ["a", "b", "c", "d"]), 4)
    greys = {}
    for place, (square, texts) in found.items():
        shade = luminance(square.get_facecolor())
        greys[place] = shade
        for text in texts:
            light, dark = sorted([shade, luminance(text.get_color())], reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5
    order = sorted(found, key=lambda place: rates[place])
    assert (np.diff([greys[place] for place in order]) <= 1e-12).all()


def luminance(colour):
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_the_most_frequent_mistake_is_framed_and_named():
    picture = confusion_matrix(COUNTS, NAMES)
    [frame] = frames(picture)
    square, _ = cells(picture, 3)[0, 1]
    assert frame.get_xy() == square.get_xy()
    assert frame.get_linewidth() > 2 * square.get_linewidth()
    assert frame.get_linestyle() != square.get_linestyle()
    texts = [text.get_text() for text in picture.figure.axes[0].texts]
    assert "Most frequent mistake: cat taken for dog, 4 of 10 (40 %)" in texts
    assert "> 99.9 % of 1,220 images right" not in texts
    assert "99.6 % of 1,220 images right" in texts


def test_without_mistakes_nothing_is_framed():
    picture = confusion_matrix(np.diag([3, 0, 5]).astype(np.uint8), NAMES)
    assert frames(picture) == []
    assert "No mistakes" in [text.get_text() for text in picture.figure.axes[0].texts]
    assert picture.alt_text == (
        "Confusion matrix of 3 classes: 100 % of 8 images right. No images of dog. No mistakes."
    )


def test_small_integer_types_do_not_overflow():
    counts = np.array([[200, 100], [0, 250]], np.uint8)
    assert confusion_matrix(counts, NAMES[:2]).alt_text == (
        "Confusion matrix of 2 classes: 82 % of 550 images right. Most often right is dog (100 %), "
        "least often cat (67 %). Most frequent mistakes: cat taken for dog, 100 of 300 (33 %)."
    )


def test_alt_text_tells_best_and_worst_class_and_up_to_three_mistakes():
    counts = np.array([[6, 3, 1], [2, 8, 0], [0, 1, 9]])
    assert confusion_matrix(counts, NAMES).alt_text == (
        "Confusion matrix of 3 classes: 77 % of 30 images right. Most often right is ship (90 %), "
        "least often cat (60 %). Most frequent mistakes: cat taken for dog, 3 of 10 (30 %); "
        "dog taken for cat, 2 of 10 (20 %); cat taken for ship, 1 of 10 (10 %)."
    )


@pytest.mark.parametrize("classes", [2, 10, 20])
def test_texts_fit_their_cells_and_stay_on_the_figure(classes, extents):
    names = [f"a class with a long name {number}" for number in range(classes)]
    counts = np.full((classes, classes), 123)
    np.fill_diagonal(counts, 123_456)
    picture = confusion_matrix(counts, names)
    found = cells(picture, classes)
    width = found[0, 0][0].get_width()  # the board counts pixels
    texts = [text for _, within in found.values() for text in within]
    assert len(texts) == 2 * classes**2
    assert max(box.width for box in extents(picture.figure, texts)) <= width
    page = picture.figure.bbox
    for box in extents(picture.figure, picture.figure.axes[0].texts):
        assert page.x0 - 1 <= box.x0
        assert box.x1 <= page.x1 + 1
        assert page.y0 - 1 <= box.y0
        assert box.y1 <= page.y1 + 1
