"""What of a notebook its graded cells depend on, found by reading the code.

A lesson's trainings have no influence on any mark, and take nearly all the time. So of a submission
only those statements are run that answers and tests could notice: what gives a value to a name that
they read, or changes its object; imports; and whatever holds for the whole kernel. Where reading
cannot tell, everything is run.

**What it rests on.** A statement can change an object only by its name, by another name that may
share something with it, or by way of one of the notebook's own functions. Functions and modules are
not changed by being handed on, nor arrays by being given to NumPy, or to ``fit``. Who passes
objects on through files or through parts of a library is not seen. So this says, too, which tests
could come out otherwise if everything were run, on a broader reading: that of every name that a
statement so much as mentions. `execution` runs everything again if such a test fails.
"""

import builtins
import re
from collections import Counter, defaultdict
from dataclasses import dataclass

from course_utils.instructor.execute.reading import Effects, OpaqueError, read_cell

ANSWER, TEST, OTHER = "answer", "test", "other"
# Functions of libraries that change something for all that follows, by how their names begin.
FOR_ALL = re.compile(
    r"(set(?!_random_seed|_seed|diff1d|xor1d)|reset|clear_session|begin$|use$|register|unregister|patch|init"
    r"|config|basicConfig|enable|disable|experimental_|run_functions_eagerly|filterwarnings"
    r"|simplefilter|rc$|rcParams|append|insert|extend|remove|update|pop|putenv|unsetenv|chdir"
    r"|makedirs|mkdir|setlocale|signal|freeze|autoconfig|install|switch_|load_dotenv|add_)"
)
OF_FIGURES = re.compile(r"(matplotlib|seaborn)\b.*\(\)\.")  # methods of what was drawn
SEEDS = re.compile(r"(?:.*\.)?(seed|set_random_seed|set_seed)")
SHARED_RANDOM = re.compile(r"(?:.*\.)?random\.(?!default_rng|[A-Z]|seed|set_seed)\w+")
READS_FILES = re.compile(
    r"(?!course_utils)(.*\.)?"
    r"(open|(load|read|loadtxt|genfromtxt|fromfile|imread|memmap|Path|listdir|glob)(_\w+)?)"
)
# Methods that change neither their object nor what they get.
HARMLESS = {"all", "any", "argmax", "argmin", "argsort", "astype", "clip", "copy", "cumprod"}
HARMLESS |= {"cumsum", "diagonal", "dot", "flatten", "item", "max", "mean", "min", "nonzero"}
HARMLESS |= {"numpy", "prod", "ptp", "ravel", "repeat", "reshape", "round", "searchsorted"}
HARMLESS |= {"squeeze", "std", "sum", "swapaxes", "tobytes", "tolist", "trace", "transpose"}
HARMLESS |= {"var", "view"}
HARMLESS |= {"capitalize", "count", "endswith", "find", "format", "get", "hex", "index"}
HARMLESS |= {"isdigit", "items", "join", "keys", "lower", "lstrip", "replace", "rstrip", "split"}
HARMLESS |= {"splitlines", "startswith", "strip", "title", "upper", "values", "zfill"}
HARMLESS |= {"describe", "dropna", "equal", "fillna", "groupby", "head", "isin", "isna"}
HARMLESS |= {"median", "pivot", "sample", "sort_values", "tail", "to_list", "to_numpy", "unique"}
HARMLESS |= {"value_counts"}
HARMLESS |= {"batch", "cache", "compute_output_shape", "count_params", "evaluate", "get_config"}
HARMLESS |= {"get_layer", "get_weights", "kneighbors", "map", "permute", "predict"}
HARMLESS |= {"predict_on_batch", "prefetch", "score", "shape", "skip", "summary", "take"}
HARMLESS |= {"transform", "unbatch"}
HARMLESS |= {"add_subplot", "bar", "exists", "grid", "hist", "imshow", "legend", "plot"}
HARMLESS |= {"savefig", "scatter", "set_title", "set_xlabel", "set_xticks", "set_ylabel"}
HARMLESS |= {"set_yticks", "show", "with_suffix"}
# Methods that change their object, and not what they get.
TAKES = {"append", "extend", "add", "insert", "fit", "fit_transform", "update", "compile", "remove"}
KEEPS_NOTHING = {"fit", "compile"}  # of what it gets
# Built-in functions that change what they get.
CHANGING = {"next", "delattr", "setattr", "map", "filter", "super", "iter"}
# Libraries whose functions change what they get only if they are known for it, or make an object.
LIBRARIES = {"IPython", "PIL", "collections", "course_utils", "itertools", "json", "keras", "math"}
LIBRARIES |= {"matplotlib", "numpy", "operator", "os", "pandas", "pathlib", "scipy", "seaborn"}
LIBRARIES |= {"sklearn", "statistics", "sys", "tensorflow", "time", "umap", "functools", "re"}
IN_PLACE = re.compile(
    r"at|copyto|fill_diagonal|heap\w*|insort\w*|place|put|putmask|shuffle|\w*_inplace|setflags"
    r"|assign\w*|apply_gradients|reduce|partial|[A-Z]\w*|\(\)|set\w*|load_weights|train\w*|fit\w*"
)
WITHOUT_DATA = re.compile(r"(keras|math|matplotlib|numpy|pandas|scipy|sklearn|tensorflow)\b")
MAKES_ARRAYS = {"numpy", "matplotlib", "pandas", "PIL", "math", "pathlib", "course_utils"}


@dataclass(frozen=True)
class Plan:
    """What is run.

    Attributes
    ----------
    sources : dict of int to str
        What of each cell is run; nothing of cells that are not in it.
    whole : str
        Why everything is run; empty if it is not.
    open : frozenset of int
        Tests that could come out otherwise if everything were run.
    left_out : frozenset of str
        Names that statements which are not run would give a value.
    """

    sources: dict
    whole: str = ""
    open: frozenset = frozenset()
    left_out: frozenset = frozenset()


def plan(cells):
    """Find what has to be run for the marks of a notebook.

    Parameters
    ----------
    cells : dict of int to (str, str)
        The source of each code cell, in order, and whether it is an `ANSWER`, a `TEST` or another.

    Returns
    -------
    Plan
    """
    everything = {number: source for number, (source, _) in cells.items()}
    graded = [number for number, (_, role) in cells.items() if role != OTHER]
    if not graded:
        return Plan(everything, "nothing in it is graded")
    last = max(graded)
    number = None
    try:
        statements = []
        for number in (it for it in cells if it <= last):
            statements += read_cell(number, cells[number][0])
        number = None
        return _Dependence(statements, cells).plan(everything)
    except OpaqueError as reason:
        where = "" if number is None else f"cell {number + 1}: "
        return Plan(everything, f"{where}{reason}")
    except (RecursionError, MemoryError) as error:
        return Plan(everything, f"it could not be read ({type(error).__name__})")


class _Dependence:
    """What the statements of a notebook have to do with each other."""

    def __init__(self, statements, cells):
        self.statements, self.cells = statements, cells
        self.place = {id(it): number for number, it in enumerate(statements)}
        self.paths = {name: path for it in statements for name, path in it.paths.items()}
        self.ways, self.makers = defaultdict(set), defaultdict(list)
        for it in statements:
            for name, way in it.ways:
                self.ways[name].add(way)
            for name in {name for name, _ in it.ways} if it.later != Effects() else ():
                self.makers[name].append(it)
        self.libraries = self.imports()
        self.refuse_opaque()
        self.lasting = {name for it in statements for name in it.lasting}
        self.holds = defaultdict(set)
        for it in statements:
            for name, other in it.holds:
                self.hold(name, {other})
        self.give_back()
        self.take()
        self.closures, self.done = {}, {}
        self.with_data = {name for it in statements for name in self.effects(it).assigned_into}
        self.changed = {id(it): self.parts(self.effects(it).changes) for it in statements}
        self.binders = defaultdict(list)
        for it in statements:
            for name in self.effects(it).binds:
                self.binders[name].append(it)

    def refuse_opaque(self):
        """Refuse what reading cannot tell, unless the notebook gives the name to something else."""
        for it in self.statements:
            for name, reason in it.opaque.items():
                if name not in self.ways and self.cells[it.cell][1] != TEST:
                    raise OpaqueError(f"cell {it.cell + 1}: {reason}")

    # Kinds of names

    def is_import(self, name):
        """Whether a name stands for a module or a part of one, and nothing else."""
        return name in self.libraries

    def may_be_import(self, name):
        """Whether a name stands for a module or a part of one, perhaps among other things."""
        return self.is_import(name) or "import" in self.ways.get(name, ())

    def imports(self):
        """Names that stand for a module or a part of one, and nothing else."""
        found, size = {name for name, ways in self.ways.items() if ways == {"import"}}, -1
        values = Counter(name for it in self.statements for name, _ in it.ways)
        aliases = Counter(it.alias[0] for it in self.statements if it.alias)
        while size != len(found):
            size = len(found)
            for name, root, *attributes in (it.alias for it in self.statements if it.alias):
                path = ".".join([self.paths.get(root, root), *attributes])
                if root in found and aliases[name] == values[name] and WITHOUT_DATA.match(path):
                    found.add(name)
                    self.paths[name] = path
        return found

    def is_own(self, name):
        """Whether a name stands for one of the notebook's own functions or classes."""
        return name in self.ways and self.ways[name] <= {"def", "class"}

    def is_fixed(self, name):
        """Whether nothing changes the object that a name stands for, or it ends with its call."""
        if "@" in name and name not in self.lasting:
            return True
        plain = self.is_import(name) or self.ways.get(name, set()) <= {"import", "def", "class"}
        return plain and name not in self.with_data

    # What objects hold

    def hold(self, name, others):
        """An object may hold others."""
        if not self.is_import(name):
            self.holds[name] |= {it for it in others if not self.is_import(it)}

    def give_back(self):
        """Have functions hold what they may give back, unless they got it from their caller."""
        inner = {name: set(others) for name, others in self.holds.items()}
        given = [pair for it in self.statements for pair in it.gives]
        for function, root in given:
            inner.setdefault(function, set()).add(root)
        for function in {function for function, _ in given}:
            found = _closure(function, inner)
            self.hold(function, {it for it in found if "@" not in it or it in self.lasting})

    def take(self):
        """Have parameters hold what functions are called with, and objects what they are given."""
        parameters = defaultdict(set)
        for it in self.statements:
            for name, parameter in it.parameters:
                parameters[name].add(parameter)
        for call in (call for it in self.statements for call in (*it.now.calls, *it.later.calls)):
            last = call.attributes[-1:]
            for name in {call.root.partition("@")[0], *last, *call.given}:
                for own in parameters.get(name, ()):
                    self.hold(own, call.arguments | call.receiver)
            if last and last[0] not in HARMLESS | KEEPS_NOTHING:
                for own in call.receiver:
                    self.hold(own, call.arguments)

    def reached(self, name):
        """All names whose objects a name's object may hold, itself included."""
        if name not in self.closures:
            self.closures[name] = _closure(name, self.holds)
        return self.closures[name]

    def parts(self, names):
        """What of all that some names' objects hold can be changed."""
        return {part for it in names for part in self.reached(it) if not self.is_fixed(part)}

    # Calls

    def path(self, call):
        """The path of a library's function that is called, such as ``numpy.zeros``."""
        return ".".join([self.paths.get(call.root, call.root), *call.attributes])

    def changed_by(self, call):
        """Names of objects that a call may change."""
        last = call.attributes[-1] if call.attributes else ""
        if self.is_import(call.root):
            return call.arguments if self.changes_arguments(self.path(call)) else set()
        if last:
            kept = last in HARMLESS
            return set() if kept else call.receiver | (set() if last in TAKES else call.arguments)
        if self.is_own(call.root):
            return set()  # what it changes is found in itself
        if call.root not in self.ways and (hasattr(builtins, call.root) or call.root == "display"):
            return call.arguments if call.root in CHANGING else set()
        return call.arguments | {call.root} - {""}

    def changes_arguments(self, path):
        """Whether a library's function may change what it gets."""
        library, function = path.split(".")[0], path.split(".")[-1]
        if library in MAKES_ARRAYS and function[:1].isupper():
            return False
        return library not in LIBRARIES or bool(IN_PLACE.fullmatch(function))

    def is_for_all(self, effects):
        """Whether code changes something for all that follows."""
        paths = (self.path(it) for it in effects.calls if self.may_be_import(it.root))
        called = (it.split(".")[-1] for it in paths if not OF_FIGURES.match(it))
        assigned = any(map(self.may_be_import, effects.assigned_into))
        return effects.everywhere or assigned or any(map(FOR_ALL.match, called))

    def uses(self, effects, pattern, *, seeded=True):
        """Whether a function of a library, or a built-in one, is called whose path is like this."""
        return any(
            pattern.fullmatch(self.path(it)) and (seeded or not it.seeded)
            for it in effects.calls
            if self.is_import(it.root) or it.root not in self.ways
        )

    # What statements do

    def effects(self, it):
        """What a statement does, with the notebook's own functions that it mentions."""
        if id(it) not in self.done:
            together, seen, names = Effects(), set(), list(it.now.reads)
            together.add(it.now)
            for name in names:
                for maker in (that for other in self.reached(name) for that in self.makers[other]):
                    if id(maker) not in seen:
                        seen.add(id(maker))
                        together.add(maker.later)
                        names += maker.later.reads
            for call in together.calls:
                together.changes |= self.changed_by(call)
            together.everywhere = self.is_for_all(together)
            self.done[id(it)] = together
        return self.done[id(it)]

    def needed(self, chosen):
        """Statements that some depend on, by their ids, those included; and the names they read."""
        chosen, names, size = {id(it): it for it in chosen}, set(), -1
        while size != len(chosen):
            size = len(chosen)
            names = {name for it in chosen.values() for name in it.reads}
            parts = self.parts(names)
            bound = {id(that) for it in chosen.values() for that in self.values_of(it)}
            for it in self.statements:
                if id(it) in bound or self.changed[id(it)] & parts:
                    chosen[id(it)] = it
        return chosen, names

    def values_of(self, it):
        """Statements from which the names that a statement reads may have their values.

        A name that is read at once has its value from a statement before, and from none before one
        that gives it another in any case; what a function reads may be bound until it is called.
        """
        for name in it.reads:
            if name not in it.at_once:
                yield from self.binders[name]
                continue
            before = [
                that for that in self.binders[name] if self.place[id(that)] < self.place[id(it)]
            ]
            for that in reversed(before):
                yield that
                if name in that.settles:
                    break

    # The plan

    def plan(self, everything):
        """Make the plan."""
        start = [
            it
            for it in self.statements
            if self.cells[it.cell][1] != OTHER or it.imports or self.is_always_run(it)
        ]
        chosen, _ = self.needed(start)
        rest = [it for it in self.statements if id(it) not in chosen]
        mentioned = set()
        for it in rest:
            mentioned |= self.parts(it.reads | self.effects(it).binds) | self.changed[id(it)]
        return Plan(
            self.texts(everything, chosen),
            open=frozenset(self.open_tests(mentioned, self.after_left_out(chosen))),
            left_out=frozenset(name for it in rest for name in self.effects(it).binds),
        )

    def is_always_run(self, it):
        """Whether a statement changes something for all that follows."""
        return self.effects(it).everywhere or (it.calls and self.uses(it.now, SEEDS))

    def after_left_out(self, chosen):
        """Statements that an error in what is left out of their cells would keep from being run."""
        late, cells = {}, set()
        for it in self.statements:
            if id(it) not in chosen:
                cells.add(it.cell)
            elif it.cell in cells and not (it.imports and all(map(self.is_import, it.now.binds))):
                late[id(it)] = it
        return late

    def open_tests(self, mentioned, late):
        """Tests that depend on some names or statements; refuses what names cannot tell."""
        for_all = any(self.effects(it).everywhere for it in late.values())
        tests = sorted(number for number, (_, role) in self.cells.items() if role == TEST)
        for number in tests:
            chosen, names = self.needed(it for it in self.statements if it.cell == number)
            for it in chosen.values():
                if self.cells[it.cell][1] != TEST:
                    self.refuse_chance(it)
            if for_all or self.parts(names) & mentioned or late.keys() & chosen.keys():
                yield number

    def refuse_chance(self, it):
        """Refuse what a test depends on and cannot be told by names."""
        for some in (self.effects(it), it.later):
            if self.uses(some, SHARED_RANDOM, seeded=False):
                raise OpaqueError(f"cell {it.cell + 1}: random numbers that all cells share")
            if self.uses(some, READS_FILES):
                raise OpaqueError(f"cell {it.cell + 1}: files, which other cells may write")

    def texts(self, everything, chosen):
        """What of each cell is run."""
        last = max(number for number, (_, role) in self.cells.items() if role != OTHER)
        own = {number: [] for number in everything if number <= last}
        for it in self.statements:
            own[it.cell].append(it)
        sources = {}
        for number, statements in own.items():
            kept = [it.text for it in statements if id(it) in chosen]
            if len(kept) == len(statements):
                sources[number] = everything[number]
            elif kept:
                sources[number] = "\n".join(kept)
        return sources


def _closure(name, holds):
    """All names whose objects a name's object may hold, itself included."""
    found, new = {name}, [name]
    for it in new:
        fresh = holds.get(it, set()) - found
        found |= fresh
        new += fresh
    return found
