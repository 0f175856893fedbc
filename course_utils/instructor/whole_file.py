"""Write files so that nobody ever reads half of one, read them back, and tell them apart."""

import json
import os
import tempfile
from hashlib import sha256
from pathlib import Path

from course_utils.instructor.course import CourseError

PART = ".part-"
"""What the names of files begin with that are being written."""


def write_whole(path, data, *, mode=None, beside=None, sync=True):
    """Write a file, in place of an earlier one: as a whole or, if that fails, not at all.

    Parameters
    ----------
    path : Path
        Its folder is made if need be.
    data : bytes
    mode : int, optional
        Who may read and write it, from its first moment on; as any new file, if not given.
    beside : Path, optional
        The folder, of the same disk, in which it is made; its own, if not given. See `clear_parts`.
    sync : bool
        Whether it is to outlast a power cut that comes right after.
    """
    folder = beside or path.parent
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(prefix=PART, dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        # mkstemp's own mode would keep others from reading it.
        Path(aside).chmod(0o666 & ~_mask() if mode is None else mode)
        path.parent.mkdir(parents=True, exist_ok=True)
        Path(aside).replace(path)
    finally:
        Path(aside).unlink(missing_ok=True)


def read_kept(path, convert, mend):
    """Read a file of JSON in which something is kept.

    Parameters
    ----------
    path : Path
    convert : callable
        Called with what stands in it; gives what is wanted.
    mend : str
        What to do if it is damaged: a sentence.

    Returns
    -------
    object
        What ``convert`` gives; None if there is no such file.

    Raises
    ------
    CourseError
        If the file is damaged.
    """
    try:
        return convert(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(f"{path} is damaged ({error}). {mend}") from error


def file_digest(path):
    """Give the SHA-256 of a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str or None
        None if there is no such file, or it cannot be read.
    """
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def clear_parts(folder):
    """Remove what writers that were killed have left in a folder; nobody may be writing in it.

    Parameters
    ----------
    folder : Path
    """
    for part in folder.glob(f"{PART}*"):
        part.unlink(missing_ok=True)


def _mask():
    """What new files are not allowed."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
