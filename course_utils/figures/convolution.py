"""What a convolution does to a few numbers, step by step."""

import numpy as np

from ..arguments import integer, number_matrix, positive_integer
from .animation import Animation
from .number_table import TITLE_ROOM, NumberTable, fitting
from .style import INK, PAPER, QUIET, course_style, drawing_board, points, shortened
from .words import counted, number

BOARD = 560  # narrower than other figures: a telephone shrinks it less
MOST_HEIGHT = 720  # of both rows of tables
LARGEST_CELL = 56
SMALLEST_CELL = 24
PRODUCT_CELL = 1.5  # times a cell: it holds two lines
BETWEEN = 40
EDGE = 8
WIDEST_TITLE = 200
GAP = 12
SUM_TEXT = 18
FACTOR_TEXT = 16


@course_style()
def sliding_kernel(image, kernel, *, padding=0, stride=1):
    """Show how a kernel slides over an image of a few pixels and how the output grows.

    Each frame shows one position: the window on the image, the kernel, the product of each pixel
    with its weight, their sum, and the output so far. As in ``keras.layers.Conv2D`` the kernel is
    not turned over: strictly speaking this is a cross-correlation.

    Parameters
    ----------
    image : ndarray, shape (height, width), float or integer
        Not changed. To be readable the whole should be small, such as 5 by 5 and a 3 by 3 kernel.
    kernel : ndarray, shape (kernel height, kernel width), float or integer
        Not larger than the padded image. Not changed.
    padding : int, at least 0
        How many rows and columns of zeros to put around the image on every side.
    stride : int, at least 1
        How many pixels the kernel moves on.

    Returns
    -------
    Animation

    Raises
    ------
    TypeError
        If ``image`` or ``kernel`` is no array of numbers, or ``padding`` or ``stride`` no whole
        number.
    ValueError
        If a shape is wrong, the kernel does not fit, values are not finite, ``padding`` or
        ``stride`` is too small, or the numbers would be too small to read.
    """
    image, kernel = number_matrix(image, "image"), number_matrix(kernel, "kernel")
    stride = positive_integer(stride, "stride")
    padding = integer(padding, "padding")
    if padding < 0:
        raise ValueError(f"padding should be at least 0; got {padding}. Use 0 for none.")
    padded = np.pad(image, padding)
    if kernel.shape[0] > padded.shape[0] or kernel.shape[1] > padded.shape[1]:
        raise ValueError(
            f"kernel should fit into the image of {padded.shape}; got {kernel.shape}. "
            "Use a smaller kernel, or padding."
        )
    corners = [
        (row, column)
        for row in range(0, padded.shape[0] - kernel.shape[0] + 1, stride)
        for column in range(0, padded.shape[1] - kernel.shape[1] + 1, stride)
    ]
    rows = len({row for row, _ in corners})
    shape = (rows, len(corners) // rows)
    sums = []
    for row, column in corners:
        products = padded[row : row + kernel.shape[0], column : column + kernel.shape[1]] * kernel
        sums.append((products.sum(), _sum_in_words(products)))
    output = np.array([total for total, _ in sums]).reshape(shape) + 0.0  # no −0
    scene = _Scene(padded, kernel, output, padding)

    def update(step):
        scene.show(step, corners[step], sums[step][1])

    captions = [
        f"output row {k // shape[1]}, column {k % shape[1]}: {words}"
        for k, (_, words) in enumerate(sums)
    ]
    return Animation.record(
        scene.figure,
        update,
        len(corners),
        _sliding_words(image, kernel, padding, stride, output),
        captions=captions,
        frames_per_second=1.0,
    )


class _Scene:
    """The drawing of one animation: above image and kernel, below their products and the output."""

    def __init__(self, padded, kernel, output, padding):
        self.padded, self.kernel, self.output = padded, kernel, output
        image_cells = max(padded.shape[1], PRODUCT_CELL * kernel.shape[1])
        kernel_cells = max(kernel.shape[1], output.shape[1])
        cell = min(LARGEST_CELL, (BOARD - 2 * EDGE - BETWEEN) / (image_cells + kernel_cells))
        upper = max(padded.shape[0], kernel.shape[0]) * cell
        lower = max(PRODUCT_CELL * kernel.shape[0], output.shape[0]) * cell
        if cell < SMALLEST_CELL or upper + lower > MOST_HEIGHT:
            size = tuple(length - 2 * padding for length in padded.shape)
            raise ValueError(
                "image and kernel should be small, such as (5, 5) and (3, 3), for their numbers "
                f"to be read; got {size} and {kernel.shape}. Choose a part of the image."
            )
        below = 2 * TITLE_ROOM + upper + GAP
        self.figure, self.axes = drawing_board(BOARD, below + lower + 2.6 * SUM_TEXT)
        left = max(image_cells * cell, WIDEST_TITLE) / 2
        self.middles = EDGE + left, BOARD - EDGE - kernel_cells * cell / 2
        self._make_tables(cell, padding, TITLE_ROOM + upper / 2, below + lower / 2)
        self.window = self.image_table.frame(*kernel.shape)
        self.target = self.output_table.frame(1, 1)
        self.sum = self.axes.text(
            BOARD / 2,
            below + lower + 0.8 * SUM_TEXT,
            "",
            fontsize=points(SUM_TEXT),
            ha="center",
            va="top",
        )

    def show(self, step, corner, words):
        """Change the drawing into one step: the kernel at this corner of the padded image."""
        row, column = corner
        height, width = self.kernel.shape
        self.window.set_xy(self.image_table.corner(row, column))
        self.target.set_xy(self.output_table.corner(*divmod(step, self.output.shape[1])))
        pixels = self.padded[row : row + height, column : column + width]
        self.product_table.show(pixels * self.kernel + 0.0)  # no −0
        for place, text in np.ndenumerate(self.factors):
            text.set_text(f"{number(pixels[place])} · {number(self.kernel[place])}")
        later = np.arange(self.output.size).reshape(self.output.shape) > step
        self.output_table.show(np.ma.masked_where(later, self.output))
        self.sum.set_text(shortened(f"added up: {words}", BOARD - 2 * EDGE, SUM_TEXT))

    def _make_tables(self, cell, padding, upper, lower):
        """Draw the four tables around their middles, and what stays in them."""
        large, ends = PRODUCT_CELL * cell, _ends(self.padded)
        reach = np.abs(self.kernel).max() or 1.0
        title = "image and its padding" if padding else "image"
        self.image_table = self._table(0, upper, self.padded, cell, title, ends)
        self.image_table.show(self.padded)
        if padding:
            self._outline(self.image_table, padding)
        self.kernel_table = self._table(1, upper, self.kernel, cell, "kernel", (-reach, reach))
        self.kernel_table.show(self.kernel)
        self.output_table = self._table(1, lower, self.output, cell, "output", _ends(self.output))
        products = np.outer([self.padded.min(), self.padded.max()], self.kernel.ravel())
        self.product_table = self._table(
            0, lower, self.kernel, large, "pixel · weight", None, at=0.64
        )
        self.product_table.write_as_large_as([number(value) for value in products.flat])
        self.factors = self._factors(large)

    def _table(self, side, middle, values, cell, title, ends, **look):
        """One table around its middle, on the left (0) or on the right (1)."""
        left = self.middles[side] - values.shape[1] * cell / 2
        top = middle - values.shape[0] * cell / 2
        table = NumberTable(self.axes, left, top, values.shape, cell, title, ends, **look)
        table.write_as_large_as([number(value) for value in values.flat])
        return table

    def _factors(self, cell):
        """The small texts in the upper part of the products' cells: pixel · weight."""
        longest = max((number(value) for value in self.padded.flat), key=len)
        pairs = [f"{longest} · {number(weight)}" for weight in self.kernel.flat]
        size = fitting(pairs, cell, FACTOR_TEXT)
        return self.product_table.texts(size, at=0.2, color=QUIET)

    def _outline(self, table, padding):
        """A line around the pixels that are the image's own, to be seen on dark and on light."""
        from matplotlib.patches import Rectangle
        from matplotlib.patheffects import withStroke

        rows, columns = np.subtract(self.padded.shape, 2 * padding) * table.cell
        look = {"edgecolor": PAPER, "linewidth": points(2), "zorder": 3}
        corner = table.corner(padding, padding)
        line = self.axes.add_patch(Rectangle(corner, columns, rows, fill=False, **look))
        line.set_path_effects([withStroke(linewidth=points(4), foreground=INK)])


def _ends(values):
    """The lowest and highest value, for the shades."""
    return float(values.min()), float(values.max())


def _sum_in_words(products):
    """The sum of products as one writes it: 2 − 1 + 0 = 1."""
    first, *others = products.ravel() + 0.0  # no −0
    words = number(first)
    for value in others:
        words += f" − {number(-value)}" if value < 0 else f" + {number(value)}"
    return f"{words} = {number(products.sum() + 0.0)}"


def _sliding_words(image, kernel, padding, stride, output):
    """What is seen while a kernel slides."""
    sizes = [f"{table.shape[0]} by {table.shape[1]}" for table in (kernel, image, output)]
    around = f" with {counted(padding, 'ring')} of zeros around it" if padding else ""
    moves = f", {stride} pixels at a time" if stride > 1 else ""
    row, column = np.unravel_index(output.argmax(), output.shape)
    return (
        f"Animation of {counted(output.size, 'step')}: a kernel of {sizes[0]} weights slides over "
        f"an image of {sizes[1]} pixels{around}{moves}, row by row. At each step the pixels under "
        "it are multiplied by its weights and added up, which gives one more value of the output. "
        f"The first is {number(output.flat[0])}, the last {number(output.flat[-1])}. The whole "
        f"output has {sizes[2]} values, from {number(output.min())} to {number(output.max())}, "
        f"the largest in row {row}, column {column}."
    )
