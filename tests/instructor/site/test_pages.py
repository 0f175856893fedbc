"""A lesson's page: its links, its origin, what is folded, and what is shown of results."""

import nbformat
import pytest

from course_utils.instructor.course import Publication
from course_utils.instructor.site.editions import ANSWER, TESTS, WRITTEN, Edition
from course_utils.instructor.site.pages import NOT_RUN, WAITS, make_page
from course_utils.instructor.site.results import Results

OUTPUT = nbformat.v4.new_output
PLACE = Publication("owner/lessons", "v1")


def cell(kind, source, *tags):
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return make(source, metadata={"tags": list(tags)})


def page(tmp_path, cells, outputs=None, edition=Edition.students):
    notebook = nbformat.v4.new_notebook(cells=[cell("text", "# Sums\n\nWords."), *cells])
    versions = {"Python": "3.13.0", "keras": "3.13.2"}
    found = outputs and Results(outputs, "fast", "CPU (2 cores)", "2026-11-30", versions, 12.3)
    return make_page(notebook, "01-sums", edition, found, PLACE, tmp_path)


def test_below_the_title_are_the_links_and_where_results_come_from(tmp_path):
    first = page(tmp_path, [cell("code", "1 + 1")], [[]]).cells[0].source
    title, links, origin, words = first.split("\n\n")
    assert (title, words) == ("# Sums", "Words.")
    assert "colab.research.google.com/github/owner/lessons/blob/v1/01-sums/01-sums.ipynb" in links
    assert "raw.githubusercontent.com/owner/lessons/v1/01-sums.zip" in links
    assert "30 November 2026 in 12 s: CPU (2 cores), Python 3.13.0, Keras 3.13.2" in origin


def test_a_lesson_that_was_not_run_says_so(tmp_path):
    made = page(tmp_path, [cell("code", "1 + 1")])
    assert NOT_RUN in made.cells[0].source
    assert len(made.cells) == 2


def test_a_cell_that_waits_for_an_answer_says_so_and_an_exercise_does_not(tmp_path):
    cells = [cell("code", "def f(): ...", ANSWER), cell("code", "f()")]
    made = page(tmp_path, cells, [None, None])
    assert [it.source for it in made.cells[1:]] == ["def f(): ...", "f()", WAITS]


@pytest.mark.parametrize(
    ("edition", "folded"), [(Edition.students, [TESTS]), (Edition.solutions, [ANSWER, TESTS])]
)
def test_tests_are_folded_and_so_are_solutions(tmp_path, edition, folded):
    cells = [cell("code", "answer", ANSWER), cell("code", "tests", TESTS)]
    made = page(tmp_path, cells, [None, None], edition)
    hidden = [it for it in made.cells if "hide-input" in it.metadata.get("tags", [])]
    assert [it.metadata.tags[0] for it in hidden] == folded


def test_the_answer_to_a_prediction_has_to_be_opened(tmp_path):
    said = OUTPUT("stream", name="stdout", text="it was 4")
    cells = [cell("code", "predictions.compare('my_guess', 4)"), cell("code", "print('it was 4')")]
    asked, other = page(tmp_path, cells, [[said], [said]]).cells[1:]
    assert asked.metadata.tags == ["hide-output"]
    assert asked.metadata.mystnb.code_prompt_show == "Show what came"
    assert other.metadata.tags == []


def test_a_written_solution_is_folded(tmp_path):
    made = page(tmp_path, [cell("text", "Because.", WRITTEN)], edition=Edition.solutions)
    assert made.cells[1].source.startswith("<details>\n<summary><b>An answer</b></summary>\n\nBec")


def test_a_text_of_a_terminal_has_no_colours(tmp_path):
    text = (
        '<pre style="x"><span style="color: #0087ff; text-decoration-color: #0087ff">a</span></pre>'
    )
    outputs = [OUTPUT("display_data", {"text/html": text})]
    (shown,) = page(tmp_path, [cell("code", "x")], [outputs]).cells[1].outputs
    assert shown.data["text/html"] == '<pre style="x"><span style="">a</span></pre>'


def test_links_lead_to_the_other_pages_and_to_files_of_the_release(tmp_path):
    text = "[a](../02-more/02-more.ipynb#part) [b](../../course_utils/x/README.md)"
    made = page(tmp_path, [cell("text", text)])
    assert made.cells[1].source == (
        "[a](02-more.ipynb#part) [b](https://github.com/owner/lessons/blob/v1/course_utils/x/README.md)"
    )


def test_of_results_the_best_form_is_shown_and_no_log_or_widget(tmp_path):
    outputs = [
        OUTPUT("stream", name="stderr", text="a warning"),
        OUTPUT("stream", name="stdout", text="seen"),
        OUTPUT("display_data", {"text/plain": "slider", "application/vnd.x.widget-view+json": {}}),
        OUTPUT("execute_result", {"text/plain": "table", "text/html": "<b>table</b>"}),
    ]
    shown = page(tmp_path, [cell("code", "x")], [outputs]).cells[1].outputs
    assert [it.get("text") or it.data for it in shown] == ["seen", {"text/html": "<b>table</b>"}]
