"""ImageData holds what it says, read-only, and refuses what does not fit."""

import numpy as np
import pytest

from course_utils.datasets import ImageData, Split

IMAGES = np.zeros((4, 3, 3), np.uint8)
LABELS = np.array([0, 1, 1, 0])


def test_arrays_are_read_only_and_the_callers_stay_writeable():
    images, labels = IMAGES.copy(), LABELS.copy()
    split = Split(images, labels)
    with pytest.raises(ValueError, match="read-only"):
        split.images[0, 0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        split.labels[0] = 1
    images[0, 0, 0] = 7
    assert split.images[0, 0, 0] == 7, "memory should be held once"


def test_length_and_text():
    split = Split(IMAGES, LABELS)
    data = ImageData(
        "toy", ("a", "b"), split, Split(IMAGES[:0], LABELS[:0]), split, "made here", "1"
    )
    assert len(data.train) == 4
    assert repr(data) == "toy from made here: 4 to train, 4 to test; 3 x 3 pixels, 2 classes"


@pytest.mark.parametrize(
    ("images", "labels", "error", "message"),
    [
        (IMAGES.tolist(), LABELS, TypeError, "got list and ndarray"),
        (IMAGES, LABELS.tolist(), TypeError, "got ndarray and list"),
        (IMAGES.astype(float), LABELS, ValueError, "images should be uint8.*float64"),
        (IMAGES[0], LABELS, ValueError, r"got uint8 of shape \(3, 3\)"),
        (IMAGES, LABELS.astype(float), ValueError, "labels should be int64.*got float64"),
        (IMAGES, LABELS[:3], ValueError, r"shape \(4,\).*shape \(3,\)"),
    ],
)
def test_split_refuses_what_does_not_fit(images, labels, error, message):
    with pytest.raises(error, match=message):
        Split(images, labels)


@pytest.mark.parametrize("labels", [[0, 1, 2, 0], [-1, 0, 0, 0]])
def test_labels_without_a_class_name_are_refused(labels):
    split = Split(IMAGES, np.array(labels))
    with pytest.raises(ValueError, match="labels of the train split should lie between 0 and 1"):
        ImageData("toy", ("a", "b"), split, split, split, "made here", "1")
