"""nbgrader's own autograding, of notebooks that have been mended and run already."""

from nbgrader.converters import Autograde, BaseConverter
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    IgnorePattern,
    LimitOutput,
    OverwriteCells,
    SaveAutoGrades,
)
from nbgrader.utils import is_solution
from traitlets import List

from course_utils.instructor.execute.outcome import FAILED, RAN

EXAMINED = "examined"


class SaveMarks(SaveAutoGrades):
    """Save what is known of each test; what is not known waits for a person, and is no zero."""

    def _add_score(self, cell, resources):
        """Save the mark of one cell."""
        if is_solution(cell):
            super()._add_score(cell, resources)
            return
        # nbgrader goes by the outputs, which a student's code can write into: one that looks like
        # a number gives that many points, one that is too large ends the grading, and a test
        # without any has passed.
        grade = self.gradebook.find_grade(
            cell.metadata.nbgrader.grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        points = {RAN: float(cell.metadata.nbgrader.points), FAILED: 0.0}
        grade.auto_score = points.get(cell.metadata.get("execution", {}).get("state"))
        grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None
        self.gradebook.db.commit()


class Marking(Autograde):
    """Autograde what was executed before: notebooks in ``examined`` hold their outputs.

    As nothing is executed, one pass does what nbgrader does in two.
    """

    sanitize_preprocessors = List(
        [OverwriteCells, CheckCellMetadata, IgnorePattern, LimitOutput]
        + [SaveMarks, AssignLatePenalties]
    )

    @property
    def _input_directory(self):
        """Where nbgrader reads."""
        return EXAMINED

    def convert_single_notebook(self, notebook_filename):
        """Mark one notebook."""
        self._init_preprocessors()
        BaseConverter.convert_single_notebook(self, notebook_filename)


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
