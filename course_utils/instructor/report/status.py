"""How far a class has come: who handed in what, what came of it, and which command comes next."""

from dataclasses import dataclass

from course_utils.instructor.collect.attempts import read_collected
from course_utils.instructor.collect.collect import UNPLACED
from course_utils.instructor.course import lesson_names
from course_utils.instructor.gradebook.records import (
    COULD_NOT_GRADE,
    GRADED,
    NEEDS_REVIEW,
    UNTOUCHED,
)
from course_utils.instructor.report.standing import NOT_GRADED, NOT_HANDED_IN, read_standings

FORMGRADER = "run make lab, and open /formgrader at the address that it prints"


@dataclass(frozen=True)
class Status:
    """How far a lesson has come.

    Attributes
    ----------
    lesson : str
    by_state : dict of str to list of Standing
        By what came of it: `GRADED` and so on.
    late, unknown : list of Standing
        Handed in late; handed in at a time that cannot be told.
    waiting : list of Standing
        With something that a person has to mark, or to look at again.
    outdated : list of Standing
        Graded by the lesson as it was before it changed.
    unreleased : bool
        Whether the lesson was edited since its release.
    reviewed : list of Standing
        Needed review, and got it.
    """

    lesson: str
    by_state: dict
    late: list
    unknown: list
    waiting: list
    outdated: list
    unreleased: bool
    reviewed: list

    @property
    def handed_in(self):
        """How many handed in."""
        return sum(len(its) for state, its in self.by_state.items() if state != NOT_HANDED_IN)


def read_status(course, lesson):
    """Tell how far a lesson has come.

    Parameters
    ----------
    course : Course
    lesson : str

    Returns
    -------
    Status

    Raises
    ------
    CourseError
        If a list of the course is damaged.
    """
    by_state = {}
    for it in read_standings(course, lesson):
        by_state.setdefault(it.state, []).append(it)
    there = [it for state, its in by_state.items() if state != NOT_HANDED_IN for it in its]
    marked = [it for it in there if it.state != NOT_GRADED]
    return Status(
        lesson=lesson,
        by_state=by_state,
        late=[it for it in there if it.late],
        unknown=[it for it in there if it.late is None],
        waiting=[it for it in marked if it.waiting],
        outdated=[it for it in marked if it.outdated],
        unreleased=_is_unreleased(course, lesson),
        reviewed=[it for it in marked if it.reviewed],
    )


def _is_unreleased(course, lesson):
    """Whether a lesson was edited since it was released, or has not been."""
    released = course.released(lesson)
    edited = course.source(lesson).stat().st_mtime_ns
    return not released.is_file() or released.stat().st_mtime_ns < edited


def next_steps(statuses):
    """Tell what to do next.

    Parameters
    ----------
    statuses : sequence of Status

    Returns
    -------
    list of str
        Sentences, each with a command; the most urgent first.
    """
    lessons = [it for it in statuses if it.handed_in]
    if not lessons:
        return ["Nobody handed in anything yet. Collect what students sent: course collect INBOX"]

    steps = []
    # A lesson that has merely been copied or checked out is newer than its release, too.
    changed = [it.lesson for it in lessons if it.outdated and it.unreleased]
    if changed:
        steps.append(f"Release what has changed: course release {' '.join(changed)}")
    waiting = [it.lesson for it in lessons if it.by_state.get(NOT_GRADED) or it.outdated]
    if waiting:
        asked = " ".join(f"--lesson {lesson}" for lesson in waiting)
        steps.append(f"Grade what is new: course grade {asked}")
    if any(it.by_state.get(COULD_NOT_GRADE) for it in lessons):
        steps.append(
            "Ask those whose notebooks could not be graded for new ones; then: course collect "
            "INBOX, and: course grade"
        )
    if any(it.by_state.get(UNTOUCHED) for it in lessons):
        steps.append(
            "Ask those who handed in an untouched notebook whether it was the wrong file; their "
            "pages say so, too"
        )
    steps += [
        f"Look at what needs review: course mark {it.lesson}. Or {FORMGRADER}; then, for each: "
        "course review STUDENT LESSON"
        for it in lessons
        if it.by_state.get(NEEDS_REVIEW)
    ]
    steps += [
        f"Give marks by hand ({len(it.waiting)} wait): course mark {it.lesson}"
        for it in lessons
        if it.waiting
    ]
    last = (
        "Write the students' pages: course feedback; hand out build/feedback; then: course export, "
        "and: course report"
    )
    return [*steps, f"{'When that is done: w' if steps else 'W'}{last[1:]}"]


def counts(status):
    """Numbers of a lesson, in the order of a table: states first, then what cuts across them.

    Parameters
    ----------
    status : Status

    Returns
    -------
    list of int
        Handed in, graded, needs review, could not grade, untouched, not graded yet, not handed in,
        late, to mark by hand.
    """
    states = (GRADED, NEEDS_REVIEW, COULD_NOT_GRADE, UNTOUCHED, NOT_GRADED, NOT_HANDED_IN)
    numbers = [len(status.by_state.get(state, ())) for state in states]
    return [status.handed_in, *numbers, len(status.late), len(status.waiting)]


def unplaced(course):
    """List the files that collecting found no place for, and nobody has collected since.

    Parameters
    ----------
    course : Course

    Returns
    -------
    list of str
        Names in ``build/unplaced``.

    Raises
    ------
    CourseError
        If the list of what was collected is damaged.
    """
    placed = {
        attempt.sha256[:8]
        for lesson in lesson_names(course)
        for entry in read_collected(course, lesson).values()
        for attempt in entry.attempts
    }
    files = (course.build / UNPLACED).glob("*")
    return sorted(it.name for it in files if it.name.partition("-")[0] not in placed)
