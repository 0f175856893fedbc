"""Put a folder in the place of another so that there is always one, even if the power fails."""

import ctypes
import errno
import os
import sys

CANNOT = (errno.ENOSYS, errno.EINVAL, errno.EXDEV, errno.ENOTSUP)
"""What a system or a disk answers that cannot exchange two folders."""


def swap(new, old):
    """Exchange two folders of one disk, or rename the new one if there is no old one.

    Linux and macOS do it in one step. On other systems and on network disks the old folder is first
    renamed; if the process dies in the moment before the new one has its place, ``mend`` puts it
    back.

    Parameters
    ----------
    new, old : Path
        What lay at ``new`` lies at ``old`` afterwards, and the other way round.

    Raises
    ------
    OSError
        If that is not possible; then nothing has changed.
    """
    if not old.exists():
        new.rename(old)
        return
    try:
        _exchange(new, old)
    except OSError as error:
        if error.errno not in CANNOT:
            raise
        aside = _aside(old)
        old.rename(aside)
        try:
            new.rename(old)
        except OSError:
            aside.rename(old)
            raise
        aside.rename(new)


def mend(old):
    """Put a folder back that an interrupted ``swap`` has left aside.

    Parameters
    ----------
    old : Path
        Where the folder belongs.
    """
    if not old.exists() and _aside(old).exists():
        _aside(old).rename(old)


def _aside(folder):
    """Where a folder lies between the two steps."""
    return folder.with_name(f".{folder.name}-former")


def _exchange(one, other):
    """Let two folders trade places in one step, where the system can."""
    library = ctypes.CDLL(None, use_errno=True)
    paths = os.fsencode(one), os.fsencode(other)
    here = -100  # AT_FDCWD: relative to the current folder
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        failed = library.renameat2(here, paths[0], here, paths[1], 2)  # RENAME_EXCHANGE
    elif sys.platform == "darwin" and hasattr(library, "renamex_np"):
        failed = library.renamex_np(*paths, 2)  # RENAME_SWAP
    else:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(other))
