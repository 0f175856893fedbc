"""What students are called on a page: by their names, or by numbers that tell nobody's name."""

from random import SystemRandom

from course_utils.instructor.plain_text import cleaned


def call_people(standings, anonymous):
    """Give everybody something to be called by, the same wherever they stand.

    Parameters
    ----------
    standings : sequence of Standing
        Of any lessons.
    anonymous : bool
        Whether to draw numbers, anew with every call, in place of names.

    Returns
    -------
    dict of str to str
        By student id, in the order in which to list them.
    """
    names = {it.student: it.name for it in standings}
    if anonymous:
        students = list(names)
        SystemRandom().shuffle(students)
        return {student: f"student {number}" for number, student in enumerate(students, start=1)}
    called = {
        student: cleaned(f"{name} ({student})" if name and name != student else student)
        for student, name in names.items()
    }
    return dict(sorted(called.items(), key=lambda it: it[1].casefold()))
