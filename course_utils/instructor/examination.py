"""Examine one submission: mend it, then run it. This is what is sent to a worker.

It knows nothing of gradebooks, students or folders, and changes nothing, so any process that has
this package can do it, on this machine or another one.
"""

from contextlib import nullcontext
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import nbformat

from course_utils.instructor.execution import execute
from course_utils.instructor.repair import repair


@dataclass(frozen=True)
class Examined:
    """A submission after it was mended and run.

    Attributes
    ----------
    notebook : str
        The executed notebook as JSON; empty if there is a problem.
    repairs : tuple of str
        What was mended.
    reviews : tuple of str
        What a person should look at before the marks are believed.
    problem : str
        Why it could not be examined; empty if it was.
    """

    notebook: str
    repairs: tuple = ()
    reviews: tuple = ()
    problem: str = ""


def examine(data, source, release, limits, hidden=(), confined=True, scratch=None, owner=None):
    """Mend and run a submission.

    Parameters
    ----------
    data : bytes
        The file as it was handed in.
    source, release : str
        The lesson with its solutions, and as students got it; notebooks as JSON.
    limits : Limits
    hidden : sequence of Path
        What the student's code must not see, wherever it lies.
    confined : bool
        Whether to run it in a sandbox.
    scratch : Path, optional
        Where to make its working folder if it runs unconfined; the system's own place, if not
        given. Who kills this process should clear it.
    owner : str, optional
        On whose behalf this is done, for `execution.interrupt`.

    Returns
    -------
    Examined

    Raises
    ------
    OSError
        If no kernel could be started, confined as asked for.
    """
    source, release = (nbformat.reads(text, as_version=4) for text in (source, release))
    repaired = repair(data, source, release)
    if repaired.problem:
        return Examined("", repaired.repairs, repaired.reviews, repaired.problem)
    if scratch:
        scratch.mkdir(parents=True, exist_ok=True)
    # The folder is empty: files that lie beside a submission are never run.
    passing = nullcontext() if confined else TemporaryDirectory(prefix="submission-", dir=scratch)
    with passing as folder:
        execution = execute(
            repaired.notebook, folder, limits, hidden=hidden, confined=confined, owner=owner
        )
    cells = execution.notebook.cells
    reviews = [*repaired.reviews]
    reviews += [
        f"{_called(cells, incident.cell)}: {incident.words}" for incident in execution.incidents
    ]
    return Examined(nbformat.writes(execution.notebook), repaired.repairs, tuple(reviews))


def _called(cells, place):
    """How a person finds a cell: its number and, if it has one, its grade id."""
    name = cells[place].metadata.get("nbgrader", {}).get("grade_id")
    return f"cell {place + 1} ({name})" if name else f"cell {place + 1}"
