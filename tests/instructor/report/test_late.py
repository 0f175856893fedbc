"""What being late costs is the course's rule, and never hidden in a mark."""

import csv
import io
from datetime import timedelta

import pytest

from course_utils.instructor.collect.collect import collect
from course_utils.instructor.course import CourseError
from course_utils.instructor.report.export import as_canvas, as_csv, as_json
from course_utils.instructor.report.feedback import write_feedback
from course_utils.instructor.report.late import LateRules, late_by, read_rules
from course_utils.instructor.report.standing import read_standings
from tests.instructor.marked_class import mark

NAME = "01-sums"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def rules(course, *lines):
    (course.root / "pyproject.toml").write_text("\n".join(["[tool.course.late]", *lines]))


@pytest.mark.parametrize(
    ("told", "late", "taken"),
    [
        (LateRules(), 9 * DAY, 0),
        (LateRules(points=1), HOUR, 1),
        (LateRules(points=1), DAY, 1),
        (LateRules(points=1), DAY + timedelta(seconds=1), 2),
        (LateRules(points=1), 99 * DAY, 8),
        (LateRules(percent=10), 2 * DAY, 2),
        (LateRules(percent=10, floor=50), 9 * DAY, 3),
        (LateRules(percent=10, floor=90), DAY, 0),
        (LateRules(grace=HOUR, points=1), HOUR, 0),
        (LateRules(grace=HOUR, points=1), HOUR + timedelta(seconds=1), 1),
    ],
)
def test_what_is_taken_off_of_8_of_10(told, late, taken):
    assert told.deduction(8, 10, late) == taken


def test_without_rules_nothing_is_taken_off(course):
    assert read_rules(course) == LateRules()
    assert course.publication is None
    rules(course, "percent-a-day = 10", "grace-minutes = 15")
    assert read_rules(course) == LateRules(timedelta(minutes=15), percent=10)
    assert course.publication is None


@pytest.mark.parametrize(
    "line", ["percent = 10", "percent-a-day = -1", "percent-a-day = 101", 'points-a-day = "1"']
)
def test_a_rule_that_is_none_is_refused(course, line):
    rules(course, line)
    with pytest.raises(CourseError, match=r"expected in \[tool.course.late\] lines such as"):
        read_rules(course)


def test_late_by_needs_both_times():
    due = "2026-12-01T10:00:00+00:00"
    assert late_by("2026-12-01T12:00:00+01:00", due) == HOUR
    assert late_by(due, due) is late_by(None, due) is late_by(due, None) is None


def test_the_mark_is_kept_and_the_deduction_told_apart(course, run, tmp_path):
    rules(course, "points-a-day = 1.5")
    folder = tmp_path / "in" / f"ada+{NAME}+2026-12-02 10:00:00 UTC"
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_bytes(course.released(NAME).read_bytes())
    collect(course, tmp_path / "in")
    assert run("due", f"{NAME}=2026-12-01")[0] == 0
    mark(course, "ada", by_hand={"why": 2.0})
    (ada,) = read_standings(course, NAME)
    assert (ada.earned, ada.deducted, ada.score) == (9, 1.5, 7.5)
    (row,) = csv.DictReader(io.StringIO(as_csv([ada])))
    told = [row[it] for it in ("points", "days late", "deduction", "points after deduction")]
    assert told == ["9", "0.42", "1.5", "7.5"]
    assert '"deduction": 1.5' in as_json([ada])
    assert as_canvas([ada]).splitlines()[-1].endswith(",7.5")
    output = run("export", "--format", "canvas")[1]
    assert "Points are taken off for being late" in output and "ada" in output
    (page,) = write_feedback(course, [NAME])
    assert "1.5 points are taken off, so 7.5 count" in page.path.read_text()
    assert "9 of 9 points" in page.path.read_text()


def test_the_time_of_a_download_costs_nothing(course, run, tmp_path):
    rules(course, "points-a-day = 1.5")
    path = tmp_path / "in" / f"lovelaceada_LATE_12_345_{NAME}.ipynb"
    path.parent.mkdir()
    path.write_bytes(course.released(NAME).read_bytes())
    collect(course, tmp_path / "in")
    run("due", f"{NAME}=2026-01-01")
    mark(course, "lovelaceada-12", by_hand={"why": 2.0})
    (ada,) = read_standings(course, NAME)
    assert (ada.late, ada.late_by, ada.deducted, ada.score) == (True, None, 0, 9)
    output = run("export")[1]
    assert "Late by how much is not known, so nothing is taken off: lovelaceada-12" in output
