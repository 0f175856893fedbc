"""Run a submission's notebook to its end, whatever is in it, and say truthfully how far it came.

`execute` runs the cells with nbclient in a confined kernel (see `sandbox`). An error in a cell is
recorded and the next cell runs; a cell that takes too long or prints too much is stopped; where the
kernel dies, a new one takes up after the cell that ended it, with the definitions that later cells
need. Every code cell ends in one of the three states `RAN`, `FAILED` and `NOT_RUN`.

**How a test's result is known.** A test cell (graded and locked) is run with one more line: an
assertion that fails and says a long random number. The test has passed if, and only if, the kernel
replies that this very assertion failed and also shows it; so code that drops assertions, errors or
whole cells cannot make silence look like a pass. Before and after each test, the functions that
tests rely on (Python's own, NumPy's, the course's checks, IPython's machinery) are compared with
those there were before the first cell. A difference is an incident of the kind ``tampering``,
which somebody should look at; it is not a zero.

**What this cannot detect.** A student's code runs in the same process as the tests. Whoever has
read this file can find the last line of a test in the process's memory and forge the reply, give
the comparison what it expects, put a wrong function right only while it is being tested, change
what is not compared (a method of a class, say, or memory itself, through ctypes), or return objects
whose ``==`` is always true. The same code can read a hidden test while that runs; it cannot send it
anywhere but into the notebook's outputs, so those must not reach a student unread.
"""

import ast
import asyncio
import contextlib
import copy
import functools
import json
import logging
import os
import secrets
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL

import zmq
import zmq.asyncio
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_output

from course_utils.instructor import sandbox
from course_utils.instructor.warm_kernel import (
    LESSON_MODULES,
    NEEDED,
    PROVISIONER,
    warm_kernels,
)

RAN, FAILED, NOT_RUN = STATES = ("ran", "failed", "not run")
DIED, TIME, OUTPUT, MEMORY, TAMPERING = KINDS = (
    "kernel died",
    "time",
    "output",
    "memory",
    "tampering",
)
KEPT = 20_000  # characters kept of the beginning and of the end of what is too long
PER_MESSAGE = 500  # bytes that even an empty output costs
LARGEST_MESSAGE = 80 * 2**20  # a larger one is lost
MESSAGES_IN_STORE = 16
STARTING = 60  # seconds a kernel may take to start; a cold one is not slower
STANDING = {  # names that tests use for modules, and no student should use for anything else
    "np": "numpy",
    "tf": "tensorflow",
    "keras": "keras",
    "math": "math",
    "checks": "course_utils.checks",
}
TRUSTED = ("builtins", "math", "numpy", "course_utils.checks")
# Run in the kernel. It gives, by name, what stands for everything tests rely on, and what a test
# would find under the names it uses.
SURVEY = """
import importlib, sys
def mark(value):
    codes = [getattr(it, "__code__", None) for it in (value, getattr(value, "_implementation", 0))]
    inner = [id(getattr(value, key, None)) for key in ("__defaults__", "__kwdefaults__")]
    return [id(value), *map(id, codes), *(inner if codes[0] else ())]
marks = {}
for module in trusted:
    try:
        names = dict(vars(importlib.import_module(module)))
    except Exception:
        continue
    marks[module] = id(sys.modules[module])
    marks.update((module + "." + name, mark(names[name])) for name in names if name not in (
        "_", "input", "__warningregistry__"))
numpy = sys.modules.get("numpy")
for module in ("fromnumeric", "numeric", "multiarray", "_methods", "shape_base"):
    for core in ("numpy._core.", "numpy.core."):
        if core + module in sys.modules:
            names = vars(sys.modules[core + module])
            marks.update((core + module + "." + n, mark(names[n])) for n in list(names)
                         if n != "__warningregistry__")
shell = get_ipython()
for name in ("run_cell", "run_cell_async", "run_code", "run_ast_nodes", "showtraceback",
             "_showtraceback", "showsyntaxerror", "transform_cell", "user_expressions", "CustomTB"):
    method = getattr(shell, name, None)
    marks["IPython's " + name] = mark(getattr(method, "__func__", method))
marks["IPython's transformers"] = [
    [id(it) for it in kind]
    for kind in (shell.ast_transformers, shell.input_transformers_post, shell.custom_exceptions)
] + [len(shell.input_transformers_cleanup)]
kernel = type(shell.kernel)
for name in ("do_execute", "execute_request", "send_response"):
    own = shell.kernel.__dict__.get(name)
    marks["the kernel's " + name] = [mark(getattr(kernel, name)), own and id(own)]
builtin = sys.modules["builtins"]
for name in used:
    if name in space:
        value = space[name]
        if hasattr(builtin, name):
            marks["Python's own " + name] = value is getattr(builtin, name) or id(value)
        elif name in standing:
            module = sys.modules.get(standing[name])
            if module is not None:
                marks["the module " + name] = value is module or id(value)
result = marks
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What a submission may use up.

    Attributes
    ----------
    cell_seconds, seconds : float
        For a cell, and for the whole notebook.
    grace : float
        Seconds that a cell has to end after it was interrupted, before its kernel is killed.
    memory : int
        Bytes for each process, beyond what Python and its modules have at the start.
    disk : int
        Bytes that may be written; they are kept in memory.
    processes : int
        Processes and threads at a time.
    text, output : int
        Characters that a cell may print, and bytes of everything else it may show.
    notebook_output : int
        Bytes of all that the notebook may print and show.
    deaths : int
        Kernels that may die before the rest of the cells is given up.
    """

    cell_seconds: float = 300
    seconds: float = 1800
    grace: float = 5
    memory: int = 4 * 2**30
    disk: int = 512 * 2**20
    processes: int = 512
    text: int = 4_000_000
    output: int = 40_000_000
    notebook_output: int = 100_000_000
    deaths: int = 3


@dataclass(frozen=True)
class Incident:
    """Something that happened to a cell.

    Attributes
    ----------
    cell : int
        Its place among all the notebook's cells, from 0.
    kind : str
        One of `KINDS`.
    words : str
        What happened, in one line.
    """

    cell: int
    kind: str
    words: str


@dataclass(frozen=True)
class Execution:
    """An executed notebook, and what happened on the way.

    Attributes
    ----------
    notebook : NotebookNode
        Every code cell has ``metadata.execution.state``, one of `STATES`. A test that has passed
        is `RAN`; one that has not is `FAILED` and has an error among its outputs; of one that is
        `NOT_RUN` nobody knows.
    incidents : tuple of Incident
        In the order in which they happened.
    """

    notebook: object
    incidents: tuple


def execute(
    notebook, folder, limits=None, on_cell=None, *, modules=LESSON_MODULES, hidden=(), confined=True
):
    """Run a notebook's code cells, one after the other.

    Parameters
    ----------
    notebook : NotebookNode
        Not changed. Outputs that are in it already are left out.
    folder : Path
        Its files lie in the working folder: as copies, if the notebook is run confined.
    limits : Limits, optional
    on_cell : callable, optional
        Called with the number of each cell before it runs.
    modules : sequence of str
        What warm kernels import, if this is not inside ``with warm_kernels()``: their server then
        stays for as long as this process.
    hidden : sequence of Path
        What must not be seen, wherever it lies; see `sandbox.policy`.
    confined : bool
        Without a sandbox, code can read, change and send whatever the person can who runs it.

    Returns
    -------
    Execution

    Raises
    ------
    OSError
        If the notebook is to be confined and cannot be, or no kernel starts.
    """
    limits = limits or Limits()
    if confined and sandbox.available():
        raise OSError(sandbox.available())
    with contextlib.suppress(KeyError):
        spec = KernelSpecManager().get_kernel_spec("python3").metadata
        if spec["kernel_provisioner"]["provisioner_name"] == PROVISIONER:
            modules = ()
    if modules:
        _keep_warm(tuple(modules))
    policy = confined and sandbox.policy(
        folder,
        memory=limits.memory,
        disk=limits.disk,
        processes=limits.processes,
        seconds=int(limits.seconds * (os.cpu_count() or 1)) + 1,
        hidden=hidden,
    )
    run = _Run(copy.deepcopy(notebook), Path(folder), limits, policy)
    return asyncio.run(run.all_cells(on_cell or (lambda number: None)))


@functools.cache
def _keep_warm(modules):
    """Have kernels forked from a server that stays as long as this process."""
    stack = contextlib.ExitStack()
    stack.enter_context(warm_kernels(modules))
    return stack


class _Client(NotebookClient):
    """A client that takes no more output from a cell than it may give."""

    def prepare(self, limits):
        """Begin a notebook."""
        self.limits = limits
        self.left = limits.notebook_output
        self.replies = []
        self.on_cell_executed = lambda cell, cell_index, execute_reply: self.replies.append(
            execute_reply
        )

    def begin_cell(self):
        """Begin a cell."""
        self.replies.clear()
        self.excess = asyncio.Event()
        self.room = {"text": self.limits.text, "other": self.limits.output}
        self.end = ""

    def process_message(self, msg, cell, cell_index):
        """Keep what a message brings, while there is room for it."""
        kind, content = msg["msg_type"], msg["content"]
        if kind in ("status", "execute_input", "clear_output"):
            return super().process_message(msg, cell, cell_index)
        if kind.startswith("comm"):  # widgets
            return None
        text = content["text"] if kind == "stream" else ""
        room = "text" if kind == "stream" else "other"
        size = (len(text) if kind == "stream" else _size(content)) + PER_MESSAGE
        self.room[room] -= size
        self.left -= size
        if self.excess.is_set() or self.room[room] < 0 or self.left < 0:
            if kind == "error":  # how the cell ended is always wanted
                return super().process_message(msg, cell, cell_index)
            if not self.excess.is_set() and text:
                content["text"] = text[:KEPT]
                super().process_message(msg, cell, cell_index)
            self.excess.set()
            self.end = (self.end + text[-KEPT:])[-KEPT:]
            return None
        return super().process_message(msg, cell, cell_index)


class _Run:
    """The execution of one notebook, by one kernel after the other if need be."""

    def __init__(self, notebook, folder, limits, policy):
        self.notebook = notebook
        self.folder = folder
        self.limits = limits
        self.policy = policy
        self.incidents = []
        self.deaths = 0
        self.fatal = set()  # cells that have ended a kernel
        self.deadline = time.monotonic() + limits.seconds
        self.client = None

    async def all_cells(self, on_cell):
        """Run the cells; returns the Execution."""
        cells = [(i, cell) for i, cell in enumerate(self.notebook.cells) if _is_code(cell)]
        for _, cell in cells:
            cell.outputs, cell.execution_count = [], None
            _mark(cell, NOT_RUN)
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.MAXMSGSIZE, LARGEST_MESSAGE)
        context.setsockopt(zmq.RCVHWM, MESSAGES_IN_STORE)
        try:
            await self.start(context)
            for number, cell in cells:
                while self.client is None and self.deaths < self.limits.deaths:
                    await self.start(context)
                    await self.repeat(number)
                if self.client is None:
                    words = f"not run, because {self.deaths} kernels had died"
                    self.incidents.append(Incident(number, DIED, words))
                elif time.monotonic() >= self.deadline:
                    words = f"not run, because the notebook's {self.limits.seconds:g} s were over"
                    self.incidents.append(Incident(number, TIME, words))
                else:
                    on_cell(number)
                    await self.cell(number, cell)
        finally:
            await self.end()
            context.destroy(linger=0)
        return Execution(self.notebook, tuple(self.incidents))

    # Kernels

    async def start(self, context):
        """Start a kernel and take down what tests rely on."""
        manager = AsyncKernelManager(kernel_name="python3", context=context)
        options = {"env": dict(os.environ) | {"COURSE_PROFILE": "fast"}, "cwd": str(self.folder)}
        if self.policy:
            manager.transport = "ipc"
            options = {"env": _environment(), "policy": self.policy, "cwd": "/"}
        await manager.start_kernel(
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
            **dict.fromkeys(("stdin", "stdout", "stderr"), DEVNULL),
            **options,
        )
        self.client = _Client(
            self.notebook,
            km=manager,
            allow_errors=True,
            record_timing=False,
            store_widget_state=False,
            skip_cells_with_tag="",
            coalesce_streams=True,
            startup_timeout=STARTING,
            shell_timeout_interval=1,
        )
        self.client.prepare(self.limits)
        self.client.log = logging.getLogger(f"{__name__}.nbclient")
        self.client.log.setLevel(logging.CRITICAL)  # incidents tell
        try:
            await self.client.async_start_new_kernel_client()
        except RuntimeError as error:
            raise OSError(f"no kernel could be started: {error}") from error
        self.standard = await self.survey(())

    async def end(self):
        """End the kernel, if there is one; returns how it ended by itself, or None."""
        client, self.client = self.client, None
        if client is None or client.km is None:
            return None
        code = await client.km.provisioner.poll()
        if client.kc is not None:
            client.kc.stop_channels()
        with contextlib.suppress(RuntimeError):
            await client.km.shutdown_kernel(now=True)
        return code

    async def died(self, number):
        """Note that the kernel has died in a cell; returns words that say how."""
        self.deaths += 1
        self.fatal.add(number)
        code = await self.end()
        if code is None:
            return "was killed"
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"

    async def repeat(self, number):
        """Give a new kernel what later cells need of the cells before this one."""
        first = True
        for earlier, cell in enumerate(self.notebook.cells[:number]):
            if not _is_code(cell) or _is_test(cell):
                continue
            whole = (first or _is_answer(cell)) and earlier not in self.fatal
            first = False
            source = cell.source if whole else _definitions(cell.source)
            try:
                if source:
                    await self.ask(source)
            except (DeadKernelError, asyncio.TimeoutError):
                await self.died(earlier)
                return

    async def ask(self, source, **expressions):
        """Have the kernel run something unseen; returns its reply."""
        options = {"silent": True, "store_history": False, "stop_on_error": False}
        message = self.client.kc.execute(source, user_expressions=expressions, **options)
        left = max(1, min(self.limits.cell_seconds, self.deadline - time.monotonic()))
        return await asyncio.wait_for(self.client.async_wait_for_reply(message), left)

    # Cells

    async def cell(self, number, cell):
        """Run one cell, and note how it went."""
        test = _is_test(cell)
        proof = f"the tests above have passed: {secrets.token_hex(16)}"
        source = cell.source
        if test and not await self.compare(number, source):
            return
        if test:
            cell.source = f"{source}\nassert False, {proof!r}\n"
        try:
            reply, stopped, alive = await self.supervise(number, cell, test)
        finally:
            cell.source = source
        errors = [output for output in cell.outputs if output.output_type == "error"]
        state = RAN if reply.get("status") == "ok" else FAILED
        if test:
            state = self.verdict(number, cell, reply, errors, proof)
        if stopped == OUTPUT:
            words = "stopped, because it printed or showed too much"
            self.incidents.append(Incident(number, OUTPUT, words))
            _shorten(cell, self.client.end if self.client else "")
        if stopped == TIME:
            words = f"stopped after {self.allowed:g} s"
            self.incidents.append(Incident(number, TIME, words))
        if stopped:
            state = FAILED
            _say(cell, "Stopped", words)
        if not alive:
            state = FAILED
            how = await self.died(number)
            if not stopped:
                _say(cell, "KernelDied", f"this cell ended the kernel, which {how}")
            self.incidents.append(Incident(number, DIED, f"the kernel {how}"))
        elif reply.get("ename") in ("MemoryError", "ResourceExhaustedError", "_ArrayMemoryError"):
            self.incidents.append(Incident(number, MEMORY, "it asked for too much memory"))
        _mark(cell, state)
        if test and alive:
            await self.compare(number, source)

    async def supervise(self, number, cell, test):
        """Run a cell within its limits; returns the reply, what it was stopped for, if it lives."""
        client = self.client
        client.begin_cell()
        self.allowed = min(self.limits.cell_seconds, self.deadline - time.monotonic())
        watch = asyncio.create_task(self.watch(client))
        alive = True
        try:
            await client.async_execute_cell(cell, number, store_history=not test)
        except DeadKernelError:
            alive = False
        finally:
            watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch
        stopped = OUTPUT if client.excess.is_set() else self.due
        reply = client.replies[0]["content"] if client.replies else {}
        if not (reply or cell.source.strip()):
            reply = {"status": "ok"}
        return reply, stopped, alive

    async def watch(self, client):
        """Stop a cell that takes too long or prints too much: politely, then by force."""
        self.due = None
        try:
            await asyncio.wait_for(client.excess.wait(), max(0, self.allowed))
        except asyncio.TimeoutError:
            self.due = TIME
        await client.km.interrupt_kernel()
        await asyncio.sleep(self.limits.grace)
        await client.km.provisioner.kill()

    def verdict(self, number, cell, reply, errors, proof):
        """Whether a test has passed; takes the proof out of the outputs."""
        shown = {output.evalue for output in errors}
        passed = reply.get("ename") == "AssertionError" and reply.get("evalue") == proof
        cell.outputs = [it for it in cell.outputs if it.get("evalue") != proof]
        if passed and proof in shown:
            return RAN
        if reply.get("status") == "error" and reply.get("evalue") in shown and not passed:
            return FAILED
        if reply:
            words = "whether the test passed or failed was kept from us"
            self.incidents.append(Incident(number, TAMPERING, words))
        return NOT_RUN

    # Tampering

    async def compare(self, number, source):
        """Compare what a test relies on with what there was; returns whether the kernel lives."""
        try:
            found = await self.survey(_names(source))
        except (DeadKernelError, asyncio.TimeoutError):
            how = await self.died(number)
            words = f"the kernel {how} before or after the test"
            self.incidents.append(Incident(number, DIED, words))
            return False
        if found is None:
            words = "what the test relies on could not be looked at"
            self.incidents.append(Incident(number, TAMPERING, words))
            return True
        changed = [name for name, it in self.standard.items() if found.get(name) != it]
        changed += [
            name for name, it in found.items() if name not in self.standard and _foreign(name, it)
        ]
        if changed:
            words = f"what the test relies on was changed: {', '.join(sorted(changed)[:5])}"
            if not any(it.cell == number and it.words == words for it in self.incidents):
                self.incidents.append(Incident(number, TAMPERING, words))
        return True

    async def survey(self, used):
        """Look at what tests rely on; returns None if the kernel does not tell."""
        known = {"trusted": TRUSTED, "standing": STANDING, "used": sorted(used)}
        code = f"{SURVEY}"
        expression = (
            "(lambda it: [exec(it['code'], it), __import__('json').dumps(it['result'])][1])"
            f"(dict({known!r}, code={code!r}, space=globals(), get_ipython=get_ipython))"
        )
        reply = await self.ask("", survey=expression)
        try:
            said = reply["content"]["user_expressions"]["survey"]["data"]["text/plain"]
            return json.loads(ast.literal_eval(said))
        except (KeyError, TypeError, ValueError, SyntaxError):
            return None


def _environment():
    """The environment of a confined kernel."""
    system = ["/usr/local/bin", "/usr/bin", "/bin"]
    path = os.pathsep.join([str(Path(sandbox.sys.executable).parent), *system])
    kept = {name: os.environ[name] for name in os.environ if NEEDED.match(name)}
    return kept | {
        "PATH": path,
        "HOME": sandbox.HOME,
        "TMPDIR": "/tmp",
        "MPLCONFIGDIR": f"{sandbox.HOME}/.matplotlib",
        "COURSE_PROFILE": "fast",
    }


def _is_code(cell):
    """Whether a cell is code."""
    return cell.cell_type == "code"


def _is_test(cell):
    """Whether a cell holds tests that give points."""
    roles = cell.metadata.get("nbgrader", {})
    return bool(_is_code(cell) and roles.get("grade") and roles.get("locked"))


def _is_answer(cell):
    """Whether a cell holds a student's answer."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _mark(cell, state):
    """Write down how a cell went."""
    cell.metadata["execution"] = {"state": state}


def _say(cell, name, words):
    """Have a cell say why it was stopped, in place of what it said when that was done."""
    kept = [it for it in cell.outputs if it.get("ename") != "KeyboardInterrupt"]
    error = new_output("error", ename=name, evalue=words, traceback=[f"{name}: {words}"])
    cell.outputs = [*kept, error]


def _shorten(cell, end):
    """Leave the beginning and the end of what a cell has printed, and nothing it has shown."""
    text = "".join(it.text for it in cell.outputs if it.output_type == "stream")
    errors = [it for it in cell.outputs if it.output_type == "error"]
    shown = sum(it.output_type not in ("stream", "error") for it in cell.outputs)
    end = (text[KEPT:] + end)[-KEPT:]
    note = "\n[... the rest was left out: this cell printed or showed too much ...]\n"
    if shown:
        note += f"[... and {shown} figures or other things ...]\n"
    cell.outputs = [new_output("stream", name="stdout", text=text[:KEPT] + note + end), *errors]


def _size(value):
    """Roughly the bytes of a value from JSON."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(key) + _size(it) for key, it in value.items())
    return sum(map(_size, value)) if isinstance(value, list) else 10


def _definitions(source):
    """Imports and definitions at the top level of a cell."""
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return ast.unparse(ast.Module([it for it in statements if isinstance(it, kinds)], []))


def _names(source):
    """Names that a test uses and does not make itself."""
    try:
        nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
    except SyntaxError:
        return set()
    made = {node.id for node in nodes if not isinstance(node.ctx, ast.Load)}
    return {node.id for node in nodes} - made


def _foreign(name, value):
    """Whether a name that a test uses stands for something else than it should."""
    return name.startswith(("Python's own ", "the module ")) and value is not True
