"""Class lists as Moodle, Canvas, Excel and people write them."""

from datetime import datetime

import pytest

from course_utils.instructor.collect.names import Owner
from course_utils.instructor.collect.roster import Person, read_roster
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
