"""Grade submissions: workers mend and run them, nbgrader counts; one stops no other."""

import errno
import os
import re
import shutil
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256

import nbformat
from filelock import FileLock, Timeout

from course_utils.instructor.course import CourseError
from course_utils.instructor.exercises import read_exercises
from course_utils.instructor.records import (
    COULD_NOT_GRADE,
    GRADED,
    NEEDS_REVIEW,
    Cell,
    Record,
    read_record,
    write_record,
)

WAITING_PER_WORKER = 2  # so that a class of thousands is not read into memory at once
DISK_FULL = re.compile("disk is full|No space left on device")


def submissions(course, lessons, student=None):
    """List who handed in what.

    Parameters
    ----------
    course : Course
    lessons : sequence of str
    student : str, optional
        List this student's submissions only.

    Returns
    -------
    list of (str, str)
        Student and lesson, in this order, for every folder in ``course.submitted``.

    Raises
    ------
    CourseError
        If nobody, or not this student, handed in anything for these lessons.
    """
    found = [
        (folder.name, lesson)
        for folder in sorted(course.submitted.glob("*"))
        for lesson in lessons
        if (folder / lesson).is_dir() and student in (None, folder.name)
    ]
    if not found:
        raise CourseError(
            f"No submission of {student or 'any student'} was found for {', '.join(lessons)}. "
            f"Expected notebooks such as {course.submission(student or 'STUDENT', lessons[0])}."
        )
    return found


def is_current(course, student, lesson):
    """Whether what a student handed in last has been graded already, by the lesson as it is now.

    Parameters
    ----------
    course : Course
    student, lesson : str

    Returns
    -------
    bool
    """
    record = read_record(course, student, lesson)
    if record is None or record.status == COULD_NOT_GRADE:
        return False
    return (record.submission, record.release) == _digests(course, student, lesson)


def grade(course, waiting, *, workers=None, executor=None, limits=None, confined=True):
    """Grade submissions, again if they have been graded before.

    Parameters
    ----------
    course : Course
    waiting : sequence of (str, str)
        Student and lesson.
    workers : int, optional
        How many notebooks run at the same time; as many as there are processors, if not given.
    executor : concurrent.futures.Executor, optional
        What runs them instead: ``dask.distributed.Client(address).get_executor()`` for a cluster.
    limits : Limits, optional
        What each submission may use up.
    confined : bool
        Whether students' code runs in a sandbox.

    Yields
    ------
    Record
        As soon as it is there and written down, with the marks in the gradebook. A run that was
        interrupted loses nothing but what was being run.

    Raises
    ------
    CourseError
        If the course is being graded by another process.
    OSError
        If no kernel can be started, confined as asked for, or the disk is full.
    """
    from course_utils.instructor.execution import Limits

    workers = workers or len(os.sched_getaffinity(0))
    own = executor or ThreadPoolExecutor(workers)  # the kernels are processes of their own
    options = {"limits": limits or Limits(), "hidden": _hidden(course), "confined": confined}
    running, left = {}, list(waiting)[::-1]
    with _alone(course):
        try:
            while left or running:
                while left and len(running) < WAITING_PER_WORKER * workers:
                    student, lesson = left.pop()
                    problem = _obstacle(course, student, lesson)
                    if problem:
                        yield _could_not_grade(course, student, lesson, problem)
                    else:
                        future = _submit(own, course, student, lesson, options)
                        running[future] = student, lesson
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield _save(course, *running.pop(future), future.result())
        finally:
            for future in running:
                future.cancel()
            if executor is None:
                own.shutdown(cancel_futures=True)


def _submit(executor, course, student, lesson, options):
    """Have a submission examined."""
    from course_utils.instructor.examination import examine

    data = course.submission(student, lesson).read_bytes()
    source, release = (
        path.read_text(encoding="utf-8")
        for path in (course.source(lesson), course.released(lesson))
    )
    return executor.submit(examine, data, source, release, **options)


def _save(course, student, lesson, examined):
    """Have nbgrader count an examined submission, and write down what came of it."""
    from course_utils.instructor.converters import ConversionError, convert
    from course_utils.instructor.marking import Marking, examined_path

    if examined.problem:
        return _could_not_grade(course, student, lesson, examined.problem, examined.repairs)
    path = examined_path(course, student, lesson)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(examined.notebook, encoding="utf-8")
    try:
        convert(Marking, course, lesson, student)
    except ConversionError as error:
        if DISK_FULL.search(str(error)):
            raise OSError(errno.ENOSPC, "No space left on device", str(course.build)) from error
        return _could_not_grade(course, student, lesson, str(error), examined.repairs)
    finally:
        shutil.rmtree(path.parent, ignore_errors=True)
    return _write(
        course,
        student,
        lesson,
        status=NEEDS_REVIEW if examined.reviews else GRADED,
        reasons=examined.reviews,
        repairs=examined.repairs,
        cells=_cells(course, student, lesson),
    )


def _could_not_grade(course, student, lesson, problem, repairs=()):
    """Write down that a submission could not be graded; no earlier version's marks are kept."""
    from course_utils.instructor.gradebook import forget_test_marks

    forget_test_marks(course.gradebook_url, student, lesson)
    reasons = (problem,)
    return _write(
        course,
        student,
        lesson,
        status=COULD_NOT_GRADE,
        reasons=reasons,
        repairs=tuple(repairs),
        cells=(),
    )


def _write(course, student, lesson, **fields):
    """Write the record of a submission."""
    submission, release = _digests(course, student, lesson)
    record = Record(
        student=student,
        lesson=lesson,
        submission=submission,
        release=release,
        graded=datetime.now(UTC).isoformat(timespec="seconds"),
        **fields,
    )
    write_record(course, record)
    return record


def _cells(course, student, lesson):
    """The marks of all graded cells, in the lesson's order, with what failing tests said."""
    from course_utils.instructor.gradebook import read_marks

    marks = {mark.cell: mark for mark in read_marks(course.gradebook_url, student, lesson)}
    notebook = nbformat.read(course.graded(student, lesson), as_version=4)
    said = {
        cell.metadata.nbgrader.get("grade_id"): _message(cell)
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }
    source = nbformat.read(course.source(lesson), as_version=4)
    return tuple(
        Cell(
            name=name,
            exercise=exercise.name,
            earned=marks[name].earned,
            maximum=marks[name].maximum,
            written=marks[name].written,
            message=said.get(name, ""),
        )
        for exercise in read_exercises(source).values()
        for name in exercise.points
    )


def _message(cell):
    """What the error says that ended a test, if one did."""
    for output in cell.get("outputs", ()):
        if output.output_type == "error":
            named = output.ename not in ("AssertionError", "NotImplementedError")
            return f"{output.ename}: {output.evalue}" if named else output.evalue
    return ""


def _digests(course, student, lesson):
    """SHA-256 of what was handed in and of the lesson's source; empty where there is no file."""
    paths = course.submission(student, lesson), course.source(lesson)
    return tuple(sha256(p.read_bytes()).hexdigest() if p.is_file() else "" for p in paths)


def _obstacle(course, student, lesson):
    """Why a submission cannot be graded, and what to do about it; nothing if it can."""
    if not course.released(lesson).is_file():
        return f"{lesson} has not been released. Run: course release {lesson}"
    if re.search(r"[][*?]", student):
        return f"nbgrader cannot find a folder with [, ], * or ? in its name. Rename {student!r}."
    expected = course.submission(student, lesson)
    if not expected.is_file():
        folder = expected.parent
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        found = ", ".join(names) or "nothing"
        return f"expected {expected.name}; found {found}. Rename the notebook."
    return ""


def _hidden(course):
    """What students' code must not see, even if it lies in a folder that it may see."""
    return (course.notebooks, course.root / "tests", course.build)


@contextmanager
def _alone(course):
    """Keep other processes from grading the same course at the same time."""
    folder = course.build / "grading"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".lock", timeout=0):
            yield
    except Timeout:
        raise CourseError(
            f"Another process is grading this course ({folder / '.lock'} is locked). "
            "Wait until it has ended, then run the same command again."
        ) from None
