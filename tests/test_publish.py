"""What release.yml and pages.yml run: a version reaches its two places once, and whole.

GitHub is played by a folder of repositories and by a small script in the place of `gh`, which notes
what it was asked.
"""

import os
import shutil
import subprocess
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TAG, REPOSITORY = "v1", "owner/lessons"
SETTINGS = f'[tool.course]\nrelease-repository = "{REPOSITORY}"\nrelease-tag = "{TAG}"\n'
GH = """#!/bin/sh
echo "$@" >> "$GH_LOG"
case "$*" in
  "release view v1") test -e "$GH_LOG.made" ;;
  "release create"*) touch "$GH_LOG.made" ;;
  "release list"*) echo v0; echo v1 ;;
  "release view v1 --json assets"*) echo SHA256SUMS; echo site.zip ;;
  "release download v1"*) cp "$SITE_OF_V1" "$7" ;;
esac
"""


def git(folder, *words):
    """What git says in a folder."""
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path):
    """A folder with what the scripts need, and a version made in it."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / ".ci", folder / ".ci")
    (folder / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "CHANGELOG.md").write_text("# Changes\n", encoding="utf-8")
    dist = folder / "build" / "dist"
    (dist / "lessons" / "01-sums").mkdir(parents=True)
    (dist / "lessons" / "01-sums" / "01-sums.ipynb").write_text("{}", encoding="utf-8")
    (dist / "01-sums.zip").write_bytes(b"a zip")
    digest = sha256(b"a zip").hexdigest()
    (dist / "SHA256SUMS").write_text(f"{digest}  01-sums.zip\n", encoding="utf-8")
    return folder


@pytest.fixture
def remote(tmp_path):
    """The students' repository, empty."""
    folder = tmp_path / "remotes" / REPOSITORY
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main")
    return folder


@pytest.fixture
def call(checkout, tmp_path):
    """Run one of the scripts; gives its exit status, its errors, and what it asked of `gh`."""
    tools, log = tmp_path / "tools", tmp_path / "gh.log"
    tools.mkdir()
    (tools / "gh").write_text(GH, encoding="utf-8")
    (tools / "gh").chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_SERVER_URL": (tmp_path / "remotes").as_uri(),
        "GITHUB_REF_NAME": TAG,
        "RELEASE_TOKEN": "secret",
        "GH_LOG": str(log),
        "SITE_OF_V1": str(tmp_path / "site-of-v1.zip"),
    }

    def call(script, **others):
        log.write_text("", encoding="utf-8")
        command = ["bash", str(checkout / ".ci" / script)]
        done = subprocess.run(command, env=environment | others, capture_output=True, text=True)
        return done.returncode, done.stderr, log.read_text(encoding="utf-8").splitlines()

    return call


def test_a_version_is_pushed_and_gets_its_page(call, remote):
    status, _, asked = call("publish")
    assert status == 0
    assert git(remote, "ls-tree", "-r", "--name-only", TAG) == "01-sums/01-sums.ipynb"
    assert git(remote, "rev-parse", "main") == git(remote, "rev-parse", TAG)
    assert [line.split(" --")[0] for line in asked] == [
        "release view v1",
        "release create v1",
        "workflow run pages.yml",
    ]
    assert "01-sums.zip" in asked[1] and "SHA256SUMS" in asked[1]


def test_what_has_been_done_is_not_done_again(call, remote):
    call("publish")
    before = git(remote, "rev-parse", "main")
    status, errors, asked = call("publish")
    assert (status, errors) == (0, "")
    assert git(remote, "rev-parse", "main") == before
    assert not [line for line in asked if line.startswith("release create")]


def test_a_tag_that_students_have_is_never_moved(call, checkout, remote):
    call("publish")
    (checkout / "build/dist/lessons/01-sums/01-sums.ipynb").write_text("[]", encoding="utf-8")
    before = git(remote, "rev-parse", TAG)
    status, errors, _ = call("publish")
    assert status == 1
    assert "choose a new tag" in errors
    assert git(remote, "rev-parse", TAG) == before


def test_files_that_a_version_has_no_longer_disappear(call, checkout, remote):
    call("publish")
    lessons = checkout / "build/dist/lessons"
    (lessons / "01-sums").rename(lessons / "01-more")
    (checkout / "pyproject.toml").write_text(SETTINGS.replace(TAG, "v2"), encoding="utf-8")
    assert call("publish", GITHUB_REF_NAME="v2")[0] == 0
    assert git(remote, "ls-tree", "-r", "--name-only", "v2") == "01-more/01-sums.ipynb"


def test_another_tag_than_the_notebooks_ask_for_is_refused(call, remote):
    status, errors, asked = call("publish", GITHUB_REF_NAME="v2")
    assert status == 1
    assert "The tag is v2, but the notebooks ask for v1." in errors
    assert not asked
    assert not git(remote, "tag")


def test_a_damaged_version_is_refused(call, checkout, remote):
    (checkout / "build/dist/01-sums.zip").write_bytes(b"another")
    assert call("publish")[0] != 0
    assert not git(remote, "tag")


def test_each_version_s_site_stands_below_its_tag(call, checkout, tmp_path):
    (checkout / "build" / "site").mkdir()
    (checkout / "build/site/index.html").write_text("newest", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "site-of-v1.zip", "w") as archive:
        archive.writestr("index.html", "first")
    assert call("pages")[:2] == (0, "")
    pages = checkout / "build" / "pages"
    assert (pages / "index.html").read_text(encoding="utf-8") == "newest"
    assert (pages / "v1" / "index.html").read_text(encoding="utf-8") == "first"
    assert not (pages / "v0").exists()
