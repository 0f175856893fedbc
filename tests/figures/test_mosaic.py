"""Every pixel of every tile is on the mosaic, in its place, and nothing else but white."""

import numpy as np
import pytest

from course_utils.figures.mosaic import as_bytes, mosaic

generator = np.random.default_rng(11)


@pytest.mark.parametrize("shape", [(64, 5, 5), (64, 32, 32), (7, 3, 4), (1, 2, 2)])
def test_every_tile_is_there_pixel_by_pixel(shape):
    tiles = generator.integers(0, 250, size=(*shape, 3), dtype=np.uint8)
    given = tiles.copy()
    board = mosaic(tiles, 690, gap=6)
    np.testing.assert_array_equal(tiles, given)
    assert max(board.shape[:2]) <= 690
    columns = int(np.ceil(np.sqrt(len(tiles))))
    scale = (board.shape[1] + 6) // columns - 6
    assert scale % shape[2] == 0
    scale //= shape[2]
    drawn = np.zeros(board.shape[:2], bool)
    for k, tile in enumerate(tiles):
        top, left = k // columns * (shape[1] * scale + 6), k % columns * (shape[2] * scale + 6)
        for offset in range(scale):
            seen = board[top + offset :: scale, left + offset :: scale]
            np.testing.assert_array_equal(seen[: shape[1], : shape[2]], tile)
        drawn[top : top + shape[1] * scale, left : left + shape[2] * scale] = True
    assert (board[~drawn] == 255).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_shares_become_bytes_of_three_colours(channels):
    shares = generator.random((4, 5, 2, channels))
    shares[0, 0, 0, 0], shares[1, 0, 0, 0] = 0, 1
    given = shares.copy()
    pictures = as_bytes(shares)
    np.testing.assert_array_equal(shares, given)
    assert pictures.shape == (4, 5, 2, 3)
    assert pictures.dtype == np.uint8
    assert (pictures.min(), pictures.max()) == (0, 255)
    np.testing.assert_allclose(pictures[..., :channels], 255 * shares, atol=0.5001)
    np.testing.assert_array_equal(pictures[..., -1], pictures[..., channels - 1])
