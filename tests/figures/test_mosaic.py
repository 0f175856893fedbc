"""Every pixel of every tile is on the mosaic, in its place, and nothing else but white."""

import numpy as np
import pytest

from course_utils.figures.mosaic import mosaic, rescaled_kernels

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


def test_each_kernel_is_rescaled_by_itself():
    kernels = generator.normal(size=(5, 5, 3, 4)) * [1, 0.001, 50, 1]
    given = kernels.copy()
    pictures = rescaled_kernels(kernels)
    np.testing.assert_array_equal(kernels, given)
    assert pictures.shape == (4, 5, 5, 3)
    assert pictures.dtype == np.uint8
    for k, picture in enumerate(pictures):
        one = kernels[..., k]
        expected = 255 * (one - one.min()) / (one.max() - one.min())
        np.testing.assert_allclose(picture, expected, atol=0.5001)


def test_kernels_of_one_channel_are_grey_and_of_one_value_mid_grey():
    kernels = np.full((2, 2, 1, 2), 0.3)
    kernels[0, 0, 0, 1] = -1
    pictures = rescaled_kernels(kernels)
    assert (pictures[0] == 128).all()
    np.testing.assert_array_equal(pictures[1, ..., 0], [[0, 255], [255, 255]])
    np.testing.assert_array_equal(pictures[1, ..., 0], pictures[1, ..., 2])
