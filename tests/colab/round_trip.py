"""Notebooks as Google Colab hands them back: what it does to a file on "Download .ipynb"."""

import copy
import random

from nbformat import NotebookNode

BADGE = (
    '<a href="https://colab.research.google.com/github/OWNER/NAME/blob/main/lesson.ipynb" '
    'target="_parent"><img src="https://colab.research.google.com/assets/colab-badge.svg" '
    'alt="Open In Colab"/></a>'
)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
KEPT = ("kernelspec", "language_info", "accelerator", "colab", "widgets")
"""What Colab is sure to keep of a notebook's metadata."""
FORMS = [{}, {"keeps_ids": True}, {"keeps_unknown": False}]
"""In which forms Colab is seen to save notebooks; the last one is to be safe."""


def as_colab_saves(notebook, seed=0, keeps_unknown=True, keeps_ids=False):
    """Give a notebook the form in which Colab saves it.

    It becomes nbformat 4.0: ids move from the cells into their metadata, where Colab makes those
    that are missing. Cells with outputs get ``outputId`` and a ``colab`` entry with the size; the
    notebook gets its ``colab`` block, the link to itself as its first cell, and the state of its
    widgets.

    Parameters
    ----------
    notebook : NotebookNode
        Of nbformat 4. Not changed.
    seed : int, optional
        For the ids.
    keeps_unknown : bool, optional
        Whether metadata of the notebook that Colab does not know stay. Notebooks that were saved
        in Colab and published have kept those of jupytext, of VS Code and of nbextensions.
    keeps_ids : bool, optional
        Whether the notebook stays one of nbformat 4.5, as published ones have: cells then have
        their id in both places, but for the link, which has none of its own.

    Returns
    -------
    dict
        As it stands in the file: every text a list of lines.
    """
    chance = random.Random(seed)
    cells = [_cell(cell, chance, keeps_ids) for cell in copy.deepcopy(notebook.cells)]
    metadata = _plain(copy.deepcopy(notebook.metadata))
    if not keeps_unknown:
        metadata = {key: value for key, value in metadata.items() if key in KEPT}
    widgets = {_id(chance, 32): _widget() for _ in range(2)}
    known = metadata.get("colab", {})
    metadata |= {
        "accelerator": "GPU",
        "colab": {"provenance": [], "gpuType": "T4", "toc_visible": True, **known}
        | {"name": "Copy of a lesson.ipynb", "include_colab_link": True},
        "kernelspec": {"display_name": "Python 3", "name": "python3"},
        "language_info": {"name": "python"},
        "widgets": {WIDGET_STATE: widgets},
    }
    badge = _markdown(BADGE, id="view-in-github", colab_type="text")
    minor = 5 if keeps_ids else 0
    return {"nbformat": 4, "nbformat_minor": minor, "metadata": metadata, "cells": [badge, *cells]}


def copy_cell(saved, name, chance=None):
    """Copy a graded cell and paste it right below, as a student does: all metadata come along.

    Parameters
    ----------
    saved : dict
        A notebook as Colab saves it. Changed.
    name : str
        The cell's grade id.
    chance : random.Random, optional
        For the copy's id.
    """
    place = place_of(saved, name)
    copied = copy.deepcopy(saved["cells"][place])
    copied["metadata"]["id"] = _id(chance or random.Random(1), 12)
    if "id" in copied:
        copied["id"] = copied["metadata"]["id"]
    saved["cells"].insert(place + 1, copied)


def delete_cell(saved, name):
    """Delete a graded cell.

    Parameters
    ----------
    saved : dict
        A notebook as Colab saves it. Changed.
    name : str
        The cell's grade id.
    """
    del saved["cells"][place_of(saved, name)]


def place_of(saved, name):
    """Where the first cell with a grade id stands."""
    return next(
        place
        for place, cell in enumerate(saved["cells"])
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == name
    )


def _cell(cell, chance, keeps_ids):
    """A cell as Colab saves it."""
    made = _plain(cell)
    own = made.pop("id", None)
    made["source"] = _lines(cell.source)
    made["metadata"] = {**made["metadata"], "id": own or _id(chance, 12)}
    if keeps_ids:
        made["id"] = made["metadata"]["id"]
    if cell.cell_type == "code":
        made["outputs"] = [_output(it) for it in made["outputs"]]
        if made["outputs"]:
            made["metadata"] |= {
                "outputId": _uuid(chance),
                "colab": {"base_uri": "https://localhost:8080/", "height": 34},
            }
    else:
        made["metadata"].setdefault("colab_type", "text")
    return made


def _output(output):
    """An output, its texts as lines."""
    if "text" in output:
        output["text"] = _lines(output["text"])
    for kind, value in output.get("data", {}).items():
        if isinstance(value, str) and not kind.startswith("image/"):
            output["data"][kind] = _lines(value)
    return output


def _widget():
    """What Colab keeps of a widget."""
    return {
        "model_module": "@jupyter-widgets/controls",
        "model_name": "HTMLModel",
        "model_module_version": "1.5.0",
        "state": {"_dom_classes": [], "value": " 10/10 ", "style": "IPY_MODEL_none"},
    }


def _markdown(source, **metadata):
    return {"cell_type": "markdown", "metadata": metadata, "source": _lines(source)}


def _lines(source):
    return source.splitlines(keepends=True) if isinstance(source, str) else source


def _id(chance, length):
    return "".join(chance.choices(LETTERS, k=length))


def _uuid(chance):
    digits = "".join(chance.choices("0123456789abcdef", k=32))
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _plain(value):
    """Dictionaries and lists instead of nbformat's own."""
    if isinstance(value, NotebookNode | dict):
        return {key: _plain(it) for key, it in value.items()}
    return [_plain(it) for it in value] if isinstance(value, list) else value
