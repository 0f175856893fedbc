"""Tell where Colab has moved on from our list of it and from the desk's lock; or renew our list.

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
TAKEN = ROOT / "requirements" / "desk.txt"
LOCK = ROOT / "requirements" / "dev.txt"
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
        print(report(text, theirs, version, our_dependencies(), desk_versions()), end="")
    return 0


def canonical(name):
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(requirement):
    """The canonical name of what a requirement asks for, such as ``urllib3>=2.5``."""
    return canonical(re.match(r"[\w.-]+", requirement)[0])


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
    return [name_of(line) for line in _project()["dependencies"]]


def desk_versions():
    """What the desk's lock has of that which it should have as Colab has it.

    Returns
    -------
    dict of str to str
        Versions by canonical name; Python's best by "Python".
    """
    best = max(re.findall(r"Python :: 3\.(\d+)", "\n".join(_project()["classifiers"])), key=int)
    locked = pins(LOCK.read_text(encoding="utf-8"))
    taken = pins(TAKEN.read_text(encoding="utf-8"))
    return {"Python": f"3.{best}"} | {name: locked.get(name, "absent") for name in taken}


def _project():
    """What the project says of itself."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def report(text, theirs, version, dependencies, desk):
    """Say in Markdown how Colab differs from requirements/colab.txt and the desk's lock.

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
    desk : dict of str to str
        What `desk_versions` gives.

    Returns
    -------
    str
        Empty if nothing differs.
    """
    ours = {"Python": python_of(text)} | pins(text)
    theirs = {"Python": version} | theirs
    names = {*ours, *desk} | {name for name in dependencies if name in theirs}
    rows = [
        (name, ours.get(name, "absent"), desk.get(name, ""), theirs.get(name, "gone"))
        for name in names
    ]
    rows = [row for row in rows if row[1] != row[3] or row[2] not in ("", row[3])]
    if not rows:
        return ""
    # What the lessons import comes first; the rest is what these need in turn.
    first = {name: number for number, name in enumerate(["Python", *sorted(dependencies)])}
    rows.sort(key=lambda row: (first.get(row[0], len(first)), row[0]))
    lines = [
        "Colab's published list differs from `requirements/colab.txt` or from the desk's lock.",
        "",
        "| package | colab.txt | desk | Colab |",
        "| --- | --- | --- | --- |",
        *(
            f"| {_name(name, first)} | {here} | {locked} | {there} |"
            for name, here, locked, there in rows
        ),
        "",
        "Bold: what lessons use directly. No word below desk: one of its tools, of which it has "
        "the newest. To follow Colab, fetch its two lists and run "
        "`python requirements/colab_drift.py pip-freeze.gpu.txt os-info-gpu.txt --update`, "
        "then `make lock` and `make colab`; what the latter misses gets a line by hand.",
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


def _name(name, first):
    """A package's name in the table, bold if lessons use it directly."""
    return f"**{name}**" if name in first else name


if __name__ == "__main__":
    sys.exit(main())
