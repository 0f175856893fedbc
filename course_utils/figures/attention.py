"""An image cut into patches, and where one of them looks."""

import numpy as np

from ..arguments import integer, number_matrix, single_image
from .picture import Picture
from .style import (
    EMPHASIS,
    INK,
    PAPER,
    QUIET,
    TEXT_SIZE,
    WIDTH,
    course_style,
    drawing_board,
    points,
)
from .tiles import Shades, Tile, draw_image, shades_of
from .words import counted, listed, percent

SIDE = 300
EDGE = 24
TOP = 40
SEAM = 5
MOST = 8  # patches in a row or column, so that numbers can be read


@course_style()
def attention_of_patch(image, weights, patch):
    """Show an image cut into patches, and how much attention one patch pays to each of them.

    Parameters
    ----------
    image : ndarray, shape (height, width), (height, width, 1) or (height, width, 3)
        uint8 or float. Height and width are multiples of the numbers of patches. Not changed.
    weights : ndarray, shape (rows, columns), float or integer, 0 or more
        One for each patch, 8 by 8 at most, with a sum of 1. Not changed.
    patch : int, 0 to rows * columns - 1
        The one that asks, counted row by row; it is framed.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``image`` or ``weights`` is no array of numbers, or ``patch`` no whole number.
    ValueError
        If there are too many patches, the image cannot be cut into them, the weights do not add up
        to 1, or there is no such patch.
    """
    image = single_image(image)
    weights = _checked_weights(weights, image)
    patch = integer(patch, "patch")
    if not 0 <= patch < weights.size:
        raise ValueError(
            f"patch should be 0 to {weights.size - 1}, one of the patches; got {patch}. "
            "Count them row by row, from 0."
        )
    high = SIDE * image.shape[0] / image.shape[1]
    figure, axes = drawing_board(WIDTH, TOP + high + EDGE)
    left = Tile(EDGE, TOP, SIDE, high)
    right = left._replace(left=WIDTH - EDGE - SIDE)
    for tile, title in ((left, "the patch that asks"), (right, "how much it takes from each")):
        axes.text(
            tile.left, TOP - 12, title, weight="bold", fontsize=points(TEXT_SIZE + 2), color=INK
        )
    for place, tile in _parts(left, weights.shape):
        rows, columns = (
            size // count for size, count in zip(image.shape, weights.shape, strict=False)
        )
        row, column = divmod(place, weights.shape[1])
        part = image[row * rows : (row + 1) * rows, column * columns : (column + 1) * columns]
        draw_image(axes, part, shades_of(image), tile)
    largest = Shades(0.0, float(weights.max()), "")
    for place, tile in _parts(right, weights.shape):
        draw_image(axes, weights.ravel()[[[place]]].astype(float), largest, tile)
        _frame(axes, tile, ((QUIET, 1),))
        _write_share(axes, tile, weights.ravel()[place], largest.white)
    for tile in (left, right):
        _frame(axes, dict(_parts(tile, weights.shape))[patch])
    return Picture(figure, _attention_words(weights, patch))


def _checked_weights(weights, image):
    """The weights, or an error."""
    weights = number_matrix(weights, "weights")
    if max(weights.shape) > MOST:
        raise ValueError(
            f"weights should be {MOST} by {MOST} at most, to be readable; got {weights.shape}. "
            "Cut larger patches."
        )
    if image.shape[0] % weights.shape[0] or image.shape[1] % weights.shape[1]:
        raise ValueError(
            f"weights should divide the image of {image.shape[:2]} into whole patches; got "
            f"{weights.shape}. Use as many rows and columns as there are patches."
        )
    if (weights < 0).any() or not np.isclose(weights.sum(), 1, atol=1e-3):
        raise ValueError(
            "weights should be 0 or more, with a sum of 1; got "
            f"{weights.min():.3g} to {weights.max():.3g}, a sum of {weights.sum():.3g}. "
            "Apply softmax first."
        )
    return weights


def _parts(tile, shape):
    """Places of the patches, row by row, with seams between them, each with its number."""
    rows, columns = shape
    wide = (tile.width - (columns - 1) * SEAM) / columns
    high = (tile.height - (rows - 1) * SEAM) / rows
    for place in range(rows * columns):
        row, column = divmod(place, columns)
        yield (
            place,
            Tile(tile.left + column * (wide + SEAM), tile.top + row * (high + SEAM), wide, high),
        )


def _write_share(axes, tile, share, largest):
    """A patch's weight in per cent, in a shade that is read on its own."""
    axes.text(
        tile.left + tile.width / 2,
        tile.top + tile.height / 2,
        percent(share),
        ha="center",
        va="center",
        fontsize=points(TEXT_SIZE + 2),
        color=INK if share > 0.45 * largest else PAPER,
    )


def _frame(axes, tile, lines=((PAPER, 7), (EMPHASIS, 4))):
    """A frame around a patch; by default a thick one, seen on dark and on bright."""
    from matplotlib.patches import Rectangle

    for colour, width in lines:
        axes.add_patch(
            Rectangle(
                (tile.left, tile.top),
                tile.width,
                tile.height,
                fill=False,
                edgecolor=colour,
                linewidth=points(width),
                zorder=5,
            )
        )


def _attention_words(weights, patch):
    """What is seen of the patches and their weights."""
    rows, columns = weights.shape
    row, column = divmod(patch, columns)
    order = np.argsort(-weights.ravel(), kind="stable")[:3]
    shares = (percent(weights.ravel()[place]) for place in order)
    most = listed(
        f"row {place // columns + 1}, column {place % columns + 1} ({share})"
        for place, share in zip(order, shares, strict=True)
    )
    return (
        f"An image cut into {counted(weights.size, 'patch', 'patches')} in {counted(rows, 'row')}, "
        f"beside the shares that the framed patch in row {row + 1}, column {column + 1} takes from "
        f"each, in per cent and as shades of grey. It takes most from {most}."
    )
