"""Images from published files: in a folder of the user's, in Keras' cache, or downloaded there."""

import os
import tempfile
from pathlib import Path

from course_utils.datasets import download
from course_utils.datasets.sources import Answer, SourceError, layouts


def home():
    """The user's home, or the temporary folder for a user who has none, as in some containers."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(tempfile.gettempdir())


def cache_folders():
    """Tell where files are kept: in Keras' own cache or, if that cannot be used, a temporary one.

    Returns
    -------
    list of Path
        The better one first; neither need exist.
    """
    keras_home = os.environ.get("KERAS_HOME")
    folders = [(Path(keras_home).expanduser() if keras_home else home() / ".keras") / "datasets"]
    user = getattr(os, "getuid", int)()  # Windows' temporary folder is the user's own anyway
    temporary = Path(tempfile.gettempdir()) / f"keras-{user}"
    # Anyone can make a folder of that name; one that is not ours is left alone.
    if not temporary.exists() or temporary.stat().st_uid == user:
        folders.append(temporary / "datasets")
    return folders


def in_folder(data_set, folder):
    """Images from files in a folder of the user's, or None if it holds none of them.

    ``<name>.npz`` in Keras' format may hold any images of the right shape; the files of an
    edition must be the published ones.
    """
    own = folder / f"{data_set.name}.npz"
    if own.is_file():
        train, test = layouts.read("npz", [own], data_set)
        return Answer(data_set.name, train, test, f"{own}", "a file of yours")
    for edition, paths in editions_in(folder, data_set, web_names=True):
        if wrong := damaged(edition, paths):
            raise SourceError(
                f"{wrong[0]} is not the published file: its SHA-256 differs. Download it again."
            )
        return _read(data_set, edition, paths, f"{folder}")
    return None


def editions_in(folder, data_set, web_names=False):
    """Tell which editions of a data set have all their files in a folder.

    Parameters
    ----------
    folder : Path
    data_set : DataSet
    web_names : bool
        Look for the files under their names on the web, too, which other data sets may share.

    Yields
    ------
    edition : Edition
    paths : list of Path
    """
    for edition in data_set.editions:
        paths = [_present(folder, file, web_names) for file in edition.files]
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
        try:
            for edition, paths in editions_in(folder, data_set):
                wrong = damaged(edition, paths)
                if not wrong:
                    return _read_kept(data_set, edition, paths, f"Keras' cache, {folder}")
                problems += [_removed(path) for path in wrong]
        except (OSError, SourceError) as error:
            problems.append(str(error))
    raise SourceError("; ".join(problems) or "the files are not there")


def sweep(data_set):
    """Remove what downloads of a data set that were killed have left."""
    for folder in cache_folders():
        for edition in data_set.editions:
            for file in edition.files:
                download.sweep(folder / file.name)


def downloaded(data_set, source, silent, patience):
    """Images from hosts on the web, kept in Keras' cache.

    Parameters
    ----------
    data_set : DataSet
    source : {"keras", "mirrors"}
        Whose editions to ask for.
    silent : dict of str to str
        Hosts that need not be asked, and why.
    patience : course_utils.datasets.download.Patience
    """
    problems = []
    for edition in data_set.editions:
        if edition.source != source:
            continue
        try:
            folder, host = _keep(edition, silent, patience)
            paths = [folder / file.name for file in edition.files]
            where = f"{host}, kept in {folder}" if host else f"Keras' cache, {folder}"
            return _read_kept(data_set, edition, paths, where)
        except (download.DownloadError, SourceError) as error:
            problems.append(str(error))
    raise SourceError("; ".join(problems))


def fetch(data_set, folder, patience):
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
            return _fetch_edition(edition, folder, {}, patience)
        except download.StorageError:
            raise
        except download.DownloadError as error:
            problems.append(str(error))
    raise download.DownloadError("; ".join(problems))


def _keep(edition, silent, patience):
    """Download an edition into the first cache folder that can keep it."""
    problems = []
    for folder in cache_folders():
        try:
            return folder, _fetch_edition(edition, folder, silent, patience)
        except download.StorageError as error:
            problems.append(str(error))
    raise download.StorageError("; ".join(problems))


def _fetch_edition(edition, folder, silent, patience):
    """Download the files of an edition; return the host that gave the last one that was missing."""
    best = None
    for file in edition.files:
        hosts = {address: download.host_of(address) for address in file.addresses}
        asked = [address for address, host in hosts.items() if host not in silent]
        if not asked:
            reasons = {host: silent[host] for host in hosts.values()}
            raise download.DownloadError(download.in_words(reasons))
        # The host that gave the last file is asked first: the others may have let us wait.
        asked.sort(key=lambda address: hosts[address] != best)
        best = download.fetch(file, folder, asked, patience) or best
    return best


def _present(folder, file, web_name):
    """The path of a file in a folder, under Keras' name or that of its address, or None."""
    names = [file.name, file.addresses[0].rsplit("/", 1)[-1]] if web_name else [file.name]
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _read(data_set, edition, paths, where):
    """The answer that files which were checked give."""
    train, test = layouts.read(edition.layout, paths, data_set)
    first = edition.files[0]
    version = f"{paths[0].name}, SHA-256 {first.sha256[:12]}…"
    return Answer(data_set.name, train, test, where, version)


def _read_kept(data_set, edition, paths, where):
    """The answer that files in a cache give; they are removed if they hold the wrong arrays.

    If they cannot be read at all they stay: their bytes are right, so the machine is to blame.
    """
    try:
        return _read(data_set, edition, paths, where)
    except layouts.WrongArrays:
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
