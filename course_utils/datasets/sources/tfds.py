"""Images from TensorFlow Datasets: what it prepared before, or what it downloads now.

Its own retries can last for minutes, and its import fails under some versions of protobuf. So it
downloads and prepares in a process of its own, which is watched and, if it hangs, ended.
"""

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock
import psutil

from course_utils.datasets import download
from course_utils.datasets.image_data import checksum
from course_utils.datasets.sources import Answer, SourceError, layouts, records
from course_utils.datasets.sources.files import home

HOST = "https://storage.googleapis.com/"
"""Where TensorFlow Datasets keeps its prepared copies; asked before it is started."""

IDLE_SHARE = 0.25
"""Below this share of one core, tfds waits for the network; above it, it prepares images."""

PREPARE = """
import os, pathlib, sys, threading
def end_with_parent():  # whose end closes this pipe
    sys.stdin.read()
    os._exit(1)
threading.Thread(target=end_with_parent, daemon=True).start()
import tensorflow_datasets as tfds
name, folder = sys.argv[1:]
pathlib.Path(folder, "begun").touch()
tfds.builder(name, data_dir=folder).download_and_prepare()
"""


def data_dir():
    """The folder in which TensorFlow Datasets keeps data."""
    # tfds itself reads the variable once, when it is imported; a notebook may set it later.
    given = os.environ.get("TFDS_DATA_DIR")
    if given and "://" in given:
        raise SourceError(f"TFDS_DATA_DIR should be a folder of this machine; it is {given}")
    return Path(given).expanduser() if given else home() / "tensorflow_datasets"


def is_prepared(data_set, folder):
    """Whether a folder holds some version of a data set, as TensorFlow Datasets prepares it."""
    return records.newest_version(folder / data_set.name) is not None


class _OtherImages(SourceError):
    """What is prepared can be read, but is not what was published; it is the user's own."""


def published(data_set, folder):
    """Images that were prepared in a folder before, if they are the published ones."""
    answer = prepared(data_set, folder)
    if data_set.checksum not in (None, checksum(answer.train, answer.test)):
        raise _OtherImages(
            f"what is prepared in {folder / data_set.name} holds other images than those of "
            f'{data_set.title}; if you want them, say load(..., folder="{folder}")'
        )
    return answer


def prepared(data_set, folder):
    """Any images that were prepared in a folder before."""
    version = records.newest_version(folder / data_set.name)
    if version is None:
        raise SourceError(f"nothing is prepared in {folder}")
    try:
        splits = [layouts.split(*part, data_set) for part in records.read(version, data_set)]
    # A damaged file raises almost anything: DataLossError, JSONDecodeError, KeyError…
    except Exception as error:
        raise SourceError(
            f"what is prepared in {version} cannot be used ({_first_line(error)}); "
            "remove that folder"
        ) from error
    told = f"TensorFlow Datasets, version {version.name}"
    return Answer(data_set.name, *splits, told, version.name)


def downloaded(data_set, silent, patience):
    """Images that TensorFlow Datasets downloads and prepares now, in a watched process.

    Parameters
    ----------
    data_set : DataSet
    silent : dict of str to str
        Hosts that need not be asked, and why.
    patience : course_utils.datasets.download.Patience
    """
    host = download.host_of(HOST)
    if host in silent:
        raise SourceError(f"{host}: {silent[host]}")
    folder = data_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with download.one_at_a_time(_lock_of(data_set, folder), data_set.title, patience):
            try:
                return published(data_set, folder)  # another notebook has been quicker
            except _OtherImages:
                raise
            except SourceError:
                return _prepare(data_set, folder, patience)
    except download.DownloadError as error:
        raise SourceError(str(error)) from error
    except (OSError, NotImplementedError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SourceError(f"{folder} cannot be written to: {reason}") from error


def sweep(data_set):
    """Remove what a process that was killed has left of its work, unless another goes on."""
    with suppress(OSError, SourceError):
        folder = data_dir()
        if _workshop_of(data_set, folder).exists():
            with filelock.FileLock(_lock_of(data_set, folder), timeout=0):
                shutil.rmtree(_workshop_of(data_set, folder))


def _workshop_of(data_set, folder):
    """Where a data set is prepared before it is moved to its place."""
    return folder / f".{data_set.name}-in-preparation"


def _lock_of(data_set, folder):
    """The lock of whoever prepares a data set."""
    return folder / f".{data_set.name}.lock"


def _prepare(data_set, folder, patience):
    """Let tfds work in a folder of its own, and move what it prepared to its place when whole."""
    workshop = _workshop_of(data_set, folder)
    shutil.rmtree(workshop, ignore_errors=True)  # what a process that was killed left behind
    workshop.mkdir()
    try:
        with (workshop / "log").open("w+b") as log:
            with _started(data_set, workshop, log) as process:
                _watch(process, data_set, workshop, patience)
            if process.returncode:
                log.seek(0)
                raise SourceError(_last_line(log.read()))
        answer = published(data_set, workshop)
        _move_in(workshop / data_set.name, folder / data_set.name)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return answer


@contextmanager
def _started(data_set, workshop, log):
    """The process that prepares the data; it ends with this block, or when this process does."""
    process = subprocess.Popen(
        [sys.executable, "-c", PREPARE, data_set.name, str(workshop)],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        # The graphics card's memory belongs to the lesson.
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _move_in(made, place):
    """Move prepared versions to their place; one that cannot be read is set aside, not lost."""
    place.mkdir(exist_ok=True)
    for version in made.iterdir():
        old = place / version.name
        if old.exists():
            aside = old.with_name(f"{old.name}-unreadable-{time.strftime('%Y%m%d-%H%M%S')}")
            old.rename(aside)
            print(f"{old} could not be read; it is set aside as {aside.name}.")
        version.rename(old)


def _watch(process, data_set, workshop, patience):
    """Wait until the process ends; refuse to wait for one that hangs or is too slow."""
    expected = data_set.editions[-1].size
    history = []
    with download.progress_bar("TensorFlow Datasets", expected) as bar:
        while process.poll() is None:
            time.sleep(0.2)
            if not patience.left:
                raise SourceError("it took longer than a lesson can wait")
            if not (workshop / "begun").exists():
                continue
            now = time.monotonic()
            history.append((now, _size(workshop), _processor_seconds(process)))
            bar.update(min(history[-1][1], expected) - bar.n)
            while history[1:] and history[1][0] <= now - download.WINDOW_SECONDS:
                del history[0]
            (began, before, work_before), (_, done, work) = history[0], history[-1]
            seconds = now - began
            if seconds >= download.WINDOW_SECONDS and work - work_before < IDLE_SHARE * seconds:
                _check_pace(patience, began, before, done, expected)


def _check_pace(patience, began, before, done, expected):
    """Refuse to wait on for a slow network."""
    try:
        patience.check(began, before, done, expected)
    except download.DownloadError as error:
        raise SourceError(f"its download {error}") from error


def _size(folder):
    """Bytes in a folder, while another process works in it."""
    total = 0
    for place, _, names in os.walk(folder):  # which passes over what has just vanished
        for name in names:
            with suppress(FileNotFoundError):
                total += Path(place, name).stat().st_size
    return total


def _processor_seconds(process):
    """How long a process has been computing."""
    try:
        times = psutil.Process(process.pid).cpu_times()
    except psutil.Error:  # it ended a moment ago
        return float("inf")
    return times.user + times.system


def _first_line(error):
    """What an error says, in one line."""
    first = (str(error).strip().splitlines() or ["no message"])[0]
    return f"{type(error).__name__}: {first[:160]}"


def _last_line(log):
    """What a process said last, which is the error it ended with."""
    lines = log.decode(errors="replace").strip().splitlines() or ["it ended without a word"]
    return lines[-1][:200]
