"""Images are held out class by class, and in any order of the files the same ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.datasets.splits import stratified_choice


def distinct_images(labels):
    """One different little image for each label."""
    return np.arange(len(labels) * 4, dtype=np.uint32).reshape(-1, 2, 2)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.data())
def test_every_class_keeps_its_share(labels, data):
    labels = np.array(labels)
    count = data.draw(st.integers(0, len(labels)))
    chosen = stratified_choice(distinct_images(labels), labels, count)
    assert chosen.sum() == count
    for label in np.unique(labels):
        members = labels == label
        assert abs(chosen[members].sum() - members.sum() * count / len(labels)) < 1


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.randoms(), st.integers(0, 9))
def test_order_of_the_files_does_not_matter(labels, random, seed):
    labels = np.array(labels)
    images = distinct_images(labels)
    order = np.array(random.sample(range(len(labels)), len(labels)))
    count = len(labels) // 2
    straight = stratified_choice(images, labels, count, seed)
    shuffled = stratified_choice(images[order], labels[order], count, seed)
    assert np.array_equal(straight[order], shuffled)


def test_another_seed_chooses_other_images():
    labels = np.zeros(100, dtype=int)
    images = distinct_images(labels)
    one, other = (stratified_choice(images, labels, 50, seed) for seed in (1, 2))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("images", "labels", "count", "error", "message"),
    [
        (np.zeros((3, 2, 2)), np.zeros(3, int), -1, ValueError, "between 0 and 3; got -1"),
        (np.zeros((3, 2, 2)), np.zeros(3, int), 4, ValueError, "between 0 and 3; got 4"),
        (np.zeros((3, 2, 2)), np.zeros(3, int), 1.5, TypeError, "count should be"),
        (np.array(5), np.zeros(1, int), 1, ValueError, r"images should have shape \(n, ...\)"),
        ([[0]], np.zeros(1, int), 1, TypeError, "images should be"),
        (np.zeros((3, 2, 2)), [0, 0, 0], 1, TypeError, "labels should be"),
        (np.zeros((3, 2, 2)), np.zeros(3), 1, TypeError, "integer dtype"),
        (np.zeros((3, 2, 2)), np.zeros(2, int), 1, ValueError, "labels should"),
        (np.zeros((0, 2, 2)), np.zeros(0, int), 0, ValueError, "empty"),
    ],
)
def test_refuses_wrong_input(images, labels, count, error, message):
    with pytest.raises(error, match=message):
        stratified_choice(images, labels, count)
