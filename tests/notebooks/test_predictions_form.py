"""Every prediction has a cell to write in, is compared, and is asked before it is answered.

What a machine can find of it. That the answer does not stand in a heading, in the code to be run or
in a title, takes a reader.
"""

import ast
import re
from collections import Counter

import jupytext
import pytest

from tests.notebooks.test_pairs import NOTEBOOKS

LESSONS = sorted(NOTEBOOKS.glob("*/*.md"))
REASONED = {
    "my_price_of_90": "03 finds the price step by step from two wishes; the formula comes last",
    "my_price_of_1": "likewise",
    "my_pair": "04 first builds and trains the network whose mistakes are foretold",
}
"""Guesses after which a text comes first, towards the answer or not, and why it gives none away."""
PREDICT = re.compile(r"^\*\*Predict\.\*\* \S", re.MULTILINE)
GUESS = re.compile(r"(my_\w+) = None  # \S.*")
FOLD = "<details>\n<summary><b>Explain</b></summary>\n\n"
UNFOLD = "\n\n</details>"
FOLDED = re.compile(rf"^{re.escape(FOLD)}(?s:.+?){re.escape(UNFOLD)}$", re.MULTILINE)
TABLE = re.compile(r"^\|? *:?-{3,}:? *\|", re.MULTILINE)
LONGEST_INTENT = 25
"""Words that say what the next cell does; a longer text may hold an answer."""
HEADING = "## Your predictions"
SUMMARY = "predictions.summary()"


def problems(cells):
    """What is not as CONTRIBUTING.md asks, a line each."""
    return [
        *cells_for_guesses(cells),
        *guesses_without_outcome(cells),
        *answers_on_the_way(cells),
        *unfolded(cells),
        *summary_missing(cells),
    ]


def guess_of(cell):
    """The name that a guess cell asks for, or None if a cell is none."""
    match = GUESS.fullmatch(cell.source.strip()) if cell.cell_type == "code" else None
    return match and match[1]


def compared_in(cell):
    """The names of the guesses that a cell compares."""
    if cell.cell_type != "code" or "predictions.compare" not in cell.source:
        return []
    calls = (it for it in ast.walk(ast.parse(cell.source)) if isinstance(it, ast.Call))
    return [
        call.args[0].value
        for call in calls
        if ast.unparse(call.func) == "predictions.compare" and call.args
    ]


def opening(cell):
    """How a cell begins, to find it by."""
    return repr(cell.source.strip().split("\n")[0][:60])


def cells_for_guesses(cells):
    """Predictions and guess cells that do not come in pairs; names that come twice."""
    found = []
    for cell, follows in zip(cells, [*cells[1:], None], strict=True):
        asks = len(PREDICT.findall(cell.source)) if cell.cell_type == "markdown" else 0
        if asks > 1:
            found.append(f"{opening(cell)}: {asks} predictions in one cell; each needs its own")
        elif asks and not (follows and guess_of(follows)):
            question = PREDICT.search(cell.source)
            found.append(f"{cell.source[question.start() :][:60]!r} has no guess cell after it")
        if follows and guess_of(follows) and not asks:
            found.append(f"{guess_of(follows)} is asked for without a **Predict.** above it")
    names = Counter(filter(None, map(guess_of, cells)))
    return found + [f"{name} is asked for {n} times" for name, n in names.items() if n > 1]


def guesses_without_outcome(cells):
    """Guesses that are never compared, and comparisons with what was not asked for before."""
    asked, compared, found = set(), set(), []
    for cell in cells:
        asked |= {guess_of(cell)} - {None}
        for name in compared_in(cell):
            compared.add(name)
            if name not in asked:
                found.append(f"{name} is compared before it is asked for")
    return found + [f"{name} is never compared" for name in sorted(asked - compared)]


def answers_on_the_way(cells):
    """Tables and texts between a guess and the cell that compares it."""
    found, waiting = [], set()
    for cell in cells:
        waiting = (waiting | {guess_of(cell)} - {None}) - set(compared_in(cell))
        if cell.cell_type != "markdown" or not waiting:
            continue
        text = FOLDED.sub("", cell.source)
        if TABLE.search(text):
            found.append(f"{opening(cell)}: a table before {sorted(waiting)} was compared")
        talks = len(text.split()) > LONGEST_INTENT and not PREDICT.search(text)
        if talks and not waiting <= REASONED.keys():
            found.append(f"{opening(cell)}: a text before {sorted(waiting)} was compared")
    return found


def unfolded(cells):
    """Explanations that can be read without being opened, or that would not be rendered."""
    found = []
    for cell in cells:
        if cell.cell_type != "markdown":
            continue
        rest = FOLDED.sub("", cell.source)
        if re.search(r"\*\*Explain|</?details|</?summary", rest):
            found.append(f"{opening(cell)}: fold it as {FOLD + '…' + UNFOLD!r}")
    return found


def summary_missing(cells):
    """Predictions that do not come together at the end."""
    last = max((i for i, cell in enumerate(cells) if compared_in(cell)), default=None)
    if last is None:
        return []
    pairs = zip(cells[last:], cells[last + 1 :], strict=False)
    shown = any(HEADING in text.source and code.source == SUMMARY for text, code in pairs)
    return [] if shown else [f"the lesson does not end with {HEADING!r} and {SUMMARY}"]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda it: it.stem)
def test_predictions_have_their_form(lesson):
    found = problems(jupytext.read(lesson).cells)
    assert not found, "\n".join(found)


def test_no_exception_outlives_its_lesson():
    names = {guess_of(cell) for it in LESSONS for cell in jupytext.read(it).cells}
    assert names >= REASONED.keys()


RIGHT = f"""\
Some text.

**Predict.** How many?

```python
my_count = None  # a number
```

**Predict.** And how few?

```python
my_few = None  # a number
```

We count.

```python
predictions.compare("my_count", 4)
predictions.compare("my_few", 2, form=",d")
```

{FOLD}Four, since $2 + 2 = 4$:

* two
* and two{UNFOLD}

More text, as long as it likes, with all that has to be said and may be said now.

{HEADING}

```python
{SUMMARY}
```
"""


def read(markdown):
    """The cells of a lesson's text."""
    return jupytext.reads(markdown, "md").cells


def test_a_lesson_in_the_right_form_passes():
    assert problems(read(RIGHT)) == []
    assert len([cell for cell in read(RIGHT) if guess_of(cell)]) == 2


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("my_few = None  # a number\n", "x = 1\n", "'**Predict.** And how few?' has no guess cell"),
        ("my_few = None  # a number", "my_few = None", "has no guess cell"),
        ("my_few = None  # a number", "my_few = None  # a number\nprint(4)", "has no guess cell"),
        ("my_few = None", "my_count = None", "my_count is asked for 2 times"),
        ("**Predict.** And", "And", "my_few is asked for without"),
        ("Some text.", "**Predict.** Or what?", "2 predictions in one cell"),
        ('predictions.compare("my_few", 2, form=",d")', "print(2)", "my_few is never compared"),
        ('compare("my_few"', 'compare("my_less"', "my_less is compared before it is asked for"),
        ("We count.", "| a | b |\n| --- | --- |\n| 4 | 2 |", "a table before ['my_count',"),
        ("We count.", "We count. " * 13, "a text before ['my_count', 'my_few']"),
        (FOLD, "**Explain.** ", "'**Explain.** Four, since $2 + 2 = 4$:': fold it"),
        (FOLD, FOLD.replace("\n\n", "\n"), "fold it as"),
        (UNFOLD, "\n</details>", "fold it as"),
        ("<b>Explain</b>", "<b>Why</b>", "fold it as"),
        (SUMMARY, "print()", "does not end with"),
        (HEADING, "## The end", "does not end with"),
    ],
)
def test_what_is_wrong_is_found(old, new, told):
    assert old in RIGHT
    assert any(told in it for it in problems(read(RIGHT.replace(old, new))))


def test_a_text_that_reasons_towards_the_answer_can_be_let_through(monkeypatch):
    reasoning = read(RIGHT.replace("We count.", "We count. " * 13))
    monkeypatch.setitem(REASONED, "my_count", "it only says what counting is")
    assert len(problems(reasoning)) == 1
    monkeypatch.setitem(REASONED, "my_few", "likewise")
    assert problems(reasoning) == []
