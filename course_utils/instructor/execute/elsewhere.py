"""Statements that work where the student wrote them and cannot work here, and what follows them.

A notebook written in Colab asks for its packages, its files, the network, a graphics card, or for
an answer from the keyboard. Where such a statement fails, the rest of its cell is run all the same:
the answer below ``import cv2`` may not need it.
"""

import ast
import re
from dataclasses import dataclass

from course_utils.instructor.lessons.cell_text import NO_PYTHON, python_of

MOST = 50  # statements of a cell that may fail like this
# Names of errors that tell of the place; and words that do, in an error or in its statement.
PLACES = {
    "CalledProcessError",
    "ImportError",
    "ModuleNotFoundError",
    "NotInTheGrader",
    "StdinNotImplementedError",
    "UsageError",  # a magic that is not here
    # the network
    "ConnectError",
    "ConnectTimeout",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "HTTPError",
    "MaxRetryError",
    "NewConnectionError",
    "ProxyError",
    "SSLError",
    "URLError",
    "gaierror",
}
IN_ERRORS = re.compile(
    r"/content\b|\bdrive/My ?Drive|\bsample_data\b|URL fetch failure|Could not resolve host"
    r"|name resolution|Network is unreachable|nvidia-smi|cannot be loaded from .*gs://"
    r"|'tensorflow_datasets' has no attribute"  # what it cannot import beside a protobuf, it lacks
)
IN_STATEMENTS = re.compile(r"gpu|cuda|\btpu\b|version_info", re.IGNORECASE)
WRAPPERS = re.compile(r"\s*%%(time|timeit|prun)\b.*\n")  # magics around a whole cell
CAPTURE = re.compile(r"\s*%%capture(\s+--\S+)*[ \t]*\n")  # it would hide errors, from us as well
# Run in the kernel: the line and column of its cell in which the last error came about.
PLACE = """result = next(([it.lineno, it.positions.col_offset or 0]
    for it in __import__("inspect").getinnerframes(__import__("sys").last_value.__traceback__)
    if it.function == "<module>" or it.function.startswith("<cell line")), [0, 0])"""


@dataclass(frozen=True)
class Skipped:
    """A statement that could not work here.

    Attributes
    ----------
    cell : int
        The place of its cell among all the notebook's, from 0.
    wants : str
        What it asked for, in a few words.
    names : frozenset of str
        Names that it would have given a value.
    """

    cell: int
    wants: str
    names: frozenset


def uncaptured(source):
    """Give a cell without the magic that hides what the cell shows, unless it keeps that.

    Parameters
    ----------
    source : str

    Returns
    -------
    str
    """
    return CAPTURE.sub("", source, count=1) if CAPTURE.match(source) else source


def split(source, line, column=0):
    """Take a cell apart at the statement in which an error came about.

    Parameters
    ----------
    source : str
        A cell, with whatever only IPython understands.
    line, column : int
        From 1, and from 0.

    Returns
    -------
    (str, ast.stmt, str, str) or None
        What stands before the statement, the statement, its own text and what follows it; None if
        this is no Python, or no statement stands there. A magic around the whole cell, such as
        ``%%time``, is a statement of its own, and the cell follows it.
    """
    if wrapper := WRAPPERS.match(source):
        return "", ast.Pass(), wrapper[0], source[wrapper.end() :]
    try:
        code, tree = python_of(source)
    except NO_PYTHON:
        return None
    body = tree.body
    starts = [_offset(code, it.lineno, it.col_offset) for it in body]
    for number, statement in enumerate(body):
        first = (statement.lineno, 0 if number == 0 else statement.col_offset)
        if first <= (line, column) < (statement.end_lineno, statement.end_col_offset):
            end = starts[number + 1] if number + 1 < len(starts) else len(code)
            return code[: starts[number]], statement, code[starts[number] : end], code[end:]
    return None


def wants(reply, text, missing=()):
    """Tell what of another place a statement asked for when it failed.

    Parameters
    ----------
    reply : dict
        The kernel's, with ``ename`` and ``evalue``.
    text : str
        The statement's source.
    missing : collection of str
        Names that earlier statements like this one would have given a value.

    Returns
    -------
    str
        In a few words; empty if its error has another cause.
    """
    name, said = str(reply.get("ename", "")), str(reply.get("evalue", ""))
    absent = re.match(r"No module named '([\w.]+)'", said)
    if absent:
        return absent[1]
    unknown = re.match(r"name '(\w+)' is not defined", said)
    if name == "NameError" and unknown and unknown[1] in missing:
        return unknown[1]
    told = " ".join(said.split())[:80]
    if name in PLACES or IN_ERRORS.search(said):
        return f"{name} ({told})" if told else name
    if IN_STATEMENTS.search(text):
        return f"{name} in {' '.join(text.split())[:60]}"
    return ""


def apart(statement):
    """Give an import of several things as one import each; nothing for any other statement.

    Parameters
    ----------
    statement : ast.stmt

    Returns
    -------
    str
        Lines of code.
    """
    if not isinstance(statement, ast.Import | ast.ImportFrom) or len(statement.names) < 2:
        return ""
    single = []
    for alias in statement.names:
        one = type(statement)(**{**vars(statement), "names": [alias]})
        single.append(ast.unparse(one))
    return "\n".join([*single, ""])


def bound(statement):
    """Name what a statement would give a value.

    Parameters
    ----------
    statement : ast.stmt

    Returns
    -------
    frozenset of str
    """
    names = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
    return frozenset(names - {"*"})


def _offset(code, line, column):
    """A place in a text, from a line from 1 and a column in bytes of UTF-8."""
    lines = code.splitlines(keepends=True)
    before = lines[line - 1].encode()[:column].decode()
    return sum(map(len, lines[: line - 1])) + len(before)
