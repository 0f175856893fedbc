"""Tell what keeps a test cell from being a closed box, by reading it and by running it.

A closed box is one function without parameters, called once. It imports what it needs inside,
reads from outside only the names that its exercise asks the student for, and leaves nothing behind
but its own name. So it can neither overwrite what is the student's nor be misled by it.

Each cell runs in a process that is forked for it, from one that has imported what tests need and
has run none (`Processes`). This file is also that process.
"""

import ast
import builtins
import contextlib
import gc
import importlib
import io
import json
import operator
import os
import random
import re
import subprocess
import symtable
import sys
import warnings
from pathlib import Path
from types import ModuleType

from course_utils.instructor.lessons.cell_text import borrowed

ROOT = Path(__file__).parents[2]
# Built-in names with which a function can reach outside of itself, so that reading proves nothing.
REACHING = {"__import__", "delattr", "eval", "exec", "globals", "setattr", "vars"}
BUILT_IN = set(dir(builtins)) - REACHING
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n(?:.*\n)*? *### END SOLUTION", re.MULTILINE)
PASSED = "passes"
# What these names may be in a student's notebook: a test has to import them for itself.
NOTHING = dict.fromkeys(
    ("np", "tf", "keras", "math", "checks", "datasets", "layers", "models", "copy", "mean")
)
WATCHED = (  # modules of which nothing may be replaced
    *("builtins", "copy", "math", "random", "warnings", "numpy", "numpy.linalg", "numpy.random"),
    *("keras", "keras.activations", "keras.config", "keras.datasets", "keras.layers"),
    *("keras.losses", "keras.ops", "keras.optimizers", "keras.random", "keras.utils"),
    *("course_utils", "course_utils.by_hand", "course_utils.checks", "course_utils.datasets"),
)


# By reading


def read(cell, source, answer):
    """What keeps a test cell from being a closed box, as far as it can be read.

    Parameters
    ----------
    cell : str
        Its grade id.
    source : str
    answer : str
        The answer cell with its solution.

    Returns
    -------
    list of str
        One sentence for each problem.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        return [f"it is no Python: {error}"]
    problems = []
    name = _function(cell)
    if not _is_one_function(tree.body, name):
        problems.append(
            f"expected one function without parameters, def {name}():, then one call of it, "
            f"{name}(), and nothing else but comments outside of it"
        )
    foreign = borrowed(source) - {name, *asked(answer)} - BUILT_IN
    if foreign:
        problems.append(f"it reads {', '.join(sorted(foreign))} from outside")
    nodes = list(ast.walk(tree))
    declared = [name for node in nodes if isinstance(node, ast.Global) for name in node.names]
    if declared:
        problems.append(f"it makes {', '.join(declared)} global")
    outside = borrowed(source) | _imported(nodes)
    changed = [ast.unparse(node) for node in nodes if _changes(node, outside)]
    if changed:
        problems.append(f"it changes {', '.join(changed)}, which is not its own")
    return problems


def _function(cell):
    """The name of a test cell's function."""
    return f"test_{cell.replace('-', '_')}"


def _is_one_function(body, name):
    """Whether a cell is one function and its call."""
    if [type(statement) for statement in body] != [ast.FunctionDef, ast.Expr]:
        return False
    function, call = body[0], body[1].value
    plain = not function.decorator_list and ast.unparse(function.args) == ""
    return plain and function.name == name and ast.unparse(call) == f"{name}()"


def _imported(nodes):
    """Names that are imported anywhere in a cell."""
    aliases = [node for node in nodes if isinstance(node, ast.alias)]
    return {(it.asname or it.name).partition(".")[0] for it in aliases}


def _changes(node, outside):
    """Whether a node assigns to, or deletes, a part of something that comes from outside."""
    if not isinstance(node, ast.Attribute | ast.Subscript) or isinstance(node.ctx, ast.Load):
        return False
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name) and node.id in outside


def bound(source):
    """Every name that a test cell binds anywhere, also within its function, but not that itself."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ExceptHandler):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found |= _imported([node])
    return {name for name in found if name and not name.startswith("test_")}


# By running


def stub(answer):
    """An answer cell as students get it: its solution replaced by an error."""
    return SOLUTION.sub(r"\1raise NotImplementedError", answer)


def asked(answer):
    """The names that an answer cell asks the student for."""
    names = _outside_of_functions(stub(answer))
    return sorted(it.get_name() for it in names if it.is_assigned() and not it.is_imported())


def _outside_of_functions(answer):
    """What stands for names at the top level of an answer cell."""
    return symtable.symtable(answer, "answer", "exec").get_symbols()


def run(cell, source, answer, imports, names=()):
    """What keeps a test cell from being a closed box, as far as its runs show; in this process.

    Parameters
    ----------
    cell : str
        Its grade id.
    source : str
    answer : str
        The answer cell with its solution.
    imports : list of str
        What the answer uses of its lesson's imports.
    names : list of str
        Names for helper functions of the student's.

    Returns
    -------
    list of str
        One sentence for each problem.
    """
    test = compile(source, f"<{cell}>", "exec")
    raises = "".join(f"def {name}(*_, **__): raise RuntimeError('no')\n" for name in asked(answer))
    problems = _runs(cell, test, imports, answer, "the solution", passes=True)
    problems += _runs(cell, test, imports, stub(answer), "the stub", passes=False)
    problems += _runs(cell, test, imports, raises, "an answer that raises", passes=False)
    return problems + _with_helpers(test, answer, imports, names)


def _runs(cell, test, imports, answer, kind, passes):
    """Problems of two runs, with the answer in a namespace, and the test in another one."""
    problems, said, ends = [], [], []
    own = _space(*imports, answer)
    box = _space() | NOTHING | {name: own[name] for name in asked(answer)}
    for seed in (1, 2):
        random.seed(seed)
        before = dict(own), dict(box), surroundings()
        said.append(_message(test, box))
        ends.append(random.getstate())
        left = [it for it in _changed(before[1], box) if it != _function(cell)]
        left += [f"{it} of the answer's" for it in _changed(before[0], own)]
        left += _changed(before[2], surroundings(), _same)
        if left:
            problems.append(f"with {kind} it leaves behind: {', '.join(left)}")
    if (said[0] == PASSED) != passes:
        problems.append(f"with {kind} it {said[0]}")
    if said[0] != said[1]:
        problems.append(f"with {kind} it {said[0]}; run again, it {said[1]}")
    if ends[0] == ends[1]:
        problems.append("it starts Python's random numbers anew")
    return problems


def _with_helpers(test, answer, imports, names):
    """Problems if the solution calls idle helpers of all these names, in one namespace for all."""
    own = {it.get_name() for it in _outside_of_functions(answer)}
    helpers = set(names) - own - borrowed(answer) - set(dir(builtins))
    calls = "".join(f"    {name}()\n" for name in sorted(helpers))
    space = _space(*imports, answer, *(f"def {name}(): pass" for name in helpers))
    for name in filter(lambda name: callable(space[name]), asked(answer)):
        space[f"its_own_{name}"] = space[name]
        exec(f"def {name}(*_1, **_2):\n{calls}    return its_own_{name}(*_1, **_2)", space)
    said = [_message(test, space) for _ in range(2)]
    return [f"with helpers of the names that tests bind it {it}" for it in said if it != PASSED][:1]


def in_order(cells):
    """Run cells in one namespace, one after the other; what those say that fail."""
    space, said = _space(), []
    for cell in cells:
        said.append(_message(compile(cell, "<cell>", "exec"), space))
    return [it for it in said if it != PASSED]


def _space(*code):
    """A new namespace, in which some code was run, as far as a stub that is no function lets it."""
    space = {"__name__": "__main__", "__builtins__": builtins}
    for cell in code:
        with contextlib.suppress(NotImplementedError):
            exec(cell, space)
    return space


def _message(code, space):
    """Run code in a namespace, and tell how that ends."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            exec(code, space)
        except Exception as error:
            return f"fails with {type(error).__name__}: {error}"
    return PASSED


def surroundings():
    """All that a test could change in this process without binding a name."""
    import keras
    import numpy as np

    return {
        "NumPy's random numbers": str(np.random.get_state()),  # noqa: NPY002, that is the state
        "np.geterr()": np.geterr(),
        "np.get_printoptions()": np.get_printoptions(),
        "keras.config.floatx()": keras.config.floatx(),
        "keras.config.epsilon()": keras.config.epsilon(),
        "keras.config.image_data_format()": keras.config.image_data_format(),
        "keras.config.dtype_policy()": keras.config.dtype_policy().name,
        "the filters of warnings": list(warnings.filters),
        "the profiler": sys.getprofile(),
        "the garbage collector": gc.isenabled(),
        "the recursion limit": sys.getrecursionlimit(),
        "the environment": dict(os.environ),
        "the working folder": Path.cwd(),
    } | {
        f"{module}.{name}": value
        for module in WATCHED
        for name, value in vars(sys.modules.get(module, builtins)).items()
        if not (name.startswith("__") or isinstance(value, ModuleType))  # some are loaded late
    }


def _changed(before, after, same=operator.is_):
    """Names that stand for something else than before, are new, or gone."""
    return sorted(
        name
        for name in {*before, *after}
        if name not in before or name not in after or not same(before[name], after[name])
    )


def _same(before, after):
    """Whether a part of the surroundings is the same: settings are compared, objects are not."""
    plain = str, bool, int, float, list, dict, Path
    return before is after or (isinstance(before, plain) and before == after)


# In processes of their own


class Processes:
    """Runs functions of this file, each in a process in which no test has run."""

    def __enter__(self):
        self.server = subprocess.Popen(
            [sys.executable, "-m", "tests.notebooks.closed_boxes"],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        return self

    def __exit__(self, *_):
        self.server.stdin.close()
        self.server.wait()

    def call(self, function, *arguments):
        """What `run` or `in_order` gives for these arguments."""
        print(json.dumps([function.__name__, arguments]), file=self.server.stdin, flush=True)
        return json.loads(self.server.stdout.readline())


def serve():
    """Fork for each call that comes in; what all of them need is imported here, but not run."""
    for module in (*WATCHED, "tensorflow"):
        importlib.import_module(module)
    for line in sys.stdin:
        name, arguments = json.loads(line)
        reader, writer = os.pipe()
        if not os.fork():
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for what TensorFlow prints
            os.write(writer, json.dumps(globals()[name](*arguments)).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as answer:
            said = answer.read()
        os.wait()
        print(said.decode() or '["it ended Python"]', flush=True)


if __name__ == "__main__":
    serve()
