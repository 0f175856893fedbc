"""Cells for tests to execute, and what is said of them afterwards."""

from dataclasses import replace
from textwrap import indent

import pytest
from nbformat.v4 import new_code_cell

from course_utils.instructor.execute import sandbox
from course_utils.instructor.execute.outcome import Limits

confined = pytest.mark.skipif(
    sandbox.available() != "", reason=f"nothing can be confined here: {sandbox.available()}"
)
SMALL = Limits(
    cell_seconds=60,
    seconds=300,
    grace=2,
    memory=2**30,
    disk=20 * 2**20,
    processes=64,
    text=200_000,
    output=100_000,
)
SHORT = replace(SMALL, cell_seconds=4, grace=1)  # for what would never end


def nbgrader(source, **roles):
    """A cell with a role in grading."""
    others = {"grade": False, "locked": False, "solution": False, "grade_id": "x"}
    return new_code_cell(source, metadata={"nbgrader": others | roles})


def answer(source):
    """An answer cell."""
    return nbgrader(source, solution=True)


def test(source):
    """A test cell."""
    return nbgrader(source, grade=True, locked=True, points=1)


test.__test__ = False


def closed_box(source):
    """The source of a test as lessons have it: one function, called once."""
    return f"def test_total_visible():\n{indent(source, '    ')}\n\n\ntest_total_visible()"


RIGHT = "def total(numbers):\n    return sum(numbers)"
PASSES = "import numpy as np\nassert total([1, 2]) == 3\nassert np.array_equal([1], [1])"
FAILS = "assert total([1, 2]) == 4, 'total([1, 2]) should be 4'"


def states(done):
    """The state of every code cell."""
    code = [cell for cell in done.notebook.cells if cell.cell_type == "code"]
    return [cell.metadata.execution.state for cell in code]


def kinds(done):
    """What happened to which cell."""
    return [(incident.cell, incident.kind) for incident in done.incidents]


def said(cell):
    """All that a cell shows, as text."""
    return "".join(
        it.get("text") or it.get("evalue") or str(sorted(it.get("data", ()))) for it in cell.outputs
    )
