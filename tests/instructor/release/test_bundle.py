import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from course_utils.instructor.course import find_course, lesson_names
from course_utils.instructor.release.bundle import read_manifest
from course_utils.instructor.release.release import release
from tests.instructor.toy_course import LESSON, ROOT, make_toy_course, write_lesson

LESSONS = ("01-sums", "02-more-sums")
MODULE = '"""Sums."""\n\n\ndef add(first, second):\n    return first + second\n'


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A toy course with a package, a licence, requirements and a project of its own."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    course = make_toy_course(tmp_path, LESSONS)
    for name in (
        "__init__.py",
        "sums.py",
        "data/numbers.npz",
        "data/README.md",
        "instructor/__init__.py",
        "instructor/cli/app.py",
        "__pycache__/sums.pyc",
        "data/__pycache__/x.pyc",
        ".cache/x",
        "sums.py~",
    ):
        path = tmp_path / "course_utils" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(MODULE)
    for name in ("pyproject.toml", "LICENSE", "LICENSE-content", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "student.txt").write_text("numpy==2.0.0\n")
    return course


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


EVERY = {
    "README.md",
    "LICENSE",
    "LICENSE-content",
    "pyproject.toml",
    "requirements.txt",
    "manifest.json",
    "from_pixels_to_features-0.1.0-py3-none-any.whl",
    "course_utils/__init__.py",
    "course_utils/sums.py",
    "course_utils/data/numbers.npz",
    "course_utils/data/README.md",
    "01-sums/01-sums.ipynb",
    "02-more-sums/02-more-sums.ipynb",
    "01-sums.zip",
    "02-more-sums.zip",
}


def test_a_release_is_a_whole_repository_and_nothing_else(course):
    release(course, [])
    assert set(content(course.release)) == EVERY


def test_the_manifest_names_every_file_with_its_checksum(course):
    release(course, [])
    files = content(course.release)
    manifest = json.loads(files.pop("manifest.json"))
    assert {it["path"]: (it["bytes"], it["sha256"]) for it in manifest["files"]} == {
        path: (len(data), sha256(data).hexdigest()) for path, data in files.items()
    }
    assert manifest["course"] == "from-pixels-to-features"
    assert manifest["version"] == "0.1.0"
    assert [it["zip"] for it in manifest["lessons"]] == ["01-sums.zip", "02-more-sums.zip"]


def test_made_twice_a_release_is_the_same_byte_for_byte(course):
    release(course, [])
    once = content(course.release)
    for path in course.root.rglob("*"):
        os.utime(path, (1, 1))
    release(course, [])
    assert content(course.release) == once
    shutil.rmtree(course.release)
    release(course, ["02-more-sums"])
    release(course, ["01-sums"])
    assert content(course.release) == once


def test_nothing_made_by_the_clock_is_in_a_zip(course):
    release(course, [])
    with zipfile.ZipFile(course.release / "01-sums.zip") as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())


def test_a_zip_holds_the_lesson_and_all_it_needs(course, tmp_path):
    release(course, [])
    with zipfile.ZipFile(course.release / "01-sums.zip") as archive:
        archive.extractall(tmp_path / "student")
    [folder] = (tmp_path / "student").iterdir()
    assert folder.name == "01-sums"
    assert set(content(folder)) == {
        "01-sums.ipynb",
        "README.md",
        "LICENSE",
        "LICENSE-content",
        "pyproject.toml",
        "requirements.txt",
        "course_utils/__init__.py",
        "course_utils/sums.py",
        "course_utils/data/numbers.npz",
        "course_utils/data/README.md",
    }
    assert (folder / "01-sums.ipynb").read_bytes() == course.released("01-sums").read_bytes()
    # Beside its notebook the package is found without being installed.
    code = "from course_utils.sums import add; print(add(1, 2))"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.stdout == "3\n", done.stderr


def test_the_student_s_project_is_ours_without_what_instructors_run(course):
    release(course, [])
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    theirs = tomllib.loads((course.release / "pyproject.toml").read_text(encoding="utf-8"))
    assert "scripts" not in theirs["project"]
    assert "entry-points" not in theirs["project"]
    assert "optional-dependencies" not in theirs["project"]
    for key in ("name", "version", "dependencies", "requires-python", "classifiers", "authors"):
        assert theirs["project"][key] == ours["project"][key]
    assert theirs["build-system"] == ours["build-system"]
    assert theirs["tool"]["flit"] == ours["tool"]["flit"]


@pytest.mark.parametrize("source", ["the repository", "a zip"])
def test_pip_installs_the_package(course, tmp_path, source):
    release(course, [])
    what = course.release if source == "the repository" else course.release / "01-sums.zip"
    target = tmp_path / "installed"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-index",
            "--no-deps",
            "--no-build-isolation",
            "--target",
            target,
            what,
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (target / "course_utils" / "data" / "numbers.npz").is_file()
    assert not (target / "course_utils" / "instructor").exists()
    assert not (target / "bin").exists()


def test_the_readme_leads_to_every_lesson(course):
    release(course, [])
    readme = (course.release / "README.md").read_text(encoding="utf-8")
    for lesson in LESSONS:
        assert f"| Sums and means | [{lesson}.ipynb]({lesson}/{lesson}.ipynb) " in readme
        assert f"[{lesson}.zip]({lesson}.zip)" in readme
    for heading in ("Open a lesson", "Hand it in", "Help", "Licences"):
        assert f"## {heading}\n" in readme


def test_releasing_one_lesson_keeps_the_others(course):
    release(course, [])
    before = content(course.release)
    write_lesson(course, "01-sums", LESSON.replace("in between", "quite another"))
    write_lesson(course, "02-more-sums", LESSON.replace("in between", "not yet released"))
    release(course, ["01-sums"])
    after = content(course.release)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert changed == {"01-sums/01-sums.ipynb", "01-sums.zip", "manifest.json"}


def test_releasing_one_lesson_brings_the_package_up_to_date_everywhere(course):
    release(course, [])
    (course.root / "course_utils" / "sums.py").write_text(MODULE + "\n\nMORE = 1\n")
    release(course, ["01-sums"])
    for lesson in LESSONS:
        with zipfile.ZipFile(course.release / f"{lesson}.zip") as archive:
            assert b"MORE = 1" in archive.read(f"{lesson}/course_utils/sums.py")


def test_a_lesson_that_the_course_has_no_longer_disappears(course):
    release(course, [])
    shutil.rmtree(course.notebooks / "01-sums")
    release(course, ["02-more-sums"])
    assert not any("01-sums" in path for path in content(course.release))
    assert [it["name"] for it in read_manifest(course.release)["lessons"]] == ["02-more-sums"]


def test_a_lesson_that_was_never_released_stays_out(course):
    release(course, ["02-more-sums"])
    assert "01-sums.zip" not in content(course.release)
    assert "01-sums" not in (course.release / "README.md").read_text(encoding="utf-8")


def test_each_lesson_has_the_commit_it_was_made_from(course):
    def git(*arguments):
        who = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *who, *arguments], cwd=course.root, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    (course.root / ".gitignore").write_text("/build/\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    first = git("rev-parse", "HEAD")
    release(course, [])
    git("commit", "-qm", "second", "--allow-empty")
    release(course, ["02-more-sums"])
    manifest = read_manifest(course.release)
    second = git("rev-parse", "HEAD")
    assert manifest["origin"]["commit"] == second
    assert [it["origin"]["commit"] for it in manifest["lessons"]] == [first, second]
    assert manifest["origin"]["changed"] is False


def test_a_manifest_that_cannot_be_read_is_none(course):
    release(course, [])
    (course.release / "manifest.json").write_text("{")
    assert read_manifest(course.release) == {}
    release(course, ["01-sums"])
    assert [it["name"] for it in read_manifest(course.release)["lessons"]] == list(LESSONS)


def test_nothing_that_students_get_of_this_course_imports_what_they_do_not_get():
    package = find_course(Path(__file__).parent).root / "course_utils"
    for path in package.rglob("*.py"):
        if "instructor" in path.relative_to(package).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [it.name for it in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                modules = [f"{node.module}.{it.name}" for it in node.names]
            assert not any("instructor" in module for module in modules), path


def test_this_very_course_can_be_released(tmp_path):
    course = find_course(Path(__file__).parent).with_build(tmp_path)
    release(course, [])
    files = content(course.release)
    lessons = [it["name"] for it in read_manifest(course.release)["lessons"]]
    assert lessons == lesson_names(course)
    for lesson in lessons:
        assert {f"{lesson}/{lesson}.ipynb", f"{lesson}.zip"} <= files.keys()
    shipped = {"course_utils/datasets/embedded/mnist.npz", "course_utils/datasets/emoji10/draw.py"}
    assert shipped <= files.keys()
    for path in files:
        kept_back = {"instructor", "tests", "benchmarks", "bank", "build", "__pycache__", ".git"}
        assert not kept_back.intersection(Path(path).parts), path
