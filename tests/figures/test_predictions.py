"""Predictions are drawn with the right class, share and mark."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from course_utils.figures import prediction_grid, probability_bars
from course_utils.figures.style import BAR_CHOSEN

NAMES = ["cat", "dog", "ship"]
IMAGES = np.random.default_rng(1).integers(0, 256, size=(4, 5, 5), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 0])
PROBABILITIES = np.array([[0.6, 0.3, 0.1], [0.7, 0.2, 0.1], [0.0, 0.0, 1.0], [0.002, 0.0, 0.998]])


def texts_of(picture):
    return [text.get_text() for text in picture.figure.axes[0].texts]


def test_each_image_has_its_number_class_and_marked_prediction():
    assert texts_of(prediction_grid(IMAGES, LABELS, PROBABILITIES, NAMES))[1:] == [
        "#0: cat", "✓ cat (60 %)",
        "#1: dog", "✗ cat (70 %)",
        "#2: ship", "✓ ship (100 %)",
        "#3: cat", "✗ ship (99.8 %)",
    ]  # fmt: skip


def test_images_are_shown_as_they_are():
    [axes] = prediction_grid(IMAGES, LABELS, PROBABILITIES, NAMES).figure.axes
    for shown, image in zip(axes.get_images(), IMAGES, strict=True):
        np.testing.assert_array_equal(shown.get_array(), image)
        assert shown.get_clim() == (0, 255)


def test_wrong_ones_have_another_frame_in_more_than_colour():
    [axes] = prediction_grid(IMAGES, LABELS, PROBABILITIES, NAMES).figure.axes
    frames = [(frame.get_linewidth(), frame.get_linestyle()) for frame in axes.patches]
    assert frames[0] == frames[2]
    assert frames[1] == frames[3]
    assert frames[1][0] > 2 * frames[0][0]
    assert frames[1][1] != frames[0][1]


def test_indices_choose_and_number_the_images():
    picture = prediction_grid(
        IMAGES, LABELS, PROBABILITIES, NAMES, indices=np.array([3, 0], np.uint8)
    )
    assert texts_of(picture)[1:] == ["#3: cat", "✗ ship (99.8 %)", "#0: cat", "✓ cat (60 %)"]
    images = picture.figure.axes[0].get_images()
    np.testing.assert_array_equal([image.get_array() for image in images], IMAGES[[3, 0]])


def test_alt_text_says_how_many_are_right_and_lists_the_wrong():
    assert prediction_grid(IMAGES, LABELS, PROBABILITIES, NAMES).alt_text == (
        "4 images with predictions, 2 of 4 right. Wrong: image 1 is dog, predicted cat with 70 %; "
        "image 3 is cat, predicted ship with 99.8 %."
    )
    right = prediction_grid(IMAGES, LABELS, PROBABILITIES, NAMES, indices=np.array([0]))
    assert right.alt_text == "1 image with predictions, 1 of 1 right."


def test_long_class_names_are_cut_in_the_grid_but_not_in_the_words(extents):
    names = ["a class with quite a long name", "dog", "ship"]
    picture = prediction_grid(IMAGES, LABELS, PROBABILITIES, names)
    boxes = extents(picture.figure, picture.figure.axes[0].texts[1::2])
    assert all(one.x1 <= other.x0 for one, other in zip(boxes, boxes[1:], strict=False))
    assert any("…" in text for text in texts_of(picture))
    assert "predicted a class with quite a long name with 70 %" in picture.alt_text


def bars_of(picture):
    """The axes with the bars: the last ones."""
    return picture.figure.axes[-1]


def test_bars_are_the_probabilities():
    axes = bars_of(probability_bars(PROBABILITIES[0], NAMES))
    assert [bar.get_width() for bar in axes.patches] == [0.6, 0.3, 0.1]
    assert [text.get_text() for text in axes.get_yticklabels()] == NAMES
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "class 0 should be on top"


@pytest.mark.parametrize(
    ("label", "words"),
    [
        (None, ["60 %  predicted", "30 %", "10 %"]),
        (0, ["60 %  true class, predicted", "30 %", "10 %"]),
        (1, ["60 %  predicted", "30 %  true class", "10 %"]),
        (np.int64(2), ["60 %  predicted", "30 %", "10 %  true class"]),
    ],
)
def test_true_and_predicted_class_are_marked_in_words(label, words):
    texts = bars_of(probability_bars(PROBABILITIES[0], NAMES, label)).texts
    assert [text.get_text() for text in texts] == [*words, "chance: 33 %"]


def test_the_predicted_bar_alone_is_emphasised():
    bars = bars_of(probability_bars(PROBABILITIES[0], NAMES)).patches
    assert [to_hex(bar.get_facecolor()) == BAR_CHOSEN for bar in bars] == [True, False, False]


def test_the_chance_line_is_one_divided_by_the_classes_and_crosses_no_text(extents):
    probabilities = np.array([0.02, 0.001, 0.01, 0.03, 0.004, 0.31, 0.61, 0.005, 0.01, 0.001])
    picture = probability_bars(probabilities, [str(digit) for digit in range(10)], label=3)
    axes = bars_of(picture)
    [line] = axes.lines
    assert list(line.get_xdata()) == [0.1, 0.1]
    boxes = extents(picture.figure, axes.texts[:-1])
    x = axes.transData.transform((0.1, 0))[0]
    assert not any(box.x0 < x < box.x1 for box in boxes)


@pytest.mark.parametrize("shape", [(5, 5), (5, 5, 1), (5, 5, 3)])
def test_the_image_stands_beside_its_bars(shape):
    image = np.random.default_rng(2).random(shape)
    picture = probability_bars(PROBABILITIES[0], NAMES, 1, image)
    beside, _ = picture.figure.axes
    [shown] = beside.get_images()
    np.testing.assert_array_equal(shown.get_array(), image.reshape(shown.get_array().shape))
    assert beside.get_title(loc="left") == "predicted: cat (60 %)\n✗ true class: dog"


@pytest.mark.parametrize(
    ("label", "title"),
    [(None, "predicted: cat (60 %)"), (0, "predicted: cat (60 %)\n✓ right")],
)
def test_the_verdict_above_the_image(label, title):
    picture = probability_bars(PROBABILITIES[0], NAMES, label, IMAGES[0])
    assert picture.figure.axes[0].get_title(loc="left") == title


def test_alt_text_of_the_bars_tells_first_second_and_truth():
    start = (
        "Horizontal bars: the probabilities of 3 classes. Predicted is cat with 60 %, next comes "
        "dog with 30 %; chance is 33 %."
    )
    assert probability_bars(PROBABILITIES[0], NAMES).alt_text == start
    assert probability_bars(PROBABILITIES[0], NAMES, 0).alt_text == (
        f"{start} The prediction is right."
    )
    assert probability_bars(PROBABILITIES[0], NAMES, 2).alt_text == (
        f"{start} The prediction is wrong: the true class, ship, has 10 %."
    )
    assert probability_bars(PROBABILITIES[0], NAMES, 0, IMAGES[0]).alt_text.startswith(
        "Horizontal bars beside the image: "
    )
