"""What Canvas and Moodle have before and after the tables that we write are imported there."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from course_utils.instructor.collect.roster import add_list
from course_utils.instructor.gradebook.records import NEEDS_REVIEW
from course_utils.instructor.report.export import as_canvas, as_moodle
from course_utils.instructor.report.into import fill
from course_utils.instructor.report.standing import read_standings
from tests.instructor.importers import (
    CanvasCourse,
    CanvasStudent,
    Graded,
    RefusedError,
    canvas_import,
    moodle_import,
)
from tests.instructor.marked_class import mark

NAME = "01-sums"
PEOPLE = ("Ada Lovelace", "Bo Li", "Cy Young", "Di Ru", "Bo Li")
GRADEBOOK = CanvasCourse(
    students=tuple(
        CanvasStudent(f"1{i}", name, ", ".join(name.split()[::-1]), f"s{i}", f"{name[:2]}{i}")
        for i, name in enumerate(PEOPLE)
    ),
    assignments={"501": NAME, "502": "Quiz"},
    scores={("11", "501"): "EX", ("12", "501"): "7", ("13", "501"): "3", ("10", "502"): "9"},
)
LANGUAGES = tomllib.loads(Path(__file__).parents[1].joinpath("languages.toml").read_text("utf-8"))
GERMAN = LANGUAGES["importers"]["de"]
GERMANS = {"language": GERMAN, "comments": LANGUAGES["comments"]["de"], "separator": ";"}
WORKSHEET = LANGUAGES["into"]["de"]
COMMENTS = [line.rpartition(";")[2] for line in WORKSHEET.strip().splitlines()[1:]]
BEFORE = {
    "1": Graded(None, COMMENTS[0]),
    "2": Graded(5.0, "", 1.7e9),
    "3": Graded(None, COMMENTS[2], 1.7e9),
}


def exported(course):
    """Canvas's gradebook as it would export it."""
    names = [f"{title} ({key})" for key, title in course.assignments.items()]
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *names, "Final Score"]]
    rows.append(["    Points Possible", "", "", "", "", "9", "10", "(read only)"])
    for it in course.students:
        scores = [course.score(it.id, key) for key in course.assignments]
        name = f'"{it.sortable_name}"'
        rows.append([name, it.id, it.sis_user, it.sis_login, "A", *scores, "50"])
    return "\n".join(map(",".join, rows)) + "\n"


@pytest.fixture
def marked(course, tmp_path):
    """A class of Canvas: the first and fourth are settled, nobody else is."""
    path = tmp_path / "gradebook.csv"
    path.write_text(exported(GRADEBOOK), encoding="utf-8-sig")
    add_list(course, path)
    mark(course, "s0", by_hand={"why": 1.5})
    mark(course, "s1", status=NEEDS_REVIEW, reasons=["odd"], by_hand={"why": 2.0})
    mark(course, "s2", status="could not grade", reasons=["no notebook"])
    mark(course, "s3", by_hand={"why": 0.0})
    return path


def test_in_canvas_nothing_changes_but_settled_marks(course, marked):
    ours = as_canvas(read_standings(course, NAME))
    filled = fill(course, marked, [NAME]).data.decode("utf-8-sig")
    for table in (ours, filled):
        after = canvas_import(table, GRADEBOOK)
        changed = {("10", "501"): "8.5", ("13", "501"): "7"}
        assert after.scores == GRADEBOOK.scores | changed, table


def test_of_whom_canvas_has_no_number_ours_are_found_by_login_and_namesakes_left_out(course):
    people = {"ad0": "Ada Lovelace", "bo1": "Bo Li", "bo4": "Bo Li"}
    for student in people:
        mark(course, student, by_hand={"why": 2.0})
    rows = "".join(f"{student},{name}\n" for student, name in people.items())
    (course.build / "roster.csv").write_text(f"id,name\n{rows}")
    logins = CanvasCourse(
        tuple(
            CanvasStudent(it.id, it.name, it.sortable_name, it.sis_user, it.sis_login.lower())
            for it in GRADEBOOK.students
        ),
        GRADEBOOK.assignments,
        GRADEBOOK.scores,
    )
    after = canvas_import(as_canvas(read_standings(course, NAME)), logins)
    assert after.scores == GRADEBOOK.scores | {("10", "501"): "9"}


def test_canvas_takes_an_empty_cell_for_a_change_and_another_name_for_a_new_one():
    table = "Student,ID,SIS User ID,SIS Login ID,Section,01-sums,03\nX,12,,,A,,1\nY,,,,A,2,\n"
    after = canvas_import(table, GRADEBOOK)
    changes = dict(after.scores.items() - GRADEBOOK.scores.items())
    assert changes == {("12", "new: 03"): "1", ("new: Y", "501"): "2"}
    assert ("12", "501") not in after.scores
    with pytest.raises(RefusedError):
        canvas_import("Name,ID,Section\nX,12,A\n", GRADEBOOK)


@pytest.fixture
def german(course, tmp_path):
    """A German class: the first two are settled."""
    path = tmp_path / "worksheet.csv"
    path.write_text(WORKSHEET.format(*["9,00"] * 3), encoding="utf-8")
    add_list(course, path)
    mark(course, "ada@x.org", by_hand={"why": 1.5})
    mark(course, "bo@x.org", by_hand={"why": 0.0})
    return path


def test_in_moodle_nothing_changes_but_settled_marks(course, german):
    filled = fill(course, german, [NAME]).data.decode()
    after = moodle_import(filled, BEFORE, 9, **GERMANS)
    assert after == BEFORE | {"1": Graded(8.5, COMMENTS[0])}  # the others were changed there since
    after = moodle_import(filled, BEFORE, 9, **GERMANS, update=True)
    assert after == BEFORE | {"1": Graded(8.5, COMMENTS[0]), "2": Graded(7.0, "", 1.7e9)}


def test_moodle_takes_our_own_table_only_if_it_speaks_english(course, german):
    mark(course, "cy@x.org", status=NEEDS_REVIEW, reasons=["odd"], by_hand={"why": 2.0})
    standings = [
        replace(it, numbers={"Moodle": str(number)})
        for number, it in enumerate(read_standings(course, NAME), start=1)
    ]
    table = as_moodle(standings)
    with pytest.raises(RefusedError):
        moodle_import(table, BEFORE, 9, language=GERMAN)
    after = moodle_import(table, BEFORE, 9, comments="Feedback comments", update=True)
    assert after == BEFORE | {"1": Graded(8.5, COMMENTS[0]), "2": Graded(7.0, "", 1.7e9)}
    assert moodle_import(table, BEFORE, 5, update=True) == BEFORE  # a smaller maximum: passed over
