"""Learning curves are the values of the history, and their words tell the trend."""

from types import SimpleNamespace

import numpy as np
import pytest

from course_utils.figures import training_history

THREE = {
    "loss": [0.95, 0.38, 0.30],
    "accuracy": [0.757, 0.891, 0.914],
    "val_loss": [0.42, 0.32, 0.27],
    "val_accuracy": [0.885, 0.91, 0.923],
}


def curves_of(axes):
    """The curves of a panel by name, without the samples beside it."""
    return {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}


@pytest.mark.parametrize("history", [THREE, SimpleNamespace(history=THREE)])
def test_two_panels_show_every_value_from_epoch_1_on(history):
    loss, accuracy = training_history(history).figure.axes
    for axes, title, key in ((loss, "Loss", "loss"), (accuracy, "Accuracy", "accuracy")):
        curves = curves_of(axes)
        assert axes.get_title(loc="left") == title
        for curve, name in (("training", key), ("validation", f"val_{key}")):
            np.testing.assert_array_equal(curves[curve].get_xdata(), [1, 2, 3])
            np.testing.assert_array_equal(curves[curve].get_ydata(), THREE[name])


def test_training_and_validation_differ_in_more_than_colour():
    for axes in training_history(THREE).figure.axes:
        training, validation = curves_of(axes).values()
        assert training.get_linestyle() != validation.get_linestyle()
        assert training.get_marker() != validation.get_marker()
        names = [text.get_text().split("\n")[0] for text in axes.texts if text.get_text()]
        assert names == ["training", "validation"]


@pytest.mark.parametrize("history", [THREE, {"loss": [2.0], "val_loss": [2.0]}])
def test_names_do_not_overlap_and_stay_on_the_figure(history, extents):
    picture = training_history(history)
    for axes in picture.figure.axes:
        boxes = extents(picture.figure, [text for text in axes.texts if text.get_text()])
        assert not boxes[0].overlaps(boxes[1])
        assert all(box.x1 <= picture.figure.bbox.x1 for box in boxes)


@pytest.mark.parametrize(
    "name", ["acc", "sparse_categorical_accuracy", "categorical_accuracy", "binary_accuracy"]
)
def test_accuracy_by_other_names(name):
    history = {"learning_rate": [0.1, 0.1], "loss": [2, 1], name: [0.1, 0.5], "auc": [0, 1]}
    loss, accuracy = training_history(history | {f"val_{name}": [0.2, 0.4]}).figure.axes
    assert list(curves_of(loss)) == ["training"]
    np.testing.assert_array_equal(curves_of(accuracy)["training"].get_ydata(), [0.1, 0.5])
    np.testing.assert_array_equal(curves_of(accuracy)["validation"].get_ydata(), [0.2, 0.4])


def test_without_accuracy_there_is_one_panel():
    [axes] = training_history({"loss": [2, 1], "val_loss": [2, 1]}).figure.axes
    assert axes.get_title(loc="left") == "Loss"


def test_a_single_epoch_is_seen_by_its_marker():
    picture = training_history({"loss": [0.95], "val_loss": [0.42]})
    [axes] = picture.figure.axes
    for line in curves_of(axes).values():
        assert line.get_marker() not in ("", "None", None)
        np.testing.assert_array_equal(line.get_xdata(), [1])
    assert list(axes.get_xticks()) == [1]
    assert picture.alt_text == (
        "Learning curves over 1 epoch: loss. Loss: training is 0.95; validation is 0.42."
    )


@pytest.mark.parametrize("epochs", [1, 2, 3, 10, 11, 30, 99, 128, 500, 12345])
def test_epochs_are_numbered_with_whole_numbers_from_1(epochs):
    ticks = training_history({"loss": np.ones(epochs)}).figure.axes[0].get_xticks()
    assert ticks[0] == 1
    assert ticks[-1] <= epochs
    assert len(ticks) <= 12
    assert all(tick == int(tick) for tick in ticks)


def test_values_that_are_not_finite_leave_a_gap_and_a_note():
    history = {"loss": [0.9, 3.0, np.nan, np.inf], "val_loss": [1.0, 4.0, np.nan, np.nan]}
    picture = training_history(history)
    [axes] = picture.figure.axes
    np.testing.assert_array_equal(
        curves_of(axes)["training"].get_ydata(), [0.9, 3.0, np.nan, np.nan]
    )
    assert axes.get_title(loc="right") == "not a finite number\nfrom epoch 3 on"
    assert picture.alt_text == (
        "Learning curves over 4 epochs: loss. "
        "Loss: training is not a finite number from epoch 3 on, so the training has diverged; "
        "validation is not a finite number from epoch 3 on, so the training has diverged."
    )


def test_a_gap_that_ends_is_not_said_to_last():
    picture = training_history({"loss": [0.9, np.nan, 0.8]})
    assert picture.figure.axes[0].get_title(loc="right") == "not a finite number\nin epoch 2"


def test_nothing_but_nan_is_still_a_figure():
    picture = training_history({"loss": [np.nan, np.nan]})
    assert "not a finite number from epoch 1 on" in picture.alt_text
    assert len(picture.figure.axes[0].get_yticks()) == 0


def test_alt_text_tells_from_where_to_where_and_that_validation_improves():
    assert training_history(THREE).alt_text == (
        "Learning curves over 3 epochs: loss and accuracy. "
        "Loss: training falls from 0.95 to 0.3; validation falls from 0.42 to 0.27. "
        "Validation loss is best in the last epoch: it still improves. "
        "Accuracy: training rises from 0.757 to 0.914; validation rises from 0.885 to 0.923. "
        "Validation accuracy is best in the last epoch: it still improves."
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([2.0, 1.0, 1.5], "Validation loss is best in epoch 2 and does not improve after it."),
        ([1.0, 2.0, 3.0], "Validation loss does not improve after the first epoch."),
        ([1.0, 1.0, 1.0], "Validation loss does not improve after the first epoch."),
        ([2.0, 1.0, 1.0], "Validation loss is best in epoch 2 and does not improve after it."),
    ],
)
def test_alt_text_tells_when_validation_stops_improving(values, words):
    picture = training_history({"loss": [3.0, 2.0, 1.0], "val_loss": values})
    assert picture.alt_text.endswith(words)
