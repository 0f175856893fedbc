"""Errors that may come from another version than Colab's, and errors that are the answer's own.

The kernels' errors are real ones; what Colab has is played.
"""

import pytest
from nbformat.v4 import new_code_cell, new_output

from course_utils.instructor.execute.outcome import FAILED, RAN
from course_utils.instructor.grade.version_errors import version_errors
from course_utils.instructor.versions import PYTHON, Difference
from tests.instructor.toy_cells import nbgrader

IMPORTS = "import itertools\n\nimport numpy as np\nimport pandas as pd\nfrom numpy import reshape"
NUMPY = {"numpy": Difference("numpy", "2.4.6", "2.1.3")}
PANDAS = {"pandas": Difference("pandas", "3.1.1", "2.2.3")}
OLD_PYTHON = {PYTHON: Difference(PYTHON, "3.11", "3.13")}
NEW_PYTHON = {PYTHON: Difference(PYTHON, "3.14", "3.13")}
OTHER = {"ipython": Difference("ipython", "9.18.1", "7.34.0")}
CAUGHT = (
    "try:\n    np.sum([1], axs=3)\nexcept TypeError:\n"
    "    raise AssertionError('write it with NumPy and plain Python only')"
)
OWN = "def total(numbers):\n    return 0\n\ntotal(values=3)"

MAY_COME_FROM_IT = [
    ("np.in2d([1], [1])", NUMPY, "AttributeError: module 'numpy' has no attribute 'in2d'"),
    ("from numpy import in2d", NUMPY, "ImportError: cannot import name 'in2d' from 'numpy'"),
    ("import numpy.core2", NUMPY, "ModuleNotFoundError: No module named 'numpy.core2'"),
    ("np.zeros(3).ptp2()", NUMPY, "'numpy.ndarray' object has no attribute 'ptp2'"),
    ("np.float64(1).item2()", NUMPY, "'numpy.float64' object has no attribute 'item2'"),
    ("np.Inf", NUMPY, "AttributeError: `np.Inf` was removed"),
    ("np.reshape([1], shp=1)", NUMPY, "reshape() got an unexpected keyword argument 'shp'"),
    ("reshape([1], shp=1)", NUMPY, "reshape() got an unexpected keyword argument 'shp'"),
    ("np.zeros(3).reshape(shp=3)", NUMPY, "got an unexpected keyword argument 'shp'"),
    ("np.pad([1], 1, mod=2)", NUMPY, "ValueError: unsupported keyword arguments"),
    (CAUGHT, NUMPY, "TypeError: sum() got an unexpected keyword argument 'axs'"),
    ("pd.Series([1]).ravl()", PANDAS, "'Series' object has no attribute 'ravl'"),
    ("pd.Series([1]).fillna(how=1)", PANDAS, "fillna() got an unexpected keyword argument"),
    ("itertools.batchd([1])", OLD_PYTHON, "module 'itertools' has no attribute 'batchd'"),
    ("from typing import over_ride", OLD_PYTHON, "cannot import name 'over_ride' from 'typing'"),
    ("type total[ = 3", OLD_PYTHON, "SyntaxError: invalid syntax"),
]
ANSWERS_OWN = [
    ("np.in2d([1], [1])", PANDAS),
    ("np.in2d([1], [1])", OTHER),
    ("pd.Series([1]).ravl()", NUMPY),
    ("[1].ravel()", NUMPY | PANDAS | OLD_PYTHON),
    ("import torch_that_is_nowhere", NUMPY | PANDAS | OLD_PYTHON),
    (OWN, NUMPY | PANDAS),
    ("np.zeros(3) + np.zeros(4)", NUMPY),
    ("1 / 0", NUMPY | OLD_PYTHON),
    ("type total[ = 3", NEW_PYTHON | NUMPY),
]


@pytest.fixture(scope="module")
def errors():
    """Each source's error, by source."""
    from nbformat.v4 import new_notebook

    from course_utils.instructor.execute import sandbox
    from course_utils.instructor.execute.execution import execute
    from course_utils.instructor.execute.warm_kernel import KERNEL_MODULES, warm_kernels

    sources = list(dict.fromkeys(row[0] for row in (*MAY_COME_FROM_IT, *ANSWERS_OWN)))
    cells = [nbgrader(it, grade=True, locked=True, points=1) for it in sources]
    with warm_kernels((*KERNEL_MODULES, "numpy", "pandas", "course_utils.checks")):
        confined = not sandbox.available()
        options = {} if confined else {"confined": False}
        done = execute(new_notebook(cells=[new_code_cell(IMPORTS), *cells]), None, **options)
    return {
        cell.source: next(it for it in cell.outputs if it.output_type == "error")
        for cell in done.notebook.cells[1:]
    }


def executed(source, error=None, name="", **roles):
    """An executed cell."""
    cell = nbgrader(source, grade_id=name, **roles) if name else new_code_cell(source)
    cell.metadata.execution = {"state": FAILED if error else RAN}
    cell.outputs = [error] if error else []
    return cell


def failed(kind, message):
    """An error without its traceback."""
    return new_output("error", ename=kind, evalue=message, traceback=[])


def told(different, *cells):
    """What is said of a notebook: of its imports, then these cells."""
    cells = dict(enumerate([executed(IMPORTS), *cells]))
    tests = [it for it in cells.values() if it.metadata.get("nbgrader", {}).get("grade")]
    failing = {it.metadata.nbgrader.grade_id: it for it in tests if it.outputs}
    return list(version_errors(cells, failing, different))


def a_test(error=None, source="assert total([1]) == 1", name="total-hidden"):
    return executed(source, error, name, grade=True, locked=True)


NO_NAME = failed("NameError", "name 'total' is not defined")


@pytest.mark.parametrize(("source", "different", "said"), MAY_COME_FROM_IT)
def test_an_error_that_may_come_from_another_version_is_told(source, different, said, errors):
    (words,) = told(different, a_test(errors[source], source))
    (difference,) = different.values()
    assert words.startswith("cell 2 (total-hidden) fails with ")
    assert said in words
    assert words.endswith(f"; {difference}: look whether total would pass there")


@pytest.mark.parametrize(("source", "different"), ANSWERS_OWN)
def test_an_error_of_the_answers_own_is_not_told(source, different, errors):
    assert told(different, a_test(errors[source], source)) == []


def test_nothing_is_told_where_nothing_differs(errors):
    assert told({}, a_test(errors["np.in2d([1], [1])"])) == []


SYNTAX = failed("SyntaxError", "f-string: expecting '}' (1.py, line 1)")
TRAPZ = failed("AttributeError", "module 'numpy' has no attribute 'trapz'")


def test_an_answer_that_is_no_python_here_is_told_though_its_test_misses_a_name():
    answer = executed('def total(it):\n    return f"{it["a"]}"', SYNTAX, "total", solution=True)
    (words,) = told(OLD_PYTHON, answer, a_test(NO_NAME))
    assert words == (
        "cell 2 (total) fails with SyntaxError: f-string: expecting '}' (1.py, line 1); "
        "Python here is 3.11, Colab's is 3.13: look whether total would pass there"
    )


def test_a_built_in_name_that_only_newer_pythons_have_is_told():
    newer = failed("NameError", "name 'PythonFinalizationError' is not defined")
    answer = executed("def total(it):\n    raise PythonFinalizationError", newer, "total")
    (words,) = told(OLD_PYTHON, answer, a_test(NO_NAME))
    assert words.endswith(
        "Python here is 3.11, Colab's is 3.13: look whether total would pass there"
    )
    assert told(NUMPY, answer, a_test(NO_NAME)) == []


def test_an_own_cell_is_told_if_a_failing_test_hangs_on_it():
    own = executed("np.trapz([1])\nhelper = sum", TRAPZ)
    answer = executed("def total(numbers):\n    return helper(numbers)", None, "total")
    (words,) = told(NUMPY, own, answer, a_test(failed("NameError", "name 'helper' …")))
    assert words.startswith("cell 2 fails with AttributeError: module 'numpy' has no attribute")


@pytest.mark.parametrize(
    "cells",
    [
        [executed("np.trapz([1])\nother = sum", TRAPZ), a_test(failed("AssertionError", "no"))],
        [executed("np.trapz([1])\ntotal = sum", TRAPZ), a_test()],
    ],
    ids=["no failing test hangs on it", "no test fails"],
)
def test_an_own_cell_that_costs_nothing_is_not_told(cells):
    assert told(NUMPY, *cells) == []


def test_several_tests_and_packages_are_told_in_one_line():
    unknown = failed("TypeError", "this function got an unexpected keyword argument 'x'")
    own = executed("def total(it):\n    return it\ntotal([1]).f(x=1)", unknown)
    tests = a_test(NO_NAME), a_test(NO_NAME, "mean(total)", "mean-visible")
    (words,) = told(NUMPY | PANDAS, own, *tests)
    assert "numpy here is 2.4.6, Colab's is 2.1.3, pandas here is 3.1.1, Colab's is 2.2.3" in words
    assert words.endswith(": look whether total, mean would pass there")


@pytest.mark.parametrize("text", ["(" * 2_000_000, "a" * 2_000_000, "x()" * 700_000, "\x1b[31m["])
def test_what_students_code_says_does_no_harm(text):
    error = new_output("error", ename=text[:50], evalue=text, traceback=[text])
    assert told(NUMPY, a_test(error)) == []
