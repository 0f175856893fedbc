"""What a student sets for the whole kernel does not reach into tests, and is there again after."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_utils.instructor.execute.execution import execute
from course_utils.instructor.execute.outcome import FAILED, LEFT_OUT, RAN, SETTINGS
from course_utils.instructor.execute.warm_kernel import warm_kernels
from tests.instructor.toy_cells import PASSES, RIGHT, answer, confined, kinds, states, test

pytestmark = confined

OF_NUMPY = "import numpy as np\nnp.seterr(all='raise')"
SQUARES = answer("def squares(x): return x * x")
LARGE = test("import numpy as np\nassert squares(np.float32(1e30)) == np.inf")
OF_KERAS = """
import keras, os, warnings
keras.config.set_floatx("float16")
keras.config.set_image_data_format("channels_first")
keras.mixed_precision.set_global_policy("mixed_float16")
os.environ["TF_USE_LEGACY_KERAS"] = "1"
import tensorflow as tf
tf.config.run_functions_eagerly(True)
"""
USUAL = """
import keras, os, tensorflow as tf
assert keras.config.floatx() == "float32"
assert keras.config.image_data_format() == "channels_last"
assert keras.config.dtype_policy().name == "float32"
assert not tf.config.functions_run_eagerly()
assert "TF_USE_LEGACY_KERAS" not in os.environ
assert total([1, 2]) == 3
"""
OWN = """
assert keras.config.floatx() == "float16"
assert keras.config.image_data_format() == "channels_first"
assert keras.config.dtype_policy().name == "mixed_float16"
assert tf.config.functions_run_eagerly()
assert os.environ["TF_USE_LEGACY_KERAS"] == "1"
"""


def test_numpys_way_with_errors_is_the_usual_one_in_a_test_only(run_cells):
    own = "try:\n    squares(np.float32(1e30)); assert False\nexcept FloatingPointError: pass"
    done = run_cells(OF_NUMPY, SQUARES, LARGE, own)
    assert states(done) == [RAN] * 4
    assert done.incidents == ()


def test_kerass_settings_are_the_usual_ones_in_a_test_only():
    cells = [new_code_cell(OF_KERAS), answer(RIGHT), test(USUAL), new_code_cell(OWN)]
    with warm_kernels():
        done = execute(new_notebook(cells=cells), None, whole=True)
    assert states(done) == [RAN] * 4
    assert done.incidents == ()


def test_a_setting_is_run_where_only_what_tests_depend_on_is(run_cells):
    done = run_cells("1 + 1", OF_NUMPY, SQUARES, LARGE, whole=False)
    assert states(done) == [LEFT_OUT, RAN, RAN, RAN]
    assert (done.run, done.incidents) == ("needed", ())


@pytest.mark.parametrize(
    "own",
    [
        "import warnings; warnings.simplefilter('error')",
        "from rich.traceback import install; install(show_locals=True)",
        "from rich import pretty; pretty.install()",
        "from rich import pretty, traceback; pretty.install(); traceback.install()",
        "get_ipython().set_custom_exc((ValueError,), lambda *it: None)",
    ],
)
def test_a_habit_costs_nothing_and_nobody_is_accused(run_cells, own):
    warning = "import warnings; warnings.warn('all is well')"
    done = run_cells(own, answer(RIGHT), test(f"{PASSES}\n{warning}"), test("total(1, 2)"))
    assert states(done) == [RAN, RAN, RAN, FAILED]
    assert [kind for _, kind in kinds(done) if kind != SETTINGS] == []


def test_whoever_fails_without_a_setting_is_looked_at(run_cells):
    catches = (
        "def squares(x):\n"
        "    try:\n        return x * x\n"
        "    except FloatingPointError:\n        return 'too large'"
    )
    asks = test("import numpy as np\nassert squares(np.float32(1e30)) == 'too large'")
    done = run_cells(OF_NUMPY, answer(catches), asks)
    assert states(done) == [RAN, RAN, FAILED]
    assert kinds(done) == [(2, SETTINGS)]
    assert done.incidents[0].words == (
        "failed without settings of the student's: NumPy's way with errors"
    )


def test_who_has_not_answered_yet_needs_no_look(run_cells):
    waiting = answer("def squares(x):\n    raise NotImplementedError('waiting')")
    done = run_cells(OF_NUMPY, waiting, LARGE)
    assert states(done) == [RAN, RAN, FAILED]
    assert done.incidents == ()


def test_what_cannot_be_set_back_is_told():
    off = "import tensorflow as tf\ntf.compat.v1.disable_eager_execution()"
    needs = test("import tensorflow as tf\nassert float(total(tf.constant([1.0, 2.0]))) == 3")
    asks = test("import tensorflow as tf\ntotal(tf.constant([1.0])).numpy()")  # NotImplementedError
    mine = answer("import tensorflow as tf\ntotal = tf.reduce_sum")
    cells = [new_code_cell(off), mine, needs, asks]
    with warm_kernels():
        done = execute(new_notebook(cells=cells), None)
    assert states(done) == [RAN, RAN, FAILED, FAILED]
    assert [it.words for it in done.incidents] == [
        "failed without settings of the student's: TensorFlow's eager mode"
    ] * 2
