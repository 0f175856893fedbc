"""Run a lesson as it is, or with other seeds, and keep what its variables then were."""

import shutil
import subprocess
import tempfile
import time
from datetime import date
from hashlib import sha256
from pathlib import Path

import nbformat

import course_utils
from course_utils.instructor.environment import environment
from course_utils.instructor.lessons.exercises import read_source
from course_utils.instructor.lessons.running import run_cells
from course_utils.instructor.measure import variables
from course_utils.instructor.measure.seeds import reseeded

PACKAGE = Path(course_utils.__file__).parents[1]
EXERCISES = "## Exercises"
KEEP = """\
from course_utils.instructor.measure import variables as _variables
from pathlib import Path as _Path
_variables.write(_Path({path!r}), _variables.known(globals()))"""


def experiment(notebook):
    """Give a lesson's cells as far as its exercises.

    Parameters
    ----------
    notebook : NotebookNode

    Returns
    -------
    list of NotebookNode
    """
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and cell.source.startswith(EXERCISES):
            return notebook.cells[:number]
    return list(notebook.cells)


def code_digest(notebook):
    """Give eight hexadecimal digits that tell the code of a lesson's experiments from any other.

    Parameters
    ----------
    notebook : NotebookNode

    Returns
    -------
    str
    """
    code = [cell.source for cell in experiment(notebook) if cell.cell_type == "code"]
    return sha256("\0".join(code).encode()).hexdigest()[:8]


def place(course, lesson, profile, run):
    """Where the outcome of a run is kept: one file for its code, profile and number.

    Parameters
    ----------
    course : Course
    lesson : str
    profile : str
    run : int

    Returns
    -------
    Path
    """
    digest = code_digest(read_source(course.source(lesson)))
    return course.build / "measured" / lesson / f"{profile}-{digest}-{run}.pickle"


def measure(course, lesson, profile, run, on_cell=lambda number, total: None):
    """Run a lesson once, in a folder of its own, and keep its outcome.

    Nothing of another run is used: networks that lessons keep are kept in that folder.

    Parameters
    ----------
    course : Course
    lesson : str
    profile : str
        ``"full"`` or ``"fast"``.
    run : int
        0 for the lesson's own seeds, else which others (see `seeds.reseeded`).
    on_cell : callable
        Told the cell's number, from 1, and how many there are, before each cell.

    Returns
    -------
    dict
        ``variables`` by name, ``seconds``, ``processor_seconds``, ``device``, ``versions``,
        ``data`` (source by name), ``date`` and ``commit``.

    Raises
    ------
    CellError
        If a cell does not run.
    """
    notebook = read_source(course.source(lesson))
    target = place(course, lesson, profile, run)
    with tempfile.TemporaryDirectory(prefix="course-measure-") as scratch:
        kept = Path(scratch) / "outcome"
        folder = Path(shutil.copytree(course.source(lesson).parent, Path(scratch) / lesson))
        log = course.logs / f"measure-{lesson}.log"
        started = time.monotonic()
        with environment({"PYTHONPATH": str(PACKAGE)}):  # the folder lies outside of it
            run_cells(_reseeded(notebook, run, kept), folder, log, profile, None, on_cell)
        seconds = time.monotonic() - started
        outcome = variables.read(kept)
    outcome |= {"seconds": seconds, "date": date.today().isoformat(), "commit": commit(course)}
    variables.write(target, outcome)
    return outcome


def _reseeded(notebook, run, kept):
    """A notebook of a lesson's experiments, with moved seeds, that keeps its variables."""
    made = nbformat.v4.new_notebook(metadata=notebook.metadata)
    for cell in experiment(notebook):
        if cell.cell_type == "code":
            made.cells.append(nbformat.v4.new_code_cell(reseeded(cell.source, run)))
    made.cells.append(nbformat.v4.new_code_cell(KEEP.format(path=str(kept))))
    return made


def commit(course):
    """Name the commit that the course is at, with a + if files differ from it.

    Parameters
    ----------
    course : Course

    Returns
    -------
    str
        ``"unknown"`` where git does not know.
    """
    try:
        head = _git(course, "rev-parse", "--short", "HEAD")
        changed = _git(course, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}{'+' if changed else ''}"


def _git(course, *words):
    """What git says."""
    command = ["git", "-C", str(course.root), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
