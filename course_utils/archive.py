"""Arrays in a file that is there as a whole or not at all, and whose damage is noticed."""

import tempfile
import zipfile
from pathlib import Path

import numpy as np


def write(path, arrays):
    """Write arrays into a file; whoever interrupts this leaves the former file as it was.

    Parameters
    ----------
    path : Path
        The file, ``.npz``. Folders that it needs are made.
    arrays : dict of str to ndarray
        What to write, of any shapes and of any dtypes but objects. Not changed.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder:
        part = Path(folder, path.name)
        with part.open("wb") as file:
            np.savez(file, **arrays)
        part.replace(path)


def read(path):
    """Read what `write` wrote.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict of str to ndarray
        All the arrays.

    Raises
    ------
    Exception
        Of many kinds, if the file is not there or damaged: ``OSError``, ``BadZipFile``,
        ``ValueError``…
    """
    with zipfile.ZipFile(path) as archive:
        if archive.testzip() is not None:  # NumPy does not always read as far as the checksum
            raise zipfile.BadZipFile(path)
    with np.load(path) as kept:
        return {name: kept[name] for name in kept.files}
