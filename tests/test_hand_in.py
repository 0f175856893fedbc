"""What students are told before they hand in; the notebook's session is a real IPython."""

import json
import os
import re
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
NOT_RUN = "not yet: run its answer cell as it stands now (in Jupyter, save too), then this cell.\n"
UNANSWERED = "*Replace this line with your answer.*"
COURSE = {
    "lesson": "01-sums",
    "tests": {
        "total-visible": fingerprint(TOTAL_TEST),
        "mean-visible": fingerprint(MEAN_TEST),
    },
    "answers": {
        "total": fingerprint(STUB),
        "mean": fingerprint(STUB.replace("total", "mean")),
        "why": fingerprint(UNANSWERED),
    },
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
        ({"total": STUB}, "· total: not yet: nothing of yours is in its answer cell.\n"),
        ({"total": "  \n"}, "· total: not yet: nothing of yours is in its answer cell.\n"),
        ({"total": f"# mine\n{STUB}"}, "· total: not yet.\n"),
        (
            {"total": "def total(numbers):\n    return 0"},
            "· total: not yet: total([1, 2]) should be 3",
        ),
        (
            {"total": "def total(n):\n    assert False, 'one\\ntwo'"},
            "· total: not yet: one\n",
        ),
        ({"total": "def total(n):\n    assert False"}, "· total: not yet: AssertionError\n"),
        ({"total": "def total(n):\n    raise SystemExit(3)"}, "· total: not yet: SystemExit: 3\n"),
        (
            {"total": "def total(n):\n    raise KeyboardInterrupt"},
            "· total: not yet: its test was stopped before it came to an end.\n",
        ),
        ({"test": "assert True"}, "· total: its test cell is not as it was given. "),
        ({"test": f"{TOTAL_TEST}\nprint('mine')"}, "· total: its test cell is not as it was given"),
        ({"why": UNANSWERED}, "· why: not yet: nothing of yours is in its answer cell.\n"),
        ({"why": "  \n"}, "· why: not yet: nothing of yours is in its answer cell.\n"),
    ],
)
def test_what_is_not_done_is_told(said, changes, line):
    out = said(lesson(**changes))
    assert "2 of 3 exercises done" in out
    assert f"\n{line}" in out
    assert "\nYou may hand it in as it is, or go on." in out


def test_an_answer_that_is_no_python_is_not_done_though_an_earlier_one_works(said):
    out = said(lesson(total="def total(:"), ran=[cell(TOTAL), *lesson(total="def total(:")])
    assert "\n· total: not yet: SyntaxError: " in out


def test_what_only_ipython_understands_may_stand_in_an_answer(said):
    asleep = "import asyncio\nawait asyncio.sleep(0)\n%xmode Minimal\n!true\n"
    assert "3 of 3" in said(lesson(total=asleep + TOTAL))
    assert "3 of 3" in said(lesson(total=f"%%time\n{TOTAL}"))


def test_a_long_line_ends_with_dots(said):
    out = said(lesson(total=f"def total(n):\n    assert False, 'word ' * {hand_in.LONGEST_LINE}"))
    line = out.splitlines()[1]
    assert hand_in.LONGEST_LINE - 8 < len(line) <= hand_in.LONGEST_LINE
    assert line.endswith(" word …")


def test_empty_lines_and_white_space_at_the_ends_of_lines_change_no_test(said):
    assert "3 of 3" in said(lesson(test=f"\n{TOTAL_TEST}   \n\n"))


def test_a_test_that_has_lost_its_name_is_known_by_its_text(said):
    cells = lesson()
    cells[2]["metadata"] = {}
    assert "3 of 3" in said(cells)


def test_a_notebook_that_has_lost_all_names_is_known_by_its_tests(said):
    cells = lesson()
    for it in cells:
        it["metadata"] = {}
    assert "✓ total: done\n✓ mean: done\n✓ why: done" in said(cells)
    cells[-1]["source"] = UNANSWERED
    assert "\n· why: not yet: nothing of yours is in its answer cell." in said(cells)


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
    assert "\n· total: there are 2 answer cells. Put all of it into one" in said(cells)
    assert "3 of 3" in said([*lesson(), cell(TOTAL, "total")])


def test_an_answer_changed_after_it_was_run_is_told(said):
    changed = lesson(total=TOTAL.replace("sum", "max"))
    out = said(changed, ran=lesson())
    assert f"\n· total: {NOT_RUN}" in out


def test_an_answer_is_not_done_before_it_is_run_in_this_session(said):
    out = said(lesson(), ran=[cell("import math"), *lesson()[4:]])
    assert f"\n· total: {NOT_RUN}✓ mean: done" in out


@pytest.mark.parametrize("better", [TOTAL, "total = sum"])
def test_a_better_answer_in_another_cell_makes_nothing_done(said, better):
    cells = lesson(total="def total(numbers):\n    return 0")
    cells.insert(3, cell(better))
    out = said(cells)
    assert f"\n· total: {NOT_RUN}" in out
    cells[1]["source"] = STUB
    assert "\n· total: not yet: nothing of yours is in its answer cell." in said(cells)


def test_what_a_name_is_used_for_is_no_other_answer(said):
    assert "3 of 3" in said([*lesson(), cell("total([1, 2]) == 3\ntotal == sum")])


def test_without_a_history_the_test_alone_decides(said, monkeypatch):
    monkeypatch.setattr(hand_in, "_what_ran", lambda shell: [])
    assert "3 of 3" in said(lesson())


def test_a_test_has_nothing_of_the_tests_above_it(said):
    first = f"import math\n{TOTAL_TEST}"
    second = "assert 'math' not in globals() and mean([3]) == 3"
    cells = lesson(test=first)
    cells[5]["source"] = second
    tests = {"total-visible": fingerprint(first), "mean-visible": fingerprint(second)}
    ran = [it for it in cells if it["source"] != first]
    out = said(cells, {"course": COURSE | {"tests": tests}}, ran=ran)
    assert "✓ total: done\n✓ mean: done" in out


@pytest.mark.parametrize(
    ("again", "sure"),
    [
        ([], True),
        ([cell("from course_utils import hand_in\nhand_in.report()")] * 2, True),
        ([cell(TOTAL, "total")], False),
        ([cell("scale = 2")], False),
    ],
)
def test_only_a_run_from_the_top_makes_sure(said, again, sure):
    out = said(lesson(), ran=[it for it in lesson() if it["source"] != MEAN_TEST] + again)
    assert "3 of 3" in out
    assert ("run everything from a fresh start" not in out) == sure


def test_the_tests_change_nothing_and_print_nothing(said, shell):
    test = "numbers = 5\nprint('noise')\nassert total([1, 2]) == 3"
    given = {"total": fingerprint(STUB)}
    course = COURSE | {"tests": {"total-visible": fingerprint(test)}, "answers": given}
    out = said(lesson(test=test), {"course": course}, ran=[cell(TOTAL), cell("numbers = [1, 2]")])
    assert "✓ total: done" in out
    assert "noise" not in out
    assert shell.user_ns["numbers"] == [1, 2]


@pytest.mark.parametrize("metadata", [{}, {"course": 3}, {"course": {"lesson": "01-sums"}}])
def test_a_notebook_that_has_lost_the_note_is_handed_in_all_the_same(said, metadata):
    out = said(lesson(), metadata)
    assert "has no note of its exercises" in out
    assert out.endswith("hand in the file that you get.\n")


def test_a_colab_that_does_not_answer_is_told(said, monkeypatch):
    said(lesson())
    assert colab.is_here()
    message = sys.modules["google.colab._message"]
    monkeypatch.setattr(message, "blocking_request", lambda *_, **more: None)
    text = hand_in._report(None)
    assert "notebook to this check (TimeoutError: no answer within 60 seconds). Run this" in text
    assert "File → Download → Download .ipynb" in text
    monkeypatch.delattr(message, "blocking_request")
    assert "(AttributeError: " in hand_in._report(None)


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
    shell.run_cell("from course_utils import hand_in\nhand_in.report()", store_history=True)
    out = capsys.readouterr().out
    assert "3 of 3" in out
    told = (
        r"The file to hand in is mine\.ipynb as it was saved at \d\d:\d\d\.\n"
        r"If you have changed anything since, save the notebook, and run this cell again\.\n"
    )
    assert re.search(rf"\n{told}$", out)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("later", [None, "print('later')", TOTAL])
def test_a_notebook_that_was_not_saved_since_is_told_so(
    shell, monkeypatch, tmp_path, capsys, later, times
):
    cells = lesson()
    run(shell, cells)
    save(tmp_path / "mine.ipynb", cells)
    monkeypatch.setenv("JPY_SESSION_NAME", "mine.ipynb")
    if later:
        shell.run_cell(later, store_history=True)
    for _ in range(times):
        capsys.readouterr()
        shell.run_cell("from course_utils import hand_in\nhand_in.report()", store_history=True)
    out = capsys.readouterr().out
    assert out.startswith("What was run last is not in mine.ipynb as it was saved at") == bool(
        later
    )
    # What stands in an old file is not what has been done.
    assert ("exercises done" in out) == ("The file to hand in" in out) == (not later)


@pytest.mark.parametrize("kept", [[], [cell("total([1, 2])", execution_count=5)]])
def test_a_last_cell_that_was_deleted_or_changed_leaves_a_way_out(
    shell, monkeypatch, tmp_path, capsys, kept
):
    cells = lesson()
    run(shell, [*cells, cell("total([1])")])
    save(tmp_path / "mine.ipynb", cells + kept)
    monkeypatch.setenv("JPY_SESSION_NAME", "mine.ipynb")
    capsys.readouterr()
    hand_in.report()
    assert capsys.readouterr().out.endswith(
        "the cell that ran last, run another before you save.\n"
    )
    run(shell, [cells[2]])
    save(tmp_path / "mine.ipynb", cells + kept)
    hand_in.report()
    assert "3 of 3" in capsys.readouterr().out


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


def test_it_can_be_interrupted(said, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(hand_in, "_exercises", interrupt)
    assert "could not be finished (KeyboardInterrupt). Your answers" in said(lesson())


def test_outside_ipython_it_says_what_it_cannot_see(monkeypatch, capsys):
    for name in ("COLAB_RELEASE_TAG", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(hand_in, "_shell", lambda: None)
    hand_in.report()
    assert "could not see which file" in capsys.readouterr().out


def test_a_fingerprint_is_of_a_text():
    assert fingerprint("x = 1  \n") == fingerprint("\nx = 1")
    assert fingerprint("x = 1\n\ny = 2") == fingerprint("x = 1\ny = 2")
    assert fingerprint("x = 1") != fingerprint("x =  1") != fingerprint("  x = 1\n  x")
    with pytest.raises(TypeError, match=r"text should be a string; got 3\. Use a cell's source"):
        fingerprint(3)
