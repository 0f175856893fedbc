"""Read the records that TensorFlow Datasets prepared, without importing it.

The import takes seconds and fails under some versions of protobuf; ``tfds.load`` also keeps a
second copy of a small data set in memory. What it prepares are TFRecord files of PNG images, which
TensorFlow itself reads, checking each record's CRC.
"""

import json
import re

import numpy as np

from course_utils.tensorflow_quietly import import_tensorflow, quiet_stderr

BATCH_IMAGES = 500


def newest_version(folder):
    """The folder of the newest version that is prepared in a data set's folder, or None."""
    versions = [
        path.parent
        for path in folder.glob("*/dataset_info.json")
        if re.fullmatch(r"\d+\.\d+\.\d+", path.parent.name)
    ]
    return max(versions, key=lambda path: [*map(int, path.name.split("."))], default=None)


def read(folder, data_set):
    """Read a prepared version of a data set.

    Parameters
    ----------
    folder : Path
        Of that version, such as ``…/mnist/3.0.1``.
    data_set : DataSet

    Returns
    -------
    list of two tuples (images, labels)
        For training and for testing: uint8, shape (n, *image_shape), and int64, shape (n,).

    Raises
    ------
    Exception
        Of many kinds, if anything is damaged or does not fit the data set.
    """
    with (folder / "dataset_info.json").open(encoding="utf-8") as file:
        info = json.load(file)
    if info.get("fileFormat", "tfrecord") != "tfrecord":
        raise ValueError(f"its format is {info['fileFormat']}, and tfrecord can be read")
    counts = {split["name"]: sum(map(int, split["shardLengths"])) for split in info["splits"]}
    return [
        _read_split(
            sorted(folder.glob(f"{data_set.name}-{name}.tfrecord-*")),
            counts[name],
            data_set.image_shape,
        )
        for name in ("train", "test")
    ]


def _read_split(paths, count, shape):
    """Images and labels of one split, batch after batch into arrays of their final size."""
    images, labels = np.empty((count, *shape), np.uint8), np.empty(count, np.int64)
    filled = 0
    with quiet_stderr():
        for some_images, some_labels in _batches(paths, shape):
            place = slice(filled, filled + len(some_labels))
            if place.stop > count:
                raise ValueError(f"it holds more than the {count:,} images it announces")
            images[place], labels[place] = some_images.reshape(-1, *shape), some_labels
            filled = place.stop
    if filled != count:
        raise ValueError(f"it holds {filled:,} of {count:,} images")
    return images, labels


def _batches(paths, shape):
    """Batches of decoded images, with a channel axis, and labels."""
    tf = import_tensorflow()
    channels = shape[2] if len(shape) == 3 else 1
    image = tf.TensorSpec((*shape[:2], channels), tf.uint8)
    features = {
        "image": tf.io.FixedLenFeature([], tf.string),
        "label": tf.io.FixedLenFeature([], tf.int64),
    }

    def decoded(content):
        return tf.ensure_shape(tf.io.decode_png(content, channels), image.shape)

    def parsed(records):
        found = tf.io.parse_example(records, features)
        return tf.map_fn(decoded, found["image"], fn_output_signature=image), found["label"]

    options = tf.data.Options()
    options.autotune.enabled = False
    return (
        tf.data.TFRecordDataset([str(path) for path in paths])
        .batch(BATCH_IMAGES)
        .map(parsed, num_parallel_calls=2)
        .with_options(options)
        .as_numpy_iterator()
    )
