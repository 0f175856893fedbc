"""The `course` command: what instructors and maintainers run.

It ends with 0 if all went well, 1 if something failed, and 2 if the call itself was wrong.
"""

from typing import Annotated

import typer

# What needs nbgrader is imported where it is used: `course --help` should not wait for it.
from course_utils.instructor.cli import alike as alike_cli
from course_utils.instructor.cli import challenge as challenge_cli
from course_utils.instructor.cli import collect as collect_cli
from course_utils.instructor.cli import data as data_cli
from course_utils.instructor.cli import grade as grade_cli
from course_utils.instructor.cli import mark as mark_cli
from course_utils.instructor.cli import measure as measure_cli
from course_utils.instructor.cli import report as report_cli
from course_utils.instructor.cli import seen as seen_cli
from course_utils.instructor.cli import site as site_cli
from course_utils.instructor.cli import solutions as solutions_cli
from course_utils.instructor.cli import status as status_cli
from course_utils.instructor.cli.terminal import command, progress, say
from course_utils.instructor.course import choose_lessons, find_course

app = typer.Typer(
    help="Execute, release and grade the lessons of From Pixels to Features.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(data_cli.app, name="data")

Lessons = Annotated[
    list[str] | None,
    typer.Argument(help="Names of lessons; without any, every lesson.", show_default=False),
]


@command(app)
def build():
    """Execute every lesson, make the release, and grade the example class (the main job)."""
    course = find_course()
    lessons = choose_lessons(course, [])
    with _warm_kernels():
        executed = _execute(course, lessons)
        released = _release(course, lessons)
        graded = released and _grade_example_class(course, lessons)
    say("To open", style="bold")
    say(f"  lessons, executed    {course.pages / 'index.html'}")
    if released:
        say(f"  release for students {course.release}")
    return executed and graded


@command(app)
def lessons(lessons: Lessons = None):
    """Execute lessons and write them as pages to build/lessons."""
    course = find_course()
    chosen = choose_lessons(course, lessons or [])
    with _warm_kernels():
        return _execute(course, chosen)


@command(app)
def release(lessons: Lessons = None):
    """Make what students get, in build/release, unless a solution would leak."""
    course = find_course()
    return _release(course, choose_lessons(course, lessons or []))


@command(app, "new-lesson")
def new_lesson(
    name: Annotated[str, typer.Argument(help="Such as 15-what-next.", show_default=False)],
    title: Annotated[str, typer.Argument(help="Such as 'What next?'.", show_default=False)],
):
    """Write a new lesson to begin from, which passes every test: notebook, bank, registry."""
    from course_utils.instructor.lessons.new_lesson import make_lesson

    course = find_course()
    for path in make_lesson(course, name, title):
        say(f"  {path.relative_to(course.root)}")
    say("Now write it: CONTRIBUTING.md says how, and `make test` what is still missing.")
    return True


command(app)(site_cli.site)
command(app)(collect_cli.roster)
command(app)(collect_cli.due)
command(app)(collect_cli.collect)
command(app)(grade_cli.grade)
command(app)(mark_cli.mark)
command(app)(report_cli.review)
command(app)(report_cli.feedback)
command(app)(report_cli.export)
command(app)(status_cli.status)
command(app)(seen_cli.report)
command(app)(alike_cli.alike)
command(app)(solutions_cli.solutions)
command(app)(report_cli.doctor)
command(app)(challenge_cli.challenge)
command(app)(challenge_cli.leaderboard)
command(app)(measure_cli.measure)


def _execute(course, lessons):
    """Execute lessons; tell whether all ran to their end."""
    from course_utils.instructor.lessons.pages import write_index

    say(f"Executing lessons ({len(lessons)})", style="bold")
    succeeded = [_execute_one(course, lesson) for lesson in lessons]
    write_index(course)
    return all(succeeded)


def _execute_one(course, lesson):
    """Execute a lesson, showing the cell that runs; tell whether it ran to its end."""
    from course_utils.instructor.lessons.pages import LessonError, execute_lesson

    with progress(f"{lesson}, starting a kernel") as tell:

        def on_cell(number, total):
            what = f"{lesson}, cell {number} of {total}"
            tell(description=what, completed=number - 1, total=total)

        try:
            _, seconds = execute_lesson(course, lesson, on_cell)
        except LessonError as error:
            say(f"  failed: {error}", style="red")
            return False
    say(f"  {lesson}  {seconds:.1f} s")
    return True


def _release(course, lessons):
    """Release lessons; tell whether that was possible."""
    from course_utils.instructor.gradebook.converters import ConversionError
    from course_utils.instructor.release.release import ReleaseError, release

    say(f"Releasing lessons ({len(lessons)})", style="bold")
    try:
        with progress("release") as tell:

            def on_step(what, done, steps):
                tell(description=f"release, {what}", completed=done, total=steps)

            notebooks = release(course, lessons, on_step)
    except (ConversionError, ReleaseError, ValueError) as error:
        say(f"  failed; the former release, if any, is as it was.\n{error}", style="red")
        return False
    for notebook, lesson in zip(notebooks, lessons, strict=True):
        say(f"  {notebook.relative_to(course.root)}: {_points(course, lesson):g} points")
    say(f"  ready to push, with a zip for each lesson and a manifest: {course.release}")
    if publication := course.publication:
        say(f"  its badges ask for the tag {publication.tag} at {publication.page}")
    return True


def _points(course, lesson):
    """Most points that a lesson gives."""
    from course_utils.instructor.lessons.exercises import read_exercises, read_source

    exercises = read_exercises(read_source(course.source(lesson)))
    return sum(sum(it.points.values()) for it in exercises.values())


def _grade_example_class(course, lessons):
    """Make the example class anew and grade it; tell whether that was possible."""
    from course_utils.instructor.desk.example_class import make_example_class
    from course_utils.instructor.execute import sandbox
    from course_utils.instructor.grade.grading import submissions

    with progress("example class"):
        example = make_example_class(course, lessons)
    found = submissions(example, lessons)
    # It is the course's own code, so it may run where nothing can be confined.
    confined = not sandbox.available()
    return grade_cli.grade_submissions(example, found, found, confined=confined)


def _warm_kernels():
    """Kernels that need not import TensorFlow, as a context."""
    from course_utils.instructor.execute.warm_kernel import warm_kernels

    return warm_kernels()
