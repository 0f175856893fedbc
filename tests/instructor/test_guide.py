"""The guide and its pages name only commands, options, targets and messages that there are."""

import ast
import re
import shlex
from pathlib import Path

import pytest
import typer

from course_utils.instructor.cli.app import app
from course_utils.instructor.cli.report import Format
from course_utils.instructor.execute.outcome import Limits

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "instructor.md").read_text(encoding="utf-8")
PAGES = {path: path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md")}
TEXT = "\n".join(PAGES.values())
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
CODE = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", TEXT, flags=re.MULTILINE | re.DOTALL))
SHELL = [line for kind, block in BLOCKS if kind == "bash" for line in block.splitlines()]
CALLS = sorted({it for it in (*SHELL, *CODE) if it.startswith("course ")})
NOT_OURS = {"course: command not found"}
FILES = ("nbgrader_config.py",)  # messages have their names from a constant


def messages(heading):
    """Messages in the first column of the table below a heading, without what varies."""
    table = GUIDE.partition(heading)[2].partition("\n\n")[0]
    firsts = [line.split(" | ")[0] for line in table.splitlines()[1:]]
    told = [it for first in firsts for it in re.findall("`([^`]+)`", first)]
    varies = "|".join(map(re.escape, ("…", *FILES)))
    parts = [part.strip() for it in told if it not in NOT_OURS for part in re.split(varies, it)]
    return [it for it in parts if len(it) > 3]


@pytest.fixture(scope="module")
def texts():
    """Every text in the instructor's part of the package, as it is said."""
    trees = [
        ast.parse(path.read_text(encoding="utf-8"))
        for path in (ROOT / "course_utils" / "instructor").rglob("*.py")
    ]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    found = [it.value for it in nodes if isinstance(it, ast.Constant) and isinstance(it.value, str)]
    return "\n".join(found).replace("`", "")


@pytest.mark.parametrize("call", CALLS)
def test_every_command_and_option_exists(call):
    words = shlex.split(call, comments=True)[1:]
    group = typer.main.get_command(app)
    while words and hasattr(group, "commands"):
        assert words[0] in group.commands, call
        group = group.commands[words.pop(0)]
    known = {name: it for it in group.params for name in it.opts}
    takes = [it for it in group.params if it.param_type_name == "argument"]
    while words:
        word = words.pop(0)
        if word.startswith("-"):
            assert word in known, call
            if not known[word].is_flag:
                value = words.pop(0)
                assert word != "--format" or set(value.split("|")) <= set(Format), call
        else:
            assert takes, f"{call}: there is nothing for {word!r}"
            if takes[0].nargs == 1:
                takes.pop(0)


def test_every_step_of_the_desk_is_told():
    told = {shlex.split(call, comments=True)[1] for call in CALLS}
    others = {"build", "data", "lessons", "measure", "new-lesson"}
    desk = set(typer.main.get_command(app).commands) - others
    assert desk <= told


def test_every_target_of_make_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = {it.split()[1] for it in (*SHELL, *CODE) if re.match("make [a-z]", it)}
    assert told and told <= targets


@pytest.mark.parametrize("heading", ["| what is odd | what to do |", "| message | what to do |"])
def test_every_message_is_one_that_is_said(texts, heading):
    told = messages(heading)
    assert len(told) > 8
    assert not [it for it in told if it not in texts]


def test_the_limits_are_those_of_the_grader():
    it = Limits()
    assert f"A cell has {it.cell_seconds:g} s and a notebook {it.seconds / 60:g} min" in GUIDE
    assert f"{it.memory / 2**30:g} GiB of memory" in GUIDE
    assert f"may print {it.text / 1e6:g} million characters" in GUIDE
    assert f"written to disk may have {it.disk / 2**20:g} MiB" in GUIDE
    assert f"After {['no', 'one', 'two', 'three'][it.deaths]} dead kernels" in GUIDE


@pytest.mark.parametrize("path", PAGES, ids=lambda it: it.stem)
def test_links_lead_somewhere(path):
    headings = {
        re.sub(r"[^\w -]", "", it).lower().replace(" ", "-")
        for it in re.findall(r"^#+ (.+)$", PAGES[path], re.MULTILINE)
    }
    links = re.findall(r"\]\(([^)]+)\)", PAGES[path])
    assert links
    for link in links:
        file, _, place = link.partition("#")
        assert (path.parent / file).exists()
        assert file or place in headings


def test_every_platforms_page_says_what_to_set_take_and_give():
    pages = {path.stem: text for path, text in PAGES.items() if path.parent.name == "lms"}
    assert pages.keys() == set(re.findall(r"\(lms/([\w-]+)\.md\)", GUIDE))
    for text in pages.values():
        headings = [it.split(",")[0] for it in re.findall("^## (.+)$", text, re.MULTILINE)]
        assert headings[:3] == ["Set", "Take in", "Give back"]
        for command in ("course roster", "course collect", "course export", "course feedback"):
            assert command in text
