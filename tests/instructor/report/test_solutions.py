"""Solutions hold every task, model answer and visible test, and nothing hidden."""

import re
from pathlib import Path

import pytest

from course_utils.instructor.course import find_course, lesson_names
from course_utils.instructor.lessons.exercises import read_exercises, read_source
from course_utils.instructor.release.confidential import HIDDEN_TESTS, MARK_SCHEME
from course_utils.instructor.report.solutions import MODEL, read_solutions
from tests.instructor.toy_course import LESSON, write_lesson

NAME = "01-sums"
OURS = find_course(Path(__file__))


def told(page):
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<style.*?</style>|<[^>]*>", "", page, flags=re.DOTALL))


def test_a_page_holds_answers_and_visible_tests_and_nothing_hidden(course, run):
    code, output = run("solutions", "01")
    assert code == 0, output
    page = told((course.build / "solutions" / f"{NAME}.html").read_text(encoding="utf-8"))
    assert "Sums and means: solutions" in page
    assert "return math.fsum(numbers) / len(numbers)" in page
    assert "total([1, 2]) should be 3" in page
    assert "Because there is nothing to divide the sum among." in page
    for secret in ("an empty list should give 0", "whole number", "SOLUTION", "Answers to expect"):
        assert secret not in page
    assert "a lesson begins" not in page and "in between" not in page, "only exercises"


def test_it_is_said_while_somebody_can_still_hand_in(run):
    assert "When 01-sums is due is not known" in run("solutions", "01")[1]
    run("due", f"{NAME}=2001-01-01")
    assert "hand in until" not in run("solutions", "01")[1]
    run("due", f"{NAME}=2999-01-01")
    assert "Somebody can hand in until 2999-01-01 23:59" in run("solutions", "01")[1]


def test_mark_schemes_stay_with_the_instructor(course):
    scheme = "### BEGIN MARK SCHEME\nTwo points for zero.\n### END MARK SCHEME\n"
    lesson = LESSON.replace("Because there is nothing", f"{scheme}Because there is nothing")
    write_lesson(course, NAME, lesson)
    cells = read_solutions(read_source(course.source(NAME))).cells
    text = "\n".join(cell.source for cell in cells)
    assert "Because there is nothing" in text and "Two points" not in text


@pytest.mark.parametrize("lesson", lesson_names(OURS))
def test_no_line_of_a_lesson_that_is_hidden_only_is_shown(lesson):
    source = read_source(OURS.source(lesson))
    exercises = read_exercises(source)
    text = "\n".join(cell.source for cell in read_solutions(source).cells)
    assert text.count(MODEL) == len(exercises)
    assert all(it.solution.strip().split("\n")[-1] in text for it in exercises.values())
    everything = "\n".join(cell.source for cell in source.cells)
    own = MARK_SCHEME.sub("", HIDDEN_TESTS.sub("", everything))
    lines = "\n".join(HIDDEN_TESTS.findall(everything) + MARK_SCHEME.findall(everything))
    secret = [it for it in map(str.strip, lines.split("\n")) if len(it) > 20 and it not in own]
    assert len(secret) > 10
    assert not [line for line in secret if line in text]
