"""requirements/install.py: what it does once, not twice, and how each foreseeable failure reads.

uv is played by a small script that notes what it was asked and makes a .venv that runs, so that
nothing is downloaded. Each failure must be one line, without a traceback, and say what to do.
"""

import ast
import errno
import fcntl
import importlib.util
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "requirements" / "install.py"
NOWHERE = {
    "PYENV_ROOT": "/nowhere/pyenv",
    "UV_PYTHON_INSTALL_DIR": "/nowhere/uv",
    "COURSE_PYTHON": "{}.{}".format(*sys.version_info),
}
"""What lets the bootstrap look for no other Python than the one that runs it."""
BLANK = "PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS UV_DEFAULT_INDEX UV_INDEX UV_HTTP_TIMEOUT"

UV = """#!/bin/sh
echo "$@" >> {log}
case "$*" in
  *--version*) exit 0 ;;
  "python install"*) exit 1 ;;
  venv*) mkdir -p .venv/bin && ln -sf {python} .venv/bin/python ;;
  *--require-hashes*) cp "$0" .venv/bin/uv; {install} ;;
esac
"""


@pytest.fixture
def checkout(tmp_path):
    """A copy of what the bootstrap reads, in a folder with a space in its name."""
    place = tmp_path / "a checkout"
    (place / "requirements").mkdir(parents=True)
    for name in ("requirements/install.py", "requirements/dev.txt", "pyproject.toml", "Makefile"):
        shutil.copy(ROOT / name, place / name)
    return place


@pytest.fixture
def install(checkout, monkeypatch):
    """The bootstrap, imported from the copy, with nothing on PATH."""
    spec = importlib.util.spec_from_file_location("install", checkout / "requirements/install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.chdir(checkout)
    monkeypatch.setenv("PATH", str(checkout / "nothing here"))
    for name in BLANK.split():
        monkeypatch.delenv(name, raising=False)
    for name, value in NOWHERE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("COURSE_PYTHON")
    monkeypatch.setattr(module.os, "execv", lambda path, arguments: sys.exit(path))
    monkeypatch.setattr(module, "this_version", lambda: module.SUPPORTED[-1])
    monkeypatch.setattr(module, "NEEDED_BYTES", 0)
    # A Python that can only use the uv it finds: no test here lets pip ask the network by mistake.
    monkeypatch.setattr(module, "has_ensurepip", lambda: False)
    return module


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def put_uv(checkout, tmp_path, monkeypatch):
    """A function that puts a played uv on PATH and returns the file with what it was asked."""

    def put(does="exit 0"):
        log = tmp_path / "asked"
        log.touch()
        quoted = {"log": shlex.quote(str(log)), "python": shlex.quote(sys.executable)}
        script(tmp_path / "tools" / "uv", UV.format(install=does, **quoted))
        monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:/usr/bin:/bin")
        return log

    return put


def asked(log):
    """What the played uv was asked to do, but for its version."""
    lines = log.read_text().splitlines()
    log.write_text("")
    return [line for line in lines if "--version" not in line]


def complaint(captured):
    """The one line that a failure prints."""
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("Cannot set up the course: ")
    return lines[0]


def test_it_installs_once(install, put_uv, capsys):
    log = put_uv()
    assert install.main() == 0
    made, locked, course = asked(log)
    assert made.startswith("venv --clear")
    assert "--require-hashes" in locked
    assert locked.endswith("-r requirements/dev.txt")
    assert course.endswith("--offline --no-deps --no-build-isolation -e .")
    assert "Ready after" in capsys.readouterr().out

    assert install.main() == 0
    assert asked(log) == []
    assert capsys.readouterr().out == ""


def stop_in_the_middle(checkout):
    (checkout / ".venv/course-stamp.json").unlink()


def delete_the_interpreter(checkout):
    (checkout / ".venv/bin/python").unlink()


def change_the_lock(checkout):
    with (checkout / "requirements/dev.txt").open("a") as file:
        file.write("new==1 \\\n    --hash=sha256:00\n")


def garble_the_stamp(checkout):
    (checkout / ".venv/course-stamp.json").write_text("{")


def move_the_checkout(checkout):
    stamp = checkout / ".venv/course-stamp.json"
    stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {"place": "/elsewhere"}))


def change_python(checkout):
    stamp = checkout / ".venv/course-stamp.json"
    stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {"python": "3.10"}))


@pytest.mark.parametrize(
    "event",
    [
        stop_in_the_middle,
        delete_the_interpreter,
        change_the_lock,
        garble_the_stamp,
        move_the_checkout,
        change_python,
    ],
)
def test_it_starts_afresh_after(event, install, put_uv, checkout, capsys):
    log = put_uv()
    assert install.main() == 0
    asked(log)
    event(checkout)
    assert install.main() == 0
    assert [line.split()[0] for line in asked(log)] == ["venv", "pip", "pip"]
    assert "making it anew" in capsys.readouterr().out


def test_a_changed_pyproject_installs_only_the_course_again(install, put_uv, checkout, capsys):
    log = put_uv()
    assert install.main() == 0
    asked(log)
    with (checkout / "pyproject.toml").open("a") as file:
        file.write("\n# a comment\n")
    assert install.main() == 0
    (only,) = asked(log)
    assert only.endswith("-e .")


@pytest.mark.parametrize(
    ("version", "told"), [((2, 7), "too old"), ((3, 10), "too old"), ((3, 14), "too new")]
)
def test_an_unsuitable_python(version, told, install, monkeypatch, capsys):
    monkeypatch.setattr(install, "this_version", lambda: version)
    assert install.main() == 1
    line = complaint(capsys.readouterr())
    assert told in line
    assert "Install Python 3.11, 3.12 or 3.13" in line


SHIM = "#!/bin/sh\necho no such version >&2; exit 127\n"
RUNS = "#!/bin/sh\nexit 0\n"


def test_another_python_that_runs_takes_over(install, monkeypatch, tmp_path):
    monkeypatch.setattr(install, "this_version", lambda: (3, 9))
    script(tmp_path / "shims/python3.13", SHIM)
    script(tmp_path / "shims/python3.12", "#!/bin/sh\nexit 127\n")
    script(tmp_path / "usr/python3.12", RUNS)
    script(tmp_path / "usr/python3.11", RUNS)
    monkeypatch.setenv("PATH", f"{tmp_path / 'shims'}:{tmp_path / 'usr'}")
    with pytest.raises(SystemExit, match=str(tmp_path / "usr/python3.12")):
        install.use_supported_python()


def test_colabs_python_takes_over_from_an_older_one_and_no_older_from_it(
    install, monkeypatch, tmp_path
):
    monkeypatch.setattr(install, "has_ensurepip", lambda: True)
    script(tmp_path / "usr/python3.12", RUNS)
    monkeypatch.setenv("PATH", str(tmp_path / "usr"))
    install.use_supported_python()
    monkeypatch.setattr(install, "this_version", lambda: (3, 12))
    install.use_supported_python()
    script(tmp_path / "usr/python3.13", RUNS)
    with pytest.raises(SystemExit, match=str(tmp_path / "usr/python3.13")):
        install.use_supported_python()


@pytest.mark.parametrize(
    ("variable", "folders"),
    [
        ("PYENV_ROOT", ("versions/3.13.9", "versions/3.13.10")),
        ("UV_PYTHON_INSTALL_DIR", ("cpython-3.13.9-linux", "cpython-3.13.10-linux")),
    ],
)
def test_a_python_of_pyenv_or_uv_is_found_without_a_command(
    variable, folders, install, monkeypatch, tmp_path
):
    for folder in folders:
        script(tmp_path / folder / "bin/python3.13", RUNS)
    script(tmp_path / "shims/python3.13", SHIM)
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    monkeypatch.setenv(variable, str(tmp_path))
    assert install.find_python([(3, 13)], None) == str(tmp_path / folders[1] / "bin/python3.13")
    assert install.find_python([(3, 12)], None) is None


def test_the_python_below_venv_is_looked_at_first(install, put_uv, checkout):
    put_uv()
    assert install.main() == 0
    assert next(install.places((3, 13))) == str(Path(sys.executable).resolve())


def test_another_python_can_be_asked_for(install, monkeypatch, tmp_path, capsys):
    script(tmp_path / "usr/python3.11", RUNS)
    script(tmp_path / "usr/python3.12", RUNS)
    monkeypatch.setenv("PATH", str(tmp_path / "usr"))
    monkeypatch.setenv("COURSE_PYTHON", "3.11")
    with pytest.raises(SystemExit, match=str(tmp_path / "usr/python3.11")):
        install.use_supported_python()
    (tmp_path / "usr/python3.11").unlink()
    assert install.main() == 1
    assert "COURSE_PYTHON asks for Python 3.11, and none was found" in complaint(
        capsys.readouterr()
    )
    monkeypatch.setenv("COURSE_PYTHON", "3.10")
    assert install.main() == 1
    assert "COURSE_PYTHON is '3.10'; expected one of 3.11, 3.12, 3.13" in complaint(
        capsys.readouterr()
    )


def test_uv_is_asked_for_colabs_python_and_may_fail_silently(
    install, put_uv, monkeypatch, checkout, capsys
):
    monkeypatch.setattr(install, "this_version", lambda: (3, 12))
    monkeypatch.setattr(install, "find_python", lambda *_: None)
    log = put_uv()
    assert install.main() == 0
    first, *others = asked(log)
    assert first == "python install 3.13"
    assert [line.split()[0] for line in others] == ["venv", "pip", "pip"]
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "uv has brought" not in captured.out
    assert install.main() == 0
    assert asked(log) == [], "asked once, not at every make"


def test_a_python_that_uv_has_brought_takes_over(
    install, put_uv, monkeypatch, checkout, tmp_path, capsys
):
    monkeypatch.setattr(install, "this_version", lambda: (3, 11))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "pythons"))
    put_uv()
    uv = tmp_path / "tools/uv"
    brought = tmp_path / "pythons/cpython-3.13.9/bin/python3.13"
    bring = f"install*) mkdir -p {brought.parent}; cp /bin/true {brought}"
    uv.write_text(uv.read_text().replace('install"*) exit 1', bring.replace("*", '"*', 1)))
    with pytest.raises(SystemExit, match=str(brought)):
        install.main()
    assert "uv has brought Python 3.13" in capsys.readouterr().out


def test_a_download_that_takes_too_long_is_given_up(install, monkeypatch, tmp_path):
    monkeypatch.setattr(install, "this_version", lambda: (3, 11))
    monkeypatch.setattr(install, "BRINGING_SECONDS", 0.2)
    uv = script(tmp_path / "uv", "#!/bin/sh\nexec sleep 60\n")
    started = time.monotonic()
    install.bring_python(str(uv), [sys.executable, "-c", ""])
    assert time.monotonic() - started < 20


def test_a_python_without_its_venv_module(install, capsys):
    assert install.main() == 1
    line = complaint(capsys.readouterr())
    assert "without its venv module" in line
    assert "apt install python3-venv" in line


def test_no_python_at_all(checkout):
    make = shutil.which("make")
    done = subprocess.run(
        [make, "setup"],
        cwd=checkout,
        env={"PATH": str(checkout / "nothing here")},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert done.stderr.startswith("No Python was found. Install Python 3.11, 3.12 or 3.13")


def test_no_disk_at_the_start(install, put_uv, monkeypatch, checkout, capsys):
    log = put_uv()
    Usage = namedtuple("Usage", "total used free")
    monkeypatch.setattr(install, "NEEDED_BYTES", 5 * 10**9)
    monkeypatch.setattr(install.shutil, "disk_usage", lambda place: Usage(9e9, 8e9, 1e9))
    assert install.main() == 1
    line = complaint(capsys.readouterr())
    assert "need about 5 GB" in line
    assert "has 1.0 GB left" in line
    assert asked(log) == []
    assert not (checkout / ".venv").exists()


def test_no_disk_in_the_middle(install, put_uv, monkeypatch, checkout, capsys):
    monkeypatch.setattr(install, "has_ensurepip", lambda: True)
    log = put_uv("echo 'failed to copy: No space left on device (os error 28)' >&2; exit 2")
    assert install.main() == 1
    line = complaint(capsys.readouterr())
    assert "The disk filled up" in line
    assert "UV_CACHE_DIR" in line
    assert len(asked(log)) == 2, "a full disk is no reason to try pip"
    assert not (checkout / ".venv/course-stamp.json").exists()


def test_no_network_costs_seconds(checkout):
    environment = {name: value for name, value in os.environ.items() if name != "PIP_FIND_LINKS"}
    source = checkout / "requirements/install.py"
    source.write_text(source.read_text().replace("NEEDED_BYTES = 5 * 10**9", "NEEDED_BYTES = 0"))
    done = subprocess.run(
        [sys.executable, str(source)],
        env=environment
        | NOWHERE
        | {
            "PATH": "/usr/bin:/bin",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "PIP_RETRIES": "1",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "The package index could not be reached" in lines[0]
    assert "PIP_INDEX_URL" in lines[0]


INDEX_ERROR = "WARNING: Retrying after connection broken by 'NewConnectionError(...): "

SAID = {
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n"
    "": "disk",
    INDEX_ERROR + "[Errno 111] Connection refused'\nERROR: No matching distribution": "network",
    INDEX_ERROR + "[Errno -2] Name or service not known'": "network",
    "ConnectTimeoutError(..., 'Connection to 10.0.0.1 timed out.')": "network",
    "error: Request failed after 2 retries\n  cause: Failed to fetch: ...\n  cause: error sending "
    "request for url (...)\n  cause: deadline has elapsed": "network",
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.": "hash",
    "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] ...": "certificate",
    "  cause: invalid peer certificate: UnknownIssuer": "certificate",
    "ERROR: Could not find a version that satisfies the requirement tensorflow==2.21.0\n"
    "ERROR: No matching distribution found for tensorflow==2.21.0": "platform",
    "error: No solution found when resolving dependencies\n  cause: Because tensorflow==2.21.0 has "
    "no wheels with a matching platform tag (e.g., `macosx_13_0_x86_64`)": "platform",
    "error: Failed to download ...\n  cause: error decoding response body": "network",
    "error: Permission denied (os error 13)": "permission",
    "Segmentation fault": "unknown",
}


@pytest.mark.parametrize("said", SAID)
def test_installers_words_are_understood(said, install, checkout):
    (checkout / "build").mkdir()
    (checkout / install.LOG).write_text(f"what an earlier step said: No space left\n{said}")
    assert install.diagnosed(len("what an earlier step said: No space left\n")).kind == SAID[said]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.EACCES, "cannot be written to. Make it writable"),
        (errno.EROFS, "cannot be written to. Make it writable"),
        (errno.ENOSPC, "is full. Free about 5 GB"),
        (errno.ENOTDIR, "Not a directory"),
    ],
)
def test_errors_of_the_operating_system(number, told, install, put_uv, monkeypatch, capsys):
    put_uv()

    def refuse():
        raise OSError(number, os.strerror(number), "/some/where")

    monkeypatch.setattr(install, "set_up", refuse)
    assert install.main() == 1
    line = complaint(capsys.readouterr())
    assert told in line
    assert "/some/where" in line


def test_pip_steps_in_where_uv_fails(install, put_uv, monkeypatch, capsys):
    put_uv("echo 'uv is broken' >&2; exit 1")
    steps = []
    monkeypatch.setattr(install, "has_ensurepip", lambda: True)
    monkeypatch.setattr(install, "make_venv_with_pip", lambda: steps.append("venv"))
    monkeypatch.setattr(install, "install_with_pip", lambda: steps.append("packages"))
    monkeypatch.setattr(install, "install_project", lambda: steps.append("course"))
    assert install.main() == 0
    assert steps == ["venv", "packages", "course"]
    assert "Trying pip" in capsys.readouterr().out


def test_ctrl_c_ends_the_installer_too(checkout, put_uv, tmp_path):
    put_uv(f"echo $$ > {shlex.quote(str(tmp_path / 'pid'))}; exec sleep 300")
    source = checkout / "requirements/install.py"
    source.write_text(source.read_text().replace("NEEDED_BYTES = 5 * 10**9", "NEEDED_BYTES = 0"))
    process = subprocess.Popen(
        [sys.executable, str(source)],
        env=os.environ | NOWHERE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said.strip().splitlines() == [
        "Cannot set up the course: Interrupted. Run the same command again; the installation "
        "starts afresh."
    ]
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_second_command_waits_for_the_first(checkout, put_uv):
    put_uv()
    (checkout / "build").mkdir()
    source = checkout / "requirements/install.py"
    source.write_text(source.read_text().replace("NEEDED_BYTES = 5 * 10**9", "NEEDED_BYTES = 0"))
    with (checkout / "build/install.lock").open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second = subprocess.Popen(
            [sys.executable, "-u", str(source)],
            env=os.environ | NOWHERE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert "waiting" in second.stdout.readline()
        assert not (checkout / ".venv").exists()
        fcntl.flock(first, fcntl.LOCK_UN)
        said, _ = second.communicate(timeout=60)
    assert second.returncode == 0
    assert "Ready" in said


CONFIGURED = """\
global.index-url='https://mirror.example/simple'
global.extra-index-url='https://one.example https://two.example'
global.cert='/from/file.pem'
install.no-warn-script-location='true'
:env:.cert='/from/environment.pem'
"""


def test_uv_gets_what_pip_was_told(install, monkeypatch):
    pip = [sys.executable, "-c", f"print({CONFIGURED!r})"]
    environment = install.uv_environment(pip)
    assert environment["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert environment["UV_INDEX"] == "https://one.example https://two.example"
    assert environment["SSL_CERT_FILE"] == os.environ.get("SSL_CERT_FILE", "/from/environment.pem")

    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://own.example/simple")
    assert install.uv_environment(pip)["UV_DEFAULT_INDEX"] == "https://own.example/simple"


def test_installers_give_up_soon_unless_told_otherwise(install, monkeypatch):
    monkeypatch.delenv("PIP_DEFAULT_TIMEOUT", raising=False)
    monkeypatch.delenv("PIP_RETRIES", raising=False)
    environment = install.pip_environment()
    assert int(environment["PIP_DEFAULT_TIMEOUT"]) * (1 + int(environment["PIP_RETRIES"])) <= 60
    assert int(environment["UV_HTTP_TIMEOUT"]) <= 60
    monkeypatch.setenv("PIP_DEFAULT_TIMEOUT", "300")
    assert install.pip_environment()["PIP_DEFAULT_TIMEOUT"] == "300"


def test_variables_that_lead_away_from_the_environment_are_dropped(install, monkeypatch):
    for name in ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX"):
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    environment = install.pip_environment()
    assert "/elsewhere" not in environment.values()
    assert environment["PIP_USER"] == "0"


def test_the_fetched_uv_is_the_locked_one(install, checkout):
    (checkout / ".venv").mkdir()
    lines = Path(install.write_uv_lock()).read_text().splitlines()
    assert lines[0].startswith("uv==")
    assert len(lines) > 1
    assert all(line.strip().startswith("--hash=sha256:") for line in lines[1:])


def test_old_pythons_can_read_it():
    """Python 2.7 and 3.6 must get as far as saying that they are too old."""
    modern = (
        ast.JoinedStr,
        ast.AnnAssign,
        ast.NamedExpr,
        ast.Nonlocal,
        ast.AsyncFunctionDef,
        ast.Match,
    )
    for node in ast.walk(ast.parse(SOURCE.read_text(encoding="ascii"))):
        where = f"line {getattr(node, 'lineno', '?')}: {ast.dump(node)[:80]}"
        assert not isinstance(node, modern), where
        assert not (isinstance(node, ast.Raise) and node.cause), where
        if isinstance(node, ast.arguments):
            assert not node.kwonlyargs, where
            assert not node.posonlyargs, where
        if isinstance(node, ast.Call | ast.List | ast.Tuple):
            inner = node.args[:-1] if isinstance(node, ast.Call) else node.elts
            assert not any(isinstance(item, ast.Starred) for item in inner), where


def wait_for(condition, seconds=30):
    """Wait until a condition holds, or fail."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
