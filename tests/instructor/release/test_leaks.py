import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_utils.instructor.release.confidential import read_secrets
from course_utils.instructor.release.leaks import find_leaks

ANSWER = '''\
def softmax(scores):
    """Probabilities from scores."""
    ### BEGIN SOLUTION
    # the largest first, against overflow
    shifted = scores - scores.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    names = {"kind": 'softmax', "axis": 1}
    return powers / powers.sum(axis=1, keepdims=True), names
    ### END SOLUTION
'''
HIDDEN = """\
# These tests use other scores.
### BEGIN HIDDEN TESTS
generator = np.random.default_rng(7)
assert np.allclose(softmax(generator.normal(size=(4, 10))).sum(axis=1), 1), "not probabilities"
### END HIDDEN TESTS
"""
MODEL_ANSWER = (
    "Only differences between scores matter, so the largest may be subtracted first. Nothing else "
    "changes. It also keeps the powers from\noverflow, since none of them exceeds one. It is cheap."
)
RELEASED = '''\
import numpy as np

def softmax(scores, base=2.0):
    """Probabilities from scores."""
    # Here goes your answer.
    raise NotImplementedError("Replace this line, it isn't an answer.")

class Layer:
    """A layer."""
    def call(self):
        raise NotImplementedError('yours')
'''


def leaks_in(text, secrets, place="released.md"):
    data = text if isinstance(text, bytes) else text.encode()
    return find_leaks([(place, data)], secrets, lambda path: f"Mend {path}.")


def graded(cell, name, **roles):
    cell.metadata["nbgrader"] = {"grade_id": name, **roles}
    return cell


@pytest.fixture
def secrets():
    source = new_notebook(
        cells=[
            graded(new_code_cell(ANSWER), "softmax", solution=True),
            graded(new_code_cell(HIDDEN), "softmax-hidden", grade=True),
            graded(new_markdown_cell(MODEL_ANSWER), "why", solution=True, grade=True),
            graded(new_code_cell("shape = images.reshape(-1, 784)"), "flat", solution=True),
        ]
    )
    return read_secrets(source, "02-neurons")


@pytest.fixture
def search(secrets):
    """A function that searches a released notebook made of cells."""

    def search_cells(*cells, **metadata):
        notebook = nbformat.writes(new_notebook(cells=list(cells), metadata=metadata))
        return leaks_in(notebook, secrets, "released.ipynb")

    return search_cells


HALF = "powers = np.exp(shifted)\nshifted = scores - scores.max(axis=1, keepdims=True)"
WRITTEN_OTHERWISE = {
    "as it is": HALF,
    "without spaces": "if 1:\n powers=np.exp(shifted)\n names={'kind':'softmax','axis':1}",
    "other quotes, other lines": 'names = {\n    "kind": "softmax",\n    "axis": 1,\n}\n' + HALF,
    "commented out": "\n".join(f"# {line}" for line in HALF.splitlines()),
    "with comments": "powers = np.exp(shifted)  # to the power\nshifted = scores - scores.max(\n"
    "    axis=1,  # over classes\n    keepdims=True,\n)",
    "in a text": f'hint = """\n{HALF}\n"""',
    "in a printed line": f"print({HALF.splitlines()[0]!r}, {HALF.splitlines()[1]!r})",
}


@pytest.mark.parametrize("code", WRITTEN_OTHERWISE.values(), ids=WRITTEN_OTHERWISE)
def test_half_of_a_solution_is_found(search, code):
    (leak,) = search(new_markdown_cell("# Title"), new_code_cell(code))
    assert "released.ipynb, cell 2" in str(leak)
    assert "solution of 'softmax' in 02-neurons" in str(leak)
    assert "Mend released.ipynb." in str(leak)


def test_less_than_half_is_no_leak(search):
    assert search(new_code_cell("powers = np.exp(shifted)")) == []


def test_what_a_lesson_may_say_is_no_leak(search):
    public = new_code_cell("probabilities = softmax(scores)\nprint(np.exp(probabilities))")
    assert search(public, new_markdown_cell("Softmax makes scores positive.")) == []


@pytest.mark.parametrize(
    "cell",
    [
        new_markdown_cell(f"Look:\n```python\n{HALF}\n```\n"),
        new_markdown_cell("Write `powers = np.exp(shifted)`,\n- shifted = scores - "
                          "scores.max(axis=1, keepdims=True)"),
        new_code_cell("1", outputs=[new_output("stream", text=HALF)]),
        new_code_cell("1", outputs=[new_output("error", traceback=HALF.splitlines())]),
        new_code_cell("1", metadata={"note": {"old": [HALF]}}),
        new_markdown_cell("see", attachments={"a.txt": {"text/plain": HALF}}),
    ],
    ids=["fence", "prose", "output", "traceback", "metadata", "attachment"],
)  # fmt: skip
def test_a_solution_is_found_wherever_a_cell_can_hold_it(search, cell):
    (leak,) = search(cell)
    assert "solution of 'softmax'" in leak.what


def test_a_solution_in_the_notebooks_metadata_is_found(search):
    (leak,) = search(note=HALF)
    assert "notebook metadata" in leak.place


def test_coloured_output_hides_nothing(search):
    coloured = HALF.replace("np", "\x1b[38;5;28mnp\x1b[39m").replace(
        "scores", "\x1b[1mscores\x1b[0m"
    )
    assert search(new_code_cell("1", outputs=[new_output("stream", text=coloured)]))


def test_hidden_tests_are_found(search):
    (leak,) = search(new_code_cell("generator = np.random.default_rng(7)"))
    assert "hidden tests of 'softmax-hidden' in 02-neurons" in leak.what


def test_hidden_tests_are_found_without_their_messages(search):
    copied = "assert np.allclose(softmax(generator.normal(size=(4, 10))).sum(axis=1), 1)"
    for code in (copied, f"{copied}, 'in other words'"):
        (leak,) = search(new_code_cell(code))
        assert "1 of 2 lines of the hidden tests of 'softmax-hidden'" in leak.what


@pytest.mark.parametrize(
    ("answer", "prose"),
    [
        ("return np.clip(roomy, 0, 9).astype(np.uint8)", "np.clip(roomy, 0, 9).astype(np.uint8)"),
        ("total = np.clip(roomy, 0, limit)", "np.clip(roomy, 0, limit)"),
        ("total += np.clip(roomy, 0, limit)", "np.clip(roomy, 0, limit)"),
    ],
)  # fmt: skip
def test_what_a_statement_assigns_or_returns_is_found(answer, prose):
    block = f"def f(roomy):\n    ### BEGIN SOLUTION\n    {answer}\n    ### END SOLUTION\n"
    source = new_notebook(cells=[graded(new_code_cell(block), "f", solution=True)])
    (leak,) = leaks_in(f"Try `{prose}` here.", read_secrets(source, "any"))
    assert "1 of 1 lines of the solution of 'f'" in leak.what


@pytest.mark.parametrize("value", ["np.e * x", "[0, 1, 2, 3]", "'one two three four'"])
def test_a_short_formula_or_plain_numbers_and_texts_are_no_secret(value):
    source = new_notebook(cells=[graded(new_code_cell(f"result = {value}"), "f", solution=True)])
    assert leaks_in(f"Look at {value} here.", read_secrets(source, "any")) == []


def test_a_solution_split_over_cells_is_found(search):
    first, second = HALF.splitlines()
    (leak,) = search(new_code_cell(first), new_markdown_cell("Then:"), new_code_cell(second))
    assert "released.ipynb, several cells together: holds 2 of 4 lines" in str(leak)


def test_a_released_stub_is_no_leak(search):
    assert search(graded(new_code_cell(RELEASED), "any", solution=True)) == []
    assert search(graded(new_code_cell("# Other scores."), "any-hidden", grade=True)) == []
    waits = "rate = None\ncurves = {0.1: None, 0.2: None}\nraise NotImplementedError('yours')"
    assert search(graded(new_code_cell(waits), "any", solution=True)) == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("roomy = images + 1", "roomy = images + 1"),
        ("pass", "pass"),
        ("rate = 0.3", "rate = 0.3"),
        ("curves = {0.1: None, 0.2: 'A'}", "curves = {0.1: None, 0.2: 'A'}"),
        ("if scores:\n        ...", "if scores:"),
        ("raise NotImplementedError(f'{scores}')", "raise NotImplementedError(f'{scores}')"),
        ("half a solution", "no Python, 'half a solution'"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("name", "role"), [("any", "solution"), ("any-hidden", "grade")])
def test_what_stands_beside_a_stub_is_a_leak(search, line, told, name, role):
    cell = new_code_cell(f"def f(scores):\n    {line}\n    raise NotImplementedError('yours')")
    (leak,) = search(graded(cell, name, **{role: True}))
    assert "released.ipynb, cell 1 ('def f(scores):')" in leak.place
    assert told in leak.what
    assert leak.mend == "Mend released.ipynb."


@pytest.mark.parametrize(
    "sentence",
    [
        "Only differences between scores matter, so the largest may be subtracted first!",
        "It also keeps\nthe powers from overflow, since none of them exceeds one",
    ],
)
def test_one_long_sentence_of_a_model_answer_is_a_leak(search, sentence):
    (leak,) = search(new_markdown_cell(sentence))
    assert "1 of 4 lines of the solution of 'why'" in leak.what


def test_one_short_sentence_of_a_model_answer_is_no_leak(search):
    assert search(new_markdown_cell("Nothing else changes.")) == []


def test_a_model_answer_is_found(search):
    (leak,) = search(new_markdown_cell(f"Remember: {MODEL_ANSWER}"))
    assert "'why'" in leak.what


def test_an_answer_cell_without_markers_is_secret_as_a_whole(search):
    (leak,) = search(new_code_cell("shape = images.reshape(-1, 784)"))
    assert "'flat'" in leak.what


@pytest.mark.parametrize(
    "text",
    ["### BEGIN SOLUTION", "### END SOLUTION", "# begin hidden tests", "### END HIDDEN TESTS",
     "=== BEGIN MARK SCHEME ==="],
)  # fmt: skip
@pytest.mark.parametrize("kind", [new_code_cell, new_markdown_cell])
def test_markers_are_found(search, kind, text):
    (leak,) = search(kind(text))
    assert "holds the marker" in leak.what


def test_a_python_file_is_searched_as_a_whole(secrets):
    code = "import numpy as np\n\n\ndef help_out(scores):\n    " + HALF.replace("\n", "\n    ")
    (leak,) = leaks_in(code, secrets, "course_utils/helpers.py")
    assert "course_utils/helpers.py: holds 2 of 4 lines" in str(leak)
    assert str(leak).endswith("Mend course_utils/helpers.py.")


def test_a_file_that_is_no_text_is_searched_too(secrets):
    data = b"\xff\x00\x80### BEGIN SOLUTION\x00" + HALF.encode() + b"\xfe"
    assert len(leaks_in(data, secrets, "figure.bin")) == 2


def test_two_words_are_no_secret():
    source = new_notebook(cells=[graded(new_code_cell("answer = 6"), "count", solution=True)])
    assert read_secrets(source, "any") == []


def test_what_is_no_notebook_has_no_secrets():
    with pytest.raises(TypeError, match="got str"):
        read_secrets("01-sums.ipynb", "01-sums")
