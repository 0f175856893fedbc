"""The numbers written into an image are its pixels, and can be read."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course_utils.figures import digit_with_numbers

EVERY_VALUE = np.arange(256, dtype=np.uint8).reshape(16, 16)


def cells(picture, shape):
    """The text in every cell, found by its place on the image."""
    [axes] = picture.figure.axes
    [image] = axes.get_images()
    left, right, bottom, top = image.get_extent()
    height, width = shape
    found = {}
    for text in axes.texts:
        x, y = text.get_position()
        if left < x < right and top < y < bottom:
            row = int((y - top) / (bottom - top) * height)
            column = int((x - left) / (right - left) * width)
            assert (row, column) not in found
            found[row, column] = text
    return found


@pytest.mark.parametrize("image", [EVERY_VALUE, EVERY_VALUE[..., np.newaxis]])
def test_every_pixel_s_value_stands_in_its_cell(image):
    picture = digit_with_numbers(image)
    texts = cells(picture, (16, 16))
    assert len(texts) == 256
    for (row, column), text in texts.items():
        assert text.get_text() == str(EVERY_VALUE[row, column])
    [shown] = picture.figure.axes[0].get_images()
    np.testing.assert_array_equal(shown.get_array(), EVERY_VALUE)
    assert shown.get_clim() == (0, 255)


def test_numbers_can_be_read_on_their_shade():
    def luminance(grey):
        return grey / 12.92 if grey <= 0.04045 else ((grey + 0.055) / 1.055) ** 2.4

    for place, text in cells(digit_with_numbers(EVERY_VALUE), (16, 16)).items():
        pair = luminance(EVERY_VALUE[place] / 255), luminance(to_rgb(text.get_color())[0])
        assert (max(pair) + 0.05) / (min(pair) + 0.05) >= 4.5


@pytest.mark.parametrize(
    "image",
    [
        np.full((32, 32), 255, np.uint8),
        np.linspace(-0.42, 2.82, 784).reshape(28, 28),
        np.linspace(-500, 500, 1024).reshape(32, 32),
        np.full((5, 5), 255, np.uint8),
    ],
)
def test_numbers_fit_their_cells_and_are_large_enough(image, extents):
    picture = digit_with_numbers(image)
    [axes] = picture.figure.axes
    left, right, *_ = axes.get_images()[0].get_extent()
    cell = (right - left) / image.shape[1]
    texts = cells(picture, image.shape).values()
    assert max(box.width for box in extents(picture.figure, texts)) <= cell
    pixels = next(iter(texts)).get_fontsize() * 100 / 72
    assert 7.5 <= pixels <= 18


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1.0, "1"), (0.424, ".42"), (-0.424, "-.42"), (2.821, "2.82"), (-9.999, "-10.0"),
     (12.34, "12.3"), (-123.4, "-123"), (0.001, ".00"), (0.999, "1.00"), (10.04, "10.0")],
)  # fmt: skip
def test_floats_are_written_short(value, text):
    image = np.array([[value, 5.0]])
    assert cells(digit_with_numbers(image), (1, 2))[0, 0].get_text() == text


def test_alt_text_tells_where_the_digit_lies():
    image = np.zeros((8, 9), np.uint8)
    image[2:5, 3] = [9, 200, 4]
    assert digit_with_numbers(image, "A one").alt_text == (
        "A one: grey image of 8 by 9 pixels with its value written into each. Values run from 0 "
        "to 200; 0 fills 69 of 72 cells. The brighter ones lie in rows 2 to 4 and columns 3 to 3."
    )
    assert digit_with_numbers(np.full((2, 2), 7, np.uint8)).alt_text.endswith("Every value is 7.")


def test_a_title_stands_above_and_a_long_one_is_cut():
    texts = digit_with_numbers(EVERY_VALUE, "A title").figure.axes[0].texts
    assert "A title" in [text.get_text() for text in texts]
    picture = digit_with_numbers(EVERY_VALUE, "word " * 40)
    assert picture.figure.get_figwidth() * 100 <= 720
    assert picture.alt_text.startswith("word " * 40)
