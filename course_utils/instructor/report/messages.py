"""The messages that a test can have, and which parts of them are literally written in it.

A test says something of its own in an assertion, or has `course_utils.checks` say it. A text may
come through a variable, a loop over texts, a dict of texts or an argument of a function in the
test; all of these are read, none is run.
"""

import ast
import re
from pathlib import Path

import course_utils
from course_utils.by_hand import LIBRARIES

CHECKS = Path(course_utils.__file__).with_name("checks.py")
KIND = ", which is of another kind or has other digits further on"  # as `checks._fail` says it
GAP = ["", ""]  # no literal part, and a value before the next one
UNKNOWN = ast.Constant(None)
MOST_WAYS, DEEPEST = 64, 4
SEQUENCES = ast.Tuple | ast.List | ast.Set


def templates(code):
    """Read the messages that a test can have.

    Parameters
    ----------
    code : str
        The test.

    Returns
    -------
    list of list of str
        The literal parts of each message, with a value between each two.
    """
    tree = ast.parse(code)
    bound = _bound(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and node.msg:
            found += _enough(_literals(node.msg, bound))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            called = node.exc.func
            if isinstance(called, ast.Name) and called.id == "AssertionError":
                found += _enough(_literals(node.exc.args[0], bound))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = node.func.value
            if isinstance(called, ast.Name) and called.id == "checks":
                found += _by_hand() if node.func.attr == "by_hand" else _checks(node, bound)
    return found


def values(literals, text):
    """Give what stands between the literal parts of a message.

    Parameters
    ----------
    literals : list of str
        One of `templates`.
    text : str

    Returns
    -------
    list of str or None
        None if the text is another message.
    """
    first, *others = literals
    if not text.startswith(first):
        return None
    found, place = [], len(first)
    for number, literal in enumerate(others, start=1):
        last = number == len(others)
        end = len(text) - len(literal) if last else text.find(literal, place)
        if end < place or not text.startswith(literal, end):
            return None
        found.append(text[place:end])
        place = end + len(literal)
    return found if place == len(text) else None


def texts(code):
    """Give the texts of a piece of code that are meant for people to read.

    Parameters
    ----------
    code : str

    Returns
    -------
    list of str
        Empty if it is no Python.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return []
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    ]


def _by_hand():
    """The messages of `checks.by_hand`: all libraries and their functions are public."""
    for library in {*LIBRARIES.values(), "NumPy"}:
        for instead in ("with NumPy and plain Python only", "without that"):
            yield ["", " called ", f" of {library}. Write it {instead}."]


def _checks(call, bound):
    """The messages that a call of another check can have: see `checks._fail`."""
    own = [keyword.value for keyword in call.keywords if keyword.arg == "hint"]
    hints = [way for it in own for way in _literals(it, bound)]
    fixed = texts(CHECKS.read_text(encoding="utf-8"))
    hints += [[text] for text in fixed if re.fullmatch(r".+\.", text)]
    hints = [[""], *([f"\nLook at this: {first}", *others] for first, *others in hints)]
    # Which argument is the name depends on the check; it does no harm to take any for it.
    words = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg != "hint")]
    names = [way for it in words for way in _literals(it, bound) if way != GAP]
    for name in [*names, ["Your answer"], ["Your network"]]:
        for between, end in ((", but got ", "."), ("\nbut got\n", "")):
            start = ": expected " if end else ": expected\n"
            for ending in (end, KIND + end):
                said = _joined([name], [[start, between, ending]])
                for hint in hints:
                    yield from _joined(said, [hint])


def _enough(ways):
    """Messages of which enough is literal to be told from anything else."""
    return [way for way in ways if len(re.findall(r"[^\W\d_]{2,}", " ".join(way))) >= 2]


def _literals(node, bound, depth=DEEPEST):
    """The ways in which a text can come out: lists of literal parts with a value between each."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [[node.value]]
    if isinstance(node, ast.FormattedValue) and node.conversion == -1 and not node.format_spec:
        return _literals(node.value, bound, depth)
    if isinstance(node, ast.JoinedStr):
        ways = [[""]]
        for part in node.values:
            ways = _joined(ways, _literals(part, bound, depth))
        return ways
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined(*(_literals(it, bound, depth) for it in (node.left, node.right)))
    choices = _choices(node, bound) if depth else []
    return _different(way for it in choices for way in _literals(it, bound, depth - 1)) or [GAP]


def _choices(node, bound):
    """The nodes of which one stands for this one."""
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.Name):
        return bound.get(node.id, [])
    if isinstance(node, ast.Subscript):
        return _parts(node.value, bound)
    return []


def _parts(node, bound):
    """What a dict holds as values, or a sequence as elements, as far as this can be read."""
    parts = []
    for it in _standing(node, bound):
        parts += it.values if isinstance(it, ast.Dict) else getattr(it, "elts", [UNKNOWN])
    return parts


def _joined(ways, others):
    """Every way of the first, followed by every way of the second, or by a value if too many."""
    if len(ways) * len(others) > MOST_WAYS:
        others = [GAP]
    return [[*a[:-1], a[-1] + b[0], *b[1:]] for a in ways for b in others]


def _different(ways):
    """Ways without repetition."""
    return list(map(list, dict.fromkeys(map(tuple, ways))))


# What names stand for


def _bound(tree):
    """The nodes that may stand for each name of a test."""
    bound = {}
    nodes = list(ast.walk(tree))  # outer loops come before those within them
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                _bind(target, node.value, bound)
        elif isinstance(node, ast.NamedExpr | ast.AnnAssign):
            _bind(node.target, node.value or UNKNOWN, bound)
        elif isinstance(node, ast.AugAssign):
            _bind(node.target, UNKNOWN, bound)
    for node in nodes:
        if isinstance(node, ast.For | ast.comprehension):
            for element in _elements(node.iter, bound):
                _bind(node.target, element, bound)
    functions = {node.name: node.args for node in nodes if isinstance(node, ast.FunctionDef)}
    for node in nodes:
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) in functions:
            _bind_arguments(functions[node.func.id], node, bound)
    return bound


def _bind(target, value, bound):
    """Note that a value is assigned to a target, which may be several names."""
    if isinstance(target, ast.Name):
        bound.setdefault(target.id, []).append(value)
    elif isinstance(target, ast.Subscript):
        _bind(target.value, ast.Tuple([value]), bound)
    elif isinstance(target, SEQUENCES):
        for it in _standing(value, bound):
            parts = getattr(it, "elts", [])
            fit = len(parts) == len(target.elts)
            for number, part in enumerate(target.elts):
                _bind(part, parts[number] if fit else UNKNOWN, bound)


def _standing(node, bound):
    """What a name stands for, as far as this is known yet; any other node itself."""
    return list(bound.get(node.id, [UNKNOWN])) if isinstance(node, ast.Name) else [node]


def _elements(node, bound):
    """What a loop over a node goes through."""
    if isinstance(node, ast.Call):
        return _elements_of_call(node, bound)
    elements = []
    for it in _standing(node, bound):
        elements += it.keys if isinstance(it, ast.Dict) else getattr(it, "elts", [UNKNOWN])
    return elements


def _elements_of_call(node, bound):
    """What a loop over ``it.items()``, ``enumerate(it)`` or ``zip(it, others)`` goes through."""
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if called == "enumerate" and node.args:
        return [ast.Tuple([UNKNOWN, it]) for it in _elements(node.args[0], bound)]
    if called == "items" and isinstance(node.func, ast.Attribute):
        keys, parts = (find(node.func.value, bound) for find in (_elements, _parts))
        return [ast.Tuple(list(it)) for it in zip(keys, parts, strict=False)]
    if called == "zip":
        sides = [_elements(it, bound) for it in node.args]
        most = max(map(len, sides), default=0)
        sides = [it if len(it) == most else [UNKNOWN] * most for it in sides]
        return [ast.Tuple(list(it)) for it in zip(*sides, strict=True)]
    return [UNKNOWN]


def _bind_arguments(parameters, call, bound):
    """Note what a call gives to the parameters of a function of the test's own."""
    for parameter, value in zip(parameters.args, call.args, strict=False):
        bound.setdefault(parameter.arg, []).append(value)
    for keyword in call.keywords:
        if keyword.arg:
            bound.setdefault(keyword.arg, []).append(keyword.value)
