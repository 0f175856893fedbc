import nbformat
import pytest

from course_utils.instructor.course import CourseError
from course_utils.instructor.lessons.exercises import (
    check_markers,
    inject,
    read_exercises,
    read_source,
)


@pytest.fixture
def source(course):
    return read_source(course.source("01-sums"))


@pytest.mark.parametrize("content", ["<<<<<<< HEAD", "", '{"cells": 3, "nbformat": 4}'])
def test_a_damaged_source_names_the_mend(course, content):
    course.source("01-sums").write_text(content)
    with pytest.raises(CourseError, match=r"01-sums\.ipynb is damaged .* 01-sums\.md: make pair"):
        read_source(course.source("01-sums"))


def cell_called(notebook, name):
    return next(
        cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name
    )


def test_exercises_are_read_with_tests_and_points(source):
    exercises = read_exercises(source)
    assert list(exercises) == ["total", "mean", "why"]
    total = exercises["total"]
    assert total.points == {"total-visible": 1, "total-hidden": 2}
    assert list(total.tests) == ["total-visible", "total-hidden"]
    assert "an empty list should give 0" in total.tests["total-hidden"]
    assert not total.written


def test_a_written_answer_has_points_and_no_tests(source):
    why = read_exercises(source)["why"]
    assert why.written
    assert why.points == {"why": 2}
    assert why.tests == {}


def test_a_solution_is_the_answer_without_its_markers(source):
    assert read_exercises(source)["mean"].solution == (
        'def mean(numbers):\n    """Mean of a list of numbers."""\n'
        "    return math.fsum(numbers) / len(numbers)"
    )


def test_injecting_changes_these_answers_only_and_in_a_copy(source):
    before = nbformat.writes(source)
    filled = inject(source, {"mean": "mean = None"})
    assert nbformat.writes(source) == before
    changed = [a for a, b in zip(source.cells, filled.cells, strict=True) if a != b]
    assert [cell.metadata.nbgrader.grade_id for cell in changed] == ["mean"]
    assert cell_called(filled, "mean").source == "mean = None"


@pytest.mark.parametrize("name", ["median", "mean-visible"])
def test_injecting_into_what_is_no_exercise_names_the_exercises(source, name):
    with pytest.raises(ValueError, match=f"No exercise is called '{name}'.*total, mean, why"):
        inject(source, {name: "1"})


def test_an_exercise_without_its_hidden_test_is_refused(source):
    source.cells.remove(cell_called(source, "mean-hidden"))
    with pytest.raises(ValueError, match="'mean' should have .* 'mean-hidden'; there is none"):
        read_exercises(source)


def test_a_test_without_its_exercise_is_refused(source):
    source.cells.remove(cell_called(source, "mean"))
    with pytest.raises(ValueError, match="'mean-visible' belongs to no exercise"):
        read_exercises(source)


def test_two_cells_with_one_name_are_refused(source):
    cell_called(source, "mean").metadata.nbgrader.grade_id = "total"
    with pytest.raises(ValueError, match="Two cells have the grade_id 'total'"):
        read_exercises(source)


def test_a_graded_cell_without_points_is_refused(source):
    del cell_called(source, "mean-visible").metadata.nbgrader["points"]
    with pytest.raises(ValueError, match="'mean-visible' should have points"):
        read_exercises(source)


def test_a_source_has_its_markers_and_its_release_need_not(source, course):
    check_markers(source, "01-sums.md")
    released = nbformat.read(course.released("01-sums"), as_version=4)
    assert list(read_exercises(released)) == ["total", "mean", "why"]


@pytest.mark.parametrize(
    ("name", "change", "got"),
    [
        ("mean", lambda text: text.replace("BEGIN ", "BEGIN  "), "### END SOLUTION"),
        ("mean", lambda text: text.replace("N SOLUTION", "n solution"), "### BEGIn solution"),
        ("mean", lambda text: text.replace("### ", "# "), "# BEGIN SOLUTION and # END SOLUTION"),
        ("mean", lambda text: text + "\n" + text, "### END SOLUTION and ### BEGIN SOLUTION"),
        ("mean", lambda _: "def mean(numbers):\n    return 0", "neither"),
        ("mean-hidden", lambda text: text.replace("### END HIDDEN TESTS", ""), "### BEGIN HIDDEN"),
        ("mean-hidden", lambda _: "assert mean([1]) == 1", "neither"),
        ("why", lambda text: f"### BEGIN SOLUTION\n{text}", "### BEGIN SOLUTION"),
    ],
)
def test_markers_that_nbgrader_would_not_understand_are_refused(source, name, change, got):
    cell = cell_called(source, name)
    cell.source = change(cell.source)
    with pytest.raises(ValueError, match=f"^01-sums.md, cell '{name}': expected .* got .*{got}"):
        check_markers(source, "01-sums.md")


def test_markers_in_a_cell_without_a_name_are_told_by_its_number(source):
    source.cells[0].source += "\n### END SOLUTION"
    with pytest.raises(ValueError, match="^01-sums.md, cell 1: expected"):
        check_markers(source, "01-sums.md")


@pytest.mark.parametrize(
    "function",
    [read_exercises, lambda it: inject(it, {}), lambda it: check_markers(it, "01-sums.md")],
)
@pytest.mark.parametrize("wrong", ["01-sums.ipynb", None, nbformat.NotebookNode()])
def test_what_is_no_notebook_is_refused(function, wrong):
    with pytest.raises(TypeError, match=r"nbformat\.read.* got (str|NoneType|NotebookNode)"):
        function(wrong)


def test_an_answer_that_is_no_text_is_refused(source):
    with pytest.raises(TypeError, match="answer to 'mean' should be a text; got 3"):
        inject(source, {"mean": 3})
