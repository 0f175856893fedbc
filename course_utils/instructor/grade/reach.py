"""Which names an exercise builds on, as far as reading a notebook's cells can tell."""

import ast
import re

from IPython.core.inputtransformer2 import TransformerManager

from course_utils.instructor.lessons.cell_text import made_and_read

# What is found in a cell that is no Python, or not yet: this one may be older than Colab's.
MADE = re.compile(
    r"^[ \t]*(?:async[ \t]+)?(?:def|class|type)[ \t]+(\w+)"
    r"|^[ \t]*(\w+)[ \t]*(?::[^=\n]+)?=(?!=)"
    r"|\bimport\b.*?(\w+)[ \t]*$",
    re.MULTILINE,
)


def reach(sources, names):
    """Every name that some names hang on, by way of the code that makes these.

    Parameters
    ----------
    sources : iterable of str
        Of the cells that may make them.
    names : set of str
        To begin with.

    Returns
    -------
    set of str
    """
    cells = [(made(source), used(source)) for source in sources]
    reached, new = set(), set(names)
    while new:
        reached |= new
        new = {it for its, other in cells if its & new for it in other} - reached
    return reached


def made(source):
    """Name what a cell makes for all cells.

    Parameters
    ----------
    source : str

    Returns
    -------
    set of str
    """
    if parsed(source) is None:
        return {name for names in MADE.findall(source) for name in names if name}
    return made_and_read(_python(source))[0]


def used(source):
    """Name what a cell reads of what cells make.

    Parameters
    ----------
    source : str

    Returns
    -------
    set of str
    """
    if parsed(source) is None:
        return set(re.findall(r"\w+", source))
    return made_and_read(_python(source))[1]


def parsed(source):
    """Read a cell, magics and shell commands aside.

    Parameters
    ----------
    source : str

    Returns
    -------
    ast.Module or None
        None if it is no Python.
    """
    try:
        return ast.parse(_python(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _python(source):
    """A cell as Python reads it."""
    if source.startswith("%%"):
        source = source.partition("\n")[2]
    return TransformerManager().transform_cell(source)
