"""A change is drawn around mid-grey, on one scale for all images."""

import numpy as np
import pytest

from course_utils.figures import changed_images

IMAGES = np.full((2, 4, 4, 3), 0.5)
CHANGED = IMAGES.copy()
CHANGED[0, 0, 0] = 0.6
CHANGED[1, 1, 1] = 0.45


def drawn(images, changed):
    """Pixels of all tiles, row by row."""
    [axes] = changed_images(images, changed, ["a"] * 2, ["b"] * 2).figure.axes
    return [np.asarray(it.get_array()) for it in axes.get_images()]


def test_a_row_holds_image_change_and_changed_image():
    tiles = drawn(IMAGES, CHANGED)
    assert len(tiles) == 6
    np.testing.assert_allclose(tiles[0], IMAGES[0])
    np.testing.assert_allclose(tiles[2], CHANGED[0])


def test_the_largest_change_is_white_and_none_is_mid_grey():
    tiles = drawn(IMAGES, CHANGED)
    assert tiles[1][0, 0] == pytest.approx(np.ones(3))
    assert tiles[4][1, 1] == pytest.approx(np.full(3, 0.25))
    assert tiles[1][2, 2] == pytest.approx(np.full(3, 0.5))
    assert drawn(IMAGES, IMAGES)[1] == pytest.approx(IMAGES[0])


def test_alt_text_tells_what_became_of_each():
    words = changed_images(IMAGES, CHANGED, ["a", "c"], ["b", "d"]).alt_text
    assert words == (
        "2 images, each beside the change made to it and the changed image; no value changes by "
        "more than 25.5 of 255. “a” becomes “b”; “c” becomes “d”."
    )
