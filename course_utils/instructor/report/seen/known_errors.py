"""Which known errors a test's message may come from, as the bank of answers has them."""

from dataclasses import dataclass

from course_utils.instructor.lessons.bank import read_bank


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
    bank = read_bank(course, lesson)
    return KnownErrors({exercise: its["wrong"] for exercise, its in bank.items()})
