"""nbgrader's gradebook as a database: make and open it, and say why it cannot be used."""

import errno
import functools
import os
from contextlib import contextmanager

from alembic.script import ScriptDirectory
from nbgrader import api
from nbgrader.api import Base, Course, Gradebook, InvalidEntry
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
def one_engine():
    """Have nbgrader use one engine for a gradebook, for the length of a ``with`` block.

    It makes a new one for every few questions, and SQLAlchemy then translates all of them anew: a
    quarter of what it takes to mark a notebook.
    """
    usual = api.create_engine
    api.create_engine = functools.cache(usual)
    try:
        yield
    finally:
        api.create_engine = usual


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
