"""Check that a released notebook runs until it asks for the first answer."""

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from course_utils.instructor.environment import environment
from course_utils.instructor.lessons.exercises import read_exercises


def check_runs_to_its_first_exercise(path):
    """The first cell to fail is the first exercise's, or its visible test; it asks in words."""
    notebook = nbformat.read(path, as_version=4)
    first = next(name for name, it in read_exercises(notebook).items() if not it.written)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": path.parent}})
    with environment({"COURSE_PROFILE": "fast"}), pytest.raises(CellExecutionError) as caught:
        client.execute()
    failed = next(
        cell
        for cell in notebook.cells
        if any(output.output_type == "error" for output in cell.get("outputs", []))
    )
    name = failed.metadata.get("nbgrader", {}).get("grade_id")
    assert name in (first, f"{first}-visible"), f"this cell failed first: {failed.source}"
    assert caught.value.ename == "NotImplementedError", caught.value
    assert len(caught.value.evalue.split()) >= 3, "the student should read a sentence"
