"""Write the locks: Colab's version of what students' code reaches, the newest of all else.

Run by ``make lock``. It writes three files:

desk.txt
    What the desk takes from Colab: the packages of colab.txt that the course's dependencies bring
    along, but for `NEWEST`. It says which these are to whoever asks (the doctor, conda, the drift
    job).
dev.txt, student.txt
    The locks, with hashes, held to desk.txt. One version serves every Python from 3.11 to 3.13.

If a tool cannot live with one of Colab's versions, this ends with uv's words about the two. Give
the package a line in `NEWEST` then, with the reason.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import colab_drift

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "requirements"
EXTRAS = ("instructor", "site", "dev")
OLDEST, TOO_NEW = "3.11", "3.14"
"""Pythons: the first that is locked for, and the first that is not."""
NEWEST = {
    "ipython": "Colab's, of 2022, has no place beside a current ipykernel and nbclient.",
    "ipywidgets": "The same, for JupyterLab.",
    "psutil": "Of Colab's there is no build for Linux on ARM64, and IPython asks for a newer one.",
}
"""What students' code may reach and the desk does not take from Colab, with the reason."""
HEAD = """\
# Written by `make lock`: what the desk takes from Colab. The lessons' dependencies bring these
# along; each has the version of colab.txt. All else are the desk's tools, in their newest version.
"""


def main():
    """Write the three files; return the exit status."""
    try:
        (FOLDER / "desk.txt").write_text(desk(), encoding="utf-8")
        extras = [part for extra in EXTRAS for part in ("--extra", extra)]
        lock("dev.txt", "desk.txt", *extras)
        lock("student.txt", "dev.txt")
    except subprocess.CalledProcessError as error:
        return error.returncode  # uv has said why
    return 0


def desk():
    """What the desk takes from Colab, as lines ``name==version`` below a comment.

    Returns
    -------
    str
    """
    colab = colab_drift.pins((FOLDER / "colab.txt").read_text(encoding="utf-8"))
    asked = [line for line in dependencies() if colab_drift.name_of(line) not in NEWEST]
    with tempfile.TemporaryDirectory() as folder:
        start, found = Path(folder, "start.in"), Path(folder, "found.txt")
        start.write_text("\n".join(asked), encoding="utf-8")
        uv_compile(start, found, "--constraints", str(FOLDER / "colab.txt"))
        names = colab_drift.pins(found.read_text(encoding="utf-8"))
    taken = sorted((names.keys() & colab.keys()) - NEWEST.keys())
    return HEAD + "".join(f"{name}=={colab[name]}\n" for name in taken)


def lock(name, constraints, *options):
    """Write one lock.

    Parameters
    ----------
    name, constraints : str
        Files in the folder of this one.
    *options : str
        For uv.
    """
    path = FOLDER / name
    held = ("--constraints", str(FOLDER / constraints))
    uv_compile("pyproject.toml", path, *held, "--generate-hashes", *options)
    path.write_text(unbounded(path.read_text(encoding="utf-8")), encoding="utf-8")


def dependencies():
    """What the course itself depends on, as pyproject.toml has it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["dependencies"]


def uv_compile(source, target, *options):
    """Resolve requirements to exact versions for every machine and every Python of ours."""
    command = [Path(sys.executable).with_name("uv"), "pip", "compile", "--quiet", "--upgrade"]
    command += ["--universal", "--python-version", OLDEST]
    command += ["--custom-compile-command", "make lock", *options, "--output-file", target, source]
    subprocess.run(command, cwd=ROOT, check=True)  # there, it reads tool.uv of pyproject.toml


def unbounded(text):
    """Leave out of every marker that Python is older than the first that is not locked for.

    An installer on a newer one would pass over all lines without a word; so it says what is
    missing.

    Parameters
    ----------
    text : str
        A lock.

    Returns
    -------
    str
    """
    bound = rf"python_full_version < '{re.escape(TOO_NEW)}'"
    text = re.sub(rf" ; {bound}(?= \\?$)", "", text, flags=re.MULTILINE)
    return re.sub(rf"{bound} and | and {bound}", "", text)


if __name__ == "__main__":
    sys.exit(main())
