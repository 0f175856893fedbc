"""Draw Emoji-10: a sprite in a random pose and tint on a soft random background, with noise.

The same arguments give the same bytes on every machine and with every NumPy. So all random numbers
are cut from the raw words of PCG64, a sequence that NumPy guarantees (what ``Generator`` makes of
it, it does not), and everything after that is integer arithmetic.

A whole number as the seed can be found by trying: there are only 2**32, and one image tells whether
a guess was right. That takes 0.2 ms on one core (measured on 2026-11-22), so all of them take ten
days, and a program made for it far less. Whoever has labels to hide uses bytes, made by chance, in
its place. Their words come from SHAKE-256, which gives away neither its input nor the words that
nobody saw; those of PCG64, which shine through in the noise, might.
"""

import math
from hashlib import shake_256

import numpy as np

from course_utils import arguments
from course_utils.datasets.emoji10 import lanes
from course_utils.datasets.emoji10.sprites import SIDE as SPRITE_SIDE
from course_utils.datasets.emoji10.sprites import prepared

SIDE = 32
CLASSES = 10
SPLITS = ("train", "test")

# The difficulty: README.md has the accuracies that these settings give.
SMALLEST, LARGEST = 75, 100  # percent of the image's side, width and height each for itself
LARGEST_TURN = 10  # degrees to either side
LARGEST_SHIFT = 5  # pixels in each direction
TINT = 26  # of 256: how much of one random colour is mixed into the whole sprite

CHUNK = 100
"""Images drawn at a time: few, so that they stay in the processor's cache."""

# Random words for an image's pose, its five colours (the tint and the background's corners) and
# its noise. Every image takes as many, so the size of the chunks does not matter.
WORDS = (2, 2, 3 * SIDE * SIDE // 8)

LEAST_SECRET = 16
"""Bytes of a secret seed: 128 bits."""
BLOCK = 2**16

# Half a pixel of an image in sixteenths of a pixel of a sprite drawn at one percent.
STEP = lanes.SIXTEENTHS * SPRITE_SIDE * 100 // (2 * SIDE)
ONE = 4096
# In parts of ONE, for each degree. None lies so near to a half that the last digit of a machine's
# own sine could round it the other way.
ANGLES = [math.radians(degrees) for degrees in range(-LARGEST_TURN, LARGEST_TURN + 1)]
SINES = np.array([round(ONE * math.sin(angle)) for angle in ANGLES])
COSINES = np.array([round(ONE * math.cos(angle)) for angle in ANGLES])


def draw(count, *, seed, sprites="train"):
    """Draw new images of the ten classes.

    Parameters
    ----------
    count : int, at least 1
    seed : int, 0 to 2**32 - 1, or bytes, at least 16
        Another seed draws other images. One of bytes that nobody can guess, such as
        ``secrets.token_bytes(32)``, cannot be found from the images.
    sprites : {"train", "test"}
        Which sprites to use: a fixed fifth of each class's is kept for ``"test"``, and nothing
        drawn with ``"train"`` shows one of them.

    Returns
    -------
    images : ndarray, uint8, shape (count, 32, 32, 3), values 0 to 255
    labels : ndarray, int64, shape (count,), values 0 to 9
        Indices into CIFAR-10's class names, as equal in number as can be, in a random order.

    Raises
    ------
    TypeError
        If ``count`` is no whole number, ``seed`` neither that nor bytes, or ``sprites`` no string.
    ValueError
        If ``count`` is less than 1, ``seed`` out of range or too short, or ``sprites`` another
        word.
    """
    count, random = _begin(count, seed, sprites)
    labels = _labels(count, random)
    images = np.empty((count, SIDE, SIDE, 3), dtype=np.uint8)
    for start in range(0, count, CHUNK):
        part = slice(start, start + CHUNK)
        images[part] = _images(labels[part], sprites, random)
    return images, labels


def drawings_of(count, *, seed, sprites="train"):
    """Tell which drawing each image shows that `draw` makes with the same arguments.

    Parameters
    ----------
    count, seed, sprites
        As `draw` takes them.

    Returns
    -------
    ndarray, str, shape (count,)
        Icon set and subject, such as ``"noto/owl"``; README.md says whose the sets are.

    Raises
    ------
    TypeError, ValueError
        As `draw` does.
    """
    count, random = _begin(count, seed, sprites)
    labels = _labels(count, random)
    prepared_ones = prepared(sprites)
    words = random.random_raw(count * sum(WORDS)).astype("<u8", copy=False)
    pose = words.reshape(count, -1)[:, :1].copy().view("<u2")
    which = _below(prepared_ones.number[labels], pose[:, 0].astype(np.int64))
    return prepared_ones.names[prepared_ones.first[labels] + which]


def _begin(count, seed, sprites):
    """The count as an int and the random words of `draw`, or an error that says what is wrong."""
    count = arguments.positive_integer(count, "count")
    if not isinstance(seed, bytes):
        seed = arguments.random_seed(seed)
    elif len(seed) < LEAST_SECRET:
        raise ValueError(
            f"seed should be at least {LEAST_SECRET} bytes, too many to be found by trying; got "
            f"{len(seed)}. Make one with secrets.token_bytes(32)."
        )
    if not isinstance(sprites, str):
        raise TypeError(f"sprites should be a string such as 'train'; got {sprites!r}.")
    if sprites not in SPLITS:
        raise ValueError(f"sprites should be one of {', '.join(SPLITS)}; got {sprites!r}.")
    # With the split in it, or test images would have the poses and backgrounds of training images.
    split = SPLITS.index(sprites)
    return count, _Shake(seed, split) if isinstance(seed, bytes) else np.random.PCG64([seed, split])


class _Shake:
    """Random words of 64 bits, made from a secret; asked for them as NumPy's PCG64 is."""

    def __init__(self, secret, split):
        self.secret, self.split, self.blocks, self.ready = secret, split, 0, b""

    def random_raw(self, count):
        """The next words, uint64 of shape (count,)."""
        while len(self.ready) < 8 * count:
            # Everything of a fixed length comes first, so that no two blocks have the same input.
            place = self.blocks.to_bytes(8, "little") + self.split.to_bytes(1, "little")
            self.ready += shake_256(b"Emoji-10" + place + self.secret).digest(BLOCK)
            self.blocks += 1
        words, self.ready = self.ready[: 8 * count], self.ready[8 * count :]
        return np.frombuffer(words, "<u8").astype(np.uint64)


def _labels(count, random):
    """Labels in a random order; which classes are one image ahead is left to chance too."""
    classes = random.random_raw(CLASSES).argsort(kind="stable")
    order = random.random_raw(count).argsort(kind="stable")
    return classes[order % CLASSES].astype(np.int64)


def _images(labels, split, random):
    """One image for each label."""
    words = random.random_raw(len(labels) * sum(WORDS)).astype("<u8", copy=False)
    pose, colours, noise = (
        np.ascontiguousarray(part).view(np.uint8)
        for part in np.split(words.reshape(len(labels), -1), np.cumsum(WORDS)[:-1], axis=1)
    )
    tint, *corners = lanes.pack(colours[:, :15].reshape(-1, 5, 3)).T
    corners = np.stack(corners, axis=-1).reshape(-1, 2, 2)
    background = lanes.stretch(lanes.stretch(corners, SIDE, axis=1), SIDE, axis=2)
    front = _posed(labels, split, pose.view("<u2").astype(np.int64))
    image = lanes.lay(front, tint[:, np.newaxis, np.newaxis], TINT, background)
    # The two halves of a byte: their difference lies between -15 and 15, standard deviation 6.5.
    noise = noise.reshape(-1, SIDE, SIDE, 3)
    return (lanes.colours(image) + (noise >> 4) - (noise & 15)).clip(0, 255)


def _posed(labels, split, random):
    """Sprites of these classes in random poses: lanes, shape (n, SIDE, SIDE)."""
    sprites = prepared(split)
    choices = (
        sprites.number[labels],
        len(ANGLES),
        LARGEST - SMALLEST + 1,
        LARGEST - SMALLEST + 1,
        2 * LARGEST_SHIFT + 1,
        2 * LARGEST_SHIFT + 1,
    )
    which, turn, wide, high, right, down = (
        _below(number, random[:, column]) for column, number in enumerate(choices)
    )
    # From the centre of the image to its pixels' centres, in half pixels.
    away = np.arange(1 - SIDE, SIDE, 2)
    x = away - 2 * (right - LARGEST_SHIFT)[:, np.newaxis, np.newaxis]
    y = away[:, np.newaxis] - 2 * (down - LARGEST_SHIFT)[:, np.newaxis, np.newaxis]
    sine, cosine, wide, high = (
        values[:, np.newaxis, np.newaxis]
        for values in (SINES[turn], COSINES[turn], SMALLEST + wide, SMALLEST + high)
    )
    # The middle of the sprite lies between two of its pixels, hence the 1.
    middle = lanes.SIXTEENTHS * (sprites.pixels.shape[-1] - 1) // 2
    return lanes.sample(
        sprites.pixels,
        sprites.first[labels] + which,
        middle + (cosine * STEP // wide * x + sine * STEP // wide * y) // ONE,
        middle + (cosine * STEP // high * y - sine * STEP // high * x) // ONE,
    )


def _below(choices, random):
    """Integers from 0 up to but without ``choices``, from random numbers of 16 bits."""
    return (random * choices) >> 16
