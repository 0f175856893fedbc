"""What a lesson claims that only a run can tell: numbers by name, and expectations."""

from dataclasses import dataclass

import numpy as np

from course_utils.instructor.course import CourseError
from course_utils.instructor.lessons.claims import claims_file, read_claims
from course_utils.session import PROFILES


@dataclass(frozen=True)
class Number:
    """A number that is measured.

    Attributes
    ----------
    name : str
    expression : str
        Python, over the lesson's variables at the end of its experiments, and ``np``.
    """

    name: str
    expression: str


@dataclass(frozen=True)
class Expectation:
    """A sentence that has to be true.

    Attributes
    ----------
    sentence : str
        As it stands in the lesson.
    predicate : str
        Python, like a number's.
    profiles : tuple of str
        Where it has to hold.
    """

    sentence: str
    predicate: str
    profiles: tuple = PROFILES


def read(course, lesson):
    """Read the numbers and expectations of a lesson.

    Parameters
    ----------
    course : Course
    lesson : str

    Returns
    -------
    (list of Number, list of Expectation)

    Raises
    ------
    CourseError
        If there are no claims, or one is no Python.
    """
    path = claims_file(course, lesson)
    if not path.is_file():
        raise CourseError(f"{lesson} claims nothing yet: write {path.relative_to(course.root)}.")
    claims = read_claims(course, lesson)
    numbers = [Number(it["name"], it["value"]) for it in claims if "name" in it]
    expectations = [
        Expectation(it["says"], it["holds"], tuple(it.get("profiles", PROFILES)))
        for it in claims
        if "holds" in it
    ]
    for code in [it.expression for it in numbers] + [it.predicate for it in expectations]:
        _check(path, code)
    return numbers, expectations


def sentences_about(course, lesson, name):
    """Give the phrases of a lesson that claim a number.

    Parameters
    ----------
    course : Course
    lesson : str
    name : str

    Returns
    -------
    list of str
    """
    return [it["says"] for it in read_claims(course, lesson) if it.get("measured") == name]


def value(expression, variables):
    """Work out an expression.

    Parameters
    ----------
    expression : str
    variables : dict

    Returns
    -------
    object

    Raises
    ------
    CourseError
        If it cannot be worked out, with the reason.
    """
    try:
        return eval(expression, {"np": np, **variables})
    except Exception as error:  # whatever the expression raises
        raise CourseError(
            f"{expression!r} cannot be worked out from the lesson's plain variables: "
            f"{type(error).__name__}: {error}. Only numbers, texts, small arrays and lists or "
            "mappings of them are kept; let the lesson, or the claim, name one of them."
        ) from None


def _check(path, code):
    """Refuse what is no expression."""
    try:
        compile(code, path.name, "eval")
    except (SyntaxError, TypeError) as error:
        raise CourseError(f"{path.name}: {code!r} is no Python expression: {error}.") from None
