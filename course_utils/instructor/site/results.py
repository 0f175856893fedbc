"""Results of a real run of a lesson, kept by what they depend on.

They depend on the code that was run, on the package that students get, on the versions of what it
calls, and on the profile. A changed sentence needs no new run.
"""

import json
import platform
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import nbformat

from course_utils.instructor.course import CourseError
from course_utils.instructor.lessons.cell_text import made_and_read
from course_utils.instructor.lessons.running import CellError, run_cells
from course_utils.instructor.site.editions import ANSWER, TESTS, Edition
from course_utils.instructor.whole_file import write_whole

PLACE = "results"
NAMED = ("tensorflow", "keras", "numpy", "scikit-learn", "matplotlib", "umap-learn")
SECONDS_A_CELL = {"fast": 300, "full": 7200}
ASK_FOR_DEVICE = """\
import os, sys
from course_utils import devices
tensorflow = sys.modules.get("tensorflow")
print(devices.describe(tensorflow and devices.find_graphics(tensorflow), os.cpu_count()))"""


class RunError(CourseError):
    """A lesson did not run to its end; the text says where and why."""


@dataclass(frozen=True)
class Results:
    """What came out of a run.

    Attributes
    ----------
    outputs : list of (list of dict or None)
        Outputs of each code cell in order; None of one that was not run.
    profile, device, day : str
        "fast" or "full"; such as "CPU (2 cores)"; such as "2026-11-30".
    versions : dict of str to str
        By the names of packages, "Python" among them.
    seconds : float
        How long the run took.
    """

    outputs: list
    profile: str
    device: str
    day: str
    versions: dict
    seconds: float


def kept_results(course, notebook, edition, profile):
    """Give the results of an earlier run of the same code, if they are kept.

    Parameters
    ----------
    course : Course
    notebook : NotebookNode
        As ``read_edition`` gives it.
    edition : Edition
    profile : str

    Returns
    -------
    Results or None
    """
    try:
        return Results(**json.loads(_path(course, notebook, edition, profile).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def run(course, lesson, notebook, edition, profile, on_cell=lambda number, total: None):
    """Run a lesson and keep its results.

    Of the students' edition, neither answers nor tests are run, nor what reads an answer.

    Parameters
    ----------
    course : Course
    lesson : str
    notebook : NotebookNode
        As ``read_edition`` gives it; not changed.
    edition : Edition
    profile : str
        "fast" or "full".
    on_cell : function of (int, int), optional
        Told the cell's number, from 1, and how many there are, before each cell.

    Returns
    -------
    Results

    Raises
    ------
    RunError
        If a cell raises, takes too long or ends the kernel.
    """
    chosen = runnable(notebook, edition)
    trial = nbformat.v4.new_notebook(metadata=notebook.metadata)
    trial.cells = [nbformat.v4.new_code_cell(it.source) for it, runs in chosen if runs]
    trial.cells.append(nbformat.v4.new_code_cell(ASK_FOR_DEVICE))
    started = monotonic()
    _execute(trial, course, lesson, profile, on_cell)
    seconds = monotonic() - started
    *outputs, device = (cell.outputs for cell in trial.cells)
    outputs = iter(outputs)
    results = Results(
        outputs=[next(outputs) if runs else None for _, runs in chosen],
        profile=profile,
        device=device[0].text.strip(),
        day=date.today().isoformat(),
        versions=_versions(),
        seconds=round(seconds, 1),
    )
    path = _path(course, notebook, edition, profile)
    write_whole(path, json.dumps(asdict(results)).encode())
    return results


def runnable(notebook, edition):
    """Tell of each code cell whether it is run.

    Parameters
    ----------
    notebook : NotebookNode
    edition : Edition

    Returns
    -------
    list of (NotebookNode, bool)
    """
    waiting, found = set(), []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        made, read = made_and_read(cell.source)
        own = {ANSWER, TESTS}.intersection(cell.metadata.tags)
        waits = edition is Edition.students and bool(own or waiting & (read - made))
        waiting = waiting | made if waits else waiting - made
        found.append((cell, not waits))
    return found


def _execute(trial, course, lesson, profile, on_cell):
    """Execute a notebook in place, in a folder in which nothing lies from before."""
    log = course.logs / f"site-{lesson}.log"
    try:
        with TemporaryDirectory() as folder:
            run_cells(trial, folder, log, profile, SECONDS_A_CELL[profile], on_cell)
    except CellError as error:
        raise RunError(f"{lesson}: {error}") from error


def _path(course, notebook, edition, profile):
    """Where the results of this code lie."""
    parts = [edition, profile, json.dumps(_versions()), _package_digest()]
    parts += [f"{runs} {cell.source}" for cell, runs in runnable(notebook, edition)]
    key = sha256("\0".join(parts).encode()).hexdigest()
    return course.build / PLACE / f"{key}.json"


def _versions():
    """Python's version, and those of the packages that decide what lessons show."""
    found = {"Python": platform.python_version()}
    for name in NAMED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _package_digest():
    """SHA-256 of all that students get of the package that is imported here."""
    import course_utils

    digest, root = sha256(), Path(course_utils.__file__).parent
    for path in sorted(root.rglob("*")):
        inner = path.relative_to(root)
        if path.is_file() and not {"instructor", "__pycache__"}.intersection(inner.parts):
            digest.update(f"{inner.as_posix()}\0".encode() + sha256(path.read_bytes()).digest())
    return digest.hexdigest()
