"""A lesson's code with other random numbers: every seed that is written in it is moved."""

import ast

from course_utils.session import DEFAULT_SEED

KEYWORDS = {"seed", "random_state"}
SEEDING = {"set_random_seed", "default_rng", "RandomState"}
STEP = 1000
"""How far a seed is moved for the next run; lessons take neighbours such as 7, 8 and 9 at once."""


def reseeded(source, run):
    """Move the seeds in a cell's code.

    Moved are whole numbers that are passed as ``seed=`` or ``random_state=``, are the default of
    such a parameter, are passed first to what seeds (``set_random_seed``), or are given to a name
    that ends in ``seed`` or ``seeds``. ``session.begin`` without a seed gets its own one, moved.

    Parameters
    ----------
    source : str
        Code of one cell. What is not Python alone (magics) is left as it is.
    run : int
        Number of the run; 0 leaves everything as it is written.

    Returns
    -------
    str
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source
    if run == 0:
        return source
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    edits = [edit for node in ast.walk(tree) for edit in _edits(node, run * STEP)]
    for (line, start, end), text in sorted(edits, reverse=True):
        lines[line - 1] = lines[line - 1][:start] + text.encode() + lines[line - 1][end:]
    return b"".join(lines).decode()


def _edits(node, shift):
    """What is written anew in a node: pairs of place (line, first and last byte) and text."""
    for number in _numbers(node):
        place = number.lineno, number.col_offset, number.end_col_offset
        yield place, str(number.value + shift)
    if _begins(node):
        end = node.end_col_offset - 1
        yield (node.end_lineno, end, end), f", seed={DEFAULT_SEED + shift}"


def _begins(node):
    """Whether a node is ``session.begin(...)`` without a seed."""
    return (
        isinstance(node, ast.Call)
        and ast.unparse(node.func) == "session.begin"
        and len(node.args) == 1
        and not any(it.arg == "seed" for it in node.keywords)
    )


def _numbers(node):
    """The seeds that are written in a node itself."""
    if isinstance(node, ast.keyword) and node.arg in KEYWORDS:
        return _whole(node.value)
    if isinstance(node, ast.Call) and node.args:
        seeds = ast.unparse(node.func).rpartition(".")[2] in SEEDING
        return _whole(node.args[0]) if seeds else []
    if isinstance(node, ast.Assign):
        names = [part.id for it in node.targets for part in ast.walk(it) if hasattr(part, "id")]
        return _of_names(names, node.value)
    if isinstance(node, ast.arguments):
        named = [*node.posonlyargs, *node.args][-len(node.defaults) or None :]
        pairs = [*zip(named, node.defaults, strict=True)] if node.defaults else []
        pairs += zip(node.kwonlyargs, node.kw_defaults, strict=True)
        return [it for name, value in pairs if name.arg in KEYWORDS for it in _whole(value)]
    return []


def _of_names(names, value):
    """The seeds in what names are given: of one name all, of several those in its place."""
    if len(names) == 1:
        return _whole(value) if names[0].endswith(("seed", "seeds")) else []
    if not isinstance(value, ast.Tuple) or len(value.elts) != len(names):
        return []
    pairs = zip(names, value.elts, strict=True)
    return [it for name, part in pairs for it in _of_names([name], part)]


def _whole(value):
    """The whole number that a node is, or those of a tuple or list."""
    if isinstance(value, ast.Tuple | ast.List):
        return [it for part in value.elts for it in _whole(part)]
    return [value] if isinstance(value, ast.Constant) and type(value.value) is int else []
