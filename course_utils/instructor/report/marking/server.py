"""The pages of `course mark`, served to this computer's own browser.

Whoever knows the address may give marks: a secret is part of it, and only requests to this
computer's own name are answered, so that no other page can reach it in the browser.
"""

import secrets
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import escape
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined
from tornado.web import Application, HTTPError, RequestHandler

from course_utils.instructor.gradebook.by_hand import give_mark
from course_utils.instructor.gradebook.records import NEEDS_REVIEW, read_record, sign_off
from course_utils.instructor.lessons.exercises import read_source
from course_utils.instructor.report.marking.answer import show_answer
from course_utils.instructor.report.marking.questions import of_group, read_questions, used, waiting
from course_utils.instructor.report.standing import read_standings
from course_utils.instructor.whole_file import file_digest

TEMPLATE, KEYS = (Path(__file__).with_name(name) for name in ("page.html.jinja", "keys.js"))
OWN_NAMES = ("localhost", "127.0.0.1")


def make_app(course, lesson):
    """Make what serves a lesson's pages.

    Parameters
    ----------
    course : Course
    lesson : str

    Returns
    -------
    app : tornado.web.Application
    path : str
        Where its first page is.
    """
    root = f"/{secrets.token_urlsafe(24)}"
    given = {"course": course, "lesson": lesson, "root": root}
    pages = [("", Overview), ("review/([^/]+)", Review), ("([^/]+)", Marking)]
    return Application([(f"{root}/{it}", page, given) for it, page in pages]), f"{root}/"


class Page(RequestHandler):
    """What all pages have in common."""

    def initialize(self, course, lesson, root):
        """Take what the page is of."""
        self.course, self.lesson, self.root = course, lesson, root
        self.script = KEYS.read_text(encoding="utf-8")

    def prepare(self):
        """Refuse whoever calls this computer by another name."""
        if self.request.host_name not in OWN_NAMES:
            raise HTTPError(403)

    def set_default_headers(self):
        """Let a page load, send and be framed by nothing else."""
        digest = b64encode(sha256(KEYS.read_bytes()).digest()).decode()
        self.set_header(
            "Content-Security-Policy",
            f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src "
            f"'sha256-{digest}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        )
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")

    def write_error(self, status_code, **told):
        """Say in a line what is wrong."""
        error = told.get("exc_info", (None, None))[1]
        self.finish(escape(getattr(error, "log_message", None) or f"Error {status_code}"))

    def read(self):
        """Where everybody stands now, and what can be marked."""
        source = read_source(self.course.source(self.lesson))
        return read_standings(self.course, self.lesson), read_questions(source)

    def show(self, **values):
        """Send a page."""
        empty = dict.fromkeys(("question", "standing", "exercises", "rows", "marked", "members"))
        common = {"lesson": self.lesson, "root": self.root, "script": self.script}
        self.finish(_template().render(**empty | common | values))


class Overview(Page):
    """The list of questions."""

    def get(self):
        """Show how many answers to each question wait."""
        standings, questions = self.read()
        rows = [
            (it, len(waiting(standings, cell)))
            for cell, it in questions.items()
            if it.written or waiting(standings, cell)
        ]
        self.show(rows=rows, reviews=[it for it in standings if it.state == NEEDS_REVIEW])


class Marking(Page):
    """One answer to a question."""

    def get(self, cell):
        """Show the answer asked for, or the next one that waits."""
        standings, questions = self.read()
        question = self._question(questions, cell)
        wait = waiting(standings, cell)
        student, after = (self.get_query_argument(it, "") for it in ("student", "after"))
        if student:
            asked = [it for it in standings if it.student == student and it.given]
        else:
            asked = [it for it in wait if it.student > after] or wait
        if not asked:
            self.redirect(f"{self.root}/")
            return
        self._show(question, asked[0], standings, after)

    def _show(self, question, standing, standings, after):
        """Show an answer with all that helps to judge it."""
        path = self.course.graded(standing.student, self.lesson)
        cell = question.cell
        self.show(
            question=question,
            standing=standing,
            given=next(it for it in standing.given if it.cell == cell),
            answer=show_answer(path, question.exercise),
            digest=file_digest(path) or "",
            left=len(waiting(standings, cell)),
            members=of_group(standings, standing, cell)[1:],
            used=used(standings, cell),
            reasons=standing.reasons if standing.state == NEEDS_REVIEW else (),
            marked=after,
        )

    def post(self, cell):
        """Enter a mark, and go on to the next answer."""
        standings, questions = self.read()
        question = self._question(questions, cell)
        student = self.get_body_argument("student")
        own = [it for it in standings if it.student == student and it.given]
        if not own:
            raise HTTPError(400, "Nobody of that name has marks in this lesson. Go back.")
        path = self.course.graded(student, self.lesson)
        if self.get_body_argument("digest") != file_digest(path):
            raise HTTPError(409, "The notebook has been graded again since. Go back and reload.")
        points = _points(self.get_body_argument("points", ""), question.maximum)
        comment = self.get_body_argument("comment", "").replace("\r\n", "\n")
        for one in of_group(standings, own[0], cell):
            where = one, self.lesson, cell
            give_mark(self.course.gradebook_url, *where, points, question.exercise, comment)
        self.redirect(f"{self.root}/{quote(cell, safe='')}?after={quote(student, safe='')}")

    def _question(self, questions, cell):
        """The question of a cell."""
        if cell not in questions:
            raise HTTPError(404, "There is no such question.")
        return questions[cell]


class Review(Page):
    """A notebook that needs review, with the exercises that its reasons name, or else all."""

    def get(self, student):
        """Show why, and the answers that it is about."""
        standings, questions = self.read()
        standing = self._standing(standings, student)
        path = self.course.graded(student, self.lesson)
        given = {it.cell: it for it in standing.given}
        exercises = {}
        for cell, it in questions.items():
            if cell in given:
                exercises.setdefault(it.exercise, (it.title, []))[1].append(given[cell])
        named = [it for it in exercises if it in " ".join(standing.reasons)] or exercises
        shown = [(*exercises[it], show_answer(path, it)) for it in named]
        self.show(standing=standing, exercises=shown)

    def post(self, student):
        """Let the marks stand."""
        standing = self._standing(self.read()[0], student)
        record = read_record(self.course, student, self.lesson)
        note = self.get_body_argument("note", "").replace("\r\n", "\n")
        sign_off(self.course, replace(record, reasons=standing.reasons), note)
        self.redirect(f"{self.root}/")

    def _standing(self, standings, student):
        """Where somebody stands whose notebook needs review."""
        for it in standings:
            if it.student == student and it.state == NEEDS_REVIEW:
                return it
        raise HTTPError(404, "Nothing of theirs needs review.")


def _points(text, most):
    """Points as they were typed."""
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = -1.0
    if not 0 <= points <= most:
        raise HTTPError(400, f"Expected points from 0 to {most:g}; got {text!r}. Go back.")
    return points


def _template():
    """The pages' template."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["points"] = lambda it: f"{round(it, 2):g}"
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
