"""Make a released notebook ready for Google Colab, and for being handed in from there.

It gets a badge that opens the release in Colab, a cell that sets Colab up, Colab's own metadata
(a T4 as its GPU), links to other lessons that lead somewhere in Colab, too, and a last cell that
tells what is done: ``course_utils.hand_in``, which finds in the notebook's metadata what the
visible tests should be.
"""

from hashlib import sha256
from pathlib import Path

import nbformat

from course_utils.hand_in import VISIBLE, fingerprint
from course_utils.instructor.lessons.references import with_links

BADGE, SET_UP, ADVICE, HAND_IN = "open-in-colab", "set-up-colab", "saving", "before-you-hand-in"
OURS = {BADGE, SET_UP, ADVICE, HAND_IN}
"""Ids of the cells that are put into a release; a lesson's own cells have others."""
PICTURE = "https://colab.research.google.com/assets/colab-badge.svg"
METADATA = {"accelerator": "GPU", "colab": {"gpuType": "T4", "provenance": [], "toc_visible": True}}
SAVING = """\
*Colab does not keep what you write in a notebook that was opened from a link. Save it now and \
then with File → Download → Download .ipynb; to go on later, choose File → Upload notebook. \
The first code cell sets Colab up; anywhere else it does nothing.*"""
ADVICE_TEXT = """\
## Before you hand in

Run everything once more from a fresh start (Colab: *Runtime → Restart session and run all*; \
Jupyter: *Kernel → Restart Kernel and Run All Cells*). If that stops at an exercise that you have \
not solved, click the cell after it and go on (Colab: *Runtime → Run cell and below*; \
Jupyter: *Run → Run Selected Cell and All Below*). In Jupyter, save. Then run the cell below: it \
tells you what is done."""
HAND_IN_CODE = """\
# @title Before you hand in: what is done { display-mode: "form" }
from course_utils import hand_in

hand_in.report()"""


def prepare(notebook, lesson, publication, wheel):
    """Put into a released notebook what it needs in Google Colab.

    Parameters
    ----------
    notebook : NotebookNode
        A release; changed. What an earlier call put into it is replaced.
    lesson : str
    publication : Publication
        Where the release will be published.
    wheel : Path
        The package for students.
    """
    cells = [cell for cell in notebook.cells if cell.get("id") not in OURS]
    for cell in cells:
        if cell.cell_type == "markdown" and "nbgrader" not in cell.metadata:
            cell.source = with_links(cell.source, lambda name: _in_colab(name, publication))
    first = next((i for i, cell in enumerate(cells) if cell.cell_type == "code"), len(cells))
    notebook.cells = [
        _prose(BADGE, f"{badge(lesson, publication)}\n\n{SAVING}"),
        *cells[:first],
        # Jupyter folds its code away, too: there it only stands in the way.
        _form(SET_UP, _set_up_code(publication, wheel), jupyter={"source_hidden": True}),
        *cells[first:],
        _prose(ADVICE, ADVICE_TEXT),
        _form(HAND_IN, HAND_IN_CODE),
    ]
    notebook.metadata.update(nbformat.from_dict(METADATA | {"course": _course(cells, lesson)}))


def badge(lesson, publication):
    """Give the badge that opens a released lesson in Colab, in Markdown.

    Parameters
    ----------
    lesson : str
    publication : Publication

    Returns
    -------
    str
    """
    return f"[![Open in Colab]({PICTURE})]({_in_colab(lesson, publication)})"


def _in_colab(lesson, publication):
    """The address that opens a released lesson in Colab."""
    return publication.in_colab(f"{lesson}/{lesson}.ipynb")


def _set_up_code(publication, wheel):
    """The code that installs the package in Colab, and does nothing elsewhere."""
    code = Path(__file__).with_name("set_up.py").read_text(encoding="utf-8")
    arguments = (
        publication.file(wheel.name),
        sha256(wheel.read_bytes()).hexdigest(),
        publication.page,
    )
    lines = "".join(f'    "{it}",\n' for it in arguments)
    return f"{code}\n\nset_up_colab(\n{lines})"


def _course(cells, lesson):
    """What ``hand_in`` has to know: the lesson, its visible tests, and its unanswered exercises."""
    tests, answers = {}, {}
    for cell in cells:
        roles = cell.metadata.get("nbgrader", {})
        name = roles.get("grade_id", "")
        if name.endswith(VISIBLE):
            tests[name] = fingerprint(cell.source)
        elif roles.get("solution"):
            answers[name] = fingerprint(cell.source)
    return {"lesson": lesson, "tests": tests, "answers": answers}


def _prose(name, text):
    """A Markdown cell."""
    return _named(name, nbformat.v4.new_markdown_cell(text))


def _form(name, code, **metadata):
    """A code cell that Colab shows as a form, its code folded away."""
    cell = nbformat.v4.new_code_cell(code, metadata={"cellView": "form"} | metadata)
    return _named(name, cell)


def _named(name, cell):
    """A cell with this id."""
    cell.id = name
    return cell
