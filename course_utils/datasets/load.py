"""``load``: ask one source after the other until one has the images."""

import math
import time
from numbers import Real
from os import PathLike
from pathlib import Path

import numpy as np

from course_utils import arguments, session
from course_utils.datasets import download
from course_utils.datasets.catalogue import CATALOGUE
from course_utils.datasets.image_data import ImageData, Split, checksum
from course_utils.datasets.sources import SourceError, files, tfds
from course_utils.datasets.sources.shipped import shipped
from course_utils.datasets.splits import stratified_choice

MOVED_AT_ONCE = 4096  # images: 13 MB of CIFAR-10
SOURCES = ("tfds", "keras", "mirrors", "embedded")


def load(name, *, folder=None, source=None, train=None, validation=0.0, seed=0):
    """Load a data set, from whichever source has it, and print which one that was.

    Without ``folder`` and ``source``, the full profile asks one source after the other: what
    TensorFlow Datasets prepared before (in ``TFDS_DATA_DIR`` or its usual folder), Keras' cache,
    a download by TensorFlow Datasets, Keras' hosts, other public mirrors, and at last what ships
    with the course. The fast profile uses what ships at once. Nothing that fails a check is used,
    and a host that is silent or too slow is left after seconds.

    Parameters
    ----------
    name : {"mnist", "fashion_mnist", "cifar10", "emoji10"}
        For ``"cifar10"`` it is Emoji-10 that ships: drawings under the same class names.
    folder : str or Path, optional
        A folder of yours that holds the data as Keras keeps it (``mnist.npz``, …) or as TensorFlow
        Datasets prepares it (``mnist/3.0.1/…``). Nothing else is asked.
    source : {"tfds", "keras", "mirrors", "embedded"}, optional
        Ask this source only: its cache first, then its hosts.
    train : int, optional
        How many images to take from the training split before any are held out; all if there are
        fewer. Every class keeps its share. Emoji-10 is drawn in any number.
    validation : float
        Share of the training images to hold out for validation, 0 up to but without 1. Every class
        gives the same share, and which images are held out does not depend on their order.
    seed : int
        Another seed, 0 to 2**32 - 1, takes and holds out other images, and draws another Emoji-10.

    Returns
    -------
    ImageData

    Raises
    ------
    TypeError
        If ``name`` or ``source`` is not a string, ``folder`` not a path, ``validation`` not a
        number, or ``train`` or ``seed`` not a whole number.
    ValueError
        If there is no data set or source of that name, ``train``, ``validation`` or ``seed`` is
        out of range, or both ``folder`` and ``source`` are given.
    course_utils.datasets.sources.SourceError
        If the folder or the source that was asked for cannot give the images; says why.
    """
    data_set = _known(name)
    _check_choices(data_set, folder, source, train, validation, seed)
    if folder is not None:
        answer = _from_folder(data_set, Path(folder).expanduser())
    else:
        answer = _first_that_answers(data_set, source, train, seed)
    taken = _take(answer.train, train, seed)
    taken, held_out = _hold_out(taken, validation, seed)
    data = ImageData(
        answer.name,
        data_set.class_names,
        taken,
        held_out,
        answer.test,
        answer.source,
        answer.version,
    )
    print(data)
    return data


def _known(name):
    """The catalogue's entry of that name, or an error that lists the names."""
    if not isinstance(name, str):
        raise TypeError(f"name should be a string such as 'mnist'; got {name!r}.")
    if name not in CATALOGUE:
        raise ValueError(f"name should be one of {', '.join(CATALOGUE)}; got {name!r}.")
    return CATALOGUE[name]


def _check_choices(data_set, folder, source, train, validation, seed):
    """Refuse arguments of ``load`` that make no sense."""
    if folder is not None and not isinstance(folder, str | PathLike):
        raise TypeError(f"folder should be a path such as 'data'; got {folder!r}.")
    if folder is not None and source is not None:
        raise ValueError("Give either folder or source, not both: a folder is a source.")
    if not (source is None or isinstance(source, str)):
        raise TypeError(f"source should be a string such as 'tfds'; got {source!r}.")
    if source is not None and source not in SOURCES:
        raise ValueError(f"source should be one of {', '.join(SOURCES)}; got {source!r}.")
    if not data_set.editions and (folder is not None or source not in (None, "embedded")):
        raise ValueError(
            f"{data_set.title} is drawn by the course itself; give neither folder nor source."
        )
    if train is not None:
        arguments.positive_integer(train, "train")
    if isinstance(validation, bool) or not isinstance(validation, Real):
        raise TypeError(f"validation should be a share such as 0.1; got {validation!r}.")
    if not (math.isfinite(validation) and 0 <= validation < 1):
        raise ValueError(
            f"validation should be a share from 0 up to, but without, 1; got {validation}."
        )
    arguments.random_seed(seed)


def _from_folder(data_set, folder):
    """What a folder of the user's holds; says so if those are not the published images."""
    try:
        if not folder.is_dir():
            what = "is a file; give its folder" if folder.exists() else "does not exist"
            raise SourceError(f"folder should be the folder that holds the data; {folder} {what}.")
        answer = files.in_folder(data_set, folder)
        if answer is None and tfds.is_prepared(data_set, folder):
            answer = tfds.prepared(data_set, folder)
    except OSError as error:
        raise SourceError(f"{folder} cannot be read: {error.strerror or error}.") from error
    if answer is None:
        names = dict.fromkeys(
            ", ".join(Path(file.addresses[0]).name for file in edition.files)
            for edition in data_set.editions
        )
        raise SourceError(
            f"{folder} should hold {data_set.name}.npz in Keras' format, the published files "
            f"({'; or '.join(names)}), or a folder {data_set.name} prepared by TensorFlow "
            "Datasets; it holds none of them. "
            f"To put the files there: course data fetch {data_set.name} --folder {folder}"
        )
    if data_set.checksum not in (None, checksum(answer.train, answer.test)):
        return answer._replace(source=f"{answer.source} (not the published images)")
    return answer


def _first_that_answers(data_set, source, train, seed):
    """What the first source that has the images gives; what ships if none has, with a notice."""
    at_once = source == "embedded" or (source is None and session.profile() == "fast")
    if at_once or not data_set.editions:
        return shipped(data_set, train, seed)
    problems = []
    try:
        for told, ask in _attempts(data_set, source):
            try:
                return ask()
            except (SourceError, OSError) as error:
                problems.append(f"  - {told}: {error}")
    finally:
        files.sweep(data_set)
        tfds.sweep(data_set)
    tried = "\n".join(problems)
    if source is not None:
        raise SourceError(
            f"{data_set.title} could not be had from the source {source!r}, which was insisted "
            "on. Connect to the network, give a folder of yours, or leave source out. Asked "
            f"were:\n{tried}"
        )
    answer = shipped(data_set, train, seed)
    print(
        f"Note: you work with {answer.source}, because the full {data_set.title} could not be had. "
        f"Accuracies in the text belong to the full {data_set.title}; yours will differ. Run this "
        f"cell again once the network is back. Asked were:\n{tried}"
    )
    return answer


def _attempts(data_set, source):
    """The sources to ask, in their order: what to call each, and the function that asks it."""
    if source in (None, "tfds"):
        yield "TensorFlow Datasets' folder", lambda: tfds.published(data_set, tfds.data_dir())
    if source in (None, "keras", "mirrors"):
        yield "Keras' cache", lambda: files.cached(data_set)
    # From here on the network is needed, so first of all it is found out who can be reached.
    patience = download.Patience(time.monotonic() + download.NETWORK_SECONDS)
    silent = download.unreachable([tfds.HOST, *data_set.addresses])
    if source in (None, "tfds"):
        yield (
            "a download by TensorFlow Datasets",
            lambda: tfds.downloaded(data_set, silent, patience),
        )
    published_by = {edition.source for edition in data_set.editions}
    for host, told in (("keras", "Keras' hosts"), ("mirrors", "mirrors")):
        if source in (None, host) and host in published_by:
            yield told, lambda host=host: files.downloaded(data_set, host, silent, patience)


def _take(split, count, seed):
    """As many images of a split as were asked for, every class with its share."""
    if count is None or count >= len(split):
        return split
    chosen = stratified_choice(split.images, split.labels, count, seed)
    return Split(split.images[chosen], split.labels[chosen])


def _hold_out(train, share, seed):
    """Two splits out of the training split: what is left, and the share that is held out."""
    count = round(share * len(train))
    if not count:  # nothing to choose, so no image need be hashed
        return train, Split(train.images[:0], train.labels[:0])
    if count == len(train):
        raise ValueError(
            f"validation should leave some images to train with; {share} of {count} leaves none."
        )
    chosen = stratified_choice(train.images, train.labels, count, seed)
    images = _parted(train.images, chosen)
    labels = np.concatenate([train.labels[~chosen], train.labels[chosen]])
    return Split(images[:-count], labels[:-count]), Split(images[-count:], labels[-count:])


def _parted(images, chosen):
    """The same images in the same order, but the chosen ones last; within their own memory."""
    own = images.base
    if own.shape != images.shape or not own.flags.writeable:  # a view of a file's bytes
        own = images.copy()
    held, others = own[chosen], np.flatnonzero(~chosen)
    # Each image moves towards the front or stays, so none is overwritten before it has moved.
    for start in range(0, len(others), MOVED_AT_ONCE):
        moved = others[start : start + MOVED_AT_ONCE]
        own[start : start + len(moved)] = own[moved]
    own[len(others) :] = held
    return own
