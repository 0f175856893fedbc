"""A table whose cells hold numbers and are shaded by them, and can change from frame to frame."""

import numpy as np

from .style import EMPHASIS, FAINT, PAPER, points, text_width
from .words import number

TITLE_TEXT = 17
LARGEST_NUMBER = 20
TITLE_ROOM = 1.6 * TITLE_TEXT
DARKEST = 0.12  # of white: black itself would swallow the frame around it


class NumberTable:
    """A table on a drawing board, empty until `show`.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Of a ``drawing_board``.
    left, top : float
        Where its cells begin, in pixels; the title stands above.
    shape : tuple of int
        Rows and columns.
    cell : float
        Width and height of a cell in pixels.
    title : str
    ends : tuple of float, optional
        The values drawn darkest and white; None for cells without shades.
    at : float
        How far down in their cells the numbers stand, as a part of the cell.
    """

    def __init__(self, axes, left, top, shape, cell, title, ends=None, at=0.5):
        self.axes, self.left, self.top, self.shape, self.cell = axes, left, top, shape, cell
        self.width, self.height = shape[1] * cell, shape[0] * cell
        self.ends = ends
        middle = left + self.width / 2
        look = {"weight": "bold", "ha": "center", "va": "bottom"}
        self.title = axes.text(middle, top - 6, title, fontsize=points(TITLE_TEXT), **look)
        self._shades = self._empty_shades() if ends else None
        self._lines()
        self._texts = self.texts(LARGEST_NUMBER, at)

    def texts(self, size, at=0.5, **look):
        """One empty text for each cell, in an array of the table's shape."""
        made = np.empty(self.shape, object)
        for row, column in np.ndindex(self.shape):
            x, y = self.left + (column + 0.5) * self.cell, self.top + (row + at) * self.cell
            places = {"ha": "center", "va": "center_baseline"}
            made[row, column] = self.axes.text(x, y, "", fontsize=points(size), **places, **look)
        return made

    def write_as_large_as(self, texts):
        """Choose the size at which the widest of the texts that will come fits into a cell."""
        size = points(fitting(texts, self.cell, LARGEST_NUMBER))
        for text in self._texts.flat:
            text.set_fontsize(size)

    def show(self, values, write=number):
        """Write the values, shape ``shape``, into the cells; those that are masked stay empty."""
        values = np.ma.masked_array(values)
        if self._shades is not None:
            self._shades.set_data(values)
        for place, empty in np.ndenumerate(np.ma.getmaskarray(values)):
            self._texts[place].set_text("" if empty else write(values[place]))
            if not empty:
                self._texts[place].set_color(self._readable_on(values[place]))

    def frame(self, rows, columns):
        """A thick frame around so many cells, at first those in the top left corner."""
        from matplotlib.patches import Rectangle
        from matplotlib.patheffects import withStroke

        look = {"edgecolor": EMPHASIS, "linewidth": points(5), "joinstyle": "round"}
        size = columns * self.cell, rows * self.cell
        frame = Rectangle((self.left, self.top), *size, fill=False, zorder=4, **look)
        frame.set_path_effects([withStroke(linewidth=points(9), foreground=PAPER)])
        return self.axes.add_patch(frame)

    def corner(self, row, column):
        """Where a cell begins, in pixels."""
        return self.left + column * self.cell, self.top + row * self.cell

    def _empty_shades(self):
        """The shades, from nearly black to white."""
        low, high = self.ends if self.ends[0] < self.ends[1] else (self.ends[0] - 1, self.ends[0])
        self.ends = (low, high)
        edges = (self.left, self.left + self.width, self.top + self.height, self.top)
        black = low - DARKEST / (1 - DARKEST) * (high - low)
        look = {"vmin": black, "vmax": high, "extent": edges, "aspect": "auto"}
        return self.axes.imshow(np.ma.masked_all(self.shape), **look)

    def _lines(self):
        """Lines between the cells."""
        look = {"color": FAINT, "linewidth": points(1)}
        right, bottom = self.left + self.width, self.top + self.height
        lefts = [self.left + column * self.cell for column in range(self.shape[1] + 1)]
        tops = [self.top + row * self.cell for row in range(self.shape[0] + 1)]
        self.axes.vlines(lefts, self.top, bottom, **look)
        self.axes.hlines(tops, self.left, right, **look)

    def _readable_on(self, value):
        """Black on light cells, white on dark ones (equal contrast at luminance 0.18)."""
        if self._shades is None:
            return "black"
        low, high = self.ends
        brightness = DARKEST + (1 - DARKEST) * (value - low) / (high - low)
        return "black" if brightness > 0.46 else "white"


def fitting(texts, width, largest):
    """The text size, in pixels, at which the widest of the texts fits into a cell."""
    widest = max(text_width(text, largest) for text in texts)
    return largest * min(1, (width - 6) / max(widest, 1))
