"""The database of marks is made as nbgrader would, and says in a sentence why it cannot be used."""

import errno
import sys

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from course_utils.instructor.course import GRADEBOOK
from course_utils.instructor.desk import doctor
from course_utils.instructor.gradebook.database import (
    GradebookError,
    connected,
    newest_version,
    open_gradebook,
    usable,
)

SERVER = "postgresql+psycopg://"


def version(url):
    with connected(url) as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def test_a_new_gradebook_is_one_that_nbgrader_takes(tmp_path):
    url = f"sqlite:///{tmp_path}/gradebook.db"
    with open_gradebook(url) as gradebook:
        gradebook.add_student("ada")
    assert version(url) == newest_version()
    with Gradebook(url) as gradebook:
        assert [student.id for student in gradebook.students] == ["ada"]
    with open_gradebook(url) as gradebook:  # which is not made again
        assert [student.id for student in gradebook.students] == ["ada"]


def test_a_full_disk_is_told_as_such(tmp_path):
    said = OperationalError("INSERT", {}, Exception("database or disk is full"))
    with pytest.raises(OSError, match="No space left") as caught, usable(f"sqlite:///{tmp_path}"):
        raise said
    assert caught.value.errno == errno.ENOSPC
    assert not isinstance(caught.value, GradebookError)


@pytest.mark.parametrize("command", ["status", "doctor"])
@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("teacher:s3cret@127.0.0.1:port/marks", "cannot be understood"),
        ("teacher:s3cret", "cannot be understood"),
        ("teacher:s3@cret@127.0.0.1/marks", "more than one @"),
    ],
)
def test_an_address_that_is_none_is_told_without_its_password(
    run, monkeypatch, command, address, why
):
    monkeypatch.setattr(doctor, "CHECKS", {"gradebook": doctor.look_at_gradebook})
    said = complaint(run, monkeypatch, command, address)
    assert why in said
    assert GRADEBOOK in said, "the next step says where to look"


def test_a_driver_that_is_missing_is_named(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    said = complaint(run, monkeypatch, "status", "teacher:s3cret@127.0.0.1/marks")
    assert 'pip install "psycopg[binary]"' in said


def complaint(run, monkeypatch, command, address):
    """The one line in which a command says that it cannot use the gradebook at an address."""
    monkeypatch.setenv(GRADEBOOK, SERVER + address)
    code, output = run(command)
    assert code == 1
    for part in ("Traceback", "s3cret", "cret@"):
        assert part not in output
    (line,) = (line for line in output.splitlines() if "radebook" in line)
    return line
