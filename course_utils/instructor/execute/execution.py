"""Run a submission's notebook and say truthfully how far it came: shortly, and whole if need be.

Only what tests and answers depend on is run, as far as that can be told by reading (see `needed`);
the rest is `LEFT_OUT` and keeps the outputs that the student handed in, marked as such. If a test
does not pass, and could if everything were run (see `again`), everything is run. Every code cell
ends in one of the states `RAN`, `FAILED`, `NOT_RUN` and `LEFT_OUT`; `run` tells how.
"""

import asyncio
import contextlib
import copy
import functools
import os
import threading
from dataclasses import replace

from jupyter_client.kernelspec import KernelSpecManager

from course_utils.instructor.execute import again, needed, sandbox
from course_utils.instructor.execute.outcome import RAN, Limits
from course_utils.instructor.execute.roles import roles, tests_of
from course_utils.instructor.execute.run import Run
from course_utils.instructor.execute.warm_kernel import PROVISIONER, warm_kernels

WARMING = threading.Lock()


def execute(notebook, folder, limits=None, *, whole=False, hidden=(), confined=True, owner=None):
    """Run a notebook's code cells, one after the other: those that tests and answers depend on.

    Kernels are warm: inside ``with warm_kernels()`` as that says; else their server stays for as
    long as this process.

    Parameters
    ----------
    notebook : NotebookNode
        Not changed. Outputs that are in it already are kept in cells that are `LEFT_OUT`, and
        nowhere else.
    folder : Path or None
        Its files lie in the working folder: as copies, if the notebook is run confined. None, for
        a confined one only, means that there are none.
    limits : Limits, optional
        For each run.
    whole : bool
        Whether everything is run, needed or not.
    hidden : sequence of Path
        What must not be seen, wherever it lies; see `sandbox.policy`.
    confined : bool
        Without a sandbox, code can read, change and send whatever the person can who runs it.
    owner : str, optional
        On whose behalf this runs, for `interrupt`.

    Returns
    -------
    Execution

    Raises
    ------
    OSError
        If the notebook is to be confined and cannot be, or no kernel starts. InterruptedError if
        `interrupt` was called.
    """
    limits = limits or Limits()
    if confined and sandbox.available():
        raise OSError(sandbox.available())
    with WARMING:  # of several threads one starts the server, and the others wait for it
        if not _is_warm():
            _keep_warm()
    policy = confined and sandbox.policy(
        folder,
        memory=limits.memory,
        disk=limits.disk,
        processes=limits.processes,
        seconds=int(limits.seconds * (os.cpu_count() or 1)) + 1,
        hidden=hidden,
    )
    plan = needed.Plan({}, "somebody asked for it") if whole else needed.plan(roles(notebook))
    first = Run(copy.deepcopy(notebook), folder, limits, policy, owner, plan)
    done = _carry_out(first)
    if plan.whole:
        return replace(done, why="" if whole else plan.whole)
    states = {number: it.metadata.execution.state for number, it in tests_of(done.notebook)}
    why = [number for number, cell in tests_of(done.notebook) if first.could_pass(number, cell)]
    if not why:
        return replace(done, run="needed")
    everything = needed.Plan({}, "a test that has not passed could pass")
    second = _carry_out(Run(copy.deepcopy(notebook), folder, limits, policy, owner, everything))
    passed = {
        number
        for number, cell in tests_of(second.notebook)
        if states[number] == RAN != cell.metadata.execution.state
    }
    return replace(again.better(done, second, passed), why=everything.whole)


def _carry_out(run):
    """Run a notebook, so that `interrupt` can end it."""
    _running.add(run)
    if run.owner in _gone:
        run.given_up = True
    try:
        return asyncio.run(run.all_cells())
    except asyncio.CancelledError as error:
        raise InterruptedError("the notebook was given up") from error
    finally:
        _running.discard(run)


def interrupt(owner):
    """End every notebook that this process runs on somebody's behalf, and let no more begin.

    `execute` raises InterruptedError.

    Parameters
    ----------
    owner : str
    """
    _gone.add(owner)
    for run in list(_running):
        if run.owner == owner:
            run.interrupt()


_running = set()
_gone = set()  # owners who have given up what may not even have begun


def _is_warm():
    """Whether kernels are forked from a warm server already."""
    with contextlib.suppress(KeyError):
        spec = KernelSpecManager().get_kernel_spec("python3").metadata
        return spec["kernel_provisioner"]["provisioner_name"] == PROVISIONER
    return False


@functools.cache
def _keep_warm():
    """Have kernels forked from a server that stays as long as this process."""
    stack = contextlib.ExitStack()
    stack.enter_context(warm_kernels())
    return stack
