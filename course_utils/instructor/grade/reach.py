"""Which names an exercise builds on, as far as reading a notebook's cells can tell."""

import ast
import re

from IPython.core.inputtransformer2 import TransformerManager

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
    """Name what a cell makes at its top level, roughly: inner names do no harm.

    Parameters
    ----------
    source : str

    Returns
    -------
    set of str
    """
    tree = parsed(source)
    if tree is None:
        return {name for names in MADE.findall(source) for name in names if name}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
    return found


def used(source):
    """Name what a cell reads, wherever.

    Parameters
    ----------
    source : str

    Returns
    -------
    set of str
    """
    tree = parsed(source)
    if tree is None:
        return set(re.findall(r"\w+", source))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


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
    if source.startswith("%%"):
        source = source.partition("\n")[2]
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
