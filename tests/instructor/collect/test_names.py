"""A name tells the lesson; and a student's name makes an id that may name a folder."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.instructor.collect.names import Owner, named_lesson

LESSONS = ["01-pixels-and-labels", "02-neurons-to-networks", "05-convolutions", "14-challenge"]
FIRST = LESSONS[0]


@pytest.mark.parametrize(
    ("name", "lesson", "exactly"),
    [
        (f"{FIRST}.ipynb", FIRST, True),
        ("Copy of 01-pixels-and-labels.ipynb (2).ipynb", FIRST, True),
        ("01_Pixels and LABELS(3).ipynb", FIRST, True),
        ("Kopie von 01-pixels-and-labels.ipynb", FIRST, True),
        ("ada-14-challenge-final.ipynb", "14-challenge", True),
        ("pixels and labels.ipynb", FIRST, False),
        ("01.ipynb", FIRST, False),
        ("05_ada.ipynb", "05-convolutions", False),
        ("Lesson 2 (Ada).ipynb", "02-neurons-to-networks", False),
        ("homework14.ipynb", "14-challenge", False),
        ("2026-11-01 notes.ipynb", None, False),
        ("101-pixels.ipynb", None, False),
        ("Untitled.ipynb", None, False),
        ("", None, False),
    ],
)
def test_a_name_tells_the_lesson(name, lesson, exactly):
    assert named_lesson(name, LESSONS) == (lesson, exactly)


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ('O\'Brien, "Ada"', "o-brien-ada"),
        ("=1+1", "1+1"),
        ("Ada [*?] Lovelace", "ada-lovelace"),
        ("../../etc/passwd", "etc-passwd"),
        ("Å" + "sa", "åsa"),
        (unicodedata.normalize("NFD", "Åsa"), "åsa"),
        ("王小明", "王小明"),
        ("हिन्दी", "हिन्दी"),
        ("CON", "student-con"),
        ("nul.txt", "student-nul.txt"),
        ("ada@uni.example", "ada@uni.example"),
    ],
)
def test_a_student_id_may_name_a_folder(name, student):
    assert Owner("", name).student == student


def test_names_without_letters_and_long_names_stay_apart():
    made = {Owner("", name).student for name in ("🦊", "🐙", "..", "a" * 300, "a" * 299 + "b")}
    assert len(made) == 5
    assert Owner("Canvas", "x" * 300, "12").student.endswith("-12")


@given(st.text(), st.sampled_from(["", "12"]))
def test_every_name_makes_a_safe_id(name, number):
    student = Owner("", name, number).student
    assert student
    assert student == Owner("", name, number).student
    assert len(student.encode()) < 220
    assert not set(student) & set("/\\[]*?<>|\":\0\n '=") | set(student[0]) & set("=-+@.")
    assert student.isprintable()
