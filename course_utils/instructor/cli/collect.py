"""`course collect`: put what students handed in where it is graded from."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from course_utils.instructor.cli.terminal import cell, console, progress, say
from course_utils.instructor.course import CourseError, find_course
from course_utils.instructor.plain_text import in_one_sentence

Inbox = Annotated[
    Path,
    typer.Argument(
        help="A folder or zip of what students sent, as Moodle, Canvas or a person made it; "
        "it is only read.",
        show_default=False,
    ),
]
Roster = Annotated[
    Path | None,
    typer.Option(
        help="The class list (id, name, email), or what Moodle or Canvas exports. It is kept for "
        "later calls.",
        show_default=False,
    ),
]
Due = Annotated[
    list[str] | None,
    typer.Option(
        help="When a lesson was due, as LESSON=2026-12-01T18:00; what came later is marked late, "
        "and graded all the same. Kept for later calls.",
        show_default=False,
    ),
]


def collect(inbox: Inbox, roster: Roster = None, due: Due = None):
    """Put what students handed in where it is graded from; keep every attempt."""
    from course_utils.instructor.collect.collect import collect

    course = find_course()
    dates = dict(map(_date, due or []))
    with progress("collect") as tell:
        result = collect(course, inbox, roster, dates, tell)
    if result.rows:
        console.print(_table(result.rows))
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


def _date(text):
    """A lesson and when it was due."""
    lesson, _, date = text.partition("=")
    try:
        return lesson, datetime.fromisoformat(date).astimezone()
    except ValueError as error:
        raise CourseError(
            f"Expected --due LESSON=DATE such as 01-name=2026-12-01T18:00; got {text!r}."
        ) from error


def _table(rows):
    """Who handed in what and when, and what is odd about it, if anything is."""
    odd = any(entry.oddities for entry in rows)
    table = Table(title="Collected")
    for column in ("who", "what", "when", *(["what is odd"] if odd else [])):
        table.add_column(column, overflow="fold")  # on a narrow terminal, too, all can be read
    for entry in rows:
        attempts = f" ({len(entry.attempts)} attempts)" if len(entry.attempts) > 1 else ""
        cells = [entry.student, entry.lesson + attempts, _when(entry)]
        if odd:
            cells.append(in_one_sentence(entry.oddities))
        table.add_row(*map(cell, cells))
    return table


def _when(entry):
    """When the attempt that counts was handed in, by this computer's clock."""
    if not entry.received:
        return "late" if entry.late else "unknown"
    time = datetime.fromisoformat(entry.received).astimezone()
    counts = entry.attempts[0]
    told = f"{'by ' if counts.of_download else ''}{time:%Y-%m-%d %H:%M}"
    return told + {True: ", late", False: "", None: ", late?"}[entry.late]
