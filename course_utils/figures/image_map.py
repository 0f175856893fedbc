"""A map on which one sees the images themselves."""

import numpy as np

from ..arguments import image_batch, label_vector, positive_integer, text_list
from .maps import check_places, square_around
from .mosaic import PAPER_WHITE, as_bytes
from .picture import Picture
from .style import DENSITY, WIDTH, course_style, drawing_board
from .tiles import shades_of, shown_pixels
from .words import counted, listed, percent

GAP = 2  # between images, in their own pixels
THIRDS = (("top left", "top", "top right"), ("left", "middle", "right"),
          ("bottom left", "bottom", "bottom right"))  # fmt: skip


@course_style()
def image_map(places, images, labels, class_names, cells=20):
    """Lay a grid over a map of images, and show in each cell one of the images that lie there.

    It is the image that lies closest to the middle of the cell. Where a cell is blank, the map has
    no image.

    Parameters
    ----------
    places : ndarray, shape (n, 2), integer or float, finite
        The map. Not changed.
    images : ndarray, shape (n, height, width), (n, height, width, 1) or (n, height, width, 3)
        uint8 or float, shaded as by `image_grid`. Not changed.
    labels : ndarray, shape (n,), any integer dtype, values 0 to len(class_names) - 1
        For the words that describe the figure. Not changed.
    class_names : list or tuple of str
    cells : int, 2 to 60
        Cells in a row, and in a column.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If an argument is not of the kind above, a list instead of an array for instance.
    ValueError
        If places, images and labels do not belong together, places are not finite or of another
        shape, a label belongs to no class, or there are too few or too many cells.
    """
    images = image_batch(images)
    names = text_list(class_names)
    labels = label_vector(labels, classes=len(names), length=len(images))
    check_places(places, "places")
    if len(places) != len(images):
        raise ValueError(
            f"places should be one for each of the {len(images)} images; got {len(places)}. "
            "Take both from the same slice."
        )
    if not 2 <= positive_integer(cells, "cells") <= 60:
        raise ValueError(f"cells should be 2 to 60, to be recognisable; got {cells}. Use 20.")
    cell, shown = _one_for_each_cell(places, cells)
    board = _board(images, cell[shown], shown, cells)
    side = max(1, WIDTH * DENSITY // max(board.shape[:2]))
    board = board.repeat(side, axis=0).repeat(side, axis=1)
    height, width = (length / DENSITY for length in board.shape[:2])
    figure, axes = drawing_board(width, height)
    axes.imshow(board, extent=(0, width, height, 0))
    return Picture(figure, _words(places, cell, shown, labels, names, cells))


def _one_for_each_cell(places, cells):
    """Row and column of every image's cell, shape (n, 2), and the images to show."""
    low, high = square_around([places], margin=0)
    inside = (places - low) / (high - low) * cells
    column, up = np.clip(inside.astype(int), 0, cells - 1).T
    cell = np.stack([cells - 1 - up, column], axis=1)
    off_middle = np.linalg.norm(inside - np.stack([column, up], axis=1) - 0.5, axis=1)
    order = np.argsort(off_middle, kind="stable")
    _, first = np.unique(cell[order], axis=0, return_index=True)
    return cell, order[first]


def _board(images, where, shown, cells):
    """The whole grid as red, green and blue, each image in its cell on white."""
    shades = shades_of(images)
    height, width = images.shape[1:3]
    size = (cells * (height + GAP), cells * (width + GAP), 3)
    board = np.full(size, PAPER_WHITE, np.uint8)
    for (row, column), number in zip(where, shown, strict=True):
        pixels = shown_pixels(images[number], shades).astype(float)
        if pixels.ndim == 2 or images.dtype == np.uint8:
            pixels = (pixels - shades.black) / (shades.white - shades.black)
        pixels = pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
        top, left = row * (height + GAP), column * (width + GAP)
        board[top : top + height, left : left + width] = as_bytes(pixels[np.newaxis])[0]
    return board


def _words(places, cell, shown, labels, names, cells):
    """What is seen, where the classes lie, and how often neighbours on the grid are alike."""
    words = [
        f"Map on which {counted(len(shown), 'image')} of {len(places):,} are shown, one in each "
        f"cell of a grid of {cells} by {cells} in which there are any."
    ]
    parts = [
        f"{names[label]} {_part(np.median(cell[labels == label], axis=0), cells)}"
        for label in np.unique(labels)
    ]
    words.append(f"The middle of each class: {listed(parts)}.")
    drawn = {tuple(cell[number]): labels[number] for number in shown}
    pairs = [
        drawn[row, column] == drawn[beside]
        for row, column in drawn
        for beside in ((row, column + 1), (row + 1, column))
        if beside in drawn
    ]
    if pairs:
        words.append(
            f"Of the images that are next to each other, {percent(np.mean(pairs))} are of one "
            "class."
        )
    return " ".join(words)


def _part(middle, cells):
    """In which ninth of the map a cell lies, in words."""
    row, column = ((middle + 0.5) * 3 / cells).astype(int)
    return THIRDS[row][column]
