"""The sprites that Emoji-10 is drawn from; README.md says whose they are."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from course_utils.datasets.emoji10 import lanes

SIDE = 64
RIM = 3
"""Pixels around a sprite: one takes its softened edge, two stay transparent for all beyond."""


class Sprites(NamedTuple):
    """The sprites of one split, in the order of their classes.

    Attributes
    ----------
    pixels : ndarray, uint64, shape (n, SIDE + 2 * RIM, SIDE + 2 * RIM)
        Lanes, colours multiplied by opacity, slightly softened.
    first, number : ndarray, int64, shape (10,)
        Where each class starts, and how many sprites it has.
    names : ndarray, str, shape (n,)
        Icon set and subject, such as ``"noto/owl"``.
    """

    pixels: np.ndarray
    first: np.ndarray
    number: np.ndarray
    names: np.ndarray


def read():
    """The archive as it is: ``sprites``, ``labels``, ``names`` and ``held_out``.

    Returns
    -------
    dict of str to ndarray
        uint8 of shape (n, 64, 64, 4), uint8, str and bool of shape (n,), ordered by label.
    """
    with (
        (files("course_utils.datasets.emoji10") / "sprites.npz").open("rb") as file,
        np.load(file) as archive,
    ):
        return dict(archive)


@cache
def prepared(split):
    """The sprites of ``"train"`` or ``"test"``, ready to be sampled."""
    archive = read()
    mine = archive["held_out"] == (split == "test")
    number = np.bincount(archive["labels"][mine])
    pixels = _softened(archive["sprites"][mine])
    return Sprites(pixels, number.cumsum() - number, number, archive["names"][mine])


def _softened(sprites):
    """Lanes of sprites, each pixel blended with its neighbours.

    An image has about half as many pixels as the sprite in it; without this it would see only
    every other one, and fine lines would come and go with the pose.
    """
    opacity = sprites[..., 3:].astype(np.uint16)
    colours = sprites[..., :3] * opacity // 255
    channels = np.concatenate([colours, opacity], axis=-1)
    pad = RIM + 1  # softening takes one away on each side
    packed = lanes.pack(np.pad(channels, ((0, 0), (pad, pad), (pad, pad), (0, 0))))
    packed = packed[:, :-2] + np.uint64(2) * packed[:, 1:-1] + packed[:, 2:]
    packed = packed[:, :, :-2] + np.uint64(2) * packed[:, :, 1:-1] + packed[:, :, 2:]
    return (packed >> np.uint64(4)) & lanes.LOW_BYTES
