"""What makes a lesson red in `make colab`, and what ends it with a failure."""

import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import tests.colab.__main__ as command
from course_utils.instructor.release.release import ReleaseError, generate
from tests.colab import environment, lessons
from tests.colab.environment import Changes
from tests.colab.faults import Outcome
from tests.colab.lessons import Run, set_up_seconds, solved, why_not_gradable
from tests.instructor.toy_course import make_toy_course

LESSON = "01-sums"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A toy course with a released lesson."""
    course = make_toy_course(tmp_path_factory.mktemp("toy"), [LESSON])
    generate(course, LESSON)
    return course


def test_a_solved_release_is_gradable_as_colab_saves_it(course):
    notebook = solved(course, LESSON)
    assert "NotImplementedError" not in nbformat.writes(notebook)
    assert why_not_gradable(course, LESSON, notebook) == ""


def test_a_release_without_an_answer_is_not(course):
    notebook = solved(course, LESSON)
    notebook.cells = [it for it in notebook.cells if not it.source.startswith("def total")]
    assert "The cell of the answer to 'total' is missing" in why_not_gradable(
        course, LESSON, notebook
    )


def test_the_setup_cells_own_time():
    times = {
        "iopub.execute_input": "2026-11-23T01:00:00.250000Z",
        "shell.execute_reply": "2026-11-23T01:00:03.500000Z",
    }
    cells = [new_code_cell("1"), new_code_cell("set_up_colab()", metadata={"execution": times})]
    assert set_up_seconds(new_notebook(cells=cells)) == 3.25


DONE = "Lesson 01-sums: 3 of 3 exercises done.\n✓ total: done\n"


@pytest.mark.parametrize(
    ("said", "spoil", "problem"),
    [
        (DONE, None, ""),
        (DONE, "1 / 0", "cell 1 (1 / 0): ZeroDivisionError: division by zero"),
        (DONE, "def total", "The cell of the answer to 'total' is missing"),
        (DONE.replace("3 of", "2 of"), None, "the last cell says: Lesson 01-sums: 2 of 3"),
        ("This check could not be finished", None, "the last cell says: This check could not"),
        ("", None, "the last cell says: nothing"),
        (None, None, "No module named nbclient"),
    ],
)
def test_what_makes_a_lesson_red(said, spoil, problem, course, monkeypatch, tmp_path):
    seen = environment.Snapshot({}, {})
    monkeypatch.setattr(environment, "snapshot", lambda folder: seen)
    monkeypatch.setattr(environment, "restore", lambda folder, before: None)

    def run(notebook, lesson, folder, executed, address):
        if said is None:
            return "No module named nbclient"
        times = dict.fromkeys(
            ("iopub.execute_input", "shell.execute_reply"), "2026-11-23T01:00:00Z"
        )
        first = new_code_cell("set_up_colab()", metadata={"execution": times})
        last = new_code_cell("report()", outputs=[new_output("stream", text=said)] if said else [])
        if spoil == "def total":
            notebook.cells = [it for it in notebook.cells if not it.source.startswith(spoil)]
        elif spoil:
            error = new_output("error", ename="ZeroDivisionError", evalue="division by zero")
            notebook.cells.insert(0, new_code_cell(spoil, outputs=[error]))
        notebook.cells = [*notebook.cells, first, last]
        executed.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, executed)
        return ""

    monkeypatch.setattr(lessons, "run_notebook", run)
    found = lessons.run_lesson(course, LESSON, tmp_path, "").problem
    assert problem in found
    assert bool(problem) == bool(found)


NOTHING = Changes({}, [])
OURS = Changes({"from-pixels-to-features": "0.1.0"}, [])
MOVED = Changes({}, ["numpy 2.1.3 → 2.2"])


@pytest.mark.parametrize(
    ("problem", "found", "fault", "status"),
    [
        ("", OURS, "", 0),
        ("", NOTHING, "", 0),
        ("cell 3 failed", OURS, "", 1),
        ("", MOVED, "", 1),
        ("", OURS, "expected other words", 1),
    ],
)
def test_anything_red_ends_it_with_a_failure(
    problem, found, fault, status, monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(sys, "argv", ["colab", "01-pixels-and-labels"])
    monkeypatch.setattr(command.environment, "make", lambda recipe, install: tmp_path)
    monkeypatch.setattr(command, "_versions", lambda folder: "  versions")
    monkeypatch.setattr(command, "release", lambda course, lessons: tmp_path)
    run = Run("01-pixels-and-labels", problem, 12.3, 4.5, found)
    monkeypatch.setattr(command, "run_lesson", lambda *_: run)
    outcomes = [Outcome("no network", fault, "Wait a minute")]
    monkeypatch.setattr(command, "_bring_about", lambda *_: outcomes)
    assert command.main() == status
    said = capsys.readouterr().out
    assert "12.3" in said
    assert "4.5" in said
    assert ("red" in said) == bool(problem or fault)
    assert ("changed  nothing that was there" in said) == (found is not MOVED)
    assert "Wait a minute" in said


def test_an_installer_that_fails_ends_it_with_a_line(monkeypatch, capsys):
    install = command.environment.bootstrap()

    def refuse(recipe, install):
        raise install.Problem("Python 3.13 is needed. Install Python 3.13")

    monkeypatch.setattr(sys, "argv", ["colab"])
    monkeypatch.setattr(command.environment, "bootstrap", lambda: install)
    monkeypatch.setattr(command.environment, "make", refuse)
    assert command.main() == 1
    assert "Install Python 3.13, then run the same command again." in capsys.readouterr().out


@pytest.mark.parametrize("error", [ReleaseError([]), ValueError("No lesson is called '11'")])
def test_a_release_that_is_refused_ends_it_with_a_line(error, monkeypatch, capsys, tmp_path):
    def refuse(course, lessons):
        raise error

    monkeypatch.setattr(sys, "argv", ["colab", "01-pixels-and-labels"])
    monkeypatch.setattr(command.environment, "make", lambda recipe, install: tmp_path)
    monkeypatch.setattr(command, "_versions", lambda folder: "  versions")
    monkeypatch.setattr(command, "release", refuse)
    assert command.main() == 1
    assert f"failed: {error}" in capsys.readouterr().out


def test_a_lesson_that_is_none_ends_it_with_a_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["colab", "11-nothing"])
    assert command.main() == 1
    assert "No lesson is called '11-nothing'" in capsys.readouterr().out
