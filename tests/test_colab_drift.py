"""requirements/colab_drift.py: what it reads and tells, and what it does not take for a list."""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
OURS = (ROOT / "requirements" / "colab.txt").read_text(encoding="utf-8")
PINS = dict(re.findall(r"^(\S+)==(\S+)$", OURS, re.MULTILINE))
DESK = {"Python": "3.13", "numpy": PINS["numpy"], "pandas": PINS["pandas"]}
"""What the desk's lock has, in these tests, but for those of the script as a command."""
OTHERS = "".join(f"filler-{number}==1.0\n" for number in range(300))
SYSTEM = "Ubuntu 24.04 LTS\nPython {}.5\nR version 4.5.3\n"


@pytest.fixture(scope="module")
def drift():
    spec = importlib.util.spec_from_file_location("drift", ROOT / "requirements/colab_drift.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(report):
    """The rows of a report's table, without its head."""
    lines = [line for line in report.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[2:]]


def told(drift, text):
    """The rows of the report on what Colab publishes, beside Python as it is now."""
    theirs = drift.published(text + OTHERS)
    return rows(drift.report(OURS, theirs, "3.13", drift.our_dependencies(), DESK))


def test_our_list_pins_everything_and_names_no_place(drift):
    lines = [line for line in OURS.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[\w.]+", line) for line in lines)
    assert lines == sorted(lines, key=lambda line: line.partition("==")[0])
    assert len(drift.pins(OURS)) == len(lines) > 100
    assert drift.python_of(OURS) == "3.13"


def test_no_comment_of_our_list_is_wrong_after_an_update(drift):
    comments = "".join(line for line in OURS.splitlines()[1:] if line.startswith("#"))
    assert not re.search(r"\b20\d\d\b", comments)
    assert not any(re.search(rf"\b{name}\b", comments) for name in ("jedi", *drift.pins(OURS)))


def test_our_list_holds_what_the_lessons_use_but_for_what_colab_lacks(drift):
    absent = set(drift.our_dependencies()) - set(drift.pins(OURS))
    assert absent == {"importlib-resources"}
    assert {"ipykernel", "nbclient", "pip"} <= set(drift.pins(OURS))
    assert not {"nbgrader", "jedi"} & set(drift.pins(OURS))


def test_the_same_list_differs_in_nothing(drift):
    assert drift.report(OURS, drift.published(OURS + OTHERS), "3.13", ["numpy"], DESK) == ""
    assert drift.report(OURS, drift.published(OURS + OTHERS), "3.13", ["numpy"], {}) == ""


def test_the_desks_lock_is_read(drift):
    desk = drift.desk_versions()
    assert desk["Python"] == "3.13"
    assert {name: drift.pins(OURS)[name] for name in desk if name != "Python"} == {
        name: version for name, version in desk.items() if name != "Python"
    }
    assert "ipython" not in desk


def test_a_desk_that_has_not_followed_is_told(drift):
    theirs = drift.published(OURS + OTHERS)
    desk = DESK | {"numpy": "0.9", "umap-learn": "absent", "protobuf": "0.8"}
    assert rows(drift.report(OURS, theirs, "3.13", drift.our_dependencies(), desk)) == [
        ("**numpy**", PINS["numpy"], "0.9", PINS["numpy"]),
        ("**umap-learn**", PINS["umap-learn"], "absent", PINS["umap-learn"]),
        ("protobuf", PINS["protobuf"], "0.8", PINS["protobuf"]),
    ]


def test_names_are_compared_as_the_index_does(drift):
    text = OURS.replace("tensorflow-datasets", "TensorFlow_Datasets")
    assert text != OURS
    assert told(drift, text) == []


def test_what_differs_is_told_with_our_own_dependencies_first(drift):
    numpy = drift.pins(OURS)["numpy"]
    protobuf = drift.pins(OURS)["protobuf"]
    text = OURS.replace(f"numpy=={numpy}", "numpy==3.0.1")
    text = text.replace(f"protobuf=={protobuf}", "protobuf==6.1")
    text = re.sub(r"^(six|pillow)==.*\n", "", text, flags=re.M)
    text = re.sub(r"^wheel==.*$", "wheel @ file:///wheel.whl", text, flags=re.M)
    text += "importlib_resources==7.1.0\n"
    pins = drift.pins(OURS)
    assert told(drift, text) == [
        ("**importlib-resources**", "absent", "", "7.1.0"),
        ("**numpy**", numpy, numpy, "3.0.1"),
        ("**pillow**", pins["pillow"], "", "gone"),
        ("protobuf", protobuf, "", "6.1"),
        ("six", pins["six"], "", "gone"),
        ("wheel", pins["wheel"], "", drift.ELSEWHERE),
    ]


def test_another_python_comes_first(drift):
    theirs = drift.published(OURS.replace("absl-py==", "absl-py==9") + OTHERS)
    first, second = rows(drift.report(OURS, theirs, "3.14", [], DESK))
    assert first == ("**Python**", "3.13", "3.13", "3.14")
    assert second[0] == "absl-py"


@pytest.mark.parametrize(
    "text",
    ["", "<html>Not Found</html>", "tensorflow==2.20.0\nnumpy==2.1.3\n", OTHERS],
)
def test_what_is_no_list_is_refused(drift, text):
    with pytest.raises(drift.NotAList, match="Expected Colab's list of several hundred packages"):
        drift.published(text)


def test_an_updated_list_differs_in_nothing(drift):
    theirs = drift.published(
        re.sub(r"^six==.*\n", "", OURS, flags=re.M).replace("numpy==", "numpy==9")
        + "importlib_resources==7.1.0\ntorch==2.11.0+cu128\n"
        + OTHERS
    )
    text = drift.updated(OURS, theirs, "3.14")
    assert drift.report(text, theirs, "3.14", drift.our_dependencies(), {}) == ""
    assert text.startswith("# Python 3.14\n# Colab's GPU runtime")
    assert set(drift.pins(OURS)) - set(drift.pins(text)) == {"six"}
    assert set(drift.pins(text)) - set(drift.pins(OURS)) == {"importlib-resources"}


def run(folder, *arguments):
    """Run the script as the workflow does, in a copy."""
    return subprocess.run(
        [sys.executable, "-I", "-S", folder / "requirements/colab_drift.py", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
    )


@pytest.fixture
def copy(tmp_path):
    (tmp_path / "requirements").mkdir()
    names = ("colab.txt", "colab_drift.py", "desk.txt", "dev.txt")
    for name in (*(f"requirements/{it}" for it in names), "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "freeze").write_text(OURS.replace("numpy==", "numpy==9") + OTHERS)
    (tmp_path / "system").write_text(SYSTEM.format("3.13"))
    return tmp_path


def test_as_a_command_it_tells_then_updates_then_is_silent(copy):
    first = run(copy, "freeze", "system")
    assert (first.returncode, first.stderr) == (0, "")
    assert "| **numpy** |" in first.stdout
    assert run(copy, "freeze", "system", "--update").returncode == 0
    (row,) = rows(run(copy, "freeze", "system").stdout)
    numpy = PINS["numpy"]
    assert row == ("**numpy**", f"9{numpy}", numpy, f"9{numpy}"), "the desk has not followed yet"
    lock = (copy / "requirements/dev.txt").read_text()
    (copy / "requirements/dev.txt").write_text(lock.replace("\nnumpy==", "\nnumpy==9"))
    assert run(copy, "freeze", "system").stdout == ""


@pytest.mark.parametrize(("name", "text"), [("freeze", "503"), ("system", "503"), ("freeze", None)])
def test_as_a_command_it_refuses_what_is_no_list(copy, name, text):
    (copy / name).unlink()
    if text is not None:
        (copy / name).write_text(text)
    done = run(copy, "freeze", "system")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("Fetch both files again.\n")
    assert "Traceback" not in done.stderr


CURL = """#!/bin/sh
for address do :; done
test -f "{served}/${{address##*/}}" || exit 22
cp "{served}/${{address##*/}}" .
"""
GH = """#!/bin/sh
case "$*" in
  "issue list "*"select(.title == env.TITLE and .author.is_bot)"*) echo "{open}" ;;
  *) echo "$@" >> {log} ;;
esac
"""


@pytest.fixture
def job(copy, tmp_path_factory):
    """A function that runs the scheduled job's commands, in order, with curl and gh played."""
    tools = tmp_path_factory.mktemp("tools")
    path = ROOT / ".github" / "workflows" / "colab.yml"
    described = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]["drift"]

    def put(name, text):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)

    def run(published, open_issue=""):
        served, log = tools / "served", tools / "log"
        served.mkdir()
        for name, text in published.items():
            (served / name).write_text(text)
        put("curl", CURL.format(served=served))
        put("gh", GH.format(open=open_issue, log=shlex.quote(str(log))))
        put("python", f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
        environment = os.environ | described["env"]
        environment |= {"PATH": f"{tools}:{os.environ['PATH']}"}
        environment["GITHUB_STEP_SUMMARY"] = str(tools / "summary")
        for step in described["steps"]:
            if "run" in step:
                command = ["bash", "-e", "-c", step["run"]]
                done = subprocess.run(command, cwd=copy, env=environment, capture_output=True)
                if done.returncode:
                    return None
        return log.read_text().splitlines() if log.exists() else []

    return run


PUBLISHED = {"pip-freeze.gpu.txt": OURS + OTHERS, "os-info-gpu.txt": SYSTEM.format("3.13")}
TITLE = "Colab's versions differ from requirements/colab.txt"
MOVED = PUBLISHED | {"os-info-gpu.txt": SYSTEM.format("3.14")}


@pytest.mark.skipif(not shutil.which("bash"), reason="GitHub's machines have bash")
@pytest.mark.parametrize(
    ("published", "open_issue", "said"),
    [
        (PUBLISHED, "", []),
        (PUBLISHED, "7", ["issue close 7 --comment They differ in nothing any more."]),
        (MOVED, "", [f"issue create --title {TITLE} --body-file difference.md"]),
        (MOVED, "7", ["issue edit 7 --body-file difference.md"]),
        (MOVED | {"pip-freeze.gpu.txt": "404"}, "", None),
        (PUBLISHED | {"pip-freeze.gpu.txt": "404"}, "7", None),
        ({"os-info-gpu.txt": ""}, "", None),
    ],
)
def test_the_scheduled_job_keeps_one_issue_as_long_as_colab_differs(
    job, published, open_issue, said
):
    assert job(published, open_issue) == said
