"""What students are told before they hand in; the notebook's session is a real IPython."""

import json
import os
import sys
from types import ModuleType

import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_utils import colab, hand_in
from course_utils.hand_in import fingerprint

TOTAL = "def total(numbers):\n    return sum(numbers)"
STUB = 'def total(numbers):\n    raise NotImplementedError("This exercise is waiting.")'
TOTAL_TEST = "assert total([1, 2]) == 3, 'total([1, 2]) should be 3'"
MEAN = "def mean(numbers):\n    return sum(numbers) / len(numbers)"
MEAN_TEST = "assert mean([2, 4]) == 3"
UNANSWERED = "*Replace this line with your answer.*"
COURSE = {
    "lesson": "01-sums",
    "tests": {
        "total-visible": fingerprint(TOTAL_TEST),
        "mean-visible": fingerprint(MEAN_TEST),
    },
    "written": {"why": fingerprint(UNANSWERED)},
}


def cell(source, name=None, kind="code", **more):
    metadata = {"nbgrader": {"grade_id": name}} if name else {}
    return {"cell_type": kind, "source": source, "metadata": metadata} | more


def lesson(total=TOTAL, test=TOTAL_TEST, why="Nothing to share."):
    return [
        cell("# Sums", kind="markdown"),
        cell(total, "total"),
        cell(test, "total-visible"),
        cell("", "total-hidden"),
        cell(MEAN, "mean"),
        cell(MEAN_TEST, "mean-visible"),
        cell(why, "why", kind="markdown"),
    ]


@pytest.fixture
def shell(monkeypatch, tmp_path):
    """A session of its own in an empty folder, neither in Colab nor in Jupyter."""
    for name in ("COLAB_RELEASE_TAG", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    shell = InteractiveShell()
    shell.user_ns["__name__"] = "__main__"
    monkeypatch.setattr(hand_in, "_shell", lambda: shell)
    yield shell
    shell.history_manager.end_session()


def run(shell, cells):
    """Run the code of a notebook, as a student does; whatever fails, fails."""
    for it in cells:
        if it["cell_type"] == "code" and it["source"]:
            it["execution_count"] = shell.execution_count
            shell.run_cell(it["source"], store_history=True, silent=False)


@pytest.fixture
def said(shell, monkeypatch, capsys):
    """Open cells in Colab, run them, and give what the report says."""

    def report(cells, metadata=None, ran=None):
        notebook = {"metadata": {"course": COURSE} if metadata is None else metadata}
        message = ModuleType("google.colab._message")
        message.blocking_request = lambda name, request, timeout_sec: {
            "ipynb": notebook | {"cells": cells}
        }
        for module in (ModuleType("google"), ModuleType("google.colab"), message):
            monkeypatch.setitem(sys.modules, module.__name__, module)
        run(shell, cells if ran is None else ran)
        capsys.readouterr()
        hand_in.report()
        return capsys.readouterr().out

    return report


def test_everything_done_is_told_in_the_lesson_s_order(said):
    lines = said(lesson()).splitlines()
    assert lines[:4] == [
        "Lesson 01-sums: 3 of 3 exercises done.",
        "✓ total: done",
        "✓ mean: done",
        "✓ why: done",
    ]
    assert "Further tests" in lines[-2]
    assert lines[-1].startswith("Now choose File → Download → Download .ipynb, and hand in")


def test_cells_as_colab_saves_them_are_read(said):
    cells = lesson()
    for number, it in enumerate(cells):
        it["metadata"]["id"] = f"cell{number}"
    sources = [it["source"] for it in cells]
    for it in cells:
        it["source"] = it["source"].splitlines(keepends=True)
    ran = [cell(source) for source in sources if not source.startswith(("#", "Nothing"))]
    assert "3 of 3" in said(cells, ran=ran)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"total": STUB}, "· total: not yet."),
        (
            {"total": "def total(numbers):\n    return 0"},
            "· total: not yet: total([1, 2]) should be 3",
        ),
        ({"total": "def total(:"}, "· total: not yet: NameError: name 'total' is not defined"),
        ({"total": "def total(n):\n    exit(3)"}, "· total: not yet: "),
        ({"test": "assert True"}, "· total: its test cell is not as it was given. "),
        ({"test": f"{TOTAL_TEST}\nprint('mine')"}, "· total: its test cell is not as it was given"),
        ({"why": UNANSWERED}, "· why: not yet answered (your own words)."),
        ({"why": "  \n"}, "· why: not yet answered (your own words)."),
    ],
)
def test_what_is_not_done_is_told(said, changes, line):
    out = said(lesson(**changes))
    assert "2 of 3 exercises done" in out
    assert f"\n{line}" in out
    assert "\nYou may hand it in as it is, or go on." in out


def test_white_space_at_the_ends_of_lines_changes_no_test(said):
    assert "3 of 3" in said(lesson(test=f"{TOTAL_TEST}   \n\n"))


def test_a_test_that_has_lost_its_name_is_known_by_its_text(said):
    cells = lesson()
    cells[2]["metadata"] = {}
    assert "3 of 3" in said(cells)


def test_a_notebook_that_has_lost_all_names_is_known_by_its_tests(said):
    cells = lesson()
    for it in cells:
        it["metadata"] = {}
    assert "✓ total: done\n✓ mean: done" in said(cells)


@pytest.mark.parametrize(
    ("lost", "line"),
    [
        ("total", "· total: its answer cell is missing. Open the lesson anew"),
        ("total-visible", "· total: its test cell is missing."),
        ("why", "· why: its answer cell is missing."),
    ],
)
def test_a_cell_that_was_deleted_is_told(said, lost, line):
    cells = [it for it in lesson() if it["metadata"].get("nbgrader", {}).get("grade_id") != lost]
    assert f"\n{line}" in said(cells, ran=lesson())


def test_copies_of_an_answer_that_differ_are_told(said):
    cells = [*lesson(), cell(TOTAL.replace("sum", "max"), "total")]
    assert "\n· total: there are 2 cells with answers. Keep one" in said(cells)
    assert "3 of 3" in said([*lesson(), cell(TOTAL, "total")])


def test_an_answer_changed_after_it_was_run_is_told(said):
    changed = lesson(total=TOTAL.replace("sum", "max"))
    out = said(changed, ran=lesson())
    assert "\n· total: not yet: its answer cell has not been run since it was last changed." in out


def test_the_tests_change_nothing_and_print_nothing(said, shell):
    test = "numbers = 5\nprint('noise')\nassert total([1, 2]) == 3"
    course = COURSE | {"tests": {"total-visible": fingerprint(test)}}
    out = said(lesson(test=test), {"course": course}, ran=[cell(TOTAL), cell("numbers = [1, 2]")])
    assert "✓ total: done" in out
    assert "noise" not in out
    assert shell.user_ns["numbers"] == [1, 2]


@pytest.mark.parametrize("metadata", [{}, {"course": 3}, {"course": {"lesson": "01-sums"}}])
def test_another_notebook_is_told_so(said, metadata):
    assert "does not say which lesson it is" in said(lesson(), metadata)


def test_a_colab_that_does_not_answer_is_told(said, monkeypatch):
    said(lesson())
    monkeypatch.delattr(sys.modules["google.colab._message"], "blocking_request")
    assert colab.is_here()
    text = hand_in._report(None)
    assert text.startswith("Colab did not show its notebook")
    assert "File → Download → Download .ipynb" in text


def save(path, cells):
    path.write_text(json.dumps({"metadata": {"course": COURSE}, "cells": cells}), encoding="utf-8")


@pytest.mark.parametrize("where", ["file", "folder/file", "vs code"])
def test_the_saved_notebook_is_read(shell, monkeypatch, tmp_path, capsys, where):
    cells = lesson()
    run(shell, cells)
    save(tmp_path / "mine.ipynb", cells)
    if where == "vs code":
        shell.user_ns["__vsc_ipynb_file__"] = str(tmp_path / "mine.ipynb")
    else:
        name = tmp_path / "mine.ipynb" if where == "file" else "notebooks/mine.ipynb"
        monkeypatch.setenv("JPY_SESSION_NAME", os.fspath(name))
    capsys.readouterr()
    hand_in.report()
    out = capsys.readouterr().out
    assert "3 of 3" in out
    assert out.endswith("The file to hand in is mine.ipynb.\n")


def test_a_notebook_that_was_not_saved_since_is_told_so(shell, monkeypatch, tmp_path, capsys):
    cells = lesson()
    run(shell, cells)
    save(tmp_path / "mine.ipynb", cells)
    monkeypatch.setenv("JPY_SESSION_NAME", "mine.ipynb")
    shell.run_cell("print('later')", store_history=True)
    capsys.readouterr()
    hand_in.report()
    out = capsys.readouterr().out
    assert out.endswith("save it, and run this cell again.\n")
    assert "The file to hand in" not in out


@pytest.mark.parametrize("name", [None, "", "gone.ipynb", "console-1"])
def test_without_a_file_in_sight_nothing_is_run(shell, monkeypatch, capsys, name):
    if name is not None:
        monkeypatch.setenv("JPY_SESSION_NAME", name)
    monkeypatch.setattr(hand_in, "_failure", lambda *it: pytest.fail("a test was run"))
    hand_in.report()
    assert "could not see which file" in capsys.readouterr().out


def test_whatever_goes_wrong_is_printed(shell, monkeypatch, tmp_path, capsys):
    (tmp_path / "mine.ipynb").write_text("no notebook", encoding="utf-8")
    monkeypatch.setenv("JPY_SESSION_NAME", "mine.ipynb")
    hand_in.report()
    out = capsys.readouterr().out
    assert "could not be finished (JSONDecodeError" in out
    assert "hand it in all the same" in out


def test_it_can_be_interrupted(said):
    out = said(lesson(total="def total(numbers):\n    raise KeyboardInterrupt"))
    assert "could not be finished (KeyboardInterrupt" in out


def test_outside_ipython_it_says_what_it_cannot_see(monkeypatch, capsys):
    for name in ("COLAB_RELEASE_TAG", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(hand_in, "_shell", lambda: None)
    hand_in.report()
    assert "could not see which file" in capsys.readouterr().out


def test_a_fingerprint_is_of_a_text():
    assert fingerprint("x = 1  \n") == fingerprint("\nx = 1")
    assert fingerprint("x = 1") != fingerprint("x =  1")
    with pytest.raises(TypeError, match=r"text should be a string; got 3\. Use a cell's source"):
        fingerprint(3)
