"""One run of a notebook, to its end, whatever is in it.

The cells are run with nbclient in a confined kernel (see `sandbox`). An error in a cell is recorded
and the next cell runs; a cell that takes too long or prints too much is stopped; where the kernel
dies, a new one gets what answers need of earlier cells and tries the cell once more, because
something that an earlier one has left running may have been to blame. Tests need nothing of earlier
cells but answers, so those that have run are not run again.

**How a test's result is known.** A test cell (graded and locked) is run with one more line: an
assertion that fails and says a long random number. The test has passed if, and only if, the kernel
replies that this very assertion failed and also shows it; so code that drops assertions, errors or
whole cells cannot make silence look like a pass. Before and after each test, what it relies on is
compared with what there was before the first cell (see `integrity`). A difference is an incident of
the kind ``tampering``, which somebody should look at; it is not a zero. Where a name that a test
uses, such as ``sum``, stands for something else than Python's own function, the test is given that
one. If that cannot be, because it is no closed box, and it fails, it is `NOT_RUN`: whose fault that
is, nobody knows.

**What this cannot detect.** A student's code runs in the same process as the tests. Whoever has
read this file can find the last line of a test in the process's memory and forge the reply, return
objects whose ``==`` is always true, or mislead the comparison (`integrity` says how). The same code
can read a hidden test while that runs; it cannot send it anywhere but into the notebook's outputs,
so those must not reach a student unread.
"""

import ast
import asyncio
import contextlib
import logging
import os
import secrets
import signal
import time
from pathlib import Path
from subprocess import DEVNULL

import nbformat
import zmq
import zmq.asyncio
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook

from course_utils.instructor.execute import again, elsewhere, integrity, question, settings
from course_utils.instructor.execute.cell_output import (
    PLAIN_TRACEBACKS,
    SEND_ANYTHING,
    LimitedClient,
    replace_surrogates,
    say,
    shorten,
    show_as_handed_in,
)
from course_utils.instructor.execute.outcome import (
    DIED,
    FAILED,
    LEFT_OUT,
    MEMORY,
    NOT_RUN,
    OUTPUT,
    RAN,
    SETTINGS,
    TAMPERING,
    TIME,
    Execution,
    Incident,
)
from course_utils.instructor.execute.roles import is_answer, is_code, is_test
from course_utils.instructor.execute.surroundings import GRADING, confined_environment
from course_utils.instructor.lessons.cell_text import waits

LARGEST_MESSAGE = 80 * 2**20  # a larger one is lost
MESSAGES_IN_STORE = 16
PATIENCE = 60  # seconds for a kernel to start, even a cold one, or to answer a question of ours
LATE = 15  # seconds that outputs may come after the reply
GROUPS = ("ExceptionGroup", "BaseExceptionGroup")  # IPython prints them, and shows no error
OUT_OF_MEMORY = ("MemoryError", "ResourceExhaustedError")

STAND_IN = Path(__file__).with_name("colab_stand_in.py").read_text(encoding="utf-8")

log = logging.getLogger(__name__)


class Run:
    """The execution of one notebook, by one kernel after the other if need be."""

    def __init__(self, notebook, folder, limits, policy, owner, plan):
        self.notebook = notebook
        self.plan = plan
        self.sources = plan.sources  # by cell, what of it is run
        if plan.whole:
            code = ((i, cell) for i, cell in enumerate(notebook.cells) if is_code(cell))
            self.sources = {i: cell.source for i, cell in code}
        self.folder = folder
        self.limits = limits
        self.policy = policy
        self.owner = owner
        self.incidents = []
        self.deaths = 0
        self.fatal = set()  # cells that have ended a kernel
        self.skipped, self.works = [], {}  # statements, and by cell the code without them
        self.deadline = time.monotonic() + limits.seconds
        self.client = None
        self.given_up = self.ending = False
        self.loop = self.task = None

    def interrupt(self):
        """Give up, from another thread; more than once, if need be."""
        self.given_up = True
        if self.task:
            with contextlib.suppress(RuntimeError):  # it has just ended
                self.loop.call_soon_threadsafe(self.cancel)

    def cancel(self):
        """Stop running cells, but never the end, which has to be whole."""
        if not self.ending:
            self.task.cancel()

    async def all_cells(self):
        """Run the cells; returns the Execution."""
        self.loop, self.task = asyncio.get_running_loop(), asyncio.current_task()
        cells = [(i, cell) for i, cell in enumerate(self.notebook.cells) if is_code(cell)]
        handed_in = {number: cell.outputs for number, cell in cells}
        for number, cell in cells:
            cell.outputs, cell.execution_count = [], None
            _mark(cell, NOT_RUN if number in self.sources else LEFT_OUT)
        self.context = zmq.asyncio.Context()
        self.context.setsockopt(zmq.MAXMSGSIZE, LARGEST_MESSAGE)
        self.context.setsockopt(zmq.RCVHWM, MESSAGES_IN_STORE)
        try:
            for number, cell in cells:
                if number not in self.sources:
                    continue
                if not await self.ready(number):
                    words = f"not run, because {self.deaths} kernels had died"
                    self.incidents.append(Incident(number, DIED, words))
                elif time.monotonic() >= self.deadline:
                    words = f"not run, because the notebook's {self.limits.seconds:g} s were over"
                    self.incidents.append(Incident(number, TIME, words))
                else:
                    await self.cell(number, cell)
            self.check(cells)
        finally:
            self.ending = True
            try:
                await self.end()
            finally:  # a context that is left to Python's memory management can block it for ever
                self.context.destroy(linger=0)
        for number, cell in cells:
            self.keep_what_was_handed_in(number, cell, handed_in[number])
        return Execution(self.notebook, tuple(self.incidents), tuple(self.skipped))

    def keep_what_was_handed_in(self, number, cell, outputs):
        """Show what the student's notebook showed in a cell of which not everything was run."""
        part = self.sources.get(number, "")
        if part == cell.source or (part and cell.metadata.execution.state != RAN):
            return
        _mark(cell, LEFT_OUT)
        cell.execution_count = None
        show_as_handed_in(cell, outputs, part=bool(part))

    def could_pass(self, number, cell):
        """Whether a test that has not passed could if everything were run."""
        if cell.metadata.execution.state == RAN:
            return False
        if number in self.plan.open:
            return True
        own = {it.kind for it in self.incidents if it.cell == number}
        if cell.metadata.execution.state != FAILED or DIED in own:
            return TIME not in own
        errors = [it for it in cell.outputs if it.output_type == "error"]
        waiting = errors and self.waits(number, errors[-1])
        return not waiting and again.could_help(cell, self.plan)

    # Kernels

    async def ready(self, number):
        """Have a kernel that can run this cell; returns False if too many have died."""
        if self.given_up:  # nbclient takes being cancelled for the kernel's death
            raise asyncio.CancelledError
        while self.client is None and self.deaths < self.limits.deaths:
            await self.start()
            await self.repeat(number)
        return self.client is not None

    async def start(self):
        """Start a kernel and take down what tests rely on."""
        manager = AsyncKernelManager(kernel_name="python3", context=self.context)
        options = {"env": dict(os.environ) | GRADING, "cwd": str(self.folder)}
        if self.policy:
            manager.transport = "ipc"
            options = {"env": confined_environment(), "policy": self.policy, "cwd": "/"}
        await manager.start_kernel(
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
            **dict.fromkeys(("stdin", "stdout", "stderr"), DEVNULL),
            **options,
        )
        self.client = LimitedClient(
            self.notebook,
            km=manager,
            allow_errors=True,
            record_timing=False,
            store_widget_state=False,
            skip_cells_with_tag="",
            coalesce_streams=True,
            startup_timeout=PATIENCE,
            iopub_timeout=LATE,
            shell_timeout_interval=1,
        )
        self.client.prepare(self.limits)
        self.client.log = logging.getLogger(f"{__name__}.nbclient")
        self.client.log.setLevel(logging.CRITICAL)  # incidents tell
        try:
            await self.client.async_start_new_kernel_client()
            await self.ask(f"{SEND_ANYTHING}\n{PLAIN_TRACEBACKS}")
            await self.ask(f"exec({STAND_IN!r}, {{'__name__': 'google.colab'}})")
            self.baseline = await integrity.survey(self.ask)
        except (RuntimeError, TimeoutError) as error:
            raise OSError(f"no kernel could be started: {error!r}") from error
        if self.baseline is None:
            raise OSError("a kernel was started, but does not tell what is in it")
        lost = integrity.absent(self.baseline)
        if lost:  # every student's tests would fail
            raise OSError(f"where students' code runs, {', '.join(lost)} cannot be imported")

    async def end(self):
        """End the kernel, if there is one; returns words that say how it has ended by itself."""
        client, self.client = self.client, None
        if client is None or client.km is None:
            return "did not start"
        code = await client.km.provisioner.poll()
        if client.kc is not None:
            client.kc.stop_channels()
        with contextlib.suppress(RuntimeError):
            await client.km.shutdown_kernel(now=True)
        if code is None:
            return "did not answer"
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"

    async def repeat(self, number):
        """Give a new kernel what answers need of the cells before this one."""
        first = True
        for earlier, cell in enumerate(self.notebook.cells[:number]):
            if earlier not in self.sources or is_test(cell):
                continue
            whole = (first or is_answer(cell)) and earlier not in self.fatal
            first = False
            source = self.works.get(earlier, self.sources[earlier])
            source = source if whole else _definitions(source)
            try:
                if source:
                    left = self.deadline - time.monotonic()
                    await self.ask(source, seconds=max(1, min(self.limits.cell_seconds, left)))
            except Exception:  # what it sends may be anything
                log.info("Cell %s", earlier, exc_info=True)
                await self.end()
                self.deaths += 1
                self.fatal.add(earlier)
                return

    async def ask(self, source, *, seconds=PATIENCE, **expressions):
        """Have the kernel run something unseen; returns its reply."""
        options = {"silent": True, "store_history": False, "stop_on_error": False}
        message = self.client.kc.execute(source, user_expressions=expressions, **options)
        return await asyncio.wait_for(self.client.async_wait_for_reply(message), seconds)

    # Cells

    async def cell(self, number, cell):
        """Run a cell and note how it went."""
        if await self.attempt(number, cell):
            return
        # What an earlier cell has left running may have ended the kernel: this one tries again.
        first = self.how
        if not self.stopped and await self.ready(number) and await self.attempt(number, cell):
            words = f"the kernel {first}, and a new one has run the cell again"
            self.incidents.append(Incident(number, DIED, words))
            return
        self.deaths += 1
        self.fatal.add(number)
        _mark(cell, NOT_RUN if is_test(cell) and self.cut_short() else FAILED)
        if not self.stopped:
            say(cell, "KernelDied", f"this cell ended the kernel, which {self.how}")
        self.incidents.append(Incident(number, DIED, f"the kernel {self.how}"))

    async def attempt(self, number, cell):
        """Run a cell; returns whether the kernel has outlived it."""
        test, source = is_test(cell), cell.source
        proof = f"the tests above have passed: {secrets.token_hex(16)}"
        self.stopped, self.allowed, foreign, own = None, 0, [], {}
        try:
            if test:
                own = await settings.usual(self.ask)
                foreign = await self.compare(number, source)
                given = integrity.with_pythons_own(source, foreign)
                foreign = foreign if given == source else []
                cell.source = f"{given}\nassert False, {proof!r}\n"
            else:
                cell.source = elsewhere.uncaptured(self.sources[number])
            try:
                reply = await self.supervise(number, cell, test)
            finally:
                cell.source = source
            nbformat.validate(new_notebook(cells=[cell]))
            _mark(cell, self.verdict(number, cell, reply, proof))
            if not test and _failed(cell) and not self.stopped:
                reply = await self.go_on(number, cell, reply)
            leaves = _asks_to_end(reply)
            if test and not leaves:
                foreign = await self.compare(number, given) or foreign
                await settings.again(self.ask, own)
            told = [name for name in own if name not in settings.HARMLESS]
            if told and _failed(cell) and not self.waits(number, reply):
                words = f"failed without settings of the student's: {', '.join(told)}"
                self.note_once(Incident(number, SETTINGS, words))
            self.note_changed(number, foreign)
            if foreign and not self.stopped and _failed(cell):
                _mark(cell, NOT_RUN)
            if leaves:  # in a tenth of a second, when the next cell would seem to be to blame
                words = "the kernel ended, because exit() or quit() was called"
                self.note_once(Incident(number, DIED, words))
                self.fatal.add(number)
                await self.end()
            elif reply.get("ename") in OUT_OF_MEMORY:
                await self.make_room(number)
        except (TimeoutError, DeadKernelError):
            self.how = await self.end()
            return False
        except Exception as error:  # a student's code can send messages, too
            log.info("Cell %s", number, exc_info=True)
            words = f"what the kernel has sent cannot be understood ({type(error).__name__})"
            self.note_once(Incident(number, TAMPERING, words))
            cell.outputs, cell.execution_count = [], None
            self.how = await self.end()
            return False
        return True

    def waits(self, number, reply):
        """Whether a test failed because its answer, the one above it, waits for the student."""
        answers = (it for it in reversed(self.notebook.cells[:number]) if is_answer(it))
        answer = next(answers, None)
        return reply.get("ename") == "NotImplementedError" and answer and waits(answer.source)

    def check(self, cells):
        """Leave out what no notebook can hold, as one such cell would spoil the whole."""
        for number, cell in ((it, cell) for it, cell in cells if it in self.sources):
            shown = {key: cell[key] for key in ("outputs", "execution_count")}
            try:
                nbformat.validate(new_notebook(cells=[new_code_cell(**shown)]))
            except Exception:
                cell.outputs, cell.execution_count = [], None
                words = "it showed something that no notebook can hold, which was left out"
                self.note_once(Incident(number, OUTPUT, words))

    async def go_on(self, number, cell, reply):
        """Run what follows a statement that cannot work here; returns the last reply."""
        source, shown, worked = cell.source, [], ""
        cell.source = elsewhere.uncaptured(self.sources[number])
        try:
            for _ in range(elsewhere.MOST):
                parts = elsewhere.split(cell.source, *await self.place_of_error())
                text = parts[2] if parts else ""
                missing = {name for it in self.skipped for name in it.names}
                wanted = elsewhere.wants(reply, text, missing)
                if not parts or not wanted:
                    break
                before, statement, _, after = parts
                single = elsewhere.apart(statement)
                if not single:
                    names = elsewhere.bound(statement)
                    self.skipped.append(elsewhere.Skipped(number, wanted, names))
                worked += before
                rest = single + after
                if not rest.strip():
                    cell.metadata.execution["elsewhere"] = "yes"  # nbformat wants a text
                    cell.source = ""
                    break
                shown, cell.source = [*shown, *cell.outputs], rest
                reply = await self.supervise(number, cell, False)
                shown, cell.outputs = [*shown, *cell.outputs], []
                _mark(cell, self.verdict(number, cell, reply, ""))
                if self.stopped or not _failed(cell):
                    break
            self.works[number] = worked + cell.source
        finally:
            cell.source, cell.outputs = source, shown or cell.outputs
        return reply

    async def place_of_error(self):
        """Line and column of a cell's error; a line of 0 if the kernel does not tell."""
        place = await question.result(self.ask, elsewhere.PLACE)
        numbers = isinstance(place, list) and all(isinstance(it, int) for it in place)
        return place if numbers and len(place) == 2 else (0, 0)

    async def compare(self, number, source):
        """Compare what a test relies on with what there was; returns names that are foreign."""
        found = await integrity.survey(self.ask, source, self.baseline)
        if found is None:
            words = "what the test relies on could not be looked at"
            self.incidents.append(Incident(number, TAMPERING, words))
            return []
        changed, foreign = integrity.compare(found, self.baseline)
        self.note_changed(number, changed)
        return foreign

    def note_changed(self, number, names):
        """Note what a test relies on and is not what it was, if there is any."""
        if names:
            words = f"what the test relies on was changed: {', '.join(sorted(names)[:5])}"
            self.note_once(Incident(number, TAMPERING, words))

    def note_once(self, incident):
        """Note an incident, unless an earlier attempt to run the cell has."""
        if incident not in self.incidents:
            self.incidents.append(incident)

    async def supervise(self, number, cell, test):
        """Run a cell within its limits; returns the kernel's reply."""
        client = self.client
        client.begin_cell()
        self.allowed = min(self.limits.cell_seconds, self.deadline - time.monotonic())
        watch = asyncio.create_task(self.watch(client))
        try:
            await client.async_execute_cell(cell, number, store_history=not test)
        finally:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
            self.note_stop(number, cell, client)
        if self.interrupted:
            await self.ask("import time; time.sleep(0.02)")  # one that comes late hits nothing
        if client.replies:
            return replace_surrogates(client.replies[0]["content"])
        return {} if cell.source.strip() else {"status": "ok"}

    async def make_room(self, number):
        """End a kernel that a cell has left without memory; the next cell gets a new one."""
        self.incidents.append(Incident(number, MEMORY, "it asked for too much memory"))
        reply = await self.ask(f"bytearray({self.limits.memory // 4})")
        if reply["content"]["status"] != "ok":
            self.fatal.add(number)
            await self.end()

    async def watch(self, client):
        """Stop a cell that takes too long or prints too much: politely, then by force."""
        self.due, self.interrupted = None, False
        try:
            await asyncio.wait_for(client.excess.wait(), max(0, self.allowed))
        except TimeoutError:
            self.due = TIME
        self.interrupted = True
        for _ in range(2):  # code that ignores errors may have swallowed the first by chance
            await client.km.interrupt_kernel()
            await asyncio.sleep(self.limits.grace / 2)
        await client.km.provisioner.kill()

    def note_stop(self, number, cell, client):
        """Note that a cell had to be stopped, if so, or that not all it showed was kept."""
        if client.refused:
            words = "it showed something that no notebook can hold, which was left out"
            self.incidents.append(Incident(number, OUTPUT, words))
        if client.excess.is_set():
            self.stopped, words = OUTPUT, "stopped, because it printed or showed too much"
            shorten(cell, client.end)
        elif self.due:
            self.stopped, words = TIME, f"stopped after {self.allowed:.3g} s"
            if self.cut_short():
                words += f", because the notebook's {self.limits.seconds:g} s were over"
        else:
            return
        self.incidents.append(Incident(number, self.stopped, words))
        say(cell, "Stopped", words)

    def cut_short(self):
        """Whether the notebook's time was over before the cell's own was."""
        return self.allowed < self.limits.cell_seconds and time.monotonic() >= self.deadline

    def verdict(self, number, cell, reply, proof):
        """The state of a cell, from the kernel's reply and from what is shown."""
        if self.stopped == TIME and is_test(cell) and self.cut_short():
            return NOT_RUN
        errors = [it for it in cell.outputs if it.output_type == "error"]
        if is_test(cell) and reply.get("ename") in GROUPS and not errors:
            say(cell, reply["ename"], str(reply.get("evalue")))
            return FAILED
        shown = [it.evalue for it in errors]
        if self.stopped or not is_test(cell):
            return RAN if reply.get("status") == "ok" and not self.stopped else FAILED
        cell.outputs = [it for it in cell.outputs if it.get("evalue") != proof]
        for error in errors:  # a traceback shows the next line as well
            lines = "\n".join(error.traceback).split("\n")
            error.traceback = [line for line in lines if proof[-32:] not in line]
        passed = reply.get("ename") == "AssertionError" and reply.get("evalue") == proof
        if passed and proof in shown:
            return RAN
        if reply.get("status") == "error" and reply.get("evalue") in shown and not passed:
            return FAILED
        words = "whether the test passed or failed was kept from us"
        self.incidents.append(Incident(number, TAMPERING, words))
        return NOT_RUN


def _asks_to_end(reply):
    """Whether a kernel that was told exit() or quit() is about to end."""
    wishes = [it for it in reply.get("payload", ()) if it.get("source") == "ask_exit"]
    return any(not it.get("keepkernel") for it in wishes)


def _failed(cell):
    """Whether a cell has been run and has failed."""
    return cell.metadata.execution.state == FAILED


def _mark(cell, state):
    """Write down how a cell went."""
    cell.metadata["execution"] = {"state": state}


def _definitions(source):
    """Imports and definitions at the top level of a cell."""
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    try:
        kept = [it for it in ast.parse(source).body if isinstance(it, kinds)]
        return ast.unparse(ast.Module(kept, []))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
