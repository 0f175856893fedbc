"""Fill marks into the very table that Moodle or Canvas gave: its language, order and all else stay.

Only the cells of settled scores are written. What the platform says of everybody else stays as it
was, "EX" of Canvas as well, because an empty cell or another text would be a change.
"""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from course_utils.instructor.collect.columns import read_columns
from course_utils.instructor.collect.names import CANVAS, MOODLE, Owner, named_lesson
from course_utils.instructor.collect.roster import is_canvas, merge, read_class, read_roster
from course_utils.instructor.collect.tables import SEPARATORS, decoded
from course_utils.instructor.course import CourseError
from course_utils.instructor.plain_text import escaped, first_few
from course_utils.instructor.report.export import settled
from course_utils.instructor.report.standing import read_standings

POINTS_POSSIBLE = "points possible"
EXCUSED = ("ex", "excused")
FEW = 8


@dataclass(frozen=True)
class Filled:
    """A table with marks in it.

    Attributes
    ----------
    data : bytes
    count : int
        How many cells hold marks of ours now.
    notes : list of str
        What was compared, changed and left out.
    """

    data: bytes
    count: int
    notes: list


@dataclass(frozen=True)
class _Column:
    """Where a lesson's marks stand, and the most points that the platform gives."""

    lesson: str
    place: int
    maximum: float | None


def fill(course, path, lessons, scale=False):
    """Fill marks into a grading worksheet of Moodle's or a gradebook of Canvas's.

    Parameters
    ----------
    course : Course
    path : Path
        As the platform gave it; it is not changed.
    lessons : sequence of str
        For a worksheet, one; of a gradebook, those that have a column named after them count.
    scale : bool
        Whether scores are brought to the platform's maximum where it is another than the lesson's.

    Returns
    -------
    Filled

    Raises
    ------
    CourseError
        If it is no such table, holds no column for the lessons, or has another maximum and is not
        to be scaled.
    """
    path = Path(path)
    table = _Table(path)
    kinds = read_columns(table.columns, table.rows)
    canvas = is_canvas(table.columns, kinds)
    if canvas:
        columns = _canvas_columns(table, lessons)
    elif "participant" in kinds:
        columns = [_moodle_column(table, kinds, lessons)]
    else:
        raise CourseError(
            f"Expected Moodle's grading worksheet or Canvas's gradebook in {path}, as it was "
            f"exported; its columns: {', '.join(table.columns)}."
        )
    roster = merge(read_class(course), read_roster(path, course.zone))
    system = CANVAS if canvas else MOODLE
    whose = _Whose(roster, kinds, system)
    count, notes = 0, []
    for column in columns:
        filled, told = _fill_column(course, table, column, whose, scale)
        count, notes = count + filled, notes + told
    return Filled(table.data(), count, notes)


class _Table:
    """A table of separated values, to be written as it was read."""

    def __init__(self, path):
        raw = path.read_bytes()
        if raw.startswith(b"PK\x03\x04"):
            raise CourseError(f"Give {path} as the platform exported it, as CSV.")
        text, self.encoding = decoded(raw)
        self.end = "\r\n" if "\r\n" in text else "\n"
        self.delimiter = max(SEPARATORS, key=text.partition("\n")[0].count)
        found = list(csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter))
        if len(found) < 2:
            raise CourseError(f"Expected a table in {path}; it has no rows below its first line.")
        self.first, self.columns = found[0], [name.strip() for name in found[0]]
        self.rows = [row + [""] * (len(self.first) - len(row)) for row in found[1:]]

    def data(self):
        """The table as it is now."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.end)
        writer.writerows([self.first, *self.rows])
        return text.getvalue().encode(self.encoding)


class _Whose:
    """Tells whose row of a table is."""

    def __init__(self, roster, kinds, system):
        self.roster, self.system = roster, system
        (self.place, *_) = kinds["id" if system == CANVAS else "participant"]

    def number(self, row):
        """The number by which the platform knows whose row it is; empty if it is nobody's."""
        told = re.fullmatch(r"\D*(\d+)", row[self.place].strip())
        return told[1] if told else ""

    def find(self, row, standings):
        """The standing of a row's student; nothing if there is none."""
        number = self.number(row)
        by_number = [it for it in standings.values() if it.numbers.get(self.system) == number]
        if number and by_number:
            return by_number[0]
        person, _ = self.roster.find(Owner(self.system, "", number)) if number else (None, "")
        return standings.get(person.id) if person else None


def _moodle_column(table, kinds, lessons):
    """Where a worksheet's marks stand."""
    if len(lessons) != 1:
        raise CourseError(
            "Moodle's grading worksheet is of one assignment. Say which lesson's: --lesson LESSON"
        )
    if "maximum" in kinds:
        place = kinds["maximum"][0] - 1
        maximum = next(filter(None, (_number(row[place + 1]) for row in table.rows)), None)
    else:
        place, maximum = kinds["status"][0] + 1, None
    return _Column(lessons[0], place, maximum)


def _canvas_columns(table, lessons):
    """Where a gradebook's marks stand."""
    possible = next((row for row in table.rows if POINTS_POSSIBLE in row[0].lower()), None)
    found = []
    for place, name in enumerate(table.columns):
        title = re.sub(r"\s*\(\d+\)$", "", name)
        lesson, exactly = named_lesson(title, lessons)
        if exactly and re.search(r"\(\d+\)$", name):
            found.append(_Column(lesson, place, possible and _number(possible[place])))
    if not found:
        raise CourseError(
            f"No column of Canvas's gradebook is named after {', '.join(lessons)}. Name the "
            f"assignment so, and export it again; its columns: {', '.join(table.columns)}."
        )
    return found


def _fill_column(course, table, column, whose, scale):
    """Fill in a lesson's marks; returns how many, and what somebody should know."""
    standings = {it.student: it for it in read_standings(course, column.lesson)}
    maximum = next((it.maximum for it in standings.values()), 0.0)
    notes, factor = [_compared(column, maximum)], 1.0
    if column.maximum and column.maximum != maximum:
        if not scale:
            raise CourseError(
                f"{notes[0]}. Set it to {maximum:g} there and export once more, or have the scores "
                "brought to it: --scale"
            )
        factor = column.maximum / maximum
    comma = any(re.search(r"\d,\d", cell) for row in table.rows for cell in _around(row, column))
    excused, changed, waits, done = [], [], [], set()
    for row in table.rows:
        it = whose.find(row, standings)
        if it is None:
            continue
        done.add(it.student)
        score, cell = settled(it), row[column.place].strip()
        if score is not None and cell.casefold() in EXCUSED:
            excused.append(it.student)
        elif score is None:
            waits.append(it.student)
        else:
            text = f"{round(score * factor, 2):g}"
            if _number(cell) is not None and _number(cell) != float(text):
                changed.append(it.student)
            row[column.place] = text.replace(".", ",") if comma else text
    missing = [it.student for it in standings.values() if it.student not in done and it.given]
    for what, found in (
        ("another mark was there, and is replaced", changed),
        ("excused there, and left so", excused),
        ("nothing settled, so left as it was", waits),
        ("not in this table", missing),
    ):
        if found:
            notes.append(f"{column.lesson}: {what}: {first_few(map(escaped, found), FEW)}")
    return len(done) - len(waits) - len(excused), notes


def _around(row, column):
    """The cell of a mark, and the one of the maximum behind it."""
    return row[column.place : column.place + 2]


def _compared(column, maximum):
    """What the maximum of a lesson and that of an assignment are."""
    told = "is not told in the table" if column.maximum is None else f"is {column.maximum:g}"
    return f"{column.lesson}: the lesson's maximum is {maximum:g}, the assignment's {told}"


def _number(text):
    """A number as platforms write it; nothing if it is none."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None
