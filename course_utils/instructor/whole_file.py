"""Write files so that nobody ever reads half of one."""

import os
import tempfile
from pathlib import Path


def write_whole(path, data):
    """Write a file, in place of an earlier one: as a whole or, if that fails, not at all.

    Parameters
    ----------
    path : Path
        Its folder is made if need be.
    data : bytes
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(prefix=".part-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).chmod(0o666 & ~_mask())  # mkstemp's own would keep others from reading it
        Path(aside).replace(path)
    finally:
        Path(aside).unlink(missing_ok=True)


def _mask():
    """What new files are not allowed."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
