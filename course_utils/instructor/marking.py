"""nbgrader's own autograding, of notebooks that have been mended and run already."""

from nbgrader.converters import Autograde
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    IgnorePattern,
    LimitOutput,
    OverwriteCells,
    SaveAutoGrades,
)
from traitlets import List

from course_utils.instructor.examination import not_run

EXAMINED = "examined"


class SaveMarks(SaveAutoGrades):
    """Save marks; a test that was not run waits for a person, and is no zero."""

    def _add_score(self, cell, resources):
        """Save the mark of one cell."""
        super()._add_score(cell, resources)
        if not_run(cell):
            # nbgrader takes a test without outputs for one that has passed.
            grade = self.gradebook.find_grade(
                cell.metadata.nbgrader.grade_id,
                self.notebook_id,
                self.assignment_id,
                self.student_id,
            )
            grade.auto_score, grade.needs_manual_grade = None, True
            self.gradebook.db.commit()


class Marking(Autograde):
    """Autograde without clearing and executing: the notebooks in ``examined`` hold their outputs."""

    sanitize_preprocessors = List([OverwriteCells, CheckCellMetadata])
    autograde_preprocessors = List(
        [IgnorePattern, LimitOutput, SaveMarks, AssignLatePenalties, CheckCellMetadata]
    )

    @property
    def _input_directory(self):
        """Where nbgrader reads: first what was examined, then its own copy of it."""
        return EXAMINED if self._sanitizing else super()._input_directory


def examined_path(course, student, lesson):
    """Path of an examined notebook, for nbgrader to read.

    Parameters
    ----------
    course : Course
    student, lesson : str

    Returns
    -------
    Path
    """
    return course.build / EXAMINED / student / lesson / f"{lesson}.ipynb"
