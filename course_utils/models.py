"""Trained networks that are kept, so that a lesson opened alone need not train them again."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np

from course_utils import archive, session
from course_utils.datasets.image_data import Split
from course_utils.tensorflow_quietly import import_tensorflow

FOLDER = Path("build", "models")
"""Where networks are kept, below the course's folder, or below the current one outside of it."""

STATE = "snapshots "  # begins the names of what snapshots hold, in the file


class Kept:
    """A place for one trained network, found again by everything that made the network.

    Use it around ``fit``, which stays in the lesson::

        kept = models.Kept("three blocks", network, data.train, epochs=30, seed=1)
        history = kept.load()
        if history is None:
            history = kept.save(network.fit(..., callbacks=[kept.checkpoint(batches)]))

    The callback lets a training that was interrupted go on at its next epoch. Snapshots of the
    training can be kept with the network: ``kept.load(snapshots)`` fills them, and
    ``kept.save(history, snapshots)`` keeps them.

    A network that differs in a layer, in how it was compiled, in its images, in a setting, in the
    seed that was set last, in the profile or in Keras' version is another network and has another
    place.

    Parameters
    ----------
    name : str
        For people, and at the beginning of the file's name.
    network : keras.Model
        Built and compiled; trained or not. ``load`` changes its weights, nothing else does.
    split : Split
        The images that it learns from.
    **settings : str, int, float, bool, None, or lists or dicts of them, or Keras layers
        What else makes a difference to the training: epochs, batch size, seed, augmentation…

    Raises
    ------
    TypeError
        If ``name`` is no string, ``network`` no Keras model, ``split`` no ``Split``, or a setting
        of another type.
    ValueError
        If the network has not been built or compiled, or ``name`` is empty.
    """

    def __init__(self, name, network, split, **settings):
        tensorflow = import_tensorflow()
        import keras

        if not isinstance(name, str):
            raise TypeError(f"name should be a string such as 'three blocks'; got {name!r}.")
        if not isinstance(network, keras.Model):
            raise TypeError(
                f"network should be a Keras model; got {type(network).__name__}. "
                "Pass what keras.Sequential or keras.Model gave."
            )
        if not isinstance(split, Split):
            raise TypeError(
                f"split should be a Split such as data.train; got {type(split).__name__}."
            )
        if not any(letter.isalnum() for letter in name):
            raise ValueError(f"name should hold a letter or digit; got {name!r}.")
        if not network.built or not network.compiled:
            raise ValueError(
                "network should be built and compiled, because both are part of what makes it; "
                "this one is not. Begin it with keras.Input, and call network.compile(...) first."
            )
        made_by = {
            "network": _without_names(json.loads(network.to_json())),  # with how it was compiled
            "images": _digest(split),
            "settings": {
                name: _without_names(keras.saving.serialize_keras_object(value))
                if isinstance(value, keras.layers.Layer)
                else value
                for name, value in settings.items()
            },
            "profile": session.profile(),
            "seed": tensorflow.compat.v1.get_seed(0)[0],  # which keras.utils.set_random_seed set
            "keras": keras.__version__,
        }
        try:
            described = json.dumps(made_by, sort_keys=True)
        except TypeError as error:
            raise TypeError(
                "settings should be numbers, strings, None, lists or dicts of them, or layers, to "
                f"be written down; {error}. Give its name in place of it."
            ) from None
        plain = "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())
        key = sha256(described.encode()).hexdigest()[:16]
        self.name = name
        self.network = network
        self.path = course_folder() / FOLDER / f"{plain}-{key}.npz"
        self.checkpointed = self.path.with_suffix(".checkpoint.npz")

    def load(self, snapshots=None):
        """Give the network the weights that were kept, if there are any.

        Parameters
        ----------
        snapshots : training.Snapshots, optional
            New ones, to be filled with those that were kept with the network.

        Returns
        -------
        dict of str to list of float, or None
            The ``history`` of that training; None if the network has to be trained, because it
            never was here, or because the file is damaged or holds no such snapshots. Says in a
            line which it is.
        """
        if not self.path.exists():
            begun = self.checkpointed.exists()
            past = "begun here before, but not finished" if begun else "not trained here before"
            print(f"{self.name}: {past}, so it is trained now.")
            return None
        try:
            weights, history, state = _read(self.path)
            if snapshots is not None:
                snapshots.restore(state)
            self.network.set_weights(weights)
        # What a damaged file raises is anything: BadZipFile, KeyError, ValueError, OSError…
        except Exception as error:
            print(
                f"{self.name}: {self.path} cannot be read ({type(error).__name__}), so the "
                "network is trained again."
            )
            return None
        print(f"{self.name}: trained here before, with the same images and settings, and loaded.")
        return history

    def checkpoint(self, batches=None, others=()):
        """Make the callback that keeps the training after each epoch, for the case that it breaks.

        Run the same cells again, and ``fit`` goes on after the last whole epoch; its history is
        that of all epochs. Nothing about the training changes. ``save`` removes the file; without
        it, a training that is over is loaded, so to say: ``fit`` finds no epoch left to train.

        With ``batches`` of `datasets.batches`, and with dropout too, the rest of the training is
        what it would have been, in a new Python and to the last bit where the computer's
        operations are (`session.begin` has ``deterministic``). Not so without ``batches``, where
        Keras shuffles arrays, and with augmentation: other random changes come, no worse ones.

        For a training of several ``fit``, use one callback for all, and count the epochs on, with
        ``initial_epoch=number, epochs=number + 1``: those that are done are passed over.

        Parameters
        ----------
        batches : tf.data.Dataset, optional
            The training batches that ``fit`` gets, new ones.
        others : sequence of keras.callbacks.Callback
            Those of ``fit`` that remember something: ``keras.callbacks.EarlyStopping``,
            ``training.Snapshots``.

        Returns
        -------
        checkpoint.Checkpoint
            Put it *last* among the callbacks of ``fit``.

        Raises
        ------
        TypeError
            If one of ``others`` cannot be kept.
        ValueError
            In ``fit``, if it trains another network, or does not get ``others`` before this one.
        """
        from course_utils.checkpoint import Checkpoint  # imports Keras

        return Checkpoint(self, batches, others)

    def save(self, history, snapshots=None):
        """Keep the network's weights, and how the training went.

        A folder that cannot be written to is no error: the network is used all the same, and a
        line says so. An interrupted call leaves no file.

        Parameters
        ----------
        history : keras.callbacks.History
            What ``fit`` returned, the last time if there were several.
        snapshots : training.Snapshots, optional
            Taken during the training.

        Returns
        -------
        dict of str to list of float
            Its ``history``.
        """
        values = {key: [float(value) for value in row] for key, row in history.history.items()}
        state = {} if snapshots is None else snapshots.state()
        try:
            archive.write(self.path, _arrays(self.network.get_weights(), values, state))
            self.checkpointed.unlink(missing_ok=True)
        except OSError as error:
            print(f"{self.name}: cannot be kept in {self.path.parent} ({error.strerror}).")
        else:
            print(f"{self.name}: kept, so that it need not be trained again ({self.path.name}).")
        return values


def _without_names(described):
    """What Keras says of a network, with its names numbered: they depend on what ran before.

    A layer is ``conv2d_7`` if six others were made before, in another lesson perhaps.
    """
    numbers = {}

    def collect(value):
        if isinstance(value, list):
            for part in value:
                collect(part)
        # That of a policy tells the type of the numbers.
        elif isinstance(value, dict) and value.get("class_name") != "DTypePolicy":
            if isinstance(value.get("name"), str):
                numbers.setdefault(value["name"], f"name {len(numbers)}")
            collect(list(value.values()))

    def renamed(value):
        if isinstance(value, dict):
            return {key: renamed(part) for key, part in value.items()}
        if isinstance(value, list):
            return [renamed(part) for part in value]
        return numbers.get(value, value) if isinstance(value, str) else value

    collect(described)
    return renamed(described)


def _digest(split):
    """SHA-256 of images and labels in their order."""
    whole = sha256(np.ascontiguousarray(split.images))
    whole.update(split.labels.astype("<i8").tobytes())
    return whole.hexdigest()


def course_folder():
    """Find the folder of the course that a notebook belongs to.

    Returns
    -------
    Path
        The nearest folder above the current one that holds the course, or the current folder.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "course_utils").is_dir():
            return folder
    return here


def _arrays(weights, history, state):
    """Weights by their number, the history as JSON in bytes, and the state of snapshots."""
    numbered = {str(number): values for number, values in enumerate(weights)}
    text = np.frombuffer(json.dumps(history).encode(), np.uint8)
    return {"history": text, **numbered, **{STATE + name: state[name] for name in state}}


def _read(path):
    """Weights in their order, the history, and the state of snapshots."""
    kept = archive.read(path)
    weights = [kept[str(number)] for number in range(sum(name.isdigit() for name in kept))]
    state = {name.removeprefix(STATE): kept[name] for name in kept if name.startswith(STATE)}
    return weights, json.loads(kept["history"].tobytes()), state
