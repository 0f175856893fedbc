"""The faults that the setup cell meets, and that this machinery would see if it told them badly.

The rest of the table takes TensorFlow: `make colab` runs it, in Colab's own versions.
"""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_utils.instructor.course import Publication
from course_utils.instructor.release import colab
from tests.colab import faults
from tests.colab.lessons import first_problem, run_notebook

PUBLICATION = Publication("somebody/lessons", "v1.2.3")
PREFIX = "/somebody/lessons/v1.2.3"
HERE = Path(sys.prefix)
"""The environment of the tests: the setup cell must change nothing in it, and fails before."""


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """A release that holds only a wheel, and not a real one."""
    folder = tmp_path_factory.mktemp("release")
    (folder / "from_pixels_to_features-1.2.3-py3-none-any.whl").write_bytes(bytes(range(200)))
    return folder


@pytest.fixture(scope="module")
def set_up(release):
    """The setup cell for this release."""
    notebook = new_notebook(cells=[new_code_cell("print(1)")])
    colab.prepare(notebook, "01-sums", PUBLICATION, next(release.iterdir()))
    return faults.set_up_code(notebook)


@pytest.mark.parametrize("fault", faults.SET_UP_FAULTS, ids=lambda fault: fault.name)
def test_the_setup_cell_says_what_is_wrong_in_one_line(fault, set_up, release):
    outcome = faults.bring_about(fault, set_up, release, PREFIX, HERE)
    assert outcome.problem == ""
    assert all(words in outcome.read for words in fault.says)


def test_other_words_are_red(set_up, release):
    fault = replace(faults.SET_UP_FAULTS[1], says=("no longer at", "Call the fire brigade"))
    outcome = faults.bring_about(fault, set_up, release, PREFIX, HERE)
    assert outcome.problem.startswith("expected the words ['Call the fire brigade']; got:")


def test_a_traceback_is_red(release):
    code = 'def f():\n    raise ValueError("no longer at, Open the lesson anew")\n\n\nf()'
    outcome = faults.bring_about(faults.SET_UP_FAULTS[1], code, release, PREFIX, HERE)
    assert outcome.problem == "expected one error of one line"


def test_a_cell_that_fails_where_none_should_is_red(release):
    fault = faults.Fault("none", says=("all is well",), cells=("1 / 0",))
    outcome = faults.bring_about(fault, 'print("all is well")', release, PREFIX, HERE)
    assert outcome.problem == "a cell failed: ZeroDivisionError: division by zero"


KILL = """\
import os, pathlib, signal
if "END_KERNEL" in os.environ:
    pathlib.Path("begun").touch()
    os.kill(os.getpid(), signal.SIGKILL)
print("goes on" if pathlib.Path("begun").exists() else "begins")
"""


@pytest.mark.parametrize(
    ("before", "problem"),
    [({"END_KERNEL": "1"}, ""), ({"SOMETHING": "1"}, "the kernel was not killed: all cells ran")],
)
def test_a_killed_kernel_is_followed_by_another_in_the_same_folder(before, problem, release):
    fault = faults.Fault("killed kernel", ("goes on",), before=before)
    assert faults.bring_about(fault, KILL, release, PREFIX, HERE).problem == problem


LOOK = """\
import importlib.util, os
import google.colab
from google.colab import _message, drive
print(os.environ["COLAB_RELEASE_TAG"], os.environ.get("COURSE_PROFILE"))
print(sorted(os.listdir()), "PYTEST_CURRENT_TEST" in os.environ)
print(_message.blocking_request("get_ipynb", timeout_sec=5)["ipynb"]["nbformat_minor"])
drive.mount("/content/drive")
"""


def test_a_notebook_runs_in_a_place_as_colab_is(tmp_path):
    from nbformat import read

    executed = tmp_path / "executed.ipynb"
    notebook = new_notebook(cells=[new_code_cell(LOOK)])
    assert run_notebook(notebook, "lesson", HERE, executed, "") == ""
    ran = read(executed, as_version=4)
    said = ran.cells[-1].outputs[0].text.splitlines()
    assert said[0].startswith("release-colab_")
    assert said[0].endswith(" fast")
    assert said[1].startswith("['lesson.ipynb']")
    assert said[2] == "0"
    assert "ValueError: mount failed" in first_problem(ran)


def test_a_notebook_that_cannot_be_run_at_all_is_told(tmp_path):
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin/python"
    python.write_text("#!/bin/sh\necho 'Traceback:' >&2; echo 'No module named nbclient' >&2\n")
    python.chmod(0o755)
    notebook = new_notebook(cells=[new_code_cell("1")])
    said = run_notebook(notebook, "lesson", tmp_path, tmp_path / "executed.ipynb", "")
    assert said == "No module named nbclient"


def test_the_first_problem_names_the_cell():
    cells = [new_code_cell("1"), new_code_cell("# Two\n1 / 0"), new_code_cell("2 / 0")]
    for cell in cells[1:]:
        cell.outputs = [new_output("error", ename="ZeroDivisionError", evalue=cell.source[-5:])]
    assert first_problem(new_notebook(cells=cells)) == "cell 2 (# Two): ZeroDivisionError: 1 / 0"
    assert first_problem(new_notebook(cells=cells[:1])) == ""
