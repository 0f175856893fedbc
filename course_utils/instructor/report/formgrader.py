"""nbgrader's formgrader, for notebooks by strangers.

The formgrader shows a student's notebook in the instructor's browser, from the address of the
instructor's own Jupyter. What such a page carries out can start programs on the instructor's
machine. So nothing that a student wrote or displayed reaches it but texts and plain pictures:
``nbgrader_config.py`` gives `Harmless` and `harmless_markdown` to the exporter that makes the page.

The formgrader also has buttons that run nbgrader's own commands: its autograding runs students'
code unconfined, its release is not searched for leaks, and its feedback shows hidden tests. As an
extension of Jupyter, which ``make lab`` switches on, this module refuses them.
"""

from html import escape

from jinja2 import pass_context
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from markupsafe import Markup
from nbconvert.preprocessors import Preprocessor
from tornado.web import HTTPError

from course_utils.instructor.report.pasted import PICTURE, with_attachments
from course_utils.instructor.report.rich_text import rich

PICTURES = ("image/png", "image/jpeg")
COMMANDS = {
    "autograde": "course grade",
    "assign": "course release",
    "release": "course release",
    "unrelease": "course release",
    "collect": "course collect INBOX",
    "generate_feedback": "course feedback",
    "release_feedback": "course feedback",
}
"""What the formgrader's buttons ask for, and what to run instead."""


class Harmless(Preprocessor):
    """Take from a notebook whatever a browser might carry out, or the page's template trust."""

    def preprocess(self, notebook, resources):
        """Leave a notebook nothing but its cells."""
        notebook.metadata = type(notebook.metadata)(language_info={"name": "python"})
        return super().preprocess(notebook, resources)

    def preprocess_cell(self, cell, resources, index):
        """Leave a cell its text, its role in grading, and outputs of plain text and pictures."""
        roles = cell.metadata.get("nbgrader")
        cell.metadata = type(cell.metadata)({"nbgrader": roles} if roles else {})
        for output in cell.get("outputs", ()):
            if "data" in output:
                kept = {kind: it for kind, it in output.data.items() if kind in PICTURES}
                kept = kept or _picture_of_a_figure(output.data.get("text/html", ""))
                shown = kept or {"text/plain": output.data.get("text/plain", "(not shown here)")}
                output.data = type(output.data)(shown)
                output.metadata = type(output.metadata)()
        return cell, resources


def _picture_of_a_figure(page):
    """The picture in what a figure of the course shows, by its type; none in any other HTML."""
    found = PICTURE.search(page if isinstance(page, str) else "".join(page))
    kind = f"image/{(found['kind2'] or found['kind1']).lower()}" if found else ""
    return {kind: found["data2"] or found["data1"]} if kind in PICTURES else {}


@pass_context
def harmless_markdown(context, source):
    """Show a Markdown cell as text, with its code, formulas and pasted pictures.

    Parameters
    ----------
    context : jinja2.runtime.Context
        Holds the cell.
    source : str

    Returns
    -------
    Markup
    """
    attachments = (context.get("cell") or {}).get("attachments", {})
    text = rich(with_attachments(source, attachments))
    return Markup('<div style="white-space: pre-wrap">{}</div>').format(text)


class Refusal(JupyterHandler):
    """Refuses one of nbgrader's own commands."""

    def post(self, command):
        """Say what to run instead."""
        raise HTTPError(403, f"Not in the formgrader. Run: {COMMANDS[command]}")

    def write_error(self, status_code, **kwargs):
        """Say so in a line; the formgrader shows its own words."""
        self.finish(escape(str(kwargs["exc_info"][1].log_message)))


def _jupyter_server_extension_points():
    """Tell Jupyter where the extension is."""
    return [{"module": __name__}]


def _load_jupyter_server_extension(app):
    """Refuse commands; Jupyter loads extensions by their names, so this one before nbgrader's."""
    paths = rf"formgrader/api/(?:assignment|submission)/.+/({'|'.join(COMMANDS)})"
    app.web_app.add_handlers(
        ".*$", [(url_path_join(app.web_app.settings["base_url"], paths), Refusal)]
    )
