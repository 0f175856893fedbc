"""A file is written as a whole or not at all, and read by those who may."""

import os
import stat

import pytest

from course_utils.instructor.whole_file import PART, clear_parts, file_digest, write_whole


def test_a_file_is_replaced_and_its_folder_made(tmp_path):
    path = tmp_path / "a" / "b.txt"
    for data in (b"one", b"two"):
        write_whole(path, data)
        assert path.read_bytes() == data
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("sync", [True, False])
def test_what_fails_leaves_the_earlier_file_and_nothing_else(tmp_path, monkeypatch, sync):
    path, beside = tmp_path / "a.txt", tmp_path / "beside"
    write_whole(path, b"one")

    def fails(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync" if sync else "umask", fails)
    for place in (None, beside):
        with pytest.raises(OSError, match="No space"):
            write_whole(path, b"two", beside=place, sync=sync)
    assert path.read_bytes() == b"one"
    assert sorted(tmp_path.iterdir()) == [path, beside]
    assert not list(beside.iterdir())


def test_nobody_else_reads_what_is_for_its_owner(tmp_path, monkeypatch):
    path, modes = tmp_path / "secret", []
    real = os.fdopen

    def fdopen(descriptor, *arguments):
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return real(descriptor, *arguments)

    monkeypatch.setattr(os, "fdopen", fdopen)
    write_whole(path, b"x", mode=0o600)
    assert (modes, stat.S_IMODE(path.stat().st_mode)) == ([0o600], 0o600)
    old = os.umask(0o027)
    try:
        write_whole(path, b"x")
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_a_killed_writer_has_left_is_cleared(tmp_path):
    (tmp_path / f"{PART}abc").touch()
    (tmp_path / "mine.txt").touch()
    clear_parts(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_digest_is_of_a_file_that_can_be_read(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert file_digest(tmp_path / "a").startswith("ba7816bf8f01cfea")
    assert (file_digest(tmp_path / "b"), file_digest(tmp_path)) == (None, None)
