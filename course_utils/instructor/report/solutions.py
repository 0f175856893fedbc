"""`course solutions`: a lesson's exercises with model answers, to hand out when it is over.

Hidden tests, mark schemes and notes for instructors are left out by their roles and markers, and
not by a search for leaks: a model answer may well be what a hidden test compares with.
"""

import re
from copy import deepcopy

from nbformat.v4 import new_markdown_cell, new_notebook

from course_utils.instructor.lessons.blocks import HEADING, blocks, grade_id
from course_utils.instructor.lessons.exercises import (
    HIDDEN,
    SOLUTION_MARKERS,
    VISIBLE,
    read_exercises,
    read_source,
)
from course_utils.instructor.lessons.pages import make_page
from course_utils.instructor.release.confidential import (
    HIDDEN_TESTS,
    INSTRUCTOR_TAG,
    MARK_SCHEME,
)
from course_utils.instructor.whole_file import write_whole

PLACE = "solutions"
NOTICE = (
    "<style>.highlight pre {{ white-space: pre-wrap; }} "
    ":root {{ --jp-mirror-editor-number-color: #006000; --jp-mirror-editor-operator-color: "
    "#7a1fc0; --jp-mirror-editor-comment-color: #2f6666; }}</style>\n\n"  # 4.5 to 1, on grey
    "# {title}: solutions\n\n"
    "A model answer to each exercise, with the tests that stood in the notebook. It is one way "
    "among many: yours may be written differently and be just as right."
)
MODEL, TESTS = "**A model answer**", "**The tests in your notebook**"


def write_solutions(course, lesson):
    """Write a lesson's solutions as a page.

    Parameters
    ----------
    course : Course
    lesson : str

    Returns
    -------
    Path

    Raises
    ------
    CourseError
        If the lesson's notebook is damaged.
    OSError
        If the page cannot be written.
    """
    source = read_source(course.source(lesson))
    text = make_page(
        read_solutions(source),
        f"{lesson}: solutions",
        NOTICE.format(title=_title(source) or lesson),
        _address(course),
        exclude_input_prompt=True,
    )
    path = course.build / PLACE / f"{lesson}.html"
    write_whole(path, text.encode())
    return path


def read_solutions(source):
    """Give what a lesson's solutions consist of.

    Parameters
    ----------
    source : NotebookNode
        The lesson's source. Not changed.

    Returns
    -------
    NotebookNode
        Of each exercise its task, its model answer and its visible test.
    """
    exercises = read_exercises(source)
    cells = []
    shown = [it for it in source.cells if INSTRUCTOR_TAG not in it.metadata.get("tags", [])]
    for block in blocks(shown):
        places = [place for place, cell in enumerate(block) if grade_id(cell)]
        if any(grade_id(cell) in exercises for cell in block):
            own = block[: places[-1] + 1]
            cells += [it for cell in own for it in _shown(cell, exercises)]
    return new_notebook(cells=cells, metadata=deepcopy(source.metadata))


def _shown(cell, exercises):
    """What is shown of a cell: itself, with a word above it if it is an answer or a test."""
    name = grade_id(cell)
    if name.endswith(HIDDEN):
        return []
    cell = deepcopy(cell)
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    cell.source = _without_secrets(cell.source)
    if cell.cell_type == "markdown" and not name:
        cell.source = re.sub(r"^#+ ", "## ", cell.source)  # below the page's own heading
    words = MODEL if name in exercises else TESTS if name.endswith(VISIBLE) else ""
    return [*([new_markdown_cell(words)] if words else []), cell]


def _without_secrets(text):
    """A cell without hidden tests and mark schemes, and without the lines that mark solutions."""
    for pattern in (HIDDEN_TESTS, MARK_SCHEME):
        text = pattern.sub("", text)
    lines = [line for line in text.split("\n") if not SOLUTION_MARKERS.search(line)]
    return "\n".join(lines).strip("\n")


def _title(source):
    """The first heading of a lesson."""
    texts = (cell.source for cell in source.cells if cell.cell_type == "markdown")
    return next((found[1] for it in texts if (found := HEADING.search(it))), "")


def _address(course):
    """Where links to other lessons lead: to Colab if the release is published, else beside it."""
    published = course.publication
    if published:
        return lambda lesson: published.in_colab(f"{lesson}/{lesson}.ipynb")
    return "../{0}/{0}.ipynb".format
