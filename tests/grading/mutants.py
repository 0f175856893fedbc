"""Mutants of a reference solution: each has one change, and the tests should notice it.

The changes are those that students make without meaning to: a comparison the other way round, a
number off by one, a step left out, a neighbour of the right function. Only what stands between
BEGIN SOLUTION and END SOLUTION is changed, one place at a time, and the rest of the text is as it
was, so that a mutant is known by its line before and after.
"""

import ast
import copy
import re

SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)^\s*### END SOLUTION", re.DOTALL | re.MULTILINE)
COMPARED = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
CALCULATED = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
NEIGHBOURS = {
    **{"max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax", "sum": "mean"},
    **{"mean": "sum", "maximum": "minimum", "minimum": "maximum", "floor": "ceil", "ceil": "floor"},
    **{"zeros": "ones", "ones": "zeros", "any": "all", "all": "any", "median": "mean"},
    **{"exp": "log", "log": "exp", "round": "floor", "zeros_like": "ones_like", "std": "var"},
    **{"ones_like": "zeros_like", "append": "extend", "sqrt": "square", "square": "sqrt"},
    **{"MaxPooling2D": "AveragePooling2D", "flipud": "fliplr", "fliplr": "flipud"},
}
TEXTS = {
    **{"relu": "linear", "softmax": "sigmoid", "same": "valid", "valid": "same", "sigmoid": "tanh"},
    **{"accuracy": "mse", "val_loss": "loss", "val_accuracy": "accuracy", "loss": "val_loss"},
    **{"float32": "int64", "adam": "sgd", "sgd": "adam"},
}


def mutants(code):
    """Give the mutants of an answer cell, by what was changed: the line before, and after.

    Parameters
    ----------
    code : str
        A reference solution with its two markers.

    Returns
    -------
    dict of str to str
        Code that is no Python, or the same as the original, is left out.
    """
    regions = [_lines(code, found) for found in SOLUTION.finditer(code)]
    nodes = ast.walk(ast.parse(code)) if regions else ()
    made = {}
    for node in nodes:
        if not any(_within(node, region) for region in regions):
            continue
        for text in _changes(node):
            mutant = _replaced(code, node, text)
            if mutant != code and mutant not in made.values() and _is_python(mutant):
                made[_name(code, mutant, made)] = mutant
    return made


def _lines(code, found):
    """The numbers of the first and the last line of a match's group."""
    return code.count("\n", 0, found.start(1)) + 1, code.count("\n", 0, found.end(1))


def _within(node, region):
    """Whether a node stands between two lines."""
    first, last = region
    return first <= getattr(node, "lineno", 0) and node.end_lineno <= last


def _changes(node):
    """The texts that may stand in a node's place."""
    for maker in (_of_operators, _of_values, _of_calls, _of_containers, _of_statements):
        for changed in maker(node):
            yield changed if isinstance(changed, str) else ast.unparse(changed)


def _with(node, **fields):
    """A copy of a node with other fields."""
    made = copy.deepcopy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def _of_operators(node):
    """Another comparison, calculation or junction; a condition that always or never holds."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in COMPARED.get(type(node.ops[0]), ()):
            yield _with(node, ops=[other()])
    if isinstance(node, ast.BinOp):
        for other in CALCULATED.get(type(node.op), ()):
            yield f"({ast.unparse(_with(node, op=other()))})"
        if isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
            yield node.left
    if isinstance(node, ast.AugAssign):
        for other in CALCULATED.get(type(node.op), ()):
            yield _with(node, op=other())
        yield f"{ast.unparse(node.target)} = {ast.unparse(node.value)}"
    if isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse


def _of_values(node):
    """Another number, truth value or text; a part of a slice left out."""
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool):
            yield str(not value)
        elif isinstance(value, int):
            yield str(value + 1)
            yield f"({value - 1})" if value <= 0 else str(value - 1)
        elif isinstance(value, float):
            yield str(value * 2)
            yield str(value / 2)
        elif isinstance(value, str) and value in TEXTS:
            yield repr(TEXTS[value])
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        for part in ("lower", "upper", "step"):
            if getattr(node.slice, part) is not None:
                yield _with(node, slice=_with(node.slice, **{part: None}))


def _of_calls(node):
    """A neighbour of the function called, an argument less, or the call left out."""
    if not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Attribute):
        if node.func.attr in NEIGHBOURS:
            yield _with(node, func=_with(node.func, attr=NEIGHBOURS[node.func.attr]))
        if not isinstance(node.func.value, ast.Name) or not node.args:
            yield node.func.value
    if isinstance(node.func, ast.Name) and node.func.id in NEIGHBOURS:
        yield _with(node, func=_with(node.func, id=NEIGHBOURS[node.func.id]))
    if node.args and not isinstance(node.args[0], ast.Starred | ast.GeneratorExp):
        yield node.args[0]
    for number in range(len(node.keywords)):
        yield _with(node, keywords=node.keywords[:number] + node.keywords[number + 1 :])
    if len(node.args) > 1:
        yield _with(node, args=node.args[:-1])
        if len(node.args) == 2:
            yield _with(node, args=node.args[::-1])


def _of_containers(node):
    """A list or tuple with a member less, or with two exchanged."""
    several = isinstance(node, ast.List | ast.Tuple) and len(node.elts) > 1
    if several and isinstance(node.ctx, ast.Load):
        for number, member in enumerate(node.elts):
            before, after = node.elts[:number], node.elts[number + 1 :]
            yield _with(node, elts=[*before, *after])
            if after:
                yield _with(node, elts=[*before, after[0], member, *after[1:]])
    if isinstance(node, ast.GeneratorExp | ast.ListComp) and node.generators[0].ifs:
        first = _with(node.generators[0], ifs=[])
        yield _with(node, generators=[first, *node.generators[1:]])


def _of_statements(node):
    """A step left out, a condition that always or never holds, another end of a loop."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr):
        yield "pass"
    if isinstance(node, ast.Return) and node.value is not None:
        yield "return None"
    if isinstance(node, ast.Break | ast.Continue):
        yield "continue" if isinstance(node, ast.Break) else "break"
    if isinstance(node, ast.If | ast.While):
        for holds in (True, False):
            yield _with(node, test=ast.Constant(holds))
    if isinstance(node, ast.For) and len(node.body) > 1:
        yield _with(node, body=node.body[:-1])


def _replaced(code, node, text):
    """The code with another text in a node's place, its further lines as far in as the first."""
    lines = [line.encode() for line in code.splitlines(keepends=True)]
    before = lines[node.lineno - 1][: node.col_offset]
    after = lines[node.end_lineno - 1][node.end_col_offset :]
    text = text.replace("\n", "\n" + " " * node.col_offset)
    lines[node.lineno - 1 : node.end_lineno] = [before + text.encode() + after]
    return b"".join(lines).decode()


def _is_python(code):
    """Whether code compiles."""
    try:
        compile(code, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def _name(code, mutant, taken):
    """What a mutant is called: the lines that differ, before and after; numbered if need be."""
    old, new = code.splitlines(), mutant.splitlines()
    start = next(it for it, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1])
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    parts = [_in_one_line(lines[start : len(lines) - end]) for lines in (old, new)]
    name = " → ".join(parts)
    number = 2
    while name in taken:
        name, number = f"{' → '.join(parts)} ({number})", number + 1
    return name


def _in_one_line(lines):
    """Some lines of code on one."""
    return " ".join(" ".join(lines).split())
