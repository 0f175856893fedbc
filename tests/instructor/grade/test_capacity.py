"""As many notebooks run at the same time as cores, memory and quotas allow."""

import math

import pytest

from course_utils.instructor.grade.capacity import cpu_quota, memory, workers

GB = 10**9
MEMORY = "MemTotal:       {} kB\nMemFree:         3 kB\n"
GROUPS = {  # by version of Linux' control groups: what tells where this process is
    2: "0::/jobs/17\n",
    1: "9:name=systemd:/\n4:memory:/jobs/17\n1:cpu,cpuacct:/jobs/17\n0::/\n",
}


@pytest.fixture
def machine(tmp_path):
    """A function that writes a machine's files, and gives the folder they lie in."""

    def machine(size=64 * GB, version=2, **files):
        told = {"proc/meminfo": MEMORY.format(size // 1024), "proc/self/cgroup": GROUPS[version]}
        told |= {f"sys/fs/cgroup/{path}": text for path, text in files.items()}
        for path, text in told.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return tmp_path

    return machine


@pytest.mark.parametrize(
    ("size", "cores", "expected"),
    [(8, 8, 4), (16, 8, 8), (16, 32, 12), (64, 32, 32), (64, 128, 57), (2, 4, 1), (64, 1, 1)],
)
def test_a_machine_takes_as_many_as_its_cores_and_its_memory(machine, size, cores, expected):
    assert workers(machine(size * GB), cores) == expected


def test_a_machine_that_tells_nothing_has_its_cores(tmp_path):
    assert (cpu_quota(tmp_path), memory(tmp_path)) == (math.inf, math.inf)
    assert workers(tmp_path, 3) == 3


@pytest.mark.parametrize(
    ("version", "files"),
    [
        (2, {"jobs/17/cpu.max": "250000 100000\n"}),
        (2, {"jobs/17/cpu.max": "max 100000\n", "jobs/cpu.max": "250000 100000\n"}),
        (2, {"cpu.max": "250000 100000\n"}),  # as a container sees its own group
        (1, {"cpu/jobs/17/cpu.cfs_quota_us": "250000", "cpu/jobs/17/cpu.cfs_period_us": "100000"}),
        (1, {"cpu/cpu.cfs_quota_us": "250000", "cpu/cpu.cfs_period_us": "100000"}),
    ],
)
def test_a_quota_of_processors_holds(machine, version, files):
    root = machine(version=version, **files)
    assert cpu_quota(root) == 2.5
    assert workers(root, 16) == 3
    assert workers(root, 2) == 2


@pytest.mark.parametrize(
    ("version", "files"),
    [
        (2, {"jobs/17/memory.max": "8000000000\n"}),
        (2, {"jobs/17/memory.max": "max\n", "jobs/memory.max": "8000000000\n"}),
        (1, {"memory/jobs/17/memory.limit_in_bytes": "8000000000\n"}),
        (1, {"memory/memory.limit_in_bytes": "8000000000\n"}),
    ],
)
def test_a_quota_of_memory_holds(machine, version, files):
    root = machine(version=version, **files)
    assert memory(root) == 8 * GB
    assert workers(root, 16) == 4


@pytest.mark.parametrize(
    ("version", "files"),
    [
        (2, {"jobs/17/cpu.max": "max 100000\n", "jobs/17/memory.max": "max\n"}),
        (
            1,
            {
                "cpu/jobs/17/cpu.cfs_quota_us": "-1",
                "cpu/jobs/17/cpu.cfs_period_us": "100000",
                "memory/jobs/17/memory.limit_in_bytes": "9223372036854771712",
            },
        ),
    ],
)
def test_no_quota_is_no_limit(machine, version, files):
    root = machine(version=version, **files)
    assert cpu_quota(root) == math.inf
    assert workers(root, 16) == 16
