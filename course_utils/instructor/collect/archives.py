"""List the files of a folder or zip, and of the zips in it, without unpacking or following any.

What students send is hostile until shown otherwise: sizes and counts are looked at before anything
is unpacked, a file is read into memory up to a limit, no name out of an archive ever becomes a
path, and links are not followed.
"""

import errno
import lzma
import os
import re
import shutil
import stat
import struct
import tarfile
import tempfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile

from course_utils.instructor.collect.code_pages import DOS, guess
from course_utils.instructor.course import CourseError
from course_utils.instructor.plain_text import escaped

LARGEST = 100 * 2**20
"""Most bytes of one file: a notebook with a printed 60 MB line in it is still a notebook."""
LARGEST_INNER_ZIP = 2**30
MOST_BYTES = 8 * 2**30
"""Most bytes that the files of one zip may have together."""
MOST_FILES = 50_000
MOST_PACKED = 100
"""A zip of more than `LARGEST` may not unpack to more than this many times its own size."""
DEEPEST = 2
"""A download may hold students' zips, and these may hold none."""
LEFT_BEHIND = {"__macosx", "__pycache__", "desktop.ini", "thumbs.db", "node_modules"}
LEFT_BEHIND |= {"venv", "virtualenv", "site-packages"}
TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
BROKEN = (BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
BROKEN += (zlib.error, lzma.LZMAError, struct.error)


class UnreadableFileError(Exception):
    """A file of an inbox that cannot be read; the text says why."""


@dataclass(frozen=True)
class Found:
    """A file in an inbox.

    Attributes
    ----------
    parts : tuple of str
        Names from the inbox down to the file: of folders and zips, and the file's own.
    time : datetime or None
        When it was last changed, in UTC. For a file in a zip in a zip, whose times the student's
        computer made, this is when the inner zip was.
    own_time : datetime or None
        What the innermost zip says of the file.
    size : int
        Bytes.
    problem, advice : str
        Why it must not be taken for a submission, and what to do; empty if it may.
    read : callable or None
        Gives the file's bytes or raises `UnreadableFileError`; None if it is not to be read.
    zip_parts : int
        How many of the parts lead to the outermost zip that lies in a folder; 0 if none does.
    zip_time : datetime or None
        When that zip was last changed.
    saved : bool
        Whether it lies in a folder, so that ``time`` may be when somebody saved it there.
    guessed : str
        The code page that its name was guessed to be in; empty if that is sure.
    """

    parts: tuple
    time: datetime | None
    own_time: datetime | None
    size: int
    problem: str = ""
    advice: str = ""
    read: Callable | None = None
    zip_parts: int = 0
    zip_time: datetime | None = None
    saved: bool = False
    guessed: str = ""

    @property
    def path(self):
        """The file's place in the inbox, for people: nothing in it that a terminal would obey."""
        return escaped("/".join(self.parts))


@contextmanager
def open_inbox(inbox, knows=None):
    """List the files of an inbox; they can be read as long as the context lasts.

    Parameters
    ----------
    inbox : Path
        A folder, a zip or a tar. Nothing in it is changed.
    knows : callable, optional
        Tells of a name whether it is somebody's: so it is found which code page a zip has.

    Yields
    ------
    list of Found
        Sorted by place. What computers leave behind, such as ``.DS_Store``, is not in it.

    Raises
    ------
    CourseError
        If it is neither a folder nor meant as a zip.
    """
    inbox = Path(inbox)
    if not inbox.exists():
        raise CourseError(f"Expected a folder or a zip of what students sent; {inbox} is neither.")
    is_zip = inbox.suffix.lower() == ".zip" or (inbox.is_file() and is_zipfile(inbox))
    if inbox.is_file() and not is_zip and not inbox.name.lower().endswith(TARS):
        raise CourseError(
            f"Expected a folder or a zip of what students sent; {inbox} is one file. Give the "
            "folder that it lies in, or the zip that it came in."
        )
    with tempfile.TemporaryDirectory(prefix="course-inbox-") as aside:
        reader = _Reader(Path(aside), knows)
        try:
            if inbox.is_dir():
                files = list(reader.folder(inbox, ()))
            elif not is_zip:
                files = list(reader.tar(inbox, (), _changed(inbox.stat())))
            else:
                files = list(reader.zip(inbox, (), _changed(inbox.stat()), depth=1))
            yield sorted(files, key=lambda found: (found.parts, found.size))
        finally:
            reader.close()


class _Reader:
    """Reads files and zips; keeps open the zip that was read last, and those around it."""

    def __init__(self, aside, knows=None):
        self.aside = aside
        self.knows = knows
        self.blown_up = Counter()
        self.archives = {}

    def close(self):
        """Close all zips."""
        while self.archives:
            self.archives.popitem()[1].close()

    def folder(self, folder, parts):
        """Files of a folder and of those in it."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            why = f"this folder cannot be read ({error.strerror})"
            yield _refused(parts, why, "Change its permissions.")
            return
        for entry in entries:
            own = (*parts, entry.name)
            if _left_behind(entry.name):
                continue
            try:
                state = entry.stat(follow_symlinks=False)
            except OSError as error:
                yield _refused(own, f"it cannot be read ({error.strerror})", "Look at it.")
                continue
            if stat.S_ISDIR(state.st_mode):
                yield from self.folder(entry.path, own)
            elif stat.S_ISLNK(state.st_mode):
                yield _refused(own, "it is a link, and links are not followed", "Copy the file.")
            elif not stat.S_ISREG(state.st_mode):
                yield _refused(own, "it is not a file, but a device or pipe", "Remove it.")
            elif entry.name.lower().endswith((".zip", *TARS)):
                time = _changed(state)
                read = self.tar if entry.name.lower().endswith(TARS) else self.zip
                for found in read(Path(entry.path), own, time):
                    yield replace(found, zip_parts=len(own), zip_time=time)
            else:
                yield self._file(Path(entry.path), own, state)

    def _file(self, path, parts, state):
        """A file of a folder."""
        time = _changed(state)
        if state.st_size > LARGEST:
            return _refused(parts, *_too_large(state.st_size), time=time, size=state.st_size)
        read = partial(_read_file, path)
        return Found(parts, time, time, state.st_size, read=read, saved=True)

    def tar(self, path, parts, time):
        """Files of a tar, which is made a zip aside, or the tar itself if it is damaged."""
        handle, copy = tempfile.mkstemp(suffix=".zip", dir=self.aside)
        os.close(handle)
        try:
            _zip_of_tar(path, copy)
        except (*BROKEN, tarfile.TarError) as error:
            if getattr(error, "errno", None) == errno.ENOSPC:
                raise
            why = f"it is no whole tar ({error})"
            advice = "Have it downloaded or handed in again."
            yield _refused(parts or (path.name,), why, advice, None, time, path.stat().st_size)
            return
        yield from self.zip(copy, parts, time)

    def zip(self, path, parts, time, depth=1):
        """Files of a zip that lies at a path, or the zip itself if that cannot be opened."""
        size = Path(path).stat().st_size
        called = parts or (Path(path).name,)
        whole = partial(_read_file, path) if size <= LARGEST else None
        try:
            archive = self._open(path)
            entries = archive.infolist()
        except BROKEN as error:
            why = "it is a zip of 0 bytes" if size == 0 else f"it is no whole zip ({error})"
            yield _refused(called, why, "Have it downloaded or handed in again.", whole, time, size)
            return
        if not entries:
            why = "it is a zip with nothing in it"
            yield _refused(called, why, "Have it handed in again.", whole, time, size)
            return
        names, guessed = _names(entries, self.knows)
        kept = [(it, name) for it, name in zip(entries, names, strict=True) if _is_work(name)]
        if depth == 1:  # a class's: what one student has put in refuses nobody else's
            kept, refused = _without_bombs(kept)
            for place, why in refused.items():
                yield _refused((*parts, *place), why, "Have it handed in without that.", time=time)
        elif why := _bomb([entry for entry, _ in kept], size):
            yield _refused(called, why, "Have it handed in again.", whole, time, size)
            return
        for entry, name in kept:
            for found in self._entry(path, entry, name, parts, time, depth):
                odd = guessed and not name.isascii()
                yield replace(found, guessed=guessed) if odd else found

    def _entry(self, path, entry, name, outer, outer_time, depth):
        """What a zip's entry is: a file, or the files of a zip in the zip."""
        inner = tuple(part for part in name.split("/") if part not in ("", ".", ".."))
        parts = (*outer, *inner)
        if entry.is_dir() or not inner:
            return
        own_time = _entry_time(entry)
        time = own_time if depth == 1 else outer_time
        read = partial(self._read_entry, path, entry)
        refused = partial(_refused, parts, time=time, size=entry.file_size)
        if name.startswith("/") or ".." in name.split("/") or re.match(r"[A-Za-z]:", name):
            yield refused("its name leads out of the zip", "Ask who made the zip.", read)
        elif stat.S_ISLNK(entry.external_attr >> 16):
            yield refused("it is a link, and links are not followed", "Ask for the file itself.")
        elif entry.flag_bits & 1:
            yield refused("the zip has a password", "Ask for a zip without one.")
        elif inner[-1].lower().endswith(".zip"):
            yield from self._inner_zip(path, entry, parts, time, depth, refused)
        elif entry.file_size > LARGEST:
            yield refused(*_too_large(entry.file_size))
        else:
            yield Found(parts, time, own_time, entry.file_size, read=read)

    def _inner_zip(self, path, entry, parts, time, depth, refused):
        """Files of a zip in a zip, put aside for the time being."""
        if depth == DEEPEST:
            read = partial(self._read_entry, path, entry)
            yield refused("it is a zip in a zip in a zip", "Unpack it, and collect it again.", read)
            return
        if entry.file_size > LARGEST_INNER_ZIP:
            yield refused(*_too_large(entry.file_size, LARGEST_INNER_ZIP))
            return
        # An honest zip is packed already, so that packing it again made it hardly smaller: what one
        # student's zips blow up takes nothing from the others.
        blown_up = max(0, entry.file_size - 2 * entry.compress_size)
        if blown_up and self.blown_up[path] + blown_up > LARGEST:
            why = f"it is a zip that blows up to {entry.file_size / 2**20:,.0f} MB, as others do"
            yield refused(why, "Unpack it, if you trust it, and collect it again.")
            return
        self.blown_up[path] += blown_up
        handle, copy = tempfile.mkstemp(suffix=".zip", dir=self.aside)
        try:
            with os.fdopen(handle, "wb") as file, self._open(path).open(entry) as packed:
                while chunk := packed.read(2**20):
                    file.write(chunk)
        except BROKEN as error:
            if getattr(error, "errno", None) == errno.ENOSPC:  # not the student's doing
                raise
            Path(copy).unlink()
            yield refused(f"it is damaged ({error})", "Have it handed in again.")
            return
        files = list(self.zip(copy, parts, time, depth + 1))
        if [found.parts for found in files] == [parts]:  # refused as a whole
            if copy in self.archives:
                self.archives.pop(copy).close()
            Path(copy).unlink()
            read = partial(self._read_entry, path, entry) if files[0].read else None
            files = [replace(files[0], read=read)]
        yield from files

    def _open(self, path):
        """A zip, opened."""
        archive = self.archives.pop(path, None) or ZipFile(path)
        self.archives[path] = archive  # the last one
        if len(self.archives) > DEEPEST:
            self.archives.pop(next(iter(self.archives))).close()
        return archive

    def _read_entry(self, path, entry):
        """Bytes of an entry."""
        try:
            with self._open(path).open(entry) as file:
                return _content(file)
        except BROKEN as error:
            raise UnreadableFileError(f"it is damaged ({error})") from error


def _read_file(path):
    """Bytes of a file."""
    try:
        # What was a file when it was listed may be a link by now.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, "rb") as file:
            return _content(file)
    except OSError as error:
        raise UnreadableFileError(f"it cannot be read ({error.strerror})") from error


def _content(file):
    """Bytes of an open file, which may be larger than it said when it was listed."""
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise UnreadableFileError(_too_large(len(data))[0])
    return data


def _refused(parts, why, advice, read=None, time=None, size=0):
    """A file that cannot be a submission."""
    return Found(parts, time, time, size, why, advice, read)


def _too_large(size, limit=None):
    """Why a file is refused, and what to do."""
    limit = limit or LARGEST
    why = f"it has {size / 2**20:,.0f} MB; at most {limit / 2**20:,.0f} MB are taken"
    return why, "Have its outputs cleared, or take out what does not belong."


def _bomb(entries, packed):
    """Why a zip would fill the disk; nothing if it would not."""
    if len(entries) > MOST_FILES:
        return f"it is a zip of {len(entries):,} files; at most {MOST_FILES:,} are taken"
    size = sum(entry.file_size for entry in entries)
    if size > MOST_BYTES or (size > LARGEST and size > MOST_PACKED * packed):
        return f"it is a zip of {packed / 2**20:,.1f} MB that unpacks to {size / 2**20:,.0f} MB"
    return ""


def _left_behind(name):
    """Whether a file or folder is what computers leave behind, and nobody's work."""
    name = name.casefold()
    hidden = name.startswith(".") and name != ".."
    hidden = hidden and not (name.endswith(".ipynb") or "_assignsubmission_" in name)
    return hidden or name.startswith(("._", "~$")) or name in LEFT_BEHIND


def _names(entries, knows):
    """Names of a zip's entries, and the code page if it was guessed.

    Some programs write UTF-8 without saying so, Windows the code page of its country.
    """
    raw = {}
    for entry in entries:
        if not entry.flag_bits & 0x800:
            with suppress(UnicodeError):
                raw[entry.filename] = entry.filename.encode("cp437")
    parts = {part for name in raw.values() for part in name.replace(b"\\", b"/").split(b"/")}
    code_page, sure = guess(sorted(parts), DOS, knows)
    names = [
        raw[it.filename].decode(code_page, "replace") if it.filename in raw else it.filename
        for it in entries
    ]
    return [name.replace("\\", "/") for name in names], "" if sure else code_page


def _is_work(name):
    """Whether a name in a zip is of something that somebody made, and not left by a computer."""
    return not any(_left_behind(part) for part in name.split("/") if part not in ("", ".", ".."))


def _without_bombs(entries, depth=0):
    """Entries of a class's zip without the folders that would fill the disk, and why they would."""
    groups = defaultdict(list)
    for entry, name in entries:
        groups[tuple(filter(None, name.split("/")))[: depth + 1]].append((entry, name))
    kept, refused = [], {}
    for place, own in groups.items():
        why, within = _bomb_of(own), {}
        if why and len(place) > depth and any(name.count("/") > depth for _, name in own):
            own, within = _without_bombs(own, depth + 1)
            why = _bomb_of(own)
        if why:
            refused[place] = why.replace("a zip", "a folder or file", 1)
        else:
            kept, refused = kept + own, refused | within
    return kept, refused


def _bomb_of(entries):
    """Why some of a zip's entries would fill the disk; nothing if they would not."""
    found = [entry for entry, _ in entries]
    return _bomb(found, sum(entry.compress_size for entry in found))


def _zip_of_tar(path, copy):
    """Make a zip of a tar, without unpacking it, as far as it may go."""
    left = MOST_BYTES
    with tarfile.open(path) as tar, ZipFile(copy, "w") as archive:
        for member in tar:
            entry = ZipInfo(member.name.removeprefix("./"), _zips_time(member.mtime))
            entry.flag_bits |= 0x800
            if member.issym() or member.islnk():
                entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
                archive.writestr(entry, member.linkname)
            elif member.isfile() and _is_work(member.name):
                left -= member.size
                if left < 0:
                    raise ValueError(f"it unpacks to more than {MOST_BYTES / 2**30:g} GB")
                with archive.open(entry, "w", force_zip64=True) as to:
                    shutil.copyfileobj(tar.extractfile(member), to)


def _zips_time(seconds):
    """A time as a zip may have it."""
    try:
        time = datetime.fromtimestamp(seconds)
    except (ValueError, OverflowError, OSError):
        return (1980, 1, 1, 0, 0, 0)
    return time.timetuple()[:6] if 1980 <= time.year < 2108 else (1980, 1, 1, 0, 0, 0)


def _entry_time(entry):
    """When an entry was changed: as Unix says it, or else by the clock of who made the zip."""
    extra = entry.extra
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == 0x5455 and length >= 5 and len(extra) >= 9 and extra[4] & 1:
            return datetime.fromtimestamp(struct.unpack_from("<i", extra, 5)[0], UTC)
        extra = extra[4 + length :]
    try:
        time = datetime(*entry.date_time)
    except ValueError:
        return None
    return time.astimezone(UTC) if time.year > 1980 else None  # 1980 stands for no time at all


def _changed(state):
    """When a file was changed."""
    return datetime.fromtimestamp(state.st_mtime, UTC)
