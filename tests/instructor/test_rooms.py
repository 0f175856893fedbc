"""The desk's rooms: each says what happens there, and its arrows point down only."""

import ast
from importlib.util import resolve_name
from pathlib import Path

import pytest

from course_utils import instructor

DESK = Path(instructor.__file__).parent
PACKAGE = instructor.__name__
FLOORS = (*instructor.ROOMS, "the ground")


def room(path):
    """The room that a file of the desk stands in."""
    first = path.relative_to(DESK).parts[0]
    return first if first in instructor.ROOMS else "the ground"


def imported(code, package):
    """The modules of the desk that a file's code imports, at its top or within a function."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return {name for name in found if name.startswith(f"{PACKAGE}.")}


def arrows_up(code, path):
    """Imports that a file of the desk has from a room above its own."""
    package = ".".join((PACKAGE, *path.relative_to(DESK).parent.parts))
    own = FLOORS.index(room(path))
    return [
        name
        for name in sorted(imported(code, package))
        if FLOORS.index(room(DESK / Path(*name.split(".")[2:]))) < own
    ]


@pytest.mark.parametrize("name", instructor.ROOMS)
def test_a_room_says_in_a_sentence_what_happens_there(name):
    words = ast.get_docstring(ast.parse((DESK / name / "__init__.py").read_text("utf-8")))
    assert words
    assert len(words.splitlines()) == 1
    assert words.endswith(".")


def test_every_folder_of_the_desk_is_a_room():
    folders = {path.name for path in DESK.iterdir() if (path / "__init__.py").exists()}
    assert folders == set(instructor.ROOMS)


@pytest.mark.parametrize(
    "path", sorted(DESK.rglob("*.py")), ids=lambda it: str(it.relative_to(DESK))
)
def test_arrows_point_down(path):
    up = arrows_up(path.read_text("utf-8"), path)
    assert not up, (
        f"{path.relative_to(DESK)} imports {', '.join(up)} from a room above its own. Move what "
        f"both need down, or the file up; the rooms, from the top: {', '.join(FLOORS)}."
    )


@pytest.mark.parametrize(
    ("code", "up"),
    [
        ("from course_utils.instructor.grade import grading", ["grade.grading"]),
        ("from course_utils.instructor.report.export import export", ["report.export.export"]),
        ("def f():\n    import course_utils.instructor.cli.app", ["cli.app"]),
        ("from ..repair import repair", ["repair.repair"]),
        ("from course_utils.instructor import collect", ["collect"]),
        ("from . import marks\nfrom course_utils.instructor.execute import sandbox", []),
        ("import course_utils.checks\nfrom course_utils.instructor.course import Course", []),
    ],
)
def test_arrows_that_run_up_are_found(code, up):
    path = DESK / "gradebook" / "toy.py"
    assert arrows_up(code, path) == [f"{PACKAGE}.{name}" for name in up]
