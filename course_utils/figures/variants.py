"""Several variants of a training, each trained more than once."""

from collections.abc import Mapping

import numpy as np

from ..arguments import named, number_list
from .picture import Picture
from .style import (
    PAPER,
    QUIET,
    TEXT_SIZE,
    TRAINING_LINE,
    VALIDATION_LINE,
    WIDTH,
    course_style,
    new_figure,
    points,
    shortened,
)
from .words import capitalised, counted, listed, number, quoted

ROW = 50
MOST = 12
LOOKS = (TRAINING_LINE, VALIDATION_LINE)
OFFSETS = {1: (0.0,), 2: (-0.18, 0.18)}
LABEL_GAP = 12


@course_style()
def compare_variants(results, metric="accuracy"):
    """Show what every run of several variants came to, with the mean and the range of each.

    A variant is a row. Its first set of images, such as training, is drawn above with filled
    circles, its second, such as validation, below with open squares. Where there are several runs,
    a line shows their range and an upright bar their mean; a single run is a dot and no more. The
    mean's number stands beside the runs. A dotted line goes on from the mean of the first variant,
    the one to compare with.

    Parameters
    ----------
    results : dict of str to dict of str to sequence of float
        Variant to set of images to a value for each run, such as
        ``{"nothing": {"training": [0.8, 0.9], "validation": [0.5, 0.6]}}``: 1 to 12 variants with
        the same one or two sets. Numbers of runs may differ. Not changed.
    metric : str
        What was measured, such as ``"accuracy"``.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``results`` is no dict of dicts, a name or ``metric`` is no string, or values are no
        numbers.
    ValueError
        If there are no variants or too many, their sets are not the same one or two, or values are
        none or not finite.
    """
    if not isinstance(metric, str):
        raise TypeError(
            f"metric should be a string; got {type(metric).__name__}. Use 'accuracy' or 'loss'."
        )
    results = _checked_results(results)
    sets = list(next(iter(results.values())))
    figure = new_figure(WIDTH, 105 + ROW * len(results))
    axes = figure.add_subplot()
    if len(results) > 1:
        compared_with = next(iter(results.values()))[sets[-1]].mean()
        axes.axvline(
            compared_with, color=QUIET, linestyle=(0, (1, 2)), linewidth=points(1.5), zorder=1
        )
    for row, runs in enumerate(results.values()):
        for name, look, offset in zip(sets, LOOKS, OFFSETS[len(sets)], strict=False):
            _draw_runs(axes, name, runs[name], row + offset, look, named=row == 0)
    axes.set_yticks(
        np.arange(len(results)), [shortened(name, WIDTH / 4, TEXT_SIZE) for name in results]
    )
    axes.set(ylim=(len(results) - 0.45, -0.55))
    axes.margins(x=0.04)
    axes.set_xlabel(_what_is_dotted(metric, sets, results))
    repeated = any(len(values) > 1 for runs in results.values() for values in runs.values())
    of_what = "of every run, and their mean" if repeated else "of a single run of each"
    axes.set_title(f"{capitalised(metric)} {of_what}")
    axes.tick_params(axis="y", length=0, labelsize=points(TEXT_SIZE))
    axes.grid(axis="x")
    return Picture(figure, _variant_words(results, sets, metric))


def _checked_results(results):
    """Variant to set to a vector of its runs, or an error that names the one at fault."""
    example = "{'nothing': {'validation': [0.5, 0.6]}}"
    named(results, "results", "variant to its runs", example, most=MOST)
    checked, sets = {}, None
    for variant, runs in results.items():
        if not isinstance(runs, Mapping):
            raise TypeError(
                f"results[{variant!r}] should be a dict from set of images to runs; "
                f"got {type(runs).__name__}. Write {{'training': ..., 'validation': ...}}."
            )
        if not (1 <= len(runs) <= len(LOOKS) and list(runs) == (sets or list(runs))):
            raise ValueError(
                f"results[{variant!r}] should have the same one or two sets of images as every "
                f"other variant; got {listed(map(quoted, runs)) if runs else 'none'}. "
                "Measure all variants alike."
            )
        sets = list(runs)
        checked[variant] = {
            name: _run_values(values, f"results[{variant!r}][{name!r}]")
            for name, values in runs.items()
        }
    return checked


def _run_values(values, name):
    """The runs' values as a vector of finite floats, or an error."""
    mends = ("Collect them in a list, with append.", "Put even a single run's value into a list.")
    values = number_list(values, name, "run", mends)
    if not np.isfinite(values).all():
        raise ValueError(
            f"{name} should be finite; got NaN or infinity. Leave a run that diverged out, or "
            "train it again with smaller steps."
        )
    return values


def _draw_runs(axes, name, values, height, look, named):
    """Draw a variant's runs on one set: dots, range, mean and its number."""
    heights = np.full(len(values), height)
    mean = values.mean()
    if len(values) > 1:  # for a single run, bars would look like an error that nobody measured
        _draw_range(axes, values, height, look)
    axes.plot(
        values,
        heights,
        linestyle="none",
        label=name,
        marker=look.marker,
        color=look.colour,
        markersize=points(8),
        markeredgewidth=points(1.6),
        markerfacecolor=look.colour if look is LOOKS[0] else PAPER,
        zorder=4,
    )
    axes.annotate(
        f"{name}  {number(mean)}" if named else number(mean),
        xy=(values.max(), height),
        xytext=(LABEL_GAP, 0),
        textcoords="offset points",
        color=look.colour,
        verticalalignment="center_baseline",
        zorder=5,
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.5},
    )


def _draw_range(axes, values, height, look):
    """Draw from the lowest to the highest run, with an upright bar at the mean."""
    axes.plot(
        [values.min(), values.max()], [height] * 2, color=look.colour, linewidth=points(2), zorder=2
    )
    axes.plot(
        [values.mean()], [height], "|", color=look.colour, markersize=points(17),
        markeredgewidth=points(3), zorder=3,
    )  # fmt: skip


def _what_is_dotted(metric, sets, results):
    """The label below the axis, with what the dotted line is if there is anything to compare."""
    if len(results) == 1:
        return metric
    variant, runs = next(iter(results.items()))
    what = f"mean {sets[-1]}" if len(runs[sets[-1]]) > 1 else sets[-1]
    return f"{metric} (dotted: {what} of {quoted(shortened(variant, WIDTH / 4, TEXT_SIZE))})"


def _variant_words(results, sets, metric):
    """What is seen in a comparison of variants."""
    counts = sorted({len(values) for runs in results.values() for values in runs.values()})
    most = counted(counts[-1], "run")
    runs_each = most if len(counts) == 1 else f"{counts[0]} to {most}"
    words = [
        f"Dot plot of {metric} in {runs_each} of {counted(len(results), 'variant')}, "
        f"for {listed(map(quoted, sets))}."
    ]
    for variant, runs in results.items():
        parts = (f"{name} {_mean_and_range(values)}" for name, values in runs.items())
        words.append(f"{quoted(variant)}: {', '.join(parts)}.")
    if len(results) > 1:
        means = {variant: runs[sets[-1]].mean() for variant, runs in results.items()}
        low, high = min(means, key=means.get), max(means, key=means.get)
        words.append(
            f"The mean of {sets[-1]} is highest for {quoted(high)} and lowest for {quoted(low)}."
        )
    if len(results) > 1 and len(sets) == 2:
        gaps = {
            variant: abs(runs[sets[0]].mean() - runs[sets[1]].mean())
            for variant, runs in results.items()
        }
        wide, narrow = max(gaps, key=gaps.get), min(gaps, key=gaps.get)
        words.append(
            f"{capitalised(sets[0])} and {sets[1]} lie furthest apart for {quoted(wide)}, "
            f"{number(gaps[wide])}, and closest for {quoted(narrow)}, {number(gaps[narrow])}."
        )
    return " ".join(words)


def _mean_and_range(values):
    """A mean, and its range if there are several runs."""
    if len(values) == 1:
        return number(values[0])
    return f"{number(values.mean())} ({number(values.min())} to {number(values.max())})"
