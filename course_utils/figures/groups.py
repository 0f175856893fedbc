"""The accuracy of each of several groups."""

import numpy as np

from ..arguments import array, named
from .picture import Picture
from .style import (
    BAR,
    INK,
    QUIET,
    SMALL_SIZE,
    TEXT_SIZE,
    course_style,
    new_figure,
    points,
    shortened,
)
from .words import counted, number, percent, quoted

WIDTH, ROW = 620, 34
MOST_GROUPS = 12


@course_style()
def group_accuracies(right):
    """Show which share of its images is right in each group, the worst at the top.

    Whiskers reach one standard error to either side; a dashed line marks all images together.

    Parameters
    ----------
    right : dict of str to ndarray of bool, shape (n,)
        One to twelve groups, and for each of its images whether the answer is right. Not changed.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``right`` is no dict of arrays of bool.
    ValueError
        If there are no or more than twelve groups, or one has no images.
    """
    named(right, "right", "group to answers", '{"owls": predicted == labels}', most=MOST_GROUPS)
    for name, answers in right.items():
        _check(answers, f"right[{name!r}]")
    groups = sorted(right, key=lambda name: right[name].mean())
    shares = np.array([right[name].mean() for name in groups])
    counts = np.array([right[name].size for name in groups])
    whole = float((shares * counts).sum() / counts.sum())
    figure = new_figure(WIDTH, 110 + ROW * len(groups))
    axes = figure.add_subplot()
    rows = np.arange(len(groups))
    errors = np.sqrt(shares * (1 - shares) / counts)
    look = {"ecolor": INK, "error_kw": {"elinewidth": points(2), "capsize": points(4)}}
    axes.barh(rows, shares, xerr=errors, height=0.66, color=BAR, **look)
    for row, count in enumerate(counts):
        axes.text(0.012, row, counted(int(count), "image"), verticalalignment="center",
                  fontsize=points(SMALL_SIZE))  # fmt: skip
    axes.axvline(whole, color=QUIET, linestyle=(0, (4, 3)), linewidth=points(1.5))
    axes.set_yticks(rows, [shortened(name, WIDTH / 3, TEXT_SIZE) for name in groups])
    axes.set(
        title="Share of right answers, by group", ylim=(len(groups) - 0.45, -0.55), xlim=(0, 1.03),
        xlabel=f"dashed: all {counted(int(counts.sum()), 'image')} together, {percent(whole)}",
    )  # fmt: skip
    axes.xaxis.set_major_formatter(lambda value, _: percent(value))
    axes.tick_params(axis="y", length=0, labelsize=points(TEXT_SIZE))
    return Picture(figure, _group_words(groups, shares, counts, whole))


def _check(answers, name):
    """Refuse anything but a vector of truth values."""
    array(answers, name)
    if answers.dtype != bool:
        raise TypeError(f"{name} should be bool; got {answers.dtype}. Use predicted == labels.")
    if answers.ndim != 1 or answers.size == 0:
        raise ValueError(
            f"{name} should have one value an image, and at least one; got shape {answers.shape}. "
            "Leave empty groups out."
        )


def _group_words(groups, shares, counts, whole):
    """What is seen in the accuracies of groups."""
    each = "; ".join(
        f"{quoted(name)} {percent(share)} of {counted(int(count), 'image')}"
        for name, share, count in zip(groups, shares, counts, strict=True)
    )
    spread = number(100 * (shares[-1] - shares[0]))
    return (
        f"Horizontal bars, accuracy by group, the lowest first: {each}. All together "
        f"{percent(whole)}; between the first and the last lie {spread} points."
    )
