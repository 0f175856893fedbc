"""One kernel while it learns, beside the one that people designed."""

import numpy as np

from ..arguments import integer, number_matrix, single_image
from .animation import Animation
from .filtering import filtered, grey
from .number_table import TITLE_ROOM, TITLE_TEXT, NumberTable
from .style import course_style, drawing_board, points
from .tiles import Shades, Tile, draw_image
from .words import counted, listed, number

BOARD = 560  # narrower than other figures: a telephone shrinks it less
EDGE = 8
BETWEEN = 24
TABLE = 232  # width and height of a square table
GAP = 14


@course_style()
def learned_kernel(image, kernels, designed):
    """Show a kernel's weights step by step, and what they make of a picture.

    Above the kernel that learns, below the designed one that it is compared with. As in
    ``keras.layers.Conv2D`` no kernel is turned over, and there is no padding.

    Parameters
    ----------
    image : ndarray, shape (height, width) or (height, width, 1), uint8 or float
        Not changed.
    kernels : dict of int to ndarray, shape (rows, columns), float
        Number of training steps, rising, to the weights after them. Not changed.
    designed : ndarray, shape (rows, columns), float or integer
        At most 5 by 5, not larger than the image. Not changed.

    Returns
    -------
    Animation

    Raises
    ------
    TypeError
        If ``image`` or a kernel is no array of numbers, ``kernels`` no dict, or a number of steps
        not whole.
    ValueError
        If ``image`` is in colour, there is no kernel, the steps do not rise, or the kernels differ
        in shape from ``designed``, or are too large or not finite.
    """
    image = grey(single_image(image))
    designed = number_matrix(designed, "designed")
    if max(designed.shape) > 5 or (np.array(designed.shape) > image.shape).any():
        raise ValueError(
            f"designed should be 5 by 5 at most, and no larger than the image of {image.shape}; "
            f"got {designed.shape}. Use a smaller kernel."
        )
    kernels = _checked_kernels(kernels, designed)
    board = _Board(image, kernels, designed)
    steps = list(kernels)

    def update(place):
        board.show(steps[place])

    return Animation.record(
        board.figure,
        update,
        len(steps),
        _learned_words(kernels, designed),
        captions=[_when(step) for step in steps],
        frames_per_second=2.5,
    )


def _checked_kernels(kernels, designed):
    """The kernels as floats, or an error that names the one at fault."""
    if not isinstance(kernels, dict):
        raise TypeError(
            f"kernels should be a dict from steps to weights; got {type(kernels).__name__}. "
            "Write {0: weights_before, 200: weights_after}."
        )
    if not kernels:
        raise ValueError("kernels should hold at least one kernel; got none. Keep some.")
    steps = [integer(step, "a number of steps") for step in kernels]
    if steps[0] < 0 or (np.diff(steps) <= 0).any():
        raise ValueError(
            f"The steps of kernels should rise, from 0 or more; got {steps}. Put them in order."
        )
    checked = {step: number_matrix(it, f"kernels[{step}]") for step, it in kernels.items()}
    for step, kernel in checked.items():
        if kernel.shape != designed.shape:
            raise ValueError(
                f"kernels[{step}] should have the shape of designed, {designed.shape}; got "
                f"{kernel.shape}. Compare kernels of one size."
            )
    return checked


class _Board:
    """The drawing: two tables, each beside what its kernel makes of the picture."""

    def __init__(self, image, kernels, designed):
        self.image, self.kernels = image, kernels
        self.wide = BOARD - 2 * EDGE - BETWEEN - TABLE
        self.high = self.wide * image.shape[0] / image.shape[1]
        step = TITLE_ROOM + max(TABLE, self.high) + GAP
        self.figure, self.axes = drawing_board(BOARD, 2 * step)
        reach = max(np.abs(it).max() for it in (designed, *kernels.values())) or 1.0
        made = filtered(image, designed)
        largest = float(np.abs(made).max()) or 1.0
        shades = Shades(-largest, largest, "")
        self.learning = self._table(0, step, designed.shape, reach)
        self.map = self._map(0, step, made, shades)
        self._table(1, step, designed.shape, reach).show(designed)
        self._map(1, step, made, shades)

    def show(self, step):
        """Change the drawing into that after so many steps."""
        self.learning.title.set_text(_when(step))
        self.learning.show(self.kernels[step], write=_two_decimals)
        self.map.set_data(filtered(self.image, self.kernels[step]))

    def _table(self, row, step, shape, reach):
        """An empty table, shaded from -reach to reach, in the middle of its row of the board."""
        cell = TABLE / max(shape)
        left = EDGE + (TABLE - shape[1] * cell) / 2
        top = row * step + TITLE_ROOM + (step - TITLE_ROOM - GAP - shape[0] * cell) / 2
        ends = (-reach, reach)
        return NumberTable(self.axes, left, top, shape, cell, "designed by people", ends)

    def _map(self, row, step, made, shades):
        """A map beside a table, with its title."""
        tile = Tile(EDGE + TABLE + BETWEEN, row * step + TITLE_ROOM, self.wide, self.high)
        look = {"weight": "bold", "ha": "center", "va": "bottom"}
        middle = tile.left + self.wide / 2
        self.axes.text(middle, tile.top - 6, "its map", fontsize=points(TITLE_TEXT), **look)
        draw_image(self.axes, made, shades, tile)
        return self.axes.get_images()[-1]


def _when(step):
    """After how many steps."""
    return f"after {counted(step, 'step')}" if step else "before training"


def _two_decimals(weight):
    """A weight with two decimals and a true minus sign."""
    return f"{weight + 0.0:.2f}".replace("-0.00", "0.00").replace("-", "−")


def _learned_words(kernels, designed):
    """What is seen while a kernel learns."""
    first, last = list(kernels)[0], list(kernels)[-1]
    farthest = [float(np.abs(kernels[step] - designed).max()) for step in (first, last)]
    weights = listed(_two_decimals(weight) for weight in kernels[last].flat)
    return (
        f"Animation of {counted(len(kernels), 'step')} from {_when(first)} to {_when(last)}: a "
        f"kernel of {designed.shape[0]} by {designed.shape[1]} weights and the map it makes of a "
        "grey picture, above a designed kernel and its map, which stay. The weight farthest from "
        f"the designed one is {number(farthest[0])} away at first and {number(farthest[1])} at "
        f"the end, when the weights, row by row, are {weights}."
    )
