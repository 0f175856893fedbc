"""Frames show the arrays handed in, pixel by pixel, and the words tell how they change."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from course_utils.features import kernel_pictures
from course_utils.figures import kernel_tiles, learning_kernels
from course_utils.figures.learning import EDGE, HEAD, ROOM, _shown
from course_utils.figures.mosaic import as_bytes, mosaic, tile_columns
from course_utils.figures.style import DENSITY, TRAINING, VALIDATION

generator = np.random.default_rng(12)
COUNT, K = 5, 64
KERNELS = generator.normal(size=(COUNT, 5, 5, 3, K)).astype(np.float32)
MAPS = np.maximum(generator.normal(size=(COUNT, 32, 32, K)), 0).astype(np.float32)
MAPS *= np.array([1, 5, 0.1, 2, 3], np.float32)[:, None, None, None]
IMAGE = generator.integers(0, 256, size=(32, 32, 3), dtype=np.uint8)
ACCURACIES = {"training": [0.1, 0.3, 0.5, 0.7, 0.9], "validation": [0.2, 0.35, 0.45, 0.5, 0.55]}
STEPS = [0, 5, 20, 45, 80]


def made(**changes):
    given = {
        "image": IMAGE,
        "kernels": KERNELS,
        "activations": MAPS,
        "accuracies": ACCURACIES,
        "steps": STEPS,
    }
    return learning_kernels(**(given | changes))


def kernel_board(kernels):
    """Kernels as they should stand on a page."""
    return mosaic(as_bytes(kernel_pictures(kernels)), ROOM * DENSITY)


@pytest.fixture(scope="module")
def film():
    return made()


def part(frame, left, top, shape):
    """Pixels of a frame below and right of a place on the page."""
    top, left = round(top * DENSITY), round(left * DENSITY)
    return frame[top : top + shape[0], left : left + shape[1]]


@pytest.mark.parametrize("place", range(COUNT))
def test_every_kernel_and_every_map_is_drawn_exactly(film, place):
    frame = film.frames[place]
    expected = kernel_board(KERNELS[place])
    tiles = np.zeros((K, 5, 5, 3), np.uint8)
    inside = mosaic(tiles, ROOM * DENSITY) == 0  # between the kernels there may be frames
    drawn = part(frame, EDGE, HEAD, expected.shape)
    np.testing.assert_array_equal(drawn[inside], expected[inside])
    white = np.sort(MAPS[place].ravel())[-MAPS[place].size // 200]
    maps = np.moveaxis(MAPS[place], -1, 0).reshape(8, 8, 32, 32)[::2, ::2].reshape(16, 32, 32)
    shares = np.minimum(maps / white, 1)  # every other row and column of the 8 by 8
    grey = np.rint(255 * shares.astype(float)).astype(np.uint8)[..., np.newaxis].repeat(3, axis=3)
    expected = mosaic(grey, ROOM * DENSITY)
    drawn = part(frame, EDGE + ROOM + EDGE, HEAD, expected.shape)
    np.testing.assert_allclose(drawn.astype(int), expected, atol=1)  # rounding of a share


def test_the_image_itself_is_drawn_in_every_frame(film):
    for frame in film.frames:
        lower = frame[-2 * 190 :, : 2 * (EDGE + 140)]
        seen = {tuple(pixel) for pixel in lower.reshape(-1, 3)}
        wanted = {tuple(pixel) for pixel in IMAGE.reshape(-1, 3)}
        assert len(wanted - seen) < 0.05 * len(wanted)


def coloured(frame, colour):
    """Columns of the lower part of a frame in which a colour occurs."""
    wanted = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    lower = frame[-2 * 188 :, 2 * 220 :]
    return np.flatnonzero((np.abs(lower.astype(int) - wanted).max(axis=2) < 12).any(axis=0))


@pytest.mark.parametrize("colour", [TRAINING, VALIDATION])
def test_the_curves_grow_from_frame_to_frame(film, colour):
    furthest = [coloured(frame, colour).max() for frame in film.frames]
    assert (np.diff(furthest) > 40).all()


def test_the_kernels_whose_maps_are_shown_are_framed(film):
    height, width = kernel_board(KERNELS[0]).shape[:2]
    for number in range(8):  # the first row
        left = EDGE + number * (width / DENSITY + 3) / 8
        edge = part(film.frames[2], left + 3, HEAD - 1, (2, 20))
        assert (edge.max() < 80) == (number % 2 == 0), number
    few = made(kernels=KERNELS[..., :9], activations=MAPS[..., :9])
    assert part(few.frames[0], EDGE + 3, HEAD - 2, (4, 20)).min() > 200


@pytest.mark.parametrize("count", [1, 9, 16, 17, 20, 30, 50, 64, 90, 128])
def test_each_map_stands_where_its_kernel_does(count):
    chosen = _shown(count)
    rows, columns = np.divmod(chosen, tile_columns(count))
    assert 0 < len(chosen) <= 16
    drawn = np.divmod(np.arange(len(chosen)), tile_columns(len(chosen)))
    for kernels, maps in zip((rows, columns), drawn, strict=True):
        np.testing.assert_array_equal(np.unique(kernels, return_inverse=True)[1], maps)


def test_it_plays_by_snapshots_steps_or_images(film):
    assert list(film.clocks) == ["snapshots", "steps"]
    assert film.clocks["steps"].tolist() == STEPS
    seen = [0, 50, 200, 450, 1000]
    other = made(images_seen=seen, over="images")
    assert list(other.clocks) == ["images", "snapshots", "steps"]
    assert other.clocks["images"].tolist() == seen
    halfway = [coloured(it.frames[3], VALIDATION).max() for it in (film, other)]
    ends = [coloured(it.frames[4], VALIDATION).max() for it in (film, other)]
    assert halfway[1] < halfway[0] - 200 and abs(ends[0] - ends[1]) < 10


def test_it_plays_four_frames_a_second_with_a_rest(film):
    assert film.frames_per_second == 4
    assert film.rest > 0
    assert film.still == 0
    assert film.captions[0] == "before training"
    assert film.captions[-1] == "snapshot 4, after 80 steps"


def test_alt_text_tells_the_trend(film):
    words = film.alt_text
    assert words.startswith("Animation of 5 snapshots, the last snapshot 4, after 80 steps: 64")
    assert "the maps that 16 of them make of one image" in words
    assert (
        "Accuracy: training rises from 0.1 to 0.9 and validation rises from 0.2 to 0.55." in words
    )
    smooth = KERNELS.copy()
    smooth[-1] = np.linspace(-1, 1, 5)[:, None, None, None] * np.ones((5, 5, 3, K))
    [pair] = re.findall(
        r"goes from (\S+) to (\S+), where 0 is noise", made(kernels=smooth).alt_text
    )
    first, last = (float(value.replace("−", "-")) for value in pair)
    assert abs(first) < 0.05
    assert 0.5 < last < 1


def test_one_even_colour_has_a_likeness_of_1():
    words = kernel_tiles({"even": np.full((5, 5, 3, 2), -0.2)}).alt_text
    assert "The likeness of weights that lie side by side is 1." in words


def test_maps_below_zero_are_darker_than_zero():
    maps = MAPS.copy()
    maps[0] = np.linspace(-1, 1, 32)[:, None, None]
    frame = made(activations=maps).frames[0]
    column = part(frame, EDGE + ROOM + EDGE, HEAD, (160, 1))[:, 0, 0]  # 5 pixels for each value
    assert column[0] == 0
    assert column[-1] == 255
    assert 120 < column[80] < 136
    assert (np.diff(column.astype(int)) >= 0).all()


def test_a_few_very_bright_places_do_not_darken_the_rest():
    maps = np.full_like(MAPS, 0.5)
    maps[:, 0, 0] = 100
    frame = made(activations=maps).frames[0]
    assert (part(frame, EDGE + ROOM + EDGE, HEAD, (8, 8)) == 255).all()
    lonely = MAPS * 0
    lonely[:, 0, 0, 0] = 3  # the only value above 0 is seen all the same
    frame = made(activations=lonely).frames[0]
    assert (part(frame, EDGE + ROOM + EDGE, HEAD, (2, 2)) == 255).all()


def test_maps_that_are_all_zero_are_black():
    frame = made(activations=MAPS * 0).frames[1]
    assert (part(frame, EDGE + ROOM + EDGE, HEAD, (8, 8)) == 0).all()


@pytest.mark.parametrize("accuracies", [{"training": ACCURACIES["training"]}, ACCURACIES])
def test_one_curve_or_two(accuracies):
    assert len(made(accuracies=accuracies).frames) == COUNT


def test_a_single_snapshot_and_grey_are_fine():
    film = made(
        image=IMAGE[..., 0],
        kernels=KERNELS[:1, :, :, :1],
        activations=MAPS[:1],
        accuracies={"training": [0.1]},
        steps=[0],
    )
    assert len(film.frames) == 1


def test_49_snapshots_are_below_5_mb_as_page_and_as_gif(tmp_path):
    """As many snapshots as in 10-watching-it-learn, and pure noise: nothing compresses worse."""
    count = 49
    walk = np.cumsum(generator.normal(size=(count, 5, 5, 3, K)), axis=0)
    maps = np.maximum(generator.normal(size=(count, 32, 32, K)), 0) ** 2
    film = made(
        kernels=walk,
        activations=maps,
        accuracies={"training": np.linspace(0.1, 1, count)},
        steps=np.arange(count) ** 2 * 5,
    )
    for ending in ("gif", "html"):
        path = tmp_path / f"film.{ending}"
        film.save(path)
        assert path.stat().st_size < 5_000_000, ending
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.gif", "film.html"]


@pytest.mark.parametrize("names", [["before"], ["before", "after"]])
def test_tiles_are_drawn_exactly(names, tmp_path):
    kernels = dict(zip(names, KERNELS, strict=False))
    picture = kernel_tiles(kernels)
    with Image.open(io.BytesIO(picture._png())) as image:
        drawn = np.asarray(image.convert("RGB"))
    for place, values in enumerate(kernels.values()):
        expected = kernel_board(values)
        seen = part(drawn, EDGE + place * (ROOM + EDGE), EDGE + 23, expected.shape)
        np.testing.assert_array_equal(seen, expected)
    for name in names:
        assert f"“{name}”: 64 kernels of 5 by 5 weights" in picture.alt_text
