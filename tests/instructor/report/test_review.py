"""An instructor looks at what needs review, and says so once."""

import json
from concurrent.futures import Future

import pytest

from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.grade import grading
from course_utils.instructor.grade.examination import Examined
from course_utils.instructor.gradebook.records import GRADED, NEEDS_REVIEW
from course_utils.instructor.report.export import as_csv, as_json
from course_utils.instructor.report.feedback import write_feedback
from course_utils.instructor.report.standing import read_standings
from course_utils.instructor.report.status import next_steps, read_status
from tests.instructor.marked_class import mark

NAME = "01-sums"
ODD = "cell 4 (total): stopped after 300 s"


class Executor:
    """A worker that finds what it is told to find."""

    def __init__(self, *reviews):
        self.reviews = reviews

    def submit(self, function, data, *arguments, **options):
        future = Future()
        future.set_result(Examined(data.decode(), reviews=self.reviews))
        return future


def regrade(course, *reviews):
    """Grade ada's notebook, in which this is found."""
    (record,) = grading.grade(course, [("ada", NAME)], executor=Executor(*reviews))
    return record


def test_what_was_reviewed_is_graded_and_its_reasons_stay_visible(course, run):
    mark(course, "ada", by_hand={"why": 2.0}, status=NEEDS_REVIEW, reasons=[ODD])
    assert "course review STUDENT LESSON" in next_steps([read_status(course, NAME)])[0]
    code, output = run("review", "ada", NAME, "--note", "=a slow machine")
    assert code == 0
    assert f"Reviewed: ada, 01-sums: {ODD}" in output
    (it,) = read_standings(course, NAME)
    assert (it.state, it.reasons, it.note, it.earned) == (GRADED, (ODD,), "=a slow machine", 9)
    assert next_steps([read_status(course, NAME)])[0].startswith("Write the students' pages")
    assert f"  reviewed: ada: {ODD} (note: =a slow machine)" in run("status")[1]
    row = as_csv([it]).splitlines()[1]
    assert row.startswith("ada,,,01-sums,graded,9,0,9,0,")
    assert f",{ODD},,{it.reviewed},'=a slow machine," in row
    (told,) = json.loads(as_json([it]))
    assert (told["status"], told["reviewed"], told["reasons"]) == (GRADED, it.reviewed, [ODD])


def test_students_are_told_that_somebody_has_looked_and_not_the_note(course, run):
    mark(course, "ada", by_hand={"why": 2.0}, status=NEEDS_REVIEW, reasons=[ODD])
    run("review", "ada", NAME, "--note", "for colleagues")
    (page,) = write_feedback(course, [NAME])
    text = page.path.read_text(encoding="utf-8")
    assert "Your instructor has looked at this notebook, because of this:" in text
    assert "ran for longer than is allowed" in text
    assert "will look at this notebook" not in text
    assert "for colleagues" not in text


def test_what_waits_for_marks_is_told(course, run):
    mark(course, "ada", status=NEEDS_REVIEW, reasons=[ODD])
    assert "by hand: why. Give them: course mark" in run("review", "ada", NAME)[1]


def test_a_review_outlives_another_grading_and_a_new_oddity_asks_again(course, run):
    hand_in(course, "ada", NAME, {"total": "total = max"})
    assert regrade(course, ODD).status == NEEDS_REVIEW
    run("review", "ada", NAME)
    assert regrade(course, ODD).status == GRADED
    assert regrade(course, ODD, "something else").status == NEEDS_REVIEW
    assert regrade(course).reviewed == ""
    hand_in(course, "ada", NAME, {"total": "total = sum"})
    assert read_standings(course, NAME)[0].state == "not graded yet"
    assert regrade(course, ODD).status == NEEDS_REVIEW


def test_the_note_can_be_changed(course, run):
    mark(course, "ada", status=NEEDS_REVIEW, reasons=[ODD])
    run("review", "ada", NAME, "--note", "first")
    assert run("review", "ada", NAME, "--note", "second")[0] == 0
    assert read_standings(course, NAME)[0].note == "second"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("bo", NAME), "bo, 01-sums: graded."),
        (("cy", NAME), "cy, 01-sums: could not grade (it is a Word document)."),
        (("di", NAME), "di, 01-sums: not graded yet."),
        (("nobody", NAME), "Nobody is known as 'nobody': expected the id of somebody"),
        (("bo", "09-none"), "No lesson is called '09-none'"),
    ],
)
def test_what_needs_no_review_cannot_be_reviewed(course, run, words, said):
    mark(course, "bo", by_hand={"why": 2.0})
    mark(course, "cy", status="could not grade", reasons=["it is a Word document."])
    hand_in(course, "di", NAME, {})
    code, output = run("review", *words)
    assert code == 2
    assert said in output
