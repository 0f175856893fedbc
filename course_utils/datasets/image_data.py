"""What ``datasets.load`` returns: images, labels and class names in three splits."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import numpy as np


@dataclass(frozen=True, eq=False)
class Split:
    """Images and their labels, both read-only.

    Attributes
    ----------
    images : ndarray, uint8, shape (n, height, width) or (n, height, width, 3), values 0 to 255
    labels : ndarray, int64, shape (n,), values 0 to number of classes - 1
    """

    images: np.ndarray
    labels: np.ndarray

    def __post_init__(self):
        if not isinstance(self.images, np.ndarray) or not isinstance(self.labels, np.ndarray):
            raise TypeError(
                "images and labels should be NumPy arrays; got "
                f"{type(self.images).__name__} and {type(self.labels).__name__}. "
                "Convert them with np.array(...)."
            )
        if self.images.dtype != np.uint8 or self.images.ndim not in (3, 4):
            raise ValueError(
                "images should be uint8 of shape (n, height, width) or (n, height, width, 3); "
                f"got {self.images.dtype} of shape {self.images.shape}."
            )
        if self.labels.dtype != np.int64 or self.labels.shape != self.images.shape[:1]:
            raise ValueError(
                f"labels should be int64 of shape ({len(self.images)},), one for each image; got "
                f"{self.labels.dtype} of shape {self.labels.shape}."
            )
        # Views, so that the caller's own arrays stay as writeable as they were.
        for name in ("images", "labels"):
            view = getattr(self, name).view()
            view.flags.writeable = False
            object.__setattr__(self, name, view)

    def __len__(self):
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class ImageData:
    """A data set in three splits, and where it came from.

    Attributes
    ----------
    name : str
        Such as ``"mnist"``.
    class_names : tuple of str
        ``class_names[label]`` is the class of a label.
    train, validation, test : Split
        ``validation`` is empty unless ``load`` was asked to hold some training images out.
    source : str
        For people: which source answered.
    version : str
        Which edition of the data set it gave.
    """

    name: str
    class_names: tuple
    train: Split
    validation: Split
    test: Split
    source: str
    version: str

    def __post_init__(self):
        for split_name in ("train", "validation", "test"):
            labels = getattr(self, split_name).labels
            if len(labels) and not 0 <= labels.min() <= labels.max() < len(self.class_names):
                raise ValueError(
                    f"labels of the {split_name} split should lie between 0 and "
                    f"{len(self.class_names) - 1}, one for each class name; got "
                    f"{labels.min()} to {labels.max()}."
                )

    @cached_property
    def checksum(self):
        """SHA-256 of all images with their labels, 64 hexadecimal digits.

        It depends neither on the order of the images nor on which are held out for validation:
        two machines that show the same checksum have the same data, whatever their sources.
        """
        return checksum(self.train, self.test, self.validation)

    def __repr__(self):
        sizes = [
            f"{len(split):,} {use}"
            for split, use in (
                (self.train, "to train"),
                (self.validation, "to validate"),
                (self.test, "to test"),
            )
            if len(split)
        ]
        shape = " x ".join(map(str, self.train.images.shape[1:]))
        return (
            f"{self.name} from {self.source}: {', '.join(sizes)}; {shape} pixels, "
            f"{len(self.class_names)} classes"
        )


def checksum(train, test, validation=None):
    """SHA-256 of images with their labels, whatever their order.

    Parameters
    ----------
    train, test : Split
    validation : Split, optional
        Counted with ``train``, from which it was taken.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    parts = _digests(train) + (_digests(validation) if validation else [])
    whole = sha256(b"".join(sorted(parts)))
    whole.update(b"test")
    whole.update(b"".join(sorted(_digests(test))))
    return whole.hexdigest()


def _digests(split):
    """One digest for each image with its label."""
    return [
        sha256(image.tobytes() + label.to_bytes(2, "little")).digest()
        for image, label in zip(split.images, split.labels.tolist(), strict=True)
    ]
