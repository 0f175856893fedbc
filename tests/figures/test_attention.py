"""Patches lie where they lay in the image, and the shares beside them."""

import numpy as np
import pytest

from course_utils.figures import attention_of_patch

generator = np.random.default_rng(8)
IMAGE = generator.integers(0, 256, size=(8, 12), dtype=np.uint8)
WEIGHTS = np.array([[0.5, 0.2, 0.0], [0.1, 0.15, 0.05]])


@pytest.mark.parametrize("shape", [(8, 12), (8, 12, 3)])
def test_every_patch_is_shown_in_its_place(shape):
    image = generator.integers(0, 256, size=shape, dtype=np.uint8)
    axes = attention_of_patch(image, WEIGHTS, 4).figure.axes[0]
    shown = [np.asarray(it.get_array()) for it in axes.get_images()]
    assert len(shown) == 2 * WEIGHTS.size
    for place in range(WEIGHTS.size):
        row, column = divmod(place, 3)
        part = image[row * 4 : row * 4 + 4, column * 4 : column * 4 + 4]
        np.testing.assert_array_equal(shown[place], part)
        assert shown[WEIGHTS.size + place] == WEIGHTS[row, column]
    lefts = [it.get_extent()[0] for it in axes.get_images()[:3]]
    assert lefts == sorted(lefts)


def test_shares_are_written_and_the_asking_patch_is_framed_twice():
    axes = attention_of_patch(IMAGE, WEIGHTS, 4).figure.axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert texts[2:] == ["50 %", "20 %", "0 %", "10 %", "15 %", "5 %"]
    thick = [box for box in axes.patches if box.get_linewidth() > 2]
    assert len(thick) == 4  # a light and a dark line around each of the two
    assert thick[0].get_xy() == pytest.approx((thick[1].get_x(), thick[1].get_y()))


def test_texts_can_be_read_on_their_shades_and_fit(extents):
    figure = attention_of_patch(IMAGE, WEIGHTS, 0).figure
    boxes = extents(figure, figure.axes[0].texts)
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 for box in boxes)
    colours = {text.get_text(): text.get_color() for text in figure.axes[0].texts[2:]}
    assert colours["50 %"] != colours["0 %"]


def test_words_tell_the_patch_and_where_it_looks():
    words = attention_of_patch(IMAGE, WEIGHTS, 4).alt_text
    assert "cut into 6 patches in 2 rows" in words
    assert "the framed patch in row 2, column 2" in words
    assert "most from row 1, column 1 (50 %), row 1, column 2 (20 %) and row 2, column 2" in words
