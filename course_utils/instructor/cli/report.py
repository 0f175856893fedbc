"""`course feedback`, `export`, `review` and `doctor`: what comes before and after grading."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from course_utils.instructor.cli.terminal import progress, say
from course_utils.instructor.course import CourseError, choose_lessons, find_course
from course_utils.instructor.plain_text import escaped, first_few, in_one_sentence

SHOWN = 12  # names in a row; a table of 300 would be read by nobody
STYLES = {"ok": "green", "warning": "yellow", "problem": "red"}

Lessons = Annotated[
    list[str] | None,
    typer.Argument(help="Names of lessons; without any, every lesson.", show_default=False),
]
Student = Annotated[str | None, typer.Option(help="This student only.", show_default=False)]
Chosen = Annotated[
    list[str] | None,
    typer.Option("--lesson", help="This lesson only; may be given again.", show_default=False),
]
Output = Annotated[
    Path | None,
    typer.Option(help="Where to write, in place of build/export.", show_default=False),
]


class Format(StrEnum):
    """What marks can be written as."""

    csv = "csv"
    canvas = "canvas"
    moodle = "moodle"
    json = "json"


Into = Annotated[
    Path | None,
    typer.Option(
        help="Fill the marks into this table: Moodle's grading worksheet or Canvas's gradebook, as "
        "exported there. It is not changed; the filled one lies in build/export.",
        show_default=False,
    ),
]
Scale = Annotated[
    bool,
    typer.Option("--scale", help="With --into: bring scores to the assignment's maximum there."),
]
Reviewed = Annotated[str, typer.Argument(metavar="STUDENT", show_default=False)]
ItsLesson = Annotated[str, typer.Argument(metavar="LESSON", show_default=False)]
Note = Annotated[str, typer.Option(help="What you have seen, for instructors; students do not.")]
Kind = Annotated[Format, typer.Option("--format", help="For whom: a person, a system, a program.")]


class Platform(StrEnum):
    """What can hand out pages."""

    moodle = "moodle"
    canvas = "canvas"


Packed = Annotated[
    Platform | None,
    typer.Option(
        "--into",
        help="Pack the pages so that this platform hands them out by itself.",
        show_default=False,
    ),
]
Mail = Annotated[bool, typer.Option("--mail", help="Write a table for a mail merge.")]


def feedback(
    lessons: Lessons = None, student: Student = None, into: Packed = None, mail: Mail = False
):
    """Write a page for every student and lesson: what was earned, what is missing, what next."""
    from course_utils.instructor.report.feedback import PLACE, foreign_pages, write_feedback

    course = find_course()
    chosen = choose_lessons(course, lessons or [])
    if student:
        _check_known(course, student, chosen[0])
    pages = []
    with progress("feedback") as tell:
        for page in write_feedback(course, chosen, student):
            tell(description=f"feedback, {page.lesson}", completed=len(pages))
            pages.append(page)
    if not pages:
        raise CourseError(
            f"Nothing handed in by {student or 'anybody'} for {', '.join(chosen)}. Collect first: "
            "course collect INBOX"
        )
    written = [page for page in pages if page.path]
    say(f"Pages: {len(written)}, in {course.build / PLACE}/STUDENT/LESSON.html")
    withheld = [page for page in written if page.withheld]
    if withheld:
        say(
            f"What a test said to {_listed(withheld)} was left out, because it held a piece of a "
            "solution or hidden test. It is in build/grading: does somebody read the tests?"
        )
    ungraded = [page for page in pages if not (page.path or page.problem)]
    if ungraded:
        say(f"No page, because not graded yet: {_listed(ungraded)}. Run: course grade", "yellow")
    foreign = foreign_pages(course)
    if foreign:
        say(
            f"Do not hand out {foreign[0]}{' and the like' * (len(foreign) > 1)}: nbgrader made "
            "it, and it shows hidden tests. Remove it.",
            style="red",
        )
    for page in pages:
        if page.problem:
            say(f"No page: {page.problem}", style="red")
    if into or mail:
        _hand_out(course, sorted({page.lesson for page in written}), into, mail)
    return not foreign and not any(page.problem for page in pages)


def export(
    kind: Kind = Format.csv,
    output: Output = None,
    lesson: Chosen = None,
    into: Into = None,
    scale: Scale = False,
):
    """Write everybody's marks as a table for a spreadsheet, Canvas or Moodle, or as JSON."""
    from course_utils.instructor.gradebook.records import (
        COULD_NOT_GRADE,
        NEEDS_REVIEW,
        UNTOUCHED,
    )
    from course_utils.instructor.report.export import export, namesakes, settled
    from course_utils.instructor.report.standing import NOT_GRADED, begun_lessons

    course = find_course()
    # A lesson that nobody has handed in yet would be an empty column, and a new one in Canvas.
    chosen = choose_lessons(course, lesson or begun_lessons(course))
    if into:
        return _fill(course, into, chosen, output, scale)
    with progress("export"):
        paths, standings = export(course, chosen, kind.value, output)
    for path in paths:
        say(f"{path}")
    settled_ones = [it for it in standings if settled(it) is not None]
    alone = kind in (Format.csv, Format.json)
    if alone:
        say(f"Rows: {len(standings)}, of which {len(settled_ones)} have all their points")
    else:
        say(
            f"Rows: {len(settled_ones)}, of those with all their points. The others are left out, "
            "for an empty cell would delete what is there"
        )
    for state, what in (
        (NEEDS_REVIEW, "Need review before you rely on their points" + "; left out" * (not alone)),
        (COULD_NOT_GRADE, "No score, because they could not be graded"),
        (UNTOUCHED, "No score, because they handed in the notebook as it was given out"),
        (NOT_GRADED, "No score, because they are not graded yet"),
    ):
        found = [it for it in standings if it.state == state]
        if found:
            say(f"{what}: {_listed(found)}", style="yellow")
    waiting = [it for it in standings if it.waiting]
    if waiting:
        empty = "" if alone else "; left out until then"
        say(f"Something waits for a mark by hand{empty}: {_listed(waiting)}", style="yellow")
    deducted = [it for it in standings if it.deducted]
    if deducted:
        where = "; in its own column" if alone else "; taken off here, kept in course export"
        say(f"Points are taken off for being late{where}: {_listed(deducted)}")
    unknown = [it for it in standings if it.late and not it.late_by]
    if unknown and any(course.settings.get("late", {}).values()):
        say(f"Late by how much is not known, so nothing is taken off: {_listed(unknown)}", "yellow")
    if kind is Format.canvas:
        mistakable = [it for lesson in chosen for it in namesakes(_of(standings, lesson))]
        if mistakable:
            say(
                f"Left out, because Canvas would take one for the other: {_listed(mistakable)}. "
                "They have one name, and no Canvas id is known: give its gradebook to course "
                "roster.",
                style="yellow",
            )
    if kind is Format.moodle:
        for lesson in chosen:
            _compare_maxima(course, lesson, _of(standings, lesson))
        _tell_whom_moodle_passes_over(standings, chosen)
    return True


def _hand_out(course, lessons, into, mail):
    """Pack pages for a platform, or write to whom they go."""
    from course_utils.instructor.report.packs import pack_pages, write_mail_table

    for lesson in lessons if into else ():
        path, left_out = pack_pages(course, lesson, into.value)
        if path:
            say(f"{path}")
        if left_out:
            say(
                f"{lesson}: {into.value.title()} would not find {_listed(left_out)}: no number is "
                "known under which they handed in there",
                style="yellow",
            )
    if mail:
        path, without = write_mail_table(course, lessons)
        say(f"{path}")
        if without:
            say(f"No address is known of {_listed(without)}: course roster LIST", style="yellow")


def _fill(course, into, lessons, output, scale):
    """Fill marks into a table that a platform gave."""
    from course_utils.instructor.report.export import PLACE
    from course_utils.instructor.report.into import fill
    from course_utils.instructor.whole_file import write_whole

    with progress("export"):
        filled = fill(course, into, lessons, scale)
    path = output or course.build / PLACE / into.name
    if path.resolve() == into.resolve():
        raise CourseError(f"{path} is the table that was given. Write to another one: --output")
    write_whole(path, filled.data)
    say(f"{path}")
    for note in filled.notes:
        say(note)
    say(f"Filled in: {filled.count}. All else in it is as it was")
    return True


def review(student: Reviewed, lesson: ItsLesson, note: Note = ""):
    """Say that you have looked at a notebook that needs review: its marks then stand."""
    from course_utils.instructor.gradebook.records import NEEDS_REVIEW, read_record, sign_off
    from course_utils.instructor.report.standing import read_standings

    course = find_course()
    (lesson,) = choose_lessons(course, [lesson])
    _check_known(course, student, lesson)
    (standing,) = (it for it in read_standings(course, lesson) if it.student == student)
    if standing.state != NEEDS_REVIEW and not standing.reviewed:
        why = f" ({in_one_sentence(standing.reasons)})" if standing.reasons else ""
        raise CourseError(
            f"Only what needs review can be reviewed; {student}, {lesson}: {standing.state}{why}."
        )
    record = read_record(course, student, lesson)
    sign_off(course, replace(record, reasons=standing.reasons), note)
    say(f"Reviewed: {student}, {lesson}: {in_one_sentence(standing.reasons)}")
    if standing.waiting:
        cells = ", ".join(it.cell for it in standing.waiting)
        say(
            f"It still waits for marks by hand: {cells}. Give them: course mark {lesson}",
            style="yellow",
        )
    say("It counts as graded until something else is odd about it, or it is handed in again.")
    return True


def doctor():
    """Look whether this machine has what the course needs, and say what to do if not."""
    from course_utils.instructor.desk.doctor import OK, PROBLEM, examine

    course = find_course()
    findings = []
    with progress("doctor") as tell:
        for finding in examine(course):
            findings.append(finding)
            tell(description=f"doctor, after {finding.what}", completed=len(findings))
    for it in findings:
        say(f"{it.result:8} {it.what}: {it.words}", style=STYLES[it.result])
        if it.mend:
            say(f"{'':8} {it.mend}")
    if all(it.result == OK for it in findings):
        say("All is well.")
    say("Node and Docker are not needed.")
    return not any(it.result == PROBLEM for it in findings)


def _check_known(course, student, lesson):
    """See to it that a student's id is known, be it that they have handed in nothing."""
    from course_utils.instructor.report.standing import read_standings

    if student not in (it.student for it in read_standings(course, lesson)):
        raise CourseError(
            f"Nobody is known as {student!r}: expected the id of somebody on the class list, or of "
            "somebody who handed in. All ids are in the table that course export writes."
        )


def _compare_maxima(course, lesson, standings):
    """Say where Moodle's assignment has another maximum than the lesson, as its worksheet tells."""
    from course_utils.instructor.collect.names import MOODLE
    from course_utils.instructor.collect.roster import read_class

    roster = read_class(course)
    numbers = {it.numbers.get(MOODLE) for it in standings}
    for sheet in roster.worksheets if roster else ():
        own = next((it.maximum for it in standings), None)
        if numbers & sheet.participants.keys() and sheet.maximum not in (None, own):
            say(
                f"{lesson}: the lesson's maximum is {own:g}, Moodle's {sheet.maximum:g}. Set it to "
                f"{own:g} there, or fill in its worksheet: --into WORKSHEET --scale",
                style="yellow",
            )


def _of(standings, lesson):
    """Those of one lesson."""
    return [it for it in standings if it.lesson == lesson]


def _tell_whom_moodle_passes_over(standings, lessons):
    """Say whose marks Moodle's two ways of importing would not take."""
    from course_utils.instructor.collect.names import MOODLE

    for lesson in lessons:
        without = [it for it in _of(standings, lesson) if MOODLE not in it.numbers]
        if without:
            say(
                f"{lesson}: Moodle's assignment will pass over {_listed(without)}: no "
                "participant number is known. Give its grading worksheet: course roster "
                "WORKSHEET; or import by email in Moodle's gradebook.",
                style="yellow",
            )
    without = [it for it in standings if not it.email]
    if without:
        say(
            f"Moodle's gradebook cannot find {_listed(without)} by email: the class list has "
            "none. Give a list with addresses: course roster LIST.",
            style="yellow",
        )


def _listed(found):
    """The students of something, once each; of many, the first."""
    return first_few(dict.fromkeys(escaped(it.student) for it in found), SHOWN)
