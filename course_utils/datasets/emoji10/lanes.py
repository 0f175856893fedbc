"""Colours in lanes: red, green, blue and opacity side by side in one 64-bit number, 16 bits each.

A channel's values go up to 255, so weights that add up to 256 at most fit beside them, and one
multiplication serves all four channels without any of them spilling into the next.
"""

import numpy as np

BITS = tuple(np.uint64(bits) for bits in (0, 16, 32, 48))
LOW_BYTES = np.uint64(0x00FF00FF00FF00FF)
SIXTEENTHS = 16


def pack(channels):
    """Lanes of up to four uint8 channels, shape (..., channels) -> (...)."""
    packed = np.zeros(channels.shape[:-1], dtype=np.uint64)
    for channel, bits in enumerate(BITS[: channels.shape[-1]]):
        packed |= channels[..., channel].astype(np.uint64) << bits
    return packed


def opacity(packed):
    """The last channel alone, as uint64."""
    return packed >> BITS[-1]


def colours(packed):
    """The three colours as int16, shape (...) -> (..., 3)."""
    unpacked = np.empty((*packed.shape, 3), dtype=np.int16)
    for channel, bits in enumerate(BITS[:3]):
        unpacked[..., channel] = (packed >> bits) & np.uint64(255)
    return unpacked


def scale(packed, share):
    """Lanes times ``share`` of 256."""
    return ((packed * np.uint64(share)) >> np.uint64(8)) & LOW_BYTES


def stretch(packed, side, axis):
    """Spread the values along an axis over ``side`` places, blending neighbours in between."""
    position = np.arange(side) * 256 * (packed.shape[axis] - 1) // side
    before, way = divmod(position, 256)
    way = way.astype(np.uint64).reshape([-1 if a == axis else 1 for a in range(packed.ndim)])
    blend = packed.take(before, axis) * (np.uint64(256) - way)
    blend += packed.take(before + 1, axis) * way
    return (blend >> np.uint64(8)) & LOW_BYTES


def sample(tables, chosen, across, down):
    """Blend of the four pixels around each position, of one table for each image.

    ``tables`` has shape (tables, side, side), ``chosen`` (n,); ``across`` and ``down`` count
    sixteenths of a pixel from the centre of the first pixel and have shape (n, rows, columns).
    Positions outside are moved to the rim.
    """
    side = tables.shape[-1]
    rim = SIXTEENTHS * (side - 1) - 1
    column, right = divmod(across.clip(0, rim), SIXTEENTHS)
    row, below = divmod(down.clip(0, rim), SIXTEENTHS)
    corner = chosen[:, np.newaxis, np.newaxis] * (side * side) + row * side + column
    pixels = tables.reshape(-1)
    right, below = right.astype(np.uint64), below.astype(np.uint64)
    left, above = np.uint64(SIXTEENTHS) - right, np.uint64(SIXTEENTHS) - below
    blend = pixels[corner] * (left * above)
    blend += pixels[corner + 1] * (right * above)
    blend += pixels[corner + side] * (left * below)
    blend += pixels[corner + side + 1] * (right * below)
    return (blend >> np.uint64(8)) & LOW_BYTES


def lay(front, tint, share, back):
    """Lay colours over others, after mixing ``share`` of 256 of a tint into them.

    ``front`` has its colours multiplied by its opacity already.
    """
    cover = opacity(front)
    blend = scale(front, 256 - share) * np.uint64(255)
    blend += scale(tint, share) * cover
    blend += back * (np.uint64(255) - cover)
    return (blend >> np.uint64(8)) & LOW_BYTES
