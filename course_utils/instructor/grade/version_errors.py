"""Find errors that may come from this desk's having other versions than Colab.

Such an error is no proof that an answer is wrong: in Colab, where it was written, it may be right.
Found are a `SyntaxError` or a missing built-in name where Python is older here, and a missing
module, a missing attribute or an unexpected keyword in a package of another version; also where a
test catches one and says something else.

**What this cannot detect.** An answer that gives other values with another version, without an
error, or an error of another kind; a missing attribute of an object, if neither the message nor the
traceback nor the notebook says which package it is of; names that code makes with ``exec`` or
``globals()``.
"""

import ast
import functools
import re
import sys
from importlib import metadata

from course_utils.instructor.execute.outcome import FAILED
from course_utils.instructor.lessons.cell_text import NO_PYTHON, made_and_read, python_of
from course_utils.instructor.plain_text import COLOURS, cleaned, in_one_line
from course_utils.instructor.versions import PYTHON, canonical

NEWER = ("PythonFinalizationError",)  # built-in names that came after the oldest Python we support
LONGEST = 200  # characters of an error's message, for people
READ = 1_000  # and for reading it: a student's code may make it as long as it likes
MISSING = ("AttributeError", "ImportError", "ModuleNotFoundError")
NAMED = re.compile(
    r"^module '(\w+)[\w.]*' has no attribute"
    r"|^(?:type object )?'(\w+)\.[\w.]+'(?: object)? has no attribute"
    r"|^cannot import name '\w+' from '(\w+)"
    r"|^No module named '(\w+)"
)
ATTRIBUTE = re.compile(r"^(?:type object )?'(\w+)'(?: object)? has no attribute")
KEYWORD = re.compile(
    r"^(?:.*?(\w+)(?:\.__init__)?\(\) )?.*(?:unexpected|unrecognized|unsupported|invalid) keyword",
    re.IGNORECASE,
)
# Where an error of a chain begins, ends and has passed, in long tracebacks or plain ones.
BEGINNING = re.compile(r"^(?=(?:\w+ +)?Traceback \(most recent call last\):?$)", re.MULTILINE)
END = re.compile(rf"^(\w+Error): (.{{,{READ}}})", re.MULTILINE)
IN_CELL = re.compile(r"^ *Cell In.*$", re.MULTILINE)
IN_PACKAGE = re.compile(r"^ *File .*site-packages/(\w+)", re.MULTILINE)

# What a cell makes that is no Python here.
MADE = re.compile(
    r"^[ \t]*(?:async[ \t]+)?(?:def|class|type)[ \t]+(\w+)"
    r"|^[ \t]*(\w+)[ \t]*(?::[^=\n]+)?=(?!=)"
    r"|\bimport\b.*?(\w+)[ \t]*$",
    re.MULTILINE,
)


def version_errors(cells, failing, different):
    """Find errors that failing tests hang on, and that may come from another version.

    Parameters
    ----------
    cells : dict of int to NotebookNode
        The code cells of an executed notebook, by their places from 0.
    failing : dict of str to NotebookNode
        Those that are tests which have not passed, by grade id.
    different : dict of str to versions.Difference
        What Colab has in another version, by name.

    Yields
    ------
    str
        Which cell fails and how, what differs, and which exercises hang on it.
    """
    if not (different and failing):
        return
    code = _Code([cell.source for cell in cells.values()])
    found = {
        number: suspicion
        for number, cell in cells.items()
        if _has_failed(cell) and (suspicion := _suspicion(cell, code, different))
    }
    if not found:
        return
    tests = {id(test) for test in failing.values()}
    names = {number: _names(cell) for number, cell in cells.items() if id(cell) not in tests}
    needed = {name: _needed(test, names.values()) for name, test in failing.items()}
    for number, suspicion in found.items():
        cell, made = cells[number], names.get(number, (set(),))[0]
        hang = [name for name, test in failing.items() if test is cell or made & needed[name]]
        if hang:
            exercises = ", ".join(dict.fromkeys(name.rpartition("-")[0] for name in hang))
            yield f"{_called(number, cell)} {suspicion}: look whether {exercises} would pass there"


def _called(number, cell):
    """How a person finds a cell."""
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    return f"cell {number + 1} ({name})" if name else f"cell {number + 1}"


def _names(cell):
    """Names that a cell makes, and names that it reads, also of one that is no Python here."""
    made, read = made_and_read(cell.source)
    if made or read:
        return made, read
    found = {name for names in MADE.findall(cell.source) for name in names if name}
    return found, set(re.findall(r"\w+", cell.source))


def _needed(test, names):
    """Every name that a test needs, by way of the cells that make these."""
    needed, new = set(), _names(test)[1]
    while new:
        needed |= new
        new = {it for made, read in names if made & new for it in read} - needed
    return needed


def _suspicion(cell, code, different):
    """How a cell fails and what differs that it may come from; empty if nothing does."""
    for output in cell.outputs:
        if output.output_type != "error":
            continue
        for kind, message, passed in _chain(output):
            if kind == "SyntaxError" or _misses_newer_name(kind, message):
                names = [PYTHON] if PYTHON in different and different[PYTHON].here_is_older else []
            else:
                modules = _modules(kind, message, passed, code)
                names = sorted({it for module in modules for it in _packages(module)})
            guilty = ", ".join(str(different[name]) for name in names if name in different)
            if guilty:
                said = in_one_line(cleaned(f"{kind}: {message}"), LONGEST)
                return f"fails with {said}; {guilty}"
    return ""


def _misses_newer_name(kind, message):
    """Whether an error says that a built-in name is missing which newer Pythons have."""
    return kind == "NameError" and any(message.startswith(f"name '{it}' is not") for it in NEWER)


def _chain(output):
    """The errors that led to an output, the last first: kind, message, where each has passed."""
    *before, last = BEGINNING.split(COLOURS.sub("", "\n".join(output.get("traceback", ()))))
    yield output.ename, output.evalue[:READ], last
    for block in reversed(before):
        for kind, message in END.findall(block)[-1:]:
            yield kind, message, block


def _modules(kind, message, passed, code):
    """Top-level modules that an error may be of."""
    named, keyword = NAMED.match(message), KEYWORD.match(message)
    if named:
        return {next(filter(None, named.groups()))}
    if not keyword and kind not in MISSING:
        return set()
    inner = IN_PACKAGE.findall(IN_CELL.split(passed)[-1])
    if inner:
        return {inner[-1]}
    if not keyword:
        attribute = ATTRIBUTE.match(message)
        return code.called(attribute[1]) if attribute else set()
    if keyword[1] in code.defined:
        return set()
    return code.called(keyword[1]) or set(code.imported.values())


def _packages(module):
    """Names of the packages that bring a top-level module."""
    if module in sys.stdlib_module_names:
        return [PYTHON]
    return _distributions().get(module) or [canonical(module)]


@functools.cache
def _distributions():
    """Packages by the top-level modules that they bring."""
    found = metadata.packages_distributions()
    return {module: [canonical(it) for it in names] for module, names in found.items()}


class _Code:
    """What a notebook's code imports, defines and calls."""

    def __init__(self, sources):
        self._sources = sources

    @functools.cached_property
    def nodes(self):
        """All that can be parsed."""
        return [node for source in self._sources for node in ast.walk(_tree(source))]

    @functools.cached_property
    def imported(self):
        """Top-level modules by the names that they, or parts of them, were given."""
        found = {}
        for node in self.nodes:
            module = getattr(node, "module", None) or ""
            for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
                top = (module or alias.name).partition(".")[0]
                found[alias.asname or alias.name.partition(".")[0]] = top
        return found

    @functools.cached_property
    def defined(self):
        """Names of the notebook's own functions and classes."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return {node.name for node in self.nodes if isinstance(node, kinds)}

    def called(self, name):
        """Top-level modules of which the notebook calls something of this name."""
        found = set()
        for node in self.nodes:
            if isinstance(node, ast.Call):
                root = node.func
                last = getattr(root, "attr", getattr(root, "id", None))
                while isinstance(root, ast.Attribute):
                    root = root.value
                if last == name and isinstance(root, ast.Name) and root.id in self.imported:
                    found.add(self.imported[root.id])
        return found


def _has_failed(cell):
    """Whether a cell was run and ended with an error."""
    return cell.metadata.get("execution", {}).get("state") == FAILED


def _tree(source):
    """A cell's syntax tree; an empty one if it is no Python here."""
    try:
        return python_of(source)[1]
    except NO_PYTHON:
        return ast.Module([], [])
