"""What grading one submission came to, one file of JSON each, written whole or not at all.

The gradebook holds marks; a record says how far they are to be trusted: whether the submission
was graded, needs somebody's look, or could not be graded, and why. What somebody says who has
looked lies in a file of its own, for the same submission with the same reasons only. So it stands
when that is graded again or grading is killed, and a new version is looked at again.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from course_utils.instructor.course import file_stem
from course_utils.instructor.whole_file import write_whole

GRADED, NEEDS_REVIEW, COULD_NOT_GRADE = ("graded", "needs review", "could not grade")
UNTOUCHED = "untouched"
"""As it was given out: no marks, for nobody knows whether the right file was handed in."""
STATUSES = (GRADED, NEEDS_REVIEW, COULD_NOT_GRADE, UNTOUCHED)


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
    cause : str
        Why it could not pass, found by reading the answer (see `cause`); mostly empty.
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
    cause: str = ""


@dataclass(frozen=True)
class Record:
    """What grading one submission came to.

    Attributes
    ----------
    student, lesson : str
    status : str
        One of `STATUSES`.
    reasons : tuple of str
        Why it needs or needed review, or could not be graded; empty if it was simply graded.
    repairs : tuple of str
        What was mended before it was run.
    cells : tuple of Cell
        In the lesson's order; empty if it could not be graded, or is untouched.
    submission, release : str
        SHA-256 of what was handed in and of the lesson's source: the same pair need not be graded
        again.
    graded : str
        When, as ISO 8601 in UTC.
    reviewed : str
        When somebody looked at it who lets the marks stand; empty if nobody did. Its status is
        `GRADED` then, and its reasons are still told.
    note : str
        What they wrote about it, for instructors.
    run : str
        What of the notebook was run: what tests ``needed``, the ``whole`` of it, or ``both``, one
        after the other, because a test that had not passed could have. Empty if nothing was.
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
    reviewed: str = ""
    note: str = ""
    run: str = ""

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
    return course.build / "grading" / lesson / f"{file_stem(student)}.json"


def write_record(course, record):
    """Write a record, in place of an earlier one.

    Parameters
    ----------
    course : Course
    record : Record
    """
    path = record_path(course, record.student, record.lesson)
    write_whole(path, json.dumps(asdict(record), indent=1).encode())


def sign_off(course, record, note=""):
    """Write down that somebody has looked at a submission that needed review.

    Parameters
    ----------
    course : Course
    record : Record
        As it was when they looked.
    note : str
    """
    review = {
        "submission": record.submission,
        "reasons": record.reasons,
        "reviewed": datetime.now(UTC).isoformat(timespec="seconds"),
        "note": note,
    }
    path = _review_path(record_path(course, record.student, record.lesson))
    write_whole(path, json.dumps(review, indent=1).encode())


def read_record(course, student, lesson, doubts=()):
    """Read the record of a submission.

    Parameters
    ----------
    course : Course
    student, lesson : str
    doubts : sequence of str
        Why it needs review, beside what grading found.

    Returns
    -------
    Record or None
        None if there is none.
    """
    path = record_path(course, student, lesson)
    try:
        return _read(path, tuple(doubts))
    except FileNotFoundError:
        return None


def _read(path, doubts):
    """Read a record from a file, with what somebody says who has looked at the submission."""
    fields = json.loads(path.read_text(encoding="utf-8"))
    cells = tuple(Cell(**cell) for cell in fields.pop("cells"))
    lists = {name: tuple(fields.pop(name)) for name in ("reasons", "repairs")}
    record = Record(cells=cells, **lists, **fields)
    if doubts and record.status in (GRADED, NEEDS_REVIEW):
        record = replace(record, status=NEEDS_REVIEW, reasons=(*record.reasons, *doubts))
    if record.status != NEEDS_REVIEW:
        return record
    try:
        review = json.loads(_review_path(path).read_text(encoding="utf-8"))
        same = review["submission"] == record.submission
        if same and set(record.reasons) <= set(review["reasons"]):
            told = {name: str(review[name]) for name in ("reviewed", "note")}
            return replace(record, status=GRADED, **told)
    except (FileNotFoundError, ValueError, KeyError, TypeError):  # none, or damaged: look again
        pass
    return record


def _review_path(path):
    """Path of the review that belongs to a record's."""
    return path.parent / "reviewed" / path.name
