"""11-maps-of-images where umap-learn is missing, which not everybody has who has the course."""

import sys

import nbformat
import pytest

from tests.notebooks.pairs import NOTEBOOKS

LESSON = "11-maps-of-images"


def import_umap_as_the_lesson_does():
    """Run the lesson's cell that imports umap, and no other."""
    notebook = nbformat.read(NOTEBOOKS / LESSON / f"{LESSON}.ipynb", as_version=4)
    [cell] = [cell.source for cell in notebook.cells if "import umap" in cell.source]
    exec(compile(cell, "cell", "exec"), {})


def test_a_missing_umap_is_told_with_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)  # so that it is not found
    with pytest.raises(ModuleNotFoundError) as caught:
        import_umap_as_the_lesson_does()
    message = str(caught.value)
    assert "umap-learn, which is missing" in message
    assert "%pip install umap-learn" in message
    assert "restart the session" in message
    assert caught.value.__suppress_context__, "there should be one error to read, not two"


def test_a_umap_that_is_there_but_does_not_work_is_not_called_missing(monkeypatch, tmp_path):
    (tmp_path / "umap.py").write_text('raise ImportError("Numba needs an older NumPy")\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "umap", raising=False)
    with pytest.raises(ImportError, match="Numba needs an older NumPy"):
        import_umap_as_the_lesson_does()
