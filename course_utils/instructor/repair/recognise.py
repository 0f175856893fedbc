"""Recognise a lesson's graded cells in what a student handed in.

A cell is recognised by its grade id where that fits what it holds, then by its content, then by
its place between cells that have been recognised.
"""

from course_utils.instructor.lessons.cell_text import (
    added,
    assigned,
    code,
    defined,
    likeness,
    plain,
)
from course_utils.instructor.lessons.exercises import HIDDEN, VISIBLE
from course_utils.instructor.plain_text import first_few
from course_utils.instructor.repair.pieces import name_cells, sentence
from course_utils.instructor.repair.submission_file import (
    MOST_NAMES,
    UnreadableSubmissionError,
    one_line,
)

ALIKE = 0.8
SOMEWHAT_ALIKE = 0.5


def recognise(work):
    """Recognise what there is of a lesson, and tell what had to be guessed.

    Parameters
    ----------
    work : Work
        Its ``taken``, ``known``, ``repairs`` and ``reviews`` are filled in. Of several copies of
        a graded cell one is chosen; the others stay as ordinary cells, or are removed if they
        hold nothing of their own.

    Raises
    ------
    UnreadableSubmissionError
        If this is the notebook of another lesson.
    """
    _by_grade_id(work)
    _ungraded(work)
    for piece in work.missing():
        if not piece.answer:
            _test_by_text(work, piece)
    for piece in work.missing():
        if piece.functions:
            _answer_by_definition(work, piece)
    _check_lesson(work)  # what follows finds something in any notebook
    for piece in work.missing():
        if piece.functions:
            _answer_by_likeness(work, piece)
    placed = [piece.name for piece in work.missing() if piece.answer and _by_place(work, piece)]
    _tell_names(work, placed)
    _tell_strangers(work)


def _by_grade_id(work):
    """Recognise graded cells by their grade id, unless they hold something else."""
    for piece in sorted(work.pieces.values(), key=lambda piece: not piece.answer):
        same = [cell for cell in work.cells if cell.roles.get("grade_id") == piece.name]
        copies = [cell for cell in same if _may_be(work, cell, piece)]
        if copies:
            settle = _settle_answer if piece.answer else _settle_test
            settle(work, piece, copies)


def _may_be(work, cell, piece):
    """Whether a cell's content fits its grade id."""
    others = {name for it in work.pieces.values() for name in it.functions} - piece.functions
    strange = defined(cell.source) & others
    if piece.functions:
        tests = [it for it in work.pieces.values() if not it.answer]
        own = defined(cell.source) & piece.functions
        return bool(own) or not (strange or any(it.is_unchanged(cell.source) for it in tests))
    if piece.answer:
        return not (cell.kind == "code" and strange)
    return not strange or likeness(cell.source, piece.given) >= SOMEWHAT_ALIKE


def _own_copies(work, piece, copies):
    """Copies of an answer between this lesson's cells, where other exercises are there, too.

    Two lessons may call an exercise alike, and ask for different things.
    """
    if len(copies) < 2 or not work.strangers():
        return copies
    here, given = ([plain(it.source) for it in them] for them in (work.cells, work.release.cells))

    def beside(cells, place):
        return {step: cells[place + step] for step in (-1, 1) if 0 <= place + step < len(cells)}

    wanted = beside(given, piece.place).items()
    scores = [len(wanted & beside(here, work.cells.index(cell)).items()) for cell in copies]
    return [cell for cell, score in zip(copies, scores, strict=True) if score == max(scores)]


def _settle_answer(work, piece, copies):
    """Choose which of the copies of an answer counts: the last one that was filled in."""
    own = _own_copies(work, piece, copies)
    filled = [cell for cell in own if not piece.is_untouched(cell.source)]
    defining = [cell for cell in filled if piece.functions & defined(cell.source)]
    good = defining or filled or own
    chosen = good[-1] if len({plain(cell.source) for cell in good}) > 1 else good[0]
    work.take(piece, chosen)
    for cell in copies:
        if cell is chosen:
            continue
        cell.roles = {}
        if piece.is_untouched(cell.source):
            if added(cell.source, piece.given):
                cell.kind = "raw"  # run behind the answer, a stub would take its place
            else:
                work.cells.remove(cell)
        elif plain(cell.source) == plain(chosen.source):
            work.cells.remove(cell)
    if len(copies) == 1:
        return
    places = name_cells(cell.number for cell in copies)
    if len(own) < len(copies):
        work.reviews.append(
            f"{sentence(piece)} is there {len(copies)} times ({places}), and there are exercises "
            f"of another lesson, too. Cell {chosen.number} counts, which stands among this "
            "lesson's. Look whether this is the one that the student meant."
        )
    elif len({plain(cell.source) for cell in filled}) > 1:
        work.reviews.append(
            f"{sentence(piece)} is there {len(copies)} times ({places}). Cell {chosen.number} "
            "counts, the last one that was filled in; the others are still in the notebook. "
            "Look whether this is the one that the student meant."
        )
    else:
        work.repairs.append(
            f"{sentence(piece)} is there {len(copies)} times ({places}), the same or not filled "
            f"in; cell {chosen.number} counts."
        )


def _settle_test(work, piece, copies):
    """Keep one of the copies of a test: an unchanged one behind its answer, if there is one."""
    good = [cell for cell in copies if piece.is_unchanged(cell.source)] or copies
    behind = work.from_cell(work.taken.get(piece.exercise))
    chosen = next((cell for cell in good if cell in behind), good[0])
    work.take(piece, chosen)
    for cell in copies:
        if cell is not chosen:
            cell.roles = {}
            if not added(cell.source, piece.given):
                work.cells.remove(cell)
    if len(copies) > 1:
        places = name_cells(cell.number for cell in copies)
        work.repairs.append(
            f"{sentence(piece)} is there {len(copies)} times ({places}); one counts, and copies "
            "that the student changed are kept as ordinary cells."
        )


def _ungraded(work):
    """Recognise the lesson's cells that are not graded by their text."""
    by_text = {}
    for cell in work.free():
        by_text.setdefault(plain(cell.source), []).append(cell)
    graded = {piece.place for piece in work.pieces.values()}
    for place, cell in enumerate(work.release.cells):
        same = by_text.get(plain(cell.source))
        if place not in graded and cell.source.strip() and same:
            work.known[place] = same.pop(0)


def _test_by_text(work, piece):
    """Recognise a test by its text: the same or a similar one, behind what comes before it."""
    free = work.free()
    same = [cell for cell in free if piece.is_unchanged(cell.source)]
    if not same:
        scores = [(likeness(cell.source, piece.given), cell) for cell in free]
        enough = [(score, cell) for score, cell in scores if score >= _enough(cell)]
        best = max((score for score, _ in enough), default=0)
        same = [cell for score, cell in enough if score == best]
    if same:
        found = [work.taken.get(it.name) for it in work.earlier(piece)]
        behind = work.from_cell(next(filter(None, reversed(found)), None))
        work.take(piece, next((cell for cell in same if cell in behind), same[0]))


def _enough(cell):
    """How alike a cell has to be to be taken for a test: less if it says that it is one."""
    return SOMEWHAT_ALIKE if cell.roles.get("grade") and not cell.roles.get("solution") else ALIKE


def _answer_by_definition(work, piece):
    """Recognise an answer by what it defines, in its place or elsewhere."""
    defining = [
        cell
        for cell in work.free()
        if piece.functions & defined(cell.source)
        and (cell.kind == "code" or code(cell.source) is not None)
    ]
    around = work.around(piece)
    copies = [cell for cell in defining if cell in around] or defining
    if copies:
        _settle_answer(work, piece, copies)


def _answer_by_likeness(work, piece):
    """Recognise an answer in its place that is marked as one, assigns its name, or is similar."""
    around = work.around(piece)
    marked = [cell for cell in around if cell.roles.get("solution")]
    assigning = [cell for cell in around if piece.functions & assigned(cell.source)]
    alike = [cell for cell in around if likeness(cell.source, piece.given) >= ALIKE]
    found = marked or assigning or alike
    if found:
        work.take(piece, found[-1])


def _by_place(work, piece):
    """Recognise an answer by its place: nothing else is left to go by."""
    around = [cell for cell in work.around(piece) if cell.source.strip()]
    if piece.functions:
        candidates = [cell for cell in around if cell.kind == "code"][-1:]
        marked = []
    else:
        marked = [cell for cell in around or work.free() if _is_written(cell)]
        stubs = [cell for cell in around if piece.is_untouched(cell.source)]
        prose = [cell for cell in around if cell.kind != "code" or code(cell.source) is None]
        candidates = marked[:1] or stubs[:1] or prose
    if not candidates:
        return False
    cell = candidates[0]
    work.take(piece, cell)
    if marked:
        return False  # it is told by its grade id
    told = f"No cell is marked as {piece}; cell {cell.number}, which stands in its place, was"
    if piece.functions or len(candidates) > 1:
        work.reviews.append(f"{told} taken for it. Look whether this is the right one.")
    else:
        work.repairs.append(f"{told} taken for it.")
    return True


def _is_written(cell):
    """Whether a cell says that it is a written answer."""
    return bool(cell.roles.get("solution") and cell.roles.get("grade"))


def _check_lesson(work):
    """Refuse a notebook that is another lesson's."""
    exercises = {piece.exercise for piece in work.pieces.values()}
    found = {work.pieces[name].exercise for name in work.taken}
    strangers = work.strangers()
    ours = _heading(release_cell.source for release_cell in _prose(work.release))
    theirs = _heading(cell.source for cell in work.cells if cell.kind == "markdown")
    differs = bool(theirs) and theirs != ours
    few = 2 * len(found) < len(exercises)
    if found and len(strangers) <= len(work.taken) and not (differs and few):
        return
    # Of two lessons in one notebook the other may come first, and be the longer one. That an answer
    # has the right name proves nothing, as lessons may call exercises alike; its tests do.
    tests = [piece for piece in work.pieces.values() if not piece.answer]
    if 2 * sum(piece.name in work.taken for piece in tests) >= len(tests) > 0:
        return
    expected = f"the notebook of {ours!r}" if ours else "this lesson's notebook"
    came = f"this one is {theirs!r}, with " if differs else "this one has "
    came += f"{len(found)} of the {len(exercises)}" if found else "none of the"
    came += " exercises expected"
    if strangers:
        came += f", but with {_exercises(strangers)}"
    raise UnreadableSubmissionError(
        f"Expected {expected}; {came}. Collect it as the lesson that it is, or ask the student "
        "for the right notebook."
    )


def _prose(notebook):
    """The Markdown cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def _heading(texts):
    """The first heading in some texts, without its mark."""
    lines = (line for text in texts for line in text.splitlines())
    return next((line[2:].strip()[:100] for line in lines if line.startswith("# ")), "")


def _exercises(strangers):
    """The exercises that graded cells of another lesson seem to belong to; the first of many."""
    names = (
        cell.roles["grade_id"].removesuffix(VISIBLE).removesuffix(HIDDEN) for cell in strangers
    )
    return first_few(dict.fromkeys(filter(None, map(one_line, names))), MOST_NAMES)


def _tell_strangers(work):
    """Tell of graded cells that are not this lesson's: nothing that was handed in is to be lost."""
    strangers = work.strangers()
    if strangers:
        work.repairs.append(
            f"The notebook also holds graded cells that are not this lesson's "
            f"({_exercises(strangers)}). If they are another lesson's, they count only where that "
            "one is handed in."
        )


def _tell_names(work, placed):
    """Tell which graded cells had lost their metadata, or their name."""
    bare = []
    for name, cell in work.taken.items():
        if not cell.roles and name not in placed:
            bare.append(name)
        elif cell.roles and cell.roles.get("grade_id") != name:
            work.repairs.append(
                f"{sentence(work.pieces[name])} had the grade id "
                f"{cell.roles.get('grade_id')!r:.60}; it was recognised by its content."
            )
    if bare:
        work.repairs.append(
            f"nbgrader's metadata were missing from {len(bare)} graded cells, which were "
            f"recognised by their content: {', '.join(bare)}."
        )
