"""A training that was killed goes on where it was, and ends as if nothing had happened."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from course_utils import archive, datasets, models, training

# session.begin silences it for the lessons.
pytestmark = pytest.mark.filterwarnings("ignore:.*shuffle=True.* will be ignored")

RNG = np.random.default_rng(1)
SPLIT = datasets.Split(RNG.integers(0, 256, (40, 6, 6, 1), np.uint8), np.arange(40) % 2)
EPOCHS = 5


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_PROFILE", "full")


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """A training that nobody kept and nothing interrupted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("unbroken"))
        patch.setenv("COURSE_PROFILE", "full")
        return train(kept_with=False)


class KilledError(Exception):
    """What ends a training early in these tests."""


class Killer(keras.callbacks.Callback):
    """End the training in the middle of an epoch, counted from 0."""

    def __init__(self, epoch, how):
        super().__init__()
        self.last, self.how = epoch, how

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.now == self.last and batch == 1:
            self.how()


def stop():
    raise KilledError


def new_network(policy="float32"):
    """A small network with everything that has a state: dropout, batch normalisation, Adam."""
    keras.utils.set_random_seed(3)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        network = keras.Sequential(
            [
                keras.Input((6, 6, 1)),
                keras.layers.Conv2D(3, 3, activation="relu"),
                keras.layers.BatchNormalization(),
                keras.layers.Flatten(),
                keras.layers.Dropout(0.5, seed=8),
                keras.layers.Dense(2, activation="softmax", dtype="float32"),
            ]
        )
    finally:
        keras.config.set_dtype_policy(before)
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return network


def train(*, more=(), kept_with=True, policy="float32", others=()):
    """One run of a lesson's cell; the place of the network, the network and the History."""
    network = new_network(policy)
    kept = models.Kept("long", network, SPLIT, epochs=EPOCHS)
    assert kept.load() is None
    batches = datasets.batches(SPLIT, 8, seed=4)
    callbacks = [*more, *others]
    if kept_with:
        callbacks.append(kept.checkpoint(batches, others))
    history = network.fit(
        batches,
        epochs=EPOCHS,
        validation_data=datasets.batches(SPLIT, 20),
        callbacks=callbacks,
        verbose=0,
    )
    return kept, network, history


def assert_same_training(one, other):
    """Both networks and both histories are the same, to the last bit."""
    for values, expected in zip(one[1].get_weights(), other[1].get_weights(), strict=True):
        np.testing.assert_array_equal(values, expected)
    assert one[2].history == other[2].history
    assert one[2].epoch == other[2].epoch == list(range(EPOCHS))


def interrupted(epoch=3, **options):
    """A training that ends in the middle of an epoch."""
    with pytest.raises(KilledError):
        train(more=[Killer(epoch, stop)], **options)


def test_keeping_a_training_changes_nothing_about_it(unbroken):
    assert_same_training(train(), unbroken)


def test_a_process_that_was_killed_has_lost_no_more_than_an_epoch(tmp_path, capsys, unbroken):
    # This file itself is the program that is killed, by the signal that nothing can catch.
    ran = subprocess.run([sys.executable, __file__, str(tmp_path)], capture_output=True, text=True)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    resumed = train()
    said = capsys.readouterr().out
    assert "begun here before, but not finished" in said
    assert "long: trained here before up to epoch 3, so only what is left is trained now" in said
    assert f"delete {Path('build', 'models', resumed[0].checkpointed.name)} and run" in said
    assert_same_training(resumed, unbroken)


def test_the_next_run_goes_on_with_the_scaled_loss_of_mixed_precision():
    """The optimiser is wrapped in another one then, which has a state, too."""
    interrupted(policy="mixed_float16")
    resumed = train(policy="mixed_float16")
    other = train(policy="mixed_float16", kept_with=False)
    assert type(other[1].optimizer).__name__ == "LossScaleOptimizer"
    assert_same_training(resumed, other)


def test_another_order_of_images_would_be_another_training(unbroken):
    """The comparison above can fail: without the batches, the order begins anew."""
    interrupted()
    network = new_network()
    kept = models.Kept("long", network, SPLIT, epochs=EPOCHS)
    network.fit(
        datasets.batches(SPLIT, 8, seed=4),
        epochs=EPOCHS,
        callbacks=[kept.checkpoint()],
        verbose=0,
    )
    expected = unbroken[1].get_weights()
    assert any(
        not np.array_equal(values, other)
        for values, other in zip(network.get_weights(), expected, strict=True)
    )


def test_interrupted_twice(unbroken):
    interrupted(2)
    interrupted(4)
    assert_same_training(train(), unbroken)


def test_a_training_that_was_over_is_not_trained_further(unbroken):
    train()
    again = train()  # killed before save, so to say
    assert_same_training(again, unbroken)
    assert again[0].checkpointed.exists()


def test_saving_removes_the_checkpoint():
    kept, network, history = train()
    saved = kept.save(history)
    assert not kept.checkpointed.exists()
    assert len(saved["val_accuracy"]) == EPOCHS
    found = models.Kept("long", new_network(), SPLIT, epochs=EPOCHS).load()
    assert found == saved


def test_the_network_can_be_fitted_again_afterwards():
    interrupted()
    network = train()[1]
    history = network.fit(datasets.batches(SPLIT, 8), epochs=2, verbose=0)
    assert history.epoch == [0, 1]


def test_early_stopping_goes_on_as_well():
    def stopper():
        # With this patience it ends the training in epoch 4, whatever the losses are.
        return keras.callbacks.EarlyStopping(
            "loss", patience=3, min_delta=100, restore_best_weights=True
        )

    interrupted(2, others=[stopper()])
    resumed = train(others=[stopper()])
    again = train(others=[stopper()])  # it had stopped already
    expected = train(others=[stopper()], kept_with=False)
    assert len(expected[2].history["loss"]) == 4
    for one in (resumed, again):
        assert one[2].history == expected[2].history
        for values, known in zip(one[1].get_weights(), expected[1].get_weights(), strict=True):
            np.testing.assert_array_equal(values, known)


def rounds(callback_of, count=6, more=()):
    """A training of several fits with snapshots, as in 10-watching-it-learn."""
    network = new_network()
    snapshots = training.Snapshots(
        SPLIT.images[:2] / np.float32(255), {"all": datasets.batches(SPLIT, 20)}
    )
    kept = models.Kept("rounds", network, SPLIT, rounds=count)
    callbacks = [*more, snapshots, callback_of(kept, snapshots)]
    for number in range(count):
        history = network.fit(
            datasets.batches(SPLIT, 4 + number, seed=number).repeat(),
            steps_per_epoch=number + 2,
            initial_epoch=number,
            epochs=number + 1,
            callbacks=callbacks,
            verbose=0,
        )
    return network, snapshots, history


def test_a_training_of_several_fits_goes_on_with_its_snapshots():
    def of(kept, snapshots):
        return kept.checkpoint(others=[snapshots])

    with pytest.raises(KilledError):
        rounds(of, more=[Killer(4, stop)])
    network, snapshots, history = rounds(of)
    expected_network, expected, _ = rounds(lambda kept, snapshots: keras.callbacks.Callback())
    assert len(snapshots) == 7
    for name, values in expected.state().items():
        np.testing.assert_array_equal(snapshots.state()[name], values)
    for values, known in zip(network.get_weights(), expected_network.get_weights(), strict=True):
        np.testing.assert_array_equal(values, known)
    assert len(history.history["loss"]) == 6


def test_seconds_are_those_of_all_epochs():
    interrupted()
    arrays = archive.read(next(Path("build", "models").glob("*.checkpoint.npz")))
    before = json.loads(str(arrays["told"]))["seconds"]
    network = new_network()
    kept = models.Kept("long", network, SPLIT, epochs=EPOCHS)
    callback = kept.checkpoint()
    network.fit(datasets.batches(SPLIT, 8), epochs=EPOCHS, callbacks=[callback], verbose=0)
    assert callback.seconds > before > 0
    assert callback.epochs_done == EPOCHS


def test_the_stop_button_and_the_same_cell_once_more():
    """The network is not built anew then: it has learned from a part of the next epoch."""
    network, batches = new_network(), datasets.batches(SPLIT, 8, seed=4)

    def cell(*more):
        network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        kept = models.Kept("long", network, SPLIT, epochs=EPOCHS)
        callbacks = [*more, kept.checkpoint(batches)]
        return network.fit(batches, epochs=EPOCHS, callbacks=callbacks, verbose=0)

    def press():
        raise KeyboardInterrupt

    for epoch in (0, 2, 3):
        with pytest.raises(KeyboardInterrupt):
            cell(Killer(epoch, press))
    history = cell()
    assert history.epoch == list(range(EPOCHS))
    assert len(history.history["loss"]) == EPOCHS
    # The steps of the epochs that were cut off are forgotten.
    assert int(network.optimizer.iterations) == EPOCHS * 5


def test_batches_of_another_size_are_another_training(capsys):
    def fit(size, epochs):
        network = new_network()
        kept = models.Kept("long", network, SPLIT)  # which was not told of the size
        batches = datasets.batches(SPLIT, size, seed=4)
        callbacks = [kept.checkpoint(batches)]
        network.fit(batches, epochs=epochs, callbacks=callbacks, verbose=0)
        return int(network.optimizer.iterations)

    assert fit(8, epochs=2) == 10
    assert fit(20, epochs=3) == 6
    assert "of another training (ValueError), so the training begins" in capsys.readouterr().out
    assert fit(20, epochs=4) == 8


def test_a_checkpoint_before_the_callbacks_that_it_keeps_is_refused():
    """It would keep what they were an epoch ago."""
    network = new_network()
    stopper = keras.callbacks.EarlyStopping("loss")
    checkpoint = models.Kept("long", network, SPLIT).checkpoint(others=[stopper])
    for callbacks in ([checkpoint, stopper], [checkpoint]):
        with pytest.raises(ValueError, match="last of the callbacks.*others, checkpoint"):
            network.fit(datasets.batches(SPLIT, 8), callbacks=callbacks, verbose=0)


def test_a_checkpoint_of_another_network_is_refused():
    """With one that has done its epochs, a new network would not be trained at all."""
    checkpoint = models.Kept("long", new_network(), SPLIT).checkpoint()
    with pytest.raises(ValueError, match="of the network that is trained.*Make both anew"):
        new_network().fit(datasets.batches(SPLIT, 8), callbacks=[checkpoint], verbose=0)


@pytest.mark.parametrize("damage", [lambda content: content[:-40], lambda content: b""])
def test_a_damaged_checkpoint_is_not_used(damage, capsys, unbroken):
    interrupted()
    path = next(Path("build", "models").glob("*.checkpoint.npz"))
    path.write_bytes(damage(path.read_bytes()))
    anew = train()
    assert "begins anew" in capsys.readouterr().out
    assert_same_training(anew, unbroken)


def test_whoever_is_killed_while_writing_has_the_epoch_before(monkeypatch, capsys, unbroken):
    write, calls = np.savez, []

    def half(file, **arrays):
        calls.append(1)
        if len(calls) == 3:
            file.write(b"half a file")
            stop()
        write(file, **arrays)

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(np, "savez", half)
        train()
    assert_same_training(train(), unbroken)
    assert "up to epoch 2" in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_to_stops_nothing(tmp_path, capsys):
    (tmp_path / "build").write_text("a file where the folder should be")
    assert train()[2].epoch == list(range(EPOCHS))
    assert "cannot be kept" in capsys.readouterr().out


def test_other_callbacks_are_refused():
    kept = models.Kept("long", new_network(), SPLIT)
    with pytest.raises(TypeError, match="others should be callbacks .*got TerminateOnNaN"):
        kept.checkpoint(others=[keras.callbacks.TerminateOnNaN()])


if __name__ == "__main__":
    import os

    os.chdir(sys.argv[1])
    train(more=[Killer(3, lambda: os.kill(os.getpid(), signal.SIGKILL))])
