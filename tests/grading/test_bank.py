"""The bank, in full: answers travel in released notebooks and are graded as submissions are.

The k-th answers of all exercises of a lesson share one notebook, so that a lesson needs only as
many runs as its longest bank; an exercise whose bank is shorter is then answered by its reference
solution. The first run, that of all reference solutions, is one of the lesson as Colab saves it,
and no cell of it may fail. Of this and the next ones, whose answers are all right, only what tests
depend on is run, as `course grade` does it; of the first lesson everything, once. Each lesson runs
whole as a notebook of nbmake's, and its release in Colab's environment (`make colab`). In the
others cells without a task only import, because a wrong answer may ask for a whole run.
"""

import json

import nbformat
import pytest

from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.execute import sandbox
from course_utils.instructor.grade.grading import grade
from course_utils.instructor.gradebook.records import GRADED, UNTOUCHED
from tests.colab.round_trip import as_colab_saves
from tests.grading.answers import (
    BANK,
    FEWEST_RIGHT,
    autograded_exercises,
    disagreement,
    exercises_alone,
    lessons_to_test,
    number_of_answers,
    read_answers,
)

RUNS = [
    (lesson, number)
    for lesson in lessons_to_test()
    for number in range(number_of_answers(BANK, lesson))
]


@pytest.mark.parametrize(("lesson", "number"), RUNS)
def test_answers_earn_their_marks(lesson, number, released):
    problems = disagreements_of_run(BANK, released(lesson), lesson, number)
    assert not problems, "\n".join(problems)


def disagreements_of_run(bank, course, lesson, number):
    """Grade the answers of this number to all exercises; say where the bank expects otherwise."""
    exercises = autograded_exercises(course, lesson)
    try:
        choices = {name: read_answers(bank, course, lesson, name) for name in exercises}
    except ValueError as error:
        return [str(error)]
    answers = {
        name: choice[number] if number < len(choice) else choice[0]
        for name, choice in choices.items()
    }
    student = f"answers-{number}"
    hand_in(course, student, lesson, {name: answer.code for name, answer in answers.items()})
    path = course.submission(student, lesson)
    handed_in = nbformat.read(path, as_version=4)
    if number == 0:
        path.write_text(json.dumps(as_colab_saves(handed_in)), encoding="utf-8")
    elif number > FEWEST_RIGHT:
        nbformat.write(exercises_alone(handed_in), path)
    # The answers are the course's own, so they may run where nothing can be confined.
    whole = number == 0 and lesson == lessons_to_test()[0]
    options = {"confined": not sandbox.available(), "whole": whole}
    (record,) = grade(course, [(student, lesson)], **options)
    reasons = "; ".join(record.reasons)
    if record.status == UNTOUCHED:  # all answers are stubs, whose messages the quick test reads
        earning = [name for name, answer in answers.items() if any(answer.marks.values())]
        return [f"{lesson}, answers {number}: {reasons}, in spite of {earning}"] if earning else []
    assert record.status == GRADED, f"{lesson}, answers {number}: {record.status}, {reasons}"
    if number <= FEWEST_RIGHT:
        assert record.run == ("whole" if whole else "needed"), f"{lesson}, answers {number}"
    cells = {cell.name: cell for cell in record.cells}
    graded = nbformat.read(course.graded(student, lesson), as_version=4)
    # So the release, once its exercises are solved, runs from the first cell to the last.
    problems = _failures(graded, lesson) if number == 0 else []
    for name, exercise in exercises.items():
        marks = {cell: cells[cell].earned for cell in exercise.points}
        said = (cells[cell].message for cell in exercise.points)
        message = next(filter(None, said), "")
        problems.append(disagreement(lesson, name, answers[name], marks, message))
    return list(filter(None, problems))


def _failures(notebook, lesson):
    """The errors of a solved lesson."""
    return [
        f"{lesson}: the release fails, its exercises solved, with {output.ename}: {output.evalue} "
        f"in the cell:\n{cell.source}"
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
