"""Slides of a lesson for the class: its sections, questions and figures, one on each.

They are one HTML page, which can be walked through by keyboard, and printed or saved as PDF with
one slide on each sheet. Nothing is written for them: what a lesson shows, they show.
"""

import re
from html import escape

from course_utils.instructor.lessons.formulas import with_mathml
from course_utils.instructor.site.pages import ASKS

FOLDER = "slides"
"""At the site's root."""
HEADING = re.compile(r"^#{1,3} (.+)$", re.MULTILINE)
QUESTION = re.compile(r"^\*\*Predict\.\*\* .+?(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)
FIGURE = re.compile(r"\s*<(?:img\b|div data-film=)")
LEFT_OUT = ("Your predictions", "Exercise", "Question", "Go on reading")
"""How the headings begin of what is no part of the class."""
TAKEN_ALONG = "What you take with you"
LAZY = ' loading="lazy"'
"""Of a picture that waits until one comes near it, which nobody does in print."""
LINK = re.compile(r"\[([^]]+)\]\([^)]*\)")
PAGE = """\
<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: slides</title>
<link rel="stylesheet" href="../_static/slides.css">
<script src="../_static/films.js" defer></script>
<script src="../_static/slides.js" defer></script>
</head>
<body>
<main>
{slides}
</main>
<nav><a href="../lessons/{lesson}.html">To the lesson</a></nav>
</body>
</html>
"""


def write_slides(page, lesson, folder):
    """Write a lesson's slides.

    Parameters
    ----------
    page : NotebookNode
        As ``make_page`` gives it.
    lesson : str
    folder : Path
        The site's root; the slides are written below it.

    Returns
    -------
    Path
    """
    slides = "\n".join(f"<section>\n{it}\n</section>" for it in _slides(page.cells))
    title = escape(HEADING.search(page.cells[0].source)[1])
    path = folder / FOLDER / f"{lesson}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PAGE.format(title=title, lesson=lesson, slides=slides), encoding="utf-8")
    return path


def _slides(cells):
    """The slides in HTML, one after the other."""
    heading, level = "", "h1"
    for cell in cells:
        if cell.cell_type == "markdown":
            found = HEADING.search(cell.source)
            if found:
                heading = _html(found[1])
                if not heading.startswith(LEFT_OUT):
                    yield _headed(level, heading, *_points(heading, cell.source))
                level = "h2"
            questions = QUESTION.findall(cell.source)
        else:
            questions = []
        if heading.startswith(LEFT_OUT):
            continue
        for question in questions:
            yield _headed("h2", heading, f'<div class="question">{_html(question)}</div>')
        if cell.cell_type == "code":
            yield from (_headed("h2", heading, it) for it in _shown(cell))


def _headed(level, heading, *parts):
    """A slide with its heading."""
    return "\n".join([f"<{level}>{heading}</{level}>", *parts])


def _points(heading, text):
    """What one takes along, as a list; of another section nothing."""
    if not heading.startswith(TAKEN_ALONG):
        return []
    return [_html("\n".join(line for line in text.splitlines() if line.startswith("* ")))]


def _shown(cell):
    """The figures of a cell; of one that answers a prediction, the words, too."""
    for output in cell.outputs:
        html = output.get("data", {}).get("text/html", "")
        if FIGURE.match(html):
            yield f'<div class="figure">{html.replace(LAZY, "")}</div>'
        elif ASKS in cell.source and output.get("text"):
            yield f"<pre>{escape(output.text.strip())}</pre>"


def _html(markdown):
    """A short text as HTML: without links, its formulas as MathML; a line is no paragraph."""
    from nbconvert.filters.markdown import markdown2html

    html = markdown2html(with_mathml(LINK.sub(r"\1", markdown))).strip()
    alone = re.fullmatch(r"<p>(.*)</p>", html)
    return alone[1] if alone else html
