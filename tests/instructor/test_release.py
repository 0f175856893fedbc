import nbformat
import pytest
from nbgrader.api import Gradebook

from course_utils.instructor.converters import ConversionError
from course_utils.instructor.course import CourseError
from course_utils.instructor.release import ReleaseError, release
from tests.instructor.first_error import check_runs_to_its_first_exercise
from tests.instructor.toy_course import LESSON, write_lesson

pytestmark = pytest.mark.usefixtures("quick_kernels")

LEAK = "# Sums: return math.fsum(numbers) / len(numbers)"


def everything_below(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_release_has_the_notebooks_and_nothing_else(released_course):
    assert {str(path.relative_to(released_course.release)) for path in everything_below(
        released_course.release)} == {
        "01-sums/01-sums.ipynb", "02-more-sums/02-more-sums.ipynb",
    }  # fmt: skip


def test_a_release_is_free_of_what_is_for_instructors(released_course):
    text = released_course.released("01-sums").read_text(encoding="utf-8")
    for secret in ("SOLUTION", "HIDDEN", "running", "empty list should", "nothing to divide",
                   "most students forget", "jupytext"):  # fmt: skip
        assert secret not in text
    notebook = nbformat.reads(text, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    nbformat.validate(notebook)


def test_a_release_asks_for_every_answer(released_course):
    notebook = nbformat.read(released_course.released("01-sums"), as_version=4)
    asking = [cell for cell in notebook.cells if "raise NotImplementedError(" in cell.source]
    assert [cell.metadata.nbgrader.grade_id for cell in asking] == ["total", "mean"]


def test_a_released_notebook_runs_to_its_first_exercise(released_course):
    check_runs_to_its_first_exercise(released_course.released("01-sums"))


def test_a_release_can_be_made_again(course):
    before = everything_below(course.release)
    release(course, ["01-sums"])
    assert everything_below(course.release) == before


def test_only_the_lessons_asked_for_are_replaced(course):
    write_lesson(course, "01-sums", LESSON.replace("in between", "quite another"))
    release(course, ["02-more-sums"])
    assert "in between" in course.released("01-sums").read_text(encoding="utf-8")
    release(course, ["01-sums"])
    assert "quite another" in course.released("01-sums").read_text(encoding="utf-8")


def test_a_leak_refuses_the_release_and_leaves_the_former_one(course):
    before = everything_below(course.release)
    write_lesson(course, "02-more-sums", LESSON.replace("# Sums and means", LEAK))
    with pytest.raises(ReleaseError) as caught:
        release(course, ["01-sums", "02-more-sums"])
    (leak, other) = caught.value.leaks  # the lessons are alike, so both are given away
    assert leak.place.startswith("release/02-more-sums/02-more-sums.ipynb, cell 1")
    assert "solution of 'mean' in 01-sums" in leak.what
    assert "solution of 'mean' in 02-more-sums" in other.what
    assert "differently in notebooks/02-more-sums/02-more-sums.md" in leak.mend
    assert everything_below(course.release) == before
    assert not list(course.build.glob(".release-*"))


def test_a_leak_does_not_reach_the_gradebook(course):
    leaking = LESSON.replace("# Sums and means", LEAK).replace('"points": 3', '"points": 9')
    write_lesson(course, "01-sums", leaking)
    with pytest.raises(ReleaseError):
        release(course, ["01-sums"])
    with Gradebook(course.gradebook_url) as gradebook:
        assert gradebook.find_grade_cell("mean-hidden", "01-sums", "01-sums").max_score == 3


@pytest.mark.parametrize(
    ("right", "wrong", "cell"),
    [
        ("    ### BEGIN SOLUTION\n", "    ### begin solution\n", "total"),
        ("### BEGIN SOLUTION\n", "### BEGIN  SOLUTION\n", "total"),
        ("    ### END SOLUTION\n", "", "total"),
        ("### BEGIN HIDDEN TESTS\n", "", "total-hidden"),
        ("### END HIDDEN TESTS\n", "", "total-hidden"),
        ("### BEGIN HIDDEN TESTS\n", "### BEGIN HIDDEN TEST\n", "total-hidden"),
    ],
)
def test_markers_out_of_order_are_refused_in_one_line(course, right, wrong, cell):
    before = everything_below(course.release)
    write_lesson(course, "01-sums", LESSON.replace(right, wrong, 1))
    place = f"notebooks/01-sums/01-sums.md, cell '{cell}': expected one line ### BEGIN"
    with pytest.raises(ValueError, match=place) as caught:
        release(course, ["01-sums"])
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith("run: make pair")
    assert everything_below(course.release) == before


@pytest.mark.parametrize(
    ("begin", "line"),
    [
        ("    ### BEGIN SOLUTION\n", "    running = 0.0\n"),
        ("### BEGIN HIDDEN TESTS\n", 'assert total([]) == 0, "an empty list should give 0"\n'),
    ],
)
def test_a_line_moved_above_the_marker_is_a_leak(course, begin, line):
    moved = LESSON.replace(begin + line, line + begin)
    assert moved != LESSON
    write_lesson(course, "01-sums", moved)
    with pytest.raises(ReleaseError) as caught:
        release(course, ["01-sums"])
    leak = caught.value.leaks[0]
    assert line.strip().split(", ")[0] in leak.what.replace("'", '"')
    assert "may hold a stub only" in leak.what
    assert "notebooks/01-sums/01-sums.md" in leak.mend


@pytest.mark.parametrize("name", ["answers.py", "answers.txt"])
def test_files_beside_a_lesson_are_searched(course, name):
    (course.source("01-sums").parent / name).write_text("### BEGIN SOLUTION\n")
    with pytest.raises(ReleaseError, match=f"release/01-sums/{name}: holds the marker"):
        release(course, ["01-sums"])


def test_the_package_that_students_get_is_searched(course):
    package = course.root / "course_utils"
    for folder in (package, package / "instructor"):
        folder.mkdir(parents=True)
        (folder / "means.py").write_text("def mean(n):\n    '### BEGIN SOLUTION'\n")
    with pytest.raises(ReleaseError) as caught:
        release(course, ["01-sums"])
    (leak,) = caught.value.leaks
    assert leak.place == "course_utils/means.py"
    assert "Students get this file" in leak.mend


@pytest.mark.parametrize("name", ["datasets/README.md", "datasets/digits.npz"])
def test_every_file_of_the_package_is_searched(course, name):
    for folder in ("datasets", "instructor", "__pycache__"):
        path = course.root / "course_utils" / folder
        path.mkdir(parents=True)
        (path / name.rpartition("/")[2]).write_bytes(b"\xff\x00 ### BEGIN SOLUTION\n")
    with pytest.raises(ReleaseError) as caught:
        release(course, ["01-sums"])
    assert [leak.place for leak in caught.value.leaks] == [f"course_utils/{name}"]


def test_an_unknown_lesson_is_answered_with_those_there_are(course):
    with pytest.raises(CourseError, match="The lessons are: 01-sums, 02-more-sums"):
        release(course, ["03-none"])


def test_what_nbgrader_refuses_is_told_in_one_line(course):
    markers = "# Sums and means\n### BEGIN SOLUTION\n### END SOLUTION"
    write_lesson(course, "01-sums", LESSON.replace("# Sums and means", markers))
    with pytest.raises(ConversionError, match="detected in a non-solution cell") as caught:
        release(course, ["01-sums"])
    assert "\n" not in str(caught.value)


def test_a_graded_cell_for_instructors_only_is_refused(course):
    tagged = LESSON.replace("```python nbgrader=", '```python tags=["instructor"] nbgrader=', 1)
    write_lesson(course, "01-sums", tagged)
    with pytest.raises(ValueError, match="01-sums: cell 'total' is graded and tagged"):
        release(course, ["01-sums"])
