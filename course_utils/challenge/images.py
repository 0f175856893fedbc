"""The images of a challenge: from a test split or an instructor's file, without their labels."""

import tempfile
import zipfile
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from os import PathLike
from pathlib import Path

import numpy as np

from course_utils import arguments
from course_utils.datasets.catalogue import CATALOGUE
from course_utils.datasets.image_data import ImageData, Split

TRACKS = ("fashion_mnist", "emoji10")
LARGEST_IMAGES = 2**28


class PredictionError(ValueError):
    """A file of predictions, or of images, is not as it should be; says what to mend."""


@dataclass(frozen=True, eq=False)
class Challenge:
    """Images to name, without their labels.

    Attributes
    ----------
    track : {"fashion_mnist", "emoji10"}
    images : ndarray, uint8, shape (n, 28, 28) or (n, 32, 32, 3), values 0 to 255, read-only
    """

    track: str
    images: np.ndarray

    def __post_init__(self):
        _check_track(self.track)
        shape = CATALOGUE[self.track].image_shape
        images = arguments.array(self.images, "images")
        if images.dtype != np.uint8 or images.shape[1:] != shape or not len(images):
            raise ValueError(
                f"images of the track {self.track} should be uint8 of shape "
                f"(n, {', '.join(map(str, shape))}); got {images.dtype} of shape {images.shape}. "
                "Hand in the images as they were loaded."
            )
        view = images.view()
        view.flags.writeable = False
        object.__setattr__(self, "images", view)

    @cached_property
    def id(self):
        """What tells this challenge from every other: 12 hexadecimal digits, from its images."""
        whole = sha256(self.track.encode())
        whole.update(np.ascontiguousarray(self.images))
        return whole.hexdigest()[:12]

    @property
    def class_names(self):
        """The ten classes: ``class_names[label]``."""
        return CATALOGUE[self.track].class_names

    def __len__(self):
        return len(self.images)

    def __repr__(self):
        return f"challenge {self.id} of the track {self.track}: {len(self):,} images to name"


def from_test_split(data):
    """Make a challenge of the test images of a data set, and give their labels, too.

    Sources hold the images in different orders, so they are put into one that depends on nothing
    but themselves: an index means the same image everywhere.

    Parameters
    ----------
    data : ImageData
        Such as ``datasets.load("fashion_mnist")``; or Emoji-10, to practise.

    Returns
    -------
    challenge : Challenge
    labels : ndarray, int64, shape (n,), values 0 to 9
        In the order of ``challenge.images``.

    Raises
    ------
    TypeError
        If ``data`` is not what ``datasets.load`` returns.
    ValueError
        If there is no track for this data set.
    """
    if not isinstance(data, ImageData):
        raise TypeError(
            f"data should be what datasets.load returns; got {type(data).__name__}. "
            'Use datasets.load("fashion_mnist").'
        )
    _check_track(data.name)
    split = _in_fixed_order(data.test)
    return Challenge(data.name, split.images), split.labels


def save_challenge(challenge, path):
    """Write the images of a challenge, and nothing else, to a file for students.

    Parameters
    ----------
    challenge : Challenge
    path : str or Path
        A file ``….npz``; its folder is made if need be. An interrupted call leaves no file.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder:
        part = Path(folder, "part.npz")
        np.savez_compressed(part, track=np.array(challenge.track), images=challenge.images)
        part.replace(path)


def open_challenge(path):
    """Read the images that an instructor handed out.

    Parameters
    ----------
    path : str or Path
        The file ``….npz`` that ``course challenge`` made.

    Returns
    -------
    Challenge

    Raises
    ------
    TypeError
        If ``path`` is no path.
    PredictionError
        If there is no such file, or it is no challenge.
    """
    path = checked_path(path)
    what = "the file of images that your instructor gave you, emoji10-….npz"
    if not path.is_file():
        raise PredictionError(
            f"path should be {what}; there is no file {path}. "
            "Put it beside your notebook, or write where it is."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST_IMAGES:
                raise ValueError("it is far too large")
        with np.load(path, allow_pickle=False) as content:
            return Challenge(str(content["track"]), content["images"])
    # What a damaged file raises is anything: BadZipFile, KeyError, ValueError, OSError…
    except Exception as error:
        raise PredictionError(
            f"path should be {what}; {path} cannot be read as one "
            f"({type(error).__name__}: {error}). Get it anew."
        ) from None


def _check_track(track):
    """Refuse what is no track."""
    if track not in TRACKS:
        raise ValueError(
            f"There are the tracks {' and '.join(TRACKS)}; got {track!r}. Choose one of them."
        )


def checked_path(path):
    """A path, or an error that says what one is."""
    if not isinstance(path, str | PathLike):
        raise TypeError(f"path should be a path such as 'predictions.csv'; got {path!r}.")
    return Path(path).expanduser()


def _in_fixed_order(split):
    """The same images and labels, sorted by their bytes."""
    keys = [
        (image.tobytes(), label)
        for image, label in zip(split.images, split.labels.tolist(), strict=True)
    ]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return Split(split.images[order], split.labels[order])
