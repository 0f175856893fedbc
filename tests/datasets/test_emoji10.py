"""Emoji-10 is drawn alike everywhere, and its test sprites appear nowhere else."""

import re
from hashlib import sha256
from importlib.resources import files

import numpy as np
import pytest

from course_utils.datasets import emoji10
from course_utils.datasets.emoji10 import sprites

# ``draw`` the function has its module's name, so the module is taken from where it is known.
drawing = emoji10.draw.__globals__
ARCHIVE = sprites.read()
README = (files("course_utils.datasets.emoji10") / "README.md").read_text(encoding="utf-8")

# Measured on 45 drawings that exist twice, as Fluent and as Fluent Flat: each pair reaches the
# first in its edges or the second in its outline, whatever its colours.
TWIN_EDGES, TWIN_OUTLINE = 0.6, 0.95


def digest(images, labels):
    return sha256(images.tobytes() + labels.astype("<i8").tobytes()).hexdigest()


def test_the_same_bytes_on_every_machine():
    assert (
        digest(*emoji10.draw(250, seed=7))
        == "cebfa0234acf18dec679f31e79d71bced02d973e3d924aa79a350396e88ae342"
    )
    assert (
        digest(*emoji10.draw(20, seed=7, sprites="test"))
        == "13deab5d165d73270348d672037ea405606dfc37222f4affb88b3a82a37176d6"
    )


SECRET = bytes(range(32))


def test_the_same_bytes_from_a_secret_on_every_machine():
    assert digest(*emoji10.draw(30, seed=SECRET, sprites="test")) == (
        "c5a9a5ac91b965dba44e741c434943f70a44a0d7c34a58f46a38a16d2a604800"
    )


@pytest.mark.parametrize("chunk", [1, 64, 5000])
def test_chunks_do_not_matter_to_a_secret(chunk, monkeypatch):
    whole = digest(*emoji10.draw(130, seed=SECRET))
    monkeypatch.setitem(drawing, "CHUNK", chunk)
    assert digest(*emoji10.draw(130, seed=SECRET)) == whole


def test_every_bit_of_a_secret_and_the_split_matter():
    one = emoji10.draw(20, seed=SECRET)[0]
    others = [SECRET[:-1], SECRET + b"\0", b"\1" + SECRET[1:], SECRET[:-1] + b"\0"]
    for other in others:
        assert (one == emoji10.draw(20, seed=other)[0]).mean() < 0.1
    assert (one == emoji10.draw(20, seed=SECRET, sprites="test")[0]).mean() < 0.1


def test_a_secret_draws_images_like_any_other_seed():
    images, labels = emoji10.draw(1000, seed=SECRET)
    assert np.array_equal(np.bincount(labels), np.full(10, 100))
    assert not np.array_equal(labels[:10], labels[10:20])
    assert len({image.tobytes() for image in images}) == 1000
    usual = emoji10.draw(1000, seed=1)[0]
    assert abs(images.mean() - usual.mean()) < 2
    assert abs(images.std() - usual.std()) < 2


def test_the_words_of_a_secret_are_even():
    bits = np.unpackbits(drawing["_Shake"](SECRET, 0).random_raw(20_000).view(np.uint8))
    assert abs(bits.reshape(-1, 64).mean(axis=0) - 0.5).max() < 0.02


def test_no_sine_is_rounded_by_its_last_digit():
    exact = 4096 * np.concatenate([np.sin(drawing["ANGLES"]), np.cos(drawing["ANGLES"])])
    assert abs(exact % 1 - 0.5).min() > 1e-3


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("count", [1, 7, 10, 1234])
def test_any_number_of_images(count, split):
    images, labels = emoji10.draw(count, seed=3, sprites=split)
    assert images.shape == (count, 32, 32, 3) and images.dtype == np.uint8
    assert labels.shape == (count,) and labels.dtype == np.int64
    sizes = np.bincount(labels, minlength=10)
    assert len(sizes) == 10 and np.ptp(sizes) <= 1


def test_the_images_of_one_class_are_anywhere():
    labels = emoji10.draw(1000, seed=3)[1]
    assert np.array_equal(np.unique(labels[:100]), np.arange(10))
    assert not np.array_equal(labels[:10], labels[10:20])
    odd_ones = {tuple(sorted(emoji10.draw(3, seed=seed)[1])) for seed in range(20)}
    assert len(odd_ones) > 10


@pytest.mark.parametrize("chunk", [1, 64, 5000])
def test_chunks_do_not_matter(chunk, monkeypatch):
    whole = digest(*emoji10.draw(130, seed=5))
    monkeypatch.setitem(drawing, "CHUNK", chunk)
    assert digest(*emoji10.draw(130, seed=5)) == whole


def test_seeds_and_splits_draw_different_images():
    one, other = emoji10.draw(50, seed=1), emoji10.draw(50, seed=2)
    assert not np.array_equal(one[1], other[1])
    assert (one[0] == other[0]).mean() < 0.1
    assert (one[0] == emoji10.draw(50, seed=1, sprites="test")[0]).mean() < 0.1
    images = emoji10.draw(500, seed=1)[0]
    assert len({image.tobytes() for image in images}) == 500


def test_the_seed_may_be_as_large_as_keras_allows():
    assert emoji10.draw(1, seed=2**32 - 1)[0].shape == emoji10.draw(1, seed=np.int64(4))[0].shape


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"count": 0}, ValueError, "count should be at least 1; got 0"),
        ({"count": -10}, ValueError, "count should be at least 1"),
        ({"count": 10.0}, TypeError, "count should be a whole number"),
        ({"count": True}, TypeError, "count should be a whole number"),
        ({"seed": -1}, ValueError, "seed should lie between"),
        ({"seed": 2**32}, ValueError, "seed should lie between"),
        ({"seed": None}, TypeError, "seed should be a whole number"),
        ({"seed": "a" * 32}, TypeError, "seed should be a whole number"),
        ({"seed": b"fifteen bytes.."}, ValueError, "at least 16 bytes.*got 15"),
        ({"sprites": "validation"}, ValueError, "train, test; got 'validation'"),
        ({"sprites": None}, TypeError, "sprites should be a string"),
    ],
)
def test_refuses_wrong_input(arguments, error, message):
    with pytest.raises(error, match=message):
        emoji10.draw(**{"count": 10, "seed": 0, **arguments})


def test_a_fifth_of_every_class_is_held_out():
    for label in range(10):
        held_out = ARCHIVE["held_out"][ARCHIVE["labels"] == label]
        assert held_out.sum() >= 2
        assert 0.15 <= held_out.mean() <= 0.3


def similarity(one, others):
    """Best correlation of edges and best overlap of outlines, over shifts and mirror images."""
    edges, outlines = shape_of(one)
    other_edges, other_outlines = shape_of(others)
    same_edges = same_outline = 0
    for mirror in (1, -1):
        for shift in np.ndindex(5, 5):
            moved = [
                np.roll(array[:, :, ::mirror], np.subtract(shift, 2), axis=(1, 2))
                for array in (other_edges, other_outlines)
            ]
            product = as_rows(edges) @ as_rows(moved[0]).T
            same_edges = np.maximum(same_edges, product)
            both = np.einsum("ahw,bhw->ab", outlines, moved[1])
            either = outlines.sum((1, 2))[:, np.newaxis] + moved[1].sum((1, 2)) - both
            same_outline = np.maximum(same_outline, both / either)
    return same_edges, same_outline


def shape_of(rgba):
    """Strength of edges and outline of sprites at 32 x 32 pixels, on middle grey."""
    opacity = rgba[..., 3] / 255
    grey = rgba[..., :3].mean(-1) * opacity + 128 * (1 - opacity)
    grey, opacity = (a.reshape(-1, 32, 2, 32, 2).mean((2, 4)) for a in (grey, opacity))
    return np.hypot(*np.gradient(grey, axis=(1, 2))), (opacity > 0.5).astype(float)


def as_rows(arrays):
    rows = arrays.reshape(len(arrays), -1)
    rows = rows - rows.mean(1, keepdims=True)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("label", range(10))
def test_no_held_out_sprite_has_a_twin_in_training(label):
    mine = ARCHIVE["labels"] == label
    held_out = ARCHIVE["sprites"][mine & ARCHIVE["held_out"]]
    edges, outlines = similarity(held_out, ARCHIVE["sprites"][mine & ~ARCHIVE["held_out"]])
    assert edges.max() < TWIN_EDGES
    assert outlines.max() < TWIN_OUTLINE


def test_the_measure_of_twins_sees_a_recoloured_mirrored_and_shifted_copy():
    sprite = ARCHIVE["sprites"][:1]
    copy = np.roll(sprite[:, :, ::-1, [2, 0, 1, 3]], 2, axis=1)
    edges, outlines = similarity(sprite, copy)
    assert edges.max() > TWIN_EDGES
    assert outlines.max() > TWIN_OUTLINE


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_large_draw_uses_every_sprite_of_its_split_and_no_other(split, monkeypatch):
    used = []
    sample = drawing["lanes"].sample

    def recording(pixels, chosen, *where):
        used.append(chosen)
        return sample(pixels, chosen, *where)

    monkeypatch.setattr(drawing["lanes"], "sample", recording)
    labels = emoji10.draw(4000, seed=0, sprites=split)[1]
    used = np.concatenate(used)
    mine = ARCHIVE["held_out"] == (split == "test")
    assert np.array_equal(np.unique(used), np.arange(mine.sum()))
    assert np.array_equal(ARCHIVE["labels"][mine][used], labels)


def test_a_sprite_in_no_pose_is_the_one_in_the_archive(monkeypatch):
    still = {"SMALLEST": 100, "LARGEST_SHIFT": 0, "TINT": 0, "ANGLES": [0.0]}
    still |= {"SINES": np.array([0]), "COSINES": np.array([4096])}
    for name, value in still.items():
        monkeypatch.setitem(drawing, name, value)
    images, labels = emoji10.draw(40, seed=1, sprites="test")
    for image, label in zip(images, labels, strict=True):
        mine = ARCHIVE["sprites"][(ARCHIVE["labels"] == label) & ARCHIVE["held_out"]]
        quarters = mine.reshape(-1, 32, 2, 32, 2, 4)
        apart = abs(quarters[..., :3].mean((2, 4)) - image).mean(-1)
        opaque = (quarters[..., 3] == 255).all((2, 4))
        assert min((apart * opaque).sum((1, 2)) / opaque.sum((1, 2))) < 20


@pytest.mark.parametrize("split", ["train", "test"])
def test_nothing_is_smeared_beyond_a_sprite(split):
    pixels = sprites.prepared(split).pixels
    assert not pixels[:, [0, 1, -2, -1]].any()
    assert not pixels[:, :, [0, 1, -2, -1]].any()


def test_no_image_is_blank(monkeypatch):
    """The sprite stands out from what the image would be without it."""
    images = emoji10.draw(500, seed=9)[0].astype(int)
    lay = drawing["lanes"].lay
    monkeypatch.setattr(drawing["lanes"], "lay", lambda front, *rest: lay(0 * front, *rest))
    empty = emoji10.draw(500, seed=9)[0].astype(int)
    changed = (abs(images - empty).max(-1) > 40).mean((1, 2))
    assert changed.min() > 0.05


def test_the_arrays_are_the_callers_own():
    images, _ = emoji10.draw(5, seed=0)
    images[:] = 0
    assert emoji10.draw(5, seed=0)[0].any()


def test_every_set_is_credited_with_its_licence():
    row = r"^\| `@iconify-json/([\w-]+)` .*\| \[([^]]+)\]\(http"
    credited = dict(re.findall(row, README, flags=re.MULTILINE))
    assert set(credited) == {name.split("/")[0] for name in ARCHIVE["names"]}
    assert set(credited.values()) == {"Apache-2.0", "CC BY 4.0", "MIT"}


def test_the_settings_told_are_those_in_force():
    told = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", README, flags=re.MULTILINE))
    names = ("SMALLEST", "LARGEST", "LARGEST_TURN", "LARGEST_SHIFT", "TINT")
    assert told == {name: str(drawing[name]) for name in names}


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("seed", [3, SECRET])
def test_the_drawing_of_each_image_can_be_told(split, seed):
    labels = emoji10.draw(230, seed=seed, sprites=split)[1]
    told = emoji10.drawings_of(230, seed=seed, sprites=split)
    archive = sprites.read()
    columns = (archive[key].tolist() for key in ("names", "labels", "held_out"))
    belongs = {name: (label, held_out) for name, label, held_out in zip(*columns, strict=True)}
    assert told.shape == (230,)
    for name, label in zip(told, labels, strict=True):
        assert belongs[name] == (label, split == "test")


def test_images_that_are_said_to_show_one_drawing_look_alike():
    images, labels = emoji10.draw(600, seed=3, sprites="test")
    told, birds = emoji10.drawings_of(600, seed=3, sprites="test"), labels == 2
    middle = images[birds][:, 8:24, 8:24].mean(axis=(1, 2), dtype=float)
    kinds, number = np.unique(told[birds], return_inverse=True)
    means = np.array([middle[number == k].mean(axis=0) for k in range(len(kinds))])
    own = np.linalg.norm(middle - means[number], axis=1).mean()
    other = np.linalg.norm(middle - np.roll(means, 1, axis=0)[number], axis=1).mean()
    assert own < 0.8 * other
