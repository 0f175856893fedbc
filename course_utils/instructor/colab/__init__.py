"""Make a released notebook ready for Google Colab."""

from hashlib import sha256
from pathlib import Path

import nbformat

SET_UP = "set-up-colab"
OURS = {SET_UP}
"""Ids of the cells that are put into a release; a lesson's own cells have others."""


def prepare(notebook, publication, wheel):
    """Put into a released notebook what it needs in Google Colab.

    Parameters
    ----------
    notebook : NotebookNode
        A release. What an earlier call put into it is replaced.
    publication : Publication
        Where the release will be published.
    wheel : Path
        The package for students.
    """
    notebook.cells = [cell for cell in notebook.cells if cell.get("id") not in OURS]
    first = next((i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"), 0)
    notebook.cells.insert(first, _set_up_cell(publication, wheel))


def _set_up_cell(publication, wheel):
    """The cell that installs the package, and does nothing outside Colab."""
    code = Path(__file__).with_name("set_up.py").read_text(encoding="utf-8")
    arguments = (
        publication.file(wheel.name),
        sha256(wheel.read_bytes()).hexdigest(),
        publication.page,
    )
    lines = "".join(f'    "{it}",\n' for it in arguments)
    return _form(SET_UP, f"{code}\n\nset_up_colab(\n{lines})")


def _form(name, code):
    """A code cell that Colab shows as a form, its code folded away."""
    cell = nbformat.v4.new_code_cell(code, metadata={"cellView": "form"})
    cell.id = name
    return cell
