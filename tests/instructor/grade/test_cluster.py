"""A dask.distributed cluster gives the marks that this machine gives, and loses none."""

import builtins
import functools
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from course_utils.instructor.course import CourseError
from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.execute import execution, sandbox
from course_utils.instructor.grade import cluster as cluster_module
from course_utils.instructor.grade import grading
from course_utils.instructor.grade.cluster import cluster
from course_utils.instructor.grade.examination import examine
from course_utils.instructor.grade.grading import pending, submissions
from course_utils.instructor.gradebook.marks import read_submissions
from course_utils.instructor.gradebook.records import COULD_NOT_GRADE, GRADED, read_record
from tests.instructor.grade.test_grading import LESSON, LIMITS, RIGHT

dask = pytest.importorskip("dask", reason="dask.distributed is an extra of its own")
distributed = pytest.importorskip("distributed")

pytestmark = pytest.mark.usefixtures("quick_kernels")
CONFINED = not sandbox.available()
SETTINGS = {
    "distributed.scheduler.allowed-failures": 1,
    # Otherwise a nanny changes this process's own environment, and with it all kernels to come.
    "distributed.nanny.pre-spawn-environ": {},
}


@pytest.fixture(scope="module")
def address(quick_kernels):
    """A cluster on this machine, of two processes, whose kernels start at once."""
    with (
        dask.config.set(SETTINGS),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as local,
    ):
        yield local.scheduler_address


@pytest.fixture
def classroom(course):
    """A class of which everybody's marks differ."""
    answers = {
        "ada": RIGHT,
        "bo": RIGHT | {"total": "total = len"},
        "cy": {},
        "di": RIGHT | {"mean": "import os; os._exit(3)"},
    }
    for student, own in answers.items():
        hand_in(course, student, LESSON, own)
    return submissions(course, [LESSON])


def grade(course, address, waiting):
    """Grade on the cluster; gives records by student."""
    with cluster(address, confined=CONFINED) as (executor, workers):
        records = list(
            grading.grade(
                course,
                waiting,
                executor=executor,
                workers=workers,
                limits=LIMITS,
                confined=CONFINED,
            )
        )
    # Each once, whatever has died.
    assert sorted((it.student, it.lesson) for it in records) == sorted(waiting)
    return {record.student: record for record in records}


def dying(flag, times, data, *arguments, **options):
    """Examine a notebook; the worker that gets this one dies so many times first."""
    if b"deadly" in data:
        deaths = len(list(Path(flag).iterdir()))
        if deaths < times:
            Path(flag, str(deaths)).touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return examine(data, *arguments, **options)


def running():
    """How many notebooks this process is running."""
    return len(execution._running)


def test_marks_are_those_of_this_machine(course, classroom, address):
    here = {
        it.student: it for it in grading.grade(course, classroom, limits=LIMITS, confined=CONFINED)
    }
    there = grade(course, address, classroom)
    assert {name: replace(it, graded="") for name, it in there.items()} == {
        name: replace(it, graded="") for name, it in here.items()
    }
    assert (there["ada"].earned, there["bo"].earned, there["cy"].earned) == (7, 6, 0)


@pytest.mark.parametrize(("times", "status"), [(1, GRADED), (9, COULD_NOT_GRADE)])
def test_a_worker_that_dies_loses_no_mark(course, address, tmp_path, monkeypatch, times, status):
    for student, why in (("ada", ""), ("eve", "deadly"), ("flo", "")):
        hand_in(course, student, LESSON, RIGHT | {"why": why})
    waiting = submissions(course, [LESSON])
    flag = tmp_path / "flag"
    flag.mkdir()
    monkeypatch.setattr(grading, "examine", functools.partial(dying, str(flag), times))
    records = grade(course, address, waiting)
    assert records["eve"].status == status
    if status == COULD_NOT_GRADE:
        assert "KilledWorker" in records["eve"].reasons[0]
        assert pending(course, waiting) == [("eve", LESSON)]
    assert (records["ada"].earned, records["flo"].earned) == (7, 7)
    marked = {"ada", "flo"} | ({"eve"} if status == GRADED else set())
    assert read_submissions(course.gradebook_url) == {(it, LESSON) for it in marked}


def test_who_stops_ends_what_runs_there(course, address):
    hand_in(course, "ada", LESSON, {"total": "while True: pass"})
    hand_in(course, "bo", LESSON, RIGHT)
    patient = replace(LIMITS, cell_seconds=9_000, seconds=9_000)
    with cluster(address, confined=CONFINED) as (executor, workers):
        records = grading.grade(
            course,
            submissions(course, [LESSON]),
            executor=executor,
            workers=workers,
            limits=patient,
            confined=CONFINED,
        )
        assert next(records).student == "bo"
        records.close()
    # Otherwise this would not end.
    with distributed.Client(address, set_as_default=False) as client:
        while any(client.run(running).values()):
            time.sleep(0.05)


def test_the_command_grades_on_a_cluster(course, classroom, address, run):
    words = ["grade", "--cluster", address, *([] if CONFINED else ["--no-sandbox"])]
    code, output = run(*words)
    assert code == 0, output
    assert "6 / 7, 2 to grade" in output
    assert read_record(course, "ada", LESSON).earned == 7


def test_a_cluster_that_vanishes_is_told_and_what_is_graded_stays(course, classroom):
    with (
        distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None) as local,
        cluster(local.scheduler_address, confined=False) as (executor, workers),
    ):
        records = grading.grade(
            course, classroom, executor=executor, workers=workers, limits=LIMITS, confined=CONFINED
        )
        first = next(records)
        executor.stop()
        with pytest.raises(
            OSError, match="(workers have died|cluster has gone).* run the same command"
        ):
            list(records)
    left = pending(course, classroom)
    assert left
    assert (first.student, LESSON) not in left


def test_nobody_at_the_address_is_told(monkeypatch):
    monkeypatch.setattr(cluster_module, "PATIENCE", 0.2)
    with (
        pytest.raises(CourseError, match="No dask scheduler answers at tcp://127.0.0.1:1 "),
        cluster("tcp://127.0.0.1:1"),
    ):
        pass


def test_a_cluster_without_workers_is_told():
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=None) as local,
        pytest.raises(CourseError, match="has no workers. On each machine, run: dask worker"),
        cluster(local.scheduler_address),
    ):
        pass


def test_other_versions_are_told(address, monkeypatch):
    class Old(distributed.Client):
        def run(self, function, *arguments, **options):
            told = super().run(function, *arguments, **options)
            return {
                worker: its | {"numpy": "0.9"} if isinstance(its, dict) else its
                for worker, its in told.items()
            }

    monkeypatch.setattr(distributed, "Client", Old)
    with (
        pytest.raises(CourseError, match=r"has other versions, .*: numpy 0.9 \(here: \S+\)\. Inst"),
        cluster(address),
    ):
        pass


def test_workers_that_cannot_confine_are_told(address, monkeypatch):
    monkeypatch.setattr(sandbox, "available", functools.partial(str, "it is too old."))
    with (
        pytest.raises(CourseError, match="cannot be confined by the worker at .*: it is too old."),
        cluster(address),
    ):
        pass
    with cluster(address, confined=False) as (_, count):
        assert count == 2


def test_a_machine_without_distributed_is_told(monkeypatch):
    real = builtins.__import__

    def without(name, *arguments, **options):
        if name == "distributed":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with (
        pytest.raises(CourseError, match="pip install distributed"),
        cluster("tcp://10.0.0.1:8786"),
    ):
        pass


def test_a_cluster_has_workers_of_its_own(course, classroom, run):
    code, output = run("grade", "--cluster", "tcp://x:1", "--workers", "2")
    assert code == 2
    assert "Leave --workers out" in output
