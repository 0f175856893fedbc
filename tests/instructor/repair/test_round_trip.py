"""Notebooks that went through Google Colab earn full marks where the work is right."""

import json
import random

import nbformat
import pytest
from nbformat.v4 import new_output

from course_utils.instructor.execute import sandbox
from course_utils.instructor.execute.outcome import Limits
from course_utils.instructor.grade import grading
from course_utils.instructor.gradebook.records import GRADED
from course_utils.instructor.lessons.exercises import inject
from tests.colab.round_trip import (
    FORMS,
    WIDGET_STATE,
    as_colab_saves,
    copy_cell,
    delete_cell,
    place_of,
)

pytestmark = pytest.mark.usefixtures("quick_kernels")

LESSON = "01-sums"
ANSWERS = {
    "total": "def total(numbers):\n    return sum(numbers)",
    "mean": "def mean(numbers):\n    return sum(numbers) / len(numbers)",
    "why": "Nothing can be divided by zero.",
}
FULL = {"total-visible": 1, "total-hidden": 2, "mean-visible": 1, "mean-hidden": 3, "why": None}
LIMITS = Limits(cell_seconds=20, seconds=60, grace=1)


@pytest.fixture(scope="module")
def executed(released_course):
    """The toy lesson as a student leaves it in the browser: solved, and run."""
    released = nbformat.read(released_course.released(LESSON), as_version=4)
    notebook = inject(released, ANSWERS)
    for number, cell in enumerate(it for it in notebook.cells if it.cell_type == "code"):
        cell.execution_count = number + 1
        cell.outputs = [
            new_output("stream", name="stdout", text="epoch 1\nepoch 2\n"),
            new_output("display_data", {"image/png": "iVBORw0=", "text/plain": "<Figure>\n1"}),
        ]
    return notebook


def grade(course, saved):
    """Hand in a notebook as Colab saved it, and grade it."""
    path = course.submission("ada", LESSON)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(saved), encoding="utf-8")
    options = {"confined": not sandbox.available(), "limits": LIMITS}
    (record,) = grading.grade(course, [("ada", LESSON)], **options)
    return record


def earned(record):
    return {cell.name: cell.earned for cell in record.cells}


def test_what_colab_saves_differs_from_what_it_opened_as_it_does_in_colab(executed):
    saved = as_colab_saves(executed)
    assert (saved["nbformat"], saved["nbformat_minor"]) == (4, 0)
    assert saved["metadata"]["colab"]["gpuType"] == "T4"
    assert WIDGET_STATE in saved["metadata"]["widgets"]
    assert saved["cells"][0]["metadata"] == {"id": "view-in-github", "colab_type": "text"}
    for before, after in zip(executed.cells, saved["cells"][1:], strict=True):
        assert "id" not in after
        assert after["metadata"]["id"] == before.id
        assert ("outputId" in after["metadata"]) == bool(before.get("outputs"))
        assert "".join(after["source"]) == before.source
        assert after["metadata"].get("nbgrader") == before.metadata.get("nbgrader")
    nbformat.validate(nbformat.from_dict({**saved, "metadata": {}}))


def test_a_notebook_that_stays_of_format_4_5_has_its_ids_twice_but_for_the_link(executed):
    saved = as_colab_saves(executed, keeps_ids=True)
    assert (saved["nbformat"], saved["nbformat_minor"]) == (4, 5)
    link, *cells = saved["cells"]
    assert "id" not in link
    assert [cell["id"] for cell in cells] == [cell.id for cell in executed.cells]
    assert all(cell["id"] == cell["metadata"]["id"] for cell in cells)


def test_saving_changes_nothing_and_is_the_same_twice(executed):
    before = nbformat.writes(executed)
    assert as_colab_saves(executed) == as_colab_saves(executed)
    assert nbformat.writes(executed) == before


def leave_it(saved):
    """Hand in what Colab saved."""


def open_and_save_again(saved):
    """Open the file in Colab a second time: a second badge, other ids of outputs."""
    saved.update(as_colab_saves(nbformat.from_dict(saved), seed=7))


def copy_answers(saved):
    for name in ("total", "mean"):
        copy_cell(saved, name)


def copy_tests(saved):
    for name in ("total-visible", "mean-hidden"):
        copy_cell(saved, name)


def delete_tests(saved):
    for name in ("total-visible", "total-hidden", "mean-hidden"):
        delete_cell(saved, name)


def delete_everything_else(saved):
    graded = [cell for cell in saved["cells"] if "nbgrader" in cell["metadata"]]
    assert len(graded) < len(saved["cells"])
    imports = [cell for cell in saved["cells"] if "import math" in "".join(cell["source"])]
    saved["cells"] = imports + graded


def move_an_exercise(saved):
    place = place_of(saved, "mean")
    moved = saved["cells"][place : place + 3]
    del saved["cells"][place : place + 3]
    saved["cells"][2:2] = moved


def copy_without_metadata(saved):
    """Paste tests that were copied as text into cells of the student's own."""
    cell = saved["cells"][place_of(saved, "mean-visible")]
    saved["cells"].append({**cell, "metadata": {"id": "AbCdEf123456"}, "outputs": []})


@pytest.mark.parametrize(
    "change",
    [
        leave_it,
        open_and_save_again,
        copy_answers,
        copy_tests,
        delete_tests,
        delete_everything_else,
        move_an_exercise,
        copy_without_metadata,
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_right_work_from_colab_earns_everything(change, form, course, executed):
    saved = as_colab_saves(executed, **form)
    change(saved)
    record = grade(course, saved)
    assert earned(record) == FULL
    assert (record.status, record.reasons) == (GRADED, ())


def test_an_answer_in_the_copy_of_its_cell_counts(course, executed):
    released = nbformat.read(course.released(LESSON), as_version=4)
    stub = next(cell.source for cell in released.cells if cell.source.startswith("def total"))
    saved = as_colab_saves(executed)
    copy_cell(saved, "total", random.Random(3))
    saved["cells"][place_of(saved, "total")]["source"] = stub
    record = grade(course, saved)
    assert earned(record) == FULL
    assert (record.status, record.reasons) == (GRADED, ())


def test_wrong_work_from_colab_earns_nothing_by_it(course, executed):
    saved = as_colab_saves(executed)
    saved["cells"][place_of(saved, "total")]["source"] = ["def total(numbers):\n", "    return 7"]
    record = grade(course, saved)
    assert earned(record) == FULL | {"total-visible": 0, "total-hidden": 0}
