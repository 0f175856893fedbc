"""The doctor finds what is wrong, says what to do, and never falls ill."""

import os
import shutil
import sqlite3
import sys
from collections import namedtuple

import pytest
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client import kernelspec
from jupyter_client.kernelspec import KernelSpec, NoSuchKernel

from course_utils.instructor.course import CONFIGURATION
from course_utils.instructor.desk import doctor
from course_utils.instructor.execute import integrity, sandbox, warm_kernel
from course_utils.instructor.execute.warm_kernel import KERNEL_MODULES, warm_kernels
from tests.instructor.toy_cells import confined

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def run(run, monkeypatch):
    """Run `course doctor` with some checks only; gives its exit code and what it printed."""

    def run_doctor(*checks):
        monkeypatch.setattr(doctor, "CHECKS", {it: doctor.CHECKS[it] for it in checks})
        return run("doctor")

    return run_doctor


def test_a_machine_in_order_is_told_so(run):
    code, output = run("Python", "packages", "disk", "lessons", "gradebook")
    assert code == 0, output
    assert "ok       gradebook: sqlite:///" in output
    assert "ok       lessons: 2, of which 2 are released" in output
    assert "problem" not in output
    assert "Node and Docker are not needed." in output


def test_own_settings_are_told_to_reach_no_kernel(course, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in os.environ:
        if doctor.OF_LIBRARIES.match(name):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")  # this one reaches them
    found = doctor.look_at_settings(course)
    assert found == ("ok", "none of yours that students' code could meet")
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text("{}")
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    result, words = doctor.look_at_settings(course)
    assert (result, words) == (
        "ok",
        "students' code does not meet yours: ~/.keras/keras.json, KERAS_BACKEND",
    )


def test_an_untested_python_is_a_warning(course, monkeypatch):
    version = namedtuple("version", "major minor")(3, 99)
    monkeypatch.setattr(doctor.sys, "version_info", version)
    result, words, mend = doctor.look_at_python(course)
    assert (result, words[:4]) == ("warning", "3.99")
    assert "Tested are 3.11, 3.12, 3.13" in mend


def test_packages_that_are_missing_or_others_are_named(course, monkeypatch):
    right = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda it: None if it == "nbgrader" else right(it))
    assert doctor.look_at_packages(course)[:2] == ("problem", "missing: nbgrader")
    monkeypatch.setattr(doctor, "_version", lambda it: "1!99.0" if it == "nbgrader" else right(it))
    result, words, _ = doctor.look_at_packages(course)
    assert result == "warning"
    assert "nbgrader 1!99.0 (tested: " in words


@pytest.fixture
def colab(course):
    """A function that tells the course what Colab has, and what of it the desk means to have."""

    def put(python=None, **versions):
        here = {
            it: doctor._version(it) for it in ("keras", "markdown", "numpy", "pandas")
        } | versions
        lines = "".join(f"{name}=={version}\n" for name, version in here.items())
        folder = course.root / "requirements"
        folder.mkdir(exist_ok=True)
        python = python or "{}.{}".format(*sys.version_info)
        (folder / "colab.txt").write_text(f"# Python {python}\n{lines}ipython==7.34.0\n")
        (folder / "desk.txt").write_text(f"# Of these\n{lines}")
        return doctor.look_at_colab(course)

    return put


def test_a_desk_like_colab_is_told_so(colab, course):
    assert doctor.look_at_colab(course) == ("ok", "no list of its versions is here")
    assert colab() == ("ok", "Python and 4 packages have its versions")


def test_where_the_desk_differs_from_colab_is_a_warning(colab, monkeypatch):
    monkeypatch.setattr(doctor, "_locked", lambda: {"markdown": "9.9", "numpy": "9.8"})
    result, words, mend = colab(python="9.7", markdown="9.9", numpy="9.8")
    here = "{}.{}".format(*sys.version_info)
    numpy, markdown = doctor._version("numpy"), doctor._version("markdown")
    assert result == "warning"
    assert words == (
        f"other versions here (there): Python {here} (9.7), numpy {numpy} (9.8), "
        f"markdown {markdown} (9.9)"
    )
    assert mend == (
        "Install Python 9.7; then: make course. Install the tested set again: make course. "
        "Until then an error that may come from it needs review."
    )


def test_a_colab_that_moved_on_asks_for_another_lock(colab):
    result, words, mend = colab(numpy="9.8", markdown="9.9")
    assert result == "warning"
    assert "Python" not in words
    assert mend.startswith("The lock has not followed Colab yet: make lock; then: make course.")


def test_what_colab_has_and_this_machine_lacks_is_told(colab):
    assert "no-such-package not here (1.0)" in colab(**{"no-such-package": "1.0"})[1]


@pytest.mark.parametrize(
    ("free", "result"), [(10**8, "problem"), (2 * 10**9, "warning"), (10**11, "ok")]
)
def test_room_is_measured(course, monkeypatch, free, result):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda place: Usage(0, 0, free))
    assert doctor.look_at_disk(course)[0] == result


def test_a_folder_that_cannot_be_written_to_is_named(course, monkeypatch):
    def refused(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refused)
    result, words, mend = doctor.look_at_disk(course)
    assert (result, words) == ("problem", f"{course.build} cannot be written to: Permission denied")
    assert "writable" in mend


def test_lessons_that_are_not_released_are_named(course):
    shutil.rmtree(course.released("02-more-sums").parent)
    result, _, mend = doctor.look_at_lessons(course)
    assert (result, mend) == ("warning", "Before grading: course release 02-more-sums")


@pytest.mark.parametrize(
    ("program", "result"),
    [
        (None, "problem"),
        ("/nowhere/python", "problem"),
        ("/bin/sh", "warning"),
        (get_kernel_dict()["argv"][0], "ok"),
    ],
)
def test_the_kernel_s_python_is_looked_at(course, monkeypatch, program, result):
    def get_kernel_spec(self, name):
        if program is None:
            raise NoSuchKernel(name)
        return KernelSpec(argv=[program, "-m", "ipykernel_launcher"])

    monkeypatch.setattr(kernelspec.KernelSpecManager, "get_kernel_spec", get_kernel_spec)
    found = doctor.look_at_kernelspec(course)
    assert found[0] == result
    assert result == "ok" or "ipykernel install" in found[2]


def test_a_warm_kernel_is_started(course, monkeypatch):
    monkeypatch.setattr(warm_kernel, "warm_kernels", lambda: warm_kernels(KERNEL_MODULES))
    assert doctor.look_at_kernels(course) == ("ok", "a warm one started, and computed")


def test_a_cold_kernel_is_a_warning(course, monkeypatch):
    modules = (*KERNEL_MODULES, "no_such_module")
    monkeypatch.setattr(warm_kernel, "warm_kernels", lambda: warm_kernels(modules))
    result, words, _ = doctor.look_at_kernels(course)
    assert result == "warning"
    assert words.startswith("kernels start cold: ")


def test_a_sandbox_that_is_not_there_is_a_problem(course, monkeypatch):
    monkeypatch.setattr(sandbox, "available", lambda: "no user namespaces")
    found = doctor.look_at_sandbox(course)
    assert found[:2] == ("problem", "students' code cannot be confined: no user namespaces")


@confined
@pytest.mark.parametrize(("module", "result"), [("math", "ok"), ("course_utils.no", "problem")])
def test_what_tests_need_is_looked_for_in_the_sandbox(course, monkeypatch, module, result):
    monkeypatch.setattr(integrity, "TRUSTED", (module,))
    found = doctor.look_at_sandbox(course)
    assert found[0] == result
    assert (f"{module} cannot be imported" in found[1]) == (result == "problem")


def test_data_sets_that_are_not_here_are_no_problem(course, monkeypatch):
    from course_utils.instructor.desk import data_copies as data

    monkeypatch.setattr(data, "copies", lambda data_set: data_set.name == "mnist")
    result, words, mend = doctor.look_at_data(course)
    assert result == "warning"
    assert words.startswith("here: mnist; not here: ")
    assert "course data fetch fashion_mnist" in mend


def damaged(path):
    path.write_bytes(b"no database " * 400)


def foreign(path):
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE pets (name)")


def old(path):
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = 'b6d005d67074'")


@pytest.mark.parametrize(
    ("spoil", "words", "mend"),
    [
        (damaged, "cannot be read", "put a copy back"),
        (foreign, "is no gradebook of nbgrader's", "move this one away"),
        (old, "has tables of version b6d005d67074; nbgrader needs ", "nbgrader db upgrade"),
    ],
)
def test_a_gradebook_that_cannot_be_used_is_a_problem(course, run, spoil, words, mend):
    spoil(course.build / "gradebook.db")
    code, output = run("gradebook")
    assert code == 1
    assert words in output
    assert mend in output
    assert "Traceback" not in output


def test_a_gradebook_that_is_not_there_is_not_made(course):
    path = course.build / "gradebook.db"
    path.unlink()
    result, words = doctor.look_at_gradebook(course)
    assert result == "ok"
    assert words.startswith("none yet")
    assert not path.exists()


def test_nbgrader_and_course_must_have_one_gradebook(course, run, monkeypatch):
    monkeypatch.delenv("COURSE_PROFILE")
    with (course.root / CONFIGURATION).open("a") as file:
        file.write("c.CourseDirectory.db_url = 'sqlite:///elsewhere.db'\n")
    code, output = run("gradebook")
    assert code == 1
    assert "but nbgrader_config.py names another one" in output
    assert "COURSE_PROFILE" not in os.environ, "the doctor changes nothing"


def test_passwords_are_not_shown(course):
    from dataclasses import replace

    away = replace(course, gradebook_url="postgresql://me:s3cret@localhost:1/marks")
    findings = [it for it in doctor.examine(away) if it.what == "gradebook"]
    assert findings[0].result == "problem"
    assert "s3cret" not in str(findings)


def test_a_check_that_fails_itself_is_a_problem_and_the_others_go_on(run, monkeypatch):
    def ill(course):
        raise RuntimeError("half\nof it")

    monkeypatch.setitem(doctor.CHECKS, "Python", ill)
    code, output = run("Python", "disk")
    assert code == 1
    assert "problem  Python: could not be looked at: RuntimeError: half of it" in output
    assert " disk: " in output
