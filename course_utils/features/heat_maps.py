"""Where a network finds what speaks for a class: two kinds of heat maps, and how they agree."""

import numpy as np

from course_utils import arguments
from course_utils.features.network import AT_ONCE, check_network, inner_model, scaled, to_numpy
from course_utils.tensorflow_quietly import import_tensorflow


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

    maps_of = inner_model(network, layer).output
    arguments.image_batch(images)
    last = _last_dense(network)
    if classes is not None:
        arguments.label_vector(classes, last.units, len(images), "classes")
    inner = keras.Model(network.inputs[0], [maps_of, last.input])
    parts = []
    for start in range(0, len(images), AT_ONCE):
        with tf.GradientTape() as tape:
            maps, arriving = inner(scaled(images[start : start + AT_ONCE]), training=False)
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
    check_network(network)
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
        parts.append(_lost(network, scaled(images[some]), asked, corners, size, fill))
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
    return to_numpy(keras.ops.image.resize(channel, size, interpolation="bilinear"))[..., 0]


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
    probabilities = to_numpy(network(images, training=False))
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
        after = to_numpy(network(covered, training=False))[everyone, classes]
        lost[square] += (before - after)[:, np.newaxis, np.newaxis]
        times[square[1:]] += 1
    return lost / times


def _stops(length, size, step):
    """Where a square starts along one side; the last one reaches the end."""
    last = length - size
    return sorted({*range(0, last, step), last})


def _check_heat(heat, name):
    """Refuse anything but finite heat maps."""
    arguments.array(heat, name)
    if heat.ndim != 3 or heat.size == 0:
        raise ValueError(
            f"{name} should hold heat maps, shape (n, height, width); got {heat.shape}. "
            f"For one heat map, use {name}[np.newaxis]."
        )
    arguments.finite(heat, name)
