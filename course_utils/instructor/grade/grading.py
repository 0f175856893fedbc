"""Grade submissions: workers mend and run them, nbgrader counts; one stops no other."""

import errno
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

from filelock import FileLock, Timeout

from course_utils.instructor.course import CourseError
from course_utils.instructor.execute import sandbox
from course_utils.instructor.execute.execution import interrupt
from course_utils.instructor.execute.outcome import Limits
from course_utils.instructor.grade import capacity
from course_utils.instructor.grade.examination import Examined, examine
from course_utils.instructor.grade.job import (
    Job,
    Lesson,
    as_given_out,
    could_not_grade,
    has_marks_to_keep,
    is_current,
    save,
)
from course_utils.instructor.gradebook.database import one_engine
from course_utils.instructor.gradebook.marking import EXAMINED
from course_utils.instructor.gradebook.marks import read_submissions
from course_utils.instructor.gradebook.records import record_path
from course_utils.instructor.plain_text import in_one_line, quoted
from course_utils.instructor.versions import colab_versions
from course_utils.instructor.whole_file import clear_parts

WAITING_PER_WORKER = 2  # so that a class of thousands is not read into memory at once
FULL = (errno.ENOSPC, errno.EDQUOT)
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
            "Collect what came: course collect INBOX. Notebooks then lie in such places as "
            f"{course.submission(student or 'STUDENT', lessons[0])}."
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
    return [
        pair
        for pair in found
        if not is_current(course, *pair)
        or (pair not in marked and has_marks_to_keep(course, *pair))
    ]


def grade(
    course,
    waiting,
    *,
    workers=None,
    executor=None,
    limits=None,
    confined=True,
    whole=False,
    on_stop=None,
):
    """Grade submissions, again if they have been graded before.

    Parameters
    ----------
    course : Course
    waiting : sequence of (str, str)
        Student and lesson.
    workers : int, optional
        How many notebooks run at the same time; `capacity.workers` tells, if not given.
    executor : concurrent.futures.Executor, optional
        What runs them instead: see `cluster`.
    limits : Limits, optional
        What each submission may use up.
    confined : bool
        Whether students' code runs in a sandbox.
    whole : bool
        Whether notebooks are run from beginning to end, and not only what tests depend on.
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
    workers = workers or capacity.workers()
    own = executor or ThreadPoolExecutor(workers)  # the kernels are processes of their own
    options = {"limits": limits or Limits(), "hidden": _hidden(course), "confined": confined}
    options["colab"] = colab_versions(course.root)
    options["whole"] = whole
    owner = secrets.token_hex(8)
    if executor is None:
        options["owner"] = owner
        if not confined:
            options["scratch"] = course.build / SCRATCH
    running, left = {}, waiting[::-1]
    with _alone(course), one_engine():
        lessons = {lesson: Lesson.read(course, lesson) for _, lesson in waiting}
        for pair in waiting:
            if is_current(course, *pair):  # graded again, because somebody asks for it
                record_path(course, *pair).unlink(missing_ok=True)
        try:
            while left or running:
                while left and len(running) < WAITING_PER_WORKER * workers:
                    student, name = left.pop()
                    job, problem = Job.read(course, student, lessons[name])
                    if problem:
                        yield could_not_grade(course, job, problem)
                    elif job.untouched:
                        yield as_given_out(course, job)
                    else:
                        running[_submit(own, job, options)] = job
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield save(course, running.pop(future), _result(future))
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


def _submit(executor, job, options):
    """Have a submission examined."""
    return executor.submit(examine, job.data, job.lesson.source, job.lesson.release, **options)


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


def _hidden(course):
    """What students' code must not see, even if it lies in a folder that it may see."""
    return (course.root, course.notebooks, course.build)


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
