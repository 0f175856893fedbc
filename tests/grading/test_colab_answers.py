"""Right answers as students of Colab write them keep their marks, or a person looks.

``colab_answers.yaml`` holds them. They are handed in as Colab saves a notebook that was run from
its first cell to its last, and graded as submissions are. Answers to different exercises share a
notebook where they can, and the lesson's training is left out, because kernels take time.
"""

import json
import re
import sys
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell

from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.execute import sandbox
from course_utils.instructor.grade.grading import grade
from course_utils.instructor.gradebook.records import GRADED, NEEDS_REVIEW
from tests.colab.round_trip import as_colab_saves
from tests.grading.answers import COURSE, autograded_exercises, exercises_alone, lessons_to_test

FILE = Path(__file__).with_name("colab_answers.yaml")
ANSWERS = yaml.safe_load(FILE.read_text(encoding="utf-8"))
FULL, REVIEW = "full", "review"
PINS = (COURSE.root / "requirements" / "colab.txt").read_text(encoding="utf-8")
SAME = all(version(it) == pin for it, pin in re.findall(r"(?m)^(numpy|pandas)==(\S+)", PINS))
KEYS = {"name", "exercise", "comes to"}
MORE = {"own", "answer", "alone", "python"}


@pytest.mark.skipif(not SAME, reason="here NumPy or pandas is not Colab's version")
@pytest.mark.parametrize("lesson", lessons_to_test())
def test_no_mark_is_lost_in_silence(lesson, released):
    course = released(lesson)
    exercises = autograded_exercises(course, lesson)
    notebooks = {f"colab-{i}": it for i, it in enumerate(shared(ANSWERS.get(lesson, [])))}
    for student, answers in notebooks.items():
        write(course, student, lesson, exercises, answers)
    # The answers are the course's own, so they may run where nothing can be confined.
    pairs = [(student, lesson) for student in notebooks]
    records = list(grade(course, pairs, confined=not sandbox.available()))
    assert len(records) == len(notebooks)
    problems = [
        problem for record in records for problem in problems_of(notebooks[record.student], record)
    ]
    assert not problems, "\n".join(problems)


def test_the_file_can_be_understood():
    assert set(ANSWERS) <= set(lessons_to_test())
    for lesson, answers in ANSWERS.items():
        names = Counter((it["exercise"], it["name"]) for it in answers)
        assert not [name for name, times in names.items() if times > 1]
        assert {it["exercise"] for it in answers} == set(autograded_exercises(COURSE, lesson))
        for answer in answers:
            assert KEYS <= set(answer) <= KEYS | MORE, answer
            assert answer["comes to"] in (FULL, REVIEW), answer
            assert {"own", "answer"} & set(answer), answer


def outcome(answer):
    """What an answer comes to with this Python."""
    oldest = tuple(map(int, answer.get("python", "3.11").split(".")))
    return answer["comes to"] if sys.version_info >= oldest else REVIEW


def shared(answers):
    """Share notebooks out: each is a dict of answers by exercise, all with the same outcome."""
    notebooks = [{it["exercise"]: it} for it in answers if it.get("alone")]
    for kind in (FULL, REVIEW):
        made = []
        for answer in answers:
            if answer.get("alone") or outcome(answer) != kind:
                continue
            exercise = answer["exercise"]
            place = next((it for it in made if exercise not in it), None)
            if place is None:
                made.append(place := {})
            place[exercise] = answer
        notebooks += made
    return notebooks


def write(course, student, lesson, exercises, answers):
    """Hand a notebook in as Colab saves it, after every cell has run without an error."""
    solutions = {name: exercise.solution for name, exercise in exercises.items()}
    own = {name: it["answer"] for name, it in answers.items() if "answer" in it}
    hand_in(course, student, lesson, solutions | own)
    path = course.submission(student, lesson)
    notebook = exercises_alone(nbformat.read(path, as_version=4))
    cells = []
    for cell in notebook.cells:
        exercise = cell.metadata.get("nbgrader", {}).get("grade_id")
        if "own" in answers.get(exercise, {}):
            cells.append(new_code_cell(answers[exercise]["own"]))
        cells.append(cell)
    notebook.cells = cells
    for count, cell in enumerate((it for it in cells if it.cell_type == "code"), start=1):
        cell.outputs, cell.execution_count = [], count
    path.write_text(json.dumps(as_colab_saves(notebook)), encoding="utf-8")


def problems_of(answers, record):
    """Say which marks a notebook lost, and should not have."""
    reasons = "; ".join(record.reasons)
    lost = {}
    for cell in record.cells:
        if not cell.written and cell.earned != cell.maximum:
            lost.setdefault(cell.exercise, []).append(f"{cell.name}: {cell.message or 'open'}")
    alone = next((it for it in answers.values() if it.get("alone")), None)
    if all(outcome(it) == FULL for it in answers.values()) and record.status != GRADED:
        yield f"{_called(answers.values())}: {record.status}, {reasons}. Lost: {lost or 'nothing'}"
    for exercise, said in lost.items():
        answer = answers.get(exercise, alone)
        told = record.status == NEEDS_REVIEW and exercise in reasons
        if answer is None or outcome(answer) == FULL or not told:
            called = _called([answer]) if answer else f"{exercise}, the reference solution"
            yield f"{record.lesson}, {called}: {record.status}, {reasons or 'no reason'}; {said}"


def _called(answers):
    """Names of answers, to read."""
    return ", ".join(f"{it['exercise']} ({it['name']})" for it in answers)
