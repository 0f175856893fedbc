"""Heat maps are drawn as they are, beside their own image, and outlined on it."""

import numpy as np
import pytest

from course_utils.figures import heat_maps

generator = np.random.default_rng(9)
IMAGES = generator.integers(0, 256, (3, 8, 6, 3), np.uint8)
HEATS = {"one": generator.normal(size=(3, 8, 6)), "other": generator.random((3, 8, 6))}


@pytest.mark.parametrize("names", [["one"], ["one", "other"]])
def test_each_image_is_followed_by_its_heat_maps(names):
    heats = {name: HEATS[name] for name in names}
    [axes] = heat_maps(IMAGES, heats).figure.axes
    images = axes.get_images()
    assert len(images) == 3 * (1 + len(names))
    for number in range(3):
        group = images[number * (1 + len(names)) : (number + 1) * (1 + len(names))]
        np.testing.assert_array_equal(group[0].get_array(), IMAGES[number])
        for name, image in zip(names, group[1:], strict=True):
            np.testing.assert_array_equal(image.get_array(), heats[name][number])
            assert image.get_clim() == pytest.approx((0, heats[name][number].max()))


def test_the_outline_runs_where_the_heat_is_half_of_its_largest_value():
    heat = np.zeros((1, 8, 8))
    heat[0, 2:5, 3:7] = 2
    [axes] = heat_maps(IMAGES[:1, :, :][..., [0] * 1], {"a": heat[:, :, :6]}).figure.axes
    left, right, bottom, top = axes.get_images()[0].get_extent()
    pixel = (right - left) / 6
    paths = [path for one in axes.collections for path in one.get_paths() if len(path.vertices)]
    assert len(paths) == 2  # a dark and a light line
    for path in paths:
        across, down = (path.vertices - [left, top]).T / pixel
        assert 2.4 < across.min() < 3.1
        assert across.max() <= 6
        assert 1.9 < down.min() < 2.1
        assert 4.9 < down.max() < 5.1


def test_a_heat_map_that_is_nowhere_above_0_is_black_and_has_no_outline():
    picture = heat_maps(IMAGES[:1], {"none": -np.ones((1, 8, 6))})
    [axes] = picture.figure.axes
    assert axes.get_images()[1].get_clim() == (0, 1)
    assert not any(len(path.vertices) for one in axes.collections for path in one.get_paths())
    assert picture.alt_text.endswith("image 0: none nowhere above 0.")


@pytest.mark.parametrize("count", [1, 2, 7])
@pytest.mark.parametrize("kinds", [1, 2, 3])
def test_texts_do_not_overlap_and_nothing_is_wider_than_the_page(count, kinds, extents):
    images = generator.random((count, 8, 8))
    heats = {f"kind {k}": generator.random((count, 8, 8)) for k in range(kinds)}
    titles = ["a title that goes on and on, further than there is room for it"] * count
    picture = heat_maps(images, heats, titles)
    [axes] = picture.figure.axes
    assert picture.figure.get_figwidth() * 100 <= 720
    boxes = extents(picture.figure, axes.texts)
    for number, one in enumerate(boxes):
        assert 0 <= one.x0 < one.x1 <= picture.figure.bbox.x1
        for other in boxes[number + 1 :]:
            assert not one.overlaps(other)
    for image in axes.get_images():
        assert image.get_extent()[1] <= 720


def test_alt_text_tells_where_each_heat_map_is_brightest():
    heat = np.zeros((1, 9, 9))
    heat[0, 0, 8] = 1
    images = np.zeros((1, 9, 9))
    heats = {"Grad-CAM": heat, "occlusion": heat[:, ::-1, ::-1]}
    assert heat_maps(images, heats, ["cat"]).alt_text == (
        "1 image beside heat maps. “cat”: Grad-CAM brightest at the top, right and occlusion "
        "brightest at the bottom, left."
    )
