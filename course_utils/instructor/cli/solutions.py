"""`course solutions`: what is handed out when a lesson is over."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from course_utils.instructor.cli.terminal import progress, say
from course_utils.instructor.clock import shown
from course_utils.instructor.course import choose_lessons, find_course

Lessons = Annotated[list[str], typer.Argument(metavar="LESSON...", show_default=False)]


def solutions(lessons: Lessons):
    """Write a page with model answers and visible tests, to hand out when a lesson is over."""
    from course_utils.instructor.report.solutions import write_solutions

    course = find_course()
    for lesson in choose_lessons(course, lessons):
        with progress(f"solutions, {lesson}"):
            path = write_solutions(course, lesson)
        say(f"{path}")
        _say_until_when(course, lesson)
    return True


def _say_until_when(course, lesson):
    """Say how long a page has to wait, be it for those with more time."""
    from course_utils.instructor.collect.attempts import read_dates, read_extensions

    dates = [*read_extensions(course).get(lesson, {}).values()]
    dates += [it for it in [read_dates(course).get(lesson)] if it]
    if not dates:
        say(
            f"When {lesson} is due is not known: hand it out only when nobody can hand in", "yellow"
        )
    elif max(dates) > datetime.now(UTC):
        say(f"Somebody can hand in until {shown(max(dates), course.zone)}: wait", "yellow")
