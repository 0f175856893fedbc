"""What is written for spreadsheets, Canvas and Moodle is read back as it was; 0 is never false."""

import csv
import io
import json
import os
import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.instructor.collect.collect import collect
from course_utils.instructor.course import CourseError
from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.gradebook.records import GRADED
from course_utils.instructor.plain_text import for_tables, in_one_sentence
from course_utils.instructor.report.export import (
    COLUMNS,
    MOODLES_COLUMNS,
    as_canvas,
    as_csv,
    as_json,
    as_moodle,
    export,
)
from course_utils.instructor.report.standing import STATES, Given, Standing, read_standings
from course_utils.instructor.spreadsheet import SIGNS, harmless
from tests.instructor.marked_class import mark

NAME = "01-sums"
ODD_NAMES = (
    'O\'Hara, "Ada"',
    "two\nlines",
    "=1+1",
    "\uff1dHYPERLINK(1)",
    "+4,4",
    "@SUM(A1)",
    "\t=1",
    "\r-1",
    "'=1",
    "Ada;=1+1;x",
    "a\n=1",
    "Zoë 中文 🧮 ­",
    "",
)
MARKED = re.compile(rf"(?<=[;\t\r\n])'(?=[\s'\uff07]*[{SIGNS}])")
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20) | st.sampled_from(ODD_NAMES)
numbers = st.integers(0, 40).map(lambda it: it / 4)


@st.composite
def standings(draw):
    """A standing with any name, and any marks that can come together."""
    state = draw(st.sampled_from(STATES))
    points = draw(st.lists(st.none() | numbers, min_size=1, max_size=3))
    cells = tuple(Given(f"c{i}", "e", earned, 10.0, False) for i, earned in enumerate(points))
    return Standing(
        student=draw(texts),
        lesson=NAME,
        state=state,
        maximum=10.0 * len(points),
        name=draw(texts),
        email=draw(texts),
        numbers={"Moodle": "17", "Canvas": "4"} if draw(st.booleans()) else {},
        late=draw(st.sampled_from([True, False, None])),
        reasons=tuple(draw(st.lists(texts, max_size=2))),
        repairs=tuple(draw(st.lists(texts, max_size=2))),
        given=cells if state in STATES[:2] else (),
    )


def read(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def plain(cell):
    """The text that a cell was made of."""
    text = MARKED.sub("", cell)
    return next(it for it in (text, text[1:]) if harmless(it) == cell)


def shown(text):
    """A text with what a terminal would obey escaped."""
    return for_tables(text)


@given(st.lists(standings(), max_size=3), texts)
def test_no_table_holds_a_sign_that_is_obeyed_or_hidden(found, name):
    odd = f"{name}\x1b[2J\x1b]0;x\x07\u202e\x9b\u2066"
    found = [replace(it, name=odd, note=odd) for it in found]
    for text in (as_csv(found), as_moodle(found), as_canvas(found), as_json(found)):
        signs = (it for it in text if it not in "\r\n\u200c\u200d")
        assert all(it.isprintable() or unicodedata.category(it) == "Zs" for it in signs)


@pytest.mark.parametrize("name", ["\u0645\u06cc\u200c\u062e", "\u5c71\u3000\u592a", "a\xa0b"])
def test_a_name_keeps_what_it_is_written_with(name):
    (entry,) = json.loads(as_json([Standing("a", NAME, STATES[0], 1.0, name=name)]))
    assert entry["name"] == name


def number(cell):
    return float(cell) if cell else None


@given(st.lists(standings(), max_size=5))
def test_a_table_is_read_back_as_it_was(found):
    first, *rows = read(as_csv(found))
    assert tuple(first) == COLUMNS
    assert len(rows) == len(found)
    for row, it in zip(rows, found, strict=True):
        cells = dict(zip(COLUMNS, map(plain, row), strict=True))
        people = (it.student, it.name, it.email)
        assert (cells["student"], cells["name"], cells["email"]) == tuple(map(shown, people))
        assert (cells["lesson"], cells["status"]) == (it.lesson, it.state)
        assert number(cells["points"]) == it.earned
        assert number(cells["points open"]) == it.open
        assert number(cells["points possible"]) == it.maximum
        assert cells["reasons"] == shown(in_one_sentence(it.reasons))
        assert cells["repairs"] == shown(in_one_sentence(it.repairs))


@given(st.lists(standings(), max_size=5))
def test_no_cell_is_a_formula(found):
    for text in (as_csv(found), as_moodle(found), as_canvas(found)):
        for cell in (cell for row in read(text)[1:] for cell in row):
            seen = unicodedata.normalize("NFKC", cell)
            assert not seen.lstrip().startswith(("=", "+", "-", "@"))
            assert not seen.startswith(("\t", "\r"))
        # A German Excel parts cells by semicolons, and takes quotes in the middle of one as text.
        for cell in re.split(r"[;\t\r\n]", text.replace("\r\n", ",")):
            assert not unicodedata.normalize("NFKC", cell).lstrip().startswith(("=", "+", "-", "@"))


@given(texts, texts)
def test_no_two_texts_become_one_cell(one, other):
    assert (harmless(one) == harmless(other)) == (one == other)
    assert plain(harmless(one)) == one


@given(st.lists(standings(), max_size=5))
def test_json_is_read_back_as_it_was(found):
    entries = json.loads(as_json(found))
    assert [entry["name"] for entry in entries] == [shown(it.name) for it in found]
    assert [entry["points"] for entry in entries] == [it.earned for it in found]
    assert [entry["status"] for entry in entries] == [it.state for it in found]
    assert [len(entry["cells"]) for entry in entries] == [len(it.given) for it in found]


@given(st.lists(standings(), max_size=5))
def test_moodle_gets_rows_only_where_all_is_settled(found):
    first, *rows = read(as_moodle(found))
    assert tuple(first) == MOODLES_COLUMNS
    ready = [
        it
        for it in found
        if it.given and all(each.earned is not None for each in it.given) and it.state == GRADED
    ]
    for row, it in zip(rows, ready, strict=True):
        cells = dict(zip(MOODLES_COLUMNS, map(plain, row), strict=True))
        assert cells["Identifier"] == ("Participant 17" if it.numbers else "")
        assert (cells["Status"], number(cells["Grade"])) == (it.state, it.earned)


def class_of_five(course):
    mark(course, "ada", by_hand={"why": 1.5})
    mark(course, "bo", points={"total-visible": 0.0})  # the written answer is open
    mark(course, "cy", status="could not grade", reasons=['it is no notebook, or "two"'])
    hand_in(course, "di", NAME, {})
    hand_in(course, "ed", "02-more-sums", {})


def test_statuses_are_kept_apart_from_zeros(course):
    class_of_five(course)
    found = read_standings(course, NAME)
    rows = [row[:1] + row[4:8] for row in read(as_csv(found))[1:]]
    assert rows == [
        ["ada", "graded", "8.5", "0", "9"],
        ["bo", "graded", "6", "2", "9"],
        ["cy", "could not grade", "", "", "9"],
        ["di", "not graded yet", "", "", "9"],
        ["ed", "not handed in", "", "", "9"],
    ]
    assert {row[1]: row[4] for row in read(as_moodle(found))[1:]} == {"ada": "8.5"}


def test_a_zero_that_was_earned_is_a_zero(course):
    mark(course, "ada", points=dict.fromkeys(("total-visible", "total-hidden", "why"), 0.0))
    mark(
        course,
        "ada",
        points=dict.fromkeys(
            ("total-visible", "total-hidden", "mean-visible", "mean-hidden", "why"), 0.0
        ),
    )
    (row,) = read(as_csv(read_standings(course, NAME)))[1:]
    assert row[5] == "0"
    assert read(as_canvas(read_standings(course, NAME)))[2][5] == "0"


def test_canvas_gets_what_its_import_asks_for(course):
    class_of_five(course)
    (course.build / "roster.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Old (7)\n"
        '    Points Possible,,,,,10\n"Byron, Ada",101,ada,ada@example.org,A,1\nBo,102,bo,,A,2\n'
    )
    mark(course, "bo", by_hand={"why": 2.0})
    mark(course, "cy", by_hand={"why": 1.0})
    found = read_standings(course, NAME)
    header, possible, *rows = read(as_canvas(found))
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", NAME]
    assert possible == ["    Points Possible", "", "", "", "", "9"]
    assert rows == [
        ["Byron, Ada", "101", "ada", "ada@example.org", "", "8.5"],
        ["Bo", "102", "bo", "", "", "9"],
        ["cy", "", "", "cy", "", "8"],
    ]
    assert [it.email for it in found[:2]] == ["ada@example.org", ""]


def test_numbers_of_one_platform_are_never_taken_for_those_of_the_other(course):
    class_of_five(course)
    (course.build / "roster.csv").write_text("Student,ID,SIS User ID\nAda,101,ada\nBo,102,bo\n")
    found = read_standings(course, NAME)
    assert [it.numbers for it in found[:2]] == [{"Canvas": "101"}, {"Canvas": "102"}]
    assert {row[0] for row in read(as_moodle(found))[1:]} == {""}


def test_a_worksheets_numbers_are_those_of_its_own_assignment(course, tmp_path):
    worksheet = tmp_path / "worksheet.csv"
    worksheet.write_text(
        "Identifier,Full name,Email address\n"
        "Participant 7,Ada,ada@x.example\nParticipant 8,Bo,bo@x.example\n"
    )
    for lesson, number in ((NAME, 7), ("02-more-sums", 70)):
        inbox = tmp_path / lesson
        file = inbox / f"Ada_{number}_assignsubmission_file_" / f"{lesson}.ipynb"
        file.parent.mkdir(parents=True)
        file.write_bytes(course.released(lesson).read_bytes())
        collect(course, inbox, worksheet)
    assert [it.numbers for it in read_standings(course, NAME)] == [{"Moodle": "7"}, {"Moodle": "8"}]
    assert [it.numbers for it in read_standings(course, "02-more-sums")] == [{"Moodle": "70"}, {}]


def test_marks_of_an_earlier_version_are_never_exported(course):
    mark(course, "ada", by_hand={"why": 2.0})
    hand_in(course, "ada", NAME, {"total": "total = max"})
    (row,) = read(as_csv(read_standings(course, NAME)))[1:]
    assert row[4:7] == ["not graded yet", "", ""]


def test_files_carry_a_mark_for_excel_and_replace_earlier_ones(course, tmp_path):
    class_of_five(course)
    (path,), _ = export(course, [NAME], "csv")
    assert path == course.build / "export" / "marks.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbfstudent,")
    output = tmp_path / "deep" / "mine.json"
    assert export(course, [NAME], "json", output)[0] == [output]
    assert len(json.loads(output.read_text(encoding="utf-8"))) == 5
    assert [it.name for it in output.parent.iterdir()] == ["mine.json"]


def test_a_disk_that_fills_up_leaves_the_earlier_table(course, monkeypatch):
    class_of_five(course)
    (path,), _ = export(course, [NAME], "csv")
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    mark(course, "ada", points={"total-visible": 0.0})
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        export(course, [NAME], "csv")
    assert path.read_bytes() == before
    assert [it.name for it in path.parent.iterdir()] == ["marks.csv"]


@pytest.mark.parametrize("kind", ["moodle", "canvas"])
def test_a_platform_gets_a_table_for_each_assignment(course, tmp_path, kind):
    class_of_five(course)
    paths, _ = export(course, [NAME, "02-more-sums"], kind)
    assert [path.name for path in paths] == [f"{kind}-01-sums.csv", f"{kind}-02-more-sums.csv"]
    with pytest.raises(CourseError, match="one table for each assignment"):
        export(course, [NAME, "02-more-sums"], kind, tmp_path / "one.csv")


def test_nobody_is_no_table(course):
    with pytest.raises(CourseError, match="Nobody is known yet"):
        export(course, [NAME], "csv")
    with pytest.raises(CourseError, match="There is no format 'xls'"):
        export(course, [NAME], "xls")


def test_a_folder_is_no_table(course, tmp_path):
    class_of_five(course)
    with pytest.raises(CourseError, match="is a folder. Give a file in it, such as .*marks.csv"):
        export(course, [NAME], "csv", tmp_path)


def test_halves_of_characters_do_not_stop_an_export(course, tmp_path):
    mark(course, "ada")
    (standing,) = read_standings(course, NAME)
    text = as_csv([replace(standing, name="a\udcff")])
    assert text.encode("utf-8-sig", "backslashreplace").decode("utf-8-sig").count("a\\udcff") == 1


def test_the_command_says_whose_score_is_missing_and_why(course, run):
    class_of_five(course)
    mark(course, "fay", status="needs review", reasons=["cell 3: stopped after 30 s"])
    code, output = run("export", "--format", "canvas", "--lesson", NAME)
    assert code == 0, output
    assert "Rows: 1, of those with all their points" in output
    assert "Need review before you rely on their points; left out: fay" in output
    assert "could not be graded: cy" in output
    assert "not graded yet: di" in output
    assert "by hand; left out until then: bo, fay" in output
    code, output = run("export", "--format", "moodle", "--lesson", NAME)
    output = " ".join(output.split())
    assert f"{NAME}: Moodle's assignment will pass over ada, bo, cy, di, ed, fay: no" in output
    assert "cannot find ada, bo, cy, di, ed, fay by email" in output
    assert run("export", "--format", "xls")[0] == 2
