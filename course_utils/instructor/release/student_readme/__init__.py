"""What students read first: how to open a lesson, how to work on it, and how to hand it in."""

from pathlib import Path

from course_utils.instructor.release import colab

HERE = Path(__file__).parent


def readme_of_repository(titles, publication=None):
    """Write the README of all lessons.

    Parameters
    ----------
    titles : dict of str to str
        Titles of the lessons by name.
    publication : Publication, optional
        Where the release will be published; without it, Colab is not mentioned.

    Returns
    -------
    str
    """
    rows = [["lesson", "notebook", "to download"], ["---"] * 3]
    for name, title in titles.items():
        rows.append(
            [
                title.replace("|", " "),
                f"[{name}.ipynb]({name}/{name}.ipynb)",
                f"[{name}.zip]({name}.zip)",
            ]
        )
    if publication:
        badges = [colab.badge(name, publication) for name in titles]
        rows = [[*row, more] for row, more in zip(rows, ["in Colab", "---", *badges], strict=True)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    how = "Click the badge of the lesson in the table above."
    return _filled("repository.md", publication, how, lessons=table)


def readme_of_lesson(lesson, title, publication=None):
    """Write the README in the zip of one lesson.

    Parameters
    ----------
    lesson, title : str
    publication : Publication, optional
        Where the release will be published; without it, Colab is not mentioned.

    Returns
    -------
    str
    """
    how = ""
    if publication:
        how = (
            f"{colab.badge(lesson, publication)} opens the lesson. If you have begun already, open "
            "<https://colab.research.google.com> instead, choose *Upload*, and take your own "
            f"`{lesson}.ipynb`."
        )
    return _filled("lesson.md", publication, how, lesson=lesson, title=title)


def _filled(name, publication, how, **values):
    """A text of ours with these values in it, and with what all of them say."""
    shared = {it: (HERE / f"{it}.md").read_text(encoding="utf-8") for it in ("both", "colab")}
    shared["colab"] = shared["colab"].format(how=how) if publication else ""
    return (HERE / name).read_text(encoding="utf-8").format(**shared, **values)
