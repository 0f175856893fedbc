"""What readers of the site get of a lesson: what students get, or the same with its solutions.

Either way no hidden test is among it, and every cell that a page treats in its own way has one of
the tags below.
"""

from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

from course_utils.instructor.lessons.exercises import (
    HIDDEN,
    SOLUTION_MARKERS,
    VISIBLE,
    read_source,
)
from course_utils.instructor.release.confidential import INSTRUCTOR_TAG, MARK_SCHEME
from course_utils.instructor.release.release import generate

ANSWER, WRITTEN, TESTS = "exercise", "written-answer", "visible-tests"


class Edition(StrEnum):
    """For whom the site is."""

    students = "students"
    solutions = "solutions"


def read_edition(course, lesson, edition):
    """Give a lesson as readers of an edition have it, not executed.

    Parameters
    ----------
    course : Course
    lesson : str
    edition : Edition

    Returns
    -------
    NotebookNode

    Raises
    ------
    CourseError, ConversionError, ValueError
        As ``release.generate``.
    """
    if edition is Edition.solutions:
        notebook = _solved(read_source(course.source(lesson)))
    else:
        notebook = _released(course, lesson)
    notebook.cells = [cell for cell in notebook.cells if not _name(cell).endswith(HIDDEN)]
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({"tags": _tags(cell)})
    return notebook


def _released(course, lesson):
    """What students get."""
    with TemporaryDirectory() as folder:
        trial = course.with_build(Path(folder, "build"))
        trial.build.mkdir()
        generate(trial, lesson)
        return nbformat.read(trial.released(lesson), as_version=4)


def _solved(notebook):
    """The source without notes for instructors, mark schemes and what marks solutions."""
    notebook.cells = [
        cell for cell in notebook.cells if INSTRUCTOR_TAG not in cell.metadata.get("tags", [])
    ]
    for cell in notebook.cells:
        lines = MARK_SCHEME.sub("", cell.source).splitlines()
        cell.source = "\n".join(it for it in lines if not SOLUTION_MARKERS.search(it))
    return notebook


def _name(cell):
    """A cell's name in nbgrader's metadata, empty for an ordinary one."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _tags(cell):
    """What a page has to know of a cell."""
    if cell.metadata.get("nbgrader", {}).get("solution"):
        return [ANSWER if cell.cell_type == "code" else WRITTEN]
    return [TESTS] if _name(cell).endswith(VISIBLE) else []
