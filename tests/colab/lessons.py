"""Run a released lesson, its exercises solved, as a student does in Colab."""

import json
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nbformat

from course_utils.instructor.lessons.exercises import inject, read_exercises
from course_utils.instructor.repair.repair import repair
from tests.colab import environment, runtime
from tests.colab.round_trip import as_colab_saves

EXECUTE = Path(__file__).with_name("execute.py")
SET_UP = "set_up_colab("
"""What the setup cell, and no other, calls."""
CELL_SECONDS = 900


@dataclass(frozen=True)
class Run:
    """What came of a lesson.

    Attributes
    ----------
    lesson : str
    problem : str
        Why it is red; empty if it is green.
    seconds : float
        From an idle machine to the end of the last cell.
    set_up_seconds : float
        Of these, what the setup cell took.
    changes : environment.Changes
        What differs in the environment when it has ended.
    """

    lesson: str
    problem: str
    seconds: float
    set_up_seconds: float
    changes: environment.Changes


def solved(course, lesson):
    """The release of a lesson with the reference solutions in it."""
    source = nbformat.read(course.source(lesson), as_version=4)
    released = nbformat.read(course.released(lesson), as_version=4)
    return inject(released, {name: it.solution for name, it in read_exercises(source).items()})


def run_lesson(course, lesson, folder, address):
    """Run a lesson's release, solved, in an environment; leave the environment as it was.

    Parameters
    ----------
    course : Course
        Its release is what students get.
    lesson : str
    folder : Path
        The environment.
    address : str
        Where the release's files are served.

    Returns
    -------
    Run
        The executed notebook lies in ``executed`` below the course's build folder.
    """
    before = environment.snapshot(folder)
    executed = course.build / "executed" / f"{lesson}.ipynb"
    started = time.monotonic()
    try:
        said = run_notebook(solved(course, lesson), lesson, folder, executed, address)
        seconds = time.monotonic() - started
        found = environment.changes(before, environment.snapshot(folder))
    finally:
        environment.restore(folder, before)
    if said:
        return Run(lesson, said, seconds, 0.0, found)
    notebook = nbformat.read(executed, as_version=4)
    problem = (
        first_problem(notebook)
        or why_not_done(notebook)
        or why_not_gradable(course, lesson, notebook)
    )
    return Run(lesson, problem, seconds, set_up_seconds(notebook), found)


def run_notebook(notebook, name, folder, executed, address, content=None, **more):
    """Run a notebook in an environment, in the form in which Colab keeps it.

    Parameters
    ----------
    notebook : NotebookNode
    name : str
        Of its file.
    folder : Path
        The environment.
    executed : Path
        Gets it, run.
    address : str
        Where the release's files are served.
    content : Path, optional
        The folder to run it in; without, a new one, outside of the course.
    **more : str
        Further environment variables.

    Returns
    -------
    str
        Why it could not be run at all; empty if it was, even if a cell failed.
    """
    executed.parent.mkdir(parents=True, exist_ok=True)
    executed.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="colab-") as machine:
        machine = Path(machine)
        place = content or machine / "content"
        place.mkdir(exist_ok=True)
        path = place / f"{name}.ipynb"
        path.write_text(json.dumps(as_colab_saves(notebook)), encoding="utf-8")
        done = subprocess.run(
            [environment.python(folder), EXECUTE, path, executed, str(CELL_SECONDS)],
            env=runtime.variables(machine, address, notebook=path) | more,
            cwd=place,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
    if executed.exists():
        return ""
    return (done.stderr.strip() or "it ended without a word").splitlines()[-1]


def first_problem(notebook):
    """The first error in an executed notebook, with the cell's first line; empty if there is none.

    Parameters
    ----------
    notebook : NotebookNode

    Returns
    -------
    str
    """
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                first = cell.source.strip().partition("\n")[0]
                return f"cell {number} ({first}): {output.ename}: {output.evalue}"
    return notebook.metadata.get("stopped", "")


def texts(cells):
    """Everything that executed cells show as text, errors as a student sees them."""
    shown = []
    for cell in cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                shown.append(output.text)
            elif output.output_type == "error":
                shown.append("\n".join(output.traceback))
            else:
                shown.append(output.data.get("text/plain", ""))
    return "\n".join(shown)


def why_not_done(notebook):
    """What "Before you hand in" says of a notebook in which all is done, if it is not that.

    Parameters
    ----------
    notebook : NotebookNode
        Executed; the check is its last cell.

    Returns
    -------
    str
    """
    said = texts(notebook.cells[-1:]).strip()
    if re.match(r"Lesson .+: (\d+) of \1 exercises done\.\n", said):
        return ""
    return f"the last cell says: {said[:300] or 'nothing'}"


def why_not_gradable(course, lesson, notebook):
    """Why a notebook, downloaded from Colab now, would not be graded as it is; empty if it is."""
    handed_in = json.dumps(as_colab_saves(notebook)).encode()
    places = course.source(lesson), course.released(lesson)
    result = repair(handed_in, *(nbformat.read(place, as_version=4) for place in places))
    return "; ".join(filter(None, (result.problem, *result.reviews)))


def set_up_seconds(notebook):
    """How long the setup cell of an executed notebook took."""
    (cell,) = (it for it in notebook.cells if it.cell_type == "code" and SET_UP in it.source)
    times = cell.metadata["execution"]
    begin, end = (
        datetime.fromisoformat(times[it].replace("Z", "+00:00"))
        for it in ("iopub.execute_input", "shell.execute_reply")
    )
    return (end - begin).total_seconds()
