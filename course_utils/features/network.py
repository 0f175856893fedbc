"""A network taken apart: its layers by their names, and what arrives at one of them."""

import numpy as np

from course_utils.tensorflow_quietly import import_tensorflow

AT_ONCE = 500  # images that go through the network together: maps of 32 by 32 by 32 take 66 MB


def check_network(network):
    """Refuse anything but a Keras model."""
    import_tensorflow()
    import keras

    if not isinstance(network, keras.Model):
        raise TypeError(
            f"network should be a Keras model; got {type(network).__name__}. "
            "Pass what keras.Sequential or keras.Model gave."
        )


def find_layer(network, layer):
    """The layer of that name, or an error that lists the names."""
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
    """The model that ends with this layer, which gives maps."""
    found = find_layer(network, layer)
    import keras

    if len(found.output.shape) != 4:
        raise ValueError(
            "layer should give maps, of shape (n, rows, columns, filters); got "
            f"{layer!r}, which gives {tuple(found.output.shape)}. Choose a convolution."
        )
    return keras.Model(network.inputs[0], found.output)


def scaled(images):
    """A new float32 array of images as the network takes them."""
    scale = 255 if images.dtype == np.uint8 else 1
    return images.astype("float32") / np.float32(scale)


def to_numpy(tensor):
    """A tensor as an array of float32."""
    return np.asarray(tensor, dtype="float32")
