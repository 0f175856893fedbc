"""Bars are as long as the probabilities; right, wrong and true are told apart without colour."""

import numpy as np
import pytest

from course_utils.figures import learning_predictions, prediction_bars
from course_utils.figures.prediction_bars import _PredictionBoard
from course_utils.figures.style import course_style

generator = np.random.default_rng(13)
NAMES = ["airplane", "cat", "dog"]
IMAGES = generator.integers(0, 256, size=(4, 8, 8, 3), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 2])
PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.3, 0.2, 0.5], [0.1, 0.1, 0.8], [0.9, 0.05, 0.05]])
FILM = np.stack([np.full((4, 3), 1 / 3), PROBABILITIES])


def bars_of(picture):
    """Rectangles of the bars, one row an image."""
    return np.array(picture.figure.axes[0].patches).reshape(len(LABELS), len(NAMES))


def texts_of(picture):
    return [text.get_text() for text in picture.figure.axes[0].texts]


@pytest.fixture(scope="module")
def picture():
    return prediction_bars(IMAGES, LABELS, PROBABILITIES, NAMES)


def test_bars_are_in_proportion_to_the_probabilities(picture):
    widths = np.array([[bar.get_width() for bar in row] for row in bars_of(picture)])
    np.testing.assert_allclose(widths / widths[3, 0] * 0.9, PROBABILITIES, atol=1e-9)


def test_chance_is_marked_at_one_divided_by_the_number_of_classes(picture):
    [axes] = picture.figure.axes
    dashed = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert len(dashed) == len(LABELS)
    for line, row in zip(dashed, bars_of(picture), strict=True):
        scale = row[0].get_width() / PROBABILITIES[list(dashed).index(line), 0]
        assert line.get_xdata()[0] == pytest.approx(row[0].get_x() + scale / 3)
    assert texts_of(picture).count("chance: 33 %") == len(LABELS)


def test_a_wrong_prediction_is_hatched_and_a_right_one_is_not(picture):
    hatched = np.array([[bool(bar.get_hatch()) for bar in row] for row in bars_of(picture)])
    expected = np.zeros((4, 3), bool)
    expected[1, 2] = expected[3, 0] = True
    np.testing.assert_array_equal(hatched, expected)


def test_headings_say_what_and_whether_it_is_right(picture):
    told = texts_of(picture)
    for words in ("✓ 70 % an airplane", "✗ 50 % a dog, true: cat", "✓ 80 % a dog"):
        assert words in told
    assert "✗ 90 % an airplane, true: dog" in told


def test_the_true_class_is_bold_with_an_arrow(picture):
    marked = [text for text in picture.figure.axes[0].texts if text.get_text().startswith("▶")]
    assert [text.get_text() for text in marked] == ["▶ airplane", "▶ cat", "▶ dog", "▶ dog"]
    assert {text.get_weight() for text in marked} == {"bold"}


def test_images_are_drawn_unchanged(picture):
    shown = picture.figure.axes[0].get_images()
    for drawn, image in zip(shown, IMAGES, strict=True):
        np.testing.assert_array_equal(drawn.get_array(), image)


def test_alt_text_tells_every_prediction(picture):
    assert picture.alt_text == (
        "4 images, each with horizontal bars: the probabilities of 3 classes, where chance is "
        "33 %. 2 of 4 right. Airplane: 70 % an airplane, right; cat: 50 % a dog, wrong, 20 % for "
        "the true class; dog: 80 % a dog, right; dog: 90 % an airplane, wrong, 5 % for the true "
        "class."
    )


def test_a_frame_of_the_film_shows_the_bars_of_its_snapshot():
    film = learning_predictions(IMAGES, LABELS, FILM, NAMES, [0, 7])
    assert film.captions == (
        "before training, 1 of 4 right",
        "snapshot 1, after 7 steps, 2 of 4 right",
    )
    with course_style():
        board = _PredictionBoard(IMAGES, LABELS, NAMES, headline=True)
    for frame, probabilities in zip(film.frames, FILM, strict=True):
        for place in (0, 2):  # right ones at the end, filled with one colour
            for share, bar in zip(probabilities[place], board.bars[place], strict=True):
                middle = round(2 * (bar.get_y() + bar.get_height() / 2))
                start = round(2 * bar.get_x())
                if share > probabilities[place].min():
                    length = 2 * share * board.bars_width
                    row = frame[middle, start : start + int(2 * board.bars_width)].astype(int)
                    filled = np.abs(row - row[8]).max(axis=1) < 3
                    assert abs(np.flatnonzero(filled).max() + 1 - length) <= 2


def test_the_film_tells_that_opinions_grow():
    words = learning_predictions(IMAGES, LABELS, FILM, NAMES, [0, 7]).alt_text
    assert "33 % by chance, goes from 33 % to 72 % on average" in words
    assert "the number of right predictions from 1 to 2" in words
    assert words.endswith("dog ends as 80 % a dog and dog ends as 90 % an airplane.")


def test_49_snapshots_of_six_images_are_below_5_mb(tmp_path):
    images = generator.integers(0, 256, size=(6, 32, 32, 3), dtype=np.uint8)
    names = [
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ]
    film = learning_predictions(
        images,
        np.arange(6),
        generator.dirichlet(np.ones(10), size=(49, 6)),
        names,
        np.arange(49),
    )
    for ending in ("gif", "html"):
        path = tmp_path / f"film.{ending}"
        film.save(path)
        assert path.stat().st_size < 5_000_000, ending


@pytest.mark.parametrize("count", [1, 2, 7])
def test_texts_stay_on_the_figure(count, extents):
    images = generator.random((count, 8, 8))
    names = ["a class with quite a long name", "automobile", "c"]
    picture = prediction_bars(images, np.zeros(count, int), np.tile([0.0, 1, 0], (count, 1)), names)
    for box in extents(picture.figure, picture.figure.axes[0].texts):
        assert box.x0 >= -1
        assert box.x1 <= picture.figure.bbox.x1 + 1
        assert box.y0 >= 0
