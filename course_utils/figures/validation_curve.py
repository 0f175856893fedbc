"""What a network reaches as something about it grows: its size, or its number of images."""

import numpy as np

from ..arguments import finite, named, number_list
from .line_ends import End, label_line_ends
from .picture import Picture
from .style import (
    TEXT_SIZE,
    TRAINING_LINE,
    VALIDATION_LINE,
    WIDTH,
    course_style,
    new_figure,
    shortened,
)
from .words import capitalised, counted, listed, number, quoted, trend

HEIGHT = 340
LOOKS = (TRAINING_LINE, VALIDATION_LINE)


@course_style()
def validation_curve(sizes, scores, xlabel="size", metric="accuracy"):
    """Show what trainings came to, against a size that grows from one to the next.

    The axis of the sizes is logarithmic, and every training is marked on it. The first set of
    images, such as training, is drawn solid with circles, the second dashed with squares.

    Parameters
    ----------
    sizes : sequence of float, shape (n,), positive, rising, n at least 2
        Such as numbers of parameters, or of images. Not changed.
    scores : dict of str to sequence of float, shape (n,), finite
        Set of images, one or two, to what each training came to. Not changed.
    xlabel : str, optional
        What ``sizes`` are, such as ``"parameters"``.
    metric : str, optional
        What was measured.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``scores`` is no dict, a name, ``xlabel`` or ``metric`` no string, or values no numbers.
    ValueError
        If ``sizes`` are fewer than two, not positive or do not rise, there are no or more than two
        sets, or a set has not one finite value for each size.
    """
    for name, text in (("xlabel", xlabel), ("metric", metric)):
        if not isinstance(text, str):
            raise TypeError(f"{name} should be a string; got {type(text).__name__}. Use str(...).")
    sizes = _checked_sizes(sizes)
    scores = _checked_scores(scores, sizes)
    figure = new_figure(WIDTH, HEIGHT)
    axes = figure.add_subplot()
    ends = []
    for (name, values), look in zip(scores.items(), LOOKS, strict=False):
        axes.plot(
            sizes, values, label=name, color=look.colour, linestyle=look.dashes, marker=look.marker
        )
        text = f"{shortened(name, WIDTH / 4, TEXT_SIZE)}  {number(values[-1])}"
        ends.append(End(sizes[-1], values[-1], text, look))
    axes.set_xscale("log")
    axes.set_xticks(sizes, [number(size) for size in sizes])
    axes.minorticks_off()
    axes.set(xlabel=xlabel, title=capitalised(metric))
    axes.grid()
    label_line_ends(axes, ends, width=0.75 * WIDTH, height=0.75 * HEIGHT)
    return Picture(figure, _curve_words(sizes, scores, xlabel, metric))


def _checked_sizes(sizes):
    """The sizes as a vector, or an error."""
    mends = ("Collect them in a list.", "Give them in a list, the smallest first.")
    sizes = number_list(sizes, "sizes", "training", mends)
    finite(sizes, "sizes")
    if len(sizes) < 2 or sizes[0] <= 0 or (np.diff(sizes) <= 0).any():
        raise ValueError(
            "sizes should be at least two positive numbers that rise, for the logarithmic axis; "
            f"got {listed(number(size) for size in sizes)}. Sort the trainings by size."
        )
    return sizes


def _checked_scores(scores, sizes):
    """The scores as vectors by their names, or an error that names the one at fault."""
    example = '{"training": [0.8, 0.9]}'
    named(scores, "scores", "set of images to values", example, most=len(LOOKS))
    mends = ("Collect them in a list, with append.", "Measure every training once.")
    checked = {}
    for name, values in scores.items():
        row = number_list(values, f"scores[{name!r}]", "size", mends)
        finite(row, f"scores[{name!r}]")
        if len(row) != len(sizes):
            raise ValueError(
                f"scores[{name!r}] should have a value for each of the {len(sizes)} sizes; got "
                f"{len(row)}. Measure every training once."
            )
        checked[name] = row
    return checked


def _curve_words(sizes, scores, xlabel, metric):
    """What is seen: how each set runs, and where the two are closest and furthest apart."""
    words = [
        f"Line plot of {metric} against {xlabel}, on a logarithmic axis, for "
        f"{counted(len(sizes), 'training')} from {number(sizes[0])} to {number(sizes[-1])}."
    ]
    for name, values in scores.items():
        words.append(f"{quoted(name)} {trend(values, sizes, xlabel)}.")
    if len(scores) == 2:
        first, second = scores.values()
        gaps = np.abs(first - second)
        near, far = int(gaps.argmin()), int(gaps.argmax())
        words.append(
            f"They are closest at {number(sizes[near])}, {number(gaps[near])} apart, and furthest "
            f"apart at {number(sizes[far])}, {number(gaps[far])}."
        )
    return " ".join(words)
