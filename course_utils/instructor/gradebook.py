"""nbgrader's gradebook: make a new one quickly, and read marks from it."""

from dataclasses import dataclass

from alembic.config import Config
from alembic.script import ScriptDirectory
from nbgrader.api import Assignment, Gradebook, MissingEntry, SubmittedAssignment
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
        0), a test that was not run, or what was graded by hand before it was handed in anew.
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
    prepare_gradebook(url)
    with Gradebook(url) as gradebook:
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
    prepare_gradebook(url)
    with Gradebook(url) as gradebook:
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
    prepare_gradebook(url)
    with Gradebook(url) as gradebook:
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
    with Gradebook(url) as gradebook:
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
    """Whether a cell waits for a person: without a mark, or with one for an earlier version."""
    return grade.needs_manual_grade or (grade.auto_score is None and grade.manual_score is None)
