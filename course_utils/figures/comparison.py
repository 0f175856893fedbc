"""Several trainings in one panel."""

from collections.abc import Mapping

import numpy as np

from ..arguments import named
from .history import check_epochs, draw_curve, epoch_ticks, epoch_values, when_not_finite
from .line_ends import End, label_line_ends
from .picture import Picture
from .style import (
    LINES,
    SMALL_SIZE,
    TEXT_SIZE,
    TRAINING_LINE,
    VALIDATION_LINE,
    WIDTH,
    WRONG,
    Line,
    course_style,
    new_figure,
    points,
    shortened,
)
from .words import capitalised, counted, listed, number, quoted, trend

HEIGHT = 400
# A run keeps its colour and marker; dashes tell validation from training, as in all our figures.
RUNS = tuple(
    zip(
        [*(line.colour for line in LINES), "#5b3fae", "#7a3b1d"],
        ("o", "s", "^", "D", "v", "P", "X", "*"),
        strict=True,
    )
)
DASHES = {"training": TRAINING_LINE.dashes, "validation": VALIDATION_LINE.dashes}


@course_style()
def compare_histories(histories, metric="loss"):
    """Show one metric of several trainings epoch by epoch, each with its name at its end.

    Each training has a colour and a marker; lines of training are solid, of validation dashed.
    Where both are drawn, the name stands once, and below it is written which one is validation.

    Parameters
    ----------
    histories : dict of str to keras.callbacks.History or dict of str to list of float
        Name and history of up to eight trainings, which may have different numbers of epochs. A
        history is what ``model.fit`` returns, or its ``history`` attribute. Values that are not
        finite leave a gap and a note. Not changed.
    metric : str
        Such as ``"loss"`` or ``"accuracy"``; its validation is drawn too where it was measured.
        ``"val_loss"`` or ``"val_accuracy"`` draws the validation alone.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``histories`` is no dict, a name or ``metric`` no string, a history neither of the two,
        or its values are no numbers.
    ValueError
        If there are no or more than eight trainings, or a history has no values of the metric or
        not one an epoch.
    """
    if not isinstance(metric, str):
        raise TypeError(
            f"metric should be a string; got {type(metric).__name__}. Use 'loss' or 'accuracy'."
        )
    runs = _checked_runs(histories, metric)
    alone = metric.startswith("val_")
    figure = new_figure(WIDTH, HEIGHT)
    axes = figure.add_subplot()
    ends = []
    for (name, curves), (colour, marker) in zip(runs.items(), RUNS, strict=False):
        looks = {curve: Line(colour, DASHES[curve], marker) for curve in curves}
        for curve, values in curves.items():
            draw_curve(axes, f"{name}, {curve}", values, looks[curve])
        ends.append(_run_ends(name, curves, looks))
    ends = [group for group in ends if group]
    epochs = max(len(values) for curves in runs.values() for values in curves.values())
    margin = max(0.03 * (epochs - 1), 0.03)
    axes.set(xlabel="epoch", xticks=epoch_ticks(epochs), xlim=(1 - margin, epochs + margin))
    axes.grid(axis="y")
    drawn = {curve for curves in runs.values() for curve in curves}
    axes.set_title(_headline(metric, drawn, alone))
    _note_gaps(axes, runs)
    if ends:
        label_line_ends(axes, ends, width=0.7 * WIDTH, height=0.8 * HEIGHT)
    else:
        axes.set_yticks([])
    return Picture(figure, _comparison_words(metric, runs, epochs))


def _checked_runs(histories, metric):
    """Run to its curves, a curve being a name and a value an epoch; or an error."""
    example = '{"batch size 64": history}'
    if isinstance(histories, Mapping) and "loss" in histories:
        raise TypeError(
            f"histories should be a dict from name to history; got one history. Write {example}."
        )
    named(histories, "histories", "name to history", example, most=len(RUNS))
    wanted = {"training": metric, "validation": f"val_{metric}"}
    if metric.startswith("val_"):
        wanted = {"validation": metric}
    runs = {}
    for name, history in histories.items():
        values = getattr(history, "history", history)
        if not isinstance(values, Mapping):
            raise TypeError(
                f"histories[{name!r}] should be what model.fit returns, or its .history dict; "
                f"got {type(history).__name__}. Keep it: history = model.fit(...)."
            )
        if metric not in values:
            raise ValueError(
                f"histories[{name!r}] should have values for {metric!r}; got "
                f"{listed(values) if values else 'none'}. Choose one of those, or train with it."
            )
        runs[name] = {
            curve: epoch_values(values[key], f"histories[{name!r}][{key!r}]")
            for curve, key in wanted.items()
            if key in values
        }
        check_epochs(runs[name].values(), f"histories[{name!r}]")
    return runs


def _headline(metric, drawn, alone):
    """What is shown, and what the dashes mean."""
    name = capitalised(metric.removeprefix("val_").replace("_", " "))
    if alone:
        return f"{name}, validation"
    if drawn == {"training"}:
        return f"{name}, training"
    return f"{name}: training solid, validation dashed"


def _run_ends(name, curves, looks):
    """The ends of a run's curves that have any: the name with the first of them, once."""
    finite = {curve: np.flatnonzero(np.isfinite(values)) for curve, values in curves.items()}
    ends = []
    for curve, places in finite.items():
        if not places.size:
            continue
        last = places[-1]
        told = curve if ends else shortened(name, WIDTH / 4, TEXT_SIZE)
        text = f"{told}  {number(curves[curve][last])}"
        ends.append(End(last + 1, curves[curve][last], text, looks[curve]))
    return ends


def _note_gaps(axes, runs):
    """Say below the headline which runs have values that are not finite."""
    notes = [
        f"{name}: not a finite number {when_not_finite(values)}"
        for name, curves in runs.items()
        for values in curves.values()
        if not np.isfinite(values).all()
    ]
    for line, note in enumerate(dict.fromkeys(notes)):
        axes.annotate(
            shortened(note, WIDTH / 2, SMALL_SIZE),
            xy=(0, 1),
            xycoords="axes fraction",
            xytext=(4, -4 - 13 * line),
            textcoords="offset points",
            color=WRONG,
            fontsize=points(SMALL_SIZE),
            verticalalignment="top",
        )


def _comparison_words(metric, runs, epochs):
    """What is seen in a comparison of trainings."""
    shown = metric.removeprefix("val_").replace("_", " ")
    words = [
        f"Line plot of {shown} against epoch, up to {counted(epochs, 'epoch')}, "
        f"for {listed(map(quoted, runs))}."
    ]
    for name, curves in runs.items():
        words.append(f"{quoted(name)}: {'; '.join(_run(*curve) for curve in curves.items())}.")
    lasts = {
        name: curves.get("validation", curves.get("training"))[-1] for name, curves in runs.items()
    }
    if len(runs) > 1 and np.isfinite(list(lasts.values())).all():
        curve = "validation " if all("validation" in curves for curves in runs.values()) else ""
        low, high = min(lasts, key=lasts.get), max(lasts, key=lasts.get)
        words.append(
            f"In the last epoch {curve}{shown} is lowest for {quoted(low)}, {number(lasts[low])}, "
            f"and highest for {quoted(high)}, {number(lasts[high])}."
        )
    return " ".join(words)


def _run(curve, values):
    """How one curve runs from the first epoch to the last."""
    if not np.isfinite(values).all():
        return f"{curve} is not a finite number {when_not_finite(values)}"
    if len(values) == 1:
        return f"{curve} is {number(values[0])}"
    return f"{curve} {trend(values, np.arange(1, len(values) + 1), 'epoch')}"
