"""Go on with a training that was interrupted: a Keras callback that keeps it after each epoch."""

import json
import time
from pathlib import Path

import numpy as np

from course_utils import archive
from course_utils.tensorflow_quietly import import_tensorflow

import_tensorflow()  # quietly, before Keras does it aloud

import keras  # noqa: E402

NUMBERS = ("wait", "stopped_epoch", "best_epoch", "best")  # what early stopping remembers


class Checkpoint(keras.callbacks.Callback):
    """Keep a training after each epoch, and go on from there in the next ``fit`` of its kind.

    Kept are weights, the optimiser's state, the state of random layers such as dropout, and the
    history, so that ``fit`` returns one of all epochs. ``models.Kept`` makes these callbacks:
    `Kept.checkpoint` tells how to use them.

    Parameters
    ----------
    kept : models.Kept
        The place of the network; with its name for people, and with the file to write.
    batches : tf.data.Dataset, optional
        What ``fit`` gets: the orders of the epochs done are drawn, so that the next epoch gets the
        order that it would have got.
    others : sequence of keras.callbacks.Callback
        Callbacks to keep with it: ``EarlyStopping``, or with ``state`` and ``restore``.

    Attributes
    ----------
    epochs_done : int
        Epochs of the training so far, those before the interruption included.
    seconds : float
        What they took, each with its checkpoint; an epoch that was cut off is not counted.
    """

    def __init__(self, kept, batches=None, others=()):
        super().__init__()
        for other in others:
            known = isinstance(other, keras.callbacks.EarlyStopping) or hasattr(other, "restore")
            if not known:
                raise TypeError(
                    "others should be callbacks that can be kept, EarlyStopping or Snapshots; "
                    f"got {type(other).__name__}. Leave it out here, and pass it to fit."
                )
        self.name, self.path = kept.name, kept.checkpointed
        self.epochs_done, self.seconds = 0, 0.0
        self._network, self._batches, self._others = kept.network, batches, tuple(others)
        self._rows, self._stopped = {}, False
        self._looked, self._steps = False, None

    def set_model(self, model):
        """Refuse what would be kept wrongly; Keras calls this at the beginning of each ``fit``."""
        super().set_model(model)
        if model is not self._network:
            raise ValueError(
                "The checkpoint should be of the network that is trained; got one of another. "
                "Make both anew: kept = models.Kept(...), then kept.checkpoint(...)."
            )
        # Keras tells one callback after the other, and calls them in this order later.
        if any(other.model is not model for other in self._others):
            raise ValueError(
                "The checkpoint should be the last of the callbacks, and all of its others should "
                "be among them; got something else. Write callbacks=[*others, checkpoint]."
            )

    def on_train_begin(self, logs=None):
        """Put back what an interrupted training left, once, and say where it goes on."""
        if not self._looked:
            self._looked, self._steps = True, self.params["steps"]
            self._go_on()
        if self.epochs_done:
            # The attribute that keras.callbacks.BackupAndRestore sets; a callback has no other way.
            self.model._initial_epoch = self.params["epochs"] if self._stopped else self.epochs_done
            rows = {name: list(values) for name, values in self._rows.items()}
            self.model.history.history.update(rows)
        self._began = time.perf_counter()

    def on_epoch_begin(self, epoch, logs=None):
        """Leave no trace in the network, for its next ``fit``."""
        self._tidy()

    def on_epoch_end(self, epoch, logs=None):
        """Keep everything."""
        self.epochs_done = epoch + 1
        for name, value in (logs or {}).items():
            self._rows.setdefault(name, []).append(float(value))
        now = time.perf_counter()
        self.seconds, self._began = self.seconds + now - self._began, now
        try:
            archive.write(self.path, self._state())
        except OSError as error:
            print(f"{self.name}: cannot be kept in {self.path.parent} ({error.strerror}).")

    def on_train_end(self, logs=None):
        """Leave no trace in the network, even if no epoch was left to train."""
        self._tidy()

    def _tidy(self):
        """The next ``fit`` begins where it is told; and the history counts all epochs."""
        self.model._initial_epoch = None
        done = self.model.history.epoch
        self.model.history.epoch = [*range(done[0] if done else self.epochs_done), *done]

    def _go_on(self):
        """Take over the state in the file, as a whole or not at all."""
        if not self.path.exists():
            return
        try:
            self._restore(archive.read(self.path))
        # What a damaged file raises is anything: BadZipFile, KeyError, ValueError, OSError…
        except Exception as error:
            print(
                f"{self.name}: {self.path} is damaged or of another training "
                f"({type(error).__name__}), so the training begins anew."
            )
            return
        told = f"{self.name}: trained here before up to epoch {self.epochs_done}"
        if self._stopped or self.epochs_done == self.params["epochs"]:
            print(f"{told}, and loaded.")
        else:
            print(
                f"{told}, so only what is left is trained now. (To begin anew, delete "
                f"{Path(*self.path.parts[-3:])} and run all the cells.)"
            )
        for _ in range(self.epochs_done if self._batches is not None else 0):
            next(iter(self._batches))  # with the first batch, an epoch's order is drawn

    def _variables(self):
        """All that changes in the network and its optimiser, in a fixed order."""
        optimiser = self.model.optimizer
        if not optimiser.built:
            optimiser.build(self.model.trainable_variables)
        return [*self.model.variables, *optimiser.variables]

    def _state(self):
        """Everything as arrays by name."""
        told = {
            "epochs": self.epochs_done,
            "steps": self._steps,
            "seconds": self.seconds,
            "stopped": self.model.stop_training,
            "history": self._rows,
        }
        arrays = {"told": np.array(json.dumps(told))}
        for number, variable in enumerate(self._variables()):
            arrays[f"variable {number}"] = keras.ops.convert_to_numpy(variable)
        for number, other in enumerate(self._others):
            state = other.state() if hasattr(other, "state") else _stopping_state(other)
            arrays |= {f"other {number} {name}": values for name, values in state.items()}
        return arrays

    def _restore(self, arrays):
        """Put back what `_state` gave."""
        told = json.loads(str(arrays["told"]))
        variables = self._variables()
        values = [arrays[f"variable {number}"] for number in range(len(variables))]
        if any(value.shape != known.shape for value, known in zip(values, variables, strict=True)):
            raise ValueError("another network's")
        if told["steps"] != self._steps:
            raise ValueError("another size of batches")
        for number, other in enumerate(self._others):
            start = f"other {number} "
            state = {
                name.removeprefix(start): arrays[name] for name in arrays if name.startswith(start)
            }
            restore = other.restore if hasattr(other, "restore") else _restore_stopping(other)
            restore(state)
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        self.epochs_done, self.seconds = told["epochs"], told["seconds"]
        self._rows, self._stopped = told["history"], told["stopped"]


def _stopping_state(stopper):
    """What early stopping remembers from one epoch to the next."""
    numbers = {name: getattr(stopper, name) for name in NUMBERS}
    state = {name: np.array(value) for name, value in numbers.items() if value is not None}
    for number, values in enumerate(stopper.best_weights or ()):
        state[f"weights {number}"] = values
    return state


def _restore_stopping(stopper):
    """The function that gives early stopping what `_stopping_state` gave."""

    def restore(state):
        for name in NUMBERS:
            if name in state:
                setattr(stopper, name, state[name].item())
        count = sum(name.startswith("weights ") for name in state)
        weights = [state[f"weights {number}"] for number in range(count)]
        stopper.best_weights = weights or None

    return restore
