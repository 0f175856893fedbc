"""A made class goes from its inboxes to the platforms' gradebooks; each step says who is wrong."""

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace

from course_utils.instructor.collect.names import CANVAS, GRADESCOPE
from course_utils.instructor.course import Course
from course_utils.instructor.gradebook.records import GRADED
from course_utils.instructor.report.standing import read_standings
from tests.instructor.importers import (
    CanvasCourse,
    CanvasStudent,
    Graded,
    canvas_import,
    moodle_import,
)
from tests.instructor.made_class import DUE, EXTENDED, LANGUAGES, MOODLES, MadeClass, points

SETTINGS = '[tool.course]\ntimezone = "UTC"\n[tool.course.late]\npoints-a-day = 1\n'


@dataclass(frozen=True)
class Walk:
    """A class on its way.

    Attributes
    ----------
    course : Course
        With `SETTINGS`.
    lesson : str
    students : list of Student
    made : MadeClass
    run : callable
        Runs `course` with some words; gives its exit code and what it printed.
    """

    course: Course
    lesson: str
    students: list
    made: MadeClass
    run: Callable

    def take_in(self):
        """Give lists, dates and extensions, and collect whatever came."""
        self._do("roster", *self.made.lists.values(), self.made.groups)
        late = [it for it in self.students if it.kind == "extended"]
        options = [word for it in late for word in ("--student", it.id)]
        self._do("due", f"{self.lesson}={DUE}")
        self._do("due", f"{self.lesson}={EXTENDED}", *options)
        for inbox in (*self.made.early, *self.made.inboxes):
            self._do("collect", inbox)

    def grade(self):
        """Grade; some cannot be graded."""
        code, output = self.run("grade", "--lesson", self.lesson)
        assert code == 1, output

    def review(self):
        """Look at whatever needs review."""
        for student in self.students:
            if student.kind == "double":
                self._do("review", student.id, self.lesson, "--note", "looked at both")

    def compare(self, marked):
        """Hold what is known of everybody to what has to come of it; nobody else is there."""
        found = {it.student: it for it in read_standings(self.course, self.lesson)}
        assert found.keys() == {it.id for it in self.students}
        for student in self.students:
            it, due = found[student.id], points(self.course, self.lesson, student)
            names = {student.name, ", ".join(reversed(student.name.split()))}
            assert it.name in names, student
            state = GRADED if marked and due else student.state
            partners = (student.partner,) if student.partner else ()
            told = (it.state, it.late, it.partners)
            assert told == (state, student.kind == "late", partners), (student, told)
            earned = None if due is None else due[0] + marked * due[1]
            assert it.earned == earned, (student, it.earned, earned)
            assert it.deducted == (due is not None and _by_a_known_time(student)), student

    def hand_back(self):
        """Write pages and marks, and see what the platforms make of them."""
        self._do("feedback", self.lesson)
        pages = (self.course.build / "feedback").glob(f"*/{self.lesson}.html")
        assert {it.parent.name for it in pages} == {
            it.id for it in self.students if it.kind != "nothing"
        }
        self._do("report")
        for platform, path in self.made.lists.items():
            if platform != GRADESCOPE:
                self._do("export", "--lesson", self.lesson, "--into", path)
                filled = (self.course.build / "export" / path.name).read_text("utf-8-sig")
                own = [it for it in self.students if it.platform == platform]
                see = self._see_in_canvas if platform == CANVAS else self._see_in_moodle
                see(filled, own)
        self._do("export", "--lesson", self.lesson)
        with (self.course.build / "export" / "marks.csv").open(encoding="utf-8-sig") as file:
            rows = {row["student"]: row["points"] for row in csv.DictReader(file)}
        for it in self.students:
            due = points(self.course, self.lesson, it)
            assert rows[it.id] == ("" if due is None else f"{sum(due):g}"), it

    def _do(self, *words):
        """Run a command that has to succeed."""
        code, output = self.run(*words)
        assert code == 0, output

    def _see_in_moodle(self, filled, students):
        """Import a worksheet: whoever is settled has the mark, and nobody else has any."""
        before = {str(it.number): Graded() for it in students}
        language = LANGUAGES["importers"][students[0].platform]
        after = moodle_import(filled, before, 1000, language=language)
        for it in students:
            assert after[str(it.number)].grade == self._score(it), it

    def _see_in_canvas(self, filled, students):
        """Import a gradebook: excuses, and the marks of whoever is not settled, stay."""
        people = tuple(CanvasStudent(str(it.number), it.name, it.name, it.id) for it in students)
        there = {"nothing": "EX", "half": "0.5"}
        scores = {(str(it.number), "501"): there[it.kind] for it in students if it.kind in there}
        scores |= {(str(it.number), "502"): "8" for it in students}
        before = CanvasCourse(people, {"501": self.lesson, "502": "Quiz"}, scores)
        marks = {(str(it.number), "501"): self._score(it) for it in students}
        changed = {key: f"{mark:g}" for key, mark in marks.items() if mark is not None}
        assert canvas_import(filled, before) == replace(before, scores=scores | changed)

    def _score(self, student):
        """What a platform is to get for a student; nothing if nothing is settled."""
        due = points(self.course, self.lesson, student)
        return None if due is None else sum(due) - _by_a_known_time(student)


def _by_a_known_time(student):
    """Whether somebody was late, and it is known by how much: Canvas does not tell."""
    return student.kind == "late" and student.platform in (*MOODLES, GRADESCOPE)
