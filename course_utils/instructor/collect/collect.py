"""Put what students handed in where it is graded from, and keep every attempt.

The attempt that counts becomes ``build/submitted/STUDENT/LESSON/LESSON.ipynb``; all of them lie in
``build/attempts/LESSON/STUDENT``, and ``build/attempts/LESSON/collected.json`` says what is known
of them. What cannot be placed is copied to ``build/unplaced``. The inbox itself is only read.

Everything is decided before anything is written, files are written whole or not at all, and the
list of a lesson comes last: so a run that was interrupted is repeated, and repeating changes
nothing.
"""

import os
import re
import unicodedata
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import nbformat
from filelock import FileLock, Timeout

from course_utils.instructor.collect.archives import UnreadableFileError, open_inbox
from course_utils.instructor.collect.attempts import (
    BESIDE,
    BY_HAND,
    Attempt,
    Collected,
    attempts_folder,
    judge,
    rank,
    read_extensions,
    read_list,
    same_attempt,
    write_dates,
    write_list,
)
from course_utils.instructor.collect.identify import identify
from course_utils.instructor.collect.inbox import read_inbox
from course_utils.instructor.collect.names import CANVAS, MOODLE, owner_in
from course_utils.instructor.collect.roster import (
    ROSTER,
    merge,
    read_class,
    read_roster,
    write_class,
)
from course_utils.instructor.course import CourseError, choose_lessons, lesson_names
from course_utils.instructor.lessons.stubs import read_stubs
from course_utils.instructor.plain_text import escaped
from course_utils.instructor.repair.answered import answered
from course_utils.instructor.whole_file import clear_parts, file_digest, write_whole

UNPLACED = "unplaced"


@dataclass(frozen=True)
class Unplaced:
    """A file of an inbox that is not in place.

    Attributes
    ----------
    path : str
        Where it lies in the inbox.
    why, advice : str
        Why it is not in place, and what to do.
    copy : Path or None
        Where a copy of it is; None if it could not be read.
    """

    path: str
    why: str
    advice: str
    copy: Path | None


@dataclass
class Collection:
    """What came of an inbox.

    Attributes
    ----------
    rows : list of Collected
        Whatever the inbox holds a notebook of, sorted by student, then in the lessons' order.
    new : int
        How many attempts were not there before.
    unplaced : list of Unplaced
    placed : list of str
        Places of files that have no place, but whose content was placed by hand before.
    notes : list of str
        What concerns the whole inbox.
    """

    rows: list = field(default_factory=list)
    new: int = 0
    unplaced: list = field(default_factory=list)
    placed: list = field(default_factory=list)
    notes: list = field(default_factory=list)


def collect(course, inbox, roster=None, due=None, tell=None):
    """Collect what students handed in.

    Parameters
    ----------
    course : Course
    inbox : Path
        A folder or zip; it is only read.
    roster : Path, optional
        A class list, which is added to those given before. Without any, student ids are made of
        the names and numbers in the inbox.
    due : dict of str to datetime, optional
        When lessons were due, kept for later calls. What came later is collected, and marked.
    tell : callable, optional
        Called with ``completed`` and ``total`` for every file.

    Returns
    -------
    Collection

    Raises
    ------
    CourseError
        If there is no such inbox or lesson, the class list cannot be used, or another collect is
        at work.
    OSError
        If something cannot be written; what was written until then is whole.
    """
    inbox, due = Path(inbox), due or {}
    if inbox.resolve() in (course.build, *course.build.parents):
        raise CourseError(
            f"{inbox} holds the course itself. Give the folder of what students sent."
        )
    due = {lesson: date for name, date in due.items() for lesson in choose_lessons(course, [name])}
    lessons = lesson_names(course)
    people = read_class(course)
    if roster:
        people = merge(people, read_roster(roster, course.zone))
    knows = people and (lambda name: people.find(owner_in(name))[0] is not None)
    with alone(course), open_inbox(inbox, knows) as files:
        if roster:
            write_class(course, people)
        lists = {lesson: read_list(course, lesson) for lesson in lessons}
        before = {lesson: students for lesson, (students, _) in lists.items()}
        arrivals = read_inbox(files, lessons, inbox.name, people, course.zone)
        sources = {lesson: course.source(lesson).read_bytes() for lesson in lessons}
        handed = identify(arrivals, sources, people, before, tell)
        result = _put(course, handed, lists, due, people.lists if people else ())
        _note(result, people, people.notes if roster else ())
        return result


@contextmanager
def alone(course):
    """Keep other runs out, and clear away what an interrupted one was writing."""
    course.build.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(course.build / ".collect.lock", timeout=0):
            clear_parts(course.build)
            yield
    except Timeout as error:
        raise CourseError("Another `course collect` is at work here. Wait for its end.") from error


def _put(course, handed, lists, due, rosters):
    """Write everything in its place."""
    result = Collection()
    notebooks, others = {lesson: defaultdict(list) for lesson in lists}, []
    for it in handed:
        if it.notebook and not it.problem:
            notebooks[it.lesson][it.student].append(it)
        else:
            others.append(it)
    beside, unplaced = _beside(course, others, notebooks, rosters)
    dates = {lesson: due.get(lesson, date) for lesson, (_, date) in lists.items()}
    dates = {lesson: date.astimezone(UTC) for lesson, date in dates.items() if date}
    write_dates(course, dates)
    extensions = read_extensions(course)
    placed = _placed_by_hand(unplaced, handed, lists)
    result.placed = [it.arrival.found.path for it in placed]
    for lesson, (before, _) in lists.items():
        own = notebooks[lesson]
        students = _with_attempts(course, lesson, own, before)
        for student in own:
            _write_beside(course, lesson, student, beside[lesson, student])
            former = before[student].attempts if student in before else ()
            result.new += len(students[student].attempts) - len(former)
        if students:
            students = judge(course, students, dates.get(lesson), extensions.get(lesson))
            result.rows += [students[student] for student in own]
            for student, entry in students.items():
                if student in own or _taken_back(course, before[student], entry):
                    _write_submission(course, entry)
            result.notes += [_gone(entry) for entry in students.values() if _is_gone(course, entry)]
            write_list(course, lesson, students, dates.get(lesson))
    result.rows.sort(key=lambda entry: entry.student)  # and in the lessons' order, as before
    result.unplaced = [_write_unplaced(course, it) for it in unplaced if it not in placed]
    if any(_is_in_time_by_canvas(entry, dates.get(entry.lesson)) for entry in result.rows):
        result.notes.append(
            "What Canvas does not call late counts as in time. Canvas goes by its own due date."
        )
    return result


def _with_attempts(course, lesson, notebooks, before):
    """What is known of a lesson's students with what they have handed in now, which is written."""
    students, count = dict(before), _counter(course, lesson)
    for student, own in sorted(notebooks.items()):
        former = before.get(student)
        students[student] = _with_hand_placed(course, _merged(own, former, count), former, count)
        _write_attempts(course, students[student], own)
    return students


def _counter(course, lesson):
    """What counts the answers in a notebook's bytes; it gives None where that cannot be told."""
    if not course.released(lesson).is_file():
        return lambda data: None
    release = nbformat.read(course.released(lesson), as_version=4)
    stubs = read_stubs(course, lesson)

    def count(data):
        names = answered(data, release, stubs)
        return None if names is None else len(names)

    return count


def _is_in_time_by_canvas(entry, due):
    """Whether only Canvas tells that something came in time."""
    received = entry.received and datetime.fromisoformat(entry.received)
    told = entry.system == CANVAS and entry.attempts[0].said_late is False and not entry.late
    return bool(told and due and (received is None or received > due))


def _placed_by_hand(unplaced, handed, lists):
    """Files without a place whose content somebody has collected under a student's id before."""
    here = {(it.student, it.sha256) for it in handed if it.student and not it.problem}
    had, places = defaultdict(set), defaultdict(set)
    for lesson, (students, _) in lists.items():
        for student, entry in students.items():
            for attempt in entry.attempts:
                if not attempt.untouched and (student, attempt.sha256) not in here:
                    had[lesson, attempt.sha256].add(student)
                    had[None, attempt.sha256].add(student)
    for it in unplaced:
        places[it.lesson, it.sha256].add(it.arrival.place)
    return [
        it
        for it in unplaced
        # Of two who handed in the same, nobody may be lost.
        if it.notebook and 0 < len(places[it.lesson, it.sha256]) <= len(had[it.lesson, it.sha256])
    ]


def _taken_back(course, former, entry):
    """Whether the submission of a student is one that somebody has removed from the attempts."""
    if not entry.attempts or former.sha256 == entry.sha256:
        return False
    return file_digest(course.submission(entry.student, entry.lesson)) == former.sha256


def _is_gone(course, entry):
    """Whether all attempts of a student were removed, but not the submission."""
    return not entry.attempts and course.submission(entry.student, entry.lesson).is_file()


def _gone(entry):
    """What to say of a student all of whose attempts were removed."""
    return (
        f"All attempts of {entry.student}, {entry.lesson} were removed from build/attempts. Remove "
        f"build/submitted/{entry.student}/{entry.lesson} as well, or it is still graded."
    )


def _beside(course, others, notebooks, rosters):
    """Part files that came beside notebooks from those that have no place."""
    ours = (_own_files(course) | set(rosters)) if others else set()
    lessons = defaultdict(list)
    for lesson, students in notebooks.items():
        for student in students:
            lessons[student].append(lesson)
    beside, unplaced = defaultdict(list), []
    for it in others:
        own = lessons.get(it.student, []) if it.student else []
        if it.sha256 in ours and not it.notebook:
            continue  # the student handed in the course's own files as well
        if not it.problem and own and (it.lesson in own or not it.lesson):
            beside[it.lesson or own[0], it.student].append(it)
        elif it.problem:
            unplaced.append(it)
        else:
            kind = Path(it.arrival.name).suffix.lower() or "without an ending"
            why = f"it is no notebook: expected .ipynb, got {escaped(kind)}"
            advice = f"Ask {it.student} for the notebook (in Colab: File, Download, .ipynb)."
            unplaced.append(replace(it, problem=why, advice=advice))
    return beside, unplaced


def _own_files(course):
    """SHA-256 of the files that students were given."""
    folders = (Path(__file__).parents[2], course.release)
    return {file_digest(course.build / ROSTER)} | {
        file_digest(path)
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".ipynb", ".npz")
    }


def _merged(notebooks, before, count):
    """What is known of a student's attempts, from before and from this inbox."""
    attempts = {attempt.sha256: attempt for attempt in before.attempts} if before else {}
    for it in notebooks:
        arrival = it.arrival
        time = arrival.received.isoformat(timespec="seconds") if arrival.received else None
        known = attempts.get(it.sha256)
        answers = known.answered if known else None
        answers = count(_data(it)) if answers is None else answers
        new = Attempt(
            sha256=it.sha256,
            file="",
            received=time,
            seen=time,
            of_download=arrival.of_download,
            said_late=arrival.late,
            order=arrival.order,
            untouched=answers == 0 and not it.foreign,
            source=arrival.found.path,
            oddities=it.oddities,
            foreign=it.foreign,
            answered=answers,
            partners=it.partners,
        )
        attempts[it.sha256] = same_attempt(attempts.get(it.sha256), new)
    owners = sorted((it.arrival.owner for it in notebooks), key=lambda it: (it.name, it.number))
    until = [it.until for it in notebooks if it.until]
    names = dict.fromkeys((*(before.names if before else ()), *(it.name for it in owners)))
    told = before if before and before.number else owners[0]
    return Collected(
        student=before.student if before else notebooks[0].student,
        lesson=notebooks[0].lesson,
        sha256="",
        received=None,
        late=None,
        attempts=tuple(sorted(attempts.values(), key=rank, reverse=True)),
        oddities=(),
        names=tuple(names),
        system=told.system,
        number=told.number,
        chosen=before.chosen if before else "",
        until=max(until).isoformat() if until else before.until if before else None,
    )


def _with_hand_placed(course, entry, before, count):
    """Let a notebook count that somebody has put in the place of the submission.

    It counts until a later one arrives. Where nothing was collected before, it is one of the
    attempts. What is in place because an earlier run put it there, was put there by nobody.
    """
    path = course.submission(entry.student, entry.lesson)
    there = file_digest(path)
    own = {attempt.sha256 for attempt in entry.attempts}
    former = {attempt.sha256: attempt for attempt in before.attempts} if before else {}
    latest = max(map(rank, former.values()), default=None)
    news = [it for it in entry.attempts if it.sha256 not in former]
    chosen = entry.chosen
    if there is not None and there != (before.sha256 if before else ""):
        if there not in own:
            entry = _with_attempt(entry, _hand_placed(course, entry, path, count))
            chosen = there if before else ""
        else:
            chosen = there if there in former and there != entry.attempts[0].sha256 else ""
    if latest and any(rank(it) > latest for it in news):
        chosen = ""
    attempts = sorted(entry.attempts, key=lambda it: it.sha256 != chosen)
    return replace(entry, attempts=tuple(attempts), chosen=chosen)


def _with_attempt(entry, attempt):
    """What is known of a student, with an attempt more."""
    attempts = sorted((*entry.attempts, attempt), key=rank, reverse=True)
    return replace(entry, attempts=tuple(attempts))


def _hand_placed(course, entry, path, count):
    """An attempt that somebody has put in the place of the submission, kept with the others."""
    data = path.read_bytes()
    changed = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    time = changed.isoformat(timespec="seconds")
    hand = Attempt(
        sha256=sha256(data).hexdigest(),
        file="",
        received=time,
        seen=time,
        of_download=True,  # the student had handed in something before
        said_late=None,
        order=(0, 0, 0),
        untouched=False,
        source=str(path.relative_to(course.build)),
        oddities=(BY_HAND,),
        answered=count(data),
    )
    hand = same_attempt(None, hand)
    _write(course, attempts_folder(course, entry.lesson, entry.student) / hand.file, data)
    return hand


def _write_attempts(course, entry, notebooks):
    """Write a student's new attempts."""
    folder = attempts_folder(course, entry.lesson, entry.student)
    arrived = {it.sha256: it for it in notebooks}
    for attempt in entry.attempts:
        path = folder / attempt.file
        if attempt.sha256 in arrived and file_digest(path) != attempt.sha256:
            _write(course, path, _data(arrived[attempt.sha256]))


def _write_beside(course, lesson, student, others):
    """Keep what came with notebooks, under names that Python cannot import."""
    folder = attempts_folder(course, lesson, student) / BESIDE
    for it in others:
        path = folder / f"{it.sha256[:8]}-{_safe(it.arrival.name)}"
        if file_digest(path) != it.sha256:
            _write(course, path, _data(it))


def _write_submission(course, entry):
    """Put the attempt that counts where it is graded from."""
    path = course.submission(entry.student, entry.lesson)
    if file_digest(path) != entry.sha256:
        counts = attempts_folder(course, entry.lesson, entry.student) / entry.attempts[0].file
        _write(course, path, counts.read_bytes())


def _write_unplaced(course, it):
    """Keep a copy of what has no place."""
    copy = None
    if it.sha256:
        copy = course.build / UNPLACED / f"{it.sha256[:8]}-{_safe(it.arrival.name)}"
        if file_digest(copy) != it.sha256:
            _write(course, copy, _data(it))
        time = it.arrival.received or it.arrival.found.time
        if time:  # a copy that is collected again is no later than what it was made of
            os.utime(copy, (time.timestamp(), time.timestamp()))
    return Unplaced(it.arrival.found.path, it.problem, it.advice, copy)


def _note(result, people, of_lists):
    """Say what concerns the whole inbox."""
    result.notes += of_lists
    if not people and any(entry.system == MOODLE for entry in result.rows):
        result.notes.append(
            "Moodle numbers students anew in every assignment, so without a class list they have "
            "another id in every lesson. Give one, from Moodle's list of participants: --roster."
        )
    untold = [entry for entry in result.rows if entry.late is None]
    if untold:
        help_ = " With this assignment's grading worksheet it can: course roster WORKSHEET."
        result.notes.append(
            f"Whether {len(untold)} came in time cannot be told: their times are those at which "
            "they were downloaded, packed or saved, or none."
            + help_
            * any(entry.system == MOODLE for entry in untold)
        )


def _data(it):
    """A file's bytes, once more; they may have changed since they were looked into."""
    try:
        data = it.arrival.found.read()
    except UnreadableFileError as error:
        raise OSError(f"{it.arrival.found.path}: {error}") from error
    if sha256(data).hexdigest() != it.sha256:
        raise OSError(f"{it.arrival.found.path} has changed while it was read. Collect it again.")
    return data


def _safe(name):
    """A file's name without anything that a system or terminal might take for more."""
    return re.sub(r"[^\w.]+", "_", unicodedata.normalize("NFC", escaped(name)))[-60:]


def _write(course, path, data):
    """Write a file; as every run compares contents, repeating mends even a power cut."""
    write_whole(path, data, beside=course.build, sync=False)
