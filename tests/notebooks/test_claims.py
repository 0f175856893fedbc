"""Numbers in a lesson's prose hold: those from data, from training and from a calculation.

Looked for: numbers of three digits or more or with a decimal point, percentages and durations.
Not looked at: code, addresses of links, sentences that end with a question mark, and exercises
called "Question" with their sample answers, whose numbers are made up. Each number has an entry in
``claims/<lesson>.yaml``: a phrase of the prose that holds it (a whole number alone stands for all
its places), and one of the KINDS below.

An entry with ``name`` and ``value`` is a number that ``course measure`` keeps of every run, and
one with ``holds`` an expectation: a sentence of the lesson, and what has to be true of its
variables when its experiments have run, in both profiles or in those it names. What nothing of
this covers takes a reader.
"""

import ast
import re
from pathlib import Path

import nbformat
import pytest
import yaml

from course_utils.instructor.course import find_course
from course_utils.instructor.measure import claims as claimed_of_runs
from course_utils.instructor.measure import record
from tests.notebooks.lesson_code import code_of, needed, values

ROOT = Path(__file__).parents[2]
CLAIMS = Path(__file__).parent / "claims"
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*/*.ipynb"))
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
UNIT = r"(?:\s?\\?%|[ -](?:second|minute|hour)s?\b)"
NUMBER = re.compile(rf"(?<![\w.,])(?<![A-Za-z]-)(?:\d+\.\d+|\d{{3,}}|\d+(?={UNIT})){UNIT}?")
KINDS = {
    "measured": "over at least five seeds: the name of a number, or runs with device, versions, "
    "date and command",
    "timed": "how long runs took, one at least; otherwise like measured",
    "source": "where a fact was read, or how it was found in data that tests do not have",
    "computed": "a Python expression over the lesson's own variables; lesson_code.py tells how",
}
LEAST_RUNS = {"measured": 5, "timed": 1}


def prose(notebook):
    """What is looked at of a notebook's Markdown, on one line; 60,000 is written 60000."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = re.sub(r"### BEGIN SOLUTION.*?### END SOLUTION", " ", text, flags=re.DOTALL)
    text = re.sub(r"^#+ Question:.*?(?=^#|\Z)", " ", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"```.*?```", " ", text, flags=re.DOTALL)
    text = re.sub(r"`[^`]*`", "` `", text)
    # A lesson may be called by a question, which does not make its sentence one.
    text = re.sub(r"\??\]\([^)]*\)", "]", text)
    sentences = [it for line in text.splitlines() for it in re.split(r"(?<=[.?!])\W*?\s+", line)]
    text = " ".join(it for it in sentences if not it.rstrip('*_)"”').endswith("?"))
    return THOUSANDS.sub("", re.sub(r"\s+", " ", text))


def places(phrase, text):
    """Where a phrase stands in a text, not as a part of a longer word or number."""
    pattern = rf"(?<![\w.,]){re.escape(THOUSANDS.sub('', phrase))}(?![\w]|[.,]\d)"
    return [range(*match.span()) for match in re.finditer(pattern, text)]


def unregistered(text, phrases):
    """The numbers looked for in a text that no phrase covers, each with what stands around it."""
    covered = {place for phrase in phrases for span in places(phrase, text) for place in span}
    return [
        text[max(match.start() - 30, 0) : match.end() + 30]
        for match in NUMBER.finditer(text)
        if not covered.issuperset(range(*match.span()))
    ]


def stale(text, phrases):
    """The phrases that a text does not have."""
    return [phrase for phrase in phrases if not places(phrase, text)]


def claimed(phrase):
    """The number that a phrase claims, and its decimal places; a percentage as a share of one."""
    numbers = NUMBER.findall(THOUSANDS.sub("", phrase))
    assert len(numbers) == 1, f"{phrase!r} should have one number that is looked for, not {numbers}"
    digits = re.match(r"[\d.]+", numbers[0])[0]
    decimals = len(digits.partition(".")[2])
    if "%" in numbers[0]:
        return round(float(digits) / 100, decimals + 2), decimals + 2
    return float(digits), decimals


def check_entry(claim):
    """Assert that an entry is complete: one number, one kind, and what this kind needs."""
    says = claim["says"]
    assert len(KINDS.keys() & claim.keys()) == 1, f"{says!r} needs one kind: {KINDS}"
    claimed(says)
    alone = not re.search(r"[^\W\d]", says)
    assert not alone or says.replace(",", "").isdigit(), f"{says!r} needs some words beside it"
    assert claim.get("source", says), f"{says!r} names no source"
    for kind in LEAST_RUNS.keys() & claim.keys():
        check_runs(claim, kind)


def check_runs(claim, kind):
    """Assert that a measured or timed claim is complete and lies within its runs."""
    measured = claim[kind]
    if isinstance(measured, str):
        return  # see check_recorded
    missing = {"runs", "device", "versions", "date", "command"} - measured.keys()
    assert not missing, f"{claim['says']!r} does not say its {sorted(missing)}"
    runs = measured["runs"]
    least = LEAST_RUNS[kind]
    assert len(runs) >= least, f"{claim['says']!r} should be {kind} in at least {least} runs"
    value, decimals = claimed(claim["says"])
    low, high = round(min(runs), decimals), round(max(runs), decimals)
    assert low <= value <= high, f"{claim['says']!r} is not in {low}–{high}"


def check_recorded(claims, runs):
    """Assert that what names a measured number lies within the runs of the lesson's record."""
    for claim in claims:
        name = claim.get("measured")
        if not isinstance(name, str):
            continue
        values = [run["numbers"].get(name) for run in runs.values()]
        assert len(values) >= 5, f"{claim['says']!r}: {name} was measured in {len(values)} runs"
        assert None not in values, f"{claim['says']!r}: some run has no number {name}"
        value, decimals = claimed(claim["says"])
        low, high = round(min(values), decimals), round(max(values), decimals)
        wanted = {"least": [low], "greatest": [high]}.get(claim.get("which"))
        inside = low <= value <= high if wanted is None else value in wanted
        assert inside, f"{claim['says']!r} is not what was measured: {low} to {high}"


def check_computed(claims, code):
    """Assert that the computed entries of a lesson hold, and that none repeats what it claims."""
    sourced = {claimed(claim["says"])[0] for claim in claims if "source" in claim}
    computed = [(it["says"], str(it["computed"])) for it in claims if "computed" in it]
    for says, expression in computed:
        parts = ast.walk(ast.parse(expression))
        numbers = {part.value for part in parts if isinstance(part, ast.Constant)}
        assert claimed(says)[0] not in numbers, f"{says!r}: {expression} repeats what it claims"
        begins = needed(code, [expression]) or "written(" in expression or numbers & sourced
        assert begins, f"{says!r}: {expression} reads neither the lesson nor a number with a source"
    found = values(code, [expression for _, expression in computed])
    for (says, _), value in zip(computed, found, strict=True):
        number, decimals = claimed(says)
        assert round(float(value), decimals) == number, f"{says!r} is not true: it is {value}"


def read_lesson(lesson):
    """A lesson's notebook, or a failure that names the mend."""
    path = ROOT / "notebooks" / lesson / f"{lesson}.ipynb"
    try:
        return nbformat.read(path, as_version=4)
    except nbformat.reader.NotJSONError:
        pytest.fail(f"{path.relative_to(ROOT)} is not JSON. Run: make pair", pytrace=False)


def read_claims(lesson):
    """A lesson's registered claims, or a failure that names the file to write."""
    path = CLAIMS / f"{lesson}.yaml"
    assert path.is_file(), f"{lesson} has no registered numbers: write {path.relative_to(ROOT)}"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_number_in_prose_is_registered(lesson):
    phrases = [claim["says"] for claim in claims_of_numbers(lesson)]
    text = prose(read_lesson(lesson))
    loose = unregistered(text, phrases)
    assert not loose, (
        f"notebooks/{lesson}/{lesson}.md has numbers that are not registered in "
        f"tests/notebooks/claims/{lesson}.yaml: {loose}"
    )
    gone = stale(text, phrases)
    assert len(phrases) == len(set(phrases)), f"claims/{lesson}.yaml registers a phrase twice"
    assert not gone, f"claims/{lesson}.yaml registers what the prose no longer says: {gone}"


def claims_of_numbers(lesson):
    """Those of a lesson's claims that are about a number of its prose."""
    return [it for it in read_claims(lesson) if "says" in it and "holds" not in it]


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_claim_holds(lesson, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "fast")
    claims = claims_of_numbers(lesson)
    for claim in claims:
        check_entry(claim)
    check_computed(claims, code_of(read_lesson(lesson)))
    check_recorded(claims, record.read(find_course(ROOT), lesson)["runs"])


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_expectation_stands_in_its_lesson(lesson):
    """And can be read; whether it holds is looked at where the lesson is run."""
    read_claims(lesson)  # fails if there is no such file
    _, expectations = claimed_of_runs.read(find_course(ROOT), lesson)
    cells = [it.source for it in read_lesson(lesson).cells if it.cell_type == "markdown"]
    text = " ".join(" ".join(cells).split())
    gone = [it.sentence for it in expectations if " ".join(it.sentence.split()) not in text]
    assert not gone, f"{lesson} no longer says, word by word: {gone}"


def test_lessons_were_found():
    assert LESSONS, "no lessons in notebooks/"


@pytest.mark.parametrize(
    ("markdown", "found"),
    [
        ("It has 784 pixels, one of 60,000 images.", ["784", "60000"]),
        ("It adds up: $28 \\cdot 28 = 784$.", ["784"]),
        ("A mean of 33.318, or **0.1307** of it.", ["33.318", "0.1307"]),
        ("About 96 % are right, and 4% are not.", ["96 %", "4%"]),
        ("It took about 26 seconds, not 3 minutes.", ["26 seconds", "3 minutes"]),
        ("Published in 2017.", ["2017"]),
        ("| flatten | 1,152 |\n| is it 100? | 256 |", ["1152", "256"]),
        ("In lesson 5, kernels of 3 by 3 make 32 maps.", []),
        ("As in [Why?](a-100.ipynb), it has 784 pixels.", ["784"]),
        ("Run `fit(100)`, see [here](page-100.html).\n```\nprint(100)\n```", []),
        ("CIFAR-100 is no longer than `uint8` or float32.", []),
        ("**Predict.** Will it be 96 %, or 0.5 (as 100 say)? It is 70 %.", ["70 %"]),
        (
            "### Question: why?\nA friend gets 99 %.\n\n### BEGIN SOLUTION\n80 %\n### END SOLUTION",
            [],
        ),
        ("### Question: why?\nA friend gets 99 %.\n\n## What you take\nIt is 88 %.", ["88 %"]),
    ],
)
def test_the_gate_looks_for(markdown, found):
    text = prose(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(markdown)]))
    assert [match.group() for match in NUMBER.finditer(text)] == found


@pytest.mark.parametrize(
    ("text", "phrases", "loose", "gone"),
    [
        ("it has 784 pixels, so 784", ["784"], [], []),
        ("it has 784 pixels", [], ["it has 784 pixels"], []),
        ("it has 1784 pixels", ["784"], ["it has 1784 pixels"], ["784"]),
        ("about 96 % are right", ["about 96 %"], [], []),
        ("about 100 % are right", ["100"], ["about 100 % are right"], []),
        ("a mean of 33.318", ["of 33.31"], ["a mean of 33.318"], ["of 33.31"]),
        ("60000 images", ["60,000"], [], []),
    ],
)
def test_loose_numbers_and_stale_entries_are_found(text, phrases, loose, gone):
    assert unregistered(text, phrases) == loose
    assert stale(text, phrases) == gone


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"says": "784", "named": "the pixels"}, "needs one kind"),
        ({"says": "784", "source": "a page", "computed": "size"}, "needs one kind"),
        ({"says": "784", "source": ""}, "names no source"),
        ({"says": "between 0 and 1", "computed": "255 / 255"}, "one number"),
        ({"says": "from 100 to 200", "computed": "2 * pixels[0]"}, "one number"),
        ({"says": "0.88", "source": "a page"}, "some words"),
        ({"says": "88 %", "source": "a page"}, "some words"),
    ],
)
def test_an_incomplete_entry_is_refused(entry, message):
    with pytest.raises(AssertionError, match=message):
        check_entry(entry)


CODE = """
import numpy as np
pixels = np.zeros((28, 28))
batches = pairs.shuffle(5000)
history = network.fit(pixels)
"""


@pytest.mark.parametrize(
    ("says", "expression", "message"),
    [
        ("784", "pixels.size", None),
        ("5,000 images", 'written("shuffle(")', None),
        ("they are 0.131", "33.318 / 255", None),
        ("785", "pixels.size", "is not true: it is 784"),
        ("784", "784", "repeats"),
        ("784", "pixels.size * 0 + 784", "repeats"),
        ("256", "2 ** 8", "reads neither"),
        ("784", "28 * 28", "reads neither"),
        ("5,000 images", 'written("batch(")', "no number"),
        ("about 96 %", 'history.history["accuracy"][-1]', "cannot wait for training"),
    ],
)
def test_a_computed_entry_that_is_wrong_or_says_nothing_is_refused(says, expression, message):
    claims = [{"says": says, "computed": expression}, {"says": "of 33.318", "source": "a page"}]
    if message is None:
        check_computed(claims, CODE)
        return
    with pytest.raises(AssertionError, match=message):
        check_computed(claims, CODE)


def test_a_claim_is_compared_with_the_record():
    runs = {run: {"numbers": {"accuracy": 0.95 + run / 100}} for run in range(5)}
    check_recorded([{"says": "about 97 %", "measured": "accuracy"}], runs)
    check_recorded([{"says": "95 % to", "measured": "accuracy", "which": "least"}], runs)
    for claim, message in [
        ({"says": "about 94 %", "measured": "accuracy"}, "is not what was measured"),
        ({"says": "96 % to", "measured": "accuracy", "which": "least"}, "is not what was measured"),
        ({"says": "about 97 %", "measured": "loss"}, "has no number loss"),
    ]:
        with pytest.raises(AssertionError, match=message):
            check_recorded([claim], runs)
    with pytest.raises(AssertionError, match="in 4 runs"):
        few = {run: runs[run] for run in range(4)}
        check_recorded([{"says": "about 97 %", "measured": "accuracy"}], few)


def test_a_measured_claim_outside_its_runs_is_refused():
    facts = {"device": "CPU", "versions": "…", "date": "2026-11-22", "command": "…"}
    runs = [0.956, 0.958, 0.96, 0.961, 0.962]
    check_runs({"says": "about 96 %", "measured": {"runs": runs, **facts}}, "measured")
    check_runs({"says": "about 5 minutes", "timed": {"runs": [4.8], **facts}}, "timed")
    with pytest.raises(AssertionError, match="is not in"):
        check_runs({"says": "about 97 %", "measured": {"runs": [0.956] * 5, **facts}}, "measured")
    with pytest.raises(AssertionError, match="measured in at least 5 runs"):
        check_runs({"says": "about 96 %", "measured": {"runs": [0.956], **facts}}, "measured")
