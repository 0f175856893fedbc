"""``load`` gives the same kind of data from every source, says which, and fails clearly."""

import hashlib
import re
import socket
import sys
import types

import numpy as np
import pytest

from course_utils import datasets
from course_utils.datasets import sources

EMBEDDED_DIGEST = "aa42c2cc6f3fa3d3af2986f0833dfac5187e98b654436cf932dda344941a0add"
TRAIN_COUNTS = [494, 562, 496, 511, 487, 452, 493, 522, 487, 496]


@pytest.fixture(autouse=True)
def full_profile(monkeypatch):
    """The full profile, and no network whatever the machine has."""

    def refused(*_, **__):
        raise ConnectionRefusedError("refused by the test")

    monkeypatch.setenv("COURSE_PROFILE", "full")
    monkeypatch.setattr(socket, "create_connection", refused)


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


def test_embedded_subset_is_the_one_we_drew():
    data = datasets.load("mnist", source="embedded")
    digest = hashlib.sha256(
        b"".join(
            array.tobytes()
            for split in (data.train, data.test)
            for array in (split.images, split.labels)
        )
    ).hexdigest()
    assert data.train.images.shape == (5000, 28, 28)
    assert data.test.images.shape == (1000, 28, 28)
    assert np.bincount(data.train.labels).tolist() == TRAIN_COUNTS
    assert digest == EMBEDDED_DIGEST, "draw the subset again, or undo the change to it"


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


def prepared_by_tfds(folder):
    """Write a tiny MNIST in TFDS' own format, as ``download_and_prepare`` would."""
    import tensorflow_datasets as tfds

    features = tfds.features.FeaturesDict(
        {
            "image": tfds.features.Image(shape=(28, 28, 1)),
            "label": tfds.features.ClassLabel(num_classes=10),
        }
    )

    class Mnist(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("3.0.1")
        name = "mnist"

        def _info(self):
            return self.dataset_info_from_configs(
                features=features, supervised_keys=("image", "label")
            )

        def _split_generators(self, _):
            return {"train": self._generate_examples(20), "test": self._generate_examples(10)}

        def _generate_examples(self, count):
            for number in range(count):
                image = np.full((28, 28, 1), number, np.uint8)
                yield number, {"image": image, "label": number % 10}

    Mnist(data_dir=folder).download_and_prepare()


def test_tfds_with_a_prepared_folder(tmp_path, monkeypatch):
    prepared_by_tfds(tmp_path)
    by_folder = datasets.load("mnist", folder=tmp_path)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    by_tfds = datasets.load("mnist")
    for data in (by_folder, by_tfds):
        assert data.train.images.shape == (20, 28, 28)
        assert data.source == "TensorFlow Datasets, version 3.0.1"
        assert sorted(data.train.images[:, 0, 0].tolist()) == list(range(20))
        assert np.array_equal(data.train.images[:, 0, 0] % 10, data.train.labels)


def test_without_tfds_data_and_network_the_class_gets_images_and_a_notice(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    data = datasets.load("mnist")
    told = capsys.readouterr().out
    assert data.source == "the embedded subset"
    assert "no prepared copy on this machine" in told
    assert "refused by the test" in told
    assert "accuracies in the text belong to the full data set" in told


def test_insisting_on_tfds_fails_clearly(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    with pytest.raises(sources.SourceError, match="no prepared copy.*cannot be reached"):
        datasets.load("mnist", source="tfds")


def test_tfds_that_is_imported_by_half_is_only_a_source_less(monkeypatch, capsys):
    """Under Colab's versions the import logs a VersionError, and leaves a module without load."""
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", types.ModuleType("half"))
    assert datasets.load("mnist").source == "the embedded subset"
    assert "does not fit the other packages" in capsys.readouterr().out


def test_tfds_whose_import_raises_is_only_a_source_less(monkeypatch, capsys):
    class Raising:
        def find_spec(self, name, *_):
            if name == "tensorflow_datasets":
                raise RuntimeError("protobuf gencode 6.31, runtime 5.29")

    monkeypatch.delitem(sys.modules, "tensorflow_datasets", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Raising(), *sys.meta_path])
    assert datasets.load("mnist").source == "the embedded subset"
    assert "gencode 6.31" in capsys.readouterr().out


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
    with pytest.raises(sources.SourceError, match=message):
        datasets.load("mnist", folder=archive)


@pytest.mark.parametrize("damage", [b"", b"not an archive", None])
def test_damaged_archive_is_refused(archive, damage):
    path = archive / "mnist.npz"
    path.write_bytes(path.read_bytes()[:2000] if damage is None else damage)
    with pytest.raises(sources.SourceError, match=re.escape(f"{path} cannot be used")):
        datasets.load("mnist", folder=archive)


def test_archive_with_objects_is_never_unpickled(archive):
    np.savez(archive / "mnist.npz", x_train=np.array([{}], dtype=object))
    with pytest.raises(sources.SourceError, match="cannot be used"):
        datasets.load("mnist", folder=archive)


def test_folders_without_data_are_named(tmp_path):
    with pytest.raises(sources.SourceError, match="There is no folder"):
        datasets.load("mnist", folder=tmp_path / "absent")
    with pytest.raises(sources.SourceError, match=r"should hold mnist\.npz"):
        datasets.load("mnist", folder=tmp_path)


@pytest.mark.parametrize(
    ("name", "options", "error", "message"),
    [
        ("mnits", {}, ValueError, "one of mnist; got 'mnits'"),
        (["mnist"], {}, TypeError, "name should be a string"),
        ("mnist", {"source": "web"}, ValueError, "one of tfds, embedded; got 'web'"),
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
        ("mnist", {"folder": 3}, TypeError, "folder should be a path"),
    ],
)
def test_wrong_input_is_answered(name, options, error, message):
    with pytest.raises(error, match=message):
        datasets.load(name, **options)
