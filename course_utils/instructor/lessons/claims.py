"""What a lesson's prose claims and why it is true: one file a lesson, beside the tests."""

import yaml

CLAIMS = ("tests", "notebooks", "claims")
"""Below the course's root."""


def claims_file(course, lesson):
    """Where the claims of a lesson stand.

    Parameters
    ----------
    course : Course
    lesson : str

    Returns
    -------
    Path
        It need not exist.
    """
    return course.root.joinpath(*CLAIMS, f"{lesson}.yaml")


def read_claims(course, lesson):
    """Read the claims of a lesson.

    Parameters
    ----------
    course : Course
    lesson : str

    Returns
    -------
    list of dict
        As they are written: a claim ``says`` something of the lesson, a measured number has a
        ``name``. Empty if there is no file.
    """
    path = claims_file(course, lesson)
    return (path.is_file() and yaml.safe_load(path.read_text(encoding="utf-8"))) or []
