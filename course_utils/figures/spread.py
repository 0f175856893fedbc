"""Curves whose every point was measured several times."""

import numpy as np

from ..arguments import finite, named, number_array
from .line_ends import End, label_line_ends
from .picture import Picture
from .style import LINES, PAPER, TEXT_SIZE, WIDTH, course_style, new_figure, points, shortened
from .words import capitalised, listed, number, quoted

HEIGHT = 400
ROUND, SQUARE, TRIANGLE, DIAMOND, DOWN, CROSS = "o", "s", "^", "D", "v", "P"
MARKERS = (ROUND, SQUARE, TRIANGLE, DIAMOND, DOWN, CROSS)
APART = 0.012  # of the figure's width: ranges at one place stand side by side


@course_style()
def spread_curves(x, runs, xlabel="", ylabel="", title=""):
    """Draw the mean of several runs as a line, and the range of the runs at each of its points.

    Parameters
    ----------
    x : ndarray, shape (n,), float or integer, rising from above 0, n at least 2
        Drawn on a logarithmic axis: equal steps are equal factors. Not changed.
    runs : dict of str to ndarray, shape (n, m), float or integer
        Name of each curve and its m runs at each place; one to six curves, with their own numbers
        of runs. Not changed.
    xlabel, ylabel, title : str, optional

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``x`` or the runs are no arrays of numbers, ``runs`` no dict, or a name no string.
    ValueError
        If ``x`` does not rise from above 0, there are no or more than six curves, the runs have not
        one row for each value of ``x``, or a value is not finite.
    """
    _check_places(x)
    _check_runs(runs, len(x))
    for name, text in (("xlabel", xlabel), ("ylabel", ylabel), ("title", title)):
        if not isinstance(text, str):
            raise TypeError(f"{name} should be a string; got {type(text).__name__}. Use str(...).")
    figure = new_figure(WIDTH, HEIGHT)
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.grid(axis="y")
    ends = []
    for place, (name, values) in enumerate(runs.items()):
        look = LINES[place]._replace(marker=MARKERS[place])
        apart = (x[-1] / x[0]) ** (APART * (place - (len(runs) - 1) / 2))
        _draw_runs(axes, x * apart, values, look)
        short = shortened(name, WIDTH / 3.5, TEXT_SIZE)
        ends.append(End(x[-1] * apart, values[-1].mean(), short, look))
    axes.set_xticks(x, [number(value) for value in x])
    axes.minorticks_off()
    margin = (x[-1] / x[0]) ** 0.06
    axes.set(xlim=(x[0] / margin, x[-1] * margin))
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    label_line_ends(axes, ends, width=0.75 * WIDTH, height=0.8 * HEIGHT)
    return Picture(figure, _spread_words(x, runs, xlabel, ylabel, title))


def _check_places(x):
    """Refuse anything but rising numbers above 0."""
    number_array(x, "x")
    if x.ndim != 1 or len(x) < 2:
        raise ValueError(
            f"x should have shape (n,) with n at least 2; got {x.shape}. Measure at two places."
        )
    finite(x, "x")
    if x[0] <= 0 or (np.diff(x) <= 0).any():
        raise ValueError(
            f"x should rise from above 0, for its logarithmic axis; got {x.tolist()}. Sort it."
        )


def _check_runs(runs, count):
    """Refuse anything but names with a row of runs for each place."""
    named(runs, "runs", "name to runs", '{"pixels": accuracies}', most=len(MARKERS))
    for name, values in runs.items():
        number_array(values, f"runs[{name!r}]")
        if values.ndim != 2 or len(values) != count or values.shape[1] == 0:
            raise ValueError(
                f"runs[{name!r}] should have a row of runs for each of the {count} values of x; "
                f"got shape {values.shape}. Stack them with np.array([...])."
            )
        finite(values, f"runs[{name!r}]")


def _draw_runs(axes, x, values, look):
    """The line through the means, and from lowest to highest at each place."""
    axes.vlines(x, values.min(axis=1), values.max(axis=1), color=look.colour, linewidth=points(2))
    axes.plot(
        x,
        values.mean(axis=1),
        color=look.colour,
        linestyle=look.dashes,
        marker=look.marker,
        markerfacecolor=PAPER,
        markeredgewidth=points(1.8),
        markersize=points(9),
    )


def _spread_words(x, runs, xlabel, ylabel, title):
    """What is seen in a panel of curves with ranges."""
    across, up = xlabel or "x", ylabel or "y"
    counts = sorted({values.shape[1] for values in runs.values()})
    many = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    start = f"{title}: line plot" if title else "Line plot"
    words = [
        f"{start} of {up} against {across}, {listed(map(number, x))} on a logarithmic axis; mean "
        f"and range of {many} run{'s' * (counts[-1] > 1)} for {listed(map(quoted, runs))}."
    ]
    for name, values in runs.items():
        stops = (
            f"{number(row.mean())} ({number(row.min())} to {number(row.max())})" for row in values
        )
        words.append(f"{capitalised(quoted(name))}: {listed(stops)}.")
    best = [max(runs, key=lambda name: runs[name][place].mean()) for place in (0, -1)]
    if len(runs) > 1:
        words.append(
            f"The highest mean is that of {quoted(best[0])} at {number(x[0])} and of "
            f"{quoted(best[1])} at {number(x[-1])}."
        )
    return " ".join(words)
