"""One image large, with its numbers: what a computer sees."""

import numpy as np

from ..arguments import single_image
from .picture import Picture
from .style import (
    QUIET,
    SMALL_SIZE,
    TITLE_SIZE,
    WIDTH,
    course_style,
    drawing_board,
    points,
    shortened,
    text_width,
)
from .tiles import Tile, draw_image, shades_of
from .words import number

LARGEST_CELL = 56
LARGEST_TEXT = 18
MOST_CELLS = 32
MARGIN = 26


@course_style()
def digit_with_numbers(image, title=None):
    """Show a grey image large, with the value of every pixel written into it.

    Parameters
    ----------
    image : ndarray, shape (height, width) or (height, width, 1)
        uint8, shown from 0 (black) to 255 (white), or float: shown from 0 to 1 if all values lie
        there, else from the lowest to the highest. Floats are written with two decimals and
        without the zero before the point (.42), from 10 on with fewer decimals. At most 32 pixels
        high and wide, so that the numbers can be read. Not changed.
    title : str, optional

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``image`` is no array, or neither uint8 nor float, or ``title`` no string.
    ValueError
        If ``image`` is empty, too large, in colour, of another shape or not finite.
    """
    image = _grey_image(single_image(image))
    if title is not None and not isinstance(title, str):
        raise TypeError(
            f"title should be a string; got {type(title).__name__}. Use str(...) around it."
        )
    height, width = image.shape
    shades = shades_of(image)
    cell = min(LARGEST_CELL, (WIDTH - MARGIN - 4) / width)
    head = MARGIN + (TITLE_SIZE * 1.8 if title else 0)
    foot = SMALL_SIZE * 1.8 if shades.note else 4
    headline = shortened(title or "", WIDTH - MARGIN - 4, TITLE_SIZE, "bold")
    right = max(
        width * cell,
        text_width(headline, TITLE_SIZE, "bold"),
        text_width(shades.note, SMALL_SIZE),
    )
    figure, axes = drawing_board(MARGIN + right + 4, head + height * cell + foot)
    draw_image(axes, image, shades, Tile(MARGIN, head, width * cell, height * cell))
    _draw_cells(axes, image.shape, cell, head)
    _write_numbers(axes, image, shades, cell, head)
    _write_positions(axes, image.shape, cell, head)
    axes.text(MARGIN, 4, headline, fontsize=points(TITLE_SIZE), weight="bold", va="top")
    below = head + height * cell + 4
    axes.text(MARGIN, below, shades.note, fontsize=points(SMALL_SIZE), color=QUIET, va="top")
    return Picture(figure, _digit_words(image, title, shades))


def _grey_image(image):
    """The image with two axes, or an error if it has colour or is too large."""
    if image.ndim == 3 and image.shape[2] == 3:
        raise ValueError(
            f"image should be grey, shape (height, width); got {image.shape}. "
            "Choose one colour channel: image[..., 0] is red."
        )
    image = image.reshape(image.shape[:2])
    if max(image.shape) > MOST_CELLS:
        raise ValueError(
            f"image should be at most {MOST_CELLS} pixels high and wide, so that its numbers can "
            f"be read; got {image.shape}. Choose a part: image[:28, :28]."
        )
    return image


def _draw_cells(axes, shape, cell, head):
    """Draw hair lines between the cells, so that the numbers of bright ones do not run together."""
    height, width = shape
    bottom, right = head + height * cell, MARGIN + width * cell
    look = {"color": "#666666", "linewidth": points(0.5)}
    axes.vlines([MARGIN + column * cell for column in range(width + 1)], head, bottom, **look)
    axes.hlines([head + row * cell for row in range(height + 1)], MARGIN, right, **look)


def _write_numbers(axes, image, shades, cell, head):
    """Write every pixel's value into its cell, light on dark and dark on light."""
    texts = [[_cell_text(value) for value in row] for row in image]
    widest = max(text_width(text, 10) for text in {text for row in texts for text in row})
    size = min(10 * 0.9 * cell / max(widest, text_width("255", 10)), LARGEST_TEXT)
    brightness = (image.astype(float) - shades.black) / (shades.white - shades.black)
    for row, column in np.ndindex(image.shape):
        axes.text(
            MARGIN + (column + 0.5) * cell,
            head + (row + 0.5) * cell,
            texts[row][column],
            fontsize=points(size),
            color=_readable_on(brightness[row, column]),
            horizontalalignment="center",
            verticalalignment="center_baseline",
        )


def _cell_text(value):
    """A pixel's value in four characters or so."""
    if isinstance(value, np.integer) or value == int(value):
        return f"{int(value)}"
    decimals = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    text = f"{value:.{decimals}f}"
    return text.replace("0.", ".", 1) if abs(value) < 1 and text.lstrip("-")[0] == "0" else text


def _readable_on(brightness):
    """The text colour for a shade from 0 (black) to 1 (white)."""
    if brightness == 0:
        return "#9c9c9c"  # the many zeros step back, so that the digit stands out
    # Where black and white text have the same contrast (WCAG's relative luminance 0.18).
    return "black" if brightness > 0.46 else "white"


def _write_positions(axes, shape, cell, head):
    """Number every few rows and columns along the edges, and say which are which."""
    height, width = shape
    look = {"fontsize": points(SMALL_SIZE), "color": QUIET}
    step = 1 if max(shape) <= 12 else 4
    axes.text(MARGIN - 4, head - 4, "row", ha="right", va="bottom", **look)
    axes.text(MARGIN + 2, head - 4, "column 0", ha="left", va="bottom", **look)
    for column in range(step, width, step):
        x = MARGIN + (column + 0.5) * cell
        axes.text(x, head - 4, column, ha="center", va="bottom", **look)
    for row in range(0, height, step):
        y = head + (row + 0.5) * cell
        axes.text(MARGIN - 4, y, row, ha="right", va="center", **look)


def _digit_words(image, title, shades):
    """What is seen in an image with its numbers."""
    height, width = image.shape
    start = f"{title}: grey image" if title else "Grey image"
    words = f"{start} of {height} by {width} pixels with its value written into each. "
    lowest, highest = image.min(), image.max()
    lit = image > lowest
    if not lit.any():
        return f"{words}Every value is {number(lowest)}."
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    words = (
        f"{words}Values run from {number(lowest)} to {number(highest)}; {number(lowest)} fills "
        f"{int((~lit).sum())} of {lit.size} cells. The brighter ones lie in rows {rows[0]} to "
        f"{rows[-1]} and columns {columns[0]} to {columns[-1]}."
    )
    return f"{words} {shades.note}".strip()
