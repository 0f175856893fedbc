"""Status tells who handed in what, what came of it, and the next command."""

import json
from datetime import UTC, datetime

from nbgrader.api import Gradebook

from course_utils.instructor.collect.collect import collect
from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.gradebook.marks import read_marks
from course_utils.instructor.gradebook.records import record_path
from course_utils.instructor.release.release import release
from course_utils.instructor.report.export import as_csv, as_json, as_moodle, settled
from course_utils.instructor.report.feedback import write_feedback
from course_utils.instructor.report.standing import read_standings
from course_utils.instructor.report.status import counts, next_steps, read_status
from tests.instructor.marked_class import ALL, mark
from tests.instructor.toy_course import LESSON, write_lesson

NAME = "01-sums"


def test_a_class_without_anything_is_told_to_collect(course, run):
    code, output = run("status")
    assert code == 0
    assert "course collect INBOX" in output


def test_everybody_is_counted_once_and_named_with_the_reason(course, run):
    (course.build / "roster.csv").write_text("id,name\nzoe,Zoë\nada,Ada\n")
    mark(course, "ada")
    mark(
        course,
        "bo",
        by_hand={"why": 1.0},
        status="needs review",
        reasons=["cell 4: odd.", "7: odder."],
    )
    mark(course, "cy", status="could not grade", reasons=["it is a Word document"])
    hand_in(course, "di", NAME, {})
    assert counts(read_status(course, NAME)) == [4, 1, 1, 1, 0, 1, 1, 0, 1]
    code, output = run("status")
    assert code == 0
    assert "could not grade: cy: it is a Word document" in output
    assert "needs review: bo: cell 4: odd; 7: odder\n" in output
    assert "not graded yet: di" in output
    assert "to mark by hand: ada" in output
    assert "not handed in: zoe" in output
    steps = output.partition("Next\n")[2]
    grade = "course grade --lesson 01-sums"
    for command in (grade, "course collect", "/formgrader", "course feedback"):
        assert command in steps


def test_when_all_is_graded_the_pages_come_next(course):
    mark(course, "ada", by_hand={"why": 2.0})
    assert next_steps([read_status(course, NAME)]) == [
        "Write the students' pages: course feedback; hand out build/feedback; then: course export, "
        "and: course report"
    ]


def test_what_was_handed_in_again_or_damaged_is_not_graded_yet(course):
    for student in ("again", "damaged", "forgotten", "fine"):
        mark(course, student)
    hand_in(course, "again", NAME, {"total": "total = max"})
    record_path(course, "damaged", NAME).write_text("{")
    found = {it.student: it for it in read_standings(course, NAME)}
    assert {name: it.state for name, it in found.items()} == {
        "again": "not graded yet",
        "damaged": "not graded yet",
        "forgotten": "graded",
        "fine": "graded",
    }
    assert "handed in again" in found["again"].reasons[0]
    assert "--force" in found["damaged"].reasons[0]


def test_a_new_gradebook_has_no_marks_to_tell(course):
    mark(course, "ada")
    (course.build / "gradebook.db").unlink()
    (it,) = read_standings(course, NAME)
    assert (it.state, it.earned) == ("not graded yet", None)
    assert "the gradebook holds no marks of it" in it.reasons[0]


def test_a_lesson_that_changed_since_is_to_be_graded_again(course):
    mark(course, "ada", by_hand={"why": 2.0})
    assert not read_status(course, NAME).outdated
    write_lesson(course, NAME, LESSON.replace("in between", "between"))
    status = read_status(course, NAME)
    assert [it.student for it in status.outdated] == ["ada"]
    assert next_steps([status])[:2] == [
        "Release what has changed: course release 01-sums",
        "Grade what is new: course grade --lesson 01-sums",
    ]
    release(course, [NAME])
    assert next_steps([read_status(course, NAME)])[0].startswith("Grade what is new")


def test_lateness_comes_from_what_was_collected(course, tmp_path, run):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    hand_in(course, "x", NAME, {"total": "total = sum"})
    data = course.submission("x", NAME).read_bytes()
    (inbox / "ada_LATE_12_34_01-sums.ipynb").write_bytes(data)
    collect(course, inbox, None, {NAME: datetime(2026, 1, 1, tzinfo=UTC)})
    status = read_status(course, NAME)
    assert [it.numbers for it in status.late] == [{"Canvas": "12"}]
    assert f"late: {status.late[0].student}" in run("status")[1]


def test_points_are_the_gradebook_s(course):
    mark(course, "ada", points={"total-visible": 0.0}, by_hand={"total-visible": 0.5, "why": 2.0})
    (it,) = read_standings(course, NAME)
    marks = read_marks(course.gradebook_url, NAME, "ada")["ada"]
    earned = {cell: mark.earned for cell, mark in marks.items()}
    assert {given.cell: given.earned for given in it.given} == earned
    assert set(marks) == set(ALL)
    assert (it.earned, it.open, it.maximum) == (8.5, 0, 9)
    assert {given.cell for given in it.given if given.by_hand} == {"total-visible", "why"}


def test_marks_given_to_an_earlier_version_are_to_be_looked_at_again(course, run):
    mark(course, "ada", by_hand={"why": 2.0})
    assert not read_status(course, NAME).waiting
    with Gradebook(course.gradebook_url) as gradebook:  # as nbgrader does when it grades again
        gradebook.find_grade("why", NAME, NAME, "ada").needs_manual_grade = True
        gradebook.db.commit()
    (it,) = read_status(course, NAME).waiting
    assert (it.student, it.earned, it.open, it.again) == ("ada", 9, 0, 2)
    assert settled(it) is None  # so neither Canvas nor Moodle gets it
    assert as_csv([it]).splitlines()[1].startswith("ada,,,01-sums,graded,9,0,9,2,")
    assert "ada" not in as_moodle([it])
    assert json.loads(as_json([it]))[0]["points_to_look_at_again"] == 2
    assert "7 / 7, 2 by hand, 2 to look at again" in run("grade", "--no-sandbox")[1]
    (page,) = write_feedback(course, [NAME])
    text = page.path.read_text(encoding="utf-8")
    assert "9 of 9 points so far" in text
    assert "2 of them were given to an earlier version" in text
    assert "to an earlier version, and will look again." in text


def test_a_gradebook_that_cannot_be_read_is_told_in_a_line(course, run):
    mark(course, "ada")
    (course.build / "gradebook.db").write_bytes(b"no database " * 400)
    code, output = run("status")
    assert code == 1
    assert " cannot be used: file is not a database. If another program" in output


def test_a_class_of_300_fits_a_screen(course, run):
    """With everybody odd in one of a few ways, half of the class missing, and ten files astray."""
    people = [f"s{number:03}" for number in range(300)]
    (course.build / "roster.csv").write_text("\n".join(["id,name", *(f"{it},X" for it in people)]))
    for number, student in enumerate(people[:8]):
        reasons = ["it is a Word document"] if number < 4 else [f"it is odd in way {number}"]
        mark(course, student, status="could not grade", reasons=reasons)
    mark(course, "s008")
    unplaced = course.build / "unplaced"
    unplaced.mkdir()
    for number in range(10):
        (unplaced / f"0000000{number}-answers.docx").write_text("x")
    run("due", f"{NAME}=2026-12-01", "--student", "s001", "--student", "s002")
    code, output = run("status")
    assert code == 0
    assert "could not grade: s000, s001, s002, s003: it is a Word document" in output
    assert "not handed in: s009, s010" in output and "and 279 more" in output
    assert "until 2026-12-01 23:59" in output and ": s001, s002" in output
    assert "Not placed (10), in build/unplaced" in output and "and 5 more" in output
    assert "Give marks by hand (1 wait): course mark 01-sums" in output
    assert len(output.splitlines()) < 40


def test_many_reasons_are_cut_and_counted(course, run):
    for number in range(9):
        mark(course, f"s{number}", status="needs review", reasons=[f"cell {number}: odd"])
    output = run("status")[1]
    assert output.count("needs review: s") == 5
    assert "needs review: and 4 more; course export tells all" in output


def test_what_was_odd_is_told_and_what_is_placed_is_no_more(course, run, tmp_path):
    hand_in(course, "x", NAME, {"total": "total = sum"})
    data = course.submission("x", NAME).read_bytes()
    for student, text in (("ada", data), ("ada", course.released(NAME).read_bytes())):
        path = tmp_path / "inbox" / student / f"{len(text)}" / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(text)
    (tmp_path / "inbox" / f"{NAME}.ipynb").write_bytes(data)
    collect(course, tmp_path / "inbox")
    output = run("status")[1]
    assert "odd: ada: also came untouched: not counted" in output
    assert "Not placed" not in output
