"""Colab is recognised, and gets what it lacks: chosen by the real pip, from wheels made here."""

import re
import sys
import zipfile
from importlib import metadata
from subprocess import CompletedProcess
from types import ModuleType

import pytest
from packaging import tags

from course_utils import colab


def make_wheel(folder, name, requires="", tag="py3-none-any", version="1.0"):
    """A wheel that holds nothing."""
    info = f"{name}-{version}.dist-info"
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    text += f"Requires-Dist: {requires}\n" if requires else ""
    with zipfile.ZipFile(folder / f"{name}-{version}-{tag}.whl", "w") as archive:
        archive.writestr(f"{info}/METADATA", text)
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def pip(monkeypatch, tmp_path):
    """The real pip, with wheels of ours and no network; tells what it would have installed."""
    installed = []
    real = colab._pip

    def choose_only(*arguments):
        if "--dry-run" in arguments:
            real(*arguments)
        else:
            installed.append(arguments)

    monkeypatch.setattr(colab, "_pip", choose_only)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    return installed


def need(monkeypatch, *requirements):
    monkeypatch.setattr(metadata, "requires", lambda project: list(requirements))


def test_colab_is_recognised_by_its_variable_or_its_module(monkeypatch):
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    assert not colab.is_here()
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    assert colab.is_here()
    monkeypatch.delitem(sys.modules, "google.colab")
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab-external_20260801")
    assert colab.is_here()


def test_the_graders_stand_in_is_not_colab(monkeypatch):
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setenv("COURSE_GRADING", "1")
    assert not colab.is_here()


def test_kaggle_is_not_colab_although_its_machines_are_made_from_colabs(monkeypatch):
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab-external_20260801")
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    assert not colab.is_here()


def test_where_nothing_is_missing_pip_is_not_asked(monkeypatch, capsys):
    monkeypatch.setattr(colab, "_pip", lambda *arguments: pytest.fail("pip was asked"))
    need(monkeypatch, "numpy", "scikit_learn>=999", 'nothing-like-it; extra == "dev"')
    assert colab.add_missing_packages() == []
    assert capsys.readouterr().out == ""


def test_a_runtime_without_tensorflow_is_left_to_session_begin(monkeypatch, capsys):
    monkeypatch.setattr(colab, "_pip", lambda *arguments: pytest.fail("pip was asked"))
    monkeypatch.setattr(colab, "find_spec", lambda name: None if name == "tensorflow" else name)
    need(monkeypatch, "tensorflow", "absent-one")
    assert colab.add_missing_packages() == []
    assert capsys.readouterr().out == ""


def test_what_is_missing_is_added_with_what_it_needs(monkeypatch, tmp_path, pip, capsys):
    make_wheel(tmp_path, "absent_one", "absent_two")
    make_wheel(tmp_path, "absent_two", "numpy")
    (tmp_path / "absent_two-2.0.tar.gz").touch()  # would have to be built
    need(monkeypatch, "absent-one", "numpy")
    assert sorted(colab.add_missing_packages()) == ["absent_one==1.0", "absent_two==1.0"]
    [(flag, *chosen)] = pip
    assert flag == "--no-deps"
    assert sorted(chosen) == ["absent_one==1.0", "absent_two==1.0"]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("requires", "tag", "reason"),
    [
        ("numpy>=99", "py3-none-any", r"ERROR: .*"),
        ("", "cp39-abi3-{platform}", r"\(not pure Python: absent_one\)"),
        ("not-to-be-had", "py3-none-any", r"ERROR: .*not-to-be-had"),
    ],
)
def test_what_would_move_another_package_or_is_compiled_is_not_added(
    monkeypatch, tmp_path, pip, capsys, requires, tag, reason
):
    # There is a newer numpy, and it is not taken.
    make_wheel(tmp_path, "numpy", version="99.0")
    platform = next(iter(tags.platform_tags()))
    make_wheel(tmp_path, "absent_one", requires, tag.format(platform=platform))
    make_wheel(tmp_path, "absent_too")
    need(monkeypatch, "absent-one", "absent-too")
    assert colab.add_missing_packages() == ["absent_too==1.0"]
    assert pip == [("--no-deps", "absent_too==1.0")]
    said = capsys.readouterr().out
    assert said.startswith("absent-one could not be added (")
    assert "run this cell again, and if it fails again, tell your instructor.\n" in said
    assert re.search(reason, said), said


def test_even_if_pip_would_move_another_package_it_is_not_moved(monkeypatch, tmp_path, pip, capsys):
    make_wheel(tmp_path, "numpy", version="99.0")
    make_wheel(tmp_path, "absent_one", "numpy>=99")
    monkeypatch.setattr(colab, "_pins", list)  # as if numpy's version could not be read
    need(monkeypatch, "absent-one")
    assert colab.add_missing_packages() == []
    assert pip == []
    assert "(it asks for another version of numpy)" in capsys.readouterr().out


def test_a_full_disk_is_told(monkeypatch, capsys):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("subprocess.run", full)
    need(monkeypatch, "absent-one")
    assert colab.add_missing_packages() == []
    assert "absent-one could not be added ([Errno 28] No space" in capsys.readouterr().out


def test_a_python_of_the_system_may_be_added_to(monkeypatch):
    asked = []

    def note(command, **options):
        asked.append(command)
        return CompletedProcess(command, 0, "", "")

    monkeypatch.setattr("subprocess.run", note)
    colab._pip("--no-deps", "absent-one")
    assert "--break-system-packages" in asked[0]


def test_what_pip_says_is_told_in_one_line():
    with pytest.raises(ValueError, match=r"^ERROR: [^\n]+$"):
        colab._pip("--no-index", "not-to-be-had")


def test_every_installed_package_is_pinned():
    pins = colab._pins()
    assert f"numpy=={metadata.version('numpy')}" in pins
    assert all(pin.count("==") == 1 and " " not in pin for pin in pins)


@pytest.mark.parametrize(
    ("found", "pins"),
    [
        ({"torch": "2.11.0+cu128", "x_y": "1!0.1b2.post3.dev4"}, ["torch==2.11.0+cu128",
                                                                   "x_y==1!0.1b2.post3.dev4"]),
        ({"odd": "1.0-unknown", "odder": "1.1build1", "oddest": ""}, []),
    ],
)  # fmt: skip
def test_only_versions_that_pip_understands_are_pinned(monkeypatch, tmp_path, found, pins):
    for name, version in found.items():
        install(tmp_path, name, version)
    see_only(monkeypatch, tmp_path)
    assert colab._pins() == pins


def test_of_two_packages_with_one_name_the_first_is_pinned(monkeypatch, tmp_path):
    install(tmp_path / "colab", "Typing.Extensions", "4.16.0")
    install(tmp_path / "system", "typing_extensions", "4.10.0")
    see_only(monkeypatch, tmp_path / "colab", tmp_path / "system")
    assert colab._pins() == ["Typing.Extensions==4.16.0"]


def install(site, name, version):
    """Let a package seem to be installed."""
    folder = site / f"{name}-{version}.dist-info"
    folder.mkdir(parents=True)
    text = f"Metadata-Version: 2.1\nName: {name}\n" + (f"Version: {version}\n" if version else "")
    (folder / "METADATA").write_text(text, encoding="utf-8")


def see_only(monkeypatch, *sites):
    """Let only what lies in these folders be installed."""
    real, paths = metadata.distributions, [str(it) for it in sites]
    monkeypatch.setattr(metadata, "distributions", lambda: real(path=paths))
