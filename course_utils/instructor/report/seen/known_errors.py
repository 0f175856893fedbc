"""Which known errors a test's message may come from, as the bank of answers has them."""

from dataclasses import dataclass

import yaml

from course_utils.instructor.course import CourseError

BANK = ("tests", "grading", "bank")


@dataclass(frozen=True)
class KnownErrors:
    """The wrong answers in a lesson's bank.

    Attributes
    ----------
    wrong : dict of str to list of dict
        By exercise: each has a ``name``, its ``marks`` by cell and what the test ``says``.
    """

    wrong: dict

    def find(self, exercise, cell, message):
        """Name the errors whose message this is.

        Parameters
        ----------
        exercise, cell, message : str

        Returns
        -------
        tuple of str
            Empty if it is a message of none.
        """
        return tuple(
            it["name"]
            for it in self.wrong.get(exercise, ())
            if it["marks"].get(cell) == 0 and it.get("says") and it["says"] in message
        )


def read_known_errors(course, lesson):
    """Read the wrong answers in a lesson's bank.

    Parameters
    ----------
    course : Course
    lesson : str

    Returns
    -------
    KnownErrors
        Without any where the course has no bank.

    Raises
    ------
    CourseError
        If a file of the bank is damaged.
    """
    wrong = {}
    for path in sorted(course.root.joinpath(*BANK, lesson).glob("*.yaml")):
        try:
            bank = yaml.safe_load(path.read_text(encoding="utf-8"))
            wrong[bank["exercise"]] = list(bank["wrong"])
        except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError) as error:
            raise CourseError(f"{path} is damaged ({error}). Mend it.") from error
    return KnownErrors(wrong)
