"""What is shown while a kernel slides over an image is the convolution."""

import numpy as np
import pytest

from course_utils.figures import Animation, sliding_kernel
from course_utils.figures.style import EMPHASIS

generator = np.random.default_rng(6)
IMAGE = generator.integers(0, 10, size=(5, 6))
KERNEL = np.array([[1, 0, -2], [3, -1, 0]])


def slow(image, kernel, stride=1):
    """The sums, one weight after the other."""
    rows, columns = np.subtract(image.shape, kernel.shape) + 1
    total = np.zeros((rows, columns))
    for (row, column), weight in np.ndenumerate(kernel):
        total += weight * image[row : row + rows, column : column + columns].astype(float)
    return total[::stride, ::stride]


@pytest.fixture
def states(monkeypatch):
    """What the figure of an animation holds after each update, instead of its pixels."""
    kept = []

    def record(figure, update, count, alt_text, **options):
        [axes] = figure.axes
        for number in range(count):
            update(number)
            images = [
                (np.ma.array(image.get_array(), copy=True), image.get_extent())
                for image in axes.get_images()
            ]
            frames = [patch for patch in axes.patches if patch.get_edgecolor()[2] == 0x80 / 255]
            corners = [patch.get_xy() for patch in frames]
            texts = [text.get_text() for text in axes.texts if text.get_text()]
            kept.append((images, corners, texts))
        return Animation(np.zeros((count, 1, 1, 3), np.uint8), alt_text, **options)

    assert EMPHASIS == "#004c80"
    monkeypatch.setattr(Animation, "record", record)
    return kept


@pytest.mark.parametrize(("padding", "stride"), [(0, 1), (1, 1), (1, 2), (2, 3)])
def test_window_products_and_output_are_those_of_the_convolution(states, padding, stride):
    before = IMAGE.copy(), KERNEL.copy()
    sliding_kernel(IMAGE, KERNEL, padding=padding, stride=stride)
    padded = np.pad(IMAGE, padding)
    expected = slow(padded, KERNEL, stride)
    assert len(states) == expected.size
    for step, (images, corners, texts) in enumerate(states):
        (shown, extent), (weights, _), (output, output_extent) = images
        np.testing.assert_array_equal(weights, KERNEL)
        np.testing.assert_array_equal(shown, padded)
        np.testing.assert_array_equal(
            np.ma.getmaskarray(output).ravel(), np.arange(expected.size) > step
        )
        np.testing.assert_allclose(output.compressed(), expected.ravel()[: step + 1])

        cell = (extent[1] - extent[0]) / padded.shape[1]
        (left, top), (target_left, target_top) = corners
        row, column = np.divmod(step, expected.shape[1])
        assert left == pytest.approx(extent[0] + column * stride * cell)
        assert top == pytest.approx(extent[3] + row * stride * cell)
        assert target_left == pytest.approx(output_extent[0] + column * cell)
        assert target_top == pytest.approx(output_extent[3] + row * cell)

        window = padded[row * stride :, column * stride :][: KERNEL.shape[0], : KERNEL.shape[1]]
        for pixel, weight in zip(window.flat, KERNEL.flat, strict=True):
            assert f"{pixel} · {weight}".replace("-", "−") in texts
            assert str(pixel * weight).replace("-", "−") in texts
        [added] = [text for text in texts if text.startswith("added up: ")]
        assert added.replace("−", "-").endswith(f"= {expected.flat[step]:.0f}")
    assert np.array_equal(IMAGE, before[0])
    assert np.array_equal(KERNEL, before[1])


def test_every_frame_differs_and_the_first_shows_one_output_only():
    frames = sliding_kernel(np.arange(16).reshape(4, 4), np.ones((2, 2))).frames
    assert len(frames) == 9
    for one, other in zip(frames, frames[1:], strict=False):
        assert (one != other).any()
    drawn = [(frame != 255).sum() for frame in frames]
    assert drawn[-1] > drawn[0]


def test_captions_say_where_and_what_is_added():
    made = sliding_kernel(np.array([[1, 2], [3, 4]]), np.array([[1, -2]]))
    assert made.captions == [
        "output row 0, column 0: 1 − 4 = −3",
        "output row 1, column 0: 3 − 8 = −5",
    ]


def test_zero_has_no_sign():
    made = sliding_kernel(np.zeros((2, 2)), np.array([[-1.0]]))
    assert made.captions[0] == "output row 0, column 0: 0 = 0"


def test_alt_text_tells_how_the_output_runs():
    made = sliding_kernel(np.array([[0, 0, 5], [0, 0, 5]]), np.array([[-1, 1]]))
    assert made.alt_text == (
        "Animation of 4 steps: a kernel of 1 by 2 weights slides over an image of 2 by 3 pixels, "
        "row by row. At each step the pixels under it are multiplied by its weights and added up, "
        "which gives one more value of the output. The first is 0, the last 5. The whole output "
        "has 2 by 2 values, from 0 to 5, the largest in row 0, column 1."
    )
    assert "1 ring of zeros around it, 2 pixels at a time" in (
        sliding_kernel(np.ones((3, 3)), np.ones((3, 3)), padding=1, stride=2).alt_text
    )


@pytest.mark.parametrize(
    ("image", "kernel", "padding"),
    [
        (IMAGE, KERNEL, 0),
        (generator.normal(scale=100, size=(5, 5)), generator.normal(size=(3, 3)), 1),
        (np.full((6, 6), 255, np.uint8), np.full((3, 3), -2), 0),
        (np.ones((1, 1)), np.ones((1, 1)), 0),
    ],
)
def test_texts_fit_their_cells_and_the_figure(monkeypatch, extents, image, kernel, padding):
    figures = []
    record = Animation.record.__func__

    def keep(cls, figure, *args, **options):
        figures.append(figure)
        return record(cls, figure, *args, **options)

    monkeypatch.setattr(Animation, "record", classmethod(keep))
    sliding_kernel(image, kernel, padding=padding)
    [figure] = figures
    assert figure.get_figwidth() * 100 <= 720
    boxes = [box for box in extents(figure, figure.axes[0].texts) if box.width > 1]
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 for box in boxes)
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            assert not one.overlaps(other)
