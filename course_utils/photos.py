"""Photos of one's own, from a folder with a folder for each class."""

from os import PathLike
from pathlib import Path

import numpy as np

from course_utils import arguments
from course_utils.datasets.image_data import Split

MOST = 400
"""So many photos of a class are read at most: a lesson, not an archive."""


def load(folder, side):
    """Read photos as square images: the middle of each, turned as the camera was held.

    Parameters
    ----------
    folder : str or Path
        Holds two or more folders of photos, each called like its class.
    side : int
        Height and width of the images, in pixels.

    Returns
    -------
    photos : Split
        uint8 images of shape (n, side, side, 3), and their labels.
    class_names : tuple of str
        The folders' names in alphabetical order; ``class_names[label]`` is the class of a label.

    Raises
    ------
    TypeError
        If ``folder`` is no path or ``side`` no whole number.
    ValueError
        If ``side`` is less than 1, there are not two folders, or one holds no photo that can be
        read. A file that cannot be read is passed over, and a line says so.
    """
    if not isinstance(folder, str | PathLike):
        raise TypeError(f"folder should be a path such as 'photos'; got {folder!r}.")
    side = arguments.positive_integer(side, "side")
    found = sorted(it for it in Path(folder).glob("*/") if not it.name.startswith((".", "_")))
    if len(found) < 2:
        raise ValueError(
            f"{folder} should hold a folder of photos for each of two or more classes; got "
            f"{len(found)}. Make one for each class, and call it like the class."
        )
    images, labels = [], []
    for label, place in enumerate(found):
        read = _images_in(place, side)
        images += read
        labels += [label] * len(read)
    names = tuple(place.name for place in found)
    counts = np.bincount(labels)
    print(", ".join(f"{count} of {name}" for name, count in zip(names, counts, strict=True)))
    return Split(np.stack(images), np.array(labels, np.int64)), names


def _images_in(place, side):
    """The photos of a folder, in the order of their names."""
    files = sorted(it for it in place.iterdir() if it.is_file() and not it.name.startswith("."))
    images, unread = [], []
    for path in files[:MOST]:
        try:
            images.append(_square(path, side))
        except (OSError, ValueError):  # what Pillow raises for what it does not know
            unread.append(path.name)
    if unread:
        print(f"Not read in {place.name}: {', '.join(unread[:3])}{' …' * (len(unread) > 3)}")
    if not images:
        raise ValueError(
            f"{place} should hold photos; got {len(files)} files and none that can be read. "
            "Save them as JPEG or PNG (telephones often write HEIC)."
        )
    return images


def _square(path, side):
    """The middle of a photo, in colour."""
    from PIL import Image, ImageOps

    with Image.open(path) as photo:
        upright = ImageOps.exif_transpose(photo).convert("RGB")
        return np.array(ImageOps.fit(upright, (side, side), Image.Resampling.LANCZOS))
