"""Snapshots hold what the network was at each moment, and change nothing about its training."""

import keras
import numpy as np
import pytest

from course_utils import datasets, training

RNG = np.random.default_rng(1)
SPLIT = datasets.Split(RNG.integers(0, 256, (24, 6, 6, 3), np.uint8), np.arange(24) % 3)
BATCHES = datasets.batches(SPLIT, 8, scale=(-1, 1))
IMAGES = RNG.uniform(-1, 1, (4, 6, 6, 3))


def network(seed=3):
    keras.utils.set_random_seed(seed)
    built = keras.Sequential(
        [
            keras.Input((6, 6, 3)),
            keras.layers.Conv2D(5, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(2, 2),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5, seed=4),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    built.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return built


def fit(one, watcher, epochs=1, steps=3):
    one.fit(BATCHES.repeat(), epochs=epochs, steps_per_epoch=steps, callbacks=[watcher], verbose=0)


@pytest.fixture(scope="module")
def watched():
    """A network that was watched in two calls of ``fit``, and what it was after each epoch."""
    one = network()
    watcher = training.Snapshots(IMAGES, {"all": BATCHES})
    truth = [_truth(one)]
    check = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: truth.append(_truth(one)))
    one.fit(BATCHES, epochs=2, callbacks=[check, watcher], verbose=0)
    one.fit(BATCHES.repeat(), steps_per_epoch=5, callbacks=[check, watcher], verbose=0)
    return one, watcher, truth


def _truth(one):
    """Kernels, first layer's answers, predictions and accuracy, each asked for in its own way."""
    kernel, bias = (np.array(values) for values in one.layers[0].get_weights())
    framed = np.pad(IMAGES[0], [(1, 1), (1, 1), (0, 0)])
    views = np.lib.stride_tricks.sliding_window_view(framed, (3, 3), axis=(0, 1))
    maps = np.maximum(np.einsum("rcdhw,hwdk->rck", views, kernel) + bias, 0)
    answers = one.predict(SPLIT.images / 127.5 - 1, verbose=0)
    accuracy = np.mean(answers.argmax(axis=1) == SPLIT.labels)
    return kernel, maps, one.predict(IMAGES, verbose=0), accuracy


def test_one_before_training_and_one_after_each_epoch(watched):
    _, watcher, truth = watched
    assert len(watcher) == len(truth) == 4
    np.testing.assert_array_equal(watcher.steps, [0, 3, 6, 11])


def test_each_holds_what_the_network_was_then(watched):
    _, watcher, truth = watched
    kernels, maps, answers, accuracies = (np.stack(part) for part in zip(*truth, strict=True))
    np.testing.assert_array_equal(watcher.kernels, kernels)
    np.testing.assert_allclose(watcher.activations, maps, atol=1e-5)
    np.testing.assert_allclose(watcher.probabilities, answers, atol=1e-6)
    np.testing.assert_allclose(watcher.scores["all"]["accuracy"], accuracies, atol=1e-6)
    assert set(watcher.scores["all"]) == {"accuracy", "loss"}
    assert np.abs(np.diff(watcher.kernels, axis=0)).max(axis=(1, 2, 3, 4)).min() > 0


def test_everything_is_float32_and_a_copy(watched):
    one, watcher, _ = watched
    for read in ("kernels", "activations", "probabilities"):
        values = getattr(watcher, read)
        assert values.dtype == np.float32
        before = values.copy()
        values[:] = -9
        np.testing.assert_array_equal(getattr(watcher, read), before)
    assert watcher.scores["all"]["loss"].dtype == np.float32
    assert watcher.steps.dtype == np.int64
    last = watcher.kernels[-1]
    one.layers[0].set_weights([values + 1 for values in one.layers[0].get_weights()])
    np.testing.assert_array_equal(watcher.kernels[-1], last)


def test_watching_does_not_change_the_training():
    alone, seen = network(), network()
    alone.fit(BATCHES, epochs=2, verbose=0)
    seen.fit(
        BATCHES,
        epochs=2,
        callbacks=[training.Snapshots(IMAGES, {"all": BATCHES})],
        verbose=0,
    )
    for one, other in zip(alone.get_weights(), seen.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_images_handed_in_may_change_later():
    given = IMAGES.copy()
    watcher = training.Snapshots(given, {})
    given[:] = 0
    one = network()
    fit(one, watcher)
    np.testing.assert_allclose(watcher.probabilities[-1], one.predict(IMAGES, verbose=0), atol=1e-6)
    assert watcher.scores == {}


def test_restored_ones_hold_the_same_and_go_on(watched):
    _, watcher, _ = watched
    state = watcher.state()
    given = {name: values.copy() for name, values in state.items()}
    restored = training.Snapshots(IMAGES, {"all": BATCHES})
    restored.restore(state)
    fit(network(), restored, steps=2)
    assert len(restored) == len(watcher) + 1
    np.testing.assert_array_equal(restored.steps, [*watcher.steps, watcher.steps[-1] + 2])
    for read in ("kernels", "activations", "probabilities"):
        np.testing.assert_array_equal(getattr(restored, read)[:-1], getattr(watcher, read))
    for metric, values in watcher.scores["all"].items():
        np.testing.assert_array_equal(restored.scores["all"][metric][:-1], values)
    for name, values in given.items():
        np.testing.assert_array_equal(state[name], values)


@pytest.mark.parametrize(
    ("images", "scored"), [(IMAGES[::-1], {"all": BATCHES}), (IMAGES, {"some": BATCHES})]
)
def test_snapshots_of_others_are_not_restored(watched, images, scored):
    other = training.Snapshots(images, scored)
    with pytest.raises(ValueError, match="got others. Train again"):
        other.restore(watched[1].state())
    assert len(other) == 0


def test_another_network_is_refused():
    watcher = training.Snapshots(IMAGES, {})
    fit(network(), watcher)
    with pytest.raises(ValueError, match="got another one than before. Make new ones"):
        fit(network(), watcher)


def test_nothing_to_look_at_before_training():
    watcher = training.Snapshots(IMAGES, {"all": BATCHES})
    assert len(watcher) == 0
    assert watcher.scores == {}
    with pytest.raises(ValueError, match="Train first"):
        _ = watcher.kernels
    with pytest.raises(ValueError, match="Train first"):
        watcher.state()


def test_what_cannot_be_watched_is_told_when_the_training_begins():
    with pytest.raises(ValueError, match=r"network's input, \(6, 6, 3\); got \(5, 6, 3\)"):
        fit(network(), training.Snapshots(IMAGES[:, 1:], {}))
    dense = keras.Sequential([keras.Input((6, 6, 3)), keras.layers.Flatten()])
    dense.add(keras.layers.Dense(3, activation="softmax"))
    dense.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="to watch; got Flatten, Dense"):
        fit(dense, training.Snapshots(IMAGES, {}))


@pytest.mark.parametrize(
    ("images", "scored", "error", "says"),
    [
        (IMAGES.tolist(), {}, TypeError, "NumPy array"),
        (SPLIT.images, {}, TypeError, "got uint8. For -1 to 1"),
        (IMAGES[:0], {}, ValueError, "at least one image"),
        (IMAGES, BATCHES, TypeError, "dict from names to batches"),
        (IMAGES, {1: BATCHES}, TypeError, "dict from names to batches"),
        (IMAGES, {"train": SPLIT}, TypeError, r"got Split. Use datasets.batches\(data.train, 500"),
    ],
)
def test_wrong_arguments_are_told(images, scored, error, says):
    with pytest.raises(error, match=says):
        training.Snapshots(images, scored)
