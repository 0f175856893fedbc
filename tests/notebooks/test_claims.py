"""Every number in a lesson's prose is registered, with how it comes about.

``claims/<lesson>.yaml`` lists phrases as they stand in the prose, each with one reason:

* ``computed``: a Python expression whose value is the phrase's last number; recomputed here.
* ``source``: where a fact was read. It cannot be recomputed without the full data set.
* ``measured``: accuracies over at least five seeds, with device, versions and date; the phrase's
  last number must lie within what was measured, after rounding.
* ``timed``: seconds or minutes that a run took, once at least; otherwise like ``measured``.
* ``named``: the number names something that stands in the notebook itself: a position, a digit,
  a value in the code beside it.

What this gate does not decide: whether a claim without a number is true. That takes a reader.
"""

import math
import re
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[2]
CLAIMS = Path(__file__).parent / "claims"
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*/*.ipynb"))
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?:\s?%)?")
REASONS = {"computed", "source", "measured", "timed", "named"}
LEAST_RUNS = {"measured": 5, "timed": 1}


def prose(notebook):
    """A notebook's prose on one line: Markdown cells without code and link addresses."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = re.sub(r"```.*?```", " ", text, flags=re.DOTALL)
    text = re.sub(r"`[^`]*`", "` `", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return re.sub(r"\s+", " ", text)


def unregistered(text, phrases):
    """The numbers of a text that no phrase covers, each with what stands around it."""
    covered = set()
    for phrase in phrases:
        for match in re.finditer(rf"(?<![\w.,]){re.escape(phrase)}(?![\w]|[.,]\d)", text):
            covered.update(range(match.start(), match.end()))
    return [
        text[max(match.start() - 30, 0) : match.end() + 30]
        for match in NUMBER.finditer(text)
        if match.start() not in covered
    ]


def last_number(phrase):
    """The last number of a phrase as a float; a percentage as a share of one."""
    digits = NUMBER.findall(phrase)[-1]
    value = float(digits.rstrip(" %").replace(",", ""))
    return value / 100 if digits.endswith("%") else value


def decimals(phrase):
    """How many decimal places the last number of a phrase has, as a share if a percentage."""
    digits = NUMBER.findall(phrase)[-1]
    places = len(digits.rstrip(" %").partition(".")[2])
    return places + 2 if digits.endswith("%") else places


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
    claims = read_claims(lesson)
    text = prose(read_lesson(lesson))
    loose = unregistered(text, [claim["says"] for claim in claims])
    assert not loose, (
        f"notebooks/{lesson}/{lesson}.md has numbers that are not registered in "
        f"tests/notebooks/claims/{lesson}.yaml: {loose}"
    )
    stale = [claim["says"] for claim in claims if claim["says"] not in text]
    assert not stale, f"claims/{lesson}.yaml registers what the prose no longer says: {stale}"


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_claim_holds(lesson):
    for claim in read_claims(lesson):
        reasons = REASONS & claim.keys()
        assert len(reasons) == 1, f"{claim['says']!r} needs one reason of {sorted(REASONS)}"
        if "computed" in claim:
            value = eval(claim["computed"], {"math": math})
            assert value == pytest.approx(last_number(claim["says"])), f"{claim} is not true"
        for reason in LEAST_RUNS.keys() & claim.keys():
            check_runs(claim, reason)


def check_runs(claim, reason):
    """Assert that a measured or timed claim is complete and lies within its runs."""
    measured = claim[reason]
    missing = {"runs", "device", "versions", "date", "command"} - measured.keys()
    assert not missing, f"{claim['says']!r} does not say its {sorted(missing)}"
    runs = measured["runs"]
    least = LEAST_RUNS[reason]
    assert len(runs) >= least, f"{claim['says']!r} should be {reason} in at least {least} runs"
    places = decimals(claim["says"])
    low, high = round(min(runs), places), round(max(runs), places)
    assert low <= last_number(claim["says"]) <= high, f"{claim['says']!r} is not in {low}–{high}"


def test_lessons_were_found():
    assert LESSONS, "no lessons in notebooks/"


@pytest.mark.parametrize(
    ("text", "phrases", "loose"),
    [
        ("it has 784 pixels", ["784 pixels"], []),
        ("it has 784 pixels", [], ["it has 784 pixels"]),
        ("it has 1,784 pixels", ["784 pixels"], ["it has 1,784 pixels"]),
        ("about 96 % are right", ["about 96 %"], []),
        ("a mean of 33.318", ["33.31"], ["a mean of 33.318"]),
    ],
)
def test_loose_numbers_are_found(text, phrases, loose):
    assert unregistered(text, phrases) == loose


def test_a_measured_claim_outside_its_runs_is_refused():
    facts = {"device": "CPU", "versions": "…", "date": "2026-11-22", "command": "…"}
    runs = [0.956, 0.958, 0.96, 0.961, 0.962]
    check_runs({"says": "about 96 %", "measured": {"runs": runs, **facts}}, "measured")
    check_runs({"says": "about 5 minutes", "timed": {"runs": [4.8], **facts}}, "timed")
    with pytest.raises(AssertionError, match="is not in"):
        check_runs({"says": "about 97 %", "measured": {"runs": [0.956] * 5, **facts}}, "measured")
    with pytest.raises(AssertionError, match="measured in at least 5 runs"):
        check_runs({"says": "about 96 %", "measured": {"runs": [0.956], **facts}}, "measured")
