"""What is known of the attempts that students handed in: which counts, and what is odd about it.

It lies in ``build/attempts/LESSON/collected.json``; `collect` has it written, and everybody may
read it.
"""

import json
import re
from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from course_utils.instructor.plain_text import first_few, quoted
from course_utils.instructor.whole_file import file_digest, read_kept, write_whole

ATTEMPTS, BESIDE = "attempts", "beside"
LIST, DUE, EXTENSIONS = "collected.json", "due.json", "extensions.json"
BY_HAND = "put into build/submitted by hand"


@dataclass(frozen=True)
class Attempt:
    """One notebook that a student handed in for a lesson, however often it arrived.

    Attributes
    ----------
    sha256 : str
    file : str
        Its name in ``build/attempts/LESSON/STUDENT``.
    received, seen : str or None
        The first and the last time it was handed in, as ISO 8601 in UTC.
    of_download : bool
        Whether ``received`` is only when somebody downloaded, packed or saved it; it was handed in
        before.
    said_late : bool or None
        Whether the platform called it late, every time it arrived; None if it does not tell.
    order : tuple of int
        Later attempts of one time have a higher one.
    untouched : bool
        Whether it is the notebook as it was given out: no answer differs from its stub.
    source : str
        Where it lay in the inbox.
    oddities : tuple of str
    foreign : bool
        Whether it holds nothing of the lesson.
    answered : int or None
        How many exercises it answers; None if that cannot be told.
    partners : tuple of str
        Ids of those with whom it was handed in.
    """

    sha256: str
    file: str
    received: str | None
    seen: str | None
    of_download: bool
    said_late: bool | None
    order: tuple
    untouched: bool
    source: str
    oddities: tuple
    foreign: bool = False
    answered: int | None = None
    partners: tuple = ()


@dataclass(frozen=True)
class Collected:
    """What a student has handed in for a lesson.

    Attributes
    ----------
    student, lesson : str
    sha256 : str
        Of the attempt that counts: the one chosen, or else the last one; of several at one time,
        the one with more answers, then the one with the platform's higher number.
    received : str or None
        When that was handed in, as ISO 8601 in UTC; None if nothing tells.
    late : bool or None
        None if that cannot be told: there is a date it was due, but the time is the download's.
    attempts : tuple of Attempt
        The one that counts first, then the last one.
    oddities : tuple of str
        What somebody should know of it.
    names : tuple of str
        What the inbox calls the student; several where spellings differ.
    system, number : str
        Who counts the student as which number: Moodle's own lists, for one, call them
        ``Participant NUMBER``. Empty if nobody does.
    doubts : tuple of str
        Why somebody should look which attempt counts.
    due : str or None
        Until when it could be handed in, as ISO 8601 in UTC, extensions included.
    until : str or None
        The extension that a platform tells of.
    chosen : str
        SHA-256 of the attempt that somebody has put into ``build/submitted`` by hand; it counts
        until a later one arrives. Empty if nobody has.
    """

    student: str
    lesson: str
    sha256: str
    received: str | None
    late: bool | None
    attempts: tuple
    oddities: tuple
    names: tuple
    system: str
    number: str
    chosen: str = ""
    doubts: tuple = ()
    due: str | None = None
    until: str | None = None


def attempts_folder(course, lesson, student=""):
    """Tell where all attempts of a lesson lie, or those of a student at it.

    Parameters
    ----------
    course : Course
    lesson : str
    student : str, optional

    Returns
    -------
    Path
    """
    return course.build / ATTEMPTS / lesson / student


def read_collected(course, lesson):
    """Read what has been collected of a lesson.

    Parameters
    ----------
    course : Course
    lesson : str

    Returns
    -------
    dict of str to Collected
        By student; empty if nothing has been.

    Raises
    ------
    CourseError
        If the list is damaged.
    """
    students = read_list(course, lesson)[0]
    return {student: entry for student, entry in students.items() if entry.attempts}


def partners_of(entry, collected):
    """List with whom the notebook that counts was handed in, and for whom it counts as well.

    Parameters
    ----------
    entry : Collected
    collected : dict of str to Collected
        All of the lesson, by student.

    Returns
    -------
    tuple of str
        Student ids.
    """
    same = (it for it in entry.attempts[0].partners if it in collected)
    return tuple(it for it in same if collected[it].sha256 == entry.sha256)


def same_attempt(old, new):
    """Make one attempt of one that has arrived twice.

    Parameters
    ----------
    old : Attempt or None
        As it was known before; None if it was not.
    new : Attempt
        As it has arrived now.

    Returns
    -------
    Attempt
        With the first time as the one at which it was handed in.
    """
    if old is None:
        return replace(new, file=_file_name(new))
    times = [it for it in (old, new) if it.received]
    first = min(times, key=lambda it: (it.received, it.of_download), default=old)
    return replace(
        old,
        received=first.received,
        of_download=first.of_download,
        seen=max((it.seen for it in times), default=None),
        said_late=_said_late(old.said_late, new.said_late),
        order=max(old.order, new.order),
        untouched=new.untouched,
        oddities=new.oddities,
        foreign=new.foreign,
        answered=new.answered,
        partners=new.partners,
    )


def judge(course, students, due, extensions=None):
    """Tell of every student which attempt counts, whether it is late, and what is odd.

    Parameters
    ----------
    course : Course
    students : dict of str to Collected
        All of a lesson; not changed.
    due : datetime or None
    extensions : dict of str to datetime, optional
        By student.

    Returns
    -------
    dict of str to Collected
    """
    namesakes = defaultdict(set)
    for entry in students.values():
        for name in entry.names:
            namesakes[entry.system, name].add(entry.student)
    judged = {}
    for student, entry in students.items():
        if not entry.attempts:  # all were taken back
            judged[student] = entry
            continue
        counts = entry.attempts[0]
        chosen = counts.sha256 == entry.chosen and BY_HAND not in counts.oddities
        by_hand = (BY_HAND,) if chosen else ()
        others = set().union(*(namesakes[entry.system, name] for name in entry.names)) - {student}
        doubts = () if chosen else tuple(_doubts(entry))
        odd = _oddities(course, entry, doubts, sorted(others))
        own = _extension(entry, (extensions or {}).get(student), due)
        until = own or due
        judged[student] = replace(
            entry,
            sha256=counts.sha256,
            received=counts.received,
            late=_is_late(counts, until, extended=own is not None),
            due=until.astimezone(UTC).isoformat() if until else None,
            oddities=(*counts.oddities, *by_hand, *odd, *doubts),
            doubts=doubts,
        )
    return judged


def rank(attempt):
    """Tell what attempts are compared by: the highest counts.

    Parameters
    ----------
    attempt : Attempt

    Returns
    -------
    tuple
        An untouched notebook comes first, then one that holds nothing of the lesson: they are
        hardly what somebody meant to hand in last.
    """
    meant = 0 if attempt.untouched else 1 if attempt.foreign else 2
    answers = -1 if attempt.answered is None else attempt.answered
    return (meant, attempt.seen or "", answers, attempt.order, attempt.sha256)


def read_list(course, lesson):
    """Read all that is known of a lesson.

    Parameters
    ----------
    course : Course
    lesson : str

    Returns
    -------
    students : dict of str to Collected
        Those whose attempts are still there; one whose files were removed has none.
    due : datetime or None

    Raises
    ------
    CourseError
        If the list is damaged.
    """

    def convert(told):
        students = {
            entry["student"]: _still_there(course, _collected(entry))
            for entry in told["students"]
            if attempts_folder(course, lesson, entry["student"]).is_dir()
            or course.submission(entry["student"], lesson).is_file()
        }
        return students, datetime.fromisoformat(told["due"]) if told["due"] else None

    mend = (
        "Move it away, and collect all inboxes of this lesson again; nothing handed in is lost by "
        "that."
    )
    kept = read_kept(attempts_folder(course, lesson) / LIST, convert, mend)
    return kept or ({}, read_dates(course).get(lesson))


def read_dates(course):
    """Read when lessons are due, as it is kept beside their lists.

    Parameters
    ----------
    course : Course

    Returns
    -------
    dict of str to datetime

    Raises
    ------
    CourseError
        If the file is damaged.
    """
    mend = "Remove it, and give dates again: course due LESSON=DATE"
    return read_kept(attempts_folder(course, DUE), _times, mend) or {}


def write_list(course, lesson, students, due):
    """Write all that is known of a lesson, if it has changed.

    Parameters
    ----------
    course : Course
    lesson : str
    students : dict of str to Collected
    due : datetime or None

    Raises
    ------
    OSError
        If it cannot be written; the former list is still there then.
    """
    told = {
        "lesson": lesson,
        "due": due.isoformat() if due else None,
        "students": [asdict(students[student]) for student in sorted(students)],
    }
    text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    _write(course, attempts_folder(course, lesson) / LIST, text)


def write_dates(course, dates):
    """Keep when lessons are due also beside their lists, which somebody may have to move away.

    Parameters
    ----------
    course : Course
    dates : dict of str to datetime
        Those of other lessons are kept as they are.

    Raises
    ------
    CourseError
        If the file is damaged.
    OSError
        If it cannot be written.
    """
    dates = {**read_dates(course), **dates}
    text = json.dumps({lesson: dates[lesson].isoformat() for lesson in sorted(dates)}, indent=1)
    if dates:
        _write(course, attempts_folder(course, DUE), text)


def _write(course, path, text):
    """Write a file if it would change; repeating mends even a power cut."""
    if file_digest(path) != sha256(text.encode()).hexdigest():
        write_whole(path, text.encode(), beside=course.build, sync=False)


def _times(told):
    """Times by name, as they are kept."""
    return {name: datetime.fromisoformat(time) for name, time in told.items()}


def _still_there(course, entry):
    """An entry without the attempts whose files somebody has removed."""
    folder = attempts_folder(course, entry.lesson, entry.student)
    attempts = tuple(it for it in entry.attempts if (folder / it.file).is_file())
    return replace(entry, attempts=attempts)


def _said_late(old, new):
    """What a platform says of a notebook that arrived twice: late is what was late both times."""
    told = [it for it in (old, new) if it is not None]
    return all(told) if told else None


def _collected(entry):
    """An entry of a list."""
    attempts = [
        Attempt(**_with_tuples(it, "order", "oddities", "partners")) for it in entry["attempts"]
    ]
    told = _with_tuples(entry, "oddities", "names", "doubts")
    return Collected(**told | {"attempts": tuple(attempts)})


def _with_tuples(told, *names):
    """What is kept, with tuples for its lists of these names."""
    return told | {name: tuple(told.get(name, ())) for name in names}


def _oddities(course, entry, doubts, namesakes):
    """What is odd about a student's attempts, whichever counts."""
    counts = entry.attempts[0]
    if counts.untouched:
        yield "untouched: no answer differs from what was given out"
    elif any(it.untouched for it in entry.attempts):
        yield "also came untouched: not counted"
    fuller = [it for it in entry.attempts[1:] if _is_fuller(it, counts)]
    if fuller and not doubts and not entry.chosen:
        names = first_few([_called(it) for it in fuller], 3)
        yield f"answers less than an earlier attempt: {names}"
    others = [it.source.rpartition("/")[2] for it in entry.attempts[1:] if it.foreign]
    if others and not entry.attempts[0].foreign:
        yield f"came with {first_few(others, 3)}, which holds nothing of this lesson: not counted"
    if len(entry.names) > 1:
        yield f"called {' and '.join(map(quoted, entry.names))}"
    if namesakes and entry.number:
        yield f"has the same name as {', '.join(namesakes)}"
    folder = attempts_folder(course, entry.lesson, entry.student) / BESIDE
    files = sorted(path.name.partition("-")[2] for path in folder.glob("*"))
    if files:
        yield f"came with {first_few(files, 3)}: kept, never run"


def _doubts(entry):
    """Why somebody should look which attempt counts: several came at one time."""
    counts, *others = entry.attempts
    same = [
        it
        for it in others
        if it.seen == counts.seen and not it.untouched and not it.foreign and not counts.foreign
    ]
    if same and not counts.untouched:
        yield (
            f"{len(same) + 1} notebooks at one time: {_called(counts)} counts, not "
            f"{first_few([_called(it) for it in same], 3)}; look which was meant"
        )


def _is_fuller(attempt, other):
    """Whether an attempt answers more than another one."""
    return (attempt.answered or 0) > (other.answered or 0)


def _called(attempt):
    """How an attempt is told from others: its name, its answers, and where it lies."""
    name = quoted(attempt.source.rpartition("/")[2])
    answers = "" if attempt.answered is None else f"{attempt.answered} answered, "
    return f"{name} ({answers}{attempt.file})"


def _file_name(attempt):
    """What an attempt's file is called: it sorts by time, and tells contents apart."""
    time = re.sub(r"[-:]|\+00:00", "", attempt.received) + "Z" if attempt.received else "no-time"
    return f"{time}-{attempt.sha256[:8]}.ipynb"


def _extension(entry, own, due):
    """A student's own date: the instructor's, or a platform's that is later than everybody's."""
    if own or not entry.until:
        return own
    until = datetime.fromisoformat(entry.until)
    return until if due is None or until > due else None


def _is_late(attempt, due, extended):
    """Whether an attempt is late; None if that cannot be told.

    Where time and date are known, they tell; else the platform does, by its own date for everybody;
    else the time at which somebody had the file already, which can only tell that it is not late.
    """
    known = attempt.received is not None and not attempt.of_download
    platforms = attempt.said_late is not None and not (extended and attempt.said_late)
    if platforms and not (known and due):
        return attempt.said_late
    if due is None:
        return False
    if attempt.received is None:
        return None
    if datetime.fromisoformat(attempt.received) <= due:
        return False
    return True if known else None


def read_extensions(course):
    """Read which students have dates of their own.

    Parameters
    ----------
    course : Course

    Returns
    -------
    dict of str to dict of str to datetime
        By lesson, then by student.

    Raises
    ------
    CourseError
        If the file is damaged.
    """

    def convert(told):
        return {lesson: _times(dates) for lesson, dates in told.items()}

    mend = "Remove it, and give extensions again: course due LESSON=DATE --student ID"
    return read_kept(attempts_folder(course, EXTENSIONS), convert, mend) or {}


def write_extensions(course, extensions):
    """Keep which students have dates of their own.

    Parameters
    ----------
    course : Course
    extensions : dict of str to dict of str to datetime

    Raises
    ------
    OSError
        If it cannot be written.
    """
    told = {
        lesson: {student: date.isoformat() for student, date in sorted(dates.items())}
        for lesson, dates in sorted(extensions.items())
    }
    text = json.dumps(told, ensure_ascii=False, indent=1)
    _write(course, attempts_folder(course, EXTENSIONS), text)
