"""What no test depends on is left out, shows what was handed in, and no mark is lost by it."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_utils.instructor.execute.execution import execute
from course_utils.instructor.execute.outcome import DIED, FAILED, LEFT_OUT, NOT_RUN, RAN, Limits
from tests.instructor.toy_cells import (
    FAILS,
    PASSES,
    RIGHT,
    SMALL,
    answer,
    confined,
    kinds,
    said,
    states,
    test,
)

pytestmark = confined

SLOW = "import time\ntime.sleep(600)"
BY_KERNEL = "import os\nos.kill(os.getpid(), 9)"


@pytest.fixture
def run_short(run_cells):
    """A function that executes what is needed of some cells."""

    def run_short(*cells, **options):
        return run_cells(*cells, whole=False, **options)

    return run_short


def shows(source, *outputs):
    """A cell as it was handed in, with what it shows."""
    return new_code_cell(source, outputs=list(outputs), execution_count=7)


def test_a_training_is_left_out_and_keeps_what_was_handed_in(run_short):
    training = shows(SLOW, new_output("stream", text="accuracy 0.9\n"))
    done = run_short(training, answer(RIGHT), test(PASSES), test(FAILS), "1 / 0")
    assert states(done) == [LEFT_OUT, RAN, RAN, FAILED, LEFT_OUT]
    assert (done.run, done.why, done.incidents) == ("needed", "", ())
    first, *_, last = done.notebook.cells
    assert said(first).splitlines() == [
        "(shown as handed in; only what tests depend on was run)",
        "accuracy 0.9",
    ]
    assert said(last) == "(not run: no test depends on it)\n"
    assert (first.source, first.execution_count) == (SLOW, None)


def test_what_tests_depend_on_is_run(run_short):
    cells = [
        shows("start = 1\nprint('never', start)", new_output("stream", text="old")),
        shows("start += 1", new_output("stream", text="old")),
        answer("def total(numbers):\n    return sum(numbers) + start - 2"),
    ]
    done = run_short(*cells, test(PASSES), test(PASSES))
    assert states(done) == [LEFT_OUT, RAN, RAN, RAN, RAN]
    assert said(done.notebook.cells[1]) == ""


def test_with_whole_everything_is_run(run_short, run_cells):
    cells = ["start = 1\nprint(start)", answer(RIGHT), test(PASSES), "3"]
    done = run_cells(*cells)
    assert (states(done), done.run, done.why) == ([RAN] * 4, "whole", "")
    assert states(run_short(*cells)) == [LEFT_OUT, RAN, RAN, LEFT_OUT]


def test_where_reading_cannot_tell_everything_is_run(run_short):
    done = run_short("exec('start = 3')", answer(RIGHT), test(PASSES))
    assert (states(done), done.run, done.why) == ([RAN] * 3, "whole", "cell 1: exec")


def test_a_part_that_fails_says_so(run_short):
    cell = shows("print(1)\nimport json.nothing", new_output("stream", text="old"))
    done = run_short(cell, answer(RIGHT), test(PASSES))
    assert states(done) == [FAILED, RAN, RAN]
    assert done.notebook.cells[0].metadata.execution.elsewhere
    assert [it.wants for it in done.skipped] == ["json.nothing"]
    done = run_short("start = 1 / 0\n2", answer(f"{RIGHT}\nstart"), test(PASSES))
    assert states(done) == [FAILED, FAILED, RAN]
    assert "ZeroDivisionError" in done.notebook.cells[0].outputs[-1].ename


# A mark that could be lost

HIDDEN_WAYS = {
    "a file": (
        "with open('numbers.txt', 'w') as file:\n    file.write('')",
        "import os\ndef total(numbers):\n    return sum(numbers) + os.stat('numbers.txt').st_size",
    ),
    "a name that is mentioned": (
        "start = iter([1, 2, 0])\nassert 1 in start and 2 in start",
        "def total(numbers):\n    return sum(numbers) + list(start)[0]",
    ),
    "a part of a function": (
        "def empty(): return 0\nfunctions = [empty]\nfunctions[0].extra = 0",
        "def total(numbers):\n    return sum(numbers) + empty.extra",
    ),
    "a part of a library": (
        "import math\nlibraries = [math]\nlibraries[0].extra = lambda: 0",
        "def total(numbers):\n    return sum(numbers) + math.extra()",
    ),
}


@pytest.mark.parametrize("way", HIDDEN_WAYS)
def test_a_test_that_could_pass_if_everything_were_run_does(run_short, run_cells, way):
    cell, answering = HIDDEN_WAYS[way]
    cells = [cell, answer(answering), test(PASSES), test(FAILS)]
    assert states(run_cells(*cells)) == [RAN, RAN, RAN, FAILED]
    done = run_short(*cells)
    assert states(done) == [RAN, RAN, RAN, FAILED]
    assert done.run == "both"


@pytest.mark.parametrize(
    "wrong",
    [
        "def total(numbers):\n    raise NotImplementedError('This exercise is waiting for you.')",
        "def total(numbers):\n    return 17",
        "def total(numbers):\n    return summe(numbers)",
        "def total(numbers):\n    while True: pass",
        "def total(numbers):\n    return numbers + 1",
        "def total(numbers):\n    return total(numbers)",
        "def total(numbers):\n    return numbers.total",
        "def total(numbers):\n    assert not numbers",
        "def total(numbers):\n    import numpy as np\n    np.testing.assert_equal(1, 2)",
    ],
)
def test_what_no_run_could_mend_is_run_once(run_short, wrong):
    limits = Limits(cell_seconds=2, seconds=60, grace=1, memory=2**30)
    done = run_short(SLOW, answer(wrong), test(PASSES), limits=limits)
    assert states(done)[::2] == [LEFT_OUT, FAILED]
    assert done.run == "needed"


def test_a_missing_module_has_everything_run(run_short):
    missing = "def total(numbers):\n    import adding\n    return adding.up(numbers)"
    done = run_short("1 + 1", answer(missing), test(PASSES))
    assert states(done) == [RAN, RAN, FAILED]
    assert (done.run, done.why) == ("both", "a test that has not passed could pass")


def test_after_a_dead_kernel_everything_is_run(run_short):
    dies = "import os\ndef total(numbers):\n    os._exit(1)"
    done = run_short(
        "first = 1\nprint(first)", answer(dies), test(PASSES), answer(RIGHT), test(PASSES)
    )
    assert states(done) == [RAN, RAN, FAILED, RAN, RAN]
    assert (done.run, kinds(done)) == ("both", [(2, DIED)])


def test_a_test_that_has_passed_has_passed(run_short):
    mentions = ["start = [1]\nprint(start)", answer("def mean(numbers):\n    return start[0]")]
    cells = [answer(RIGHT), test(PASSES), *[BY_KERNEL] * 3, *mentions, test("assert mean([]) == 2")]
    done = run_short(*cells, answer(RIGHT), test(PASSES))
    assert done.run == "both"
    assert states(done)[2:5] == [FAILED] * 3
    assert states(done)[7] == NOT_RUN
    assert states(done)[1] == states(done)[9] == RAN


def test_the_notebook_given_is_not_changed(tmp_path, light_kernels):
    cell = shows("print(1)", new_output("stream", text="1\n"))
    notebook = new_notebook(cells=[cell, answer(RIGHT), test(PASSES)])
    before = str(notebook)
    execute(notebook, tmp_path, SMALL)
    assert str(notebook) == before
