"""Marks are filled into the very tables that platforms gave, and nothing else in them changes.

What the importers do was read in their public sources. Moodle (importgradeslib.php) asks for the
columns' names in its own language, finds people by the first one, and takes the grade and the
comment of each row. Canvas (gradebook_importer.rb) takes each cell for what shall be there: an
empty one deletes, "EX" excuses.
"""

import csv
import io
import tomllib
from pathlib import Path

import pytest

from course_utils.instructor.course import CourseError
from course_utils.instructor.gradebook.records import NEEDS_REVIEW
from course_utils.instructor.report.into import fill
from tests.instructor.marked_class import mark

NAME, SECOND = "01-sums", "02-more-sums"
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,01-sums (501),Quiz (502),Final Score\r\n"
    "    Points Possible,,,,,{},10,(read only)\r\n"
    '"Lovelace, Ada",12345,ada,,A,,9,81\r\n'
    '"Li, Bo",12346,bo,,A,EX,8,\r\n'
    '"Young, Cy",12347,cy,,A,7,,\r\n'
    '"Ru, Di",12348,di,,A,3,,\r\n'
    '"Student, Test",12399,,,A,,,\r\n'
)
TABLES = Path(__file__).parents[1] / "languages.toml"
GERMAN = tomllib.loads(TABLES.read_text("utf-8"))["into"]["de"].replace("\n", "\r\n")


def changes(before, after, delimiter):
    """Cells that differ, by the first cell of their row and the column's name."""
    tables = [
        list(csv.reader(io.StringIO(it, newline=""), delimiter=delimiter)) for it in (before, after)
    ]
    (first, *old), (same, *new) = tables
    assert first == same and len(old) == len(new)
    return {
        (row[0], name): (was, now)
        for row, other in zip(old, new, strict=True)
        for name, was, now in zip(first, row, other, strict=True)
        if was != now
    }


def test_canvass_gradebook_keeps_whatever_is_not_settled(course, run, tmp_path):
    mark(course, "ada", by_hand={"why": 1.5})
    mark(course, "bo", by_hand={"why": 2.0})
    mark(course, "cy", status=NEEDS_REVIEW, reasons=["odd"], by_hand={"why": 2.0})
    mark(course, "di", by_hand={"why": 2.0})
    mark(course, "eve", by_hand={"why": 2.0})
    path = tmp_path / "gradebook.csv"
    path.write_bytes(CANVAS.format(9).encode("utf-8-sig"))
    code, output = run("export", "--into", path)
    assert code == 0, output
    written = (course.build / "export" / "gradebook.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbfStudent,ID") and b"\r\n" in written
    column = "01-sums (501)"
    assert changes(CANVAS.format(9), written.decode("utf-8-sig"), ",") == {
        ("Lovelace, Ada", column): ("", "8.5"),
        ("Ru, Di", column): ("3", "9"),
    }
    assert f"{NAME}: the lesson's maximum is 9, the assignment's is 9" in output
    assert "another mark was there, and is replaced: di" in output
    assert "excused there, and left so: bo" in output
    assert "nothing settled, so left as it was: cy" in output
    assert "not in this table: eve" in output
    assert "Filled in: 2" in output
    assert run("export", "--into", path, "--output", path)[0] == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_moodles_worksheet_keeps_its_language_and_comments(course, tmp_path, encoding):
    mark(course, "ada@x.org", by_hand={"why": 1.5})
    mark(course, "bo@x.org", by_hand={"why": 0.0})
    path = tmp_path / "worksheet.csv"
    text = GERMAN.format(*["9,00"] * 3)
    path.write_bytes(text.encode(encoding))
    filled = fill(course, path, [NAME])
    assert changes(text, filled.data.decode(encoding), ";") == {
        ("Teilnehmer/in1", "Bewertung"): ("", "8,5"),
        ("Teilnehmer/in2", "Bewertung"): ("5,00", "7"),
    }
    assert filled.count == 2


def test_another_maximum_is_told_and_scaled_only_if_asked(course, tmp_path):
    mark(course, "ada@x.org", by_hand={"why": 2.0})
    path = tmp_path / "worksheet.csv"
    text = GERMAN.format(*["100,00"] * 3)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match="maximum is 9, the assignment's is 100. Set it to 9"):
        fill(course, path, [NAME])
    filled = fill(course, path, [NAME], scale=True)
    assert changes(text, filled.data.decode(), ";") == {
        ("Teilnehmer/in1", "Bewertung"): ("", "100")
    }
    path.write_text(CANVAS.format(5), encoding="utf-8")
    with pytest.raises(CourseError, match="the assignment's is 5"):
        fill(course, path, [NAME])


@pytest.mark.parametrize(
    ("text", "lessons", "complaint"),
    [
        ("id,name\n1,Ada\n", [NAME], "Expected Moodle's grading worksheet or Canvas's gradebook"),
        (GERMAN, [NAME, SECOND], "Say which lesson's"),
        (CANVAS, [SECOND], "No column of Canvas's gradebook is named after 02-more-sums"),
        ("id", [NAME], "no rows below its first line"),
        ("PK\x03\x04", [NAME], "as CSV"),
    ],
)
def test_another_table_is_refused(course, tmp_path, text, lessons, complaint):
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(CourseError, match=complaint):
        fill(course, path, lessons)
