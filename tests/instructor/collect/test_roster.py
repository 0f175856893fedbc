"""Class lists as Moodle, Canvas, Excel and people write them."""

import io
import zipfile
from datetime import datetime

import pytest

from course_utils.instructor.collect.names import Owner
from course_utils.instructor.collect.roster import (
    Person,
    add_list,
    merge,
    read_class,
    read_roster,
)
from course_utils.instructor.course import CourseError


@pytest.fixture
def roster(tmp_path):
    def read(text, encoding="utf-8"):
        path = tmp_path / "class.csv"
        path.write_bytes(text.encode(encoding))
        return read_roster(path)

    return read


PLAIN = 'id,name,email\ns1,"Lovelace, Ada",ada@uni.example\ns2,Zoë O\'Brien,\n'


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (PLAIN, "utf-8"),
        (PLAIN, "utf-8-sig"),
        (PLAIN, "utf-16"),
        (PLAIN, "cp1252"),
        (PLAIN.replace("\n", "\r\n"), "utf-8"),
        (PLAIN.replace("e, A", "e A").replace(",", ";"), "utf-8"),
        (PLAIN.replace("e, A", "e A").replace(",", "\t"), "utf-8"),
        ("Email address,Name,ID\nada@uni.example,Lovelace Ada,s1\n,Zoë O'Brien,s2\n\n", "utf-8"),
    ],
)
def test_a_plain_list_is_read_however_it_was_saved(roster, text, encoding):
    ada, zoe = roster(text, encoding).people
    assert (ada.id, ada.name.replace(",", ""), ada.email) == (
        "s1",
        "Lovelace Ada",
        "ada@uni.example",
    )
    assert zoe == Person("s2", "Zoë O'Brien")


def test_canvass_gradebook_is_a_list(roster):
    people = roster(
        "Student,ID,SIS User ID,SIS Login ID,Section,Lesson 1 (12)\n"
        "    Points Possible,,,,,9\n"
        '"Lovelace, Ada",12345,s1,ada@uni.example,A,8\n'
        '"Ek, Bo",12346,,bo,A,\n'
        '"Ek, Bo",12347,,,A,\n'
        '"Student, Test",12399,,x,A,\n'
    )
    assert [(it.id, it.canvas) for it in people.people] == [
        ("s1", "12345"),
        ("bo", "12346"),
        ("12347", "12347"),
    ]
    assert people.find(Owner("Canvas", "ekbo", "12347"))[0].id == "12347"
    assert people.find(Owner("Canvas", "lovelaceada", "999"))[0].id == "s1"


def test_moodles_lists_are_lists(roster):
    people = roster("First name,Last name,Email address\nAda,Lovelace,ada@uni.example\n").people
    assert people == (Person("ada@uni.example", "Ada Lovelace", "ada@uni.example"),)
    people = roster(
        "First name,Surname,ID number,Email address\nAda,Lovelace,s1,a@b.example\n"
    ).people
    assert people == (Person("s1", "Ada Lovelace", "a@b.example"),)
    people = roster(
        "Identifier,Full name,Email address,Status,Grade,Last modified (submission)\n"
        'Participant 777,Ada Lovelace,a@b.example,Submitted,,"Sunday, 22 November 2026, 3:45 PM"\n'
        "Participant 778,Ada Lovelace,b@b.example,No submission,,-\n"
    )
    ada, namesake = (people.told(Owner("Moodle", "", number)) for number in ("777", "778"))
    assert ada.submitted == datetime(2026, 11, 22, 15, 45).astimezone()
    assert namesake.submitted is None
    assert people.find(Owner("Moodle", "Ada Lovelace", "778"))[0].id == "b@b.example"


@pytest.mark.parametrize(
    "name",
    ["Ada Lovelace", "ADA  LOVELACE", "Lovelace, Ada", "lovelaceada", "Lovelace_Ada", "s1", "S1",
     "ada@uni.example", "s1 - Ada", "ada (s1)"],
)  # fmt: skip
def test_a_person_is_found_by_every_usual_name(roster, name):
    assert roster(PLAIN).find(Owner("", name))[0].id == "s1"


def test_an_accent_that_is_missing_is_odd(roster):
    assert roster(PLAIN).find(Owner("", "Zoe O'Brien")) == (
        Person("s2", "Zoë O'Brien"),
        "spelt 'Zoe O'Brien' in the inbox",
    )
    assert roster(PLAIN).find(Owner("", "Zoë O'Brien"))[1] == ""


def test_a_number_is_found_where_the_platform_gave_it_only(roster):
    people = roster("id,name,identifier\n55,Ada,\ns2,Bo,Participant 66\n")
    assert people.find(Owner("Moodle", "Somebody", "66"))[0].id == "s2"
    assert people.find(Owner("Moodle", "Somebody", "55"))[0] is None
    assert people.find(Owner("Moodle", "Default group", ""))[0] is None


def test_two_people_of_one_name_are_not_guessed(roster):
    people = roster("id,name\ns1,Ada Lovelace\ns2,Lovelace Ada\n")
    person, why = people.find(Owner("Moodle", "Ada Lovelace", "12"))
    assert person is None
    assert why == "several people of the class list have this name (s1, s2)"
    assert people.find(Owner("", "s2"))[0].id == "s2"


def test_somebody_else_is_not_on_the_list(roster):
    assert roster(PLAIN).find(Owner("", "Eve\x1b")) == (None, "'Eve\\x1b' is not on the class list")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "empty or damaged"),
        ("id,name\n", "no rows"),
        ("colour,size\nred,5\n", "Its columns: colour, size"),
        ("id,name\na/b,Ada\n", "line 2: the id 'a/b' cannot be used"),
        ("id,name\na[1],Ada\n", "cannot be used"),
        ("id,name\n..,Ada\n", "cannot be used"),
        ("id,name\ncon,Ada\n", "Windows"),
        ("id,name\ns1,Ada\nS1,Bo\n", "line 3: the id 'S1' cannot be used, because line 2 has"),
    ],
)
def test_what_is_no_list_is_refused(roster, text, complaint):
    with pytest.raises(CourseError, match=complaint.replace("[", r"\[")):
        roster(text)


def test_no_list_is_refused(tmp_path):
    with pytest.raises(CourseError, match="cannot be read"):
        read_roster(tmp_path / "none.csv")


SHEET = """<?xml version="1.0"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>name</t></is></c></row>
<row r="2"><c r="A2"><v>70001.0</v></c><c r="B2" t="s"><v>1</v></c></row>
<row r="3"><c r="B3" t="s"><v>1</v></c></row>
</sheetData></worksheet>"""
STRINGS = """<?xml version="1.0"?>
<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<si><t>id</t></si><si><r><t>Zo\u00eb </t></r><r><t>Ek</t></r></si></sst>"""


def workbook(**files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as book:
        for name, text in files.items():
            book.writestr(name.replace("__", "/") + ".xml", text)
    return data.getvalue()


def test_an_excel_workbook_is_a_list(tmp_path):
    path = tmp_path / "class.xlsx"
    path.write_bytes(workbook(xl__worksheets__sheet1=SHEET, xl__sharedStrings=STRINGS))
    assert read_roster(path).people == (Person("70001", "Zoë Ek"),)
    for data in (workbook(xl__other="x"), workbook(xl__worksheets__sheet1="<x"), b"PK\x03\x04no"):
        path.write_bytes(data)
        with pytest.raises(CourseError, match="empty or damaged"):
            read_roster(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0 old")
    with pytest.raises(CourseError, match="Save it as .xlsx or as CSV"):
        read_roster(path)


def test_excel_may_say_what_parts_cells(roster):
    (person,) = roster("sep=;\r\nMatrikelnummer;Name;E-Mail\r\n70001;Ada, L.;a@x.org\r\n").people
    assert person == Person("70001", "Ada, L.", "a@x.org")


def test_two_lists_make_one_class_and_ids_stay(roster):
    first = merge(None, roster("First name,Last name,Email address\nAda,Lovelace,ada@x.org\n"))
    canvas = "Student,ID,SIS User ID,SIS Login ID,Section\n"
    second = merge(
        first, roster(f'{canvas}"Lovelace, Ada",12345,s1,ADA@x.org,A\n"Ek, Bo",2,s2,bo,A\n')
    )
    ada, bo = second.people
    assert (ada.id, ada.canvas, ada.sis_user, ada.logins) == ("ada@x.org", "12345", "s1", ("s1",))
    assert bo.id == "s2"
    assert second.find(Owner("", "s1"))[0] is ada
    assert merge(second, roster("id,name,email\ns1,Ada L.,\n")).people[0].id == "ada@x.org"


def test_one_name_makes_one_person_only_if_nothing_tells_otherwise(roster):
    first = merge(None, roster("id,name,email\na,Ada Ek,a@x.org\nb,Bo Li,\nc,Bo Li,\n"))
    canvas = "Student,ID,Section\n"
    second = merge(first, roster(f'{canvas}"Ek, Ada",1,A\n"Li, Bo",2,A\n'))
    assert [it.id for it in second.people] == ["a", "b", "c", "2"]
    assert "Found by name only: a. Look whether." in second.notes
    other = merge(first, roster("id,name,email\nd,Ada Ek,d@x.org\n"))
    assert [it.id for it in other.people] == ["a", "b", "c", "d"]


def test_two_people_of_one_list_stay_two(roster):
    people = roster("id,name,email\na,Ada Ek,ek@x.org\nb,Bo Ek,ek@x.org\n")
    assert [it.id for it in merge(None, people).people] == ["a", "b"]


def test_the_class_is_kept_as_a_list(course, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (submission)\n"
        'Participant 7,"=Ada, L.",a@x.org,Submitted,,9.00,"Sunday, 22 November 2026, 3:45 PM"\n'
    )
    add_list(course, path)
    path.write_text("Student,ID,SIS User ID,SIS Login ID,Section\nAda,12345,s1,a@x.org,A\n")
    given = add_list(course, path)
    kept = read_class(course)
    assert kept.people == given.people
    assert kept.worksheets == given.worksheets
    assert kept.people[0].sis_login == "a@x.org"
    assert len(kept.lists) == 2
    (course.build / "worksheets.json").write_text("{")
    with pytest.raises(CourseError, match="give Moodle's worksheets again"):
        read_class(course)


def test_who_was_anonymous_gets_a_name_and_keeps_no_second_place(roster):
    first = merge(None, roster("id,name,email\na1,Ada,a@x.org\n"))
    sheet = "Identifier,{}Status,Grade,Last modified (submission)\nParticipant 7,{}Submitted,,-\n"
    second = merge(first, roster(sheet.format("", "")))
    assert [it.id for it in second.people] == ["a1", "participant-7"]
    names = "Full name,Email address,", "Ada,a@x.org,"
    third = merge(second, roster(sheet.format(*names)))
    assert [it.id for it in third.people] == ["a1"]
    assert third.find(Owner("Moodle", "Participant 7", "7"))[0].id == "a1"
