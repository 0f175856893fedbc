import re

import nbformat
import pytest

from course_utils.instructor.course import CourseError
from course_utils.instructor.example_class import FOLDER, STUDENTS, hand_in, make_example_class
from course_utils.instructor.gradebook import Mark
from course_utils.instructor.grading import Result, grade, submissions

pytestmark = pytest.mark.usefixtures("quick_kernels")

LESSON = "01-sums"
RIGHT = {
    "total": "total = sum",
    "mean": "def mean(numbers):\n    return sum(numbers) / len(numbers)",
    "why": "Nothing can be divided by zero.",
}


def earned(result):
    return {mark.cell: mark.earned for mark in result.marks}


def test_right_answers_earn_everything_but_what_is_graded_by_hand(course):
    hand_in(course, "ada", LESSON, RIGHT)
    result = grade(course, "ada", LESSON)
    assert result == Result(
        "ada",
        LESSON,
        marks=(
            Mark("mean-hidden", 3, 3, written=False),
            Mark("mean-visible", 1, 1, written=False),
            Mark("total-hidden", 2, 2, written=False),
            Mark("total-visible", 1, 1, written=False),
            Mark("why", None, 2, written=True),
        ),
    )
    assert (result.earned, result.maximum, result.by_hand) == (7, 7, 2)


def test_warnings_and_messages_cost_nothing(course):
    loud = (
        "import sys, warnings\n"
        "def total(numbers):\n"
        "    warnings.warn('deprecated')\n"
        "    print('adding up', file=sys.stderr)\n"
        "    return sum(numbers)"
    )
    hand_in(course, "ada", LESSON, RIGHT | {"total": loud})
    assert grade(course, "ada", LESSON).earned == 7


def test_each_test_counts_by_itself(course):
    wrong = "def total(numbers):\n    return numbers.pop() + total(numbers) if numbers else 0"
    hand_in(course, "bo", LESSON, RIGHT | {"total": wrong})
    assert earned(grade(course, "bo", LESSON)) == {
        "mean-hidden": 3,
        "mean-visible": 1,
        "total-hidden": 0,
        "total-visible": 1,
        "why": None,
    }


def test_a_deleted_test_waits_for_someone_to_look(course):
    hand_in(course, "bo", LESSON, RIGHT)
    path = course.submission("bo", LESSON)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") != "mean-hidden"
    ]
    nbformat.write(notebook, path)
    result = grade(course, "bo", LESSON)
    assert earned(result)["mean-hidden"] is None
    assert (result.earned, result.maximum, result.by_hand) == (4, 7, 5)


def test_what_is_handed_in_again_is_graded_again(course):
    hand_in(course, "ada", LESSON, {})
    first = grade(course, "ada", LESSON)
    assert (first.earned, first.maximum, first.by_hand) == (0, 7, 0)
    hand_in(course, "ada", LESSON, RIGHT)
    assert grade(course, "ada", LESSON).earned == 7


def test_submissions_run_in_the_fast_profile(course):
    says = 'import os\nassert os.environ["COURSE_PROFILE"] == "fast"\ntotal = sum'
    hand_in(course, "ada", LESSON, {"total": says})
    assert grade(course, "ada", LESSON).earned == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"this is no notebook \xff", "NotJSONError|Unreadable|UnicodeDecodeError"),
        (b"", "NotJSONError"),
        (b"{}", "KeyError|NotebookValidationError|ValidationError|nbformat"),
    ],
    ids=["garbage", "empty", "no notebook"],
)
def test_what_cannot_be_graded_is_told_in_one_line(course, content, reason):
    path = course.submission("cy", LESSON)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    result = grade(course, "cy", LESSON)
    assert result.marks == ()
    assert "\n" not in result.problem
    assert result.problem

    assert re.search(reason, result.problem), result.problem


def test_nbgraders_report_is_in_the_logs(course, capfd):
    path = course.submission("cy", LESSON)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"garbage")
    result = grade(course, "cy", LESSON)
    report = course.logs / f"Autograde-cy-{LESSON}.log"
    assert str(report) in result.problem
    assert "Traceback" in report.read_text(encoding="utf-8")
    assert capfd.readouterr() == ("", "")


def test_a_folder_without_the_lessons_notebook_cannot_be_graded(course):
    hand_in(course, "di", LESSON, RIGHT)
    path = course.submission("di", LESSON)
    path.rename(path.with_name("mine.ipynb"))
    problem = grade(course, "di", LESSON).problem
    assert problem == "expected 01-sums.ipynb; found mine.ipynb. Rename the notebook."


def test_a_name_that_nbgrader_cannot_find_is_told(course):
    hand_in(course, "x[1]", LESSON, RIGHT)
    assert "Rename 'x[1]'" in grade(course, "x[1]", LESSON).problem


def test_former_marks_are_mentioned_when_a_new_version_cannot_be_graded(course):
    hand_in(course, "di", LESSON, RIGHT)
    grade(course, "di", LESSON)
    course.submission("di", LESSON).write_text("{broken")
    assert "still holds the marks of an earlier version" in grade(course, "di", LESSON).problem


def test_marks_given_by_hand_are_counted_apart():
    marks = (Mark("a", 2, 3, written=False), Mark("why", 1.5, 2, written=True))
    result = Result("ada", LESSON, marks=marks)
    assert (result.earned, result.earned_by_hand, result.by_hand) == (2, 1.5, 0)


def test_grading_nothing_is_refused(course):
    with pytest.raises(CourseError, match="ada has handed in nothing for 01-sums"):
        grade(course, "ada", LESSON)


def test_grading_before_the_release_names_the_mend(course, monkeypatch):
    hand_in(course, "ada", LESSON, {})
    course.released(LESSON).unlink()
    (course.build / "gradebook.db").unlink()  # as in a fresh clone, where a release would make it
    monkeypatch.setenv("PATH", "")  # and without nbgrader's own tools at hand
    assert grade(course, "ada", LESSON).problem == (
        "01-sums has not been released. Run: course release 01-sums"
    )


def test_submissions_are_listed_by_student_and_lesson(course):
    for student, lesson in (("bo", "02-more-sums"), ("ada", LESSON), ("bo", LESSON)):
        hand_in(course, student, lesson, {})
    both = [LESSON, "02-more-sums"]
    assert submissions(course, both) == [("ada", LESSON), ("bo", LESSON), ("bo", "02-more-sums")]
    assert submissions(course, both, "ada") == [("ada", LESSON)]


def test_listing_none_says_where_they_are_expected(course):
    with pytest.raises(CourseError, match="of any student .*submitted/STUDENT/01-sums"):
        submissions(course, [LESSON])
    hand_in(course, "bo", LESSON, {})
    with pytest.raises(CourseError, match="No submission of ada was found"):
        submissions(course, [LESSON], "ada")


def test_the_example_class_earns_what_it_should(course):
    example = make_example_class(course, [LESSON])
    assert submissions(example, [LESSON]) == [(name, LESSON) for name in sorted(STUDENTS)]
    results = {name: grade(example, name, LESSON) for name in STUDENTS}
    perfect, partly, untouched = (results[name] for name in STUDENTS)
    assert (perfect.earned, perfect.maximum, perfect.by_hand) == (7, 7, 2)
    assert (partly.earned, partly.maximum, partly.by_hand) == (3, 7, 2)
    assert (untouched.earned, untouched.maximum, untouched.by_hand) == (0, 7, 0)


def test_the_example_class_leaves_real_students_and_marks_alone(course):
    hand_in(course, "perfect", LESSON, {"total": "this is a real student's"})
    gradebook = course.build / "gradebook.db"
    before = gradebook.read_bytes(), course.submission("perfect", LESSON).read_bytes()
    example = make_example_class(course, [LESSON])
    make_example_class(course, [LESSON])
    assert example.build == course.build / FOLDER
    assert (gradebook.read_bytes(), course.submission("perfect", LESSON).read_bytes()) == before


def test_an_example_class_for_an_unknown_lesson_is_refused(course):
    with pytest.raises(CourseError, match="The lessons are: 01-sums, 02-more-sums"):
        make_example_class(course, ["03-none"])


def test_handing_in_keeps_the_release(course):
    before = course.released(LESSON).read_bytes()
    hand_in(course, "ada", LESSON, RIGHT)
    assert course.released(LESSON).read_bytes() == before
    nbformat.validate(nbformat.read(course.submission("ada", LESSON), as_version=4))
