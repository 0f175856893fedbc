"""Images in rows and columns on one drawing board, each with lines of text above it."""

from typing import NamedTuple

import numpy as np

from .style import QUIET, SMALL_SIZE, WIDTH, drawing_board, points, shortened, text_width
from .words import number

GAP = 8
LARGEST_TILE = 180
SMALLEST_TEXT = 9.5
LINE_STEP = 1.35
MOST_TILES = 400


class Shades(NamedTuple):
    """Which values are drawn black and white, and a sentence if they had to be chosen."""

    black: float
    white: float
    note: str


class Tile(NamedTuple):
    """Where an image lies on the board, in pixels."""

    left: float
    top: float
    width: float
    height: float


def shades_of(images):
    """0 to 255 for uint8, 0 to 1 for floats within; else the lowest and highest value of all."""
    if images.dtype == np.uint8:
        return Shades(0.0, 255.0, "")
    low, high = float(images.min()), float(images.max())
    if low >= 0 and high <= 1:
        return Shades(0.0, 1.0, "")
    if low == high:
        return Shades(low - 0.5, high + 0.5, f"Every value is {number(low)}, drawn mid-grey.")
    note = (
        "Values beyond 0 to 1, so shades are rescaled together: "
        f"{number(low)} is darkest, {number(high)} brightest."
    )
    return Shades(low, high, note)


def shown_pixels(image, shades):
    """An image as imshow takes it, given the shades as vmin and vmax."""
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    if image.dtype == np.uint8:
        return image
    image = image.astype(float)
    if image.ndim == 2:
        return image
    # Matplotlib's vmin and vmax do not act on colour images.
    return (image - shades.black) / (shades.white - shades.black)


def draw_image(axes, image, shades, tile):
    """Draw one grey or colour image on its place of a drawing board."""
    axes.imshow(
        shown_pixels(image, shades),
        vmin=shades.black,
        vmax=shades.white,
        extent=(tile.left, tile.left + tile.width, tile.top + tile.height, tile.top),
        aspect="auto",
    )


def tile_board(images, columns, lines, headline=""):
    """Lay all images out with room for so many lines of text above each.

    Returns the figure, its axes and a list of `Tile`, one an image.
    """
    count, height, width = images.shape[:3]
    if count > MOST_TILES:
        raise ValueError(
            f"images should be at most {MOST_TILES} to be recognisable; got {count}. "
            "Choose some, such as images[:100]."
        )
    columns = min(columns, count)
    rows = -(-count // columns)
    shades = shades_of(images)
    wide = min(LARGEST_TILE, (WIDTH - GAP * (columns + 1)) / columns)
    high = wide * height / width
    line = SMALL_SIZE * LINE_STEP
    top = GAP + (1.6 * line if headline else 0)
    captions = lines * line + (3 if lines else 0)
    step = high + captions + GAP
    foot = 1.6 * line if shades.note else 0
    board_width = max(
        columns * (wide + GAP) + GAP, text_width(headline or shades.note, SMALL_SIZE) + 2 * GAP
    )
    figure, axes = drawing_board(min(board_width, WIDTH), top + rows * step + foot)
    if headline:
        write_line(axes, GAP, headline)
    tiles = [
        Tile(
            GAP + (index % columns) * (wide + GAP),
            top + (index // columns) * step + captions,
            wide,
            high,
        )
        for index in range(count)
    ]
    for image, tile in zip(images, tiles, strict=True):
        draw_image(axes, image, shades, tile)
    if shades.note:
        write_line(axes, top + rows * step, shades.note, color=QUIET)
    return figure, axes, tiles


def write_line(axes, top, text, size=SMALL_SIZE, **look):
    """Write one line of small text from the left edge of a drawing board, so far down."""
    axes.text(GAP, top, text, verticalalignment="top", fontsize=points(size), **look)


def write_above(axes, tile, text, line, size, **look):
    """Write one line of text above a tile; line 0 is the one next to it."""
    shown = shortened(text, tile.width + GAP - 3, size, look.get("fontweight", "normal"))
    axes.text(
        tile.left + tile.width / 2,
        tile.top - 6 - line * SMALL_SIZE * LINE_STEP,
        shown,
        horizontalalignment="center",
        verticalalignment="baseline",
        fontsize=points(size),
        **look,
    )


def common_size(texts, tile, weight="normal", largest=SMALL_SIZE):
    """The text size at which the widest of the texts fits above a tile, within reason."""
    widest = max(text_width(text, largest, weight) for text in texts)
    fitting = largest * min(1, (tile.width + GAP - 3) / max(widest, 1))
    return max(SMALLEST_TEXT, fitting)
