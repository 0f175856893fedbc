import pytest

from course_utils.instructor.release.rewording import (
    imported_names,
    parse,
    read_functions,
    read_steps,
)


def steps_of(code):
    tree = parse(code)
    read = read_steps(tree, imported_names([tree]))
    return {part.wording for step in read for part in step.all_steps()}


def whole(code):
    """The wording of the last step, in which everything before it has been put."""
    tree = parse(code)
    return read_steps(tree, imported_names([tree]))[-1].wording


SOFTMAX = """
shifted = scores - scores.max(axis=1, keepdims=True)
powers = np.exp(shifted)
powers / powers.sum(axis=1, keepdims=True)
"""
ALIKE = {
    "other names": (
        SOFTMAX,
        SOFTMAX.replace("shifted", "a").replace("powers", "b").replace("scores", "c"),
    ),
    "one name for all": (
        SOFTMAX,
        SOFTMAX.replace("shifted", "x").replace("powers", "x").replace("scores", "x"),
    ),
    "no names": (
        SOFTMAX,
        "np.exp(x - x.max(axis=1, keepdims=True)) / "
        "np.exp(x - x.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)",
    ),
    "more names": (
        SOFTMAX,
        "m = x.max(axis=1, keepdims=True)\nd = x - m\ne = np.exp(d)\n"
        "t = e.sum(axis=1, keepdims=True)\ne / t",
    ),
    "imported by name": (
        SOFTMAX,
        "from numpy import exp as e, max as top, sum as add\n"
        "p = e(x - top(x, keepdims=True, axis=1))\n"
        "p / add(p, axis=1, keepdims=True)",
    ),
    "imported otherwise": (
        SOFTMAX,
        "import numpy\np = numpy.exp(x - numpy.max(x, axis=1, keepdims="
        "True))\np / numpy.sum(p, axis=1, keepdims=True)",
    ),
    "lines split": (
        SOFTMAX,
        SOFTMAX.replace(" - ", " - \\\n  ").replace("axis=1, ", "axis=1,\n  "),
    ),
    "annotated, with comments": (SOFTMAX, SOFTMAX.replace("powers =", "# e\npowers: float =")),
    "lambda": (
        "def f(a, b):\n    'doc'\n    return a * b - len(a)",
        "f = lambda p, q: q * p - len(p)",
    ),
    "typed": (
        "def f(a, b=2):\n    return a - b",
        "def g(c: int, d: int = 2) -> int:\n    return c - d",
    ),
    "terms in another order": ("(a * b + c) * 3 == d", "d == 3 * (c + b * a)"),
    "comparison turned": ("(a - 1) < b * b", "b * b > (a - 1)"),
    "in place": ("total += a * b", "total = total + b * a"),
    "matrix product": ("x @ w + b", "np.dot(x, w) + b"),
    "other matrix product": ("x @ w + b", "b + np.matmul(x, w)"),
    "several at once": (
        "h, w = kernel.shape\nh - w",
        "h = kernel.shape[0]\nw = kernel.shape[1]\nh - w",
    ),
    "side by side": ("a, b = x - 1, x + 1\na / b", "a = x - 1\nb = x + 1\na / b"),
    "list for tuple": ("f((4, 10.0))", "f([4, 10])"),
    "message changed": ("assert f(a) == 3, 'one'", "assert f(b) == 3, f'two {b}'"),
    "else after return": (
        "if a > b:\n    return a - b\nreturn b - a",
        "if a > b:\n    return a - b\nelse:\n    return b - a",
    ),
    "else in a line": (
        "if a > b:\n    return a - b\nreturn b - a",
        "return a - b if a > b else b - a",
    ),
    "walrus": ("n = len(a)\nn * n", "(m := len(b)) * m"),
    "loop for comprehension": (
        "found = []\nfor x in a:\n    if x > 1:\n        found.append(x * b)",
        "[y * b for y in a if y > 1]",
    ),
    "statements of a loop in another order": (
        "for x in a:\n    f(x - 1)\n    g(x + b)",
        "for y in a:\n    g(b + y)\n    f(y - 1)",
    ),
}


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_rewording_changes_no_step(one, other):
    assert whole(one) == whole(other)


DIFFERENT = {
    "another function": ("np.exp(x) / 2", "np.log(x) / 2"),
    "another number": ("np.exp(x) / 2", "np.exp(x) / 3"),
    "another text": ("f('relu')", "f('softmax')"),
    "another axis": ("x.sum(axis=0)", "x.sum(axis=1)"),
    "the other way round": ("a - b * a", "b * a - a"),
    "variables that are not the same": ("x / x.sum()", "x / y.sum()"),
    "less instead of at most": ("a < b + 1", "a <= b + 1"),
}


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_differs_stays_different(one, other):
    assert whole(one) != whole(other)


def test_a_value_changed_in_a_loop_is_not_taken_for_the_one_before():
    assert whole("n = 0\nfor x in a:\n    n = n + x\nn * 2") == whole("y * 2")


def test_a_value_changed_in_a_branch_is_not_taken_for_the_one_before():
    assert whole("n = 0\nif a:\n    n = 1\nn * 2") == whole("y * 2")


def test_functions_stand_alone_as_well():
    tree = parse("scale = 3\ndef f(x):\n    return x * scale - 1")
    [alone] = read_functions(tree, {})
    assert {part.wording for step in alone for part in step.all_steps()} >= steps_of("x * y - 1")


def test_sums_that_grow_and_grow_are_read_in_no_time():
    code = "\n".join(["x = a + b"] + ["x = x * x - x"] * 100)
    assert steps_of(code)


@pytest.mark.parametrize("code", ["half a sentence", "def f(:", "x = '", "\0"])
def test_what_is_no_python_is_told(code):
    assert parse(code) is None


def test_a_notebooks_magics_do_not_matter():
    assert steps_of("%pip install x\n!ls\nnp.exp(a) - 1") == steps_of("np.exp(b) - 1")


@pytest.mark.parametrize(
    "code",
    [
        "async def f():\n    await g(x)",
        "with open(a) as b:\n    b.read()",
        "del a",
        "global b",
        "try:\n    a()\nexcept E as e:\n    raise\nelse:\n    b()\nfinally:\n    c()",
        "while a:\n    a -= 1\nelse:\n    b()",
        "class A(B):\n    x = 1\n    def f(self): return 1",
        "match a:\n    case [1, *_]:\n        f(a)",
        "{**a, 'b': [*c]}",
        "a, *b = c",
        "x[1:2, ...] = y",
        "@d\ndef f(*a, k=1, **b): yield a",
        "{k: v for k, v in a.items() if k}",
        "lambda: 1",
        "a.b = c",
        "f'{a:>{b}} {c!r}'",
        "x = yield",
        "return",
        "raise ValueError(f'{a}') from b",
    ],
)
def test_everything_there_is_in_python_can_be_read(code):
    steps_of(code)


@pytest.mark.parametrize("text", ["-" * 3000 + "1", "not " * 150 + "x", "x" + "[0]" * 400])
def test_what_nobody_writes_is_no_code(text):
    assert parse(text) is None
