"""What a class made of each test: how many pass it, whom it tells apart, and what it said most."""

from collections import defaultdict
from dataclasses import dataclass

import pandas as pd

from course_utils.instructor.plain_text import cleaned

FEWEST, FEWEST_FAILED = 10, 3  # notebooks; below, chance alone makes a test look wrong
UNLIKELY = 2.33  # standard errors: of a hundred tests that tell nothing, one looks wrong by chance
FEW = 3  # students: what fewer were told might tell who they are
MOST_MESSAGES, MOST_LINES, LONGEST = 3, 3, 300


@dataclass(frozen=True)
class Said:
    """A message of a test.

    Attributes
    ----------
    text : str
    count : int
        How many students got it, or another one of the same errors.
    errors : tuple of str
        The known errors that it may come from, as the bank of answers calls them.
    """

    text: str
    count: int
    errors: tuple = ()


@dataclass(frozen=True)
class TestSeen:
    """What a class made of a test or of a written question.

    Attributes
    ----------
    lesson, exercise, cell : str
    maximum : float
    written : bool
    graded : int
        How many have a mark of it.
    share : float
        Of its points, earned on average, from 0 to 1; NaN if nobody has a mark.
    passed : float
        Of those graded, who have all its points, from 0 to 1.
    discrimination : float
        Pearson's correlation of its points with those of the lesson's other exercises, from -1 to
        1; NaN where either does not vary.
    doubt : str
        Why it looks wrong; empty if it does not.
    messages : tuple of Said
        The commonest first.
    last : float
        Its ``share`` in the last run of the course; NaN if that is not known.
    """

    __test__ = False  # for pytest

    lesson: str
    exercise: str
    cell: str
    maximum: float
    written: bool
    graded: int
    share: float
    passed: float
    discrimination: float
    doubt: str
    messages: tuple = ()
    last: float = float("nan")


def see_tests(standings, errors=None, last=None):
    """Tell what a class made of each test of a lesson.

    Parameters
    ----------
    standings : sequence of Standing
        Of one lesson.
    errors : KnownErrors, optional
    last : dict of (str, str) to float, optional
        Shares of the last run, by lesson and cell.

    Returns
    -------
    list of TestSeen
        In the lesson's order.
    """
    graded = [it for it in standings if it.given]
    cells = {given.cell: given for it in graded for given in it.given}
    shares = pd.DataFrame(
        [{given.cell: _share(given) for given in it.given} for it in graded],
        columns=list(cells),
        dtype=float,
    )
    return [
        _see(shares, cells, cell, graded, errors, (last or {}).get((graded[0].lesson, cell)))
        for cell in cells
    ]


def _share(given):
    """The share of its points that somebody earned; None if it has no mark."""
    if given.earned is None:
        return None
    return given.earned / given.maximum if given.maximum else 1.0


def _see(shares, cells, cell, graded, errors, last):
    """What a class made of one test."""
    it, own = cells[cell], shares[cell].dropna()
    elsewhere = _elsewhere(shares, cells, it.exercise)[own.index]
    both = own.nunique() > 1 and elsewhere.nunique() > 1
    discrimination = float(own.corr(elsewhere)) if both else float("nan")
    return TestSeen(
        lesson=graded[0].lesson,
        exercise=it.exercise,
        cell=cell,
        maximum=it.maximum,
        written=it.written,
        graded=len(own),
        share=float(own.mean()),
        passed=float((own >= 1).mean()),
        discrimination=discrimination,
        doubt="" if it.written else _doubt(own, elsewhere, discrimination),
        messages=_messages(graded, cell, errors),
        last=float("nan") if last is None else last,
    )


def _elsewhere(shares, cells, exercise):
    """What everybody earned in a lesson's other exercises, as a share of what has marks."""
    others = [name for name, it in cells.items() if it.exercise != exercise]
    weights = pd.Series({name: cells[name].maximum for name in others}, dtype=float)
    there = shares[others]
    return (there * weights).sum(axis=1) / (there.notna() * weights).sum(axis=1)


def _doubt(own, elsewhere, discrimination):
    """Why a test looks wrong; nothing if it does not."""
    failed = own < 1
    if len(own) < FEWEST or failed.sum() < FEWEST_FAILED or not elsewhere.nunique() > 1:
        return ""
    if discrimination < -UNLIKELY / len(own) ** 0.5:
        return "those who do well elsewhere fail it more often than the others"
    best = elsewhere.rank(method="first", ascending=False) <= len(own) / 3
    if failed[best].mean() > 0.5:
        return f"{failed[best].mean():.0%} of the best third elsewhere fail it"
    return ""


def _messages(graded, cell, errors):
    """The commonest messages of a test: those of the same known errors are one."""
    found = defaultdict(list)
    for it in graded:
        for given in it.given:
            if given.cell == cell and given.message and (given.earned or 0) < given.maximum:
                known = errors.find(given.exercise, cell, given.message) if errors else ()
                found[known or _beginning(given.message)].append(_beginning(given.message))
    said = [
        Said(max(texts, key=texts.count), len(texts), key if isinstance(key, tuple) else ())
        for key, texts in found.items()
    ]
    return tuple(sorted(said, key=lambda it: -it.count)[:MOST_MESSAGES])


def _beginning(message):
    """A message's first lines."""
    lines = cleaned(message).strip().split("\n")
    text = "\n".join(lines[:MOST_LINES])
    cut = len(lines) > MOST_LINES or len(text) > LONGEST
    return text[:LONGEST] + " …" * cut
