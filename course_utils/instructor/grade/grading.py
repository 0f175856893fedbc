"""Grade submissions: workers mend and run them, nbgrader counts; one stops no other.

A submission's record is taken away before its marks are changed, and written last. So whenever
this is ended, a record stands for what is in the gradebook, and what has none is graded next time.
"""

import errno
import os
import re
import secrets
import shutil
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import nbformat
from filelock import FileLock, Timeout

from course_utils.instructor.course import CourseError
from course_utils.instructor.execute import sandbox
from course_utils.instructor.execute.execution import FAILED, Limits, interrupt
from course_utils.instructor.grade.examination import Examined, examine
from course_utils.instructor.gradebook.converters import ConversionError, convert
from course_utils.instructor.gradebook.marking import EXAMINED, Marking, examined_path
from course_utils.instructor.gradebook.marks import (
    forget_test_marks,
    keep_marks_by_hand,
    marks_by_hand,
    read_marks,
    read_released_cells,
    read_submissions,
)
from course_utils.instructor.gradebook.records import (
    COULD_NOT_GRADE,
    GRADED,
    NEEDS_REVIEW,
    Cell,
    Record,
    read_record,
    record_path,
    write_record,
)
from course_utils.instructor.lessons.exercises import read_exercises, read_source
from course_utils.instructor.plain_text import cleaned, in_one_line, quoted
from course_utils.instructor.whole_file import clear_parts, file_digest

WAITING_PER_WORKER = 2  # so that a class of thousands is not read into memory at once
FULL = (errno.ENOSPC, errno.EDQUOT)
LONGEST_MESSAGE = 2_000
SCRATCH = "scratch"
"""In ``course.build``: the working folders of notebooks that run unconfined."""


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
        if student is not None and not (course.submitted / student).is_dir():
            raise CourseError(
                f"Nobody with the id {quoted(student)} handed in anything. Their ids are the names "
                f"of the folders in {course.submitted}; course export lists the whole class."
            )
        of = f"for {', '.join(lessons)}" if len(lessons) < 4 else f"for {len(lessons)} lessons"
        raise CourseError(
            f"No submission of {quoted(student) if student else 'any student'} was found {of}. "
            f"Expected notebooks such as {course.submission(student or 'STUDENT', lessons[0])}."
        )
    return found


def pending(course, found):
    """Leave out what has been graded already, by the lesson as it is now.

    Parameters
    ----------
    course : Course
    found : sequence of (str, str)
        Student and lesson.

    Returns
    -------
    list of (str, str)
        Those whose record is of another submission or another lesson, or says that it could not be
        graded, or whose marks or graded notebook are gone.
    """
    marked = read_submissions(course.gradebook_url)
    return [pair for pair in found if pair not in marked or not _is_current(course, *pair)]


def grade(
    course, waiting, *, workers=None, executor=None, limits=None, confined=True, on_stop=None
):
    """Grade submissions, again if they have been graded before.

    Parameters
    ----------
    course : Course
    waiting : sequence of (str, str)
        Student and lesson.
    workers : int, optional
        How many notebooks run at the same time; as many as there are processors, if not given.
    executor : concurrent.futures.Executor, optional
        What runs them instead: see `cluster`.
    limits : Limits, optional
        What each submission may use up.
    confined : bool
        Whether students' code runs in a sandbox.
    on_stop : callable, optional
        Called without arguments if somebody stops this (Ctrl-C), before what is running is ended.

    Yields
    ------
    Record
        As soon as it is there and written down, with the marks in the gradebook. A run that was
        interrupted loses nothing but what was being run; `pending` then tells what is left, also
        of what had been graded before.

    Raises
    ------
    CourseError
        If a lesson has not been released as it is now, or the course is being graded by another
        process. Nothing has been changed then.
    OSError
        If the gradebook cannot be used, code cannot be confined as asked for, the workers have
        died, or the disk is full.
    """
    waiting = list(waiting)
    if confined and executor is None and sandbox.available():
        raise OSError(sandbox.available())
    workers = workers or len(os.sched_getaffinity(0))
    own = executor or ThreadPoolExecutor(workers)  # the kernels are processes of their own
    options = {"limits": limits or Limits(), "hidden": _hidden(course), "confined": confined}
    owner = secrets.token_hex(8)
    if executor is None:
        options["owner"] = owner
        if not confined:
            options["scratch"] = course.build / SCRATCH
    running, left = {}, waiting[::-1]
    with _alone(course):
        lessons = {lesson: _Lesson.read(course, lesson) for _, lesson in waiting}
        for pair in waiting:
            if _is_current(course, *pair):  # graded again, because somebody asks for it
                record_path(course, *pair).unlink(missing_ok=True)
        try:
            while left or running:
                while left and len(running) < WAITING_PER_WORKER * workers:
                    student, name = left.pop()
                    job, problem = _Job.read(course, student, lessons[name])
                    if problem:
                        yield _could_not_grade(course, job, problem)
                    else:
                        running[job.submit(own, options)] = job
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield _save(course, running.pop(future), _result(future))
        except KeyboardInterrupt:
            if on_stop:
                on_stop()
            raise
        finally:
            # What has not begun is done with: `wait` would wait for it for ever.
            begun = [future for future in running if not future.cancel()]
            if executor is None:
                own.shutdown(wait=False, cancel_futures=True)
                interrupt(owner)
                while wait(begun, timeout=0.2).not_done:
                    interrupt(owner)


@dataclass(frozen=True)
class _Lesson:
    """A lesson as it is while a class is graded."""

    name: str
    source: str
    release: str
    digest: str

    @classmethod
    def read(cls, course, name):
        """Read a lesson; CourseError if it has not been released as it is now."""
        if not course.released(name).is_file():
            raise CourseError(f"{name} has not been released. Run: course release {name}")
        data = course.source(name).read_bytes()
        source = read_source(course.source(name))
        now = {
            cell.metadata.nbgrader.grade_id: (
                float(cell.metadata.nbgrader.points),
                None if cell.metadata.nbgrader.solution else cell.source,
            )
            for cell in source.cells
            if cell.metadata.get("nbgrader", {}).get("grade")
        }
        if read_released_cells(course.gradebook_url, name) != now:
            raise CourseError(
                f"The tests or points of {name} have changed since it was released, or this "
                f"gradebook does not know it. Run: course release {name}"
            )
        release = course.released(name).read_text(encoding="utf-8")
        return cls(name, data.decode("utf-8"), release, sha256(data).hexdigest())


@dataclass(frozen=True)
class _Job:
    """A submission that is being graded: what it was when it was read, whatever becomes of it."""

    student: str
    lesson: _Lesson
    data: bytes
    digest: str

    @classmethod
    def read(cls, course, student, lesson):
        """Read a submission; returns it, and why it cannot be graded, if so."""
        problem, data, digest = _obstacle(course, student, lesson.name), b"", ""
        path = course.submission(student, lesson.name)
        try:
            if path.is_file():
                data = path.read_bytes()
                digest = sha256(data).hexdigest()
        except OSError as error:
            problem = problem or f"expected a file that can be read; got: {error}."
        return cls(student, lesson, data, digest), problem

    def submit(self, executor, options):
        """Have it examined."""
        return executor.submit(
            examine, self.data, self.lesson.source, self.lesson.release, **options
        )


def _is_current(course, student, lesson):
    """Whether a record is there of what was handed in last, by the lesson as it is now."""
    try:
        record = read_record(course, student, lesson)
    except (ValueError, KeyError, TypeError):  # damaged, or by an earlier version of the course
        return False
    if record is None or record.status == COULD_NOT_GRADE:
        return False
    now = file_digest(course.submission(student, lesson)), file_digest(course.source(lesson))
    return (record.submission, record.release) == now and course.graded(student, lesson).is_file()


def _result(future):
    """What a worker says; whatever went wrong there concerns one submission only."""
    try:
        return future.result()
    except (BrokenExecutor, CancelledError) as error:
        raise OSError(
            f"The workers have died ({in_one_line(error) or 'no reason given'}). What is graded is "
            "kept; run the same command again."
        ) from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL:
            raise
        return Examined(
            "",
            problem=(
                f"it was not examined to the end ({type(error).__name__}: {in_one_line(error)}). "
                "Run course grade again; if that does not help, tell the course's authors."
            ),
        )


def _save(course, job, examined):
    """Have nbgrader count an examined submission, and write down what came of it."""
    if examined.problem:
        return _could_not_grade(course, job, examined.problem, examined.repairs)
    student, lesson = job.student, job.lesson.name
    by_hand = marks_by_hand(course.gradebook_url, student, lesson)
    before = _answers(course, job) if by_hand else {}
    record_path(course, student, lesson).unlink(missing_ok=True)
    path = examined_path(course, student, lesson)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(examined.notebook, encoding="utf-8", errors="replace")
    try:
        convert(Marking, course, lesson, student)
        after = _answers(course, job) if by_hand else {}
        same = {cell for cell in after if after[cell] == before.get(cell)}
        keep_marks_by_hand(course.gradebook_url, student, lesson, by_hand, same)
        cells = _cells(course, job)
    except (ConversionError, ValueError, KeyError) as error:
        return _could_not_grade(course, job, in_one_line(error), examined.repairs)
    finally:
        shutil.rmtree(path.parents[1], ignore_errors=True)
    return _write(
        course,
        job,
        status=NEEDS_REVIEW if examined.reviews else GRADED,
        reasons=tuple(examined.reviews),
        repairs=tuple(examined.repairs),
        cells=cells,
    )


def _could_not_grade(course, job, problem, repairs=()):
    """Write down that a submission could not be graded; no earlier version's marks are kept."""
    student, lesson = job.student, job.lesson.name
    record_path(course, student, lesson).unlink(missing_ok=True)
    forget_test_marks(course.gradebook_url, student, lesson)
    shutil.rmtree(course.graded(student, lesson).parent, ignore_errors=True)
    return _write(
        course,
        job,
        status=COULD_NOT_GRADE,
        reasons=(problem,),
        repairs=tuple(repairs),
        cells=(),
    )


def _write(course, job, **fields):
    """Write the record of a submission."""
    record = Record(
        student=job.student,
        lesson=job.lesson.name,
        submission=job.digest,
        release=job.lesson.digest,
        graded=datetime.now(UTC).isoformat(timespec="seconds"),
        **fields,
    )
    write_record(course, record)
    return read_record(course, job.student, job.lesson.name)  # somebody may have looked already


def _cells(course, job):
    """The marks of all graded cells, in the lesson's order, with what failing tests said."""
    student, lesson = job.student, job.lesson.name
    marks = read_marks(course.gradebook_url, lesson, student)[student]
    said = {name: _message(cell) for name, cell in _graded_cells(course, job).items()}
    return tuple(
        Cell(
            name=name,
            exercise=exercise.name,
            earned=marks[name].earned,
            maximum=maximum,
            written=exercise.written,
            message=said.get(name, ""),
            again=marks[name].again,
        )
        for exercise in read_exercises(_source(job)).values()
        for name, maximum in exercise.points.items()
    )


def _answers(course, job):
    """The answer that each graded cell of a graded notebook is about; none if there is none."""
    cells = _graded_cells(course, job)
    return {
        name: cells[exercise.name].source
        for exercise in read_exercises(_source(job)).values()
        for name in exercise.points
        if exercise.name in cells
    }


def _graded_cells(course, job):
    """Cells of a graded notebook that nbgrader knows, by grade id; none if it is not there."""
    path = course.graded(job.student, job.lesson.name)
    try:
        notebook = nbformat.read(path, as_version=4)
    except (FileNotFoundError, ValueError):
        return {}
    return {
        cell.metadata.nbgrader.get("grade_id"): cell
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }


def _source(job):
    """The lesson's notebook."""
    return nbformat.reads(job.lesson.source, as_version=4)


def _message(cell):
    """What the error says that ended a test, if one did."""
    if cell.metadata.get("execution", {}).get("state") != FAILED:
        return ""
    errors = [it for it in cell.get("outputs", ()) if it.output_type == "error"]
    if not errors:
        return ""
    named = errors[-1].ename not in ("AssertionError", "NotImplementedError")
    said = f"{errors[-1].ename}: {errors[-1].evalue}" if named else errors[-1].evalue
    said = cleaned(said)
    return said if len(said) <= LONGEST_MESSAGE else f"{said[:LONGEST_MESSAGE]} [...]"


def _obstacle(course, student, lesson):
    """Why a submission cannot be graded, and what to do about it; nothing if it can."""
    if re.search(r"[][*?]", student):
        return f"nbgrader cannot find a folder with [, ], * or ? in its name. Rename {student!r}."
    try:
        student.encode()
    except UnicodeEncodeError:
        return f"nbgrader cannot hold a name that is not UTF-8. Rename the folder {student!r}."
    expected = course.submission(student, lesson)
    if not expected.is_file():
        folder = expected.parent
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        found = ", ".join(names) or "nothing"
        return f"expected {expected.name}; found {found}. Rename the notebook."
    return ""


def _hidden(course):
    """What students' code must not see, even if it lies in a folder that it may see."""
    others = (course.root / name for name in ("tests", "benchmarks"))
    return (course.notebooks, course.build, *others)


@contextmanager
def _alone(course):
    """Keep other processes from grading the same course at the same time."""
    folder = course.build / "grading"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise CourseError(
            f"Another process is grading this course ({folder / '.lock'} is locked). "
            "Wait until it has ended, then run the same command again."
        ) from None
    try:
        for written in folder.glob("*/"):
            clear_parts(written)
        _clear_passing(course)  # a run that was killed has not
        yield
    finally:
        _clear_passing(course)
        lock.release()


def _clear_passing(course):
    """Remove what is only there while submissions are graded."""
    for folder in (EXAMINED, SCRATCH):
        shutil.rmtree(course.build / folder, ignore_errors=True)
