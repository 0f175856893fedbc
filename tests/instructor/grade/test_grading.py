import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_output
from nbgrader.api import Gradebook

from course_utils.instructor.course import CourseError
from course_utils.instructor.desk.example_class import FOLDER, STUDENTS, hand_in, make_example_class
from course_utils.instructor.execute import sandbox
from course_utils.instructor.execute.outcome import Limits
from course_utils.instructor.grade import grading, job
from course_utils.instructor.grade.grading import pending, submissions
from course_utils.instructor.gradebook.marks import read_marks
from course_utils.instructor.gradebook.records import (
    COULD_NOT_GRADE,
    GRADED,
    NEEDS_REVIEW,
    UNTOUCHED,
    Cell,
    read_record,
    record_path,
)
from course_utils.instructor.release.release import generate
from course_utils.instructor.report.standing import read_standings
from tests.instructor import toy_course
from tests.instructor.toy_course import ROOT

pytestmark = pytest.mark.usefixtures("quick_kernels")

LESSON = "01-sums"
RIGHT = {
    "total": "total = sum",
    "mean": "def mean(numbers):\n    return sum(numbers) / len(numbers)",
    "why": "Nothing can be divided by zero.",
}
CONFINED = not sandbox.available()
LIMITS = Limits(cell_seconds=20, seconds=60, grace=1)


def grade(course, *students, lesson=LESSON, **options):
    """Grade students' submissions; gives the record of the only one, or a list."""
    waiting = [(student, lesson) for student in students]
    options = {"confined": CONFINED, "limits": LIMITS} | options
    records = list(grading.grade(course, waiting, **options))
    return records[0] if len(students) == 1 else records


def earned(record):
    return {cell.name: cell.earned for cell in record.cells}


def give_by_hand(course, student, cell, points):
    """Give points as nbgrader's formgrader does."""
    with Gradebook(course.gradebook_url) as gradebook:
        grade = gradebook.find_grade(cell, LESSON, LESSON, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()


def garbage(course, student):
    """Hand in what is no notebook."""
    path = course.submission(student, LESSON)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"this is no notebook \xff")


def test_right_answers_earn_everything_but_what_is_graded_by_hand(course):
    hand_in(course, "ada", LESSON, RIGHT)
    record = grade(course, "ada")
    assert record.cells == (
        Cell("total-visible", "total", 1, 1, written=False),
        Cell("total-hidden", "total", 2, 2, written=False),
        Cell("mean-visible", "mean", 1, 1, written=False),
        Cell("mean-hidden", "mean", 3, 3, written=False),
        Cell("why", "why", None, 2, written=True),
    )
    assert (record.earned, record.maximum, record.by_hand) == (7, 7, 2)
    assert (record.status, record.reasons, record.repairs) == (GRADED, (), ())
    assert read_record(course, "ada", LESSON) == record


def test_forged_counts_and_endless_numbers_cost_nothing(course):
    forge = (
        "kernel = get_ipython().kernel\n"
        "count = {'execution_count': 'x', 'code': '1'}\n"
        "kernel.session.send(kernel.iopub_socket, 'execute_input', count, "
        "parent=kernel.get_parent())\n"
        f"number = 0x{'f' * 99_000}\n"
    )
    hand_in(course, "ada", LESSON, RIGHT | {"total": f"{forge}{RIGHT['total']}"})
    notebook = nbformat.read(course.submission("ada", LESSON), as_version=4)
    notebook.cells[1].execution_count = "x"
    text = json.dumps(notebook)
    course.submission("ada", LESSON).write_text(text, encoding="utf-8")
    record = grade(course, "ada")
    assert (record.earned, record.status) == (7, NEEDS_REVIEW)
    assert "something that no notebook can hold" in record.reasons[0]


def test_reasons_are_one_line_with_nothing_hidden_in_it(course):
    hidden = "\x1b]0;x\x07\u202e"
    print_odd = f"raise ValueError('line\\nline {hidden}')"
    hand_in(course, "ada", LESSON, RIGHT)
    notebook = nbformat.read(course.submission("ada", LESSON), as_version=4)
    notebook.cells.append(new_code_cell(print_odd, execution_count=9))
    nbformat.write(notebook, course.submission("ada", LESSON))
    (reason,) = grade(course, "ada", whole=True).reasons
    assert "ValueError: line line \\x1b]0;x\\x07\\u202e" in reason
    assert reason.isprintable()


def test_what_no_test_depends_on_is_not_run_and_stays_as_it_was_handed_in(course):
    hand_in(course, "ada", LESSON, RIGHT)
    path = course.submission("ada", LESSON)
    notebook = nbformat.read(path, as_version=4)
    accuracy = [new_output("stream", text="accuracy 0.9\n")]
    notebook.cells.insert(1, new_code_cell("import time\ntime.sleep(600)", outputs=accuracy))
    nbformat.write(notebook, path)
    record = grade(course, "ada")
    assert (record.earned, record.status, record.run) == (7, GRADED, "needed")
    cell = nbformat.read(course.graded("ada", LESSON), as_version=4).cells[1]
    assert "only what tests depend on was run" in cell.outputs[0].text
    assert cell.outputs[1].text == "accuracy 0.9\n"
    limits = Limits(cell_seconds=1, seconds=60, grace=1)
    record = grade(course, "ada", whole=True, limits=limits)
    assert (record.earned, record.status, record.run) == (7, NEEDS_REVIEW, "whole")


def test_warnings_and_messages_cost_nothing(course):
    loud = (
        "import sys, warnings\n"
        "def total(numbers):\n"
        "    warnings.warn('deprecated')\n"
        "    print('adding up', file=sys.stderr)\n"
        "    return sum(numbers)"
    )
    hand_in(course, "ada", LESSON, RIGHT | {"total": loud})
    record = grade(course, "ada")
    assert (record.earned, record.status) == (7, GRADED)


def test_each_test_counts_by_itself_and_says_what_is_wrong(course):
    wrong = "def total(numbers):\n    return numbers.pop() + total(numbers) if numbers else 0"
    hand_in(course, "bo", LESSON, RIGHT | {"total": wrong})
    record = grade(course, "bo")
    assert earned(record) == {
        "mean-hidden": 3,
        "mean-visible": 1,
        "total-hidden": 0,
        "total-visible": 1,
        "why": None,
    }
    said = {cell.name: cell.message for cell in record.cells if cell.message}
    assert said == {"total-hidden": "total should not change the list it is given"}


def test_what_a_test_shows_is_no_mark(course):
    # nbgrader takes the number for partial credit.
    shows = "import sys\ndef total(numbers):\n    sys.displayhook(1)\n    return 0"
    right = "import sys\ndef total(numbers):\n    sys.displayhook(0.5)\n    return sum(numbers)"
    hand_in(course, "bo", LESSON, RIGHT | {"total": shows})
    hand_in(course, "cy", LESSON, RIGHT | {"total": right})
    marks = {record.student: earned(record) for record in grade(course, "bo", "cy")}
    assert (marks["bo"]["total-visible"], marks["cy"]["total-visible"]) == (0, 1)


@pytest.mark.parametrize(
    "shown", ["100", "float('inf')", "type('A', (), {'__repr__': lambda it: 8})()"]
)
def test_what_a_test_shows_does_not_end_the_grading(course, shown):
    shows = (
        f"import sys\ndef total(numbers):\n    sys.displayhook({shown})\n    return sum(numbers)"
    )
    hand_in(course, "bo", LESSON, RIGHT | {"total": shows})
    record = grade(course, "bo")
    assert (record.earned, record.status) == (7, GRADED)


def test_a_debugger_that_is_switched_on_costs_nothing(course):
    hand_in(course, "bo", LESSON, RIGHT | {"total": "%pdb on\ntotal = sum"})
    record = grade(course, "bo")
    assert (record.earned, record.status) == (7, GRADED)


def test_a_long_message_is_shortened(course):
    long = "def total(numbers):\n    raise ValueError('x' * 100_000)"
    hand_in(course, "bo", LESSON, {"total": long})
    message = grade(course, "bo").cells[0].message
    assert message.startswith("ValueError: xxx")
    assert len(message) < 3_000


def test_a_message_holds_nothing_that_a_terminal_obeys(course):
    odd = "def total(numbers):\n    raise ValueError('\\x1b[31mred\\x1b[0m\\x00\\x07')"
    hand_in(course, "bo", LESSON, {"total": odd})
    assert grade(course, "bo").cells[0].message == "ValueError: red\ufffd\ufffd"


def test_a_deleted_test_is_put_back(course):
    hand_in(course, "bo", LESSON, RIGHT)
    path = course.submission("bo", LESSON)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") != "mean-hidden"
    ]
    nbformat.write(notebook, path)
    record = grade(course, "bo")
    assert (record.earned, record.status) == (7, GRADED)
    assert "was missing; it was put back" in record.repairs[0]


def test_what_is_handed_in_again_is_graded_again(course):
    hand_in(course, "ada", LESSON, {})
    first = grade(course, "ada")
    assert (first.status, first.earned, first.cells) == (UNTOUCHED, 0, ())
    hand_in(course, "ada", LESSON, RIGHT)
    assert grade(course, "ada").earned == 7


def test_submissions_run_in_the_fast_profile(course):
    says = 'import os\nassert os.environ["COURSE_PROFILE"] == "fast"\ntotal = sum'
    hand_in(course, "ada", LESSON, {"total": says})
    assert grade(course, "ada").earned == 3


def test_tests_that_could_not_run_for_want_of_time_wait_for_a_person(course):
    hand_in(course, "bo", LESSON, RIGHT)
    path = course.submission("bo", LESSON)
    notebook = nbformat.read(path, as_version=4)
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    notebook.cells.insert(names.index("mean-visible"), new_code_cell("import time; time.sleep(99)"))
    nbformat.write(notebook, path)
    record = grade(course, "bo", limits=replace(LIMITS, seconds=5), whole=True)
    assert earned(record) == {
        "total-visible": 1,
        "total-hidden": 2,
        "mean-visible": None,
        "mean-hidden": None,
        "why": None,
    }
    assert (record.earned, record.by_hand, record.status) == (3, 6, NEEDS_REVIEW)
    assert "because the notebook's 5 s were over" in record.reasons[0]
    assert not any(cell.message for cell in record.cells)


def test_a_test_that_was_cut_short_is_no_zero(course):
    slow = "import time\ndef total(numbers):\n    time.sleep(99)"
    hand_in(course, "bo", LESSON, RIGHT | {"total": slow})
    record = grade(course, "bo", limits=replace(LIMITS, cell_seconds=99, seconds=5))
    assert earned(record)["total-visible"] is None
    assert record.status == NEEDS_REVIEW


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("type total[T] =", "fails with SyntaxError: "),
        ("import math\ntotal = math.sumprod2", "fails with AttributeError: module 'math' has no "),
        (
            "def total(numbers):\n    from typing import a_b",
            "fails with ImportError: cannot import",
        ),
    ],
)
def test_what_a_newer_colab_might_know_is_no_zero_in_silence(course, answer, said):
    hand_in(course, "bo", LESSON, RIGHT | {"total": answer})
    assert grade(course, "bo").status == GRADED
    (course.root / "requirements").mkdir()
    (course.root / "requirements" / "colab.txt").write_text("# Python 9.9\n")
    record = grade(course, "bo")
    assert record.status == NEEDS_REVIEW
    assert said in record.reasons[0]
    assert "Colab's is 9.9: look whether total would pass there" in record.reasons[0]


@pytest.mark.parametrize(
    ("content", "came"),
    [
        (b"this is no notebook \xff", "the file is no text"),
        (b"", "empty"),
        (b"{}", "without cells"),
    ],
    ids=["garbage", "empty", "no notebook"],
)
def test_what_cannot_be_graded_is_told_in_one_line(course, content, came):
    path = course.submission("cy", LESSON)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    record = grade(course, "cy")
    assert (record.status, record.cells) == (COULD_NOT_GRADE, ())
    assert came in record.reasons[0]
    assert "\n" not in record.reasons[0]


def test_a_folder_without_the_lessons_notebook_cannot_be_graded(course):
    hand_in(course, "di", LESSON, RIGHT)
    path = course.submission("di", LESSON)
    path.rename(path.with_name("mine.ipynb"))
    assert grade(course, "di").reasons == (
        "expected 01-sums.ipynb; found mine.ipynb. Rename the notebook.",
    )


def test_a_name_that_nbgrader_cannot_find_is_told(course):
    hand_in(course, "x[1]", LESSON, RIGHT)
    assert "Rename 'x[1]'" in grade(course, "x[1]").reasons[0]


def test_a_long_name_and_one_that_is_no_text_stop_nobody(course):
    long, odd = "x" * 250, "y\udcff"
    for student in (long, odd, "zoe"):
        hand_in(course, student, LESSON, RIGHT)
    found = submissions(course, [LESSON])
    records = {record.student: record for record in grade(course, long, odd, "zoe")}
    assert (records[long].earned, records["zoe"].earned) == (7, 7)
    assert records[odd].status == COULD_NOT_GRADE
    assert records[odd].reasons == (
        "nbgrader cannot hold a name that is not UTF-8. Rename the folder 'y\\udcff'.",
    )
    assert pending(course, found) == [(odd, LESSON)]
    assert {it.student for it in read_standings(course, LESSON)} == {long, odd, "zoe"}


def test_a_run_that_was_killed_leaves_nothing_behind(course):
    leftovers = [
        course.build / "scratch" / "submission-abc" / "big.bin",
        course.build / "examined" / "bo" / LESSON / f"{LESSON}.ipynb",
        record_path(course, "bo", LESSON).parent / ".part-abc",
    ]
    for path in leftovers:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    hand_in(course, "ada", LESSON, RIGHT)
    assert grade(course, "ada").earned == 7
    assert not any(path.exists() for path in leftovers)
    assert not (course.build / "scratch").exists()


def test_unconfined_code_runs_in_a_folder_that_passes(course):
    where = "import os\nassert os.listdir() == []\nraise ValueError(os.getcwd())"
    hand_in(course, "ada", LESSON, {"total": f"def total(numbers):\n    exec({where!r})"})
    message = grade(course, "ada", confined=False).cells[0].message
    assert message.startswith(f"ValueError: {course.build / 'scratch' / 'submission-'}")
    assert not (course.build / "scratch").exists()


def test_no_former_marks_stay_when_a_new_version_cannot_be_graded(course):
    hand_in(course, "di", LESSON, RIGHT)
    grade(course, "di")
    garbage(course, "di")
    record = grade(course, "di")
    assert (record.status, record.cells) == (COULD_NOT_GRADE, ())
    marks = read_marks(course.gradebook_url, LESSON)["di"]
    assert {mark.earned for mark in marks.values()} == {None}
    assert not course.graded("di", LESSON).exists()


@pytest.mark.parametrize(
    ("change", "stands"),
    [({}, True), ({"total": "total = len"}, True), ({"why": "Because."}, False)],
    ids=["nothing", "another answer", "this answer"],
)
def test_points_given_by_hand_stand_for_the_answer_they_were_given_to(course, change, stands):
    hand_in(course, "ada", LESSON, RIGHT)
    grade(course, "ada")
    give_by_hand(course, "ada", "why", 1.5)
    hand_in(course, "ada", LESSON, RIGHT | change)
    record = grade(course, "ada")
    assert record.cells[-1] == Cell("why", "why", 1.5, 2, written=True, again=not stands)
    (standing,) = read_standings(course, LESSON)
    assert (standing.earned, standing.open) == (record.earned + 1.5, 0)
    assert standing.again == (0 if stands else 1.5)
    with Gradebook(course.gradebook_url) as gradebook:
        given = gradebook.find_grade("why", LESSON, LESSON, "ada")
        assert (given.manual_score, given.needs_manual_grade) == (1.5, not stands)


def test_points_given_by_hand_outlive_a_version_that_cannot_be_graded(course):
    hand_in(course, "ada", LESSON, RIGHT)
    grade(course, "ada")
    give_by_hand(course, "ada", "why", 1.5)
    garbage(course, "ada")
    grade(course, "ada")
    assert read_standings(course, LESSON)[0].earned is None
    hand_in(course, "ada", LESSON, RIGHT)
    record = grade(course, "ada")
    assert record.cells[-1] == Cell("why", "why", 1.5, 2, written=True, again=True)


def test_a_lesson_that_has_not_been_released_stops_the_call(course, monkeypatch):
    hand_in(course, "ada", LESSON, {})
    course.released(LESSON).unlink()
    (course.build / "gradebook.db").unlink()  # as in a fresh clone, where a release would make it
    monkeypatch.setenv("PATH", "")  # and without nbgrader's own tools at hand
    with pytest.raises(CourseError, match="01-sums has not been released. Run: course release"):
        grade(course, "ada")


def test_a_lesson_changed_since_its_release_stops_the_call_and_changes_nothing(course):
    hand_in(course, "ada", LESSON, RIGHT)
    record = grade(course, "ada")
    changed = toy_course.LESSON.replace("mean([1, 2]) == 1.5", "mean([1, 4]) == 2.5")
    toy_course.write_lesson(course, LESSON, changed)
    assert pending(course, [("ada", LESSON)]) == [("ada", LESSON)]
    with pytest.raises(CourseError, match="have changed since it was released"):
        grade(course, "ada")
    assert read_record(course, "ada", LESSON) == record
    generate(course, LESSON)
    assert grade(course, "ada").earned == 7
    assert pending(course, [("ada", LESSON)]) == []


def test_a_damaged_lesson_is_told_in_a_sentence(course):
    hand_in(course, "ada", LESSON, RIGHT)
    course.source(LESSON).write_text("{", encoding="utf-8")
    for ask in (lambda: grade(course, "ada"), lambda: read_standings(course, LESSON)):
        with pytest.raises(CourseError, match="^01-sums.ipynb is damaged .*01-sums.md: make pair"):
            ask()


def test_a_gradebook_that_does_not_know_the_lesson_stops_the_call(course):
    hand_in(course, "ada", LESSON, RIGHT)
    (course.build / "gradebook.db").unlink()
    with pytest.raises(CourseError, match="this gradebook does not know it"):
        grade(course, "ada")


def test_what_has_been_graded_is_graded_again_only_if_something_is_new_or_lost(course):
    hand_in(course, "ada", LESSON, RIGHT)
    garbage(course, "bo")
    found = [("ada", LESSON), ("bo", LESSON)]
    assert pending(course, found) == found
    grade(course, "ada", "bo")
    assert pending(course, found) == found[1:]  # what could not be graded is tried again

    record, kept = record_path(course, "ada", LESSON), course.graded("ada", LESSON)
    for path in (record, kept, course.submission("ada", LESSON), course.build / "gradebook.db"):
        aside = path.with_name("aside")
        path.rename(aside)
        assert pending(course, found) == found, path.name
        aside.replace(path)
        assert pending(course, found) == found[1:], path.name
    record.write_text('{"half": ')
    assert pending(course, found) == found


def test_what_is_handed_in_while_it_is_graded_is_graded_next_time(course):
    class HandsInMeanwhile(ThreadPoolExecutor):
        def submit(self, *arguments, **options):
            hand_in(course, "ada", LESSON, {})
            return super().submit(*arguments, **options)

    hand_in(course, "ada", LESSON, RIGHT)
    with HandsInMeanwhile(1) as executor:
        assert grade(course, "ada", executor=executor).earned == 7
    assert pending(course, [("ada", LESSON)]) == [("ada", LESSON)]
    assert grade(course, "ada").earned == 0


def test_a_workers_mistake_concerns_one_submission(course):
    class Breaks(ThreadPoolExecutor):
        def submit(self, function, data, *arguments, **options):
            if b"break" not in data:
                return super().submit(function, data, *arguments, **options)
            future = Future()
            future.set_exception(KeyError("odd"))
            return future

    for student in ("ada", "cy"):
        hand_in(course, student, LESSON, RIGHT)
    hand_in(course, "bo", LESSON, {"total": "break"})
    with Breaks(1) as executor:
        records = grade(course, "ada", "bo", "cy", executor=executor)
    statuses = {record.student: record.status for record in records}
    assert statuses == {"ada": GRADED, "bo": COULD_NOT_GRADE, "cy": GRADED}
    assert "KeyError: 'odd'" in read_record(course, "bo", LESSON).reasons[0]


def test_two_cannot_grade_a_course_at_the_same_time(course):
    for student in ("ada", "bo"):
        hand_in(course, student, LESSON, RIGHT)
    first = grading.grade(course, submissions(course, [LESSON]), confined=CONFINED)
    next(first)
    with pytest.raises(CourseError, match="Another process is grading this course"):
        grade(course, "ada")
    assert len(list(first)) == 1
    assert grade(course, "ada").status == GRADED


def test_who_stops_need_not_wait_for_what_is_running(course):
    hand_in(course, "ada", LESSON, RIGHT)
    hand_in(course, "bo", LESSON, {"total": "while True: pass"})
    hand_in(course, "cy", LESSON, RIGHT)
    found = submissions(course, [LESSON])
    # A cell may take longer than a test: without being given up, this would not end in time.
    patient = Limits(cell_seconds=9_000, seconds=9_000)
    records = grading.grade(course, found, workers=2, limits=patient, confined=CONFINED)
    assert {next(records).student, next(records).student} == {"ada", "cy"}
    records.close()
    assert pending(course, found) == [("bo", LESSON)]
    assert not (course.build / "examined").exists()


INTERRUPTED = """
import contextlib, os, signal, sys
from course_utils.instructor.cli import app as cli
from course_utils.instructor.execute import warm_kernel
from course_utils.instructor.execute.warm_kernel import KERNEL_MODULES, warm_kernels
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with warm_kernels(KERNEL_MODULES):
        warm_kernel.warm_kernels = contextlib.nullcontext
        print("ready", flush=True)
        cli.app(sys.argv[1:])
"""


def _written(path):
    """When a file was written, in nanoseconds; None if it is not there at the moment."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None


@pytest.mark.parametrize("force", [False, True])
def test_the_first_interrupt_ends_a_run_with_notebooks_waiting(course, force):
    students = [f"s{number}" for number in range(8)]
    for student in students:
        hand_in(course, student, LESSON, RIGHT)
    found = submissions(course, [LESSON])
    if force:
        assert len(grade(course, *students)) == 8
    hand_in(course, "s1", LESSON, {"total": "print('begun')\nwhile True: pass"})
    third = record_path(course, "s2", LESSON)
    before = _written(third)
    options = ["--force"] * force + ["--no-sandbox"] * (not CONFINED)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, "grade", "--workers", "2", *options],
        cwd=course.root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        while _written(third) in (None, before):
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        output, _ = process.communicate(timeout=100)  # a cell may take 300 s
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 1, output
    assert "Stopping" in output
    assert "of 8 have been graded, and are kept. Run the same command again" in output
    assert ("without --force" in output) == force
    assert "Traceback" not in output
    left = pending(course, found)
    assert ("s1", LESSON) in left
    assert ("s0", LESSON) not in left
    assert len(left) > 1
    marks = read_marks(course.gradebook_url, LESSON)
    assert not force or all(marks[student]["total-hidden"].earned == 2 for student in students)


def test_a_full_disk_stops_everything_and_loses_nothing(course, monkeypatch):
    for student in ("ada", "bo"):
        hand_in(course, student, LESSON, RIGHT)
    found = submissions(course, [LESSON])

    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(job, "write_record", full)
        with pytest.raises(OSError, match="No space left"):
            grade(course, "ada", "bo")
    assert pending(course, found) == found
    assert [record.earned for record in grade(course, "ada", "bo")] == [7, 7]


def test_a_record_never_stands_for_marks_of_another_version(course, monkeypatch):
    def ended(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    hand_in(course, "ada", LESSON, RIGHT)
    grade(course, "ada")
    for version in ("stub", "garbage"):
        if version == "stub":
            hand_in(course, "ada", LESSON, {})
        else:
            garbage(course, "ada")
        with monkeypatch.context() as patched:
            patched.setattr(job, "write_record", ended)
            with pytest.raises(OSError, match="No space left"):
                grade(course, "ada")
        hand_in(course, "ada", LESSON, RIGHT)
        assert pending(course, [("ada", LESSON)]) == [("ada", LESSON)]
        assert grade(course, "ada").earned == 7


@pytest.mark.skipif(sys.platform != "linux", reason="/proc/self/fd is Linux's")
def test_nothing_stays_open(course):
    hand_in(course, "ada", LESSON, RIGHT)
    grade(course, "ada")
    before = len(list(Path("/proc/self/fd").iterdir()))
    grade(course, "ada")
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_submissions_are_listed_by_student_and_lesson(course):
    for student, lesson in (("bo", "02-more-sums"), ("ada", LESSON), ("bo", LESSON)):
        hand_in(course, student, lesson, {})
    both = [LESSON, "02-more-sums"]
    assert submissions(course, both) == [("ada", LESSON), ("bo", LESSON), ("bo", "02-more-sums")]
    assert submissions(course, both, "ada") == [("ada", LESSON)]


def test_listing_none_says_where_they_are_expected(course):
    with pytest.raises(CourseError, match="of any student .*submitted/STUDENT/01-sums"):
        submissions(course, [LESSON])
    hand_in(course, "bo", LESSON, {})
    with pytest.raises(CourseError, match="Nobody with the id 'ada' handed in anything"):
        submissions(course, [LESSON], "ada")
    with pytest.raises(CourseError, match="No submission of 'bo' was found for 02-more-sums"):
        submissions(course, ["02-more-sums"], "bo")
    many = [f"{number}-none" for number in range(10)]
    with pytest.raises(CourseError, match="No submission of 'bo' was found for 10 lessons"):
        submissions(course, many, "bo")


def test_the_example_class_earns_what_it_should(course):
    example = make_example_class(course, [LESSON])
    assert submissions(example, [LESSON]) == [(name, LESSON) for name in sorted(STUDENTS)]
    records = {record.student: record for record in grade(example, *STUDENTS)}
    perfect, partly, untouched = (records[name] for name in STUDENTS)
    assert (perfect.earned, perfect.maximum, perfect.by_hand) == (7, 7, 2)
    assert (partly.earned, partly.maximum, partly.by_hand) == (3, 7, 2)
    assert (untouched.cells, untouched.by_hand) == ((), 0)
    assert [it.status for it in (perfect, partly, untouched)] == [GRADED, GRADED, UNTOUCHED]


def test_the_example_class_leaves_real_students_and_marks_alone(course):
    hand_in(course, "perfect", LESSON, {"total": "this is a real student's"})
    gradebook = course.build / "gradebook.db"
    before = gradebook.read_bytes(), course.submission("perfect", LESSON).read_bytes()
    example = make_example_class(course, [LESSON])
    make_example_class(course, [LESSON])
    assert example.build == course.build / FOLDER
    assert (gradebook.read_bytes(), course.submission("perfect", LESSON).read_bytes()) == before


def test_an_example_class_for_an_unknown_lesson_is_refused(course):
    with pytest.raises(CourseError, match="The lessons are: 01-sums, 02-more-sums"):
        make_example_class(course, ["03-none"])


def test_handing_in_keeps_the_release(course):
    before = course.released(LESSON).read_bytes()
    hand_in(course, "ada", LESSON, RIGHT)
    assert course.released(LESSON).read_bytes() == before
    nbformat.validate(nbformat.read(course.submission("ada", LESSON), as_version=4))


def test_a_folder_where_the_notebook_should_be_stops_nobody(course):
    hand_in(course, "ada", LESSON, RIGHT)
    hand_in(course, "bo", LESSON, RIGHT)
    grade(course, "ada", "bo")
    path = course.submission("bo", LESSON)
    path.unlink()
    path.mkdir()
    found = submissions(course, [LESSON])
    assert pending(course, found) == [("bo", LESSON)]
    assert grade(course, "bo").status == COULD_NOT_GRADE
    assert [it.state for it in read_standings(course, LESSON)] == [GRADED, COULD_NOT_GRADE]
