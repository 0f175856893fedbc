"""``course data``: what an instructor does with the data before the class."""

import pytest
from typer.testing import CliRunner

from course_utils import datasets
from course_utils.datasets import download
from course_utils.datasets.catalogue import CATALOGUE
from course_utils.instructor.cli import app as cli
from course_utils.instructor.cli import terminal
from tests.datasets.classroom import NOBODY, RIGHT, TRAIN, little_data_set, serving


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run `course data …`; returns the exit code and what was printed."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
    monkeypatch.setattr(download, "WINDOW_SECONDS", 2)  # a busy machine may sleep for one
    for console in (terminal.console, terminal.errors):  # made before this sets a width
        monkeypatch.setattr(console, "_width", 200)

    def invoke(*arguments):
        result = CliRunner().invoke(cli.app, ["data", *arguments])
        return result.exit_code, result.output

    return invoke


@pytest.fixture
def host(monkeypatch):
    """A host with the little MNIST."""
    with serving() as server:
        monkeypatch.setitem(CATALOGUE, "mnist", little_data_set([server.address("right")]))
        yield server


def test_list_shows_sizes_licences_and_what_is_there(run, host):
    code, out = run("list")
    assert code == 0
    for data_set in CATALOGUE.values():
        assert data_set.name in out
        assert data_set.licence.split(",")[0] in out
    assert "170 MB" in out
    assert "files as Keras keeps them" not in out
    run("fetch", "mnist")
    assert "files as Keras keeps them" in run("list")[1]


def test_fetch_then_verify_then_load(run, host, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "full")
    assert run("verify", "mnist")[0] == 1, "asked by name, it should be there"
    code, out = run("fetch", "mnist")
    assert (code, "from 127.0.0.1" in out) == (0, True)
    assert "was there" in run("fetch", "mnist")[1]
    assert len(host.requests) == 1
    code, out = run("verify", "mnist")
    assert (code, "mnist: right" in out) == (0, True)
    assert len(datasets.load("mnist").train) == TRAIN


def test_folder_for_the_whole_class(run, host, tmp_path):
    folder = tmp_path / "shared"
    code, out = run("fetch", "mnist", "--folder", str(folder))
    assert code == 0
    assert f'datasets.load(..., folder="{folder}")' in out
    assert len(datasets.load("mnist", folder=folder).train) == TRAIN
    assert run("path", "mnist", "--folder", str(folder)) == (0, f"{folder}\n")
    assert run("verify", "mnist", "--folder", str(folder))[0] == 0


def test_folder_of_tfds_that_is_an_address_is_no_folder(run, host, monkeypatch):
    run("fetch", "mnist")
    monkeypatch.setenv("TFDS_DATA_DIR", "gs://bucket/tfds")
    assert "files as Keras keeps them" in run("list")[1]
    assert run("verify", "mnist")[0] == 0
    assert run("path", "mnist")[0] == 0


def test_damage_in_the_cache_is_found_and_fetched_anew(run, host, tmp_path):
    run("fetch", "mnist")
    path = tmp_path / "keras/datasets/mnist.npz"
    path.write_bytes(RIGHT[:-1] + b"x")
    code, out = run("verify")
    assert code == 1
    assert f"mnist: damaged: {path}" in out
    assert run("fetch", "mnist")[0] == 0
    assert path.read_bytes() == RIGHT


def test_file_of_the_users_own_is_never_overwritten(run, host, tmp_path):
    (tmp_path / "mnist.npz").write_bytes(b"my own")
    code, out = run("fetch", "mnist", "--folder", str(tmp_path))
    assert code == 2
    assert "is not the published file. Move it away" in out
    assert (tmp_path / "mnist.npz").read_bytes() == b"my own"


def test_folder_that_is_misspelt_is_not_right(run, host, tmp_path):
    code, out = run("verify", "--folder", str(tmp_path / "typo"))
    assert code == 1
    assert "mnist: not there" in out


def test_failed_fetch_says_why_and_ends_with_1(run, monkeypatch, tmp_path):
    monkeypatch.setitem(CATALOGUE, "mnist", little_data_set([NOBODY]))
    code, out = run("fetch", "mnist")
    assert code == 1
    assert "127.0.0.1:9: Connection refused" in out
    (tmp_path / "file").write_text("")
    code, out = run("fetch", "mnist", "--folder", str(tmp_path / "file"))
    assert code == 1
    assert "cannot be written to" in out


def test_a_slow_host_is_given_the_minutes_that_were_asked_for(run, monkeypatch):
    """The rate below which a lesson leaves a host does not matter to who can wait."""
    with serving() as server:
        address = server.address("is-slow")
        monkeypatch.setitem(CATALOGUE, "mnist", little_data_set([address]))
        code, out = run("fetch", "mnist", "--minutes", "0.1")
        assert code == 1
        assert "is too slow" in out
    with serving() as server:
        monkeypatch.setattr("tests.datasets.classroom.SLOW_RATE", 100_000)
        monkeypatch.setattr(download, "LEAST_RATE", 1e9)
        address = server.address("is-slow")
        monkeypatch.setitem(CATALOGUE, "mnist", little_data_set([address]))
        assert run("fetch", "mnist", "--minutes", "1")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fetch", "mnits"], "There is no data set mnits; there are mnist,"),
        (["fetch", "emoji10"], "emoji10 is drawn by the course"),
        (["path", "mnist"], "Fetch it: course data fetch mnist"),
        (["fetch", "mnist", "--minutes", "0"], "minutes should be more than 0"),
        (["fetch", "mnist", "--minutes", "nan"], "minutes should be more than 0"),
    ],
)
def test_wrong_calls_end_with_2_and_say_what_to_do(run, arguments, message):
    code, out = run(*arguments)
    assert code == 2
    assert message in out
