"""Mend what students hand in, so that every graded cell of the lesson is in it once.

Nothing that a student wrote is lost, and nothing that a notebook says about marks is believed:
tests, points and roles are the lesson's, answers stay where the student has them. Everything that
was mended is told: as a repair where the marks are right all the same, as a review where a person
should look.
"""

import re
from copy import deepcopy
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from course_utils.instructor.lessons.cell_text import (
    borrowed,
    code,
    defined,
    imported,
    imports,
    likeness,
)
from course_utils.instructor.plain_text import in_one_line
from course_utils.instructor.release.leaks import MARKER
from course_utils.instructor.repair.pieces import Work, name_cells, read_pieces, sentence
from course_utils.instructor.repair.recognise import ALIKE, recognise
from course_utils.instructor.repair.restore import restore
from course_utils.instructor.repair.submission_file import (
    Cell,
    UnreadableSubmissionError,
    read_submission,
)

IDENTIFIER = re.compile(r"[a-zA-Z0-9_-]{1,64}")
FEW = 20  # cells in which a written answer is looked for
PYTHON = {"display_name": "Python 3", "language": "python", "name": "python3"}


@dataclass(frozen=True)
class Repaired:
    """A submission as it can be graded, or why it cannot.

    Attributes
    ----------
    notebook : NotebookNode or None
        None if it cannot be graded.
    repairs : tuple of str
        What was mended, without doubt about the marks.
    reviews : tuple of str
        What a person should look at.
    problem : str
        Why it cannot be graded: what was expected, what came, what to do. Empty if it can.
    """

    notebook: NotebookNode | None
    repairs: tuple = ()
    reviews: tuple = ()
    problem: str = ""


def repair(data, source, release):
    """Mend a submission.

    Parameters
    ----------
    data : bytes
        The file as it was handed in; anything at all.
    source : NotebookNode
        The lesson with its solutions and hidden tests. Not changed.
    release : NotebookNode
        The lesson as students got it. Not changed.

    Returns
    -------
    Repaired
        With a notebook of nbformat 4.5 for Python 3, in which every cell has an id of its own and
        every graded cell of the lesson stands once, an exercise's tests behind its answer; tests,
        points and roles are those of ``source``. Outputs are texts and pictures. Or with a problem.

    Raises
    ------
    TypeError
        If ``data`` are no bytes, or ``source`` or ``release`` is not a notebook.
    ValueError
        If the release lacks a graded cell of the source.

    Notes
    -----
    Of the metadata of cells that are not graded, only tags and ``cellView`` are kept.
    """
    if not isinstance(data, bytes):
        raise TypeError(f"data should be the bytes of a file; got {type(data).__name__}.")
    pieces = read_pieces(source, release)
    try:
        return _mend(data, pieces, release)
    except UnreadableSubmissionError as error:
        return Repaired(None, problem=str(error))
    except Exception as error:  # one strange file must not stop a class
        return Repaired(
            None,
            problem=(
                "Expected a notebook that can be mended; mending this one failed with "
                f"{type(error).__name__}: {in_one_line(error)}. Look at the file, and report this "
                "to the course's authors."
            ),
        )


def _mend(data, pieces, release):
    """Mend what was handed in."""
    submission = read_submission(data)
    work = Work(pieces, release, submission.cells)
    work.repairs += submission.notes
    work.reviews += submission.doubts
    _look_for_markers(work)
    recognise(work)
    for piece in work.missing():
        _put_back(work, piece)
    _put_in_order(work)
    for piece in pieces.values():
        if piece.functions:
            _look_elsewhere(work, piece, work.taken[piece.name])
        elif piece.answer:
            _find_below(work, piece, work.taken[piece.name])
    restore(work)
    _put_imports_back(work)
    _check_language(work, submission.kernel)
    notebook = _assemble(work)
    return Repaired(notebook, tuple(work.repairs), tuple(work.reviews))


def _look_for_markers(work):
    """Tell of the markers that only the lesson's source has."""
    numbers = [cell.number for cell in work.cells if MARKER.search(cell.source)]
    if numbers:
        work.reviews.append(
            f"Markers of solutions or hidden tests stand in {name_cells(numbers)}; no released "
            "notebook has any. Look whether it is the instructor's own notebook."
        )


def _put_back(work, piece):
    """Put back a graded cell that is missing, and tell so."""
    cell = Cell(piece.kind, piece.given)
    holders = _holders(work, piece)
    if holders:
        # A stub would undo what the student defined there.
        cell.source = f"# {piece.name} is defined in another cell of this notebook."
        _put_behind(work, cell, holders[-1])
        work.reviews.append(
            f"The cell of {piece} is missing, but {name_cells([holders[-1].number])} defines "
            f"{piece.name}, and this is tested. Look whether it is the student's answer."
        )
    else:
        _put_in_place(work, cell, piece)
        if piece.answer:
            work.reviews.append(
                f"The cell of {piece} is missing. The lesson's stub was put back, which earns no "
                "points. Look whether the answer is elsewhere in the notebook."
            )
        else:
            work.repairs.append(f"{sentence(piece)} was missing; it was put back.")
    work.take(piece, cell)


def _holders(work, piece):
    """The cells that define what an answer should."""
    # What the lesson itself defines is no answer, even if it has the same name.
    lessons = {id(cell) for place, cell in work.known.items() if not _is_graded(work, place)}
    return [
        cell
        for cell in work.cells
        if cell.kind == "code"
        and id(cell) not in lessons
        and piece.functions & defined(cell.source)
    ]


def _is_graded(work, place):
    """Whether a cell of the release is graded."""
    return any(piece.place == place for piece in work.pieces.values())


def _put_in_place(work, cell, piece):
    """Put a cell next to what belongs to its exercise, else where it stood in the lesson."""
    earlier = work.earlier(piece)
    tests = [it for it in work.pieces.values() if it.exercise == piece.exercise]
    found = [work.cells.index(work.taken[it.name]) for it in tests if it.name in work.taken]
    before = [place for place in work.known if place < piece.place]
    after = [place for place in work.known if place > piece.place]
    if earlier:
        _put_behind(work, cell, work.taken[earlier[-1].name])
    elif found:
        work.cells.insert(min(found), cell)
    elif before:
        _put_behind(work, cell, work.known[max(before)])
    else:
        place = work.cells.index(work.known[min(after)]) if after else len(work.cells)
        work.cells.insert(place, cell)


def _put_behind(work, cell, other):
    """Put a cell behind another, from wherever it is."""
    if cell in work.cells:
        work.cells.remove(cell)
    work.cells.insert(work.cells.index(other) + 1, cell)


def _put_in_order(work):
    """Move tests that would run before their answer, or before a test that comes first."""
    for piece in work.pieces.values():
        earlier = work.earlier(piece)
        if not earlier:
            continue
        cell, other = work.taken[piece.name], work.taken[earlier[-1].name]
        if work.cells.index(cell) < work.cells.index(other):
            _put_behind(work, cell, other)
            work.repairs.append(f"{sentence(piece)} stood above {earlier[-1]}; it was moved below.")


def _look_elsewhere(work, piece, cell):
    """Tell of an answer that tests do not see: above its stub, or below the tests."""
    if not cell.number or not piece.is_untouched(cell.source):
        return
    own = [it for it in _holders(work, piece) if not piece.is_untouched(it.source)]
    tests = [it for it in work.pieces.values() if it.exercise == piece.name and not it.answer]
    start = work.cells.index(cell)
    end = min((work.cells.index(work.taken[it.name]) for it in tests), default=len(work.cells))
    if own and not any(it in work.cells[start : end + 1] for it in own):
        work.reviews.append(
            f"{sentence(piece)} was left as it was, and {name_cells(it.number for it in own)} "
            f"defines {piece.name}, but not where the tests look. See whether it is the answer."
        )


def _find_below(work, piece, cell):
    """Take a student's own text below a written answer that was left as it was for the answer."""
    own = list(_own_text(work, piece, cell)) if piece.is_untouched(cell.source) else []
    if not own:
        return
    for number, other in enumerate(own):
        for name in set(other.attachments) & set(cell.attachments):  # both are image.png, say
            new = f"{number}-{name}"
            other.source = other.source.replace(f"attachment:{name}", f"attachment:{new}")
            other.attachments[new] = other.attachments.pop(name)
        cell.attachments = {**cell.attachments, **other.attachments}
        work.cells.remove(other)
    cell.source = "\n\n".join(filter(str.strip, [cell.source, *(it.source for it in own)]))
    work.reviews.append(
        f"{sentence(piece)} was left as it was; the student's own text below it "
        f"({name_cells(it.number for it in own)}) was taken for it. Look whether it is the answer."
    )


def _own_text(work, piece, cell):
    """A student's own Markdown cells below one, up to the lesson's next; copies of it left out."""
    known = set(map(id, work.known.values()))
    unknown = [
        it.source
        for place, it in enumerate(work.release.cells)
        if it.cell_type == "markdown" and place not in work.known
    ]
    place = work.cells.index(cell) + 1
    strangers = set(map(id, work.strangers()))
    for other in work.cells[place : place + FEW]:
        if strangers and (id(other) in strangers or other.source.startswith("# ")):
            return  # another lesson begins
        if id(other) in known or any(likeness(other.source, it) >= ALIKE for it in unknown):
            return
        if other.kind == "markdown" and not piece.is_untouched(other.source):
            yield other


def _put_imports_back(work):
    """Import what answers use, where the lesson's imports were deleted or moved below them."""
    given = {}
    for place, cell in enumerate(work.release.cells):
        if cell.cell_type == "code":
            for name, statement in imports(cell.source).items():
                given.setdefault(name, (place, statement))
    found = [imported(cell.source) if cell.kind == "code" else set() for cell in work.cells]
    missing = set()
    for piece in work.pieces.values():
        if piece.functions:
            place = work.cells.index(work.taken[piece.name])
            used = borrowed(work.cells[place].source) - set().union(*found[:place])
            missing |= {it for it in used & given.keys() if given[it][0] <= piece.place}
    if missing:
        missing = {name: statement for name, (_, statement) in given.items() if name in missing}
        work.cells.insert(0, Cell("code", "\n".join(missing.values())))
        work.repairs.append(
            f"No cell imports {', '.join(missing)} any more before an exercise uses it; a cell "
            "that does was put first."
        )


def _check_language(work, kernel):
    """Report another kernel than the lesson's, and answers in another language."""
    ours = work.release.metadata.get("kernelspec", PYTHON)["name"]
    language = kernel["language"].lower()
    python = "python" in language or (not language and "py" in kernel["name"].lower())
    called = kernel["title"] or kernel["name"] or kernel["language"]
    if not called or (python and kernel["name"] == ours):
        return
    work.repairs.append(f"The notebook asked for the kernel {called!r:.60}; Python 3 runs it.")
    answers = [work.taken[it.name].source for it in work.pieces.values() if it.functions]
    if not python and any(code(answer) is None for answer in answers):
        work.reviews.append(
            f"The notebook is set to {called!r:.60}, and an answer in it is no Python. Look "
            "whether the student wrote in another language."
        )


def _assemble(work):
    """Make the mended notebook."""
    graded = {id(cell): work.pieces[name] for name, cell in work.taken.items()}
    used, unnamed, cells = set(), 0, []
    for number, cell in enumerate(work.cells, start=1):
        piece = graded.get(id(cell))
        name = cell.name
        if not IDENTIFIER.fullmatch(name) or name in used:
            unnamed += bool(cell.number)
            name = f"cell-{number}"
            while name in used:
                name += "-"
        used.add(name)
        node = {
            "id": name,
            "cell_type": cell.kind,
            "metadata": deepcopy(piece.metadata) if piece else cell.metadata,
            "source": cell.source,
        }
        if cell.kind == "code":
            node |= {"execution_count": None, "outputs": cell.outputs}
        elif cell.attachments:
            node["attachments"] = cell.attachments
        cells.append(node)
    if unnamed:
        what = "1 cell" if unnamed == 1 else f"{unnamed} cells"
        work.repairs.append(f"{what} had no id, or one that another cell has, and got a new one.")
    kernel = work.release.metadata.get("kernelspec", PYTHON)
    metadata = {"kernelspec": dict(kernel), "language_info": {"name": "python"}}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    return nbformat.from_dict(notebook)
