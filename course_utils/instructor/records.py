"""What grading one submission came to, one file of JSON each, written whole or not at all.

The gradebook holds marks; a record says how far they are to be trusted: whether the submission
was graded, needs somebody's look, or could not be graded, and why.
"""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

GRADED, NEEDS_REVIEW, COULD_NOT_GRADE = STATUSES = ("graded", "needs review", "could not grade")


@dataclass(frozen=True)
class Cell:
    """The mark of one graded cell.

    Attributes
    ----------
    name : str
        Its grade id.
    exercise : str
        The exercise that it belongs to.
    earned : float or None
        None where nobody has marked it yet: a written answer, or a test that could not be run.
        Never 0 for want of a result.
    maximum : float
    written : bool
        Whether this is a written answer, graded by hand.
    message : str
        What the failing test said, for the student; empty if it passed, or was not run.
    again : bool
        Whether somebody gave the points to an earlier version, and should look at this one.
    """

    name: str
    exercise: str
    earned: float | None
    maximum: float
    written: bool
    message: str = ""
    again: bool = False


@dataclass(frozen=True)
class Record:
    """What grading one submission came to.

    Attributes
    ----------
    student, lesson : str
    status : str
        One of `STATUSES`.
    reasons : tuple of str
        Why it needs review or could not be graded; empty if it was graded.
    repairs : tuple of str
        What was mended before it was run.
    cells : tuple of Cell
        In the lesson's order; empty if it could not be graded.
    submission, release : str
        SHA-256 of what was handed in and of the lesson's source: the same pair need not be graded
        again.
    graded : str
        When, as ISO 8601 in UTC.
    """

    student: str
    lesson: str
    status: str
    reasons: tuple
    repairs: tuple
    cells: tuple
    submission: str
    release: str
    graded: str

    @property
    def earned(self):
        """Points earned in tests."""
        return sum(cell.earned or 0 for cell in self.cells if not cell.written)

    @property
    def maximum(self):
        """Most points that tests give."""
        return sum(cell.maximum for cell in self.cells if not cell.written)

    @property
    def by_hand(self):
        """Most points of what someone has to grade: written answers, and tests that did not run."""
        return sum(cell.maximum for cell in self.cells if cell.earned is None)


def record_path(course, student, lesson):
    """Path of a submission's record."""
    return course.build / "grading" / lesson / f"{student}.json"


def write_record(course, record):
    """Write a record, in place of an earlier one.

    Parameters
    ----------
    course : Course
    record : Record
    """
    path = record_path(course, record.student, record.lesson)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(prefix=".record-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(record), file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(path)
    finally:
        Path(aside).unlink(missing_ok=True)


def read_record(course, student, lesson):
    """Read the record of a submission.

    Parameters
    ----------
    course : Course
    student, lesson : str

    Returns
    -------
    Record or None
        None if there is none.
    """
    path = record_path(course, student, lesson)
    try:
        return _read(path)
    except FileNotFoundError:
        return None


def read_records(course, lessons):
    """Read the records of lessons.

    Parameters
    ----------
    course : Course
    lessons : sequence of str

    Returns
    -------
    list of Record
        Sorted by student, then in the order of the lessons.
    """
    records = [
        _read(path)
        for lesson in lessons
        for path in (course.build / "grading" / lesson).glob("[!.]*.json")
    ]
    return sorted(records, key=lambda record: (record.student, lessons.index(record.lesson)))


def _read(path):
    """Read a record from a file."""
    fields = json.loads(path.read_text(encoding="utf-8"))
    cells = tuple(Cell(**cell) for cell in fields.pop("cells"))
    lists = {name: tuple(fields.pop(name)) for name in ("reasons", "repairs")}
    return Record(cells=cells, **lists, **fields)
