"""The class seen: numbers that are known, names that are told or not, and a page that stands."""

import base64
import csv
import math
import re
from dataclasses import replace

import pytest

from course_utils.instructor.course import CourseError
from course_utils.instructor.gradebook.records import COULD_NOT_GRADE, GRADED
from course_utils.instructor.report.seen.charts import distribution
from course_utils.instructor.report.seen.known_errors import read_known_errors
from course_utils.instructor.report.seen.page import read_shares, write_report
from course_utils.instructor.report.seen.tests_seen import see_tests
from course_utils.instructor.report.standing import Given, Standing
from tests.instructor.marked_class import mark

NAME = "01-sums"
BANK = """\
exercise: total
wrong:
  - name: forgets the empty list
    marks: {total-visible: 1, total-hidden: 0}
    says: an empty list should give 0
"""
ROSTER = "id,name,email\nada,Ada <b>Lovelace</b>,ada@x.org\nbo,Bo Li,bo@x.org\nzoe,Zoë,zoe@x.org\n"


def stands(student, *earned, message=""):
    """A student with points in as many exercises of one test."""
    given = [
        Given(f"e{i}-hidden", f"e{i}", it, 2.0, False, message=message)
        for i, it in enumerate(earned)
    ]
    return Standing(student, NAME, GRADED, 2.0 * len(earned), given=tuple(given))


def seen_class(course):
    """A class of three: one all right, one who forgets the empty list, one missing."""
    (course.build / "roster.csv").write_text(ROSTER, encoding="utf-8")
    bank = course.root / "tests" / "grading" / "bank" / NAME
    bank.mkdir(parents=True)
    (bank / "total.yaml").write_text(BANK)
    mark(course, "ada", by_hand={"why": 2.0})
    mark(
        course,
        "bo",
        points={"total-hidden": 0.0},
        messages={"total-hidden": "AssertionError: an empty list should give 0"},
    )


def rows(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def test_shares_and_discrimination_are_those_of_the_textbook():
    first, second = see_tests([stands("a", 2.0, 2.0), stands("b", 1.0, 0.0), stands("c", 0.0, 1.0)])
    assert (first.share, first.passed, first.graded) == (0.5, pytest.approx(1 / 3), 3)
    assert first.discrimination == second.discrimination == pytest.approx(0.5)
    assert not first.doubt


def test_what_has_no_mark_is_no_zero():
    first, second = see_tests([stands("a", 2.0, None), stands("b", 0.0, None)])
    assert (first.share, second.graded) == (0.5, 0)
    assert math.isnan(second.share) and math.isnan(first.discrimination)


def test_a_test_that_the_best_fail_looks_wrong_and_one_that_the_weak_fail_does_not():
    good = [stands(f"g{i}", 0.0, 2.0, 2.0, 2.0) for i in range(10)]
    weak = [stands(f"w{i}", 2.0, 0.0, 0.0, i % 2) for i in range(10)]
    wrong, right, *_ = see_tests(good + weak)
    assert "those who do well elsewhere fail it more often" in wrong.doubt
    assert not right.doubt
    wrong, *_ = see_tests(good[:5] + weak[:4])
    assert not wrong.doubt, "nine notebooks are too few"


def test_a_test_that_all_but_a_few_fail_is_to_be_looked_at():
    best = [stands(f"g{i}", 0.0, 2.0) for i in range(9)]
    others = [stands(f"w{i}", 0.0, 0.0) for i in range(9)] + [stands("x", 2.0, 1.0)]
    assert "100% of the best third elsewhere fail it" in see_tests(best + others)[0].doubt


def test_messages_of_one_known_error_are_counted_together(course):
    seen_class(course)
    errors = read_known_errors(course, NAME)
    assert errors.find("total", "total-hidden", "x: an empty list should give 0!")
    assert not errors.find("total", "total-visible", "an empty list should give 0")
    one, two = (
        Given("total-hidden", "total", 0.0, 2.0, False, message=it)
        for it in ("1: an empty list should give 0", "2: an empty list should give 0")
    )
    many = [Standing("a", NAME, GRADED, 2.0, given=(it,)) for it in (one, two, two)]
    (seen,) = see_tests(many, errors)
    (said,) = seen.messages
    assert (said.count, said.errors) == (3, ("forgets the empty list",))
    assert said.text == "2: an empty list should give 0"


def test_the_page_names_who_is_missing_and_carries_nothing_out(course, run):
    seen_class(course)
    code, output = run("report")
    assert code == 0, output
    page = (course.build / "report" / "class.html").read_text(encoding="utf-8")
    missing = page.partition("Not handed in: 1")[2].partition("</details>")[0]
    assert "Zoë (zoe)" in missing and "zoe@x.org" in missing and "Bo Li" not in missing
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt; (ada)" in page and "<b>Lovelace" not in page
    assert "1 × AssertionError: an empty list should give 0" in page
    assert "Known error: forgets the empty list" in page
    images = re.findall('<img src="data:image/svg[^"]+" alt="([^"]+)"', page)
    assert "Points. Points of 2 students, of 9: median 7" in images[0]
    assert not re.search(r"(src|href)=\"(?!data:|#)", page), "it works offline"


def test_without_names_nothing_tells_who_is_who(course, run):
    seen_class(course)
    code, output = run("report", "--anonymous")
    assert code == 0, output
    for path in (course.build / "report").iterdir():
        text = path.read_text(encoding="utf-8-sig")
        for told in ("ada", "Ada", "Lovelace", "bo@", "Bo Li", "zoe", "Zoë"):
            assert not re.search(rf"\b{told}", text), (path.name, told)
        assert "empty list should give" not in text, "one student's message may tell who it is"
    assert {it["student"] for it in rows(course.build / "report" / "students-anonymous.csv")} == {
        "student 1",
        "student 2",
        "student 3",
    }


def test_the_last_run_is_compared_with(course, run, tmp_path):
    seen_class(course)
    assert run("report")[0] == 0
    last = tmp_path / "last.csv"
    table = (course.build / "report" / "tests.csv").read_text(encoding="utf-8-sig")
    last.write_text(table.replace(",2.0,2,0.5,", ",2.0,2,0.25,"), encoding="utf-8")
    assert read_shares(last)[NAME, "total-hidden"] == 0.25
    code, output = run("report", "--last", last)
    assert code == 0, output
    page = (course.build / "report" / "class.html").read_text(encoding="utf-8")
    assert "25% (+25)" in page
    (row,) = (it for it in rows(course.build / "report" / "tests.csv") if "total-h" in it["cell"])
    assert (row["share"], row["last share"]) == ("0.5", "0.25")
    last.write_text("a,b\n1,2\n")
    assert run("report", "--last", last)[0] == 2


def test_a_class_without_marks_has_a_page_and_one_without_anybody_is_refused(course, run):
    with pytest.raises(CourseError, match="course roster LIST"):
        write_report(course, [NAME])
    mark(course, "ada", status=COULD_NOT_GRADE, reasons=["damaged"])
    assert run("report")[0] == 0
    assert "1 could not grade" in (course.build / "report" / "class.html").read_text("utf-8")


def test_a_chart_is_svg_and_says_what_it_shows():
    chart = distribution([0.0, 3.0, 4.0, 9.0], 9.0)
    svg = base64.b64decode(chart.address.partition(",")[2])
    assert b"<svg" in svg
    assert "median 3.5, the middle half from 2.25 to 5.25, all from 0 to 9" in chart.words


def test_a_test_without_points_is_passed():
    it = stands("a", 0.0)
    free = replace(it, given=(replace(it.given[0], maximum=0.0),))
    assert see_tests([free])[0].share == 1.0
