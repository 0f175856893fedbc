"""What only Google Colab needs: to be recognised, and the packages that it lacks."""

import json
import os
import re
import subprocess
import sys
from importlib import invalidate_caches, metadata
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = "from-pixels-to-features"
NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
VERSION = re.compile(
    r"(\d+!)?\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?(\+[a-z\d]+([._-][a-z\d]+)*)?"
)
"""Versions as pip writes them. Others it refuses, and with them every constraint."""
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input",
       "--retries", "1", "--timeout", "10", "install", "--only-binary", ":all:",
       "--break-system-packages")  # fmt: skip
"""How pip is called. Colab's Python is its system's, and all of it is the student's."""


def is_here():
    """Tell whether this runs in Google Colab.

    Returns
    -------
    bool
    """
    # Kaggle's machines are made from Colab's; the grader's kernels have a stand-in for its module.
    if "KAGGLE_KERNEL_RUN_TYPE" in os.environ or "COURSE_GRADING" in os.environ:
        return False
    return "COLAB_RELEASE_TAG" in os.environ or "google.colab" in sys.modules


def add_missing_packages():
    """Install the packages that the course needs and that are not there; change no other.

    Only packages of pure Python are installed, and only versions that go with everything that is
    there already. If that fails, this is printed, with what to do: most lessons need few packages.
    Where TensorFlow is missing nothing would help, and `session.begin` says so.

    Returns
    -------
    list of str
        What was installed, such as ``["importlib_resources==6.5.2"]``.
    """
    if find_spec("tensorflow") is None:
        return []
    added = []
    for requirement in _missing(metadata.requires(PROJECT) or []):
        try:
            chosen = _choose(requirement)
            _pip("--no-deps", *chosen)
            added += chosen
        except (OSError, ValueError) as error:
            print(
                f"{requirement} could not be added ({error}). The lesson goes on without it; if a "
                "later cell asks for it, run this cell again, and if it fails again, tell your "
                "instructor."
            )
    invalidate_caches()
    return added


def _missing(requirements):
    """Those requirements, but for extras, of which no version at all is installed."""
    ours = [it for it in requirements if "extra ==" not in it]
    return [it for it in ours if not _is_installed(NAME.match(it).group())]


def _is_installed(name):
    """Whether any version of a package is installed."""
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _choose(requirement):
    """Let pip choose versions of what is missing, and of what that needs; all pure Python."""
    with TemporaryDirectory() as folder:
        pins, report = Path(folder, "installed.txt"), Path(folder, "report.json")
        pins.write_text("\n".join(_pins()), encoding="utf-8")
        _pip("--dry-run", "--report", str(report), "--constraint", str(pins), requirement)
        chosen = json.loads(report.read_text(encoding="utf-8"))["install"]
    moved = [it["metadata"]["name"] for it in chosen if _is_installed(it["metadata"]["name"])]
    if moved:
        raise ValueError(f"it asks for another version of {', '.join(moved)}")
    compiled = [it["metadata"]["name"] for it in chosen if not _is_pure(it)]
    if compiled:
        raise ValueError(f"not pure Python: {', '.join(compiled)}")
    return [f"{it['metadata']['name']}=={it['metadata']['version']}" for it in chosen]


def _pins():
    """Every installed package with its version, as pip's constraints have it."""
    pins = {}
    for it in metadata.distributions():
        name, version = it.metadata.get("Name") or "", it.metadata.get("Version") or ""
        if NAME.fullmatch(name) and VERSION.fullmatch(version):
            # Colab's system has older ones of some packages; the first is what Python imports.
            pins.setdefault(re.sub(r"[-_.]+", "-", name).lower(), f"{name}=={version}")
    return sorted(pins.values())


def _is_pure(chosen):
    """Whether what pip chose is a wheel for any computer."""
    return chosen["download_info"]["url"].split("#")[0].endswith("-none-any.whl")


def _pip(*arguments):
    """Run pip; if it fails, the error is its own, in one line."""
    run = subprocess.run([*PIP, *arguments], capture_output=True, text=True)
    if run.returncode:
        lines = run.stderr.strip().splitlines() or ["pip did not say why"]
        errors = [line for line in lines if re.match("(?i)error: (?!exception:$)", line)]
        raise ValueError((errors or lines)[-1])
