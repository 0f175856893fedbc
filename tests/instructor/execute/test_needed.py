"""What of a notebook is run, for each way in which a graded cell can depend on another one."""

import ast
import symtable

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.instructor.execute.needed import ANSWER, OTHER, TEST, plan
from course_utils.instructor.execute.reading import read_cell
from course_utils.instructor.execute.roles import roles
from tests.grading.answers import COURSE, lessons_to_test
from tests.instructor.execute.test_needed_programs import STATEMENTS, lines

ANSWER_CELL = "def total(numbers):\n    return sum(numbers) + {}"
TEST_CELL = "def test_total():\n    assert total([1, 2]) == 3\n\n\ntest_total()"
EVERYTHING = "everything"


def planned(*cells, uses="start", answer=ANSWER_CELL):
    """The plan for own cells, then an answer that uses a name, and its test."""
    cells = [(source, OTHER) for source in cells]
    cells += [(answer.replace("{}", uses), ANSWER), (TEST_CELL, TEST)]
    return plan(dict(enumerate(cells)))


def what_is_run(*cells, **options):
    """What is run of own cells: a list of texts, or `EVERYTHING`."""
    made = planned(*cells, **options)
    if made.whole:
        return EVERYTHING
    assert {len(cells), len(cells) + 1} <= set(made.sources)
    return [made.sources.get(number, "") for number in range(len(cells))]


# Each row: own cells, and those that are run. A part that is not run stands behind "--".
ROWS = {
    "a value": ["start = 1", "--other = 2"],
    "every value that it gets": ["start = 1", "start = start + 1"],
    "values of values": ["a = 1", "b = a", "start = b", "--c = a"],
    "the last value before": ["--a = 1", "a = 2", "b = a", "--a = 3", "start = b"],
    "one of two values": ["now, a = True, 1", "if now:\n    a = 2", "start = a"],
    "a value, if a loop is not run": ["a = 1", "for a in ():\n    pass", "start = a"],
    "a value that a function reads later": ["a = 1", "f = lambda: a", "a = 2", "start = f()"],
    "a value that a generator reads later": [
        "a = [1]",
        "for a in [[2]]:\n    start = (a for it in a)",
    ],
    "a loop's own name": [
        "--name = [1]",
        "start = []\nfor name in 'ab':\n    start.append([name for it in name])",
        "--name = 3",
    ],
    "a value of a block's own": ["--a = 1", "if True:\n    a = 2\n    start = a"],
    "a value of another block's": ["a = 1", "if True:\n    a = 2\nelse:\n    start = a"],
    "a value, if what was tried fails": [
        "a = 1",
        "try:\n    a = f()\nexcept ValueError:\n    start = a",
    ],
    "a value that with gives": ["--a = 1", "with f() as (a, b):\n    start = a"],
    "a sum of a block's own": ["--a = 1", "if True:\n    a = 2\n    a += 3\n    start = a"],
    "several at once": ["start, other = 1, 2"],
    "a training": ["start = 1", "--model = make()\nmodel.fit(images)", "--model.evaluate()"],
    "an item": ["start = [1]", "start[0] = 2", "--other = [1]\nother[0] = 2"],
    "an attribute": ["start = thing()", "start.x = 2"],
    "an item of an attribute": ["start = thing()", "start.x['a'][0] += 2"],
    "a method": ["start = []", "start.append(2)", "--len(start)"],
    "a method that only looks": ["start = {}", "--start.get(2)\nprint(start.keys())"],
    "an argument": ["start = []", "from somewhere import fill", "fill(start)"],
    "an argument of NumPy": ["start = [1]", "import numpy as np", "--np.mean(start)"],
    "a place to write to": [
        "import numpy as np",
        "start = np.zeros(3)",
        "np.copyto(start, 1)",
        "np.random.default_rng(1).shuffle(start)",
        "np.add.at(start, 0, 1)",
    ],
    "another name": ["start = [1]", "same = start", "same.append(2)"],
    "a part with a name": ["start = {'a': []}", "part = start['a']", "part.append(2)"],
    "a view": ["start = thing()", "view = start.reshape(3)", "view[0] = 1"],
    "a copy": ["start = [1]", "--copied = start.copy()\ncopied[0] = 2"],
    "a list that holds it": ["start = []", "held = [start]", "held[0].append(1)"],
    "handed over": ["start = []", "held = []", "held.append(start)", "held[0].append(1)"],
    "a loop": ["start = []", "for name in 'ab':\n    start.append(name)"],
    "a loop over parts": ["start = [[]]", "for part in start:\n    part.append(1)"],
    "a loop's name": ["for start in range(3):\n    pass"],
    "with": ["with open_it() as start:\n    pass"],
    "except": ["try:\n    f()\nexcept ValueError as start:\n    pass"],
    "walrus": ["print(start := 3)"],
    "walrus in a comprehension": ["[start := it for it in range(3)]"],
    "a comprehension's own name": ["start = 1", "--[start for start in range(3)]"],
    "a function's own name": ["start = 1", "--def f():\n    start = 2"],
    "match": ["it = 1", "match it:\n    case [start, *_]:\n        pass", "--it = 2"],
    "in a condition": ["now = True", "if now:\n    start = 1", "--later = True", "--now = 2"],
    "del": ["start = 1", "del start", "--other = 1\ndel other"],
    "global": ["def set_it():\n    global start\n    start = 1", "set_it()"],
    "global, by way of another": [
        "def set_it():\n    global start\n    start = 1",
        "def both():\n    set_it()",
        "both()",
        "--def neither():\n    pass\nneither()",
    ],
    "a function that is used": [
        "def start():\n    return help()",
        "def help():\n    return k",
        "k = 1",
    ],
    "a function that changes": [
        "start = []",
        "def add():\n    start.append(1)",
        "add()",
        "--def look():\n    return start[0]\nlook()",
    ],
    "a function that changes what it gets": [
        "start = []",
        "def add(to):\n    to.append(1)",
        "add(start)",
    ],
    "a function that is handed on": [
        "start = []",
        "def add(it):\n    start.append(it)",
        "list(map(add, [1, 2]))",
    ],
    "a decorator": ["start = {}", "def keep(f):\n    start[f] = 1", "@keep\ndef kept():\n    pass"],
    "a decorator with an argument": [
        "start = {}",
        "def keep(name):\n    return lambda f: start.update({name: f})",
        "@keep('a')\ndef kept():\n    pass",
    ],
    "a default": ["start = 1", "--def f(x=start):\n    pass"],
    "a default that is needed": ["k = 1", "def start(x=k):\n    pass"],
    "a class": ["k = 1", "class start:\n    x = k", "start.x = 2"],
    "a class's method": [
        "start = []",
        "class Adds:\n    def add(self):\n        start.append(1)",
        "adds = Adds()",
        "adds.add()",
    ],
    "a base": ["class Base:\n    pass", "class start(Base):\n    pass"],
    "a text with a name": ["k = 1", "start = f'{k}'", "--f'{start}'"],
    "a text that changes": ["start = []", "f'{start.append(1)}'"],
    "lambda": ["k = 1", "start = lambda: k"],
    "a setting of a module": ["import numpy as np", "np.seterr(all='raise')", "--np.zeros(3)"],
    "assigned into a module": ["import numpy as np", "k = 1", "np.extra = k", "--j = 1"],
    "assigned into a part of one": ["import keras", "keras.layers.Dense.call = print"],
    "assigned into what has another name": [
        "import keras",
        "layers = keras.layers",
        "Dense = layers.Dense",
        "Dense.call = print",
        "--layer = Dense(3)\nlayer.call = print",
    ],
    "a setting by another name": ["import keras", "k = keras.config", "k.set_floatx('float16')"],
    "figures": ["import matplotlib.pyplot as plt", "--plt.gca().set_title('x')"],
    "imported and called": ["from warnings import filterwarnings", "filterwarnings('ignore')"],
    "Keras' settings": [
        "import keras",
        "keras.config.set_floatx('float16')",
        "keras.mixed_precision.set_global_policy('mixed_float16')",
        "--keras.layers.Dense(3)",
    ],
    "TensorFlow's settings": [
        "import tensorflow as tf",
        "tf.config.run_functions_eagerly(True)",
        "tf.config.experimental.enable_op_determinism()",
        "--tf.config.list_physical_devices()",
    ],
    "the environment": ["import os, sys", "os.environ['X'] = '1'", "sys.path.append('x')"],
    "a function that sets": ["import numpy as np", "def quiet():\n    np.seterr()", "quiet()"],
    "imports, wherever": ["x = 1\nimport math--\nprint(x)"],
    "all of a library": ["from numpy import *", "start = pi", "--print(start)", "--k = zeros(3)"],
    "a seed": ["import keras", "keras.utils.set_random_seed(1)", "--x = train(3)"],
    "a lesson begins": ["from course_utils import session", "session.begin('01-a')"],
    "a magic that only shows": ["--%matplotlib inline", "--%pip install x", "--!ls", "--!pip list"],
    "a magic for everything": [
        "%env X=1",
        "%load_ext x",
        "!echo 1 > x.py",
        "%%writefile x.py\nk = 1",
    ],
    "a magic around code": ["%%time\nstart = 1", "--%time k = 2", "--%timeit f()"],
    "a page": ["--%%html\n<b>x</b>"],
    "a command that gives something": ["start = !ls", "--files = !ls"],
    "a command with a name": ["k = 1", "!echo $k > x"],
    "nothing": ["", "# a remark"],
    "names of its own": ["--numbers = [1]", "--sums = 2"],
    "two on a line": ["start = 1; --other = 2"],
}
PARTS = {"x = 1\nimport math--\nprint(x)": "import math", "start = 1; --other = 2": "start = 1"}


@pytest.mark.parametrize("name", ROWS)
def test_what_is_run(name):
    row = ROWS[name]
    uses = "1" if name == "names of its own" else "start"
    cells = [cell.replace("--", "") for cell in row]
    expected = [
        PARTS.get(cell) or ("" if cell.startswith("--") else whole)
        for cell, whole in zip(row, cells, strict=True)
    ]
    if name == "nothing":
        expected = cells
    assert what_is_run(*cells, uses=uses) == expected


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("exec('start = 1')", "exec"),
        ("this is no Python at all", "no Python"),
        ("eval('start')", "eval"),
        ("from somewhere import *", "import *"),
        ("globals()['start'] = 1", "globals"),
        ("def f():\n    return locals()", "locals"),
        ("setattr(start, 'x', 1)", "setattr"),
        ("import builtins", "builtins"),
        ("import gc; gc.get_objects()", "gc"),
        ("from importlib import reload", "importlib"),
        ("import sys\nsys._getframe()", "_getframe"),
        ("import sys\nsys.modules['__main__'].start = 1", "modules"),
        ("f.__globals__['start'] = 1", "__globals__"),
        ("get_ipython().run_cell('start = 1')", "run_cell"),
        ("%run other.py", "the magic run"),
        ("%load other.py", "the magic load"),
        ("run other.py", "the magic run"),
        ("%pylab", "the magic pylab"),
        ("%reset -f", "the magic reset"),
        ("%%javascripting\nx", "the magic javascripting"),
        ("%store -r start", "the magic store"),
        ("x = _", "IPython keeps"),
        ("x = Out[3]", "IPython keeps"),
        ("x = 1\n" * 150_000, "too long"),
        ("x = " + "(" * 500 + ")" * 500, ""),
    ],
)
def test_where_reading_cannot_tell_everything_is_run(cell, why):
    made = planned("start = 1", cell, "print(start)")
    if why:
        assert made.whole.startswith("cell 2")
        assert why in made.whole
        assert len(made.sources) == 5


@pytest.mark.parametrize(
    "cell", ["eval = 3\neval", "def locals():\n    pass\nlocals()", "for _ in 'ab':\n    print(_)"]
)
def test_such_a_name_may_be_the_notebooks_own(cell):
    assert what_is_run("start = 1", cell) == ["start = 1", ""]


@pytest.mark.parametrize(
    "answer",
    [
        "import numpy as np\ndef total(numbers):\n    return np.random.rand()",
        "from random import random\ndef total(numbers):\n    return random()",
        "def total(numbers):\n    return open('x').read()",
        "import numpy as np\ndef total(numbers):\n    return np.load('x')",
        "def total(numbers):\n    return draw()",
    ],
)
def test_chance_and_files_have_everything_run(answer):
    first = "import numpy as np\ndef draw():\n    return np.random.normal()"
    assert what_is_run(first, answer=answer) == EVERYTHING


def test_chance_of_ones_own_and_that_of_other_cells_do_not():
    cells = ["import numpy as np", "np.random.rand(3)", "open('x').read()"]
    answer = "def total(numbers):\n    return np.random.default_rng(1).normal()"
    assert what_is_run(*cells, answer=answer) == [cells[0], "", ""]
    tried = "def total(numbers):\n    return 3\nprint(total(np.random.rand(3)))"
    assert what_is_run(*cells, answer=tried) == [cells[0], "", ""]


def test_what_comes_after_the_last_test_is_not_run():
    cells = {0: (ANSWER_CELL, ANSWER), 1: (TEST_CELL, TEST), 2: ("import math; 1", OTHER)}
    assert set(plan(cells).sources) == {0, 1}


def test_without_a_graded_cell_everything_is_run():
    assert set(plan({3: ("x = 1", OTHER)}).sources) == {3}


def test_a_test_is_open_if_its_answer_shares_a_name_with_what_is_left_out():
    assert not planned("start = [1]", "other = 2").open
    assert planned("start = [1]", "print(start)").open == {3}
    assert planned("start = [1]", "same = start", "print(same)").open == {4}
    assert not planned("def start():\n    pass", "print(start())").open
    assert planned("x = 1", "y = 2", uses="1").left_out == {"x", "y"}


def test_a_test_is_open_if_what_it_needs_stands_below_something_that_is_left_out():
    assert planned("start = [1]", "check()\nstart[0] = 2").open == {3}
    assert not planned("start = [1]", "start[0] = 2\ncheck()").open
    assert not planned("start = [1]", "check()\nimport math", "check()\nother = 2").open
    assert planned("start = [1]", "check()\nimport math as start").open == {3}
    settings = "import numpy as np\ncheck()\nnp.seterr(all='raise')"
    assert planned(settings, uses="1").open == {2}


# Lessons


@pytest.mark.parametrize("lesson", lessons_to_test())
def test_of_a_solved_lesson_nothing_is_run_but_imports_and_settings(lesson):
    notebook = nbformat.read(COURSE.source(lesson), as_version=4)
    cells = roles(notebook)
    made = plan(cells)
    assert not made.whole
    assert not made.open
    others = [number for number, (_, role) in cells.items() if role == OTHER]
    run = [made.sources[number] for number in others if number in made.sources]
    beyond = [
        line
        for source in run
        for line in source.splitlines()
        if line.strip() and not line.startswith(("import ", "from ", "session.begin("))
    ]
    print(f"{lesson}: {len(run)} of {len(others)} own cells, {len(cells) - len(others)} graded")
    assert all(line.startswith("keras.utils.set_random_seed(") for line in beyond), beyond


# Names are read as Python reads them


class _OwnNames(ast.NodeTransformer):
    """Makes generators of comprehensions, whose names Python 3.13 counts among the cell's."""

    def visit_ListComp(self, node):
        """A list or a set."""
        return ast.GeneratorExp(self.visit(node.elt), [self.visit(it) for it in node.generators])

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node):
        """A dict."""
        both = ast.Tuple([self.visit(node.key), self.visit(node.value)], ast.Load())
        return ast.GeneratorExp(both, [self.visit(it) for it in node.generators])


def names_by_symtable(text):
    """Global names that a text reads and that it gives a value, by Python's own account."""
    text = ast.unparse(_OwnNames().visit(ast.parse(text)))
    tables, read, bound = [symtable.symtable(text, "cell", "exec")], set(), set()
    for table in tables:
        tables += table.get_children()
        for it in table.get_symbols():
            if it.is_global() or table.get_type() == "module":
                if it.is_referenced():
                    read.add(it.get_name())
                if it.is_assigned() or it.is_imported():
                    bound.add(it.get_name())
    return read, bound


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(lines(STATEMENTS), min_size=1, max_size=5))
def test_names_are_those_that_python_finds(statements):
    for text in statements:
        for it in read_cell(0, text):
            read, bound = names_by_symtable(text)
            assert read - {"__name__"} <= it.reads | it.now.binds
            assert bound == it.now.binds | it.later.binds


@pytest.mark.parametrize("lesson", lessons_to_test())
def test_names_of_lessons_are_those_that_python_finds(lesson):
    notebook = nbformat.read(COURSE.source(lesson), as_version=4)
    for number, (source, _) in roles(notebook).items():
        for it in read_cell(number, source):
            read, bound = names_by_symtable(it.text)
            assert read <= it.reads | it.now.binds  # what has a value of the statement's own
            assert it.reads - read <= bound  # x += 1
            assert it.now.binds | it.later.binds == bound
