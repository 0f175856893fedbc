"""An expression's value comes from the few statements of a lesson that it depends on."""

import nbformat
import pytest

from tests.notebooks.lesson_code import code_of, needed, values, written

CODE = """
from math import sqrt
print(1 / 0)
size = 3
if size > 2:
    size = 4
area = size * size
def total(size):
    rows = [size for size in (area, 5)]
    return sum(rows) + int(sqrt(area))
history = network.fit(area)
size = 9
def train():
    return network.fit(area)
trained = train()
"""


def test_an_expression_has_the_value_that_the_lesson_would_give_it():
    assert values(CODE, ["area", "size", "total(0)", "[size for size in (7,)][0]"]) == [
        16,
        9,
        25,
        7,
    ]


def test_only_what_an_expression_depends_on_is_run():
    lines = [statement.lineno for statement in needed(CODE, ["total(1)"])]
    assert lines == [2, 4, 5, 7, 8]
    assert needed(CODE, ["2 * 3"]) == []


@pytest.mark.parametrize("expression", ["history", "trained"])
def test_nothing_is_trained(expression):
    with pytest.raises(AssertionError, match="cannot wait for training"):
        values(CODE, [expression])


def test_a_written_number_is_the_one_after_the_passage():
    code = "a.shuffle(5_000)\nb.batch(64, 0.5)\nc.batch(32)"
    assert written(code, "shuffle(") == 5000
    assert written(code, "batch(64, ") == 0.5
    for passage in ("batch(", "map("):
        with pytest.raises(AssertionError, match="is followed by"):
            written(code, passage)


def test_tests_are_no_part_of_a_lessons_code():
    answer = nbformat.v4.new_code_cell("x = 1", metadata={"nbgrader": {"solution": True}})
    test = nbformat.v4.new_code_cell("x = 2", metadata={"nbgrader": {"grade": True}})
    cells = [nbformat.v4.new_markdown_cell("x = 3"), answer, test]
    assert code_of(nbformat.v4.new_notebook(cells=cells)) == "x = 1"
