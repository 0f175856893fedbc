"""Watch a network while it learns: a Keras callback that keeps what can be looked at afterwards."""

import json

import numpy as np

from course_utils import arguments
from course_utils.tensorflow_quietly import import_tensorflow

import_tensorflow()  # quietly, before Keras does it aloud

import keras  # noqa: E402

ARRAYS = ("steps", "kernels", "activations", "probabilities")  # with one entry for each snapshot


class Snapshots(keras.callbacks.Callback):
    """Keep a snapshot of a network before its training and after each epoch.

    Give the same one to several calls of ``fit``, and it goes on where it was. Nothing about the
    training changes: the images below are only looked at, as in use, without dropout. The idea of
    filming features while they develop is that of Zeiler and Fergus, "Visualizing and
    Understanding Convolutional Networks", 2014, section 4.1.

    Parameters
    ----------
    images : ndarray, float, shape (m, ...), as the network takes them
        Images to follow, scaled as it is used to. Not changed.
    scored : dict of str to tf.data.Dataset
        Name to batches with labels, as for ``evaluate``: for each, all that the network was
        compiled to measure is kept.

    Attributes
    ----------
    steps : ndarray, int64, shape (n,)
        Training steps until each snapshot; the first is 0.
    kernels : ndarray, float32, shape (n, height, width, channels, k)
        Kernels of the first convolution.
    activations : ndarray, float32, shape (n, rows, columns, k)
        What that layer answers to the first of the images, its activation function included.
    probabilities : ndarray, float32, shape (n, m, classes)
        The network's answers to all the images.
    scores : dict of str to dict of str to ndarray, float32, shape (n,)
        Name to metric to values, such as ``scores["validation"]["accuracy"]``.

    Every time they are read, the arrays are new copies, so the snapshots cannot be spoilt. ``len``
    tells how many snapshots there are.

    Raises
    ------
    TypeError
        If ``images`` is no array of floats, or ``scored`` no dict from strings to data sets.
    ValueError
        If there are no images; in ``fit``, if they do not fit the network's input, it has no
        convolution, or it is another network than before.
    """

    def __init__(self, images, scored):
        super().__init__()
        arguments.array(images, "images")
        if not np.issubdtype(images.dtype, np.floating):
            raise TypeError(
                f"images should be float, scaled as the network takes them; got {images.dtype}. "
                'For -1 to 1, use images.astype("float32") / 127.5 - 1.'
            )
        if not len(images):
            raise ValueError("images should hold at least one image; got none. Choose some.")
        if not isinstance(scored, dict) or not all(isinstance(name, str) for name in scored):
            raise TypeError(
                f"scored should be a dict from names to batches; got {scored!r:.60}. "
                'Write {"validation": validation_batches}.'
            )
        for name, batches in scored.items():
            if not hasattr(batches, "element_spec"):
                raise TypeError(
                    f"scored[{name!r}] should be batches with labels; got "
                    f"{type(batches).__name__}. Use datasets.batches(data.{name}, 500)."
                )
        self._images = np.array(images, dtype=np.float32)
        self._scored = dict(scored)
        self._steps_done = 0
        self._kept = []
        self._layer = self._inside = None

    def __len__(self):
        return len(self._kept)

    def set_model(self, model):
        """Find the layer to watch; Keras calls this at the beginning of each ``fit``."""
        super().set_model(model)
        if self._inside is not None:
            if model is not self._network:
                raise ValueError(
                    "Snapshots should follow one network; got another one than before. "
                    "Make new ones for it: training.Snapshots(...)."
                )
            return
        if model.input_shape[1:] != self._images.shape[1:]:
            raise ValueError(
                f"images should have the shape of the network's input, {model.input_shape[1:]}; "
                f"got {self._images.shape[1:]}. Take them from the same data as the training."
            )
        layers = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
        if not layers:
            raise ValueError(
                "The network should have a convolution, Conv2D, to watch; got "
                f"{', '.join(type(layer).__name__ for layer in model.layers)}. Add one."
            )
        self._network, self._layer = model, layers[0]
        self._inside = keras.Model(model.inputs[0], [self._layer.output, model.outputs[0]])

    def on_train_begin(self, logs=None):
        """Take the first snapshot, of the untrained network."""
        if not self._kept:
            self._take()

    def on_train_batch_end(self, batch, logs=None):
        """Count the steps."""
        self._steps_done += 1

    def on_epoch_end(self, epoch, logs=None):
        """Take a snapshot."""
        self._take()

    def _take(self):
        """Keep copies of everything, as float32."""
        activations, probabilities = self._inside(self._images, training=False)
        scores = {
            name: self.model.evaluate(batches, verbose=0, return_dict=True)
            for name, batches in self._scored.items()
        }
        self._kept.append(
            {
                "steps": self._steps_done,
                "kernels": _copied(self._layer.kernel.value),
                "activations": _copied(activations[0]),
                "probabilities": _copied(probabilities),
                "scores": scores,
            }
        )

    def state(self):
        """Everything that was kept, for `restore`.

        Returns
        -------
        dict of str to ndarray
            Copies.

        Raises
        ------
        ValueError
            If there is no snapshot yet.
        """
        scores = json.dumps([snapshot["scores"] for snapshot in self._kept])
        stacked = {name: self._stacked(name) for name in ARRAYS}
        return {"images": self._images.copy(), "scores": np.array(scores), **stacked}

    def restore(self, state):
        """Take the snapshots of an earlier training in place of all that there are.

        Parameters
        ----------
        state : dict of str to ndarray
            What `state` gave. Not changed.

        Raises
        ------
        ValueError
            If other images were followed, or other ones scored; nothing is changed then.
        """
        scores = json.loads(str(state["scores"]))
        if not np.array_equal(state["images"], self._images) or set(scores[0]) != set(self._scored):
            raise ValueError(
                "The snapshots should follow and score the same images as these; got others. "
                "Train again."
            )
        rows = zip(*(state[name].copy() for name in ARRAYS), scores, strict=True)
        self._kept = [dict(zip((*ARRAYS, "scores"), row, strict=True)) for row in rows]
        self._steps_done = int(state["steps"][-1])

    def _stacked(self, name):
        """One array of what was kept under a name, the snapshots along its first axis."""
        if not self._kept:
            raise ValueError(
                "There should be a snapshot to look at; got none. "
                "Train first: network.fit(..., callbacks=[snapshots])."
            )
        return np.stack([snapshot[name] for snapshot in self._kept])

    @property
    def steps(self):
        """Training steps until each snapshot."""
        return self._stacked("steps").astype(np.int64)

    @property
    def kernels(self):
        """Kernels of the first convolution."""
        return self._stacked("kernels")

    @property
    def activations(self):
        """What the first convolution answers to the first image."""
        return self._stacked("activations")

    @property
    def probabilities(self):
        """The network's answers to all the images."""
        return self._stacked("probabilities")

    @property
    def scores(self):
        """Name to metric to values."""
        return {
            name: {
                metric: np.array([kept["scores"][name][metric] for kept in self._kept], np.float32)
                for metric in self._kept[0]["scores"][name]
            }
            for name in (self._scored if self._kept else ())
        }


def _copied(tensor):
    """A NumPy copy of a tensor, as float32, that later training does not change."""
    return np.array(keras.ops.convert_to_numpy(tensor), dtype=np.float32)
