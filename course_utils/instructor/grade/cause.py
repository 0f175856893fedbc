"""Why a test could not pass, whatever it asks: the answer is no Python, or a name in it is missing.

This is found by reading the answer here, and not by what the student's code says of itself. So it
may be told as it is, also of a hidden test.
"""

import ast
import re
import sys

from course_utils.instructor.lessons.cell_text import (
    NO_PYTHON,
    assigned,
    defined,
    made_and_read,
    python_of,
)

MISSING = re.compile(r"(?:NameError: )name '([^\W\d]\w*)' is not defined\b")


def cause(answer, message, cells=()):
    """Tell why a test of an answer could not pass.

    Parameters
    ----------
    answer : NotebookNode
        The answer's cell, executed.
    message : str
        What the failing test said.
    cells : sequence of str
        What stands in the notebook's code cells.

    Returns
    -------
    str
        In a sentence; empty if the test says best what is wrong.
    """
    try:
        _, tree = python_of(answer.source)
    except SyntaxError as error:
        version = "{}.{}".format(*sys.version_info)
        where = f"line {error.lineno} of your answer" if error.lineno else "your answer"
        return f"SyntaxError: {where} is no Python {version}: {error.msg}."
    except NO_PYTHON:
        return ""
    missing = MISSING.match(message)
    if not missing:
        return ""
    stopped = [it.ename for it in answer.outputs if it.output_type == "error"]
    if missing[1] in _made(tree):
        kind = f" with {stopped[-1]}" if stopped and re.fullmatch(r"\w{1,40}", stopped[-1]) else ""
        return f"Your answer's cell stopped{kind} before it came to {missing[1]}." if kind else ""
    if missing[1] in {it.id for it in ast.walk(tree) if isinstance(it, ast.Name)}:
        if any(missing[1] in _given(cell) for cell in (*cells, answer.source)):
            why = "and the line that makes it did not work where this was graded"
        else:
            why = "which nothing in the notebook gives it"
        return f"Your answer uses the name {missing[1]}, {why}."
    return ""


def _given(source):
    """Names that a cell of any kind, be it Python of this version or not, gives something."""
    return made_and_read(source)[0] | defined(source) | assigned(source)


def _made(tree):
    """Names that an answer's cell makes at its top level."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    made = {it.name for it in tree.body if isinstance(it, kinds)}
    assigned = (it for it in tree.body if isinstance(it, ast.Assign | ast.AnnAssign))
    names = (name for it in assigned for name in ast.walk(it) if isinstance(name, ast.Name))
    return made | {it.id for it in names if isinstance(it.ctx, ast.Store)}
