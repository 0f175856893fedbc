"""A lesson is written as Markdown, and its notebook made from that: here, whether both agree."""

import nbformat

from course_utils.instructor.course import CourseError


def check_pairs(course, lessons):
    """See to it that lessons' notebooks are what their Markdown says.

    Parameters
    ----------
    course : Course
    lessons : sequence of str
        A lesson without Markdown has nothing to agree with.

    Raises
    ------
    CourseError
        If cells differ in their text, kind, tags or nbgrader metadata, or a file is damaged.
    """
    behind = [lesson for lesson in lessons if not _agree(course.source(lesson))]
    if behind:
        names = ", ".join(behind)
        raise CourseError(
            f"{names}: .md and .ipynb differ, and students would get the .ipynb. Run: make pair, "
            "which makes the .ipynb from the .md anew"
        )


def _agree(notebook):
    """Whether a notebook is what the Markdown beside it says; so it is if there is none."""
    import jupytext  # takes a second, which `course --help` need not wait for

    markdown = notebook.with_suffix(".md")
    if not markdown.is_file():
        return True
    try:
        made = jupytext.reads(markdown.read_text(encoding="utf-8"), fmt="md")
        return _cells(made) == _cells(nbformat.read(notebook, as_version=4))
    except Exception:  # what a damaged file raises depends on where the damage is
        return False


def _cells(notebook):
    """What a lesson's cells say and are."""
    return [
        (cell.cell_type, cell.source.strip(), *map(cell.metadata.get, ("nbgrader", "tags")))
        for cell in notebook.cells
    ]
