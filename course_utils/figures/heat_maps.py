"""Where a network looks: images beside their heat maps."""

import numpy as np

from ..arguments import array, finite, image_batch, named, text_list
from .picture import Picture
from .style import (
    INK,
    PAPER,
    QUIET,
    WIDTH,
    course_style,
    drawing_board,
    points,
    shortened,
)
from .tiles import GAP, LINE_STEP, Shades, Tile, draw_image, shades_of, write_line
from .words import counted, listed, quoted

MOST_IMAGES = 24
SIZE = 14  # of text: on a phone the figure is half as wide
DASHES = ("-", (0, (2.5, 1.2)), (0, (0.8, 0.9)))
LARGEST_TILE = 150
BETWEEN_GROUPS = 22
ROWS = ("at the top", "in the middle", "at the bottom")
COLUMNS = ("left", "centre", "right")


@course_style()
def heat_maps(images, heats, titles=None):
    """Show images, each beside one or more heat maps of it.

    On the image lie lines around the parts where each heat map is above half of its largest value.

    Parameters
    ----------
    images : ndarray, shape (n, height, width), (n, height, width, 1) or (n, height, width, 3)
        At most 24, uint8 or float, shaded as by `image_grid`. Not changed.
    heats : dict of str to ndarray, shape (n, height, width), float
        One to three heat maps for each image, as large as the image, by name. Each is drawn from 0
        (black, as is everything below) to its own largest value (white). Not changed.
    titles : list or tuple of n strings, optional
        Written above the images.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``images`` is no array of pixels, ``heats`` no dict of arrays of floats, or ``titles`` no
        list of strings.
    ValueError
        If ``images`` is empty or too many, the heat maps have another shape or are not finite, or
        there is not one title for each image.
    """
    images = image_batch(images)
    if len(images) > MOST_IMAGES:
        raise ValueError(
            f"images should be at most {MOST_IMAGES} to be looked at; got {len(images)}. "
            f"Choose some, such as images[:{MOST_IMAGES}]."
        )
    _check_heats(heats, images)
    if titles is not None:
        text_list(titles, "titles", len(images))
    height, width = images.shape[1:3]
    in_group = 1 + len(heats)
    beside = 2 if in_group <= 3 and len(images) > 1 else 1
    room = WIDTH - 2 * GAP - (beside - 1) * BETWEEN_GROUPS - beside * (in_group - 1) * GAP
    wide = min(LARGEST_TILE, room / (beside * in_group))
    high = wide * height / width
    group = in_group * (wide + GAP) - GAP
    line = SIZE * LINE_STEP
    head = line * (1 if titles is None else 2) + 4
    step = head + high + GAP
    rows = -(-len(images) // beside)
    notes = _notes(heats)
    figure, axes = drawing_board(WIDTH, rows * step + GAP + len(notes) * line)
    shades = shades_of(images)
    for k in range(len(images)):
        left = GAP + k % beside * (group + BETWEEN_GROUPS)
        place = Tile(left, k // beside * step + head, wide, high)
        if titles is not None:
            _write(axes, place, titles[k], group, 1, fontweight="bold")
        _write(axes, place, "image", wide, 0, color=QUIET)
        draw_image(axes, images[k], shades, place)
        for number, (name, heat) in enumerate(heats.items(), start=1):
            tile = place._replace(left=left + number * (wide + GAP))
            largest = float(heat[k].max())
            draw_image(axes, heat[k], Shades(0.0, largest if largest > 0 else 1.0, ""), tile)
            _write(axes, tile, name, wide, 0, color=QUIET)
            _outline(axes, heat[k], place, DASHES[number - 1])
    for number, note in enumerate(notes):
        write_line(axes, rows * step + GAP / 2 + number * line, note, size=SIZE, color=QUIET)
    return Picture(figure, _heat_words(heats, titles, len(images)))


def _check_heats(heats, images):
    """Refuse anything but one to three heat maps for each image."""
    named(heats, "heats", "name to heat maps", '{"Grad-CAM": heat}', most=len(DASHES))
    for name, heat in heats.items():
        array(heat, f"heats[{name!r}]")
        if not np.issubdtype(heat.dtype, np.floating):
            raise TypeError(
                f"heats[{name!r}] should be float; got {heat.dtype}. Use astype(float)."
            )
        if heat.shape != images.shape[:3]:
            raise ValueError(
                f"heats[{name!r}] should be as large as the images, {images.shape[:3]}; got "
                f"{heat.shape}. Use features.enlarged."
            )
        finite(heat, f"heats[{name!r}]")


def _write(axes, tile, text, width, line, **look):
    """A line of text above a tile, from its left edge; line 0 is the one next to it."""
    shown = shortened(text, width, SIZE, look.get("fontweight", "normal"))
    top = tile.top - 5 - line * SIZE * LINE_STEP
    axes.text(tile.left, top, shown, fontsize=points(SIZE), **look)


def _outline(axes, heat, tile, dashes):
    """A line around where a heat map is above half of its largest value, if that is above 0."""
    largest = heat.max()
    if largest <= 0 or heat.min() > largest / 2:
        return
    # A ring of zeros closes the line where the heat map is bright up to the border.
    framed = np.pad(np.maximum(heat, 0), 1)
    across = tile.left + (np.arange(-1, heat.shape[1] + 1) + 0.5) * tile.width / heat.shape[1]
    down = tile.top + (np.arange(-1, heat.shape[0] + 1) + 0.5) * tile.height / heat.shape[0]
    inset = min(1, tile.width / heat.shape[1] / 4, tile.height / heat.shape[0] / 4)
    across = np.clip(across, tile.left + inset, tile.left + tile.width - inset)
    down = np.clip(down, tile.top + inset, tile.top + tile.height - inset)
    level = [largest / 2]
    axes.contour(across, down, framed, level, colors=[INK], linewidths=points(4.5), zorder=3)
    look = {"colors": [PAPER], "linewidths": points(2.2), "linestyles": [dashes], "zorder": 4}
    axes.contour(across, down, framed, level, **look)


def _notes(heats):
    """What the shades and lines mean."""
    looks = ("solid", "dashed", "dotted")
    lines = ", ".join(f"{looks[k]}: {name}" for k, name in enumerate(heats))
    notes = (
        "Bright speaks for the class. Black: 0 or below; white: a heat map's own largest value.",
        f"Lines on the image: above half of the largest value ({lines}).",
    )
    return [shortened(note, WIDTH - 2 * GAP, SIZE) for note in notes]


def _brightest(heat):
    """In which part of the image a heat map is brightest."""
    if heat.max() <= 0:
        return "nowhere above 0"
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    down, across = ROWS[3 * row // heat.shape[0]], COLUMNS[3 * column // heat.shape[1]]
    return f"brightest {down}, {across}"


def _heat_words(heats, titles, count):
    """What is seen in images beside their heat maps."""
    parts = []
    for k in range(count):
        name = quoted(titles[k]) if titles is not None else f"image {k}"
        seen = listed([f"{kind} {_brightest(heat[k])}" for kind, heat in heats.items()])
        parts.append(f"{name}: {seen}")
    noun = "its heat map" if count == 1 and len(heats) == 1 else "heat maps"
    return f"{counted(count, 'image')} beside {noun}. {'; '.join(parts)}."
