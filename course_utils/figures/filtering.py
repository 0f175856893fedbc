"""What kernels make of a whole picture: blurred, sharpened, its edges."""

from fractions import Fraction
from textwrap import wrap

import numpy as np

from ..arguments import named, number_matrix, single_image
from .picture import Picture
from .style import QUIET, course_style, drawing_board, points, shortened, text_width
from .tiles import GAP, Tile, draw_image, shades_of
from .words import counted, number, percent, quoted

MOST_KERNELS = 8
BOARD = 560  # narrower than other figures: a telephone shrinks it less
TILES_IN_A_ROW = 2
NAME_TEXT = 17
WEIGHT_TEXT = 15
LETTERS_IN_A_LINE = 64  # so many of that size fit onto the board


@course_style()
def kernel_effects(image, kernels):
    """Show what kernels do to a grey picture, each with its weights.

    Every window is multiplied with the kernel and added up, without padding and, as in
    ``keras.layers.Conv2D``, without turning the kernel over.

    Parameters
    ----------
    image : ndarray, shape (height, width) or (height, width, 1), uint8 or float
        Not changed.
    kernels : dict of str to ndarray, shape (kernel height, kernel width), float or integer
        Name and weights of one to eight kernels, of at most five rows and columns each. Not
        changed. What a kernel makes is shown in the shades of the image, cut off at black and
        white; if its weights add up to 0, from the largest negative value (black) over 0
        (mid-grey) to the largest positive one (white).

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``image`` is no array of uint8 or float, ``kernels`` no dict, a name no string or a
        kernel no array of numbers.
    ValueError
        If ``image`` is in colour or of another shape, there are too many or no kernels, or a
        kernel is larger than 5 by 5 or than the image, or not finite.
    """
    image = grey(single_image(image))
    kernels = _checked_kernels(kernels, image)
    maps = {name: filtered(image, kernel) for name, kernel in kernels.items()}
    figure = _effects_board(image, kernels, maps)
    return Picture(figure, _effects_words(image, kernels, maps))


def grey(image):
    """A grey image with two axes, or an error if it is in colour."""
    if image.ndim == 3 and image.shape[2] == 3:
        raise ValueError(
            f"image should be grey, shape (height, width); got {image.shape}. "
            "Use image.mean(axis=2) for the mean of its channels."
        )
    return image.reshape(image.shape[:2])


def _checked_kernels(kernels, image):
    """The kernels as floats, or an error that names the one at fault."""
    named(kernels, "kernels", "name to weights", '{"blur": kernel}', most=MOST_KERNELS)
    checked = {}
    for name, kernel in kernels.items():
        checked[name] = number_matrix(kernel, f"kernels[{name!r}]")
        if max(kernel.shape) > 5 or (np.array(kernel.shape) > image.shape).any():
            raise ValueError(
                f"kernels[{name!r}] should be 5 by 5 at most, and no larger than the image of "
                f"{image.shape}; got {kernel.shape}. Use a smaller kernel."
            )
    return checked


def filtered(image, kernel):
    """What a kernel makes of an image, shape (height - kernel height + 1, …), float."""
    from scipy.ndimage import correlate

    # SciPy answers for every pixel; only where the kernel lies within the image nothing is made up.
    answer = correlate(image.astype(float), kernel, mode="constant")
    top, left = kernel.shape[0] // 2, kernel.shape[1] // 2
    height, width = np.subtract(image.shape, kernel.shape) + 1
    return answer[top : top + height, left : left + width]


def _adds_up_to_zero(kernel):
    """Whether a flat part of a picture becomes 0."""
    return bool(np.isclose(kernel.sum(), 0, atol=1e-6))


def _effects_board(image, kernels, maps):
    """Draw the image and what each kernel makes of it, in rows."""
    wide = (BOARD - GAP * (TILES_IN_A_ROW + 1)) / TILES_IN_A_ROW
    high = wide * image.shape[0] / image.shape[1]
    line = 1.35 * WEIGHT_TEXT
    captions = max(2, *(len(kernel) for kernel in kernels.values())) * line + 4
    step = captions + high + 2 * GAP
    rows = -(-(1 + len(kernels)) // TILES_IN_A_ROW)
    notes = _notes(image, kernels)
    figure, axes = drawing_board(BOARD, rows * step + len(notes) * line + GAP)

    def tile_at(place):
        left = GAP + place % TILES_IN_A_ROW * (wide + GAP)
        return Tile(left, place // TILES_IN_A_ROW * step + captions + GAP, wide, high)

    shades = shades_of(image)
    draw_image(axes, image, shades, tile_at(0))
    _write_name(axes, tile_at(0), "the picture", f"{image.shape[0]} by {image.shape[1]} pixels", 0)
    for place, (name, kernel) in enumerate(kernels.items(), start=1):
        tile = tile_at(place)
        own = shades
        if _adds_up_to_zero(kernel):
            largest = float(np.abs(maps[name]).max()) or 1.0
            own = shades._replace(black=-largest, white=largest)
        draw_image(axes, maps[name], own, tile)
        table = _write_weights(axes, tile, kernel, line)
        _write_name(axes, tile, name, f"adds up to {_fraction(kernel.sum())}", table)
    for place, note in enumerate(notes):
        y = rows * step + place * line
        axes.text(GAP, y, note, fontsize=points(WEIGHT_TEXT), color=QUIET, va="top")
    return figure


def _write_name(axes, tile, name, below, table):
    """Write a kernel's name and one fact above a tile, left of its weights."""
    room = tile.width - table - GAP
    shown = shortened(name, room, NAME_TEXT, "bold")
    y = tile.top - 4 - 1.35 * WEIGHT_TEXT
    look = {"ha": "left", "va": "baseline"}
    axes.text(tile.left, y - 3, shown, fontsize=points(NAME_TEXT), weight="bold", **look)
    below = shortened(below, room, WEIGHT_TEXT)
    axes.text(tile.left, tile.top - 6, below, fontsize=points(WEIGHT_TEXT), color=QUIET, **look)


def _write_weights(axes, tile, kernel, line):
    """Write the weights above a tile, at its right end; returns how wide they are."""
    texts = [[_fraction(weight) for weight in row] for row in kernel]
    column = max(text_width(text, WEIGHT_TEXT) for row in texts for text in row) + 7
    right = tile.left + tile.width - 1.5 * GAP
    for row, column_number in np.ndindex(kernel.shape):
        axes.text(
            right - (kernel.shape[1] - 1 - column_number) * column,
            tile.top - 6 - (kernel.shape[0] - 1 - row) * line,
            texts[row][column_number],
            fontsize=points(WEIGHT_TEXT),
            ha="right",
            va="baseline",
        )
    return kernel.shape[1] * column + 1.5 * GAP


def _notes(image, kernels):
    """How to read the shades, in short lines."""
    notes = [shades_of(image).note] if shades_of(image).note else []
    if any(map(_adds_up_to_zero, kernels.values())):
        notes.append(
            "Where weights add up to 0, mid-grey is 0, brighter is positive and darker negative."
        )
    return [line for note in notes for line in wrap(note, LETTERS_IN_A_LINE)]


def _fraction(value):
    """A weight as people write it: 1/9 rather than 0.111."""
    close = Fraction(value).limit_denominator(64)
    if abs(close - value) > 1e-6:  # float32 knows 1/9 to seven digits only
        return number(value)
    return str(close).replace("-", "−")


def _effects_words(image, kernels, maps):
    """What is seen when kernels are applied to a picture."""
    words = (
        f"A grey picture of {image.shape[0]} by {image.shape[1]} pixels, and what "
        f"{counted(len(kernels), 'kernel')} {'makes' if len(kernels) == 1 else 'make'} of it."
    )
    before = np.abs(np.diff(image.astype(float), axis=1)).mean()
    for name, kernel in kernels.items():
        made = maps[name]
        told = f"{quoted(name)}, weights that add up to {_fraction(kernel.sum())}:"
        if _adds_up_to_zero(kernel):
            quiet = np.mean(np.abs(made) <= 0.1 * np.abs(made).max())
            told = f"{told} close to 0 in {percent(quiet)} of the picture, else where it changes."
        else:
            after = np.abs(np.diff(made, axis=1)).mean()
            change = after / before if before else 1.0
            verb = "shrink to" if change < 1 else "grow to" if change > 1 else "stay at"
            told = f"{told} differences between neighbouring pixels {verb} {percent(change)}."
        words = f"{words} {told}"
    return words
