"""How many notebooks a machine can run at the same time: by its cores, its memory and its quotas.

A container or a job of a cluster often may use less than the machine has. Linux says so in files
below ``/sys/fs/cgroup``, for the group of this process and for all groups around it.
"""

import math
import os
from pathlib import Path

GIB = 2**30
# For the system, `course grade` itself and the server that kernels are forked from.
BESIDE = 2.5 * GIB
NOTEBOOK = 1 * GIB  # what a kernel has of its own: 0.1 where no training runs, 0.7 where one does


def workers(root=Path("/"), cores=None):
    """Choose how many notebooks run at the same time.

    Parameters
    ----------
    root : Path
        Where the system's files lie.
    cores : int, optional
        Processors that this process may use; the system tells, if not given.

    Returns
    -------
    int
        At least 1.
    """
    cores = cores or len(os.sched_getaffinity(0))
    by_quota = min(cores, cpu_quota(root))  # part of a processor is used, too
    by_memory = (memory(root) - BESIDE) // NOTEBOOK
    return int(max(1, min(math.ceil(by_quota), by_memory)))


def cpu_quota(root=Path("/")):
    """Give how many processors' time this process and all that it starts may use together.

    Parameters
    ----------
    root : Path

    Returns
    -------
    float
        Infinity where there is no limit.
    """
    quotas = [math.inf]
    for folder in _groups(root, "cpu"):
        quota, period = (_read(folder / "cpu.max").split() + ["", ""])[:2]
        if not quota:
            quota, period = (_read(folder / f"cpu.cfs_{it}_us") for it in ("quota", "period"))
        if quota.isdigit() and period.isdigit():
            quotas.append(int(quota) / int(period))
    return min(quotas)


def memory(root=Path("/")):
    """Give how many bytes of memory this process and all that it starts may use together.

    Parameters
    ----------
    root : Path

    Returns
    -------
    float
        The machine's own, or less where there is a limit; infinity where nobody tells.
    """
    lines = _read(root / "proc/meminfo").splitlines()
    sizes = [int(it.split()[1]) * 1024 for it in lines if it.startswith("MemTotal:")]
    for folder in _groups(root, "memory"):
        limits = (_read(folder / it) for it in ("memory.max", "memory.limit_in_bytes"))
        sizes += [int(it) for it in limits if it.isdigit()]
    return min(sizes, default=math.inf)


def _groups(root, controller):
    """Folders of this process's control group, and of those around it: versions 2 and 1."""
    base = root / "sys/fs/cgroup"
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        top = base / controller if controllers else base
        folder = top / path.lstrip("/")
        yield from (it for it in (folder, *folder.parents) if it.is_relative_to(top))


def _read(path):
    """A file's text without white space around it; empty if there is none."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
