"""Every lesson's notebook is exactly what its Markdown gives, carries no results, and is alone.

Each check is also shown to fail, on a copy of the first lesson that is broken in one way.
"""

import json
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import nbformat
import pytest
from jupytext.cli import jupytext

from tests.notebooks.pairs import NOTEBOOKS, read_json, update, write_anew

ROOT = Path(__file__).parents[2]
# What git ignores anywhere, such as .ipynb_checkpoints; lines with / first mean the root only.
IGNORED = [
    line.rstrip("/")
    for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith(("#", "/"))
]
FIGURE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)")


def files(folder):
    """Paths below a folder, relative to it, of all files that git does not ignore."""
    paths = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return sorted(
        path
        for path in paths
        if not any(fnmatch(part, pattern) for part in path.parts for pattern in IGNORED)
    )


FOLDERS = sorted({NOTEBOOKS / path.parts[0] for path in files(NOTEBOOKS) if len(path.parts) > 1})
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
    found = strays(lesson)
    if not markdown.exists():
        missing = f"notebooks/{lesson.name}/{markdown.name} is missing"
        return [*found, f"{missing}. Write it, or remove its folder."]
    if not notebook.exists():
        return [*found, f"{notebook.name} is missing beside {markdown.name}. Run: make pair"]
    content = read_json(notebook)
    if content is None:
        return [*found, f"{notebook.name} is not JSON. Run: make pair"]
    found += [f"{notebook.name}: {problem}" for problem in unclean(content)]
    before = notebook.read_bytes()
    update(markdown)
    updated = notebook.read_bytes()
    write_anew(markdown)
    if not before == updated == notebook.read_bytes():
        found.append(f"{notebook.name} is not what {markdown.name} gives. Run: make pair")
    return found


def strays(lesson):
    """Files in a lesson's folder that are neither its pair nor figures in its Markdown."""
    pair = [Path(f"{lesson.name}{kind}") for kind in (".md", ".ipynb")]
    markdown = lesson / pair[0]
    text = markdown.read_text(encoding="utf-8") if markdown.exists() else ""
    figures = [Path(address) for address in FIGURE.findall(text)]
    return [
        f"notebooks/{lesson.name}/{path.as_posix()} is neither {pair[0]} nor {pair[1]}, nor a "
        f"figure that {pair[0]} shows. Rename it, or remove it."
        for path in files(lesson)
        if path not in pair + figures
    ]


def loose(notebooks):
    """Files that lie beside the lessons' folders."""
    return [
        f"notebooks/{path} belongs to no lesson. Move it into its lesson's folder, or remove it."
        for path in files(notebooks)
        if len(path.parts) == 1
    ]


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


def test_notebooks_holds_only_folders_of_lessons():
    found = loose(NOTEBOOKS)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_pair_is_in_step_and_clean(folder, tmp_path):
    found = problems(copied(folder, tmp_path))
    assert not found, "\n".join(found)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The first lesson's pair, written anew: what is wrong with the real one fails above, once."""
    lesson = tmp_path_factory.mktemp("good") / "notebooks" / FOLDERS[0].name
    lesson.mkdir(parents=True)
    shutil.copy(ROOT / "jupytext.toml", lesson.parents[1])
    write_anew(Path(shutil.copy(FOLDERS[0] / f"{lesson.name}.md", lesson)))
    return lesson


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
    "a Markdown deleted": (
        lambda markdown, notebook: markdown.unlink(),
        ".md is missing. Write it, or remove its folder",
    ),
    "a stray copy": (
        lambda markdown, notebook: shutil.copy(notebook, notebook.with_name("copy.ipynb")),
        "/copy.ipynb is neither",
    ),
    "a stray picture": (
        lambda markdown, notebook: notebook.with_name("answers.png").touch(),
        "/answers.png is neither",
    ),
    "a notebook that is no JSON": (
        lambda markdown, notebook: notebook.write_text("<<<<<<< HEAD\n"),
        ".ipynb is not JSON. Run: make pair",
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
def test_a_broken_pair_is_reported(name, good, tmp_path):
    break_it, told = BREAKS[name]
    lesson = copied(good, tmp_path)
    break_it(lesson / f"{lesson.name}.md", lesson / f"{lesson.name}.ipynb")
    found = "\n".join(problems(lesson))
    assert lesson.name in found
    assert told in found


@pytest.mark.parametrize("name", [name for name in BREAKS if "make pair" in BREAKS[name][1]])
def test_make_pair_mends(name, good, tmp_path):
    lesson = copied(good, tmp_path)
    markdown, notebook = lesson / f"{lesson.name}.md", lesson / f"{lesson.name}.ipynb"
    BREAKS[name][0](markdown, notebook)
    write_anew(markdown)
    assert problems(lesson) == []


def test_figures_and_what_git_ignores_are_no_strays(tmp_path):
    lesson = tmp_path / "01-new"
    (lesson / "figures").mkdir(parents=True)
    (lesson / "01-new.md").write_text('![A digit](figures/digit.svg "Seven") [x](answers.png)')
    for name in ("01-new.ipynb", "figures/digit.svg", "figures/old.svg", "answers.png"):
        (lesson / name).touch()
    (lesson / ".ipynb_checkpoints").mkdir()
    (lesson / ".ipynb_checkpoints" / "01-new-checkpoint.ipynb").touch()
    stray = [line.partition(" is neither")[0] for line in strays(lesson)]
    assert stray == ["notebooks/01-new/answers.png", "notebooks/01-new/figures/old.svg"]


def test_a_file_beside_the_lessons_is_reported(good, tmp_path):
    copied(good, tmp_path)
    (tmp_path / "notebooks" / ".DS_Store").touch()
    assert loose(tmp_path / "notebooks") == []
    (tmp_path / "notebooks" / "scratch.ipynb").touch()
    (problem,) = loose(tmp_path / "notebooks")
    assert problem.startswith("notebooks/scratch.ipynb belongs to no lesson. Move it")


def test_update_is_the_command(good, tmp_path):
    written = []
    for name in ("called", "commanded"):
        (tmp_path / name).mkdir()
        lesson = copied(good, tmp_path / name)
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
