"""Everything that students hand in, graded in one batch with honest neighbours.

Each row says what is handed in, and exactly what comes of it: the marks of every graded cell, the
status, and the words that tell a person why. Three honest students stand first, in the middle and
last; their marks must not depend on who stands between them.

What goes wrong on the way there is in a second batch, which is collected first. Other odd arrivals
are tested in `test_archives.py` and `test_collect.py` of `tests/instructor`, other hostile cells in
`test_execution.py` and `test_integrity.py`, other damaged notebooks in `test_repair.py`.
"""

import contextlib
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import FunctionType

import nbformat
import pytest
from jupyter_client.provisioning import KernelProvisionerFactory
from nbgrader.api import Gradebook

from course_utils.instructor.collect.collect import collect
from course_utils.instructor.course import find_course
from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.execute import sandbox, warm_kernel
from course_utils.instructor.execute.outcome import Limits
from course_utils.instructor.execute.warm_kernel import KERNEL_MODULES, warm_kernels
from course_utils.instructor.grade.grading import grade, pending, submissions
from course_utils.instructor.gradebook.records import (
    COULD_NOT_GRADE,
    GRADED,
    NEEDS_REVIEW,
    UNTOUCHED,
    read_record,
)
from course_utils.instructor.lessons.exercises import inject
from course_utils.instructor.release.release import release
from tests.instructor.toy_course import make_toy_course

LESSON = "01-sums"
CELLS = ("total-visible", "total-hidden", "mean-visible", "mean-hidden", "why")
TOTAL = "def total(numbers):\n    return sum(numbers)"
MEAN = "def mean(numbers):\n    return sum(numbers) / len(numbers)"
WRONG = "def total(numbers):\n    return 17"
RIGHT = {"total": TOTAL, "mean": MEAN, "why": "Nothing can be divided by zero."}
FULL = (1, 2, 1, 3, None)
NO_TOTAL, NO_MEAN = (0, 0, 1, 3, None), (1, 2, 0, 0, None)
LIMITS = Limits(
    cell_seconds=60,
    seconds=300,
    grace=1,
    memory=2**30,
    disk=20 * 2**20,
    processes=64,
    text=200_000,
    output=200_000,
)

confined = pytest.mark.skipif(
    sandbox.available() != "", reason=f"nothing can be confined here: {sandbox.available()}"
)


@dataclass(frozen=True)
class Row:
    """What is handed in, and what comes of it.

    Attributes
    ----------
    name : str
        The student, too.
    handed_in : bytes or callable
        A function changes a notebook with all answers right, as JSON has it, or gives bytes.
    marks : tuple of float or None
        In the order of `CELLS`; None waits for a person. Empty if it could not be graded.
    status : str
    words : tuple of str
        What the reasons say. If there are none, there are no reasons.
    mended : tuple of str
        What the list of repairs says. If there are none, there are no repairs.
    said : tuple of (str, str)
        A graded cell, and what its message says.
    """

    name: str
    handed_in: bytes | FunctionType
    marks: tuple = FULL
    status: str = GRADED
    words: tuple = ()
    mended: tuple = ()
    said: tuple = ()


# Ways to change a notebook


def cell_of(notebook, name):
    """A graded cell, by its grade id."""
    found = (it for it in notebook["cells"] if grade_id(it) == name)
    return next(found)


def grade_id(cell):
    """A cell's grade id, if it has one."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def nothing(notebook):
    """Leave all as it is."""


def answers(**texts):
    """Give other answers."""

    def change(notebook):
        for name, text in texts.items():
            cell_of(notebook, name)["source"] = text

    return change


def stub(notebook):
    """Take all answers back."""
    return nbformat.writes(RELEASED["notebook"]).encode()


RELEASED = {}


def own_cell(source):
    """Put an own cell between the two exercises."""

    def change(notebook):
        place = notebook["cells"].index(cell_of(notebook, "mean"))
        own = {"cell_type": "code", "id": "own", "metadata": {}, "source": source}
        notebook["cells"].insert(place, own | {"outputs": [], "execution_count": None})

    return change


def without(name):
    """Delete a graded cell."""
    return lambda notebook: notebook["cells"].remove(cell_of(notebook, name))


def twice(name, first=None):
    """Copy a graded cell, and change the first copy."""

    def change(notebook):
        cell = cell_of(notebook, name)
        copy = json.loads(json.dumps(cell)) | {"source": first or cell["source"]}
        notebook["cells"].insert(notebook["cells"].index(cell), copy)

    return change


def settings(name, **roles):
    """Change what a graded cell says to nbgrader."""
    return lambda notebook: cell_of(notebook, name)["metadata"]["nbgrader"].update(roles)


def all_settings(**roles):
    """Change what all graded cells say to nbgrader."""

    def change(notebook):
        for cell in notebook["cells"]:
            if grade_id(cell):
                cell["metadata"]["nbgrader"].update(roles)

    return change


def tampered_test(notebook):
    """Have a test pass whatever comes, and answer wrongly."""
    answers(total=WRONG)(notebook)
    cell_of(notebook, "total-visible")["source"] = "assert True"


def stripped(notebook):
    """Lose all metadata."""
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id")


def colab(ids):
    """Save with Colab."""

    def change(notebook):
        notebook |= {"nbformat_minor": 0}
        notebook["metadata"] |= {"colab": {"provenance": []}, "accelerator": "GPU"}
        for number, cell in enumerate(notebook["cells"]):
            del cell["id"]
            cell["metadata"]["outputId"] = "c0ffee"
            if ids:
                cell["metadata"]["id"] = f"Xy_{number}"

    return change


def kernel(name, language, **texts):
    """Save with another kernel."""

    def change(notebook):
        spec = {"name": name, "display_name": name, "language": language}
        notebook["metadata"] = {"kernelspec": spec, "language_info": {"name": language}}
        answers(**texts)(notebook)

    return change


def version(major, minor):
    """Save as another nbformat."""

    def change(notebook):
        notebook |= {"nbformat": major, "nbformat_minor": minor}
        if major == 3:
            cells = notebook.pop("cells")
            for cell in cells:
                cell.pop("id")
                if cell["cell_type"] == "code":
                    cell["input"] = cell.pop("source")
            notebook["worksheets"] = [{"cells": cells}]

    return change


def every(*changes):
    """Make several changes."""

    def change(notebook):
        for each in changes:
            each(notebook)

    return change


EXIT = "import os\ndef mean(numbers):\n    os._exit(3)"
SWALLOWS = (
    "import time\nwhile True:\n    try: time.sleep(9)\n    except BaseException: pass",
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
)
THREAD = "import threading, time\nthreading.Thread(target=lambda: time.sleep(99)).start()"
WARNS = (
    "import sys, warnings\ndef total(numbers):\n    warnings.warn('old')\n"
    "    print('hm', file=sys.stderr)\n    return sum(numbers)"
)
FIGURES = "import matplotlib.pyplot as plt\nfor i in range(500): plt.plot([i]); plt.show()"
KERNEL = "get_ipython().kernel"
SOCKET = f"{KERNEL}.iopub_socket"
DEEP = "def total(numbers):\n    return total(numbers)"
OWN = "cell 8: "  # where `own_cell` puts it
REVIEW = {"status": NEEDS_REVIEW}

ROWS = [
    Row("perfect", nothing),
    Row("stub", stub, (), status=UNTOUCHED, words=("no answer differs from what was given out",)),
    Row(
        "wrong",
        answers(total=WRONG, mean="def mean(numbers): return 8"),
        (0, 0, 0, 0, None),
        said=(("total-visible", "total([1, 2]) should be 3; yours gives 17."),),
    ),
    Row(
        "partly right",
        answers(mean="def mean(numbers): return 3"),
        (1, 2, 1, 0, None),
        said=(("mean-hidden", "a mean need not be a whole number"),),
    ),
    Row("tampered test", tampered_test, NO_TOTAL, **REVIEW, words=("made it pass: look at it",)),
    Row(
        "tampered points",
        settings("total-hidden", points=100),
        **REVIEW,
        words=("says that it gives 100 points; the lesson's 2 count",),
    ),
    Row("deleted test", without("mean-hidden"), mended=("was missing; it was put back",)),
    Row(
        "deleted solution",
        without("total"),
        NO_TOTAL,
        **REVIEW,
        words=("The lesson's stub was put back, which earns no points",),
    ),
    Row(
        "duplicated solution",
        twice("total", WRONG),
        **REVIEW,
        words=("is there 2 times (cells 4 and 5). Cell 5 counts, the last one that was filled in",),
        mended=("1 cell had no id, or one that another cell has",),
    ),
    Row("duplicated test", twice("total-hidden"), mended=("is there 2 times",)),
    Row(
        "infinite loop", own_cell("while True: pass"), **REVIEW, words=(f"{OWN}stopped after 5 s",)
    ),
    Row(
        "infinite loop in an answer",
        answers(mean="def mean(numbers):\n    while True: pass"),
        NO_MEAN,
        **REVIEW,
        words=("cells 9 (mean-visible) and 10 (mean-hidden): stopped after 5 s",),
        said=(("mean-visible", "Stopped: stopped after 5 s"),),
    ),
    Row(
        "loop that swallows interrupts",
        own_cell(SWALLOWS[0]),
        **REVIEW,
        words=(f"{OWN}stopped after 5 s", f"{OWN}the kernel was ended by SIGKILL"),
    ),
    Row(
        "loop without interrupts",
        own_cell(SWALLOWS[1]),
        **REVIEW,
        words=(f"{OWN}stopped after 5 s", f"{OWN}the kernel was ended by SIGKILL"),
    ),
    Row("sys.exit", own_cell("import sys; sys.exit()")),
    Row("exit", own_cell("exit()"), **REVIEW, words=(f"{OWN}the kernel ended, because exit()",)),
    Row("quit", own_cell("quit()"), **REVIEW, words=(f"{OWN}the kernel ended, because exit()",)),
    Row(
        "exit in an answer",
        answers(total=f"{TOTAL}\nexit()", mean="def mean(numbers): exit()"),
        NO_MEAN,
        **REVIEW,
        words=("4 (total), 9 (mean-visible) and 10 (mean-hidden): the kernel ended, because",),
        said=(("mean-visible", "mean([2, 4]) should be 3; yours gives None."),),
    ),
    Row(
        "kills itself",
        own_cell("import os; os.kill(os.getpid(), 9)"),
        **REVIEW,
        words=(f"{OWN}the kernel was ended by SIGKILL",),
    ),
    Row(
        "sys.exit in an answer",
        answers(mean="import sys\ndef mean(numbers): sys.exit(3)"),
        NO_MEAN,
        said=(("mean-visible", "SystemExit: 3"),),
    ),
    Row(
        "os._exit", own_cell("import os; os._exit(3)"), **REVIEW, words=(f"{OWN}the kernel ended",)
    ),
    Row(
        "os._exit in an answer",
        answers(mean=EXIT),
        NO_MEAN,
        **REVIEW,
        words=("(mean-visible) and 10 (mean-hidden): the kernel ended with 3",),
        said=(("mean-hidden", "this cell ended the kernel, which ended with 3"),),
    ),
    Row(
        "segfault",
        own_cell("import ctypes; ctypes.string_at(0)"),
        **REVIEW,
        words=(f"{OWN}the kernel was ended by SIGSEGV",),
    ),
    Row(
        "2 million lines",
        own_cell("for i in range(2_000_000): print('line', i)"),
        **REVIEW,
        words=(f"{OWN}stopped, because it printed or showed too much",),
    ),
    Row(
        "one line of 60 MB",
        own_cell("print('x' * 60_000_000)"),
        **REVIEW,
        words=(f"{OWN}stopped, because it printed or showed too much",),
    ),
    Row(
        "8 GB",
        own_cell("held = bytearray(8 * 2**30)"),
        **REVIEW,
        words=(f"{OWN}it asked for too much memory",),
    ),
    Row(
        "recursion bomb",
        answers(total=DEEP),
        NO_TOTAL,
        said=(("total-visible", "RecursionError: maximum recursion depth exceeded"),),
    ),
    Row("thread left running", own_cell(THREAD)),
    Row("input", own_cell("name = input('your name? ')")),
    Row("bash", own_cell("%%bash\nrm -rf / 2> /dev/null; echo done")),
    Row("pip", own_cell("!pip install numpy")),
    Row(
        "syntax error",
        answers(total="def total(numbers:\n    return 3"),
        NO_TOTAL,
        said=(("total-visible", "NameError: name 'total' is not defined"),),
    ),
    Row("warnings", answers(total=WARNS)),
    Row(
        "500 figures",
        own_cell(FIGURES),
        **REVIEW,
        words=(f"{OWN}stopped, because it printed or showed too much",),
    ),
    Row(
        "shows what cannot be shown",
        own_cell(f"{KERNEL}.send_response({SOCKET}, 'display_data', {{'data': 5}})"),
        **REVIEW,
        words=(f"{OWN}it showed something that no notebook can hold, which was left out",),
    ),
    Row(
        "sends what is no message",
        own_cell(f"{SOCKET}.send_multipart([b'x', b'<IDS|MSG>', b'no', b'', b'', b'', b''])"),
        **REVIEW,
        words=(f"{OWN}what the kernel has sent cannot be understood",),
    ),
    Row("Colab with ids", colab(ids=True), mended=("4.0, as Colab saves it",)),
    Row("Colab without ids", colab(ids=False), mended=("as Colab saves it", "cells had no id")),
    Row("all metadata stripped", stripped, mended=("had no id",)),
    Row("garbage", b"no notebook \xff", (), COULD_NOT_GRADE, ("the file is no text",)),
    Row("empty", b"", (), COULD_NOT_GRADE, ("it is empty: the upload failed, perhaps",)),
    Row("PDF", b"%PDF-1.7 ...", (), COULD_NOT_GRADE, ("the file is a PDF document",)),
    Row("not a notebook", b'{"a": 1}', (), COULD_NOT_GRADE, ("JSON without cells; it holds a",)),
    Row(
        "cut off",
        lambda notebook: json.dumps(notebook).encode()[:2000],
        (),
        COULD_NOT_GRADE,
        ("this one breaks off after 2000 characters",),
    ),
    Row("nbformat 3", version(3, 0), mended=("nbformat 3.0 and was brought to 4.5",)),
    Row("nbformat 4.9", version(4, 9), mended=("nbformat 4.9, newer than 4.5",)),
    Row("nbformat 5", version(5, 0), (), COULD_NOT_GRADE, ("the newest that can be read is 4.5",)),
    Row("older nbgrader", all_settings(schema_version=1), mended=("schema version 1",)),
    Row("newer nbgrader", all_settings(schema_version=4), mended=("schema version 4",)),
    Row("renamed grade id", settings("total", grade_id="mine"), mended=("'mine'",)),
    Row("R kernel", kernel("ir", "R"), mended=("asked for the kernel 'ir'; Python 3 runs it",)),
    Row(
        "R",
        kernel("ir", "R", total="total <- function(x) { sum(x) }"),
        NO_TOTAL,
        **REVIEW,
        words=("an answer in it is no Python",),
        mended=("asked for the kernel 'ir'",),
    ),
    Row('Zoë Ångström, "the" 1st O\'Neil 王', nothing),
    Row("=1+1", answers(mean="def mean(numbers): return 3"), (1, 2, 1, 0, None)),
]


@pytest.fixture(scope="module")
def warm():
    """Kernels without TensorFlow."""
    with warm_kernels((*KERNEL_MODULES, "numpy", "matplotlib.pyplot")):
        yield


@pytest.fixture
def course(tmp_path, warm):
    """A released toy course of one lesson."""
    course = make_toy_course(tmp_path, [LESSON])
    release(course, [LESSON])
    return course


def put(course, student, handed_in):
    """Hand something in."""
    released = nbformat.read(course.released(LESSON), as_version=4)
    RELEASED["notebook"] = released
    notebook = json.loads(nbformat.writes(inject(released, RIGHT)))
    data = handed_in if isinstance(handed_in, bytes) else handed_in(notebook)
    path = course.submission(student, LESSON)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if data is not None else json.dumps(notebook).encode())


def unharmed(row):
    """What comes of a row whose own cell is not run, because no test depends on it."""
    return replace(row, status=GRADED, words=())


def disagreements(row, record):
    """What came of a row, where it is not what should have."""
    cells = {cell.name: cell for cell in record.cells}
    marks = tuple(cells[name].earned for name in CELLS) if cells else ()
    if marks != row.marks:
        yield f"expected the marks {row.marks}; got {marks}"
    if record.status != row.status:
        yield f"expected {row.status}; got {record.status}"
    for kind, texts, words in (
        ("reasons", record.reasons, row.words),
        ("repairs", record.repairs, row.mended),
    ):
        together = "; ".join(texts)
        if bool(texts) != bool(words) or not all(word in together for word in words):
            yield f"expected {kind} with {words or 'nothing'}; got {together or 'nothing'}"
        if "\n" in together:
            yield f"expected {kind} in one line; got {together!r}"
    for name, words in row.said:
        if cells and words not in cells[name].message:
            yield f"expected {name} to say {words!r}; got {cells[name].message!r}"
    for cell in record.cells:
        if bool(cell.message) != (cell.earned == 0 and not cell.written):
            yield f"{cell.name} earned {cell.earned} and says {cell.message!r}"


class Impatient(ThreadPoolExecutor):
    """Threads that give a notebook which would never end little time, and others plenty."""

    def submit(self, function, data, *arguments, limits, **options):
        if b"while True" in data:
            limits = replace(limits, cell_seconds=5)
        return super().submit(function, data, *arguments, limits=limits, **options)


@confined
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "needed"])
def test_the_battery(course, whole):
    middle = len(ROWS) // 2
    honest = [Row(f"honest-{place}", nothing) for place in ("first", "middle", "last")]
    rows = [honest[0], *ROWS[:middle], honest[1], *ROWS[middle:], honest[2]]
    assert len({row.name for row in rows}) == len(rows)
    for row in rows:
        put(course, row.name, row.handed_in)
    waiting = [(row.name, LESSON) for row in rows]
    assert sorted(submissions(course, [LESSON])) == sorted(waiting)

    with Impatient(2) as executor:
        graded = list(grade(course, waiting, executor=executor, limits=LIMITS, whole=whole))
    records = {record.student: record for record in graded}
    assert len(graded) == len(records) == len(rows)

    problems, left_out = [], 0
    for row in rows:
        record = records[row.name]
        if not whole and any(OWN in words for words in row.words) and not record.reasons:
            assert record.run == "needed"
            row, left_out = unharmed(row), left_out + 1
        told = "; ".join((*record.reasons, *record.repairs))
        print(f"{row.name:32}{record.status:18}{record.earned:g}/{record.maximum:g}  {told}")
        problems += [f"{row.name}: {problem}" for problem in disagreements(row, record)]
        assert read_record(course, row.name, LESSON) == record
    assert not problems, "\n".join(problems)
    assert left_out == (0 if whole else 11)
    ungraded = [(row.name, LESSON) for row in rows if row.status == COULD_NOT_GRADE]
    assert pending(course, waiting) == ungraded


@confined
def test_odd_arrivals_cost_their_neighbours_nothing(course, tmp_path):
    released = nbformat.read(course.released(LESSON), as_version=4)
    perfect = nbformat.writes(inject(released, RIGHT)).encode()
    wrong = nbformat.writes(inject(released, RIGHT | {"total": WRONG})).encode()
    inbox = tmp_path / "inbox.zip"
    arrivals = {
        "Ada Honest_1_assignsubmission_file_/01-sums.ipynb": perfect,
        "Ann Lee_2_assignsubmission_file_/01-sums.ipynb": perfect,
        "Ann Lee_3_assignsubmission_file_/01-sums.ipynb": wrong,
        "Em Pty_4_assignsubmission_file_/hand-in.zip": b"",
        "Up Climber_5_assignsubmission_file_/../Ada Honest_1_assignsubmission_file_/x.ipynb": wrong,
        "Zed Honest_6_assignsubmission_file_/01-sums.ipynb": perfect,
    }
    with zipfile.ZipFile(inbox, "w") as archive:
        for name, data in arrivals.items():
            archive.writestr(name, data)
    collected = collect(course, inbox)
    refused = {it.path: it.why for it in collected.unplaced}
    assert [*refused.values()] == ["it is a zip of 0 bytes", "its name leads out of the zip"]
    assert [path.split("_")[0] for path in refused] == ["Em Pty", "Up Climber"]
    odd = {row.student: row.oddities for row in collected.rows if row.oddities}
    assert set(odd) == {"ann-lee-2", "ann-lee-3"}
    assert all("has the same name as" in "; ".join(oddities) for oddities in odd.values())

    graded = list(grade(course, submissions(course, [LESSON]), workers=2, limits=LIMITS))
    assert {it.status for it in graded} == {GRADED}
    assert {it.student: tuple(cell.earned for cell in it.cells) for it in graded} == {
        "ada-honest-1": FULL,
        "ann-lee-2": FULL,
        "ann-lee-3": NO_TOTAL,
        "zed-honest-6": FULL,
    }


# Killed at any moment


def run_command(folder, *arguments):
    """`course`, in a process of its own, whose kernels are the test's."""
    from course_utils.instructor.cli import app as cli

    # As `warm_kernels` does in the process that has made the server.
    entry = warm_kernel.EntryPoint(
        warm_kernel.PROVISIONER,
        f"{warm_kernel.__name__}:{warm_kernel.WarmKernelProvisioner.__name__}",
        KernelProvisionerFactory.GROUP_NAME,
    )
    KernelProvisionerFactory.provisioners.setdefault(warm_kernel.PROVISIONER, entry)
    warm_kernel.warm_kernels = contextlib.nullcontext
    os.chdir(folder)
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        cli.app(arguments)


# Two versions of what each student hands in, one after the other.
VERSIONS = {
    "ada": (nothing, stub),
    "bo": (answers(total=WRONG), answers(mean="def mean(numbers): return 3")),
    "cy": (nothing, b"no notebook \xff"),
}


@confined
def test_killed_at_any_moment_and_run_again(course):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["course_utils.instructor.grade.grading"])

    def hand_in_version(number):
        for student, versions in VERSIONS.items():
            put(course, student, versions[number % 2])

    def run(seconds=None):
        process = context.Process(target=run_command, args=(course.root, "grade"))
        began = time.monotonic()
        process.start()
        process.join(seconds)
        process.kill()
        process.join()
        return process.exitcode, time.monotonic() - began

    def known():
        """Record and gradebook of every student who has a record, by what was handed in."""
        marks = gradebook_of(course)
        found = [read_record(course, student, LESSON) for student in VERSIONS]
        return {
            (it.student, it.submission): (replace(it, graded=""), marks[it.student])
            for it in found
            if it
        }

    expected = {}
    for number in range(2):
        hand_in_version(number)
        code, whole = run()
        assert code == number  # one of the second version cannot be graded
        expected |= known()
    assert len(expected) == 2 * len(VERSIONS)

    moments, killed, version = random.Random(7), 0, 0
    while killed < 20:
        hand_in_version(version)
        code, _ = run(moments.uniform(0, whole))
        if code == -9:
            killed += 1
        else:  # it was done before
            version += 1
            whole *= 0.9
        version += moments.randrange(2)
        now = known()
        assert now == {key: expected[key] for key in now}
    for number in range(2):
        hand_in_version(number)
        assert run()[0] == number
        now = known()
        assert now == {key: expected[key] for key in now}
        assert {key[0] for key in now} == set(VERSIONS)
        assert pending(course, submissions(course, [LESSON])) == [("cy", LESSON)][:number]
    assert not (course.build / "examined").exists()


def gradebook_of(course):
    """All that the gradebook says of tests and written answers, by student."""
    with Gradebook(course.gradebook_url) as gradebook:
        return {
            submission.student.id: {
                grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(LESSON)
        }


# A full disk


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount")
def test_a_full_disk_stops_the_run_and_loses_nothing(course):
    aside = course.root / "aside"
    course.build.rename(aside)
    course.build.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(course.build)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        shutil.copytree(aside, course.build, dirs_exist_ok=True)
        for student in ("ada", "bo", "cy"):
            hand_in(course, student, LESSON, RIGHT)
        found = submissions(course, [LESSON])
        options = {"limits": LIMITS, "confined": not sandbox.available(), "workers": 1}
        records = grade(course, found, **options)
        next(records)
        with (course.build / "everything else").open("wb") as file, contextlib.suppress(OSError):
            for size in (2**16, 2**10):
                while file.write(bytes(size)):
                    file.flush()
        with pytest.raises(OSError, match="No space left on device"):
            list(records)
        assert pending(course, found) == found[1:]
        (course.build / "everything else").unlink()
        assert [record.earned for record in grade(course, found[1:], **options)] == [7, 7]
        assert pending(course, found) == []
    finally:
        subprocess.run(["umount", str(course.build)], check=True)


# As nbgrader


def test_honest_notebooks_earn_what_stock_nbgrader_gives(course):
    honest = [
        row
        for row in ROWS
        if row.name in ("perfect", "wrong", "partly right", "syntax error", "warnings", "sys.exit")
    ]
    stock = find_course(course.root).with_build(course.build)
    ours = course.with_build(course.root / "ours")
    shutil.copytree(course.build, ours.build)
    for row in honest:
        for place in (stock, ours):
            put(place, row.name.replace(" ", "-"), row.handed_in)
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    inherited = {name: value for name, value in os.environ.items() if name != "JUPYTER_PATH"}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", LESSON],
        cwd=course.root,
        env=inherited | {"PATH": tools, "COURSE_PROFILE": "fast"},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr
    found = submissions(ours, [LESSON])
    assert len(list(grade(ours, found, limits=LIMITS, confined=not sandbox.available()))) == 6
    assert gradebook_of(ours) == gradebook_of(stock)
