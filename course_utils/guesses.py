"""How far a guess is from what came, whatever somebody has guessed; in words that never scold."""

import math
import re
import reprlib
import statistics
from dataclasses import dataclass

import numpy as np

LONGEST = 60
"""Characters of a guess or an outcome that are shown."""
MOST = 12
"""Entries of an order that are shown."""
YES_OR_NO = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
NUMBER = r"[+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
PERCENT = r"\s*(%|per ?cent)?"
ONE_NUMBER = re.compile(rf"[~≈]?\s*({NUMBER}){PERCENT}")
TWO_NUMBERS = re.compile(rf"({NUMBER}){PERCENT}\s*(?:to|-|–)\s*({NUMBER}){PERCENT}")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
OPEN, NUMERIC, RANGE, ORDER, WORDS, OTHER = "open", "number", "range", "order", "words", "other"
ADVICE = {
    NUMERIC: "write a number, or a range such as (0.4, 0.6)",
    ORDER: "write them in a row, such as (3, 1, 2)",
    WORDS: "write a word in quotation marks",
    "yes or no": "write True or False",
}

_brief = reprlib.Repr()
_brief.maxstring = _brief.maxother = _brief.maxlong = LONGEST


@dataclass(frozen=True)
class Judgement:
    """A guess beside what came.

    Attributes
    ----------
    kind : str
        What the guess was understood as: one of the constants ``OPEN`` to ``OTHER``.
    said, came : str
        Both in short words; ``said`` is empty if the question was left open.
    verdict : str
        How far off the guess was; empty if there is nothing to say.
    right : bool
        Whether the guess says what came.
    distance : float or None
        Of a single number, its distance as a share of what came.
    advice : str
        What kind of guess would have been understood, if this one was not.
    """

    kind: str
    said: str
    came: str
    verdict: str = ""
    right: bool = False
    distance: float | None = None
    advice: str = ""

    def __str__(self):
        """One line."""
        if self.kind == OPEN:
            return f"You left this one open; it was {self.came}."
        if self.right and self.kind in (WORDS, ORDER):
            return f"You said {self.said}, and so it was."
        verdict = f": {self.verdict}" if self.verdict else ""
        advice = f" To see how far off that was, {self.advice}." if self.advice else ""
        return f"You said {self.said}; it was {self.came}{verdict}.{advice}"


def judge(guess, outcome, form=None):
    """Hold a guess against what came.

    Parameters
    ----------
    guess : object
        None, a number, a range (two numbers), a text, a yes or no, an order (list or tuple). A
        number may be a text such as ``"53 %"``. Anything else is shown, and not compared.
    outcome : object
        A number, a text, a yes or no, or an order; scalars of NumPy and Keras, too.
    form : str, optional
        How numbers are shown, in Python's format language. If it ends with ``%``, a guess from 1 to
        100 is taken as a percentage.

    Returns
    -------
    Judgement
        Nothing is ever raised because of a guess or an outcome.
    """
    try:
        return _judge(guess, outcome, form)
    except Exception:  # a class of somebody's own may fail at anything, even at being compared
        return Judgement(OTHER, _anything(guess), _anything(outcome))


def _judge(guess, outcome, form):
    """The judgement, by the kind of what came."""
    if guess is None:
        return Judgement(OPEN, "", _words(outcome, form))
    for read, kind, compare in (
        (_yes_or_no, "yes or no", _judge_yes_or_no),
        (_number, NUMERIC, _judge_number),
        (_order, ORDER, _judge_order),
        (_text, WORDS, _judge_words),
    ):
        came = read(outcome) if kind == WORDS or not isinstance(outcome, str) else None
        if came is not None:
            other = Judgement(OTHER, _words(guess), _words(outcome, form), advice=ADVICE[kind])
            return compare(guess, came, form) or other
    return Judgement(OTHER, _words(guess), _words(outcome, form))


def _judge_yes_or_no(guess, came, form):
    said = _yes_or_no(guess)
    if said is None:
        return None
    verdict = "" if said == came else "the other way round"
    return Judgement(WORDS, _words(said), _words(came), verdict, said == came)


def _judge_number(guess, came, form):
    number, pair = _number(guess), _range(guess)
    if number is not None:
        return _judge_single(_as_share(number, came, form), came, form)
    if pair is not None:
        return _judge_range(sorted(_as_share(it, came, form) for it in pair), came, form)
    return None


def _judge_single(number, came, form):
    said, shown, off = _in_form(number, form), _in_form(came, form), number - came
    if said == shown:
        verdict = "spot on"
    elif number >= 0 and came >= 0 and number == int(number) and came == int(came):
        verdict = f"{_whole(abs(off))} too {'many' if off > 0 else 'few'}"
    else:
        verdict = f"{_distance(off, form)} too {'high' if off > 0 else 'low'}"
    distance = abs(off / came) if came else (None if off else 0.0)
    return Judgement(NUMERIC, said, shown, verdict, said == shown, distance)


def _judge_range(ends, came, form):
    low, high = (_in_form(end, form) for end in ends)
    shown = _in_form(came, form)
    inside = ends[0] <= came <= ends[1] or shown in (low, high)
    if inside:
        verdict = "inside your range"
    elif came > ends[1]:
        verdict = f"{_distance(came - ends[1], form)} above your range"
    else:
        verdict = f"{_distance(ends[0] - came, form)} below your range"
    return Judgement(RANGE, f"{low} to {high}", shown, verdict, inside)


def _judge_order(guess, came, form):
    said = guess.split(",") if isinstance(guess, str) and "," in guess else _order(guess)
    if said is None:
        return None
    hits = sum(map(_same, said, came))
    right = hits == len(said) == len(came)
    verdict = "" if right else f"{hits} of {len(came)} in their place"
    return Judgement(ORDER, _words(said), _words(came, form), verdict, right)


def _judge_words(guess, came, form):
    said = _text(guess)
    if said is None:
        return None
    right = _plain(said) == _plain(came)
    sentence = max(len(said.split()), len(came.split())) > 2
    verdict = "" if right else "compare the two yourself" if sentence else "something else"
    return Judgement(WORDS, _words(said), _words(came), verdict, right)


def _yes_or_no(value):
    """A bool, or None if the value is none."""
    if isinstance(value, str):
        return YES_OR_NO.get(_plain(value))
    value = _scalar(value)
    return value if isinstance(value, bool) else None


def _number(value):
    """A finite int or float, or None if the value is none."""
    if isinstance(value, str):
        match = ONE_NUMBER.fullmatch(value.strip())
        return _read(match[1], match[2]) if match else None
    value = _scalar(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < 1e300 and math.isfinite(value) else None


def _range(value):
    """Two finite numbers, or None if the value is none."""
    if isinstance(value, str):
        match = TWO_NUMBERS.fullmatch(value.strip())
        percent = match and (match[2] or match[4])
        return [_read(match[1], percent), _read(match[3], percent)] if match else None
    entries = _order(value)
    if entries is None or len(entries) != 2:
        return None
    numbers = [_number(entry) for entry in entries]
    return None if None in numbers else numbers


def _order(value):
    """A list of entries, or None if the value is none."""
    if isinstance(value, list | tuple | range):
        return list(value)
    if hasattr(value, "__array__") and np.ndim(value) == 1:
        return np.asarray(value).tolist()
    return None


def _text(value):
    """A text on one line, or None if the value is none."""
    value = _scalar(value)
    return " ".join(value.split()) if isinstance(value, str) else None


def _scalar(value):
    """The plain Python value of what NumPy, Keras or pandas wrap; anything else as it is."""
    return (
        np.asarray(value).item() if hasattr(value, "__array__") and np.size(value) == 1 else value
    )


def _read(digits, percent):
    """The number that digits mean, with a comma for thousands or for a decimal point."""
    number = float(THOUSANDS.sub("", digits).replace(",", "."))
    number = number / 100 if percent else number
    return int(number) if number == int(number) else number


def _as_share(number, came, form):
    """53 for what is shown in percent means 0.53."""
    percent = isinstance(form, str) and form.endswith("%")
    return number / 100 if percent and abs(came) <= 1 < number <= 100 else number


def _same(entry, other):
    """Whether two entries of an order say the same."""
    numbers = _number(entry), _number(other)
    if None in numbers:
        return _plain(str(entry)) == _plain(str(other))
    return math.isclose(*numbers)


def _plain(text):
    """A text without what does not matter: case, quotation marks, a full stop."""
    return text.strip().strip("'\"“”.!").casefold()


def _words(value, form=None):
    """Any value in short words."""
    truth, number = _scalar(value), None if isinstance(value, str) else _number(value)
    if isinstance(truth, bool):
        return "yes" if truth else "no"
    if number is not None:
        return _in_form(number, form)
    entries = _order(value)
    if entries is not None:
        more = ", …" if len(entries) > MOST else ""
        return _short(", ".join(_words(it, form) for it in entries[:MOST])) + more
    text = _text(value)
    if text is None:
        return _anything(value)
    return f"“{_short(text)}”" if " " in text else _short(text)


def _anything(value):
    """Any value in short words, however odd it is."""
    try:
        return _short(" ".join(_brief.repr(value).split()))
    except Exception:
        return f"something of type {type(value).__name__}"


def _short(text):
    """A text, or the beginning of one that is too long."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _in_form(number, form):
    """A number as the lesson wants it shown, or as suits it."""
    whole = number == int(number)
    for value in (number, int(number)) if whole else (number,):
        try:
            return _short(_unsigned_zero(format(value, form))) if form else _plainly(number, whole)
        except (TypeError, ValueError):
            continue
    return _plainly(number, whole)


def _unsigned_zero(shown):
    """What rounds to zero has no sign: 0, not -0."""
    return shown.replace("-", "") if not shown.strip(" -+0.,%") else shown


def _plainly(number, whole):
    """A number with three digits that count, or whole."""
    if abs(number) >= 1e15 or 0 < abs(number) < 1e-4:
        return f"{number:.3g}"
    return f"{number:,.0f}" if whole or abs(number) >= 1000 else f"{number:.3g}"


def _whole(count):
    """A small count in words."""
    return "one" if count == 1 else _plainly(count, True)


def _distance(off, form):
    """The size of a distance; between percentages it is in points."""
    size = abs(off)
    if isinstance(form, str) and form.endswith("%"):
        return f"{_in_form(size, form)[:-1]} points"
    return _in_form(size, form)


def typical_distance(judgements):
    """The median distance of single numbers, as a share of what came.

    Parameters
    ----------
    judgements : iterable of Judgement

    Returns
    -------
    float or None
        None if there is no single number.
    """
    distances = [it.distance for it in judgements if it.distance is not None]
    return statistics.median(distances) if distances else None
