"""What each statement of a cell reads, gives a value, changes and calls, found by reading it.

Names of the notebook stand as they are; a name of a function's own is ``name@place``, so that two
functions can both have an ``x``. What is found errs on the side of too much.
"""

import ast
import math
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

import numpy

from course_utils.instructor.execute.elsewhere import WRAPPERS, uncaptured
from course_utils.instructor.lessons.cell_text import python_of

LONGEST = 100_000  # characters of a cell that are read
# Names by which code reaches what its text does not name.
OPAQUE = {"__builtins__", "__import__", "breakpoint", "delattr", "eval", "exec", "get_ipython"}
OPAQUE |= {"globals", "locals", "setattr", "vars"}
OPAQUE_ATTRIBUTES = {"__code__", "__dict__", "__globals__", "_getframe", "currentframe"}
OPAQUE_ATTRIBUTES |= {
    "__setattr__",
    "__delattr__",
    "modules",
    "user_ns",
    "run_cell",
    "run_code",
    "push",
    "f_globals",
    "f_back",
}
OPAQUE_MODULES = {"__main__", "builtins", "code", "ctypes", "gc", "importlib", "inspect", "runpy"}
# What a star brings of libraries that are the same here as in the kernel.
EVERYTHING_OF = {"math": [it for it in dir(math) if it[0] != "_"], "numpy": numpy.__all__}
SHOWN_BEFORE = re.compile(r"_+\d*|_i+\d*|In|Out|_ih|_oh|_dh")  # what IPython itself keeps of cells
# IPython's magics, by what they do to a notebook's names.
QUIET = {"HTML", "SVG", "autoreload", "clear", "conda", "config", "hist", "history", "html"}
QUIET |= {"javascript", "js", "latex", "lsmagic", "mamba", "markdown", "matplotlib", "notebook"}
QUIET |= {"pdoc", "pinfo", "pinfo2", "pip", "precision", "psource", "reload_ext", "svg", "uv"}
QUIET |= {"tensorboard", "tensorflow_version", "who", "who_ls", "whos", "xmode"}
EVERYWHERE = {"!", "bash", "cd", "env", "file", "load_ext", "mkdir", "script", "set_env", "sh"}
EVERYWHERE |= {"sx", "system", "writefile"}
WITHOUT_SIGN = re.compile(r"(run|load|loadpy|pylab|reset|store|macro)\b(?!\s*[=(.,\[])[^\n]*")
AROUND_CODE = {"capture", "prun", "time", "timeit"}
QUIET_COMMANDS = {"apt", "apt-get", "cat", "conda", "df", "du", "echo", "free", "head", "ls"}
QUIET_COMMANDS |= {"lscpu", "nproc", "nvidia-smi", "pip", "pip3", "pwd", "tail", "uname", "which"}
COPIES = {"array", "astype", "copy", "deepcopy", "len", "range", "sum", "str", "int", "float"}
COPIES |= {"bool", "abs", "round", "type", "isinstance", "mean", "max", "min", "std", "print"}
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class OpaqueError(Exception):
    """Reading cannot tell what code does; the text says why."""


@dataclass(frozen=True)
class Call:
    """A call: the name that its function is reached by, the attributes from there, what it gets."""

    root: str
    attributes: tuple
    receiver: frozenset
    arguments: frozenset
    given: frozenset  # names that are arguments themselves, perhaps functions to be called
    seeded: bool


@dataclass
class Effects:
    """What code does when it runs: names it reads and binds, objects it changes, its calls."""

    reads: set = field(default_factory=set)
    binds: set = field(default_factory=set)
    changes: set = field(default_factory=set)
    assigned_into: set = field(default_factory=set)
    calls: list = field(default_factory=list)
    everywhere: bool = False

    def add(self, other):
        """Add what other code does."""
        self.reads |= other.reads
        self.binds |= other.binds
        self.changes |= other.changes
        self.assigned_into |= other.assigned_into
        self.calls += other.calls
        self.everywhere |= other.everywhere


@dataclass
class Statement:
    """A statement at the top level of a cell.

    Attributes
    ----------
    cell : int
        Of which cell it is a part.
    text : str
        Itself, as Python.
    now, later : Effects
        What it does when it is run, and what functions do that are made in it.
    at_once : set of str
        Names that it reads while it is run, and no function that is made in it.
    settles : set of str
        Names that have a value of its own when it has been run to its end.
    ways : set of (str, str)
        Names that it binds, each with how: ``import``, ``def``, ``class``, ``value``.
    paths : dict of str to str
        What an imported name stands for, such as ``numpy.random``.
    alias : tuple of str
        A name, another one, and attributes from there, if the first is made to stand for these:
        ``Dense = keras.layers.Dense``; empty otherwise.
    holds, gives : set of (str, str)
        The object of the first name may hold that of the second, or share its memory; the function
        of the first name may give it back.
    lasting : set of str
        Names of a function's or class's own whose objects outlive a call.
    parameters : set of (str, str)
        Names of functions and classes, each with one parameter of its own or its methods'.
    opaque : dict of str to str
        Why reading could not tell what it does, by a name that would have to be the notebook's own.
    imports, calls : bool
        Whether it is an import; whether it is a call and nothing else.
    """

    cell: int
    text: str
    now: Effects = field(default_factory=Effects)
    later: Effects = field(default_factory=Effects)
    at_once: set = field(default_factory=set)
    settles: set = field(default_factory=set)
    ways: set = field(default_factory=set)
    paths: dict = field(default_factory=dict)
    alias: tuple = ()
    holds: set = field(default_factory=set)
    gives: set = field(default_factory=set)
    lasting: set = field(default_factory=set)
    parameters: set = field(default_factory=set)
    opaque: dict = field(default_factory=dict)
    imports: bool = False
    calls: bool = False

    @property
    def reads(self):
        """Names of the notebook that it reads, at once or later."""
        return self.now.reads | self.later.reads


@lru_cache(maxsize=2000)  # most cells of a class are the lesson's own
def read_cell(number, source):
    """Read a cell.

    Parameters
    ----------
    number : int
        For the statements' ``cell``.
    source : str

    Returns
    -------
    tuple of Statement
        Not to be changed.

    Raises
    ------
    OpaqueError
        If reading cannot tell what it does.
    """
    if len(source) > LONGEST:
        raise OpaqueError("it is too long to be read")
    _refuse_magic_words(source)
    source = uncaptured(source)
    while wrapper := WRAPPERS.match(source):
        source = source[wrapper.end() :]
    try:
        code, tree = python_of(source)
    except (SyntaxError, ValueError):
        raise OpaqueError("it is no Python") from None
    except (RecursionError, MemoryError):
        raise OpaqueError("it is nested too deeply to be read") from None
    lines = code.splitlines(keepends=True)
    return tuple(_read(number, statement, lines) for statement in tree.body)


def _refuse_magic_words(source):
    """Refuse what IPython takes for a magic without its sign, and reading for nothing."""
    word = WITHOUT_SIGN.fullmatch(source.strip())
    if word:
        raise OpaqueError(f"the magic {word[1]}")


def _read(number, statement, lines):
    """Read one statement."""
    it = Statement(number, _text(statement, lines))
    it.imports = isinstance(statement, ast.Import | ast.ImportFrom)
    it.calls = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name() | ast.Attribute() as value):
            root, attributes = _path(value)
            plain = root and not {"()", "[]"} & set(attributes)
            it.alias = (name, root, *attributes) if plain else ()
    reader = _Reader(it)
    reader.visit(statement)
    it.settles = reader.settled
    it.at_once = it.now.reads - it.later.reads
    if not isinstance(statement, FUNCTIONS | ast.ClassDef):
        it.now.add(it.later)  # a lambda may be called at once
    return it


def _text(statement, lines):
    """A statement's own text."""
    decorators = getattr(statement, "decorator_list", [])
    line, column = min((it.lineno, it.col_offset) for it in (statement, *decorators))
    if decorators:
        column = 0
    part = lines[line - 1 : statement.end_lineno]
    part[-1] = part[-1].encode()[: statement.end_col_offset].decode()
    part[0] = part[0].encode()[column:].decode()
    return "".join(part)


@dataclass
class _Scope:
    """The names of a function's, a class's or a comprehension's own."""

    place: str
    names: set
    globals: set = field(default_factory=set)
    of_class: bool = False
    at_once: bool = False  # what stands in it is run where it stands


class _Reader(ast.NodeVisitor):
    """Writes down what a statement does."""

    def __init__(self, statement):
        self.it = statement
        self.scopes, self.functions = [], []
        self.settled = set()

    @property
    def effects(self):
        """Where to write what is being read does."""
        return self.it.later if self.functions else self.it.now

    @property
    def at_once(self):
        """Whether what is being read is run where it stands."""
        return not self.functions and all(scope.at_once for scope in self.scopes)

    # Names

    def resolve(self, name):
        """A name of the notebook, or ``name@place`` if it is a function's own."""
        for depth, scope in enumerate(reversed(self.scopes)):
            if name in scope.globals:
                return name
            if name in scope.names and not (scope.of_class and depth):
                return f"{name}@{scope.place}"
        return name

    def known_as(self, name):
        """What a name that is read may stand for: a class's own, and the outer one before."""
        own = {self.resolve(name)}
        if self.scopes and self.scopes[-1].of_class and name in self.scopes[-1].names:
            scope = self.scopes.pop()
            own.add(self.resolve(name))
            self.scopes.append(scope)
        return own

    def bind(self, name, way="value"):
        """A name is given a value."""
        known = self.resolve(name)
        self.it.ways.add((known, way))
        if "@" not in known:
            self.effects.binds.add(known)
        elif not self.scopes or known != f"{name}@{self.scopes[-1].place}":
            self.it.lasting.add(known)  # nonlocal
        return known

    def settle(self, target):
        """Names of a target have a value of this statement's own, up to the end of the block."""
        parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        for part in parts:
            if isinstance(part, ast.Tuple | ast.List):
                self.settle(part)
            elif isinstance(part, ast.Name) and not self.scopes:
                self.settled.add(part.id)

    def block(self, statements):
        """Read statements that may not be run, or not to their end."""
        before = set(self.settled)
        for part in statements:
            self.visit(part)
        self.settled = before

    def generic_visit(self, node):
        """Read the parts of a node, in the order in which they are run."""
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                self.block(value)
            else:
                for part in value if isinstance(value, list) else [value]:
                    if isinstance(part, ast.AST):
                        self.visit(part)

    def change(self, names):
        """Objects of some names are changed; those of an outer function's outlive its call."""
        self.effects.changes |= names
        inner = {it.place for it in self.scopes[-1:]}
        self.it.lasting |= {it for it in names if "@" in it and it.split("@", 1)[1] not in inner}

    def hold(self, names, roots):
        """Objects of some names may hold those of others."""
        self.it.holds |= {(name, root) for name in names for root in roots if name != root}

    def visit_Name(self, node):
        """A name is read, given a value or deleted."""
        if not isinstance(node.ctx, ast.Load):
            self.bind(node.id)
            return
        for name in self.known_as(node.id):
            if "@" not in name and not (self.at_once and name in self.settled):
                self.effects.reads.add(name)
                if name in OPAQUE:
                    self.it.opaque[name] = name
                elif SHOWN_BEFORE.fullmatch(name):
                    self.it.opaque[name] = "what IPython keeps of earlier cells"

    def visit_Attribute(self, node):
        """An attribute is read or set."""
        if node.attr in OPAQUE_ATTRIBUTES:
            raise OpaqueError(f".{node.attr}")
        if not isinstance(node.ctx, ast.Load):
            self.set_part(node)
        self.generic_visit(node)

    def visit_Subscript(self, node):
        """An item is read or set."""
        if not isinstance(node.ctx, ast.Load):
            self.set_part(node)
        self.generic_visit(node)

    def set_part(self, node):
        """An attribute or item of an object is set or deleted."""
        roots = self.roots(node.value)
        self.change(roots)
        self.effects.assigned_into |= roots

    # What an expression may share with objects that have names

    def roots(self, node):
        """Names of objects that the value of an expression may hold or share its memory with."""
        match node:
            case ast.Name():
                return self.known_as(node.id)
            case ast.Attribute() | ast.Subscript() | ast.Starred() | ast.NamedExpr() | ast.Await():
                return self.roots(node.value)
            case ast.Yield() | ast.YieldFrom() | ast.FormattedValue():
                return self.roots(node.value) if node.value else set()
            case ast.Call():
                return self.roots_of_call(node)
            case ast.BinOp(op=ast.Add() | ast.BitOr()):
                return self.roots_of_sum(node)
            case ast.BinOp() | ast.UnaryOp() | ast.Compare() | ast.JoinedStr() | ast.Constant():
                return set()
            case ast.Lambda():
                with self.inside(_function_scope(node, self.it.cell)):
                    return self.roots(node.body)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self.roots_of_comprehension(node)
        return {root for part in ast.iter_child_nodes(node) for root in self.roots(part)}

    def roots_of_call(self, node):
        """What a call may give back: its object, what it got, or what its function holds."""
        called = node.func
        if getattr(called, "attr", getattr(called, "id", "")) in COPIES:
            return set()
        parts = [called, *node.args, *(it.value for it in node.keywords)]
        return {root for part in parts for root in self.roots(part)}

    def roots_of_sum(self, node):
        """Lists that are added hold the same things; numbers and arrays do not."""
        if any(isinstance(it, ast.Constant) for it in (node.left, node.right)):
            return set()
        return self.roots(node.left) | self.roots(node.right)

    def roots_of_comprehension(self, node):
        """What a comprehension's values may be."""
        first = self.roots(node.generators[0].iter)
        with self.inside(_comprehension_scope(node, self.it.cell)):
            rest = [it.iter for it in node.generators[1:]]
            values = [node.value] if isinstance(node, ast.DictComp) else [node.elt]
            return first | {root for part in (*rest, *values) for root in self.roots(part)}

    # Assignments

    def store(self, target, roots):
        """A target gets a value that may share something with other names' objects."""
        match target:
            case ast.Name():
                self.hold([self.bind(target.id)], roots)
            case ast.Tuple() | ast.List():
                for part in target.elts:
                    self.store(part, roots)
            case ast.Starred():
                self.store(target.value, roots)
            case _:
                self.hold(self.roots(target), roots)
                self.visit(target)

    def visit_Assign(self, node):
        """Names get a value."""
        self.visit(node.value)
        roots = self.roots(node.value) | self.shared(node)
        for target in node.targets:
            self.store(target, roots)
            self.settle(target)
            if isinstance(node.value, ast.Lambda) and isinstance(target, ast.Name):
                self.take_parameters(target.id, node.value)

    def shared(self, node):
        """What several names get that has no name itself."""
        (first, *others), value = node.targets, node.value
        pairs = isinstance(value, ast.Tuple | ast.List) and not others
        if isinstance(first, ast.Name) and not others or pairs or isinstance(value, ast.Constant):
            return set()
        name = f"@{self.it.cell}:{node.lineno}:{node.col_offset}"
        self.it.ways.add((name, "value"))
        parts = [it for target in node.targets for it in ast.walk(target)]
        known = [self.resolve(it.id) for it in parts if isinstance(it, ast.Name)]
        if not self.functions or any("@" not in it for it in known):
            self.it.lasting.add(name)
        return {name}

    def visit_AnnAssign(self, node):
        """A name gets a value and a type."""
        self.visit(node.annotation)
        if node.value:
            self.visit(node.value)
            self.store(node.target, self.roots(node.value))
            self.settle(node.target)

    def visit_NamedExpr(self, node):
        """A name gets a value within an expression."""
        self.visit(node.value)
        self.store(node.target, self.roots(node.value))

    def visit_AugAssign(self, node):
        """An object is changed, if it can be."""
        self.visit(node.value)
        roots = self.roots(node.target)
        self.change(roots)
        self.hold(roots, self.roots(node.value))
        if isinstance(node.target, ast.Name):
            self.visit_Name(ast.Name(node.target.id, ast.Load()))
        self.visit(node.target)

    def visit_For(self, node):
        """A name gets one value after the other."""
        self.visit(node.iter)
        before = set(self.settled)
        self.store(node.target, self.roots(node.iter))
        self.settle(node.target)
        self.block(node.body)
        self.settled = before
        self.block(node.orelse)

    visit_AsyncFor = visit_For

    def visit_withitem(self, node):
        """An object is entered and left."""
        self.visit(node.context_expr)
        roots = self.roots(node.context_expr)
        if not isinstance(node.context_expr, ast.Call):
            self.change(roots)
        if node.optional_vars:
            self.store(node.optional_vars, roots)
            self.settle(node.optional_vars)

    def visit_ExceptHandler(self, node):
        """An error gets a name."""
        if node.name:
            self.bind(node.name)
        self.generic_visit(node)

    def visit_Match(self, node):
        """Parts of an object get names."""
        self.visit(node.subject)
        roots = self.roots(node.subject)
        for case in node.cases:
            for part in ast.walk(case.pattern):
                names = (getattr(part, "name", None), getattr(part, "rest", None))
                self.hold([self.bind(it) for it in names if it], roots)
            self.generic_visit(case)

    # Imports

    def visit_Import(self, node):
        """Modules get names."""
        for alias in node.names:
            self.bring(alias.asname or alias.name.split(".")[0], alias.name, bool(alias.asname))

    def visit_ImportFrom(self, node):
        """Parts of a module get names."""
        for alias in node.names:
            names = EVERYTHING_OF.get(node.module) if alias.name == "*" else [alias.name]
            if names is None:
                raise OpaqueError(f"from {node.module} import *")
            for name in names:
                self.bring(alias.asname or name, f"{node.module}.{name}", True)

    def bring(self, name, path, whole):
        """A name stands for what lies in a module."""
        parts = path.split(".")
        if parts[0] in OPAQUE_MODULES or parts[-1] in OPAQUE | {"import_module"}:
            raise OpaqueError(f"the module {path}")
        self.it.paths[self.bind(name, "import")] = path if whole else parts[0]
        self.settle(ast.Name(name))

    # Functions, classes, comprehensions

    @contextmanager
    def inside(self, scope):
        """Read what stands in a scope of its own."""
        self.scopes.append(scope)
        try:
            yield
        finally:
            self.scopes.pop()

    def visit_FunctionDef(self, node):
        """A function is made."""
        outside = [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
        hints = [it.annotation for it in _arguments(node) if it.annotation]
        for part in (*outside, *hints, *filter(None, [node.returns])):
            self.visit(part)
        name = self.bind(node.name, "def")
        self.hold([name], {root for part in outside for root in self.roots(part)})
        self.take_parameters(node.name, node)
        self.take_defaults(node)
        self.settle(ast.Name(node.name))
        self.functions.append(name)
        with self.inside(_function_scope(node, self.it.cell)):
            for part in node.body:
                self.visit(part)
        self.functions.pop()

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node):
        """A function without a name is made."""
        for part in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(part)
        self.functions.append("")
        with self.inside(_function_scope(node, self.it.cell)):
            self.visit(node.body)
        self.functions.pop()

    def take_parameters(self, name, node):
        """Write down a function's parameters, for what it is called with."""
        place = _function_scope(node, self.it.cell).place
        owners = {name, *(it.place for it in self.scopes if it.of_class)}
        for argument in _arguments(node):
            own = f"{argument.arg}@{place}"
            self.it.ways.add((own, "value"))
            self.it.parameters |= {(owner.partition("@")[0], own) for owner in owners}

    def take_defaults(self, node):
        """What a function is given once, and keeps."""
        place = _function_scope(node, self.it.cell).place
        some = [*node.args.posonlyargs, *node.args.args]
        pairs = [*zip(some[::-1], node.args.defaults[::-1], strict=False)]
        pairs += zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        for argument, default in pairs:
            if default and not isinstance(default, ast.Constant):
                own = f"{argument.arg}@{place}"
                self.hold([own], self.roots(default))
                self.it.lasting.add(own)

    def visit_ClassDef(self, node):
        """A class is made."""
        for part in (*node.decorator_list, *node.bases, *(it.value for it in node.keywords)):
            self.visit(part)
        plain = FUNCTIONS | ast.Pass | ast.Expr
        data = not all(isinstance(it, plain) for it in node.body)
        name = self.bind(node.name, "value" if data else "class")
        self.hold([name], {root for it in node.bases for root in self.roots(it)})
        names, declared = _bound(node.body)
        place = f"{node.name}@{self.it.cell}:{node.lineno}"
        with self.inside(_Scope(place, names, declared, of_class=True)):
            for part in node.body:
                self.visit(part)
        if data:
            own = {f"{it}@{place}" for it in names}
            self.hold([name], own)
            self.it.lasting |= own

    def visit_Return(self, node):
        """A function gives something back."""
        if node.value:
            self.visit(node.value)
            self.give_back(self.roots(node.value))

    def visit_Yield(self, node):
        """A generator gives something."""
        if node.value:
            self.visit(node.value)
            self.give_back(self.roots(node.value))

    visit_YieldFrom = visit_Yield

    def give_back(self, roots):
        """What a function gives back, it holds."""
        self.it.gives |= {(it, root) for it in self.functions[-1:] if it for root in roots}

    def visit_comprehension_of(self, node):
        """A comprehension has names of its own."""
        self.visit(node.generators[0].iter)
        roots = self.roots(node.generators[0].iter)
        scope = _comprehension_scope(node, self.it.cell)
        scope.at_once = not isinstance(node, ast.GeneratorExp)
        with self.inside(scope):
            for number, part in enumerate(node.generators):
                if number:
                    self.visit(part.iter)
                    roots = self.roots(part.iter)
                self.store(part.target, roots)
                for condition in part.ifs:
                    self.visit(condition)
            values = ("key", "value") if isinstance(node, ast.DictComp) else ("elt",)
            for name in values:
                self.visit(getattr(node, name))

    visit_ListComp = visit_SetComp = visit_DictComp = visit_comprehension_of
    visit_GeneratorExp = visit_comprehension_of

    # Calls

    def visit_Call(self, node):
        """Something is called."""
        if self.is_magic(node):
            return
        self.generic_visit(node)
        root, attributes = _path(node.func)
        parts = [*node.args, *(it.value for it in node.keywords)]
        roots = [self.roots(it) for it in parts]
        got = {root for some in roots for root in some}
        called = getattr(node.func, "value", node.func)  # of a method, its object
        receiver = set() if isinstance(node.func, ast.Name) else self.roots(called)
        for part in parts:
            if isinstance(part, ast.Lambda):
                place = _function_scope(part, self.it.cell).place
                own = [f"{it.arg}@{place}" for it in _arguments(part)]
                self.it.ways |= {(it, "value") for it in own}
                self.hold(own, got | receiver)
        given = {self.resolve(it.id) for it in parts if isinstance(it, ast.Name)}
        seeded = any(it.arg == "seed" for it in node.keywords)
        name = self.resolve(root) if root else ""
        call = Call(name, attributes, frozenset(receiver), frozenset(got), frozenset(given), seeded)
        self.effects.calls.append(call)

    def is_magic(self, node):
        """Whether a call is what IPython makes of a magic or of a command; reads it then."""
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython")), attr=kind),
                args=[ast.Constant(value=str(first)), *rest],
            ) if all(isinstance(it, ast.Constant) for it in rest):
                texts = [str(it.value) for it in rest]
            case _:
                return False
        if kind in ("system", "getoutput"):
            self.read_command(first)
        elif kind == "run_line_magic":
            self.read_magic(first, "", *texts)
        elif kind == "run_cell_magic":
            self.read_magic(first, *texts[::-1])
        else:
            return False
        return True

    def read_command(self, command):
        """Read what is given to a shell."""
        told = command.strip()
        quiet = told.split(maxsplit=1)[:1] and told.split()[0] in QUIET_COMMANDS
        quiet = quiet and not re.search(r"[<>|;&`]|\$\(", told)
        self.effects.everywhere |= not quiet
        self.effects.reads |= set(re.findall(r"[${]\{?([^\W\d]\w*)", told))

    def read_magic(self, name, body, line):
        """Read a magic."""
        if name in AROUND_CODE:
            words = line.split()
            while words and words[0].startswith("-"):
                words.pop(0)
            if name == "capture":
                for word in words:
                    self.bind(word)
            code = "\n".join(filter(None, ["" if name == "capture" else " ".join(words), body]))
            try:
                _, tree = python_of(code)
            except (SyntaxError, ValueError):
                raise OpaqueError(f"the magic {name}") from None
            for part in tree.body:
                self.visit(part)
        elif name in EVERYWHERE:
            self.effects.everywhere = True
        elif name not in QUIET:
            raise OpaqueError(f"the magic {name}")


def _path(node):
    """The name at the beginning of an expression, and the attributes from there."""
    attributes = []
    while True:
        match node:
            case ast.Name():
                return node.id, tuple(reversed(attributes))
            case ast.Attribute():
                attributes.append(node.attr)
                node = node.value
            case ast.Subscript() | ast.Await():
                attributes.append("[]")
                node = node.value
            case ast.Call():
                attributes.append("()")
                node = node.func
            case _:
                return "", tuple(reversed(attributes))


def _arguments(node):
    """A function's parameters."""
    it = node.args
    return [*it.posonlyargs, *it.args, *it.kwonlyargs, *filter(None, (it.vararg, it.kwarg))]


def _function_scope(node, cell):
    """The scope of a function."""
    body = node.body if isinstance(node.body, list) else [node.body]
    names, declared = _bound(body)
    names |= {it.arg for it in _arguments(node)}
    return _Scope(f"{cell}:{node.lineno}:{node.col_offset}", names - declared, declared)


def _comprehension_scope(node, cell):
    """The scope of a comprehension."""
    parts = [part for it in node.generators for part in ast.walk(it.target)]
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    return _Scope(f"{cell}:{node.lineno}:{node.col_offset}c", names)


def _bound(body):
    """Names that a scope binds itself, and those that it says are the notebook's."""
    names, declared, apart, nodes = set(), set(), set(), list(body)
    for node in nodes:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
                continue
            case ast.Lambda():
                continue
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                inner = [it.target for it in ast.walk(node) if isinstance(it, ast.NamedExpr)]
                names |= {it.id for it in inner}
                continue
            case ast.Name(ctx=ast.Store() | ast.Del()):
                names.add(node.id)
            case ast.alias():
                names.add((node.asname or node.name).split(".")[0])
            case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar():
                names |= {node.name} - {None}
            case ast.MatchMapping():
                names |= {node.rest} - {None}
            case ast.Global():
                declared |= set(node.names)
            case ast.Nonlocal():
                apart |= set(node.names)
        nodes += ast.iter_child_nodes(node)
    return names - declared - apart, declared
