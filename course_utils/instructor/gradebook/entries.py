"""What the gradebook knows of lessons: keep nbgrader from writing it at once, and write it later.

nbgrader enters a lesson while it makes the release, piece by piece. Here the entries are kept, and
made all together when the release is known to be good: in one transaction, so that an interruption
leaves the gradebook as it was.
"""

import logging
from contextlib import contextmanager
from copy import deepcopy

from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import SaveCells
from nbgrader.preprocessors.base import NbGraderPreprocessor

from course_utils.instructor.gradebook.converters import ConversionError, convert
from course_utils.instructor.gradebook.database import GradebookError, open_gradebook


def convert_for_students(course, lesson):
    """Make a lesson's release with nbgrader, but leave the gradebook alone.

    Parameters
    ----------
    course : Course
    lesson : str

    Returns
    -------
    dict of str to NotebookNode
        What is to be entered in the gradebook: the notebooks without solutions, with hidden tests,
        by name.

    Raises
    ------
    ConversionError
        If nbgrader could not make it.
    """
    kept = {}

    def keep(notebook, resources):
        """Keep a notebook; a preprocessor in the place of nbgrader's ``SaveCells``."""
        kept[resources["nbgrader"]["notebook"]] = deepcopy(notebook)
        return notebook, resources

    class Generate(GenerateAssignment):
        def start(self):
            self.no_database = True
            self.preprocessors = [keep if it is SaveCells else it for it in self.preprocessors]
            super().start()

    with _told_in_one_line():  # nbgrader wants a gradebook all the same
        convert(Generate, course, lesson)
    return kept


@contextmanager
def entered(url, lessons):
    """Enter lessons in the gradebook if the ``with`` block ends well, all or none.

    Parameters
    ----------
    url : str
        Address of the gradebook, as SQLAlchemy understands it.
    lessons : dict of str to dict
        What ``convert_for_students`` gave, by lesson.

    Raises
    ------
    ConversionError
        If the gradebook refuses: it cannot be written, or holds submissions to a lesson whose
        graded cells have other names now.
    """
    with (
        _told_in_one_line(),
        open_gradebook(url) as gradebook,
        gradebook.engine.begin() as connection,
    ):
        gradebook.db.remove()
        gradebook.db.configure(bind=connection, join_transaction_mode="rollback_only")
        with _silence():
            for lesson, notebooks in lessons.items():
                _enter(gradebook, lesson, notebooks)
        gradebook.db.remove()
        yield


@contextmanager
def _told_in_one_line():
    """Make of a gradebook that cannot be used a release that cannot be made."""
    try:
        yield
    except GradebookError as error:
        raise ConversionError(str(error)) from error


@contextmanager
def _silence():
    """Keep nbgrader from printing tracebacks of errors that are told in one line."""
    log = logging.getLogger("tornado.application")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


def _enter(gradebook, lesson, notebooks):
    """Enter the notebooks of a lesson, and remove those that it has no longer."""
    gradebook.update_or_create_assignment(lesson)
    assignment = gradebook.find_assignment(lesson)
    for former in {notebook.name for notebook in assignment.notebooks} - set(notebooks):
        if assignment.submissions:
            _refuse(lesson)
        gradebook.remove_notebook(former, lesson)
    for name, notebook in notebooks.items():
        resources = {"nbgrader": {"notebook": name, "assignment": lesson}}
        _Entry(gradebook).preprocess(notebook, resources)


def _refuse(lesson):
    """Say that submissions stand in the way."""
    raise ConversionError(
        f"{lesson}: graded cells were added, removed or renamed, and the gradebook holds "
        "submissions to the former ones. Take the change back; or release the lesson under a new "
        "name, so that marks already given keep their meaning."
    )


class _Entry(SaveCells):
    """nbgrader's ``SaveCells``, writing to a gradebook that is open."""

    def __init__(self, gradebook):
        super().__init__()
        self.gradebook = gradebook

    def preprocess(self, notebook, resources):
        """Read the cells of a notebook and enter them."""
        self.notebook_id = resources["nbgrader"]["notebook"]
        self.assignment_id = resources["nbgrader"]["assignment"]
        self.new_grade_cells, self.new_solution_cells = {}, {}
        self.new_task_cells, self.new_source_cells = {}, {}
        NbGraderPreprocessor.preprocess(self, notebook, resources)
        try:
            former = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        except MissingEntry:
            former = None
        if former and former.submissions and self._changed(former):
            _refuse(self.assignment_id)
        self._create_notebook(notebook)
        return notebook, resources

    def _changed(self, former):
        """Whether other cells are graded than in the gradebook."""
        return any(
            {cell.name for cell in cells} != set(new)
            for cells, new in (
                (former.grade_cells, self.new_grade_cells),
                (former.solution_cells, self.new_solution_cells),
                (former.task_cells, self.new_task_cells),
                (former.source_cells, self.new_source_cells),
            )
        )
