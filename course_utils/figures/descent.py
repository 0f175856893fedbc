"""Gradient descent over one weight: a loss as a curve, and walks that go down on it."""

import numpy as np

from ..arguments import finite, named, number_array
from .picture import Picture
from .style import (
    INK,
    LINES,
    PAPER,
    QUIET,
    TITLE_SIZE,
    WIDTH,
    WRONG,
    course_style,
    new_figure,
    points,
    shortened,
)
from .words import counted, number, quoted

MOST_PANELS = 3
HEIGHT = 340
MOST_DOTS = 30  # more stops than this get smaller dots


@course_style()
def loss_walks(weights, losses, walks, xlabel="weight", ylabel="loss"):
    """Draw a loss as a curve over one weight, and walks on it, side by side on one scale.

    The start of a walk is a square, each stop a dot; a line joins them in their order. A note says
    after which step a walk leaves the picture, if it does.

    Parameters
    ----------
    weights : ndarray, shape (n,), integer or float, rising, n at least 2
        Not changed.
    losses : ndarray, shape (n,), integer or float
        The loss at each of these weights. Not changed.
    walks : dict of str to ndarray, shape (stops, 2), integer or float; one to three
        Title to the weight and the loss at each stop, the start first; stops after the start may
        lie outside of the curve or be infinite or NaN. Not changed.
    xlabel, ylabel : str

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``weights``, ``losses`` or a walk is no array of numbers, ``walks`` no dict, or a label
        no string.
    ValueError
        If ``weights`` do not rise, ``losses`` are not one a weight, values of the curve are not
        finite, a walk has another shape or does not start on the curve, or there are none or more
        than three walks.
    """
    _check_curve(weights, losses)
    named(walks, "walks", "title to stops", '{"steps of 0.1": stops}', most=MOST_PANELS)
    for title, stops in walks.items():
        check_walk(stops, f"walks[{title!r}]", [(weights[0], weights[-1])])
    check_labels({"xlabel": xlabel, "ylabel": ylabel})
    figure = new_figure(WIDTH, HEIGHT)
    panels = figure.subplots(ncols=len(walks), sharey=True, squeeze=False)[0]
    margin = 0.06 * np.ptp(losses)
    for axes, (title, stops) in zip(panels, walks.items(), strict=True):
        axes.plot(weights, losses, color=QUIET, linewidth=points(3))
        axes.set(xlim=(weights[0], weights[-1]), ylim=(losses.min() - margin, losses.max()))
        draw_walk(axes, stops)
        write_title(axes, title, WIDTH / len(walks) - 30)
        axes.set_xlabel(xlabel, fontsize=points(TITLE_SIZE))
        axes.tick_params(labelsize=points(TITLE_SIZE))
        axes.locator_params(nbins=4)
        _note_when_it_leaves(axes, stops)
    panels[0].set_ylabel(ylabel, fontsize=points(TITLE_SIZE))
    return Picture(figure, _words(weights, losses, walks, xlabel, ylabel))


def draw_walk(axes, stops, colour=LINES[0].colour):
    """Draw a walk: a square at its start, a dot at each stop, and a line from stop to stop.

    It is cut off where it is far outside of the panel; what is near outside is clipped.
    """
    axes.set_autoscale_on(False)
    far = 20 * np.abs([*axes.get_xlim(), *axes.get_ylim()]).max()
    wild = np.flatnonzero(~(np.abs(stops) < far).all(axis=1))
    shown = stops[: wild[0]] if wild.size else stops
    size = points(8 if len(stops) <= MOST_DOTS else 3.5)
    axes.plot(*shown.T, "-o", color=colour, linewidth=points(1.6), markersize=size, zorder=3)
    axes.plot(
        *shown[:1].T,
        "s",
        color=PAPER,
        markeredgecolor=INK,
        markeredgewidth=points(2.5),
        markersize=points(12),
        zorder=4,
    )


def write_title(axes, title, width):
    """Write a panel's title, cut off where its room of so many pixels ends."""
    axes.set_title(shortened(title, width, TITLE_SIZE, "bold"))


def check_walk(stops, name, ranges):
    """Refuse what is no walk that starts within the ranges, one (low, high) a weight."""
    number_array(stops, name)
    if stops.ndim != 2 or stops.shape[1] != 2 or len(stops) == 0:
        raise ValueError(
            f"{name} should have shape (stops, 2), the start first; got {stops.shape}. "
            "Use np.stack([...], axis=1) on both columns."
        )
    for value, (low, high) in zip(stops[0], ranges, strict=False):
        if not low <= value <= high:
            raise ValueError(
                f"{name} should start between {low:g} and {high:g}; got {value:g}. "
                "Draw a wider range of weights."
            )


def check_labels(labels):
    """Refuse labels, name to text, that are no strings."""
    for name, text in labels.items():
        if not isinstance(text, str):
            raise TypeError(f"{name} should be a string; got {type(text).__name__}. Use str(...).")


def rising(values, name):
    """Refuse what is no row of finite numbers that rise, two at least."""
    number_array(values, name)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(
            f"{name} should have shape (n,), n at least 2; got {values.shape}. Use np.linspace."
        )
    finite(values, name)
    if (np.diff(values) <= 0).any():
        raise ValueError(f"{name} should rise; got values that do not. Use np.sort or np.linspace.")


def _check_curve(weights, losses):
    """Refuse what is no curve."""
    rising(weights, "weights")
    number_array(losses, "losses")
    if losses.shape != weights.shape:
        raise ValueError(
            f"losses should have a value for each of the {len(weights)} weights; got shape "
            f"{losses.shape}. Compute them from weights."
        )
    finite(losses, "losses")


def _first_outside(axes, stops):
    """The first stop that is not in the panel, or None."""
    (left, right), (_, top) = axes.get_xlim(), axes.get_ylim()
    inside = (stops[:, 0] >= left) & (stops[:, 0] <= right) & (stops[:, 1] <= top)
    outside = np.flatnonzero(~inside)
    return int(outside[0]) if outside.size else None


def _note_when_it_leaves(axes, stops):
    """Write after how many steps a walk leaves the picture, if it does."""
    step = _first_outside(axes, stops)
    if step is not None:
        note = f"step {step} leads\nout of here"
        axes.text(
            0.5,
            0.97,
            note,
            transform=axes.transAxes,
            ha="center",
            va="top",
            color=WRONG,
            fontsize=points(TITLE_SIZE),
            zorder=5,
            bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 2},
        )


def _words(weights, losses, walks, xlabel, ylabel):
    """What is seen: the curve, and how each walk goes."""
    lowest = weights[np.argmin(losses)]
    words = (
        f"{ylabel.capitalize()} as a curve over {xlabel}, from {number(weights[0])} to "
        f"{number(weights[-1])}, lowest near {number(lowest)}, with the stops of "
        f"{counted(len(walks), 'walk')}."
    )
    return " ".join([words, *(walk_words(title, stops, lowest) for title, stops in walks.items())])


def walk_words(title, stops, lowest):
    """How one walk over a weight goes, in a sentence."""
    start, end = stops[0], stops[-1]
    begins = f"{quoted(title)} starts at {number(start[0])} with a loss of {number(start[1])} and"
    steps = counted(len(stops) - 1, "step")
    if not np.isfinite(end).all() or end[1] > start[1]:
        return f"{begins} is thrown further away at each side: the loss grows over {steps}."
    crosses = (np.diff(np.sign(stops[:, 0] - lowest)) != 0).any() and len(stops) > 2
    how = ", jumping over the lowest place on the way" if crosses else ""
    return f"{begins} is at {number(end[0])} with {number(end[1])} after {steps}{how}."
