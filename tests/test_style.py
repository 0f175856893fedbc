"""Code and lessons pass ruff and codespell; and the settings of both really refuse something."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUFF = ("ruff",)
CODESPELL = ("codespell_lib",)


def run(tool, *arguments, text=None):
    """Run one of our tools in the repository; return its status and what it says."""
    command = [sys.executable, "-m", *tool, *arguments]
    done = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("tool", "arguments", "mend"),
    [
        (
            RUFF,
            ["check", "--output-format", "concise", "."],
            "Run: .venv/bin/ruff check --fix. For a notebook: mend its .md, then run: make pair",
        ),
        (
            RUFF,
            ["format", "--check", "--output-format", "concise", "."],
            "Run: .venv/bin/ruff format. If that changes a lesson, then run: make pair",
        ),
        (
            CODESPELL,
            ["."],
            "Mend the spelling, or add the word to ignore-words-list in pyproject.toml.",
        ),
    ],
    ids=["ruff check", "ruff format", "codespell"],
)
def test_the_whole_tree_is_in_style(tool, arguments, mend):
    status, said = run(tool, *arguments)
    assert status == 0, f"{said}\n{mend}"


@pytest.mark.parametrize(
    ("place", "code", "rule"),
    [
        ("course_utils/new.py", '"""A module."""\n\nimport os\n', "F401"),
        ("course_utils/new.py", '"""A module."""\n\n\ndef public():\n    return 1\n', "D103"),
        ("course_utils/new.py", '"""A module."""\n\nimport sys, os\n\nsys, os\n', "I001"),
        ("tests/new.py", "def f(things=[]):\n    return things\n", "B006"),
        ("notebooks/new.py", f"x = {'1' * 120}\n", "E501"),
    ],
)
def test_ruff_refuses(place, code, rule):
    status, said = run(RUFF, "check", "--stdin-filename", place, "-", text=code)
    assert status != 0
    assert rule in said


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("tests/new.py", "x = {'a':1}\n"),
        ("notebooks/01-new/01-new.md", "Text.\n\n```python\nx = {'a':1}\n```\n"),
    ],
)
def test_ruff_reformats(place, text):
    status, said = run(RUFF, "format", "--check", "--stdin-filename", place, "-", text=text)
    assert status != 0, said


def test_codespell_refuses_a_typing_error_and_accepts_british_english(tmp_path):
    lesson = tmp_path / "01-new.md"
    lesson.write_text("Normalise the grey values, then choose a colour at the centre.\n")
    assert run(CODESPELL, str(lesson)) == (0, "")
    lesson.write_text("Normalise t" + "eh grey values.\n")
    status, said = run(CODESPELL, str(lesson))
    assert status != 0
    assert "01-new.md:1" in said
