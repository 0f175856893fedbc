"""`course alike`: hand-ins that a person may want to look at side by side."""

from typing import Annotated

import typer

from course_utils.instructor.cli.terminal import progress, say
from course_utils.instructor.course import choose_lessons, find_course
from course_utils.instructor.plain_text import escaped

SHOWN = 12  # pairs; the page has all

Lessons = Annotated[list[str], typer.Argument(metavar="LESSON...", show_default=False)]


def alike(lessons: Lessons):
    """Show which hand-ins are more alike than independent work is. It is no proof."""
    from course_utils.instructor.report.alike.page import write_alike

    course = find_course()
    for lesson in choose_lessons(course, lessons):
        with progress(f"alike, {lesson}"):
            path, pairs, compared = write_alike(course, lesson)
        say(f"{lesson}: {compared} hand-ins compared, {len(pairs)} pairs to look at")
        for pair in pairs[:SHOWN]:
            where = ", ".join(pair.exercises)
            same = "the same file" * pair.identical
            say(f"  {' and '.join(map(escaped, pair.students))}: {same or where}")
        if len(pairs) > SHOWN:
            say(f"  and {len(pairs) - SHOWN} more")
        say(f"{path}")
    say("This is no proof of anything: look, and ask both before you judge.")
    return True
