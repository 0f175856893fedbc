"""Give every graded cell back what is the lesson's: type, points, roles and, for a test, text."""

import nbformat

from course_utils.instructor.lessons.cell_text import added, could_help
from course_utils.instructor.repair.pieces import name_cells, sentence
from course_utils.instructor.repair.submission_file import Cell


def restore(work):
    """Give the graded cells the lesson's type, points, roles and, unless they are answers, text.

    Parameters
    ----------
    work : Work
        All its graded cells have been recognised. What was restored is told in its ``repairs`` and
        ``reviews``; the student's own version of a test to which something was added stays above
        it, as an ordinary cell.
    """
    changed = [
        (piece, *told)
        for piece in work.pieces.values()
        if (told := _restore_one(work, piece, work.taken[piece.name]))
    ]
    _tell_changes(work, changed)


def _restore_one(work, piece, cell):
    """Give a graded cell the lesson's type, points, roles and, unless it is an answer, text.

    Returns what `_tell_changes` has to know about a changed test.
    """
    told = None
    if cell.number:
        if cell.kind != piece.kind:
            work.repairs.append(
                f"{sentence(piece)} had been changed to a {cell.kind} cell; it is a {piece.kind} "
                "cell again."
            )
        _compare_roles(work, piece, cell)
        if not piece.answer and not piece.is_unchanged(cell.source):
            told = _note_change(work, piece, cell)
    if not piece.answer:
        cell.source = piece.text
    cell.kind = piece.kind
    return told


def _compare_roles(work, piece, cell):
    """Report points and roles that are not the lesson's."""
    if not cell.roles:
        return
    roles = piece.metadata["nbgrader"]
    points = cell.roles.get("points")
    if roles.get("grade") and points is not None and _number(points) != roles["points"]:
        told = (
            f"{sentence(piece)} says that it gives {points!r:.20} points; the lesson's "
            f"{roles['points']:g} count."
        )
        if _is_of_earlier_release(cell):
            work.repairs.append(f"{told} It is from an earlier release.")
        else:
            work.reviews.append(f"{told} Somebody changed them, or the lesson was released anew.")
    changed = [
        role
        for role in ("grade", "solution", "locked")
        if role in cell.roles and cell.roles[role] != roles.get(role)
    ]
    if changed:
        work.repairs.append(
            f"{sentence(piece)} had other nbgrader settings ({', '.join(changed)}); it has the "
            "lesson's again."
        )
    version, ours = (it.get("schema_version", 0) for it in (cell.roles, roles))
    told = f"nbgrader's metadata were of schema version {version!r:.20}, and are now of {ours}."
    if version != ours and told not in work.repairs:
        work.repairs.append(told)


def _number(points):
    """Points as a number, of which early versions of nbgrader made a text; else as they are."""
    try:
        return float(points)
    except (TypeError, ValueError, OverflowError):
        return points


def _note_change(work, piece, cell):
    """Note a changed test; keep the student's version above it if something was added."""
    if _is_of_earlier_release(cell):
        work.repairs.append(f"{sentence(piece)} was from an earlier release; it is today's.")
        return None
    kept = bool(added(cell.source, piece.given))
    if kept:
        own = Cell(cell.kind, cell.source, attachments=cell.attachments)
        work.cells.insert(work.cells.index(cell), own)
    return cell.number, kept, could_help(cell.source, piece.given)


def _tell_changes(work, changed):
    """Tell of changed tests, those that were changed alike in one sentence."""
    alike = {}
    for piece, number, kept, helps in changed:
        alike.setdefault((kept, helps), []).append((str(piece), number))
    for (kept, helps), its in alike.items():
        pieces, numbers = zip(*its, strict=True)
        one = len(its) == 1
        told = f"{sentence(_together(pieces))} had been changed ({name_cells(numbers)}); "
        told += "it is the lesson's again" if one else "they are the lesson's again"
        if kept:
            own = "version is an ordinary cell" if one else "versions are ordinary cells"
            told += f", and the student's {own} above {'it' if one else 'them'}"
        if helps:
            made = "The change could have made it" if one else "The changes could have made them"
            work.reviews.append(f"{told}. {made} pass: look at {'it' if one else 'them'}.")
        else:
            work.repairs.append(f"{told}.")


def _together(pieces):
    """Names of tests, as in "the visible tests of 'a' and 'b'"."""
    alike = {}
    for start, _, name in (piece.partition(" test of ") for piece in pieces):
        alike.setdefault(start, []).append(name)
    return " and ".join(
        f"{start} test{'s' if len(names) > 1 else ''} of {' and '.join(_commas(names))}"
        if all(names)
        else " and ".join([start] * len(names))
        for start, names in alike.items()
    )


def _commas(names):
    """Names for a list with "and" before the last."""
    return [", ".join(names[:-1]), names[-1]] if len(names) > 1 else names


def _is_of_earlier_release(cell):
    """Whether a locked cell is as nbgrader once released it, by the checksum that it carries."""
    from nbgrader.utils import compute_checksum  # takes long to import, and is rarely needed

    parts = {"cell_type": cell.kind, "source": cell.source, "metadata": {"nbgrader": cell.roles}}
    try:
        return compute_checksum(nbformat.from_dict(parts)) == cell.roles["checksum"]
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
