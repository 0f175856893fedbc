"""Pages are packed under the names by which Moodle and Canvas find whose they are."""

import csv
import re
import zipfile

from course_utils.instructor.collect.collect import collect
from course_utils.instructor.collect.roster import add_list
from tests.instructor.marked_class import mark
from tests.instructor.toy_cells import RIGHT

NAME = "01-sums"


def handed_in(course, tmp_path, *places):
    """Collect what was handed in at some places of an inbox, and grade it."""
    for number, place in enumerate(places):
        path = tmp_path / "inbox" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(course.released(NAME).read_bytes() + b"\n" * number)
    for row in collect(course, tmp_path / "inbox").rows:
        mark(course, row.student, answers={"total": RIGHT})


def names_in(path):
    with zipfile.ZipFile(path) as archive:
        assert all(archive.read(name).startswith(b"<!DOCTYPE html>") for name in archive.namelist())
        return archive.namelist()


def test_moodle_finds_every_page_by_its_number(course, run, tmp_path):
    odd = "Anne_Marie O'Neil_77_assignsubmission_file_"
    handed_in(course, tmp_path, f"{odd}/{NAME}.ipynb", f"Bo/{NAME}.ipynb")
    code, output = run("feedback", "--into", "moodle")
    assert code == 0, output
    assert f"{NAME}: Moodle would not find bo" in output
    (name,) = names_in(course.build / "export" / f"pages-moodle-{NAME}.zip")
    _, number, kind, plugin, file = name.split("_", 4)  # as Moodle does
    assert (number, kind, plugin, file) == ("77", "assignfeedback", "file", f"{NAME}.html")


def test_canvas_finds_every_page_by_its_two_numbers(course, run, tmp_path):
    places = f"o_neil2anne_LATE_12345_67890_{NAME}.ipynb", f"Bo/{NAME}.ipynb"
    handed_in(course, tmp_path, *places)
    code, output = run("feedback", NAME, "--into", "canvas")
    assert code == 0, output
    (name,) = names_in(course.build / "export" / f"pages-canvas-{NAME}.zip")
    numbers = [it for it in name.split("_") if re.fullmatch(r"\d+", it)][:2]  # as Canvas does
    assert numbers == ["12345", "67890"]
    assert "Canvas would not find bo" in output


def test_a_mail_merge_gets_a_table(course, run, tmp_path):
    mark(course, "a1")
    mark(course, "b2")
    path = tmp_path / "class.csv"
    path.write_text("id,name,email\na1,Ada,a@x.org\nb2,Bo,\n")
    add_list(course, path)
    code, output = run("feedback", "--mail")
    assert code == 0, output
    text = (course.build / "export" / "pages.csv").read_text(encoding="utf-8-sig")
    ada, bo = csv.DictReader(text.splitlines())
    assert (ada["email"], bo["email"]) == ("a@x.org", "")
    assert ada["page"] == str(course.build / "feedback" / "a1" / f"{NAME}.html")
    assert "No address is known of b2" in output
