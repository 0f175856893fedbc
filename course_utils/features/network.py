"""A network taken apart: its layers by their names, and what arrives at one of them."""

import numpy as np

from course_utils.tensorflow_quietly import import_tensorflow

AT_ONCE = 500  # images that go through the network together: maps of 32 by 32 by 32 take 66 MB


def check_network(network):
    """Refuse anything but a Keras model.

    Parameters
    ----------
    network : keras.Model

    Raises
    ------
    TypeError
        If it is something else.
    """
    import_tensorflow()
    import keras

    if not isinstance(network, keras.Model):
        raise TypeError(
            f"network should be a Keras model; got {type(network).__name__}. "
            "Pass what keras.Sequential or keras.Model gave."
        )


def find_layer(network, layer):
    """Find a layer by its name.

    Parameters
    ----------
    network : keras.Model
    layer : str

    Returns
    -------
    keras.Layer

    Raises
    ------
    TypeError
        If ``network`` is no Keras model or ``layer`` no string.
    ValueError
        If there is no such layer; lists the names.
    """
    check_network(network)
    if not isinstance(layer, str):
        raise TypeError(f"layer should be the name of a layer; got {layer!r}. Use layer.name.")
    names = [known.name for known in network.layers]
    if layer not in names:
        raise ValueError(
            f"layer should be one of {', '.join(names)}; got {layer!r}. "
            "network.summary() lists them."
        )
    return network.get_layer(layer)


def inner_model(network, layer):
    """Make the model that ends with a layer of maps.

    Parameters
    ----------
    network : keras.Model
        Not changed; the new model shares its layers.
    layer : str
        Name of a layer that gives maps, shape (n, rows, columns, filters).

    Returns
    -------
    keras.Model

    Raises
    ------
    TypeError
        If ``network`` is no Keras model or ``layer`` no string.
    ValueError
        If there is no such layer, or it gives no maps.
    """
    found = find_layer(network, layer)
    import keras

    if len(found.output.shape) != 4:
        raise ValueError(
            "layer should give maps, of shape (n, rows, columns, filters); got "
            f"{layer!r}, which gives {tuple(found.output.shape)}. Choose a convolution."
        )
    return keras.Model(network.inputs[0], found.output)


def scaled(images):
    """Bring images to the scale that the network takes.

    Parameters
    ----------
    images : ndarray, any shape, uint8 (divided by 255) or float (left as they are)
        Not changed.

    Returns
    -------
    ndarray, float32, the same shape
    """
    scale = 255 if images.dtype == np.uint8 else 1
    return images.astype("float32") / np.float32(scale)


def to_numpy(tensor):
    """Turn a tensor into an array.

    Parameters
    ----------
    tensor : tensor, any shape and precision

    Returns
    -------
    ndarray, float32, the same shape
    """
    return np.asarray(tensor, dtype="float32")
