"""Import TensorFlow without its start-up messages, in this one place for the whole course."""

import importlib
import logging
import os
import sys
import tempfile
import threading
from contextlib import contextmanager

from course_utils import devices

# Two threads that each put the descriptor back would leave it on a file that is gone.
_one_at_a_time = threading.RLock()


def import_tensorflow():
    """Import TensorFlow, silently when that works and with all its messages when it fails.

    The first operation is run as well, because TensorFlow reports on the processor only then.

    Returns
    -------
    module
        ``tensorflow``.

    Raises
    ------
    ImportError
        If TensorFlow is not installed, with the command that installs it.
    """
    if "tensorflow" in sys.modules:
        return sys.modules["tensorflow"]
    # Read by TensorFlow's C++ side while it is being imported; 3 leaves only fatal errors.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with quiet_stderr():
        try:
            tensorflow = importlib.import_module("tensorflow")
        except ModuleNotFoundError as error:
            if error.name != "tensorflow":
                raise
            raise ImportError(
                "TensorFlow is not installed for this Python. Install the course's requirements "
                "with: pip install -r requirements/student.txt"
            ) from error
        devices.let_memory_grow(tensorflow)  # which is not possible any more after the next line
        tensorflow.constant(0) + tensorflow.constant(0)
    return tensorflow


@contextmanager
def quiet_stderr():
    """Hold back what is written to file descriptor 2, and write it after all if the body fails.

    TensorFlow's C++ messages bypass ``sys.stderr``, so the descriptor itself is redirected. What
    its Python side and TensorFlow Datasets log through absl is dropped, tracebacks included: what
    matters of it is raised as well, or noticed by the caller.
    """
    log = logging.getLogger("absl")
    with _one_at_a_time, _log_level(log, logging.CRITICAL), _held_back_descriptor():
        yield


@contextmanager
def _log_level(log, level):
    """Set a logger's level for a while."""
    before = log.level
    log.setLevel(level)
    try:
        yield
    finally:
        log.setLevel(before)


@contextmanager
def _held_back_descriptor():
    """Collect what is written to file descriptor 2; write it out only if the body raises."""
    try:
        sys.stderr.flush()
        terminal = os.dup(2)
    except (AttributeError, OSError):  # a process started without a standard error
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(terminal, 2)
            held.seek(0)
            os.write(2, held.read())
            raise
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
