"""The graded cells of a lesson, what of them has been found in a submission, and their names."""

from copy import deepcopy
from dataclasses import dataclass, field

from nbformat import NotebookNode

from course_utils.instructor.lessons.cell_text import code, defined, plain
from course_utils.instructor.lessons.exercises import HIDDEN, VISIBLE, check_notebook


@dataclass(frozen=True)
class Piece:
    """A graded cell of the lesson.

    Attributes
    ----------
    name : str
        Its grade id.
    exercise : str
        The grade id of the answer that it belongs to; its own if there is none.
    answer : bool
        Whether students fill it in.
    kind : str
        ``code`` or ``markdown``.
    given : str
        What it holds in the release.
    text : str
        What it has to hold if it is not an answer: the lesson's source, hidden tests included.
    metadata : dict
        Its metadata, with points and roles.
    functions : frozenset of str
        What its answer has to define; empty for tests and written answers.
    place : int
        Its place among the release's cells.
    """

    name: str
    exercise: str
    answer: bool
    kind: str
    given: str
    text: str
    metadata: dict
    functions: frozenset
    place: int

    def __str__(self):
        """Name it in a message."""
        if self.answer:
            return f"the answer to {self.name!r}"
        for ending, which in ((VISIBLE, "visible"), (HIDDEN, "hidden")):
            if self.name.endswith(ending):
                return f"the {which} test of {self.name.removesuffix(ending)!r}"
        return f"the cell {self.name!r}"

    def is_untouched(self, text):
        """Tell whether the text of an answer is the release's stub, or nothing."""
        if not text.strip() or plain(text) == plain(self.given):
            return True
        return bool(self.functions) and code(text) in ([], code(self.given))

    def is_unchanged(self, text):
        """Tell whether the text of a test is the release's, or the source's."""
        return plain(text) in (plain(self.given), plain(self.text))


@dataclass
class Work:
    """A submission under repair.

    Attributes
    ----------
    pieces : dict of str to Piece
        The lesson's graded cells by grade id, in its order.
    release : NotebookNode
    cells : list of Cell
    taken : dict of str to Cell
        Which cell has been recognised as which graded cell.
    known : dict of int to Cell
        Which cell has been recognised as which of the release's cells, graded or not.
    repairs, reviews : list of str
    """

    pieces: dict
    release: NotebookNode
    cells: list
    taken: dict = field(default_factory=dict)
    known: dict = field(default_factory=dict)
    repairs: list = field(default_factory=list)
    reviews: list = field(default_factory=list)

    def take(self, piece, cell):
        """Recognise a cell as a graded one."""
        self.taken[piece.name] = self.known[piece.place] = cell

    def free(self):
        """Cells that have not been recognised."""
        known = set(map(id, self.known.values()))
        return [cell for cell in self.cells if id(cell) not in known]

    def strangers(self):
        """Unrecognised cells with the grade id of an exercise that this lesson has not."""
        return [
            cell
            for cell in self.free()
            if isinstance(name := cell.roles.get("grade_id"), str)
            and name.removesuffix(VISIBLE).removesuffix(HIDDEN).strip()
            and name not in self.pieces
        ]

    def around(self, piece):
        """Unrecognised cells where a graded cell should be, between its recognised neighbours."""
        before = [place for place in self.known if place < piece.place]
        after = [place for place in self.known if place > piece.place]
        start = self.cells.index(self.known[max(before)]) + 1 if before else 0
        end = self.cells.index(self.known[min(after)]) if after else len(self.cells)
        free = set(map(id, self.free()))
        return [cell for cell in self.cells[start:end] if id(cell) in free]

    def missing(self):
        """Graded cells of the lesson that have not been recognised."""
        return [piece for piece in self.pieces.values() if piece.name not in self.taken]

    def earlier(self, piece):
        """The graded cells of the same exercise that come before one."""
        everything = list(self.pieces.values())
        before = everything[: everything.index(piece)]
        return [other for other in before if other.exercise == piece.exercise]

    def from_cell(self, cell):
        """The cells from one on; all of them if it is None."""
        return self.cells[self.cells.index(cell) :] if cell else self.cells


def read_pieces(source, release):
    """Read the graded cells of a lesson.

    Parameters
    ----------
    source, release : NotebookNode
        The lesson with its solutions and hidden tests, and as students got it. Not changed.

    Returns
    -------
    dict of str to Piece
        By grade id, in the source's order.

    Raises
    ------
    TypeError
        If either is not a notebook.
    ValueError
        If the release lacks a graded cell of the source.
    """
    check_notebook(source)
    check_notebook(release)
    places = {
        cell.metadata["nbgrader"].get("grade_id"): place
        for place, cell in enumerate(release.cells)
        if cell.metadata.get("nbgrader")
    }
    pieces, exercise = {}, None
    for cell in source.cells:
        roles = cell.metadata.get("nbgrader", {})
        name = roles.get("grade_id")
        if name is None:
            continue
        if name not in places:
            raise ValueError(
                f"The release should have the cell {name!r} of its source, and has not. "
                "Release the lesson again: course release"
            )
        given = release.cells[places[name]]
        answer = bool(roles.get("solution"))
        exercise = name if answer or exercise is None else exercise
        metadata = deepcopy(given.metadata)
        if not answer:
            # Without the checksum of the release, which has no hidden tests.
            metadata["nbgrader"] = deepcopy(roles)
        in_code = answer and cell.cell_type == "code"
        pieces[name] = Piece(
            name=name,
            exercise=exercise,
            answer=answer,
            kind=cell.cell_type,
            given=given.source,
            text=given.source if answer else cell.source,
            metadata=metadata,
            functions=frozenset(defined(given.source) | {name} if in_code else ()),
            place=places[name],
        )
    return pieces


def name_cells(numbers):
    """Name cells by their numbers in the file.

    Parameters
    ----------
    numbers : iterable of int
        At least one.

    Returns
    -------
    str
        Such as ``cells 3, 4 and 9``.
    """
    *others, last = map(str, numbers)
    return f"cells {', '.join(others)} and {last}" if others else f"cell {last}"


def sentence(text):
    """Give a text, or what names itself as one, with a capital at the beginning."""
    text = str(text)
    return text[:1].upper() + text[1:]
