"""After a short run: whether a whole one could bring a test to pass, and what counts after both.

A short run has run what tests depend on, as far as reading the notebook tells (see `needed`). A
test that has passed has passed. One that has not could have wanted something that was left out:
where a name of its own is so much as mentioned there, where a name is missing that is given a value
there, and where its error says that something is missing in a place that reading does not follow: a
file, a module, or an attribute of a module, function or class. Any other error comes from values
that a whole run would only work out once more, like a comparison that fails.
"""

import builtins
import re
from dataclasses import replace

MISSING = re.compile(r"name '([^\W\d]\w*)' is not defined\b")
ATTRIBUTE = re.compile(r"(module '|type object '|'\w*function' object ).*has no attribute")


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
    if error.ename == "AttributeError":
        return bool(ATTRIBUTE.search(error.evalue))
    kind = getattr(builtins, error.ename, None)
    return isinstance(kind, type) and issubclass(kind, OSError | ImportError)


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
