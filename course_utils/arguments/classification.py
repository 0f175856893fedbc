"""Checks of what image classification works with: images, labels, probabilities, class tables."""

import numpy as np

from .general import array, finite, integer

# Half-precision softmax is off by about a thousandth; scores that are no probabilities by far more.
SUM_TOLERANCE = 0.01
RANGE_TOLERANCE = 1e-6
DIVERGED = "The training has probably diverged: try a smaller learning rate."


def image_batch(images, raw=False):
    """Check a batch of images.

    Parameters
    ----------
    images : ndarray, shape (n, height, width), (n, height, width, 1) or (n, height, width, 3)
        uint8 with values 0 to 255, or float with any finite values.
    raw : bool
        Accept uint8 only.

    Returns
    -------
    ndarray
        The same array.

    Raises
    ------
    TypeError
        If it is no array, or neither uint8 nor float.
    ValueError
        If it is empty, has another shape, or holds NaN or infinite values.
    """
    array(images, "images")
    shape = images.shape
    if len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] not in (1, 3)):
        raise ValueError(
            "images should have shape (n, height, width), (n, height, width, 1) or "
            f"(n, height, width, 3); got {shape}. {_batch_mend(shape)}"
        )
    if len(shape) == 3 and shape[2] in (1, 3) and shape[1] != shape[2]:
        raise ValueError(
            f"images should be a batch, such as (n, height, width, {shape[2]}); got {shape}, which "
            "looks like one image. For a batch of one, use images[np.newaxis]."
        )
    _not_empty(images, "images")
    _pixel_kind(images, "images", raw)
    return images


def single_image(image):
    """Check one image.

    Parameters
    ----------
    image : ndarray, shape (height, width), (height, width, 1) or (height, width, 3)
        uint8 with values 0 to 255, or float with any finite values.

    Returns
    -------
    ndarray
        The same array.

    Raises
    ------
    TypeError
        If it is no array, or neither uint8 nor float.
    ValueError
        If it is empty, has another shape, or holds NaN or infinite values.
    """
    array(image, "image")
    shape = image.shape
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] not in (1, 3)):
        raise ValueError(
            "image should have shape (height, width), (height, width, 1) or (height, width, 3); "
            f"got {shape}. If this is a batch, choose one image: image[0]."
        )
    _not_empty(image, "image")
    _pixel_kind(image, "image", raw=False)
    return image


def label_vector(labels, classes=None, length=None, name="labels"):
    """Check a vector of class indices.

    Parameters
    ----------
    labels : ndarray, shape (n,), any integer dtype, values 0 to classes - 1
    classes : int, optional
        How many classes there are; without it only negative labels are refused.
    length : int, optional
        How many labels there should be: one for each image.
    name : str
        What the caller calls this argument, for the message.

    Returns
    -------
    ndarray
        The same array.

    Raises
    ------
    TypeError
        If it is no array or its dtype is no integer.
    ValueError
        If it is empty, has another shape or length, or holds an index that no class has.
    """
    array(labels, name)
    if labels.ndim != 1:
        raise ValueError(
            f"{name} should hold one class index an image, shape (n,); got {labels.shape}. "
            f"One-hot labels become indices with {name}.argmax(axis=1), "
            f"a single column with {name}[:, 0]."
        )
    _not_empty(labels, name)
    if not np.issubdtype(labels.dtype, np.integer):
        raise TypeError(
            f"{name} should be class indices of an integer dtype; got {labels.dtype}. "
            f"If the values are whole numbers, use {name}.astype(int)."
        )
    _length(labels, length, name)
    outside = labels < 0 if classes is None else (labels < 0) | (labels >= classes)
    if outside.any():
        position = int(outside.argmax())
        _refuse_index(labels[position], classes, f"{name}[{position}]")
    return labels


def class_index(label, classes):
    """Check one class index and return it as a Python int.

    Parameters
    ----------
    label : int or NumPy integer, 0 to classes - 1
    classes : int
        How many classes there are.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If it is no whole number (a bool is none either).
    ValueError
        If no class has this index.
    """
    index = integer(label, "label")
    if not 0 <= index < classes:
        _refuse_index(index, classes, "label")
    return index


def probability_matrix(probabilities, classes=None, length=None, name="probabilities"):
    """Check class probabilities of several images.

    Parameters
    ----------
    probabilities : ndarray, shape (n, classes), float, values 0 to 1, each row adding up to 1
    classes : int, optional
        How many columns there should be: one for each class.
    length : int, optional
        How many rows there should be: one for each image.
    name : str
        What the caller calls this argument, for the message.

    Returns
    -------
    ndarray
        The same array.

    Raises
    ------
    TypeError
        If it is no array or its dtype is not float.
    ValueError
        If it is empty, has another shape, or its rows are no probabilities.
    """
    array(probabilities, name)
    if probabilities.ndim != 2:
        raise ValueError(
            f"{name} should have one row an image and one column a class, shape (n, classes); got "
            f"{probabilities.shape}. For one image, use {name}[np.newaxis]."
        )
    _not_empty(probabilities, name)
    _length(probabilities, length, name)
    _probabilities(probabilities, classes, name)
    return probabilities


def probability_vector(probabilities, classes=None):
    """Check the class probabilities of one image.

    Parameters
    ----------
    probabilities : ndarray, shape (classes,), float, values 0 to 1, adding up to 1
    classes : int, optional
        How many values there should be: one for each class.

    Returns
    -------
    ndarray
        The same array.

    Raises
    ------
    TypeError
        If it is no array or its dtype is not float.
    ValueError
        If it is empty, has another shape, or holds no probabilities.
    """
    array(probabilities, "probabilities")
    if probabilities.ndim != 1:
        raise ValueError(
            "probabilities should have one value a class, shape (classes,); got "
            f"{probabilities.shape}. Choose one image: probabilities[0]."
        )
    _not_empty(probabilities, "probabilities")
    _probabilities(probabilities, classes, "probabilities")
    return probabilities


def class_table(table, classes, name, mend):
    """Check a table with one row and one column for each class.

    Parameters
    ----------
    table : ndarray, shape (classes, classes), any dtype
    classes : int
        How many classes there are.
    name : str
        What the caller calls this argument, for the message.
    mend : str
        How such a table is made.

    Returns
    -------
    ndarray
        The same array.

    Raises
    ------
    TypeError
        If it is no array.
    ValueError
        If it has another shape.
    """
    array(table, name)
    if table.shape != (classes, classes):
        raise ValueError(
            f"{name} should have one row and one column for each of the {classes} classes; "
            f"got shape {table.shape}. {mend}"
        )
    return table


def _batch_mend(shape):
    """What to do about an array that is no batch of images."""
    if len(shape) == 2:
        return "For one image, use images[np.newaxis]; flat rows need reshape."
    if len(shape) == 4:
        return "The last axis holds 1 grey or 3 colour channels."
    return "Use reshape, or choose the axes to show."


def _not_empty(values, name):
    """Refuse an array without elements."""
    if values.size == 0:
        raise ValueError(
            f"{name} should not be empty; got shape {values.shape}. "
            "Check the slice or the mask that made it."
        )


def _length(values, length, name):
    """Refuse an array that does not have one entry an image."""
    if length is not None and len(values) != length:
        raise ValueError(
            f"{name} should have one entry for each of the {length} images; got {len(values)}. "
            "Take both from the same slice."
        )


def _pixel_kind(pixels, name, raw):
    """Refuse pixels of a wrong dtype, and floats that are no numbers."""
    if pixels.dtype == np.uint8:
        return
    if raw:
        raise TypeError(
            f"{name} should be raw pixels of dtype uint8, 0 to 255; got {pixels.dtype}. "
            "Pass the images as they were loaded, before scaling."
        )
    if not np.issubdtype(pixels.dtype, np.floating):
        raise TypeError(
            f"{name} should be uint8 (0 to 255) or float; got {pixels.dtype}. "
            f"If the values lie between 0 and 255, use {name}.astype(np.uint8)."
        )
    finite(pixels, name)


def _refuse_index(index, classes, name):
    """Raise the error for a class index that no class has."""
    if classes is None:
        raise ValueError(f"{name} should be at least 0; got {index}. Class indices start at 0.")
    raise ValueError(
        f"{name} should be an index into the {classes} classes, 0 to {classes - 1}; got {index}. "
        "Check that labels and class names belong together."
    )


def _probabilities(values, classes, name):
    """Refuse values that are no probabilities along the last axis."""
    if classes is not None and values.shape[-1] != classes:
        raise ValueError(
            f"{name} should have one value for each of the {classes} classes; "
            f"got {values.shape[-1]}. Check that probabilities and class names belong together."
        )
    if not np.issubdtype(values.dtype, np.floating):
        raise TypeError(
            f"{name} should be float, 0 to 1; got {values.dtype}. "
            "Pass what model.predict returns, not class indices."
        )
    finite(values, name, DIVERGED)
    low, high = float(values.min()), float(values.max())
    if low < -RANGE_TOLERANCE or high > 1 + RANGE_TOLERANCE:
        raise ValueError(
            f"{name} should lie between 0 and 1; got values from {low:.3g} to {high:.3g}. "
            "If these are scores (logits), apply softmax first."
        )
    sums = np.atleast_1d(values.sum(axis=-1, dtype=float))
    worst = int(np.abs(sums - 1).argmax())
    if abs(sums[worst] - 1) > SUM_TOLERANCE:
        where = f" in row {worst}" if values.ndim == 2 else ""
        raise ValueError(
            f"{name} should add up to 1 for each image; got a sum of {sums[worst]:.3g}{where}. "
            "If these are scores (logits), apply softmax first."
        )
