"""Gradient descent over two weights: the loss as a map with contour lines, and paths on it."""

import numpy as np

from ..arguments import named, number_matrix
from .descent import MOST_PANELS, check_labels, check_walk, draw_walk, rising, write_title
from .picture import Picture
from .shades import shade_map
from .style import (
    INK,
    PAPER,
    QUIET,
    TITLE_SIZE,
    WIDTH,
    WRONG,
    course_style,
    new_figure,
    points,
)
from .words import counted, listed, number, quoted

HEIGHT = {1: 430, 2: 390, 3: 320}
LEVELS = 12


@course_style()
def loss_map(across, up, losses, paths, xlabel="weight", ylabel="bias"):
    """Draw a loss over two weights as a map, like hills in an atlas, and paths on it.

    The darker, the larger the loss; contour lines join places of equal loss, each half as far
    above the lowest place as the next one out. A cross marks the lowest place. A path starts at a
    square, and has a dot for each stop.

    Parameters
    ----------
    across, up : ndarray, shape (n,) and (m,), integer or float, rising, at least 2
        The values of both weights. Not changed.
    losses : ndarray, shape (m, n), integer or float
        The loss at each pair of them. Not changed.
    paths : dict of str to ndarray, shape (stops, 2), integer or float; one to three
        Title to both weights at each stop, the start first; each has a panel of its own. Stops
        after the start may lie outside of the map. Not changed.
    xlabel, ylabel : str

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``across``, ``up``, ``losses`` or a path is no array of numbers, ``paths`` no dict, or a
        label no string.
    ValueError
        If ``across`` or ``up`` do not rise, ``losses`` has another shape or is not finite, a path
        has another shape or starts outside of the map, or there are none or more than three.
    """
    rising(across, "across")
    rising(up, "up")
    losses = number_matrix(losses, "losses")
    if losses.shape != (len(up), len(across)):
        raise ValueError(
            f"losses should have a row for each of the {len(up)} values of up and a column for "
            f"each of the {len(across)} of across; got {losses.shape}. Is it turned round? "
            "Use losses.T."
        )
    named(paths, "paths", "title to stops", '{"SGD": stops}', most=MOST_PANELS)
    for title, stops in paths.items():
        check_walk(stops, f"paths[{title!r}]", [(across[0], across[-1]), (up[0], up[-1])])
    check_labels({"xlabel": xlabel, "ylabel": ylabel})
    figure = new_figure(WIDTH if len(paths) > 1 else 0.72 * WIDTH, HEIGHT[len(paths)])
    panels = figure.subplots(ncols=len(paths), sharey=True, squeeze=False)[0]
    for axes, (title, stops) in zip(panels, paths.items(), strict=True):
        _draw_hills(axes, across, up, losses)
        draw_walk(axes, stops, WRONG)
        write_title(axes, title, WIDTH / len(paths) - 40)
        axes.set_xlabel(xlabel, fontsize=points(TITLE_SIZE))
        axes.tick_params(labelsize=points(TITLE_SIZE))
        axes.locator_params(nbins=5)
    panels[0].set_ylabel(ylabel, fontsize=points(TITLE_SIZE))
    return Picture(figure, _words(across, up, losses, paths, xlabel, ylabel))


def _draw_hills(axes, across, up, losses):
    """Draw shades, contour lines and the lowest place."""
    above = losses - losses.min()
    levels = (above.max() or 1.0) / 2.0 ** np.arange(LEVELS, 0, -1)
    axes.imshow(
        np.log2(np.maximum(above, levels[0])),
        cmap=shade_map(),
        origin="lower",
        aspect="auto",
        extent=(across[0], across[-1], up[0], up[-1]),
        alpha=0.45,
        interpolation="bilinear",
    )
    if above.any():  # a flat land has no contour lines, and Matplotlib would warn
        axes.contour(across, up, above, levels=levels, colors=QUIET, linewidths=points(0.9))
    row, column = np.unravel_index(np.argmin(losses), losses.shape)
    axes.plot(across[column], up[row], "X", color=INK, markeredgecolor=PAPER, markersize=points(13))


def _words(across, up, losses, paths, xlabel, ylabel):
    """What is seen: the shape of the land, and how each path goes."""
    row, column = np.unravel_index(np.argmin(losses), losses.shape)
    words = (
        f"Map of the loss over {xlabel}, from {number(across[0])} to {number(across[-1])}, and "
        f"{ylabel}, from {number(up[0])} to {number(up[-1])}, with contour lines around the lowest "
        f"place near {xlabel} {number(across[column])}, {ylabel} {number(up[row])}, and "
        f"{counted(len(paths), 'path')}: {listed(map(quoted, paths))}."
    )
    lowest = np.array([across[column], up[row]])
    size = np.array([np.ptp(across), np.ptp(up)])
    runs = (_path_words(title, stops, lowest, size) for title, stops in paths.items())
    return " ".join([words, *runs])


def _path_words(title, stops, lowest, size):
    """How one path goes: where it ends, and how crooked it is."""
    steps = np.diff(stops, axis=0) / size
    length = np.sqrt((steps**2).sum(axis=1)).sum()
    straight = np.sqrt((((stops[-1] - stops[0]) / size) ** 2).sum())
    missing = np.sqrt((((stops[-1] - lowest) / size) ** 2).sum())
    where = f"ends at {number(stops[-1, 0])}, {number(stops[-1, 1])} after "
    near = ", close to the lowest place" if missing < 0.05 else ""
    if len(stops) == 1:
        return f"{quoted(title)} is only its start, {number(stops[0, 0])}, {number(stops[0, 1])}."
    crooked = length / max(straight, 1e-12)
    way = f", on a way {number(crooked)} times as long as the straight one" if crooked > 1.2 else ""
    return f"{quoted(title)} {where}{counted(len(stops) - 1, 'step')}{near}{way}."
