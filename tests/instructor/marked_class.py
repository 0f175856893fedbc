"""A class whose marks are known, entered as grading would, without running anything."""

from hashlib import sha256

import nbformat
from nbgrader.api import Gradebook

from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.gradebook.records import GRADED, Cell, Record, write_record
from course_utils.instructor.lessons.exercises import read_exercises

ALL = {
    "total-visible": 1.0,
    "total-hidden": 2.0,
    "mean-visible": 1.0,
    "mean-hidden": 3.0,
    "why": None,
}
WHY = "Nothing can be divided by zero: $\\frac{x}{0}$ is not defined, *so* `sum([]) / 0` <fails>."


def mark(
    course,
    student,
    lesson="01-sums",
    *,
    points=None,
    messages=None,
    status=GRADED,
    reasons=(),
    repairs=(),
    answers=None,
    by_hand=None,
    comments=None,
):
    """Hand in for a student, and write down what grading would."""
    hand_in(course, student, lesson, answers or {"why": WHY})
    data = course.submission(student, lesson).read_bytes()
    points = ALL | (points or {})
    source = nbformat.read(course.source(lesson), as_version=4)
    cells = [
        Cell(name, it.name, points[name], most, it.written, (messages or {}).get(name, ""))
        for it in read_exercises(source).values()
        for name, most in it.points.items()
    ]
    if status == "could not grade":
        cells = []
    else:
        path = course.graded(student, lesson)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        _enter(course, student, lesson, points, by_hand or {}, comments or {})
    record = Record(
        student=student,
        lesson=lesson,
        status=status,
        reasons=tuple(reasons),
        repairs=tuple(repairs),
        cells=tuple(cells),
        submission=sha256(data).hexdigest(),
        release=sha256(course.source(lesson).read_bytes()).hexdigest(),
        graded="2026-11-22T10:00:00+00:00",
    )
    write_record(course, record)
    return record


def _enter(course, student, lesson, points, by_hand, comments):
    """Enter marks in the gradebook, as autograding and the formgrader do."""
    with Gradebook(course.gradebook_url) as gradebook:
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission(lesson, student)
        notebook = gradebook.find_submission_notebook(lesson, lesson, student)
        for grade in notebook.grades:
            grade.auto_score = points[grade.name]
            grade.manual_score = by_hand.get(grade.name)
            grade.needs_manual_grade = points[grade.name] is None and grade.name not in by_hand
        for comment in notebook.comments:
            comment.manual_comment = comments.get(comment.name)
        gradebook.db.commit()
