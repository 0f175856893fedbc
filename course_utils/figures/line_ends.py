"""Names written at the ends of lines, where the eye already is, instead of a legend."""

from typing import NamedTuple

from .style import FAINT, TEXT_SIZE, Line, points

SAMPLE = 38  # long enough for dashes to be seen beside the marker


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

    Lines that end together are told apart by the sample, in greyscale too. Ends that are given as
    a list of their own, within ``ends``, stay together, one below the other. ``width`` and
    ``height`` are roughly those of the axes in pixels; call it when the limits are set.
    """
    groups = [end if isinstance(end, list) else [end] for end in ends]
    bottom, top = axes.get_ylim()
    lines_of_text = max(end.text.count("\n") for group in groups for end in group) + 1
    row = 1.3 * lines_of_text * TEXT_SIZE / height
    middles = [sum(end.y for end in group) / len(group) for group in groups]
    most = max(map(len, groups))
    places = spread(
        [(middle - bottom) / (top - bottom) for middle in middles],
        gap=row * most,
        low=row * (most - 1) / 2,
        high=1 - row * (most - 1) / 2,
    )
    for group, middle in zip(groups, places, strict=True):
        for number, end in enumerate(group):
            _label(axes, end, middle + row * ((len(group) - 1) / 2 - number), width)


def _label(axes, end, place, width):
    """Draw one end's connection, sample and text at a height of the axes from 0 to 1."""
    start, stop = 1 + 10 / width, 1 + (10 + SAMPLE) / width
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
        stop + 4 / width,
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
