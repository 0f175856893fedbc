"""Grade submissions with nbgrader, one at a time: one that cannot be graded stops no other."""

import re
from dataclasses import dataclass

from course_utils.instructor.course import CourseError


@dataclass(frozen=True)
class Result:
    """What grading one submission came to.

    Attributes
    ----------
    student, lesson : str
    marks : tuple of Mark
        Sorted by cell; empty if it could not be graded.
    problem : str
        Why it could not be graded, in one line; empty if it was.
    """

    student: str
    lesson: str
    marks: tuple = ()
    problem: str = ""

    @property
    def earned(self):
        """Points earned from tests."""
        return sum(mark.earned or 0 for mark in self.marks if not mark.written)

    @property
    def maximum(self):
        """Most points that tests give."""
        return sum(mark.maximum for mark in self.marks if not mark.written)

    @property
    def earned_by_hand(self):
        """Points that someone has given to written answers."""
        return sum(mark.earned or 0 for mark in self.marks if mark.written)

    @property
    def by_hand(self):
        """Most points of what someone has to grade: written answers, and deleted tests."""
        return sum(mark.maximum for mark in self.marks if mark.earned is None)


def submissions(course, lessons, student=None):
    """List who handed in what.

    Parameters
    ----------
    course : Course
    lessons : sequence of str
    student : str, optional
        List this student's submissions only.

    Returns
    -------
    list of (str, str)
        Student and lesson, in this order, for every folder in ``course.submitted``.

    Raises
    ------
    CourseError
        If nobody, or not this student, handed in anything for these lessons.
    """
    found = [
        (folder.name, lesson)
        for folder in sorted(course.submitted.glob("*"))
        for lesson in lessons
        if (folder / lesson).is_dir() and student in (None, folder.name)
    ]
    if not found:
        raise CourseError(
            f"No submission of {student or 'any student'} was found for {', '.join(lessons)}. "
            f"Expected notebooks such as {course.submission(student or 'STUDENT', lessons[0])}."
        )
    return found


def grade(course, student, lesson):
    """Grade one submission, again if it has been graded before.

    Parameters
    ----------
    course : Course
    student, lesson : str

    Returns
    -------
    Result
        With the marks in the gradebook, or why there are none.

    Raises
    ------
    CourseError
        If there is no such submission.
    """
    from nbgrader.converters import Autograde

    from course_utils.instructor.converters import ConversionError, convert
    from course_utils.instructor.gradebook import has_marks, read_marks

    if not (course.submitted / student / lesson).is_dir():
        raise CourseError(
            f"{student} has handed in nothing for {lesson}; expected "
            f"{course.submission(student, lesson)}."
        )
    problem = _obstacle(course, student, lesson)
    if not problem:
        try:
            convert(Autograde, course, lesson, student)
        except ConversionError as error:
            problem = str(error)
    if problem and has_marks(course.gradebook_url, student, lesson):
        problem += " The gradebook still holds the marks of an earlier version."
    if problem:
        return Result(student, lesson, problem=problem)
    return Result(student, lesson, marks=read_marks(course.gradebook_url, student, lesson))


def _obstacle(course, student, lesson):
    """What nbgrader could not cope with, and what to do about it; nothing if it can."""
    if not course.released(lesson).is_file():
        return f"{lesson} has not been released. Run: course release {lesson}"
    if re.search(r"[][*?]", student):
        return f"nbgrader cannot find a folder with [, ], * or ? in its name. Rename {student!r}."
    expected = course.submission(student, lesson)
    if not expected.is_file():
        found = ", ".join(sorted(path.name for path in expected.parent.iterdir())) or "nothing"
        return f"expected {expected.name}; found {found}. Rename the notebook."
    return ""
