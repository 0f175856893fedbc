"""TensorFlow Datasets is one source of several: it may hang, fail or be missing."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import filelock
import numpy as np
import pytest

from course_utils import datasets
from course_utils.datasets import download
from course_utils.datasets.catalogue import CATALOGUE
from course_utils.datasets.sources import SourceError, tfds
from tests.datasets.classroom import NOBODY, little_data_set, serving

# What stands in for tensorflow_datasets in the process that prepares; COPY is a prepared data set.
FAKES = {
    "works": """
        shutil.copytree(os.environ["COPY"], self.folder / "mnist")
    """,
    "hangs": """
        time.sleep(600)
    """,
    "is-slow": """
        for number in range(6000):
            (self.folder / f"{number}.part").write_bytes(bytes(100))
            time.sleep(0.1)
    """,
    "fails": """
        (self.folder / "half").write_bytes(bytes(1000))
        raise OSError("checksums of the download differ")
    """,
    "dies": """
        os.kill(os.getpid(), 9)
    """,
    "gives-half": """
        shutil.copytree(os.environ["COPY"], self.folder / "mnist")
        for path in (self.folder / "mnist").rglob("*train*tfrecord*"):
            os.truncate(path, path.stat().st_size // 2)
    """,
}
WHY = {
    "hangs": "its download is too slow: 0 kB/s",
    "is-slow": "its download is too slow: [0-3] kB/s",
    "fails": "OSError: checksums of the download differ",
    "dies": "it ended without a word",
    "gives-half": "cannot be used .*DataLossError",
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A tiny MNIST in TFDS' own format: folder/mnist/3.0.1."""
    import tensorflow_datasets

    features = tensorflow_datasets.features.FeaturesDict(
        {
            "image": tensorflow_datasets.features.Image(shape=(28, 28, 1)),
            "label": tensorflow_datasets.features.ClassLabel(num_classes=10),
        }
    )

    class Mnist(tensorflow_datasets.core.GeneratorBasedBuilder):
        VERSION = tensorflow_datasets.core.Version("3.0.1")
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

    folder = tmp_path_factory.mktemp("prepared")
    Mnist(data_dir=folder).download_and_prepare()
    return folder


@pytest.fixture(autouse=True)
def classroom(tmp_path, monkeypatch):
    """Empty caches, short patience, and the little MNIST, whose only host is out of reach."""
    monkeypatch.setenv("COURSE_PROFILE", "full")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
    monkeypatch.setattr(download, "WINDOW_SECONDS", 1)
    monkeypatch.setattr(download, "NETWORK_SECONDS", 60)
    monkeypatch.setattr(tfds, "HOST", NOBODY)
    monkeypatch.setitem(CATALOGUE, "mnist", little_data_set([NOBODY]))
    return tmp_path


@pytest.fixture
def fake(classroom, prepared, monkeypatch):
    """Lets a test choose what tfds does in the process that prepares; its host is reachable."""
    package = classroom / "fake"
    package.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(package))
    monkeypatch.setenv("COPY", str(prepared / "mnist"))

    def choose(behaviour):
        (package / "tensorflow_datasets.py").write_text(
            "import os, pathlib, shutil, time\n"
            "class builder:\n"
            "    def __init__(self, name, data_dir):\n"
            "        self.folder = pathlib.Path(data_dir)\n"
            "    def download_and_prepare(self):\n"
            f"        {FAKES[behaviour].strip()}\n"
        )

    with serving() as server:
        monkeypatch.setattr(tfds, "HOST", server.address("right"))
        yield choose


def test_prepared_data_in_a_folder_or_where_the_variable_says(prepared, monkeypatch):
    by_folder = datasets.load("mnist", folder=prepared)
    monkeypatch.setenv("TFDS_DATA_DIR", str(prepared))
    by_tfds = datasets.load("mnist")
    for data in (by_folder, by_tfds):
        assert data.train.images.shape == (20, 28, 28)
        assert data.source == "TensorFlow Datasets, version 3.0.1"
        assert data.version == "3.0.1"
        assert sorted(data.train.images[:, 0, 0].tolist()) == list(range(20))
        assert np.array_equal(data.train.images[:, 0, 0] % 10, data.train.labels)


def test_what_it_prepares_is_kept(fake, classroom):
    fake("works")
    assert len(datasets.load("mnist", source="tfds").train) == 20
    assert (classroom / "tfds/mnist/3.0.1/dataset_info.json").is_file()
    assert [path.name for path in (classroom / "tfds/mnist").iterdir()] == ["3.0.1"]
    fake("hangs")
    assert len(datasets.load("mnist").train) == 20, "the second time it is there"


@pytest.mark.parametrize(("behaviour", "why"), WHY.items())
def test_when_it_fails_the_next_source_is_asked_and_nothing_is_left(
    behaviour, why, fake, classroom, capsys
):
    fake(behaviour)
    assert datasets.load("mnist").source == "the embedded subset"
    told = capsys.readouterr().out
    assert "  - a download by TensorFlow Datasets: " in told
    with pytest.raises(SourceError, match=why):
        datasets.load("mnist", source="tfds")
    assert [path.name for path in (classroom / "tfds").iterdir()] == [".mnist.lock"]


def test_process_that_prepares_ends_with_the_one_that_started_it(fake, classroom):
    fake("hangs")
    import psutil

    script = (
        "from course_utils.datasets.catalogue import CATALOGUE\n"
        "from course_utils.datasets.sources import tfds\n"
        "import pathlib, sys, time\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "with tfds._started(CATALOGUE['mnist'], folder, (folder / 'log').open('wb')) as child:\n"
        "    print(child.pid, flush=True)\n"
        "    time.sleep(600)\n"
    )
    root = Path(__file__).parents[2]
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(classroom)],
        env={**os.environ, "PYTHONPATH": f"{classroom / 'fake'}{os.pathsep}{root}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    child = psutil.Process(int(parent.stdout.readline()))
    wait_for = time.monotonic() + 60
    while not (classroom / "begun").exists():
        assert time.monotonic() < wait_for, "the process that prepares did not begin"
        time.sleep(0.05)
    parent.kill()
    parent.communicate()
    child.wait(timeout=60)


def test_what_a_killed_process_left_is_cleared_away(fake, classroom):
    workshop = classroom / "tfds/.mnist-in-preparation"
    workshop.mkdir(parents=True)
    (workshop / "half").write_bytes(bytes(1000))
    fake("works")
    assert len(datasets.load("mnist", source="tfds").train) == 20
    assert not workshop.exists()


def test_what_a_killed_process_left_is_cleared_away_without_a_network_too(classroom):
    workshop = classroom / "tfds/.mnist-in-preparation"
    workshop.mkdir(parents=True)
    datasets.load("mnist")
    assert not workshop.exists()


def test_another_notebook_prepares_for_too_long(fake, classroom, monkeypatch, capsys):
    fake("works")
    (classroom / "tfds").mkdir()
    monkeypatch.setattr(download, "LOCK_SECONDS", 0.2)
    with filelock.FileLock(classroom / "tfds/.mnist.lock"):
        assert datasets.load("mnist").source == "the embedded subset"
    told = capsys.readouterr().out
    assert "Another notebook on this machine is downloading MNIST; waiting for it." in told
    assert "for too long" in told


def test_home_is_written_as_a_tilde(prepared, monkeypatch):
    monkeypatch.setenv("HOME", str(prepared))
    monkeypatch.setenv("TFDS_DATA_DIR", "~")
    assert len(datasets.load("mnist").train) == 20
    assert len(datasets.load("mnist", folder="~").train) == 20


def test_folder_elsewhere_is_not_made_here(monkeypatch, capsys):
    monkeypatch.setenv("TFDS_DATA_DIR", "gs://bucket/data")
    assert datasets.load("mnist").source == "the embedded subset"
    assert "should be a folder of this machine; it is gs://bucket/data" in capsys.readouterr().out
    assert not Path("gs:").exists()


def test_folder_that_cannot_be_written_to(fake, classroom):
    fake("works")
    (classroom / "tfds").write_text("a file where a folder should be")
    with pytest.raises(SourceError, match="tfds cannot be written to: File exists"):
        datasets.load("mnist", source="tfds")


@pytest.mark.parametrize("damage", ["truncated", "garbage", "description"])
def test_damaged_prepared_data_is_never_used(damage, prepared, classroom, capsys):
    shutil.copytree(prepared / "mnist", classroom / "tfds/mnist")
    record = next((classroom / "tfds/mnist/3.0.1").glob("*train*tfrecord*"))
    if damage == "truncated":
        os.truncate(record, record.stat().st_size // 2)
    elif damage == "garbage":
        content = bytearray(record.read_bytes())
        content[100:110] = bytes(10)
        record.write_bytes(content)
    else:
        (record.parent / "dataset_info.json").write_text("{")
    assert datasets.load("mnist").source == "the embedded subset"
    assert "cannot be used" in capsys.readouterr().out


def test_fewer_records_than_announced_are_noticed(prepared, classroom):
    """A file cut between two records would read without an error."""
    import tensorflow as tf

    shutil.copytree(prepared / "mnist", classroom / "tfds/mnist")
    record = next((classroom / "tfds/mnist/3.0.1").glob("*train*tfrecord*"))
    records = list(tf.data.TFRecordDataset(str(record)).as_numpy_iterator())
    with tf.io.TFRecordWriter(str(record)) as writer:
        for content in records[:-1]:
            writer.write(content)
    with pytest.raises(SourceError, match="it holds 19 of 20 images"):
        datasets.load("mnist", source="tfds")


def test_damaged_prepared_data_is_set_aside_when_the_network_is_there(
    fake, prepared, classroom, capsys
):
    shutil.copytree(prepared / "mnist", classroom / "tfds/mnist")
    record = next((classroom / "tfds/mnist/3.0.1").glob("*train*tfrecord*"))
    os.truncate(record, 100)
    fake("works")
    assert len(datasets.load("mnist", source="tfds").train) == 20
    assert record.stat().st_size > 100
    assert "it is set aside as 3.0.1-unreadable-" in capsys.readouterr().out
    assert len(list((classroom / "tfds/mnist").iterdir())) == 2, "nothing is deleted"


def test_data_of_the_users_own_is_never_replaced(fake, prepared, classroom, monkeypatch):
    """It can be read, but holds other images than the published ones."""
    exact = replace(little_data_set([NOBODY]), checksum="0" * 64)
    monkeypatch.setitem(CATALOGUE, "mnist", exact)
    shutil.copytree(prepared / "mnist", classroom / "tfds/mnist")
    (classroom / "tfds/mnist/3.0.1/notes.txt").write_text("mine")
    fake("works")
    with pytest.raises(SourceError, match="holds other images"):
        datasets.load("mnist", source="tfds")
    assert (classroom / "tfds/mnist/3.0.1/notes.txt").read_text() == "mine"
    assert len(list((classroom / "tfds/mnist").iterdir())) == 1


def test_other_images_than_the_published_ones_are_not_taken_for_them(
    prepared, classroom, monkeypatch, capsys
):
    exact = replace(little_data_set([NOBODY]), checksum="0" * 64)
    monkeypatch.setitem(CATALOGUE, "mnist", exact)
    shutil.copytree(prepared / "mnist", classroom / "tfds/mnist")
    assert datasets.load("mnist").source == "the embedded subset"
    assert "holds other images than those of MNIST" in capsys.readouterr().out
    data = datasets.load("mnist", folder=classroom / "tfds")
    assert data.source.endswith("(not the published images)")


def test_insisting_on_it_without_network_fails_clearly():
    with pytest.raises(SourceError, match=r"(?s)nothing is prepared in .*Connection refused"):
        datasets.load("mnist", source="tfds")


@pytest.mark.parametrize(
    ("module", "why"),
    [
        ("raise RuntimeError('protobuf gencode 6.31, runtime 5.29')", "RuntimeError: protobuf"),
        ("", "has no attribute 'builder'"),  # Colab's: the import logs an error and goes on
    ],
)
def test_import_that_fails_is_only_a_source_less(module, why, fake, classroom, capsys):
    fake("works")
    (classroom / "fake/tensorflow_datasets.py").write_text(module)
    assert datasets.load("mnist").source == "the embedded subset"
    assert why in capsys.readouterr().out


def test_prepared_data_is_read_where_tensorflow_datasets_cannot_be_imported(prepared, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(prepared))
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    assert len(datasets.load("mnist").train) == 20


def test_it_reads_what_tfds_load_reads_in_the_same_order(prepared):
    import tensorflow_datasets

    data = datasets.load("mnist", folder=prepared)
    images, labels = tensorflow_datasets.load(
        "mnist", split="train", data_dir=prepared, as_supervised=True, batch_size=-1
    )
    assert np.array_equal(data.train.images, images[..., 0])
    assert np.array_equal(data.train.labels, labels)


def test_newest_version_is_read_and_another_format_is_told(prepared, classroom):
    for version in ("3.0.1", "10.0.0"):
        shutil.copytree(prepared / "mnist/3.0.1", classroom / "tfds/mnist" / version)
    assert datasets.load("mnist").version == "10.0.0"
    info = classroom / "tfds/mnist/10.0.0/dataset_info.json"
    info.write_text(info.read_text().replace('"tfrecord"', '"array_record"'))
    with pytest.raises(SourceError, match="its format is array_record"):
        datasets.load("mnist", source="tfds")
