"""What a convolution does: to a few numbers, step by step, and to a whole picture."""

from fractions import Fraction

import numpy as np

from ..arguments import finite, integer, named, number_array, positive_integer, single_image
from .animation import Animation
from .picture import Picture
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
from .tiles import GAP, Tile, draw_image, shades_of
from .words import counted, number, percent, quoted

LARGEST_CELL = 48
SMALLEST_CELL = 24
PRODUCT_CELL = 1.5  # times a cell: it holds two lines
BETWEEN = 40
HEAD = 26
MOST_KERNELS = 8
TILES_IN_A_ROW = 3


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
    image, kernel = _table(image, "image"), _table(kernel, "kernel")
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
    image = single_image(image)
    if image.ndim == 3 and image.shape[2] == 3:
        raise ValueError(
            f"image should be grey, shape (height, width); got {image.shape}. "
            "Use image.mean(axis=2) for the mean of its channels."
        )
    image = image.reshape(image.shape[:2])
    kernels = _checked_kernels(kernels, image)
    maps = {name: _filtered(image, kernel) for name, kernel in kernels.items()}
    figure = _effects_board(image, kernels, maps)
    return Picture(figure, _effects_words(image, kernels, maps))


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


def _table(values, name):
    """A small matrix of finite numbers as floats, or an error."""
    number_array(values, name)
    if values.ndim != 2 or values.size == 0:
        raise ValueError(
            f"{name} should have rows and columns, shape (height, width), and not be empty; got "
            f"{values.shape}. Choose one channel, such as {name}[..., 0]."
        )
    finite(values, name)
    return values.astype(float)


def _checked_kernels(kernels, image):
    """The kernels as floats, or an error that names the one at fault."""
    named(kernels, "kernels", "name to weights", '{"blur": kernel}', most=MOST_KERNELS)
    checked = {}
    for name, kernel in kernels.items():
        checked[name] = _table(kernel, f"kernels[{name!r}]")
        if max(kernel.shape) > 5 or (np.array(kernel.shape) > image.shape).any():
            raise ValueError(
                f"kernels[{name!r}] should be 5 by 5 at most, and no larger than the image of "
                f"{image.shape}; got {kernel.shape}. Use a smaller kernel."
            )
    return checked


def _filtered(image, kernel):
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
    wide = (WIDTH - GAP * (TILES_IN_A_ROW + 1)) / TILES_IN_A_ROW
    high = wide * image.shape[0] / image.shape[1]
    line = 1.35 * SMALL_SIZE
    captions = max(2, *(len(kernel) for kernel in kernels.values())) * line + 4
    step = captions + high + 2 * GAP
    rows = -(-(1 + len(kernels)) // TILES_IN_A_ROW)
    notes = _notes(image, kernels)
    figure, axes = drawing_board(WIDTH, rows * step + len(notes) * line + GAP)

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
        axes.text(GAP, y, note, fontsize=points(SMALL_SIZE), color=QUIET, va="top")
    return figure


def _write_name(axes, tile, name, below, table):
    """Write a kernel's name and one fact above a tile, left of its weights."""
    room = tile.width - table - GAP
    shown = shortened(name, room, TEXT_SIZE, "bold")
    y = tile.top - 4 - 1.35 * SMALL_SIZE
    look = {"ha": "left", "va": "baseline"}
    axes.text(tile.left, y - 3, shown, fontsize=points(TEXT_SIZE), weight="bold", **look)
    below = shortened(below, room, SMALL_SIZE)
    axes.text(tile.left, tile.top - 6, below, fontsize=points(SMALL_SIZE), color=QUIET, **look)


def _write_weights(axes, tile, kernel, line):
    """Write the weights above a tile, at its right end; returns how wide they are."""
    texts = [[_fraction(weight) for weight in row] for row in kernel]
    column = max(text_width(text, SMALL_SIZE) for row in texts for text in row) + 7
    right = tile.left + tile.width - 1.5 * GAP
    for row, column_number in np.ndindex(kernel.shape):
        axes.text(
            right - (kernel.shape[1] - 1 - column_number) * column,
            tile.top - 6 - (kernel.shape[0] - 1 - row) * line,
            texts[row][column_number],
            fontsize=points(SMALL_SIZE),
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
    return notes


def _fraction(value):
    """A weight as people write it: 1/9 rather than 0.111."""
    close = Fraction(value).limit_denominator(64)
    if abs(close - value) > 1e-6:  # float32 knows 1/9 to seven digits only
        return number(value)
    return str(close).replace("-", "−")


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
