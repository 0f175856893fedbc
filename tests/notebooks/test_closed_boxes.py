"""Every test cell of every lesson is a closed box, and whatever is none is found.

Each cell is read, and run: alone in a process of its own, with the answer in another namespace than
the test's own, twice; with an answer that fails; and with helpers of all names that tests bind.
"""

import functools
from pathlib import Path

import pytest
import yaml

from course_utils.instructor.lessons.exercises import read_exercises, read_source
from tests.grading.answers import (
    COURSE,
    exercises_to_test,
    imports_of,
    lessons_to_test,
    markdown_of,
    needed,
)
from tests.notebooks.closed_boxes import Processes, bound, in_order, read, run

DATA = yaml.safe_load(Path(__file__).with_name("closed_boxes.yaml").read_text(encoding="utf-8"))
EXERCISES = exercises_to_test(COURSE, lessons_to_test())


@functools.cache
def exercises(lesson):
    """A lesson's exercises with tests, and what its cells import, by name."""
    source = read_source(COURSE.source(lesson))
    found = {name: it for name, it in read_exercises(source).items() if it.tests}
    return found, imports_of(source)


@functools.cache
def names():
    """All names that a test cell binds anywhere, or once bound outside of its function."""
    cells = [exercises(lesson)[0][name].tests.values() for lesson, name in EXERCISES]
    return sorted(set(DATA["once_bound"]).union(*(bound(cell) for it in cells for cell in it)))


@pytest.fixture(scope="module")
def processes():
    """Processes in which no test has run."""
    with Processes() as processes:
        yield processes


@pytest.mark.parametrize("kind", ["visible", "hidden"])
@pytest.mark.parametrize(("lesson", "name"), EXERCISES)
def test_a_test_cell_is_a_closed_box(lesson, name, kind, processes):
    found, given = exercises(lesson)
    cell, exercise = f"{name}-{kind}", found[name]
    source, answer = exercise.tests[cell], exercise.answer
    problems = read(cell, source, answer)
    problems += processes.call(run, cell, source, answer, needed(answer, given), names())
    assert not problems, f"{markdown_of(lesson)}, cell {cell}:\n" + "\n".join(problems)


@pytest.mark.parametrize("notebook", DATA["notebooks"], ids=lambda it: it["name"])
def test_names_that_tests_once_overwrote_are_the_student_s(notebook, processes):
    (lesson,) = {lesson for lesson, name in EXERCISES if name == notebook["exercise"]}
    found, given = exercises(lesson)
    solutions = {name: it.answer for name, it in found.items()}
    answers = solutions | {notebook["exercise"]: notebook["answer"]}
    cells = needed("\n".join([*solutions.values(), notebook["answer"]]), given)
    cells.append(notebook.get("above", ""))
    for name, answer in answers.items():
        tests = list(found[name].tests.values())
        cells += [answer, *tests, *tests]
    assert processes.call(in_order, cells) == []


# What is no closed box is found

ANSWER = """\
import math as m

def total(numbers):
    ### BEGIN SOLUTION
    return m.fsum(numbers) + 0 * offset
    ### END SOLUTION

offset = 1
"""
BOX = """\
# A test of total.
def test_total_visible():
    import numpy as np
    from course_utils import checks

    numbers = np.array([1, 2])
    own = {{}}
    own["total"] = total(numbers)
    checks.equal(own["total"], 3, "total")
    {}


test_total_visible()
"""
CALL = "\n\ntest_total_visible()\n"


def box(inside="pass"):
    return BOX.format(inside)


def problems_of(source, processes, helpers=("recall",), cell="total-visible"):
    return [
        "\n".join(found)
        for found in (
            read(cell, source, ANSWER),
            processes.call(run, cell, source, ANSWER, [], helpers),
        )
    ]


@pytest.mark.parametrize(
    "inside",
    [
        "numbers[0], numbers.flags.writeable = 3, False",
        "global_numbers = [sum(own.values()) for own in [own]]",
        "assert not offset - 1",
        "with np.errstate(all='ignore'): np.zeros(1) / 0",
        "np.random.default_rng(1).normal()",
        "import warnings\n    with warnings.catch_warnings(): warnings.simplefilter('error')",
        "import random; random.random()",  # as Keras does for a new network
    ],
)
def test_a_closed_box_has_no_problems(inside, processes):
    assert problems_of(box(inside), processes) == ["", ""]


@pytest.mark.parametrize(
    "source",
    [
        f"expected = 3\n{box()}",
        f"{box()}left = 3",
        f"from numpy import *\n{box()}",
        f"import numpy as np\n{box()}",
        box() + "test_total_visible()",
        box().replace("():", "(numbers=(1, 2)):").replace("numbers = np.array([1, 2])", ""),
        box().replace("test_total_visible", "test_total"),
        box().replace("\ntest_total_visible()\n", ""),
        f"@print\n{box()}".replace("\ntest_total_visible()\n", ""),
        "assert total([1, 2]) == 3",
        "for recall in total([1, 2]), 3: assert recall == 3",
    ],
)
def test_what_is_not_one_function_and_its_call_is_found(source, processes):
    assert "expected one function without parameters, def test_total_visible():" in "".join(
        problems_of(source, processes)
    )


def test_another_cell_s_function_is_found(processes):
    found, _ = problems_of(box(), processes, cell="total-hidden")
    assert "def test_total_hidden():" in found


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("assert tf", "it reads tf from outside"),
        ("assert [m for m in range(3)] and m", "it reads m from outside"),
        ("(lambda: test_other())()", "it reads test_other from outside"),
        ("globals()['recall'] = 3", "it reads globals from outside"),
        ("setattr(np, 'recall', 3)", "it reads setattr from outside"),
        ("global recall; recall = 3", "it makes recall global"),
        ("np.random.recall = 3", "it changes np.random.recall, which is not its own"),
        ("del checks.close", "it changes checks.close, which is not its own"),
        ("np.__dict__['recall'] = 3", "it changes np.__dict__['recall'], which"),
        ("total.calls = 3", "it changes total.calls, which is not its own"),
        ("for np.recall in [3]: pass", "it changes np.recall, which is not its own"),
        ("return yield", "it is no Python"),
    ],
)
def test_what_reaches_outside_is_found_by_reading(inside, words):
    assert words in "\n".join(read("total-visible", box(inside), ANSWER))


FUNCTION_OF_NUMPY = "f = np; kept, f.full = f.full, None"


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("assert layers", "with the solution it fails with AssertionError"),  # it is None
        ("assert expected", "with the solution it fails with NameError: name 'expected' is"),
        ("global left; left = 3", "with the solution it leaves behind: left"),
        ("global tf; import numpy as tf", "with the solution it leaves behind: tf"),
        ("total.__globals__['m'] = 3", "it leaves behind: m of the answer's"),
        ("total.__globals__['left'] = 3", "it leaves behind: left of the answer's"),
        (f"{FUNCTION_OF_NUMPY}; total([]); f.full = kept", ""),
        (f"{FUNCTION_OF_NUMPY}; total([])", "it leaves behind: numpy.full"),
        ("import keras; keras.layers.left = 3", "it leaves behind: keras.layers.left"),
        ("import keras; keras.config.set_floatx('float16')", "behind: keras.config.floatx()"),
        (
            "import keras; keras.config.set_image_data_format('channels_first')",
            "behind: keras.config.image_data_format()",
        ),
        (
            "import keras; keras.config.set_dtype_policy('mixed_float16')",
            "behind: keras.config.dtype_policy()",
        ),
        ("np.seterr(all='ignore')", "it leaves behind: np.geterr()"),
        ("np.random.seed(3)", "it leaves behind: NumPy's random numbers"),
        ("import random; random.seed(3)", "it starts Python's random numbers anew"),
        ("import keras; keras.utils.set_random_seed(3)", "it starts Python's random numbers anew"),
        ("import warnings; warnings.simplefilter('ignore')", "the filters of warnings"),
        ("import sys; sys.setprofile(lambda *_: None)", "it leaves behind: the profiler"),
        ("import os; os.environ['LEFT'] = '3'", "it leaves behind: the environment"),
        ("checks.seen = checks.__dict__.get('seen'); assert not checks.seen", "checks.seen"),
        (
            "total.seen, seen = True, getattr(total, 'seen', False); assert not seen, 'again'",
            "with the solution it passes; run again, it fails with AssertionError: again",
        ),
        ("import course_utils.figures\n    assert not course_utils.figures.seen", "no attribute"),
        ("import os; os._exit(3)", "it ended Python"),
    ],
)
def test_what_reaches_outside_is_found_by_running(inside, words, processes):
    _, found = problems_of(box(inside), processes)
    assert words in found
    assert bool(found) == bool(words)


def test_what_is_left_behind_by_a_failure_alone_is_found(processes):
    early = box().replace("numbers = ", "kept, np.full = np.full, None; numbers = ")
    _, found = problems_of(early.replace("    pass", "    np.full = kept"), processes)
    assert found == "with the stub it leaves behind: numpy.full"


def test_a_test_that_lets_everything_pass_is_found(processes):
    _, found = problems_of(f"def test_total_visible():\n    assert total{CALL}", processes)
    assert found == "with the stub it passes\nwith an answer that raises it passes"


@pytest.mark.parametrize("name", ["recall", "numbers", "result"])
def test_a_helper_that_a_test_overwrites_is_found(name, processes):
    bare = f"{name} = total([1, 2])\nassert {name} == 3"
    helpers = ["recall", "numbers", "result", "sum", "m", "offset", "total"]
    _, found = problems_of(bare, processes, helpers)
    assert "with helpers of the names that tests bind it fails with TypeError: 'float'" in found


def test_names_are_collected_wherever_a_test_binds_them():
    source = (
        "import a.b, c as d\nfrom e import f\ndef test_total_visible():\n"
        "    g = h.i = 1\n    for j, (k, *l) in []: pass\n    def m(n, *o, p=1, **q): pass\n"
        "    [r for r in []]; (s := 1)\n    with t as u: pass\n    try: pass\n"
        "    except E as v: del w\n    class x: pass\n    lambda y: z"
    )
    assert bound(source) == {*"adfgjklmnopqrsuvwxy"}
