"""What is shown of a picture and kernels is the convolution."""

import numpy as np
import pytest

from course_utils.figures import kernel_effects

generator = np.random.default_rng(6)
PICTURE = generator.random((12, 9))
EDGES = np.array([[-1, 0, 1]] * 3)
BLUR = np.full((3, 3), 1 / 9)


def slow(image, kernel):
    """The sums, one weight after the other."""
    rows, columns = np.subtract(image.shape, kernel.shape) + 1
    total = np.zeros((rows, columns))
    for (row, column), weight in np.ndenumerate(kernel):
        total += weight * image[row : row + rows, column : column + columns].astype(float)
    return total


@pytest.mark.parametrize("dtype", [float, np.float32, np.uint8])
@pytest.mark.parametrize("shape", [(3, 3), (2, 3), (1, 1), (5, 4)])
def test_the_maps_shown_are_the_convolution_of_the_picture(shape, dtype):
    image = PICTURE.astype(dtype) if dtype != np.uint8 else (PICTURE * 255).astype(np.uint8)
    kernel = generator.normal(size=shape)
    [axes] = kernel_effects(image, {"some": kernel}).figure.axes
    picture, made = axes.get_images()
    np.testing.assert_array_equal(picture.get_array(), image)
    np.testing.assert_allclose(made.get_array(), slow(image, kernel), rtol=1e-6)


def test_shades_are_the_picture_s_or_have_zero_in_the_middle():
    [axes] = kernel_effects(PICTURE, {"edges": EDGES, "blur": BLUR}).figure.axes
    picture, edges, blur = axes.get_images()
    assert picture.get_clim() == blur.get_clim() == (0, 1)
    low, high = edges.get_clim()
    assert low == -high
    assert high == np.abs(edges.get_array()).max()
    texts = [text.get_text() for text in axes.texts]
    assert any("mid-grey is 0" in text for text in texts)
    assert {"edges", "adds up to 0", "blur", "adds up to 1"} <= set(texts)
    [axes] = kernel_effects(PICTURE, {"blur": BLUR}).figure.axes
    assert not any("mid-grey" in text.get_text() for text in axes.texts)


def test_weights_are_written_as_people_write_them():
    kernel = np.array([[1 / 9, -0.5], [2, 0.12345]], np.float32)
    [axes] = kernel_effects(PICTURE, {"odd": kernel}).figure.axes
    assert [text.get_text() for text in axes.texts[2:6]] == ["1/9", "−1/2", "2", "0.123"]


def test_texts_do_not_overlap_and_long_names_are_cut(extents):
    kernels = {"a name that goes on and on and on " * 2: np.full((5, 5), 1 / 25), "blur": BLUR}
    picture = kernel_effects(PICTURE, {**kernels, "edges": EDGES, "other edges": EDGES.T})
    [axes] = picture.figure.axes
    boxes = extents(picture.figure, axes.texts)
    for number, one in enumerate(boxes):
        assert one.x1 <= picture.figure.bbox.x1
        for other in boxes[number + 1 :]:
            assert not one.overlaps(other)
    assert any(text.get_text().endswith("…") for text in axes.texts)
    assert "on and on" in picture.alt_text


def test_alt_text_tells_what_each_kernel_does():
    step = np.zeros((6, 20))
    step[:, 10:] = 1.0
    assert kernel_effects(step, {"edges": EDGES, "double": np.array([[2.0]])}).alt_text == (
        "A grey picture of 6 by 20 pixels, and what 2 kernels make of it. “edges”, weights that "
        "add up to 0: close to 0 in 89 % of the picture, else where it changes. “double”, weights "
        "that add up to 2: differences between neighbouring pixels grow to 200 %."
    )
    flat = kernel_effects(np.full((4, 4), 0.5), {"same": np.array([[1]])}).alt_text
    assert flat.endswith("differences between neighbouring pixels stay at 100 %.")
