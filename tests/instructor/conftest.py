"""A toy course, and kernels for a few cells, for every test that wants them."""

import shutil

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import CliRunner

from course_utils.instructor.cli import terminal
from course_utils.instructor.cli.app import app
from course_utils.instructor.course import find_course
from course_utils.instructor.execute.execution import execute
from course_utils.instructor.execute.warm_kernel import KERNEL_MODULES, warm_kernels
from course_utils.instructor.release.release import release
from tests.instructor.toy_cells import SMALL
from tests.instructor.toy_course import ROOT, make_toy_course

LESSONS = ("01-sums", "02-more-sums")


@pytest.fixture(scope="session")
def released_course(tmp_path_factory):
    """A toy course of two lessons that has been released; tests must not change it."""
    course = make_toy_course(tmp_path_factory.mktemp("toy"), LESSONS)
    release(course, LESSONS)
    return course


@pytest.fixture
def course(released_course, tmp_path):
    """A copy of the released toy course, for a test to change."""
    folder = tmp_path / "course"
    shutil.copytree(released_course.root, folder)
    return find_course(folder)


@pytest.fixture
def run(course, monkeypatch):
    """Run `course` with some words in the toy course; gives its exit code and what it printed."""
    monkeypatch.chdir(course.root)
    for console in (terminal.console, terminal.errors):  # made before this sets a width
        monkeypatch.setattr(console, "_width", 160)

    def run(*words):
        result = CliRunner().invoke(app, list(map(str, words)), env={"COLUMNS": "160"})
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return run


@pytest.fixture(scope="module")
def light_kernels():
    """Kernels without TensorFlow; a module's, as other tests need it."""
    with warm_kernels((*KERNEL_MODULES, "numpy", "matplotlib.pyplot", "course_utils.checks")):
        yield


@pytest.fixture
def run_cells(light_kernels, tmp_path):
    """A function that executes all cells, plain sources or made by `test` and `answer`."""

    def run_cells(*cells, limits=SMALL, whole=True, **options):
        cells = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
        return execute(new_notebook(cells=cells), tmp_path, limits, whole=whole, **options)

    return run_cells


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """A toy course with a package, released for Colab; tests must not change it."""
    folder = tmp_path_factory.mktemp("published")
    course = make_toy_course(folder, LESSONS)
    (folder / "course_utils").mkdir()
    (folder / "course_utils" / "__init__.py").write_text('"""Sums."""\n')
    (folder / "course_utils" / "sums.py").write_text(
        '"""Sums."""\n\n\ndef add(first, second):\n    return first + second\n'
    )
    shutil.copy(ROOT / "course_utils" / "colab.py", folder / "course_utils")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = project.replace("from-pixels-to-features/lessons", "owner/lessons")
    (folder / "pyproject.toml").write_text(project.replace('"v0.1.0"', '"v7"'))
    for name in ("LICENSE", "LICENSE-content"):
        shutil.copy(ROOT / name, folder)
    release(course, LESSONS)
    return course


@pytest.fixture
def published_course(published, tmp_path):
    """A copy of the toy course that is released for Colab, for a test to change."""
    folder = tmp_path / "published"
    shutil.copytree(published.root, folder)
    return find_course(folder)
