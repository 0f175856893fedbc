"""Which class is taken for which."""

import numpy as np

from ..arguments import class_table, text_list
from .picture import Picture
from .shades import shade_map, text_colour
from .style import (
    FAINT,
    INK,
    QUIET,
    SMALL_SIZE,
    TEXT_SIZE,
    TITLE_SIZE,
    WIDTH,
    WRONG,
    course_style,
    drawing_board,
    points,
    shortened,
    text_width,
)
from .words import counted, listed, percent

MOST_CLASSES = 20
LARGEST_CELL = 64
LARGEST_NAME = 130
MARGIN = 8
AXIS_TITLE = 20
HEAD = 56
SLOPE = 40  # degrees by which the names of the columns rise
NOTE = "large: share of the row; small: count; empty: none"


@course_style()
def confusion_matrix(counts, class_names):
    """Show which class is taken for which: a row a true class, a column a predicted one.

    A cell's large number is the share of its row, the small one below it the count; a cell without
    images is empty. Shades grow with the root of the share, so that rare mistakes can be seen. The
    most frequent mistake has a thick dashed frame and is named above the table.

    Parameters
    ----------
    counts : ndarray, shape (classes, classes), any integer dtype, 0 or more
        ``counts[i, j]`` images of class i were predicted to be of class j. Not changed.
    class_names : list or tuple of str, 2 to 20

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``counts`` is no array of integers, or ``class_names`` no list of strings.
    ValueError
        If there are too few or too many classes, or ``counts`` is not one row and one column a
        class, is negative somewhere or zero everywhere.
    """
    names = text_list(class_names)
    if not 2 <= len(names) <= MOST_CLASSES:
        raise ValueError(
            f"class_names should be 2 to {MOST_CLASSES}, for the numbers to be readable; got "
            f"{len(names)}. Choose some of the classes."
        )
    _check_counts(counts, len(names))
    counts = counts.astype(np.int64)
    rates = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    mistakes = _mistakes(counts)
    headline, worst = _headline(counts), "No mistakes"
    if mistakes:
        worst = f"Most frequent mistake: {_mistake_words(counts, names, mistakes[0])}"
    name_width = min(LARGEST_NAME, max(text_width(name, TEXT_SIZE) for name in names))
    left = MARGIN + AXIS_TITLE + name_width + 6
    cell = min(LARGEST_CELL, (WIDTH - left - MARGIN) / len(names))
    widest = max(
        left + cell * len(names),
        MARGIN + text_width(headline, TITLE_SIZE, "bold"),
        MARGIN + text_width(worst, TEXT_SIZE),
        MARGIN + text_width(NOTE, SMALL_SIZE),
    )
    bottom = HEAD + cell * len(names)
    foot = 5 + (name_width + TEXT_SIZE) * np.sin(np.radians(SLOPE)) + 2 * AXIS_TITLE + MARGIN
    figure, axes = drawing_board(min(widest + MARGIN, WIDTH), bottom + foot)
    _write_head(axes, headline, worst, WRONG if mistakes else INK)
    _draw_cells(axes, left, cell, counts, rates)
    if mistakes:
        _frame(axes, left, cell, mistakes[0])
    _write_names(axes, left, cell, names, name_width)
    _write_foot(axes, left + cell * len(names) / 2, bottom + foot)
    return Picture(figure, _confusion_words(counts, names))


def _check_counts(counts, classes):
    """Refuse what is no table of counts."""
    mend = "Count true classes in rows, predicted ones in columns."
    class_table(counts, classes, "counts", mend)
    if not np.issubdtype(counts.dtype, np.integer):
        raise TypeError(
            f"counts should be whole numbers of images; got {counts.dtype}. "
            "Pass counts, not shares: these are computed here."
        )
    if counts.min() < 0 or counts.max() == 0:
        what = counts.min() if counts.min() < 0 else "zeros only"
        raise ValueError(
            f"counts should be 0 or more, and not all 0; got {what}. Count at least one image."
        )


def _mistakes(counts):
    """Cells of all mistakes that occur, the most frequent first."""
    cells = [(int(row), int(column)) for row, column in np.argwhere(counts) if row != column]
    return sorted(cells, key=lambda cell: -counts[cell])


def _write_head(axes, headline, worst, colour):
    """How many are right, and the most frequent mistake."""
    look = {"verticalalignment": "top"}
    axes.text(MARGIN, 6, headline, fontsize=points(TITLE_SIZE), fontweight="bold", **look)
    axes.text(MARGIN, 29, shortened(worst, WIDTH - 2 * MARGIN, TEXT_SIZE), color=colour, **look)


def _write_foot(axes, middle, bottom):
    """What the columns are, and what the numbers are."""
    axes.text(
        middle,
        bottom - MARGIN - 1.5 * AXIS_TITLE,
        "predicted class",
        horizontalalignment="center",
        verticalalignment="center",
    )
    axes.text(MARGIN, bottom - MARGIN, NOTE, fontsize=points(SMALL_SIZE), color=QUIET)


def _draw_cells(axes, left, cell, counts, rates):
    """Every cell with its shade and, unless it is empty, its share of the row and its count."""
    from matplotlib.patches import Rectangle

    shade_of = shade_map()
    size = min(TITLE_SIZE, 0.9 * cell * TITLE_SIZE / text_width("99.9 %", TITLE_SIZE))
    for (row, column), count in np.ndenumerate(counts):
        x, y = left + column * cell, HEAD + row * cell
        rate = rates[row, column]
        shade = shade_of(np.sqrt(rate))
        axes.add_patch(
            Rectangle((x, y), cell, cell, facecolor=shade, edgecolor=FAINT, linewidth=points(0.7))
        )
        texts = [(percent(rate), 0.38, size), (f"{count:,}", 0.74, 0.85 * size)] if count else []
        for text, height, largest in texts:
            fitting = min(1, 0.9 * cell / text_width(text, largest))
            axes.text(
                x + cell / 2,
                y + height * cell,
                text,
                color=text_colour(shade),
                fontsize=points(largest * fitting),
                horizontalalignment="center",
                verticalalignment="center",
            )


def _frame(axes, left, cell, place):
    """A thick dashed frame around a cell."""
    from matplotlib.patches import Rectangle

    row, column = place
    axes.add_patch(
        Rectangle(
            (left + column * cell, HEAD + row * cell),
            cell,
            cell,
            fill=False,
            edgecolor=WRONG,
            linestyle=(0, (3, 1.5)),
            linewidth=points(3.5),
            zorder=3,
        )
    )


def _write_names(axes, left, cell, names, name_width):
    """Class names beside the rows and below the columns."""
    size = points(TEXT_SIZE)
    bottom = HEAD + cell * len(names)
    for place, name in enumerate(names):
        text = shortened(name, name_width, TEXT_SIZE)
        middle = (place + 0.5) * cell
        axes.text(left - 6, HEAD + middle, text, fontsize=size, ha="right", va="center")
        axes.text(
            left + middle + 5,
            bottom + 5,
            text,
            fontsize=size,
            rotation=SLOPE,
            rotation_mode="anchor",
            horizontalalignment="right",
            verticalalignment="top",
        )
    axes.text(
        MARGIN + AXIS_TITLE / 2,
        (HEAD + bottom) / 2,
        "true class",
        rotation=90,
        horizontalalignment="center",
        verticalalignment="center",
    )


def _headline(counts):
    """How many are right."""
    total = int(counts.sum())
    return f"{percent(np.trace(counts) / total)} of {counted(total, 'image')} right"


def _mistake_words(counts, names, place):
    """One mistake in words: what is taken for what, how often."""
    row, column = place
    of_row = counts[row].sum()
    return (
        f"{names[row]} taken for {names[column]}, {counts[place]:,} of {of_row:,} "
        f"({percent(counts[place] / of_row)})"
    )


def _confusion_words(counts, names):
    """What is seen in a confusion matrix."""
    words = f"Confusion matrix of {len(names)} classes: {_headline(counts)}."
    sizes = counts.sum(axis=1)
    present = np.flatnonzero(sizes)
    rates = np.diag(counts)[present] / sizes[present]
    best, least = present[rates.argmax()], present[rates.argmin()]
    if rates.max() > rates.min():
        words = (
            f"{words} Most often right is {names[best]} ({percent(rates.max())}), least often "
            f"{names[least]} ({percent(rates.min())})."
        )
    if len(present) < len(names):
        absent = [names[place] for place in range(len(names)) if not sizes[place]]
        words = f"{words} No images of {listed(absent)}."
    cells = _mistakes(counts)[:3]
    if not cells:
        return f"{words} No mistakes."
    mistakes = "; ".join(_mistake_words(counts, names, cell) for cell in cells)
    return f"{words} Most frequent mistakes: {mistakes}."
