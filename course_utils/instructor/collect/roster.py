"""A class list, as Moodle, Canvas or a person writes it: whose name has which student id."""

import codecs
import csv
import io
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from course_utils.instructor.collect.names import CANVAS, GRADESCOPE, MOODLE, RESERVED
from course_utils.instructor.course import CourseError
from course_utils.instructor.plain_text import quoted

IDS = ("id", "student id", "student_id", "id number", "username", "sis login id")
NAMES = ("name", "full name", "student", "student name")
FIRST_NAMES, LAST_NAMES = ("first name", "first_name"), ("last name", "last_name", "surname")
EMAILS = ("email", "email address", "e-mail", "e-mail address")
SUBMITTED = "last modified (submission)"
MOODLES_TIMES = ("%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%d %B %Y, %I:%M %p")


@dataclass(frozen=True)
class Person:
    """A student of the class.

    Attributes
    ----------
    id : str
        The student id: what the folder of what they hand in is called.
    name : str
    email : str
        Empty if it is not on the list.
    number : str
        What Canvas or Moodle puts into file names; empty if it is not on the list.
    system : str
        Whose number that is: ``"Canvas"`` or ``"Moodle"``.
    submitted : datetime or None
        In UTC: when, as Moodle's grading worksheet tells for one assignment.
    sis_user, sis_login : str
        What Canvas's gradebook calls ``SIS User ID`` and ``SIS Login ID``.
    """

    id: str
    name: str
    email: str = ""
    number: str = ""
    system: str = ""
    submitted: datetime | None = None
    sis_user: str = ""
    sis_login: str = ""


class Roster:
    """The people of a class, found by what an inbox tells of them."""

    def __init__(self, people):
        self.people = tuple(people)
        self._numbers, self._ids = {}, {}
        self._names, self._plain_names = defaultdict(set), defaultdict(set)
        for person in self.people:
            if person.number:
                self._numbers[person.system, person.number] = person
            for id_ in filter(None, (person.id, person.email)):
                self._ids[_spelling(id_)] = person
            words = re.findall(r"[^\W_]+", _spelling(person.name))
            for first in range(len(words)):  # Canvas puts the last name first
                turned = "".join(words[first:] + words[:first])
                self._names[turned].add(person)
                self._plain_names[_plain(turned)].add(person)

    def find(self, owner):
        """Find who somebody is.

        Parameters
        ----------
        owner : Owner

        Returns
        -------
        person : Person or None
        why : str
            Why it is nobody, or what is odd about it; empty if nothing is.
        """
        if (owner.system, owner.number) in self._numbers:
            return self._numbers[owner.system, owner.number], ""
        if owner.system == GRADESCOPE and _spelling(owner.number) in self._ids:
            return self._ids[_spelling(owner.number)], ""
        if not owner.number:
            texts = (owner.name, *re.split(r"[\s_,;()]+", owner.name))
            by_id = {self._ids[it] for it in map(_spelling, texts) if it in self._ids}
            if len(by_id) == 1:
                return by_id.pop(), ""
        name = "".join(re.findall(r"[^\W_]+", _spelling(owner.name)))
        people, odd = self._names.get(name, ()), ""
        if not people:
            people = self._plain_names.get(_plain(name), ())
            odd = f"spelt {quoted(owner.name)} in the inbox"
        if len(people) > 1:
            alike = ", ".join(sorted(person.id for person in people))
            return None, f"several people of the class list have this name ({alike})"
        if not people:
            return None, f"{quoted(owner.name)} is not on the class list"
        return next(iter(people)), odd


def read_roster(path):
    """Read a class list.

    Parameters
    ----------
    path : Path
        Comma-, semicolon- or tab-separated values with a first line of names: ``id, name, email``;
        or what Moodle (participants, grades, grading worksheet) or Canvas (gradebook) exports.

    Returns
    -------
    Roster

    Raises
    ------
    CourseError
        If the file is no such list, or an id occurs twice or could not be a folder's name.
    """
    rows = _rows(path)
    canvas = {"student", "id"} <= set(rows[0])
    people, taken = [], {}
    for line, row in enumerate(rows, start=2):
        person = _canvas_person(row) if canvas else _person(row)
        if person is None:
            continue
        problem = _problem(person.id)
        if person.id.casefold() in taken:
            problem = f"line {taken[person.id.casefold()]} has the same id"
        if problem:
            raise CourseError(
                f"{path}, line {line}: the id {person.id!r} cannot be used, because {problem}."
            )
        taken[person.id.casefold()] = line
        people.append(person)
    if not people:
        raise CourseError(
            f"Expected a class list with columns id, name and email in {path}, or what Moodle or "
            f"Canvas exports; found nobody in it. Its columns: {', '.join(rows[0])}."
        )
    return Roster(people)


def _rows(path):
    """Rows of a table by the names of its columns, in small letters."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CourseError(f"The class list {path} cannot be read: {error.strerror}.") from error
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeError:
        text = data.decode("cp1252", "replace")  # Excel in Western Europe
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = [name.strip().lower() for name in next(table)]
        rows = [dict(zip(columns, map(str.strip, row), strict=False)) for row in table if any(row)]
    except (StopIteration, csv.Error) as error:
        raise CourseError(f"Expected a table in {path}; it is empty or damaged.") from error
    if not rows:
        raise CourseError(f"Expected a class list in {path}; it has no rows below its first line.")
    return rows


def _canvas_person(row):
    """Somebody in Canvas's gradebook; not its lines of points or its test student."""
    name, number = row.get("student", ""), row.get("id", "")
    if not number.isdigit() or name in ("Student, Test", "Test Student"):
        return None
    user, login = row.get("sis user id", ""), row.get("sis login id", "")
    email = _first(row, EMAILS) or (login if re.fullmatch(r"[^@\s]+@[^@\s]+\.\w+", login) else "")
    return Person(user or login or number, name, email, number, CANVAS, None, user, login)


def _person(row):
    """Somebody on another list."""
    email = _first(row, EMAILS)
    number = re.fullmatch(r"\D*(\d+)", row.get("identifier", ""))  # "Participant 1234"
    number = number[1] if number else ""
    name = _first(row, NAMES) or f"{_first(row, FIRST_NAMES)} {_first(row, LAST_NAMES)}".strip()
    known = _first(row, IDS) or email
    if not known:
        return None
    system = MOODLE if number else ""
    return Person(known, name, email, number, system, _submitted(row.get(SUBMITTED, "")))


def _first(row, columns):
    """The first of these columns that has something in it."""
    return next((row[column] for column in columns if row.get(column)), "")


def _submitted(text):
    """A time as an English Moodle writes it, by this computer's clock; nothing if it is another."""
    for form in MOODLES_TIMES:
        try:
            return datetime.strptime(text, form).astimezone(UTC)
        except ValueError:
            continue
    return None


def _problem(id_):
    """Why an id cannot be a folder's name for us, nbgrader and Windows; nothing if it can."""
    if re.search(r'[][*?<>|":/\\]', id_) or not id_.isprintable():
        return 'it has one of [ ] * ? < > | " : / \\ in it, or a sign that cannot be printed'
    if id_ != id_.strip(" .") or len(id_.encode()) > 150:
        return "it begins or ends with a dot, or is too long"
    if id_.split(".")[0].casefold() in RESERVED:
        return "Windows, or this program, keeps this name for itself"
    return ""


def _spelling(text):
    """A text without what spellings differ in: capitals, and how a computer composes letters."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())


def _plain(text):
    """A text without accents."""
    return "".join(it for it in unicodedata.normalize("NFD", text) if not unicodedata.combining(it))
