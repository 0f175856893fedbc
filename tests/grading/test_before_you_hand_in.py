"""What "Before you hand in" says of every answer of a bank is what its visible test says."""

import json
import sys
from types import ModuleType

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_utils import hand_in
from course_utils.instructor.course import Publication
from course_utils.instructor.lessons.exercises import inject
from course_utils.instructor.release import colab
from tests.colab.round_trip import as_colab_saves
from tests.grading.answers import (
    BANK,
    autograded_exercises,
    exercises_alone,
    lessons_to_test,
    number_of_answers,
    read_answers,
)

LESSON = lessons_to_test()[0]
BEGIN = "begin("
"""What a lesson's first cell calls, which takes long, and no exercise needs."""


@pytest.fixture
def shell(monkeypatch, tmp_path):
    """A session of its own that is said to be Colab's."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab")
    shell = InteractiveShell()
    shell.user_ns["__name__"] = "__main__"
    monkeypatch.setattr(hand_in, "_shell", lambda: shell)
    yield shell
    shell.history_manager.end_session()


@pytest.mark.parametrize("number", range(number_of_answers(BANK, LESSON)))
def test_it_says_what_the_visible_tests_say(number, released, shell, monkeypatch, tmp_path, capsys):
    course = released(LESSON)
    answers = {}
    for name in autograded_exercises(course, LESSON):
        choice = read_answers(BANK, course, LESSON, name)
        answers[name] = choice[number] if number < len(choice) else choice[0]
    release = nbformat.read(course.released(LESSON), as_version=4)
    wheel = tmp_path / "package-1.0-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    colab.prepare(release, LESSON, Publication("somebody/lessons", "v1"), wheel)
    notebook = inject(release, {name: answer.code for name, answer in answers.items()})
    for cell in exercises_alone(notebook).cells:
        if cell.cell_type == "code" and BEGIN not in cell.source:
            shell.run_cell(cell.source, store_history=True)
    saved = json.loads(json.dumps(as_colab_saves(notebook, number)))
    message = ModuleType("google.colab._message")
    message.blocking_request = lambda *_, **more: {"ipynb": saved}
    monkeypatch.setitem(sys.modules, message.__name__, message)
    capsys.readouterr()
    hand_in.report()
    said = capsys.readouterr().out
    for name, answer in answers.items():
        assert (f"✓ {name}: done\n" in said) == bool(answer.marks[f"{name}-visible"]), said
