"""`course alike`: pairs of hand-ins side by side, with what they share marked. It is no proof."""

from dataclasses import dataclass
from pathlib import Path

import nbformat
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from course_utils.instructor.course import CourseError
from course_utils.instructor.gradebook.records import GRADED, NEEDS_REVIEW
from course_utils.instructor.lessons.bank import read_bank
from course_utils.instructor.lessons.blocks import grade_id
from course_utils.instructor.lessons.exercises import read_exercises, read_source
from course_utils.instructor.plain_text import cleaned
from course_utils.instructor.report.alike.pairs import Pair, find_alike
from course_utils.instructor.report.alike.pieces import (
    PROSE,
    WITH_NAMES,
    WITHOUT_NAMES,
    pieces_of,
)
from course_utils.instructor.report.seen.people import call_people
from course_utils.instructor.report.standing import read_standings
from course_utils.instructor.whole_file import file_digest, write_whole

PLACE = "report"
TEMPLATE = Path(__file__).with_name("page.html.jinja")


@dataclass(frozen=True)
class Class:
    """What is compared in a lesson.

    Attributes
    ----------
    answers : dict of str to (dict of str to str)
        By student, then by exercise; without those who have not answered anything.
    known : list of dict of str to str
        What students got, model answers, and the bank's answers.
    written : set of str
        Exercises that are answered in words.
    digests, groups : dict of str to str
        SHA-256 of the files, and one name for all who handed in together, by student.
    """

    answers: dict
    known: list
    written: set
    digests: dict
    groups: dict


def write_alike(course, lesson):
    """Write a page of the pairs that are alike, in place of an earlier one.

    Parameters
    ----------
    course : Course
    lesson : str

    Returns
    -------
    path : Path
    pairs : list of Pair
    compared : int
        How many hand-ins were compared.

    Raises
    ------
    CourseError
        If the lesson has not been released, or a list of the course is damaged.
    OSError
        If the page cannot be written.
    """
    it = read_answers(course, lesson)
    pairs = find_alike(it.answers, it.known, it.written, it.digests, it.groups)
    people = call_people(read_standings(course, lesson), anonymous=False)
    shown = [(pair, [people.get(one, one) for one in pair.students]) for pair in pairs]
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    text = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        lesson=lesson,
        compared=len(it.answers),
        pairs=[(pair, names, _sides(pair, it)) for pair, names in shown],
    )
    path = course.build / PLACE / f"alike-{lesson}.html"
    write_whole(path, text.encode("utf-8", "replace"))
    return path, pairs, len(it.answers)


def read_answers(course, lesson):
    """Read what is compared in a lesson.

    Parameters
    ----------
    course : Course
    lesson : str

    Returns
    -------
    Class

    Raises
    ------
    CourseError
        If the lesson has not been released, or a list of the course is damaged.
    """
    if not course.released(lesson).is_file():
        raise CourseError(f"{lesson} has not been released. Run: course release {lesson}")
    exercises = read_exercises(read_source(course.source(lesson)))
    stubs = _answers(course.released(lesson), exercises)
    answers, standings = {}, read_standings(course, lesson)
    for standing in standings:
        own = _answers(_newest(course, standing), exercises)
        own = {name: text for name, text in own.items() if text.strip() != stubs[name].strip()}
        if own:
            answers[standing.student] = own
    return Class(
        answers=answers,
        known=[stubs, *_known(exercises, read_bank(course, lesson))],
        written={name for name, it in exercises.items() if it.written},
        digests={it: file_digest(course.submission(it, lesson)) for it in answers},
        groups={it.student: min(it.student, *it.partners) for it in standings if it.partners},
    )


def _newest(course, standing):
    """A student's notebook: as it was mended for grading, unless that was an earlier version."""
    graded = course.graded(standing.student, standing.lesson)
    if standing.state in (GRADED, NEEDS_REVIEW) and graded.is_file():
        return graded
    return course.submission(standing.student, standing.lesson)


def _answers(path, exercises):
    """What stands in a notebook's answers, by exercise; nothing if it cannot be read."""
    try:
        cells = nbformat.read(path, as_version=4).cells
    except Exception:  # what a damaged file raises depends on where the damage is
        return {}
    return {grade_id(cell): cell.source for cell in cells if grade_id(cell) in exercises}


def _known(exercises, bank):
    """What students could well write by themselves: model answers, and those of the bank."""
    yield {name: it.solution for name, it in exercises.items()}
    for name, its in bank.items():
        for answer in (*its["right"], *its["wrong"]):
            yield {name: answer["code"]}


def _sides(pair: Pair, of):
    """Both answers to each exercise in which two are alike, with how much, and what they share."""
    for exercise, share in pair.exercises.items():
        keys = {key for name, key in pair.pieces if name == exercise}
        texts = (of.answers[student][exercise] for student in pair.students)
        marked = [_marked(text, keys, exercise in of.written) for text in texts]
        yield exercise, f"{share:.0%}", marked


def _marked(text, keys, written):
    """A text in which the pieces of certain keys are marked."""
    inside = bytearray(len(text))
    for read in (PROSE,) if written else (WITH_NAMES, WITHOUT_NAMES):
        for piece in pieces_of(text, read):
            if piece.key in keys:
                inside[piece.start : piece.end] = b"\1" * (piece.end - piece.start)
    parts, start = [], 0
    for end in range(1, len(text) + 1):
        if end == len(text) or inside[end] != inside[start]:
            part = escape(cleaned(text[start:end]))
            parts.append(Markup("<mark>{}</mark>").format(part) if inside[start] else part)
            start = end
    return Markup("").join(parts)
