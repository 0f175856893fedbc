"""nbgrader's gradebook: make a new one quickly, and read marks from it."""

from dataclasses import dataclass

from alembic.config import Config
from alembic.script import ScriptDirectory
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.dbutil import _temp_alembic_ini
from sqlalchemy import create_engine, inspect, text


@dataclass(frozen=True)
class Mark:
    """The mark of one graded cell.

    Attributes
    ----------
    cell : str
        Its grade id.
    earned : float or None
        None while it waits for someone to grade it: a written answer (an untouched one has earned
        0), or a test that the student deleted.
    maximum : float
    written : bool
        Whether this is a written answer, graded by hand.
    """

    cell: str
    earned: float | None
    maximum: float
    written: bool


def prepare_gradebook(url):
    """Make a gradebook unless there is one.

    nbgrader makes it when first asked as well, but starts the ``alembic`` command to learn the
    version of its tables, which takes seconds and fails where that command is not on the PATH.

    Parameters
    ----------
    url : str
        Address of the gradebook, as SQLAlchemy understands it.
    """
    engine = create_engine(url)
    with engine.begin() as connection:
        if not inspect(connection).get_table_names():
            with _temp_alembic_ini(url) as settings:
                version = ScriptDirectory.from_config(Config(settings)).get_current_head()
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": version})
    engine.dispose()


def read_marks(url, student, lesson):
    """Read the marks of a submission.

    Parameters
    ----------
    url : str
        Address of the gradebook, as SQLAlchemy understands it.
    student, lesson : str

    Returns
    -------
    tuple of Mark
        One for each graded cell, sorted by cell.
    """
    prepare_gradebook(url)
    with Gradebook(url) as gradebook:
        submission = gradebook.find_submission_notebook(lesson, lesson, student)
        answers = {cell.name for cell in submission.notebook.solution_cells}
        return tuple(
            Mark(
                cell=grade.name,
                earned=None if _is_open(grade) else grade.score,
                maximum=grade.max_score,
                written=grade.name in answers,
            )
            for grade in sorted(submission.grades, key=lambda grade: grade.name)
        )


def forget_test_marks(url, student, lesson):
    """Take back the marks that tests gave to an earlier version of a submission.

    Points given by hand and comments stay, and are flagged for somebody to look at again.

    Parameters
    ----------
    url : str
        Address of the gradebook, as SQLAlchemy understands it.
    student, lesson : str
    """
    prepare_gradebook(url)
    with Gradebook(url) as gradebook:
        try:
            submission = gradebook.find_submission_notebook(lesson, lesson, student)
        except MissingEntry:
            return
        for grade in submission.grades:
            grade.auto_score, grade.needs_manual_grade = None, True
        gradebook.db.commit()


def _is_open(grade):
    """Whether a cell has no mark yet, neither from its tests nor from a person."""
    return grade.auto_score is None and grade.manual_score is None
