"""A new lesson to begin from: short, and such that it passes every gate.

It has one of each: an idea, a prediction, an exercise with its bank, a question that a person
reads, and what stands at the end. Whoever writes the lesson replaces all of it and keeps the form.
"""

import re
from pathlib import Path

from course_utils.instructor.course import CourseError

TEMPLATES = Path(__file__).parent
EXERCISE = "share_of"
"""The one in the templates."""
NAME = re.compile(r"\d\d(-[a-z0-9]+)+")
ROW = re.compile(r"^\| \[(?P<number>\d\d) · .*\n", re.MULTILINE)
SUBJECT = "what it is about, in the words of a table"
NO_NUMBERS = """\
# Numbers in the prose of {lesson}; see ../test_claims.py for what is looked for, and the kinds.
[]
"""


def make_lesson(course, lesson, title):
    """Write a new lesson: Markdown and notebook, bank, registry, and a line in the README.

    Parameters
    ----------
    course : Course
    lesson : str
        Such as ``"15-what-next"``.
    title : str
        Such as ``"What next?"``.

    Returns
    -------
    list of Path
        What was written or changed.

    Raises
    ------
    CourseError
        If there is such a lesson already, or one with that number, or the name will not do.
    """
    _check(course, lesson, title)
    tests = course.root / "tests"
    markdown = course.source(lesson).with_suffix(".md")
    texts = {
        markdown: _filled("lesson.md", lesson, title),
        tests / "grading" / "bank" / lesson / f"{EXERCISE}.yaml": _filled(
            "bank.yaml", lesson, title
        ),
        tests / "notebooks" / "claims" / f"{lesson}.yaml": NO_NUMBERS.format(lesson=lesson),
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    _write_notebook(markdown)
    return [*texts, course.source(lesson), *_enter_in_readme(course, lesson, title)]


def _check(course, lesson, title):
    """Refuse a name or a title that will not do."""
    if not NAME.fullmatch(lesson):
        raise CourseError(
            f"Expected a name such as 15-what-next: two digits, then words in small letters, with "
            f"hyphens between them; got {lesson!r}."
        )
    if not title.strip() or set(title) & set("[]|\n"):
        raise CourseError(f"Expected a title such as 'What next?'; got {title!r}.")
    taken = sorted(course.notebooks.glob(f"{lesson[:2]}-*"))
    if taken:
        raise CourseError(
            f"{taken[0].name} has this number already. Take another, or make room first: "
            "python tests/notebooks/rename.py"
        )


def _filled(name, lesson, title):
    """A template with what is this lesson's own."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    number = str(int(lesson[:2]))
    for mark, own in {"LESSON": lesson, "NUMBER": number, "TITLE": title.strip()}.items():
        text = text.replace(f"<{mark}>", own)
    return text


def _write_notebook(markdown):
    """Make the notebook from the Markdown, as ``make pair`` does."""
    from jupytext.cli import jupytext  # takes a second, which `course --help` need not wait for

    jupytext(["--quiet", "--to", "ipynb", "--update", str(markdown)])


def _enter_in_readme(course, lesson, title):
    """Put the lesson in its place in the README's table; what has no such table stays as it is."""
    readme = course.root / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    rows = list(ROW.finditer(text))
    if not rows:
        return []
    place = next((it.start() for it in rows if it["number"] > lesson[:2]), rows[-1].end())
    link = f"[{lesson[:2]} · {title.strip()}](notebooks/{lesson}/{lesson}.md)"
    row = f"| {link} | {SUBJECT} |\n"
    readme.write_text(text[:place] + row + text[place:], encoding="utf-8")
    return [readme]
