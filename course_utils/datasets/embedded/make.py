"""Draw the 6,000-image subset that ships: ``python -m course_utils.datasets.embedded.make mnist``.

For maintainers; it needs the full data set and writes the archive beside this file.
"""

import sys
from pathlib import Path

import numpy as np

from course_utils.datasets import load
from course_utils.datasets.sources.shipped import TEST_IMAGES, TRAIN_IMAGES
from course_utils.datasets.splits import stratified_choice


def make(name):
    """Write ``<name>.npz`` in Keras' format, every class with its share of the full data set."""
    data = load(name, source="tfds")
    train = stratified_choice(data.train.images, data.train.labels, TRAIN_IMAGES)
    test = stratified_choice(data.test.images, data.test.labels, TEST_IMAGES)
    np.savez_compressed(
        Path(__file__).with_name(f"{name}.npz"),
        x_train=data.train.images[train],
        y_train=data.train.labels[train].astype(np.uint8),
        x_test=data.test.images[test],
        y_test=data.test.labels[test].astype(np.uint8),
    )


if __name__ == "__main__":
    make(sys.argv[1])
