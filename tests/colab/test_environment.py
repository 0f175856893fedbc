"""The environments of `make colab` and `make newest`: how they are made, and what changes in them.

uv is played: nothing is downloaded here.
"""

import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from tests.colab import environment
from tests.colab.environment import Changes, changes, snapshot

UV = """#!/bin/sh
echo "$@" >> {log}
case "$*" in
  venv*) {make} ;;
esac
"""
MAKE = """
  for folder do :; done
  mkdir -p "$folder/bin" "$folder/lib/python3.13/site-packages"
  ln -sf {python} "$folder/bin/python"
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A course that holds only what an environment is made from."""
    root = tmp_path / "a course"
    (root / "requirements").mkdir(parents=True)
    (root / "requirements/colab.txt").write_text("# Python 3.13\n# words\nnumpy==2.1.3\n")
    (root / "pyproject.toml").write_text('[project]\ndependencies = ["numpy", "umap-learn"]\n')
    monkeypatch.setattr(environment, "ROOT", root)
    monkeypatch.chdir(tmp_path)
    return root


@pytest.fixture
def play_uv(tmp_path, monkeypatch):
    """A function that puts a played uv in the place of the real one; returns what it was asked."""

    def put(make=None):
        log, uv = tmp_path / "asked", tmp_path / "uv"
        python = shlex.quote(sys.executable)
        make = MAKE.format(python=python) if make is None else make
        uv.write_text(UV.format(log=shlex.quote(str(log)), make=make))
        uv.chmod(0o755)
        monkeypatch.setattr(environment, "_uv", lambda install: str(uv))
        return log

    return put


@pytest.fixture
def no_python(monkeypatch):
    """A machine whose Pythons are of other versions."""
    monkeypatch.setattr(environment, "find_python", lambda *_: "")


def asked(log):
    """What the played uv was asked to make and to install."""
    lines = log.read_text().splitlines()
    log.write_text("")
    return lines


@pytest.mark.usefixtures("checkout", "no_python")
def test_colabs_environment_is_made_once_from_exact_versions(play_uv, checkout):
    log, install = play_uv(), _bootstrap()
    folder = environment.make(environment.colab(), install)
    made, filled = asked(log)
    assert folder == checkout / "build/colab/environment"
    assert made.startswith("venv --clear --python 3.13 ")
    assert filled.endswith("--no-deps --requirements requirements/colab.txt")
    assert environment.make(environment.colab(), install) == folder
    assert asked(log) == []
    with (checkout / "requirements/colab.txt").open("a") as file:
        file.write("pandas==2.2.3\n")
    environment.make(environment.colab(), install)
    assert len(asked(log)) == 2


@pytest.mark.usefixtures("checkout", "no_python")
def test_the_newest_is_looked_for_every_time(play_uv):
    log, install = play_uv(), _bootstrap()
    for _ in range(2):
        environment.make(environment.newest(), install)
        made, filled = asked(log)
        assert made.startswith("venv --clear --python 3.12 ")
        assert filled.endswith("--upgrade numpy umap-learn ipykernel nbclient pip")


@pytest.mark.usefixtures("checkout", "no_python")
def test_unfinished_versions_have_an_environment_of_their_own(play_uv, checkout):
    log, install = play_uv(), _bootstrap()
    folder = environment.make(environment.prereleases(), install)
    assert folder == checkout / "build/prereleases/environment"
    assert asked(log)[1].endswith("ipykernel nbclient pip --prerelease allow")


def forget_the_stamp(folder):
    (folder / "stamp.json").unlink()


def leave_a_package(folder):
    put_package(folder, "from_pixels_to_features", "0.1")


def delete_the_interpreter(folder):
    (folder / "bin/python").unlink()


@pytest.mark.usefixtures("checkout", "no_python")
@pytest.mark.parametrize("event", [forget_the_stamp, leave_a_package, delete_the_interpreter])
def test_what_was_cut_off_begins_anew(event, play_uv):
    log, install = play_uv(), _bootstrap()
    folder = environment.make(environment.colab(), install)
    asked(log)
    event(folder)
    environment.make(environment.colab(), install)
    assert len(asked(log)) == 2


@pytest.mark.usefixtures("checkout", "no_python")
def test_no_python_is_told_with_what_to_install(play_uv):
    play_uv(make="exit 2")
    install = _bootstrap()
    with pytest.raises(install.Problem, match=r"Python 3\.13 is needed.* Install Python 3\.13$"):
        environment.make(environment.colab(), install)


@pytest.mark.usefixtures("checkout")
def test_a_full_disk_is_told_as_such(play_uv, monkeypatch):
    play_uv(make="echo 'No space left on device' >&2; exit 2")
    monkeypatch.setattr(environment, "find_python", lambda *_: sys.executable)
    install = _bootstrap()
    with pytest.raises(install.Failed, match="The disk filled up"):
        environment.make(environment.colab(), install)


def test_a_python_of_pyenv_is_found(monkeypatch, tmp_path):
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing here"))
    here = environment.this_version()
    python = tmp_path / f"versions/{here}.99/bin/python{here}"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    monkeypatch.setattr(environment, "this_version", lambda: "3.10")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)  # where no .venv is
    install = _bootstrap()
    assert environment.find_python(install, "uv", here) == str(python)
    assert environment.find_python(install, "uv", "3.99") == ""


def test_this_python_is_taken_if_it_is_of_that_version():
    found = environment.find_python(None, "no uv", environment.this_version())
    assert found == str(Path(sys.executable).resolve())


def _bootstrap():
    """The bootstrap, without the course's own place."""
    root, environment.ROOT = environment.ROOT, Path(__file__).parents[2]
    try:
        return environment.bootstrap()
    finally:
        environment.ROOT = root


# What changes in an environment


def put_package(folder, name, version, *files):
    """Put a package into an environment."""
    site = folder / "lib/python3.13/site-packages"
    note = site / f"{name}-{version}.dist-info"
    note.mkdir(parents=True)
    (note / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    for file in files:
        (site / file).parent.mkdir(exist_ok=True)
        (site / file).write_text("1")
    return site


@pytest.fixture
def folder(tmp_path):
    """An environment that holds one package."""
    put_package(tmp_path, "num_py", "2.1", "numpy/core.py", "numpy/__pycache__/core.pyc")
    return tmp_path


def test_nothing_changes_by_itself_or_by_compiling(folder):
    before = snapshot(folder)
    (folder / "lib/python3.13/site-packages/numpy/__pycache__/core.pyc").write_text("other")
    assert before.packages == {"num-py": "2.1"}
    assert changes(before, snapshot(folder)) == Changes({}, [])


def test_a_new_package_is_added(folder):
    before = snapshot(folder)
    put_package(folder, "importlib_resources", "7.1", "importlib_resources/__init__.py")
    assert changes(before, snapshot(folder)) == Changes({"importlib-resources": "7.1"}, [])


def rewrite(site):
    path = site / "numpy/core.py"
    path.write_text("1")
    os.utime(path, ns=(1, 1))


def remove(site):
    (site / "numpy/core.py").unlink()


def upgrade(site):
    (site / "num_py-2.1.dist-info").rename(site / "num_py-2.2.dist-info")
    (site / "num_py-2.2.dist-info/METADATA").write_text("Name: num_py\nVersion: 2.2\n")


def uninstall(site):
    (site / "num_py-2.1.dist-info/METADATA").unlink()
    (site / "num_py-2.1.dist-info").rmdir()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (rewrite, "numpy/core.py was written to"),
        (remove, "numpy/core.py is gone"),
        (upgrade, "num-py 2.1 → 2.2"),
        (uninstall, "num-py 2.1 → gone"),
    ],
)
def test_whatever_happens_to_what_was_there_is_told(change, told, folder):
    before = snapshot(folder)
    change(folder / "lib/python3.13/site-packages")
    found = changes(before, snapshot(folder))
    assert found.added == {}
    assert told in found.touched


def test_what_was_added_is_taken_out_again(folder, play_uv):
    log, before = play_uv(), snapshot(folder)
    stamp = folder / "stamp.json"
    stamp.write_text(json.dumps({}))
    environment.restore(folder, before, _bootstrap())
    assert not log.exists()
    put_package(folder, "umap_learn", "0.5")
    environment.restore(folder, before, _bootstrap())
    (line,) = asked(log)
    assert line.startswith("pip uninstall")
    assert line.endswith(" umap-learn")
    assert stamp.exists()


def test_an_environment_that_was_changed_is_made_anew_the_next_time(folder, play_uv):
    play_uv()
    before = snapshot(folder)
    stamp = folder / "stamp.json"
    stamp.write_text(json.dumps({}))
    remove(folder / "lib/python3.13/site-packages")
    environment.restore(folder, before, _bootstrap())
    assert not stamp.exists()
