"""Many small pictures as one array, so that one image is drawn and not dozens."""

import numpy as np

from .style import DENSITY

PAPER_WHITE = 255


def as_bytes(shares):
    """Pictures of shares, 0 to 1, as red, green and blue, 0 to 255.

    ``shares`` has shape (k, height, width, 1 or 3); the result, uint8, has 3 channels.
    """
    colours = np.broadcast_to(shares, (*shares.shape[:3], 3))
    return np.rint(255 * colours).astype(np.uint8)


def tile_columns(count):
    """How many tiles stand in a row, so that the whole is about square."""
    return int(np.ceil(np.sqrt(count)))


def tile_scale(tiles, side, gap):
    """How many pixels of a frame show one pixel of a tile on a square with sides of so many.

    0 if the tiles do not fit.
    """
    columns = tile_columns(len(tiles))
    return int((side - gap * (columns - 1)) / columns / max(tiles.shape[1:3]))


def mosaic(tiles, side, gap=3 * DENSITY):
    """Tiles in rows on white, each pixel shown by a square of whole pixels of the frame.

    ``tiles`` is uint8 of shape (k, height, width, 3); the result, uint8 of shape (rows, columns,
    3), is at most ``side`` pixels wide and high.
    """
    scale = tile_scale(tiles, side, gap)
    columns = tile_columns(len(tiles))
    rows = -(-len(tiles) // columns)
    large = tiles.repeat(scale, axis=1).repeat(scale, axis=2)
    height, width = large.shape[1:3]
    board = np.full((rows * columns, height + gap, width + gap, 3), PAPER_WHITE, np.uint8)
    board[: len(tiles), :height, :width] = large
    board = board.reshape(rows, columns, height + gap, width + gap, 3).swapaxes(1, 2)
    return board.reshape(rows * (height + gap), columns * (width + gap), 3)[:-gap, :-gap]
