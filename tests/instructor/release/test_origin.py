import subprocess

import pytest

from course_utils.instructor.release.origin import origin


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    (tmp_path / "file").write_text("first")
    environment = {"GIT_AUTHOR_DATE": "1000000000 +0200", "GIT_COMMITTER_DATE": "1000000000 +0200"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        who = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True)
    return tmp_path


def test_a_commit_and_its_date(repository):
    told = origin(repository)
    assert len(told["commit"]) == 40
    assert told["date"] == "2001-09-09T01:46:40+00:00"
    assert told["changed"] is False


def test_changes_since_are_told(repository):
    (repository / "file").write_text("second")
    assert origin(repository)["changed"] is True


def test_a_date_from_outside(repository, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert origin(repository)["date"] == "1970-01-01T00:00:00+00:00"


def test_without_git(tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setenv("PATH", "")
    assert origin(tmp_path) == {"commit": None, "date": None, "changed": False}
