"""Read an inbox: whose every file is, when it was handed in, and which lesson its name tells.

Whose a file is, the outermost name decides that tells it, because that is the one which the
learning platform or the instructor made; names further in are the student's own.

What a zip or folder says of a file's time is that of a download, of packing or of saving, and never
that of handing in: it can only tell that something was there already. Gradescope's downloads hold
one file for all submissions that tells names, ids and times; Blackboard and Brightspace write times
into names.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from zoneinfo import ZoneInfo

from course_utils.instructor.clock import in_zone
from course_utils.instructor.collect.archives import Found, UnreadableFileError
from course_utils.instructor.collect.moodle_dates import read_time
from course_utils.instructor.collect.names import (
    BLACKBOARD,
    CANVAS,
    GRADESCOPE,
    MOODLE,
    Owner,
    composed,
    may_be_name,
    named_lesson,
    named_platform,
    owner_in,
    student_in,
    without_zip,
)
from course_utils.instructor.plain_text import quoted

GRADESCOPES_LIST = "submission_metadata.yml"
HOLDER = re.compile(r"drive-download-.*|(?:.*[\W_])?submissions?", re.IGNORECASE)
"""Folders and zips of a whole class."""
DOWNLOAD = timedelta(hours=1)
"""Files of a platform's download whose times lie closer together bear the time of the download."""
PACKING = timedelta(minutes=1)
"""Files of another zip whose times lie closer together were stamped when it was made."""


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
        Whether this is only when it was downloaded, packed or saved: it was handed in before.
    late : bool or None
        What the platform says; None if it does not tell.
    order : tuple of int
        Later attempts of one time have a higher one.
    stamp : str
        The time that the platform wrote into a name, as it stands there.
    oddities : tuple of str
    problem, advice : str
        Why it cannot be placed, and what to do; empty if it can.
    partners : tuple of Owner
        With whom it was handed in.
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
    stamp: str = ""
    oddities: tuple = ()
    problem: str = ""
    advice: str = ""
    partners: tuple = ()


def read_inbox(files, lessons, called="", people=None, zone=None):
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
    zone : tzinfo, optional
        That of the times in names; this computer's, if not given.

    Returns
    -------
    list of Arrival
        In the files' order.
    """
    holder = PurePath(called).stem.casefold()
    handed_in = [found for found in files if found.parts[-1] != GRADESCOPES_LIST]
    arrivals = list(_with_owners(handed_in, 0, lessons, holder, people))
    arrivals = [_stamped(arrival, zone) for arrival in arrivals]
    listed = _gradescopes_list(files)
    arrivals = [_of_gradescope(arrival, listed) for arrival in arrivals]
    return sorted(_with_downloads(arrivals), key=lambda arrival: arrival.found.parts)


def _with_owners(files, depth, lessons, holder, people):
    """Arrivals of files that share the first names."""
    groups = defaultdict(list)
    for found in files:
        groups[found.parts[depth]].append(found)
    folders = {top for top in groups if any(len(it.parts) > depth + 1 for it in groups[top])}
    untold = [
        top
        for top in folders
        if not named_platform(top) and not _names_class(without_zip(top), lessons, holder)
    ]
    downloads = all(_is_download(groups[top], depth + 1) for top in untold)
    alone = sum(top in folders or top.lower().endswith(".ipynb") for top in groups) == 1
    for top, group in groups.items():
        place = group[0].parts[: depth + 1]
        platform = named_platform(top)
        stem = without_zip(top)
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
            yield from _of_folder(group, student_in(stem, lessons) or stem, place, lessons)


def _of_platform(found, system, told, place, lessons):
    """An arrival whose name a platform gave."""
    owner = Owner(system.split(",")[0], composed(told["name"]), told.get("number") or "")
    name = found.parts[-1]
    if len(place) == len(found.parts):
        name = told.get("rest") or name
    arrival = _arrival(found, owner, place, name, lessons)
    if told.get("time"):
        received = _with_zone(told["time"], told["zone"])
        arrival = replace(arrival, received=received, of_download=False)
    stamp = told.get("stamp") or ""
    order = (int(told.get("file") or 0), *arrival.order[1:])
    late = bool(told["late"]) if "late" in told else None
    return replace(arrival, late=late, order=order, stamp=stamp)


def _stamped(arrival, zone):
    """An arrival with the time that the platform wrote into a name, if it did."""
    own = re.match(r"(\d{14})_(.+)", arrival.name)  # ILIAS
    time = None
    if arrival.stamp:
        time = _stamp(arrival.stamp, arrival.owner.system)
    elif own:
        time = _stamp(own[1], "")
        arrival = replace(arrival, name=own[2])
    if time is None:
        return arrival
    try:
        received = in_zone(time, zone).astimezone(UTC)
    except (OverflowError, OSError, ValueError):  # of a year that no clock has
        return arrival
    return replace(arrival, received=received, of_download=False)


def _stamp(text, system):
    """A time in a name, without a zone; nothing if it is none."""
    digits = re.findall(r"\d", text)
    if system in (BLACKBOARD, "") and len(digits) == 14:
        try:
            return datetime.strptime("".join(digits), "%Y%m%d%H%M%S")
        except ValueError:
            return None
    # File systems take no colon: "Nov 24, 2026 930 AM".
    return read_time(re.sub(r"(?<!\d)(\d{1,2})[ _.]?(\d\d)(\s*[AP]M|\s*$)", r"\1:\2\3", text))


def _gradescopes_list(files):
    """Who handed in Gradescope's submissions, and when, by number."""
    listed = {}
    for found in files:
        if (
            found.parts[-1] != GRADESCOPES_LIST
            or any(map(named_platform, found.parts))
            or not found.read
        ):
            continue
        try:
            text = found.read().decode("utf-8", "replace")
        except UnreadableFileError:
            continue
        for entry in re.split(r"^(?=submission_\d+:)", text, flags=re.MULTILINE)[1:]:
            head, _, rest = entry.partition(":created_at:")  # what follows tells of former ones
            owners = list(map(_submitter, head.split(":name:")[1:]))
            time = re.match(r" (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\S* (Z|[+-]\d\d:\d\d)", rest)
            listed[re.match(r"submission_(\d+)", entry)[1]] = (owners, time)
    return listed


def _submitter(text):
    """One of those who handed in, from what Gradescope's list says behind ``:name:``."""
    name = text.partition("\n")[0].strip().strip("'\"").replace("''", "'")
    number = re.search(r":sid: '?(\w[\w-]{0,39})'?$", text, re.MULTILINE)
    email = re.search(r":email: '?([^\s']{3,80})'?$", text, re.MULTILINE)
    number, email = (it[1] if it else "" for it in (number, email))
    return Owner(GRADESCOPE, composed(name), number, email)


def _of_gradescope(arrival, listed):
    """An arrival with what Gradescope's list tells of it, if it is Gradescope's."""
    owner = arrival.owner
    if not owner or owner.system != GRADESCOPE or not listed.get(owner.number, [()])[0]:
        return arrival
    (first, *partners), time = listed[owner.number]
    received, of_download = arrival.received, arrival.of_download and not time
    if time:
        received = datetime.fromisoformat(time[1] + time[2].replace("Z", "+00:00")).astimezone(UTC)
    owner = replace(first, number=first.number or owner.number)
    told = {
        "owner": owner,
        "partners": tuple(partners),
        "received": received,
        "of_download": of_download,
    }
    return replace(arrival, **told)


def _of_file(found, place, lessons):
    """An arrival that lies by itself; its name may tell lesson and student."""
    name = found.parts[-1]
    student = student_in(PurePath(name).stem, lessons)
    owner = Owner("", student) if student else None
    arrival = _arrival(found, owner, place[:-1], name, lessons)
    return replace(arrival, received=found.time)


def _of_folder(group, student, place, lessons):
    """Arrivals from a student's folder."""
    owner = Owner("", composed(student))
    others = {}
    for found in group:
        told = [
            platform for part in found.parts[len(place) :] if (platform := named_platform(part))
        ]
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
    odd = (
        (f"its name was read as {found.guessed}: look whether it is right",)
        if found.guessed
        else ()
    )
    own_zip = len(place) <= found.zip_parts  # whose times the student's computer made
    return Arrival(
        found,
        owner,
        place,
        name,
        lesson,
        found.zip_time if own_zip else found.time,
        of_download=True,
        order=order,
        oddities=odd,
        problem=found.problem,
        advice=found.advice,
    )


def _with_downloads(arrivals):
    """Give files that bear the time of their download one time, so that it does not order them."""
    groups = defaultdict(list)
    for arrival in arrivals:
        stamped = arrival.of_download and (_is_of_platform(arrival) or not arrival.found.saved)
        if arrival.owner and arrival.received and stamped:
            groups[arrival.place[:-1], arrival.owner.system].append(arrival)
    last = {}
    for group, members in groups.items():
        times = [arrival.received for arrival in members]
        within = DOWNLOAD if _is_of_platform(members[0]) else PACKING
        if max(times) - min(times) <= within and (within == DOWNLOAD or len(members) > 1):
            last[group] = max(times)
    for arrival in arrivals:
        group = (arrival.place[:-1], arrival.owner.system) if arrival.owner else None
        if group in last and arrival.received and arrival.of_download:
            order = (arrival.order[0], 0, *arrival.order[2:])
            yield replace(arrival, received=last[group], of_download=True, order=order)
        else:
            yield arrival


def _is_of_platform(arrival):
    """Whether a platform packed an arrival that stamps all with the time of its download."""
    return arrival.owner is not None and arrival.owner.system in (MOODLE, CANVAS)


def _is_download(group, depth):
    """Whether all that lies directly in a folder was named by a platform."""
    return all(named_platform(found.parts[depth]) for found in group if len(found.parts) > depth)


def _names_class(stem, lessons, holder):
    """Whether a folder's name is one for a whole class: a lesson's, or a download's."""
    of_lesson = named_lesson(stem, lessons)[1] and not student_in(stem, lessons)
    return stem.casefold() == holder or bool(HOLDER.fullmatch(stem)) or of_lesson


def _is_holder(group, depth, lessons):
    """Whether the only folder of an inbox holds several students."""
    students = set()
    for found in group:
        part = found.parts[depth]
        if len(found.parts) == depth + 1 and not part.lower().endswith(".zip"):
            students.add(student_in(PurePath(part).stem, lessons))
        elif not _names_class(without_zip(part), lessons, "") and may_be_name(part):
            students.add(part)
    return len(students - {""}) > 1


def _holds_people(stem, group, depth, people):
    """Whether a folder is nobody's on the class list, and somebody's there lies directly in it."""
    if people.find(Owner("", composed(stem)))[0]:
        return False
    owners = (owner_in(part) for part in {found.parts[depth] for found in group})
    return any(people.find(owner)[0] for owner in owners)


def _with_zone(text, zone):
    """A time in UTC; nothing if there is no such time or zone."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, KeyError, OSError):
        return None
