"""Run every lesson's release as students do in Colab: what `make colab` and `make newest` run.

.venv makes the release, knows the solutions and serves the package on this machine. The notebooks
run in an environment of their own, into which only their setup cell brings anything of ours.
"""

import argparse
import sys

import nbformat
from rich.table import Table

from course_utils.instructor.cli.terminal import console, progress, say
from course_utils.instructor.course import choose_lessons, find_course
from course_utils.instructor.gradebook.converters import ConversionError
from course_utils.instructor.release.release import ReleaseError, release
from tests.colab import environment
from tests.colab.faults import (
    LESSON_FAULTS,
    MISSING_FAULTS,
    SET_UP_FAULTS,
    bring_about,
    set_up_code,
)
from tests.colab.lessons import run_lesson
from tests.colab.runtime import served

SET_UP_SECONDS = 15
"""What the setup cell may take."""


def main():
    """Make the environment, run the lessons, tell what came of them; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.colab", description=__doc__)
    parser.add_argument("lessons", nargs="*", help="names of lessons; none means all")
    parser.add_argument("--newest", action="store_true", help="newest versions, not Colab's")
    parser.add_argument("--prereleases", action="store_true", help="the same, unfinished ones too")
    chosen = parser.parse_args()
    newest = environment.newest() if chosen.newest else environment.colab()
    recipe = environment.prereleases() if chosen.prereleases else newest
    install = environment.bootstrap()
    try:
        return 0 if _all_green(recipe, chosen.lessons, install) else 1
    except (install.Failed, install.Problem) as problem:
        say(f"{problem}, then run the same command again.", style="red")
    except (ConversionError, ReleaseError, ValueError) as error:  # as `course release` tells them
        say(f"failed: {error}", style="red")
    return 1


def _all_green(recipe, asked, install):
    """Do it all for one environment; tell whether all went well."""
    course = find_course(environment.ROOT).with_build(environment.ROOT / "build" / recipe.name)
    lessons = choose_lessons(course, asked)
    say(f"Environment: {recipe.words}, Python {recipe.python}", "bold")
    folder = environment.make(recipe, install)
    say(_versions(folder))
    say(f"Releasing lessons ({len(lessons)})", style="bold")
    release(course, lessons)
    publication = course.publication
    prefix = f"/{publication.repository}/{publication.tag}"
    say(f"Running them, solved, as in Colab ({len(lessons)})", style="bold")
    with served(course.release, prefix) as address:
        runs = [_run(course, lesson, folder, address) for lesson in lessons]
    # Those of the setup cell come first, while our package is not there.
    faults = (*SET_UP_FAULTS, *(MISSING_FAULTS if recipe.pins else ()), *LESSON_FAULTS)
    say(f"Bringing faults about ({len(faults)})", style="bold")
    outcomes = _bring_about(faults, course, lessons[0], folder, prefix)
    _show_runs(runs)
    unchanged = _show_changes(runs)
    _show_faults(outcomes)
    return unchanged and not any(it.problem for it in (*runs, *outcomes))


def _run(course, lesson, folder, address):
    """Run a lesson and say how it went."""
    with progress(lesson):
        run = run_lesson(course, lesson, folder, address)
    if run.problem:
        say(f"  {lesson} failed: {run.problem}", style="red")
        say(f"    as it was run: {course.build / 'executed' / lesson}.ipynb")
    else:
        say(f"  {lesson}  {run.seconds:.1f} s")
    return run


def _bring_about(faults, course, lesson, folder, prefix):
    """Bring faults about; what came of them. The environment stays as it was."""
    before = environment.snapshot(folder)
    set_up = set_up_code(nbformat.read(course.released(lesson), as_version=4))
    outcomes = []
    try:
        for fault in faults:
            with progress(fault.name):
                outcome = bring_about(fault, set_up, course.release, prefix, folder)
            say(
                f"  {fault.name} {'failed: ' + outcome.problem if outcome.problem else 'is told'}",
                style="red" if outcome.problem else None,
            )
            outcomes.append(outcome)
    finally:
        environment.restore(folder, before)
    return outcomes


def _versions(folder):
    """A line with the versions that people ask for first."""
    found = environment.packages(folder)
    names = ("tensorflow", "keras", "numpy", "ipython")
    return f"  {len(found)} packages: " + ", ".join(f"{name} {found[name]}" for name in names)


def _show_runs(runs):
    """Show the table of lessons."""
    table = Table("lesson", "result")
    for head in ("seconds", "setup cell"):
        table.add_column(head, justify="right")
    for run in runs:
        result = "[red]red[/]" if run.problem else "[green]green[/]"
        table.add_row(run.lesson, result, f"{run.seconds:.1f}", f"{run.set_up_seconds:.1f}")
    console.print(table)
    slow = [run.lesson for run in runs if run.set_up_seconds > SET_UP_SECONDS]
    if slow:  # not a failure: it may be the network
        say(f"The setup cell took over {SET_UP_SECONDS} s: {', '.join(slow)}", style="yellow")


def _show_changes(runs):
    """Show what the setup cell changed; tell whether that is nothing but what was absent."""
    added = {f"{name} {version}" for run in runs for name, version in run.changes.added.items()}
    touched = sorted({line for run in runs for line in run.changes.touched})
    say("What the setup cell changed in the environment", style="bold")
    for line in sorted(added):
        say(f"  added    {line}")
    for line in touched:
        say(f"  CHANGED  {line}", style="red")
    if not touched:
        say("  changed  nothing that was there")
    return not touched


def _show_faults(outcomes):
    """Show each fault with what the student reads."""
    say("What the student reads where something is wrong", style="bold")
    for it in outcomes:
        say(
            f"  {'red  ' if it.problem else 'green'}  {it.name}: {it.read or 'nothing'}",
            style="red" if it.problem else None,
        )


if __name__ == "__main__":
    sys.exit(main())
