"""Count the memory of a confined process together with all that it starts, and share time fairly.

A control group of Linux does both, whatever sessions or children there are: it has one limit of
memory, files in memory included, and as much of the processors as any other group. Root can make
one on most machines; nobody else can, and in containers it is often refused. Then there is none.

`sandbox` runs this file by its path, so it uses the standard library only.
"""

import contextlib
import os
import re
from pathlib import Path

PLACE = Path("/sys/fs/cgroup")
NAME = "course-{}"


def enter(owner, memory):
    """Move this process into groups of its own, where that is possible.

    Parameters
    ----------
    owner : int
        The number of a process that lives as long as the groups are needed.
    memory : int
        Bytes that all processes in them may take together.

    Returns
    -------
    list of Path
        The groups.
    """
    entered = []
    for parent in _parents():
        _clear(parent)
        group = parent / NAME.format(owner)
        try:
            group.mkdir()
            for name, value in _settings(memory).items():
                if (group / name).exists():
                    (group / name).write_text(str(value))
            (group / "cgroup.procs").write_text(str(os.getpid()))
            entered.append(group)
        except OSError:
            with contextlib.suppress(OSError):
                group.rmdir()
    return entered


def _settings(memory):
    """What is written into a group's files, in the two versions that there are."""
    nice = os.getpriority(os.PRIO_PROCESS, 0)  # which counts within a group only
    return {
        "memory.max": memory,
        "memory.swap.max": 0,
        "cpu.weight.nice": nice,
        "memory.limit_in_bytes": memory,
        "cpu.shares": max(2, round(1024 / 1.25**nice)),
    }


def _parents():
    """Where groups can be made: in the second version below all others, in the first below ours."""
    if (PLACE / "cgroup.controllers").exists():
        return [PLACE]
    own = dict(re.findall(r"^\d+:(\w+):(.*)$", Path("/proc/self/cgroup").read_text(), re.MULTILINE))
    places = [(PLACE / kind, own.get(kind, "/").strip("/")) for kind in ("memory", "cpu")]
    found = [place / path if (place / path).is_dir() else place for place, path in places]
    return [it for it in found if it.is_dir()]


def _clear(parent):
    """Remove the groups of processes that have ended."""
    for group in parent.glob(NAME.format("*")):
        if not Path("/proc", group.name.rpartition("-")[2]).exists():
            with contextlib.suppress(OSError):  # what is ending in it has not ended yet
                group.rmdir()
