"""Grids show the images they were given, in shades that can be compared."""

import numpy as np
import pytest

from course_utils.figures import image_grid

generator = np.random.default_rng(5)
RAW = generator.integers(0, 256, size=(7, 6, 4), dtype=np.uint8)


def shown(picture):
    """The images of a picture with the values drawn black and white."""
    [axes] = picture.figure.axes
    return [(image.get_array(), *image.get_clim()) for image in axes.get_images()]


@pytest.mark.parametrize("images", [RAW, RAW[..., np.newaxis]])
def test_raw_grey_images_are_shown_as_they_are_from_0_to_255(images):
    pictures = shown(image_grid(images))
    assert len(pictures) == 7
    for (array, black, white), image in zip(pictures, RAW, strict=True):
        assert array.dtype == np.uint8
        np.testing.assert_array_equal(array, image)
        assert (black, white) == (0, 255)


def test_dark_images_stay_dark():
    assert shown(image_grid(RAW // 64))[0][1:] == (0, 255)


def test_floats_between_0_and_1_are_shown_from_0_to_1():
    for array, black, white in shown(image_grid(RAW / 510)):
        assert array.max() <= 0.5
        assert (black, white) == (0, 1)


def test_other_floats_are_rescaled_together():
    images = RAW / 50 - 2
    picture = image_grid(images)
    for (array, black, white), image in zip(shown(picture), images, strict=True):
        np.testing.assert_array_equal(array, image)
        assert (black, white) == (images.min(), images.max())
    note = "Values beyond 0 to 1, so shades are rescaled together: −2 is darkest, 3.1 brightest."
    assert picture.alt_text.endswith(note)
    assert note in [text.get_text() for text in picture.figure.axes[0].texts]


def test_an_image_of_one_value_beyond_0_to_1_is_mid_grey():
    [(_, black, white)] = shown(image_grid(np.full((1, 3, 3), 7.0)))
    assert (black + white) / 2 == 7


def test_colour_images_are_shown_as_they_are():
    images = generator.integers(0, 256, size=(2, 4, 4, 3), dtype=np.uint8)
    for (array, _, _), image in zip(shown(image_grid(images)), images, strict=True):
        np.testing.assert_array_equal(array, image)


def test_colour_floats_are_rescaled_together():
    images = generator.normal(size=(3, 4, 4, 3)).astype(np.float16)
    arrays = np.array([array for array, _, _ in shown(image_grid(images))])
    assert arrays.min() == 0
    assert arrays.max() == 1
    wide = images.astype(float)
    np.testing.assert_allclose(arrays, (wide - wide.min()) / np.ptp(wide))


def test_images_lie_in_rows_from_the_top_left_without_overlap():
    [axes] = image_grid(RAW, columns=3).figure.axes
    lefts, rights, bottoms, tops = np.array([image.get_extent() for image in axes.get_images()]).T
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # counts downwards
    assert lefts[0] == lefts[3] == lefts[6]
    assert (rights[:2] < lefts[1:3]).all()
    assert bottoms[0] < tops[3]
    assert bottoms[3] < tops[6]
    np.testing.assert_allclose((rights - lefts) / (bottoms - tops), 4 / 6)
    assert rights.max() <= axes.get_xlim()[1]
    assert bottoms.max() <= axes.get_ylim()[0]


@pytest.mark.parametrize(
    "titles", [["5"] * 7, tuple("abcdefg"), np.arange(7), np.arange(7, dtype=np.uint8)]
)
def test_titles_stand_above_their_images(titles):
    [axes] = image_grid(RAW, titles).figure.axes
    for text, image, title in zip(axes.texts, axes.get_images(), titles, strict=True):
        left, right, _, top = image.get_extent()
        assert text.get_text() == str(title)
        assert text.get_position()[0] == pytest.approx((left + right) / 2)
        assert text.get_position()[1] < top


def test_alt_text_tells_number_size_and_titles():
    assert image_grid(RAW[:2], ["seven", "two"]).alt_text == (
        "2 grey images of 6 by 4 pixels. Their titles, row by row: seven and two."
    )
    assert image_grid(RAW, columns=3).alt_text == (
        "7 grey images of 6 by 4 pixels in 3 rows of up to 3."
    )
    assert image_grid(np.zeros((1, 2, 2, 3)), [8]).alt_text == (
        "1 colour image of 2 by 2 pixels. Its title: 8."
    )


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (1, 10), (20, 20), (40, 3)])
def test_a_grid_is_never_wider_than_the_page(count, columns):
    figure = image_grid(np.zeros((count, 4, 4), np.uint8), columns=columns).figure
    assert figure.get_figwidth() * 100 <= 720
