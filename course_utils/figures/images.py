"""Many images at a glance."""

import numpy as np

from ..arguments import image_batch, positive_integer
from .picture import Picture
from .style import course_style
from .tiles import common_size, shades_of, tile_board, write_above
from .words import capitalised, counted, listed

LARGEST_TEXT = 14  # where there is room: on a phone the figure is half as wide


@course_style()
def image_grid(images, titles=None, columns=10):
    """Show images in rows and columns.

    Parameters
    ----------
    images : ndarray, shape (n, height, width), (n, height, width, 1) or (n, height, width, 3)
        At most 400 images. uint8 is shown from 0 (black) to 255 (white), floats that all lie
        between 0 and 1 from 0 to 1. Any other floats, normalised pixels for instance, are
        rescaled together, from the lowest value of the whole grid to its highest, so that shades
        may be compared between images; a line below the grid says so. Not changed.
    titles : list, tuple or ndarray of n strings or whole numbers, optional
        Written above the images: class names, or labels as they are.
    columns : int
        Images in a row.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``images`` is no array or neither uint8 nor float, or a title is neither string nor
        whole number.
    ValueError
        If ``images`` is empty, too many, of another shape or not finite, if there is not one
        title an image, or if ``columns`` is less than 1.
    """
    images = image_batch(images)
    columns = positive_integer(columns, "columns")
    titles = None if titles is None else _title_texts(titles, len(images))
    figure, axes, tiles = tile_board(images, columns, lines=0 if titles is None else 1)
    if titles is not None:
        size = common_size(titles, tiles[0], largest=LARGEST_TEXT)
        for tile, title in zip(tiles, titles, strict=True):
            write_above(axes, tile, title, line=0, size=size)
    return Picture(figure, _grid_words(images, titles, columns))


def _title_texts(titles, count):
    """Titles as a list of strings, one an image."""
    if not isinstance(titles, list | tuple | np.ndarray) or getattr(titles, "ndim", 1) != 1:
        raise TypeError(
            f"titles should be a list of strings or labels; got {type(titles).__name__}. "
            "Give one title for each image."
        )
    for title in titles:
        if not isinstance(title, str | int | np.integer):
            raise TypeError(
                f"titles should be strings or whole numbers; got {type(title).__name__}. "
                "Use [str(title) for title in titles]."
            )
    if len(titles) != count:
        raise ValueError(
            f"titles should be one for each of the {count} images; got {len(titles)}. "
            "Take both from the same slice."
        )
    return [str(title) for title in titles]


def _grid_words(images, titles, columns):
    """What is seen in a grid of images."""
    count, height, width = images.shape[:3]
    colour = "colour" if images.ndim == 4 and images.shape[3] == 3 else "grey"
    rows = -(-count // columns)
    words = f"{counted(count, f'{colour} image')} of {height} by {width} pixels"
    if rows > 1:
        words = f"{words} in {rows} rows of up to {columns}"
    words = f"{capitalised(words)}."
    if titles is not None:
        start = "Its title" if count == 1 else "Their titles, row by row"
        words = f"{words} {start}: {listed(titles)}."
    return f"{words} {shades_of(images).note}".strip()
