"""Where images come from: the package itself, a folder of the user's, TensorFlow Datasets.

Every source returns ``(train, test, told)``: two ``Split`` and one sentence that names the source,
or raises ``SourceError`` with the reason and what to do.
"""

import os
import socket
import zipfile
from importlib.resources import files

import numpy as np

from course_utils.datasets.image_data import Split
from course_utils.tensorflow_quietly import import_tensorflow, quiet_stderr

TFDS_HOST = ("storage.googleapis.com", 443)
CONNECT_SECONDS = 3


class SourceError(RuntimeError):
    """A source could not give the images; the message says why and what to do."""


def embedded(data_set):
    """The images that ship with the course: 5,000 for training, 1,000 for testing."""
    archive = files("course_utils.datasets") / "embedded" / f"{data_set.name}.npz"
    with archive.open("rb") as file:
        train, test = _read_npz(file, data_set)
    return train, test, "the embedded subset"


def from_folder(data_set, folder):
    """Images from ``<folder>/<name>.npz`` (Keras' format) or from TFDS' files in the folder."""
    if not folder.is_dir():
        raise SourceError(f"There is no folder {folder}; give the folder that holds the data.")
    archive = folder / f"{data_set.name}.npz"
    if archive.is_file():
        try:
            train, test = _read_npz(archive, data_set)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise SourceError(
                f"{archive} cannot be used: {error}. It should be a file as Keras stores it, with "
                "the arrays x_train, y_train, x_test and y_test; download it again."
            ) from error
        return train, test, f"{archive}"
    if (folder / data_set.name).is_dir():
        return _tfds_load(data_set, data_dir=str(folder), download=False)
    raise SourceError(
        f"{folder} should hold {data_set.name}.npz (Keras' file) or a folder {data_set.name} "
        "prepared by TensorFlow Datasets; it holds neither."
    )


def from_tfds(data_set):
    """Images through ``tfds.load``: from its cache or ``TFDS_DATA_DIR``, else downloaded."""
    # tfds itself reads the variable once, when it is imported; a notebook may set it later.
    data_dir = os.environ.get("TFDS_DATA_DIR")
    try:
        return _tfds_load(data_set, data_dir, download=False)
    except SourceError as not_prepared:
        # Asked before tfds is, because offline it would retry for more than three minutes.
        try:
            socket.create_connection(TFDS_HOST, timeout=CONNECT_SECONDS).close()
        except OSError as error:
            raise SourceError(
                f"{not_prepared} Its download host cannot be reached either ({error}); connect to "
                "the network, or give a folder of yours that holds the data."
            ) from error
    return _tfds_load(data_set, data_dir, download=True)


def _tfds_load(data_set, data_dir, download):
    """Both splits in memory through the unchanged ``tfds.load``."""
    import_tensorflow()
    try:
        with quiet_stderr():
            import tensorflow_datasets as tfds

            if not hasattr(tfds, "load"):  # as with Colab's protobuf: it logs why, and goes on
                raise ImportError("it does not fit the other packages that are installed here")
            (train, test), info = tfds.load(
                data_set.name,
                split=["train", "test"],
                as_supervised=True,
                batch_size=-1,
                with_info=True,
                data_dir=data_dir,
                download=download,
            )
    # tfds and what it imports raise almost anything: VersionError, AssertionError, OSError…
    except Exception as error:
        raise SourceError(
            f"TensorFlow Datasets could not give {data_set.name}: {_reason(error)}."
        ) from error
    told = f"TensorFlow Datasets, version {info.version}"
    return _split(*train, data_set), _split(*test, data_set), told


def _reason(error):
    """Why tfds failed, in one line."""
    if "could not find data in" in str(error):
        return "it has no prepared copy on this machine"
    first_line = (str(error).strip().splitlines() or ["no message"])[0]
    return f"{type(error).__name__}: {first_line[:160]}"


def _read_npz(file, data_set):
    """Both splits from an archive in Keras' format; ValueError if its arrays do not fit."""
    with np.load(file, allow_pickle=False) as arrays:
        return (
            _split(arrays["x_train"], arrays["y_train"], data_set),
            _split(arrays["x_test"], arrays["y_test"], data_set),
        )


def _split(images, labels, data_set):
    """A split from tensors or arrays, with the single channel of grey images taken off."""
    images, labels = np.asarray(images), np.asarray(labels)
    if images.dtype != np.uint8 or labels.dtype.kind not in "iu":
        raise ValueError(
            f"images should be uint8 and labels integers; got {images.dtype} and {labels.dtype}"
        )
    if len(data_set.image_shape) == 2 and images.shape[-1:] == (1,):
        images = images[..., 0]
    if images.shape[1:] != data_set.image_shape or labels.shape != images.shape[:1]:
        raise ValueError(
            f"images should have shape (n, {', '.join(map(str, data_set.image_shape))}) and labels "
            f"(n,); got {images.shape} and {labels.shape}"
        )
    if not len(labels) or not 0 <= labels.min() <= labels.max() < len(data_set.class_names):
        raise ValueError(
            f"labels should be numbers from 0 to {len(data_set.class_names) - 1}, at least one"
        )
    return Split(images, labels.astype(np.int64))
