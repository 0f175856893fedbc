"""A file of arrays is whole or not there, and damage to it is noticed."""

import zipfile

import numpy as np
import pytest

from course_utils import archive

ARRAYS = {"a b 0": np.arange(6, dtype=np.float32).reshape(2, 3), "told": np.array('{"epochs": 3}')}


def test_what_was_written_is_read(tmp_path):
    path = tmp_path / "new" / "folders" / "some.npz"
    archive.write(path, ARRAYS)
    found = archive.read(path)
    assert set(found) == set(ARRAYS)
    for name, values in ARRAYS.items():
        np.testing.assert_array_equal(found[name], values)
        assert found[name].dtype == values.dtype
    assert list(path.parent.iterdir()) == [path]


def test_an_interrupted_write_leaves_the_former_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "some.npz"
    archive.write(path, ARRAYS)

    def half(file, **arrays):
        file.write(b"half a file")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", half)
    with pytest.raises(KeyboardInterrupt):
        archive.write(path, {"other": np.zeros(2)})
    assert set(archive.read(path)) == set(ARRAYS)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("size", [0, 10, -40])
def test_a_file_that_was_cut_off_is_refused(size, tmp_path):
    path = tmp_path / "some.npz"
    archive.write(path, ARRAYS)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(zipfile.BadZipFile):
        archive.read(path)


def test_a_flipped_bit_is_noticed(tmp_path):
    path = tmp_path / "some.npz"
    archive.write(path, ARRAYS)
    content = bytearray(path.read_bytes())
    content[content.index(ARRAYS["a b 0"].tobytes()) + 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(zipfile.BadZipFile):
        archive.read(path)
