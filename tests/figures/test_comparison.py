"""Curves are those of the histories; runs and validation are told apart without colour."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course_utils.figures import compare_histories
from course_utils.figures.line_ends import SAMPLE
from course_utils.figures.style import points

SMALL = {
    "loss": [0.9, 0.5, 0.4],
    "accuracy": [0.6, 0.8, 0.85],
    "val_loss": [0.8, 0.6, 0.5],
    "val_accuracy": [0.7, 0.75, 0.8],
}
LARGE = {"loss": [2.0, 1.5], "accuracy": [0.3, 0.4], "val_loss": [1.9, 1.6]}
RUNS = {"batches of 16": SimpleNamespace(history=SMALL), "batches of 1024": LARGE}


def curves_of(picture):
    """The curves by name, without the samples beside the panel."""
    [axes] = picture.figure.axes
    return {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}


def test_every_value_is_drawn_from_epoch_1_on_for_histories_and_dicts():
    curves = curves_of(compare_histories(RUNS))
    expected = {
        "batches of 16, training": SMALL["loss"],
        "batches of 16, validation": SMALL["val_loss"],
        "batches of 1024, training": LARGE["loss"],
        "batches of 1024, validation": LARGE["val_loss"],
    }
    assert list(curves) == list(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(curves[name].get_xdata(), np.arange(1, len(values) + 1))
        np.testing.assert_array_equal(curves[name].get_ydata(), values)


@pytest.mark.parametrize(
    ("metric", "names", "title"),
    [
        (
            "accuracy",
            ["batches of 16, training", "batches of 16, validation", "batches of 1024, training"],
            "Accuracy: training solid, validation dashed",
        ),
        (
            "val_loss",
            ["batches of 16, validation", "batches of 1024, validation"],
            "Loss, validation",
        ),
    ],
)
def test_the_metric_chooses_the_curves(metric, names, title):
    picture = compare_histories(RUNS, metric=metric)
    assert list(curves_of(picture)) == names
    assert picture.figure.axes[0].get_title(loc="left") == title


def test_without_validation_the_title_does_not_speak_of_it():
    picture = compare_histories({"one": {"loss": [1, 2]}, "two": {"loss": [2, 1]}})
    assert picture.figure.axes[0].get_title(loc="left") == "Loss, training"


def test_validation_is_dashed_and_runs_differ_in_colour_and_marker():
    curves = curves_of(compare_histories({f"run {k}": SMALL for k in range(8)}))
    for run in range(8):
        training, validation = (
            curves[f"run {run}, {curve}"] for curve in ("training", "validation")
        )
        assert training.get_linestyle() == "-"
        assert validation.get_linestyle() == "--"
        assert training.get_color() == validation.get_color()
        assert training.get_marker() == validation.get_marker()
    looks = [(line.get_color(), line.get_marker()) for line in curves.values()]
    assert len({colour for colour, _ in looks}) == 8
    assert len({marker for _, marker in looks}) == 8


def test_every_colour_of_a_name_can_be_read_on_white():
    for line in curves_of(compare_histories({f"run {k}": SMALL for k in range(8)})).values():
        parts = np.array(to_rgb(line.get_color()))
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 4.5


@pytest.mark.parametrize("count", [1, 3, 8])
def test_names_stand_at_the_ends_without_overlap_and_on_the_figure(count, extents):
    runs = {f"a run with quite a long name, {k}": SMALL for k in range(count)}
    picture = compare_histories(runs)
    [axes] = picture.figure.axes
    boxes = extents(picture.figure, [text for text in axes.texts if text.get_text()])
    assert len(boxes) == 2 * count
    for place, box in enumerate(boxes):
        assert box.x1 <= picture.figure.bbox.x1
        assert box.x0 >= axes.get_window_extent().x1
        assert box.y0 >= picture.figure.bbox.y0
        assert not any(box.overlaps(other) for other in boxes[:place])


def texts_of(picture):
    """What is written at the ends, by its words, with its height."""
    texts = [text for text in picture.figure.axes[0].texts if text.get_text()]
    return {text.get_text(): text for text in texts}


def test_a_name_stands_once_and_validation_is_called_so():
    picture = compare_histories(RUNS)
    texts = texts_of(picture)
    assert list(texts) == [
        "batches of 16  0.4", "validation  0.5", "batches of 1024  1.5", "validation  1.6"
    ]  # fmt: skip
    line = curves_of(picture)["batches of 1024, validation"]
    assert texts["validation  1.6"].get_color() == line.get_color()


def test_a_run_s_two_ends_stand_together_however_the_lines_lie():
    crossing = {
        "wide": {"loss": [1.0, 0.1], "val_loss": [1.0, 0.9]},
        "narrow": {"loss": [1.0, 0.4], "val_loss": [1.0, 0.6]},
    }
    texts = texts_of(compare_histories(crossing))
    order = sorted(texts, key=lambda words: -texts[words].get_position()[1])
    assert [order[:2], order[2:]] in (
        [["wide  0.1", "validation  0.9"], ["narrow  0.4", "validation  0.6"]],
        [["narrow  0.4", "validation  0.6"], ["wide  0.1", "validation  0.9"]],
    )


def test_what_has_only_validation_left_still_has_its_name():
    one = {"wild": {"loss": [np.nan], "val_loss": [0.5]}, "tame": {"loss": [1.0]}}
    assert set(texts_of(compare_histories(one))) >= {"wild  0.5", "tame  1"}


def test_the_sample_of_a_dashed_line_shows_gaps_beside_its_marker():
    [axes] = compare_histories(RUNS).figure.axes
    samples = [line for line in axes.lines if len(line.get_xdata()) == 3 and line.get_marker()]
    samples = [line for line in samples if line.get_transform() == axes.transAxes]
    assert [line.get_linestyle() for line in samples] == ["-", "--", "-", "--"]
    dashed = samples[1]
    period = 6 * dashed.get_linewidth()  # a dash of 4 and a gap of 2 line widths, in points
    half = (points(SAMPLE) - dashed.get_markersize()) / 2
    assert half > period


def test_values_that_are_not_finite_leave_a_gap_and_a_note():
    picture = compare_histories({"wild": {"loss": [1.0, np.nan, np.inf]}, "tame": {"loss": [1, 0]}})
    np.testing.assert_array_equal(
        curves_of(picture)["wild, training"].get_ydata(), [1, np.nan, np.nan]
    )
    texts = [text.get_text() for text in picture.figure.axes[0].texts]
    assert "wild: not a finite number from epoch 2 on" in texts
    assert picture.alt_text == (
        "Line plot of loss against epoch, up to 3 epochs, for “wild” and “tame”. “wild”: training "
        "is not a finite number from epoch 2 on. “tame”: training falls from 1 to 0."
    )


def test_nothing_but_nan_is_still_a_figure():
    picture = compare_histories({"wild": {"loss": [np.nan, np.nan]}})
    assert len(picture.figure.axes[0].get_yticks()) == 0
    assert "not a finite number from epoch 1 on" in picture.alt_text


def test_alt_text_tells_how_each_runs_and_who_is_lowest():
    assert compare_histories(RUNS).alt_text == (
        "Line plot of loss against epoch, up to 3 epochs, for “batches of 16” and "
        "“batches of 1024”. “batches of 16”: training falls from 0.9 to 0.4; validation falls "
        "from 0.8 to 0.5. “batches of 1024”: training falls from 2 to 1.5; validation falls from "
        "1.9 to 1.6. In the last epoch validation loss is lowest for “batches of 16”, 0.5, and "
        "highest for “batches of 1024”, 1.6."
    )


def test_a_single_epoch_is_told_as_such():
    assert compare_histories({"short": {"loss": [0.5]}}).alt_text == (
        "Line plot of loss against epoch, up to 1 epoch, for “short”. “short”: training is 0.5."
    )
