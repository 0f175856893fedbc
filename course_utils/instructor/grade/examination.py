"""Examine one submission: mend it, then run it. This is what is sent to a worker.

It knows nothing of gradebooks, students or folders, and changes nothing, so any process that has
this package can do it, on this machine or another one.
"""

from contextlib import nullcontext
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import nbformat

from course_utils.instructor.execute.execution import execute
from course_utils.instructor.grade.doubt import doubts
from course_utils.instructor.plain_text import in_one_line
from course_utils.instructor.repair.pieces import name_cells
from course_utils.instructor.repair.repair import repair
from course_utils.instructor.versions import differences

FEW = 4  # cells that are named one by one
LONGEST_REVIEW = 2_000  # characters: some hold words of the student's own


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
    run : str
        What of it was run; see `execution.Execution`.
    """

    notebook: str
    repairs: tuple = ()
    reviews: tuple = ()
    problem: str = ""
    run: str = ""


def examine(
    data,
    source,
    release,
    limits,
    hidden=(),
    confined=True,
    scratch=None,
    owner=None,
    colab=None,
    whole=False,
):
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
    colab : dict of str to str, optional
        The versions that Colab has, by name.
    whole : bool
        Whether to run everything, and not only what tests depend on.

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
            repaired.notebook,
            folder,
            limits,
            whole=whole,
            hidden=hidden,
            confined=confined,
            owner=owner,
        )
    cells = execution.notebook.cells
    alike = {}
    for incident in execution.incidents:
        alike.setdefault(incident.words, []).append(incident.cell)
    reviews = [f"{_called(cells, places)}: {words}" for words, places in alike.items()]
    different = differences(colab or {})
    reasons = doubts(data, execution.notebook, execution.skipped, different)
    reviews = (*repaired.reviews, *reviews, *reasons)
    reviews = tuple(in_one_line(it, LONGEST_REVIEW) for it in reviews)
    notebook = nbformat.writes(execution.notebook)
    return Examined(notebook, repaired.repairs, reviews, run=execution.run)


def _called(cells, places):
    """How a person finds cells: their numbers and, of a few cells, grade ids."""
    places = sorted(set(places))
    if len(places) > FEW:
        ends = [place for place in places if place + 1 not in places]
        starts = [place for place in places if place - 1 not in places]
        numbers = [
            f"{start + 1}–{end + 1}" if end > start else f"{end + 1}"
            for start, end in zip(starts, ends, strict=True)
        ]
        if len(numbers) > FEW:
            numbers = [*numbers[:FEW], f"others up to {places[-1] + 1}"]
    else:
        names = [cells[place].metadata.get("nbgrader", {}).get("grade_id") for place in places]
        numbers = [
            f"{place + 1} ({name})" if name else f"{place + 1}"
            for place, name in zip(places, names, strict=True)
        ]
    return name_cells(numbers)
