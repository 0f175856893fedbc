"""``batches``: a split as a ``tf.data`` pipeline, straight from its uint8 images."""

import inspect
import math
import weakref

import numpy as np

from course_utils import arguments
from course_utils.datasets.image_data import Split
from course_utils.tensorflow_quietly import import_tensorflow

# Images looked up by one call of Python: many, because each call makes the training wait for a
# moment; yet few enough to weigh nothing (3 MB of CIFAR-10).
LOOKED_UP_AT_ONCE = 1024
# Batches made ready ahead of the training. Fixed, because AUTOTUNE's helper thread can sleep on
# at the end of an epoch, and the epoch then waits for it: up to twice its time, TF 2.20 and 2.21.
READY_BATCHES = 4


def batches(split, batch_size, *, seed=None, scale=(0.0, 1.0), augment=None):
    """Make batches for ``model.fit``, ``evaluate`` and ``predict``.

    The pixels stay uint8, in the split's own array, until they are needed: 1,024 images at a time
    are looked up, cut into batches and turned into floats while the network learns from the batch
    before. So a data set takes a quarter of the memory that it would take as floats, and the first
    batch is ready at once.

    Parameters
    ----------
    split : Split
        Such as ``data.train``, with at least one image. Not changed.
    batch_size : int
        Images in a batch, at least 1; the last batch holds what is left.
    seed : int, optional
        Shuffle: each epoch has another order of all images, and the same seed, 0 to 2**32 - 1,
        gives the same sequence of orders, whatever other seeds are set. Without one the order is
        the split's, which is right for validation and testing.
    scale : pair of float
        What the pixel values 0 and 255 become, exactly.
    augment : callable, optional
        A Keras layer or a function, called with each batch of scaled images, float32 of shape
        (b, height, width, channels), grey ones with one channel, and with ``training=True`` if it
        takes that. Returns a batch of as many images, of any float type. Its randomness is its
        own: give a layer a seed.

    Returns
    -------
    tf.data.Dataset
        Pairs of images, float32 of shape (b, height, width) or (b, height, width, 3), as the split
        has them, and labels, int64 of shape (b,). ``len`` tells the number of batches. A Keras
        model with ``Input((28, 28, 1))`` takes images of shape (28, 28) as well.

    Raises
    ------
    TypeError
        If ``split`` is no ``Split``, ``batch_size`` or ``seed`` no whole number, ``scale`` no pair
        of numbers or ``augment`` nothing that can be called.
    ValueError
        If ``split`` is empty, ``batch_size`` or ``seed`` is out of range, or ``scale`` does not
        rise from a finite number to another.
    """
    _check_split(split)
    arguments.positive_integer(batch_size, "batch_size")
    if seed is not None:
        arguments.random_seed(seed)
    low, high = _checked_scale(scale)
    if augment is not None and not callable(augment):
        raise TypeError(
            f"augment should be a Keras layer or a function; got {type(augment).__name__}. "
            "Several layers make one with keras.Sequential([...])."
        )
    tf = import_tensorflow()

    def prepare(images, labels):
        images = tf.cast(images, tf.float32) / 255
        if (low, high) != (0, 1):
            # images * (high - low) + low would be simpler and, through rounding, miss some ends.
            images = images * high + (1 - images) * low
        if augment is not None:
            images = _augmented(tf, images, augment)
        return images, labels

    options = tf.data.Options()
    options.autotune.enabled = False
    return (
        _orders(tf, len(split), seed)
        .rebatch(batch_size * max(1, LOOKED_UP_AT_ONCE // batch_size))
        .map(_look_up(tf, split))
        .prefetch(1)  # looked up in good time, because Python may be busy with the training
        .rebatch(batch_size)
        .map(prepare)  # not in parallel, so that random layers see the batches in their order
        .apply(tf.data.experimental.assert_cardinality(math.ceil(len(split) / batch_size)))
        .prefetch(READY_BATCHES)
        .with_options(options)
    )


def _orders(tf, count, seed):
    """One element an epoch: the order of the images, int64 of shape (count,)."""
    if seed is None:
        return tf.data.Dataset.from_tensors(np.arange(count))
    # NumPy's generator outlives an epoch, and the next one goes on from where this one came to.
    # Those of TensorFlow depend on its global seed as well.
    generator = np.random.default_rng(seed)

    def order(_):
        shuffled = tf.numpy_function(lambda: generator.permutation(count), [], tf.int64)
        return tf.ensure_shape(shuffled, (count,))

    return tf.data.Dataset.range(1).map(order)


def _look_up(tf, split):
    """Make the function from numbers of images to these images and their labels.

    They are looked up in NumPy, because TensorFlow would copy arrays handed to it.
    """
    # TensorFlow keeps a Python function for ever, so this one must not keep the images; the
    # function that is returned does, for as long as there is the data set.
    kept = weakref.ref(split)

    def take(chosen):
        split = kept()
        return split.images[chosen], split.labels[chosen]

    def look_up(chosen):
        images, labels = tf.numpy_function(take, [chosen], (tf.uint8, tf.int64))
        return (
            tf.ensure_shape(images, (None, *split.images.shape[1:])),
            tf.ensure_shape(labels, (None,)),
        )

    return look_up


def _augmented(tf, images, augment):
    """A batch changed by ``augment``, as float32 and with a channel axis only if it had one."""
    grey = images.shape.rank == 3
    # Without the axis, Keras' layers would take a batch of grey images for one image.
    given = images[..., tf.newaxis] if grey else images
    options = {"training": True} if _takes_training(augment) else {}
    changed = tf.cast(augment(given, **options), tf.float32)
    return changed[..., 0] if grey else changed


def _takes_training(augment):
    """Whether it may be called with ``training=True``; every Keras layer may."""
    import keras  # with TensorFlow, only when it is needed

    return (
        isinstance(augment, keras.layers.Layer)
        or "training" in inspect.signature(augment).parameters
    )


def _check_split(split):
    """Refuse anything but a split with images."""
    if not isinstance(split, Split):
        raise TypeError(
            f"split should be a Split such as data.train; got {type(split).__name__}. "
            "Arrays of yours become one with datasets.Split(images, labels)."
        )
    if not len(split):
        raise ValueError(
            "split should hold at least one image; got none. "
            "To hold images out for validation: datasets.load(..., validation=0.1)."
        )


def _checked_scale(scale):
    """Low and high end as floats, or an error that says what a scale is."""
    try:
        low, high = (float(np.float32(end)) for end in scale)
    except (TypeError, ValueError):
        raise TypeError(
            f"scale should be a pair of numbers such as (0, 1) or (-1, 1); got {scale!r}."
        ) from None
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(
            "scale should rise from one finite number to another, such as (0, 1) or (-1, 1); "
            f"got {scale!r}."
        )
    return low, high
