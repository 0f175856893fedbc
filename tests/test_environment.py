"""What is installed is said once, in pyproject.toml; everything else agrees with it."""

import ast
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import EntryPoint, packages_distributions
from pathlib import Path

import pytest
import yaml
from flit_core import buildapi
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.colab import environment

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def of_requirements(name):
    """A script in the folder `requirements`, as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "requirements" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where one imports another
    spec.loader.exec_module(module)
    return module


DRIFT, INSTALL, LOCK = map(of_requirements, ("colab_drift", "install", "lock"))
LOCKED_EXTRAS = list(LOCK.EXTRAS)
LOCKS = {
    "dev.txt": PROJECT["dependencies"]
    + [requirement for extra in LOCKED_EXTRAS for requirement in EXTRAS[extra]]
    + PYPROJECT["build-system"]["requires"],
    "student.txt": PROJECT["dependencies"],
}


def text_of(*parts):
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def pins(lock):
    """Requirements that a lock names, with the number of hashes of each."""
    blocks = re.split(r"^(?=\w)", text_of("requirements", lock), flags=re.M)[1:]
    return [
        (Requirement(re.split(r"\s\\\n", block)[0]), block.count("--hash=sha256:"))
        for block in blocks
    ]


def supported():
    """The Python versions that the bootstrap accepts, such as "3.11"."""
    return [f"{major}.{minor}" for major, minor in INSTALL.SUPPORTED]


def conda_dependencies():
    """Conda's own packages and pip's arguments, as environment.yml lists them."""
    listed = yaml.safe_load(text_of("environment.yml"))["dependencies"]
    pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    return [entry for entry in listed if isinstance(entry, str)], pip


def test_conda_environment_defers_to_the_extras_that_are_locked():
    packages, pip = conda_dependencies()
    assert {name.split()[0] for name in packages} == {"python", "pip"}
    assert pip == ["--constraint requirements/desk.txt", f"-e .[{','.join(LOCKED_EXTRAS)}]"]


def test_extras_that_are_locked_exist():
    assert LOCKED_EXTRAS
    assert set(LOCKED_EXTRAS) <= set(EXTRAS)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_what_pyproject_asks_for(name):
    locked = {}
    for requirement, _ in pins(name):
        version = str(requirement.specifier).removeprefix("==")
        locked.setdefault(canonicalize_name(requirement.name), []).append(version)
    for asked in map(Requirement, LOCKS[name]):
        versions = locked.get(canonicalize_name(asked.name), [])
        assert versions, f"requirements/{name} lacks {asked.name}. Run: make lock"
        for version in versions:
            assert asked.specifier.contains(version), f"{name} has {asked.name} {version}"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_everything_with_hashes(name):
    for requirement, hashes in pins(name):
        assert re.fullmatch(r"==[\w.!+]+", str(requirement.specifier)), requirement
        assert hashes > 0, f"{requirement.name} has no hash"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place(name):
    for number, line in enumerate(text_of("requirements", name).splitlines(), start=1):
        option = re.match(r"\s*(--?[\w-]+)", line)
        assert not option or option[1] == "--hash", f"{name}:{number} sets {option[1]}"
        place = re.search(r"://|file:| @ |(^|\s)[./~]*/\w", line)
        assert not place, f"{name}:{number} names a place"


def test_students_get_the_versions_that_were_tested():
    # Without their markers: what more needs, more platforms may need.
    student, dev = (
        {(canonicalize_name(pin.name), str(pin.specifier)) for pin, _ in pins(name)}
        for name in ("student.txt", "dev.txt")
    )
    assert student <= dev


def colab_and_desk():
    """Versions by name: what Colab has, and what of it the desk takes."""
    texts = (text_of("requirements", name) for name in ("colab.txt", "desk.txt"))
    return tuple(DRIFT.pins(text) for text in texts)


def test_the_desk_takes_colabs_versions():
    colab, desk = colab_and_desk()
    asked = {DRIFT.name_of(line) for line in PROJECT["dependencies"]}
    assert (asked & colab.keys()) - LOCK.NEWEST.keys() <= desk.keys(), "Run: make lock"
    assert {name: colab.get(name) for name in desk} == desk, "Run: make lock"
    assert {"h5py", "llvmlite", "ml-dtypes", "numba", "protobuf"} <= desk.keys()


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_colabs_versions_for_every_python(name):
    _, desk = colab_and_desk()
    locked = {}
    for pin, _ in pins(name):
        version = str(pin.specifier).removeprefix("==")
        locked.setdefault(canonicalize_name(pin.name), set()).add(version)
    assert {name: {version} for name, version in desk.items()} == {
        name: locked.get(name) for name in desk
    }, "Run: make lock"


def test_what_is_not_taken_from_colab_is_a_dependency_and_says_why():
    colab, desk = colab_and_desk()
    for name, why in LOCK.NEWEST.items():
        assert name in colab, f"{name} is not in colab.txt: it needs no exception"
        assert name not in desk
        assert why.endswith(".")


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("a==1 ; python_full_version < '3.14' \\", "a==1 \\"),
        (
            "a==1 ; python_full_version < '3.14' and os_name == 'nt' \\",
            "a==1 ; os_name == 'nt' \\",
        ),
        (
            "a==1 ; python_full_version >= '3.12' and python_full_version < '3.14' \\",
            "a==1 ; python_full_version >= '3.12' \\",
        ),
        ("a==1 ; python_full_version < '3.12' \\", "a==1 ; python_full_version < '3.12' \\"),
        ("a==3.14 \\", "a==3.14 \\"),
    ],
)
def test_a_lock_passes_over_nothing_in_silence_on_a_newer_python(line, left):
    assert LOCK.unbounded(line) == left


@pytest.mark.parametrize("name", LOCKS)
def test_no_marker_of_a_lock_bounds_python(name):
    for pin, _ in pins(name):
        assert LOCK.TOO_NEW not in str(pin.marker), pin


def test_python_versions_agree():
    versions = supported()
    prefix = "Programming Language :: Python :: "
    classified = [c.removeprefix(prefix) for c in PROJECT["classifiers"] if c.startswith(prefix)]
    matrix = yaml.safe_load(text_of(".github", "workflows", "ci.yml"))["jobs"]["test"]["strategy"]
    conda = next(p for p in conda_dependencies()[0] if p.startswith("python "))
    allowed = SpecifierSet(conda.removeprefix("python "))
    assert classified == versions
    assert matrix["matrix"]["python"] == versions
    assert PROJECT["requires-python"] == f">={versions[0]}"
    assert PYPROJECT["tool"]["ruff"]["target-version"] == "py" + versions[0].replace(".", "")
    assert versions[0] == LOCK.OLDEST
    assert versions[-1] == environment.colab().python, "the best Python is Colab's"
    assert PYPROJECT["tool"]["uv"]["environments"] == [f"python_version < '{LOCK.TOO_NEW}'"]
    assert not allowed.contains(LOCK.TOO_NEW)
    assert [f"3.{minor}" for minor in range(30) if allowed.contains(f"3.{minor}")] == versions


def imported(folder):
    """The distributions that a folder's Python files import, each with the file that does."""
    providers = packages_distributions()
    ours = {"benchmarks", "course_utils", "tests", *sys.stdlib_module_names}
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                modules = [f"{node.module}.{alias.name}" for alias in node.names]
            # Colab's own module is there or not; no package of the index brings it.
            others = [module for module in modules if not module.startswith("google.colab")]
            for module in {module.split(".")[0] for module in others} - ours:
                names = {canonicalize_name(name) for name in providers.get(module, [module])}
                yield path.relative_to(ROOT), module, names


@pytest.mark.parametrize(
    ("folder", "extras"),
    [
        ("course_utils", []),
        ("course_utils/instructor", ["instructor", "cluster", "site"]),
        ("tests", LOCKED_EXTRAS),
    ],
)
def test_every_import_is_declared(folder, extras):
    asked = PROJECT["dependencies"] + [name for extra in extras for name in EXTRAS[extra]]
    declared = {canonicalize_name(Requirement(name).name) for name in asked}
    for path, module, names in imported(folder):
        if folder == "course_utils" and "instructor" in path.parts:
            continue
        assert names & declared, (
            f"{path} imports {module}: add it to pyproject.toml, then make lock"
        )


def test_student_dependencies_have_no_upper_bound():
    for requirement in map(Requirement, PROJECT["dependencies"]):
        for bound in requirement.specifier:
            assert bound.operator in (">=", ">", "!="), requirement


def test_entry_points_lead_somewhere():
    named = {"scripts": PROJECT["scripts"], **PROJECT["entry-points"]}
    for group, entries in named.items():
        for name, value in entries.items():
            assert callable(EntryPoint(name, value, group).load())


def test_the_built_package_holds_all_of_course_utils_and_no_test(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    wheel = tmp_path / buildapi.build_wheel(str(tmp_path))
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    ours = (path for path in (ROOT / "course_utils").rglob("*") if path.is_file())
    hidden = re.compile(r"(^|/)(\.|__pycache__)")
    names = {path.relative_to(ROOT).as_posix() for path in ours}
    expected = {name for name in names if not hidden.search(name)}
    assert "course_utils/datasets/embedded/mnist.npz" in expected
    assert {name for name in packed if not hidden.search(name)} == expected


def test_help_lists_every_target():
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, flags=re.M)) - {"setup"}
    said = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert {line.split()[1] for line in said.splitlines()} == targets


def test_continuous_integration_runs_what_the_readme_names():
    workflow = yaml.safe_load(text_of(".github", "workflows", "ci.yml"))
    commands = {
        job: [step["run"] for step in steps["steps"] if "run" in step]
        for job, steps in workflow["jobs"].items()
    }
    assert commands == {"test": ["bash .ci/run"], "course": ["make course"]}
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert text_of(".ci", "run").splitlines()[-1] == "make test"
    readme = text_of("README.md")
    assert "make course" in readme
    assert "make test" in readme


def test_workflows_are_bounded_and_may_only_read():
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert workflow["permissions"] == {"contents": "read"}, path.name
        assert workflow["concurrency"]["group"], path.name
        for name, job in workflow["jobs"].items():
            longest = 350 if path.name == "full.yml" else 60  # GitHub ends a job after 360
            assert 0 < job["timeout-minutes"] <= longest, f"{path.name}: {name}"


def workflow_jobs():
    """Every job, called by its file and name."""
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        for name, job in workflow["jobs"].items():
            yield f"{path.stem}: {name}", job


def test_only_these_jobs_may_write():
    found = {name: job["permissions"] for name, job in workflow_jobs() if "permissions" in job}
    assert found == {
        "colab: drift": {"contents": "read", "issues": "write"},
        "pages: publish": {"pages": "write", "id-token": "write"},
        "release: publish": {"contents": "write", "actions": "write"},
    }


def test_actions_are_pinned_to_commits_with_their_version_beside():
    used = {}
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        for line in re.findall(r"uses: (.*)", path.read_text(encoding="utf-8")):
            pin = re.fullmatch(r"(actions/[\w-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", line)
            assert pin, f"{path.name}: {line}"
            used.setdefault(pin[1], set()).add(pin.groups())
    assert all(len(pins) == 1 for pins in used.values()), "the same version everywhere"


def test_what_publishes_does_nothing_but_make():
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, flags=re.M))
    for name, job in workflow_jobs():
        if name.startswith(("pages", "release")):
            commands = [step["run"] for step in job["steps"] if "run" in step]
            assert {it.removeprefix("make ") for it in commands} <= targets, name
            assert all(it.startswith("make ") for it in commands), name


def test_licences_are_whole():
    assert PROJECT["license"] == "BSD-3-Clause"
    assert text_of("LICENSE").startswith("BSD 3-Clause License\n")
    assert "3. Neither the name of the copyright holder" in text_of("LICENSE")
    content = text_of("LICENSE-content")
    for section in range(1, 9):
        assert re.search(rf"^Section {section} -- ", content, flags=re.M), section
    assert PROJECT["license-files"] == ["LICENSE", "LICENSE-content"]


def test_pre_commit_uses_the_locked_tools():
    for repository in yaml.safe_load(text_of(".pre-commit-config.yaml"))["repos"]:
        assert repository["repo"] == "local"
        for hook in repository["hooks"]:
            assert hook["language"] == "system"
            assert hook["entry"].startswith(".venv/bin/")


@pytest.mark.parametrize(
    ("job", "recipe", "target"),
    [
        ("colab", environment.colab(), "colab"),
        ("newest", environment.newest(), "newest"),
        ("prereleases", environment.prereleases(), "newest PRE=1"),
    ],
)
def test_colabs_workflow_runs_what_make_runs_on_the_versions_that_it_names(job, recipe, target):
    jobs = yaml.safe_load(text_of(".github", "workflows", "colab.yml"))["jobs"]
    steps = jobs[job]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    versions = [step["with"].get("python-version") for step in steps if "with" in step]
    assert commands == [f"make {target}"]
    assert [it for it in versions if it] == [recipe.python]
    assert recipe.python in supported()
    assert recipe.python in jobs[job]["name"]
    assert steps[-1]["with"]["path"] == f"build/{recipe.name}/executed"
    said = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", *target.split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    option = "" if job == "colab" else f" --{job}"
    assert said.splitlines()[-1].rstrip() == f".venv/bin/python -m tests.colab{option}"


def test_continuous_integration_holds_each_python():
    """The bootstrap takes the best Python that it finds, so every other one is asked for."""
    jobs = yaml.safe_load(text_of(".github", "workflows", "ci.yml"))["jobs"]
    assert jobs["test"]["env"] == {INSTALL.CHOICE: "${{ matrix.python }}"}
    for name in ("ci", "full"):
        for job in yaml.safe_load(text_of(".github", "workflows", f"{name}.yml"))["jobs"].values():
            (chosen,) = (
                step["with"]["python-version"]
                for step in job["steps"]
                if "python-version" in step.get("with", {})
            )
            assert chosen in ("${{ matrix.python }}", supported()[-1])
