"""What the filters of a network look for: their kernels, what excites them, what they see."""

from typing import NamedTuple

import numpy as np

from course_utils import arguments
from course_utils.features.network import AT_ONCE, find_layer, inner_model, scaled, to_numpy

ROW_AXIS, COLUMN_AXIS = 0, 1


class Answers(NamedTuple):
    """The strongest answer of each filter to each image, and where in its map it stands.

    Attributes
    ----------
    strengths : ndarray, float32, shape (n, filters)
    rows, columns : ndarray, int64, shape (n, filters)
        The first such place, if there are several.
    """

    strengths: np.ndarray
    rows: np.ndarray
    columns: np.ndarray


def kernel_pictures(kernels):
    """Turn the kernels of a first layer into small pictures, in grey or in colour.

    Mid-grey stands for a weight of 0; a channel is brighter where its weight is above 0, and darker
    where it is below. Each kernel is scaled by itself, so that its largest weight is as bright, or
    as dark, as can be: brightness may not be compared between kernels.

    Parameters
    ----------
    kernels : ndarray, shape (height, width, 1 or 3, filters), float
        Weights as ``layer.get_weights()[0]`` gives them. Not changed.

    Returns
    -------
    ndarray, float64, shape (filters, height, width, 1 or 3), values 0 to 1

    Raises
    ------
    TypeError
        If ``kernels`` is no array.
    ValueError
        If it has another shape, or values that are not finite.
    """
    arguments.array(kernels, "kernels")
    if kernels.ndim != 4 or kernels.shape[2] not in (1, 3) or kernels.size == 0:
        raise ValueError(
            "kernels should have shape (height, width, 1 or 3, filters), as "
            f"layer.get_weights()[0] of a first Conv2D gives them; got {kernels.shape}. Kernels "
            "with more channels have no colours: show their channels one by one."
        )
    arguments.finite(kernels, "kernels")
    pictures = np.moveaxis(kernels.astype(float), -1, 0)
    largest = np.abs(pictures).max(axis=(1, 2, 3), keepdims=True)
    return 0.5 + pictures / (2 * np.where(largest > 0, largest, 1))


def strongest_answers(network, layer, images):
    """Find the largest value of every map of a layer, for every image, and its place.

    Parameters
    ----------
    network : keras.Model
        Not changed.
    layer : str
        Name of a layer that gives maps, shape (n, rows, columns, filters).
    images : ndarray, shape (n, height, width), (n, height, width, 1) or (n, height, width, 3)
        uint8 or float.

    Returns
    -------
    Answers

    Raises
    ------
    TypeError
        If ``network`` is no Keras model, ``layer`` no string or ``images`` no array of pixels.
    ValueError
        If there is no such layer, it gives no maps, or ``images`` is empty or not finite.
    """
    inner = inner_model(network, layer)
    arguments.image_batch(images)
    parts = []
    for start in range(0, len(images), AT_ONCE):
        maps = to_numpy(inner(scaled(images[start : start + AT_ONCE]), training=False))
        rows, columns = maps.shape[1:3]
        flat = maps.reshape(len(maps), rows * columns, -1)
        places = flat.argmax(axis=1)
        parts.append((flat.max(axis=1), *np.unravel_index(places, (rows, columns))))
    return Answers(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def most_exciting(strengths, filter_index, count=9):
    """Indices of the images to which a filter answers most strongly.

    Zeiler and Fergus, *Visualizing and Understanding Convolutional Networks*, 2014, figure 2,
    show such images (nine for each filter), cut to the part that the filter sees.

    Parameters
    ----------
    strengths : ndarray, shape (n, filters), float
        ``strengths`` of `strongest_answers`. Not changed.
    filter_index : int, 0 to filters - 1
    count : int
        How many images; all if there are fewer.

    Returns
    -------
    ndarray, int64, shape (count,)
        The strongest first; among equals, the image that comes first.

    Raises
    ------
    TypeError
        If ``strengths`` is no array, or a number no whole number.
    ValueError
        If ``strengths`` has another shape, there is no such filter, or ``count`` is less than 1.
    """
    _check_strengths(strengths)
    filter_index = arguments.integer(filter_index, "filter_index")
    if not 0 <= filter_index < strengths.shape[1]:
        raise ValueError(
            f"filter_index should be 0 to {strengths.shape[1] - 1}; got {filter_index}. "
            f"The layer has {strengths.shape[1]} filters."
        )
    count = arguments.positive_integer(count, "count")
    return np.argsort(-strengths[:, filter_index], kind="stable")[:count]


def dead_filters(strengths):
    """Indices of the filters that answer to none of the images.

    After a ReLU no value of a map is below 0, so a filter whose largest value is 0 has maps of
    zeros only.

    Parameters
    ----------
    strengths : ndarray, shape (n, filters), float
        ``strengths`` of `strongest_answers`, of a layer with ReLU. Not changed.

    Returns
    -------
    ndarray, int64, shape (dead,)

    Raises
    ------
    TypeError
        If ``strengths`` is no array.
    ValueError
        If it has another shape.
    """
    _check_strengths(strengths)
    return np.flatnonzero(strengths.max(axis=0) <= 0)


def seen_part(network, layer, rows, columns):
    """Which part of an image a value in a map of a layer depends on: its receptive field.

    Parameters
    ----------
    network : keras.Sequential
        Layers in a row, of which those up to ``layer`` are convolutions, pooling, or act on each
        value alone.
    layer : str
        Name of the layer.
    rows, columns : ndarray, any integer dtype, shape (n,)
        Places in its maps. Not changed.

    Returns
    -------
    ndarray, int64, shape (n, 4)
        Top, left, height and width of a rectangle of pixels. Near the border it reaches beyond the
        image, into the padding: top and left may be below 0.

    Raises
    ------
    TypeError
        If ``network`` is no Keras model, ``layer`` no string, or a place no array.
    ValueError
        If there is no such layer, or one before it mixes up places, as Flatten does.
    """
    find_layer(network, layer)
    for places, name in ((rows, "rows"), (columns, "columns")):
        arguments.label_vector(places, name=name)
    top, height = _field(network, layer, rows, ROW_AXIS)
    left, width = _field(network, layer, columns, COLUMN_AXIS)
    return np.stack([top, left, np.full_like(top, height), np.full_like(left, width)], axis=1)


def _field(network, layer, places, axis):
    """First pixel for each place, and how many pixels, along one axis of the image."""
    size, step, start = 1, 1, 0
    for passed in network.layers:
        reach, stride, before = _window(passed, axis)
        start -= before * step
        size += (reach - 1) * step
        step *= stride
        if passed.name == layer:
            break
    return start + step * places.astype(np.int64), size


def _window(layer, axis):
    """Reach, stride and padding in front of a layer's window along one axis."""
    import keras

    kind = keras.layers
    alone = (
        kind.InputLayer, kind.ReLU, kind.Activation, kind.Dropout, kind.BatchNormalization,
    )  # fmt: skip
    if isinstance(layer, alone):
        return 1, 1, 0
    if isinstance(layer, kind.Conv2D):
        reach = layer.dilation_rate[axis] * (layer.kernel_size[axis] - 1) + 1
    elif isinstance(layer, kind.MaxPooling2D | kind.AveragePooling2D):
        reach = layer.pool_size[axis]
    else:
        raise ValueError(
            "network should consist of convolutions and pooling up to this layer; got "
            f"{type(layer).__name__} {layer.name!r} in between. Choose an earlier layer."
        )
    stride = layer.strides[axis]
    if layer.padding == "valid":
        return reach, stride, 0
    length = layer.input.shape[1 + axis]
    padded = max((-(-length // stride) - 1) * stride + reach - length, 0)
    return reach, stride, padded // 2


def _check_strengths(strengths):
    """Refuse anything but one row an image and one column a filter."""
    arguments.array(strengths, "strengths")
    if strengths.ndim != 2 or strengths.size == 0:
        raise ValueError(
            "strengths should have one row an image and one column a filter; got shape "
            f"{strengths.shape}. Use maps.max(axis=(1, 2)), or features.strongest_answers."
        )
