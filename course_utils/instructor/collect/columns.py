"""What the columns of a class list hold: told by their names, in many languages, or their cells."""

import re
import tomllib
import unicodedata
from pathlib import Path

EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
PARTICIPANT = re.compile(r"([^\W\d_][^\d]*?)\s?(\d{1,12})")
"""What Moodle calls a participant of one assignment, in any language: "Participant 1234"."""


def plain(text):
    """Bring a column's name into a form in which spellings are alike."""
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(it for it in text if not unicodedata.combining(it))
    return " ".join(re.findall(r"\w+", text.replace("_", " ")))


LANGUAGES = tomllib.loads(Path(__file__).with_name("languages.toml").read_text(encoding="utf-8"))
MEANS = {
    plain(name): kind for kind, names in reversed(LANGUAGES["columns"].items()) for name in names
}
TEACHERS, STUDENTS, PARTICIPANTS = (
    re.compile("|".join(LANGUAGES["words"][kind]), re.IGNORECASE)
    for kind in ("teachers", "students", "participants")
)


def read_columns(columns, rows):
    """Tell what columns hold.

    Parameters
    ----------
    columns : sequence of str
        Their names.
    rows : sequence of sequence of str

    Returns
    -------
    dict of str to list of int
        Places of columns by what they hold: the kinds in ``languages.toml``, and "participant",
        the numbers by which Moodle's grading worksheet knows people.
    """
    cells = [[row[place] for row in rows if row[place]] for place in range(len(columns))]
    found = {}
    for place, name in enumerate(columns):
        kind = "participant" if _are_participants(plain(name), cells[place]) else None
        kind = kind or MEANS.get(plain(name))
        if not kind and plain(name) == "identifier":  # GitHub Classroom's is what people chose
            kind = "name" if all(" " in it and _is_name(it) for it in cells[place]) else "id"
        if kind == "email" or not kind:
            emails = sum(EMAIL.fullmatch(it) is not None for it in cells[place])
            kind = "email" if cells[place] and 2 * emails > len(cells[place]) else kind
        if kind:
            found.setdefault(kind, []).append(place)
    _tell_names(found, cells)
    if "participant" in found:
        _tell_worksheet(found, columns, cells)
    return found


def _are_participants(name, cells):
    """Whether cells are numbers of participants: all begin alike, in words."""
    told = [PARTICIPANT.fullmatch(it) for it in cells]
    starts = {it and it[1].casefold() for it in told}
    if len(set(cells)) < len(cells):
        return False
    start = next(iter(starts)) if len(starts) == 1 else None
    if not start or PARTICIPANTS.fullmatch(start):
        return bool(start)
    other = MEANS.get(name) in ("id", "login", "email", "group")
    return not other and (len(start) > 3 or not start.isascii())


def _tell_names(found, cells):
    """Find the names where no column is called so: the first columns with words only."""
    if found.keys() & {"name", "first", "last"}:
        return
    taken = {place for places in found.values() for place in places}
    if "participant" in found:  # in a worksheet they stand behind it, if they are told
        taken |= set(range(len(cells))) - {found["participant"][0] + 1}
    words = [
        place
        for place, own in enumerate(cells)
        if place not in taken and own and all(_is_name(it) for it in own)
    ]
    if words and any(" " in it for it in cells[words[0]]):
        found["name"] = words[:1]
    elif words:
        found["first"], found["last"] = words[:1], words[1:2]


def _is_name(text):
    """Whether a text may be a name."""
    return not re.search(r"[\d@=%]", text) and any(it.isalpha() for it in text)


def _tell_worksheet(found, columns, cells):
    """Find what a grading worksheet tells, whatever its columns are called."""
    if "status" not in found:  # in every language it stands behind names and addresses
        kinds = ("participant", "name", "email", "id")
        before = max(place for it in kinds for place in found.get(it, ()))
        if before + 1 < len(columns):
            found["status"] = [before + 1]
    times = [
        place
        for place, name in enumerate(columns)
        if re.search(r"\(.*\)", name) and place not in sum(found.values(), [])
    ]
    if "submitted" not in found and times:
        found["submitted"] = times[:1]
