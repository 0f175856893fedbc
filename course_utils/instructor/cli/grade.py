"""`course grade`: mend, run and mark what students handed in."""

import shlex
import time
from typing import Annotated

import typer
from rich.table import Table

from course_utils.instructor.cli.terminal import cell, console, progress, say
from course_utils.instructor.course import CourseError, choose_lessons, find_course
from course_utils.instructor.plain_text import escaped, in_one_sentence

EVERY = 10  # notebooks, after which a log tells how far it is
Lessons = Annotated[
    list[str] | None,
    typer.Option(
        "--lesson",
        help="Grade this lesson only; can be given several times.",
        show_default=False,
    ),
]
Student = Annotated[str | None, typer.Option(help="Grade this student only.", show_default=False)]
Force = Annotated[
    bool, typer.Option("--force", help="Grade again what has been graded and has not changed.")
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="How many notebooks run at the same time; if not given, as many as processors, memory "
        "and quotas allow.",
        show_default=False,
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="The scheduler of a dask.distributed cluster, which is to run the notebooks.",
        show_default=False,
    ),
]
Whole = Annotated[
    bool,
    typer.Option(
        "--whole",
        help="Run notebooks from beginning to end, and not only what tests depend on.",
    ),
]
NoSandbox = Annotated[
    bool,
    typer.Option(
        "--no-sandbox",
        help="Run students' code unconfined: it can then read, change and send whatever you can.",
    ),
]


def grade(
    lesson: Lessons = None,
    student: Student = None,
    force: Force = False,
    workers: Workers = None,
    cluster: Cluster = None,
    whole: Whole = False,
    no_sandbox: NoSandbox = False,
):
    """Grade what was collected and has not been graded yet, or has changed."""
    from course_utils.instructor.execute import sandbox
    from course_utils.instructor.execute.warm_kernel import warm_kernels
    from course_utils.instructor.grade.grading import pending, submissions
    from course_utils.instructor.lessons.pairs import check_pairs

    course = find_course()
    chosen = choose_lessons(course, lesson or [])
    check_pairs(course, chosen)
    found = submissions(course, chosen, student)
    waiting = found if force else pending(course, found)
    if cluster:
        if workers:
            raise CourseError("With --cluster, its own workers run notebooks. Leave --workers out.")
        from course_utils.instructor.grade.cluster import cluster as connect

        with connect(cluster, confined=not no_sandbox) as (executor, workers):
            options = {"executor": executor, "workers": workers, "confined": not no_sandbox}
            return _grade(course, chosen, found, waiting, force=force, whole=whole, **options)
    if waiting and not no_sandbox and sandbox.available():
        raise CourseError(
            f"Students' code cannot be confined here: {sandbox.available()} With --no-sandbox it "
            "runs all the same, and can then read, change and send whatever you can: the solutions "
            "and the marks, and your own files."
        )
    with warm_kernels():
        options = {"workers": workers, "confined": not no_sandbox, "whole": whole}
        return _grade(course, chosen, found, waiting, force=force, **options)


def _grade(course, lessons, found, waiting, **options):
    """Grade submissions and tell what to do next; returns whether all could be graded."""
    from course_utils.instructor.report.status import next_steps, read_status

    succeeded = grade_submissions(course, found, waiting, **options)
    if succeeded is None:
        return False
    say("Next", style="bold")
    for step in next_steps([read_status(course, lesson) for lesson in lessons]):
        say(f"  {step}")
    return succeeded


def grade_submissions(course, found, waiting, *, force=False, **options):
    """Grade submissions, showing how far it is, and show all marks.

    Parameters
    ----------
    course : Course
    found : sequence of (str, str)
        Student and lesson of all whose marks are to be shown.
    waiting : sequence of (str, str)
        Those of them that are to be graded.
    force : bool
        Whether what has not changed is graded again, too.
    **options
        For `grading.grade`.

    Returns
    -------
    bool or None
        Whether all could be graded; None if this was interrupted.
    """
    from course_utils.instructor.grade.grading import grade
    from course_utils.instructor.gradebook.records import GRADED

    say(f"Grading submissions ({len(waiting)})", style="bold")
    if len(waiting) < len(found):
        say(
            f"  {len(found) - len(waiting)} graded before and not changed since: left as they are "
            "(--force grades them again)"
        )
    done, began = 0, time.monotonic()
    try:
        with progress("grading") as tell:
            tell(total=len(waiting), completed=0)
            for record in grade(course, waiting, on_stop=_say_stopping, **options):
                done += 1
                far = how_far(done, len(waiting), time.monotonic() - began)
                tell(description=far, completed=done)
                if not console.is_terminal and done % EVERY == 0:
                    say(f"  {far}")
                if record.status != GRADED:
                    _say_why(course, record)
    except KeyboardInterrupt:
        again = "the same command again" + (", without --force," if force else "")
        say(
            f"Interrupted: {done} of {len(waiting)} have been graded, and are kept. Run {again} to "
            "go on.",
            style="red",
        )
        return None
    return _show_marks(course, found)


def how_far(done, count, seconds):
    """Tell how far grading is, how quick it is and how long the rest will take.

    Parameters
    ----------
    done, count : int
        Notebooks that have been graded, and all.
    seconds : float
        Since it began.

    Returns
    -------
    str
        Without a pace before `EVERY` have been graded: the first ones wait for TensorFlow.
    """
    told = f"graded {done} of {count}"
    if done < EVERY or done == count:
        return told
    left = seconds / done * (count - done)
    rest = f"{left / 60:.0f} min" if left >= 90 else f"{left:.0f} s"
    return f"{told}, {60 * done / seconds:.0f} a minute, about {rest} left"


def _show_marks(course, found):
    """Show the marks of submissions; returns whether all could be graded."""
    from course_utils.instructor.gradebook.records import COULD_NOT_GRADE
    from course_utils.instructor.report.standing import read_standings

    shown = set(found)
    standings = [
        it
        for lesson in sorted({lesson for _, lesson in shown})
        for it in read_standings(course, lesson)
        if (it.student, lesson) in shown
    ]
    console.print(_table(standings))
    say(f"Graded notebooks: {course.autograded}")
    return not any(it.state == COULD_NOT_GRADE for it in standings)


def _say_stopping():
    """Say at once that somebody was heard who wants this to end."""
    say("Stopping: what is being run is ended ...", style="red")


def _say_why(course, record):
    """Say who is not simply graded, why, and what to do."""
    from course_utils.instructor.gradebook.records import COULD_NOT_GRADE, UNTOUCHED

    who = f"{escaped(record.student)}, {record.lesson}"
    why = escaped(in_one_sentence(record.reasons))
    if record.status == COULD_NOT_GRADE:
        say(f"  could not grade {who}: {why}.", style="red")
        return
    if record.status == UNTOUCHED:
        say(f"  untouched: {who}: {why}", style="yellow")
        return
    notebook = course.graded(record.student, record.lesson).relative_to(course.root)
    say(
        f"  needs review: {who}: {why}. Look at {notebook}, then: "
        f"course review {shlex.quote(record.student)} {record.lesson}",
        style="yellow",
    )


def _table(standings):
    """Marks and statuses, student by lesson; the larger number of them goes down the page."""
    marks = {(it.student, it.lesson): _cell(it) for it in standings}
    down, across = (sorted(set(names)) for names in zip(*marks, strict=True))
    corner = "student"
    if len(down) < len(across):
        marks = {(lesson, student): cell for (student, lesson), cell in marks.items()}
        down, across, corner = across, down, "lesson"
    table = Table(title="Points earned from tests, and to grade by hand")
    for column in (corner, *across):
        table.add_column(cell(column), overflow="fold")
    for row in down:
        cells = (marks.get((row, column), "-") for column in across)
        table.add_row(*map(cell, (row, *cells)))
    return table


def _cell(standing):
    """One cell of the table."""
    from course_utils.instructor.gradebook.records import GRADED

    if standing.earned is None:
        return standing.state
    tests, written = (
        [it for it in standing.given if it.written == written] for written in (False, True)
    )
    told = f"{_earned(tests):g} / {sum(it.maximum for it in tests):g}"
    for points, what in (
        (_earned(written), "by hand"),
        (standing.open, "to grade"),
        (standing.again, "to look at again"),
    ):
        told += f", {points:g} {what}" if points else ""
    return told + (f", {standing.state}" if standing.state != GRADED else "")


def _earned(given):
    """Points earned so far."""
    return sum(it.earned or 0 for it in given)
