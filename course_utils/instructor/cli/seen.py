"""`course report`: the class seen as a whole."""

from pathlib import Path
from typing import Annotated

import typer

from course_utils.instructor.cli.terminal import progress, say
from course_utils.instructor.course import choose_lessons, find_course

Lessons = Annotated[
    list[str] | None,
    typer.Argument(help="Names of lessons; without any, all that were begun.", show_default=False),
]
Anonymous = Annotated[bool, typer.Option("--anonymous", help="Without anything that tells names.")]
Last = Annotated[
    Path | None,
    typer.Option(
        help="The tests.csv of an earlier run of the course, to compare with.", show_default=False
    ),
]


def report(lessons: Lessons = None, anonymous: Anonymous = False, last: Last = None):
    """Write a page of the class: who handed in, points, each test, what it said, the term."""
    from course_utils.instructor.report.seen.page import write_report
    from course_utils.instructor.report.standing import begun_lessons

    course = find_course()
    chosen = choose_lessons(course, lessons or begun_lessons(course))
    with progress("report"):
        paths, seen = write_report(course, chosen, anonymous, last)
    for path in paths:
        say(f"{path}")
    for test in (test for lesson in seen for test in lesson.tests if test.doubt):
        say(f"{test.lesson}, {test.cell} looks wrong: {test.doubt}", "yellow")
    return True
