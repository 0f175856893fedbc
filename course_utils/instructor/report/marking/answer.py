"""A student's answer as HTML: texts, code and pictures, of which nothing is carried out."""

import nbformat
from markupsafe import Markup, escape

from course_utils.instructor.lessons.blocks import block_of, grade_id
from course_utils.instructor.lessons.exercises import HIDDEN, VISIBLE
from course_utils.instructor.pictures import is_picture
from course_utils.instructor.plain_text import cleaned
from course_utils.instructor.report.formgrader import Harmless
from course_utils.instructor.report.pasted import with_attachments
from course_utils.instructor.report.rich_text import rich

LONGEST_OUTPUT = 20_000
FOLDED = Markup("<details><summary>{}</summary><pre>{}</pre></details>")


def show_answer(path, exercise):
    """Show what a student has done for an exercise, from its heading to the next.

    Parameters
    ----------
    path : Path
        The notebook as it was run.
    exercise : str

    Returns
    -------
    Markup
        The answer, the student's own cells around it, and what cells showed; code that is not the
        answer's is folded. Texts above the answer, which are the task, are left out.
    """
    notebook, _ = Harmless(enabled=True).preprocess(nbformat.read(path, as_version=4), {})
    block = block_of(notebook.cells, exercise)
    names = [grade_id(cell) for cell in block]
    place = names.index(exercise) if exercise in names else 0
    shown = [_cell(cell, exercise, above=i < place) for i, cell in enumerate(block)]
    return Markup("").join(shown) or Markup("<p>The answer's cell is missing.</p>")


def _cell(cell, exercise, above):
    """A cell as HTML."""
    name = grade_id(cell)
    if cell.cell_type != "code":
        if above and not name:
            return Markup("")
        text = rich(with_attachments(cell.source, cell.get("attachments", {})))
        own = Markup('<div class="answer">{}</div>').format(text)
        return own if name else Markup('<p class="label">A cell below</p>{}').format(own)
    source = cleaned(cell.source)
    if name == exercise:
        code = Markup("<pre>{}</pre>").format(source)
    else:
        code = FOLDED.format(_called(name), source)
    return code + Markup("").join(map(_output, cell.outputs))


def _called(name):
    """What a folded cell is called."""
    if name.endswith(HIDDEN):
        return "hidden test"
    return "visible test" if name.endswith(VISIBLE) else "another cell of this exercise"


def _output(output):
    """What a cell showed."""
    for kind, data in output.get("data", {}).items():
        data = "".join(data).replace("\n", "")
        if kind.startswith("image/") and is_picture(kind.removeprefix("image/"), data):
            return Markup('<img alt="what the cell drew" src="data:{};base64,{}">').format(
                kind, data
            )
    text = output.get("text") or "\n".join(output.get("traceback", ()))
    text = cleaned("".join(text or output.get("data", {}).get("text/plain", "")))
    more = len(text) - LONGEST_OUTPUT
    cut = f" … ({more:,} more letters stand in the notebook itself)" if more > 0 else ""
    return Markup('<pre class="output">{}</pre>').format(escape(text[:LONGEST_OUTPUT] + cut))
