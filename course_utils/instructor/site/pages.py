"""A lesson as a page of the site: a notebook for Sphinx, its results in it."""

import re
from datetime import date
from html import escape

import nbformat

from course_utils.instructor.lessons.references import with_links
from course_utils.instructor.site.editions import ANSWER, TESTS, WRITTEN, Edition
from course_utils.instructor.site.pictures import with_files

FILES = "results"
"""The folder of pictures and films, at the site's root."""
SHOWN = ("text/html", "image/svg+xml", "image/png", "text/plain")
"""What a page shows of an output, the first that there is; never a widget, which needs a kernel."""
ASKS = "predictions.compare("
"""In the code of a cell that answers a prediction."""
WAITS = "*What this cell shows depends on your answer: run it in your own copy.*"
FOLDED = {TESTS: "tests that your answer has to pass", ANSWER: "a solution"}
PROFILES = {
    "fast": "with the part of the data that ships with the course, in shortened trainings",
    "full": "with the whole data, in full trainings",
}
INK = re.compile(r"(?:text-decoration-)?color: #[0-9a-f]{6}(?:; )?")
"""Colours as a terminal has them, such as those of Keras' summaries: too pale on a page."""
TO_A_FILE = re.compile(r"\]\(\.\./\.\./(?P<path>[^)\s]+)\)")
"""A link from a lesson to another file of the release."""
NOT_RUN = "This page was made without running the lesson, so it shows no results."


def make_page(notebook, lesson, edition, results, publication, folder):
    """Make a lesson's page.

    Parameters
    ----------
    notebook : NotebookNode
        As ``read_edition`` gives it; changed.
    lesson : str
    edition : Edition
    results : Results or None
    publication : Publication or None
        Where the release is published.
    folder : Path
        The site's root; pictures and films are written below it.

    Returns
    -------
    NotebookNode
    """
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    outputs = dict(zip((it.id for it in code), results.outputs if results else (), strict=False))
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cells.append(_prose(cell, edition, publication))
            continue
        cell.outputs = [it for it in map(_output, outputs.get(cell.id) or ()) if it]
        for output in cell.outputs:
            _move_to_files(output, folder)
        _fold(cell, edition)
        cells.append(cell)
        if results and outputs.get(cell.id) is None and not cell.metadata.tags:
            cells.append(nbformat.v4.new_markdown_cell(WAITS))
    notebook.cells = cells
    _put_below_title(notebook, _links(lesson, publication), _origin(results))
    notebook.metadata = nbformat.from_dict({"kernelspec": notebook.metadata.get("kernelspec", {})})
    return notebook


def _prose(cell, edition, publication):
    """A Markdown cell with links to the other pages; a written solution is folded."""
    cell.source = with_links(cell.source, "{}.ipynb".format)
    if publication:
        cell.source = TO_A_FILE.sub(
            lambda it: f"]({publication.on_github(it['path'])})", cell.source
        )
    if edition is Edition.solutions and WRITTEN in cell.metadata.tags:
        summary = "<summary><b>An answer</b></summary>"
        cell.source = f"<details>\n{summary}\n\n{cell.source}\n\n</details>"
    return cell


def _fold(cell, edition):
    """Fold tests and solutions away, and the answer to a prediction: one has to open them."""
    tags = cell.metadata.tags
    if TESTS in tags or (ANSWER in tags and edition is Edition.solutions):
        _hide(cell, "hide-input", FOLDED[tags[0]])
    elif ASKS in cell.source and cell.outputs:
        _hide(cell, "hide-output", "what came")


def _hide(cell, tag, what):
    """Fold a part of a cell away, and say what it is."""
    cell.metadata.tags.append(tag)
    cell.metadata.mystnb = {"code_prompt_show": f"Show {what}", "code_prompt_hide": f"Hide {what}"}


def _output(output):
    """What a page shows of an output: its best form only, and nothing that was told to a log."""
    output = nbformat.from_dict(output)
    if output.output_type == "stream":
        return output if output.name == "stdout" else None
    data = output.get("data", {})
    if any("widget" in kind for kind in data):
        return None
    best = next((kind for kind in SHOWN if kind in data), None)
    return best and nbformat.v4.new_output("display_data", {best: data[best]})


def _move_to_files(output, folder):
    """Move pictures and films out of an output, and take the colours out of a terminal's text."""
    data = output.get("data", {})
    if "text/html" in data:
        html = with_files(data["text/html"], folder / FILES, f"../{FILES}")
        data["text/html"] = INK.sub("", html) if html.startswith("<pre") else html


def _put_below_title(notebook, *blocks):
    """Put something between a lesson's title and its first words."""
    first = notebook.cells[0]
    title, _, rest = first.source.partition("\n")
    first.source = "\n\n".join([title, *filter(None, blocks), rest.strip()])


def _links(lesson, publication):
    """Links that open or download the lesson as it was released."""
    if not publication:
        return ""
    notebook = f"{lesson}/{lesson}.ipynb"
    links = {
        "Open in Colab": publication.in_colab(notebook),
        "Download with all it needs (.zip)": publication.file(f"{lesson}.zip"),
        "Notebook alone (.ipynb)": publication.file(notebook),
    }
    items = "".join(f'<a href="{escape(to)}">{escape(words)}</a>' for words, to in links.items())
    return f'<p class="lesson-links">{items}</p>'


def _origin(results):
    """Say where the results on a page come from."""
    if not results:
        return f'<p class="results-origin">{NOT_RUN}</p>'
    day = date.fromisoformat(results.day)
    versions = ", ".join(
        f"{name} {results.versions[key]}"
        for name, key in (("Python", "Python"), ("TensorFlow", "tensorflow"), ("Keras", "keras"))
        if key in results.versions
    )
    return (
        '<p class="results-origin">The results on this page were computed '
        f"{PROFILES[results.profile]}, on {day.day} {day:%B %Y} in {results.seconds:.0f} s: "
        f"{results.device}, {versions}. Yours will differ a little.</p>"
    )
