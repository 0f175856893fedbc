"""What waits for a person in a lesson, question by question, with what helps to judge it."""

from collections import Counter
from dataclasses import dataclass

from markupsafe import Markup

from course_utils.instructor.lessons.blocks import HEADING, block_of, grade_id
from course_utils.instructor.lessons.exercises import SOLUTION_MARKERS, read_exercises
from course_utils.instructor.release.confidential import INSTRUCTOR_TAG, MARK_SCHEME
from course_utils.instructor.report.rich_text import rich

MOST_USED = 9  # one for each digit's key


@dataclass(frozen=True)
class Question:
    """A graded cell that a person may have to mark.

    Attributes
    ----------
    cell, exercise, title : str
    task, model, scheme : Markup
        What was asked, a model answer, and the lesson's mark scheme and notes; the last may be
        empty.
    maximum : float
    written : bool
    """

    cell: str
    exercise: str
    title: str
    task: Markup
    model: Markup
    scheme: Markup
    maximum: float
    written: bool


def read_questions(source):
    """Read what can be marked in a lesson.

    Parameters
    ----------
    source : NotebookNode
        The lesson's source, with model answers and mark schemes.

    Returns
    -------
    dict of str to Question
        By grade id, in the lesson's order.
    """
    return {
        cell: _question(source, exercise, cell, maximum)
        for exercise in read_exercises(source).values()
        for cell, maximum in exercise.points.items()
    }


def _question(source, exercise, cell, maximum):
    """What a graded cell asks, and what helps to judge its answer."""
    block = block_of(source.cells, exercise.name)
    texts = [it for it in block if it.cell_type == "markdown" and not grade_id(it)]
    notes = [it.source for it in texts if INSTRUCTOR_TAG in it.metadata.get("tags", [])]
    task = "\n\n".join(it.source for it in texts if it.source not in notes)
    title = HEADING.search(task)
    scheme = [it for cell in block for it in MARK_SCHEME.findall(cell.source)]
    model = _without_markers(exercise.answer)
    return Question(
        cell=cell,
        exercise=exercise.name,
        title=title[1] if title else exercise.name,
        task=rich(HEADING.sub("", task, count=1)),
        model=rich(model) if exercise.written else Markup("<pre>{}</pre>").format(model),
        scheme=rich("\n\n".join([*scheme, *notes])),
        maximum=maximum,
        written=exercise.written,
    )


def _without_markers(answer):
    """A model answer without its mark scheme and the lines that mark it."""
    lines = MARK_SCHEME.sub("", answer).split("\n")
    return "\n".join(line for line in lines if not SOLUTION_MARKERS.search(line)).strip()


def waiting(standings, cell):
    """List whose answer to a question waits for a mark.

    Parameters
    ----------
    standings : sequence of Standing
        Of one lesson.
    cell : str
        A grade id.

    Returns
    -------
    list of Standing
        Of a group whose members all wait, the first.
    """
    wait = [it for it in standings if any(given.cell == cell for given in it.waiting)]
    students = {it.student for it in wait}
    return [
        it for it in wait if not any(one in students and one < it.student for one in it.partners)
    ]


def of_group(standings, standing, cell):
    """List whose mark for a question is one: a student's, and those of the group's others.

    Parameters
    ----------
    standings : sequence of Standing
        Of one lesson.
    standing : Standing
    cell : str
        A grade id.

    Returns
    -------
    list of str
        Student ids; without members who have another mark, or none to be given.
    """

    def mark(it):
        return [(own.earned, own.comment, own.again) for own in it.given if own.cell == cell]

    others = [it for it in standings if it.student in standing.partners]
    return [standing.student, *(it.student for it in others if mark(it) == mark(standing))]


def used(standings, cell):
    """List the points and comments that were given to a question, the most used first.

    Parameters
    ----------
    standings : sequence of Standing
        Of one lesson.
    cell : str
        A grade id.

    Returns
    -------
    list of (float, str)
        At most `MOST_USED`.
    """
    count = Counter(
        (given.earned, given.comment)
        for it in standings
        for given in it.given
        if given.cell == cell and given.by_hand
    )
    return [pair for pair, _ in count.most_common(MOST_USED)]
