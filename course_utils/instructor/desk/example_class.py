"""A little class of three students whose marks are known, to show and to check grading.

The class has a build folder of its own, ``build/example-class``, with its own submissions and
gradebook, which is made anew every time. Real submissions lie in ``build/submitted`` and real
marks in ``build/gradebook.db``; neither is touched.
"""

import shutil

import nbformat

from course_utils.instructor.course import choose_lessons
from course_utils.instructor.lessons.exercises import inject, read_exercises, read_source
from course_utils.instructor.release.release import generate

FOLDER = "example-class"
STUDENTS = ("perfect", "partly-right", "untouched")


def make_example_class(course, lessons):
    """Hand in for the three students: every answer right, every other one right, none touched.

    Parameters
    ----------
    course : Course
        The real course; only ``build/example-class`` below its build folder is written to.
    lessons : sequence of str
        Names of lessons; none means every lesson.

    Returns
    -------
    Course
        The same lessons with the example class's build folder, ready to grade.

    Raises
    ------
    CourseError
        If there is no such lesson, or its notebook is damaged.
    """
    lessons = choose_lessons(course, lessons)
    example = course.with_build(course.build / FOLDER)
    shutil.rmtree(example.build, ignore_errors=True)
    example.build.mkdir(parents=True)
    for lesson in lessons:
        generate(example, lesson)
        exercises = read_exercises(read_source(course.source(lesson)))
        solutions = {name: it.solution for name, it in exercises.items()}
        every_other = dict(list(solutions.items())[::2])
        for student, answers in zip(STUDENTS, (solutions, every_other, {}), strict=True):
            hand_in(example, student, lesson, answers)
    return example


def hand_in(course, student, lesson, answers):
    """Put a released notebook with answers where submissions are collected.

    Parameters
    ----------
    course : Course
    student, lesson : str
    answers : dict of str to str
        By the exercise's name; exercises without one stay untouched.
    """
    released = nbformat.read(course.released(lesson), as_version=4)
    path = course.submission(student, lesson)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(inject(released, answers), path)
