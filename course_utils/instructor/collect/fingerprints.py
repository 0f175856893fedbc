"""Tell of which lesson a notebook is by what its cells hold, however damaged it is."""

import json
import re
from pathlib import PurePath

from course_utils.instructor.repair.submission_file import MOST_BRACKETS

FEWEST = 3
"""Lines in common that are no chance."""


def fingerprints(notebooks):
    """Collect what is in one lesson and in no other.

    Parameters
    ----------
    notebooks : dict of str to bytes
        A lesson's notebook by its name.

    Returns
    -------
    dict of str to set of str
    """
    texts = {lesson: notebook_texts(data)[0] for lesson, data in notebooks.items()}
    return {
        lesson: own - set().union(*(other for name, other in texts.items() if name != lesson))
        for lesson, own in texts.items()
    }


def held_lesson(texts, prints):
    """Find the lesson whose cells a notebook holds.

    Parameters
    ----------
    texts : set of str
        From `notebook_texts`.
    prints : dict of str to set of str
        From `fingerprints`.

    Returns
    -------
    str or None
        None if it holds none, or as much of two.
    """
    hits = sorted(((len(texts & own), lesson) for lesson, own in prints.items()), reverse=True)
    if not hits or hits[0][0] < FEWEST or (len(hits) > 1 and hits[0][0] <= 2 * hits[1][0]):
        return None
    return hits[0][1]


def held_lessons(texts, prints):
    """Find all lessons of which a notebook holds a good part: somebody may have joined two.

    Parameters
    ----------
    texts : set of str
        From `notebook_texts`.
    prints : dict of str to set of str
        From `fingerprints`.

    Returns
    -------
    list of str
    """
    # Solutions and hidden tests are in no student's notebook, and some of the text was deleted.
    hits = {lesson: len(texts & own) for lesson, own in prints.items()}
    return [it for it, count in hits.items() if count >= FEWEST and 3 * count >= len(prints[it])]


def holds_some(texts, lesson):
    """Tell whether a notebook holds anything of a lesson, be it only its functions' first lines.

    Parameters
    ----------
    texts, lesson : set of str
        From `notebook_texts`, of the notebook and of the lesson's.

    Returns
    -------
    bool
    """
    common = {text for text in texts & lesson if not text.startswith(("import ", "from "))}
    telling = any(text.startswith(("grade id ", "def ", "class ")) for text in common)
    return telling or len(common) >= FEWEST


def notebook_texts(data):
    """Collect the lines and grade ids of a notebook, however damaged it is.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    texts : set of str
        Empty if there is nothing of a notebook in it.
    whole : bool
        Whether it is a notebook at all, and not damaged.
    """
    notebook = _json(data)
    if notebook is None:
        # A file that breaks off in the middle, most often: what can be read are its texts.
        told = re.findall(rb'"((?:[^"\\]|\\.){15,2000})"', data)
        lines = [text for text in (_json(b'"%s"' % text) for text in told) if text]
        return _lines("\n".join(line for line in lines if isinstance(line, str))), False
    found, cells = set(), _cells(notebook)
    for cell in cells or []:
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", cell.get("input", ""))
        if isinstance(source, list):
            source = "".join(line for line in source if isinstance(line, str))
        if isinstance(source, str):
            found |= _lines(source)
        metadata = cell.get("metadata")
        roles = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        if isinstance(roles, dict) and isinstance(roles.get("grade_id"), str):
            found.add(f"grade id {roles['grade_id']}")
    return found, cells is not None


def is_notebook(name, data):
    """Tell whether a file is a notebook, or was meant as one.

    Parameters
    ----------
    name : str
        Its own name.
    data : bytes

    Returns
    -------
    bool
        True for every ``.ipynb``, and for what is one by its content: a browser may have called it
        ``.txt``, ``.json`` or nothing, a student ``.py``.
    """
    if name.lower().endswith(".ipynb"):
        return True
    notebook = _json(data) if b"{" in data[:100] else None  # data sets may lie beside, too
    usual = PurePath(name).suffix.lower() in ("", ".json", ".txt") or ".ipynb" in name.lower()
    return _cells(notebook) is not None and (usual or "nbformat" in notebook)


def _json(data):
    """What a file holds, if that is JSON that fits into memory."""
    if data.count(b"[") + data.count(b"{") > MOST_BRACKETS:
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError, MemoryError):
        return None


def _cells(notebook):
    """Cells of a notebook, as any version of Jupyter writes them; None if it is no notebook."""
    if not isinstance(notebook, dict):
        return None
    cells = notebook.get("cells")
    sheets = notebook.get("worksheets")
    if cells is None and isinstance(sheets, list) and sheets and isinstance(sheets[0], dict):
        cells = sheets[0].get("cells")
    return cells if isinstance(cells, list) else None


def _lines(text):
    """A text's lines that are long enough to tell lessons apart."""
    return {line for line in map(str.strip, text.splitlines()) if len(line) >= 15}
