"""Numbers that are not known exactly, each with its margin."""

import numpy as np

from ..arguments import finite, named, number_list
from .picture import Picture
from .style import (
    INK,
    PAPER,
    QUIET,
    TRAINING,
    course_style,
    new_figure,
    points,
    shortened,
)
from .words import capitalised, counted, quoted

WIDTH = 560  # not as wide as a page, so that a phone need not shrink it by much
SIZE = 14  # of text, for the same reason
ROW = 38
MOST = 12
LABEL_GAP = 10


@course_style()
def error_bars(values, margins, xlabel, line=None, title=""):
    """Show numbers with their margins: a row each, from value minus margin to value plus margin.

    With a ``line``, such as 0 for "no difference", a row whose bar reaches it has a hollow dot, and
    one whose bar does not has a filled one.

    Parameters
    ----------
    values : dict of str to float, 1 to 12, finite
        Not changed.
    margins : dict of str to float, with the same names, at least 0
        Not changed.
    xlabel : str
        What the numbers are.
    line : float, optional
        A value to compare with, drawn dotted.
    title : str

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``values`` or ``margins`` is no dict of strings to numbers, or a text is no string.
    ValueError
        If there are none or too many, the names differ, or a number is not finite or a margin
        negative.
    """
    for name, text in (("xlabel", xlabel), ("title", title)):
        if not isinstance(text, str):
            raise TypeError(
                f"{name} should be a string; got {type(text).__name__}. Use quotation marks."
            )
    middles, reaches = _checked(values, margins)
    figure = new_figure(WIDTH, 80 + (25 if title else 0) + ROW * len(middles))
    axes = figure.add_subplot()
    if line is not None:
        axes.axvline(line, color=QUIET, linestyle=(0, (1, 2)), linewidth=points(1.8), zorder=1)
    digits = _digits(reaches)
    texts = [
        f"{middle:.{digits}f} ± {reach:.{digits}f}".replace("-", "−")
        for middle, reach in zip(middles, reaches, strict=True)
    ]
    beyond = [
        line is not None and abs(middle - line) > reach
        for middle, reach in zip(middles, reaches, strict=True)
    ]
    hollow = [line is not None and not it for it in beyond]
    for row, (middle, reach) in enumerate(zip(middles, reaches, strict=True)):
        _draw(axes, row, middle, reach, texts[row], hollow[row])
    names = [shortened(name, 0.3 * WIDTH, SIZE) for name in values]
    axes.set_yticks(np.arange(len(names)), names)
    axes.set(ylim=(len(names) - 0.45, -0.6), xlabel=xlabel, title=title)
    axes.margins(x=0.04)
    axes.tick_params(axis="y", length=0, labelsize=points(SIZE))
    axes.tick_params(axis="x", labelsize=points(SIZE))
    axes.grid(axis="x")
    return Picture(figure, _words(list(values), texts, beyond, xlabel, line))


def _checked(values, margins):
    """Values and margins as vectors, or an error that names the one at fault."""
    named(values, "values", "name to number", '{"baseline": 0.9}', most=MOST)
    named(margins, "margins", "name to number", '{"baseline": 0.01}', most=MOST)
    if list(values) != list(margins):
        raise ValueError(
            f"margins should have the names of values, {list(values)}; got {list(margins)}. "
            "Make both from one list."
        )
    mends = ("Use float(...).", "Give one number a row.")
    middles, reaches = (
        finite(number_list(list(numbers.values()), name, "row", mends), name)
        for numbers, name in ((values, "values"), (margins, "margins"))
    )
    if (reaches < 0).any():
        raise ValueError(
            f"margins should be at least 0; got {reaches.min():g}. Use abs, or square roots."
        )
    return middles, reaches


def _digits(reaches):
    """Decimals to write: two digits of the largest margin count, more would be noise."""
    largest = reaches.max()
    return int(np.clip(1 - np.floor(np.log10(largest)), 0, 6)) if largest else 3


def _draw(axes, row, middle, reach, text, hollow):
    """A row: bar with caps, dot, and the number beside them."""
    axes.errorbar(
        middle,
        row,
        xerr=reach,
        color=TRAINING,
        linewidth=points(2),
        capsize=points(7),
        capthick=points(2),
        marker="o",
        markersize=points(9),
        markeredgewidth=points(1.8),
        markerfacecolor=PAPER if hollow else TRAINING,
        zorder=3,
    )
    axes.annotate(
        text,
        xy=(middle + reach, row),
        xytext=(LABEL_GAP, 0),
        textcoords="offset points",
        color=INK,
        fontsize=points(SIZE),
        verticalalignment="center_baseline",
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.5},
        zorder=4,
    )


def _words(names, texts, beyond, xlabel, line):
    """What is seen in a figure of error bars."""
    words = [f"{capitalised(xlabel)} of {counted(len(names), 'row')}, each with its margin."]
    for name, text, clear in zip(names, texts, beyond, strict=True):
        side = "" if line is None else f", {'clear of' if clear else 'reaching'} the line"
        words.append(f"{quoted(name)}: {text}{side}.")
    if line is not None:
        words.append(f"The dotted line stands at {line:g}.")
    return " ".join(words)
