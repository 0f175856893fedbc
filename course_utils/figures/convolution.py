"""What a convolution does to a few numbers, step by step."""

import numpy as np

from ..arguments import integer, number_matrix, positive_integer
from .animation import Animation
from .style import (
    EMPHASIS,
    FAINT,
    INK,
    QUIET,
    SMALL_SIZE,
    TEXT_SIZE,
    WIDTH,
    course_style,
    drawing_board,
    points,
    shortened,
    text_width,
)
from .tiles import GAP, Tile, shades_of
from .words import counted, number

LARGEST_CELL = 48
SMALLEST_CELL = 24
PRODUCT_CELL = 1.5  # times a cell: it holds two lines
BETWEEN = 40
HEAD = 26


@course_style()
def sliding_kernel(image, kernel, *, padding=0, stride=1):
    """Show how a kernel slides over an image of a few pixels and how the output grows.

    Each frame shows one position: the window on the image, the product of each pixel with its
    weight, their sum, and the output so far. As in ``keras.layers.Conv2D`` the kernel is not
    turned over: strictly speaking this is a cross-correlation.

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
    scene = _Scene(image, kernel, padded, padding, shape)
    sums = []
    for row, column in corners:
        products = padded[row : row + kernel.shape[0], column : column + kernel.shape[1]] * kernel
        sums.append((products.sum(), _sum_in_words(products)))
    output = np.array([total for total, _ in sums]).reshape(shape) + 0.0  # no −0
    scene.prepare(output)

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
    """The drawing of one animation: what stays, and what each frame changes."""

    def __init__(self, image, kernel, padded, padding, shape):
        widest = padded.shape[1] + PRODUCT_CELL * kernel.shape[1] + shape[1]
        cell = min(LARGEST_CELL, (WIDTH - 2 * GAP - 2 * BETWEEN) / widest)
        tallest = max(padded.shape[0], PRODUCT_CELL * kernel.shape[0], shape[0])
        if cell < SMALLEST_CELL or tallest * cell > WIDTH:
            raise ValueError(
                "image and kernel should be small, such as (5, 5) and (3, 3), for their numbers "
                f"to be read; got {image.shape} and {kernel.shape}. Choose a part of the image."
            )
        self.padded, self.kernel, self.shape, self.cell = padded, kernel, shape, cell
        high, foot = tallest * cell, 3 * TEXT_SIZE
        self.figure, self.axes = drawing_board(WIDTH, HEAD + high + foot)
        self.foot = HEAD + high + 0.9 * TEXT_SIZE

        product_cell = PRODUCT_CELL * cell
        widths = [padded.shape[1] * cell, kernel.shape[1] * product_cell, shape[1] * cell]
        self.wide = sum(widths) + 2 * BETWEEN
        left = (WIDTH - self.wide) / 2
        self.left = left
        self.image_tile = self._centred(left, high, padded.shape, cell)
        left += widths[0] + BETWEEN
        self.product_tile = self._centred(left, high, kernel.shape, product_cell)
        left += widths[1] + BETWEEN
        self.output_tile = self._centred(left, high, shape, cell)

        self._draw_image(image, padding)
        self.pixels_and_weights, self.products = self._draw_products(product_cell)
        self.window = self._frame(self.image_tile, kernel.shape[1], kernel.shape[0], cell)
        self._frame(self.product_tile, kernel.shape[1], kernel.shape[0], product_cell)
        self.target = self._frame(self.output_tile, 1, 1, cell)
        self._draw_signs(high)
        self.sum = self.axes.text(
            WIDTH / 2, self.foot, "", fontsize=points(TEXT_SIZE), ha="center", va="top"
        )

    def prepare(self, output):
        """Draw the output's empty cells, and keep its values for later."""
        self.output = output
        empty = np.ma.masked_all(self.shape)
        self.output_image = self._shaded(empty, output, self.output_tile)
        self._lines(self.output_tile, self.shape, self.cell)
        self._title(self.output_tile, "output")
        size = _fitting([number(value) for value in output.flat], self.cell, 17)
        self.output_texts = self._texts(self.output_tile, self.shape, self.cell, size)

    def show(self, step, corner, words):
        """Change the drawing into one step: the kernel at this corner of the padded image."""
        row, column = corner
        height, width = self.kernel.shape
        self.window.set_xy(
            (self.image_tile.left + column * self.cell, self.image_tile.top + row * self.cell)
        )
        self.target.set_xy(
            (
                self.output_tile.left + step % self.shape[1] * self.cell,
                self.output_tile.top + step // self.shape[1] * self.cell,
            )
        )
        pixels = self.padded[row : row + height, column : column + width]
        for place in np.ndindex(self.kernel.shape):
            pixel, weight = number(pixels[place]), number(self.kernel[place])
            self.pixels_and_weights[place].set_text(f"{pixel} · {weight}")
            self.products[place].set_text(number(pixels[place] * self.kernel[place] + 0.0))
        done = np.arange(self.output.size).reshape(self.shape) <= step
        self.output_image.set_data(np.ma.masked_where(~done, self.output))
        for place, text in self.output_texts.items():
            text.set_text(number(self.output[place]) if done[place] else "")
        self.sum.set_text(shortened(f"added up: {words}", WIDTH - 2 * GAP, TEXT_SIZE))

    def _centred(self, left, high, shape, cell):
        """Place of a table of so many cells, in the middle of the height."""
        top = HEAD + (high - shape[0] * cell) / 2
        return Tile(left, top, shape[1] * cell, shape[0] * cell)

    def _draw_image(self, image, padding):
        """Draw the image's pixels with their numbers, and a line around those that are its own."""
        from matplotlib.patches import Rectangle

        tile, cell = self.image_tile, self.cell
        self._shaded(self.padded, self.padded, tile)
        self._lines(tile, self.padded.shape, cell)
        if padding:
            corner = (tile.left + padding * cell, tile.top + padding * cell)
            size = image.shape[1] * cell, image.shape[0] * cell
            look = {"edgecolor": INK, "linewidth": points(1.5), "zorder": 3}
            self.axes.add_patch(Rectangle(corner, *size, fill=False, **look))
        self._title(tile, "image and its padding" if padding else "image")
        texts = {place: number(value) for place, value in np.ndenumerate(self.padded)}
        size = _fitting(texts.values(), cell, 17)
        for place, text in self._texts(tile, self.padded.shape, cell, size).items():
            text.set_text(texts[place])

    def _draw_products(self, cell):
        """Draw the cells of the products, each with an upper and a lower text."""
        tile, shape = self.product_tile, self.kernel.shape
        self._lines(tile, shape, cell)
        self._title(tile, "pixel · weight")
        longest = max((number(value) for value in self.padded.flat), key=len)
        pairs = [f"{longest} · {number(weight)}" for weight in self.kernel.flat]
        small = _fitting(pairs, cell, SMALL_SIZE)
        extremes = np.outer([self.padded.min(), self.padded.max()], self.kernel.ravel())
        large = _fitting([number(value) for value in extremes.flat], cell, 17)
        upper = self._texts(tile, shape, cell, small, at=0.26, color=QUIET)
        return upper, self._texts(tile, shape, cell, large, at=0.66)

    def _draw_signs(self, high):
        """Draw arrows from table to table."""
        for tile in (self.product_tile, self.output_tile):
            self.axes.text(
                tile.left - BETWEEN / 2,
                HEAD + high / 2,
                "→",
                fontsize=points(20),
                color=QUIET,
                ha="center",
                va="center",
            )

    def _shaded(self, values, of, tile):
        """Values as shades so light that dark numbers can be read on all of them."""
        shades = shades_of(of.astype(float))
        black = shades.black - 1.5 * (shades.white - shades.black)
        return self.axes.imshow(
            values,
            vmin=black,
            vmax=shades.white,
            extent=(tile.left, tile.left + tile.width, tile.top + tile.height, tile.top),
            aspect="auto",
        )

    def _lines(self, tile, shape, cell):
        """Lines between the cells of a table."""
        look = {"color": FAINT, "linewidth": points(1)}
        right, bottom = tile.left + tile.width, tile.top + tile.height
        lefts = [tile.left + column * cell for column in range(shape[1] + 1)]
        tops = [tile.top + row * cell for row in range(shape[0] + 1)]
        self.axes.vlines(lefts, tile.top, bottom, **look)
        self.axes.hlines(tops, tile.left, right, **look)

    def _frame(self, tile, columns, rows, cell):
        """A thick frame around some cells, at first those in the top left corner."""
        from matplotlib.patches import Rectangle

        size = (columns * cell, rows * cell)
        look = {"edgecolor": EMPHASIS, "linewidth": points(5), "joinstyle": "round"}
        frame = Rectangle((tile.left, tile.top), *size, fill=False, zorder=4, **look)
        return self.axes.add_patch(frame)

    def _title(self, tile, text):
        """A heading above a table."""
        self.axes.text(
            tile.left + tile.width / 2,
            tile.top - 6,
            text,
            fontsize=points(TEXT_SIZE),
            weight="bold",
            ha="center",
            va="bottom",
        )

    def _texts(self, tile, shape, cell, size, at=0.5, **look):
        """One empty text for each cell of a table."""
        return {
            (row, column): self.axes.text(
                tile.left + (column + 0.5) * cell,
                tile.top + (row + at) * cell,
                "",
                fontsize=points(size),
                ha="center",
                va="center_baseline",
                **look,
            )
            for row, column in np.ndindex(shape)
        }


def _fitting(texts, width, largest):
    """The text size at which the widest of the texts fits into a cell."""
    widest = max(text_width(text, largest) for text in texts)
    return largest * min(1, (width - 6) / max(widest, 1))


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
