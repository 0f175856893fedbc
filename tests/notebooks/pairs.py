"""Write lessons' notebooks anew from their Markdown: what ``make pair`` runs and the tests repeat.

It is ``jupytext --to ipynb --update``, which keeps the cells' ids, after everything else that the
old notebook holds has been dropped: results, and what editors and kernels leave in the metadata.
"""

import json
from pathlib import Path

from jupytext.cli import jupytext

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def update(markdown):
    """Run jupytext's own command on a lesson's Markdown."""
    jupytext(["--quiet", "--to", "ipynb", "--update", str(markdown)])


def read_json(notebook):
    """Content of a notebook's file; None if it is not JSON, as after a merge in conflict."""
    try:
        return json.loads(notebook.read_text(encoding="utf-8"))
    except ValueError:
        return None


def write_anew(markdown):
    """Write the notebook beside a lesson's Markdown, keeping nothing of a former one but ids."""
    notebook = markdown.with_suffix(".ipynb")
    content = read_json(notebook) if notebook.exists() else None
    if content is None:
        notebook.unlink(missing_ok=True)
    else:
        content["metadata"] = {}
        for cell in content["cells"]:
            cell["metadata"] = {}
            if cell["cell_type"] == "code":
                cell.update(execution_count=None, outputs=[])
        notebook.write_text(json.dumps(content), encoding="utf-8")
    update(markdown)


if __name__ == "__main__":
    for lesson in sorted(NOTEBOOKS.glob("*/*.md")):
        write_anew(lesson)
