"""Pages and lists of the site that are made from what the repository says already."""

import re
import shutil

GUIDES = {"docs/instructor.md": "instructor.md", "CONTRIBUTING.md": "contributor.md"}
PICTURES = ("docs/pixels-to-answers.png",)
ROW = re.compile(r"^\| \[[^]]*\]\(notebooks/([\w-]+)/[^)]*\) \| (.*) \|$", re.MULTILINE)
TO_A_FILE = re.compile(r"(?<!`)\[([^]]+)\]\((?!#|https?:)[^)\s]+\)")


def write_prose(course, titles, source):
    """Write the list of lessons, and the guides; copy the pictures.

    Parameters
    ----------
    course : Course
    titles : dict of str to str
        Titles by lessons' names.
    source : Path
        The folder of Sphinx's sources. What a course does not have (a toy may lack a guide) is
        left out.
    """
    subjects = _subjects(course.root / "README.md")
    lines = [
        f"* **[{title}](/lessons/{lesson}.ipynb)**  \n  {subjects.get(lesson, '')}".rstrip()
        for lesson, title in titles.items()
    ]
    (source / "lessons" / "list.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for origin, name in GUIDES.items():
        if (course.root / origin).is_file():
            text = (course.root / origin).read_text(encoding="utf-8")
            # The site has no other file of the repository; its name tells where to look.
            text = TO_A_FILE.sub(r"\1", text)
            (source / "guides" / name).write_text(text, encoding="utf-8")
    for origin in PICTURES:
        if (course.root / origin).is_file():
            shutil.copy(course.root / origin, source)


def _subjects(readme):
    """What each lesson is about, from the table in the README."""
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    return dict(ROW.findall(text))
