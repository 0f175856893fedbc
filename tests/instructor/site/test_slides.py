"""Slides: what of a lesson is on them, in which order, and what is not."""

import re

import nbformat
import pytest

from course_utils.instructor.site.slides import write_slides

FIGURE = '<img alt="a 4" loading="lazy" src="../results/4.png">'
FILM = '<div data-film="../results/f.js" data-animation><p>still</p></div>'


def text(source):
    return nbformat.v4.new_markdown_cell(source)


def code(source, *outputs):
    return nbformat.v4.new_code_cell(source, outputs=list(outputs))


def shown(html):
    return nbformat.v4.new_output("display_data", {"text/html": html})


def said(words):
    return nbformat.v4.new_output("stream", name="stdout", text=words)


@pytest.fixture
def slides(tmp_path):
    """A function that gives the slides made of some cells, without tags but with the figures."""

    def slides(*cells):
        page = nbformat.v4.new_notebook(
            cells=[text("# 1 · Sums\n\n<p>links</p>\n\nWords."), *cells]
        )
        path = write_slides(page, "01-sums", tmp_path)
        assert path == tmp_path / "slides" / "01-sums.html"
        found = re.findall(r"<section>\n(.*?)\n</section>", path.read_text("utf-8"), re.DOTALL)
        return found

    return slides


def test_a_title_a_section_a_question_and_what_came_are_a_slide_each(slides):
    found = slides(
        text("## How many?\n\nLong words.\n\n**Predict.** Is $x<4$ or\nmore?\n\nTo be run."),
        code("my_count = None  # a number"),
        code("predictions.compare('my_count', 4)", said("it was <4>\n"), shown(FIGURE)),
    )
    title, section, question, answer, figure = found
    assert title == "<h1>1 · Sums</h1>"
    assert section == "<h2>How many?</h2>"
    assert "<math" in question and "more?" in question and "To be run" not in question
    assert answer.endswith("<pre>it was &lt;4&gt;</pre>")
    assert FIGURE.replace(' loading="lazy"', "") in figure, "a picture is there in print, too"


def test_films_are_shown_and_tables_and_other_words_are_not(slides):
    found = slides(code("x", said("other words"), shown("<table></table>"), shown(FILM)))
    assert len(found) == 2
    assert FILM in found[1]


def test_exercises_are_no_slides_and_the_last_one_is_what_one_takes_along(slides):
    found = slides(
        text("## Your predictions"),
        code("predictions.summary()", shown(FIGURE)),
        text("## Exercises\n\nOne function."),
        text("### Exercise: total"),
        code("predictions.compare('x', 1)", said("no")),
        text("## What you take with you\n\n* One is `1`.\n* See [Two](../02-two/02-two.ipynb)."),
        text("## Go on reading\n\n* A book."),
    )
    assert len(found) == 2
    assert "<li>One is <code>1</code>.</li>" in found[1]
    assert "<li>See Two.</li>" in found[1]
