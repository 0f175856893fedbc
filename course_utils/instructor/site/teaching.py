"""The teaching guide has a page for each lesson that there is, and no link to one that waits.

Each page leads to its lesson's slides.
"""

import re

LINK = re.compile(r"\[([^]]+)\]\(/lessons/([\w-]+)\.ipynb\)")
A_LESSON = "[0-9]*.md"
TO_THE_LESSON = "[To the lesson](/lessons/{lesson}.ipynb)"
SLIDES = ' · <a href="../slides/{lesson}.html">Slides</a>'
"""They are no page of Sphinx's, so it knows no other way to them."""


def keep_what_there_is(titles, source):
    """Take out the pages of lessons that the course has not, and the links to these.

    Parameters
    ----------
    titles : collection of str
        The lessons' names.
    source : Path
        The folder of Sphinx's sources; its teaching guide is changed.
    """
    folder = source / "teaching"
    for path in folder.glob(A_LESSON):
        if path.stem not in titles:
            path.unlink()
    for path in folder.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        kept = LINK.sub(lambda it: it[0] if it[2] in titles else it[1], text)
        to_the_lesson = TO_THE_LESSON.format(lesson=path.stem)
        kept = kept.replace(to_the_lesson, to_the_lesson + SLIDES.format(lesson=path.stem))
        path.write_text(kept, encoding="utf-8")
