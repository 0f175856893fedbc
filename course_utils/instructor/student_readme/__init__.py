"""What students read first: how to open a lesson, how to work on it, and how to hand it in."""

from pathlib import Path

HERE = Path(__file__).parent


def readme_of_repository(titles):
    """Write the README of all lessons.

    Parameters
    ----------
    titles : dict of str to str
        Titles of the lessons by name.

    Returns
    -------
    str
    """
    rows = (
        f"| {title.replace('|', ' ')} | [{name}.ipynb]({name}/{name}.ipynb) "
        f"| [{name}.zip]({name}.zip) |"
        for name, title in titles.items()
    )
    return _filled("repository.md", lessons="\n".join(rows))


def readme_of_lesson(lesson, title):
    """Write the README in the zip of one lesson.

    Parameters
    ----------
    lesson, title : str

    Returns
    -------
    str
    """
    return _filled("lesson.md", lesson=lesson, title=title)


def _filled(name, **values):
    """A text of ours with these values in it, and with what all of them say."""
    text = (HERE / name).read_text(encoding="utf-8")
    return text.format(both=(HERE / "both.md").read_text(encoding="utf-8"), **values)
