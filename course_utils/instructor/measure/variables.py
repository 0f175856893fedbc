"""The plain values of a lesson's variables, kept when it has run, for expressions to ask."""

import os
import pickle
import platform
import resource
import sys
from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np

from course_utils import devices
from course_utils.instructor.whole_file import write_whole

LARGEST = 200_000
"""Bytes of an array; images and feature maps are larger."""
MOST = 2000
"""Members of a list or mapping."""
PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic)


class NotPlain(Exception):
    """A value that is not kept."""


def plain(value, depth=8):
    """Make a value one of plain Python and NumPy.

    Parameters
    ----------
    value : object
        Numbers, texts, arrays, and lists, tuples, sets and mappings of them; a Keras ``History``
        becomes a namespace with ``history`` and ``epoch``.
    depth : int
        How deep containers may lie in each other.

    Returns
    -------
    object

    Raises
    ------
    NotPlain
        If it is anything else, or too large.
    """
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, np.ndarray) and value.dtype != object and value.nbytes <= LARGEST:
        return value
    if type(value).__name__ == "History" and hasattr(value, "epoch"):
        return SimpleNamespace(history=plain(value.history), epoch=list(value.epoch))
    if not isinstance(value, list | tuple | set | Mapping) or len(value) > MOST or depth == 0:
        raise NotPlain
    if isinstance(value, Mapping):
        return {plain(key, depth - 1): plain(part, depth - 1) for key, part in value.items()}
    made = [plain(part, depth - 1) for part in value]
    return made if isinstance(value, list) else set(made) if isinstance(value, set) else tuple(made)


def plain_variables(namespace):
    """Give those variables of a lesson that are plain, by name."""
    found = {}
    for name, value in namespace.items():
        if not name.startswith("_"):
            try:
                found[name] = plain(value)
            except NotPlain:
                continue
    return found


def known(namespace):
    """Tell what a lesson's kernel knows of a run, at its end.

    Parameters
    ----------
    namespace : dict
        The lesson's variables.

    Returns
    -------
    dict
        ``variables``, ``processor_seconds``, ``device``, ``versions``, and ``data``: by its name,
        from where each data set came.
    """
    from course_utils.datasets.image_data import ImageData

    usage = resource.getrusage(resource.RUSAGE_SELF)
    sets = [value for value in namespace.values() if isinstance(value, ImageData)]
    tensorflow = sys.modules.get("tensorflow")
    graphics = tensorflow and devices.find_graphics(tensorflow)
    loaded = [it for it in ("tensorflow", "keras") if it in sys.modules]
    versions = [f"{name} {sys.modules[name].__version__}" for name in loaded]
    return {
        "variables": plain_variables(namespace),
        "processor_seconds": usage.ru_utime + usage.ru_stime,
        "device": f"{devices.describe(graphics, os.cpu_count())}, {platform.machine()}",
        "versions": ", ".join([f"Python {platform.python_version()}", *versions]),
        "data": {it.name: f"{it.source}, {it.version}" for it in sets},
    }


def write(path, outcome):
    """Write what is known of a run, as a whole or not at all.

    Parameters
    ----------
    path : Path
    outcome : dict
    """
    write_whole(path, pickle.dumps(outcome))


def read(path):
    """Read what `write` has written. The file has to be this machine's own.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict
    """
    return pickle.loads(path.read_bytes())
