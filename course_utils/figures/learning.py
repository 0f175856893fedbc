"""A network's first layer while it learns."""

from math import ceil

import numpy as np

from ..arguments import DIVERGED, array, finite, named, number_list, single_image
from ..features import kernel_pictures
from .animation import Animation
from .mosaic import as_bytes, mosaic, tile_columns, tile_scale
from .picture import Picture
from .style import (
    DENSITY,
    INK,
    QUIET,
    TITLE_SIZE,
    TRAINING_LINE,
    VALIDATION_LINE,
    WIDTH,
    course_style,
    drawing_board,
    points,
    shortened,
)
from .tiles import shades_of, shown_pixels
from .words import capitalised, counted, listed, number, percent, quoted, trend

EDGE = 10
ROOM = (WIDTH - 3 * EDGE) // 2  # pixels of the page for a mosaic, in both directions
HEAD = 84  # above a mosaic: two lines and, at the top, the headline
CURVES = 215
PICTURE = 140
HEADLINE_SIZE, TEXT_SIZE, SMALL_SIZE = 18, 16, 14  # on a phone the figure is half as wide
MOST_IN_A_ROW = 4  # maps that are drawn: of 64, on half a page, none could be made out
GAP_OF_TILES = 3 * DENSITY
LOOKS = (TRAINING_LINE, VALIDATION_LINE)
LABELS = {"snapshots": "snapshot", "steps": "training steps", "images": "images shown"}


@course_style()
def kernel_tiles(kernels):
    """Show kernels as small pictures, with a weight of 0 in mid-grey, as `kernel_pictures` does.

    Parameters
    ----------
    kernels : dict of str to ndarray, float, shape (height, width, 1 or 3, k)
        Name to all kernels of a layer, as Keras has them; one name, or two to be compared, which
        stand side by side. Each kernel is scaled by itself, so brightness may not be compared
        between kernels. Not changed.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``kernels`` is no dict from strings to arrays of floats.
    ValueError
        If there are no names or more than two, kernels are of another shape or not finite, or so
        many or large that they do not fit.
    """
    kernels = _checked_kernels(kernels)
    boards = {
        name: mosaic(as_bytes(kernel_pictures(values)), ROOM * DENSITY)
        for name, values in kernels.items()
    }
    tallest = max(len(board) for board in boards.values()) / DENSITY
    top = EDGE + ceil(1.5 * TITLE_SIZE)  # a whole number, or Colab's Matplotlib blurs the pixels
    foot = 1.6 * SMALL_SIZE
    figure, axes = drawing_board(WIDTH, top + tallest + foot + EDGE)
    for place, (name, board) in enumerate(boards.items()):
        left = EDGE + place * (ROOM + EDGE)
        _draw_board(axes, board, left, top)
        title = shortened(name, ROOM, TITLE_SIZE, "bold")
        axes.text(left, EDGE, title, fontsize=points(TITLE_SIZE), weight="bold", va="top")
    note = "Mid-grey: a weight of 0; brighter above, darker below. Each kernel is scaled by itself."
    y = top + tallest + foot
    axes.text(EDGE, y, note, fontsize=points(SMALL_SIZE), color=QUIET, va="baseline")
    return Picture(figure, _tile_words(kernels))


@course_style()
def learning_kernels(
    image, kernels, activations, accuracies, steps, images_seen=None, *, over="snapshots"
):
    """Animate what a network's first layer learns: its kernels, what they see, how good it gets.

    Each frame is one snapshot: on the left all kernels, a weight of 0 in mid-grey, each by itself;
    on the right the maps that up to 16 of them, which are framed, make of one image, each where its
    kernel stands on the left, all on one scale, which is written above them; below the image
    itself, and the accuracies until then.

    Parameters
    ----------
    image : ndarray, shape (rows, columns), (rows, columns, 1) or (rows, columns, 3)
        What the maps are made of. uint8 or float, shaded as by `image_grid`. Not changed.
    kernels : ndarray, float, shape (n, height, width, 1 or 3, k)
        Of ``n`` snapshots. Not changed.
    activations : ndarray, float, shape (n, map rows, map columns, k)
        In each snapshot, black is 0 (or less, if many values are below), and white what one value
        in 200 exceeds. Not changed.
    accuracies : dict of str to sequence of float, n values of 0 to 1
        One or two names, such as ``"training"`` and ``"validation"``. Not changed.
    steps : sequence of int, n values that rise
        Training steps until each snapshot.
    images_seen : sequence of int, n values that rise, optional
        Images shown until each snapshot, repeated ones counted each time.
    over : {"snapshots", "steps", "images"}
        What the accuracies are drawn over, and what the film's time opens with.

    Returns
    -------
    Animation
        4 frames a second in the mean, with a rest at both ends.

    Raises
    ------
    TypeError
        If an argument is not of the kind above, a list instead of an array for instance.
    ValueError
        If shapes do not belong together, values are not finite or out of range, there are so
        many kernels or such large maps that they do not fit, or ``over`` is none of the three or
        asks for images that were not counted.
    """
    single_image(image)
    kernels = _float_array(kernels, "kernels", "(n, height, width, 3, k)")
    activations = _float_array(activations, "activations", "(n, map rows, map columns, k)")
    _check_kernels(kernels, "kernels")
    wanted = (len(kernels), kernels.shape[-1])
    if (len(activations), activations.shape[-1]) != wanted:
        raise ValueError(
            f"activations should have a map for each of the {wanted[1]} kernels in each of the "
            f"{wanted[0]} snapshots; got shape {activations.shape}. Take both from the same layer."
        )
    _check_fit(np.moveaxis(activations[0], -1, 0)[_shown(wanted[1])], "activations")
    accuracies = _checked_accuracies(accuracies, len(kernels))
    steps = checked_steps(steps, len(kernels))
    clocks = film_clocks(steps, images_seen, over)
    board = _LearningBoard(image, kernels, activations, accuracies, steps, clocks)
    return Animation.record(
        board.figure,
        board.show,
        len(kernels),
        _learning_words(image, kernels, activations, accuracies, steps),
        captions=tuple(when(place, steps) for place in range(len(steps))),
        clocks=clocks,
    )


class _LearningBoard:
    """The drawing of one snapshot, and how it changes into another one."""

    def __init__(self, image, kernels, activations, accuracies, steps, clocks):
        self.kernels, self.activations = kernels, activations
        self.accuracies, self.steps = accuracies, steps
        self.over, self.positions = next(iter(clocks.items()))
        self.chosen = _shown(activations.shape[-1])
        self.all_shown = len(self.chosen) == activations.shape[-1]
        boards = [self._kernel_board(0), self._map_board(0)]
        tallest = max(len(board) for board in boards) / DENSITY
        top = HEAD + tallest + 2 * EDGE
        self.figure, axes = drawing_board(WIDTH, top + CURVES)
        lefts = (EDGE, EDGE + ROOM + EDGE)
        self.kernel_image, self.map_image = (
            _draw_board(axes, board, left, HEAD) for board, left in zip(boards, lefts, strict=True)
        )
        self._frame_kernels(axes)
        size = points(HEADLINE_SIZE)
        self.headline = axes.text(lefts[0], EDGE, "", fontsize=size, weight="bold", va="top")
        titles = ("kernels", f"what the {'' if self.all_shown else 'framed '}ones see")
        for left, title in zip(lefts, titles, strict=True):
            y = HEAD - 8 - 1.4 * SMALL_SIZE
            axes.text(left, y, title, fontsize=points(TEXT_SIZE), weight="bold", va="baseline")
        look = {"fontsize": points(SMALL_SIZE), "color": QUIET, "va": "baseline"}
        axes.text(lefts[0], HEAD - 7, "mid-grey is 0, each kernel scaled by itself", **look)
        self.scale = axes.text(lefts[1], HEAD - 7, "", **look)
        self._draw_picture(axes, image, top)
        self.lines = self._draw_curves(top)

    def show(self, place):
        """Change the drawing into one snapshot."""
        self.kernel_image.set_data(self._kernel_board(place))
        self.map_image.set_data(self._map_board(place))
        low, high = _reach(self.activations[place])
        self.scale.set_text(f"black: {number(low)}, white: {number(high)} and above")
        self.headline.set_text(capitalised(when(place, self.steps)))
        for (name, values), (line, text) in zip(self.accuracies.items(), self.lines, strict=True):
            line.set_data(self.positions[: place + 1], values[: place + 1])
            line.set_markevery([place])
            text.set_text(f"{name} {percent(values[place])}")

    def _kernel_board(self, place):
        """One snapshot's kernels as pixels of the frame."""
        pictures = as_bytes(kernel_pictures(self.kernels[place]))
        return mosaic(pictures, ROOM * DENSITY, GAP_OF_TILES)

    def _map_board(self, place):
        """One snapshot's maps as pixels of the frame."""
        low, high = _reach(self.activations[place])
        maps = np.moveaxis(self.activations[place], -1, 0)[self.chosen].astype(float)
        shares = np.clip((maps - low) / (high - low or 1.0), 0, 1)
        return mosaic(as_bytes(shares[..., np.newaxis]), ROOM * DENSITY, GAP_OF_TILES)

    def _frame_kernels(self, axes):
        """Draw a frame around each kernel whose map is shown, if not all are."""
        if self.all_shown:
            return
        from matplotlib.patches import Rectangle

        pictures = as_bytes(kernel_pictures(self.kernels[0]))
        scale = tile_scale(pictures, ROOM * DENSITY, GAP_OF_TILES)
        down, across = (scale * side + GAP_OF_TILES for side in pictures.shape[1:3])
        wide, high = ((it - GAP_OF_TILES) / DENSITY + 2 for it in (across, down))
        for place in self.chosen:
            row, column = divmod(place, tile_columns(len(pictures)))
            corner = (EDGE + column * across / DENSITY - 1, HEAD + row * down / DENSITY - 1)
            look = {"fill": False, "edgecolor": INK, "linewidth": points(2), "zorder": 3}
            axes.add_patch(Rectangle(corner, wide, high, **look))

    def _draw_picture(self, axes, image, top):
        """Draw the image itself."""
        high = PICTURE * min(1, image.shape[0] / image.shape[1])
        wide = PICTURE * min(1, image.shape[1] / image.shape[0])
        y = top + 1.5 * TEXT_SIZE
        shades = shades_of(image)
        axes.imshow(
            shown_pixels(image, shades),
            vmin=shades.black,
            vmax=shades.white,
            extent=(EDGE, EDGE + wide, y + high, y),
            aspect="auto",
        )
        axes.text(EDGE, y - 6, "the image", fontsize=points(TEXT_SIZE), weight="bold")

    def _draw_curves(self, top):
        """Draw the empty panel of accuracies; gives a line and a text for each name."""
        wide, high = self.figure.get_size_inches() * 100
        left, right = EDGE + PICTURE + 70, 3 * EDGE  # half a number sticks out
        y = top + 1.5 * TEXT_SIZE
        axes = self.figure.add_axes(
            (left / wide, 52 / high, (wide - left - right) / wide, (high - y - 52) / high)
        )
        axes.tick_params(labelsize=points(SMALL_SIZE))
        last = max(float(self.positions[-1]), 1)
        axes.set(xlim=(-0.01 * last, 1.01 * last), ylim=(0, 1))
        axes.set_xlabel(LABELS[self.over], fontsize=points(TEXT_SIZE))
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
        axes.yaxis.set_major_formatter(lambda share, _: percent(share))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.grid(axis="y")
        lines = []
        for place, look in enumerate(LOOKS[: len(self.accuracies)]):
            style = {"color": look.colour, "linestyle": look.dashes}
            [line] = axes.plot([], [], marker=look.marker, clip_on=False, **style)
            # The sample and name of a line, side by side above the panel.
            x = place * 0.52
            sample = {"transform": axes.transAxes, "clip_on": False, **style}
            axes.plot([x, x + 0.06], [1.08] * 2, marker=look.marker, markevery=[1], **sample)
            text = axes.text(
                x + 0.08,
                1.08,
                "",
                transform=axes.transAxes,
                color=look.colour,
                fontsize=points(SMALL_SIZE),
                weight="bold",
                va="center_baseline",
            )
            lines.append((line, text))
        return lines


def _draw_board(axes, board, left, top):
    """Draw a mosaic pixel by pixel."""
    height, width = (size / DENSITY for size in board.shape[:2])
    return axes.imshow(board, extent=(left, left + width, top + height, top), aspect="auto")


def _reach(maps):
    """Which values are drawn black and white: 0, and what only one value in 200 exceeds.

    Black is lower where more than one value in 200 lies below 0. A few very bright places, at the
    border for instance, would otherwise leave all the rest dark.
    """
    low, high = np.percentile(maps, (0.5, 99.5))
    return min(0.0, float(low)), float(high) if high > 0 else max(0.0, float(maps.max()))


def _shown(count):
    """Which maps are drawn: all, or so few rows and columns that each is large enough.

    Rows and columns of the kernels are left out evenly, so a map stands where its kernel does.
    """
    columns = tile_columns(count)
    step = -(-columns // MOST_IN_A_ROW)
    places = (divmod(number, columns) for number in range(count))
    return [number for number, place in enumerate(places) if not any(it % step for it in place)]


def film_clocks(steps, images_seen, over):
    """What a film can be played by, name to one position a snapshot; the one asked for first."""
    clocks = {"snapshots": np.arange(len(steps)), "steps": steps}
    if images_seen is not None:
        clocks["images"] = checked_steps(images_seen, len(steps), "images_seen")
    if over not in clocks:
        raise ValueError(
            f"over should be one of {', '.join(clocks)}; got {over!r}. For images, pass how many "
            "were shown until each snapshot as images_seen."
        )
    return {over: clocks.pop(over), **clocks}


def when(place, steps):
    """When a snapshot was taken, in words."""
    if steps[place] == 0:
        return "before training"
    return f"snapshot {place}, after {counted(int(steps[place]), 'step')}"


def checked_steps(steps, count, name="steps"):
    """Steps or images as whole numbers that rise, one for each snapshot, or an error."""
    mend = "Pass snapshots.steps." if name == "steps" else "Begin with 0 for the first snapshot."
    values = number_list(steps, name, "snapshot", (mend, mend))
    whole = np.isfinite(values).all() and (values == np.rint(values)).all()
    if not whole or values[0] < 0 or (np.diff(values) <= 0).any() or len(values) != count:
        raise ValueError(
            f"{name} should be {counted(count, 'whole number')} of at least 0 that rise; "
            f"got {values}. {mend}"
        )
    return values.astype(int)


def _checked_kernels(kernels):
    """Kernels by name, or an error that names the ones at fault."""
    named(kernels, "kernels", "name to kernels", '{"before": kernels}', most=2)
    for name, values in kernels.items():
        where = f"kernels[{name!r}]"
        _check_kernels(_float_array(values, where, "(height, width, 3, k)")[np.newaxis], where)
    return kernels


def _check_kernels(kernels, name):
    """Refuse kernels that cannot be drawn in colour or grey, or do not fit."""
    if kernels.shape[-2] not in (1, 3):
        raise ValueError(
            f"{name} should have 1 or 3 channels, to be shown as grey or colour; got "
            f"{kernels.shape[-2]}. Choose the kernels of the first convolution."
        )
    _check_fit(np.moveaxis(kernels[0, ..., 0, :], -1, 0), name)


def _check_fit(tiles, name):
    """Refuse tiles of shape (k, height, width) for which there is no room."""
    if tile_scale(tiles, ROOM * DENSITY, GAP_OF_TILES) < 1:
        count, height, width = tiles.shape
        raise ValueError(
            f"{name} should fit into a square of {ROOM * DENSITY} pixels; got {count} tiles of "
            f"{height} by {width}. Choose some, such as the first 64: [..., :64]."
        )


def _float_array(values, name, shape):
    """An array of finite floats with as many axes as the shape in words, or an error."""
    array(values, name)
    if not np.issubdtype(values.dtype, np.floating):
        raise TypeError(f"{name} should be float; got {values.dtype}. Pass what Keras gives.")
    if values.ndim != shape.count(",") + 1 or values.size == 0:
        raise ValueError(
            f"{name} should have shape {shape} and not be empty; got {values.shape}. "
            "Pass what the snapshots hold, not a part of it."
        )
    finite(values, name, DIVERGED)
    return values


def _checked_accuracies(accuracies, count):
    """Accuracies by name as vectors, or an error that names the one at fault."""
    named(accuracies, "accuracies", "name to values", '{"training": values}', most=len(LOOKS))
    checked = {}
    for name, values in accuracies.items():
        where = f"accuracies[{name!r}]"
        mends = ("Pass what the snapshots hold.", "Pass what the snapshots hold.")
        checked[name] = number_list(values, where, "snapshot", mends)
        inside = (checked[name] >= 0) & (checked[name] <= 1)
        if len(checked[name]) != count or not inside.all():
            raise ValueError(
                f"{where} should be {count} values of 0 to 1, one for each snapshot; "
                f"got {checked[name]}. Pass what the snapshots hold."
            )
    return checked


def _likeness(kernels):
    """How alike weights that lie side by side are: about 0 for noise, 1 for one even colour."""
    values = kernels.astype(float)
    pairs = [values[:, :-1] * values[:, 1:], values[:-1] * values[1:]]
    shared = [pair.mean() for pair in pairs if pair.size]
    power = np.mean(values**2)
    return float(np.mean(shared) / power) if shared and power else 0.0


def _tile_words(kernels):
    """What is seen in kernels as pictures."""
    words = []
    for name, values in kernels.items():
        height, width, _, count = values.shape
        words.append(
            f"{quoted(name)}: {counted(count, 'kernel')} of {height} by {width} weights as small "
            "pictures, each scaled by itself. The likeness of weights that lie side by side is "
            f"{number(_likeness(values))}."
        )
    return f"{' '.join(words)} Noise would have about 0, and one even colour 1."


def _learning_words(image, kernels, activations, accuracies, steps):
    """What is seen while the first layer learns."""
    snapshots = np.arange(len(kernels))
    runs = [f"{name} {trend(values, snapshots, 'snapshot')}" for name, values in accuracies.items()]
    likeness = [number(_likeness(kernels[place])) for place in (0, -1)]
    brightest = [number(activations[place].max()) for place in (0, -1)]
    drawn = len(_shown(kernels.shape[-1]))
    some = "they" if drawn == kernels.shape[-1] else f"{drawn} of them"
    return (
        f"Animation of {counted(len(kernels), 'snapshot')}, the last {when(len(steps) - 1, steps)}:"
        f" {counted(kernels.shape[-1], 'kernel')} as small pictures, the maps that {some} make of "
        f"one image of {image.shape[0]} by {image.shape[1]} pixels, and accuracy. The likeness of "
        f"weights that lie side by side goes from {likeness[0]} to {likeness[1]}, where 0 is noise "
        f"and 1 an even colour. The highest value of the maps goes from {brightest[0]} to "
        f"{brightest[1]}. Accuracy: {listed(runs)}."
    )
