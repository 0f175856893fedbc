"""Copies of the data sets on this machine: where they are, and whether they are right."""

from pathlib import Path
from typing import NamedTuple

from course_utils.datasets.catalogue import DataSet
from course_utils.datasets.sources import SourceError, files, tfds


class Copy(NamedTuple):
    """A copy of a data set.

    Attributes
    ----------
    data_set : DataSet
    kind : str
        Who made it.
    folder : Path
        The folder to hand to ``datasets.load``.
    own : bool
        Whether that is a folder of the user's, and not a cache.
    """

    data_set: DataSet
    kind: str
    folder: Path
    own: bool


def copies(data_set, folder=None):
    """Find the copies of a data set.

    Parameters
    ----------
    data_set : DataSet
    folder : Path, optional
        Where to look, in place of the caches of TensorFlow Datasets and Keras.

    Returns
    -------
    list of Copy
        In the order in which ``datasets.load`` looks for them.
    """
    found = []
    prepared = folder or _prepared_folder()
    if prepared and tfds.is_prepared(data_set, prepared):
        found.append(Copy(data_set, "TensorFlow Datasets", prepared, bool(folder)))
    for place in [folder] if folder else files.cache_folders():
        if any(files.editions_in(place, data_set, web_names=bool(folder))):
            found.append(Copy(data_set, "files as Keras keeps them", place, bool(folder)))
    return found


def _prepared_folder():
    """Where TensorFlow Datasets keeps data, or None if that is no folder of this machine."""
    try:
        return tfds.data_dir()
    except SourceError:
        return None


def problem_of(copy):
    """Read a copy whole and check it.

    Returns
    -------
    str or None
        What is wrong; None if every file, or every record and image, is as it was published.
    """
    if copy.kind == "TensorFlow Datasets":
        try:
            tfds.published(copy.data_set, copy.folder)
        except SourceError as error:
            return str(error)
        return None
    for edition, paths in files.editions_in(copy.folder, copy.data_set, web_names=copy.own):
        if wrong := files.damaged(edition, paths):
            return f"damaged: {', '.join(map(str, wrong))}"
    return None
