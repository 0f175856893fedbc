"""Everything that can be read in a file: archives in archives, compressed and encoded parts, text.

A file is read as it is; if it is no text, what stands in it between other bytes is read, also in
UTF-16 and UTF-32. Zip archives (wheels, ``.npz`` and ``.keras`` files among them), tar archives,
gzip, bzip2, xz and zlib streams (as in PNG and PDF files) are opened, names and comments of members
included; so is what stands in Base64 or hexadecimal digits within a text, such as the attachments
and pictures of a notebook.

Not read are texts that pictures show, or that are encrypted or encoded in other ways. An archive
that cannot be opened is an error, so that nothing passes unread.
"""

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from base64 import b64decode

PRINTABLE = re.compile(rb"[\t\n\r -~]{4,}")
ZLIB = re.compile(rb"x[\x01\x5e\x9c\xda]")
# Long words, which ordinary text has few of; the last line of several may be short.
BASE64 = re.compile(r"(?<![\w+/-])(?:[A-Za-z0-9+/_-]{19,}\s{0,3})+[A-Za-z0-9+/_-]{0,18}={0,2}")
HEXADECIMAL = re.compile(r"(?<!\w)(?:[0-9a-fA-F]{2}){12,}(?!\w)")
ZIP, TAR = b"PK\x03\x04", b"ustar"
STREAMS = (
    (re.compile(rb"\x1f\x8b\x08[\x00-\x1f]"), gzip.decompress),
    (re.compile(rb"BZh[1-9]1AY&SY"), bz2.decompress),
    (re.compile(rb"\xfd7zXZ\x00"), lzma.decompress),
)
CLOSED = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "RAR", b"\x28\xb5\x2f\xfd": "Zstandard"}
LARGEST = 2**30
SHORTEST_STREAM = 16


class UnreadableArchiveError(ValueError):
    """An archive that cannot be opened; the text says why, for people."""


def members(data):
    """Open an archive or a compressed file.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    parts : list of (str, bytes)
        Name and content of each part, the name empty where it has none; nothing if ``data`` is no
        archive.
    rest : bytes
        What is to be read besides: of a zip archive all that is around the parts, else ``data``.

    Raises
    ------
    UnreadableArchiveError
        If it is an archive that is damaged, encrypted, of a kind that cannot be opened here, or
        would take more than a gigabyte.
    """
    for opening, kind in CLOSED.items():
        if data.startswith(opening):
            raise UnreadableArchiveError(f"is a {kind} archive, which cannot be opened here")
    try:
        if data.startswith(ZIP) or zipfile.is_zipfile(io.BytesIO(data)):
            return _members_of_zip(data)
        for opening, decompress in STREAMS:
            if opening.match(data):
                return [("", decompress(data))], data
        if data[257:262] == TAR:
            return _members_of_tar(data), data
    # A damaged archive raises anything: BadZipFile, RuntimeError for a password, zlib.error…
    except Exception as error:
        raise UnreadableArchiveError(f"is an archive that cannot be opened ({error})") from error
    return [("", part) for part in _zlib_streams(data)], data


def text_of(data):
    """Read what is text in some bytes.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    str
        All of it in UTF-8; else the runs of four or more printable ASCII characters, a paragraph
        each, also of those with zeros between them.
    """
    if b"\0" not in data:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
    runs = PRINTABLE.findall(data)
    if b"\0" in data:
        runs += PRINTABLE.findall(data.replace(b"\0", b""))
    return b"\n\n".join(runs).decode("ascii")


def encoded(text):
    """Find what stands in Base64 or hexadecimal digits within a text.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of bytes
    """
    found = [bytes.fromhex(digits) for digits in HEXADECIMAL.findall(text)]
    for letters in BASE64.findall(text):
        letters = re.sub(r"\s", "", letters).translate({ord("-"): "+", ord("_"): "/"}).rstrip("=")
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        found.append(b64decode(letters + "=" * (-len(letters) % 4)))
    return found


def _members_of_zip(data):
    """Name and content of each file in a zip archive, and what is around them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        _check_size(sum(part.file_size for part in archive.infolist()))
        parts, around, end = [], [], 0
        for part in sorted(archive.infolist(), key=lambda part: part.header_offset):
            parts.append((part.filename, archive.read(part)))
            header = part.header_offset  # it ends with the lengths of two fields that follow it
            lengths = (data[header + at : header + at + 2] for at in (26, 28))
            start = header + 30 + sum(int.from_bytes(it, "little") for it in lengths)
            around.append(data[end:start])
            end = max(end, start + part.compress_size)
        return parts, b"\n".join([*around, data[end:]])


def _members_of_tar(data):
    """Name and content of each file in a tar archive."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        parts = [part for part in archive.getmembers() if part.isfile()]
        _check_size(sum(part.size for part in parts))
        return [(part.name, archive.extractfile(part).read()) for part in parts]


def _zlib_streams(data):
    """What the zlib streams within a file hold."""
    view, found, end = memoryview(data), [], 0
    for opening in ZLIB.finditer(data):
        if opening.start() < end:
            continue
        stream = zlib.decompressobj()
        try:
            content = stream.decompress(view[opening.start() :], LARGEST)
        except zlib.error:
            continue
        if len(content) >= SHORTEST_STREAM:
            found.append(content)
            end = len(data) - len(stream.unused_data)
    return found


def _check_size(size):
    """Refuse what would fill the memory."""
    if size > LARGEST:
        raise UnreadableArchiveError(f"it would take {size:,} bytes; expected at most {LARGEST:,}")
