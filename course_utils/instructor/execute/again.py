"""After a short run: whether a whole one could bring a test to pass, and what counts after both.

A short run has run what tests depend on, as far as reading the notebook tells (see `needed`). A
test that has passed has passed. One that has not could have wanted something that was left out:
where a name of its own is so much as mentioned there, where a name is missing that is given a value
there, and wherever its error is not a comparison of its own that has failed.
"""

import re
from dataclasses import replace

from course_utils.instructor.plain_text import COLOURS

MISSING = re.compile(r"name '([^\W\d]\w*)' is not defined\b")
FRAME = re.compile(r"^ *Cell In\[(\d+)\], line", re.MULTILINE)  # of a plain traceback


def could_help(cell, plan):
    """Tell whether a test that has failed could pass if everything were run.

    Parameters
    ----------
    cell : NotebookNode
        The test, executed.
    plan : needed.Plan
        What was run; what the test depends on shares no name with what was not.

    Returns
    -------
    bool
    """
    errors = [it for it in cell.outputs if it.output_type == "error"]
    if not errors:
        return True
    error = errors[-1]
    missing = MISSING.match(error.evalue)
    if error.ename == "NameError" and missing:
        return missing[1] in plan.left_out
    return error.ename != "Stopped" and not _is_own_comparison(error)


def _is_own_comparison(error):
    """Whether an error is an assertion of the test itself, and came about in no other cell."""
    frames = FRAME.findall(COLOURS.sub("", "\n".join(error.traceback)))
    return error.ename == "AssertionError" and len(set(frames)) == 1


def better(short, whole, tests):
    """Give what counts after both runs: the whole one, but a test that has passed has passed.

    Parameters
    ----------
    short, whole : Execution
    tests : collection of int
        Places of tests that have passed in the short run, and not in the whole one.

    Returns
    -------
    Execution
    """
    for number in tests:
        whole.notebook.cells[number] = short.notebook.cells[number]
    own = [it for it in short.incidents if it.cell in tests and it not in whole.incidents]
    return replace(whole, incidents=(*whole.incidents, *own), run="both")
