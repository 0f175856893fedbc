"""The page *What you should see*: how long a run took, and what was measured over several seeds."""

from statistics import mean

from course_utils.instructor.lessons.claims import read_claims
from course_utils.instructor.site.pages import PROFILES

NONE = "Nothing has been measured over several seeds yet."


def write_should_see(course, titles, shown, source):
    """Write what a reader can compare a run with.

    Parameters
    ----------
    course : Course
    titles : dict of str to str
        Titles by lessons' names.
    shown : dict of str to (Results or None)
        What the pages show.
    source : Path
        The folder of Sphinx's sources.
    """
    parts = [_times(titles, shown)]
    for lesson, title in titles.items():
        rows = _measured(read_claims(course, lesson))
        table = _table(["the text says", "runs", "lowest", "mean", "highest", "on"], rows)
        parts.append(f"## {title}\n\n[To the lesson](/lessons/{lesson}.ipynb)\n\n")
        parts[-1] += table if rows else NONE
    (source / "should-see.txt").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _times(titles, shown):
    """How long the runs took whose results the site shows."""
    rows = [
        [title, f"{it.seconds:.0f} s", it.device, it.profile, it.day]
        for title, it in ((titles[lesson], it) for lesson, it in shown.items())
        if it
    ]
    table = _table(["lesson", "time", "device", "profile", "date"], rows)
    meaning = "; ".join(f"*{name}*: {words}" for name, words in PROFILES.items())
    return f"## Times of the runs shown here\n\n{table}\n\nProfiles are {meaning}."


def _measured(claims):
    """Rows of what was measured for a lesson, of those claims that hold their runs."""
    rows = []
    for claim in claims:
        it = claim.get("measured") or claim.get("timed")
        if isinstance(it, dict) and it.get("runs"):
            runs = it["runs"]
            numbers = [f"{value:.4g}" for value in (min(runs), mean(runs), max(runs))]
            where = f"{it['device']}; {it['versions']}; {it['date']}"
            rows.append([f"“{claim['says']}”", str(len(runs)), *numbers, where])
    return rows


def _table(head, rows):
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text):
    """A text that stays within its cell."""
    return text.replace("|", "\\|").replace("\n", " ")
