"""Set when lessons are due, for everybody or for some, and judge anew what has been collected."""

from datetime import UTC

from course_utils.instructor.collect.attempts import (
    judge,
    read_extensions,
    read_list,
    write_dates,
    write_extensions,
    write_list,
)
from course_utils.instructor.collect.collect import alone


def set_dates(course, dates, students=None):
    """Set until when lessons may be handed in.

    Parameters
    ----------
    course : Course
    dates : dict of str to datetime
        By lesson.
    students : sequence of str, optional
        Whose dates these are; everybody's, if none is given. Others keep theirs.

    Raises
    ------
    CourseError
        If what is kept is damaged, or something is being collected.
    OSError
        If it cannot be written.
    """
    with alone(course):
        extensions = read_extensions(course)
        for lesson, date in dates.items():
            if students:
                own = extensions.setdefault(lesson, {})
                own |= dict.fromkeys(students, date.astimezone(UTC))
        if students:
            write_extensions(course, extensions)
        else:
            write_dates(course, {lesson: date.astimezone(UTC) for lesson, date in dates.items()})
        for lesson, date in dates.items():
            collected, due = read_list(course, lesson)
            due = due if students else date.astimezone(UTC)
            if collected:
                judged = judge(course, collected, due, extensions.get(lesson))
                write_list(course, lesson, judged, due)
