"""A page for every student and lesson that tells what was earned, what is missing, and what next.

A page is one file that needs nothing else. What a student wrote is never carried out, and no page
holds a hidden test (see `hints`): each is searched for the lesson's secrets before it is written.
"""

import html
import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path

import nbformat
from jinja2 import Environment, StrictUndefined

from course_utils.instructor.clock import zone_of
from course_utils.instructor.course import CourseError
from course_utils.instructor.gradebook.records import (
    COULD_NOT_GRADE,
    GRADED,
    NEEDS_REVIEW,
    UNTOUCHED,
)
from course_utils.instructor.lessons.exercises import HIDDEN, read_exercises, read_source
from course_utils.instructor.plain_text import cleaned
from course_utils.instructor.release.confidential import read_secrets
from course_utils.instructor.release.leaks import find_leaks
from course_utils.instructor.report.hints import Hints
from course_utils.instructor.report.pasted import with_attachments
from course_utils.instructor.report.rich_text import rich
from course_utils.instructor.report.standing import NOT_GRADED, read_standings
from course_utils.instructor.whole_file import write_whole

PLACE = "feedback"
TEMPLATE = Path(__file__).with_name("feedback.html.jinja")
MOST_REPAIRS = 12
HEADING = re.compile(r"^#{1,6} +(?:Exercise: *)?(.+?) *#*$", re.MULTILINE)
FRIENDLY = (  # what a review says, and what a student is told of it
    (
        r"Colab('s is| has) \S+: look whether",
        "The computer that grades differs from Colab in something that the notebook may need.",
    ),
    (
        r"which is not here: look",
        "An answer may need something that Colab has and the grader has not, so somebody looks.",
    ),
    (
        r"passed in the student's own notebook",
        "A test passed in your own notebook, and not when it was graded.",
    ),
    (
        r"ran in the student's own notebook",
        "A cell ran in your own notebook, and not when it was graded.",
    ),
    (
        r"failed without settings of the student's",
        "A test failed, and the notebook changes settings of NumPy, Keras or TensorFlow.",
    ),
    (
        r"\bstopped after \S+ s|seconds? were over|s were over",
        "The notebook, or a cell of it, ran for longer than is allowed and was stopped.",
    ),
    (r"printed or showed too much", "A cell printed or showed too much, and was stopped."),
    (
        r"\bthe kernel (was|ended)|kernels had died",
        "A cell ended Python itself; the cells after it ran in a fresh start.",
    ),
    (r"too much memory", "A cell asked for more memory than there is."),
    (
        r"the test relies on|was kept from us",
        "Something in the notebook changed what the tests rely on.",
    ),
    (
        r"notebooks at one time",
        "You handed in several notebooks at one time, so somebody looks which one counts.",
    ),
    (
        r"\bmissing\b|had been changed|points|twice|Markers",
        "Parts of the notebook that belong to the course were changed or missing.",
    ),
)
OTHER_LESSON = re.compile(
    r"Expected (the notebook of .{1,120}|this lesson's notebook); this one "
    r"(is (?P<title>'[^']{1,120}'|\"[^\"]{1,120}\")|has )"
)
SOMETHING = "There is something in the notebook that only a person can judge."


@dataclass(frozen=True)
class Lesson:
    """What all pages of a lesson have in common.

    Attributes
    ----------
    name, title : str
    headings, stubs : dict of str to str
        What stands above each exercise, and in its cell, before anybody answers it.
    hints : Hints
    secrets : list of Secret
    zone : tzinfo or None
        That of times; None stands for this computer's.
    """

    name: str
    title: str
    headings: dict
    stubs: dict
    hints: Hints
    secrets: list
    zone: tzinfo | None = None


@dataclass(frozen=True)
class Page:
    """What became of one student's page.

    Attributes
    ----------
    student, lesson, state : str
    path : Path or None
        None if there is no page; an earlier one is removed then.
    withheld : bool
        Whether something was left out because it would have given a solution or test away.
    problem : str
        Why a graded notebook has no page.
    """

    student: str
    lesson: str
    state: str
    path: Path | None
    withheld: bool = False
    problem: str = ""


def feedback_path(course, student, lesson):
    """Path of a student's page."""
    return course.build / PLACE / student / f"{lesson}.html"


def write_feedback(course, lessons, student=None):
    """Write pages, in place of earlier ones.

    Parameters
    ----------
    course : Course
    lessons : sequence of str
    student : str, optional
        Write this student's pages only.

    Yields
    ------
    Page
        For everybody who handed in something, as soon as it is written.

    Raises
    ------
    CourseError
        If a lesson has not been released, or a list of the course is damaged.
    OSError
        If a page cannot be written; those written before are whole.
    """
    for name in lessons:
        standings = everybody = read_standings(course, name)
        if student:
            standings = [it for it in everybody if it.student == student]
        lesson, names = None, {it.student: it.name or it.student for it in everybody}
        for standing in standings:
            path = feedback_path(course, standing.student, name)
            if standing.state not in (GRADED, NEEDS_REVIEW, COULD_NOT_GRADE, UNTOUCHED):
                path.unlink(missing_ok=True)  # of an earlier version: it would be taken for today's
                if standing.state == NOT_GRADED:
                    yield Page(standing.student, name, standing.state, None)
                continue
            lesson = lesson or read_lesson(course, name)
            answers = read_answers(course, standing)
            partners = [names[it] for it in standing.partners]
            try:
                text, withheld = make_page(standing, lesson, answers, partners)
            except ValueError as error:
                path.unlink(missing_ok=True)
                yield Page(standing.student, name, standing.state, None, problem=str(error))
                continue
            write_whole(path, text.encode("utf-8", "replace"))
            yield Page(standing.student, name, standing.state, path, withheld)


def foreign_pages(course):
    """List the pages that nbgrader itself made below the same folder: they show hidden tests.

    Parameters
    ----------
    course : Course

    Returns
    -------
    list of Path
    """
    return sorted((course.build / PLACE).glob("*/*/*.html"))


def read_lesson(course, name):
    """Read what all pages of a lesson have in common.

    Parameters
    ----------
    course : Course
    name : str

    Returns
    -------
    Lesson

    Raises
    ------
    CourseError
        If the lesson has not been released.
    """
    if not course.released(name).is_file():
        raise CourseError(f"{name} has not been released. Run: course release {name}")
    source = read_source(course.source(name))
    release = nbformat.read(course.released(name), as_version=4)
    title, heading, headings, stubs = name, "", {}, {}
    exercises = read_exercises(source)
    for cell in release.cells:
        if cell.cell_type == "markdown" and "nbgrader" not in cell.metadata:
            found = HEADING.findall(cell.source)
            title = found[0] if found and title == name else title
            heading = found[-1] if found else heading
        own = cell.metadata.get("nbgrader", {}).get("grade_id")
        if own in exercises:
            headings[own], stubs[own] = heading or own, cell.source
    secrets = read_secrets(source, name)
    return Lesson(name, title, headings, stubs, Hints(source, release), secrets, course.zone)


def read_answers(course, standing):
    """Read the written answers of a graded submission.

    Parameters
    ----------
    course : Course
    standing : Standing

    Returns
    -------
    dict of str to str
        By the exercise's name.
    """
    path = course.graded(standing.student, standing.lesson)
    if not any(it.written for it in standing.given) or not path.is_file():
        return {}
    cells = nbformat.read(path, as_version=4).cells
    texts = {
        cell.metadata.get("nbgrader", {}).get("grade_id"): with_attachments(
            cell.source, cell.get("attachments", {})
        )
        for cell in cells
    }
    return {it.exercise: texts[it.cell] for it in standing.given if it.written and it.cell in texts}


def make_page(standing, lesson, answers, partners=()):
    """Make a student's page.

    Parameters
    ----------
    standing : Standing
        Graded, to be reviewed, or not to be graded.
    lesson : Lesson
    answers : dict of str to str
        The student's written answers.
    partners : sequence of str
        Names of those with whom it was handed in.

    Returns
    -------
    page : str
        HTML.
    withheld : bool
        Whether something was left out because it would have given a solution or test away.

    Raises
    ------
    ValueError
        If the page would give something away even without them.
    """
    told = {
        it.cell: it.cause or lesson.hints.tell(it.cell, it.message)
        for it in standing.given
        if it.message
    }
    safe = {cell: text for cell, text in told.items() if not _gives_away(text, lesson)}
    cut = any(lesson.hints.gives_away(it.cell, it.message) for it in standing.given)
    for messages in (told, safe, None):
        # What the student and the instructor wrote is theirs, and may be the model answer.
        if not _gives_away(_render(standing, lesson, messages), lesson):
            page = _render(standing, lesson, messages, answers, partners)
            return page, cut or messages != told
    raise ValueError(
        f"The feedback of {standing.student} on {lesson.name} would give a solution or a hidden "
        "test away, even without the tests' messages. Look at the lesson's headings."
    )


def _gives_away(page, lesson):
    """Whether a page holds a solution, a hidden test or a marker."""
    text = html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL))
    alone = [("page", text.encode(errors="replace"))]
    return bool(find_leaks(alone, lesson.secrets, lambda path: ""))


def _render(standing, lesson, messages, answers=None, partners=()):
    """A page as HTML: without answers and comments if none are given, without messages if None."""
    exercises = {}
    for given in standing.given:
        exercises.setdefault(given.exercise, []).append(given)
    shown = [
        _exercise(name, given, lesson, messages or {}, answers) for name, given in exercises.items()
    ]
    repairs = [cleaned(it) for it in standing.repairs if not lesson.hints.reveals(it)]
    repairs = repairs if messages is not None else []
    return _template().render(
        student=cleaned(standing.name or standing.student),
        identity=cleaned(standing.student) if standing.name else "",
        partners=list(map(cleaned, partners)),
        title=rich(lesson.title),
        plain_title=re.sub(r"[$`*]", "", lesson.title),
        standing=standing,
        received=_when(standing.received, lesson.zone),
        due=_when(standing.due, lesson.zone) if standing.late else "",
        could_not=standing.state == COULD_NOT_GRADE,
        untouched=standing.state == UNTOUCHED,
        why=_why(standing, lesson) if messages is not None else "",
        other_lesson=OTHER_LESSON.match(" ".join(standing.reasons)),
        reviews=_reviews(standing),
        repairs=repairs[:MOST_REPAIRS],
        more_repairs=max(0, len(repairs) - MOST_REPAIRS),
        exercises=shown,
    )


@cache
def _template():
    """The page's template."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["points"] = _points
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))


def _exercise(name, given, lesson, messages, answers):
    """What the page shows of an exercise."""
    tests = [_test(it, messages.get(it.cell, "")) for it in given if not it.written]
    comment = "\n".join(it.comment for it in given if it.comment) if answers is not None else ""
    answer = (answers or {}).get(name, "").strip()
    untouched = answers is not None and answer in ("", lesson.stubs.get(name, "").strip())
    return {
        "title": rich(lesson.headings.get(name, name)),
        "earned": sum(it.earned or 0 for it in given),
        "maximum": sum(it.maximum for it in given),
        "open": sum(it.maximum for it in given if it.earned is None),
        "by_hand": any(it.by_hand for it in given),
        "again": any(it.again for it in given),
        "written": given[0].written,
        "answer": "" if untouched else rich(answer),
        "untouched": untouched,
        "comment": rich(comment) if comment.strip() else "",
        "tests": tests,
        "next": _next_step(tests, given),
    }


def _test(given, message):
    """What the page shows of a test."""
    hidden = given.cell.endswith(HIDDEN)
    if given.earned is None:
        sign, words = "–", "not run"
    elif given.earned >= given.maximum:
        sign, words = "✓", "passed"
    elif given.earned > 0:
        sign, words = "◐", "partly"
    else:
        sign, words = "✗", "not yet"
    failed = given.earned is not None and given.earned < given.maximum
    message = message if failed else ""
    return {
        "name": "Further tests" if hidden else "The test in your notebook",
        "hidden": hidden,
        "sign": sign,
        "words": words,
        "kind": words.replace(" ", "-"),
        "earned": given.earned,
        "maximum": given.maximum,
        "message": message,
        "stub": message.startswith("This exercise is waiting for you"),
    }


def _next_step(tests, given):
    """What the student can do next about an exercise."""
    if given[0].written:
        return ""
    words = [test["words"] for test in tests]
    if any(test["stub"] for test in tests):
        return "Write your answer in its cell, run it, then run the test below it."
    if "not run" in words:
        return (
            "A test could not be run, so nobody knows its result yet; it is not a zero. Your "
            "instructor decides."
        )
    if all(it.earned >= it.maximum for it in given):
        return ""
    visible = [test for test in tests if not test["hidden"]]
    if any(test["words"] != "passed" for test in visible):
        return (
            "Run the test in your notebook: restart the kernel, run all cells, and compare what it "
            "expected with what your code gave."
        )
    return (
        "The test in your notebook passes; the further tests try other inputs. Try your function "
        "with other sizes and values, the smallest ones too, and compare with what you work out "
        "by hand."
    )


def _why(standing, lesson):
    """Why a notebook could not be graded, in words for its student; nothing if they are not."""
    reason = cleaned(" ".join(standing.reasons))
    other = OTHER_LESSON.match(reason)
    if other and other["title"] and not lesson.hints.reveals(other["title"]):
        return f"It is the notebook of another lesson: “{other['title'][1:-1]}”."
    if other:
        return "It is not the notebook of this lesson: this lesson's exercises are not in it."
    found = re.match(r"Expected a Jupyter notebook \(\.ipynb\); (.{1,200}?)\. ", f"{reason} ")
    if not found or lesson.hints.reveals(found[1]):
        return ""
    return f"A Jupyter notebook (.ipynb) was expected; {found[1]}."


def _reviews(standing):
    """Why somebody looks at a notebook, each reason once, in words for its student."""
    if standing.state not in (NEEDS_REVIEW, GRADED):
        return []
    found = [
        next((words for pattern, words in FRIENDLY if re.search(pattern, reason)), SOMETHING)
        for reason in standing.reasons
    ]
    return list(dict.fromkeys(found))


def _points(number):
    """Points as people write them."""
    return f"{round(number, 2):g}"


def _when(received, zone):
    """When something was handed in, in the course's zone."""
    if not received:
        return ""
    time = datetime.fromisoformat(received).astimezone(zone)
    return f"{time:%d %B %Y, %H:%M} {zone_of(time)}".lstrip("0")
