import base64
import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib

import numpy as np
import pytest

from course_utils.instructor.release.contents import (
    UnreadableArchiveError,
    encoded,
    members,
    text_of,
)

TEXT = b"a text that is long enough to be found again"


def zipped(comment=b"", **files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.comment = comment
    return buffer.getvalue()


def tarred(content):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        part = tarfile.TarInfo("a")
        part.size = len(content)
        archive.addfile(part, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "pack",
    [
        lambda data: zipped(a=data),
        tarred,
        gzip.compress,
        bz2.compress,
        lzma.compress,
        zlib.compress,
        lambda data: b"\x89PNG before" + zlib.compress(data) + b"after",
        lambda d: b"#!prefix" + zipped(a=d),
    ],
)
def test_what_is_packed_is_read(pack):
    assert TEXT in [content for _, content in members(pack(TEXT))[0]]


def test_what_stands_around_the_files_of_a_zip_is_read():
    data = b"in front" + zipped(b"a comment", name=TEXT * 9)
    _, rest = members(data)
    assert b"in front" in rest
    assert b"a comment" in rest
    assert b"name" in rest


def test_texts_in_an_array_are_read():
    buffer = io.BytesIO()
    np.savez_compressed(buffer, words=np.array([TEXT.decode()]))
    [(name, content)] = members(buffer.getvalue())[0]
    assert name == "words.npy"
    assert TEXT.decode() in text_of(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-be", "latin-1"])
def test_text_in_any_encoding_is_read(encoding):
    assert TEXT.decode() in text_of(f"é {TEXT.decode()}".encode(encoding))


def test_text_between_other_bytes_is_read():
    assert TEXT.decode() in text_of(b"\xff\xfe\x01" + TEXT + b"\x00\x9c")


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(TEXT).decode(),
        base64.encodebytes(TEXT * 5).decode(),
        base64.urlsafe_b64encode(TEXT).decode().rstrip("="),
        f"data:text/plain;base64,{base64.b64encode(TEXT).decode()}",
        TEXT.hex(),
        TEXT.hex().upper(),
    ],
)
def test_what_is_encoded_is_read(text):
    assert any(TEXT in part for part in encoded(f'x = "{text}" # more'))


@pytest.mark.parametrize(
    "data",
    [
        b"7z\xbc\xaf\x27\x1c" + TEXT,
        b"Rar!\x1a\x07" + TEXT,
        b"\x28\xb5\x2f\xfd" + TEXT,
        b"PK\x03\x04" + TEXT,
        gzip.compress(TEXT, mtime=0)[:-9],
        bz2.compress(TEXT)[:-3],
    ],
    ids=["7z", "rar", "zstd", "zip", "gzip", "bzip2"],
)
def test_what_cannot_be_opened_is_told(data):
    with pytest.raises(UnreadableArchiveError, match="cannot be opened"):
        members(data)


def test_an_encrypted_zip_is_told():
    data = bytearray(zipped(a=TEXT))
    data[6] |= 1  # as if a password had been set, in the file's header…
    data[data.index(b"PK\x01\x02") + 8] |= 1  # …and in the archive's list
    with pytest.raises(UnreadableArchiveError, match="cannot be opened"):
        members(bytes(data))


def test_what_is_no_archive_has_no_members():
    assert members(TEXT) == ([], TEXT)
