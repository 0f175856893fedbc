"""Read an inbox: whose every file is, when it was handed in, and which lesson its name tells.

Whose a file is, the outermost name decides that tells it, because that is the one which the
learning platform or the instructor made; names further in are the student's own.

What the platforms' names look like was read in their sources. Canvas: ``NAME_USER_FILE_the name``,
with ``LATE`` after the name where it is; USER is the same in every assignment, and FILE grows with
every upload. Moodle: ``NAME_NUMBER_assignsubmission_file_the name``, as one name or with a folder
instead of the last ``_``; NUMBER is another one in every assignment. Both stamp the files in their
zips with the time of the download, not with the one at which they were handed in. Gradescope: a
folder ``submission_NUMBER``, and one file for all of them that tells names, ids and times.
"""

import json
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import PurePath
from zoneinfo import ZoneInfo

from course_utils.instructor.collect.archives import Found, UnreadableFileError
from course_utils.instructor.plain_text import quoted
from course_utils.instructor.repair.submission_file import MOST_BRACKETS

MOODLE, CANVAS, GRADESCOPE = "Moodle", "Canvas", "Gradescope"
GRADESCOPES_LIST = "submission_metadata.yml"
PLATFORMS = {
    MOODLE: r"(?P<name>.+?)(?:_(?P<number>\d+))?_assignsubmission_[a-z]+(?:_(?P<rest>.*))?",
    CANVAS: r"(?P<name>\w*?[^\W\d_]\w*?)_(?P<late>LATE_)?(?P<number>\d+)_"
    r"(?:(?P<file>\d+)_(?P<rest>.+)|(?:text|link)\.html)",
    "Canvas, anonymous": r"(?P<late>LATE_)?(?P<name>anon)_(?P<number>[A-Za-z0-9]+)_"
    r"(?:(?P<file>\d+)_(?P<rest>.+)|(?:text|link)\.html)",
    GRADESCOPE: r"(?P<name>submission)_(?P<number>\d+)",
    "nbgrader": r"(?P<name>[^+]+)\+[^+]+\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? "
    r"(?P<zone>[\w/]+)(?:\+.*)?",
}
PLATFORMS = {system: re.compile(names, re.DOTALL) for system, names in PLATFORMS.items()}
COPIES = re.compile(
    r"(?<![^\W_])(?:copy|[ck][oó]pi[ae])[ _](?:of|von|de|di|van|av)(?![^\W_])"
    r"|(?<![^\W_])(?:copy|[ck]opi[ae])\s*$|\(\d+\)|\.ipynb$",
    re.IGNORECASE,
)
"""What Colab, Drive and Windows write into the name of a copy."""
NOBODY = {"answer", "answers", "attempt", "backup", "copy", "corrected", "data", "done", "draft"}
NOBODY |= {"exercise", "exercises", "images", "part", "src", "try", "upload"}
NOBODY |= {"final", "finished", "fixed", "homework", "lesson", "my", "new", "notebook", "of", "old"}
NOBODY |= {"solution", "solutions", "solved", "submission", "the", "updated", "version", "v"}
"""Words in the names of notebooks and folders that are nobody's name."""
HOLDER = re.compile(r"drive-download-.*|(?:.*[\W_])?submissions?", re.IGNORECASE)
"""Folders and zips of a whole class."""
RESERVED = {"con", "prn", "aux", "nul"}
RESERVED |= {f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)}
RESERVED |= {"collected"}
"""What Windows lets no file be called, and the list that lies beside students' folders."""
NUMBER = re.compile(
    r"^([0-9]{2})(?:-|$)|(?:^|-)(?:lesson|notebook|lab|homework|hw)-?([0-9]{1,2})(?:-|$)"
)
"""A lesson's number in a name."""
DOWNLOAD = timedelta(hours=1)
"""Files of a platform's download whose times lie closer together bear the time of the download."""


@dataclass(frozen=True)
class Owner:
    """Whose a file is, as its name says.

    Attributes
    ----------
    system : str
        Whose way of naming it is: ``"Moodle"``, ``"Canvas"``, …, or ``""``.
    name : str
        The student's name, in Unicode's composed form.
    number : str
        What the system counts the student as; empty if it does not.
    """

    system: str
    name: str
    number: str = ""

    @property
    def student(self):
        """A student id made of name and number, which may name a folder: always the same."""
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", self.name).casefold())
        kept = (
            character if unicodedata.category(character)[0] in "LNM" or character in "_.@+" else "-"
            for character in text
        )
        made = re.sub("-+", "-", "".join(kept)).strip("-_.@+")
        if len(made) > 48 or not made:
            start = made[:40].strip("-_.@+") or "student"
            made = f"{start}-{sha256(text.encode()).hexdigest()[:8]}"
        if self.number:
            return f"{made}-{self.number}"
        return f"student-{made}" if made.split(".")[0] in RESERVED else made


@dataclass(frozen=True)
class Arrival:
    """A file that somebody handed in.

    Attributes
    ----------
    found : Found
    owner : Owner or None
        None if its name does not tell.
    place : tuple of str
        The names down to the one that tells the owner.
    name : str
        The file's own name, as the student gave it.
    lesson : str or None
        Which lesson the names tell.
    received : datetime or None
        In UTC.
    of_download : bool
        Whether this is only when it was downloaded or saved, so that it was handed in before.
    late : bool or None
        What the platform says; None if it does not tell.
    order : tuple of int
        Later attempts of one time have a higher one.
    oddities : tuple of str
    problem, advice : str
        Why it cannot be placed, and what to do; empty if it can.
    """

    found: Found
    owner: Owner | None
    place: tuple
    name: str
    lesson: str | None
    received: datetime | None
    of_download: bool = False
    late: bool | None = None
    order: tuple = ()
    oddities: tuple = ()
    problem: str = ""
    advice: str = ""


def read_inbox(files, lessons, called="", people=None):
    """Tell whose files are, when they came, and which lessons their names tell.

    Parameters
    ----------
    files : sequence of Found
    lessons : sequence of str
    called : str
        The inbox's own name.
    people : Roster, optional
        The class list. With it, a folder or zip that is nobody's and holds what belongs to people
        on the list holds several students' files.

    Returns
    -------
    list of Arrival
        In the files' order.
    """
    holder = PurePath(called).stem.casefold()
    handed_in = [found for found in files if found.parts[-1] != GRADESCOPES_LIST]
    arrivals = list(_with_owners(handed_in, 0, lessons, holder, people))
    listed = _gradescopes_list(files)
    arrivals = [_of_gradescope(arrival, listed) for arrival in arrivals]
    return sorted(_with_downloads(arrivals), key=lambda arrival: arrival.found.parts)


def named_lesson(text, lessons):
    """Find the lesson that a name tells.

    Parameters
    ----------
    text : str
        A file's or folder's name.
    lessons : sequence of str

    Returns
    -------
    lesson : str or None
    exactly : bool
        Whether the whole name of the lesson is in it, and not just its number or title.
    """
    words = _joined(text)
    held = [lesson for lesson in lessons if f"-{_joined(lesson)}-" in f"-{words}-"]
    if held:
        return max(held, key=len), True
    number = NUMBER.search(words)
    number = int(number[1] or number[2]) if number else None
    for lesson in lessons:
        count, _, title = _joined(lesson).partition("-")
        numbered = count.isdigit() and int(count) == number
        if numbered or ("-" in title and f"-{title}-" in f"-{words}-"):
            held.append(lesson)
    return (held[0] if len(held) == 1 else None), False


def fingerprints(notebooks):
    """Collect what is in one lesson and in no other.

    Parameters
    ----------
    notebooks : dict of str to bytes
        A lesson's notebook by its name.

    Returns
    -------
    dict of str to set of str
    """
    texts = {lesson: notebook_texts(data)[0] for lesson, data in notebooks.items()}
    return {
        lesson: own - set().union(*(other for name, other in texts.items() if name != lesson))
        for lesson, own in texts.items()
    }


def held_lesson(texts, prints):
    """Find the lesson whose cells a notebook holds.

    Parameters
    ----------
    texts : set of str
        From `notebook_texts`.
    prints : dict of str to set of str
        From `fingerprints`.

    Returns
    -------
    str or None
        None if it holds none, or as much of two.
    """
    hits = sorted(((len(texts & own), lesson) for lesson, own in prints.items()), reverse=True)
    if not hits or hits[0][0] < 3 or (len(hits) > 1 and hits[0][0] <= 2 * hits[1][0]):
        return None
    return hits[0][1]


def notebook_texts(data):
    """Collect the lines and grade ids of a notebook, however damaged it is.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    texts : set of str
        Empty if there is nothing of a notebook in it.
    whole : bool
        Whether it is a notebook at all, and not damaged.
    """
    notebook = _json(data)
    if notebook is None:
        # A file that breaks off in the middle, most often: what can be read are its texts.
        told = re.findall(rb'"((?:[^"\\]|\\.){15,2000})"', data)
        lines = [text for text in (_json(b'"%s"' % text) for text in told) if text]
        return _lines("\n".join(line for line in lines if isinstance(line, str))), False
    found, cells = set(), _cells(notebook)
    for cell in cells or []:
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", cell.get("input", ""))
        if isinstance(source, list):
            source = "".join(line for line in source if isinstance(line, str))
        if isinstance(source, str):
            found |= _lines(source)
        metadata = cell.get("metadata")
        roles = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        if isinstance(roles, dict) and isinstance(roles.get("grade_id"), str):
            found.add(f"grade id {roles['grade_id']}")
    return found, cells is not None


def is_notebook(name, data):
    """Tell whether a file is a notebook, or was meant as one.

    Parameters
    ----------
    name : str
        Its own name.
    data : bytes

    Returns
    -------
    bool
        True for every ``.ipynb``, and for what a browser called ``.txt``, ``.json`` or nothing.
    """
    if name.lower().endswith(".ipynb"):
        return True
    ending = PurePath(name).suffix.lower()
    may_be = ending in ("", ".json", ".txt") or ".ipynb" in name.lower()
    return may_be and _cells(_json(data)) is not None


def _with_owners(files, depth, lessons, holder, people):
    """Arrivals of files that share the first names."""
    groups = defaultdict(list)
    for found in files:
        groups[found.parts[depth]].append(found)
    folders = {top for top in groups if any(len(it.parts) > depth + 1 for it in groups[top])}
    untold = [
        top
        for top in folders
        if not _platform(top) and not _names_class(_without_zip(top), lessons, holder)
    ]
    downloads = all(_is_download(groups[top], depth + 1) for top in untold)
    alone = sum(top in folders or top.lower().endswith(".ipynb") for top in groups) == 1
    for top, group in groups.items():
        place = group[0].parts[: depth + 1]
        platform = _platform(top)
        stem = _without_zip(top)
        if platform:
            for found in group:
                yield _of_platform(found, *platform, place, lessons)
        elif top not in folders:
            yield from (_of_file(found, place, lessons) for found in group)
        elif (
            top not in untold
            or downloads
            or (alone and _is_holder(group, depth + 1, lessons))
            or (people and _holds_people(stem, group, depth + 1, people))
        ):
            yield from _with_owners(group, depth + 1, lessons, holder, people)
        else:
            yield from _of_folder(group, _student_in(stem, lessons) or stem, place, lessons)


def _platform(name):
    """The platform that gave a file or folder its name, and what the name tells; or nothing."""
    for system, names in PLATFORMS.items():
        told = names.fullmatch(name)
        if told and (system != CANVAS or told["name"].islower()):  # Canvas makes it so
            return system, told.groupdict()
    return None


def _of_platform(found, system, told, place, lessons):
    """An arrival whose name a platform gave."""
    owner = Owner(system.split(",")[0], _composed(told["name"]), told.get("number") or "")
    name = found.parts[-1]
    if len(place) == len(found.parts):
        name = told.get("rest") or name
    arrival = _arrival(found, owner, place, name, lessons)
    if told.get("time"):
        received = _with_zone(told["time"], told["zone"])
        arrival = replace(arrival, received=received, of_download=False)
    order = (int(told.get("file") or 0), *arrival.order[1:])
    late = bool(told["late"]) if "late" in told else None
    return replace(arrival, late=late, order=order)


def _gradescopes_list(files):
    """Names, ids and time of Gradescope's submissions, by number."""
    listed = {}
    for found in files:
        if (
            found.parts[-1] != GRADESCOPES_LIST
            or any(map(_platform, found.parts))
            or not found.read
        ):
            continue
        try:
            text = found.read().decode("utf-8", "replace")
        except UnreadableFileError:
            continue
        for entry in re.split(r"^(?=submission_\d+:)", text, flags=re.MULTILINE)[1:]:
            head, _, rest = entry.partition(":created_at:")  # what follows tells of former ones
            names = re.findall(r":name: (.+)", head)
            first = "".join(head.split(":name:")[1:2])
            number = re.search(r":sid: '?(\w[\w-]{0,39})'?$", first, re.MULTILINE)
            time = re.match(r" (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\S* (Z|[+-]\d\d:\d\d)", rest)
            listed[re.match(r"submission_(\d+)", entry)[1]] = (names, number, time)
    return listed


def _of_gradescope(arrival, listed):
    """An arrival with what Gradescope's list tells of it, if it is Gradescope's."""
    owner = arrival.owner
    if not owner or owner.system != GRADESCOPE or not listed.get(owner.number, [()])[0]:
        return arrival
    names, number, time = listed[owner.number]
    names = [_composed(name.strip().strip("'\"").replace("''", "'")) for name in names]
    odd = (f"handed in together with {', '.join(map(quoted, names[1:]))}",) if names[1:] else ()
    received, of_download = arrival.received, arrival.of_download and not time
    if time:
        received = datetime.fromisoformat(time[1] + time[2].replace("Z", "+00:00")).astimezone(UTC)
    owner = Owner(GRADESCOPE, names[0], number[1] if number else owner.number)
    told = {"owner": owner, "received": received, "of_download": of_download}
    return replace(arrival, **told, oddities=arrival.oddities + odd)


def _of_file(found, place, lessons):
    """An arrival that lies by itself; its name may tell lesson and student."""
    name = found.parts[-1]
    student = _student_in(PurePath(name).stem, lessons)
    owner = Owner("", student) if student else None
    arrival = _arrival(found, owner, place[:-1], name, lessons)
    # In a zip, this one was made of a class.
    return replace(arrival, received=found.time, of_download=found.saved)


def _of_folder(group, student, place, lessons):
    """Arrivals from a student's folder."""
    owner = Owner("", _composed(student))
    others = {}
    for found in group:
        told = [platform for part in found.parts[len(place) :] if (platform := _platform(part))]
        if told:
            system, names = told[0]
            others[found] = f"{names['name']} {names.get('number') or ''}".strip()
    several = len(set(others.values())) > 1
    for found in group:
        arrival = _arrival(found, owner, place, found.parts[-1], lessons)
        if found in others and several:
            arrival = replace(
                arrival,
                owner=None,
                problem=f"{quoted(place[-1])} lies beside students' folders and holds files named "
                "as if by several students",
                advice="If that is a download of a class, collect it by itself, or give a class "
                "list with --roster.",
            )
        elif found in others:
            odd = f"named as if by {quoted(others[found])}, but in this student's folder"
            arrival = replace(arrival, oddities=(*arrival.oddities, odd))
        yield arrival


def _arrival(found, owner, place, name, lessons):
    """An arrival with what its names tell; its lesson above all."""
    lesson, exactly = named_lesson(name, lessons)
    if not exactly:  # a folder with a lesson's full name tells more than a number in the file's
        by_folders = [named_lesson(part, lessons) for part in reversed(found.parts[:-1])]
        whole = [folder for folder, fully in by_folders if fully]
        half = [folder for folder, _ in by_folders if folder]
        lesson = (whole or [lesson or (half or [None])[0]])[0]
    numbers = re.findall(r"[-_ (](\d{1,3})\)?(?=$|\.)", name)
    made = int(found.own_time.timestamp()) if found.own_time else 0
    order = (0, made, int(numbers[-1]) if numbers else 0)
    own_zip = len(place) <= found.zip_parts  # whose times the student's computer made
    return Arrival(
        found,
        owner,
        place,
        name,
        lesson,
        found.zip_time if own_zip else found.time,
        of_download=found.saved or (own_zip and found.zip_parts > 0),
        order=order,
        problem=found.problem,
        advice=found.advice,
    )


def _with_downloads(arrivals):
    """Give files that bear the time of their download one time, so that it does not order them."""
    groups = defaultdict(list)
    for arrival in arrivals:
        if arrival.owner and arrival.owner.system in (MOODLE, CANVAS) and arrival.received:
            groups[arrival.place[:-1], arrival.owner.system].append(arrival)
    last = {}
    for group, members in groups.items():
        times = [arrival.received for arrival in members]
        if max(times) - min(times) <= DOWNLOAD:
            last[group] = max(times)
    for arrival in arrivals:
        group = (arrival.place[:-1], arrival.owner.system) if arrival.owner else None
        if group in last and arrival.received:
            order = (arrival.order[0], 0, *arrival.order[2:])
            yield replace(arrival, received=last[group], of_download=True, order=order)
        else:
            yield arrival


def _is_download(group, depth):
    """Whether all that lies directly in a folder was named by a platform."""
    return all(_platform(found.parts[depth]) for found in group if len(found.parts) > depth)


def _names_class(stem, lessons, holder):
    """Whether a folder's name is one for a whole class: a lesson's, or a download's."""
    of_lesson = named_lesson(stem, lessons)[1] and not _student_in(stem, lessons)
    return stem.casefold() == holder or bool(HOLDER.fullmatch(stem)) or of_lesson


def _is_holder(group, depth, lessons):
    """Whether the only folder of an inbox holds several students."""
    students = set()
    for found in group:
        part = found.parts[depth]
        if len(found.parts) == depth + 1 and not part.lower().endswith(".zip"):
            students.add(_student_in(PurePath(part).stem, lessons))
        elif not _names_class(_without_zip(part), lessons, "") and _may_be_name(part):
            students.add(part)
    return len(students - {""}) > 1


def _holds_people(stem, group, depth, people):
    """Whether a folder is nobody's on the class list, and somebody's there lies directly in it."""
    if people.find(Owner("", _composed(stem)))[0]:
        return False
    owners = (_owner_in(part) for part in {found.parts[depth] for found in group})
    return any(people.find(owner)[0] for owner in owners)


def _owner_in(name):
    """Whose a file or folder is, if its name is a platform's or a person's."""
    system, told = _platform(name) or ("", {"name": PurePath(_without_zip(name)).name})
    return Owner(system.split(",")[0], _composed(told["name"]), told.get("number") or "")


def _student_in(stem, lessons):
    """The student's name that stands beside a lesson's; empty if there is none.

    GitHub Classroom, for one, calls a folder after the lesson and the student.
    """
    lesson, exactly = named_lesson(stem, lessons)
    if not exactly:
        return ""
    before = None
    while stem != before:
        before, stem = stem, COPIES.sub(" ", stem)
    spelt = r"[\W_]*".join(map(re.escape, _words(lesson)))
    rest = re.sub(spelt, " ", _composed(stem), flags=re.IGNORECASE).strip(" -–—_.,:;")
    return re.sub(r"\s+", " ", rest) if _may_be_name(rest) else ""


def _may_be_name(text):
    """Whether a text may be somebody's name, and not just tell one version from another."""
    return any(
        word not in NOBODY and not re.fullmatch(r"v?\d+|[a-z]", word) for word in _words(text)
    )


def _joined(text):
    """Words and numbers of a name, joined alike."""
    return "-".join(_words(text))


def _words(text):
    """Words and numbers of a name, whatever stands between them."""
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())


def _composed(name):
    """A name in Unicode's composed form, however a computer wrote it."""
    return unicodedata.normalize("NFC", name.encode("utf-8", "backslashreplace").decode("utf-8"))


def _without_zip(name):
    """A zip's or folder's name."""
    return name[:-4] if name.lower().endswith(".zip") else name


def _with_zone(text, zone):
    """A time in UTC; nothing if there is no such time or zone."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, KeyError, OSError):
        return None


def _json(data):
    """What a file holds, if that is JSON that fits into memory."""
    if data.count(b"[") + data.count(b"{") > MOST_BRACKETS:
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError, MemoryError):
        return None


def _cells(notebook):
    """Cells of a notebook, as any version of Jupyter writes them; None if it is no notebook."""
    if not isinstance(notebook, dict):
        return None
    cells = notebook.get("cells")
    sheets = notebook.get("worksheets")
    if cells is None and isinstance(sheets, list) and sheets and isinstance(sheets[0], dict):
        cells = sheets[0].get("cells")
    return cells if isinstance(cells, list) else None


def _lines(text):
    """A text's lines that are long enough to tell lessons apart."""
    return {line for line in map(str.strip, text.splitlines()) if len(line) >= 15}
