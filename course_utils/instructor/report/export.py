"""Marks as tables for spreadsheets, Canvas and Moodle, and as JSON for programs.

An empty score says that there is none: the submission could not be graded, has not been graded yet,
or was not handed in; its status says which. A score is never 0 for want of a result. Canvas and
Moodle have one column for points, so there a score stays empty, too, while something of it waits
for a mark by hand.
"""

import csv
import html
import io
import json
from pathlib import Path

from course_utils.instructor.collect.names import CANVAS, MOODLE
from course_utils.instructor.course import CourseError
from course_utils.instructor.plain_text import for_tables, in_one_sentence
from course_utils.instructor.report.standing import read_standings
from course_utils.instructor.spreadsheet import cell
from course_utils.instructor.whole_file import write_whole

FORMATS = ("csv", "canvas", "moodle", "json")
PLACE = "export"
COLUMNS = (
    "student",
    "name",
    "email",
    "lesson",
    "status",
    "points",
    "points open",
    "points possible",
    "points to look at again",
    "late",
    "handed in",
    "reasons",
    "repairs",
    "reviewed",
    "note",
)
MOODLES_COLUMNS = (
    "Identifier",
    "Full name",
    "Email address",
    "Status",
    "Grade",
    "Maximum Grade",
    "Last modified (grade)",  # Moodle refuses a table without it
    "Feedback comments",
)
LATE = {True: "late", False: "", None: "unknown"}


def export(course, lessons, kind, output=None):
    """Write the marks of a class.

    Parameters
    ----------
    course : Course
    lessons : sequence of str
    kind : str
        One of `FORMATS`.
    output : Path, optional
        Where to write; if not given, to ``build/export``.

    Returns
    -------
    paths : list of Path
        One, but for Moodle one a lesson: its tables are of one assignment each.
    standings : list of Standing
        What was written.

    Raises
    ------
    CourseError
        If there is no such format, several lessons should go into one table for Moodle, or nobody
        is known.
    OSError
        If a file cannot be written; then it is as it was.
    """
    if kind not in FORMATS:
        raise CourseError(f"There is no format {kind!r}; there are: {', '.join(FORMATS)}.")
    if kind == "moodle" and output and len(lessons) != 1:
        raise CourseError(
            "Moodle takes one table for each assignment. Give one --lesson with --output, or leave "
            "--output out."
        )
    if output and Path(output).is_dir():
        raise CourseError(
            f"Expected --output FILE; {output} is a folder. Give a file in it, such as "
            f"{Path(output) / 'marks'}.{'json' if kind == 'json' else 'csv'}"
        )
    by_lesson = {lesson: read_standings(course, lesson) for lesson in lessons}
    standings = [it for lesson in lessons for it in by_lesson[lesson]]
    if not standings:
        raise CourseError(
            "Nobody is known yet: no class list, and nothing handed in. Collect first."
        )
    folder = course.build / PLACE
    if kind == "moodle":
        texts = {folder / f"moodle-{it}.csv": as_moodle(by_lesson[it]) for it in lessons}
    elif kind == "canvas":
        texts = {folder / "canvas.csv": as_canvas(standings, lessons)}
    elif kind == "json":
        texts = {folder / "marks.json": as_json(standings)}
    else:
        texts = {folder / "marks.csv": as_csv(standings)}
    if output:
        texts = {Path(output): text for text in texts.values()}
    for path, text in texts.items():
        # Excel takes no table for UTF-8 without a mark at its beginning; Canvas and Moodle skip it.
        encoding = "utf-8" if kind == "json" else "utf-8-sig"
        write_whole(path, text.encode(encoding, "backslashreplace"))
    return list(texts), standings


def as_csv(standings):
    """Make standings a table: a row for every student and lesson.

    Parameters
    ----------
    standings : sequence of Standing

    Returns
    -------
    str
        Comma-separated values, in which no cell is a formula.
    """
    rows = [
        (
            it.student,
            it.name,
            it.email,
            it.lesson,
            it.state,
            _number(it.earned),
            _number(it.open),
            _number(it.maximum),
            _number(it.again),
            LATE[it.late],
            it.received or "",
            in_one_sentence(it.reasons),
            in_one_sentence(it.repairs),
            it.reviewed,
            it.note,
        )
        for it in standings
    ]
    return _table([COLUMNS, *rows])


def as_canvas(standings, lessons):
    """Make standings a table that Canvas's gradebook imports.

    Parameters
    ----------
    standings : sequence of Standing
    lessons : sequence of str

    Returns
    -------
    str
        A row for every student; below the columns' names, the points possible. Canvas finds
        students by ``ID``, or else by ``SIS User ID`` or ``SIS Login ID``, or else by name; and an
        assignment by its name, which is the lesson's. Where the class list has no such ids, the
        student id stands for ``SIS Login ID``.
    """
    own, maximum = {}, {}
    for it in standings:
        own.setdefault(it.student, {})[it.lesson] = it
        maximum[it.lesson] = it.maximum
    rows = [
        ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", *lessons),
        ("    Points Possible", "", "", "", "", *(_number(maximum[lesson]) for lesson in lessons)),
    ]
    for student, by_lesson in own.items():
        names = [it.name for it in by_lesson.values() if it.name]
        numbers = [it.numbers[CANVAS] for it in by_lesson.values() if CANVAS in it.numbers]
        points = [_number(settled(by_lesson[lesson])) for lesson in lessons]
        own_first = next(iter(by_lesson.values()))
        login = own_first.sis_login or ("" if own_first.sis_user else student)
        rows.append(
            ([*names, student][0], [*numbers, ""][0], own_first.sis_user, login, "", *points)
        )
    return _table(rows)


def as_moodle(standings):
    """Make the standings of a lesson a grading worksheet that Moodle imports.

    Parameters
    ----------
    standings : sequence of Standing
        Of one lesson.

    Returns
    -------
    str
        Moodle finds students by ``Identifier``; its import of whole gradebooks by email.
    """
    rows = [
        (
            f"Participant {it.numbers[MOODLE]}" if MOODLE in it.numbers else "",
            it.name or it.student,
            it.email,
            it.state,
            _number(settled(it)),
            _number(it.maximum),
            "",
            _comment(it),
        )
        for it in standings
    ]
    return _table([MOODLES_COLUMNS, *rows])


def as_json(standings):
    """Make standings JSON.

    Parameters
    ----------
    standings : sequence of Standing

    Returns
    -------
    str
        A list of objects; ``points`` and ``points_open`` are null where there are no marks.
    """
    entries = [
        {
            "student": it.student,
            "name": it.name,
            "email": it.email,
            "lesson": it.lesson,
            "status": it.state,
            "points": it.earned,
            "points_open": it.open,
            "points_possible": it.maximum,
            "points_to_look_at_again": it.again,
            "late": it.late,
            "handed_in": it.received,
            "reasons": list(it.reasons),
            "repairs": list(it.repairs),
            "reviewed": it.reviewed or None,
            "note": it.note,
            "cells": [
                {
                    "cell": given.cell,
                    "exercise": given.exercise,
                    "points": given.earned,
                    "points_possible": given.maximum,
                    "written": given.written,
                    "by_hand": given.by_hand,
                    "to_look_at_again": given.again,
                }
                for given in it.given
            ],
        }
        for it in standings
    ]
    return json.dumps(_escaped(entries), ensure_ascii=False, indent=1) + "\n"


def settled(standing):
    """Points of a submission of which nothing waits for a person.

    Parameters
    ----------
    standing : Standing

    Returns
    -------
    float or None
        None if there are no marks, or not all yet, or one was given to an earlier version.
    """
    return None if standing.waiting else standing.earned


def _comment(standing):
    """What Moodle shows beside the grade, as the HTML that it expects; without students' words."""
    if standing.earned is None:
        return html.escape(standing.state)
    told = f"{_number(standing.earned)} of {_number(standing.maximum)} points"
    told += " so far" if standing.waiting else ""
    told += f"; {_number(standing.open)} open" if standing.open else ""
    return told + (f"; {_number(standing.again)} to be looked at again" if standing.again else "")


def _number(value):
    """A number as a cell; an empty one if there is none."""
    return "" if value is None else f"{round(value, 6):.15g}"


def _escaped(value):
    """What is to be JSON, without anything in its texts that a terminal would obey."""
    if isinstance(value, str):
        return for_tables(value)
    if isinstance(value, dict):
        return {key: _escaped(it) for key, it in value.items()}
    return [_escaped(it) for it in value] if isinstance(value, list) else value


def _table(rows):
    """Comma-separated values, in which nothing is carried out or hidden."""
    text = io.StringIO()
    csv.writer(text).writerows(map(cell, row) for row in rows)
    return text.getvalue()
