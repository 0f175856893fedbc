"""Environments for the release: Colab's versions, or the newest of everything; and what changes.

They are made with uv, by the functions that make .venv, in folders of their own below ``build``.
Neither holds anything of ours: the setup cell of a notebook has to bring it.
"""

import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
COLAB = "requirements/colab.txt"
NEWEST_PYTHON = "3.12"
NOTEBOOKS = ["ipykernel", "nbclient", "pip"]
"""What runs a notebook and its setup cell, beside what the course depends on."""
PIP_OF_THIS = [str(Path(sys.executable).resolve()), "-m", "pip"]


@dataclass(frozen=True)
class Recipe:
    """How an environment is made.

    Attributes
    ----------
    name : str
        Of its folder below ``build``.
    python : str
        Such as ``"3.13"``.
    pins : str
        A file of exact versions, below the course's root; if empty, the newest of everything.
    prereleases : bool
        Whether versions count that are not finished, such as release candidates.
    """

    name: str
    python: str
    pins: str = ""
    prereleases: bool = False

    @property
    def words(self):
        """What is in it."""
        unfinished = ", release candidates too" * self.prereleases
        return self.pins or f"the newest of everything{unfinished}"


def colab():
    """Recipe for Colab's own versions on Colab's own Python."""
    first = (ROOT / COLAB).read_text(encoding="utf-8").partition("\n")[0]
    return Recipe("colab", first.removeprefix("# Python "), COLAB)


def newest():
    """Recipe for the newest version of everything that the course depends on."""
    return Recipe("newest", NEWEST_PYTHON)


def prereleases():
    """Recipe for the newest of everything, finished or not: what students will have next."""
    return Recipe("prereleases", NEWEST_PYTHON, prereleases=True)


def bootstrap():
    """The module ``requirements/install.py``, which makes .venv."""
    spec = importlib.util.spec_from_file_location("install", ROOT / "requirements" / "install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make(recipe, install=None):
    """Make an environment, unless one with the same pins is there.

    Parameters
    ----------
    recipe : Recipe
    install : module, optional
        ``requirements/install.py``.

    Returns
    -------
    Path
        Its folder.

    Raises
    ------
    install.Failed, install.Problem
        If an installer fails; the text says why and what to do.
    """
    install = install or bootstrap()
    os.chdir(ROOT)  # as the bootstrap does: its log lies below
    folder = ROOT / "build" / recipe.name / "environment"
    stamp = folder / "stamp.json"
    wanted = {"python": recipe.python, "place": str(folder), "pins": _digest(recipe.pins)}
    if recipe.pins and _is_whole(folder, stamp, wanted, install):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    Path(install.LOG).write_text("", encoding="utf-8")
    uv, settings = _uv(install), install.uv_environment(PIP_OF_THIS)
    _make_empty(install, uv, recipe.python, folder, settings)
    command = [uv, "pip", "install", "--python", str(python(folder)), "--compile-bytecode"]
    if recipe.pins:
        # As Colab has them, even where one asks for another version of another.
        what = ["--no-deps", "--requirements", recipe.pins]
    else:
        what = ["--upgrade", *_dependencies(), *NOTEBOOKS]
        what += ["--prerelease", "allow"] * recipe.prereleases
    title = f"  installing {recipe.words} with uv (a minute or so)"
    install.step(title, command + what, settings)
    stamp.write_text(json.dumps(wanted | {"holds": packages(folder)}), encoding="utf-8")
    return folder


def python(folder):
    """Path of an environment's Python."""
    return folder / "bin" / "python"


def packages(folder):
    """Versions of what an environment holds.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict of str to str
        By canonical name.
    """
    found = metadata.distributions(path=[str(_site(folder))])
    return {_canonical(it.metadata["Name"]): it.version for it in found}


@dataclass(frozen=True)
class Snapshot:
    """An environment at one moment: versions by package, and size and time by file."""

    packages: dict
    files: dict


def snapshot(folder):
    """Note what an environment holds now.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    Snapshot
        Without what Python itself writes, the compiled files.
    """
    site, files = _site(folder), {}
    for place, folders, names in os.walk(site):
        folders[:] = [it for it in folders if it != "__pycache__"]
        for name in names:
            path = Path(place, name)
            state = path.stat()
            files[path.relative_to(site).as_posix()] = (state.st_size, state.st_mtime_ns)
    return Snapshot(packages(folder), files)


@dataclass(frozen=True)
class Changes:
    """What differs between two snapshots.

    Attributes
    ----------
    added : dict of str to str
        Packages that are new, with their versions.
    touched : list of str
        Packages of before that are gone or of another version, and files of theirs that are gone
        or were written to.
    """

    added: dict
    touched: list


def changes(before, after):
    """Compare two snapshots of an environment.

    Parameters
    ----------
    before, after : Snapshot

    Returns
    -------
    Changes
    """
    added = {it: after.packages[it] for it in sorted(after.packages.keys() - before.packages)}
    touched = [
        f"{name} {version} → {after.packages.get(name, 'gone')}"
        for name, version in sorted(before.packages.items())
        if after.packages.get(name) != version
    ]
    touched += [
        f"{path} {'was written to' if path in after.files else 'is gone'}"
        for path, state in sorted(before.files.items())
        if after.files.get(path) != state
    ]
    return Changes(added, touched)


def restore(folder, before, install=None):
    """Take out what was added since a snapshot; of an environment that was changed, its stamp.

    Parameters
    ----------
    folder : Path
    before : Snapshot
    install : module, optional
        ``requirements/install.py``.

    Raises
    ------
    subprocess.CalledProcessError
        If that cannot be done.
    """
    install = install or bootstrap()
    difference = changes(before, snapshot(folder))
    if difference.touched:
        (folder / "stamp.json").unlink(missing_ok=True)  # so that it is made anew the next time
    if difference.added:
        command = [_uv(install), "pip", "uninstall", "--quiet", "--python", str(python(folder))]
        subprocess.run([*command, *difference.added], check=True)


def _make_empty(install, uv, version, folder, settings):
    """Make an environment that holds nothing, with a Python of this machine or a downloaded one."""
    found = find_python(install, uv, version)
    try:
        install.step(
            f"  making an environment with {found or f'Python {version}, downloaded by uv'}",
            [uv, "venv", "--clear", "--python", found or version, str(folder)],
            settings,
        )
    except install.Failed:
        if found:
            raise
        raise install.Problem(
            f"Python {version} is needed; none was found, and uv could not download one. "
            f"Install Python {version}"
        ) from None


def find_python(install, uv, version):
    """Find a Python of a version on this machine.

    Parameters
    ----------
    install : module
        ``requirements/install.py``.
    uv : str
        The command.
    version : str
        Such as ``"3.13"``.

    Returns
    -------
    str
        Its path; empty if there is none.
    """
    if version == this_version():
        return str(Path(sys.executable).resolve())
    return install.find_python([tuple(map(int, version.split(".")))], uv) or ""


def this_version():
    """The version of the Python that runs this, such as ``"3.11"``."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _uv(install):
    """The uv that .venv holds, or another."""
    own = Path(sys.executable).with_name("uv")
    uv = str(own) if own.exists() else install.find_uv()
    if not uv:
        raise install.Problem("uv is needed, and .venv holds none. Delete .venv")
    return uv


def _site(folder):
    """The folder of an environment's packages."""
    (site,) = folder.glob("lib/python*/site-packages")
    return site


def _dependencies():
    """What the course depends on, as pyproject.toml has it."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]["dependencies"]


def _digest(pins):
    """SHA-256 of the file of versions, if there is one."""
    return hashlib.sha256((ROOT / pins).read_bytes()).hexdigest() if pins else ""


def _is_whole(folder, stamp, wanted, install):
    """Whether an environment is as it was made; a run that was cut off may have left something."""
    try:
        noted = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not install.runs([str(python(folder)), "-c", ""]):
        return False
    return noted == wanted | {"holds": packages(folder)}


def _canonical(name):
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
