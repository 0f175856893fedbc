"""Charts of a class as SVG in an address, each with a text that says the same."""

import io
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from course_utils.figures.style import BAR_CHOSEN, EMPHASIS, WRONG, course_style, new_figure

WIDTH, HEIGHT = 420, 260  # on a telephone, which shows 330, letters can still be read
SAVED = {"format": "svg", "metadata": {"Date": None, "Creator": None}}
MOST_BARS = 12


@dataclass(frozen=True)
class Chart:
    """A picture.

    Attributes
    ----------
    address : str
        A ``data:`` address of SVG.
    words : str
        What it shows, for those who do not see it.
    """

    address: str
    words: str


def distribution(points, maximum):
    """Draw how many earned how much in a lesson.

    Parameters
    ----------
    points : sequence of float
        At least one.
    maximum : float

    Returns
    -------
    Chart
    """
    bars = int(min(MOST_BARS, max(maximum, 1)))
    counts, edges = np.histogram(points, bins=bars, range=(0, max(maximum, *points)))
    with course_style():
        figure = new_figure(WIDTH, HEIGHT)
        axes = figure.add_subplot()
        axes.stairs(counts, edges, fill=True, color=BAR_CHOSEN, edgecolor="white", linewidth=1)
        axes.axvline(np.median(points), color=WRONG, linestyle="--", label="median")
        axes.set(xlabel="points", ylabel="students", ylim=(0, None))
        _whole_numbers(axes.yaxis)
        axes.legend(frameon=False, loc="upper left")
        address = _saved(figure)
    low, high = np.quantile(points, (0.25, 0.75))
    return Chart(
        address,
        f"Points of {len(points)} students, of {maximum:g}: median {np.median(points):g}, the "
        f"middle half from {low:g} to {high:g}, all from {min(points):g} to {max(points):g}.",
    )


def time_line(times, due, zone):
    """Draw how many had handed in at which time.

    Parameters
    ----------
    times : sequence of datetime
        At least one, each with a zone.
    due : datetime or None
    zone : tzinfo or None
        That of the axis; this computer's, if None.

    Returns
    -------
    Chart
    """
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    zone = zone or datetime.now().astimezone().tzinfo
    times = sorted(it.astimezone(zone) for it in times)
    with course_style():
        figure = new_figure(WIDTH, HEIGHT)
        axes = figure.add_subplot()
        axes.step(times, range(1, len(times) + 1), where="post", color=EMPHASIS)
        axes.plot(times[-1:], [len(times)], "o", color=EMPHASIS)
        if due:
            axes.axvline(due.astimezone(zone), color=WRONG, linestyle="--", label="due")
            axes.legend(frameon=False, loc="upper left")
        ticks = AutoDateLocator(tz=zone, maxticks=6)
        axes.xaxis.set(major_locator=ticks, major_formatter=ConciseDateFormatter(ticks, tz=zone))
        axes.set(ylabel="handed in", ylim=(0, None))
        _whole_numbers(axes.yaxis)
        address = _saved(figure)
    middle = times[len(times) // 2]
    late = f", {sum(it > due for it in times)} of them after it was due" if due else ""
    return Chart(
        address,
        f"{len(times)} with a known time{late}: the first {times[0]:%d %B %H:%M}, half of them by "
        f"{middle:%d %B %H:%M}, the last {times[-1]:%d %B %H:%M}.",
    )


def term(shares):
    """Draw what share of the points a class earned in each lesson.

    Parameters
    ----------
    shares : dict of str to sequence of float
        By lesson, from 0 to 1; each has at least one.

    Returns
    -------
    Chart
    """
    with course_style():
        figure = new_figure(WIDTH, 90 + 30 * len(shares))
        axes = figure.add_subplot()
        axes.boxplot(
            [np.multiply(100, it) for it in shares.values()],
            orientation="horizontal",
            tick_labels=list(shares),
            widths=0.6,
            medianprops={"color": WRONG, "linewidth": 2},
            flierprops={"marker": ".", "markersize": 4},
        )
        axes.invert_yaxis()
        axes.set(xlabel="percent of the lesson's points", xlim=(-2, 102))
        axes.grid(axis="x")
        address = _saved(figure)
    told = (f"{lesson} {np.median(its):.0%}" for lesson, its in shares.items())
    return Chart(address, f"Share of the points earned; the median of {', of '.join(told)}.")


def _whole_numbers(axis):
    """Let an axis count students."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True, nbins=5))


def _saved(figure):
    """A figure as an address."""
    file = io.BytesIO()
    figure.savefig(file, **SAVED)
    return f"data:image/svg+xml;base64,{b64encode(file.getvalue()).decode()}"
