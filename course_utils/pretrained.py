"""Networks of keras.applications with their weights, where these can be had; never for long."""

import socket
import threading
from _thread import interrupt_main
from contextlib import contextmanager

from course_utils import session
from course_utils.datasets import download
from course_utils.datasets.sources.files import cache_folders

HOST = "https://storage.googleapis.com/tensorflow/keras-applications/"
"""Where Keras has its weights."""
SILENT_SECONDS = 15
"""How long the host may be silent."""
PATIENCE_SECONDS = 150
"""How long the whole download may take."""


def load(build, file, *, megabytes):
    """Build a pretrained network, and say in a line what was done; None if it cannot be had.

    Keras looks for the weights in its cache and downloads them otherwise. Here the size is said
    before that happens. Nothing is downloaded in the fast profile, a host that is silent or slow
    is left, and a file that cannot be used is removed, so that the next attempt begins anew.

    Parameters
    ----------
    build : callable
        Without arguments; returns a network with weights, such as
        ``lambda: keras.applications.MobileNetV2(weights="imagenet")``.
    file : str
        Under this name Keras keeps the weights, in the folder ``models`` of its cache.
    megabytes : int or float
        What a download comes to, for people.

    Returns
    -------
    keras.Model or None

    Raises
    ------
    TypeError
        If ``build`` cannot be called or ``file`` is no string.
    """
    if not callable(build):
        raise TypeError(
            f"build should be a function without arguments; got {type(build).__name__}. "
            "Put def or lambda: in front of what builds the network."
        )
    if not isinstance(file, str):
        raise TypeError(f"file should be a string; got {file!r}. Give the name in Keras' cache.")
    path = cache_folders()[0].with_name("models") / file
    here = path.is_file()
    if not here and (reason := _why_not()):
        print(f"{file}, {megabytes} MB, is not on this computer. {reason}")
        return None
    print(f"From Keras' cache: {path}" if here else f"Downloading {file}, {megabytes} MB, once.")
    try:
        with _patience():
            return build()
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        path.unlink(missing_ok=True)
    print(f"It could not be used, and was removed ({reason[:200]}). Run this cell again.")
    return None


def _why_not():
    """Why nothing can be downloaded, and what to do; an empty text if it can."""
    if session.profile() == "fast":
        return "The fast profile downloads nothing; unset COURSE_PROFILE to have it."
    silent = download.unreachable([HOST])
    if silent:
        return f"{download.in_words(silent)}. Run this cell again once the network is back."
    return ""


@contextmanager
def _patience():
    """Leave a host that is silent or too slow: raises TimeoutError within."""
    late, before = threading.Event(), socket.getdefaulttimeout()

    def stop():
        late.set()
        interrupt_main()

    timer = threading.Timer(PATIENCE_SECONDS, stop)
    timer.daemon = True
    socket.setdefaulttimeout(SILENT_SECONDS)
    timer.start()
    try:
        yield
    except KeyboardInterrupt:
        if late.is_set():
            raise TimeoutError(f"not done within {PATIENCE_SECONDS} seconds") from None
        raise
    finally:
        timer.cancel()
        socket.setdefaulttimeout(before)
