"""Mend what students hand in, so that every graded cell of the lesson is in it once.

Nothing that a student wrote is lost, and nothing that a student says about marks is believed:
tests, points and roles are the lesson's, answers stay where the student has them. Cells are
recognised by their grade id where it fits what they hold, then by their content, then by their
place between cells that have been recognised. Everything that was mended is told: as a repair
where the marks are right all the same, as a review where a person should look.
"""

import ast
import re
import warnings
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import nbformat
from nbformat import NotebookNode

from course_utils.instructor.exercises import HIDDEN, VISIBLE, check_notebook
from course_utils.instructor.leaks import MARKER
from course_utils.instructor.submission_file import Cell, Unreadable, read_submission

LONGEST_CODE = 100_000  # characters; what is longer is compared as text only
MOST_WORDS = 2_000
ALIKE = 0.8
SOMEWHAT_ALIKE = 0.5
IDENTIFIER = re.compile(r"[a-zA-Z0-9_-]{1,64}")
MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)
DEFINED = re.compile(r"^(?:async +)?(?:def|class) +(\w+)|^(\w+) *= *lambda\b", re.MULTILINE)
ASSIGNED = re.compile(r"^(\w+) *(?::[^=\n]+)?=(?!=)", re.MULTILINE)
LOOKING = ("print", "display", "type", "len", "repr")  # calls that show something and no more


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


@dataclass
class Work:
    """A submission under repair.

    Attributes
    ----------
    pieces : dict of str to Piece
        The lesson's graded cells by grade id, in the source's order.
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

    def around(self, piece):
        """Unrecognised cells where a graded cell should be, between its recognised neighbours."""
        before = [place for place in self.known if place < piece.place]
        after = [place for place in self.known if place > piece.place]
        start = self.cells.index(self.known[max(before)]) + 1 if before else 0
        end = self.cells.index(self.known[min(after)]) if after else len(self.cells)
        free = set(map(id, self.free()))
        return [cell for cell in self.cells[start:end] if id(cell) in free]

    def siblings(self, piece):
        """The graded cells of the same exercise, in the source's order."""
        return [other for other in self.pieces.values() if other.exercise == piece.exercise]

    def put_behind(self, cell, other):
        """Put a cell behind another, from wherever it is."""
        if cell in self.cells:
            self.cells.remove(cell)
        self.cells.insert(self.cells.index(other) + 1, cell)


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
        With a notebook of nbformat 4.5 for Python 3 without outputs, in which every cell has an id
        of its own and every graded cell of the lesson stands once, an exercise's tests behind its
        answer; tests, points and roles are those of ``source``. Or with a problem.

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
    pieces = _read_pieces(source, release)
    try:
        return _mend(data, pieces, release)
    except Unreadable as error:
        return Repaired(None, problem=str(error))
    except Exception as error:  # one strange file must not stop a class
        return Repaired(
            None,
            problem=(
                f"Expected a notebook that can be mended; mending this one failed with "
                f"{type(error).__name__}: {error}. Look at the file, and report this to the "
                "course's authors."
            ),
        )


def _read_pieces(source, release):
    """The lesson's graded cells, by grade id."""
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
        functions = (_defined(given.source) | {name}) if answer and cell.cell_type == "code" else ()
        pieces[name] = Piece(
            name=name,
            exercise=exercise,
            answer=answer,
            kind=cell.cell_type,
            given=given.source,
            text=given.source if answer else cell.source,
            metadata=metadata,
            functions=frozenset(functions),
            place=places[name],
        )
    return pieces


def _mend(data, pieces, release):
    """Mend what was handed in."""
    submission = read_submission(data)
    work = Work(pieces, release, submission.cells)
    work.repairs += submission.notes
    work.reviews += submission.doubts
    _look_for_markers(work)
    _recognise_by_name(work)
    _recognise_lesson(work)
    _recognise_by_content(work)
    _check_lesson(work)
    _recognise_by_place(work)
    _say_what_was_recognised(work)
    for piece in pieces.values():
        if piece.name not in work.taken:
            _put_back(work, piece)
    _put_in_order(work)
    for piece in pieces.values():
        _restore(work, piece, work.taken[piece.name])
    _put_imports_back(work)
    _check_language(work, submission.kernel)
    notebook = _assemble(work)
    return Repaired(notebook, tuple(work.repairs), tuple(work.reviews))


def _look_for_markers(work):
    """Note the markers that only the lesson's source has."""
    numbers = [cell.number for cell in work.cells if MARKER.search(cell.source)]
    if numbers:
        work.reviews.append(
            f"{_cells(numbers).capitalize()} {_has(numbers)} the markers of solutions or hidden "
            "tests, which no released notebook has. Was the instructor's own notebook handed in?"
        )


def _recognise_by_name(work):
    """Recognise graded cells by their grade id, unless they hold something else."""
    functions = {name for piece in work.pieces.values() for name in piece.functions}
    tests = {_plain(piece.given) for piece in work.pieces.values() if not piece.answer}
    for piece in sorted(work.pieces.values(), key=lambda piece: not piece.answer):
        copies = [
            cell
            for cell in work.cells
            if cell.roles.get("grade_id") == piece.name
            and _may_be(cell, piece, functions, tests)
        ]
        if copies:
            settle = _settle_answer if piece.answer else _settle_test
            settle(work, piece, copies)


def _may_be(cell, piece, functions, tests):
    """Whether a cell's content fits its grade id."""
    others = (_defined(cell.source) & functions) - piece.functions
    if piece.functions:
        own = _defined(cell.source) & piece.functions
        return bool(own) or not (others or _plain(cell.source) in tests)
    if piece.answer:
        return not (cell.kind == "code" and others)
    return not others or _likeness(cell.source, piece.given) >= SOMEWHAT_ALIKE


def _settle_answer(work, piece, copies):
    """Choose which of the copies of an answer counts: the last one that was filled in."""
    filled = [cell for cell in copies if not _is_untouched(cell, piece)]
    defining = [cell for cell in filled if piece.functions & _defined(cell.source)]
    good = defining or filled or copies
    different = {_plain(cell.source) for cell in filled}
    chosen = good[-1] if len({_plain(cell.source) for cell in good}) > 1 else good[0]
    work.take(piece, chosen)
    for cell in copies:
        if cell is chosen:
            continue
        cell.roles = {}
        if _is_untouched(cell, piece):
            # Run behind the answer, a stub would take its place.
            if _added(cell.source, piece.given):
                cell.kind = "raw"
            else:
                work.cells.remove(cell)
        elif _plain(cell.source) == _plain(chosen.source):
            work.cells.remove(cell)
    if len(copies) == 1:
        return
    places = _cells([cell.number for cell in copies])
    if len(different) > 1:
        work.reviews.append(
            f"{_upper(piece)} is there {len(copies)} times ({places}). Cell {chosen.number} "
            "counts, the last one that was filled in; the others are still in the notebook. "
            "Look whether this is the one that the student meant."
        )
    else:
        work.repairs.append(
            f"{_upper(piece)} is there {len(copies)} times ({places}), the same or not filled in; "
            f"cell {chosen.number} counts."
        )


def _settle_test(work, piece, copies):
    """Keep one of the copies of a test, best one behind its answer."""
    good = [cell for cell in copies if _is_unchanged(cell, piece)] or copies
    answer = work.taken.get(piece.exercise)
    behind = work.cells[work.cells.index(answer) :] if answer else []
    chosen = next((cell for cell in good if cell in behind), good[0])
    work.take(piece, chosen)
    for cell in copies:
        if cell is not chosen:
            cell.roles = {}
            if not _added(cell.source, piece.given):
                work.cells.remove(cell)
    if len(copies) > 1:
        places = _cells([cell.number for cell in copies])
        work.repairs.append(
            f"{_upper(piece)} is there {len(copies)} times ({places}); one counts, and copies "
            "that the student changed are kept as ordinary cells."
        )


def _recognise_lesson(work):
    """Recognise the lesson's cells that are not graded by their text."""
    by_text = {}
    for cell in work.free():
        by_text.setdefault(_plain(cell.source), []).append(cell)
    graded = {piece.place for piece in work.pieces.values()}
    for place, cell in enumerate(work.release.cells):
        same = by_text.get(_plain(cell.source))
        if place not in graded and cell.source.strip() and same:
            work.known[place] = same.pop(0)


def _recognise_by_content(work):
    """Recognise tests by their text, and answers by what they define."""
    for piece in work.pieces.values():
        if piece.name not in work.taken and not piece.answer:
            _find_test(work, piece)
    for piece in work.pieces.values():
        if piece.name not in work.taken and piece.functions:
            _find_answer(work, piece)


def _find_test(work, piece):
    """Recognise a test by its text."""
    free = work.free()
    same = [cell for cell in free if _is_unchanged(cell, piece)]
    if not same:
        scores = [(_likeness(cell.source, piece.given), cell) for cell in free]
        enough = [score for score in scores if score[0] >= _enough(score[1])]
        same = [cell for score, cell in enough if score == max(enough, key=lambda it: it[0])[0]]
    if same:
        before = [it for it in work.siblings(piece) if it.place < piece.place]
        found = [work.taken[it.name] for it in before if it.name in work.taken]
        behind = work.cells[work.cells.index(found[-1]) :] if found else []
        work.take(piece, next((cell for cell in same if cell in behind), same[0]))


def _enough(cell):
    """How alike a cell has to be to be taken for a test: less if it says that it is one."""
    return SOMEWHAT_ALIKE if cell.roles.get("grade") and not cell.roles.get("solution") else ALIKE


def _find_answer(work, piece):
    """Recognise an answer by what it defines."""
    free = work.free()
    defining = [
        cell
        for cell in free
        if piece.functions & _defined(cell.source)
        and (cell.kind == "code" or _code(cell.source) is not None)
    ]
    around = work.around(piece)
    here = [cell for cell in defining if cell in around]
    if here:
        _settle_answer(work, piece, here)
    elif defining:
        filled = [cell for cell in defining if not _is_untouched(cell, piece)]
        work.take(piece, (filled or defining)[-1])
    else:
        marked = [cell for cell in around if cell.roles.get("solution")]
        assigned = [
            cell for cell in around if piece.functions & set(ASSIGNED.findall(cell.source))
        ]
        alike = [cell for cell in around if _likeness(cell.source, piece.given) >= ALIKE]
        for cells in (marked, assigned, alike):
            if cells:
                work.take(piece, cells[-1])
                return


def _check_lesson(work):
    """Refuse a notebook that is another lesson's."""
    exercises = {piece.exercise for piece in work.pieces.values()}
    found = {work.pieces[name].exercise for name in work.taken}
    recognised = set(map(id, work.taken.values()))
    strangers = [
        name
        for cell in work.cells
        if isinstance(name := cell.roles.get("grade_id"), str)
        and id(cell) not in recognised
        and name not in work.pieces
    ]
    ours = _heading(work.release.cells, lambda cell: cell.cell_type)
    theirs = _heading(work.cells, lambda cell: cell.kind)
    other = bool(theirs) and theirs != ours and 2 * len(found) < len(exercises)
    if found and not other and len(strangers) <= len(work.taken):
        return
    expected = f"the notebook of {ours!r}" if ours else "this lesson's notebook"
    came = f"this one is {theirs!r}" if theirs and theirs != ours else "this one"
    came += f"{' and' if theirs and theirs != ours else ''} has "
    came += f"{len(found)} of its {len(exercises)} exercises" if found else "none of its exercises"
    if strangers:
        answers = dict.fromkeys(_base(name) for name in strangers)
        came += f", but {', '.join(list(answers)[:6])}"
    raise WrongLesson(expected, came)


class WrongLesson(Unreadable):
    """A notebook of another lesson."""

    def __init__(self, expected, came):
        ValueError.__init__(
            self,
            f"Expected {expected}; {came}. Grade it as the lesson that it is, or ask the student "
            "to hand in the right notebook.",
        )


def _heading(cells, kind):
    """The first heading of a notebook, without its marks."""
    for cell in cells:
        if kind(cell) == "markdown":
            for line in cell.source.splitlines():
                if line.startswith("# "):
                    return line[2:].strip()[:100]
    return ""


def _recognise_by_place(work):
    """Recognise answers by their place: nothing else is left to go by."""
    for piece in work.pieces.values():
        if piece.name in work.taken or not piece.answer:
            continue
        around = [cell for cell in work.around(piece) if cell.source.strip()]
        if piece.functions:
            candidates = [cell for cell in around if cell.kind == "code"][-1:]
        else:
            marked = [cell for cell in around if cell.roles.get("solution")]
            stubs = [cell for cell in around if _is_untouched(cell, piece)]
            prose = [cell for cell in around if cell.kind != "code" or _code(cell.source) is None]
            candidates = marked or stubs[:1] or prose
        if not candidates:
            continue
        cell = candidates[0]
        work.take(piece, cell)
        told = f"No cell is marked as {piece}; cell {cell.number}, which stands in its place, was"
        if piece.functions or len(candidates) > 1:
            work.reviews.append(f"{told} taken for it. Look whether this is the right one.")
        elif not cell.roles.get("solution"):
            work.repairs.append(f"{told} taken for it.")


def _say_what_was_recognised(work):
    """Say which graded cells had lost their metadata, or their name."""
    bare = []
    for name, cell in work.taken.items():
        if not cell.roles:
            bare.append(name)
        elif cell.roles.get("grade_id") != name:
            work.repairs.append(
                f"{_upper(work.pieces[name])} had the grade id {cell.roles.get('grade_id')!r:.60}; "
                "it was recognised by its content."
            )
    if bare:
        work.repairs.append(
            f"nbgrader's metadata were missing from {len(bare)} graded cells, which were "
            f"recognised by their content: {', '.join(bare)}."
        )


def _put_back(work, piece):
    """Put back a graded cell that is missing."""
    cell = Cell(piece.kind, piece.given, roles=dict(piece.metadata["nbgrader"]))
    found = [work.taken[it.name] for it in work.siblings(piece) if it.name in work.taken]
    before = [it for it in work.siblings(piece) if it.place < piece.place]
    holders = [
        other
        for other in work.cells
        if piece.functions & _defined(other.source) and other.kind == "code"
    ]
    if holders:
        # A stub would undo what the student defined there.
        cell.source = f"# {piece.name} is defined in another cell of this notebook."
        work.put_behind(cell, holders[-1])
        work.reviews.append(
            f"The cell of {piece} is missing, but {_cells([holders[-1].number])} defines "
            f"{piece.name}: this definition is tested. Look whether it is the student's answer."
        )
    else:
        if before and found:
            work.put_behind(cell, found[-1])
        elif found:
            work.cells.insert(min(map(work.cells.index, found)), cell)
        else:
            _put_in_place(work, piece, cell)
        if piece.answer:
            work.reviews.append(
                f"The cell of {piece} is missing. The lesson's stub was put back, so that it "
                "earns no points. Look whether the answer is elsewhere in the notebook."
            )
        else:
            work.repairs.append(f"{_upper(piece)} was missing; it was put back.")
    work.take(piece, cell)


def _put_in_place(work, piece, cell):
    """Put a cell behind the nearest recognised one that stands before it in the lesson."""
    earlier = [place for place in work.known if place < piece.place]
    later = [place for place in work.known if place > piece.place]
    if earlier:
        work.put_behind(cell, work.known[max(earlier)])
    elif later:
        work.cells.insert(work.cells.index(work.known[min(later)]), cell)
    else:
        work.cells.append(cell)


def _put_in_order(work):
    """Move tests that would run before their answer, or before a test that comes first."""
    moved = {}
    for piece in work.pieces.values():
        before = [it for it in work.siblings(piece) if it.place < piece.place]
        if not before:
            continue
        cell, other = work.taken[piece.name], work.taken[before[-1].name]
        if work.cells.index(cell) < work.cells.index(other):
            work.put_behind(cell, other)
            moved.setdefault(piece.exercise, []).append(piece)
    for exercise, tests in moved.items():
        work.repairs.append(
            f"{_upper(' and '.join(map(str, tests)))} stood above what it tests, or in another "
            f"order; it was moved below the answer to {exercise!r}."
        )


def _restore(work, piece, cell):
    """Give a graded cell the lesson's type, points, roles and, unless it is an answer, text."""
    if cell.kind != piece.kind:
        work.repairs.append(
            f"{_upper(piece)} had been changed to a {cell.kind} cell; it is a {piece.kind} cell "
            "again."
        )
    earlier = not piece.answer and _is_of_earlier_release(cell)
    if cell.number and cell.roles:
        _compare_roles(work, piece, cell, earlier)
    if not piece.answer:
        if cell.number and not _is_unchanged(cell, piece):
            _report_change(work, piece, cell, earlier)
        cell.source = piece.text
    cell.kind = piece.kind


def _compare_roles(work, piece, cell, earlier):
    """Report points and roles that are not the lesson's."""
    roles = piece.metadata["nbgrader"]
    points = cell.roles.get("points")
    if roles.get("grade") and points is not None and points != roles["points"]:
        reports = work.repairs if earlier else work.reviews
        reports.append(
            f"{_upper(piece)} says that it gives {points!r:.20} points; the lesson gives "
            f"{roles['points']:g}, which count. "
            + (
                "It is from an earlier release."
                if earlier
                else "Somebody changed this by hand, unless the lesson was released anew."
            )
        )
    changed = [
        role
        for role in ("grade", "solution", "locked")
        if role in cell.roles and cell.roles[role] != roles.get(role)
    ]
    if changed:
        work.repairs.append(
            f"{_upper(piece)} had other nbgrader settings ({', '.join(changed)}); it has the "
            "lesson's again."
        )
    version = cell.roles.get("schema_version")
    if version != roles.get("schema_version"):
        line = (
            f"Cells had nbgrader's metadata of schema version {version!r:.20}; they have those of "
            f"version {roles.get('schema_version')}."
        )
        if line not in work.repairs:
            work.repairs.append(line)


def _report_change(work, piece, cell, earlier):
    """Report a changed test; keep the student's version before it if something was added."""
    if earlier:
        work.repairs.append(f"{_upper(piece)} was from an earlier release; it is the present one.")
        return
    kept = ""
    if _added(cell.source, piece.given):
        own = Cell(cell.kind, cell.source, cell.number)
        work.cells.insert(work.cells.index(cell), own)
        kept = ", and the student's version is kept as an ordinary cell above it"
    told = f"{_upper(piece)} had been changed (cell {cell.number}); the lesson's was put back{kept}."
    if _could_help(cell.source, piece.given):
        work.reviews.append(f"{told} The change could have made it pass: look at it.")
    else:
        work.repairs.append(told)


def _could_help(changed, given):
    """Whether a changed test could pass more easily than the lesson's."""
    changed, given = _statements(changed), _statements(given)
    if changed is None or given is None:
        return False  # what is no Python fails
    return [ast.dump(it) for it in changed if not _only_shows(it)] != [
        ast.dump(it) for it in given if not _only_shows(it)
    ]


def _only_shows(statement):
    """Whether a statement shows something and changes nothing."""
    if isinstance(statement, ast.Pass):
        return True
    if not isinstance(statement, ast.Expr):
        return False
    value = statement.value
    if isinstance(value, ast.Call):
        named = isinstance(value.func, ast.Name) and value.func.id in LOOKING
        return named and not any(isinstance(part, ast.NamedExpr) for part in ast.walk(value))
    return isinstance(value, ast.Constant | ast.Name)


def _is_of_earlier_release(cell):
    """Whether a locked cell is as nbgrader once released it, by the checksum that it left."""
    from nbgrader.utils import compute_checksum  # takes long to import, and is rarely needed

    if not isinstance(cell.roles.get("checksum"), str):
        return False
    node = nbformat.from_dict(
        {"cell_type": cell.kind, "source": cell.source, "metadata": {"nbgrader": cell.roles}}
    )
    try:
        return compute_checksum(node) == cell.roles["checksum"]
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def _put_imports_back(work):
    """Import what the tests use, where the student has deleted the lesson's imports."""
    used = {
        node.id
        for piece in work.pieces.values()
        if not piece.answer
        for statement in _statements(piece.text) or []
        for node in ast.walk(statement)
        if isinstance(node, ast.Name)
    }
    graded = {piece.place for piece in work.pieces.values()}
    missing = {}
    for place, cell in enumerate(work.release.cells):
        if place in graded or cell.cell_type != "code":
            continue
        for name, line in _imports(cell.source).items():
            bound = re.compile(rf"^.*\bimport\b.*\b{re.escape(name)}\b", re.MULTILINE)
            if name in used and not any(
                it.kind == "code" and bound.search(it.source) for it in work.cells
            ):
                missing[name] = line
    if missing:
        source = "\n".join(dict.fromkeys(missing.values()))
        work.cells.insert(0, Cell("code", source))
        work.repairs.append(
            f"No cell imports {', '.join(missing)} any more, which the tests use; a cell that "
            "does was put first."
        )


def _imports(code):
    """Names that a cell imports, each with a statement that does."""
    found = {}
    for statement in _statements(code) or []:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                alone = deepcopy(statement)
                alone.names = [alias]
                found[alias.asname or alias.name.split(".")[0]] = ast.unparse(alone)
    return found


def _check_language(work, kernel):
    """Report another kernel than Python 3, and another language than Python."""
    ours = work.release.metadata.get("kernelspec", {}).get("name", "python3")
    language = kernel["language"].lower()
    python = "python" in language or (not language and "py" in kernel["name"].lower())
    if not kernel["name"] and not language:
        return
    if python and kernel["name"] == ours:
        return
    called = kernel["title"] or kernel["name"] or kernel["language"]
    work.repairs.append(f"The notebook asked for the kernel {called!r:.60}; Python 3 runs it.")
    answers = [work.taken[it.name].source for it in work.pieces.values() if it.functions]
    if not python and any(_code(answer) is None for answer in answers):
        work.reviews.append(
            f"The notebook is set to {called!r:.60}, and not every answer is Python. Look whether "
            "the student wrote in another language."
        )


def _assemble(work):
    """The mended notebook."""
    graded = {id(cell): work.pieces[name] for name, cell in work.taken.items()}
    used = {work.release.cells[piece.place].get("id") for piece in work.pieces.values()}
    used.discard(None)
    names, renamed, cells = set(), 0, []
    for number, cell in enumerate(work.cells, start=1):
        piece = graded.get(id(cell))
        name = cell.name
        if not IDENTIFIER.fullmatch(name) or name in names:
            renamed += bool(cell.number)
            wish = work.release.cells[piece.place].get("id") if piece else None
            name = wish if wish and wish not in names else f"cell-{number}"
            while name in names or (name in used and name != wish):
                name += "-"
        names.add(name)
        node = {
            "id": name,
            "cell_type": cell.kind,
            "metadata": deepcopy(piece.metadata) if piece else cell.metadata,
            "source": cell.source,
        }
        if cell.kind == "code":
            node |= {"execution_count": None, "outputs": []}
        elif cell.attachments:
            node["attachments"] = cell.attachments
        cells.append(node)
    if renamed and not any("nbformat" in line for line in work.repairs):
        work.repairs.append(f"{renamed} cells had no id of their own; they got one.")
    kernel = work.release.metadata.get("kernelspec")
    metadata = {
        "kernelspec": dict(kernel)
        if kernel
        else {"display_name": "Python 3", "language": "python", "name": "python3"}
    }
    return nbformat.from_dict(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    )


def _is_untouched(cell, piece):
    """Whether an answer is the release's stub, or nothing."""
    if not cell.source.strip() or _plain(cell.source) == _plain(piece.given):
        return True
    code = _code(cell.source) if piece.kind == "code" else None
    return code is not None and code in ([], _code(piece.given))


def _is_unchanged(cell, piece):
    """Whether a test is the release's or the source's."""
    return _plain(cell.source) in (_plain(piece.given), _plain(piece.text))


def _added(text, given):
    """Lines of a text that the given one has not."""
    known = {line.strip() for line in given.splitlines()}
    return [line for line in text.splitlines() if line.strip() and line.strip() not in known]


def _plain(text):
    """A text without white space where it says nothing."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _defined(text):
    """Names of the functions and classes that a text defines."""
    return {first or second for first, second in DEFINED.findall(text)}


def _statements(code):
    """Statements of a cell, without magics; None if it is no Python."""
    if len(code) > LONGEST_CODE:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(MAGIC.sub("", code)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _code(text):
    """A cell's code, to compare: layout and comments make no difference; None if no Python."""
    statements = _statements(text)
    try:
        return None if statements is None else [ast.dump(it) for it in statements]
    except RecursionError:
        return None


def _likeness(text, other):
    """How alike two texts are, from 0 to 1."""
    words, others = (re.findall(r"\w+|[^\w\s]", it)[:MOST_WORDS] for it in (text, other))
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < SOMEWHAT_ALIKE:
        return 0.0
    return matcher.ratio()


def _base(name):
    """The exercise that a grade id seems to belong to."""
    return name.removesuffix(VISIBLE).removesuffix(HIDDEN)[:40]


def _cells(numbers):
    """Name cells by their numbers in the file."""
    if len(numbers) == 1:
        return f"cell {numbers[0]}"
    return f"cells {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _has(numbers):
    """The verb that goes with so many cells."""
    return "has" if len(numbers) == 1 else "have"


def _upper(what):
    """The same with a capital at the beginning."""
    text = str(what)
    return text[:1].upper() + text[1:]
