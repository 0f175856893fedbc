"""Every lesson's notebook is exactly what its Markdown gives, and carries no results.

Each check is also shown to fail, on a copy of the first lesson that is broken in one way.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupytext.cli import jupytext

from tests.notebooks.pairs import update, write_anew

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path for path in (ROOT / "notebooks").glob("*") if path.is_dir())
CELL_METADATA = {"nbgrader", "tags", "nbmake", "cellView"}
NOTEBOOK_METADATA = {"jupytext", "kernelspec"}


def copied(folder, place):
    """Copy a lesson's folder, with jupytext's settings, to where a test may write."""
    shutil.copy(ROOT / "jupytext.toml", place)
    return shutil.copytree(folder, place / "notebooks" / folder.name)


def problems(lesson):
    """What is wrong with a copied lesson, a line each; its notebook is written anew."""
    markdown = lesson / f"{lesson.name}.md"
    notebook = markdown.with_suffix(".ipynb")
    present = {path for path in lesson.glob("*") if path.suffix in (".md", ".ipynb")}
    if notebook not in present and markdown in present:
        return [f"{notebook.name} is missing beside {markdown.name}. Run: make pair"]
    if present != {markdown, notebook}:
        names = ", ".join(sorted(path.name for path in present)) or "nothing"
        return [
            f"{lesson.name} should hold {markdown.name} and {notebook.name}, one pair named like "
            f"its folder, but holds {names}. Rename or remove."
        ]
    content = json.loads(notebook.read_text(encoding="utf-8"))
    found = [f"{notebook.name}: {problem}" for problem in unclean(content)]
    before = notebook.read_bytes()
    update(markdown)
    updated = notebook.read_bytes()
    write_anew(markdown)
    if not before == updated == notebook.read_bytes():
        found.append(f"{notebook.name} is not what {markdown.name} gives. Run: make pair")
    return found


def unclean(content):
    """What a notebook's JSON holds that should not be committed."""
    if content["metadata"].get("kernelspec", {}).get("name") != "python3":
        yield "its kernel is not python3. Mend the header of its .md, then run: make pair"
    ids = [cell.get("id") for cell in content["cells"]]
    if None in ids or len(set(ids)) < len(ids):
        yield "cells lack an id of their own. Run: make pair"
    unwanted = set(content["metadata"]) - NOTEBOOK_METADATA
    for number, cell in enumerate(content["cells"], start=1):
        unwanted |= set(cell["metadata"]) - CELL_METADATA
        if cell.get("outputs") or cell.get("execution_count") is not None:
            yield f"cell {number} has been run and holds its results. Run: make pair"
    if unwanted:
        yield f"it carries metadata nobody needs: {', '.join(sorted(unwanted))}. Run: make pair"


def test_there_are_lessons():
    assert FOLDERS, "no lesson was found in notebooks/, so nothing below was checked"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_pair_is_in_step_and_clean(folder, tmp_path):
    found = problems(copied(folder, tmp_path))
    assert not found, "\n".join(found)


def edit_a_word(markdown, notebook):
    text = markdown.read_text(encoding="utf-8")
    assert " image" in text
    markdown.write_text(text.replace(" image", " picture", 1), encoding="utf-8")


def edit_an_answer(markdown, notebook):
    text = markdown.read_text(encoding="utf-8")
    assert "return " in text
    markdown.write_text(text.replace("return ", "return -", 1), encoding="utf-8")


def edit_points(markdown, notebook):
    text = markdown.read_text(encoding="utf-8")
    assert '"points": 1' in text
    markdown.write_text(text.replace('"points": 1', '"points": 5', 1), encoding="utf-8")


def edit_notebook(change):
    """Make a break of a change to the notebook's JSON."""

    def break_it(markdown, notebook):
        content = json.loads(notebook.read_text(encoding="utf-8"))
        change(content, next(cell for cell in content["cells"] if cell["cell_type"] == "code"))
        notebook.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")

    return break_it


OUTPUT = {"output_type": "stream", "name": "stdout", "text": ["7\n"]}

# nbformat remarks on missing and repeated ids, which two of these are about.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning:nbformat")

BREAKS = {
    "a word edited in the Markdown": (edit_a_word, "make pair"),
    "an answer edited in the Markdown": (edit_an_answer, "make pair"),
    "points changed in the Markdown": (edit_points, "make pair"),
    "a notebook deleted": (lambda markdown, notebook: notebook.unlink(), "Run: make pair"),
    "a Markdown deleted": (lambda markdown, notebook: markdown.unlink(), "one pair"),
    "a stray copy": (
        lambda markdown, notebook: shutil.copy(notebook, notebook.with_name("copy.ipynb")),
        "one pair",
    ),
    "an output left": (
        edit_notebook(lambda content, cell: cell["outputs"].append(OUTPUT)),
        "holds its results. Run: make pair",
    ),
    "a count left": (
        edit_notebook(lambda content, cell: cell.update(execution_count=3)),
        "holds its results. Run: make pair",
    ),
    "another kernel": (
        edit_notebook(lambda content, cell: content["metadata"]["kernelspec"].update(name="julia")),
        "not python3. Mend the header of its .md, then run: make pair",
    ),
    "no ids": (
        edit_notebook(lambda content, cell: [cell.pop("id") for cell in content["cells"]]),
        "id of their own. Run: make pair",
    ),
    "an id used twice": (
        edit_notebook(lambda content, cell: content["cells"][-1].update(id=cell["id"])),
        "id of their own. Run: make pair",
    ),
    "metadata of an editor": (
        edit_notebook(lambda content, cell: cell["metadata"].update(collapsed=True)),
        "nobody needs: collapsed. Run: make pair",
    ),
    "metadata of a kernel": (
        edit_notebook(lambda content, cell: content["metadata"].update(language_info={})),
        "nobody needs: language_info. Run: make pair",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_pair_is_reported(name, tmp_path):
    break_it, told = BREAKS[name]
    lesson = copied(FOLDERS[0], tmp_path)
    break_it(lesson / f"{lesson.name}.md", lesson / f"{lesson.name}.ipynb")
    found = "\n".join(problems(lesson))
    assert lesson.name in found
    assert told in found


@pytest.mark.parametrize("name", [name for name in BREAKS if "make pair" in BREAKS[name][1]])
def test_make_pair_mends(name, tmp_path):
    lesson = copied(FOLDERS[0], tmp_path)
    markdown, notebook = lesson / f"{lesson.name}.md", lesson / f"{lesson.name}.ipynb"
    BREAKS[name][0](markdown, notebook)
    write_anew(markdown)
    assert problems(lesson) == []


def test_update_is_the_command(tmp_path):
    written = []
    for name in ("called", "commanded"):
        (tmp_path / name).mkdir()
        lesson = copied(FOLDERS[0], tmp_path / name)
        markdown = lesson / f"{lesson.name}.md"
        edit_a_word(markdown, None)
        if name == "called":
            update(markdown)
        else:
            command = [sys.executable, "-m", "jupytext", "--to", "ipynb", "--update"]
            subprocess.run([*command, str(markdown)], check=True, capture_output=True)
        written.append(markdown.with_suffix(".ipynb").read_bytes())
    assert written[0] == written[1]


ROUND_TRIP = """\
---
jupyter:
  jupytext:
    formats: ipynb,md
    text_representation:
      extension: .md
      format_name: markdown
      format_version: '1.3'
  kernelspec:
    display_name: Python 3
    language: python
    name: python3
---

# A lesson

```python nbgrader={"grade": true, "grade_id": "a-visible", "locked": true, "points": 1}
assert True
```

<!-- #region nbgrader={"grade": true, "grade_id": "why", "points": 2, "solution": true} -->
A written answer.

In two paragraphs.
<!-- #endregion -->

```python cellView="form" nbmake={"timeout": 30} tags=["raises-exception", "instructor"]
1 / 0
```
"""


def test_metadata_survive_the_way_there_and_back(tmp_path):
    shutil.copy(ROOT / "jupytext.toml", tmp_path)
    markdown = tmp_path / "lesson.md"
    markdown.write_text(ROUND_TRIP, encoding="utf-8")
    update(markdown)
    notebook = nbformat.read(markdown.with_suffix(".ipynb"), 4)
    assert notebook.cells[1].metadata.nbgrader.points == 1
    assert notebook.cells[2].metadata.nbgrader.grade_id == "why"
    assert notebook.cells[3].metadata.tags == ["raises-exception", "instructor"]

    notebook.cells[0].metadata.collapsed = True
    nbformat.write(notebook, markdown.with_suffix(".ipynb"))
    jupytext(["--quiet", "--to", "md", str(markdown.with_suffix(".ipynb"))])
    back = markdown.read_text(encoding="utf-8")
    header = ROUND_TRIP.split("---\n")[1]
    assert back.split("---\n")[2] == ROUND_TRIP.split("---\n")[2]
    assert set(header.splitlines()) <= set(back.splitlines())
    assert "jupytext_version:" not in back
