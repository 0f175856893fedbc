"""Checks of arguments pass what is right, untouched, and answer what is wrong."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from course_utils import arguments

IMAGES = np.zeros((2, 4, 5), np.uint8)
ROWS = np.array([[0.2, 0.8], [1.0, 0.0]])
MENDS = ("Collect them.", "Use a list.")


@pytest.mark.parametrize(
    "images",
    [
        IMAGES,
        np.zeros((1, 4, 5, 1), np.float32),
        np.zeros((1, 4, 5, 3), np.float16),
        np.full((3, 3, 3), -2.5),
    ],
)
def test_a_batch_of_images_comes_back_as_it_is(images):
    assert arguments.image_batch(images) is images


@pytest.mark.parametrize(
    "image", [IMAGES[0], np.zeros((4, 5, 1), np.uint8), np.zeros((4, 5, 3), np.float32)]
)
def test_a_single_image_comes_back_as_it_is(image):
    assert arguments.single_image(image) is image


@settings(deadline=None, derandomize=True)
@given(
    arrays.arrays(
        st.sampled_from([np.uint8, np.int8, np.int32, np.int64, np.uint64]),
        st.integers(1, 20),
        elements=st.integers(0, 9),
    )
)
def test_labels_of_any_integer_dtype_pass(labels):
    assert arguments.label_vector(labels, classes=10, length=len(labels)) is labels


@settings(deadline=None, derandomize=True)
@given(
    arrays.arrays(np.int64, st.integers(1, 20), elements=st.integers(-20, 30)), st.integers(1, 10)
)
def test_labels_pass_just_when_every_class_exists(labels, classes):
    if set(labels.tolist()) <= set(range(classes)):
        arguments.label_vector(labels, classes)
    else:
        with pytest.raises(ValueError, match=f"the {classes} classes"):
            arguments.label_vector(labels, classes)


@settings(deadline=None, derandomize=True)
@given(
    arrays.arrays(
        st.sampled_from([np.float16, np.float32, np.float64]),
        st.tuples(st.integers(1, 5), st.integers(1, 12)),
        elements=st.integers(-8, 8),
    )
)
def test_softmax_of_any_precision_gives_probabilities(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    assert arguments.probability_matrix(probabilities) is probabilities
    assert arguments.probability_vector(probabilities[0], classes=scores.shape[1]) is not None


@pytest.mark.parametrize("index", [3, np.int64(3), np.uint8(3), np.array(3)])
def test_a_class_index_becomes_a_python_int(index):
    assert arguments.class_index(index, classes=4) == 3
    assert type(arguments.class_index(index, classes=4)) is int


WRONG = [
    # images
    (arguments.image_batch, ([[0]],), {}, TypeError, "got a list. Use np.array(images)"),
    (arguments.image_batch, (IMAGES.astype(int),), {}, TypeError, "got int64"),
    (arguments.image_batch, (IMAGES > 0,), {}, TypeError, "got bool"),
    (arguments.image_batch, (IMAGES * 0.5,), {"raw": True}, TypeError, "got float64"),
    (arguments.image_batch, (IMAGES[:0],), {}, ValueError, "got shape (0, 4, 5)"),
    (arguments.image_batch, (IMAGES[0],), {}, ValueError, "images[np.newaxis]"),
    (arguments.image_batch, (np.zeros((32, 32, 3)),), {}, ValueError, "looks like one image"),
    (arguments.image_batch, (np.zeros((2, 4, 5, 4)),), {}, ValueError, "1 grey or 3 colour"),
    (arguments.image_batch, (np.zeros((2, 4, 5, 3, 1)),), {}, ValueError, "(2, 4, 5, 3, 1)"),
    (arguments.image_batch, (np.full((1, 2, 2), np.nan),), {}, ValueError, "got NaN"),
    (arguments.single_image, (IMAGES,), {}, ValueError, "image[0]"),
    (arguments.single_image, (IMAGES[0, 0],), {}, ValueError, "got (5,)"),
    (arguments.single_image, (IMAGES[0, :0],), {}, ValueError, "not be empty"),
    (arguments.single_image, ([[0]],), {}, TypeError, "np.array(image)"),
    (arguments.single_image, (np.full((2, 2), np.inf),), {}, ValueError, "infinity"),
    # labels
    (arguments.label_vector, ([1, 2],), {}, TypeError, "np.array(labels)"),
    (arguments.label_vector, (np.array([1.0]),), {}, TypeError, "labels.astype(int)"),
    (arguments.label_vector, (np.array([True]),), {}, TypeError, "got bool"),
    (arguments.label_vector, (np.array([], int),), {}, ValueError, "not be empty"),
    (arguments.label_vector, (np.eye(3),), {}, ValueError, "labels.argmax(axis=1)"),
    (arguments.label_vector, (np.array([0, -1]),), {}, ValueError, "labels[1] should be at least"),
    (arguments.label_vector, (np.array([0, 3]), 3), {}, ValueError, "0 to 2; got 3"),
    (arguments.label_vector, (np.array([0]), 3, 2), {}, ValueError, "the 2 images; got 1"),
    (arguments.class_index, (3, 3), {}, ValueError, "0 to 2; got 3"),
    (arguments.class_index, (-1, 3), {}, ValueError, "got -1"),
    (arguments.class_index, (1.0, 3), {}, TypeError, "got a float, 1.0"),
    (arguments.class_index, (True, 3), {}, TypeError, "got a bool, True"),
    (arguments.class_index, (None, 3), {}, TypeError, "got a NoneType"),
    (arguments.class_index, (np.array([1]), 3), {}, TypeError, "got an ndarray"),
    # probabilities
    (arguments.probability_matrix, (ROWS.tolist(),), {}, TypeError, "np.array(probabilities)"),
    (arguments.probability_matrix, (ROWS[0],), {}, ValueError, "probabilities[np.newaxis]"),
    (arguments.probability_matrix, (ROWS[:0],), {}, ValueError, "not be empty"),
    (arguments.probability_matrix, (ROWS, 3), {}, ValueError, "the 3 classes; got 2"),
    (arguments.probability_matrix, (ROWS, 2, 5), {}, ValueError, "the 5 images; got 2"),
    (arguments.probability_matrix, (np.eye(2, dtype=int),), {}, TypeError, "got int64"),
    (arguments.probability_matrix, (ROWS * 3 - 1,), {}, ValueError, "-1 to 2. If these are scores"),
    (
        arguments.probability_matrix,
        (ROWS * [[0.9], [1]],),
        {},
        ValueError,
        "0.9 in row 0. If these are",
    ),
    (arguments.probability_matrix, (ROWS * np.nan,), {}, ValueError, "smaller learning rate"),
    (arguments.probability_vector, (ROWS,), {}, ValueError, "probabilities[0]"),
    (arguments.probability_vector, (ROWS[0] / 2,), {}, ValueError, "a sum of 0.5. If these are"),
    (arguments.probability_vector, (ROWS[0], 3), {}, ValueError, "the 3 classes; got 2"),
    # the rest
    (arguments.text_list, ("cat",), {}, TypeError, "got a str, 'cat'"),
    (arguments.text_list, (["cat", 1],), {}, TypeError, "class_names[1]"),
    (arguments.text_list, ([],), {}, ValueError, "got none"),
    (arguments.text_list, (["cat"], "titles", 2), {}, ValueError, "2 strings; got 1"),
    (arguments.finite, (np.array([1, np.inf]), "heat", "Mend."), {}, ValueError, "infinity. Mend."),
    (arguments.named, ([1], "runs", "name to run", '{"a": 1}', 2), {}, TypeError, '{"a": 1}.'),
    (arguments.named, ({1: 2}, "runs", "name to run", "{}", 2), {}, TypeError, "Use str(1)."),
    (arguments.named, ({}, "runs", "name to run", "{}", 2), {}, ValueError, "1 to 2 names; got 0"),
    (arguments.named, ({"a": 1, "b": 2}, "runs", "name to run", "{}", 1), {}, ValueError, "got 2"),
    (arguments.number_array, ([1], "x"), {}, TypeError, "np.array(x)"),
    (arguments.number_array, (np.array([True]), "x"), {}, TypeError, "got bool. Use x.astype"),
    (arguments.number_array, (np.array([1j]), "x"), {}, TypeError, "got complex128"),
    (arguments.number_matrix, ([[1]], "kernel"), {}, TypeError, "np.array(kernel)"),
    (arguments.number_matrix, (IMAGES, "kernel"), {}, ValueError, "got (2, 4, 5). Choose one"),
    (arguments.number_matrix, (ROWS[:0], "kernel"), {}, ValueError, "not be empty; got (0, 2)"),
    (arguments.number_matrix, (np.full((2, 2), np.inf), "kernel"), {}, ValueError, "infinity"),
    (arguments.number_list, (["a"], "losses", "epoch", MENDS), {}, TypeError, "one for each epoch"),
    (arguments.number_list, ([[1], [2, 3]], "x", "run", MENDS), {}, TypeError, "Collect them."),
    (arguments.number_list, ([], "x", "run", MENDS), {}, ValueError, "got shape (0,)"),
    (arguments.number_list, ([[1]], "x", "run", MENDS), {}, ValueError, "Use a list."),
    (arguments.class_table, ([[1]], 1, "counts", "Count."), {}, TypeError, "got a list"),
    (arguments.class_table, (ROWS, 3, "counts", "Count."), {}, ValueError, "each of the 3 classes"),
    (arguments.positive_integer, (0, "columns"), {}, ValueError, "columns should be at least 1"),
    (arguments.positive_integer, ("3", "columns"), {}, TypeError, "got a str, '3'"),
    (arguments.random_seed, (-1,), {}, ValueError, "got -1"),
    (arguments.random_seed, (2**32,), {}, ValueError, "between 0 and 2**32 - 1"),
    (arguments.random_seed, (True,), {}, TypeError, "seed should be a whole number"),
    (arguments.integer, (2.0, "columns"), {}, TypeError, "got a float, 2.0"),
    (arguments.array, (3, "x"), {}, TypeError, "got an int, 3. Use np.array(x)"),
]


def test_numbers_come_back_as_a_copy_of_floats():
    given = np.array([1, 2])
    row = arguments.number_list(given, "losses", "epoch", MENDS)
    row[0] = np.nan
    assert row.dtype == np.float64
    np.testing.assert_array_equal(given, [1, 2])


def test_a_matrix_comes_back_as_a_copy_of_floats():
    given = np.array([[1, 2]])
    matrix = arguments.number_matrix(given, "kernel")
    matrix[0, 0] = 7
    assert matrix.dtype == np.float64
    np.testing.assert_array_equal(given, [[1, 2]])


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float16", "float64"])
def test_numbers_of_any_precision_come_back_as_they_are(dtype):
    numbers = np.ones((2, 3), dtype)
    assert arguments.number_array(numbers, "x") is numbers


def test_a_table_of_classes_comes_back_as_it_is():
    assert arguments.class_table(ROWS, 2, "rates", "Count.") is ROWS


@pytest.mark.parametrize(("check", "args", "kwargs", "error", "part"), WRONG)
def test_wrong_input_is_answered_with_expected_got_and_mend(check, args, kwargs, error, part):
    with pytest.raises(error) as caught:
        check(*args, **kwargs)
    message = str(caught.value)
    assert part in message
    expected, got = message.split("; got ")
    assert " should " in expected
    assert got.count(". ") >= 1, f"no word on what to do in {message!r}"


def test_every_check_is_in_the_table():
    public = {
        value
        for name, value in vars(arguments).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }
    assert {row[0] for row in WRONG} == public
