"""The maps of a layer side by side, and images with a frame around a part of them."""

import numpy as np

from ..arguments import array, finite, image_batch, positive_integer, text_list
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
from .tiles import (
    GAP,
    LINE_STEP,
    Shades,
    Tile,
    common_size,
    draw_image,
    tile_board,
    write_above,
    write_line,
)
from .words import capitalised, counted, listed, number, percent, quoted

MOST_MAPS = 128
SIZE = 14  # of text: on a phone the figure is half as wide
SCALES = {
    "shared": "White: the largest value of all maps. Shades may be compared between maps.",
    "each": "White: each map's own largest value. Compare shades within a map only.",
}
CROSSED_OUT = "Crossed out: 0 everywhere."


@course_style()
def map_grid(maps, scale="each", columns=8, title=""):
    """Show all maps that a layer makes of one image.

    Above each map stands its number. A map that is 0 everywhere is crossed out.

    Parameters
    ----------
    maps : ndarray, shape (rows, columns, filters), float
        At most 128 maps: ``inner.predict(image[np.newaxis])[0]``. Drawn as they are, with 0, or the
        lowest value if there are any below, in black. Not changed.
    scale : {"each", "shared"}
        Which value is white: each map's own largest one, which shows the structure of weak maps,
        too, or the largest of all maps, which shows how strong each of them is.
    columns : int
        Maps in a row.
    title : str
        What is shown, such as the layer's name; a line above the maps.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``maps`` is no array of floats, ``columns`` no whole number or ``title`` no string.
    ValueError
        If ``maps`` has another shape, too many maps or values that are not finite, ``scale`` is
        none of the two, or ``columns`` is less than 1.
    """
    maps = _checked_maps(maps)
    columns = positive_integer(columns, "columns")
    if scale not in SCALES:
        raise ValueError(f"scale should be 'each' or 'shared'; got {scale!r}. Choose one of them.")
    if not isinstance(title, str):
        raise TypeError(
            f"title should be a string; got {type(title).__name__}. Use the name of the layer."
        )
    rows, _, count = maps.shape
    columns = min(columns, count)
    wide = (WIDTH - GAP * (columns + 1)) / columns
    high = wide * rows / maps.shape[1]
    line = SIZE * LINE_STEP
    head = GAP + line if title else 0
    step = line + high + 4
    lines = -(-count // columns)
    figure, axes = drawing_board(WIDTH, head + lines * step + GAP + 2.3 * line)
    if title:
        text = shortened(title, WIDTH - 2 * GAP, SIZE, "bold")
        write_line(axes, GAP, text, size=SIZE, fontweight="bold")
    size = common_size([str(count)], Tile(0, 0, wide, high), largest=SIZE)
    highest = maps.max(axis=None if scale == "shared" else (0, 1), keepdims=True)
    highest = np.broadcast_to(highest, (1, 1, count))[0, 0]
    lowest = np.minimum(maps.min(axis=None if scale == "shared" else (0, 1)), 0)
    lowest = np.broadcast_to(lowest, count)
    for k in range(count):
        left = GAP + k % columns * (wide + GAP)
        tile = Tile(left, head + k // columns * step + line, wide, high)
        white = highest[k] if highest[k] > lowest[k] else lowest[k] + 1
        draw_image(axes, maps[:, :, k], Shades(float(lowest[k]), float(white), ""), tile)
        write_above(axes, tile._replace(top=tile.top + 4), str(k), line=0, size=size)
        if not maps[:, :, k].any():
            _cross_out(axes, tile)
    foot = head + lines * step + GAP
    write_line(axes, foot, SCALES[scale], size=SIZE, color=QUIET)
    write_line(axes, foot + line, CROSSED_OUT, size=SIZE, color=QUIET)
    return Picture(figure, _map_words(maps, scale, title))


@course_style()
def framed_images(images, frames, titles=None, columns=9):
    """Show images, each with a frame around one part.

    Parameters
    ----------
    images : ndarray, shape (n, height, width), (n, height, width, 1) or (n, height, width, 3)
        uint8 or float, shaded as by `image_grid`. Not changed.
    frames : ndarray, shape (n, 4), any integer dtype
        Top, left, height and width of each frame in pixels, as ``features.seen_part`` gives them.
        What lies beyond the image is cut off. Not changed.
    titles : list or tuple of n strings, optional
        Written above the images.
    columns : int
        Images in a row.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``images`` or ``frames`` is no array of the kind above, or ``titles`` no list of strings.
    ValueError
        If there is not one frame and one title for each image, a frame lies outside of its image,
        or ``images`` is empty, too many or not finite.
    """
    images = image_batch(images)
    columns = positive_integer(columns, "columns")
    frames = _checked_frames(frames, images)
    if titles is not None:
        text_list(titles, "titles", len(images))
    figure, axes, tiles = tile_board(images, columns, lines=0 if titles is None else 1)
    if titles is not None:
        size = common_size(titles, tiles[0], largest=SIZE)
        for tile, text in zip(tiles, titles, strict=True):
            write_above(axes, tile, text, line=0, size=size)
    height, width = images.shape[1:3]
    for tile, (top, left, bottom, right) in zip(tiles, frames, strict=True):
        scale = tile.width / width
        place = Tile(
            tile.left + left * scale,
            tile.top + top * scale,
            (right - left) * scale,
            (bottom - top) * scale,
        )
        _draw_frame(axes, place)
    return Picture(figure, _frame_words(frames, titles, (height, width)))


def _checked_maps(maps):
    """The maps of one image, or an error."""
    array(maps, "maps")
    if not np.issubdtype(maps.dtype, np.floating):
        raise TypeError(f"maps should be float; got {maps.dtype}. Use maps.astype(float).")
    if maps.ndim != 3 or maps.size == 0:
        raise ValueError(
            "maps should be those of one image, shape (rows, columns, filters); got "
            f"{maps.shape}. Choose one image: maps[0]."
        )
    if maps.shape[2] > MOST_MAPS:
        raise ValueError(
            f"maps should be at most {MOST_MAPS} to be recognisable; got {maps.shape[2]}. "
            f"Choose some, such as maps[:, :, :{MOST_MAPS}]."
        )
    finite(maps, "maps")
    return maps


def _checked_frames(frames, images):
    """Top, left, bottom and right of the visible part of each frame."""
    array(frames, "frames")
    if not np.issubdtype(frames.dtype, np.integer):
        raise TypeError(
            f"frames should be whole numbers of pixels; got {frames.dtype}. Use frames.astype(int)."
        )
    if frames.shape != (len(images), 4):
        raise ValueError(
            f"frames should have top, left, height and width for each of the {len(images)} "
            f"images; got shape {frames.shape}. Take both from the same slice."
        )
    top, left, height, width = frames.T
    bottom = np.minimum(top + height, images.shape[1])
    right = np.minimum(left + width, images.shape[2])
    top, left = np.maximum(top, 0), np.maximum(left, 0)
    outside = (top >= bottom) | (left >= right)
    if outside.any():
        place = int(outside.argmax())
        raise ValueError(
            f"frames should lie on their images of {images.shape[1]} by {images.shape[2]} pixels; "
            f"got {frames[place].tolist()} in frames[{place}]. Write top, left, height, width."
        )
    return np.stack([top, left, bottom, right], axis=1)


def _cross_out(axes, tile):
    """A cross over a tile."""
    right, bottom = tile.left + tile.width, tile.top + tile.height
    for ends in ((tile.top, bottom), (bottom, tile.top)):
        axes.plot([tile.left, right], ends, color=PAPER, linewidth=points(2))


def _draw_frame(axes, place):
    """A white line with dark edges, to be seen on any image."""
    from matplotlib.patches import Rectangle

    for colour, thickness in ((INK, 5), (PAPER, 2.2)):
        axes.add_patch(
            Rectangle(
                (place.left, place.top),
                place.width,
                place.height,
                fill=False,
                edgecolor=colour,
                linewidth=points(thickness),
                zorder=3,
            )
        )


def _map_words(maps, scale, title):
    """What is seen in a grid of maps."""
    rows, columns, count = maps.shape
    dead = np.flatnonzero(~maps.any(axis=(0, 1)))
    strongest = int(maps.max(axis=(0, 1)).argmax())
    scaled = "each with its own largest value in white" if scale == "each" else "scaled alike"
    words = (
        f"{counted(count, 'map')} of {rows} by {columns} values, {scaled}. The largest value, "
        f"{number(maps.max())}, is in map {strongest}; {percent(np.mean(maps == 0))} of all values "
        "are 0"
    )
    words = f"{quoted(title)}: {words}" if title else words
    if not len(dead):
        return f"{words}, but no map is 0 everywhere."
    noun = "map is" if len(dead) == 1 else "maps are"
    return f"{words}, and {len(dead)} {noun} 0 everywhere: {listed(dead)}."


def _frame_words(frames, titles, size):
    """What is seen in a grid of framed images."""
    count = len(frames)
    words = capitalised(f"{counted(count, 'image')} of {size[0]} by {size[1]} pixels")
    parts = []
    for k, (top, left, bottom, right) in enumerate(frames):
        name = quoted(titles[k]) if titles is not None else f"image {k}"
        parts.append(f"{name} rows {top} to {bottom - 1}, columns {left} to {right - 1}")
    return f"{words}, each with a frame: {'; '.join(parts)}."
