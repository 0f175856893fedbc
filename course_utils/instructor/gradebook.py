"""nbgrader's gradebook: make a new one quickly, and read marks from it."""

import errno
import os
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass

from alembic.script import ScriptDirectory
from nbgrader.api import (
    Assignment,
    Base,
    BaseCell,
    Comment,
    Course,
    Grade,
    Gradebook,
    InvalidEntry,
    MissingEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import create_engine, insert, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from course_utils.instructor.course import GRADEBOOK
from course_utils.instructor.plain_text import in_one_line

EXAMPLE = "postgresql+psycopg://USER:PASSWORD@HOST:5432/DATABASE"
PATIENCE = 10  # seconds for a server to answer; without a limit it may be minutes
ALONE = {  # by kind of database: what keeps two processes from making the tables at the same time
    "postgresql": "SELECT pg_advisory_xact_lock(7065)",
    "sqlite": "BEGIN IMMEDIATE",
}


class GradebookError(OSError):
    """The gradebook cannot be used; the text says why, what to do, and no password."""


@dataclass(frozen=True)
class Mark:
    """The mark of one graded cell.

    Attributes
    ----------
    earned : float or None
        None if nobody has marked it yet: a written answer (an untouched one has earned 0), or a
        test that was not run.
    by_hand : bool
        Whether a person gave the points.
    again : bool
        Whether a person gave them to an earlier version, and should look at this one. They count
        until then: a mark once given is never lost.
    comment : str
        What a person wrote about it.
    """

    earned: float | None
    by_hand: bool = False
    again: bool = False
    comment: str = ""


def prepare_gradebook(url):
    """Make a gradebook unless there is one.

    nbgrader makes it when first asked as well, but starts the ``alembic`` command to learn the
    version of its tables, which takes seconds and fails where that command is not on the PATH.

    Parameters
    ----------
    url : str
        Address of the gradebook, as SQLAlchemy understands it.

    Raises
    ------
    GradebookError
        If it cannot be used.
    """
    with usable(url), connected(url) as connection:
        if inspect(connection).get_table_names():
            return
        connection.execute(text(ALONE.get(connection.dialect.name, "SELECT 1")))
        if inspect(connection).get_table_names():  # somebody else was faster
            return
        Base.metadata.create_all(connection)
        connection.execute(insert(Course).values(id="default_course"))
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        version = {"it": newest_version()}
        connection.execute(text("INSERT INTO alembic_version VALUES (:it)"), version)


@contextmanager
def open_gradebook(url):
    """Open a gradebook for the length of a ``with`` block; make it unless there is one.

    Parameters
    ----------
    url : str
        Address of the gradebook, as SQLAlchemy understands it.

    Yields
    ------
    Gradebook

    Raises
    ------
    GradebookError
        If it cannot be used.
    OSError
        If SQLite says that the disk is full.
    """
    prepare_gradebook(url)
    with usable(url), Gradebook(url) as gradebook:
        yield gradebook


@contextmanager
def connected(url):
    """Connect to a database in one transaction, for the length of a ``with`` block.

    Parameters
    ----------
    url : str

    Yields
    ------
    sqlalchemy.Connection

    Raises
    ------
    GradebookError
        If the address cannot be understood, or the driver that it asks for is missing.
    SQLAlchemyError
        If the database refuses.
    """
    example = f"Expected one such as {EXAMPLE} in {GRADEBOOK}"
    if url.count("@") > 1 and not url.startswith("sqlite"):
        # Read as it stands, a part of the password would be taken for the host, and be printed.
        problem = "The gradebook's address has more than one @"
        raise GradebookError(f"{problem}. {example}; an @ in a password is written %40.")
    try:
        kind = make_url(url).get_backend_name()
        patience = {"connect_timeout": PATIENCE} if kind == "postgresql" else {}
        engine = create_engine(url, connect_args=patience)
    except ImportError as error:
        raise GradebookError(
            f"The gradebook {named(url)} needs a driver that is not installed ({error}). For "
            'postgresql+psycopg:// run: pip install "psycopg[binary]"'
        ) from error
    except (SQLAlchemyError, ValueError):
        raise GradebookError(
            f"The gradebook's address cannot be understood. {example}; in its user and password, "
            "write @ as %40, / as %2F and : as %3A."
        ) from None  # which may hold the password
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def usable(url):
    """Tell in one sentence, for the length of a ``with`` block, that a gradebook cannot be used.

    Parameters
    ----------
    url : str

    Raises
    ------
    GradebookError
        In place of what SQLAlchemy raises.
    OSError
        If SQLite says that the disk is full.
    """
    try:
        yield
    except (SQLAlchemyError, InvalidEntry) as error:
        why = reason(error)
        if "disk is full" in why:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), named(url)) from error
        raise GradebookError(cannot_be_used(url, why)) from error


def cannot_be_used(url, why):
    """Say that a gradebook cannot be used, and what to do.

    Parameters
    ----------
    url, why : str

    Returns
    -------
    str
    """
    return (
        f"The gradebook {named(url)} cannot be used: {why}. {advice(url)} Then run the same "
        "command again; course doctor tells more."
    )


def reason(error):
    """Say in one line what a database said.

    Parameters
    ----------
    error : Exception
        SQLAlchemy's or nbgrader's.

    Returns
    -------
    str
        Without a mark at its end.
    """
    return in_one_line(getattr(error, "orig", None) or error, 400).rstrip(".?")


def advice(url):
    """Say what to do about a gradebook that cannot be used.

    Parameters
    ----------
    url : str

    Returns
    -------
    str
        A sentence.
    """
    if url.startswith("sqlite"):
        return "If another program holds it, end that; if it is damaged, put a copy back."
    return (
        f"Start the database, and look at the address, the password and the user in {GRADEBOOK}, "
        "who has to own the database."
    )


def named(url):
    """Give the address of a gradebook without its password.

    Parameters
    ----------
    url : str
        That SQLAlchemy understands.

    Returns
    -------
    str
    """
    return make_url(url).set(query={}).render_as_string(hide_password=True)


def newest_version():
    """Give the version of the tables that nbgrader works with.

    Returns
    -------
    str
    """
    return ScriptDirectory(ALEMBIC_DIR).get_current_head()


def read_marks(url, lesson, student=None):
    """Read the marks of a lesson, in a few queries however large the class is.

    Parameters
    ----------
    url : str
        Address of the gradebook, as SQLAlchemy understands it.
    lesson : str
    student : str, optional
        Read this student's marks only.

    Returns
    -------
    dict of str to dict of str to Mark
        By student, then by grade id; without those who have no marks.
    """
    who = SubmittedAssignment.student_id, BaseCell.name

    def rows(table, *columns):
        query = (
            gradebook.db.query(*who, *columns)
            .select_from(table)
            .join(BaseCell, BaseCell.id == table.cell_id)
            .join(SubmittedNotebook, SubmittedNotebook.id == table.notebook_id)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .filter(Assignment.name == lesson, Notebook.name == lesson)
        )
        return query.filter(SubmittedAssignment.student_id == student) if student else query

    marks, comments = defaultdict(dict), {}
    with open_gradebook(url) as gradebook:
        for student_id, cell, comment in rows(Comment, Comment.manual_comment):
            if comment:
                comments[student_id, cell] = comment
        for student_id, cell, auto, by_hand, score, flagged in rows(
            Grade, Grade.auto_score, Grade.manual_score, Grade.score, Grade.needs_manual_grade
        ):
            # A comment on the answer of an exercise is shown with its last test.
            answer = cell.removesuffix("-hidden")
            marks[student_id][cell] = Mark(
                earned=None if auto is None and by_hand is None else score,
                by_hand=by_hand is not None,
                again=by_hand is not None and flagged,
                comment=comments.get((student_id, cell)) or comments.get((student_id, answer), ""),
            )
    return dict(marks)


def read_submissions(url):
    """Tell which submissions there are marks of.

    Parameters
    ----------
    url : str
        Address of the gradebook, as SQLAlchemy understands it.

    Returns
    -------
    set of (str, str)
        Student and lesson.
    """
    with open_gradebook(url) as gradebook:
        query = gradebook.db.query(SubmittedAssignment.student_id, Assignment.name)
        pairs = query.join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        return {tuple(pair) for pair in pairs}


def read_released_cells(url, lesson):
    """Read the graded cells of a lesson, as they were when it was released.

    Parameters
    ----------
    url : str
        Address of the gradebook, as SQLAlchemy understands it.
    lesson : str

    Returns
    -------
    dict of str to (float, str or None)
        Points by grade id, and the text of a test with its hidden part; None for written answers.
        Empty if the gradebook does not know the lesson.
    """
    with open_gradebook(url) as gradebook:
        try:
            notebook = gradebook.find_notebook(lesson, lesson)
        except MissingEntry:
            return {}
        sources = {cell.name: cell.source for cell in notebook.source_cells}
        answers = {cell.name for cell in notebook.solution_cells}
        return {
            cell.name: (cell.max_score, None if cell.name in answers else sources[cell.name])
            for cell in notebook.grade_cells
        }


def settled(url, student, lesson):
    """Tell what has been graded by hand and need not be looked at again.

    Parameters
    ----------
    url : str
        Address of the gradebook, as SQLAlchemy understands it.
    student, lesson : str

    Returns
    -------
    dict of str to float
        Most points of each such cell, by its grade id.
    """
    with open_gradebook(url) as gradebook:
        try:
            submission = gradebook.find_submission_notebook(lesson, lesson, student)
        except MissingEntry:
            return {}
        return {
            grade.name: grade.max_score
            for grade in submission.grades
            if grade.manual_score is not None and not grade.needs_manual_grade
        }


def settle(url, student, lesson, by_hand, same):
    """Let points given by hand stand where the answer is the same as before.

    nbgrader asks for everything graded by hand to be looked at again after every autograding.

    Parameters
    ----------
    url : str
        Address of the gradebook, as SQLAlchemy understands it.
    student, lesson : str
    by_hand : dict of str to float
        As `settled` gave it before.
    same : set of str
        Graded cells whose answers have not changed.
    """
    with open_gradebook(url) as gradebook:
        for name in same & by_hand.keys():
            grade = gradebook.find_grade(name, lesson, lesson, student)
            if grade.max_score == by_hand[name]:
                grade.needs_manual_grade = False
        gradebook.db.commit()


def forget_test_marks(url, student, lesson):
    """Take back the marks that tests gave to an earlier version of a submission.

    Points given by hand and comments stay, and are flagged for somebody to look at again.

    Parameters
    ----------
    url : str
        Address of the gradebook, as SQLAlchemy understands it.
    student, lesson : str
    """
    with open_gradebook(url) as gradebook:
        try:
            submission = gradebook.find_submission_notebook(lesson, lesson, student)
        except (MissingEntry, UnicodeEncodeError):  # no gradebook can hold a name that is not UTF-8
            return
        for grade in submission.grades:
            grade.auto_score, grade.needs_manual_grade = None, True
        gradebook.db.commit()
