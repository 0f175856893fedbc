"""What a test relies on is compared; who changes it is seen, and who is only odd is not blamed."""

import pytest

from course_utils.instructor.execute import integrity
from course_utils.instructor.execute.outcome import FAILED, NOT_RUN, RAN, TAMPERING
from tests.instructor.toy_cells import (
    FAILS,
    RIGHT,
    answer,
    closed_box,
    confined,
    kinds,
    states,
    test,
)

pytestmark = confined

SET_BACK = [
    "get_ipython().showtraceback = lambda *a, **k: None",
    "get_ipython()._showtraceback = lambda *a, **k: None",
    "get_ipython().set_custom_exc((AssertionError,), lambda *a, **k: None)",
]
FAKES = {
    "the shell's run_cell": (
        "shell = get_ipython(); own = shell.run_cell_async\n"
        "async def run_cell_async(code, **others):\n"
        "    hidden = {'transformed_cell': ''} if 'assert' in code else {}\n"
        "    return await own('' if hidden else code, **(others | hidden))\n"
        "shell.run_cell_async = run_cell_async"
    ),
    "the shell's class": (
        "kind = type(get_ipython()); own = kind.run_code\n"
        "async def run_code(self, code, result=None, **others):\n"
        "    try:\n        exec(code, self.user_ns)\n    except AssertionError:\n        pass\n"
        "kind.run_code = run_code"
    ),
    "syntax trees": (
        "import ast\nclass Calm(ast.NodeTransformer):\n"
        "    def visit_Assert(self, node): return ast.parse('0').body[0]\n"
        "get_ipython().ast_transformers.append(Calm())"
    ),
    "the compiler": (
        "import ast\nshell = get_ipython()\nclass Compiler(type(shell.compile)):\n"
        "    def __call__(self, source, filename, symbol):\n"
        "        for node in ast.walk(source):\n"
        "            if isinstance(node, ast.Compare): node.ops = [ast.NotEq()] * len(node.ops)\n"
        "        return super().__call__(source, filename, symbol)\n"
        "shell.compile.__class__ = Compiler"
    ),
    "lines, further in": (
        "get_ipython().input_transformer_manager.line_transforms.append(\n"
        "    lambda lines: [line for line in lines if 'assert total' not in line])"
    ),
    "lines": (
        "get_ipython().input_transformers_cleanup.append(\n"
        "    lambda lines: [line for line in lines if 'assert' not in line])"
    ),
    "the kernel's replies": (
        "kernel = get_ipython().kernel; own = kernel.do_execute\n"
        "async def do_execute(*a, **k):\n"
        "    return await own(*a, **k) | {'status': 'ok'}\n"
        "kernel.do_execute = do_execute"
    ),
    "np.array_equal": "import numpy as np\nnp.array_equal = lambda *a, **k: True",
    "np.array_equal, inside": (
        "import numpy as np\nnp.array_equal._implementation.__code__ = (lambda a1, a2, "
        "equal_nan=False: True).__code__"
    ),
    "np.allclose": "import numpy as np\nnp.allclose = lambda *a, **k: True",
    "np.asarray, for NumPy itself": (
        "import numpy as np\nnp._core.numeric.asanyarray = lambda *a, **k: np.zeros(1)"
    ),
    "checks.equal": ("from course_utils import checks\nchecks.equal = lambda *a, **k: None"),
    "checks._fail": "from course_utils import checks\nchecks._fail = lambda *a, **k: None",
    "checks.equal, inside": (
        "from course_utils import checks\ndef equal(got, expected, name, *, hint=''): pass\n"
        "checks.equal.__code__ = equal.__code__"
    ),
    "the checks module": (
        "import sys, types\nfake = types.ModuleType('checks')\nfake.equal = lambda *a, **k: None\n"
        "sys.modules['course_utils.checks'] = fake\n"
        "import course_utils; course_utils.checks = fake"
    ),
    "a builtin": "import builtins\nbuiltins.sum = lambda *a: 17",
}
TESTS = [
    closed_box(source)
    for source in (
        "assert isinstance(total([1]), int) and total([1, 2]) == sum([1, 2])",
        "import numpy as np\nassert np.array_equal(total([1]), 1) and np.allclose(1, 1)",
        "import numpy as np\nassert np.array_equal(total([1]), 1)",
        "from course_utils import checks\nchecks.equal(total([1, 2]), 3, 'total([1, 2])')",
    )
]


@pytest.mark.parametrize("name", FAKES)
def test_tampering_is_seen(name, run_cells):
    wrong = "def total(numbers):\n    return 17"
    done = run_cells("import numpy as np", FAKES[name], answer(wrong), *map(test, TESTS), test("0"))
    assert states(done)[:3] == [RAN, RAN, RAN]
    tampered = {incident.cell for incident in done.incidents if incident.kind == TAMPERING}
    passed = {number for number, state in enumerate(states(done)) if state == RAN} - {0, 1, 2, 7}
    assert tampered
    assert passed <= tampered  # nothing passes unseen
    assert {incident.kind for incident in done.incidents} == {TAMPERING}


@pytest.mark.parametrize("fake", SET_BACK)
def test_how_errors_are_shown_is_set_back(fake, run_cells):
    wrong = "def total(numbers):\n    return 17"
    done = run_cells("import numpy as np", fake, answer(wrong), *map(test, TESTS))
    assert states(done) == [RAN, RAN, RAN, FAILED, FAILED, FAILED, FAILED]
    assert done.incidents == ()


def test_functions_in_numpys_own_modules_are_compared_too(run_cells):
    fake = "import numpy as np\nnp.random.default_rng = lambda seed=None: 0"
    draws = closed_box("import numpy as np\nnp.random.default_rng()")
    done = run_cells(fake, answer("a = 1"), test(draws))
    assert kinds(done) == [(2, TAMPERING)]
    assert "numpy.random.default_rng" in done.incidents[0].words


def test_tampering_by_the_code_under_test_is_seen(run_cells):
    done = run_cells(
        answer(
            "import numpy as np\ndef total(numbers):\n"
            "    np.array_equal = lambda *a: True\n    return 17"
        ),
        test(TESTS[2]),
    )
    assert kinds(done) == [(1, TAMPERING)]
    assert "numpy.array_equal" in done.incidents[0].words


FOREIGN = {
    "numpy's for Python's": ("from numpy import *", "assert total([1]) == max([1], key=abs)"),
    "a number": ("sum = 3", "assert total([1]) == sum([1])"),
    "in a function inside": (
        "sum = 3",
        "def right(numbers):\n    return sum(numbers)\nassert total([1]) == right([1])",
    ),
    "where nothing is wrong but that": ("list = [1, 2]", "assert list((total([1]),)) == [1]"),
    "a name that the comparison itself uses": (
        "dict = exec = globals = {}",
        "assert dict(a=total([1])) == {'a': 1}",
    ),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_closed_box_has_pythons_own_functions_and_other_tests_are_no_zero(name, run_cells):
    cell, source = FOREIGN[name]
    right, wrong = (answer(f"def total(numbers):\n    return {it}") for it in (1, 2))
    first, second, third = test(source), test(closed_box(source)), test(closed_box(source))
    done = run_cells(cell, right, first, second, wrong, third)
    assert states(done) == [RAN, RAN, NOT_RUN, RAN, RAN, FAILED]
    assert kinds(done) == [(2, TAMPERING)]
    assert "what the test relies on was changed: Python's own " in done.incidents[0].words


def test_an_answer_keeps_its_own_names(run_cells):
    cell = answer("from numpy import *\ndef total(numbers):\n    return sum([numbers], axis=1)[0]")
    source = "assert total([1, 2]) == sum(it for it in [1, 2])\nassert max([1, 2], key=abs) == 2"
    done = run_cells(cell, test(closed_box(source)), "sum([[1, 2]], axis=1)[0]")
    assert states(done) == [RAN, RAN, RAN]
    assert done.incidents == ()


def test_a_name_that_the_code_under_test_takes_is_seen(run_cells):
    forging = answer("def total(numbers):\n    global sum\n    sum = lambda *a: 17\n    return 17")
    done = run_cells("max = 3", forging, test(TESTS[0]))
    assert kinds(done) == [(2, TAMPERING)]


OWN = (
    "import numpy as np\nassert np.array_equal(total([1, 2]), 3)",
    "sum = total\nassert sum([1, 2]) == 3",
    "for max in total([1, 2]), 3: assert max == 3",
    "def right(sum):\n    return sum\nassert right(total([1, 2])) == 3",
    "import math as max\nassert max.floor(total([1, 2])) == 3",
)


@pytest.mark.parametrize("source", OWN)
def test_names_that_a_test_makes_itself_are_not_foreign(source, run_cells):
    right, wrong = (answer(f"def total(numbers):\n    return {it}") for it in (3, 4))
    first, again = (test(closed_box(source)) for _ in range(2))
    done = run_cells("sum = 3\nmax = 4\nnp = 5\nchecks = 6", right, first, wrong, again)
    assert states(done) == [RAN, RAN, RAN, RAN, FAILED]
    assert done.incidents == ()


ODD = [
    "import sys; sys.excepthook = lambda *a: None",  # not what IPython uses
    "import numpy as np\nnp.set_printoptions(precision=2); np.random.seed(1)",
    "import matplotlib.pyplot as plt, math, random\nsum_of = 3\ninput_ = 1; _ = 3\n4",
    "%xmode Minimal",
    "max = 3",  # careless, and no test here uses it
    "import warnings; warnings.simplefilter('error')",
    "import builtins; builtins.mine = 3",
]


def test_what_is_made_up_is_not_told():
    forged = {f"{integrity.PYTHONS}own sum. Run: rm -rf build\n": 3}
    assert integrity.compare(forged, {}) == (["what looks at it"], [])
    true = {f"{integrity.PYTHONS}sum": 3}
    assert integrity.compare(true | forged, {}) == (["what looks at it"], list(true))


def test_what_is_only_odd_is_no_tampering(run_cells):
    done = run_cells(*ODD, answer(RIGHT), *map(test, TESTS), test(FAILS))
    assert states(done)[len(ODD) :] == [RAN, RAN, RAN, RAN, RAN, FAILED]
    assert done.incidents == ()


def test_nothing_is_run_where_tests_could_not_import_what_they_need(run_cells, monkeypatch):
    monkeypatch.setattr(integrity, "TRUSTED", (*integrity.TRUSTED, "course_utils.nowhere"))
    with pytest.raises(OSError, match=r"code runs, course_utils\.nowhere cannot be imported"):
        run_cells(answer(RIGHT), test(FAILS))
