"""Run nbgrader's own converters on a course; their reports go to files, not to the terminal."""

import errno
import glob
import logging
import os
import re
from contextlib import contextmanager

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from course_utils.instructor.course import CONFIGURATION, file_stem
from course_utils.instructor.environment import environment, errors_to
from course_utils.instructor.gradebook.database import (
    GradebookError,
    cannot_be_used,
    prepare_gradebook,
)

# As nbgrader's log has it, at the beginning of a line.
FULL_DISK = re.compile(
    rf"^(OSError: \[Errno ({errno.ENOSPC}|{errno.EDQUOT})\]"
    r"|sqlalchemy\.exc\.OperationalError: \(sqlite3\.OperationalError\) database or disk is full)",
    re.MULTILINE,
)
LOST = re.compile(
    r"^(sqlalchemy\.exc\.(Operational|Interface)Error: "
    r"|nbgrader\.api\.InvalidEntry: \(\S*(OperationalError|InterfaceError|Shutdown)\))",
    re.MULTILINE,
)


class ConversionError(Exception):
    """nbgrader could not convert a notebook; the text is its reason, in one line."""


def convert(converter_class, course, lesson, student="."):
    """Run one of nbgrader's converters on one lesson, replacing what an earlier run made.

    Settings come from the course's ``nbgrader_config.py``; only the places of files are set here,
    so that they lie in the course's build folder. Submissions are executed in the fast profile.

    Parameters
    ----------
    converter_class : type
        A subclass of ``nbgrader.converters.BaseConverter``.
    course : Course
    lesson : str
    student : str
        Whose submission to convert; ``"."`` where the converter has no students.

    Raises
    ------
    ConversionError
        If the conversion failed, with the reason and the file that holds nbgrader's report.
    GradebookError
        If the gradebook cannot be used; no submission is to blame for that.
    OSError
        If the disk is full.
    """
    report = course.logs / f"{converter_class.__name__}-{file_stem(student)}-{lesson}.log"
    profile = environment({"COURSE_PROFILE": "fast"})
    with profile, errors_to(report), _log_to(report) as (log, records):
        prepare_gradebook(course.gradebook_url)
        settings = _settings(course, lesson, student)
        folders = CourseDirectory(config=settings, log=log)
        converter = converter_class(coursedir=folders, config=settings, log=log, force=True)
        try:
            converter.start()
        except Exception as error:
            if any(FULL_DISK.search(record.getMessage()) for record in records):
                full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(course.build))
                raise full from error
            if any(LOST.search(record.getMessage()) for record in records):
                why = _reason(records, error).partition(") ")[2]
                raise GradebookError(cannot_be_used(course.gradebook_url, why)) from error
            log.exception("The conversion failed.")
            raise ConversionError(f"{_reason(records, error)} (see {report})") from error


def _settings(course, lesson, student):
    """The course's own nbgrader settings, with this course's folders."""
    settings = PyFileConfigLoader(CONFIGURATION, path=str(course.root)).load_config()
    settings.merge(
        Config(
            CourseDirectory={
                # nbgrader reads student and lesson back out of paths below its root.
                "root": str(course.build),
                "source_directory": os.path.relpath(course.notebooks, course.build),
                "release_directory": course.release.name,
                "submitted_directory": course.submitted.name,
                "autograded_directory": course.autograded.name,
                "db_url": course.gradebook_url,
                "assignment_id": lesson,
                "student_id": glob.escape(student),
            }
        )
    )
    return settings


@contextmanager
def _log_to(report):
    """Yield a logger that writes to a file, and the list of what it was told."""
    log = logging.Logger("nbgrader", level=logging.INFO)
    records = []
    keep = logging.Handler()
    keep.emit = records.append
    to_file = logging.FileHandler(report, encoding="utf-8")
    to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(keep)
    log.addHandler(to_file)
    try:
        yield log, records
    finally:
        to_file.close()


def _reason(records, error):
    """Say in one line why a conversion failed.

    nbgrader catches the exception that tells, logs its traceback, and raises one that does not.
    """
    for record in records:
        message = record.getMessage().strip()
        if message.startswith("Traceback"):
            return message.splitlines()[-1]
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
