"""Compare what a test relies on with what there was before a student's code ran.

Compared are the functions of Python, NumPy and the course's checks, and IPython's machinery; also
what the names of Python's own functions stand for that a test uses: after ``sum = 0`` or ``from
numpy import *``, a test that is a closed box gets Python's own. Everything else a test imports for
itself.

**What this cannot detect.** A student's code runs in the process that is looked at. Whoever has
read this file can give the comparison what it expects, put a wrong function right only while it is
being tested, or change what is not compared (a method of a class, say, or memory itself, through
ctypes).
"""

import ast
import builtins

from course_utils.instructor.execute import question
from course_utils.instructor.lessons.cell_text import borrowed

PYTHONS = "Python's own "  # what the marks of built-in names begin with
DIGEST = "one of these"  # the name of the mark that stands for all others
TRUSTED = ("builtins", "math", "numpy", "course_utils.checks")
IF_THERE = ("numpy.random", "numpy.linalg", "keras.ops", "keras.layers", "keras.utils")
# Run in the kernel. It gives, by name, what stands for everything tests rely on, unless that has
# the digest that is known, and whether a test would find Python's own functions under its names.
SURVEY = """
import builtins, hashlib, importlib, marshal, sys, types
modules = {}
for module in (*trusted, *(it for it in if_there if it in sys.modules)):
    try:
        modules[module] = importlib.import_module(module)
    except Exception:
        pass
numpy = modules.get("numpy")
# Of these, another one has another id, as they have no code that could be exchanged.
fixed = {type, types.BuiltinFunctionType, types.ModuleType, int, float, str}
fixed.add(getattr(numpy, "ufunc", type))
def mark(value):
    if type(value) in fixed:
        return id(value)
    codes = [getattr(it, "__code__", None) for it in (value, getattr(value, "_implementation", 0))]
    inner = [id(getattr(value, key, None)) for key in ("__defaults__", "__kwdefaults__")]
    return [id(value), *map(id, codes), *(inner if codes[0] else ())]
marks = {}
for module, there in modules.items():
    names = dict(vars(there))
    marks[module + " itself"] = id(sys.modules[module])
    marks.update((module + "." + name, mark(names[name])) for name in names if name not in (
        "_", "input", "__warningregistry__"))
for module in ("fromnumeric", "numeric", "multiarray", "_methods", "shape_base"):
    for core in ("numpy._core.", "numpy.core."):
        if core + module in sys.modules:
            names = vars(sys.modules[core + module])
            marks.update((core + module + "." + n, mark(names[n])) for n in list(names)
                         if n != "__warningregistry__")
shell = get_ipython()
shell.call_pdb = False  # after %pdb, the error that tells a test's success would start a debugger
for name in ("run_cell", "run_cell_async", "run_code", "run_ast_nodes", "showtraceback",
             "_showtraceback", "showsyntaxerror", "transform_cell", "user_expressions"):
    method = getattr(shell, name, None)
    marks["IPython's " + name] = mark(getattr(method, "__func__", method))
marks["IPython's transformers"] = [
    [id(it) for it in kind]
    for kind in (shell.ast_transformers, shell.input_transformers_post, shell.custom_exceptions)
] + [len(shell.input_transformers_cleanup)]
for part, names in ((shell.compile, ("__call__", "ast_parse")),
                    (shell.input_transformer_manager, ("transform_cell", "do_token_transforms"))):
    own = [id(vars(part)[name]) for name in names if name in vars(part)]
    of_class = [mark(getattr(type(part), name, None)) for name in names]
    lists = [id(it) for it in getattr(part, "line_transforms", [])]
    lists += [id(it) for it in getattr(part, "token_transformers", [])]
    marks["IPython's part with " + names[1]] = [id(part), id(type(part)), own, of_class, lists]
kernel = type(shell.kernel)
for name in ("do_execute", "execute_request", "send_response"):
    own = shell.kernel.__dict__.get(name)
    marks["the kernel's " + name] = [mark(getattr(kernel, name)), own and id(own)]
marks[digest] = hashlib.sha256(marshal.dumps(marks, 0)).hexdigest()
own = {pythons + name: space[name] is getattr(builtins, name) or id(space[name])
       for name in used if hasattr(builtins, name) and name in space}
result = {"own": own, "marks": None if marks[digest] == known else marks}
"""


async def survey(ask, source="", baseline=None):
    """Look at what tests rely on, as a kernel has it.

    Parameters
    ----------
    ask : coroutine function
        Has the kernel run a source unseen and evaluate the expressions given by keyword; returns
        its reply.
    source : str
        A test, for the names that it uses.
    baseline : dict of str to object, optional
        What this has given before the first cell; the kernel only tells what it is if it differs.

    Returns
    -------
    dict of str to object, or None
        What stands for everything, by name; None if the kernel does not tell.
    """
    given = {"trusted": TRUSTED, "if_there": IF_THERE, "pythons": PYTHONS, "digest": DIGEST}
    given |= {"used": sorted(borrowed(source)), "known": baseline and baseline.get(DIGEST)}
    told = await question.result(ask, SURVEY, **given)
    try:
        return (baseline if told["marks"] is None else told["marks"]) | told["own"]
    except (KeyError, TypeError):
        return None


def absent(found):
    """Name the modules that tests rely on and a kernel could not import.

    Parameters
    ----------
    found : dict of str to object
        What `survey` gives.

    Returns
    -------
    list of str
    """
    return [module for module in TRUSTED if f"{module} itself" not in found]


def with_pythons_own(source, foreign):
    """Give a test Python's own functions, whatever a student's notebook has under their names.

    A test that is one function and its call imports them itself, so that the names remain the
    student's, whose answer may need them.

    Parameters
    ----------
    source : str
        The test.
    foreign : sequence of str
        What of Python's own functions `compare` has found to stand for something else.

    Returns
    -------
    str
        The test; as it was, if nothing is foreign, or if it is no such function.
    """
    names = {it.removeprefix(PYTHONS) for it in foreign} & borrowed(source) & set(dir(builtins))
    body = ast.parse(source).body if names else []
    if [type(it) for it in body] != [ast.FunctionDef, ast.Expr]:
        return source
    first, lines = body[0].body[0], source.split("\n")
    own = f"{' ' * first.col_offset}from builtins import {', '.join(sorted(names))}"
    return "\n".join([*lines[: first.lineno - 1], own, *lines[first.lineno - 1 :]])


def compare(found, baseline):
    """Tell what of that which a test relies on is not what it was.

    Parameters
    ----------
    found, baseline : dict of str to object
        What `survey` gives for this test, and gave before the first cell.

    Returns
    -------
    changed : list of str
        What is different.
    foreign : list of str
        Names of Python's own functions which the test uses, and which stand for something else.
    """
    names = {name: it for name, it in found.items() if name.startswith(PYTHONS)}
    changed = []  # nearly always, and quickly said; what is new beside the old changes nothing
    if found.get(DIGEST) != baseline.get(DIGEST):
        changed = [it for it in baseline if it != DIGEST and found.get(it) != baseline[it]]
    foreign = [name for name, it in names.items() if it is not True]
    # A student's code that answers in the survey's place may tell people anything in such names.
    named = [name for name in foreign if name.removeprefix(PYTHONS).isidentifier()]
    if named != foreign:
        foreign = named
        changed.append("what looks at it")
    return changed, foreign
