"""`course status`: how far a class is, in so few lines that a screen holds them."""

from collections import defaultdict
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from course_utils.instructor.cli.collect import say_dates
from course_utils.instructor.cli.terminal import cell, console, progress, say
from course_utils.instructor.clock import shown
from course_utils.instructor.course import choose_lessons, find_course
from course_utils.instructor.plain_text import escaped, first_few, in_one_sentence

MOST_NAMES, MOST_LINES = 12, 5  # in a row, and for one kind of news: a class of 300 fits a screen

Lessons = Annotated[
    list[str] | None,
    typer.Argument(help="Names of lessons; without any, every lesson.", show_default=False),
]


def status(lessons: Lessons = None):
    """Show how far every lesson has come, whom something is wrong with, and what to run next."""
    from course_utils.instructor.report.status import counts, next_steps, read_status

    course = find_course()
    chosen = choose_lessons(course, lessons or [])
    with progress("status"):
        statuses = [read_status(course, lesson) for lesson in chosen]
    begun = [it for it in statuses if it.handed_in]
    if begun:
        console.print(_table([(it.lesson, *counts(it)) for it in begun]))
    if len(begun) < len(statuses):
        untouched = ", ".join(it.lesson for it in statuses if it not in begun)
        say(f"Nothing was handed in yet for {untouched}")
    say_dates(course, {it.lesson for it in begun})
    _tell_of_extensions(course, begun)
    for it in statuses:
        _tell_of(it)
    _tell_of_unplaced(course)
    say("Next", style="bold")
    for step in next_steps(statuses):
        say(f"  {step}")
    return True


def _table(rows):
    """Numbers of lessons, in the order of `counts`, on a terminal of 80 columns."""
    table = Table(title="How far the class has come", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("lesson", no_wrap=True)
    for column in (
        *("handed in", "graded", "needs review", "could not grade", "untouched", "not graded yet"),
        *("not handed in", "late", "mark by hand"),
    ):
        table.add_column(column, justify="right")
    for lesson, *numbers in rows:
        table.add_row(cell(lesson), *(str(number or "·") for number in numbers))
    return table


def _tell_of_extensions(course, statuses):
    """Say who has more time than others."""
    from course_utils.instructor.collect.attempts import read_extensions

    extensions = read_extensions(course)
    for it in statuses:
        dates = defaultdict(list)
        for student, date in extensions.get(it.lesson, {}).items():
            dates[date].append(student)
        for date, students in sorted(dates.items()):
            say(f"  until {shown(date, course.zone)}: {_names(students)}")


def _tell_of(status):
    """Say who needs attention in a lesson, and why."""
    from course_utils.instructor.gradebook.records import (
        COULD_NOT_GRADE,
        NEEDS_REVIEW,
        UNTOUCHED,
    )
    from course_utils.instructor.report.standing import NOT_GRADED, NOT_HANDED_IN

    lines = []
    for state in (COULD_NOT_GRADE, UNTOUCHED, NEEDS_REVIEW):
        lines += _by_reason(state, status.by_state.get(state, ()), _reasons)
    lines += _by_reason("reviewed", status.reviewed, _reasons_and_note)
    there = [it for state, its in status.by_state.items() if state != NOT_HANDED_IN for it in its]
    odd = [it for it in there if it.oddities]
    lines += _by_reason("odd", odd, lambda it: escaped(in_one_sentence(it.oddities)))
    for what, found in (
        (NOT_GRADED, status.by_state.get(NOT_GRADED)),
        ("late", status.late),
        ("time unknown", status.unknown),
        ("to mark by hand", status.waiting),
        ("graded before the lesson changed", status.outdated),
        ("not handed in", status.handed_in and status.by_state.get(NOT_HANDED_IN)),
    ):
        if found:
            lines.append(f"  {what}: {_names(it.student for it in found)}")
    if groups := sorted({tuple(sorted((it.student, *it.partners))) for it in there if it.partners}):
        named = (" with ".join(map(escaped, it)) for it in groups)
        lines.append(f"  handed in together: {first_few(named, MOST_LINES)}")
    if lines:
        say(status.lesson, style="bold")
        for line in lines:
            say(line)


def _tell_of_unplaced(course):
    """Say which files have no place yet."""
    from course_utils.instructor.report.status import unplaced

    files = unplaced(course)
    if files:
        say(f"Not placed ({len(files)}), in build/unplaced; remove what is settled", style="bold")
        for name in files[:MOST_LINES]:
            say(f"  {escaped(name)}")
        if len(files) > MOST_LINES:
            say(f"  and {len(files) - MOST_LINES} more")


def _by_reason(what, found, reason):
    """Lines for those of whom something is to be told: one for all with the same reason."""
    reasons = defaultdict(list)
    for it in found:
        reasons[reason(it)].append(it.student)
    lines = [f"  {what}: {_names(its)}: {why}" for why, its in reasons.items()]
    left = sum(len(its) for its in list(reasons.values())[MOST_LINES:])
    more = [f"  {what}: and {left} more; course export tells all"] if left else []
    return [*lines[:MOST_LINES], *more]


def _reasons(standing):
    """Why something is not simply graded."""
    return escaped(in_one_sentence(standing.reasons))


def _reasons_and_note(standing):
    """Why somebody looked, and what they wrote about it."""
    return _reasons(standing) + (f" (note: {escaped(standing.note)})" if standing.note else "")


def _names(students):
    """Students, once each; of many, the first."""
    return first_few(dict.fromkeys(map(escaped, students)), MOST_NAMES)
