"""Copies are found, independent right answers are not, and what all were given counts nothing."""

import re
from pathlib import Path

import pytest

from course_utils.instructor.course import find_course, lesson_names
from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.lessons.bank import read_bank
from course_utils.instructor.lessons.exercises import read_exercises, read_source
from course_utils.instructor.report.alike.pairs import find_alike
from course_utils.instructor.report.alike.pieces import PROSE, WITH_NAMES, WITHOUT_NAMES, pieces_of
from tests.instructor.marked_class import mark

NAME = "01-sums"
OURS = find_course(Path(__file__))
ODD = """\
def total(numbers):
    # goes from the back, since the pile is heavy
    pile = list(numbers)
    weight = 0
    while len(pile) > 0:
        weight = weight + pile.pop(-1)
    return weight if weight != 0 else 0.0
"""
RENAMED = re.sub(r"\bweight\b", "result", re.sub(r"\bpile\b", "stack", ODD))
PLAIN = "def total(numbers):\n    return sum(numbers)\n"
LOOP = "def total(numbers):\n    s = 0\n    for n in numbers:\n        s += n\n    return s\n"
PROSE_ONE = (
    "Imagine an empty bag of apples: when you divide nothing among nobody there is no sensible "
    "share that anybody could take home, and Python says so by raising an error at once."
)


def alike(*answers, known=(), written=()):
    """Pairs among answers to one exercise, by their places."""
    own = {f"s{i}": {"total": it} for i, it in enumerate(answers)}
    pairs = find_alike(own, [{"total": it} for it in known], set(written))
    return [it.students for it in pairs]


def test_a_copy_is_found_be_it_renamed_or_with_a_word_more():
    two = [("s0", "s1")]
    assert alike(ODD, ODD, PLAIN) == two
    assert alike(ODD, "# mine\n" + ODD, LOOP) == two
    assert alike(ODD, RENAMED, LOOP) == two
    assert alike(PROSE_ONE, f"I think: {PROSE_ONE}", written=["total"]) == two


def test_short_answers_and_what_was_given_or_many_wrote_are_not():
    assert alike(PLAIN, PLAIN, LOOP, LOOP) == []
    assert alike(ODD, ODD, known=[ODD]) == []
    assert alike(*[ODD] * 4) == [], "four of four wrote it"
    assert len(alike(*[ODD] * 3, *[LOOP] * 5)) == 3


def test_no_python_is_read_as_words():
    broken = f"def total(:\n{PROSE_ONE}"
    assert pieces_of(broken, WITH_NAMES)[0].key == ("def", "total", "imagine", "an")
    assert alike(broken, broken) == [("s0", "s1")]


def test_pieces_tell_where_they_stand():
    text = "x = 1  # grüße\nlonger = f(x, 2)\n"
    for read in (WITH_NAMES, WITHOUT_NAMES, PROSE):
        for piece in pieces_of(text, read):
            assert 0 <= piece.start < piece.end <= len(text)
    assert text[slice(*_place(pieces_of(text, WITH_NAMES)[1]))] == "= 1  # grüße\nlonger = f"


def _place(piece):
    return piece.start, piece.end


def test_groups_hand_in_together_and_the_same_file_is_always_told():
    answers = {it: {"total": PLAIN} for it in "abc"}
    digests = dict.fromkeys("ab", "1") | {"c": "2"}
    (pair,) = find_alike(answers, [], set(), digests)
    assert (pair.students, pair.identical) == (("a", "b"), True)
    assert find_alike(answers, [], set(), digests, {"a": "g", "b": "g"}) == []
    assert len(find_alike(answers, [], set(), digests, {"a": "g", "b": "h"})) == 1


def test_independent_right_answers_of_the_bank_are_never_called_alike():
    """Though neither model answers nor the bank are left out here, as they are in a class."""
    pairs = 0
    for lesson in lesson_names(OURS):
        exercises = read_exercises(read_source(OURS.source(lesson)))
        for exercise, bank in read_bank(OURS, lesson).items():
            given = exercises[exercise].answer.partition("### BEGIN SOLUTION")[0]
            right = [exercises[exercise].solution, *(it["code"] for it in bank["right"])]
            assert alike(*right, known=[given]) == [], (lesson, exercise)
            pairs += len(right) * (len(right) - 1) // 2
    assert pairs > 300


def test_the_page_shows_both_sides_and_carries_nothing_out(course, run):
    (course.build / "roster.csv").write_text("id,name\nada,Ada <i>L</i>\n")
    evil = ODD.replace("heavy", "heavy </pre><script>alert(1)</script>")
    for student, answer in (("ada", evil), ("bo", evil + "\n"), ("cy", PLAIN), ("di", LOOP)):
        mark(course, student, answers={"total": answer})
    hand_in(course, "eve", NAME, {})
    hand_in(course, "fay", NAME, {})
    code, output = run("alike", "01")
    assert code == 0, output
    assert "4 hand-ins compared, 1 pairs to look at" in output
    assert "ada and bo: total" in output and "no proof" in output
    page = (course.build / "report" / f"alike-{NAME}.html").read_text(encoding="utf-8")
    assert "This is no proof of anything." in page
    assert "<script" not in page and "Ada &lt;i&gt;L&lt;/i&gt; (ada)" in page
    hand_in(course, "bo", NAME, {"total": "total = max"})
    assert "0 pairs" in run("alike", "01")[1], "bo's new version is not graded yet, and counts"
    assert page.count("<mark>") >= 2 and "weight = weight + pile.pop(-1)" in page


def test_an_unreleased_lesson_is_refused(course, run):
    course.released(NAME).unlink()
    assert run("alike", "01")[0] == 2


@pytest.mark.parametrize("text", ["", "x", "'''", "\x0c\tdef", "a\r\nb"])
def test_any_text_can_be_compared(text):
    assert alike(text, text) == []
