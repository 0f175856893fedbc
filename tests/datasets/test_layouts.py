"""Every published layout is read into the same arrays, and damage is told, never believed."""

import gzip
import hashlib
import io
import os
import pickle
import tarfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.datasets.catalogue import CIFAR10, MNIST
from course_utils.datasets.sources import SourceError, files, layouts

GENERATOR = np.random.default_rng(3)
GREY = GENERATOR.integers(0, 256, (30, 28, 28), dtype=np.uint8)
COLOUR = GENERATOR.integers(0, 256, (60, 32, 32, 3), dtype=np.uint8)
LABELS = np.arange(60, dtype=np.uint8) % 10


def idx(array):
    """The bytes of an array in MNIST's format, gzipped."""
    shape = np.array(array.shape, dtype=">u4").tobytes()
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + shape + array.tobytes())


def idx_files(folder):
    """Twenty images for training and ten for testing, in MNIST's four files."""
    contents = (GREY[:20], LABELS[:20], GREY[20:], LABELS[20:30])
    paths = [folder / name for name in "abcd"]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(idx(content))
    return paths


def cifar_archive(path, pickles=None):
    """CIFAR-10's archive: five batches of ten images for training, one for testing."""
    names = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]
    with tarfile.open(path, "w:gz") as archive:
        for number, name in enumerate(names):
            images = COLOUR[10 * number : 10 * number + 10].transpose(0, 3, 1, 2)
            labels = LABELS[10 * number : 10 * number + 10].tolist()
            batch = {b"data": images.reshape(10, -1), b"labels": labels}
            content = pickles or pickle.dumps(batch, protocol=4)
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def parquet_table(path, images, labels):
    """A table as Hugging Face keeps CIFAR-10."""
    import pyarrow
    import pyarrow.parquet
    from PIL import Image

    rows = []
    for image in images:
        content = io.BytesIO()
        Image.fromarray(image).save(content, "PNG")
        rows.append({"bytes": content.getvalue(), "path": None})
    table = pyarrow.table({"img": rows, "label": labels.astype(np.int64)})
    pyarrow.parquet.write_table(table, path)
    return path


def test_idx(tmp_path):
    train, test = layouts.read("idx", idx_files(tmp_path), MNIST)
    assert np.array_equal(train.images, GREY[:20])
    assert np.array_equal(test.images, GREY[20:])
    assert np.array_equal(train.labels, LABELS[:20])
    assert np.array_equal(test.labels, LABELS[20:30])


def test_cifar(tmp_path):
    train, test = layouts.read("cifar", [cifar_archive(tmp_path / "archive")], CIFAR10)
    assert np.array_equal(train.images, COLOUR[:50])
    assert np.array_equal(test.images, COLOUR[50:])
    assert np.array_equal(train.labels, LABELS[:50])
    assert train.images.flags.c_contiguous
    assert test.images.flags.c_contiguous


def test_cifar_of_python_2(tmp_path):
    """The published batches were pickled by Python 2, under NumPy's old module names."""
    content = pickle.dumps(
        {b"data": COLOUR[:10].transpose(0, 3, 1, 2).reshape(10, -1), b"labels": [0] * 10},
        protocol=4,
    )
    old = content.replace(b"\x16numpy._core.multiarray", b"\x15numpy.core.multiarray")
    assert old != content
    # The frame of protocol 4 announces its length, which is one byte less now.
    length = int.from_bytes(old[3:11], "little") - 1
    old = old[:3] + length.to_bytes(8, "little") + old[11:]
    train, _ = layouts.read("cifar", [cifar_archive(tmp_path / "archive", old)], CIFAR10)
    assert np.array_equal(train.images[:10], COLOUR[:10])


def test_parquet(tmp_path):
    paths = [
        parquet_table(tmp_path / "train", COLOUR[:40], LABELS[:40]),
        parquet_table(tmp_path / "test", COLOUR[40:], LABELS[40:]),
    ]
    train, test = layouts.read("parquet", paths, CIFAR10)
    assert np.array_equal(train.images, COLOUR[:40])
    assert np.array_equal(test.labels, LABELS[40:])


def test_labels_in_a_column_as_keras_has_them():
    split = layouts.split(COLOUR, LABELS[:, None], CIFAR10)
    assert split.labels.shape == (60,)


def test_pickle_that_holds_code_is_never_run(tmp_path):
    class Attack:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "attacked"),)

    archive = cifar_archive(tmp_path / "archive", pickle.dumps(Attack()))
    with pytest.raises(SourceError, match="which no array needs"):
        layouts.read("cifar", [archive], CIFAR10)
    assert not (tmp_path / "attacked").exists()


@pytest.mark.parametrize("place", [0, 1, 3, 4, 8, 200])
@pytest.mark.parametrize("unpacked", [True, False])
def test_damaged_idx_is_told(tmp_path, place, unpacked):
    """Cut, or with garbage in the file or in what it unpacks to."""
    paths = idx_files(tmp_path)
    content = paths[0].read_bytes()
    if unpacked:
        raw = bytearray(gzip.decompress(content))
        raw[place : place + 1] = b"" if place == 200 else b"\xff"
        paths[0].write_bytes(gzip.compress(bytes(raw)))
    else:
        paths[0].write_bytes(content[:place] + b"\xff\x00" + content[place + 3 :])
    with pytest.raises(SourceError, match="cannot be used: .* Download it again"):
        layouts.read("idx", paths, MNIST)


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 2000), value=st.integers(0, 255), end=st.booleans())
def test_npz_with_one_wrong_byte_gives_the_same_images_or_an_error(place, value, end):
    """Whatever the byte says: another compression, a shorter header, a password."""
    arrays = {"x_train": GREY, "y_train": LABELS[:30], "x_test": GREY[:9], "y_test": LABELS[:9]}
    content = io.BytesIO()
    np.savez(content, **arrays)
    damaged = bytearray(content.getvalue())
    damaged[-place - 1 if end else place] = value
    try:
        train, test = layouts.read("npz", [io.BytesIO(damaged)], MNIST)
    except SourceError:
        return
    assert np.array_equal(train.images, GREY)
    assert np.array_equal(test.labels, LABELS[:9])


@pytest.mark.parametrize("size", [0, 20, 3000])
@pytest.mark.parametrize("layout", ["npz", "idx", "cifar", "parquet"])
def test_truncated_files_are_told(tmp_path, layout, size):
    whole = cifar_archive(tmp_path / "whole").read_bytes()
    (tmp_path / "cut").write_bytes(whole[:size])
    paths = [tmp_path / "cut"] * {"idx": 4, "parquet": 2}.get(layout, 1)
    with pytest.raises(SourceError, match="cannot be used"):
        layouts.read(layout, paths, CIFAR10)


def test_editions_in_a_folder_of_the_users_must_be_the_published_files(tmp_path):
    """Under Keras' name or that of the web; with any other SHA-256 they are refused."""
    file = replace(CIFAR10.editions[0].files[0], size=0)
    edition = replace(CIFAR10.editions[0], files=(file,))
    data_set = replace(CIFAR10, editions=(edition,))
    assert files.in_folder(data_set, tmp_path) is None
    cifar_archive(tmp_path / "cifar-10-python.tar.gz")
    with pytest.raises(SourceError, match="is not the published file"):
        files.in_folder(data_set, tmp_path)
    content = (tmp_path / "cifar-10-python.tar.gz").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    file = replace(file, size=len(content), sha256=digest)
    data_set = replace(data_set, editions=(replace(edition, files=(file,)),))
    answer = files.in_folder(data_set, tmp_path)
    assert len(answer.train) == 50
    assert digest[:12] in answer.version
