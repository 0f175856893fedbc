"""Checks of numbers, texts, and arrays of any meaning."""

import operator
from collections.abc import Mapping

import numpy as np

UNCOMPUTED = "Look for a division by zero where they were computed."


def text_list(texts, name="class_names", length=None):
    """Check a list or tuple of strings, such as class names.

    Parameters
    ----------
    texts : list of str or tuple of str
    name : str
        What the caller calls this argument, for the message.
    length : int, optional
        How many there should be.

    Returns
    -------
    list or tuple
        The same object.

    Raises
    ------
    TypeError
        If it is neither list nor tuple, or holds anything but strings.
    ValueError
        If it is empty or has another length.
    """
    if not isinstance(texts, list | tuple):
        raise TypeError(
            f"{name} should be a list of strings; got {_kind(texts)}. "
            f'Write the names in square brackets, such as ["cat", "dog"].'
        )
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(
                f"{name} should hold strings only; got {_kind(text)} in {name}[{position}]. "
                f"Use [str(item) for item in {name}]."
            )
    if not texts:
        raise ValueError(f"{name} should hold at least one string; got none. Give one for each.")
    if length is not None and len(texts) != length:
        raise ValueError(
            f"{name} should hold {length} strings; got {len(texts)}. Give one for each."
        )
    return texts


def named(values, name, pairs, example, most):
    """Check a dict with strings as its keys that has neither none nor too many of them.

    Parameters
    ----------
    values : dict of str to anything, one to ``most`` keys
    name : str
        What messages call it.
    pairs : str
        From what to what it leads, such as ``"name to values"``.
    example : str
        Code for such a dict.
    most : int
        How many can be told apart.

    Returns
    -------
    Mapping
        The same.

    Raises
    ------
    TypeError
        If it is no such dict.
    ValueError
        If it is empty or has too many keys.
    """
    if not isinstance(values, Mapping):
        raise TypeError(
            f"{name} should be a dict from {pairs}; got {type(values).__name__}. Write {example}."
        )
    for key in values:
        if not isinstance(key, str):
            raise TypeError(f"{name} should have strings as names; got {key!r}. Use str({key!r}).")
    if not 1 <= len(values) <= most:
        raise ValueError(
            f"{name} should have 1 to {most} names; got {len(values)}. "
            "Give some, or draw several figures."
        )
    return values


def finite(values, name, mend=UNCOMPUTED):
    """Check that an array holds neither NaN nor infinity.

    Parameters
    ----------
    values : ndarray, any shape, numbers
    name : str
        What messages call it.
    mend : str
        What to do about it.

    Returns
    -------
    ndarray
        The same.

    Raises
    ------
    ValueError
        If it does.
    """
    if not np.isfinite(values).all():
        raise ValueError(f"{name} should hold finite values; got NaN or infinity. {mend}")
    return values


def number_list(values, name, each, mends):
    """Check a row of numbers and return it as an array of floats.

    Parameters
    ----------
    values : list of float or ndarray, shape (n,), at least one number; NaN and infinity may occur
    name : str
        What the caller calls this argument, for the message.
    each : str
        What each number belongs to, such as ``"epoch"``.
    mends : pair of str
        What to do about values that are no numbers, and about another shape.

    Returns
    -------
    ndarray, float64, shape (n,)
        A copy.

    Raises
    ------
    TypeError
        If the values are no numbers.
    ValueError
        If there are none, or they are no row.
    """
    no_numbers, no_row = mends
    try:
        row = np.array(values, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(
            f"{name} should be numbers, one for each {each}; got {values!r:.60}. {no_numbers}"
        ) from None
    if row.ndim != 1 or row.size == 0:
        raise ValueError(
            f"{name} should have one value for each {each}; got shape {row.shape}. {no_row}"
        )
    return row


def integer(value, name):
    """Check a whole number and return it as a Python int.

    Parameters
    ----------
    value : int or NumPy integer
    name : str
        What the caller calls this argument, for the message.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If it is anything else (a bool, a float).
    """
    try:
        if isinstance(value, bool | np.bool_):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise TypeError(
            f"{name} should be a whole number; got {_kind(value)}. "
            "Use int(...) if it stands for one."
        ) from None


def positive_integer(value, name):
    """Check a whole number of at least 1 and return it as a Python int.

    Parameters
    ----------
    value : int or NumPy integer, at least 1
    name : str
        What the caller calls this argument, for the message.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If it is no whole number.
    ValueError
        If it is less than 1.
    """
    number = integer(value, name)
    if number < 1:
        raise ValueError(f"{name} should be at least 1; got {number}. Choose a larger number.")
    return number


def random_seed(value):
    """Check a seed of random numbers and return it as a Python int.

    Parameters
    ----------
    value : int or NumPy integer, 0 to 2**32 - 1, as Keras and NumPy take it

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If it is no whole number.
    ValueError
        If it is out of range.
    """
    number = integer(value, "seed")
    if not 0 <= number < 2**32:
        raise ValueError(
            f"seed should lie between 0 and 2**32 - 1; got {number}. Choose one such as 7."
        )
    return number


def array(value, name):
    """Check that a value is a NumPy array.

    Parameters
    ----------
    value : ndarray
    name : str
        What the caller calls this argument, for the message.

    Returns
    -------
    ndarray
        The same array.

    Raises
    ------
    TypeError
        If it is anything else, a list or a tensor for instance.
    """
    if not isinstance(value, np.ndarray):
        raise TypeError(
            f"{name} should be a NumPy array; got {_kind(value)}. Use np.array({name})."
        )
    return value


def number_array(values, name):
    """Check that a value is a NumPy array of numbers.

    Parameters
    ----------
    values : ndarray, any shape, integers or floats
    name : str
        What the caller calls this argument, for the message.

    Returns
    -------
    ndarray
        The same array.

    Raises
    ------
    TypeError
        If it is no array, or its dtype neither integer nor float.
    """
    array(values, name)
    if values.dtype.kind not in "iuf":
        raise TypeError(
            f"{name} should hold numbers; got {values.dtype}. Use {name}.astype(float)."
        )
    return values


def number_matrix(values, name):
    """Check a matrix of numbers and return it as an array of floats.

    Parameters
    ----------
    values : ndarray, shape (height, width), finite integers or floats, not empty
    name : str
        What the caller calls this argument, for the message.

    Returns
    -------
    ndarray, float64, shape (height, width)
        A copy.

    Raises
    ------
    TypeError
        If it is no array, or its dtype neither integer nor float.
    ValueError
        If it has another shape, is empty, or holds NaN or infinity.
    """
    number_array(values, name)
    if values.ndim != 2 or values.size == 0:
        raise ValueError(
            f"{name} should have rows and columns, shape (height, width), and not be empty; got "
            f"{values.shape}. Choose one channel, such as {name}[..., 0]."
        )
    finite(values, name)
    return values.astype(float)


def _kind(value):
    """The value's type in words, with the value if it is short."""
    kind = type(value).__name__
    kind = f"an {kind}" if kind[0].lower() in "aeiou" or kind == "ndarray" else f"a {kind}"
    if isinstance(value, str | int | float | np.generic) and len(repr(value)) <= 30:
        return f"{kind}, {value!r}"
    return kind
