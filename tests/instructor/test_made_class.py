"""A made class goes from its inboxes to the platforms' gradebooks: nobody lost, nobody wrong."""

import contextlib
import csv
from dataclasses import replace

import pytest

from course_utils.instructor.collect.names import CANVAS, GRADESCOPE
from course_utils.instructor.execute import sandbox, warm_kernel
from course_utils.instructor.gradebook.by_hand import give_mark
from course_utils.instructor.gradebook.records import GRADED
from course_utils.instructor.report.marking.questions import of_group, waiting
from course_utils.instructor.report.standing import read_standings
from tests.instructor.importers import (
    CanvasCourse,
    CanvasStudent,
    Graded,
    canvas_import,
    moodle_import,
)
from tests.instructor.made_class import (
    DUE,
    EXTENDED,
    LANGUAGES,
    MOODLES,
    make_class,
    make_students,
    points,
)

LESSON = "01-sums"
RULES = '[tool.course]\ntimezone = "UTC"\n[tool.course.late]\npoints-a-day = 1\n'
IMPORT = {  # columns, the beginning of identifiers and the decimal separator of a language
    "de": ("ID", "Bewertung", "Zuletzt geändert (Bewertung)", "Teilnehmer/in", ","),
    "fr": ("Identifiant", "Note", "Dernière modification (note)", "Participant ", ","),
}


@pytest.mark.skipif(sandbox.available() != "", reason="nothing can be confined here")
@pytest.mark.usefixtures("quick_kernels")
def test_a_class_on_three_platforms(course, run, tmp_path, monkeypatch):
    monkeypatch.setattr(warm_kernel, "warm_kernels", contextlib.nullcontext)
    (course.root / "pyproject.toml").write_text(RULES)
    students = make_students(48, ("de", CANVAS, GRADESCOPE))
    made = make_class(course, LESSON, students, tmp_path)
    take_in(run, made, students)
    assert run("grade", "--lesson", LESSON)[0] == 1  # some cannot be graded
    compare(course, students, marked=False)
    give_marks(course, run, students)
    compare(course, students, marked=True)
    everybody = {it.student for it in read_standings(course, LESSON)}
    assert everybody == {it.id for it in students}
    hand_back(course, run, made, students)


def take_in(run, made, students):
    """Give lists, dates and extensions, and collect whatever came."""
    assert run("roster", *made.lists.values(), made.groups)[0] == 0
    late = [it for it in students if it.kind == "extended"]
    options = [word for it in late for word in ("--student", it.id)]
    assert run("due", f"{LESSON}={DUE}")[0] == 0
    assert run("due", f"{LESSON}={EXTENDED}", *options)[0] == 0
    for inbox in (*made.early, *made.inboxes):
        code, output = run("collect", inbox)
        assert code == 0, output
    for inbox in made.inboxes:
        assert "new attempts: 0" in run("collect", inbox)[1]


def compare(course, students, marked):
    """Hold what is known of everybody to what has to come of it."""
    found = {it.student: it for it in read_standings(course, LESSON)}
    for student in students:
        it, due = found[student.id], points(course, LESSON, student)
        state = GRADED if marked and due else student.state
        late = student.kind == "late"
        told = (it.name.replace(",", ""), it.state, it.late, it.partners)
        names = {student.name, " ".join(reversed(student.name.split()))}
        partners = (student.partner,) if student.partner else ()
        assert told[0] in names and told[1:] == (state, late, partners), student
        assert it.earned == (None if due is None else due[0] + marked * due[1]), student
        known = late and student.platform != CANVAS
        assert it.deducted == (1 if known and it.earned else 0), student


def give_marks(course, run, students):
    """Mark whatever waits by hand, and review what is to be."""
    for student in students:
        if student.kind == "double":
            assert run("review", student.id, LESSON, "--note", "looked at both")[0] == 0
    groups = 0
    standings = read_standings(course, LESSON)
    for cell in dict.fromkeys(given.cell for it in standings for given in it.given):
        for it in waiting(standings, cell):
            (most,) = (given.maximum for given in it.given if given.cell == cell)
            members = of_group(standings, it, cell)
            groups += len(members) > 1
            for one in members:
                give_mark(course.gradebook_url, one, LESSON, cell, most / 2, cell, "Half.")
    assert groups == sum(bool(it.partner) for it in students) / 2


def hand_back(course, run, made, students):
    """Give pages and marks back, and see what the platforms make of it."""
    code, output = run("feedback", LESSON)
    assert code == 0, output
    pages = {path.parent.name for path in (course.build / "feedback").glob(f"*/{LESSON}.html")}
    assert pages == {it.id for it in students if it.kind != "nothing"}
    assert run("report")[0] == 0
    for it in students:
        assert it.id in (course.build / "report" / "students.csv").read_text("utf-8-sig")
    for platform, path in made.lists.items():
        if platform == GRADESCOPE:
            continue
        code, output = run("export", "--lesson", LESSON, "--into", path)
        assert code == 0, output
        filled = (course.build / "export" / path.name).read_text(encoding="utf-8-sig")
        own = [it for it in students if it.platform == platform]
        see = see_in_canvas if platform == CANVAS else see_in_moodle
        see(course, filled, own)
    run("export", "--lesson", LESSON)
    with (course.build / "export" / "marks.csv").open(encoding="utf-8-sig") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    for it in students:
        due = points(course, LESSON, it)
        assert rows[it.id]["points"] == ("" if due is None else f"{sum(due):g}")


def see_in_moodle(course, filled, students):
    """Import a worksheet: whoever is settled has the mark, and nobody else has any."""
    before = {str(it.number): Graded() for it in students}
    language = IMPORT[students[0].platform]
    assert language[0] in LANGUAGES["worksheets"][students[0].platform]["columns"]
    after = moodle_import(filled, before, 9, language=language)
    assert {it.number: after[str(it.number)].grade for it in students} == {
        it.number: score(course, it) for it in students
    }


def see_in_canvas(course, filled, students):
    """Import a gradebook: excuses and the marks of whoever is not settled stay."""
    people = tuple(CanvasStudent(str(it.number), it.name, it.name, it.id) for it in students)
    there = {"nothing": "EX", "half": "0.5"}
    scores = {(str(it.number), "501"): there[it.kind] for it in students if it.kind in there}
    scores |= {(str(it.number), "502"): "8" for it in students}
    before = CanvasCourse(people, {"501": LESSON, "502": "Quiz"}, scores)
    marks = {(str(it.number), "501"): score(course, it) for it in students}
    changed = {key: f"{mark:g}" for key, mark in marks.items() if mark is not None}
    assert canvas_import(filled, before) == replace(before, scores=scores | changed)


def score(course, student):
    """What a platform is to get for a student; nothing if nothing is settled."""
    due = points(course, LESSON, student)
    known = student.kind == "late" and student.platform in MOODLES
    return None if due is None else sum(due) - known
