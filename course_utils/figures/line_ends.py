"""Names written at the ends of lines, where the eye already is, instead of a legend."""

from typing import NamedTuple

from .style import FAINT, TEXT_SIZE, Line, points

SAMPLE = 26


class End(NamedTuple):
    """Where a line ends, in data coordinates, what to write there, and how the line looks."""

    x: float
    y: float
    text: str
    look: Line


def spread(positions, gap, low, high):
    """Move positions apart to at least ``gap``, in their order, between ``low`` and ``high``.

    Where there is not room enough, the gap is kept and ``low`` is passed.
    """
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    moved = [min(max(positions[index], low), high) for index in order]
    for upper in range(1, len(moved)):
        moved[upper] = max(moved[upper], moved[upper - 1] + gap)
    moved[-1] = min(moved[-1], high)
    for lower in range(len(moved) - 2, -1, -1):
        moved[lower] = min(moved[lower], moved[lower + 1] - gap)
    return [moved[order.index(index)] for index in range(len(positions))]


def label_line_ends(axes, ends, width, height):
    """Write right of the axes, at every line's end, a sample of the line and its name.

    Lines that end together are told apart by the sample, in greyscale too. ``width`` and
    ``height`` are roughly those of the axes in pixels; call it when the limits are set.
    """
    bottom, top = axes.get_ylim()
    lines_of_text = max(end.text.count("\n") for end in ends) + 1
    places = spread(
        [(end.y - bottom) / (top - bottom) for end in ends],
        gap=1.3 * lines_of_text * TEXT_SIZE / height,
        low=0.0,
        high=1.0,
    )
    start, stop = 1 + 12 / width, 1 + (12 + SAMPLE) / width
    for end, place in zip(ends, places, strict=True):
        _connect(axes, end, (start, place))
        axes.plot(
            [start, (start + stop) / 2, stop],
            [place] * 3,
            transform=axes.transAxes,
            clip_on=False,
            color=end.look.colour,
            linestyle=end.look.dashes,
            marker=end.look.marker,
            markevery=[1],
            scalex=False,
            scaley=False,
        )
        axes.text(
            stop + 8 / width,
            place,
            end.text,
            transform=axes.transAxes,
            color=end.look.colour,
            verticalalignment="center",
        )


def _connect(axes, end, sample):
    """A hair line from the end of the line to its sample."""
    axes.annotate(
        "",
        xy=(end.x, end.y),
        xytext=sample,
        textcoords="axes fraction",
        annotation_clip=False,
        zorder=1,
        arrowprops={
            "arrowstyle": "-",
            "color": FAINT,
            "linewidth": points(1),
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
