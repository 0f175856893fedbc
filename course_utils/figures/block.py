"""A few layers in a row, with or without a way round them."""

from ..arguments import text_list
from .picture import Picture
from .style import (
    EMPHASIS,
    INK,
    PAPER,
    QUIET,
    WIDTH,
    course_style,
    drawing_board,
    points,
    shortened,
)
from .words import listed, quoted

MOST = 5
SIZE = 16  # of text: on a phone the figure is half as wide
MIDDLE, ROUND_ABOUT = 124, 36
BOX = 52
END = 34  # width of the places where x comes in and the answer goes out


@course_style()
def residual_block(layers, shortcut=True):
    """Draw layers in a row, and the shortcut that adds what came in to what they answer.

    Parameters
    ----------
    layers : list or tuple of str, one to five names
        From left to right. Not changed.
    shortcut : bool
        Whether there is one.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``layers`` is no list of strings, or ``shortcut`` no bool.
    ValueError
        If there are no or more than five layers.
    """
    text_list(layers, "layers")
    if len(layers) > MOST:
        raise ValueError(
            f"layers should be 1 to {MOST} names, to be readable; got {len(layers)}. Draw a part."
        )
    if not isinstance(shortcut, bool):
        raise TypeError(f"shortcut should be True or False; got {shortcut!r}. Write shortcut=True.")
    figure, axes = drawing_board(WIDTH, 176)
    stops = len(layers) + 1
    step = (WIDTH - 2 * END - 20) / (stops + 0.5)
    centres = [END + 20 + (place + 0.55) * step for place in range(stops)]
    sum_at = centres[-1] + step * 0.1
    axes.text(END / 2 + 4, MIDDLE, "x", ha="center", va="center", fontsize=points(SIZE + 3))
    start = END + 4
    for centre, name in zip(centres, layers, strict=False):
        _arrow(axes, (start, MIDDLE), (centre - step * 0.4, MIDDLE))
        _draw_layer(axes, centre, step * 0.8, name)
        start = centre + step * 0.4
    out = WIDTH - END - 14
    if shortcut:
        _draw_sum(axes, sum_at, start)
        _draw_shortcut(axes, END + 14, sum_at)
        start = sum_at + 20
    _arrow(axes, (start, MIDDLE), (out, MIDDLE))
    answer = "x + F(x)" if shortcut else "F(x)"
    axes.text(out + 4, MIDDLE + 34, answer, ha="center", va="center", fontsize=points(SIZE))
    return Picture(figure, _block_words(layers, shortcut))


def _arrow(axes, start, end, **look):
    """An arrow from place to place."""
    look = {"arrowstyle": "-|>", "color": QUIET, "linewidth": points(2.2)} | look
    axes.annotate("", xy=end, xytext=start, arrowprops=look | {"shrinkA": 0, "shrinkB": 0})


def _draw_layer(axes, centre, width, name):
    """A layer as a box with its name."""
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle(
            (centre - width / 2, MIDDLE - BOX / 2),
            width,
            BOX,
            facecolor=PAPER,
            edgecolor=QUIET,
            linewidth=points(1.6),
        )
    )
    text = shortened(name, width - 6, SIZE)
    axes.text(centre, MIDDLE, text, ha="center", va="center", fontsize=points(SIZE), color=INK)


def _draw_sum(axes, centre, start):
    """The place where the way round joins."""
    from matplotlib.patches import Circle

    _arrow(axes, (start, MIDDLE), (centre - 18, MIDDLE))
    axes.add_patch(
        Circle((centre, MIDDLE), 18, facecolor=PAPER, edgecolor=EMPHASIS, linewidth=points(3))
    )
    axes.text(
        centre, MIDDLE, "+", ha="center", va="center", fontsize=points(22), color=EMPHASIS,
        weight="bold",
    )  # fmt: skip


def _draw_shortcut(axes, left, right):
    """The way round the layers, from the line that comes in to the sum."""
    axes.plot(
        [left, left, right, right],
        [MIDDLE, ROUND_ABOUT, ROUND_ABOUT, ROUND_ABOUT + 20],
        color=EMPHASIS,
        linewidth=points(3.2),
        solid_joinstyle="round",
    )
    _arrow(
        axes, (right, ROUND_ABOUT + 16), (right, MIDDLE - 19), color=EMPHASIS, linewidth=points(3.2)
    )
    axes.text(
        (left + right) / 2,
        ROUND_ABOUT - 6,
        "shortcut: x as it is",
        ha="center",
        va="bottom",
        color=EMPHASIS,
        fontsize=points(SIZE),
    )


def _block_words(layers, shortcut):
    """What is seen of the layers."""
    words = f"Diagram: x goes through {listed(map(quoted, layers))}, which answer F(x)."
    if not shortcut:
        return f"{words} That is the answer of the whole; there is no shortcut."
    return (
        f"{words} A shortcut leads x as it is round these layers to a plus sign, where it is "
        "added: the answer of the whole is x plus F(x)."
    )
