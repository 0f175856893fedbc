"""The cell that sets Colab up, against a server of our own: what it installs, and how it fails."""

import json
import os
import subprocess
import sys
import sysconfig
import threading
import venv
from hashlib import sha256
from http.client import BadStatusLine
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata

import nbformat
import pytest

from course_utils.instructor.release.colab import SET_UP, set_up
from course_utils.instructor.release.colab.set_up import SetUpError, set_up_colab

WHEEL = "the_course-1.0-py3-none-any.whl"
DATA = b"the bytes of a wheel"
CHECKSUM = sha256(DATA).hexdigest()
PAGE = "https://github.com/owner/lessons"


class Server:
    """Answers the n-th request with the n-th answer, all later ones with the last."""

    def __init__(self, *answers):
        self.asked = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                status, data, length = answers[min(len(server.asked), len(answers) - 1)]
                server.asked.append(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *error):
        self.http.shutdown()
        self.http.server_close()


def sends(data, status=200, length=None):
    return status, data, len(data) if length is None else length


@pytest.fixture
def in_colab(monkeypatch):
    """Colab as far as the cell can see, without the package; tells what is installed."""
    installed = []
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab-external_20260801")
    monkeypatch.delenv("COURSE_RELEASE_URL", raising=False)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setattr(set_up, "_install", lambda name, data: installed.append((name, data)))
    monkeypatch.setattr("course_utils.colab.add_missing_packages", list)
    modules = {name for name in sys.modules if name.split(".")[0] == "course_utils"}
    before = {name: sys.modules[name] for name in modules}
    yield installed
    sys.modules.update(before)


def begin(server, checksum=CHECKSUM):
    set_up_colab(f"{server.address}/tag/{WHEEL}", checksum, PAGE)


def test_outside_colab_the_cell_does_nothing(monkeypatch, capsys):
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    with Server(sends(DATA)) as server:
        begin(server)
    assert server.asked == []
    assert capsys.readouterr().out == ""


def test_on_kaggle_the_cell_does_nothing_although_it_has_colabs_variables(in_colab, monkeypatch):
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    with Server(sends(DATA)) as server:
        begin(server)
    assert (server.asked, in_colab) == ([], [])


def test_in_colab_the_wheel_is_installed_once(in_colab, monkeypatch, capsys):
    completed = []
    with Server(sends(DATA)) as server:
        begin(server)
        assert server.asked == [f"/tag/{WHEEL}"]
        assert in_colab == [(WHEEL, DATA)]
        monkeypatch.setattr(set_up, "_checksum_of_installed", lambda project: CHECKSUM)
        # What could not be added the first time is tried again.
        monkeypatch.setattr("course_utils.colab.add_missing_packages", lambda: completed.append(1))
        begin(server)
    assert len(server.asked) == len(in_colab) == len(completed) == 1
    assert capsys.readouterr().out.count("package is ready") == 2


def test_colab_is_recognised_by_its_module_too(in_colab, monkeypatch):
    monkeypatch.delenv("COLAB_RELEASE_TAG")
    monkeypatch.setitem(sys.modules, "google.colab", object())
    with Server(sends(DATA)) as server:
        begin(server)
    assert in_colab == [(WHEEL, DATA)]


def test_an_earlier_version_that_was_imported_is_forgotten(in_colab, monkeypatch):
    monkeypatch.setitem(sys.modules, "course_utils.of_an_earlier_version", object())
    with Server(sends(DATA)) as server:
        begin(server)
    assert "course_utils.of_an_earlier_version" not in sys.modules
    assert "nbformat" in sys.modules


def test_another_base_address_can_be_given(in_colab, monkeypatch):
    with Server(sends(DATA)) as server:
        monkeypatch.setenv("COURSE_RELEASE_URL", f"{server.address}/elsewhere")
        set_up_colab(f"https://nowhere.invalid/{WHEEL}", CHECKSUM, PAGE)
    assert server.asked == [f"/elsewhere/{WHEEL}"]


@pytest.mark.parametrize(
    "first", [sends(b"", 503), sends(DATA[:5], length=len(DATA)), sends(b"something else")]
)
def test_after_one_bad_answer_it_is_tried_again(in_colab, first):
    with Server(first, sends(DATA)) as server:
        begin(server)
    assert in_colab == [(WHEEL, DATA)]
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "times", "what", "next_step"),
    [
        (sends(b"", 404), 1, "no longer at http://127", f"anew from {PAGE} and copy your answers"),
        (sends(b"", 503), 2, "(Service Unavailable)", "Wait a minute and run this cell again"),
        (sends(DATA[:5], length=9), 2, "(only 5 bytes came)", "Wait a minute and run this cell"),
        (sends(b"other"), 2, "(its SHA-256 differs), and was not", "Run this cell again; if it"),
    ],
)
def test_a_failure_is_one_sentence_and_a_next_step(in_colab, answer, times, what, next_step):
    with Server(answer) as server, pytest.raises(SetUpError) as caught:
        begin(server)
    sentence, step = str(caught.value).split(". ", 1)
    assert what in sentence
    assert next_step in step
    assert len(server.asked) == times
    assert in_colab == []


def test_what_is_no_answer_is_told(in_colab, monkeypatch):
    def read(*address, **options):
        raise BadStatusLine("SSH-2.0")

    monkeypatch.setattr("urllib.request.urlopen", read)
    with pytest.raises(SetUpError, match=r"could not be downloaded .*\(SSH-2\.0\)\. Wait a minute"):
        set_up_colab(f"https://nowhere.invalid/{WHEEL}", CHECKSUM, PAGE)


def test_a_server_that_is_down_is_told_so(in_colab):
    with Server(sends(DATA)) as server:
        pass
    with pytest.raises(SetUpError, match=r"could not be downloaded .*refused.*Wait a minute"):
        begin(server)
    assert in_colab == []


def test_what_pip_refuses_is_told_in_its_own_words():
    with pytest.raises(SetUpError, match=r"could not be installed \(ERROR: .*\). Choose Runtime"):
        set_up._install("no-wheel.whl", b"")


def test_a_full_disk_is_told(monkeypatch):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("subprocess.run", full)
    with pytest.raises(SetUpError, match=r"could not be installed \(.*No space left.*\)\. Choose"):
        set_up._install(WHEEL, DATA)


def test_a_python_of_the_system_may_be_added_to(monkeypatch):
    asked = []

    def refuse(command, **options):
        asked.append(command)
        return subprocess.CompletedProcess(command, 1, "", "error: externally-managed\n\nhint: no")

    monkeypatch.setattr("subprocess.run", refuse)
    with pytest.raises(SetUpError, match=r"could not be installed \(error: externally-managed\)"):
        set_up._install(WHEEL, DATA)
    assert "--break-system-packages" in asked[0]


def test_the_error_is_shown_without_a_traceback():
    assert SetUpError("Words.")._render_traceback_() == ["Words."]


RUN = """
import sys
import sysconfig
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
for times in range(2):
    outcome = shell.run_cell(open("cell.py").read(), store_history=True)
from course_utils.sums import add
from importlib import metadata
print(outcome.success, add(1, 2), metadata.version("from-pixels-to-features"))
print("tensorflow" in sys.modules)
print(metadata.distribution("from-pixels-to-features").locate_file("").samefile(
    sysconfig.get_path("purelib")))
"""


@pytest.mark.parametrize("of_pip", [{}, {"PIP_TARGET": "elsewhere", "PIP_CONSTRAINT": "nowhere"}])
def test_the_released_cell_installs_the_released_wheel(published_course, tmp_path, of_pip):
    notebook = nbformat.read(published_course.released("01-sums"), as_version=4)
    [cell] = [cell for cell in notebook.cells if cell.id == SET_UP]
    (tmp_path / "cell.py").write_text(cell.source, encoding="utf-8")
    [wheel] = published_course.release.glob("*.whl")
    venv.create(tmp_path / "machine", symlinks=True)
    [site] = (tmp_path / "machine").glob("lib/python*/site-packages")
    # It has IPython and pip as Colab has them: beside what is installed by the cell.
    (site / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    put_earlier_release(site)
    with Server(sends(wheel.read_bytes())) as server:
        variables = {
            "COLAB_RELEASE_TAG": "1",
            "COURSE_RELEASE_URL": server.address,
            "PYTHONPATH": "",
            "IPYTHONDIR": str(tmp_path),
        }
        done = subprocess.run(
            [tmp_path / "machine/bin/python", "-c", RUN],
            cwd=tmp_path,
            env=os.environ | variables | of_pip,
            capture_output=True,
            text=True,
        )
    assert server.asked == [f"/{wheel.name}"], done.stdout
    assert "True 3 0.1.0\nFalse\nTrue" in done.stdout, done.stdout + done.stderr
    assert not (site / "course_utils" / "former.py").exists()


def put_earlier_release(site):
    """Install a package of the same name and version with other contents."""
    (site / "course_utils").mkdir()
    (site / "course_utils" / "former.py").touch()
    note = site / "from_pixels_to_features-0.1.0.dist-info"
    note.mkdir()
    (note / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: from-pixels-to-features\nVersion: 0.1.0\n"
    )
    (note / "direct_url.json").write_text('{"archive_info": {"hashes": {"sha256": "of others"}}}')
    (note / "RECORD").write_text(f"course_utils/former.py,,\n{note.name}/RECORD,,\n")


def test_the_checksum_is_read_from_what_pip_noted(tmp_path, monkeypatch):
    folder = tmp_path / "the_course-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: the-course\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert set_up._checksum_of_installed("the_course") == ""
    note = {"archive_info": {"hashes": {"sha256": CHECKSUM}}, "url": "file:///x.whl"}
    (folder / "direct_url.json").write_text(json.dumps(note))
    assert set_up._checksum_of_installed("the_course") == CHECKSUM
    assert set_up._checksum_of_installed("no_such_course") == ""
    with pytest.raises(metadata.PackageNotFoundError):
        metadata.version("no_such_course")
