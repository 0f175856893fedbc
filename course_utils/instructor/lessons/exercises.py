"""The exercises of a lesson: read them from a notebook, and put answers into one."""

import re
from copy import deepcopy
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from course_utils.instructor.course import CourseError
from course_utils.instructor.plain_text import in_one_line

VISIBLE, HIDDEN = "-visible", "-hidden"
SOLUTION_MARKERS = re.compile(r"(BEGIN|END) SOLUTION")


@dataclass(frozen=True)
class Exercise:
    """One exercise of a lesson.

    Attributes
    ----------
    name : str
        The grade id of the cell that the student fills in.
    answer : str
        That cell as it stands in the notebook.
    tests : dict of str to str
        Source of the test cells by grade id, visible before hidden; empty for a written answer.
    points : dict of str to float
        Most points of every graded cell by grade id, in the notebook's order.
    written : bool
        Whether this is a written answer, graded by hand.
    """

    name: str
    answer: str
    tests: dict
    points: dict
    written: bool

    @property
    def solution(self):
        """The answer cell without the lines that mark the solution."""
        lines = self.answer.splitlines()
        return "\n".join(line for line in lines if not SOLUTION_MARKERS.search(line))


def read_source(path):
    """Read a lesson's source.

    Parameters
    ----------
    path : Path

    Returns
    -------
    NotebookNode

    Raises
    ------
    CourseError
        If it is no notebook.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # what a damaged file raises depends on where the damage is
        raise CourseError(
            f"{path.name} is damaged ({in_one_line(error, 80)}). Make it again from "
            f"{path.with_suffix('.md').name}: make pair"
        ) from None
    return notebook


def read_exercises(notebook):
    """Read the exercises of a lesson.

    Parameters
    ----------
    notebook : NotebookNode
        A lesson's source, or its release (whose answers are stubs). Not changed.

    Returns
    -------
    dict of str to Exercise
        By name, in the notebook's order.

    Raises
    ------
    TypeError
        If this is not a notebook.
    ValueError
        If two cells share a grade id, an exercise lacks its visible or hidden test, a test lacks
        its exercise, a graded cell has no points, or a cell is one of nbgrader's tasks.
    """
    cells = _nbgrader_cells(notebook)
    for name in (name for name, cell in cells.items() if _told(cell, "task")):
        raise ValueError(
            f"Cell {name!r} is one of nbgrader's tasks; no mark given for it would be told or "
            'exported. Make it a written answer: "task": false, "grade": true, "solution": true, '
            '"locked": false in its nbgrader metadata, and below the question a text to replace.'
        )
    answers = {name: cell for name, cell in cells.items() if _told(cell, "solution")}
    tests = {name: cell for name, cell in cells.items() if _told(cell, "grade")}
    exercises = {}
    for name, cell in answers.items():
        written = _told(cell, "grade")
        own = [name] if written else [name + VISIBLE, name + HIDDEN]
        missing = [test for test in own if test not in tests]
        if missing:
            raise ValueError(
                f"Exercise {name!r} should have a graded test cell with grade_id "
                f"{' and '.join(map(repr, missing))}; there is none. Add it below the answer cell."
            )
        exercises[name] = Exercise(
            name=name,
            answer=cell.source,
            tests={} if written else {test: tests[test].source for test in own},
            points={test: _points(test, tests[test]) for test in own},
            written=written,
        )
    known = {test for exercise in exercises.values() for test in exercise.points}
    for name in tests:
        if name not in known:
            raise ValueError(
                f"Graded cell {name!r} belongs to no exercise. Name it NAME{VISIBLE} or "
                f"NAME{HIDDEN} after its answer cell; the answer cells are: "
                f"{', '.join(answers) or 'none'}."
            )
    return exercises


def check_markers(notebook, place):
    """Refuse markers that nbgrader would not understand, or would take for something else.

    Parameters
    ----------
    notebook : NotebookNode
        A lesson's source.
    place : str
        How messages call the lesson's file.

    Raises
    ------
    TypeError
        If this is not a notebook.
    ValueError
        If an autograded answer cell or a hidden-test cell has no pair of markers, or any cell has
        markers that are misspelt, unpaired or more than a pair.

    Notes
    -----
    nbgrader replaces an answer cell without markers, heading and docstring included, by its stub.
    """
    check_notebook(notebook)
    for number, cell in enumerate(notebook.cells, start=1):
        roles = cell.metadata.get("nbgrader", {})
        name = roles.get("grade_id", "")
        needs = {
            "SOLUTION": roles.get("solution") and not roles.get("grade"),
            "HIDDEN TESTS": name.endswith(HIDDEN),
        }
        for kind, needed in needs.items():
            pair = [f"### BEGIN {kind}", f"### END {kind}"]
            marker = re.compile(f"(BEGIN|END) {kind}", re.IGNORECASE)
            found = [line.strip() for line in cell.source.splitlines() if marker.search(line)]
            if found != pair and (found or needed):
                raise ValueError(
                    f"{place}, cell {name or number!r}: expected one line {pair[0]} and below it "
                    f"one line {pair[1]}, spelt like this; got {' and '.join(found) or 'neither'}. "
                    "Mend these lines; then run: make pair"
                )


def inject(notebook, answers):
    """Put answers into the answer cells of a notebook.

    Parameters
    ----------
    notebook : NotebookNode
        A lesson's release. Not changed.
    answers : dict of str to str
        What goes into the answer cell, by the exercise's name.

    Returns
    -------
    NotebookNode
        A copy of the notebook with these answers.

    Raises
    ------
    TypeError
        If this is not a notebook, or an answer not a text.
    ValueError
        If the notebook has no exercise of that name.
    """
    filled = deepcopy(notebook)
    cells = {name: it for name, it in _nbgrader_cells(filled).items() if _told(it, "solution")}
    unknown = [name for name in answers if name not in cells]
    if unknown:
        raise ValueError(
            f"No exercise is called {', '.join(map(repr, unknown))}; the notebook's exercises "
            f"are: {', '.join(cells) or 'none'}."
        )
    for name, answer in answers.items():
        if not isinstance(answer, str):
            raise TypeError(f"The answer to {name!r} should be a text; got {answer!r}.")
        cells[name].source = answer
    return filled


def check_notebook(notebook):
    """Refuse what is not a notebook.

    Parameters
    ----------
    notebook : NotebookNode

    Raises
    ------
    TypeError
        If it is anything else, such as a path.
    """
    if not (isinstance(notebook, NotebookNode) and "cells" in notebook):
        raise TypeError(
            "notebook should be a notebook as nbformat.read(path, as_version=4) gives it; "
            f"got {type(notebook).__name__}."
        )


def _nbgrader_cells(notebook):
    """Cells that nbgrader knows, by grade id."""
    check_notebook(notebook)
    cells = {}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name is None:
            continue
        if name in cells:
            raise ValueError(
                f"Two cells have the grade_id {name!r}; every cell needs its own. Rename one."
            )
        cells[name] = cell
    return cells


def _told(cell, role):
    """Whether a cell's nbgrader metadata give it a role: solution or grade."""
    return bool(cell.metadata.nbgrader.get(role))


def _points(name, cell):
    """Points of a graded cell."""
    points = cell.metadata.nbgrader.get("points")
    if points is None:
        raise ValueError(f"Graded cell {name!r} should have points in its metadata; it has none.")
    return float(points)
