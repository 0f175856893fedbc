"""Settings that hold for a whole kernel: the usual ones for each test, then the student's again.

What a student sets at the top of a notebook, such as mixed precision for a T4, reaches into every
test below it. An answer that is right only with a setting of its own is not wrong for that: a test
that fails after something was set back is for a person to look at.
"""

from course_utils.instructor.execute import question

HARMLESS = {"warnings as errors"}  # no answer is right because of it
# Run in the kernel. `own` holds what is to be set, by name; without it, what is not as usual is
# set back, and `result` tells what it was. None stands for what cannot be set back.
CODE = """
import os, sys, warnings
from IPython.core.formatters import PlainTextFormatter
keras, numpy, tf = (sys.modules.get(it) for it in ("keras", "numpy", "tensorflow"))
result = {}

def see(name, now, usual, put):
    if name in own:
        put(own[name])
    elif not own and now != usual:
        result[name] = now
        put(usual)

def strict():
    for kind in (UserWarning, RuntimeWarning, DeprecationWarning, FutureWarning):
        try:
            with warnings.catch_warnings(record=True):
                warnings.warn("is this an error?", kind)
        except kind:
            return True
    return False

def legacy(value):
    os.environ.pop("TF_USE_LEGACY_KERAS", None)
    if value is not None:
        os.environ["TF_USE_LEGACY_KERAS"] = value

see("warnings as errors", strict(), False,
    lambda value: warnings.simplefilter("error" if value else "default"))
see("the older Keras", os.environ.get("TF_USE_LEGACY_KERAS"), None, legacy)
if hasattr(keras, "config"):
    see("Keras' type of numbers", keras.config.floatx(), "float32", keras.config.set_floatx)
    see("Keras' order of axes", keras.config.image_data_format(), "channels_last",
        keras.config.set_image_data_format)
    see("Keras' precision", keras.config.dtype_policy().name, "float32",
        keras.config.set_dtype_policy)
    see("Keras' epsilon", keras.config.epsilon(), 1e-7, keras.config.set_epsilon)
if numpy:
    usual = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
    see("NumPy's way with errors", numpy.geterr(), usual, lambda value: numpy.seterr(**value))
if hasattr(tf, "executing_eagerly"):
    see("TensorFlow's eager functions", bool(tf.config.functions_run_eagerly()), False,
        tf.config.run_functions_eagerly)
    if not tf.executing_eagerly():
        result["TensorFlow's eager mode"] = None
if not own:  # no answer can need another way of showing errors and values
    shell = get_ipython()
    for name in ("showtraceback", "_showtraceback", "showsyntaxerror", "showindentationerror"):
        vars(shell).pop(name, None)
    shell.custom_exceptions = ()
    formatters = shell.display_formatter.formatters
    if type(formatters["text/plain"]) is not PlainTextFormatter:
        formatters["text/plain"] = PlainTextFormatter(parent=shell.display_formatter)
"""


async def usual(ask):
    """Set what is otherwise back to what is usual.

    Parameters
    ----------
    ask : coroutine function
        Has the kernel run a source unseen and evaluate the expressions given by keyword; returns
        its reply.

    Returns
    -------
    dict of str to object
        What was otherwise, by name: its value, or None if it cannot be set back. Empty, too, if
        the kernel does not tell.
    """
    return await _run(ask, {})


async def again(ask, own):
    """Give the student's settings back.

    Parameters
    ----------
    ask : coroutine function
        As for `usual`.
    own : dict of str to object
        What `usual` gave.
    """
    if own:
        await _run(ask, own)


async def _run(ask, own):
    """Run the code in the kernel; returns what it tells."""
    told = await question.result(ask, CODE, own=own)
    return told if isinstance(told, dict) else {}
