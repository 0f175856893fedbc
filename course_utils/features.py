"""What a trained network looks for: its kernels, what excites its filters, and two heat maps.

Every function takes NumPy arrays, or a Keras model with them, and returns NumPy arrays; nothing is
drawn here. Images are float as the network takes them, or uint8, which are divided by 255.
"""

from typing import NamedTuple

import numpy as np

from course_utils import arguments
from course_utils.tensorflow_quietly import import_tensorflow

AT_ONCE = 500  # images that go through the network together: maps of 32 by 32 by 32 take 66 MB
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
    _refuse_infinite(kernels, "kernels")
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
    inner = _inner_model(network, layer)
    arguments.image_batch(images)
    parts = []
    for start in range(0, len(images), AT_ONCE):
        maps = _to_numpy(inner(_scaled(images[start : start + AT_ONCE]), training=False))
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
    _find_layer(network, layer)
    for places, name in ((rows, "rows"), (columns, "columns")):
        arguments.label_vector(places, name=name)
    top, height = _field(network, layer, rows, ROW_AXIS)
    left, width = _field(network, layer, columns, COLUMN_AXIS)
    return np.stack([top, left, np.full_like(top, height), np.full_like(left, width)], axis=1)


def grad_cam(network, layer, images, classes=None):
    """Where a network finds what speaks for a class, by the gradients of its score.

    Grad-CAM (Selvaraju et al., *Grad-CAM: Visual Explanations from Deep Networks via
    Gradient-based Localization*, 2017): the maps of a layer are added up, each with a weight, which
    is the mean gradient of the class's score over the places of the map; what is below 0 becomes 0.
    The score is what the last layer calculates before softmax.

    Parameters
    ----------
    network : keras.Model
        Its last layer is Dense, with softmax or without activation function. Not changed.
    layer : str
        Name of a layer that gives maps, usually the last convolution.
    images : ndarray, shape (n, height, width), (n, height, width, 1) or (n, height, width, 3)
        uint8 or float. Not changed.
    classes : ndarray, shape (n,), any integer dtype, optional
        The class to explain for each image; without it, the one that the network predicts.

    Returns
    -------
    ndarray, float32, shape (n, rows, columns), values of at least 0
        As large as the maps, not as the images, and not scaled: see `enlarged`.

    Raises
    ------
    TypeError
        If an argument is not of the kind above.
    ValueError
        If there is no such layer, it gives no maps, the network ends in another way, there is not
        one class for each image, or ``images`` is empty or not finite.
    """
    tf = import_tensorflow()
    import keras

    maps_of = _inner_model(network, layer).output
    arguments.image_batch(images)
    last = _last_dense(network)
    if classes is not None:
        arguments.label_vector(classes, last.units, len(images), "classes")
    inner = keras.Model(network.inputs[0], [maps_of, last.input])
    parts = []
    for start in range(0, len(images), AT_ONCE):
        with tf.GradientTape() as tape:
            maps, arriving = inner(_scaled(images[start : start + AT_ONCE]), training=False)
            scores = _scores(tf, last, arriving)
            wanted = (
                tf.argmax(scores, axis=1)
                if classes is None
                else classes[start : start + AT_ONCE].astype("int64")
            )
            explained = tf.gather(scores, wanted, axis=1, batch_dims=1)
        # Images do not influence each other, so the gradient of the sum holds that of each image.
        importance = tf.reduce_mean(tape.gradient(explained, maps), axis=(1, 2), keepdims=True)
        parts.append(tf.nn.relu(tf.reduce_sum(importance * maps, axis=3)).numpy())
    return np.concatenate(parts)


def occlusion(network, images, classes=None, *, size=8, step=4, fill=0.5):
    """Where a network finds what speaks for a class, by covering part after part of the image.

    After Zeiler and Fergus, *Visualizing and Understanding Convolutional Networks*, 2014, section
    4.2: a grey square moves over the image, and the probability of the class is calculated anew
    each time. Here, the value of a pixel is the mean of what was lost over all squares that
    covered it.

    Parameters
    ----------
    network : keras.Model
        Gives probabilities, shape (n, classes). Not changed.
    images : ndarray, shape (n, height, width), (n, height, width, 1) or (n, height, width, 3)
        uint8 or float. Not changed.
    classes : ndarray, shape (n,), any integer dtype, optional
        The class to explain for each image; without it, the one that the network predicts.
    size : int
        Rows and columns of the square, at most those of the image.
    step : int
        How many pixels the square moves on, at most ``size``; at the end as far as fits.
    fill : float
        The square's value in each channel, on the scale that the network takes.

    Returns
    -------
    ndarray, float32, shape (n, height, width), values -1 to 1
        How much probability is lost; below 0 where covering makes the class *more* likely.

    Raises
    ------
    TypeError
        If an argument is not of the kind above.
    ValueError
        If the square is larger than the image, ``step`` is larger than ``size``, there is not one
        class for each image, or ``images`` is empty or not finite.
    """
    _check_network(network)
    arguments.image_batch(images)
    height, width = images.shape[1:3]
    size = arguments.positive_integer(size, "size")
    step = arguments.positive_integer(step, "step")
    if size > min(height, width):
        raise ValueError(
            f"size should be at most {min(height, width)}, to fit into the image; got {size}. "
            "Choose a smaller square."
        )
    if step > size:
        raise ValueError(
            f"step should be at most the size of the square, {size}, so that no pixel is left "
            f"out; got {step}. Choose smaller steps."
        )
    if classes is not None:
        arguments.label_vector(classes, network.output_shape[-1], len(images), "classes")
    corners = [(y, x) for y in _stops(height, size, step) for x in _stops(width, size, step)]
    parts = []
    for start in range(0, len(images), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        asked = None if classes is None else classes[some]
        parts.append(_lost(network, _scaled(images[some]), asked, corners, size, fill))
    return np.concatenate(parts)


def enlarged(heat, height, width):
    """Heat maps in the size of their images, with smooth transitions (bilinear).

    Parameters
    ----------
    heat : ndarray, shape (n, rows, columns), float
        Not changed.
    height, width : int

    Returns
    -------
    ndarray, float32, shape (n, height, width)

    Raises
    ------
    TypeError
        If ``heat`` is no array, or a number no whole number.
    ValueError
        If ``heat`` has another shape, or a number is less than 1.
    """
    _check_heat(heat, "heat")
    size = arguments.positive_integer(height, "height"), arguments.positive_integer(width, "width")
    import_tensorflow()
    import keras

    channel = heat.astype("float32")[..., np.newaxis]
    return _to_numpy(keras.ops.image.resize(channel, size, interpolation="bilinear"))[..., 0]


def agreement(first, second):
    """Correlation of two heat maps of the same image, over its pixels, for each image.

    Parameters
    ----------
    first, second : ndarray, shape (n, height, width), float
        Not changed.

    Returns
    -------
    ndarray, float64, shape (n,), values -1 to 1
        1 where they agree up to scale, about 0 where one tells nothing about the other; NaN where
        one of them is the same everywhere, so that there is nothing to compare.

    Raises
    ------
    TypeError
        If one is no array.
    ValueError
        If one has no such shape, or their shapes differ.
    """
    _check_heat(first, "first")
    _check_heat(second, "second")
    if first.shape != second.shape:
        raise ValueError(
            f"second should have the shape of first, {first.shape}; got {second.shape}. "
            "Use features.enlarged for the smaller one."
        )
    centred = [
        heat.reshape(len(heat), -1) - heat.mean(axis=(1, 2), dtype=float)[:, np.newaxis]
        for heat in (first, second)
    ]
    together = np.einsum("np,np->n", *centred)
    spread = np.sqrt(np.prod([np.einsum("np,np->n", part, part) for part in centred], axis=0))
    flat = np.any([np.ptp(heat, axis=(1, 2)) == 0 for heat in (first, second)], axis=0)
    return np.where(flat, np.nan, together / np.where(flat, 1, spread))


def _check_network(network):
    """Refuse anything but a Keras model."""
    import_tensorflow()
    import keras

    if not isinstance(network, keras.Model):
        raise TypeError(
            f"network should be a Keras model; got {type(network).__name__}. "
            "Pass what keras.Sequential or keras.Model gave."
        )


def _find_layer(network, layer):
    """The layer of that name, or an error that lists the names."""
    _check_network(network)
    if not isinstance(layer, str):
        raise TypeError(f"layer should be the name of a layer; got {layer!r}. Use layer.name.")
    names = [known.name for known in network.layers]
    if layer not in names:
        raise ValueError(
            f"layer should be one of {', '.join(names)}; got {layer!r}. "
            "network.summary() lists them."
        )
    return network.get_layer(layer)


def _inner_model(network, layer):
    """The model that ends with this layer, which gives maps."""
    found = _find_layer(network, layer)
    import keras

    if len(found.output.shape) != 4:
        raise ValueError(
            "layer should give maps, of shape (n, rows, columns, filters); got "
            f"{layer!r}, which gives {tuple(found.output.shape)}. Choose a convolution."
        )
    return keras.Model(network.inputs[0], found.output)


def _last_dense(network):
    """The last layer, or an error if it is not one from which scores can be taken."""
    import keras

    last = network.layers[-1]
    fine = (keras.activations.softmax, keras.activations.linear)
    if not isinstance(last, keras.layers.Dense) or last.activation not in fine:
        raise ValueError(
            "network should end with a Dense layer with softmax or without activation function, "
            f"for its scores; got {type(last).__name__} {last.name!r} at its end. Use another "
            "network."
        )
    return last


def _scores(tf, last, arriving):
    """What the last layer calculates before its activation function, as float32."""
    scores = tf.cast(arriving, tf.float32) @ tf.cast(last.kernel, tf.float32)
    return scores if last.bias is None else scores + tf.cast(last.bias, tf.float32)


def _lost(network, images, classes, corners, size, fill):
    """How much probability each pixel's cover costs, for images that are scaled already."""
    probabilities = _to_numpy(network(images, training=False))
    if classes is None:
        classes = probabilities.argmax(axis=1)
    everyone = np.arange(len(images))
    before = probabilities[everyone, classes]
    lost = np.zeros(images.shape[:3], dtype="float32")
    times = np.zeros(images.shape[1:3], dtype="float32")
    for top, left in corners:
        square = (slice(None), slice(top, top + size), slice(left, left + size))
        covered = images.copy()
        covered[square] = fill
        after = _to_numpy(network(covered, training=False))[everyone, classes]
        lost[square] += (before - after)[:, np.newaxis, np.newaxis]
        times[square[1:]] += 1
    return lost / times


def _stops(length, size, step):
    """Where a square starts along one side; the last one reaches the end."""
    last = length - size
    return sorted({*range(0, last, step), last})


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


def _check_heat(heat, name):
    """Refuse anything but finite heat maps."""
    arguments.array(heat, name)
    if heat.ndim != 3 or heat.size == 0:
        raise ValueError(
            f"{name} should hold heat maps, shape (n, height, width); got {heat.shape}. "
            f"For one heat map, use {name}[np.newaxis]."
        )
    _refuse_infinite(heat, name)


def _refuse_infinite(values, name):
    """Refuse NaN and infinity."""
    if not np.isfinite(values).all():
        raise ValueError(
            f"{name} should hold finite values; got NaN or infinity. "
            "Look for a division by zero where they were computed."
        )


def _scaled(images):
    """A new float32 array of images as the network takes them."""
    scale = 255 if images.dtype == np.uint8 else 1
    return images.astype("float32") / np.float32(scale)


def _to_numpy(tensor):
    """A tensor as an array of float32."""
    return np.asarray(tensor, dtype="float32")
