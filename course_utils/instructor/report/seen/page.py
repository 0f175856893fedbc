"""`course report`: a page of the class for its instructor, and its numbers as two tables."""

import csv
import io
import math
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from course_utils.instructor.clock import shown
from course_utils.instructor.collect.attempts import read_dates
from course_utils.instructor.course import CourseError
from course_utils.instructor.plain_text import cleaned
from course_utils.instructor.report.seen.charts import Chart, distribution, term, time_line
from course_utils.instructor.report.seen.known_errors import read_known_errors
from course_utils.instructor.report.seen.people import call_people
from course_utils.instructor.report.seen.tests_seen import FEW, see_tests
from course_utils.instructor.report.standing import NOT_HANDED_IN, STATES, read_standings
from course_utils.instructor.spreadsheet import cell
from course_utils.instructor.whole_file import write_whole

PLACE = "report"
TEMPLATE, SORTING = (Path(__file__).with_name(name) for name in ("page.html.jinja", "sorting.js"))
TESTS = ("lesson", "exercise", "cell", "points", "graded", "share", "passed", "discrimination")
TESTS += ("last share", "looks wrong", "commonest message", "how often", "known errors")
STUDENTS = ("student", "lesson", "status", "points", "points possible", "late", "settled")


@dataclass(frozen=True)
class LessonSeen:
    """A lesson as its class sees it.

    Attributes
    ----------
    name : str
    standings : list of Standing
    tests : list of TestSeen
    points, times : Chart or None
        None if there is nothing to draw.
    due : str
        Empty if nobody said.
    """

    name: str
    standings: list
    tests: list
    points: Chart | None
    times: Chart | None
    due: str

    @property
    def counts(self):
        """How many are in each state, without those in which nobody is."""
        states = [it.state for it in self.standings]
        return {state: states.count(state) for state in STATES if state in states}

    @property
    def groups(self):
        """Ids of those who handed in together, each group once."""
        found = (sorted((it.student, *it.partners)) for it in self.standings if it.partners)
        return sorted(map(list, set(map(tuple, found))))

    @property
    def missing(self):
        """Those who have not handed in."""
        return [it for it in self.standings if it.state == NOT_HANDED_IN]


def write_report(course, lessons, anonymous=False, last=None):
    """Write the page and the tables, in place of earlier ones.

    Parameters
    ----------
    course : Course
    lessons : sequence of str
    anonymous : bool
        Whether nothing of it may tell who somebody is.
    last : Path, optional
        ``tests.csv`` of an earlier run of the course.

    Returns
    -------
    paths : list of Path
        The page first.
    seen : list of LessonSeen

    Raises
    ------
    CourseError
        If nobody is known, ``last`` is no such table, or a list of the course is damaged.
    OSError
        If a file cannot be written.
    """
    before = read_shares(last) if last else {}
    seen = [_see(course, lesson, before) for lesson in lessons]
    people = call_people([it for lesson in seen for it in lesson.standings], anonymous)
    if not people:
        raise CourseError(
            "Nobody is known yet: no class list, and nothing handed in. Give a list: course "
            "roster LIST; or collect: course collect INBOX"
        )
    ending = "-anonymous" if anonymous else ""
    texts = {
        f"class{ending}.html": make_page(seen, people, anonymous, course.zone),
        f"students{ending}.csv": _students_table(seen, people),
        f"tests{ending}.csv": _tests_table(seen, anonymous),
    }
    folder = course.build / PLACE
    for name, text in texts.items():
        encoding = "utf-8" if name.endswith(".html") else "utf-8-sig"
        write_whole(folder / name, text.encode(encoding, "backslashreplace"))
    return [folder / name for name in texts], seen


def read_shares(path):
    """Read what share of each test's points was earned in an earlier run.

    Parameters
    ----------
    path : Path
        ``tests.csv`` as `write_report` writes it.

    Returns
    -------
    dict of (str, str) to float
        By lesson and cell.

    Raises
    ------
    CourseError
        If it is no such table.
    """
    try:
        rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
        return {(it["lesson"], it["cell"]): float(it["share"]) for it in rows if it["share"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(
            f"{path}: expected the tests.csv that course report wrote for an earlier run; it "
            f"cannot be read as one ({error})."
        ) from error


def make_page(seen, people, anonymous, zone):
    """Make the page.

    Parameters
    ----------
    seen : sequence of LessonSeen
    people : dict of str to str
        What everybody is called, by student id.
    anonymous : bool
    zone : tzinfo or None

    Returns
    -------
    str
        HTML that needs nothing else.
    """
    script = SORTING.read_text(encoding="utf-8")
    by_lesson = {it.name: {one.student: one for one in it.standings} for it in seen}
    shares = {it.name: _shares(it) for it in seen if _shares(it)}
    return _template().render(
        seen=seen,
        people=people,
        rows=[(name, _row(by_lesson, student)) for student, name in people.items()],
        anonymous=anonymous,
        few=FEW,
        term=term(shares) if len(shares) > 1 else None,
        script=script,
        digest=b64encode(sha256(script.encode()).digest()).decode(),
        made=shown(datetime.now().astimezone(), zone),
    )


def _see(course, lesson, last):
    """A lesson as its class sees it."""
    standings = read_standings(course, lesson)
    due = read_dates(course).get(lesson)
    maximum = standings[0].maximum if standings else 0
    points = [it.earned for it in standings if it.earned is not None]
    known = (it.received for it in standings if it.received and not it.at_latest)
    times = [datetime.fromisoformat(it) for it in known]
    return LessonSeen(
        name=lesson,
        standings=standings,
        tests=see_tests(standings, read_known_errors(course, lesson), last),
        points=distribution(points, maximum) if points else None,
        times=time_line(times, due, course.zone) if times else None,
        due=shown(due, course.zone) if due else "",
    )


def _shares(seen):
    """What share of a lesson's points everybody earned who has any."""
    return [it.earned / it.maximum for it in seen.standings if it.earned is not None and it.maximum]


def _row(by_lesson, student):
    """Where a student stands in each lesson, and the share of all points with a mark."""
    standings = [its.get(student) for its in by_lesson.values()]
    marked = [it for it in standings if it and it.earned is not None]
    possible = sum(it.maximum for it in marked)
    return standings, sum(it.earned for it in marked) / possible if possible else None


@dataclass(frozen=True)
class _Shown:
    """How the template writes numbers."""

    @staticmethod
    def number(value):
        """A number with at most two places; a dash if there is none."""
        return "–" if value is None or math.isnan(value) else f"{round(value, 2):g}"

    @staticmethod
    def percent(value):
        """A share in percent; a dash if there is none."""
        return "–" if value is None or math.isnan(value) else f"{value:.0%}"

    @staticmethod
    def order(value):
        """What a number is sorted by; what has none comes first."""
        return -1e9 if value is None or math.isnan(value) else f"{value:.6f}"


def _template():
    """The page's template."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    for name in ("number", "percent", "order"):
        environment.filters[name] = getattr(_Shown, name)
    environment.filters["cleaned"] = cleaned
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))


def _students_table(seen, people):
    """The numbers of students, one row a student and lesson."""
    places = {student: place for place, student in enumerate(people)}  # no id's order tells a name
    standings = [it for lesson in seen for it in lesson.standings]
    late = {True: "late", False: "", None: "unknown"}
    return _table(
        STUDENTS,
        [
            (
                people[it.student],
                it.lesson,
                it.state,
                _plain(it.earned),
                _plain(it.maximum),
                late[it.late],
                "" if it.earned is None else "no" if it.waiting else "yes",
            )
            for it in sorted(standings, key=lambda it: places[it.student])
        ],
    )


def _tests_table(seen, anonymous):
    """The numbers of tests, one row each."""
    rows = []
    for it in (test for lesson in seen for test in lesson.tests):
        said = [one for one in it.messages if not anonymous or one.count >= FEW][:1]
        first = said[0] if said else None
        rows.append(
            (it.lesson, it.exercise, it.cell, _plain(it.maximum), it.graded)
            + tuple(map(_plain, (it.share, it.passed, it.discrimination, it.last)))
            + (
                it.doubt,
                *((first.text, first.count, "; ".join(first.errors)) if first else [""] * 3),
            )
        )
    return _table(TESTS, rows)


def _plain(value):
    """A number as a cell; an empty one if there is none."""
    return "" if value is None or math.isnan(value) else round(value, 4)


def _cell(value):
    """A number as it is, and a text as one that no spreadsheet carries out."""
    return value if isinstance(value, int | float) else cell(value)


def _table(columns, rows):
    """Comma-separated values, in which nothing is carried out or hidden."""
    text = io.StringIO()
    csv.writer(text).writerows(map(_cell, row) for row in (columns, *rows))
    return text.getvalue()
