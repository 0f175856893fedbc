"""The bank of answers that the course's graders are tested with, where a course has one."""

import yaml

from course_utils.instructor.course import CourseError

BANK = ("tests", "grading", "bank")


def read_bank(course, lesson):
    """Read the answers to a lesson's exercises.

    Parameters
    ----------
    course : Course
    lesson : str

    Returns
    -------
    dict of str to (dict of str to list of dict)
        By exercise, then ``right`` and ``wrong``; empty where the course has no bank.

    Raises
    ------
    CourseError
        If a file of the bank is damaged.
    """
    found = {}
    for path in sorted(course.root.joinpath(*BANK, lesson).glob("*.yaml")):
        try:
            bank = yaml.safe_load(path.read_text(encoding="utf-8"))
            found[bank["exercise"]] = {
                kind: list(bank.get(kind, ())) for kind in ("right", "wrong")
            }
        except (yaml.YAMLError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
            raise CourseError(f"{path} is damaged ({error}). Mend it.") from error
    return found
