"""Where every student of a class stands in a lesson: what feedback, exports and status tell.

Points are the gradebook's, those given by hand included; whether they are to be trusted, what was
mended and what tests said comes from the records; who is in the class, from the class list and from
what was handed in.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta

from course_utils.instructor.collect.attempts import partners_of, read_collected
from course_utils.instructor.collect.names import CANVAS, MOODLE
from course_utils.instructor.collect.roster import read_class
from course_utils.instructor.course import lesson_names
from course_utils.instructor.gradebook.marks import read_marks
from course_utils.instructor.gradebook.records import (
    COULD_NOT_GRADE,
    GRADED,
    NEEDS_REVIEW,
    UNTOUCHED,
    read_record,
)
from course_utils.instructor.lessons.exercises import read_exercises, read_source
from course_utils.instructor.report.late import late_by, read_rules
from course_utils.instructor.whole_file import file_digest

NOT_GRADED, NOT_HANDED_IN = "not graded yet", "not handed in"
STATES = (GRADED, NEEDS_REVIEW, COULD_NOT_GRADE, UNTOUCHED, NOT_GRADED, NOT_HANDED_IN)


@dataclass(frozen=True)
class Given:
    """What was given for one graded cell.

    Attributes
    ----------
    cell, exercise : str
        Its grade id, and the exercise that it belongs to.
    earned : float or None
        None if nobody has marked it yet.
    maximum : float
    written : bool
        Whether it is a written answer.
    by_hand : bool
        Whether a person gave the points.
    again : bool
        Whether a person gave them to an earlier version, and should look at this one.
    message, cause : str
        What the failing test said, and why it could not pass; see `records.Cell`.
    comment : str
        What a person wrote about it.
    """

    cell: str
    exercise: str
    earned: float | None
    maximum: float
    written: bool
    by_hand: bool = False
    again: bool = False
    message: str = ""
    cause: str = ""
    comment: str = ""


@dataclass(frozen=True)
class Standing:
    """Where a student stands in a lesson.

    Attributes
    ----------
    student, lesson : str
    state : str
        One of `STATES`.
    maximum : float
        Most points that the lesson gives.
    name, email : str
        Empty if they are not known.
    numbers : dict of str to str
        Under which number a platform ("Moodle", "Canvas") knows the student.
    sis_user, sis_login : str
        What Canvas's gradebook, as class list, calls ``SIS User ID`` and ``SIS Login ID``.
    received : str or None
        When it was handed in, as ISO 8601 in UTC.
    at_latest : bool
        Whether that is only when somebody downloaded it; it was handed in before.
    late : bool or None
        None if that cannot be told.
    due : str or None
        Until when it could be handed in, as ISO 8601 in UTC; None if nobody said.
    reasons, repairs : tuple of str
        Why it is not, or was not at first, simply graded; what was mended.
    reviewed, note : str
        When somebody looked at it and let the marks stand, and what they wrote about it, for
        instructors; empty if nobody did.
    given : tuple of Given
        In the lesson's order; empty unless there are marks to be told.
    outdated : bool
        Whether the lesson has changed since it was graded.
    late_by : timedelta or None
        By how much it was late; None if it was not, or that is not known.
    deducted : float
        What the course's rules take off for that; it is not taken off ``earned``.
    oddities : tuple of str
        What collecting found odd.
    partners : tuple of str
        Ids of those with whom it was handed in.
    """

    student: str
    lesson: str
    state: str
    maximum: float
    name: str = ""
    email: str = ""
    numbers: dict = field(default_factory=dict)
    sis_user: str = ""
    sis_login: str = ""
    received: str | None = None
    at_latest: bool = False
    late: bool | None = False
    due: str | None = None
    reasons: tuple = ()
    repairs: tuple = ()
    reviewed: str = ""
    note: str = ""
    given: tuple = ()
    outdated: bool = False
    late_by: timedelta | None = None
    deducted: float = 0.0
    oddities: tuple = ()
    partners: tuple = ()

    @property
    def score(self):
        """Points after what is taken off for being late; None if there are no marks."""
        return None if self.earned is None else self.earned - self.deducted

    @property
    def earned(self):
        """Points so far; None if there are no marks."""
        return sum(it.earned or 0 for it in self.given) if self.given else None

    @property
    def open(self):
        """Most points of what nobody has marked yet; None if there are no marks."""
        return sum(it.maximum for it in self.given if it.earned is None) if self.given else None

    @property
    def again(self):
        """Points given by hand to an earlier version; None if there are no marks."""
        return sum(it.earned for it in self.given if it.again) if self.given else None

    @property
    def waiting(self):
        """What a person has to mark, or to look at again."""
        return tuple(it for it in self.given if it.earned is None or it.again)


def begun_lessons(course):
    """Tell which lessons somebody has handed in.

    Parameters
    ----------
    course : Course

    Returns
    -------
    list of str
        In the course's order.
    """
    return [
        lesson
        for lesson in lesson_names(course)
        if any(path.is_dir() for path in course.submitted.glob(f"*/{lesson}"))
    ]


def read_standings(course, lesson):
    """Tell where everybody stands in a lesson.

    Parameters
    ----------
    course : Course
    lesson : str

    Returns
    -------
    list of Standing
        One for everybody on the class list and everybody who handed in anything, by student.

    Raises
    ------
    CourseError
        If the class list or the list of what was collected cannot be read.
    GradebookError
        If the gradebook cannot be used.
    """
    exercises = read_exercises(read_source(course.source(lesson)))
    maximum = sum(sum(exercise.points.values()) for exercise in exercises.values())
    collected = read_collected(course, lesson)
    roster = read_class(course)
    people = {person.id: person for person in (roster.people if roster else ())}
    students = {*people, *collected, *_folders(course.submitted)}
    marks = read_marks(course.gradebook_url, lesson)
    moodle = _moodles_numbers(roster, collected)
    rules = read_rules(course)
    standings = []
    for student in sorted(students):
        entry, person = collected.get(student), people.get(student)
        told = _told(course, student, lesson, marks.get(student, {}), entry)
        numbers = {entry.system: entry.number} if entry and entry.number else {}
        if student in moodle:
            numbers[MOODLE] = moodle[student]
        if person and person.canvas:
            numbers[CANVAS] = person.canvas
        late = entry.late if entry else False
        at_latest = bool(entry and entry.attempts[0].of_download)
        # Canvas tells who is late, and not by how much: the download came later still.
        passed = late_by(entry.received, entry.due) if late and not at_latest else None
        it = Standing(
            student=student,
            lesson=lesson,
            maximum=maximum,
            name=person.name if person else "".join(entry.names[:1]) if entry else "",
            email=person.email if person else "",
            numbers=numbers,
            sis_user=person.sis_user if person else "",
            sis_login=person.sis_login if person else "",
            received=entry.received if entry else None,
            at_latest=at_latest,
            late=late,
            late_by=passed,
            oddities=entry.oddities if entry else (),
            partners=partners_of(entry, collected) if entry else (),
            due=entry.due if entry else None,
            **told,
        )
        if passed and it.earned:
            it = replace(it, deducted=rules.deduction(it.earned, it.maximum, passed))
        standings.append(it)
    return standings


def _moodles_numbers(roster, collected):
    """Numbers of students in the assignment whose worksheet is this lesson's; each has others."""
    used = {it.number for it in collected.values() if it.system == MOODLE and it.number}
    return {
        told.id: number
        for sheet in (roster.worksheets if roster else ())
        if used & sheet.participants.keys()
        for number, told in sheet.participants.items()
    }


def _folders(place):
    """Names of the folders in a folder."""
    return [path.name for path in place.glob("[!.]*") if path.is_dir()]


def doubts(course, entry):
    """Tell why somebody should look which of a student's notebooks counts.

    Parameters
    ----------
    course : Course
    entry : Collected or None

    Returns
    -------
    tuple of str
        Empty if somebody has put another one in its place since.
    """
    if not entry or not entry.doubts:
        return ()
    counts = file_digest(course.submission(entry.student, entry.lesson))
    return entry.doubts if counts == entry.sha256 else ()


def _told(course, student, lesson, marks, entry):
    """What the record and the gradebook tell of a submission."""
    handed_in = (course.submitted / student / lesson).is_dir()
    try:
        record = read_record(course, student, lesson, doubts(course, entry))
    except (ValueError, KeyError, TypeError):
        again = "what was written down of its grading is damaged: grade it again with --force"
        return {"state": NOT_GRADED, "reasons": (again,)}
    if record is None:
        return {"state": NOT_GRADED if handed_in else NOT_HANDED_IN}
    if handed_in and record.submission != (file_digest(course.submission(student, lesson)) or ""):
        return {"state": NOT_GRADED, "reasons": ("handed in again since it was graded",)}
    told = {
        "state": record.status,
        "reasons": record.reasons,
        "repairs": record.repairs,
        "reviewed": record.reviewed,
        "note": record.note,
        "outdated": record.release != file_digest(course.source(lesson)),
    }
    if record.status in (COULD_NOT_GRADE, UNTOUCHED):
        return told
    lost = [cell.name for cell in record.cells if cell.name not in marks]
    if lost or not record.cells:
        why = "the gradebook holds no marks of it: grade it again with --force"
        return {"state": NOT_GRADED, "reasons": (why,)}
    told["given"] = tuple(
        Given(
            cell=cell.name,
            exercise=cell.exercise,
            maximum=cell.maximum,
            written=cell.written,
            message=cell.message,
            cause=cell.cause,
            **asdict(marks[cell.name]),
        )
        for cell in record.cells
    )
    return told
