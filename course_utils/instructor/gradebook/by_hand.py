"""Give a mark by hand, as nbgrader's formgrader does."""

from nbgrader.api import MissingEntry

from course_utils.instructor.gradebook.database import open_gradebook


def give_mark(url, student, lesson, cell, points, answer, comment):
    """Enter points that a person gives, and what they write about them.

    Parameters
    ----------
    url : str
        Address of the gradebook, as SQLAlchemy understands it.
    student, lesson, cell : str
        The cell is told by its grade id.
    points : float
    answer : str
        The grade id of the answer, where the comment belongs.
    comment : str

    Raises
    ------
    KeyError
        If there is no such mark to give.
    """
    with open_gradebook(url) as gradebook:
        try:
            grade = gradebook.find_grade(cell, lesson, lesson, student)
            words = gradebook.find_comment(answer, lesson, lesson, student)
        except MissingEntry as error:
            raise KeyError(f"{student}, {lesson}, {cell}") from error
        grade.manual_score, grade.needs_manual_grade = points, False
        words.manual_comment = comment or None
        gradebook.db.commit()
