"""Maps are drawn as they are, in shades that mean what is said, and frames where they belong."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_utils.figures import framed_images, map_grid
from course_utils.figures.style import PAPER

generator = np.random.default_rng(8)
MAPS = np.maximum(generator.normal(size=(6, 5, 10)), 0).astype(np.float32)
MAPS[:, :, 3] = 0
MAPS[:, :, 4] *= 0.1
IMAGES = generator.integers(0, 256, (3, 8, 8, 3), np.uint8)


def shown(picture):
    [axes] = picture.figure.axes
    return axes.get_images()


@pytest.mark.parametrize("scale", ["each", "shared"])
def test_maps_are_drawn_as_they_are(scale):
    images = shown(map_grid(MAPS, scale=scale))
    assert len(images) == 10
    for number, image in enumerate(images):
        np.testing.assert_array_equal(image.get_array(), MAPS[:, :, number])


def test_white_is_the_largest_value_of_each_map_or_of_all():
    for number, image in enumerate(shown(map_grid(MAPS))):
        assert image.get_clim() == pytest.approx((0, MAPS[:, :, number].max() or 1))
    for image in shown(map_grid(MAPS, scale="shared")):
        assert image.get_clim() == pytest.approx((0, MAPS.max()))


def test_values_below_0_are_not_cut_off():
    maps = MAPS - 0.5
    for number, image in enumerate(shown(map_grid(maps))):
        assert image.get_clim()[0] == pytest.approx(maps[:, :, number].min())
    assert {image.get_clim()[0] for image in shown(map_grid(maps, scale="shared"))} == {maps.min()}


def test_only_maps_of_zeros_are_crossed_out():
    picture = map_grid(MAPS)
    [axes] = picture.figure.axes
    lines = [line for line in axes.lines if to_hex(line.get_color()) == PAPER]
    left, right, _, _ = shown(picture)[3].get_extent()
    assert len(lines) == 2
    for line in lines:
        assert list(line.get_xdata()) == [left, right]


def test_each_map_has_its_number_and_the_scale_is_told():
    for scale, words in (("each", "each map's own"), ("shared", "of all maps")):
        [axes] = map_grid(MAPS, scale=scale, title="conv1").figure.axes
        texts = [text.get_text() for text in axes.texts]
        assert texts[0] == "conv1"
        assert texts[1:11] == [str(number) for number in range(10)]
        assert words in texts[-2]


@pytest.mark.parametrize(("count", "columns"), [(64, 8), (64, 16), (32, 8), (1, 8), (128, 16)])
def test_texts_do_not_overlap_and_the_page_is_wide_enough(count, columns, extents):
    picture = map_grid(np.ones((8, 8, count)), columns=columns, title="a layer")
    [axes] = picture.figure.axes
    boxes = extents(picture.figure, axes.texts)
    assert picture.figure.get_figwidth() * 100 <= 720
    for number, one in enumerate(boxes):
        assert picture.figure.bbox.x0 <= one.x0 < one.x1 <= picture.figure.bbox.x1
        assert picture.figure.bbox.y0 <= one.y0 < one.y1 <= picture.figure.bbox.y1
        for other in boxes[number + 1 :]:
            assert not one.overlaps(other)


def test_alt_text_of_maps_tells_strength_zeros_and_dead_maps():
    maps = np.zeros((2, 2, 3))
    maps[0, 0, 2] = 4
    maps[:, :, 0] = 1
    assert map_grid(maps, title="conv1").alt_text == (
        "“conv1”: 3 maps of 2 by 2 values, each with its own largest value in white. The largest "
        "value, 4, is in map 2; 58 % of all values are 0, and 1 map is 0 everywhere: 1."
    )
    assert map_grid(maps + 1, scale="shared").alt_text.endswith("but no map is 0 everywhere.")


def test_frames_lie_around_their_part_and_are_cut_off_at_the_border():
    frames = np.array([[2, 3, 4, 2], [-3, -1, 5, 4], [6, 7, 9, 9]])
    picture = framed_images(IMAGES, frames, ["a", "b", "c"], columns=3)
    [axes] = picture.figure.axes
    expected = [(2, 3, 6, 5), (0, 0, 2, 3), (6, 7, 8, 8)]
    assert len(axes.patches) == 6  # a dark and a light line each
    for number, (image, own) in enumerate(zip(axes.get_images(), expected, strict=True)):
        np.testing.assert_array_equal(image.get_array(), IMAGES[number])
        left, right, _, top = image.get_extent()
        pixel = (right - left) / 8
        for patch in axes.patches[2 * number : 2 * number + 2]:
            (x, y), width, height = patch.get_xy(), patch.get_width(), patch.get_height()
            drawn = [(y - top) / pixel, (x - left) / pixel]
            drawn += [drawn[0] + height / pixel, drawn[1] + width / pixel]
            assert drawn == pytest.approx(own)
    assert picture.alt_text == (
        "3 images of 8 by 8 pixels, each with a frame: “a” rows 2 to 5, columns 3 to 4; “b” rows 0 "
        "to 1, columns 0 to 2; “c” rows 6 to 7, columns 7 to 7."
    )
