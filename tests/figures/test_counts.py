"""Counts that are drawn are the counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from course_utils.figures import class_counts, value_histogram

NAMES = ["T-shirt/top", "Trouser", "Bag"]


@settings(max_examples=10, deadline=None, derandomize=True)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 4), st.just(3), st.just(5))))
def test_columns_are_the_number_of_pixels_of_each_value(images):
    [axes] = value_histogram(images).figure.axes
    [steps] = axes.patches
    values, edges, _ = steps.get_data()
    np.testing.assert_array_equal(values, [(images == value).sum() for value in range(256)])
    np.testing.assert_array_equal(edges, np.arange(257) - 0.5)
    assert axes.get_yscale() == "log"


def test_many_images_are_counted_in_parts_without_losing_any():
    images = np.random.default_rng(0).integers(0, 256, size=(2500, 2, 2), dtype=np.uint8)
    values = value_histogram(images).figure.axes[0].patches[0].get_data().values
    np.testing.assert_array_equal(values, np.bincount(images.ravel(), minlength=256))


def test_the_most_frequent_value_is_named():
    images = np.array([[[0, 0, 0, 255, 255, 7]]], np.uint8)
    picture = value_histogram(images)
    [text] = picture.figure.axes[0].texts
    assert text.get_text() == "0: 50 % of all pixels"
    assert picture.alt_text == (
        "Histogram of 6 pixel values on a logarithmic scale. 3 of the 256 possible values occur, "
        "from 0 to 255. Most frequent is 0 with 50 %, then 255 with 33 %."
    )


def test_a_single_value_is_said_to_be_the_only_one():
    picture = value_histogram(np.full((1, 2, 2), 255, np.uint8))
    assert picture.alt_text.endswith("All of them are 255.")


@pytest.mark.parametrize("dtype", [np.int64, np.uint8])
def test_bars_and_their_numbers_are_the_counts(dtype):
    labels = np.array([2] * 1200 + [0], dtype)
    picture = class_counts(labels, NAMES)
    [axes] = picture.figure.axes
    assert [bar.get_width() for bar in axes.patches] == [1, 0, 1200]
    assert [text.get_text() for text in axes.texts] == ["1", "0", "1,200"]
    assert [text.get_text() for text in axes.get_yticklabels()] == NAMES
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "class 0 should be on top"
    assert picture.alt_text == (
        "Horizontal bars: 1,201 labels by class. T-shirt/top 1, Trouser 0, Bag 1,200. "
        "1 class without a label."
    )


def test_alt_text_compares_the_classes():
    assert class_counts(np.array([0, 1, 2, 2, 2]), NAMES).alt_text.endswith(
        "The most frequent class, Bag, has 3 times as many as the rarest, T-shirt/top."
    )
    assert class_counts(np.array([0, 1, 2]), NAMES).alt_text.endswith("equally frequent.")
