"""Marks by hand: nbgrader's formgrader, as `make lab` starts it, on a class that has been graded.

A browser was used once, by hand; here its requests are made, and its pages are read.
"""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from course_utils.instructor.course import find_course
from course_utils.instructor.report.export import as_csv, settled
from course_utils.instructor.report.feedback import write_feedback
from course_utils.instructor.report.standing import read_standings
from tests.instructor.marked_class import WHY, mark

ROOT = Path(__file__).parents[3]
NAME = "01-sums"
TOKEN = "a-token-for-tests"
EVIL = "<script>evil()</script><img src=x onerror=evil()>"


class Formgrader:
    """A running formgrader."""

    def __init__(self, course, address):
        self.course, self.address = course, address

    def ask(self, path, method="GET", **body):
        """Ask for something; gives the answer's text."""
        request = urllib.request.Request(
            f"{self.address}/formgrader/{path}",
            method=method,
            data=json.dumps(body).encode() if method != "GET" else None,
            headers={"Authorization": f"token {TOKEN}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    def api(self, path, method="GET", **body):
        """Ask the API for something; gives what it answers."""
        return json.loads(self.ask(f"api/{path}", method, **body))

    def submission(self, student):
        """What the formgrader calls a student's notebook."""
        found = self.api(f"submitted_notebooks/{NAME}/{NAME}")
        return next(it["id"] for it in found if it["student"] == student)


@pytest.fixture(scope="module")
def formgrader(released_course, tmp_path_factory):
    """The formgrader of a class of two whose written answers wait for a mark."""
    folder = tmp_path_factory.mktemp("formgrader")
    shutil.copytree(released_course.root, folder / "course")
    course = find_course(folder / "course")
    mark(course, "ada", points={"total-hidden": 0.0})
    mark(course, "mallory", answers={"why": EVIL})
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        port = it.getsockname()[1]
    (line,) = re.findall(r"jupyter lab (.*)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    as_make_does = shlex.split(re.sub(r"\$\(.*?\)\)\s|\$\(.*\)\s", "", line))
    own = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
                *(f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}"),
                *as_make_does,
            ],
            cwd=course.root,
            env=os.environ | own | {"PATH": tools, "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    running = Formgrader(course, f"http://127.0.0.1:{port}")
    try:
        _wait_for(running, server, folder / "log")
        yield running
    finally:
        server.terminate()
        server.wait()


def _wait_for(running, server, log):
    """Wait until a formgrader answers."""
    for _ in range(600):
        try:
            return running.api("status")
        except urllib.error.HTTPError:
            raise
        except OSError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.2)
    raise AssertionError(log.read_text())


def test_points_and_words_given_there_arrive_everywhere(formgrader):
    course = formgrader.course
    assert {it["name"] for it in formgrader.api("assignments")} == {NAME, "02-more-sums"}
    submission = formgrader.submission("ada")
    kinds = {
        kind: {it["name"]: it["id"] for it in formgrader.api(f"{kind}?submission_id={submission}")}
        for kind in ("grades", "comments")
    }
    formgrader.api(f"grade/{kinds['grades']['why']}", "PUT", manual_score=1.5)
    formgrader.api(f"comment/{kinds['comments']['why']}", "PUT", manual_comment="Well put.")

    standing = next(it for it in read_standings(course, NAME) if it.student == "ada")
    assert {it.cell: it.earned for it in standing.given}["why"] == 1.5
    assert settled(standing) == 6.5
    assert ",graded,6.5,0,9," in as_csv([standing])
    (page,) = write_feedback(course, [NAME], "ada")
    assert "Well put." in page.path.read_text(encoding="utf-8")


def test_settings_are_not_shown(formgrader):
    page = formgrader.ask("manage_assignments")
    assert "Manage Assignments" in page
    assert "gradebook.db" not in page


def test_an_answer_is_shown_with_its_code_and_formulas(formgrader):
    page = formgrader.ask(f"submissions/{formgrader.submission('ada')}/")
    assert "Nothing can be divided by zero: <math" in page
    assert "*so* <code>sum([]) / 0</code> &lt;fails&gt;." in page
    assert "$" in WHY  # or the formula was none


def test_nothing_that_a_student_wrote_or_showed_is_carried_out(formgrader):
    path = formgrader.course.graded("mallory", NAME)
    notebook = nbformat.read(path, as_version=4)
    shown = {
        "text/html": EVIL,
        "text/markdown": EVIL,
        "text/latex": EVIL,
        "application/javascript": "evil()",
        "image/svg+xml": "<svg onload='evil()'/>",
        "application/vnd.jupyter.widget-view+json": {"it": "</script><script>evil()</script>"},
        "image/png": '"><script>evil()</script>',
        "text/plain": EVIL,
    }
    outputs = [
        new_output("display_data", {kind: it}, metadata={kind: {"width": "1 onerror=evil()"}})
        for kind, it in shown.items()
    ]
    outputs += [
        new_output("stream", text=EVIL),
        new_output("error", ename=EVIL, evalue=EVIL, traceback=[EVIL]),
    ]
    tagged = {"tags": ['"><script>evil()</script>']}
    notebook.cells += [
        new_code_cell(f"print('{EVIL}')", outputs=outputs, metadata=tagged),
        new_markdown_cell(f"```mermaid\n{EVIL}\n```\n[x](javascript:evil()) ![x](attachment:none)"),
        new_markdown_cell("", attachments={"a": {"image/png": '"><script>evil()</script>'}}),
        nbformat.v4.new_raw_cell(EVIL),
    ]
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"it": EVIL}}
    nbformat.write(notebook, path)
    page = formgrader.ask(f"submissions/{formgrader.submission('mallory')}/")
    assert "evil()" in page  # as words
    programs = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    tags = re.findall(r"<\w(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", page)
    assert len(tags) > 100  # they were found
    assert not [it for it in (*programs, *tags) if "evil()" in it and not it.startswith("<img ")]
    pictures = [it for it in tags if "evil()" in it]
    assert all(re.search(r"onerror|width=1", re.sub(r'"[^"]*"', "", it)) is None for it in pictures)


@pytest.mark.parametrize(
    ("path", "instead"),
    [
        (f"submission/{NAME}/ada/autograde", "course grade"),
        (f"assignment/{NAME}/assign", "course release"),
        (f"assignment/{NAME}/generate_feedback", "course feedback"),
        (f"assignment/{NAME}/ada/generate_feedback", "course feedback"),
    ],
)
def test_nbgraders_own_commands_are_refused(formgrader, path, instead):
    before = formgrader.course.graded("ada", NAME).read_bytes()
    with pytest.raises(urllib.error.HTTPError) as refused:
        formgrader.ask(f"api/{path}", "POST")
    assert refused.value.code == 403
    assert instead in refused.value.read().decode()
    assert formgrader.course.graded("ada", NAME).read_bytes() == before
