"""Batches hold every image once, with its own label, in orders that a seed decides."""

import gc
import math
import subprocess
import sys
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.datasets.image_data import Split
from course_utils.datasets.pipeline import LOOKED_UP_AT_ONCE, batches
from course_utils.tensorflow_quietly import import_tensorflow

tf = import_tensorflow()
import keras  # noqa: E402

# TensorFlow takes numbers below 1e-38 for zero, so none so small.
ENDS = st.integers(-1_000_000, 1_000_000).map(lambda thousandths: np.float32(thousandths / 1000))


def numbered(count, shape=(2, 2)):
    """Images that tell their number, which is their label as well, in their first two pixels."""
    pixels = np.zeros((count, math.prod(shape)), np.uint8)
    pixels[:, :2] = np.arange(count)[:, np.newaxis] // [256, 1] % 256
    return Split(pixels.reshape(count, *shape), np.arange(count))


def epoch(dataset):
    """All labels of one epoch in their order; each batch must pair them with their images."""
    labels = []
    for images, batch_labels in dataset:
        pixels = np.rint(images.numpy() * 255).astype(int).reshape(len(images), -1)
        assert np.array_equal(pixels[:, 0] * 256 + pixels[:, 1], batch_labels)
        labels.extend(batch_labels.numpy().tolist())
    return labels


def same(one, other):
    """Whether two data sets give identical batches for two epochs."""
    return all(
        np.array_equal(images, other_images) and np.array_equal(labels, other_labels)
        for _ in range(2)
        for (images, labels), (other_images, other_labels) in zip(one, other, strict=True)
    )


@settings(max_examples=15, deadline=None)
@given(
    count=st.integers(1, 2 * LOOKED_UP_AT_ONCE + 100),
    batch_size=st.integers(1, 2 * LOOKED_UP_AT_ONCE),
    seed=st.none() | st.integers(0, 2**32 - 1),
)
def test_every_image_once_an_epoch_with_its_label(count, batch_size, seed):
    dataset = batches(numbered(count), batch_size, seed=seed)
    for _ in range(2):
        assert sorted(epoch(dataset)) == list(range(count))
    sizes = [len(labels) for _, labels in dataset]
    assert len(dataset) == len(sizes) == -(-count // batch_size)
    assert set(sizes[:-1]) <= {batch_size} and sum(sizes) == count


def test_without_a_seed_the_order_is_the_splits():
    dataset = batches(numbered(100), 7)
    assert epoch(dataset) == epoch(dataset) == list(range(100))


def test_each_epoch_is_shuffled_whole_and_anew():
    dataset = batches(numbered(3000), 50, seed=0)
    first, second = epoch(dataset), epoch(dataset)
    assert first != second
    # Were it shuffled in parts only, the first tenth of the epoch would hold no late image.
    assert max(first[:300]) > 2700 and min(first[-300:]) < 300


def test_a_seed_alone_decides_the_orders():
    orders = []
    for other_seed in (1, 2):
        keras.utils.set_random_seed(other_seed)
        dataset = batches(numbered(50), 8, seed=5)
        orders.append([epoch(dataset) for _ in range(3)])
    assert orders[0] == orders[1]
    assert orders[0][0] != epoch(batches(numbered(50), 8, seed=6))


def test_an_epoch_left_half_way_does_not_disturb_the_next():
    dataset = batches(numbered(100), 10, seed=0)
    next(iter(dataset))
    assert sorted(epoch(dataset)) == list(range(100))


@settings(max_examples=25, deadline=None)
@given(st.tuples(ENDS, ENDS).filter(lambda ends: ends[0] < ends[1]))
def test_scale_meets_both_ends_exactly_and_rises_between(scale):
    grey_levels = Split(np.arange(256, dtype=np.uint8).reshape(1, 16, 16), np.zeros(1, int))
    values = next(iter(batches(grey_levels, 1, scale=scale)))[0].numpy().ravel()
    low, high = scale
    assert (values[0], values[-1]) == (low, high)
    expected = low + np.arange(256) / 255 * (high - low)
    np.testing.assert_allclose(values, expected, rtol=1e-6, atol=1e-6 * max(map(abs, scale)))


def test_default_scale_is_division_by_255():
    grey_levels = Split(np.arange(256, dtype=np.uint8).reshape(1, 16, 16), np.zeros(1, int))
    values = next(iter(batches(grey_levels, 1)))[0].numpy().ravel()
    assert np.array_equal(values, np.arange(256, dtype=np.float32) / 255)


@pytest.mark.parametrize("shape", [(28, 28), (32, 32, 3)])
def test_tells_keras_what_comes(shape):
    dataset = batches(numbered(5, shape), 2, seed=0, augment=keras.layers.GaussianNoise(0.1))
    assert dataset.element_spec == (
        tf.TensorSpec((None, *shape), tf.float32),
        tf.TensorSpec((None,), tf.int64),
    )


def test_holds_no_copy_of_the_images():
    split = Split(np.zeros((2000, 32, 32, 3), np.uint8), np.zeros(2000, int))
    dataset = batches(split, 64, seed=0)
    graph = dataset._as_serialized_graph().numpy()  # constants would be in here
    assert len(graph) < 50_000 < split.images.nbytes
    steps = [dataset]
    for step in steps:
        steps.extend(step._inputs())
        functions = [function.function.captured_inputs for function in step._functions()]
        assert sum(tensor.shape.num_elements() for captured in functions for tensor in captured) < 9


def test_images_live_as_long_as_the_pipeline_and_no_longer():
    split = numbered(30)
    alive = weakref.ref(split)
    steps = batches(split, 10, seed=0).take(2)
    del split
    batch = iter(steps)
    del steps
    assert len(next(batch)[1]) == len(next(batch)[1]) == 10
    del batch
    gc.collect()
    assert alive() is None


def test_epochs_do_not_wait_for_the_helper_thread_of_autotune():
    assert batches(numbered(5), 2).options().autotune.enabled is False


def test_split_stays_as_it_was():
    split = numbered(20, (4, 4, 3))
    before = split.images.copy(), split.labels.copy()
    for _ in batches(split, 8, seed=1, augment=lambda images: images * 0):
        pass
    assert np.array_equal(split.images, before[0]) and np.array_equal(split.labels, before[1])


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 3)])
def test_layers_augment_as_in_training_and_repeatably(shape):
    split = numbered(40, shape)

    def augmented(seed):
        # Noise is added in training only.
        layers = [keras.layers.GaussianNoise(0.1, seed=seed), keras.layers.RandomFlip(seed=seed)]
        return batches(split, 16, seed=0, augment=keras.Sequential(layers))

    assert same(augmented(3), augmented(3))
    assert not same(augmented(3), augmented(4))
    images, _ = next(iter(augmented(3)))
    assert len(np.unique(images)) > images.numpy().size / 2


def test_functions_augment_images_with_a_channel_axis():
    shapes = []

    def invert(images):
        shapes.append(tuple(images.shape))
        return 1 - images

    images, _ = next(iter(batches(numbered(4), 4, augment=invert)))
    assert shapes == [(None, 2, 2, 1)]
    assert np.array_equal(images[3] * 255, [[255, 252], [255, 255]])


def test_functions_are_told_of_training_if_they_ask():
    def double(images, training=False):
        return images * 2 if training else images

    images, _ = next(iter(batches(numbered(2), 2, augment=double)))
    assert images[1, 0, 1] == np.float32(2 / 255)


def test_augmented_images_stay_float32_under_half_precision():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        dataset = batches(numbered(4, (4, 4, 3)), 4, augment=keras.layers.RandomFlip(seed=0))
    finally:
        keras.config.set_dtype_policy("float32")
    assert next(iter(dataset))[0].dtype == tf.float32


def test_keras_fits_evaluates_and_predicts():
    split = numbered(20, (6, 6))
    labels = Split(split.images, split.labels % 3)
    model = keras.Sequential(
        [  # a channel axis in the model, none in the images
            keras.Input((6, 6, 1)),
            keras.layers.Conv2D(2, 3),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    steps = []
    count = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: steps.append(batch)
    )
    model.fit(
        batches(labels, 8, seed=0),
        validation_data=batches(labels, 8),
        epochs=2,
        verbose=0,
        shuffle=False,
        callbacks=[count],
    )
    assert steps == [0, 1, 2, 0, 1, 2]
    predictions = model.predict(batches(labels, 8), verbose=0)
    accuracy = np.mean(predictions.argmax(axis=1) == labels.labels)
    assert model.evaluate(batches(labels, 8), verbose=0)[1] == pytest.approx(accuracy)


def test_importing_it_does_not_import_tensorflow():
    code = (
        "import sys; from course_utils.datasets import pipeline\n"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"split": np.zeros((2, 2, 2))}, TypeError, r"such as data\.train; got ndarray"),
        ({"split": numbered(0)}, ValueError, "at least one image; got none"),
        ({"batch_size": 0}, ValueError, "batch_size should be at least 1; got 0"),
        ({"batch_size": 2.5}, TypeError, "batch_size should be a whole number"),
        ({"seed": -1}, ValueError, "seed should lie between"),
        ({"seed": "1"}, TypeError, "seed should be a whole number"),
        ({"scale": 255}, TypeError, "pair of numbers"),
        ({"scale": (0, 1, 2)}, TypeError, "pair of numbers"),
        ({"scale": ("a", "b")}, TypeError, "pair of numbers"),
        ({"scale": (1, 1)}, ValueError, "should rise"),
        ({"scale": (0, float("inf"))}, ValueError, "should rise"),
        ({"augment": ["flip"]}, TypeError, r"function; got list\. Several layers"),
    ],
)
def test_refuses_what_makes_no_sense(change, error, message):
    with pytest.raises(error, match=message):
        batches(**{"split": numbered(4), "batch_size": 2, **change})
