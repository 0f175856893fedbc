"""`course roster`, `due` and `collect`: who is in the class, until when, and what came in."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from course_utils.instructor.cli.terminal import cell, console, progress, say
from course_utils.instructor.clock import read_deadline, shown
from course_utils.instructor.course import (
    CourseError,
    choose_lessons,
    find_course,
    lesson_names,
)
from course_utils.instructor.plain_text import first_few, in_one_sentence

Inboxes = Annotated[
    list[Path],
    typer.Argument(
        metavar="INBOX...",
        help="A folder or zip of what students sent, as Moodle, Canvas or a person made it; "
        "it is only read.",
        show_default=False,
    ),
]
Roster = Annotated[
    Path | None,
    typer.Option(
        help="A class list (id, name, email), or what a learning platform exports; see course "
        "roster. It is kept for later calls.",
        show_default=False,
    ),
]
Due = Annotated[
    list[str] | None,
    typer.Option(
        help="When a lesson was due, as LESSON=2026-12-01T18:00 or, until the end of a day, "
        "LESSON=2026-12-01; see course due. Kept for later calls.",
        show_default=False,
    ),
]
Lists = Annotated[
    list[Path],
    typer.Argument(
        help="Class lists: columns id, name, email, group; or what Moodle, Canvas, Gradescope, "
        "GitHub Classroom, Blackboard, Brightspace or ILIAS export, in any language (CSV, XLSX).",
        show_default=False,
    ),
]
Dates = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="LESSON=DATE",
        help="2026-12-01 is the end of that day, 2026-12-01T18:00 that whole minute; in the "
        "course's zone, or another one: 2026-12-01T18:00+01:00.",
        show_default=False,
    ),
]
Ids = Annotated[
    list[str] | None,
    typer.Option(help="For this student only: an extension. May be given again."),
]


def collect(inboxes: Inboxes, roster: Roster = None, due: Due = None):
    """Put what students handed in where it is graded from; keep every attempt."""
    course = find_course()
    dates = read_dates_given(course, due or [])
    succeeded = [_collect(course, inbox, roster, dates) for inbox in inboxes]
    return all(succeeded)


def _collect(course, inbox, roster, dates):
    """Collect an inbox; returns whether something was in it, and all of it is in place."""
    from course_utils.instructor.collect.collect import collect

    with progress(f"collect {inbox.name}") as tell:
        result = collect(course, inbox, roster, dates, tell)
    if result.rows:
        console.print(_table(course, result.rows))
        say_dates(course, {entry.lesson for entry in result.rows})
    students = len({entry.student for entry in result.rows})
    say(f"Notebooks: {len(result.rows)}; students: {students}; new attempts: {result.new}")
    for note in result.notes:
        say(f"Note: {note}")
    if result.unplaced:
        say(f"Not placed ({len(result.unplaced)}):", style="red")
        _say_why(course, result.unplaced)
    if result.placed:
        say(f"Placed by hand before, so left out here: {', '.join(result.placed)}")
    if not result.rows and not result.unplaced and not result.placed:
        say("There is nothing in it that students could have handed in.")
    return bool(result.rows or result.placed) and not result.unplaced


def _say_why(course, unplaced):
    """Say why files have no place, once for those that have none for the same reason."""
    reasons = {}
    for file in unplaced:
        reasons.setdefault((file.why, file.advice), []).append(file)
    for (why, advice), files in reasons.items():
        for file in files:
            copy = f" (copied to {file.copy.relative_to(course.root)})" if file.copy else ""
            say(f"  {file.path}{copy}")
        say(f"    {why[:1].upper()}{why[1:]}. {advice}")


def roster(lists: Lists):
    """Add class lists to those given before: people are merged, and keep their ids."""
    from course_utils.instructor.collect.collect import alone
    from course_utils.instructor.collect.roster import ROSTER, add_list

    course = find_course()
    with alone(course):
        for path in lists:
            added = add_list(course, path)
            for note in added.notes:
                say(f"{path.name}: {note}")
    say(f"Class: {len(added.people)} people, in {course.build / ROSTER}")
    untold = [it.id for it in added.people if not it.email]
    if untold and len(untold) < len(added.people):
        say(f"Without e-mail address: {first_few(untold, 12)}")
    moodle = sum(len(sheet.participants) for sheet in added.worksheets)
    if moodle:
        say(f"Moodle's numbers: {moodle}, of {len(added.worksheets)} assignments")
    return True


def due(dates: Dates = None, student: Ids = None):
    """Say when lessons are due, for all or for some students; without dates, tell what is known."""
    from course_utils.instructor.collect.dates import set_dates

    course = find_course()
    given = read_dates_given(course, dates or [])
    if student and not given:
        raise CourseError("Give a date: course due LESSON=DATE --student ID")
    if given:
        _check_students(course, student or [])
        set_dates(course, given, student)
    say_dates(course, lesson_names(course), students=True)
    return True


def _check_students(course, students):
    """See to it that ids are known."""
    from course_utils.instructor.collect.roster import read_class

    people = read_class(course)
    known = {it.id for it in people.people} if people else set()
    known |= {path.name for path in course.submitted.glob("[!.]*")}
    unknown = [it for it in students if it not in known]
    if unknown:
        raise CourseError(
            f"Nobody is known as {', '.join(map(repr, unknown))}: expected an id of the class "
            "list, or of somebody who handed in."
        )


def read_dates_given(course, texts):
    """Read dates as they were typed.

    Parameters
    ----------
    course : Course
    texts : sequence of str
        Each ``LESSON=DATE``.

    Returns
    -------
    dict of str to datetime
        By the lesson's full name.
    """
    return dict(_date(course, text) for text in texts)


def _date(course, text):
    """A lesson and when it was due."""
    lesson, _, date = text.partition("=")
    try:
        read = read_deadline(date, course.zone)
    except ValueError as error:
        raise CourseError(
            "Expected LESSON=DATE such as 01-name=2026-12-01T18:00 or, until the end of that day, "
            f"01-name=2026-12-01; got {text!r}."
        ) from error
    return choose_lessons(course, [lesson])[0], read


def say_dates(course, lessons, students=False):
    """Say back when lessons are due, with the zone."""
    from course_utils.instructor.collect.attempts import read_dates, read_extensions

    dates, extensions = read_dates(course), read_extensions(course)
    if students and not dates and not extensions:
        say("No dates are known. Give some: course due LESSON=2026-12-01T18:00")
    for lesson in sorted(lessons):
        if lesson in dates:
            say(f"{lesson} is due {shown(dates[lesson], course.zone)}, that second included")
        for student, date in sorted(extensions.get(lesson, {}).items()):
            if students:
                say(f"  {student}: {shown(date, course.zone)}")


def _table(course, rows):
    """Who handed in what and when, and what is odd about it, if anything is."""
    odd = any(_odd(entry) for entry in rows)
    table = Table(title="Collected")
    for column in ("who", "what", "when", *(["what is odd"] if odd else [])):
        table.add_column(column, overflow="fold")  # on a narrow terminal, too, all can be read
    for entry in rows:
        attempts = f" ({len(entry.attempts)} attempts)" if len(entry.attempts) > 1 else ""
        cells = [entry.student, entry.lesson + attempts, _when(course, entry)]
        if odd:
            cells.append(in_one_sentence(_odd(entry)))
        table.add_row(*map(cell, cells))
    return table


def _odd(entry):
    """What somebody should know of a hand-in."""
    partners = entry.attempts[0].partners
    together = [f"handed in together with {', '.join(partners)}"] if partners else []
    return [*together, *entry.oddities]


def _when(course, entry):
    """When the attempt that counts was handed in, in the course's zone."""
    if not entry.received:
        return "late" if entry.late else "unknown"
    counts = entry.attempts[0]
    told = f"{'by ' if counts.of_download else ''}{shown(entry.received, course.zone)}"
    return told + {True: ", late", False: "", None: ", late?"}[entry.late]
