"""A pretrained network is there, or it is not and the lesson goes on; never a half one."""

import threading
import time

import pytest

from course_utils import pretrained

FILE = "weights.h5"


@pytest.fixture(autouse=True)
def models(tmp_path, monkeypatch):
    """The folder of models in an empty cache of Keras, on a machine without a network."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("COURSE_PROFILE", "full")
    monkeypatch.setattr(
        pretrained.download, "unreachable", lambda addresses: {"host": "does not answer"}
    )
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


@pytest.fixture
def network_is_up(monkeypatch):
    """Somebody answers."""
    monkeypatch.setattr(pretrained.download, "unreachable", lambda addresses: {})


def never():
    pytest.fail("was built")


def test_weights_in_the_cache_are_used_in_any_profile(models, monkeypatch, capsys):
    (models / FILE).write_bytes(b"right")
    for profile in ("full", "fast"):
        monkeypatch.setenv("COURSE_PROFILE", profile)
        assert pretrained.load(lambda: "network", FILE, megabytes=9) == "network"
        assert f"From Keras' cache: {models / FILE}" in capsys.readouterr().out


def test_without_a_network_nothing_is_tried_and_the_reason_is_said(capsys):
    assert pretrained.load(never, FILE, megabytes=9) is None
    told = capsys.readouterr().out
    assert "weights.h5, 9 MB, is not on this computer" in told
    assert "host: does not answer. Run this cell again" in told


def test_the_fast_profile_downloads_nothing(monkeypatch, network_is_up, capsys):
    monkeypatch.setenv("COURSE_PROFILE", "fast")
    assert pretrained.load(never, FILE, megabytes=9) is None
    assert "unset COURSE_PROFILE" in capsys.readouterr().out


def test_the_size_is_said_before_the_download(network_is_up, capsys):
    told = []

    def build():
        told.append(capsys.readouterr().out)
        return "network"

    assert pretrained.load(build, FILE, megabytes=9) == "network"
    assert told == ["Downloading weights.h5, 9 MB, once.\n"]


def test_a_file_that_cannot_be_used_is_removed(models, capsys):
    (models / FILE).write_bytes(b"half of i")

    def build():
        raise OSError("truncated file\nand much more")

    assert pretrained.load(build, FILE, megabytes=9) is None
    assert not (models / FILE).exists()
    told = capsys.readouterr().out
    assert "was removed (OSError: truncated file). Run this cell again" in told


def test_a_slow_host_is_left(network_is_up, monkeypatch, capsys):
    monkeypatch.setattr(pretrained, "PATIENCE_SECONDS", 0.05)

    def build():
        for _ in range(1000):  # a download that takes its time, bit by bit
            time.sleep(0.01)
        pytest.fail("nobody stopped it")

    assert pretrained.load(build, FILE, megabytes=9) is None
    assert "TimeoutError: not done within 0.05 seconds" in capsys.readouterr().out


def test_the_user_s_own_interruption_is_passed_on(network_is_up):
    def build():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pretrained.load(build, FILE, megabytes=9)


def test_nothing_is_left_running_or_set(network_is_up):
    import socket

    before = socket.getdefaulttimeout()
    seen = []
    pretrained.load(lambda: seen.append(socket.getdefaulttimeout()), FILE, megabytes=9)
    assert seen == [pretrained.SILENT_SECONDS]
    assert socket.getdefaulttimeout() == before
    timers = [it for it in threading.enumerate() if isinstance(it, threading.Timer)]
    assert all(it.finished.is_set() for it in timers)


def test_wrong_kinds_are_refused():
    with pytest.raises(TypeError, match="put def|Put def"):
        pretrained.load("network", FILE, megabytes=9)
    with pytest.raises(TypeError, match="file should be a string; got 3"):
        pretrained.load(never, 3, megabytes=9)
