"""``load``: ask one source after the other until one has the images."""

import math
from os import PathLike
from pathlib import Path

from course_utils import arguments, session
from course_utils.datasets import sources
from course_utils.datasets.catalogue import CATALOGUE
from course_utils.datasets.image_data import ImageData, Split
from course_utils.datasets.splits import stratified_choice

SOURCES = ("tfds", "embedded")


def load(name, *, folder=None, source=None, validation=0.0, seed=0):
    """Load a data set, from whichever source has it, and print which one that was.

    Without ``folder`` and ``source``, the full profile asks ``tfds.load`` and then falls back on
    the 6,000 images that ship with the course; the fast profile uses those at once.

    Parameters
    ----------
    name : str
        ``"mnist"``.
    folder : str or Path, optional
        A folder of yours that holds ``mnist.npz`` as Keras stores it, or the data that TensorFlow
        Datasets prepared (``mnist/3.0.1/…``). Nothing else is asked.
    source : {"tfds", "embedded"}, optional
        Ask this source only.
    validation : float
        Share of the training images to hold out for validation, 0 up to but without 1. Every class
        gives the same share, and which images are held out does not depend on their order.
    seed : int
        Another seed, 0 to 2**32 - 1, holds out other images.

    Returns
    -------
    ImageData

    Raises
    ------
    TypeError
        If ``name`` or ``source`` is not a string, ``folder`` not a path, ``validation`` not a
        number or ``seed`` not a whole number.
    ValueError
        If there is no data set or source of that name, ``validation`` or ``seed`` is out of
        range, or both ``folder`` and ``source`` are given.
    course_utils.datasets.sources.SourceError
        If the folder or the source that was asked for cannot give the images; says why.
    """
    data_set = _known(name)
    _check_choices(folder, source, validation, seed)
    if folder is not None:
        train, test, told = sources.from_folder(data_set, Path(folder))
    elif source == "tfds":
        train, test, told = sources.from_tfds(data_set)
    elif source == "embedded" or session.profile() == "fast":
        train, test, told = sources.embedded(data_set)
    else:
        train, test, told = _first_that_answers(data_set)
    train, held_out = _hold_out(train, validation, seed)
    data = ImageData(name, data_set.class_names, train, held_out, test, told)
    print(data)
    return data


def _known(name):
    """The catalogue's entry of that name, or an error that lists the names."""
    if not isinstance(name, str):
        raise TypeError(f"name should be a string such as 'mnist'; got {name!r}.")
    if name not in CATALOGUE:
        raise ValueError(f"name should be one of {', '.join(CATALOGUE)}; got {name!r}.")
    return CATALOGUE[name]


def _check_choices(folder, source, validation, seed):
    """Refuse arguments of ``load`` that make no sense."""
    if folder is not None and not isinstance(folder, str | PathLike):
        raise TypeError(f"folder should be a path such as 'data'; got {folder!r}.")
    if folder is not None and source is not None:
        raise ValueError("Give either folder or source, not both: a folder is a source.")
    if not (source is None or isinstance(source, str)):
        raise TypeError(f"source should be a string such as 'tfds'; got {source!r}.")
    if source is not None and source not in SOURCES:
        raise ValueError(f"source should be one of {', '.join(SOURCES)}; got {source!r}.")
    if isinstance(validation, bool) or not isinstance(validation, int | float):
        raise TypeError(f"validation should be a share such as 0.1; got {validation!r}.")
    if not (math.isfinite(validation) and 0 <= validation < 1):
        raise ValueError(
            f"validation should be a share from 0 up to, but without, 1; got {validation}."
        )
    arguments.random_seed(seed)


def _first_that_answers(data_set):
    """What TensorFlow Datasets has, or else, with a notice, what ships with the course."""
    try:
        return sources.from_tfds(data_set)
    except sources.SourceError as error:
        print(
            f"Note: {error}\nThe small embedded data is used instead; accuracies in the text "
            "belong to the full data set, and yours will be lower."
        )
        return sources.embedded(data_set)


def _hold_out(train, share, seed):
    """Two splits out of the training split: what is left, and the share that is held out."""
    count = round(share * len(train))
    if not count:  # nothing to choose, so no image need be hashed
        return train, Split(train.images[:0], train.labels[:0])
    chosen = stratified_choice(train.images, train.labels, count, seed)
    return (
        Split(train.images[~chosen], train.labels[~chosen]),
        Split(train.images[chosen], train.labels[chosen]),
    )
