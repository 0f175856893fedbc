"""Render ``sprites.npz``: ``python -m course_utils.datasets.emoji10.make node_modules``.

For maintainers. The folder is the one in which npm put the packages ``@iconify-json/<set>`` of
``SETS``; README.md has their versions and licences. Needs the package resvg-py, which the course
does not: ``uv run --with resvg-py python -m …``.
"""

import importlib
import io
import json
import sys
from hashlib import blake2b
from itertools import zip_longest
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 64
"""Sprites are SIDE x SIDE pixels, red, green, blue and opacity."""

# The shaded Fluent Emoji is left out: it shows the drawings of Fluent Emoji Flat once more.
SETS = (
    "noto",
    "noto-v1",
    "twemoji",
    "fluent-emoji-flat",
    "emojione",
    "fxemoji",
    "streamline-emojis",
)

# The subjects of each class, with the names that the sets give them; every set adds what it has.
# Four sets at least draw each subject, so that a drawing can be kept for the test split and the
# subject stays; only the moose, a deer in CIFAR-10 too, has three.
SUBJECTS = {
    "airplane": ("airplane", "airplane-arrival", "airplane-departure", "small-airplane"),
    "automobile": (
        "automobile",
        "oncoming-automobile oncomingautomobile",
        "oncoming-taxi oncomingtaxi",
        "police-car policecar",
        "racing-car racecar",
        "sport-utility-vehicle",
        "taxi",
    ),
    "bird": (
        "baby-chick babychick",
        "bird bird-2",
        "dove doveofpeace",
        "duck",
        "owl",
        "penguin penguin-1 penguin-2",
        "rooster",
    ),
    "cat": (
        "cat catside",
        "cat-face",
        "grinning-cat grinning-cat-face",
        "kissing-cat kissing-cat-face",
        "pouting-cat pouting-cat-face",
        "weary-cat weary-cat-face",
    ),
    "deer": ("deer", "moose"),
    "dog": ("dog dogside", "dog-face", "poodle"),
    "frog": ("frog frog-face",),
    "horse": (
        "carousel-horse carouselhorse",
        "horse",
        "horse-face horseface",
        "horse-racing horseracing",
    ),
    "ship": ("ferry", "motor-boat", "passenger-ship", "sailboat", "ship", "speedboat"),
    "truck": (
        "articulated-lorry articulatedlorry",
        "delivery-truck deliverytruck",
        "fire-engine",
        "pickup-truck",
    ),
}
# A bird's grey head without a body, a horse like a dog, and drawings in a frame: at 32 x 32 pixels
# they would mislead.
LEFT_OUT = {
    "fxemoji/bird",
    "fxemoji/carouselhorse",
    "fxemoji/sailboat",
    "fxemoji/ship",
    "streamline-emojis/carousel-horse",
    "streamline-emojis/horse",
    "streamline-emojis/ship",
}

SAME_EDGES = 0.6
SAME_OUTLINE = 0.95
"""What tells one drawing: each of the 45 drawings that Fluent Emoji has in two finishes reaches one
of the two."""
HELD_OUT = 1 / 5
HELD_OUT_AT_LEAST = 2
"""So that a class's test accuracy does not hang on one drawing."""


def make(packages):
    """Write ``sprites.npz`` beside this file."""
    found = [
        (label, subject, f"{set_name}/{icon}", render(icons, icon))
        for set_name, icons in ((name, _icons(packages, name)) for name in SETS)
        for label, subjects in enumerate(SUBJECTS.values())
        for subject in subjects
        for icon in subject.split()
        if icon in icons["icons"] and f"{set_name}/{icon}" not in LEFT_OUT
    ]
    found.sort(key=lambda sprite: sprite[0])
    labels, subjects, names, sprites = (np.array(column) for column in zip(*found, strict=True))
    np.savez_compressed(
        Path(__file__).with_name("sprites.npz"),
        sprites=sprites,
        labels=labels.astype(np.uint8),
        names=names,
        held_out=held_out(labels, subjects, names, same_drawing(sprites)),
    )


def _icons(packages, set_name):
    """An icon set as npm delivers it."""
    return json.loads((packages / "@iconify-json" / set_name / "icons.json").read_text())


def render(icons, name):
    """One icon, cropped to what is visible of it, centred in a square."""
    icon = icons["icons"][name]
    left, top, width, height = (
        icon.get(key, icons.get(key, default))
        for key, default in (("left", 0), ("top", 0), ("width", 16), ("height", 16))
    )
    # By its name, because no user of the course has or needs it.
    png = importlib.import_module("resvg_py").svg_to_bytes(
        svg_string=f'<svg xmlns="http://www.w3.org/2000/svg" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{left} {top} {width} {height}" width="{width}" height="{height}">'
        f"{icon['body']}</svg>",
        width=8 * SIDE,
    )
    image = Image.open(io.BytesIO(bytes(png))).convert("RGBA")
    visible = np.asarray(image)[..., 3] > 8
    rows, columns = np.flatnonzero(visible.any(1)), np.flatnonzero(visible.any(0))
    side = max(np.ptp(rows), np.ptp(columns)) + 1
    corner = [round((ends[0] + ends[-1] + 1 - side) / 2) for ends in (columns, rows)]
    image = image.crop((*corner, corner[0] + side, corner[1] + side))
    # RGBa has its colours multiplied by the opacity, so transparent pixels do not stain edges.
    small = image.convert("RGBa").resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(small.convert("RGBA"))


def similarity(sprites):
    """How alike the sprites' edges and outlines are, whatever their colours.

    Best of five by five shifts of one of the pair, straight and mirrored.

    Parameters
    ----------
    sprites : ndarray, uint8, shape (n, 64, 64, 4)

    Returns
    -------
    tuple of two ndarrays, float, shape (n, n), values up to 1
        Correlation of the strengths of their edges; share of the joint outline both cover.
    """
    count, half = len(sprites), SIDE // 2
    opacity = sprites[..., 3:] / 255
    brightness = (sprites[..., :3] * opacity + 128 * (1 - opacity)).mean(-1)
    grey, opacity = (
        array.reshape(count, half, 2, half, 2).mean((2, 4))
        for array in (brightness, opacity[..., 0])
    )
    edges = np.hypot(*np.gradient(grey, axis=(1, 2)))
    outline = (opacity > 0.5).astype(float)
    same_edges, same_outline = np.zeros((count, count)), np.zeros((count, count))
    for mirror in (1, -1):
        for shift in np.ndindex(5, 5):
            moved_edges, moved_outline = (
                np.roll(array[:, :, ::mirror], np.subtract(shift, 2), axis=(1, 2))
                for array in (edges, outline)
            )
            same_edges = np.maximum(same_edges, _rows(edges) @ _rows(moved_edges).T)
            both = np.tensordot(outline, moved_outline, axes=((1, 2), (1, 2)))
            either = outline.sum((1, 2))[:, np.newaxis] + moved_outline.sum((1, 2)) - both
            same_outline = np.maximum(same_outline, both / either)
    return np.maximum(same_edges, same_edges.T), np.maximum(same_outline, same_outline.T)


def _rows(arrays):
    """Each array as a row of mean 0 and length 1."""
    rows = arrays.reshape(len(arrays), -1)
    rows = rows - rows.mean(1, keepdims=True)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def same_drawing(sprites):
    """Which sprites show nearly the same drawing, as a table of bool."""
    edges, outlines = similarity(sprites)
    return (edges >= SAME_EDGES) | (outlines >= SAME_OUTLINE)


def held_out(labels, subjects, names, same):
    """Choose a fifth of each class's sprites for the test split.

    Whole drawings go: sprites of a class that are alike, directly or by way of others, stay
    together. The class's subjects take turns, so that the test split has as many of them as can
    be, and each keeps more drawings than it gives. Which of a subject's drawings goes is decided
    by a hash of names, not by hand and not by what a network makes of it.
    """
    chosen = np.zeros(len(names), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        quota = max(HELD_OUT_AT_LEAST, round(HELD_OUT * len(members)))
        for drawing in _in_turns(_drawings(members, same), subjects, names):
            if chosen[members].sum() + len(drawing) <= quota:
                chosen[drawing] = True
    return chosen


def _drawings(members, same):
    """Groups of sprites that are alike, directly or by way of others."""
    groups = []
    for member in members:
        near = [group for group in groups if same[member, group].any()]
        groups = [group for group in groups if not same[member, group].any()]
        groups.append(sum(near, [member]))
    return groups


def _in_turns(drawings, subjects, names):
    """Drawings that may go: the first of each subject, then the second of each, and so on."""
    by_subject = {}
    for drawing in sorted(drawings, key=lambda drawing: _hash(names[min(drawing)])):
        by_subject.setdefault(subjects[min(drawing)], []).append(drawing)
    for group in by_subject.values():
        del group[(len(group) - 1) // 2 :]
    rounds = zip_longest(*by_subject.values())
    return [drawing for one_of_each in rounds for drawing in one_of_each if drawing]


def _hash(name):
    """Digits that depend on a name and on nothing else."""
    return blake2b(name.encode(), digest_size=8).hexdigest()


if __name__ == "__main__":
    make(Path(sys.argv[1]))
