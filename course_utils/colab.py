"""What only Google Colab needs: to be recognised, and the packages that it lacks."""

import json
import os
import re
import subprocess
import sys
from importlib import invalidate_caches, metadata
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = "from-pixels-to-features"
NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
VERSION = re.compile(r"\d[\w.!+-]*")
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input",
       "--retries", "1", "--timeout", "10", "install", "--only-binary", ":all:")  # fmt: skip


def is_here():
    """Tell whether this runs in Google Colab.

    Returns
    -------
    bool
    """
    return "COLAB_RELEASE_TAG" in os.environ or "google.colab" in sys.modules


def add_missing_packages():
    """Install the packages that the course needs and that are not there; change no other.

    Only packages of pure Python are installed, and only versions that go with everything that is
    there already. If that fails, this is printed, with what to do: most lessons need few packages.

    Returns
    -------
    list of str
        What was installed, such as ``["importlib_resources==6.5.2"]``.
    """
    added = []
    for requirement in _missing(metadata.requires(PROJECT) or []):
        try:
            chosen = _choose(requirement)
            _pip("--no-deps", *chosen)
            added += chosen
        except (OSError, ValueError) as error:
            print(
                f"{requirement} could not be added ({error}). The lesson goes on without it; if a "
                "later cell asks for it, run this cell again."
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
    compiled = [it["download_info"]["url"].split("/")[-1] for it in chosen if not _is_pure(it)]
    if compiled:
        raise ValueError(f"{', '.join(compiled)} is not pure Python")
    return [f"{it['metadata']['name']}=={it['metadata']['version']}" for it in chosen]


def _pins():
    """Every installed package with its version, as pip's constraints have it."""
    installed = {it.metadata["Name"]: it.version for it in metadata.distributions()}
    return sorted(
        f"{name}=={version}"
        for name, version in installed.items()
        if NAME.fullmatch(name or "") and VERSION.fullmatch(version or "")
    )


def _is_pure(chosen):
    """Whether what pip chose is a wheel for any computer."""
    return chosen["download_info"]["url"].split("#")[0].endswith("-none-any.whl")


def _pip(*arguments):
    """Run pip; if it fails, the error is its own, in one line."""
    run = subprocess.run([*PIP, *arguments], capture_output=True, text=True)
    if run.returncode:
        lines = run.stderr.strip().splitlines() or ["pip did not say why"]
        errors = [line for line in lines if re.match("ERROR: (?!Exception:$)", line)]
        raise ValueError((errors or lines)[-1])
