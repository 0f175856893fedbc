"""``load`` gives the same kind of data from every source, says which, and fails clearly."""

import hashlib
import re

import numpy as np
import pytest

from course_utils import datasets
from course_utils.datasets import download
from course_utils.datasets.catalogue import CATALOGUE
from course_utils.datasets.sources import SourceError

EMBEDDED_DIGESTS = {
    "mnist": "aa42c2cc6f3fa3d3af2986f0833dfac5187e98b654436cf932dda344941a0add",
    "fashion_mnist": "9355149e48ddd1d0c0718769d7ca9730f284a2a8f4a726e00e1d45bd9a973779",
}


@pytest.fixture(autouse=True)
def full_profile(tmp_path, monkeypatch):
    """The full profile, empty caches, and no network whatever the machine has."""

    def nobody(addresses):
        return {download.host_of(address): "refused by the test" for address in addresses}

    monkeypatch.setenv("COURSE_PROFILE", "full")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
    monkeypatch.setattr(download, "unreachable", nobody)


@pytest.fixture
def archive(tmp_path):
    """A folder with a small ``mnist.npz`` as Keras stores it."""
    generator = np.random.default_rng(0)
    np.savez(
        tmp_path / "mnist.npz",
        x_train=generator.integers(0, 256, (40, 28, 28), dtype=np.uint8),
        y_train=np.repeat(np.arange(10, dtype=np.uint8), 4),
        x_test=generator.integers(0, 256, (10, 28, 28), dtype=np.uint8),
        y_test=np.arange(10, dtype=np.uint8),
    )
    return tmp_path


@pytest.mark.parametrize(("name", "digest"), EMBEDDED_DIGESTS.items())
def test_embedded_subset_is_the_one_we_drew(name, digest):
    data = datasets.load(name, source="embedded")
    content = b"".join(
        array.tobytes()
        for split in (data.train, data.test)
        for array in (split.images, split.labels)
    )
    found = hashlib.sha256(content).hexdigest()
    assert found == digest, "draw the subset again, or undo the change to it"


def test_fast_profile_uses_the_embedded_subset(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PROFILE", "fast")
    data = datasets.load("mnist")
    assert data.source == "the embedded subset"
    assert "5,000 to train, 1,000 to test" in capsys.readouterr().out


def test_folder_with_keras_file(archive):
    data = datasets.load("mnist", folder=archive)
    assert len(data.train) == 40
    assert data.train.labels.dtype == np.int64
    assert str(archive) in data.source


def test_held_out_share_is_stratified_and_complete(archive):
    data = datasets.load("mnist", folder=archive, validation=0.25)
    assert np.bincount(data.validation.labels).tolist() == [1] * 10
    assert np.bincount(data.train.labels).tolist() == [3] * 10
    everything = np.concatenate([data.train.images, data.validation.images])
    assert len(np.unique(everything.reshape(40, -1), axis=0)) == 40


def test_only_so_many_training_images(archive):
    data = datasets.load("mnist", folder=archive, train=20, validation=0.5)
    assert np.bincount(data.validation.labels).tolist() == [1] * 10
    assert np.bincount(data.train.labels).tolist() == [1] * 10
    assert len(data.test) == 10
    everything = datasets.load("mnist", folder=archive, train=1000)
    assert len(everything.train) == 40, "at most those that there are"


def test_share_may_be_any_real_number(archive):
    assert len(datasets.load("mnist", folder=archive, validation=np.float32(0.25)).validation) == 10


def test_checksum_depends_on_neither_order_nor_split(archive):
    data = datasets.load("mnist", folder=archive)
    with np.load(archive / "mnist.npz") as arrays:
        turned = {name: arrays[name][::-1] for name in arrays}
    np.savez(archive / "mnist.npz", **turned)
    assert datasets.load("mnist", folder=archive, validation=0.3).checksum == data.checksum
    turned["y_test"] = (turned["y_test"] + 1) % 10
    np.savez(archive / "mnist.npz", **turned)
    assert datasets.load("mnist", folder=archive).checksum != data.checksum


def test_emoji10_in_any_number_and_by_seed():
    data = datasets.load("emoji10", train=123, seed=5, validation=0.2)
    assert data.train.images.shape == (98, 32, 32, 3)
    assert len(data.validation) == 25
    assert len(data.test) == 1000
    assert data.version == "seed 5"
    again, other = (datasets.load("emoji10", train=123, seed=seed) for seed in (5, 6))
    assert again.checksum == data.checksum != other.checksum


def test_emoji10_stands_in_for_cifar10(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PROFILE", "fast")
    data = datasets.load("cifar10")
    assert data.name == "emoji10"
    assert data.class_names[3] == "cat"
    assert len(data.train) == 5000
    assert "stand in for CIFAR-10" in capsys.readouterr().out


@pytest.mark.parametrize("name", CATALOGUE)
def test_whatever_ships_fits_the_catalogue(name, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "fast")
    data = datasets.load(name)
    assert data.class_names == CATALOGUE[name].class_names
    assert data.train.images.shape == (5000, *CATALOGUE[name].image_shape)
    assert data.test.images.shape == (1000, *CATALOGUE[name].image_shape)
    assert set(data.train.labels.tolist()) == set(data.test.labels.tolist()) == set(range(10))


def test_memory_is_held_once(archive):
    """What is held out stays where it was read, beside what is left."""
    with np.load(archive / "mnist.npz") as arrays:
        before = arrays["x_train"]
    data = datasets.load("mnist", folder=archive, validation=0.25)
    assert data.train.images.base is data.validation.images.base
    assert data.train.images.base.nbytes == before.nbytes
    assert not data.train.images.flags.writeable
    assert not data.validation.images.flags.writeable
    order = [np.flatnonzero((before == image).all(axis=(1, 2)))[0] for image in data.train.images]
    assert order == sorted(order), "those that are left keep their order"


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
def test_every_image_keeps_its_label_when_some_are_held_out(archive, share):
    whole = datasets.load("mnist", folder=archive)
    labels = dict(zip(map(bytes, whole.train.images), whole.train.labels, strict=True))
    parted = datasets.load("mnist", folder=archive, validation=share)
    for split in (parted.train, parted.validation):
        for image, label in zip(split.images, split.labels, strict=True):
            assert labels.pop(bytes(image)) == label
    assert not labels


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x_train": np.zeros((40, 28, 27), np.uint8)}, "images should have shape"),
        ({"x_train": np.zeros((40, 28, 28))}, "images should be uint8"),
        ({"x_train": np.zeros((39, 28, 28), np.uint8)}, r"labels \(n,\)"),
        ({"y_train": np.full(40, 10, np.uint8)}, "numbers from 0 to 9"),
        ({"y_train": np.zeros(40)}, "labels integers"),
        ({"y_test": np.zeros(0, np.uint8), "x_test": np.zeros((0, 28, 28), np.uint8)}, "at least"),
    ],
)
def test_archive_with_wrong_arrays_is_refused(archive, change, message):
    with np.load(archive / "mnist.npz") as arrays:
        np.savez(archive / "mnist.npz", **{**arrays, **change})
    with pytest.raises(SourceError, match=message):
        datasets.load("mnist", folder=archive)


@pytest.mark.parametrize("damage", [b"", b"not an archive", None])
def test_damaged_archive_is_refused(archive, damage):
    path = archive / "mnist.npz"
    path.write_bytes(path.read_bytes()[:2000] if damage is None else damage)
    with pytest.raises(SourceError, match=re.escape(f"{path} cannot be used")):
        datasets.load("mnist", folder=archive)


def test_archive_with_objects_is_never_unpickled(archive):
    np.savez(archive / "mnist.npz", x_train=np.array([{}], dtype=object))
    with pytest.raises(SourceError, match="cannot be used"):
        datasets.load("mnist", folder=archive)


def test_folders_without_data_are_named(tmp_path):
    with pytest.raises(SourceError, match="absent does not exist"):
        datasets.load("mnist", folder=tmp_path / "absent")
    with pytest.raises(SourceError, match=r"should hold mnist\.npz"):
        datasets.load("mnist", folder=tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="file is a file; give its folder"):
        datasets.load("mnist", folder=tmp_path / "file")
    with pytest.raises(SourceError, match="cannot be read"):
        datasets.load("mnist", folder=tmp_path / ("x" * 300))


@pytest.mark.parametrize(
    ("name", "options", "error", "message"),
    [
        ("mnits", {}, ValueError, "one of mnist, fashion_mnist, .*; got 'mnits'"),
        (["mnist"], {}, TypeError, "name should be a string"),
        ("mnist", {"source": "web"}, ValueError, "one of tfds, keras, .*; got 'web'"),
        ("mnist", {"source": "tfds", "folder": "."}, ValueError, "either folder or source"),
        ("mnist", {"validation": 1}, ValueError, "from 0 up to, but without, 1"),
        ("mnist", {"validation": -0.1}, ValueError, "from 0 up to, but without, 1"),
        ("mnist", {"validation": float("nan")}, ValueError, "from 0 up to, but without, 1"),
        ("mnist", {"validation": "0.1"}, TypeError, "validation should be a share"),
        ("mnist", {"validation": True}, TypeError, "validation should be a share"),
        ("mnist", {"source": np.array([])}, TypeError, "source should be a string"),
        ("mnist", {"seed": "abc"}, TypeError, "seed should be a whole number"),
        ("mnist", {"seed": None}, TypeError, "seed should be a whole number"),
        ("mnist", {"seed": -1}, ValueError, "seed should lie between 0 and"),
        ("emoji10", {"train": 1, "validation": 0.9}, ValueError, "leave some images to train"),
        ("mnist", {"train": 0}, ValueError, "train should be"),
        ("mnist", {"train": 1.5}, TypeError, "train should be"),
        ("emoji10", {"folder": "."}, ValueError, "drawn by the course itself"),
        ("emoji10", {"source": "tfds"}, ValueError, "drawn by the course itself"),
        ("mnist", {"folder": 3}, TypeError, "folder should be a path"),
    ],
)
def test_wrong_input_is_answered(name, options, error, message):
    with pytest.raises(error, match=message):
        datasets.load(name, **options)
