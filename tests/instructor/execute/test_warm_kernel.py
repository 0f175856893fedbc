"""Kernels forked from the warm server behave like cold ones, whatever happens to them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat.v4
import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from course_utils.instructor.execute.warm_kernel import KERNEL_MODULES, PROVISIONER, warm_kernels

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are warm on Linux only")

PATIENCE = 60  # seconds; no test expects to wait that long


@pytest.fixture(scope="module")
def warm():
    """A server that imports nothing heavy."""
    with warm_kernels(KERNEL_MODULES) as server:
        yield server


@pytest.fixture
def manager(warm):
    """The manager of a warm kernel, which is shut down after the test."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env=environment())
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.fixture
def client(manager):
    """A client of that kernel, which is ready for code."""
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=PATIENCE)
    yield client
    client.stop_channels()


def environment():
    """Our own, but such that ipykernel captures output by descriptor, as it does not for pytest."""
    return {name: os.environ[name] for name in os.environ if name != "PYTEST_CURRENT_TEST"}


def execute(*sources, folder=None, **variables):
    """Run cells, going on after errors, in a kernel named python3; returns the cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    NotebookClient(
        notebook,
        timeout=PATIENCE,
        allow_errors=True,
        kernel_name="python3",
        resources={"metadata": {"path": folder}},
    ).execute(env=environment() | variables)
    return notebook.cells


def printed(cell, stream="stdout"):
    """What a cell has written to a stream."""
    return "".join(output.text for output in cell.outputs if output.get("name") == stream)


def errors(cell):
    """Names of the exceptions a cell has shown."""
    return [output.ename for output in cell.outputs if output.output_type == "error"]


def value_of(expression, folder=None):
    """The value, by way of JSON, of an expression in a kernel of its own."""
    cell = execute(f"import json, os, sys\nprint(json.dumps({expression}))", folder=folder)[0]
    return json.loads(printed(cell))


def wait_until(true, what):
    """Wait for something that takes a moment; fail if it never happens."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)


def running(pid):
    """Whether there is such a process, other than as a zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


# Which kernel is started


def test_a_kernel_is_a_child_of_the_server(warm):
    assert value_of("os.getppid()") == warm.pid


def test_our_kernelspec_is_found_first_and_only_inside_the_block(monkeypatch, tmp_path):
    installed = tmp_path / "kernels" / "python3"
    installed.mkdir(parents=True)
    spec = {"argv": ["python"], "display_name": "installed", "language": "python"}
    (installed / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    with warm_kernels([]):
        found = KernelSpecManager().get_kernel_spec("python3")
        listed = KernelSpecManager().get_all_specs()["python3"]["spec"]
    assert found.metadata["kernel_provisioner"]["provisioner_name"] == PROVISIONER
    assert listed == found.to_dict()
    assert os.environ["JUPYTER_PATH"] == str(tmp_path)
    assert KernelSpecManager().get_kernel_spec("python3").display_name == "installed"


def test_the_socket_is_private(warm):
    spec = KernelSpecManager().get_kernel_spec("python3")
    address = Path(spec.metadata["kernel_provisioner"]["config"]["address"])
    assert address.is_socket()
    assert address.stat().st_mode & 0o777 == 0o600
    assert address.parent.stat().st_mode & 0o777 == 0o700


def test_the_server_imports_nothing_before_the_first_kernel():
    with warm_kernels(["numpy"]) as server:
        assert "numpy" not in "".join(m.path for m in psutil.Process(server.pid).memory_maps())
        assert value_of("'numpy' in sys.modules")
        assert "numpy" in "".join(m.path for m in psutil.Process(server.pid).memory_maps())


@pytest.mark.parametrize("variable", ["PYTHONHASHSEED", "TF_ENABLE_ONEDNN_OPTS", "KERAS_BACKEND"])
def test_a_variable_read_at_the_start_has_its_effect(monkeypatch, caplog, warm, variable):
    monkeypatch.setenv(variable, "0")
    assert value_of(f"[os.environ['{variable}'], os.getppid()]") == ["0", os.getpid()]
    assert f"A kernel starts cold: it needs another value of {variable}" in caplog.text


def test_a_module_that_cannot_be_imported_makes_kernels_cold(caplog):
    with warm_kernels(["no_such_module"]):
        assert value_of("os.getppid()") == os.getpid()
    assert "A kernel starts cold: no_such_module cannot be imported" in caplog.text


def test_without_a_server_kernels_are_cold(monkeypatch, caplog, tmp_path):
    monkeypatch.delenv("JUPYTER_PATH", raising=False)
    deep = tmp_path / ("deep" * 30)  # too long a path for a socket
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with warm_kernels([]) as server:
        assert server is None
        assert value_of("os.getppid()") == os.getpid()
    assert "Kernels start cold, for want of a warm server: AF_UNIX path too long" in caplog.text


def test_a_missing_folder_is_reported_as_usual(warm, tmp_path):
    with pytest.raises(FileNotFoundError):
        value_of("os.getppid()", folder=tmp_path / "missing")


def test_popen_options_that_a_fork_cannot_honour_make_a_kernel_cold(caplog, warm):
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(stdout=subprocess.PIPE, independent=True)
    try:
        assert psutil.Process(manager.provisioner.pid).ppid() == os.getpid()
        assert "only a cold one can be had with independent" in caplog.text
    finally:
        manager.shutdown_kernel(now=True)


# What a kernel finds when it starts

PROBE = """
import __main__, asyncio, json, os, signal, sys, threading
print(json.dumps({
    "folder": os.getcwd(),
    "path": sys.path,
    "script": sys.argv[0],
    "main": sorted(name for name in vars(__main__) if name.startswith("__")),
    "leader": [os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid()],
    "signals": [str(signal.getsignal(number)) for number in signal.Signals],
    "blocked": [int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])],
    "environment": {
        name: value for name, value in os.environ.items()
        if name not in ("JPY_PARENT_PID", "JUPYTER_PATH", "TF_CPP_MIN_LOG_LEVEL")
    },
    "streams": [str(type(stream)) for stream in (sys.stdin, sys.stdout, sys.stderr)],
    "input": os.read(0, 1).decode(),
    "loop": str(type(asyncio.get_running_loop())),
    "history": get_ipython().history_manager.hist_file,
    "threads": threading.active_count(),
}))
"""


def test_a_kernel_is_set_up_as_a_cold_one_is(monkeypatch, warm, tmp_path):
    monkeypatch.setenv("COURSE_PROFILE", "as set after the start of the server")
    forked = json.loads(printed(execute(PROBE, folder=tmp_path)[0]))
    monkeypatch.delenv("JUPYTER_PATH")
    cold = json.loads(printed(execute(PROBE, folder=tmp_path)[0]))
    assert forked == cold
    assert forked["environment"]["COURSE_PROFILE"] == "as set after the start of the server"


def test_a_kernel_holds_no_descriptor_of_the_server(client, warm):
    numbers = Path(f"/proc/{warm.pid}/fd").iterdir()
    owned = {str(number.readlink()) for number in numbers if int(number.name) > 2}
    assert len([name for name in owned if name.startswith("socket:")]) >= 2
    opened = execute("!ls -l /proc/$PPID/fd")[0]
    assert "eventpoll" in printed(opened)
    assert not [name for name in owned if name in printed(opened)]


def test_kernels_draw_different_random_numbers():
    draw = "[__import__('random').random(), __import__('numpy').random.rand()]"
    with warm_kernels([*KERNEL_MODULES, "random", "numpy"]):
        first, second = value_of(draw), value_of(draw)
    assert first[0] != second[0]
    assert first[1] != second[1]


# What code in a kernel can do


def test_output_of_every_kind_is_captured(warm):
    cells = execute(
        "print('printed')",
        "import os; os.system('echo from a child'); os.write(2, b'by descriptor\\n');\n"
        "import time; time.sleep(2)  # ipykernel takes a moment to notice",
        "display({'shown': 1})",
        "6 * 7",
        "input('name? ')",
        "1 / 0",
        "import sys; sys.exit(2)",
        "print('still here')",
    )
    assert printed(cells[0]) == "printed\n"
    assert printed(cells[1]) == "from a child\n"
    assert printed(cells[1], "stderr") == "by descriptor\n"
    assert cells[2].outputs[0].output_type == "display_data"
    assert cells[3].outputs[0].data["text/plain"] == "42"
    assert errors(cells[4]) == ["StdinNotImplementedError"]
    assert errors(cells[5]) == ["ZeroDivisionError"]
    assert errors(cells[6]) == ["SystemExit"]
    assert printed(cells[7]) == "still here\n"


@pytest.mark.parametrize("first_line", ["", "%matplotlib inline\n"])
def test_figures_are_shown(first_line):
    plot = first_line + "import matplotlib.pyplot as plt; plt.plot([1, 2]);"
    with warm_kernels([*KERNEL_MODULES, "matplotlib.pyplot"]) as server:
        cells = execute("import os; print(os.getppid())", plot)
    assert printed(cells[0]) == f"{server.pid}\n"
    assert [sorted(output.data) for output in cells[1].outputs] == [["image/png", "text/plain"]]


def test_an_asked_for_matplotlib_backend_is_used(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "svg")
    with warm_kernels(["matplotlib.pyplot"]) as server:
        backend = "__import__('matplotlib').get_backend()"
        assert value_of(f"[{backend}, os.getppid()]") == ["svg", server.pid]


def test_log_messages_of_imported_modules_reach_the_notebook(monkeypatch, tmp_path):
    (tmp_path / "chatty.py").write_text(
        "import logging\nlog = logging.getLogger('chatty')\nlog.addHandler(logging.StreamHandler())"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    report = "import chatty, os; chatty.log.error('parent %s', os.getppid())"
    with warm_kernels([*KERNEL_MODULES, "chatty"]) as server:
        cell = execute(report, PYTEST_CURRENT_TEST="so descriptors are not captured")[0]
    assert printed(cell, "stderr") == f"parent {server.pid}\n"


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_multiprocessing_works(warm, method):
    pool = f"__import__('multiprocessing').get_context('{method}').Pool(2)"
    assert value_of(f"{pool}.map(abs, [-1, -2])") == [1, 2]


def test_await_works(warm):
    assert printed(execute("import asyncio; print(await asyncio.sleep(0, 'awake'))")[0]) == (
        "awake\n"
    )


def test_kernels_at_the_same_time_do_not_mix(warm):
    cell = "import os, time; time.sleep(0.3); print(os.getppid(), os.getpid(), {})"
    with ThreadPoolExecutor(3) as threads:
        runs = list(threads.map(lambda n: printed(execute(cell.format(n))[0]).split(), range(3)))
    parents, own, numbers = zip(*runs, strict=True)
    assert set(parents) == {str(warm.pid)}
    assert len(set(own)) == 3
    assert numbers == ("0", "1", "2")


# How a kernel ends


def test_interrupt(manager, client):
    message = client.execute("print('started', flush=True)\nimport time; time.sleep(600)")
    while client.get_iopub_msg(timeout=PATIENCE)["msg_type"] != "stream":
        pass
    manager.interrupt_kernel()
    reply = client.get_shell_msg(timeout=PATIENCE)
    assert reply["parent_header"]["msg_id"] == message
    assert reply["content"]["ename"] == "KeyboardInterrupt"


def test_restart(manager, client, warm):
    before = manager.provisioner.pid
    manager.restart_kernel()
    client.wait_for_ready(timeout=PATIENCE)
    assert psutil.Process(manager.provisioner.pid).ppid() == warm.pid
    assert manager.provisioner.pid != before
    assert not running(before)
    assert manager.is_alive()


@pytest.mark.parametrize("now", [False, True])
def test_shutdown_leaves_no_process(manager, client, now):
    text = []
    client.execute_interactive(
        "import subprocess; print(subprocess.Popen(['sleep', '600']).pid)",
        output_hook=lambda message: text.append(message["content"].get("text", "")),
        timeout=PATIENCE,
    )
    kernel, child = manager.provisioner.pid, int("".join(text))
    assert running(kernel)
    assert running(child)
    manager.shutdown_kernel(now=now)
    assert not manager.has_kernel
    wait_until(lambda: not running(child), "the kernel's child ends")
    wait_until(lambda: not psutil.pid_exists(kernel), "the server has reaped the kernel")


@pytest.mark.parametrize(
    ("code", "returncode"),
    [
        ("import os; os._exit(3)", 3),
        ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV),
        ("import os; os.kill(os.getpid(), 9)", -signal.SIGKILL),
    ],
)
def test_a_death_is_noticed(manager, client, code, returncode):
    client.execute(code)
    wait_until(lambda: not manager.is_alive(), "the manager notices")
    assert manager.provisioner.process.poll() == returncode
    with pytest.raises(DeadKernelError):
        execute(code)


def test_kernels_end_with_the_server_and_later_ones_are_cold(caplog):
    with warm_kernels(KERNEL_MODULES) as server:
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel()
        pid = manager.provisioner.pid
        assert psutil.Process(pid).ppid() == server.pid
        server.kill()
        wait_until(lambda: not running(pid), "the kernel ends")
        wait_until(lambda: not manager.is_alive(), "the manager notices")
        manager.shutdown_kernel(now=True)
        assert value_of("os.getppid()") == os.getpid()
        assert "A kernel starts cold: " in caplog.text


def test_whatever_a_kernel_started_ends_with_the_block():
    with warm_kernels(KERNEL_MODULES) as server:
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel()
        cell = execute("import subprocess; print(subprocess.Popen(['sleep', '600']).pid)")[0]
        child = int(printed(cell))
        assert running(manager.provisioner.pid)
    assert server.poll() == 0
    wait_until(lambda: not running(manager.provisioner.pid), "the kernel ends")
    wait_until(lambda: not running(child), "the other kernel's child ends")
    manager.shutdown_kernel(now=True)


def test_nothing_outlives_a_killed_grader():
    script = """
import os, signal
from jupyter_client.manager import KernelManager
from course_utils.instructor.execute.warm_kernel import KERNEL_MODULES, warm_kernels
with warm_kernels(KERNEL_MODULES) as server:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    print(server.pid, manager.provisioner.pid, manager.provisioner.address, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    run = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert run.returncode == -signal.SIGKILL
    server, kernel, address = run.stdout.split()
    wait_until(lambda: not running(int(kernel)), "the kernel ends")
    wait_until(lambda: not running(int(server)), "the server ends")
    assert not Path(address).parent.exists()


# TensorFlow

TRAIN = """
import keras, numpy as np, tensorflow as tf
keras.utils.set_random_seed(7)
model = keras.Sequential([
    keras.layers.Input((8, 8, 1)),
    keras.layers.Conv2D(4, 3, activation="relu"),
    keras.layers.Flatten(),
    keras.layers.Dropout(0.5),
    keras.layers.Dense(3, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy")
images = np.random.rand(64, 8, 8, 1).astype("float32")
labels = np.random.randint(0, 3, 64)
history = model.fit(images, labels, epochs=2, batch_size=16, verbose=0)
print([loss.hex() for loss in history.history["loss"]], tf.random.uniform([]).numpy())
print([float(np.abs(weights).sum()).hex() for weights in model.get_weights()])
"""
UNSEEDED = """
import keras, tensorflow as tf
print(keras.random.uniform(()).numpy(), tf.random.uniform(()).numpy())
"""


def test_training_gives_the_same_warm_and_cold(monkeypatch):
    where = "import sys; print('tensorflow' in sys.modules)"
    with warm_kernels():
        forked = execute(where, TRAIN)
        drawn = [printed(execute(UNSEEDED)[0]).split() for _ in range(2)]
    monkeypatch.delenv("JUPYTER_PATH", raising=False)
    cold = execute(where, TRAIN)
    assert printed(forked[0]) == "True\n"
    assert printed(cold[0]) == "False\n"
    assert errors(cold[1]) == []
    assert printed(forked[1]) == printed(cold[1])
    assert len(drawn[0]) == 2
    assert all(first != second for first, second in zip(*drawn, strict=True))


def test_settings_in_a_home_folder_reach_no_kernel(monkeypatch, tmp_path):
    folder = tmp_path / ".keras"
    folder.mkdir()
    wrong = {"floatx": "float16", "backend": "jax", "image_data_format": "channels_first"}
    (folder / "keras.json").write_text(json.dumps(wrong | {"epsilon": 0.1}))
    (tmp_path / ".config" / "matplotlib").mkdir(parents=True)
    (tmp_path / ".config" / "matplotlib" / "matplotlibrc").write_text("figure.dpi: 7\n")
    for name in ("XDG_CONFIG_HOME", "KERAS_HOME", "MPLCONFIGDIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with warm_kernels():
        found = value_of(
            "[keras.config.floatx(), keras.config.backend(), keras.config.image_data_format(),"
            " keras.config.epsilon(), matplotlib.rcParams['figure.dpi'], 'KERAS_BACKEND' in"
            " os.environ] if exec('import keras, matplotlib') is None else 0"
        )
    assert found == ["float32", "tensorflow", "channels_last", 1e-7, 100.0, False]


@pytest.mark.parametrize(
    "name",
    ["NVIDIA_API_KEY", "LANGCHAIN_API_KEY", "TF_VAR_password", "TF_TOKEN_x", "LD_SDK_KEY",
     "KERAS_HUB_TOKEN", "PYTHONSTARTUP_KEY", "XDG_SESSION_ID", "MPLBACKEND_KEY", "OPENAI_API_KEY"],
)  # fmt: skip
def test_a_variable_of_the_instructors_reaches_no_server(monkeypatch, name):
    monkeypatch.setenv(name, "a secret")
    with warm_kernels([]) as server:
        assert b"a secret" not in Path(f"/proc/{server.pid}/environ").read_bytes()


def test_what_tensorflow_sets_itself_makes_no_kernel_cold(monkeypatch, warm):
    monkeypatch.setenv("TF2_BEHAVIOR", "1")  # as it does in a process that imports it
    assert value_of("os.getppid()") == warm.pid
