"""Whatever the network, the disk or a cache does, the class gets images or one clear error.

Never is a corrupt file used, and never is one left.
"""

import errno
import os
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import filelock
import numpy as np
import pytest

from course_utils import datasets
from course_utils.datasets import download
from course_utils.datasets.catalogue import CATALOGUE, CIFAR10
from course_utils.datasets.sources import SourceError, files, tfds
from tests.datasets.classroom import (
    NOBODY,
    RIGHT,
    TRAIN,
    WRONG_SHAPE,
    left_behind,
    little_arrays,
    little_data_set,
    notebook,
    npz,
    serving,
)

# What a host does, and what the error then says of it.
HOPELESS = {
    "forbidden": "answered 403 Forbidden",
    "not-found": "answered 404 Not Found",
    "redirects-in-a-circle": "Exceeded 30 redirects",
    "is-slow": "is too slow: 1?[0-9] kB/s",
    "stalls": "sent nothing for 0.4 s",
    "is-silent": "did not answer within 0.4 s",
    "drips-headers": "did not answer within 0.4 s",
    "drips-a-chunk-header": "sent nothing for 0.4 s|broke off after 0",
    "truncates": "broke off after .* of 393,502 bytes",
    "sends-wrong-bytes": "SHA-256 differs",
    "sends-another-size": "offers 37 bytes in place of .* log-in page",
    "sends-too-much": "sent more bytes than the file has",
}
HELPFUL = ["right", "redirects", "breaks-off-once", "does-not-resume"]


@pytest.fixture(autouse=True)
def classroom(tmp_path, monkeypatch):
    """Empty caches, short patience, and TensorFlow Datasets' host out of reach."""
    monkeypatch.setenv("COURSE_PROFILE", "full")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(files.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(download, "CONNECT_SECONDS", 0.4)
    monkeypatch.setattr(download, "WINDOW_SECONDS", 0.4)
    monkeypatch.setattr(download, "NETWORK_SECONDS", 10)
    monkeypatch.setattr(tfds, "HOST", NOBODY)
    return tmp_path


@pytest.fixture(scope="module")
def server():
    with serving() as server:
        yield server


@pytest.fixture
def offered(monkeypatch):
    """Lets a test say at which addresses the little archive is offered."""

    def offer(*addresses, **options):
        monkeypatch.setitem(CATALOGUE, "mnist", little_data_set(addresses, **options))

    return offer


@pytest.mark.parametrize("behaviour", HELPFUL)
def test_helpful_hosts_give_the_images_and_the_cache_keeps_them(
    behaviour, server, offered, classroom
):
    offered(server.address(behaviour))
    data = datasets.load("mnist")
    assert len(data.train) == TRAIN
    assert "127.0.0.1" in data.source
    assert (classroom / "keras/datasets/mnist.npz").read_bytes() == RIGHT
    assert not left_behind(classroom)
    before = len(server.requests)
    assert "Keras' cache" in datasets.load("mnist").source
    assert len(server.requests) == before, "the cache should be asked first"


@pytest.mark.parametrize("behaviour", HOPELESS)
def test_hopeless_host_is_left_for_the_next(behaviour, server, offered, classroom):
    offered(server.address(behaviour), server.address("right"))
    server.requests.clear()
    assert len(datasets.load("mnist").train) == TRAIN
    assert server.requests[-1][0] == "right"
    assert not left_behind(classroom)


@pytest.mark.parametrize("behaviour", HOPELESS)
def test_hopeless_host_alone_the_class_gets_what_ships(
    behaviour, server, offered, classroom, capsys
):
    offered(server.address(behaviour))
    data = datasets.load("mnist")
    told = capsys.readouterr().out
    assert data.source == "the embedded subset"
    assert "Accuracies in the text belong to the full MNIST" in told
    assert not left_behind(classroom)


@pytest.mark.parametrize(("behaviour", "why"), HOPELESS.items())
def test_insisting_names_every_source_and_why_it_failed(behaviour, why, server, offered, classroom):
    offered(NOBODY, server.address(behaviour))
    with pytest.raises(SourceError, match=f"(?s)Keras' cache: .*mirrors: .*{why}"):
        datasets.load("mnist", source="mirrors")
    assert not left_behind(classroom)


def test_interrupted_download_goes_on_where_it_was(server, offered):
    offered(server.address("breaks-off-once"))
    server.requests.clear()
    datasets.load("mnist")
    assert server.requests == [("breaks-off-once", 0), ("breaks-off-once", len(RIGHT) // 3)]


def test_next_host_goes_on_where_the_last_one_stalled(server, offered):
    offered(server.address("stalls"), server.address("right"))
    server.requests.clear()
    datasets.load("mnist")
    assert server.requests == [("stalls", 0), ("right", len(RIGHT) // 2)]


def test_no_network_at_all(offered, capsys):
    offered(NOBODY)
    assert datasets.load("mnist").source == "the embedded subset"
    told = capsys.readouterr().out
    for source in ("TensorFlow Datasets' folder", "Keras' cache", "a download by", "mirrors"):
        assert f"  - {source}" in told
    assert "Connection refused" in told


def test_published_file_with_arrays_of_another_shape_is_refused(server, offered, classroom):
    """Its SHA-256 is the published one, but the arrays do not fit the data set."""
    offered(server.address("sends-another-shape"), content=WRONG_SHAPE)
    with pytest.raises(SourceError, match=r"images should have shape \(n, 28, 28\)"):
        datasets.load("mnist", source="mirrors")
    assert not left_behind(classroom)


@pytest.mark.parametrize("garbage", [b"", b"garbage", RIGHT[:-1], bytes(len(RIGHT))])
def test_garbage_in_the_cache_is_replaced(garbage, server, offered, classroom):
    path = classroom / "keras/datasets/mnist.npz"
    path.parent.mkdir(parents=True)
    path.write_bytes(garbage)
    offered(server.address("right"))
    assert len(datasets.load("mnist").train) == TRAIN
    assert path.read_bytes() == RIGHT


def test_garbage_in_the_cache_without_network_is_removed(offered, classroom, capsys):
    path = classroom / "keras/datasets/mnist.npz"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"garbage")
    offered(NOBODY)
    assert datasets.load("mnist").source == "the embedded subset"
    assert "was damaged and has been removed" in capsys.readouterr().out
    assert not path.exists()


def test_unwritable_cache_the_temporary_folder_serves(server, offered, classroom):
    (classroom / "keras").write_text("a file where a folder should be, which stops even root")
    offered(server.address("right"))
    data = datasets.load("mnist")
    assert len(data.train) == TRAIN
    assert f"keras-{os.getuid()}" in data.source
    assert "Keras' cache" in datasets.load("mnist").source, "the second time it is there"


def test_cache_that_may_not_be_read_is_only_a_source_less(offered, monkeypatch):
    """As after a `sudo`; root itself may read everything, so the refusal is made here."""

    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied", "mnist.npz")

    monkeypatch.setattr(Path, "is_file", refuse)
    offered(NOBODY)
    with pytest.raises(SourceError, match="Keras' cache: .*Permission denied"):
        datasets.load("mnist", source="mirrors")


def test_user_without_a_home(server, offered, monkeypatch):
    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.delenv("TFDS_DATA_DIR")
    offered(server.address("right"))
    assert len(datasets.load("mnist").train) == TRAIN


def test_temporary_folder_of_another_user_is_left_alone(classroom, monkeypatch):
    (classroom / f"keras-{os.getuid()}").mkdir()
    assert len(files.cache_folders()) == 2
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    (classroom / "keras-54321").mkdir()
    assert len(files.cache_folders()) == 1


def test_files_of_other_data_sets_in_the_cache_stay(offered, classroom):
    """Their names on the web are shared: train-images-idx3-ubyte.gz, train-00000-of-….parquet."""
    folder = classroom / "keras/datasets"
    folder.mkdir(parents=True)
    names = [Path(file.name).name for edition in CIFAR10.editions for file in edition.files]
    names += [Path(file.addresses[0]).name for file in CIFAR10.editions[0].files]
    for name in {*names} - {CIFAR10.editions[0].files[0].name}:
        (folder / name).write_text("someone's own")
    before = {path.name for path in folder.iterdir()}
    assert datasets.load("cifar10").name == "emoji10"
    assert {path.name for path in folder.iterdir()} == before


def test_right_file_that_this_machine_cannot_read_stays(server, offered, classroom, monkeypatch):
    offered(server.address("right"))
    datasets.load("mnist")

    def refuse(*_, **__):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(np, "load", refuse)
    with pytest.raises(SourceError, match="Too many open files"):
        datasets.load("mnist", source="mirrors")
    assert (classroom / "keras/datasets/mnist.npz").read_bytes() == RIGHT


def test_no_folder_can_be_written_to(server, offered, classroom, monkeypatch):
    (classroom / "keras").write_text("a file")
    monkeypatch.setattr(files.tempfile, "tempdir", str(classroom / "keras"))
    offered(server.address("right"))
    with pytest.raises(SourceError, match="keras/datasets cannot be written to: "):
        datasets.load("mnist", source="mirrors")


def test_disk_without_room_is_noticed_before_anything_is_written(
    server, offered, classroom, monkeypatch
):
    usage = shutil.disk_usage(classroom)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    offered(server.address("right"))
    server.requests.clear()
    with pytest.raises(SourceError, match=r"has 0.0 MB of room; 0.4 MB are needed"):
        datasets.load("mnist", source="mirrors")
    assert not server.requests


def test_quota_that_is_reached_in_the_middle(server, offered, classroom):
    """The system refuses to write on, as it does on a disk that another process has filled."""

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    process = notebook(classroom, [server.address("right")], NOBODY, preexec_fn=limit)
    out, _ = process.communicate()
    assert "LOADED 5000 the embedded subset" in out
    assert os.strerror(errno.EFBIG) in out
    assert not left_behind(classroom)


def test_full_disk(server, classroom):
    """Both caches lie on a disk of 128 KiB, which is full; the file has 392 kB."""
    tiny = classroom / "tiny"
    tiny.mkdir()
    mount = f"mount -t tmpfs -o size=128k tiny {tiny} && head -c 60000 /dev/zero > {tiny}/filler"
    private = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
    if subprocess.run([*private, mount], capture_output=True).returncode:
        pytest.skip("this system lets no one mount a tiny disk in a namespace of their own")
    script = f'{mount} && export KERAS_HOME={tiny} TMPDIR={tiny} && "$@"; find {tiny} -type f'
    prefix = (*private, script, "sh")
    process = notebook(classroom, [server.address("right")], NOBODY, prefix=prefix)
    out, _ = process.communicate()
    assert "LOADED 5000 the embedded subset" in out
    assert "MB of room; 0.4 MB are needed" in out
    assert "mnist.npz\n" not in out
    assert ".part" not in out


def test_killed_in_the_middle_then_run_again(server, classroom):
    server.requests.clear()
    process = notebook(classroom, [server.address("is-slow")], NOBODY, window=60)
    part = classroom / "keras/datasets/.mnist.npz.part"
    try:
        wait_until(lambda: part.exists() and part.stat().st_size > 1000)
    finally:
        process.kill()
        process.communicate()
    assert part.exists(), "a killed process cannot clean up; the next one does"
    assert not (classroom / "keras/datasets/mnist.npz").exists()
    out, _ = notebook(classroom, [server.address("right")], NOBODY).communicate()
    assert f"LOADED {TRAIN} 127.0.0.1" in out
    behaviour, start = server.requests[-1]
    assert (behaviour, start > 0) == ("right", True), "it goes on where the other was killed"
    assert not left_behind(classroom)


def test_killed_in_the_middle_and_then_no_network(offered, classroom):
    folder = classroom / "keras/datasets"
    folder.mkdir(parents=True)
    (folder / ".mnist.npz.part").write_bytes(RIGHT[:1000])
    offered(NOBODY)
    datasets.load("mnist")
    assert not left_behind(classroom)


def test_two_processes_at_once_download_once(server, classroom):
    server.requests.clear()
    addresses = [server.address("breaks-off-once")]
    processes = [notebook(classroom, addresses, NOBODY) for _ in range(2)]
    outs = [process.communicate()[0] for process in processes]
    assert any(f"LOADED {TRAIN} 127.0.0.1" in out for out in outs), outs
    assert any(f"LOADED {TRAIN} Keras' cache" in out for out in outs), outs
    assert len(server.requests) == 2, "one download, which was broken off once"
    assert not left_behind(classroom)


def test_one_process_waits_for_another(server, classroom, offered, capsys, monkeypatch):
    folder = classroom / "keras/datasets"
    folder.mkdir(parents=True)
    monkeypatch.setattr(download, "LOCK_SECONDS", 0.2)
    offered(server.address("right"))
    with (
        filelock.FileLock(folder / ".mnist.npz.lock"),
        pytest.raises(SourceError, match="has been downloading mnist.npz for too long"),
    ):
        datasets.load("mnist", source="mirrors")
    assert "Another notebook on this machine is downloading" in capsys.readouterr().out


def wait_until(holds, seconds=60):
    """Wait for a condition; fail when it does not come."""
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up, "what was waited for did not come"
        time.sleep(0.01)


def test_progress_bar_is_plain_text(capsys):
    """Colab stores it as it is; a widget would break the notebook's rendering elsewhere."""
    with download.progress_bar("mnist.npz", 1000) as bar:
        bar.start_t -= 2  # as if two seconds had gone
        bar.last_print_t -= 2
        bar.update(500)
    assert "mnist.npz:  50%" in capsys.readouterr().out


def test_whole_file_is_taken_however_late_it_is(server, offered, monkeypatch):
    monkeypatch.setattr(download, "NETWORK_SECONDS", 0.001)
    monkeypatch.setattr(download.Patience, "left", 1)
    offered(server.address("right"))
    assert len(datasets.load("mnist").train) == TRAIN


def test_archive_the_course_serves_is_the_same_each_time():
    """Otherwise the little catalogue's SHA-256 would differ between two processes."""
    assert npz(little_arrays()) == RIGHT
