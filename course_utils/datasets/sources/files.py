"""Images from published files: in a folder of the user's, in Keras' cache, or downloaded there."""

import os
import tempfile
from pathlib import Path

from course_utils.datasets import download
from course_utils.datasets.sources import Answer, SourceError, layouts


def cache_folders():
    """Tell where files are kept: in Keras' own cache or, if that cannot be used, a temporary one.

    Returns
    -------
    list of Path
        The better one first; neither need exist.
    """
    keras_home = os.environ.get("KERAS_HOME")
    home = Path(keras_home) if keras_home else Path.home() / ".keras"
    user = getattr(os, "getuid", int)()  # Windows' temporary folder is the user's own anyway
    return [home / "datasets", Path(tempfile.gettempdir()) / f"keras-{user}" / "datasets"]


def in_folder(data_set, folder):
    """Images from files in a folder of the user's, or None if it holds none of them.

    ``<name>.npz`` in Keras' format may hold any images of the right shape; the files of an
    edition must be the published ones.
    """
    own = folder / f"{data_set.name}.npz"
    if own.is_file():
        train, test = layouts.read("npz", [own], data_set)
        return Answer(data_set.name, train, test, f"{own}", "a file of yours")
    for edition, paths in editions_in(folder, data_set):
        if wrong := damaged(edition, paths):
            raise SourceError(
                f"{wrong[0]} is not the published file: its SHA-256 differs. Download it again."
            )
        return _read(data_set, edition, paths, f"{folder}")
    return None


def editions_in(folder, data_set):
    """Tell which editions of a data set have all their files in a folder.

    Yields
    ------
    edition : Edition
    paths : list of Path
        Its files, under Keras' names or those they have on the web.
    """
    for edition in data_set.editions:
        paths = [_present(folder, file) for file in edition.files]
        if all(paths):
            yield edition, paths


def damaged(edition, paths):
    """The files of an edition that are not what was published."""
    return [
        path
        for path, file in zip(paths, edition.files, strict=True)
        if not download.is_right(path, file)
    ]


def cached(data_set):
    """Images from files that Keras, or this course, downloaded before."""
    problems = []
    for folder in cache_folders():
        for edition, paths in editions_in(folder, data_set):
            wrong = damaged(edition, paths)
            if not wrong:
                return _read_kept(data_set, edition, paths, f"Keras' cache, {folder}")
            problems += [_removed(path) for path in wrong]
    raise SourceError("; ".join(problems) or "the files are not there")


def downloaded(data_set, source, silent, deadline):
    """Images from hosts on the web, kept in Keras' cache.

    Parameters
    ----------
    data_set : DataSet
    source : {"keras", "mirrors"}
        Whose editions to ask for.
    silent : dict of str to str
        Hosts that need not be asked, and why.
    deadline : float
        On the clock of ``time.monotonic``.
    """
    problems = []
    for edition in data_set.editions:
        if edition.source != source:
            continue
        try:
            folder, host = _keep(edition, silent, deadline)
            paths = [folder / file.name for file in edition.files]
            return _read_kept(data_set, edition, paths, f"{host}, kept in {folder}")
        except (download.DownloadError, SourceError) as error:
            problems.append(str(error))
    raise SourceError("; ".join(problems) or "it has no files of this data set")


def fetch(data_set, folder, deadline):
    """Put a data set's files into a folder, from whichever host has them.

    Returns
    -------
    str or None
        The host that gave them; None if all were there already.

    Raises
    ------
    course_utils.datasets.download.DownloadError
        If no edition could be fetched; says why for each.
    """
    problems = []
    for edition in data_set.editions:
        try:
            return _fetch_edition(edition, folder, {}, deadline)
        except download.StorageError:
            raise
        except download.DownloadError as error:
            problems.append(str(error))
    raise download.DownloadError("; ".join(problems))


def _keep(edition, silent, deadline):
    """Download an edition into the first cache folder that can keep it."""
    problems = []
    for folder in cache_folders():
        try:
            return folder, _fetch_edition(edition, folder, silent, deadline)
        except download.StorageError as error:
            problems.append(str(error))
    raise download.StorageError("; ".join(problems))


def _fetch_edition(edition, folder, silent, deadline):
    """Download the files of an edition; return the host that gave the last one that was missing."""
    best = None
    for file in edition.files:
        asked = [address for address in file.addresses if download.host_of(address) not in silent]
        if not asked:
            hosts = {download.host_of(address) for address in file.addresses}
            raise download.DownloadError(
                "; ".join(f"{host}: {silent[host]}" for host in sorted(hosts))
            )
        # The host that gave the last file is asked first: the others may have let us wait.
        asked.sort(key=lambda address: download.host_of(address) != best)
        best = download.fetch(file, folder, asked, deadline) or best
    return best


def _present(folder, file):
    """The path of a file in a folder, under Keras' name or that of its address, or None."""
    for name in (file.name, file.addresses[0].rsplit("/", 1)[-1]):
        if (folder / name).is_file():
            return folder / name
    return None


def _read(data_set, edition, paths, where):
    """The answer that files which were checked give."""
    train, test = layouts.read(edition.layout, paths, data_set)
    first = edition.files[0]
    version = f"{paths[0].name}, SHA-256 {first.sha256[:12]}…"
    return Answer(data_set.name, train, test, where, version)


def _read_kept(data_set, edition, paths, where):
    """The answer that files in a cache give; they are removed if they cannot be read after all."""
    try:
        return _read(data_set, edition, paths, where)
    except SourceError:
        for path in paths:
            _removed(path)
        raise


def _removed(path):
    """Remove a damaged file from the cache, and tell so."""
    try:
        path.unlink()
    except OSError as error:
        return f"{path} is damaged and cannot be removed ({error.strerror})"
    return f"{path} was damaged and has been removed"
