"""Friendly asserts for the visible tests of exercises.

Every function compares what the student made (``got``) with what the exercise asks for and, when
they differ, raises an ``AssertionError`` whose message says what was expected, what came and, in
``hint``, what to look at. ``name`` is what the student would call it, such as
``"flatten(two_images)"``.

`by_hand` calls a function that is to be written with NumPy and plain Python only, and sees whether
it is.

A misspelt call of a check itself, such as an expected shape that is no tuple, is an author's
mistake and raises ``TypeError`` or ``ValueError`` instead.
"""

import numpy as np

from course_utils.by_hand import by_hand

__all__ = ["by_hand", "close", "equal", "is_array", "is_group", "parameter_count"]


def is_array(got, name, *, shape=None, dtype=None, hint=""):
    """Check that something is a NumPy array, and its shape and kind of numbers if these are given.

    Parameters
    ----------
    got : object
        What the student's code returned.
    name : str
    shape : tuple of int, optional
    dtype : dtype or type, optional
        An exact type such as ``np.uint8``, or a kind such as ``np.floating`` or ``np.integer``.
    hint : str
        What to look at; shown after the facts.
    """
    if shape is not None and not isinstance(shape, tuple):
        raise TypeError(f"shape should be a tuple such as (2, 784); got {shape!r}.")
    if not isinstance(got, np.ndarray):
        mend = "" if got is None else "np.array(...) makes one of a list, .numpy() of a tensor."
        _fail(name, "a NumPy array", _describe(got), mend)
    if shape is not None and got.shape != shape:
        _fail(name, f"shape {shape}", f"shape {got.shape}", hint)
    if dtype is not None and not np.issubdtype(got.dtype, dtype):
        _fail(name, f"an array of {_kind(dtype)}", f"one of {got.dtype}", hint)


def is_group(got, length, name, *, hint=""):
    """Check that something is a group of things, such as a pair: a tuple or a list.

    Parameters
    ----------
    got : object
        What the student's code returned.
    length : int
        How many things there should be.
    name : str
    hint : str
    """
    if not isinstance(got, tuple | list):
        _fail(name, f"{length} things, with a comma between them", _describe(got), hint)
    if len(got) != length:
        _fail(name, f"{length} things", f"{len(got)}", hint)


def equal(got, expected, name, *, hint=""):
    """Check that something is exactly as expected: a number, a text, a tuple or a whole array.

    Parameters
    ----------
    got : object
    expected : object
        For an array, every value and the shape must agree; numbers of another type are fine. For a
        tuple, a list or an array with the same values is fine as well.
    name : str
    hint : str
    """
    if isinstance(expected, np.ndarray):
        is_array(got, name, shape=expected.shape, hint=hint)
        same = bool(np.array_equal(got, expected))
    else:
        several = isinstance(got, list) or (isinstance(got, np.ndarray) and got.ndim)
        if isinstance(expected, tuple) and several:
            got = tuple(got)
        same = _plainly_equal(got, expected)
    if not same:
        _fail(name, _describe(expected), _describe(got), hint)


def close(got, expected, name, *, tolerance=1e-6, hint=""):
    """Check that numbers are as expected, apart from rounding.

    Parameters
    ----------
    got : object
    expected : float or ndarray
        The shape must agree as well.
    name : str
    tolerance : float
        Largest difference that is still fine, as a part of the expected value plus one; above 0.
    hint : str
    """
    if not isinstance(tolerance, int | float) or not tolerance > 0:
        raise ValueError(f"tolerance should be above 0, such as 1e-6; got {tolerance!r}.")
    try:
        wanted = np.asarray(expected, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(f"expected should be a number or an array; got {expected!r}.") from None
    try:
        if got is None or isinstance(got, str):  # NumPy would make a number of either
            raise TypeError
        numbers = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        _fail(name, _describe(expected), _describe(got), hint)
    if numbers.shape != wanted.shape:
        _fail(name, f"shape {wanted.shape}", f"shape {numbers.shape}", hint)
    if not np.allclose(numbers, wanted, rtol=tolerance, atol=tolerance):
        _fail(name, _describe(expected), _describe(got), hint)


def parameter_count(model, expected, *, hint=""):
    """Check how many numbers a Keras model learns.

    Parameters
    ----------
    model : object
        What the student built; a Keras model that knows the shape of its input.
    expected : int
    hint : str
    """
    if not hasattr(model, "count_params"):
        _fail("Your answer", "a Keras model", _describe(model), "")
    if not getattr(model, "built", False):
        _fail(
            "Your network",
            "a network that knows the shape of its input",
            "one that does not, so its weights cannot be counted yet",
            "start it with keras.Input(shape=...).",
        )
    got = model.count_params()
    if got != expected:
        _fail("Your network", f"{expected:,} parameters", f"{got:,}", hint)


def _fail(name, expected, got, hint):
    """Raise the message every check uses, with arrays of several rows on lines of their own."""
    if got == expected:
        got = f"{got}, which is of another kind or has other digits further on"
    between = "\n" if "\n" in expected + got else " "
    raise AssertionError(
        f"{name}: expected{between}{expected}{',' if between == ' ' else ''}{between}but got"
        f"{between}{got}{'.' if between == ' ' else ''}{_pointer(hint)}"
    )


def _pointer(hint):
    """The hint as a sentence of its own."""
    return f"\nLook at this: {hint}" if hint else ""


def _plainly_equal(got, expected):
    """Equality that gives one truth value and does not take 1 for True or an array for a number."""
    if isinstance(got, np.ndarray) or isinstance(got, bool | np.bool_) != isinstance(
        expected, bool | np.bool_
    ):
        return False
    try:
        return bool(got == expected)
    except Exception:  # a student's object may do anything when compared
        return False


def _describe(value):
    """A short text for any value: numbers in full while they are few."""
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, np.ndarray):
        return np.array2string(value, precision=4, separator=", ", threshold=20, edgeitems=3)
    if isinstance(value, tuple) and value:
        parts = ("None" if it is None else _describe(it) for it in value)
        return f"({', '.join(parts)}{',' if len(value) == 1 else ''})"
    if callable(value):
        return f"the function {getattr(value, '__name__', 'without a name')} itself"
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 120 else f"{text[:117]}..."


def _kind(dtype):
    """``whole numbers`` rather than ``<class 'numpy.integer'>``; exact types by their name."""
    kinds = {np.number: "numbers", np.integer: "whole numbers", np.floating: "decimal numbers"}
    return kinds.get(dtype) or np.dtype(dtype).name
