"""What students stumble over: wrong answers of the bank, with what one reads when it happens."""

from course_utils.instructor.lessons.bank import read_bank
from course_utils.instructor.lessons.exercises import VISIBLE

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
        parts = (_exercise(name, its["wrong"]) for name, its in read_bank(course, lesson).items())
        text = "\n\n".join(filter(None, parts)) or NONE
        (folder / f"{lesson}.txt").write_text(f"{text}\n", encoding="utf-8")


def _exercise(name, wrong):
    """The mistakes in one exercise, as a list; empty if there are none."""
    visible = f"{name}{VISIBLE}"
    items = [
        f"* {it['name']}: *“{it['says'].strip()}”*"
        for it in wrong
        if it.get("says") and it["marks"].get(visible) == 0
    ]
    return "\n".join([f"**{name}**", "", *items]) if items else ""
