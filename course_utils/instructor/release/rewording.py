"""Compare code by what it computes, so that a solution in other words is still recognised.

Code is read into *steps*: trees of operations in which the value of a variable stands where the
variable stood. So it does not matter how variables are called, whether a value gets a name on its
way or several share one, in which order independent statements come, how lines are split, or
whether a function is a ``def`` or a ``lambda``. Neither do docstrings, comments, annotations and
messages of assertions matter, nor:

* how a function is imported and called: ``np.sum(x)``, ``numpy.sum(x)``, ``sum(x)``, ``x.sum()``
* the order of keyword arguments, and of what ``+``, ``*``, ``==``, ``and`` and ``or`` combine;
  ``a < b`` and ``b > a``; ``x += y`` and ``x = x + y``; ``a @ b`` and ``np.dot(a, b)``
* ``height, width = shape`` and ``height = shape[0]``; lists, tuples and sets; ``1`` and ``1.0``
* a loop that appends and a comprehension; ``if … else`` in a line, in a block, and after a return

Not recognised is code that reaches the same result in another way: other functions of a library,
other formulas, ``while`` for ``for``, an expression moved into a function of its own, numbers
calculated or kept in a variable of another cell. Nor is code that does not parse.
"""

import ast
import builtins
import warnings
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from zlib import crc32

LARGEST_VALUE = 150
"""Nodes of the largest tree that stands for a variable; else a chain of sums could grow forever."""

DEEPEST = 100
"""Levels of a syntax tree that are read; what people write has a tenth."""
USUAL_MODULES = ("np", "numpy", "tf", "tensorflow", "keras", "layers", "plt", "math", "random")
"""What a passage without its imports means by these names."""
BUILTINS = frozenset(dir(builtins))
SAME_FUNCTION = {"matmul()": "dot()", "append()": "item"}
COMMUTATIVE = (ast.Add, ast.Mult, ast.BitAnd, ast.BitOr, ast.BitXor)
UNORDERED = {kind.__name__ for kind in (*COMMUTATIVE, ast.And, ast.Or, ast.Eq, ast.NotEq)}
UNORDERED.add("block")
MIRRORED = {ast.Gt: ast.Lt, ast.GtE: ast.LtE}
LEAVES = ast.Return | ast.Raise | ast.Continue | ast.Break
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


@dataclass(frozen=True, eq=False)
class Step:
    """An operation and what it works on; a variable whose value is not known has no operation.

    Attributes
    ----------
    operation : str
        Empty for a variable.
    parts : tuple of Step
    name : str
        The variable's name, else empty.
    """

    operation: str
    parts: tuple = ()
    name: str = ""

    @cached_property
    def size(self):
        """Number of operations and constants, counted as often as they stand there."""
        return bool(self.operation) + sum(part.size for part in self.parts)

    @cached_property
    def number(self):
        """A number for the operation, the same in every process, as a text's hash is not."""
        return crc32(self.operation.encode("utf-8", "surrogatepass"))

    @cached_property
    def shape(self):
        """A number that is the same for all steps that differ in the names of variables only."""
        return hash((self.number, *(part.shape for part in self.parts)))

    @cached_property
    def wording(self):
        """The step as a text in which variables are numbered as they come.

        Of parts whose order does not matter and that look alike, those come first whose variables
        stand in certain other places, so that ``a * b - a`` and ``b * a - a`` are one.
        """
        places, numbers = defaultdict(list), {}

        def unordered(step):
            return step.operation in UNORDERED

        def visit(step, place):
            if not step.operation:
                places[step.name].append(place)
            for number, part in enumerate(step.parts):
                at = 0 if unordered(step) else number
                visit(part, hash((place, step.number, at, part.shape)))

        def order(step):
            if not step.operation:
                return hash(tuple(sorted(places[step.name])))
            parts = list(map(order, step.parts))
            return hash((step.number, *(sorted(parts) if unordered(step) else parts)))

        def written(step):
            if not step.operation:
                return f"?{numbers.setdefault(step.name, len(numbers))}"
            parts = sorted(step.parts, key=order) if unordered(step) else step.parts
            return f"{step.operation}[{' '.join(map(written, parts))}]"

        visit(self, 0)
        return written(self)

    def all_steps(self):
        """Yield this step and those it is made of, each once, without the variables."""
        waiting, known = [self], set()
        while waiting:
            step = waiting.pop()
            if step.operation and id(step) not in known:
                known.add(id(step))
                yield step
                waiting += step.parts


def parse(code):
    """Parse Python, also with a notebook's magics, or what is in the middle of a function.

    Parameters
    ----------
    code : str

    Returns
    -------
    ast.Module or None
        None if it is not Python, or nested as nobody writes it: a long row of dashes is such code.
    """
    lines = code.split("\n")
    kept = [line if line.lstrip()[:1] not in ("%", "!") else "" for line in lines]
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse("\n".join(kept))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return None if _too_deep(tree) else tree


def _too_deep(tree):
    """Whether a tree is deeper than what reads it can follow."""
    level = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


def imported_names(trees):
    """What the import statements anywhere in some code bring.

    Parameters
    ----------
    trees : iterable of ast.Module

    Returns
    -------
    dict of str to str
        The original name of what was imported from a module; empty for the name of a module.
    """
    names = dict.fromkeys(USUAL_MODULES, "")
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for it in node.names:
                    names[it.asname or it.name.partition(".")[0]] = ""
            elif isinstance(node, ast.ImportFrom):
                for it in node.names:
                    names[it.asname or it.name] = it.name
    return names


def read_steps(tree, imports):
    """Read the steps of a piece of code.

    Parameters
    ----------
    tree : ast.Module
    imports : dict of str to str
        As ``imported_names`` gives them.

    Returns
    -------
    list of Step
    """
    return _Reader(imports, _bound(tree)).block(tree.body)


def read_functions(tree, imports):
    """Read the functions and classes of a piece of code, each as if it stood alone.

    Parameters
    ----------
    tree : ast.Module
    imports : dict of str to str

    Returns
    -------
    list of list of Step
    """
    alone = [node for node in tree.body if isinstance(node, FUNCTIONS | ast.ClassDef)]
    return [read_steps(ast.Module([node], []), imports) for node in alone]


@lru_cache(maxsize=10_000)
def _bound(tree):
    """Names that a piece of code gives to something itself."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
    return frozenset(names)


class _Reader:
    """Reads statements one after the other, and knows what the variables stand for meanwhile."""

    def __init__(self, imports, bound, values=()):
        self.imports = imports
        self.bound = bound
        self.values = dict(values)

    # --- statements ----------------------------------------------------------------------------

    def block(self, statements):
        """Steps of statements that follow each other."""
        steps = []
        for number, statement in enumerate(statements):
            if _leaves(statement):  # what follows is its else
                rest = statements[number + 1 :]
                return steps + self.branches(statement.test, statement.body, rest)
            steps += self.statement(statement)
        return steps

    def statement(self, node):
        """Steps of a statement."""
        match node:
            case ast.Expr(ast.Constant()) | ast.Import() | ast.ImportFrom() | ast.Pass():
                return []
            case ast.Expr(value) | ast.Return(ast.expr() as value):
                return [self.value(value)]
            case ast.Assign(targets, value):
                return self.assign(targets, value)
            case ast.AnnAssign(target, _, ast.expr() as value):
                return self.assign([target], value)
            case ast.AugAssign(target, operator, value):
                return self.assign([target], ast.BinOp(target, operator, value))
            case ast.Assert(test):
                return [self.value(test)]
            case ast.If(test, body, orelse):
                return self.branches(test, body, orelse)
            case ast.For(target, iterable, body, orelse):
                return [self.loop(self.value(iterable), [target], [*body, *orelse])]
            case ast.While(test, body, orelse):
                return [self.loop(None, [], [ast.Expr(test), *body, *orelse])]
            case ast.With(items, body):
                steps = [self.value(item.context_expr) for item in items]
                self.forget(item.optional_vars for item in items if item.optional_vars)
                return steps + self.block(body)
            case ast.Try(body, handlers, orelse, finalbody):
                steps = self.block(body)
                for handler in handlers:
                    steps += self.block(handler.body)
                return steps + self.block(orelse) + self.block(finalbody)
            case ast.FunctionDef(args=arguments, body=body):
                self.values.pop(node.name, None)
                return [self.function(arguments, body)]
            case ast.ClassDef(body=body):
                return self.block(body)
            case ast.Raise(ast.Call(what)) | ast.Raise(ast.expr() as what):
                return [Step("raise", (self.value(what),))]
        return [self.anything(node)]

    def assign(self, targets, value):
        """Steps of an assignment; the variables stand for the value from now on."""
        given = self.value(value)
        for target in targets:
            self.bind(target, given)
        stored = [
            Step("store", (self.value(target), given))
            for target in targets
            if isinstance(target, ast.Subscript | ast.Attribute)
        ]
        return stored or [given]

    def bind(self, target, step):
        """Let a variable stand for a step, or several for its items."""
        match target:
            case ast.Name(name) if step.size <= LARGEST_VALUE:
                self.values[name] = step
            case ast.Tuple(items) | ast.List(items):
                each = step.operation == "items" and len(step.parts) == len(items)
                for number, item in enumerate(items):
                    part = step.parts[number] if each else Step("[]", (step, _constant(number)))
                    self.bind(item, part)
            case ast.Name() | ast.Starred():
                self.forget([target])

    def forget(self, nodes):
        """Let the variables that some code gives a value stand for themselves again."""
        for node in nodes:
            for name in _bound(node):
                self.values.pop(name, None)

    def branches(self, test, body, orelse):
        """Steps of an if and its else."""
        tested = self.value(test)
        parts = [self.aside(body), self.aside(orelse)]
        self.forget([*body, *orelse])
        return [Step("if", (tested, *parts))]

    def loop(self, iterable, targets, body):
        """The step of a loop; what changes in it is not known when a turn begins."""
        self.forget([*targets, *body])
        inside = self.aside(body)
        return Step("loop", (iterable, inside) if iterable else (inside,))

    def aside(self, statements):
        """Steps of a block, in an order that does not depend on that of its statements."""
        steps = _Reader(self.imports, self.bound, self.values).block(statements)
        return Step("block", _in_order(steps))

    def function(self, arguments, body):
        """The step of a function: what it does."""
        inner = _Reader(self.imports, self.bound, self.values)
        inner.forget([arguments, *body])
        return Step("function", (Step("block", _in_order(inner.block(body))),))

    # --- expressions ---------------------------------------------------------------------------

    def value(self, node):
        """The step of an expression."""
        match node:
            case ast.Name(name):
                return self.variable(name)
            case ast.Constant(value):
                return _constant(value)
            case ast.Attribute(value, attribute):
                return Step(f".{attribute}", () if self.is_module(value) else (self.value(value),))
            case ast.Call():
                return self.call(node)
            case ast.BinOp(left, ast.MatMult(), right):
                return Step("dot()", (self.value(left), self.value(right)))
            case ast.BinOp(op=operator):
                kind = type(operator).__name__
                if isinstance(operator, COMMUTATIVE):
                    return Step(kind, _in_order(self.chain(node, type(operator))))
                return Step(kind, (self.value(node.left), self.value(node.right)))
            case ast.BoolOp(operator, values):
                return Step(type(operator).__name__, _in_order(map(self.value, values)))
            case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as number)):
                return _constant(-number)
            case ast.Compare(left, [operator], [right]):
                return self.comparison(left, operator, right)
            case ast.IfExp(test, body, orelse):
                parts = [Step("block", (self.value(it),)) for it in (body, orelse)]
                return Step("if", (self.value(test), *parts))
            case ast.NamedExpr(target, value):
                self.bind(target, self.value(value))
                return self.value(value)
            case ast.Lambda(arguments, body):
                return self.function(arguments, [ast.Expr(body)])
            case ast.Tuple(items) | ast.List(items) | ast.Set(items):
                return Step("items", tuple(map(self.value, items)))
            case ast.Subscript(value, index):
                return Step("[]", (self.value(value), self.value(index)))
            case ast.JoinedStr(parts):
                values = [it.value for it in parts if isinstance(it, ast.FormattedValue)]
                return Step("text", tuple(map(self.value, values)))
        if isinstance(node, COMPREHENSIONS):
            return self.comprehension(node)
        return self.anything(node)

    def variable(self, name):
        """What a name stands for."""
        if name in self.values:
            return self.values[name]
        if name not in self.bound:
            if self.imports.get(name):
                return Step(f".{self.imports[name]}")
            if name in BUILTINS:
                return Step(f".{name}")
        return Step("", name=name)

    def is_module(self, node):
        """Whether an expression is a module, such as ``np`` or ``np.random``."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.imports and node.id not in self.bound

    def call(self, node):
        """The step of a call: of a method, its object comes first."""
        parts, function = [], node.func
        if isinstance(function, ast.Attribute):
            operation = f"{function.attr}()"
            parts += [] if self.is_module(function.value) else [self.value(function.value)]
        else:
            called = self.value(function)
            named = called.operation.startswith(".") and not called.parts
            operation = f"{called.operation[1:]}()" if named else "()"
            parts += [] if named else [called]
        operation = SAME_FUNCTION.get(operation, operation)
        parts += map(self.value, node.args)
        if operation == "item" and len(parts) == 2:  # x.append(y), as in a comprehension
            return parts[1]
        named = sorted(node.keywords, key=lambda keyword: keyword.arg or "")
        parts += [_keyword(keyword.arg, self.value(keyword.value)) for keyword in named]
        return Step(operation, tuple(parts))

    def chain(self, node, kind):
        """What a chain of one commutative operator combines."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, kind):
            return self.chain(node.left, kind) + self.chain(node.right, kind)
        return [self.value(node)]

    def comparison(self, left, operator, right):
        """The step of a comparison of two."""
        parts = [self.value(left), self.value(right)]
        kind = type(operator)
        if kind in MIRRORED:
            kind = MIRRORED[kind]
            parts.reverse()
        ordered = _in_order(parts) if kind in (ast.Eq, ast.NotEq) else tuple(parts)
        return Step(kind.__name__, ordered)

    def comprehension(self, node):
        """The step of a comprehension: that of the loop it abbreviates."""
        inner = _Reader(self.imports, self.bound, self.values)
        iterables = []
        for part in node.generators:
            iterables.append(inner.value(part.iter))
            inner.forget([part.target])
        item = node.key if isinstance(node, ast.DictComp) else node.elt
        steps = [inner.value(item)]
        if isinstance(node, ast.DictComp):
            steps.append(inner.value(node.value))
        for part, iterable in zip(reversed(node.generators), reversed(iterables), strict=True):
            for test in reversed(part.ifs):
                block = Step("block", _in_order(steps))
                steps = [Step("if", (inner.value(test), block, Step("block")))]
            steps = [Step("loop", (iterable, Step("block", _in_order(steps))))]
        return steps[0]

    def anything(self, node):
        """The step of what needs no care of its own."""
        parts = []
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                parts.append(self.value(child))
            elif isinstance(child, ast.stmt):
                parts += self.statement(child)
        return Step(type(node).__name__, tuple(parts))


def _leaves(statement):
    """Whether a statement is an if that leaves the block, so that what follows is its else."""
    return (
        isinstance(statement, ast.If)
        and not statement.orelse
        and isinstance(statement.body[-1], LEAVES)
    )


def _constant(value):
    """The step of a constant; whole numbers are one, however written."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return Step(f"={value!r}")


def _keyword(name, value):
    """The step of a keyword argument; with a constant it is one step, not two."""
    if value.operation.startswith("="):
        return Step(f"{name}={value.operation}")
    return Step(f"{name}=", (value,))


def _in_order(steps):
    """Steps in an order that depends on neither their own nor the names of variables."""
    return tuple(sorted(steps, key=lambda step: step.shape))
