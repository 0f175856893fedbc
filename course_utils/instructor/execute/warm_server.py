"""A process that imports the heavy modules once and forks kernels from itself.

``warm_kernels`` (in ``warm_kernel.py``) runs this file as a script, and nothing imports it. It only
knows the standard library until the first kernel is asked for; then it imports the modules named
on its command line. Over its Unix socket every kernel has a connection of its own, a message is
one packet of JSON:

1. from the client, ``{"command": [...], "cwd": "...", "env": {...}}`` together with three file
   descriptors: the kernel's standard input, output and error; also, if the kernel is to be
   confined, ``"policy": {...}`` as `sandbox.confine` takes it;
2. to the client, ``{"pid": 123}``, or ``{"refused": "why"}``, which ends the connection; for a
   confined kernel together with what `sandbox.confine` gives;
3. to the client, when the kernel has ended, ``{"returncode": -9}`` (counted as `subprocess` does).

When the client closes the connection, what is left of the kernel is killed. When the process that
started the server closes its standard input or dies, the server kills all its kernels and ends.

Forking is safe here because importing TensorFlow starts no thread of Python's and no runtime of
TensorFlow's. The threads there are after the import belong to OpenBLAS (NumPy's and SciPy's) and
to pyarrow's jemalloc, which stop or restart their own around a fork.
"""

import ctypes
import functools
import gc
import importlib
import io
import json
import os
import re
import runpy
import selectors
import shutil
import signal
import socket
import sys
from contextlib import contextmanager, redirect_stderr, suppress
from pathlib import Path
from typing import NamedTuple

LARGEST_REQUEST = 2**20
# Read once, while Python or a module starts: a kernel that needs another value has to start cold.
READ_AT_START = re.compile(
    r"PYTHON(PATH|HOME|UTF8|HASHSEED|OPTIMIZE|WARNINGS)|LANG|LANGUAGE|LC_[A-Z]+"
    r"|LD_(LIBRARY_PATH|PRELOAD)|KERAS_BACKEND|TF_(ENABLE|DISABLE|USE|XLA)_\w+"
    r"|(OMP|OPENBLAS|MKL)_NUM_THREADS"
)
INLINE_BACKEND = "module://matplotlib_inline.backend_inline"
PR_SET_PDEATHSIG = 1
SANDBOX = Path(__file__).with_name("sandbox.py")


class CurrentStderr:
    """Whatever ``sys.stderr`` is when it is written to.

    Log handlers made during the import take this for the standard error; so in a kernel they write
    where its own handlers would.
    """

    def __getattr__(self, name):
        """Look it up there."""
        return getattr(sys.__stderr__ if sys.stderr is self else sys.stderr, name)

    def close(self):
        """Stay open; absl's log handler closes any stream it does not know."""


class Kernel(NamedTuple):
    """A forked kernel: where its client listens, and a pidfd, readable once it has ended."""

    pid: int
    connection: socket.socket
    end: io.FileIO


def main(descriptor, parent, *modules):
    """Serve; in each forked child, be the kernel that was asked for."""
    if Path(sys.path[0]).resolve() == Path(__file__).resolve().parent:
        del sys.path[0]  # the folder of this script, which no kernel should import from
    environment = dict(os.environ)
    # What ipykernel, TensorFlow and matplotlib read from the environment while being imported.
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["MPLBACKEND"] = INLINE_BACKEND
    listener = socket.socket(fileno=int(descriptor))
    lifeline = io.FileIO(os.dup(0))
    command = serve(listener, lifeline, int(parent), environment, modules)
    if command is not None:
        run_as_main(command)
    else:  # a parent that was killed cannot remove its temporary folder
        shutil.rmtree(Path(listener.getsockname()).parent, ignore_errors=True)


def serve(listener, lifeline, parent, environment, modules):
    """Fork a kernel for each request.

    Returns ``None`` when the parent has gone and, in a forked child, the command it is to run.
    """
    selector = selectors.PollSelector()  # epoll would share its state with the children
    for source in listener, lifeline:
        selector.register(source, selectors.EVENT_READ)
    while os.getppid() == parent:  # its forks may keep our lifeline open when it is dead
        # One event at a time, because handling it may close what the next one is about.
        for key, _ in selector.select(timeout=1)[:1]:
            kernel = key.data
            if key.fileobj is listener:
                selector.register(listener.accept()[0], selectors.EVENT_READ)
            elif key.fileobj is lifeline:
                parent = None
            elif kernel is None:
                command = answer(selector, key.fileobj, environment, modules)
                if command is not None:
                    return command
            elif key.fileobj is kernel.end:
                close(selector, kernel.end)
                send(kernel.connection, returncode=returncode(kernel.pid))
            else:
                bury(selector, kernel)
    for kernel in {key.data for key in selector.get_map().values()} - {None}:
        bury(selector, kernel)
    return None


def answer(selector, connection, environment, modules):
    """Fork a kernel or say why not; returns the command in the child, ``None`` in the server."""
    pid, stdio = None, []
    try:
        packet, stdio, _, _ = socket.recv_fds(connection, LARGEST_REQUEST, 3)
        if packet:
            request = json.loads(packet)
            problem = differences(request, environment) or import_all(modules)
            if problem:
                raise OSError(problem)
            pid = os.fork()
    except OSError as error:
        send(connection, refused=str(error))
    if pid == 0:
        return become_kernel(selector, connection, request, environment, stdio)
    if pid is None:
        close(selector, connection)
    else:
        kernel = Kernel(pid, connection, io.FileIO(os.pidfd_open(pid)))
        selector.modify(connection, selectors.EVENT_READ, kernel)
        selector.register(kernel.end, selectors.EVENT_READ, kernel)
    for descriptor in stdio:
        os.close(descriptor)
    return None


def differences(request, environment):
    """Say why a fork would not be like a fresh process; empty if it would."""
    command, wanted = request["command"], request["env"]
    if command[:2] != [sys.executable, "-m"]:
        return f"it should run as {sys.executable} -m ..., not as {command}"
    names = filter(READ_AT_START.fullmatch, wanted.keys() | environment.keys())
    changed = sorted(name for name in names if wanted.get(name) != environment.get(name))
    return changed and f"it needs another value of {', '.join(changed)}"


@functools.cache
def import_all(modules):
    """Import the modules, the first time only; say what went wrong, or nothing."""
    try:
        with redirect_stderr(CurrentStderr()), keras_on_tensorflow():
            for name in modules:
                importlib.import_module(name)
            as_they_come()
    except Exception as error:
        return f"{name} cannot be imported ({type(error).__name__}: {error})"
    gc.freeze()  # keeps the collector of the children away from the memory they share
    return ""


@contextmanager
def keras_on_tensorflow():
    """Have Keras take TensorFlow, as in Colab, whatever a file in somebody's home folder says."""
    chosen = "KERAS_BACKEND" in os.environ
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    yield
    if not chosen:
        del os.environ["KERAS_BACKEND"]


def as_they_come():
    """Undo what files in somebody's home folder have set in the modules."""
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].rcdefaults()
    if "keras" in sys.modules:
        config = sys.modules["keras"].config
        config.set_floatx("float32")
        config.set_epsilon(1e-7)
        config.set_image_data_format("channels_last")


def become_kernel(selector, connection, request, environment, stdio):
    """Turn the forked child into a process like a freshly started one; returns its command."""
    server = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    for standard, descriptor in enumerate(stdio):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    try:
        os.chdir(request["cwd"])
    except OSError as error:
        send(connection, refused=str(error))
        os._exit(1)
    imported = dict(os.environ.items() - environment.items())  # modules set variables, too
    os.environ.clear()
    os.environ.update(imported | request["env"] | {"JPY_PARENT_PID": str(server)})
    if "matplotlib" in sys.modules:
        backend = os.environ.get("MPLBACKEND") or INLINE_BACKEND
        sys.modules["matplotlib"].rcParams["backend"] = backend
    if "numpy" in sys.modules:  # Python's own generator is seeded anew by os.fork
        sys.modules["numpy"].random.seed()
    for key in list(selector.get_map().values()):  # the listener and every kernel's connection
        if key.fileobj is not connection:
            close(selector, key.fileobj)
    if request.get("policy"):
        runpy.run_path(SANDBOX)["confine"](request["policy"], connection)
    else:
        send(connection, pid=os.getpid())
    close(selector, connection)
    return request["command"]


def run_as_main(command):
    """Do what ``python -m module arguments`` does."""
    if not sys.flags.safe_path:
        sys.path.insert(0, str(Path.cwd()))
    sys.argv = command[2:]
    runpy.run_module(command[2], run_name="__main__", alter_sys=True)


def returncode(pid):
    """Tell how a process has ended, and leave it a zombie so that its number stays taken."""
    end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return end.si_status if end.si_code == os.CLD_EXITED else -end.si_status


def bury(selector, kernel):
    """Kill what is left of a kernel and of the processes it started, and forget it."""
    for kill in os.killpg, os.kill:
        with suppress(OSError):
            kill(kernel.pid, signal.SIGKILL)
    os.waitpid(kernel.pid, 0)
    for source in kernel.connection, kernel.end:
        close(selector, source)


def send(connection, **message):
    """Send a message; a client that has gone is noticed elsewhere."""
    with suppress(OSError):
        connection.send(json.dumps(message).encode())


def close(selector, source):
    """Close a source of events, if it is still open."""
    with suppress(KeyError, ValueError):
        selector.unregister(source)
    source.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
