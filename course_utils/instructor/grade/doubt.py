"""Where a mark may be too low for a reason that is not the student's: for a person to look at.

A statement may have been left out because only Colab can run it; an error may come from another
version's being here than there; and the notebook itself may say that a test has passed, or a cell
run, where the student wrote it. What a notebook says is never a mark, because anybody can write it.
But it is no zero in silence either.
"""

import json
from typing import NamedTuple

from course_utils.hand_in import fingerprint
from course_utils.instructor.execute.elsewhere import wants
from course_utils.instructor.execute.outcome import FAILED, NOT_RUN
from course_utils.instructor.grade.version_errors import version_errors
from course_utils.instructor.lessons.cell_text import NO_PYTHON, made_and_read, python_of, waits
from course_utils.instructor.lessons.exercises import HIDDEN, VISIBLE
from course_utils.instructor.plain_text import in_one_line

LONGEST = 120  # characters of an error


class Saved(NamedTuple):
    """What a notebook as it was handed in says of a cell: its number, and whether it failed."""

    count: int
    failed: bool


def doubts(data, notebook, skipped, different=None):
    """Say what a person should look at, because a mark may be too low.

    Parameters
    ----------
    data : bytes
        The file as it was handed in.
    notebook : NotebookNode
        The executed notebook.
    skipped : sequence of elsewhere.Skipped
        Statements that cannot work here.
    different : dict of str to versions.Difference, optional
        What Colab has in another version, by name.

    Returns
    -------
    list of str
    """
    cells = {number: cell for number, cell in enumerate(notebook.cells) if _is_code(cell)}
    answers = {_name(cell): cell.source for cell in cells.values()}
    failing = {_name(cell): cell for cell in cells.values() if _fails(cell, answers)}
    saved = saved_cells(data)
    return [
        *_of_skipped(cells, skipped, failing),
        *_of_errors(failing),
        *version_errors(cells, failing, different or {}),
        *_of_tests(answers, saved, failing),
        *_of_own_cells(cells, saved),
    ]


def saved_cells(data):
    """Read what a notebook as it was handed in says of its code cells.

    Parameters
    ----------
    data : bytes
        The file. Whatever is in it, nothing is raised.

    Returns
    -------
    dict of str to Saved
        By the cell's `fingerprint`: of those that have been run, the last one of each text.
    """
    found = {}
    try:
        for cell in json.loads(data)["cells"]:
            source = cell["source"]
            text = source if isinstance(source, str) else "".join(source)
            count, outputs = cell.get("execution_count"), cell.get("outputs") or []
            if type(count) is int and count > 0:
                failed = any(it.get("output_type") == "error" for it in outputs)
                found[fingerprint(text)] = Saved(count, failed)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass  # such a file is no evidence
    return found


def _of_skipped(cells, skipped, failing):
    """Skipped statements whose names a failing exercise uses."""
    if not skipped:
        return  # as mostly: nothing needs to be read for it
    exercises = {test.rpartition("-")[0] for test in failing}
    reach = {name: _reach(cells.values(), name) for name in exercises}
    for statement in skipped:
        told = [
            name
            for name in sorted(exercises)
            if statement.names & reach[name]
            or any(
                f"'{it}'" in _error(cell)
                for it in statement.names
                for test, cell in failing.items()
                if test.startswith(f"{name}-")
            )
        ]
        if told:
            yield (
                f"cell {statement.cell + 1} asks for {statement.wants}, which is not here: look "
                f"whether {', '.join(told)} would pass with it"
            )


def _of_errors(failing):
    """What the answers of failing tests asked for while they ran."""
    asked = {}
    for test, cell in failing.items():
        errors = [it for it in cell.outputs if it.output_type == "error"]
        # A name that a module which is here has not is for `version_errors` to judge.
        if not errors or errors[-1].evalue.startswith("cannot import name"):
            continue
        if wanted := wants(errors[-1], ""):
            asked.setdefault((test.rpartition("-")[0], wanted), test)
    for (exercise, wanted), test in asked.items():
        yield (
            f"{test} asks for {wanted}, which is not here: look whether {exercise} would pass "
            "with it"
        )


def _of_tests(answers, saved, failing):
    """Visible tests that passed where the student ran them, and do not here."""
    for test, cell in failing.items():
        if not test.endswith(VISIBLE):
            continue
        before = saved.get(fingerprint(cell.source))
        answer = saved.get(fingerprint(answers.get(test.removesuffix(VISIBLE), "")))
        if before and answer and not before.failed and before.count > answer.count:
            here = _error(cell) or "it was not run"
            yield f"{test} passed in the student's own notebook, and not here: {here}"


def _of_own_cells(cells, saved):
    """Cells without points that ran where the student ran them, and fail here."""
    for number, cell in cells.items():
        before = saved.get(fingerprint(cell.source))
        test = cell.metadata.get("nbgrader", {}).get("grade")
        fails = _state(cell) == FAILED and not cell.metadata.execution.get("elsewhere")
        if before and not before.failed and not test and fails:
            where = f"cell {number + 1} ran in the student's own notebook"
            yield f"{where}, and not here: {_error(cell)}"


def _is_code(cell):
    """Whether a cell is code."""
    return cell.cell_type == "code"


def _is_test(cell):
    """Whether a cell is a test of an exercise."""
    graded = cell.metadata.get("nbgrader", {}).get("grade")
    return bool(graded and _name(cell).endswith((VISIBLE, HIDDEN)))


def _name(cell):
    """A cell's grade id, or nothing."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _state(cell):
    """How a cell went."""
    return cell.metadata.execution.state


def _fails(cell, answers):
    """Whether a cell is a test that has not passed, though its exercise was begun."""
    answer = answers.get(_name(cell).rpartition("-")[0], "")
    # TensorFlow raises an error of this kind as well.
    waiting = _error(cell).startswith("NotImplementedError") and waits(answer)
    return _is_test(cell) and not waiting and _state(cell) in (FAILED, NOT_RUN)


def _error(cell):
    """The error that a cell shows, in one line; empty if it shows none."""
    errors = [it for it in cell.outputs if it.output_type == "error"]
    return in_one_line(f"{errors[-1].ename}: {errors[-1].evalue}", LONGEST) if errors else ""


def _reach(cells, exercise):
    """Every name that an exercise's answer needs, by way of the student's own cells, too."""
    codes = [(_name(cell), *made_and_read(_code(cell))) for cell in cells if not _is_test(cell)]
    reached, new = set(), {it for name, _, read in codes if name == exercise for it in read}
    while new:
        reached |= new
        new = {it for _, made, read in codes if made & new for it in read} - reached
    return reached


def _code(cell):
    """A cell as Python reads it."""
    try:
        return python_of(cell.source)[0]
    except NO_PYTHON:
        return ""
