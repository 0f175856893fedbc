"""Times as Moodle writes them, in the language that somebody has set there."""

import re
from datetime import datetime
from functools import cache

from babel.core import UnknownLocaleError
from babel.dates import get_month_names

from course_utils.instructor.collect.columns import LANGUAGES

LOCALES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "nn", "fi", "cs")
LOCALES += ("sk", "ru", "uk", "tr", "hu", "el", "ro", "ca", "gl", "eu", "bg", "lt")
LOCALES += ("lv", "et", "id", "vi", "ga", "cy", "is")
CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:.h](\d\d)(?!\d)\s*([ap])?\.?\s?m?", re.IGNORECASE)
EASTERN = re.compile(r"(\d{4})\s*[年년/-]\s*(\d{1,2})\s*[月월/-]\s*(\d{1,2})")
AFTERNOON = ("午後", "下午", "오후")
DURATION = re.compile(rf"\d+\s*(?:{'|'.join(LANGUAGES['words']['durations'])})\b", re.IGNORECASE)
"""How late Moodle says that something is, as in "2 days 3 hours late"."""


def read_time(text):
    """Read a time.

    Parameters
    ----------
    text : str
        As in ``"Sonntag, 22. November 2026, 15:45"``; what stands around it does not matter.

    Returns
    -------
    datetime or None
        Without a zone, for Moodle tells none; None if there is none in it.
    """
    clock = CLOCK.search(text)
    day = _day(text[: clock.start()] if clock else text) or (_day(text) if clock else None)
    if not day:
        return None
    hour, minute = (int(clock[1]), int(clock[2])) if clock else (0, 0)
    half = (clock[3] or "").lower() if clock else ""
    afternoon = half == "p" or any(it in text for it in AFTERNOON)
    if half or afternoon:
        hour = hour % 12 + 12 * afternoon
    try:
        return datetime(*day, hour, minute)
    except ValueError:
        return None


def tells_lateness(text):
    """Tell whether a status says by how long something is late.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
    """
    return DURATION.search(text) is not None


def _day(text):
    """Year, month and day; nothing if they are not there."""
    eastern = EASTERN.search(text)
    if eastern:
        return tuple(map(int, eastern.groups()))
    year = re.search(r"(?<!\d)(\d{4})(?!\d)", text)
    day = re.search(r"(?<!\d)(\d{1,2})(?!\d)", text)
    months = [_months()[it] for it in _words(text) if it in _months()]
    return (int(year[1]), months[-1], int(day[1])) if year and day and months else None


def _words(text):
    """Words of a text, without the dots of short forms."""
    return re.findall(r"[^\W\d_]+", text.casefold())


@cache
def _months():
    """Numbers of months by their names, of which no language's means another's other one."""
    found = {}
    for language in LOCALES:
        for width in ("wide", "abbreviated"):
            for form in ("format", "stand-alone"):
                try:
                    names = get_month_names(width, form, language)
                except UnknownLocaleError:
                    continue
                for number, name in names.items():
                    for word in _words(name)[-1:]:
                        found.setdefault(word, set()).add(number)
    return {word: numbers.pop() for word, numbers in found.items() if len(numbers) == 1}
