"""Images before and after a small change, with the change made visible."""

import numpy as np

from ..arguments import image_batch, text_list
from .picture import Picture
from .style import SMALL_SIZE, course_style
from .tiles import tile_board, write_above
from .words import counted, number, quoted

MOST_IMAGES = 12
COLUMNS = 3


@course_style()
def changed_images(images, changed, before, after):
    """Show images, what was changed in them, and the changed images, a row for each.

    In the middle mid-grey stands for no change, brighter for more and darker for less, from the
    largest change of all the images down to the same below zero.

    Parameters
    ----------
    images, changed : ndarray, shape (n, height, width), (n, height, width, 1 or 3), float
        At most 12 images with values 0 to 1, before and after. Not changed.
    before, after : list or tuple of n strings
        What to write above an image and above its changed version, such as the answers to them.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If images are no arrays of floats, or the texts no lists of strings.
    ValueError
        If the two differ in shape, are too many or have values beyond 0 to 1, or if there is not
        one text for each image.
    """
    images, changed = _checked(images, "images"), _checked(changed, "changed")
    if images.shape != changed.shape:
        raise ValueError(
            f"changed should have the shape of images, {images.shape}; got {changed.shape}. "
            "Take both from the same slice."
        )
    texts = [text_list(them, name, len(images)) for them, name in
             ((before, "before"), (after, "after"))]  # fmt: skip
    change = changed.astype(float) - images
    largest = float(np.abs(change).max())
    shown = 0.5 + change / (2 * largest or 1)
    rows = np.stack([images, shown, changed], axis=1).reshape(-1, *images.shape[1:])
    note = f"Largest change: {number(255 * largest)} of 255. Mid-grey: no change."
    figure, axes, tiles = tile_board(rows, COLUMNS, lines=1, headline=note)
    middle = "the change" if largest else "no change"
    for k, (one, other) in enumerate(zip(*texts, strict=True)):
        for tile, text in zip(tiles[COLUMNS * k :], (one, middle, other), strict=False):
            write_above(axes, tile, text, line=0, size=SMALL_SIZE)
    return Picture(figure, _changed_words(texts, largest))


def _checked(images, name):
    """A batch of float images with values 0 to 1, or an error."""
    images = image_batch(images)
    if not np.issubdtype(images.dtype, np.floating):
        raise TypeError(f"{name} should be float, 0 to 1; got {images.dtype}. Divide by 255.")
    if images.min() < 0 or images.max() > 1:
        raise ValueError(
            f"{name} should have values 0 to 1; got {images.min():.3g} to {images.max():.3g}. "
            "Use np.clip(images, 0, 1)."
        )
    if len(images) > MOST_IMAGES:
        raise ValueError(
            f"{name} should be at most {MOST_IMAGES}; got {len(images)}. Choose some, such as "
            f"{name}[:4]."
        )
    return images


def _changed_words(texts, largest):
    """What is seen in a row of images before and after."""
    pairs = [f"{quoted(one)} becomes {quoted(other)}" for one, other in zip(*texts, strict=True)]
    return (
        f"{counted(len(pairs), 'image')}, each beside the change made to it and the changed image; "
        f"no value changes by more than {number(255 * largest)} of 255. {'; '.join(pairs)}."
    )
