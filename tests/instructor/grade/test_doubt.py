"""What asks for a person's look because a mark may be too low, and what does not."""

import json

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_utils.instructor.execute.elsewhere import Skipped
from course_utils.instructor.execute.outcome import FAILED, LEFT_OUT, NOT_RUN, RAN
from course_utils.instructor.grade.doubt import doubts, saved_cells

ANSWER = "def total(numbers):\n    return helper(numbers)"
TEST = "def test_total_visible():\n    assert total([1]) == 1\n\n\ntest_total_visible()"
HELPER = "helper = cv2.sum"


def cell(source, state=RAN, error="", name="", **roles):
    """An executed cell."""
    made = new_code_cell(source, metadata={"execution": {"state": state}})
    if name:
        made.metadata.nbgrader = {"grade_id": name, "grade": False, **roles}
    if error:
        ename, _, evalue = error.partition(": ")
        made.outputs = [new_output("error", ename=ename, evalue=evalue, traceback=[])]
    return made


def graded(*own, answer=ANSWER, error="AssertionError: no", state=FAILED, source=TEST):
    """An executed notebook with one exercise."""
    name = "total-visible"
    test = cell(source, state, error, name, grade=True)
    return new_notebook(cells=[*own, cell(answer, name="total", solution=True), test])


def handed_in(*cells):
    """A file: sources with execution counts and, if they failed, an error."""
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "source": source,
                "execution_count": count,
                "outputs": [{"output_type": "error"}] if failed else [],
            }
            for source, count, failed in cells
        ]
    }
    return json.dumps(notebook).encode()


NOTHING = handed_in()


def test_a_skipped_statement_counts_where_a_failing_answer_builds_on_it():
    skipped = [Skipped(0, "cv2", frozenset({"cv2"}))]
    notebook = graded(cell("import cv2"), cell(HELPER))
    words = "cell 1 asks for cv2, which is not here: look whether total would pass with it"
    assert doubts(NOTHING, notebook, skipped) == [words]


@pytest.mark.parametrize(
    "notebook",
    [
        graded(cell("import cv2"), cell(HELPER), state=RAN, error=""),
        graded(cell("import cv2"), answer="def total(numbers):\n    return 0"),
        graded(
            cell("import cv2"),
            cell(HELPER),
            answer=f"{ANSWER}\n    raise NotImplementedError('waiting')",
            error="NotImplementedError: waiting",
        ),
    ],
    ids=["all is well", "the answer does not use it", "not begun"],
)
def test_a_skipped_statement_that_no_mark_depends_on_is_not_told(notebook):
    assert doubts(NOTHING, notebook, [Skipped(0, "cv2", frozenset({"cv2"}))]) == []


def test_a_name_of_the_same_kind_elsewhere_is_no_way_to_a_skipped_statement():
    own = cell("def corners(row):\n    helper = cv2.corners(row)\n    return helper")
    notebook = graded(cell("import cv2"), own, answer="def total(row):\n    return sum(row)")
    test = cell(
        "helper = total\ncv2.show()", FAILED, "AssertionError: no", "other-visible", grade=True
    )
    notebook.cells.append(test)
    assert doubts(NOTHING, notebook, [Skipped(0, "cv2", frozenset({"cv2"}))]) == []


def test_an_answers_own_import_counts():
    notebook = graded(answer="import cv2\n\ndef total(numbers):\n    return cv2.sum(numbers)")
    assert len(doubts(NOTHING, notebook, [Skipped(0, "cv2", frozenset({"cv2"}))])) == 1


def test_a_name_that_the_error_tells_is_enough():
    notebook = graded(answer="this is no Python", error="NameError: name 'cv2' is not defined")
    assert len(doubts(NOTHING, notebook, [Skipped(0, "cv2", frozenset({"cv2"}))])) == 1


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        ("ModuleNotFoundError: No module named 'torch'", "torch"),
        ("ImportError: You must install pydot", "ImportError (You must install pydot)"),
        (
            "FileNotFoundError: No such file: '/content/x.png'",
            "FileNotFoundError (No such file: '/content/x.png')",
        ),
    ],
)
def test_what_an_answer_asks_for_while_it_runs_is_told(error, wanted):
    words = f"total-visible asks for {wanted}, which is not here: look whether total would pass"
    assert doubts(NOTHING, graded(error=error), []) == [f"{words} with it"]


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (FAILED, "AssertionError: no"),
        (FAILED, "NotImplementedError: Cannot convert a symbolic tf.Tensor to an array."),
        (NOT_RUN, ""),
    ],
)
def test_a_visible_test_that_passed_there_is_told(state, error):
    data = handed_in((ANSWER, 4, False), (TEST, 5, False))
    (words,) = doubts(data, graded(state=state, error=error), [])
    assert words.startswith("total-visible passed in the student's own notebook, and not here: ")
    assert words.endswith(error or "it was not run")


@pytest.mark.parametrize(
    "data",
    [
        handed_in((ANSWER, 4, False), (TEST, 5, True)),
        handed_in((ANSWER, 5, False), (TEST, 4, False)),
        handed_in((ANSWER, 4, False), (TEST, None, False)),
        handed_in((ANSWER, None, False), (TEST, 4, False)),
        handed_in((ANSWER + " + 1", 4, False), (TEST, 5, False)),
        handed_in((ANSWER, 4, False), (TEST.replace("== 1", "!= 1"), 5, False)),
        handed_in((ANSWER, "x", False), (TEST, "y", False)),
        handed_in((ANSWER, True, False), (TEST, 2.5, False)),
        NOTHING,
        b"",
        b"[1]",
        b'{"cells": [1]}',
        b'{"cells": [{"source": 3}]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_evidence_is_not_told(data):
    assert doubts(data, graded(), []) == []


def test_a_cell_without_points_that_ran_there_is_told():
    own = cell("plt.hist2(x)", FAILED, "AttributeError: module has no attribute 'hist2'")
    data = handed_in(("plt.hist2(x)", 3, False))
    (words,) = doubts(data, graded(own, state=RAN, error=""), [])
    assert words.startswith("cell 1 ran in the student's own notebook, and not here: AttributeErr")
    failed_there = handed_in(("plt.hist2(x)", 3, True))
    assert doubts(failed_there, graded(own, state=RAN, error=""), []) == []


def test_a_cell_that_was_left_out_is_no_evidence():
    own = cell("plt.hist2(x)", LEFT_OUT, "AttributeError: module has no attribute 'hist2'")
    data = handed_in(("plt.hist2(x)", 3, False))
    assert doubts(data, graded(own, state=RAN, error=""), []) == []


def test_sources_may_be_lists_of_lines():
    data = json.dumps({"cells": [{"source": ["a = 1\n", "b"], "execution_count": 2}]}).encode()
    assert list(saved_cells(data).values()) == [(2, False)]
