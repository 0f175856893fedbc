"""Tell which exercises a notebook answers: those whose cell is not as it was given out."""

from course_utils.instructor.lessons.cell_text import code, defined, plain
from course_utils.instructor.repair.pieces import read_pieces
from course_utils.instructor.repair.repair import repair


def answered(data, release, stubs=None):
    """Tell which exercises of a lesson a notebook answers, whatever else its bytes are.

    Parameters
    ----------
    data : bytes
        The file as it was handed in; anything at all.
    release : NotebookNode
        The lesson as students get it.
    stubs : dict of str to list of str, optional
        By exercise: what its cell held in other releases.

    Returns
    -------
    list of str or None
        In the lesson's order; None if it is not a notebook of this lesson, or cannot be read.
    """
    pieces = {it.name: it for it in read_pieces(release, release).values() if it.answer}
    mended = repair(data, release, release)
    if mended.problem:
        return None
    cells = mended.notebook.cells
    own = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in cells}
    lessons = {plain(cell.source) for cell in release.cells}
    elsewhere = set().union(
        *(
            defined(cell.source)
            for cell in cells
            if cell.cell_type == "code"
            and "nbgrader" not in cell.metadata
            and plain(cell.source) not in lessons
        )
    )
    return [
        name
        for name, piece in pieces.items()
        if piece.functions & elsewhere
        or not _is_stub(piece, own[name].source, (stubs or {}).get(name, ()))
    ]


def _is_stub(piece, text, others):
    """Whether an answer is what some release held in its place, or nothing."""
    if piece.is_untouched(text) or plain(text) in map(plain, others):
        return True
    statements = piece.functions and code(text)
    return bool(statements) and statements in map(code, others)
