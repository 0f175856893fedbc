"""How a training went."""

from collections.abc import Mapping

import numpy as np

from ..arguments import number_list
from .line_ends import End, label_line_ends
from .picture import Picture
from .style import (
    SMALL_SIZE,
    TRAINING_LINE,
    VALIDATION_LINE,
    WIDTH,
    WRONG,
    course_style,
    new_figure,
    points,
)
from .words import capitalised, counted, listed, number, trend

HEIGHT = 300
LOOKS = {"training": TRAINING_LINE, "validation": VALIDATION_LINE}


@course_style()
def training_history(history):
    """Show loss and accuracy epoch by epoch, for training and, where measured, validation.

    Parameters
    ----------
    history : keras.callbacks.History or dict of str to list of float
        What ``model.fit`` returns, or its ``history`` attribute: a value an epoch for ``loss``
        and perhaps ``val_loss``, ``accuracy``, ``val_accuracy``; of other names those are
        understood that end with ``accuracy``, and ``acc``. Anything else in it is left out.
        Values that are not finite leave a gap and a note. Not changed.

    Returns
    -------
    Picture
        One panel for the loss, and one for the accuracy if it was measured.

    Raises
    ------
    TypeError
        If ``history`` is neither of the two, or its values are no numbers.
    ValueError
        If there is no ``loss``, no epoch, or not one value an epoch.
    """
    panels = _panels(_values_by_name(history))
    figure = new_figure(WIDTH if len(panels) == 2 else WIDTH * 0.62, HEIGHT)
    all_axes = figure.subplots(ncols=len(panels), squeeze=False)[0]
    for axes, (name, curves) in zip(all_axes, panels.items(), strict=True):
        _draw_panel(axes, name, curves)
    return Picture(figure, _history_words(panels))


def _values_by_name(history):
    """The dict within a Keras History, or the dict itself."""
    values = getattr(history, "history", history)
    if not isinstance(values, Mapping):
        raise TypeError(
            "history should be what model.fit returns, or its .history dict; "
            f"got {type(history).__name__}. Keep it: history = model.fit(...)."
        )
    if "loss" not in values:
        raise ValueError(
            f"history should have values for 'loss'; got {listed(values) if values else 'none'}. "
            "Pass what model.fit returns, after at least one epoch."
        )
    return values


def _panels(values):
    """Panel name to curves, a curve being a name and a value an epoch."""
    names = ["loss", *(name for name in values if _is_accuracy(name))][:2]
    panels = {}
    for panel, name in zip(("loss", "accuracy"), names, strict=False):
        panels[panel] = {}
        for curve, key in (("training", name), ("validation", f"val_{name}")):
            if key in values:
                panels[panel][curve] = epoch_values(values[key], f"history[{key!r}]")
    check_epochs([curve for curves in panels.values() for curve in curves.values()], "history")
    return panels


def _is_accuracy(name):
    """Whether a metric of training is an accuracy."""
    return not name.startswith("val_") and (name == "acc" or name.endswith("accuracy"))


def epoch_values(values, name):
    """One metric's values, one an epoch, as floats, or an error."""
    mends = ("Pass what model.fit returns.", "Train for at least one epoch.")
    return number_list(values, name, "epoch", mends)


def check_epochs(curves, name):
    """Refuse curves of one training that have different numbers of epochs."""
    lengths = sorted({len(values) for values in curves})
    if len(lengths) > 1:
        raise ValueError(
            f"{name} should have a value for each epoch in every curve; got curves of "
            f"{listed(lengths)} values. Train with validation_freq=1."
        )


def _draw_panel(axes, name, curves):
    """Draw training and validation of one metric."""
    from matplotlib.ticker import MaxNLocator

    epochs = len(curves["training"])
    for curve, values in curves.items():
        draw_curve(axes, curve, values, LOOKS[curve])
    axes.set_title(capitalised(name), loc="left")
    axes.set_xlabel("epoch")
    axes.set_xticks(epoch_ticks(epochs))
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    margin = max(0.04 * (epochs - 1), 0.03)
    axes.set_xlim(1 - margin, epochs + margin)
    axes.grid(axis="y")
    _label_curves(axes, curves)
    gaps = [values for values in curves.values() if not np.isfinite(values).all()]
    if gaps:
        note = f"not a finite number\n{when_not_finite(gaps[0])}"
        axes.set_title(note, loc="right", color=WRONG, fontsize=points(SMALL_SIZE))


def draw_curve(axes, label, values, look):
    """Draw one value an epoch, with a gap where values are not finite."""
    axes.plot(
        np.arange(1, len(values) + 1),
        np.where(np.isfinite(values), values, np.nan),
        label=label,
        color=look.colour,
        linestyle=look.dashes,
        marker=look.marker,
        markevery=max(1, len(values) // 10),
    )


def epoch_ticks(epochs):
    """Up to a dozen epochs to number, the first among them."""
    step = next(
        step for step in (1, 5, 10, 20, 50, 100, 200, 500, 1000, epochs) if step * 10 >= epochs
    )
    return sorted({1, *range(step, epochs + 1, step)})


def _label_curves(axes, curves):
    """Name each curve at its last finite value."""
    ends = []
    for curve, values in curves.items():
        finite = np.flatnonzero(np.isfinite(values))
        if finite.size:
            last = values[finite[-1]]
            text = f"{curve}\n{number(last)}"
            ends.append(End(finite[-1] + 1, last, text, LOOKS[curve]))
    if not ends:
        axes.set_yticks([])
    else:
        label_line_ends(axes, ends, width=0.3 * WIDTH, height=0.7 * HEIGHT)


def when_not_finite(values):
    """In which epochs the values are NaN or infinite."""
    gaps = np.flatnonzero(~np.isfinite(values)) + 1
    if len(gaps) == len(values) - gaps[0] + 1:
        return f"from epoch {gaps[0]} on"
    return f"in epoch {listed(gaps)}"


def _history_words(panels):
    """What is seen in a training history."""
    epochs = len(panels["loss"]["training"])
    words = [f"Learning curves over {counted(epochs, 'epoch')}: {listed(panels)}."]
    for name, curves in panels.items():
        runs = [f"{curve} {_run(values)}" for curve, values in curves.items()]
        words.append(f"{capitalised(name)}: {'; '.join(runs)}.")
        if "validation" in curves:
            words.append(_validation_words(name, curves["validation"]))
    return " ".join(word for word in words if word)


def _run(values):
    """How one metric runs from the first epoch to the last."""
    if not np.isfinite(values).all():
        return f"is not a finite number {when_not_finite(values)}, so the training has diverged"
    if len(values) == 1:
        return f"is {number(values[0])}"
    return trend(values, np.arange(1, len(values) + 1), "epoch")


def _validation_words(name, values):
    """Whether validation improves."""
    if len(values) == 1 or not np.isfinite(values).all():
        return ""
    goodness = -values if name == "loss" else values
    best = int(goodness.argmax())
    if goodness[-1] > goodness[:-1].max():
        return f"Validation {name} is best in the last epoch: it still improves."
    if best == 0:
        return f"Validation {name} does not improve after the first epoch."
    return f"Validation {name} is best in epoch {best + 1} and does not improve after it."
