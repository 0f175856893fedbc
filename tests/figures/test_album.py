"""One picture at a time where somebody can move a slider, all of them elsewhere, no state kept."""

import sys
from types import SimpleNamespace

import IPython
import IPython.display
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from course_utils.figures import Album, album, image_grid

PICTURES = {
    f"<{name}>": image_grid(np.full((1, 3, 3), shade)) for name, shade in (("a", 0.2), ("b", 0.8))
}
CODE = """
import numpy as np
from course_utils import figures
grids = {name: figures.image_grid(np.zeros((1, 3, 3)), [name]) for name in ("one", "two")}
figures.Album(grids, chooses="layer")
"""


@pytest.fixture
def displayed(monkeypatch):
    """What is displayed, in order, and what a display is changed into."""
    kept = []

    def display(shown, raw=False, display_id=None):
        kept.append(shown)
        return SimpleNamespace(update=lambda shown, raw: kept.append(shown)) if display_id else None

    monkeypatch.setattr(IPython.display, "display", display)
    return kept


def shell(monkeypatch, allow_stdin):
    """Pretend that a cell runs in a kernel, asked for by a person or by a program."""
    request = {"content": {"allow_stdin": allow_stdin}}
    kernel = SimpleNamespace(get_parent=lambda channel: request)
    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=kernel))


def test_all_pictures_are_shown_to_programs(displayed, monkeypatch):
    shell(monkeypatch, allow_stdin=False)
    Album(PICTURES)._ipython_display_()
    [shown] = displayed
    assert shown["text/html"].count("<img") == 2
    assert "&lt;a&gt;" in shown["text/html"]
    assert shown["text/plain"] == Album(PICTURES).alt_text


def test_all_pictures_are_shown_without_a_kernel_in_colab_and_without_ipywidgets(
    displayed, monkeypatch
):
    monkeypatch.setattr(IPython, "get_ipython", lambda: None)
    Album(PICTURES)._ipython_display_()
    shell(monkeypatch, allow_stdin=True)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    Album(PICTURES)._ipython_display_()
    monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace())
    Album(PICTURES)._ipython_display_()
    assert [shown["text/html"].count("<img") for shown in displayed] == [2, 2, 2]


def test_a_person_chooses_one_picture_with_a_slider(displayed, monkeypatch):
    pytest.importorskip("ipywidgets")
    shell(monkeypatch, allow_stdin=True)
    Album(PICTURES, chooses="layer")._ipython_display_()
    slider, first = displayed
    assert slider.options == tuple(PICTURES)
    assert slider.description == "layer"
    assert PICTURES["<a>"]._repr_html_() in first["text/html"]
    slider.value = "<b>"
    second = displayed[2]
    assert PICTURES["<b>"]._repr_html_() in second["text/html"]
    assert second["text/html"].count("<img") == 1
    assert second["text/plain"] == f"<b>: {PICTURES['<b>'].alt_text}"


@pytest.mark.usefixtures("quick_kernels")
def test_an_executed_notebook_shows_all_pictures_and_keeps_no_state():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CODE)])
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    [output] = notebook.cells[0].outputs
    assert output["data"]["text/html"].count("<img") == 2
    assert "application/vnd.jupyter.widget-view+json" not in output["data"]
    assert "widgets" not in notebook.metadata


def test_words_name_every_picture():
    words = repr(Album(PICTURES))
    for name, picture in PICTURES.items():
        assert f"{name}: {picture.alt_text}" in words


@pytest.mark.parametrize(
    ("arguments", "error", "part"),
    [
        (([],), TypeError, "got list"),
        (({1: PICTURES["<a>"]},), TypeError, "got 1"),
        (({"a": "picture"},), TypeError, "got 'a' and str"),
        (({},), ValueError, "got none"),
        ((PICTURES, 3), TypeError, "got 3"),
    ],
)
def test_wrong_arguments_are_told(arguments, error, part):
    with pytest.raises(error) as caught:
        Album(*arguments)
    assert part in str(caught.value)


def test_nothing_heavy_is_imported_before_it_is_needed():
    assert not {"ipywidgets", "IPython"} & set(vars(album))
