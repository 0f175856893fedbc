"""Marks in nbgrader's gradebook: read them, and let those given by hand stand."""

from collections import defaultdict
from dataclasses import dataclass

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    MissingEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)

from course_utils.instructor.gradebook.database import open_gradebook


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


def marks_by_hand(url, student, lesson):
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


def keep_marks_by_hand(url, student, lesson, by_hand, same):
    """Let points given by hand stand where the answer is the same as before.

    nbgrader asks for everything graded by hand to be looked at again after every autograding.

    Parameters
    ----------
    url : str
        Address of the gradebook, as SQLAlchemy understands it.
    student, lesson : str
    by_hand : dict of str to float
        As `marks_by_hand` gave it before.
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
