"""What students stumble over: wrong answers of the bank, with what one reads when it happens."""

import yaml

from course_utils.instructor.lessons.exercises import VISIBLE

BANK = "tests/grading/bank"
"""Below the course's root: one folder a lesson, one file an exercise."""
NONE = "Nothing is known yet."


def write_stumbles(course, lessons, source):
    """Write, for each lesson, the mistakes that its visible tests find.

    Those that only hidden tests find are left out: what the tests say would give them away.

    Parameters
    ----------
    course : Course
    lessons : iterable of str
    source : Path
        The folder of Sphinx's sources.
    """
    folder = source / "teaching" / "stumbles"
    folder.mkdir(parents=True, exist_ok=True)
    for lesson in lessons:
        parts = map(_exercise, sorted((course.root / BANK / lesson).glob("*.yaml")))
        text = "\n\n".join(filter(None, parts)) or NONE
        (folder / f"{lesson}.txt").write_text(f"{text}\n", encoding="utf-8")


def _exercise(path):
    """The mistakes in one exercise, as a list; empty if there are none."""
    bank = yaml.safe_load(path.read_text(encoding="utf-8"))
    visible = f"{bank['exercise']}{VISIBLE}"
    items = [
        f"* {it['name']}: *“{it['says'].strip()}”*"
        for it in bank.get("wrong", ())
        if it.get("says") and it["marks"].get(visible) == 0
    ]
    return "\n".join([f"**{bank['exercise']}**", "", *items]) if items else ""
