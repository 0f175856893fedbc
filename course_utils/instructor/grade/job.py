"""One submission while a class is graded: as it was read, and what came of it, written down.

A submission's record is taken away before its marks are changed, and written last. So whenever
this is ended, a record stands for what is in the gradebook, and what has none is graded next time.
"""

import re
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256

import nbformat

from course_utils.instructor.course import CourseError
from course_utils.instructor.execute.outcome import FAILED
from course_utils.instructor.grade.cause import cause
from course_utils.instructor.gradebook.converters import ConversionError, convert
from course_utils.instructor.gradebook.marking import Marking, examined_path
from course_utils.instructor.gradebook.marks import (
    forget_test_marks,
    keep_marks_by_hand,
    marks_by_hand,
    read_marks,
    read_released_cells,
)
from course_utils.instructor.gradebook.records import (
    COULD_NOT_GRADE,
    GRADED,
    NEEDS_REVIEW,
    UNTOUCHED,
    Cell,
    Record,
    read_record,
    record_path,
    write_record,
)
from course_utils.instructor.lessons.exercises import read_exercises, read_source
from course_utils.instructor.lessons.stubs import read_stubs
from course_utils.instructor.plain_text import cleaned, in_one_line
from course_utils.instructor.repair.answered import answered
from course_utils.instructor.whole_file import file_digest

LONGEST_MESSAGE = 2_000


@dataclass(frozen=True)
class Lesson:
    """A lesson as it is while a class is graded.

    Attributes
    ----------
    name : str
    source, release : str
        With its solutions, and as students got it; notebooks as JSON.
    digest : str
        SHA-256 of the source's file.
    stubs : dict of str to list of str
        What its answers held in former releases.
    """

    name: str
    source: str
    release: str
    digest: str
    stubs: dict = field(default_factory=dict)

    @cached_property
    def exercises(self):
        """Its exercises by name."""
        return read_exercises(nbformat.reads(self.source, as_version=4))

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
        stubs = read_stubs(course, name)
        return cls(name, data.decode("utf-8"), release, sha256(data).hexdigest(), stubs)


@dataclass(frozen=True)
class Job:
    """A submission that is being graded: what it was when it was read, whatever becomes of it.

    Attributes
    ----------
    student : str
    lesson : Lesson
    data : bytes
        The file; empty if there is none that can be read.
    digest : str
        Its SHA-256; empty if there is none.
    """

    student: str
    lesson: Lesson
    data: bytes
    digest: str

    @property
    def untouched(self):
        """Whether no answer differs from what was given out, in this release or a former one."""
        release = nbformat.reads(self.lesson.release, as_version=4)
        return answered(self.data, release, self.lesson.stubs) == []

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


def is_current(course, student, lesson):
    """Tell whether a record is there of what was handed in last, by the lesson as it is now.

    Parameters
    ----------
    course : Course
    student, lesson : str

    Returns
    -------
    bool
    """
    try:
        record = read_record(course, student, lesson)
    except (ValueError, KeyError, TypeError):  # damaged, or by an earlier version of the course
        return False
    if record is None or record.status == COULD_NOT_GRADE:
        return False
    now = file_digest(course.submission(student, lesson)), file_digest(course.source(lesson))
    there = record.status == UNTOUCHED or course.graded(student, lesson).is_file()
    return (record.submission, record.release) == now and there


def has_marks_to_keep(course, student, lesson):
    """Tell whether a current record is one of a submission that has marks; an untouched has none.

    Parameters
    ----------
    course : Course
    student, lesson : str

    Returns
    -------
    bool
    """
    return read_record(course, student, lesson).status != UNTOUCHED


def save(course, job, examined):
    """Have nbgrader count an examined submission, and write down what came of it.

    Parameters
    ----------
    course : Course
    job : Job
    examined : Examined

    Returns
    -------
    Record
        It is written last: whenever this is ended, no record stands for marks that are not there.

    Raises
    ------
    OSError
        If something cannot be written.
    """
    if examined.problem:
        return could_not_grade(course, job, examined.problem, examined.repairs)
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
        return could_not_grade(course, job, in_one_line(error), examined.repairs)
    finally:
        shutil.rmtree(path.parents[1], ignore_errors=True)
    return _write(
        course,
        job,
        status=NEEDS_REVIEW if examined.reviews else GRADED,
        reasons=tuple(examined.reviews),
        repairs=tuple(examined.repairs),
        cells=cells,
        run=examined.run,
    )


def could_not_grade(course, job, problem, repairs=()):
    """Write down that a submission could not be graded; no earlier version's marks are kept.

    Parameters
    ----------
    course : Course
    job : Job
    problem : str
        Why it could not.
    repairs : sequence of str
        What was mended before.

    Returns
    -------
    Record
    """
    return _without_marks(course, job, COULD_NOT_GRADE, problem, repairs)


def as_given_out(course, job):
    """Write down that a submission is untouched; no earlier version's marks are kept.

    Parameters
    ----------
    course : Course
    job : Job

    Returns
    -------
    Record
    """
    why = "no answer differs from what was given out: the wrong file, or nothing done? Ask"
    return _without_marks(course, job, UNTOUCHED, why)


def _without_marks(course, job, status, reason, repairs=()):
    """Write the record of what has no marks."""
    student, lesson = job.student, job.lesson.name
    record_path(course, student, lesson).unlink(missing_ok=True)
    forget_test_marks(course.gradebook_url, student, lesson)
    shutil.rmtree(course.graded(student, lesson).parent, ignore_errors=True)
    told = {"status": status, "reasons": (reason,), "repairs": tuple(repairs), "cells": ()}
    return _write(course, job, **told)


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
    notebook = _graded_notebook(course, job)
    graded = _known_cells(notebook)
    said = {name: _message(cell) for name, cell in graded.items()}
    code = [cell.source for cell in notebook if cell.cell_type == "code"]
    return tuple(
        Cell(
            name=name,
            exercise=exercise.name,
            earned=marks[name].earned,
            maximum=maximum,
            written=exercise.written,
            message=said.get(name, ""),
            again=marks[name].again,
            cause=cause(graded[exercise.name], said[name], code) if said.get(name) else "",
        )
        for exercise in job.lesson.exercises.values()
        for name, maximum in exercise.points.items()
    )


def _answers(course, job):
    """The answer that each graded cell of a graded notebook is about; none if there is none."""
    cells = _known_cells(_graded_notebook(course, job))
    return {
        name: cells[exercise.name].source
        for exercise in job.lesson.exercises.values()
        for name in exercise.points
        if exercise.name in cells
    }


def _known_cells(cells):
    """Cells that nbgrader knows, by grade id."""
    known = (cell for cell in cells if "nbgrader" in cell.metadata)
    return {cell.metadata.nbgrader.get("grade_id"): cell for cell in known}


def _graded_notebook(course, job):
    """Cells of a graded notebook; none if it is not there."""
    try:
        return nbformat.read(course.graded(job.student, job.lesson.name), as_version=4).cells
    except (FileNotFoundError, ValueError):
        return []


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
