"""A lesson whose notebook is behind its Markdown is neither released nor graded."""

import nbformat
import pytest

from course_utils.instructor.course import CourseError, find_course
from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.lessons.pairs import check_pairs
from tests.instructor.toy_course import ROOT

NAME = "01-sums"
BEHIND = "01-sums: .md and .ipynb differ, .* Run: make pair"


def edit(course, before, after):
    """Edit a lesson's Markdown, and forget to make its notebook anew."""
    path = course.source(NAME).with_suffix(".md")
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("in between", "between"),
        ("jupyter:\n", "jupyter: [\n"),
        ("Why has an empty list no mean?", "Why not?"),
        ('"points": 3', '"points": 4'),
        ('tags=["instructor"]', 'tags=["everybody"]'),
        ('```python\nprint("in between")\n```\n', ""),
        ('```python\nprint("in between")\n```', 'print("in between")'),
    ],
)
def test_a_lesson_that_was_edited_since_is_told(course, before, after):
    check_pairs(course, [NAME, "02-more-sums"])
    edit(course, before, after)
    check_pairs(course, ["02-more-sums"])
    with pytest.raises(CourseError, match=BEHIND):
        check_pairs(course, [NAME, "02-more-sums"])


def test_a_notebook_that_was_edited_or_damaged_is_told(course):
    notebook = nbformat.read(course.source(NAME), as_version=4)
    notebook.cells[-1].source += "  # by hand"
    nbformat.write(notebook, course.source(NAME))
    with pytest.raises(CourseError, match=BEHIND):
        check_pairs(course, [NAME])
    course.source(NAME).write_text("<<<<<<< HEAD")
    with pytest.raises(CourseError, match=BEHIND):
        check_pairs(course, [NAME])


def test_results_in_a_notebook_are_no_difference(course):
    notebook = nbformat.read(course.source(NAME), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"][0]
    code.execution_count, code.metadata["collapsed"] = 1, True
    code.outputs = [nbformat.v4.new_output("stream", text="a lesson begins")]
    nbformat.write(notebook, course.source(NAME))
    check_pairs(course, [NAME])


def test_a_lesson_without_markdown_has_nothing_to_agree_with(course):
    course.source(NAME).with_suffix(".md").unlink()
    check_pairs(course, [NAME])


def test_our_own_lessons_agree():
    course = find_course(ROOT)
    check_pairs(course, [path.parent.name for path in course.notebooks.glob("*/*.md")])


@pytest.mark.parametrize("command", [["release"], ["release", "01"], ["grade", "--no-sandbox"]])
def test_neither_release_nor_grade_goes_on(course, run, command):
    hand_in(course, "ada", NAME, {})
    before = course.released(NAME).stat()
    edit(course, "in between", "between")
    code, output = run(*command)
    assert code in (1, 2)
    assert "01-sums: .md and .ipynb differ" in output
    assert course.released(NAME).stat() == before


def test_another_lesson_can_be_released(course, run):
    edit(course, "in between", "between")
    assert run("release", "02")[0] == 0
