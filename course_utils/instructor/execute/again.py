"""After a short run: whether a whole one could bring a test to pass, and what counts after both.

A short run has run what tests depend on, as far as reading the notebook tells (see `needed`). A
test that has passed has passed. One that has not could have wanted something that was left out:
where a name of its own is so much as mentioned there, where a name is missing that is given a value
there, where its error tells of files or of the machine, and where a kernel died.
"""

import re
from dataclasses import replace

MISSING = re.compile(r"name '([^\W\d]\w*)' is not defined\b")
# Errors that say what an answer does with what it is given, and nothing of what is around it.
OF_ITSELF = {
    "AssertionError",
    "IndexError",
    "NotImplementedError",
    "RecursionError",
    "Stopped",
    "TypeError",
}
OF_ITSELF |= {"UnboundLocalError", "ValueError", "ZeroDivisionError"}


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
    missing = MISSING.match(errors[-1].evalue)
    if errors[-1].ename == "NameError" and missing:
        return missing[1] in plan.left_out
    return errors[-1].ename not in OF_ITSELF


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
