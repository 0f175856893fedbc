"""How alike classes are, as a clustered heatmap."""

import numpy as np

from ..arguments import class_table, finite, text_list
from .picture import Picture
from .shades import shade_map, text_colour
from .style import (
    SMALL_SIZE,
    TEXT_SIZE,
    WIDTH,
    course_style,
    points,
    shortened,
    text_width,
)
from .words import listed

MOST_CLASSES = 20
LARGEST_CELL = 64
LARGEST_NAME = 130
HEAD = 34
ROUNDING = 1e-6


@course_style()
def class_correlation(correlation, class_names):
    """Show the correlations of classes, with classes that are alike next to each other.

    Seaborn's ``clustermap`` finds the order: it joins the two most similar rows, then goes on with
    what is left (average linkage, Euclidean distance). The darker a cell, the more alike.

    Parameters
    ----------
    correlation : ndarray, shape (classes, classes), float, values -1 to 1
        Symmetric, as ``np.corrcoef`` gives it. Not changed.
    class_names : list or tuple of str, 2 to 20

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``correlation`` is no array of floats, or ``class_names`` no list of strings.
    ValueError
        If there are too few or too many classes, or ``correlation`` is not one row and one column
        a class, not symmetric, not finite or not between -1 and 1.
    """
    names = text_list(class_names)
    if not 2 <= len(names) <= MOST_CLASSES:
        raise ValueError(
            f"class_names should be 2 to {MOST_CLASSES}, for the numbers to be readable; got "
            f"{len(names)}. Choose some of the classes."
        )
    _check_correlation(correlation, len(names))
    name_width = min(LARGEST_NAME, max(text_width(name, SMALL_SIZE) for name in names))
    shown_names = [shortened(name, name_width, SMALL_SIZE) for name in names]
    cell = min(LARGEST_CELL, (WIDTH - name_width - 20) / len(names))
    width = name_width + 20 + cell * len(names)
    height = HEAD + cell * len(names) + name_width * 0.75 + 16
    grid = _clustered(correlation, shown_names, cell, (width, height))
    axes = grid.ax_heatmap
    axes.set_position(
        [
            (name_width + 12) / width,
            1 - (HEAD + cell * len(names)) / height,
            cell * len(names) / width,
            cell * len(names) / height,
        ]
    )
    axes.set_title("Correlation r of the classes", x=-(name_width + 4) / width)
    order = grid.dendrogram_row.reordered_ind
    return Picture(grid.figure, _correlation_words(correlation, names, order))


def _clustered(correlation, names, cell, size):
    """Seaborn's clustermap of a table, without trees and colour bar."""
    # Seaborn draws with pyplot; both are imported by this figure only, and only when it is drawn.
    import seaborn
    from matplotlib import pyplot

    with pyplot.ioff():
        grid = seaborn.clustermap(
            correlation,
            figsize=[pixels / 100 for pixels in size],
            cmap=shade_map(),
            vmin=min(0, correlation.min()),
            vmax=1,
            annot=True,
            fmt=".2f",
            annot_kws={"fontsize": points(min(TEXT_SIZE, 0.3 * cell))},
            linewidths=points(1),
            xticklabels=names,
            yticklabels=names,
            cbar_pos=None,
        )
    # Like all figures of the course this one is not known to pyplot, or it would be shown twice.
    pyplot.close(grid.figure)
    for tree in (grid.ax_row_dendrogram, grid.ax_col_dendrogram):
        tree.set_visible(False)
    axes = grid.ax_heatmap
    axes.yaxis.tick_left()
    axes.tick_params(length=0)
    [cells] = axes.collections
    for text, shade in zip(axes.texts, cells.get_facecolors(), strict=True):
        text.set_color(text_colour(shade))
    for label in axes.get_xticklabels():
        label.set(rotation=40, horizontalalignment="right", rotation_mode="anchor")
    for label in axes.get_yticklabels():
        label.set(rotation=0)
    return grid


def _check_correlation(correlation, classes):
    """Refuse what is no table of correlations."""
    mend = "Use np.corrcoef on one row for each class."
    class_table(correlation, classes, "correlation", mend)
    if not np.issubdtype(correlation.dtype, np.floating):
        raise TypeError(
            f"correlation should be float, -1 to 1; got {correlation.dtype}. "
            "Pass what np.corrcoef gives, before rounding."
        )
    mend = "A row whose values are all equal has no correlation: leave it out."
    finite(correlation, "correlation", mend)
    if np.abs(correlation).max() > 1 + ROUNDING:
        raise ValueError(
            "correlation should lie between -1 and 1; got values up to "
            f"{np.abs(correlation).max():.3g}. If these are percent, divide by 100."
        )
    if not np.allclose(correlation, correlation.T, rtol=0, atol=ROUNDING):
        raise ValueError(
            "correlation should be symmetric, as A is to B like B to A; got other values below "
            "the diagonal than above. Use np.corrcoef."
        )


def _correlation_words(correlation, names, order):
    """What is seen in the heatmap."""
    ones, others = np.triu_indices(len(names), k=1)
    values = correlation[ones, others]
    ranking = np.argsort(-values, kind="stable")

    def pair(place):
        number = f"{values[place]:.2f}".replace("-", "−")
        return f"{names[ones[place]]} and {names[others[place]]} ({number})"

    words = (
        f"Heatmap of the correlations of {len(names)} classes, similar classes next to each "
        f"other: {listed(names[place] for place in order)}. "
        f"Most alike are {listed(map(pair, ranking[:3]))}"
    )
    return f"{words}; least alike are {pair(ranking[-1])}." if len(names) > 2 else f"{words}."
