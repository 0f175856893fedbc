"""What a lesson says without a number is looked at when it is run."""

import nbformat
import pytest
from nbmake.nb_run import NotebookRun

from course_utils.instructor.course import find_course
from course_utils.instructor.measure.claims import Expectation
from tests.notebooks.expectations import asserting, looked_at

SENTENCE = "Training leaves validation behind."
CLAIMS = """
- {says: Training leaves validation behind., holds: "gap > np.float64(0.1)"}
- {says: Only the whole data show it., holds: "gap > 5", profiles: [full]}
"""


def course_that_says(folder, gap):
    """A course of one lesson whose gap is rebound by an exercise."""
    cells = [
        nbformat.v4.new_code_cell(f"gap = {gap}"),
        nbformat.v4.new_markdown_cell("## Exercises"),
        nbformat.v4.new_code_cell("gap = None"),
    ]
    (folder / "notebooks" / "01-toy").mkdir(parents=True)
    (folder / "tests" / "notebooks" / "claims").mkdir(parents=True)
    (folder / "tests" / "notebooks" / "claims" / "01-toy.yaml").write_text(CLAIMS)
    (folder / "nbgrader_config.py").write_text("")
    course = find_course(folder)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), course.source("01-toy"))
    return course


@pytest.mark.usefixtures("quick_kernels")
@pytest.mark.parametrize(("gap", "holds"), [(0.2, True), (0.05, False)])
def test_a_lesson_that_says_what_is_not_so_fails_where_it_is_run(tmp_path, gap, holds):
    course = course_that_says(tmp_path, gap)
    with looked_at(course, "01-toy", "fast"):
        result = NotebookRun(course.source("01-toy"), 60).execute()
    assert (result.error is None) == holds
    assert holds or SENTENCE in result.error.summary
    assert len(nbformat.read(course.source("01-toy"), 4).cells) == 3


def test_each_profile_has_its_own():
    both, one = Expectation("A.", "a"), Expectation("B.", "b", ("full",))
    assert asserting([both, one], "fast").count("assert") == 1
    assert asserting([both, one], "full").count("assert") == 2
