"""`course measure`: run lessons over several seeds and keep what came out."""

from typing import Annotated

import typer
from rich.table import Table

from course_utils.instructor.cli.terminal import cell, console, progress, say
from course_utils.instructor.course import CourseError, choose_lessons, find_course

Lessons = Annotated[
    list[str] | None,
    typer.Argument(help="Names of lessons; without any, every lesson.", show_default=False),
]
Seeds = Annotated[int, typer.Option(help="How many runs; the first has the lesson's own seeds.")]
Profile = Annotated[str, typer.Option(help="full or fast.")]


def measure(lessons: Lessons = None, seeds: Seeds = 5, profile: Profile = "full"):
    """Run lessons over several seeds; write site/measured, and say which sentences do not hold.

    Stop it whenever you like: runs that are done are kept, and the next call goes on. A run is made
    again if the code of the lesson's experiments has changed.
    """
    from course_utils.session import PROFILES  # which imports NumPy

    if seeds < 1:
        raise CourseError(f"seeds should be 1 or more; got {seeds}.")
    if profile not in PROFILES:
        raise CourseError(f"profile should be {' or '.join(PROFILES)}; got {profile!r}.")
    course = find_course()
    chosen = choose_lessons(course, lessons or [])
    work = {lesson: _runs_to_make(course, lesson, profile, seeds) for lesson in chosen}
    say(f"Runs to make: {sum(map(len, work.values()))}", style="bold")
    succeeded = [_measure(course, lesson, profile, seeds, work) for lesson in chosen]
    return all(succeeded)


def _runs_to_make(course, lesson, profile, seeds):
    """The numbers of runs that are neither in the lesson's record nor kept on this machine."""
    from course_utils.instructor.measure import measuring

    done = _recorded(course, lesson, profile)
    return [
        run
        for run in range(seeds)
        if run not in done and not measuring.place(course, lesson, profile, run).is_file()
    ]


def _recorded(course, lesson, profile):
    """The entries of a lesson's record that its code and its claims of today agree with."""
    from course_utils.instructor.lessons.exercises import read_source
    from course_utils.instructor.measure import claims, measuring, record

    kept = record.read(course, lesson, profile)
    if kept["code"] != measuring.code_digest(read_source(course.source(lesson))):
        return {}
    numbers, expectations = claims.read(course, lesson)
    names = {it.name for it in numbers}
    sentences = {it.sentence for it in expectations if profile in it.profiles}
    return {
        run: entry
        for run, entry in kept["runs"].items()
        if entry["numbers"].keys() == names and entry["holds"].keys() == sentences
    }


def _measure(course, lesson, profile, seeds, work):
    """Make the runs of a lesson that are missing, write its record; tell whether all holds."""
    from course_utils.instructor.lessons.running import CellError

    try:
        while work[lesson]:
            _run(course, lesson, profile, work[lesson][0], work)
            work[lesson].pop(0)
    except CellError as error:
        say(f"  failed: {lesson}: {error}", style="red")
        return False
    return _write(course, lesson, profile, seeds)


def _run(course, lesson, profile, run, work):
    """Make one run of a lesson."""
    from course_utils.instructor.measure import measuring

    what = f"{lesson}, run {run + 1}{_left(course, profile, work)}"
    with progress(what) as tell:

        def on_cell(number, total):
            tell(description=f"{what}, cell {number} of {total}", completed=number - 1, total=total)

        outcome = measuring.measure(course, lesson, profile, run, on_cell)
    say(
        f"  {lesson}, run {run + 1}: {outcome['seconds']:.0f} s, "
        f"{outcome['processor_seconds']:.0f} s of processor"
    )


def _left(course, profile, work):
    """In words, how long the missing runs will take, as far as runs before tell."""
    from course_utils.instructor.measure import record

    minutes, unknown = 0, False
    for lesson, runs in work.items():
        known = [it["seconds"] for it in record.read(course, lesson, profile)["runs"].values()]
        minutes += len(runs) * sum(known) / max(len(known), 1) / 60
        unknown |= bool(runs) and not known
    if not minutes:
        return ""
    return f" (left: {'more than' * unknown or 'about'} {minutes:.0f} min)"


def _write(course, lesson, profile, seeds):
    """Write the record of a lesson, and show it; tell whether every expectation holds."""
    from course_utils.instructor.lessons.exercises import read_source
    from course_utils.instructor.measure import claims, measuring, record, variables

    before = record.read(course, lesson, profile)
    numbers, expectations = claims.read(course, lesson)
    runs = _recorded(course, lesson, profile)
    for run in range(seeds):
        path = measuring.place(course, lesson, profile, run)
        if path.is_file():
            runs[run] = record.entry(variables.read(path), numbers, expectations, profile)
    record.write(
        course, lesson, profile, measuring.code_digest(read_source(course.source(lesson))), runs
    )
    _show(lesson, runs)
    _tell_what_moved(course, lesson, record.ranges(before["runs"]), record.ranges(runs))
    return _tell_what_fails(lesson, runs)


def _show(lesson, runs):
    """Print the range of each number of a lesson, and of its seconds."""
    from course_utils.instructor.measure import record

    table = Table("number", "least", "greatest", title=cell(f"{lesson}, {len(runs)} runs"))
    seconds = [it["seconds"] for it in runs.values()]
    for name, (least, greatest) in record.ranges(runs).items():
        table.add_row(cell(name), f"{least:.6g}", f"{greatest:.6g}")
    table.add_row("seconds", str(min(seconds)), str(max(seconds)))
    console.print(table)


def _tell_what_moved(course, lesson, before, now):
    """Say which numbers have left their former range, and which sentences name them."""
    from course_utils.instructor.measure import claims, record

    for name in record.moved(before, now):
        say(
            f"  {name} moved: it was {before[name][0]:.6g} to {before[name][1]:.6g} and is "
            f"{now[name][0]:.6g} to {now[name][1]:.6g}",
            style="yellow",
        )
        for phrase in claims.sentences_about(course, lesson, name):
            say(f"    said in {lesson}: {phrase}")


def _tell_what_fails(lesson, runs):
    """Say which expectations some run contradicts; tell whether there is none."""
    sentences = {name: None for run in runs.values() for name in run["holds"]}
    for sentence in sentences:
        against = [run + 1 for run, it in runs.items() if not it["holds"].get(sentence, True)]
        if against:
            numbers = ", ".join(map(str, against))
            say(f"  not true in run {numbers} of {lesson}: {sentence}", style="red")
    return all(all(run["holds"].values()) for run in runs.values())
