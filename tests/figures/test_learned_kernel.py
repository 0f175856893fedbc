"""What is shown while a kernel learns are its weights, and the convolution of the picture."""

import numpy as np
import pytest

from course_utils.figures import Animation, learned_kernel

generator = np.random.default_rng(7)
PICTURE = generator.random((9, 12))
DESIGNED = np.array([[-1, 0, 1], [0, 2, 0]])
KERNELS = {0: generator.normal(size=(2, 3)), 1: generator.normal(size=(2, 3)), 30: DESIGNED * 0.9}


def slow(kernel):
    """The sums, one weight after the other."""
    rows, columns = np.subtract(PICTURE.shape, kernel.shape) + 1
    total = np.zeros((rows, columns))
    for (row, column), weight in np.ndenumerate(kernel):
        total += weight * PICTURE[row : row + rows, column : column + columns]
    return total


@pytest.fixture
def states(monkeypatch):
    """What the figure holds after each update, instead of its pixels."""
    kept = []

    def record(figure, update, count, alt_text, **options):
        [axes] = figure.axes
        for number in range(count):
            update(number)
            images = [np.array(image.get_array(), copy=True) for image in axes.get_images()]
            kept.append((images, [text.get_text() for text in axes.texts]))
        return Animation(np.zeros((count, 1, 1, 3), np.uint8), alt_text, **options)

    monkeypatch.setattr(Animation, "record", record)
    return kept


def test_each_frame_shows_the_weights_and_their_map_above_the_designed_ones(states):
    learned_kernel(PICTURE, KERNELS, DESIGNED)
    for (images, texts), kernel in zip(states, KERNELS.values(), strict=True):
        weights, made, designed, made_by_designed = images
        np.testing.assert_array_equal(weights, kernel)
        np.testing.assert_array_equal(designed, DESIGNED)
        np.testing.assert_allclose(made, slow(kernel))
        np.testing.assert_allclose(made_by_designed, slow(DESIGNED))
        for weight in kernel.flat:
            assert f"{weight:.2f}".replace("-0.00", "0.00").replace("-", "−") in texts


def test_captions_and_titles_count_the_steps(states):
    made = learned_kernel(PICTURE, KERNELS, DESIGNED)
    assert made.captions == ["before training", "after 1 step", "after 30 steps"]
    for (_, texts), caption in zip(states, made.captions, strict=True):
        assert caption in texts


def test_alt_text_tells_how_far_the_weights_come():
    words = learned_kernel(PICTURE, {0: DESIGNED + 1.5, 9: DESIGNED * 0.9}, DESIGNED).alt_text
    assert "from before training to after 9 steps" in words
    assert "is 1.5 away at first and 0.2 at the end" in words
    assert words.endswith("−0.90, 0.00, 0.90, 0.00, 1.80 and 0.00.")


def test_texts_fit_the_figure_and_do_not_touch(monkeypatch, extents):
    figures = []
    record = Animation.record.__func__

    def keep(cls, figure, *args, **options):
        figures.append(figure)
        return record(cls, figure, *args, **options)

    monkeypatch.setattr(Animation, "record", classmethod(keep))
    learned_kernel(PICTURE, {0: np.full((2, 3), -12.345), 200: DESIGNED}, DESIGNED)
    [figure] = figures
    boxes = extents(figure, figure.axes[0].texts)
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 for box in boxes)
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            assert not one.overlaps(other)
