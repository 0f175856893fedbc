"""A new lesson passes the gates that every lesson has to pass, from its first minute."""

import subprocess
import sys

import jupytext
import nbformat
import pytest

from course_utils.instructor.course import CourseError
from course_utils.instructor.lessons.exercises import read_exercises, read_source
from course_utils.instructor.lessons.new_lesson import EXERCISE, make_lesson
from course_utils.instructor.release.release import release
from tests.grading.answers import problems_of_lesson
from tests.grading.test_bank_quick import disagreements_of_exercise
from tests.instructor.toy_course import ROOT, make_toy_course
from tests.notebooks import closed_boxes, test_claims, test_pairs, test_predictions_form
from tests.notebooks.test_references import title, wrong_links
from tests.notebooks.test_rules import RULE

NAME, TITLE = "02-what-next", "What next?"
README = (
    "| lesson | what |\n| --- | --- |\n| [01 · Sums](x) | sums |\n| [03 · More](x) | more |\n\nEnd."
)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A toy course with a lesson made new; tests must not change it."""
    course = make_toy_course(tmp_path_factory.mktemp("course"), ["01-sums"])
    (course.root / "README.md").write_text(README, encoding="utf-8")
    make_lesson(course, NAME, TITLE)
    return course


@pytest.fixture(scope="module")
def markdown(course):
    return course.source(NAME).with_suffix(".md")


def test_its_files_are_a_pair_with_the_right_title(course, markdown):
    assert title(markdown) == ("2", TITLE)
    assert not list(test_pairs.problems(markdown.parent))


def test_its_predictions_rule_links_and_numbers_are_as_they_should_be(course, markdown):
    text, notebook = markdown.read_text(encoding="utf-8"), nbformat.read(course.source(NAME), 4)
    assert not test_predictions_form.problems(jupytext.reads(text, "md").cells)
    assert RULE in text
    assert not wrong_links(markdown, text, {})
    assert not test_claims.unregistered(test_claims.prose(notebook), [])
    assert "<" not in title(markdown)[1] and f'session.begin("{NAME}")' in text


def test_its_test_cells_are_closed_boxes(course):
    (exercise,) = (
        it for it in read_exercises(read_source(course.source(NAME))).values() if it.tests
    )
    for cell, source in exercise.tests.items():
        assert closed_boxes.read(cell, source, exercise.answer) == []


def test_its_bank_fits_and_its_release_leaks_nothing(course):
    bank = course.root / "tests" / "grading" / "bank"
    assert problems_of_lesson(bank, course, NAME) == []
    release(course, [NAME])
    assert disagreements_of_exercise(bank, course, NAME, EXERCISE) == []


def test_it_stands_in_its_place_in_the_readme(course):
    rows = (course.root / "README.md").read_text(encoding="utf-8").splitlines()[2:5]
    assert [row[:6] for row in rows] == ["| [01 ", "| [02 ", "| [03 "]
    assert f"[02 · {TITLE}](notebooks/{NAME}/{NAME}.md)" in rows[1]


def test_it_is_in_style(markdown):
    for check in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *check, "--stdin-filename"]
        place = ROOT / "notebooks" / NAME / f"{NAME}.md"
        text = markdown.read_text(encoding="utf-8")
        done = subprocess.run(
            [*command, place, "-"], input=text, cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "words", "told"),
    [
        ("what-next", TITLE, "two digits"),
        ("15_what", TITLE, "two digits"),
        ("15-what-next", " ", "title"),
        ("15-what-next", "a | b", "title"),
        ("01-other", TITLE, "01-sums has this number already"),
    ],
)
def test_what_will_not_do_is_refused(course, name, words, told):
    with pytest.raises(CourseError, match=told):
        make_lesson(course, name, words)
    assert not (course.notebooks / name).exists()
