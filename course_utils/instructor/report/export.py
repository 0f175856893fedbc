"""Marks as tables for spreadsheets, Canvas and Moodle, and as JSON for programs.

An empty score says that there is none: the submission could not be graded, has not been graded yet,
is untouched or was not handed in; its status says which. A score is never 0 for want of a result.
To Canvas and Moodle an empty cell is a change: it deletes what they have. So their tables hold only
rows whose score is settled: nothing of it waits for a mark by hand or for a review.
"""

import csv
import io
import json
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

from course_utils.instructor.collect.names import CANVAS, MOODLE
from course_utils.instructor.course import CourseError
from course_utils.instructor.gradebook.records import NEEDS_REVIEW
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
    "due",
    "days late",
    "deduction",
    "points after deduction",
    "together with",
)
MOODLES_COLUMNS = (
    "Identifier",
    "Full name",
    "Email address",
    "Status",
    "Grade",
    "Maximum Grade",
    "Last modified (grade)",  # Moodle refuses a table without it
)
"""Without ``Feedback comments``, in which Moodle would lose what tutors have written."""
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
        One, but for Moodle and Canvas one a lesson.
    standings : list of Standing
        What was written.

    Raises
    ------
    CourseError
        If there is no such format, several lessons should go into one table for Moodle or Canvas,
        or nobody is known.
    OSError
        If a file cannot be written; then it is as it was.
    """
    if kind not in FORMATS:
        raise CourseError(f"There is no format {kind!r}; there are: {', '.join(FORMATS)}.")
    if kind in ("moodle", "canvas") and output and len(lessons) != 1:
        raise CourseError(
            f"{kind.title()} gets one table for each assignment, with settled scores only. Give "
            "one --lesson with --output, or leave --output out."
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
    if kind in ("moodle", "canvas"):
        write = as_moodle if kind == "moodle" else as_canvas
        texts = {folder / f"{kind}-{it}.csv": write(by_lesson[it]) for it in lessons}
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
            it.due or "",
            _days(it),
            _number(it.deducted or None),
            _number(it.score),
            " ".join(it.partners),
        )
        for it in standings
    ]
    return _table([COLUMNS, *rows])


def as_canvas(standings):
    """Make the standings of a lesson a table that Canvas's gradebook imports.

    Parameters
    ----------
    standings : sequence of Standing
        Of one lesson.

    Returns
    -------
    str
        A row for everybody with a settled score; below the columns' names, the points possible.
        Canvas finds students by ``ID``, or else by ``SIS User ID`` or ``SIS Login ID``, or else by
        name, so of namesakes only those with a number are in it; and an assignment by its name,
        which is the lesson's. Where the class list has no such ids, the student id stands for
        ``SIS Login ID``.
    """
    lesson, maximum = ([(it.lesson, it.maximum) for it in standings] or [("", 0.0)])[0]
    rows = [
        ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", lesson),
        ("    Points Possible", "", "", "", "", _number(maximum)),
    ]
    mistakable = {it.student for it in namesakes(standings)}
    for it in standings:
        if settled(it) is not None and it.student not in mistakable:
            login = it.sis_login or ("" if it.sis_user else it.student)
            ids = (it.numbers.get(CANVAS, ""), it.sis_user, login)
            rows.append((it.name or it.student, *ids, "", _number(settled(it))))
    return _table(rows)


def namesakes(standings):
    """List those whom Canvas would take for somebody else of their name.

    Parameters
    ----------
    standings : sequence of Standing
        Of one lesson.

    Returns
    -------
    list of Standing
        Without a number of Canvas's or ids of its gradebook, and with a name that others have.
    """
    count = Counter(_words(it.name) for it in standings)
    return [
        it
        for it in standings
        if count[_words(it.name)] > 1
        and it.name
        and not (CANVAS in it.numbers or it.sis_user or it.sis_login)
    ]


def _words(name):
    """A name's words, in whatever order."""
    return tuple(sorted(re.findall(r"\w+", name.casefold())))


def as_moodle(standings):
    """Make the standings of a lesson a grading worksheet that Moodle imports.

    Parameters
    ----------
    standings : sequence of Standing
        Of one lesson.

    Returns
    -------
    str
        A row for everybody with a settled score. Moodle finds students by ``Identifier``; its
        import of whole gradebooks by email.
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
        )
        for it in standings
        if settled(it) is not None
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
            "due": it.due,
            "days_late": float(_days(it)) if it.late_by else None,
            "deduction": it.deducted,
            "points_after_deduction": it.score,
            "together_with": list(it.partners),
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
    """Points of a submission of which nothing waits for a person, as a learning platform gets them.

    Parameters
    ----------
    standing : Standing

    Returns
    -------
    float or None
        None if there are no marks, or not all yet, one was given to an earlier version, or
        somebody should look at it. What is taken off for being late is.
    """
    waits = standing.waiting or standing.state == NEEDS_REVIEW
    return None if waits else standing.score


def _days(standing):
    """Days late as a cell."""
    return "" if standing.late_by is None else f"{standing.late_by / timedelta(days=1):.2f}"


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
