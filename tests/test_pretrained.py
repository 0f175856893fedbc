"""A pretrained network is there, or it is not and the lesson goes on; never a half one."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from course_utils import pretrained

FILE = "weights.h5"
ROOT = Path(__file__).parents[1]
LESSON = ROOT / "notebooks" / "12-standing-on-shoulders" / "12-standing-on-shoulders.ipynb"


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


LESSON_WITH_OUR_WEIGHTS = """
import re
import sys
from pathlib import Path

import keras
import nbformat
import numpy as np

cells = [it.source for it in nbformat.read(sys.argv[1], as_version=4).cells]
(file,) = {name for it in cells for name in re.findall(r'^WEIGHTS = "(.+)"', it, re.MULTILINE)}
ours = keras.applications.MobileNetV2((96, 96, 3), include_top=False, pooling="avg", weights=None)
Path("models").mkdir()
ours.save(Path("models", file))  # as h5, like the real ones

lesson = {}
for part in ("import numpy as np", "def train(", "def train_linear", "photos.load(", "setdiff1d",
             "WEIGHTS = ", "def features_of", "pixel_rows ="):
    exec(next(it for it in cells if part in it), lesson)

scaled = lesson["pictures"].images / np.float32(127.5) - 1
expected = ours.predict(scaled, verbose=0)
assert np.allclose(lesson["feature_rows"], expected, rtol=1e-3, atol=1e-4)
print(lesson["feature_rows"].shape)
"""


def test_the_lesson_takes_weights_under_the_name_that_keras_expects_and_photos(tmp_path):
    generator = np.random.default_rng(1)
    for name in ("mug", "plant"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(7):
            photo = generator.integers(0, 256, size=(40, 50, 3), dtype=np.uint8)
            Image.fromarray(photo).save(tmp_path / "photos" / name / f"{number}.png")
    nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    settings = {"COURSE_PROFILE": "fast", "KERAS_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", LESSON_WITH_OUR_WEIGHTS, str(LESSON)],
        cwd=tmp_path,
        env=os.environ | nowhere | settings,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert "7 of mug, 7 of plant" in ran.stdout
    assert f"From Keras' cache: {tmp_path / 'models'}" in ran.stdout
    assert "features from MobileNetV2" in ran.stdout
    assert "(14, 1280)" in ran.stdout
