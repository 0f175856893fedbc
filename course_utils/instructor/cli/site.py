"""`course site`: the pages that everybody can read."""

import os
from typing import Annotated

import typer

from course_utils.instructor.cli.terminal import progress, say
from course_utils.instructor.course import choose_lessons, find_course

Lessons = Annotated[
    list[str] | None,
    typer.Argument(
        help="Lessons to run, unless their results are kept; without any, every lesson. The "
        "others are shown with the results that are kept, or without any.",
        show_default=False,
    ),
]
Solutions = Annotated[
    bool,
    typer.Option(
        "--solutions",
        help="Make the edition that shows solutions, in build/site-with-solutions. Hidden tests "
        "stay hidden.",
    ),
]


def site(lessons: Lessons = None, solutions: Solutions = False):
    """Make the site of the course in build/site, with every lesson's results."""
    from course_utils.instructor.execute.warm_kernel import warm_kernels
    from course_utils.instructor.site.build import build_site
    from course_utils.instructor.site.editions import Edition

    course = find_course()
    edition = Edition.solutions if solutions else Edition.students
    profile = os.environ.get("COURSE_PROFILE", "fast")
    with progress("site") as tell, warm_kernels():

        def on_cell(lesson, number, total):
            what = f"{lesson}, cell {number} of {total}"
            tell(description=what, completed=number - 1, total=total)

        folder, count = build_site(
            course, edition, profile, choose_lessons(course, lessons or []), on_cell
        )
    say(f"{folder / 'index.html'}")
    say(f"  searched for solutions and hidden tests: {count} files, nothing found")
    return True
