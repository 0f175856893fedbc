"""What processes started by this one inherit: environment variables, and where they complain."""

import os
import sys
from contextlib import contextmanager


@contextmanager
def environment(variables):
    """Set environment variables for the length of a ``with`` block, then put the former ones back.

    Parameters
    ----------
    variables : dict of str to str
    """
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def errors_to(path):
    """Send what this process and its kernels write to their standard error to a file.

    Parameters
    ----------
    path : Path
        Made anew. Others may append to it at the same time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    sys.stderr.flush()
    terminal = os.dup(2)
    try:
        with path.open("ab") as file:
            os.dup2(file.fileno(), 2)
            yield
    finally:
        sys.stderr.flush()
        os.dup2(terminal, 2)
        os.close(terminal)
