"""What handing in late costs: nothing, unless ``tool.course.late`` in ``pyproject.toml`` says so.

Marks in the gradebook know nothing of it: what is taken off is told apart from them everywhere.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from course_utils.instructor.course import SETTINGS, CourseError

KEYS = ("grace-minutes", "points-a-day", "percent-a-day", "floor-percent")


@dataclass(frozen=True)
class LateRules:
    """What is taken off for every day that has begun.

    Attributes
    ----------
    grace : timedelta
        What comes so much later costs nothing.
    points : float
    percent : float
        Of the points that the lesson gives.
    floor : float
        Percent of the points that the lesson gives, below which nothing is taken off.
    """

    grace: timedelta = timedelta()
    points: float = 0.0
    percent: float = 0.0
    floor: float = 0.0

    def deduction(self, earned, maximum, late_by):
        """Tell what is taken off.

        Parameters
        ----------
        earned, maximum : float
            Points, and the most that there are.
        late_by : timedelta

        Returns
        -------
        float
            From 0 to ``earned``.
        """
        if late_by <= self.grace:
            return 0.0
        days = math.ceil(late_by / timedelta(days=1))
        taken = days * (self.points + self.percent / 100 * maximum)
        least = min(earned, self.floor / 100 * maximum)
        return round(min(taken, earned - least), 6)


def read_rules(course):
    """Read the rules of a course.

    Parameters
    ----------
    course : Course

    Returns
    -------
    LateRules
        Without any in ``pyproject.toml``, those that take nothing.

    Raises
    ------
    CourseError
        If they are not as they should be.
    """
    table = course.settings.get("late", {})
    unknown = sorted(table.keys() - set(KEYS)) if isinstance(table, dict) else ["late"]
    values = {} if unknown else {key: table.get(key, 0) for key in KEYS}
    wrong = [it for it, value in values.items() if not _is_amount(it, value)] or unknown
    if wrong:
        raise CourseError(
            f"{SETTINGS}: expected in [tool.course.late] lines such as percent-a-day = 10, of "
            f"{', '.join(KEYS)}, with numbers from 0 (percent up to 100); look at {wrong[0]}."
        )
    minutes, points, percent, floor = (float(values[key]) for key in KEYS)
    return LateRules(timedelta(minutes=minutes), points, percent, floor)


def _is_amount(key, value):
    """Whether a value may be a rule's."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    most = 100 if "percent" in key else 1e6
    return number and 0 <= value <= most


def late_by(received, due):
    """Tell by how much something was late.

    Parameters
    ----------
    received, due : str or None
        ISO 8601.

    Returns
    -------
    timedelta or None
        None if that is not known, or it was not.
    """
    if not received or not due:
        return None
    passed = datetime.fromisoformat(received) - datetime.fromisoformat(due)
    return passed if passed > timedelta() else None
