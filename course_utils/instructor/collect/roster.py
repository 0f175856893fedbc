"""Class lists, as learning platforms and people write them: whose name has which student id.

All lists that were given are one class: people are merged by their e-mail address and by numbers
and logins, and the id that somebody has stays theirs. The class is kept in ``build/roster.csv``, a
list like others; what Moodle's grading worksheets tell of single assignments beside it.
"""

import csv
import io
import json
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from course_utils.instructor.clock import in_zone
from course_utils.instructor.collect.columns import EMAIL, PARTICIPANT, STUDENTS, TEACHERS
from course_utils.instructor.collect.columns import read_columns as _columns
from course_utils.instructor.collect.moodle_dates import read_time, tells_lateness
from course_utils.instructor.collect.names import ANONYMOUS, CANVAS, GRADESCOPE, MOODLE, RESERVED
from course_utils.instructor.collect.tables import read_table
from course_utils.instructor.course import CourseError
from course_utils.instructor.plain_text import escaped, first_few, quoted
from course_utils.instructor.spreadsheet import harmless
from course_utils.instructor.whole_file import file_digest, read_kept, write_whole

ROSTER, WORKSHEETS = "roster.csv", "worksheets.json"
OWN = ("id", "name", "email", "group", "logins", "canvas id", "sis user id", "sis login id")
"""Columns of ``build/roster.csv``."""
NOBODY = ("student, test", "test student")  # Canvas's


@dataclass(frozen=True)
class Person:
    """A student of the class.

    Attributes
    ----------
    id : str
        The student id: what the folder of what they hand in is called.
    name : str
    email : str
        Empty if it is not known.
    logins : tuple of str
        What else they are known as: user names, numbers, other ids.
    group : str
        With whom they hand in; empty if they do so alone.
    canvas : str
        The number that Canvas puts into file names; empty if it is not known.
    sis_user, sis_login : str
        What Canvas's gradebook calls ``SIS User ID`` and ``SIS Login ID``.
    """

    id: str
    name: str
    email: str = ""
    logins: tuple = ()
    group: str = ""
    canvas: str = ""
    sis_user: str = ""
    sis_login: str = ""


@dataclass(frozen=True)
class Participant:
    """What one of Moodle's grading worksheets tells of somebody.

    Attributes
    ----------
    id : str
        The student id.
    submitted : datetime or None
        In UTC.
    late : bool or None
        Whether Moodle calls it late; None if nothing was handed in.
    until : datetime or None
        In UTC: an extension.
    """

    id: str
    submitted: datetime | None = None
    late: bool | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Worksheet:
    """One of Moodle's grading worksheets: of one assignment.

    Attributes
    ----------
    participants : dict of str to Participant
        By the number under which the assignment knows them.
    maximum : float or None
        Most points that Moodle gives.
    """

    participants: dict
    maximum: float | None = None


@dataclass
class Roster:
    """The people of a class, found by what an inbox tells of them.

    Attributes
    ----------
    people : tuple of Person
    worksheets : tuple of Worksheet
    notes : tuple of str
        What somebody should know who gave the lists.
    lists : frozenset of str
        SHA-256 of the files that it was made of.
    """

    people: tuple
    worksheets: tuple = ()
    notes: tuple = ()
    lists: frozenset = frozenset()

    def __post_init__(self):
        self._ids, self._canvas, self._moodle, self._told = {}, {}, {}, {}
        self._names, self._plain_names = defaultdict(set), defaultdict(set)
        by_id = {person.id: person for person in self.people}
        self._ids |= {_spelling(id_): person for id_, person in by_id.items()}
        for sheet in self.worksheets:
            for number, told in sheet.participants.items():
                if told.id in by_id:
                    self._moodle[number], self._told[number] = by_id[told.id], told
        for person in self.people:
            if person.canvas:
                self._canvas[person.canvas] = person
            for id_ in _known_as(person):
                self._ids.setdefault(_spelling(id_), person)
            words = re.findall(r"[^\W_]+", _spelling(person.name))
            for first in range(len(words)):  # Canvas puts the last name first
                turned = "".join(words[first:] + words[:first])
                self._names[turned].add(person)
                self._plain_names[_plain(turned)].add(person)

    def told(self, owner):
        """Give what Moodle's worksheets tell of an owner's hand-in; None if they do not."""
        return self._told.get(owner.number) if owner.system == MOODLE else None

    def group(self, text):
        """List the people of a group, however it is spelt; of two or more."""
        wanted = _joined(text)
        found = [it for it in self.people if wanted and _joined(it.group) == wanted]
        return found if len(found) > 1 else []

    def group_before(self, owner, person):
        """Give what Moodle puts before somebody's name, for a group; empty if nothing."""
        if owner.system != MOODLE:
            return ""
        cuts = re.finditer("-", owner.name)
        found = (it for it in cuts if self.is_called(person, owner.name[it.end() :]))
        return next((owner.name[: it.start()] for it in found), "")

    def is_called(self, person, name):
        """Tell whether a name is somebody's, however it is spelt."""
        return person in self._named(name)[0]

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
        numbers = {MOODLE: self._moodle, CANVAS: self._canvas}.get(owner.system, {})
        if owner.number in numbers:
            return numbers[owner.number], ""
        for known in (owner.email, owner.number if owner.system == GRADESCOPE else ""):
            if known and _spelling(known) in self._ids:
                return self._ids[_spelling(known)], ""
        if not owner.number and (person := self._by_id(owner.name)):
            return person, ""
        person, why = self._by_name(owner)
        if not (person or owner.number) and (end := self._by_end(owner.name)):
            return end, ""
        return person, why

    def _by_id(self, text):
        """Somebody whose id, address or login a text is or holds."""
        texts = (text, *re.split(r"[\s_,;()]+", text))
        by_id = {self._ids[it] for it in map(_spelling, texts) if it in self._ids}
        return by_id.pop() if len(by_id) == 1 else None

    def _by_end(self, text):
        """Whose id or login a text ends with: GitHub Classroom calls folders ASSIGNMENT-LOGIN."""
        ends = (_spelling(text[cut.end() :]) for cut in re.finditer("-", text))
        return next((self._ids[it] for it in ends if it in self._ids), None)

    def _by_name(self, owner):
        """Who has a name; in Moodle, it may stand behind that of a group."""
        names = [owner.name]
        if owner.system == MOODLE:
            names += [owner.name[cut.end() :] for cut in re.finditer("-", owner.name)]
        why = ""
        for name in names:
            people, odd = self._named(name)
            if len(people) == 1:
                (person,) = people
                group = owner.name[: -len(name) - 1] if name != owner.name else ""
                if group and _joined(group) != _joined(person.group):
                    odd = f"{quoted(owner.name)} was read as a group and a student of it"
                return person, odd
            if people and not why:
                alike = ", ".join(sorted(person.id for person in people))
                why = f"several people of the class list have this name ({alike})"
        return None, why or f"{quoted(owner.name)} is not on the class list"

    def _named(self, name):
        """People of a name, and what is odd about it."""
        joined = _joined(name)
        if joined in self._names:
            return self._names[joined], ""
        return self._plain_names.get(_plain(joined), ()), f"spelt {quoted(name)} in the inbox"


def read_roster(path, zone=None):
    """Read a class list.

    Parameters
    ----------
    path : Path
        A table with a first line of names: ``id, name, email``; or what Moodle (participants,
        grades, grading worksheet), Canvas (gradebook), Gradescope, GitHub Classroom, Blackboard,
        Brightspace or ILIAS exports, in any language.
    zone : tzinfo, optional
        That of the times in it; this computer's, if not given.

    Returns
    -------
    Roster

    Raises
    ------
    CourseError
        If the file is no such list, or an id occurs twice or could not be a folder's name.
    """
    path = Path(path)
    columns, rows = read_table(path)
    kinds = _columns(columns, rows)
    people, participants, taken, teachers, maximum = [], {}, {}, [], None
    canvas = is_canvas(columns, kinds)
    for line, row in enumerate(rows, start=2):
        read = _Row(row, kinds)
        person = _canvas_person(read) if canvas else _person(read)
        if person is None:
            continue
        if not canvas and _teaches(read("role")):
            teachers.append(person.name or person.id)
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
        if number := _participant(read):
            participants[number] = _told(read, person.id, zone)
            maximum = maximum or _number(read("maximum"))
    if not people:
        raise CourseError(
            f"Expected a class list with columns id, name and email in {path}, or what a learning "
            f"platform exports; found nobody in it. Its columns: {', '.join(columns)}. Name the "
            "columns so, and give it again."
        )
    notes = []
    if teachers:
        names = first_few(map(escaped, teachers), 6)
        notes.append(f"Left out, because their role is not a student's: {names}.")
    sheets = (Worksheet(participants, maximum),) if participants else ()
    return Roster(tuple(people), sheets, tuple(notes), frozenset({file_digest(path)}))


def read_class(course):
    """Read the class: everybody on the lists that were given.

    Parameters
    ----------
    course : Course

    Returns
    -------
    Roster or None
        None if there has been no list.

    Raises
    ------
    CourseError
        If what is kept of them is damaged.
    """
    path = course.build / ROSTER
    if not path.is_file():
        return None
    kept = read_roster(path, course.zone)
    worksheets, lists = _read_worksheets(course)
    return Roster(kept.people, (*worksheets, *kept.worksheets), lists=lists)


def merge(former, new):
    """Make one class of that which is known and a list.

    Parameters
    ----------
    former : Roster or None
    new : Roster

    Returns
    -------
    Roster
        Everybody of both. Who is on both keeps the former id; the other is a login.
    """
    people = {person.id: person for person in (former.people if former else ())}
    known, ids, by_name, renamed = _index(people.values()), {}, [], {}
    worksheets = list(former.worksheets) if former else []
    numbers = {n: told.id for sheet in worksheets for n, told in sheet.participants.items()}
    own = {told.id: n for sheet in new.worksheets for n, told in sheet.participants.items()}
    for person in new.people:
        keys = [known[it] for it in map(_spelling, _known_as(person)) if it in known]
        keys += [numbers[own[person.id]]] if own.get(person.id) in numbers else []
        keys = [it for it in keys if it in people]
        if not keys and (alone := _only_by_name(person, people, new)):
            keys = [alone]
            by_name.append(alone)
        merged = _merged(people[keys[0]], person) if keys else person
        for other in {it for it in keys if it.startswith(ANONYMOUS)} - {merged.id}:
            merged, renamed[other] = _merged(merged, people.pop(other)), merged.id
        people[merged.id], ids[person.id] = merged, merged.id
    worksheets = [_renamed(it, renamed) for it in worksheets]
    for sheet in new.worksheets:
        told = {n: replace(it, id=ids[it.id]) for n, it in sheet.participants.items()}
        same = [it for it in worksheets if it.participants.keys() & told.keys()]
        for it in same:
            told = it.participants | told
            worksheets.remove(it)
        worksheets.append(Worksheet(told, sheet.maximum))
    notes = list(new.notes)
    if by_name:
        notes.append(f"Found by name only: {first_few(map(escaped, by_name), 6)}. Look whether.")
    there = {*ids.values(), *renamed}
    gone = sorted({it.id for it in former.people} - there) if former else []
    if gone:
        notes.append(
            f"{len(gone)} of the former class list are not on this one: "
            f"{first_few(map(escaped, gone), 12)}. They are kept; who has left the class: remove "
            f"the line in build/{ROSTER}."
        )
    lists = (former.lists if former else frozenset()) | new.lists
    return Roster(tuple(people.values()), tuple(worksheets), tuple(notes), lists)


def _renamed(sheet, ids):
    """A worksheet with other ids for some people."""
    told = {n: replace(it, id=ids.get(it.id, it.id)) for n, it in sheet.participants.items()}
    return Worksheet(told, sheet.maximum)


def add_list(course, path):
    """Add a class list to those that were given before, and keep them.

    Parameters
    ----------
    course : Course
    path : Path

    Returns
    -------
    Roster
        The class.

    Raises
    ------
    CourseError
        If it is no list.
    OSError
        If it cannot be kept.
    """
    roster = merge(read_class(course), read_roster(path, course.zone))
    write_class(course, roster)
    return roster


def write_class(course, roster):
    """Keep a class.

    Parameters
    ----------
    course : Course
    roster : Roster

    Raises
    ------
    OSError
        If it cannot be written.
    """
    rows = [
        (it.id, it.name, it.email, it.group, " ".join(it.logins))
        + (it.canvas, it.sis_user, it.sis_login)
        for it in roster.people
    ]
    sheets = [
        {
            "maximum": sheet.maximum,
            "participants": {
                number: {
                    "id": it.id,
                    "submitted": it.submitted and it.submitted.isoformat(),
                    "late": it.late,
                    "until": it.until and it.until.isoformat(),
                }
                for number, it in sheet.participants.items()
            },
        }
        for sheet in roster.worksheets
    ]
    table = io.StringIO(newline="")
    csv.writer(table).writerows([OWN, *([harmless(it) for it in row] for row in rows)])
    told = {"lists": sorted(roster.lists), "worksheets": sheets}
    text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    write_whole(course.build / WORKSHEETS, text.encode(), beside=course.build)
    write_whole(course.build / ROSTER, table.getvalue().encode("utf-8-sig"), beside=course.build)


def _read_worksheets(course):
    """What is kept of Moodle's worksheets, and SHA-256 of the lists that were given."""

    def convert(told):
        return tuple(map(_worksheet, told["worksheets"])), frozenset(told["lists"])

    mend = "Remove it, and give Moodle's worksheets again: course roster WORKSHEET"
    return read_kept(course.build / WORKSHEETS, convert, mend) or ((), frozenset())


def _worksheet(sheet):
    """A worksheet as it was kept."""
    participants = {
        number: Participant(it["id"], _time(it["submitted"]), it["late"], _time(it["until"]))
        for number, it in sheet["participants"].items()
    }
    return Worksheet(participants, sheet["maximum"])


def _time(text):
    """A time that was kept."""
    return datetime.fromisoformat(text) if text else None


class _Row:
    """A row, by what its cells hold."""

    def __init__(self, cells, kinds):
        self.cells = cells
        self.kinds = kinds

    def __call__(self, kind):
        """Give the first cell of a kind that has something in it."""
        return next(iter(self.all(kind)), "")

    def all(self, kind):
        """List the cells of a kind that have something in them."""
        return [_bare(it) for place in self.kinds.get(kind, ()) if (it := self.cells[place])]


def _bare(text):
    """A cell without what a table puts before it: an apostrophe, or Brightspace's #."""
    return text[1:] if re.match(r"'[=+\-@']|#[\w.]", text) else text


def is_canvas(columns, kinds):
    """Tell whether these are columns of Canvas's gradebook, with a name in one of them or in two.

    Parameters
    ----------
    columns : sequence of str
    kinds : dict of str to list of int
        From `read_columns`.

    Returns
    -------
    bool
    """
    names = {it.strip().casefold() for it in columns}
    return "id" in names and (
        {"student", "section"} <= names
        or ("student" in names and names & {"sis user id", "sis login id"})
        or ({"lastname", "firstname"} <= names and bool(names & {"section", "sis login id"}))
        or (names >= {"student", "id"} and not kinds.get("email"))
    )


def _canvas_person(row):
    """Somebody in Canvas's gradebook; not its lines of points or its test student."""
    name, number = _name(row), row("id")
    if not number.isdigit() or name.casefold() in NOBODY:
        return None
    user, login = row("sis user"), row("sis login")
    email = row("email") or (login if EMAIL.fullmatch(login) else "")
    logins = _others(row, user or login or number, (login,))
    return Person(user or login or number, name, email, logins, "", number, user, login)


def _person(row):
    """Somebody on another list."""
    email, name, number = row("email"), _name(row), _participant(row)
    email = email if EMAIL.fullmatch(email) else ""
    known = row("id") or row("login") or row("sis login") or email
    if not known and number:  # Moodle's anonymous ones
        known = f"{ANONYMOUS}{number}"
        name = name or f"Participant {number}"
    if not known:
        return None
    logins = _others(row, known, row.all("id"))
    sis = row("sis user"), row("sis login")
    return Person(known, name, email, logins, row("group"), row("canvas"), *sis)


def _name(row):
    """A person's name."""
    return row("name") or f"{row('first')} {row('last')}".strip()


def _others(row, id_, more):
    """What somebody is known as beside the id."""
    found = (*more, *(part for it in row.all("login") for part in it.split()))
    return tuple(dict.fromkeys(it for it in found if it and it != id_))


def _participant(row):
    """The number of one of Moodle's participants; nothing if there is none."""
    told = PARTICIPANT.fullmatch(row("participant"))
    return told[2] if told else ""


def _told(row, id_, zone):
    """What Moodle's worksheet tells of somebody."""
    submitted, until = read_time(row("submitted")), read_time(row("status"))
    late = tells_lateness(row("status")) if submitted else None
    times = (it and in_zone(it, zone) for it in (submitted, until))
    return Participant(id_, next(times), late, next(times))


def _teaches(role):
    """Whether a role is that of somebody who does not hand in."""
    return bool(TEACHERS.search(role)) and not STUDENTS.search(role)


def _number(text):
    """A number as Moodle writes it; nothing if it is none."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _known_as(person):
    """Whatever tells who somebody is, but for the name."""
    canvas = (f"canvas {person.canvas}",) if person.canvas else ()
    told = (person.id, person.email, *person.logins, person.sis_user, person.sis_login, *canvas)
    return [it for it in told if it]


def _index(people):
    """Ids by whatever else people are known as."""
    return {_spelling(it): person.id for person in people for it in _known_as(person)}


def _only_by_name(person, people, new):
    """The id of the one former person of a name that nothing else tells apart; nothing if none."""

    def alike(it):
        return sorted(re.findall(r"[^\W_]+", _spelling(it.name)))

    words = alike(person)
    same = [it for it in people.values() if words and alike(it) == words]
    if len(same) != 1 or sum(alike(it) == words for it in new.people) != 1:
        return None
    told = [(same[0].email, person.email), (same[0].canvas, person.canvas)]
    return None if any(one and two and one != two for one, two in told) else same[0].id


def _merged(former, new):
    """One person of two."""
    others = (*former.logins, *new.logins, *((new.id,) if new.id != former.id else ()))
    known = set(map(_spelling, (former.id, former.email or new.email)))
    return Person(
        former.id,
        new.name if new.name and not new.name.startswith("Participant ") else former.name,
        former.email or new.email,
        tuple(it for it in dict.fromkeys(others) if _spelling(it) not in known),
        new.group or former.group,
        new.canvas or former.canvas,
        new.sis_user or former.sis_user,
        new.sis_login or former.sis_login,
    )


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


def _joined(text):
    """Letters and digits of a text."""
    return "".join(re.findall(r"[^\W_]+", _spelling(text)))


def _plain(text):
    """A text without accents."""
    return "".join(it for it in unicodedata.normalize("NFD", text) if not unicodedata.combining(it))
