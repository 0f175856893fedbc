"""Images through TensorFlow Datasets: what it prepared before, or what it downloads now.

Its own retries can last for minutes, and its import fails under some versions of protobuf. So it
downloads in a process of its own, which is watched and, if it hangs, ended.
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
from course_utils.datasets.sources import Answer, SourceError, layouts
from course_utils.tensorflow_quietly import import_tensorflow, quiet_stderr

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
    return Path(given) if given else Path.home() / "tensorflow_datasets"


def is_prepared(data_set, folder):
    """Whether a folder holds some version of a data set, as TensorFlow Datasets prepares it."""
    return any((folder / data_set.name).glob("*/dataset_info.json"))


def published(data_set, folder):
    """Images that were prepared in a folder before, if they are the published ones."""
    answer = prepared(data_set, folder)
    if data_set.checksum not in (None, checksum(answer.train, answer.test)):
        raise SourceError(
            f"what is prepared in {folder / data_set.name} holds other images than those of "
            f'{data_set.title}; if you want them, say load(..., folder="{folder}")'
        )
    return answer


def prepared(data_set, folder):
    """Any images that were prepared in a folder before, through the unchanged ``tfds.load``."""
    # Looked for by hand: importing tfds takes seconds, only to find nothing.
    if not is_prepared(data_set, folder):
        raise SourceError(f"nothing is prepared in {folder}")
    tfds = _import()
    try:
        with quiet_stderr():
            (train, test), info = tfds.load(
                data_set.name,
                split=["train", "test"],
                as_supervised=True,
                batch_size=-1,
                with_info=True,
                data_dir=str(folder),
                download=False,
            )
            train, test = layouts.split(*train, data_set), layouts.split(*test, data_set)
    # tfds and what it imports raise almost anything: AssertionError, DataLossError, OSError…
    except Exception as error:
        raise SourceError(
            f"what is prepared in {folder / data_set.name} cannot be used ({_first_line(error)}); "
            "remove that folder"
        ) from error
    version = str(info.version)
    return Answer(data_set.name, train, test, f"TensorFlow Datasets, version {version}", version)


def downloaded(data_set, silent, deadline):
    """Images that TensorFlow Datasets downloads and prepares now, in a watched process.

    Parameters
    ----------
    data_set : DataSet
    silent : dict of str to str
        Hosts that need not be asked, and why.
    deadline : float
        On the clock of ``time.monotonic``.
    """
    host = download.host_of(HOST)
    if host in silent:
        raise SourceError(f"{host}: {silent[host]}")
    _import()  # if it fails here, it would fail there, after a longer wait
    folder = data_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(
            folder / f".{data_set.name}.lock", timeout=max(0.0, deadline - time.monotonic())
        ):
            with suppress(SourceError):
                return published(data_set, folder)  # another notebook has been quicker
            return _prepare(data_set, folder, deadline)
    except filelock.Timeout as error:
        raise SourceError("another notebook has been preparing it for too long") from error
    except OSError as error:
        raise SourceError(f"{folder} cannot be written to: {error.strerror or error}") from error


def _prepare(data_set, folder, deadline):
    """Let tfds work in a folder of its own, and move what it prepared to its place when whole."""
    workshop = folder / f".{data_set.name}-in-preparation"
    shutil.rmtree(workshop, ignore_errors=True)  # what a process that was killed left behind
    workshop.mkdir()
    try:
        with (workshop / "log").open("w+b") as log:
            with _started(data_set, workshop, log) as process:
                _watch(process, data_set, workshop, deadline)
            if process.returncode:
                log.seek(0)
                raise SourceError(_last_line(log.read()))
        answer = published(data_set, workshop)
        _move_in(workshop / data_set.name, folder / data_set.name, workshop / "damaged")
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


def _move_in(made, place, damaged):
    """Move prepared versions to their place; a damaged one that is in the way leaves it."""
    place.mkdir(exist_ok=True)
    damaged.mkdir()
    for version in made.iterdir():
        if (place / version.name).exists():
            (place / version.name).rename(damaged / version.name)
        version.rename(place / version.name)


def _watch(process, data_set, workshop, deadline):
    """Wait until the process ends; refuse to wait for one that hangs or is too slow."""
    expected = data_set.editions[-1].size
    history = []
    with download.progress_bar("TensorFlow Datasets", expected) as bar:
        while process.poll() is None:
            time.sleep(0.2)
            now = time.monotonic()
            if now > deadline:
                raise SourceError("it took longer than a lesson can wait")
            if not (workshop / "begun").exists():
                continue
            history.append((now, _size(workshop), _processor_seconds(process)))
            bar.update(min(history[-1][1], expected) - bar.n)
            while history[1:] and history[1][0] <= now - download.WINDOW_SECONDS:
                del history[0]
            _check_pace(history, expected, deadline)


def _check_pace(history, expected, deadline):
    """Refuse to wait when, over the last seconds, the process mostly waited for a slow network."""
    (began, before, work_before), (now, done, work) = history[0], history[-1]
    seconds = now - began
    if seconds < download.WINDOW_SECONDS or work - work_before > IDLE_SHARE * seconds:
        return
    rate = (done - before) / seconds
    if rate < download.LEAST_RATE or now + (expected - done) / rate > deadline:
        raise SourceError(f"its download is too slow: {max(rate, 0) / 1000:,.0f} kB/s")


def _size(folder):
    """Bytes in a folder, while another process works in it."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def _processor_seconds(process):
    """How long a process has been computing."""
    try:
        times = psutil.Process(process.pid).cpu_times()
    except psutil.Error:  # it ended a moment ago
        return float("inf")
    return times.user + times.system


def _import():
    """The module ``tensorflow_datasets``, or why it cannot be used."""
    import_tensorflow()
    try:
        with quiet_stderr():
            import tensorflow_datasets as tfds
    # tfds and what it imports raise almost anything: VersionError, ImportError…
    except Exception as error:
        raise SourceError(f"it cannot be imported ({_first_line(error)})") from error
    if not hasattr(tfds, "load"):  # as with Colab's protobuf: it logs why, and goes on
        raise SourceError("it does not fit the other packages that are installed here")
    return tfds


def _first_line(error):
    """What an error says, in one line."""
    first = (str(error).strip().splitlines() or ["no message"])[0]
    return f"{type(error).__name__}: {first[:160]}"


def _last_line(log):
    """What a process said last, which is the error it ended with."""
    lines = log.decode(errors="replace").strip().splitlines() or ["it ended without a word"]
    return lines[-1][:200]
