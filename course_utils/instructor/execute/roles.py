"""What the cells of a notebook are for: answers, tests of answers, and all others."""

from course_utils.instructor.execute import needed


def is_code(cell):
    """Whether a cell is code."""
    return cell.cell_type == "code"


def is_test(cell):
    """Whether a cell holds tests that give points."""
    roles = cell.metadata.get("nbgrader", {})
    return bool(is_code(cell) and roles.get("grade") and roles.get("locked"))


def is_answer(cell):
    """Whether a cell holds a student's answer."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def roles(notebook):
    """Give what `needed.plan` is to know of the code cells.

    Parameters
    ----------
    notebook : NotebookNode

    Returns
    -------
    dict of int to (str, str)
    """
    roles = {}
    for number, cell in enumerate(notebook.cells):
        if is_code(cell):
            graded = cell.metadata.get("nbgrader", {}).get("grade") or is_answer(cell)
            role = needed.ANSWER if graded else needed.OTHER
            roles[number] = cell.source, needed.TEST if is_test(cell) else role
    return roles


def tests_of(notebook):
    """The tests of a notebook, with their places."""
    return [(number, cell) for number, cell in enumerate(notebook.cells) if is_test(cell)]
