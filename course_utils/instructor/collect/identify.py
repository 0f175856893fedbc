"""Identify what lies in an inbox: what every file is, of which lesson, and whose."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from course_utils.instructor.collect.archives import UnreadableFileError
from course_utils.instructor.collect.columns import PARTICIPANTS
from course_utils.instructor.collect.fingerprints import (
    fingerprints,
    held_lesson,
    held_lessons,
    holds_some,
    is_notebook,
    notebook_texts,
)
from course_utils.instructor.collect.inbox import Arrival
from course_utils.instructor.collect.names import ANONYMOUS, CANVAS, MOODLE, Owner
from course_utils.instructor.plain_text import escaped, quoted

MAJORITY = 0.8
"""Where so many notebooks of a download are of one lesson, it is the one they were asked for."""


@dataclass(frozen=True)
class Handed:
    """An arrival that was looked into.

    Attributes
    ----------
    arrival : Arrival
    sha256 : str
        Of its content; empty if that could not be read.
    notebook : bool
    lesson : str or None
        None if neither its names nor its cells tell.
    oddities : tuple of str
    student : str
        The student's id; empty if nothing tells whose it is.
    problem, advice : str
        Why it cannot be placed, and what to do; empty if it can.
    foreign : bool
        Whether it holds nothing of its lesson, as far as can be told.
    also : tuple of str
        Other lessons that it holds as well.
    until : datetime or None
        The extension that a platform tells of.
    group : str
        The group's name that Moodle puts before that of each of its members.
    partners : tuple of str
        Ids of those with whom it was handed in.
    """

    arrival: Arrival
    sha256: str = ""
    notebook: bool = False
    lesson: str | None = None
    oddities: tuple = ()
    student: str = ""
    problem: str = ""
    advice: str = ""
    foreign: bool = False
    also: tuple = ()
    until: datetime | None = None
    group: str = ""
    partners: tuple = ()


def identify(arrivals, sources, people=None, before=None, tell=None):
    """Look into every file of an inbox, and tell of which lesson and whose it is.

    Parameters
    ----------
    arrivals : sequence of Arrival
    sources : dict of str to bytes
        Every lesson's notebook by its name.
    people : Roster, optional
        The class list. Without any, student ids are made of names and numbers.
    before : dict of str to dict of str to Collected, optional
        What is known of students already, by lesson.
    tell : callable, optional
        Called with ``completed`` and ``total`` for every file.

    Returns
    -------
    list of Handed
        In the arrivals' order; what a group has handed in is there for each of its members.
    """
    prints = fingerprints(sources)
    lessons = {lesson: notebook_texts(data)[0] for lesson, data in sources.items()}
    handed = []
    for count, arrival in enumerate(arrivals):
        if tell:
            tell(completed=count, total=len(arrivals))
        handed.append(_look_into(arrival, prints, lessons))
    handed = _with_students(_among_others(handed), people, before or {})
    return _without_doubles(_with_other_lessons(handed, before or {}), people)


def _look_into(arrival, prints, lessons):
    """Look into one file."""
    odd = list(arrival.oddities)
    seen = Handed(arrival, lesson=arrival.lesson, problem=arrival.problem, advice=arrival.advice)
    if not arrival.found.read:
        return seen
    try:
        data = arrival.found.read()
    except UnreadableFileError as error:
        advice = arrival.advice or "Have it handed in again."
        return replace(seen, problem=arrival.problem or str(error), advice=advice)
    notebook = is_notebook(arrival.name, data)
    seen = replace(seen, sha256=sha256(data).hexdigest(), notebook=notebook)
    if not notebook or arrival.problem:
        return seen
    texts, whole = notebook_texts(data)
    held, several = held_lesson(texts, prints), held_lessons(texts, prints)
    lesson = arrival.lesson or held or (several[0] if len(several) == 1 else None)
    foreign = bool(lesson) and not holds_some(texts, lessons[lesson])
    if not data.strip():
        odd.append("empty")
    elif not whole:
        odd.append("damaged, or not a notebook")
    if lesson in several:
        seen = replace(seen, also=tuple(it for it in several if it != lesson))
    elif held and held != lesson:
        odd.append(f"named {lesson}, holds {held}")
        foreign = True
    elif foreign and whole:
        odd.append(f"holds nothing of {lesson}")
    if not arrival.name.lower().endswith(".ipynb"):
        odd.append(f"handed in as {quoted(arrival.name)}")
    seen = replace(seen, lesson=lesson, oddities=tuple(odd), foreign=foreign)
    if not lesson and several:
        why = f"it holds {' and '.join(several)}, and its name does not tell which counts"
        names = " and ".join(f"{it}.ipynb" for it in several)
        return replace(seen, problem=why, advice=f"Copy it twice, as {names}.")
    if not lesson:
        why = "neither its name nor its cells tell which lesson it is"
        return replace(seen, problem=why, advice=f"Name it {next(iter(prints))}.ipynb, or alike.")
    return seen


def _among_others(handed):
    """Mark notebooks of another lesson than nearly all of their download."""
    downloads = defaultdict(Counter)
    for it in handed:
        if it.notebook and it.lesson and it.arrival.owner:
            downloads[it.arrival.place[:-1]][it.lesson] += 1
    marked = []
    for it in handed:
        lessons = downloads.get(it.arrival.place[:-1])
        if lessons and it.notebook and it.lesson:
            most, count = lessons.most_common(1)[0]
            if it.lesson != most and count >= MAJORITY * lessons.total():
                it = replace(it, oddities=(*it.oddities, f"among notebooks of {most}"))
        marked.append(it)
    return marked


def _with_students(handed, people, before):
    """Tell whose everything is."""
    known = {}
    for students in before.values():
        for entry in students.values():
            key = (entry.system, entry.number) if entry.number else ("", entry.student)
            known.setdefault(key, entry.student)
    unnamed = _unnamed(handed, people)
    placed = []
    for it in handed:
        it = _named_by_number(it) if it.arrival.place in unnamed else it
        first = _with_student(it, people, known, before)
        placed += [first, *_members(it, first, people, known, before)]
    return _with_partners(placed)


def _with_partners(handed):
    """Tell with whom everything was handed in."""
    students = defaultdict(set)
    for it in handed:
        if it.student and not it.problem:
            students[_shared(it)].add(it.student)
    return [
        replace(it, partners=tuple(sorted(students[_shared(it)] - {it.student}))) for it in handed
    ]


def _shared(it):
    """What all of a group have in common: one file or, in Moodle, one content below its name."""
    return (it.arrival.place[:-1], it.group, it.sha256) if it.group else it.arrival.found.parts


def _unnamed(handed, people):
    """Places of what Moodle hands over without names: many numbers, and one word for all."""
    numbers, places = defaultdict(set), defaultdict(set)
    for it in handed:
        owner = it.arrival.owner
        if owner and owner.system == MOODLE and owner.number:
            key = it.arrival.place[:-1], owner.name
            numbers[key].add(owner.number)
            places[key].add(it.arrival.place)
    return {
        place
        for key, own in places.items()
        if _is_no_name(key[1], len(numbers[key]), people)
        for place in own
    }


def _is_no_name(name, count, people):
    """Whether a word stands for a name that Moodle does not tell."""
    if people and not people.find(Owner("", name))[1].endswith("is not on the class list"):
        return False
    return count > 2 or PARTICIPANTS.fullmatch(name) is not None


def _named_by_number(it):
    """What Moodle hands over without a name, with its number as one."""
    name = f"Participant {it.arrival.owner.number}"
    owner = replace(it.arrival.owner, name=name)
    return replace(it, arrival=replace(it.arrival, owner=owner))


def _made_id(owner):
    """An id for somebody who is on no list."""
    nameless = owner.name == f"Participant {owner.number}"
    return f"{ANONYMOUS}{owner.number}" if nameless else owner.student


def _members(it, first, people, known, before):
    """What a group has handed in, for the others of it."""
    owner, arrival = it.arrival.owner, it.arrival
    if first.problem and not arrival.partners:
        return []
    others = [_with_partner(it, partner, people, known, before) for partner in arrival.partners]
    group = people.group(owner.name) if people and owner else []
    for person in group:
        if person.id != first.student:
            others.append(_with_partner(it, Owner("", person.id), people, known, before))
    return others


def _with_partner(it, partner, people, known, before):
    """What a group has handed in, for one of it."""
    arrival = replace(it.arrival, owner=partner, partners=())
    return _with_student(replace(it, arrival=arrival), people, known, before)


def _with_student(it, people, known, before):
    """Tell whose a file is."""
    owner = it.arrival.owner
    if owner is None and people and people.find(Owner("", Path(it.arrival.name).stem))[0]:
        owner = Owner("", Path(it.arrival.name).stem)
    if owner is None and not it.problem:
        why = "its name does not tell whose it is"
        advice = "Put it into a folder named after the student."
        return replace(it, problem=why, advice=advice)
    if owner is None:
        return it
    key = (owner.system, owner.number) if owner.number else ("", owner.student)
    if not people:
        return replace(it, student=known.setdefault(key, _made_id(owner)))
    person, why = people.find(owner)
    if not person and owner.name == f"Participant {owner.number}":
        odd = (*it.oddities, "Moodle tells no name: it is known by its number")
        return replace(it, student=known.setdefault(key, _made_id(owner)), oddities=odd)
    if not person and (group := people.group(owner.name)):
        person, why = group[0], ""
    if not person:
        advice = (
            "Mend the class list, or copy it into a folder named after the student's id and "
            "collect that."
        )
        return replace(it, problem=it.problem or why, advice=it.advice or advice)
    odd = (why,) if why else ()
    odd += _of_group(owner, person, people)
    group = people.group_before(owner, person)
    former = known.get(key, person.id)
    if former != person.id and former in before.get(it.lesson, ()):
        odd += (f"collected before as {former}: remove what is in build/ under that name",)
    arrival = replace(it.arrival, owner=replace(owner, name=person.name or owner.name))
    told = people.told(owner)
    if told and told.submitted:
        told_late = {"received": told.submitted, "of_download": False, "late": told.late}
        arrival = replace(arrival, **told_late)
    until = told.until if told else None
    odd = it.oddities + odd
    told = {"oddities": odd, "until": until, "group": group}
    return replace(it, arrival=arrival, student=person.id, **told)


def _of_group(owner, person, people):
    """What is odd about a file that bears a group's name."""
    named = people.group(owner.name) or people.is_called(person, owner.name)
    if owner.system == CANVAS and owner.number and not named:
        return (f"named {quoted(owner.name)}: a group's? Then its others have nothing yet",)
    return ()


def _with_other_lessons(handed, before):
    """Tell of notebooks that hold another lesson, which their student has not handed in."""
    there = {(it.student, it.lesson) for it in handed if it.notebook and not it.problem}
    for lesson, students in before.items():
        there |= {(student, lesson) for student, entry in students.items() if entry.attempts}
    told = []
    for it in handed:
        missing = [lesson for lesson in it.also if (it.student, lesson) not in there]
        odd = tuple(f"also holds {lesson}: to be handed in there, too" for lesson in missing)
        told.append(replace(it, oddities=it.oddities + odd))
    return told


def _without_doubles(handed, people):
    """Refuse notebooks that may be by two students, as their names would make one id."""
    if people:
        return handed
    places, contents, names = defaultdict(set), defaultdict(set), defaultdict(set)
    for it in handed:
        if _is_plain(it):
            key = it.student, it.lesson
            places[key].add(it.arrival.place)
            contents[key].add(it.sha256)
            names[key].add(quoted(it.arrival.owner.name))
    kept = []
    for it in handed:
        key = (it.student, it.lesson) if _is_plain(it) else None
        if len(places[key]) > 1 and len(contents[key]) > 1:
            alike = ", ".join(sorted(escaped("/".join(place)) or "." for place in places[key]))
            it = replace(
                it,
                problem=f"two students may have the name {' or '.join(sorted(names[key]))} "
                f"({alike})",
                advice="Two students: rename one folder. One student: put all into one folder. "
                "Or give a class list with --roster.",
            )
        kept.append(it)
    return kept


def _is_plain(it):
    """Whether this is a notebook of somebody whom no number tells from others."""
    return it.notebook and not it.problem and not it.arrival.owner.number
