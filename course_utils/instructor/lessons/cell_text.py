"""Compare the texts of cells: what two of them share, what one defines, what a change does."""

import ast
import re
import symtable
import warnings
from copy import deepcopy
from difflib import SequenceMatcher

from IPython.core.inputtransformer2 import TransformerManager

NO_PYTHON = SyntaxError, ValueError, RecursionError, MemoryError
LONGEST_CODE = 100_000  # characters; what is longer is compared as text only
LONGEST_PROSE = 20_000
MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)
WORD = re.compile(r"\w+|[^\w\s]")
DEFINED = re.compile(r"^(?:async +)?(?:def|class) +(\w+)|^(\w+) *= *lambda\b", re.MULTILINE)
ASSIGNED = re.compile(r"^(\w+) *(?::[^=\n]+)?=(?!=)", re.MULTILINE)
WAITING = re.compile(r"^[ \t]*raise NotImplementedError\b", re.MULTILINE)
LOOKING = ("print", "display", "type", "len", "repr")  # calls that show something and no more


def python_of(text):
    """Read a cell as IPython does, with whatever only IPython understands.

    Parameters
    ----------
    text : str

    Returns
    -------
    code : str
        What IPython hands to Python.
    tree : ast.Module

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        `NO_PYTHON`: if it is none, or nothing that Python can read.
    """
    code = TransformerManager().transform_cell(text)
    return code, ast.parse(code)


def plain(text):
    """Give a text without white space at its ends and at those of its lines."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def added(text, given):
    """List the lines of a text that another one has not."""
    known = {line.strip() for line in given.splitlines()}
    return [line for line in text.splitlines() if line.strip() and line.strip() not in known]


def likeness(text, other):
    """Tell how alike two texts are, from 0 to 1, word for word."""
    words, others = (WORD.findall(it[:LONGEST_PROSE]) for it in (text, other))
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < 0.5:
        return 0.0  # as good as nothing, and telling exactly takes long
    return matcher.ratio()


def defined(text):
    """Names of the functions and classes that a text defines, be it valid Python or not."""
    return {first or second for first, second in DEFINED.findall(text)}


def assigned(text):
    """Names that a text assigns to at the beginning of a line."""
    return set(ASSIGNED.findall(text))


def statements(text):
    """Parse the statements of a cell; magics and what starts a shell are left out.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of ast.stmt or None
        None if it is no Python, or longer than any answer.
    """
    if len(text) > LONGEST_CODE:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(MAGIC.sub("", text)).body
    except NO_PYTHON:
        return None


def code(text):
    """Describe the statements of a cell; layout, comments and magics make no difference.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str or None
        None if it is no Python.
    """
    return _described(statements(text))


def could_help(changed, given):
    """Tell whether a changed test could pass more easily than the one that was given.

    Statements that only show something make no difference, nor does what a failing assertion says,
    nor a change after which it is no Python.
    """
    kept = []
    for nodes in map(statements, (changed, given)):
        for node in nodes or []:
            if isinstance(node, ast.Assert):
                node.msg = None
        kept.append(nodes and [node for node in nodes if not _only_shows(node)])
    changed, given = map(_described, kept)
    return None not in (changed, given) and changed != given


def imports(text):
    """Give the names that a cell imports, each with the statement that does.

    Parameters
    ----------
    text : str

    Returns
    -------
    dict of str to str
    """
    found = {}
    for statement in statements(text) or []:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                alone = deepcopy(statement)
                alone.names = [alias]
                found[alias.asname or alias.name.split(".")[0]] = ast.unparse(alone)
    return found


def waits(text):
    """Whether an answer's cell still raises what it was given with: that it waits for an answer."""
    return WAITING.search(text) is not None


def borrowed(text):
    """Names that a cell's code reads and does not make: built-in ones, or those of other cells.

    A name that is made inside a function, or imported there, is that function's own.
    """
    made, read = made_and_read(text)
    return read - made


def made_and_read(text):
    """Names that a cell's code makes for all cells, and names that it reads of theirs or its own.

    Both are sets; a name may be in either. A name that is made inside a function, or imported
    there, is that function's own.
    """
    made, read = set(), set()
    for name in _names(text):
        if name.is_global():
            own = name.is_assigned() or name.is_imported()
            if own:
                made.add(name.get_name())
            if name.is_referenced() or not own:
                read.add(name.get_name())
    return made, read


def imported(text):
    """Names that a cell imports, other than within a function."""
    return {name.get_name() for name in _names(text) if name.is_global() and name.is_imported()}


def _names(text):
    """Every name in a cell's code, as Python sees it there; none if it is no Python."""
    try:
        if len(text) > LONGEST_CODE:
            return
        with warnings.catch_warnings(action="ignore"):
            tables = [symtable.symtable(MAGIC.sub("", text), "cell", "exec")]
    except NO_PYTHON:
        return
    for table in tables:
        tables += table.get_children()
        yield from table.get_symbols()


def _described(nodes):
    """Statements as texts; None if there are none to be had."""
    try:
        return None if nodes is None else [ast.dump(node) for node in nodes]
    except (RecursionError, ValueError):  # as of a number with more digits than Python writes
        return None


def _only_shows(statement):
    """Whether a statement shows something and changes nothing."""
    if isinstance(statement, ast.Pass):
        return True
    if not isinstance(statement, ast.Expr):
        return False
    value = statement.value
    if isinstance(value, ast.Call):
        named = isinstance(value.func, ast.Name) and value.func.id in LOOKING
        return named and not any(isinstance(part, ast.NamedExpr) for part in ast.walk(value))
    return isinstance(value, ast.Constant | ast.Name)
