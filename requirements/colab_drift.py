"""Tell where Colab has moved on from requirements/colab.txt, or bring that file up to date.

Colab publishes what its runtimes hold as the output of ``pip freeze`` and ``python --version``. ::

    python requirements/colab_drift.py pip-freeze.gpu.txt os-info-gpu.txt            # as Markdown
    python requirements/colab_drift.py pip-freeze.gpu.txt os-info-gpu.txt --update

The first prints nothing if nothing that matters here has changed. This needs nothing but Python.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OURS = ROOT / "requirements" / "colab.txt"
FEWEST = 200
"""Colab's list has about 700 packages; with fewer than this, it is something else."""
ELSEWHERE = "another place than the package index"


class NotAList(ValueError):
    """What was fetched is not what Colab publishes."""


def main(arguments=None):
    """Print the difference, or write it; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("freeze", type=Path, help="Colab's published list of packages")
    parser.add_argument("system", type=Path, help="Colab's published list of Python and the like")
    parser.add_argument("--update", action="store_true", help="write requirements/colab.txt anew")
    chosen = parser.parse_args(arguments)
    try:
        theirs = published(chosen.freeze.read_text(encoding="utf-8"))
        version = published_python(chosen.system.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, NotAList) as error:
        print(f"{error} Fetch both files again.", file=sys.stderr)
        return 1
    text = OURS.read_text(encoding="utf-8")
    if chosen.update:
        OURS.write_text(updated(text, theirs, version), encoding="utf-8")
    else:
        print(report(text, theirs, version, our_dependencies()), end="")
    return 0


def canonical(name):
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(text):
    """Read ``name==version`` lines.

    Parameters
    ----------
    text : str
        What ``pip freeze`` prints, or a file of requirements without markers.

    Returns
    -------
    dict of str to str
        Versions by canonical name; of what was installed from an address, ``ELSEWHERE``.
    """
    found = {}
    for line in text.splitlines():
        match = re.match(r"([A-Za-z0-9][\w.-]*)(?:==(\S+)| @ )", line)
        if match:
            found[canonical(match[1])] = match[2] or ELSEWHERE
    return found


def python_of(text):
    """Python's version, such as "3.13", in the first comment of requirements/colab.txt."""
    return re.match(r"# Python (\d+\.\d+)\n", text)[1]


def published(text):
    """Read Colab's list of packages.

    Parameters
    ----------
    text : str

    Returns
    -------
    dict of str to str
        Versions by canonical name.

    Raises
    ------
    NotAList
        If this is some other text, such as a page that tells of an error, or only a part.
    """
    found = pins(text)
    if len(found) < FEWEST or "tensorflow" not in found:
        raise NotAList(
            f"Expected Colab's list of several hundred packages, TensorFlow among them; got "
            f"{len(found)}."
        )
    return found


def published_python(text):
    """Read the version of Python, such as "3.13", from what Colab tells of its system.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Raises
    ------
    NotAList
        If the text tells of no Python.
    """
    match = re.search(r"^Python (\d+\.\d+)", text, re.M)
    if not match:
        raise NotAList("Expected a line such as 'Python 3.13.5' in what Colab tells of its system.")
    return match[1]


def our_dependencies():
    """Canonical names of what the course itself depends on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [canonical(re.match(r"[\w.-]+", line)[0]) for line in project["dependencies"]]


def report(text, theirs, version, dependencies):
    """Say in Markdown how Colab differs from requirements/colab.txt.

    Parameters
    ----------
    text : str
        That file.
    theirs : dict of str to str
        Colab's versions by canonical name.
    version : str
        Colab's Python, such as "3.13".
    dependencies : list of str
        Canonical names of the course's own dependencies.

    Returns
    -------
    str
        Empty if nothing differs.
    """
    ours, ours_python = pins(text), python_of(text)
    rows = [("Python", ours_python, version)] if version != ours_python else []
    rows += [
        (name, pinned, theirs.get(name, "gone"))
        for name, pinned in sorted(ours.items())
        if theirs.get(name) != pinned
    ]
    rows += [
        (name, "absent", theirs[name])
        for name in sorted(dependencies)
        if name in theirs and name not in ours
    ]
    if not rows:
        return ""
    # What the lessons import comes first; the rest is what these need in turn.
    rows.sort(key=lambda row: row[0] != "Python" and row[0] not in dependencies)
    lines = [
        "Colab's published list differs from `requirements/colab.txt`.",
        "",
        "| package | here | Colab |",
        "| --- | --- | --- |",
        *(f"| {_name(name, dependencies)} | {here} | {there} |" for name, here, there in rows),
        "",
        "Bold: what lessons use directly. To follow Colab, fetch its two lists and run "
        "`python requirements/colab_drift.py pip-freeze.gpu.txt os-info-gpu.txt --update`, "
        "then `make colab`; what it then misses gets a line by hand.",
        "",
    ]
    return "\n".join(lines)


def updated(text, theirs, version):
    """Give requirements/colab.txt Colab's versions.

    Parameters
    ----------
    text : str
        That file. Its packages stay, but for those that Colab has no longer.
    theirs : dict of str to str
        Colab's versions by canonical name.
    version : str
        Colab's Python, such as "3.13".

    Returns
    -------
    str
    """
    kept = [
        name
        for name in {*pins(text), *our_dependencies()}
        if theirs.get(name, ELSEWHERE) != ELSEWHERE
    ]
    comments = [line for line in text.splitlines() if line.startswith("#")][1:]
    lines = [
        f"# Python {version}",
        *comments,
        *(f"{name}=={theirs[name]}" for name in sorted(kept)),
    ]
    return "\n".join(lines) + "\n"


def _name(name, dependencies):
    """A package's name in the table, bold if lessons use it directly."""
    return f"**{name}**" if name == "Python" or name in dependencies else name


if __name__ == "__main__":
    sys.exit(main())
