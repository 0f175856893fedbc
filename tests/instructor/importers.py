"""What Moodle and Canvas make of a table of marks, by the rules that their public sources state.

Moodle: ``mod/assign/feedback/offline``, ``importgradeslib.php`` and ``locallib.php``. Canvas:
``lib/gradebook_importer.rb``, and what its page sends of the changes. Both are read in their
versions of 2025; what depends on a site's settings is an argument here.
"""

import csv
import io
import re
from dataclasses import dataclass, field, replace

MINUTE = 60
ENGLISH = ("Identifier", "Grade", "Last modified (grade)", "Participant ", ".")
"""Three columns' names, what identifiers begin with, and the decimal separator of a language."""


class RefusedError(Exception):
    """The platform takes nothing of the table."""


@dataclass(frozen=True)
class Graded:
    """What Moodle has of somebody in an assignment; the time is in seconds since 1970."""

    grade: float | None = None
    comment: str = ""
    modified: float = 0.0


def moodle_import(
    text, before, maximum, *, language=ENGLISH, comments="", separator=",", update=False
):
    """Import a grading worksheet.

    Parameters
    ----------
    text : str
    before : dict of str to Graded
        By the number under which the assignment knows somebody.
    maximum : float
    language : tuple of str
        As `ENGLISH`.
    comments : str
        What the column of comments is called; empty if the assignment has none.
    separator : str
        What was chosen in the form.
    update : bool
        Whether marks may be replaced that were given later than the table says.

    Returns
    -------
    dict of str to Graded
    """
    (columns, *rows) = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=separator)
    identifier, grade, changed, word, point = language
    if not {identifier, grade, changed} <= set(columns):
        raise RefusedError("invalid grade import")
    after = dict(before)
    for row in rows:
        cells = dict(zip(columns, row, strict=False))
        number = cells[identifier][len(word) :]
        if number not in before:
            continue
        was, given = before[number], _number(cells[grade], point)
        # No worksheet of ours tells a time that strtotime reads, so it is taken for 1970.
        stale = was.modified > MINUTE
        if stale and not update:
            continue
        if given is not None and 0 <= given <= maximum:
            after[number] = replace(after[number], grade=given)
        if comments in cells:
            after[number] = replace(after[number], comment=cells[comments])
    return after


def _number(text, point):
    """A number as a language writes it; nothing if there is none."""
    text = text.strip().replace(point, ".")
    return float(text) if re.fullmatch(r"-?[\d.]+", text) else None


@dataclass(frozen=True)
class CanvasStudent:
    """Somebody in a Canvas course."""

    id: str
    name: str
    sortable_name: str
    sis_user: str = ""
    sis_login: str = ""


@dataclass(frozen=True)
class CanvasCourse:
    """What Canvas knows: its people, titles of assignments by id, and what each has in each."""

    students: tuple
    assignments: dict
    scores: dict = field(default_factory=dict)

    def score(self, student, assignment):
        """What somebody has in an assignment, both by id: a number as text, "EX" or nothing."""
        return self.scores.get((student, assignment), "")


def canvas_import(text, course):
    """Import a table into a gradebook.

    Parameters
    ----------
    text : str
    course : CanvasCourse

    Returns
    -------
    CanvasCourse
        After whoever imports has said yes to all that the preview shows.
    """
    lines = text.removeprefix("\ufeff")
    counts = [lines.partition("\n")[0].count(it) for it in ",;"]
    columns, *rows = csv.reader(io.StringIO(lines), delimiter=",;"[counts[1] > counts[0]])
    information = _information(columns)
    places = {}
    for place, name in enumerate(columns):
        if place >= information and not re.search("(Current|Final|Override) (Score|Po|Gr)", name):
            places[_assignment(name, course)] = place
    scores = dict(course.scores)
    for row in rows:
        if "Points Possible" in row[0] or not "".join(row).strip():
            continue
        student = _student(row, columns, course)
        for assignment, place in places.items():
            given = row[place].strip() if place < len(row) else ""
            given = given.replace(",", ".") if re.fullmatch(r"-?[\d.,]+", given) else given
            if given != course.score(student, assignment):  # an empty cell as well
                scores[student, assignment] = given
    return replace(course, scores={key: score for key, score in scores.items() if score})


def _information(columns):
    """How many columns tell who somebody is; the last of them is the section."""
    split = columns[:2] == ["LastName", "FirstName"]
    if not split and not ("Student" in columns[0] and "ID" in columns[1]):
        raise RefusedError("invalid header row")
    count = 3 + split
    if columns[count - 1] == "SIS Login ID":
        count += 1
    elif columns[count - 1 : count + 1] == ["SIS User ID", "SIS Login ID"]:
        count += 2 + (columns[count + 1] == "Integration ID")
        count += columns[count - 1] == "Root Account"
    if "Section" not in columns[count - 1]:
        raise RefusedError("invalid header row")
    return count


def _assignment(name, course):
    """The id of the assignment that a column is of; a new one is made for any other name."""
    told = re.fullmatch(r".*\((\d+)\)", name)
    if told and told[1] in course.assignments:
        return told[1]
    by_title = [key for key, title in course.assignments.items() if title == name]
    return by_title[0] if by_title else f"new: {name}"


def _student(row, columns, course):
    """Whose row it is: by Canvas's id, then by the two of SIS, then by name, or else a new one."""
    cells = dict(zip(columns, row, strict=False))
    name = cells.get("Student") or f"{cells.get('FirstName')} {cells.get('LastName')}"
    user, login = cells.get("SIS User ID"), cells.get("SIS Login ID")
    for wanted in (
        lambda it: it.id == cells["ID"],
        lambda it: user and it.sis_user == user,
        lambda it: login and it.sis_login == login,
        lambda it: name in (it.name, it.sortable_name),
    ):
        found = [it.id for it in course.students if wanted(it)]
        if found:
            return found[0]
    return f"new: {name}"
