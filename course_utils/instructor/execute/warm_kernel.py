"""Start kernels in half a second: fork them from a process that has imported TensorFlow.

Inside ``with warm_kernels():`` every kernel named ``python3`` that this process, or one it starts,
launches through `jupyter_client` (so nbclient, nbconvert, nbgrader, nbmake) is forked from a warm
server. Where that cannot be done, the kernel starts as usual and one line in the log says why.
"""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from importlib.metadata import EntryPoint
from pathlib import Path

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets import Unicode

from course_utils.instructor.environment import environment
from course_utils.instructor.execute import sandbox, surroundings

# A kernel imports ipykernel's debugger whenever it starts.
KERNEL_MODULES = (
    *("ipykernel.kernelapp", "ipykernel.debugger", "tornado.platform.asyncio"),
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.extensions.storemagic"),
)
LESSON_MODULES = (
    *KERNEL_MODULES,
    *("numpy", "pandas", "matplotlib.pyplot", "sklearn.neighbors", "tensorflow", "keras"),
    *(
        f"course_utils.{name}"
        for name in ("checks", "datasets", "figures", "predictions", "session")
    ),
)
PROVISIONER = "warm-kernel"
SOCKETS = "socket"  # what the names of a confined kernel's sockets begin with
SERVER = Path(__file__).with_name("warm_server.py")
PATIENCE = 120  # seconds for the server to import its modules and to fork

log = logging.getLogger(__name__)


@contextmanager
def warm_kernels(modules=LESSON_MODULES):
    """Have kernels forked from a process that has imported these modules already.

    The server is started at once, but imports the modules only when the first kernel is asked for.
    It and its kernels end with the block, and also when this process dies. Blocks can be nested,
    and different processes can be in one at the same time; each has its own server.

    Parameters
    ----------
    modules : sequence of str
        Modules to import, in this order. Importing them must not start threads or TensorFlow's
        runtime. A module that cannot be imported makes every kernel start cold.

    Yields
    ------
    subprocess.Popen or None
        The server; None if there is none (not on Linux, for instance) and kernels start cold.

    Notes
    -----
    What a kernel finds different from a cold one: the modules are imported already, as they come,
    whatever files in the home folder configure them (``~/.keras/keras.json``, ``matplotlibrc``);
    resource limits are those of the process that entered the block; all kernels order the
    elements of a ``set`` of strings alike. A kernel that is to have another Python, or other
    values of the variables that Python and TensorFlow read when they start, starts cold.
    """
    with tempfile.TemporaryDirectory(prefix="warm-kernels-") as folder:
        address = Path(folder, "socket")
        server = _start_server(address, modules)
        if server:
            _write_kernelspec(Path(folder, "kernels", "python3"), address)
        path = os.pathsep.join(filter(None, [folder, os.environ.get("JUPYTER_PATH")]))
        try:
            with environment({"JUPYTER_PATH": path}):
                yield server
        finally:
            if server:
                _stop_server(server)


class WarmKernelProvisioner(LocalProvisioner):
    """A provisioner whose kernels are forked from the warm server, or else start as usual.

    jupyter_client finds it by the name ``warm-kernel`` in the kernelspec of `warm_kernels`. What
    happens to a kernel after its launch (poll, signals, restart, shutdown) is `LocalProvisioner`'s
    business: a forked kernel offers what that needs of `subprocess.Popen`.
    """

    address = Unicode(help="Path of the warm server's socket.")
    descriptors = ()  # of a confined kernel: the folder with its sockets, and itself

    async def launch_kernel(self, cmd, *, policy=None, **kwargs):
        """Start a kernel, forked if possible; returns its connection information.

        With a ``policy`` (see `sandbox.policy`) it is confined, whether forked or cold, or else
        OSError says why it cannot be.
        """
        options = self._scrub_kwargs(kwargs)
        if policy:
            cmd = [
                *(sandbox.CONNECTION_FILE if a == self.parent.connection_file else a for a in cmd),
                "--IPKernelApp.parent_handle=1",  # its parent is the sandbox's first process
            ]
            options["policy"] = policy | {"files": self._files()}
        try:
            self.process = await asyncio.to_thread(_fork_kernel, self.address, cmd, **options)
        except OSError as reason:
            self.log.warning("A kernel starts cold: %s", reason)
            if not policy:
                return await super().launch_kernel(cmd, **kwargs)
            self.process = await asyncio.to_thread(_launch_confined, cmd, **options)
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs.get("cwd", Path.cwd())
        if policy:
            self.descriptors = self.process.descriptors
            self.connection_info["ip"] = f"/proc/self/fd/{self.descriptors[0]}/{SOCKETS}"
        return self.connection_info

    async def send_signal(self, signum):
        """Send a signal to the kernel: an interrupt to the confined process itself."""
        if signum == signal.SIGINT and self.descriptors:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.descriptors[1], signum)
        else:
            await super().send_signal(signum)

    async def cleanup(self, restart=False):
        """Let go of what a confined kernel has given us."""
        await super().cleanup(restart=restart)
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors = ()

    def _files(self):
        """A confined kernel's connection file: its sockets lie elsewhere for it than for us."""
        inside = self.connection_info | {
            "ip": f"{sandbox.KERNEL_FOLDER}/{SOCKETS}",
            "key": self.connection_info["key"].decode(),
        }
        return {Path(sandbox.CONNECTION_FILE).name: json.dumps(inside)}


class _ForkedKernel:
    """The part of `subprocess.Popen` that `LocalProvisioner` needs, for the server's child."""

    stdin = stdout = stderr = None

    def __init__(self, connection, pid, descriptors):
        self.pid = pid
        self.descriptors = descriptors
        self.returncode = None
        self._connection = connection

    def poll(self):
        """Return the exit code, negative for a signal; None while the kernel is running."""
        return self._receive(socket.MSG_DONTWAIT)

    def wait(self):
        """Wait for the kernel to end and return its exit code."""
        return self._receive(0)

    def send_signal(self, signum):
        """Send a signal to the kernel if it is still running."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def terminate(self):
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self):
        """End the kernel."""
        self.send_signal(signal.SIGKILL)

    def _receive(self, flags):
        """Read the server's last message, if there is one."""
        if self.returncode is None:
            try:
                message = self._connection.recv(1024, flags)
            except BlockingIOError:
                return None
            except ConnectionError:
                message = b""
            # Without a message the server has died, and the kernel with it.
            self.returncode = json.loads(message)["returncode"] if message else -signal.SIGKILL
        return self.returncode

    def __del__(self):
        self._connection.close()  # tells the server that the kernel's number is free again


def _fork_kernel(
    address,
    command,
    *,
    env,
    cwd=None,
    policy=None,
    stdin=None,
    stdout=None,
    stderr=None,
    **others,
):
    """Ask the server for a kernel; returns a _ForkedKernel, raises OSError if it has none."""
    unknown = sorted(name for name, value in others.items() if value)  # independent=False is fine
    if unknown:
        raise OSError(f"only a cold one can be had with {', '.join(unknown)}")
    request = {"command": command, "cwd": str(cwd or Path.cwd()), "env": env, "policy": policy}
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        connection.settimeout(PATIENCE)
        connection.connect(address)
        with Path(os.devnull).open("r+b", buffering=0) as nothing:
            stdio = [
                default if stream is None else nothing if stream == subprocess.DEVNULL else stream
                for stream, default in ((stdin, nothing), (stdout, 1), (stderr, 2))
            ]
            descriptors = [s if isinstance(s, int) else s.fileno() for s in stdio]
            socket.send_fds(connection, [json.dumps(request).encode()], descriptors)
        pid, descriptors = _answer(connection)
        connection.settimeout(None)
    except OSError:
        connection.close()
        raise
    return _ForkedKernel(connection, pid, descriptors)


def _launch_confined(command, *, env, policy, **others):
    """Start a confined kernel cold; OSError if that cannot be done."""
    connection, process = sandbox.launch(policy, command, env=env)
    with connection:
        connection.settimeout(PATIENCE)
        try:
            _, process.descriptors = _answer(connection)
        except OSError:
            process.kill()
            process.wait()
            raise
    return process


def _answer(connection):
    """A new kernel's process and, if it is confined, what `sandbox.confine` gives with it."""
    packet, descriptors, _, _ = socket.recv_fds(connection, 65536, 2)
    answer = json.loads(packet or "{}")
    if "pid" not in answer:
        raise OSError(answer.get("refused", "no kernel could be forked"))
    return answer["pid"], descriptors


def _start_server(address, modules):
    """Start the server on a socket only this user can reach; None if it cannot be started."""
    try:
        if sys.platform != "linux":
            raise OSError("it runs on Linux only")
        # Bound here, so that a kernel can be asked for before the server has come up.
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(str(address))
            address.chmod(0o600)
            listener.listen()
            descriptor = listener.fileno()
            return subprocess.Popen(
                [sys.executable, SERVER, str(descriptor), str(os.getpid()), *modules],
                pass_fds=[descriptor],
                env=surroundings.kept(),  # a student's code can read it
                stdin=subprocess.PIPE,  # closed when this process ends, however it ends
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for this process alone
            )
    except OSError as reason:
        log.warning("Kernels start cold, for want of a warm server: %s", reason)
        return None


def _stop_server(server):
    """Let the server kill its kernels and end."""
    with suppress(subprocess.TimeoutExpired):
        server.communicate(timeout=5)  # closes its standard input
    server.kill()  # in case it is still importing, or our own forks hold that open
    server.wait()


def _write_kernelspec(folder, address):
    """Write a kernelspec whose kernels the warm server at this address provides."""
    # jupyter_client may not see our entry point, in a tree that is not installed for instance.
    value = f"{__name__}:{WarmKernelProvisioner.__name__}"
    entry = EntryPoint(PROVISIONER, value, KernelProvisionerFactory.GROUP_NAME)
    KernelProvisionerFactory.provisioners.setdefault(PROVISIONER, entry)
    spec = get_kernel_dict()
    spec["argv"] = ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    provisioner = {"provisioner_name": PROVISIONER, "config": {"address": str(address)}}
    spec["metadata"]["kernel_provisioner"] = provisioner
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
