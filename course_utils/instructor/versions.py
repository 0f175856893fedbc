"""What differs between Colab, where answers are written, and the desk, where they are graded."""

import re
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

COLAB = Path("requirements", "colab.txt")
"""Below the course's root: what Colab has, Python's version in the first line."""
TAKEN = Path("requirements", "desk.txt")
"""Below the course's root: which of these the desk means to have, too."""
PYTHON = "Python"


@dataclass(frozen=True)
class Difference:
    """A package that Colab has in another version, or Python itself.

    Attributes
    ----------
    name : str
        Of the package, as the index compares names, or `PYTHON`.
    here : str
        The version that is installed here; empty if none is.
    colab : str
        Colab's.
    """

    name: str
    here: str
    colab: str

    def __str__(self):
        """In words."""
        if not self.here:
            return f"{self.name} is not here, Colab has {self.colab}"
        return f"{self.name} here is {self.here}, Colab's is {self.colab}"

    @property
    def here_is_older(self):
        """Whether Colab's is the newer one; True if there is none here."""
        return _numbers(self.here) < _numbers(self.colab)


def colab_versions(root):
    """Read what Colab has.

    Parameters
    ----------
    root : Path
        The course's.

    Returns
    -------
    dict of str to str
        Versions by name, Python's first two numbers by `PYTHON`; empty if the course has no list.
    """
    path = root / COLAB
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8")
    python = re.match(r"# Python (\d+\.\d+)$", text, re.MULTILINE)
    return ({PYTHON: python[1]} if python else {}) | _pins(text)


def taken_from_colab(root):
    """Names of what the desk means to have as Colab has it, `PYTHON` first.

    Parameters
    ----------
    root : Path
        The course's.

    Returns
    -------
    list of str
        Empty if the course has no list.
    """
    path = root / TAKEN
    return [PYTHON, *_pins(path.read_text(encoding="utf-8"))] if path.is_file() else []


def differences(colab):
    """Compare what is installed here with what Colab has.

    Parameters
    ----------
    colab : dict of str to str
        Versions by name.

    Returns
    -------
    dict of str to Difference
        By name, where they differ.
    """
    pairs = ((name, _installed(name), version) for name, version in colab.items())
    return {name: Difference(name, here, its) for name, here, its in pairs if here != its}


def canonical(name):
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed(name):
    """The version of a package, or of Python; empty if it is not here."""
    if name == PYTHON:
        return f"{sys.version_info[0]}.{sys.version_info[1]}"
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _pins(text):
    """Versions by name, from lines ``name==version``."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)$", text, re.MULTILINE))


def _numbers(version):
    """The numbers in a version, to be compared."""
    return [int(digits) for digits in re.findall(r"\d+", version)]
