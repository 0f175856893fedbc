"""Predictions are compared where the answer appears, and come together at the lesson's end."""

import nbformat
import pytest
from nbclient import NotebookClient

from course_utils import predictions, session


@pytest.fixture(autouse=True)
def _none_of_another_test():
    predictions.forget()
    yield
    predictions.forget()


def run(code, **names):
    """Run code as a notebook's cell would be; give its names."""
    exec(code, names)
    return names


def said(capsys):
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def test_a_guess_is_looked_up_where_the_outcome_appears(capsys):
    run("predictions.compare('my_count', 4)", predictions=predictions, my_count=5)
    assert said(capsys) == ["You said 5; it was 4: one too many."]


def test_a_cell_that_was_skipped_is_a_question_left_open(capsys):
    run("predictions.compare('my_count', 0.25, form='.0%')", predictions=predictions)
    assert said(capsys) == ["You left this one open; it was 25%."]


def test_a_name_has_to_be_a_name():
    with pytest.raises(TypeError, match='such as "my_count"; got 5'):
        predictions.compare(5, 5)


def test_what_is_run_again_replaces_what_was(capsys):
    for guess in (1, 2):
        names = {"predictions": predictions, "my_count": guess, "my_word": "a"}
        run("predictions.compare('my_count', 2); predictions.compare('my_word', 'a')", **names)
    capsys.readouterr()
    predictions.summary()
    assert said(capsys) == [
        "count: You said 2; it was 2: spot on.",
        "word: You said a, and so it was.",
        "Guesses written down: 2 of 2.",
    ]


def test_a_few_numbers_are_judged_on_the_whole(capsys):
    guesses = {"my_a": 110, "my_b": (90, 110), "my_c": 70, "my_d": (0, 1), "my_e": None}
    for name in guesses:
        run(f"predictions.compare({name!r}, 100)", predictions=predictions, **guesses)
    capsys.readouterr()
    predictions.summary()
    assert said(capsys)[-3:] == [
        "Guesses written down: 4 of 5.",
        "Ranges that held what came: 1 of 2.",
        "Single numbers: 2; half of them were no farther off than 20% of what came.",
    ]


def test_before_anything_was_compared_the_summary_says_so(capsys):
    predictions.summary()
    assert said(capsys) == [predictions.NOTHING]
    assert predictions.NOTHING in predictions.Page({})._repr_html_()


def test_a_new_lesson_begins_without_the_last_one_s(capsys):
    run("predictions.compare('my_count', 4)", predictions=predictions)
    session.begin("01-pixels-and-labels")
    capsys.readouterr()
    predictions.summary()
    assert said(capsys) == [predictions.NOTHING]


def test_the_table_says_in_words_what_it_shows():
    run("predictions.compare('my_share_of_a', 'b')", predictions=predictions, my_share_of_a="<i>")
    run("predictions.compare('my_order', (1, 2))", predictions=predictions, my_order=[1, 2])
    run("predictions.compare('my_open', 3)", predictions=predictions)
    html = predictions.Page(predictions._judgements)._repr_html_()
    for words in ("share of a", "&lt;i&gt;", "as you said", "(left open)", "<th scope"):
        assert words in html
    assert "<i>" not in html
    assert "color" not in html


@pytest.mark.usefixtures("quick_kernels")
def test_a_notebook_shows_lines_and_a_table():
    cells = [
        "from course_utils import predictions\n\nmy_count = 5",
        "predictions.compare('my_count', 4)\npredictions.compare('my_skipped', 4)",
        "predictions.summary()",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(it) for it in cells])
    NotebookClient(notebook).execute()
    _, lines, table = (cell.outputs for cell in notebook.cells)
    assert lines[0].text == (
        "You said 5; it was 4: one too many.\nYou left this one open; it was 4.\n"
    )
    (shown,) = table
    assert "<table>" in shown.data["text/html"]
    assert shown.data["text/plain"].startswith("count: You said 5; it was 4: one too many.")
