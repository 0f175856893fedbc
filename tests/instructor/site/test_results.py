"""What of a lesson is run for the site, and how long its results are kept."""

import nbformat
import pytest

from course_utils.instructor.site import results
from course_utils.instructor.site.editions import ANSWER, TESTS, Edition


def code(source, *tags):
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})


def lesson(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def runs(notebook, edition=Edition.students):
    return [it for _, it in results.runnable(notebook, edition)]


EXERCISE = (
    code("import math"),
    code("def total(numbers):\n    raise NotImplementedError", ANSWER),
    code("assert total([1]) == 1", TESTS),
    code("sums = total([1, 2])"),
    code("print(sums)"),
    code("print(math.pi)"),
)


def test_what_needs_an_answer_is_not_run_nor_what_needs_that():
    assert runs(lesson(*EXERCISE)) == [True, False, False, False, False, True]


def test_a_name_that_is_made_anew_waits_no_longer():
    assert runs(lesson(*EXERCISE, code("sums = 3"), code("print(sums)")))[-2:] == [True, True]


def test_with_solutions_everything_is_run():
    assert all(runs(lesson(*EXERCISE), Edition.solutions))


@pytest.fixture
def course(tmp_path):
    return type("Course", (), {"build": tmp_path, "logs": tmp_path / "logs"})()


def test_results_are_kept_until_the_code_changes(course):
    notebook = lesson(code("print(6 * 7)"), *EXERCISE[1:3])
    assert results.kept_results(course, notebook, Edition.students, "fast") is None
    found = results.run(course, "01-toy", notebook, Edition.students, "fast")
    assert [it and it[0].text for it in found.outputs] == ["42\n", None, None]
    assert found.device
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell("Other words."))
    assert results.kept_results(course, notebook, Edition.students, "fast") == found
    assert results.kept_results(course, notebook, Edition.students, "full") is None
    notebook.cells[1].source = "print(6 * 8)"
    assert results.kept_results(course, notebook, Edition.students, "fast") is None


def test_a_cell_that_fails_is_named(course):
    with pytest.raises(results.RunError, match=r"01-toy: the cell '1 / 0' failed(.|\n)*Division"):
        results.run(course, "01-toy", lesson(code("1 / 0")), Edition.students, "fast")
