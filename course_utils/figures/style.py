"""The one place for colours, fonts, sizes and line styles.

Colours are named by the role they play. No role relies on its colour alone: a second sign (line
style, marker, hatching, frame, word) always says the same, so that every figure can be read in
greyscale. Text colours have a contrast of at least 4.5 to 1 on white (WCAG 2.2, level AA).

Sizes are in the pixels of a notebook page (CSS pixels), of which Colab shows about 720 in a row.
"""

from bisect import bisect_right
from contextlib import contextmanager
from math import ceil
from typing import NamedTuple

WIDTH = 720
PIXELS_PER_INCH = 100
DENSITY = 2  # drawn twice as fine as shown, for sharp text on high-resolution screens

INK = "#1f1f1f"
QUIET = "#595959"
FAINT = "#c4c4c4"
PAPER = "#ffffff"

TRAINING = "#004c80"
VALIDATION = "#b34a00"
RIGHT = QUIET
WRONG = "#a62b00"
EMPHASIS = "#004c80"
BAR = "#9db8cc"
BAR_CHOSEN = "#1d5a87"

TITLE_SIZE = 15
TEXT_SIZE = 13
SMALL_SIZE = 11.5


class Line(NamedTuple):
    """How a line looks: colour, dash pattern, marker of its points."""

    colour: str
    dashes: object
    marker: str = ""


TRAINING_LINE = Line(TRAINING, "-", "o")
VALIDATION_LINE = Line(VALIDATION, (0, (4, 2)), "s")

LINES = (
    Line("#004c80", "-"),
    Line("#b34a00", (0, (6, 2))),
    Line("#00695a", (0, (1.2, 1.6))),
    Line("#8a3276", (0, (7, 2, 1.5, 2))),
    Line("#4d4d4d", (0, (12, 3))),
    Line("#7a5c00", (0, (4, 1.5, 1, 1.5, 1, 1.5))),
)


def points(pixels):
    """Matplotlib's unit for text and lines, from pixels of the page."""
    return pixels * 72 / PIXELS_PER_INCH


SETTINGS = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so figures look alike everywhere
    "font.size": points(TEXT_SIZE),
    "axes.titlesize": points(TITLE_SIZE),
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelsize": points(TEXT_SIZE),
    "xtick.labelsize": points(SMALL_SIZE),
    "ytick.labelsize": points(SMALL_SIZE),
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": QUIET,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#e3e3e3",
    "grid.linewidth": points(1),
    "lines.linewidth": points(2.4),
    "lines.markersize": points(6.5),
    "hatch.linewidth": points(1.5),
    "image.cmap": "gray",
    "image.interpolation": "nearest",
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.06,
    "figure.dpi": PIXELS_PER_INCH,
    "savefig.dpi": PIXELS_PER_INCH * DENSITY,
    # A class may be called "$"; names are never formulas.
    "text.parse_math": False,
}


@contextmanager
def course_style():
    """Draw in the course's style, whatever the notebook's settings, and put those back after.

    Serves as a decorator too.
    """
    from matplotlib import style

    with style.context(SETTINGS, after_reset=True):
        yield


def new_figure(width, height):
    """A figure of so many pixels that pyplot does not know, so nothing is drawn twice or leaks."""
    from matplotlib.figure import Figure

    size = (ceil(width) / PIXELS_PER_INCH, ceil(height) / PIXELS_PER_INCH)
    return Figure(figsize=size, layout="constrained")


def drawing_board(width, height):
    """A figure with bare axes that count pixels from the top left corner."""
    figure = new_figure(width, height)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, ceil(width)), ylim=(ceil(height), 0))
    axes.set_autoscale_on(False)
    axes.set_axis_off()
    return figure, axes


def text_width(text, size, weight="normal"):
    """Width in pixels of one line of text of a given size in pixels."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=SETTINGS["font.family"], size=points(size), weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return width * PIXELS_PER_INCH / 72


def shortened(text, width, size, weight="normal"):
    """The text, cut with an ellipsis if it is wider than so many pixels."""
    if text_width(text, size, weight) <= width:
        return text
    lengths = range(1, len(text))
    fitting = bisect_right(
        lengths, width, key=lambda length: text_width(text[:length] + "…", size, weight)
    )
    return text[: max(fitting, 1)] + "…"
