"""Read the files in which data sets are published: NumPy's, MNIST's, CIFAR-10's, Parquet."""

import gzip
import io
import math
import pickle
import tarfile
import zipfile

import numpy as np

from course_utils.datasets.image_data import Split
from course_utils.datasets.sources import SourceError


class WrongArrays(SourceError):
    """The files can be read, but hold other arrays than the data set has."""


def read(layout, paths, data_set):
    """Read both splits of a data set.

    Parameters
    ----------
    layout : {"npz", "idx", "cifar", "parquet"}
    paths : list of Path
        The files of the edition, in its order.
    data_set : DataSet

    Returns
    -------
    tuple of two Split
        For training and for testing.

    Raises
    ------
    WrongArrays
        If they hold other arrays than the data set has; names the file.
    SourceError
        If they cannot be read; names the file.
    """
    try:
        x_train, y_train, x_test, y_test = READERS[layout](*paths)
    # A damaged file can make its reader raise anything, from KeyError to MemoryError.
    except Exception as error:
        raise SourceError(
            f"{paths[0]} cannot be used: {error or type(error).__name__}. Download it again."
        ) from error
    try:
        return split(x_train, y_train, data_set), split(x_test, y_test, data_set)
    except ValueError as error:
        raise WrongArrays(f"{paths[0]} cannot be used: {error}. Download it again.") from error


def split(images, labels, data_set):
    """Make a split of arrays, with the single channel of grey images taken off.

    Raises
    ------
    ValueError
        If they are not uint8 images of the data set's shape with one label in its range each.
    """
    images, labels = np.asarray(images), np.asarray(labels)
    if images.dtype != np.uint8 or labels.dtype.kind not in "iu":
        raise ValueError(
            f"images should be uint8 and labels integers; got {images.dtype} and {labels.dtype}"
        )
    if len(data_set.image_shape) == 2 and images.shape[-1:] == (1,):
        images = images[..., 0]
    if labels.shape[1:] == (1,):  # Keras keeps CIFAR-10's labels in a column
        labels = labels[:, 0]
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


def _read_npz(path):
    """``x_train``, ``y_train``, ``x_test`` and ``y_test`` of a NumPy archive, as Keras has it."""
    with zipfile.ZipFile(path) as archive:
        if wrong := archive.testzip():  # NumPy need not read a member to its checksum
            raise ValueError(f"its member {wrong} is damaged")
    with np.load(path, allow_pickle=False) as arrays:
        return [arrays[name] for name in ("x_train", "y_train", "x_test", "y_test")]


def _read_idx(*paths):
    """The arrays of gzipped files in MNIST's own format."""
    return [_idx_array(gzip.decompress(path.read_bytes())) for path in paths]


def _idx_array(content):
    """The array in bytes of MNIST's format: 0, 0, kind, axes; big-endian lengths; values."""
    if len(content) < 4 or content[:3] != b"\0\0\x08":
        raise ValueError("it does not begin as a file of unsigned bytes in MNIST's format does")
    axes = content[3]
    shape = np.frombuffer(content, ">u4", count=axes, offset=4).tolist()
    offset = 4 + 4 * axes
    if len(content) - offset != math.prod(shape):
        raise ValueError(f"it announces {shape} values and holds {len(content) - offset}")
    return np.frombuffer(content, np.uint8, offset=offset).reshape(shape)


def _read_cifar(path):
    """The arrays of CIFAR-10's archive of pickled batches."""
    with tarfile.open(path, "r:gz") as archive:
        # One pass in the order of the archive: going back in gzip means to start anew.
        batches = {
            member.name.rsplit("/", 1)[-1]: _cifar_batch(archive.extractfile(member))
            for member in archive
            if "_batch" in member.name
        }
    train = [batches[f"data_batch_{number}"] for number in range(1, 6)]
    x_test, y_test = batches["test_batch"]
    return (
        np.concatenate([images for images, _ in train]),
        np.concatenate([labels for _, labels in train]),
        x_test,
        y_test,
    )


def _cifar_batch(file):
    """Images, shape (n, 32, 32, 3), and labels of one batch."""
    batch = _ArraysOnly(file, encoding="bytes").load()
    images = batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), np.array(batch[b"labels"])


class _ArraysOnly(pickle.Unpickler):
    """Reads pickled NumPy arrays and nothing else: a pickle can hold any code."""

    def find_class(self, module, name):
        module = module.replace("numpy.core", "numpy._core")  # its name before NumPy 2
        if (module, name) not in {
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
            ("numpy._core.multiarray", "_reconstruct"),
        }:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no array needs")
        return super().find_class(module, name)


def _read_parquet(train, test):
    """The arrays of the tables in which Hugging Face keeps PNG images and their labels."""
    return *_parquet_table(train), *_parquet_table(test)


def _parquet_table(path):
    """Images and labels of one table."""
    import pyarrow.parquet  # only here: it takes a while, and most sources do without
    from PIL import Image

    table = pyarrow.parquet.read_table(path, columns=["img", "label"])
    images = [np.asarray(Image.open(io.BytesIO(row["bytes"]))) for row in table["img"].to_pylist()]
    return np.stack(images), np.array(table["label"])


READERS = {"npz": _read_npz, "idx": _read_idx, "cifar": _read_cifar, "parquet": _read_parquet}
