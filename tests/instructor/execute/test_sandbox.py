"""What confined code can see, change, reach and use up: nothing but its own."""

import contextlib
import fcntl
import json
import os
import platform
import pwd
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_utils.instructor.execute import (
    control_groups,
    sandbox,
    surroundings,
    system_calls,
)
from course_utils.instructor.execute.execution import execute
from course_utils.instructor.execute.outcome import Limits
from course_utils.instructor.execute.warm_kernel import KERNEL_MODULES, warm_kernels

pytestmark = pytest.mark.skipif(
    sandbox.available() != "", reason=f"nothing can be confined here: {sandbox.available()}"
)

ROOT = Path(__file__).parents[3]
SMALL = Limits(cell_seconds=20, memory=2**30, disk=20 * 2**20, processes=64)


both_ways = pytest.mark.parametrize("user", ["whoever we are", "an ordinary user"], indirect=True)


@pytest.fixture
def user(request, monkeypatch):
    """Who confines; root takes the way of an ordinary user, with a user namespace, if need be."""
    name = getattr(request, "param", "whoever we are")
    if name != "whoever we are":
        if os.geteuid() != 0:
            pytest.skip("we are one")
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return name


@pytest.fixture(scope="module")
def warm():
    """A server that imports little."""
    with warm_kernels([*KERNEL_MODULES, "numpy"]) as server:
        yield server


@pytest.fixture
def run(user, warm, tmp_path_factory):
    """A function that runs cells in one confined kernel and gives what each has printed or said."""

    def run(*sources, folder=None, limits=SMALL, incidents=(), **options):
        folder = folder or tmp_path_factory.mktemp("submission")
        notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
        done = execute(notebook, folder, limits, **options)
        assert [it.kind for it in done.incidents] == list(incidents)
        return ["".join(map(said, cell.outputs)) for cell in done.notebook.cells]

    return run


def said(output):
    """What an output says: a text, or the kind of an error."""
    return output.get("ename") or output.get("text") or ""


def reading(*paths):
    """A cell that prints which of these paths exist, or can be read."""
    return (
        "import os\n"
        f"for path in {list(map(str, paths))!r}:\n"
        "    if os.path.lexists(path):\n"
        "        print(path, os.listdir(path) if os.path.isdir(path) else '')"
    )


# What can be seen


@both_ways
def test_the_course_and_other_peoples_files_cannot_be_seen(run, tmp_path):
    course = tmp_path / "course"
    secrets = [
        course / "build" / "gradebook.db",
        course / "build" / "submitted" / "ann" / "01-sums" / "01-sums.ipynb",
        course / "notebooks" / "01-sums" / "01-sums.ipynb",
    ]
    for secret in secrets:
        secret.parent.mkdir(parents=True)
        secret.write_text("secret")
        secret.chmod(0o666)
    own = [ROOT / name for name in ("tests", "notebooks", "pyproject.toml", ".git", "build")]
    homes = [Path.home() / name for name in (".ssh", ".bashrc", ".profile", ".config")]
    instructor = ROOT / "course_utils" / "instructor"
    sockets = ["/run", "/var", "/etc/shadow", "/etc/hostname", "/boot", "/mnt", "/opt", "/srv"]
    places = [course, *secrets, *own, *homes, *sockets, f"/proc/{os.getpid()}"]
    assert all(os.path.lexists(place) for place in [*secrets, instructor, own[0], "/etc/shadow"])
    assert run(reading(*places), reading(instructor)) == ["", f"{instructor} []\n"]


@both_ways
def test_nothing_is_hidden_that_a_lesson_needs(run):
    assert run(
        "import course_utils, numpy as np\n"
        "from course_utils import checks, datasets\n"
        "print(len(datasets.__path__), np.ones(2))",
        "import subprocess, sys\n"
        "print(subprocess.run([sys.executable, '-c', 'print(3)'], capture_output=True).stdout)",
        "import getpass, os, pathlib, tempfile\n"
        "print(getpass.getuser(), os.getcwd(), pathlib.Path.home(), tempfile.gettempdir())\n"
        "open('/dev/null', 'w').write('gone'); len(os.urandom(4)), os.cpu_count()",
        "from multiprocessing import Pool\nwith Pool(2) as pool: print(pool.map(abs, [-1, 2]))",
        "!echo from a shell",
        "%%bash\necho from bash",
    ) == [
        "1 [1. 1.]\n",
        "b'3\\n'\n",
        "student /home/student /home/student /tmp\n",
        "[1, 2]\n",
        "from a shell\r\n",
        "from bash\n",
    ]


def test_the_files_of_the_folder_are_copies(run, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "numbers.txt").write_text("1 2 3")
    (tmp_path / "away").symlink_to("/etc/shadow")
    shown = run(
        "path = 'data/numbers.txt'\nprint(open(path).read())\nopen(path, 'w').write('4')",
        "open('away')",
        folder=tmp_path,
    )
    assert shown == ["1 2 3\n", "FileNotFoundError"]
    assert (tmp_path / "data" / "numbers.txt").read_text() == "1 2 3"


def test_what_is_hidden_stays_so_in_a_folder_that_is_shown(run):
    import numpy

    package = Path(numpy.__file__).parent
    hidden = [package / "linalg", package / "version.py"]
    places = run(f"import os\nprint(os.listdir({str(hidden[0])!r}))", hidden=hidden)
    contents = run(f"print(open({str(hidden[1])!r}).read())", hidden=hidden)
    assert places == ["[]\n"]
    assert contents == ["\n"] or contents == ["PermissionError"]


def test_the_environment_holds_no_passwords(monkeypatch, user, tmp_path):
    monkeypatch.setenv("GRADEBOOK_URL", "postgresql://ann:hunter2@example.org/marks")
    cell = (
        "import os\n"
        "text = str(dict(os.environ)) + open('/proc/self/environ').read()\n"
        "print('hunter2' in text, 'PATH' in text)"
    )
    with warm_kernels(KERNEL_MODULES):
        done = execute(new_notebook(cells=[new_code_cell(cell)]), tmp_path, SMALL)
    assert said(done.notebook.cells[0].outputs[0]) == "False True\n"


def test_of_the_language_only_its_own_variables_are_kept(monkeypatch):
    monkeypatch.setenv("LC_CTYPE", "C.UTF-8")
    monkeypatch.setenv("LC_TOKEN", "hunter2")
    assert {name for name in surroundings.kept() if name.startswith("LC_")} >= {"LC_CTYPE"}
    assert "LC_TOKEN" not in surroundings.kept()


@pytest.fixture
def below_a_shown_folder(tmp_path, monkeypatch):
    """A course and a home in a folder that is shown, as where Python has been put beside them."""
    for name in ("course/.git/HEAD", "course/lib/x.py", "course/notes.txt", "ann/.ssh/key"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("secret")
    tmp_path.chmod(0o755)  # whoever is confined is somebody else
    person = pwd.struct_passwd(("ann", "x", 1234, 1234, "", str(tmp_path / "ann"), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwall", lambda: [person])
    monkeypatch.setattr(sandbox, "SYSTEM", [*sandbox.SYSTEM, str(tmp_path)])
    return tmp_path


@both_ways
def test_homes_are_hidden_wherever_they_lie(run, below_a_shown_folder):
    shown = run(reading(below_a_shown_folder / "course", below_a_shown_folder / "ann"))
    assert f"{below_a_shown_folder / 'ann'} []\n" in shown[0]
    assert "notes.txt" in shown[0]


@both_ways
def test_the_history_of_what_is_hidden_is_hidden_too(run, below_a_shown_folder):
    course = below_a_shown_folder / "course"
    shown = run(reading(course, course / ".git", course / "lib"), hidden=[course / "lib"])
    assert shown[0].endswith(f"{course / '.git'} []\n{course / 'lib'} []\n")
    assert "notes.txt" in shown[0]


def test_the_packages_in_a_hidden_course_are_shown(monkeypatch, below_a_shown_folder):
    course, home = below_a_shown_folder / "course", below_a_shown_folder / "ann"
    monkeypatch.setattr(sandbox, "_python", lambda: [str(course / "lib"), str(home)])
    its = sandbox.policy(None, memory=0, disk=0, processes=0, seconds=0, hidden=[course])
    assert its["rules"][str(course)] == sandbox.NOTHING
    assert its["rules"][str(course / "lib")] == its["rules"][str(home)] == sandbox.READ


@both_ways
def test_of_the_machine_only_what_lies_in_shown_places_is_told(run, tmp_path):
    shown = run(
        "for line in open('/proc/self/mountinfo'): print(line.split()[3])",
        "import os\nprint([n for n in ('keys', 'key-users', 'locks', 'kallsyms', 'timer_list')\n"
        "       if os.path.exists(f'/proc/{n}') and open(f'/proc/{n}').read()])",
        folder=tmp_path,
    )
    its = sandbox.policy(None, memory=0, disk=0, processes=0, seconds=0)
    visible = {os.path.realpath(place) for place, rule in its["rules"].items() if rule == "read"}
    known = {"/", "/.tmp", "/.shm", "/devices/system", *(f"/{it}" for it in sandbox.DEVICES)}
    foreign = set(shown[0].splitlines()) - known
    assert all(any(place.endswith(it) for place in visible) for it in foreign), foreign
    assert shown[1] == "[]\n"


# What can be reached and changed


@both_ways
def test_there_is_no_network(run):
    with contextlib.ExitStack() as stack:
        there = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        hidden = stack.enter_context(socket.socket(socket.AF_UNIX))
        hidden.bind(f"\0course-{os.getpid()}")
        hidden.listen()
        socket.create_connection(there.getsockname()).close()
        connect = "socket.create_connection(('127.0.0.1', {}), timeout=5)"
        shown = run(
            "import socket\n" + connect.format(there.getsockname()[1]),
            "socket.create_connection(('192.0.2.1', 80), timeout=5)",
            "socket.getaddrinfo('example.org', 80)",
            f"s = socket.socket(socket.AF_UNIX); s.connect('\\0course-{os.getpid()}')",
        )
    assert shown == ["OSError", "OSError", "gaierror", "ConnectionRefusedError"]


@both_ways
def test_no_other_kind_of_socket_can_be_had(run):
    shown = run(
        "import socket\nfor family in range(64):\n    try:\n"
        "        socket.socket(family, socket.SOCK_DGRAM).close()\n        print(family)\n"
        "    except OSError:\n        pass",
        "socket.socket(40, socket.SOCK_STREAM)",  # a virtual machine's own, to its host
    )
    assert shown == ["1\n2\n10\n16\n", "OSError"]


@both_ways
def test_a_link_in_place_of_a_socket_leads_nowhere(run, tmp_path):
    (tmp_path / "data").write_text("mine")
    shown = run(
        "import os\nfolder = '/home/.kernel'\n"
        "os.symlink('/home/student/data', folder + '/link')\nopen(folder + '/link')",
        "os.link('/home/student/data', folder + '/link-2')",
        folder=tmp_path,
    )
    assert shown == ["OSError", "OSError"]


def test_a_confined_process_leaves_the_keys_of_its_login():
    script = (
        "import ctypes, runpy, sys\n"
        "calls = runpy.run_path(sys.argv[1])\n"
        "numbers = calls['_numbers'](calls['platform'].machine())[1]\n"
        "def call(name, *given):\n"
        "    return calls['libc'].syscall(ctypes.c_long(numbers[name]), *given)\n"
        "def find(): return call('keyctl', 10, -3, b'user', b'course-test', 0)\n"
        "call('keyctl', 1, None)\n"
        "print(call('add_key', b'user', b'course-test', b'secret', 6, -3) != -1, find() != -1)\n"
        "calls['forget_keys']()\nprint(find() == -1)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, system_calls.__file__], capture_output=True, text=True
    )
    if done.stdout.startswith("False"):
        pytest.skip("this Linux has no keys")
    assert done.stdout == "True True\nTrue\n"


REFUSED = {
    "keyctl": (0, -3, 0),
    "add_key": (b"user", b"name", b"text", 4, -3),
    "request_key": (b"user", b"name", None, -3),
    "memfd_create": (b"name", 0),
    "shmget": (0, 4096, 0o1600),
    "msgget": (0, 0o1600),
    "io_uring_setup": (1, bytes(120)),
    "inotify_init1": (0,),
}


@both_ways
def test_neither_keys_nor_uncounted_memory_nor_watches_can_be_had(run):
    numbers = system_calls.PROCESSORS[platform.machine()][1]
    calls = [(numbers[name], *given) for name, given in REFUSED.items()]
    shown = run(
        "import ctypes, errno; libc = ctypes.CDLL(None, use_errno=True)\n"
        f"for call in {calls!r}:\n"
        "    if libc.syscall(*call) != -1 or ctypes.get_errno() != errno.ENOSYS: print(call)"
    )
    assert shown == [""]


@both_ways
def test_locks_seem_to_work_and_no_other_sandbox_sees_them(run):
    lock = (
        "import fcntl, os\nfile = open(os.__file__)\nfor flock in (fcntl.flock, fcntl.lockf):\n"
        "    flock(file, {} | fcntl.LOCK_NB)\nprint('locked')"
    )
    with Path(os.__file__).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert run(lock.format("fcntl.LOCK_SH")) == ["locked\n"]
    shown = run(
        "import sqlite3\nbase = sqlite3.connect('own.db')\n"
        "base.execute('create table marks (points)'); base.commit()",
        "import fcntl, os\nfile = open(os.__file__)\nfcntl.fcntl(file, 1024, fcntl.F_RDLCK)",
        "fcntl.fcntl(file, 1026, 1)",
    )
    assert shown == ["", "OSError", "OSError"]


def test_of_a_processor_whose_calls_are_unknown_one_is_told():
    with pytest.raises(OSError, match="a pdp11 processor"):
        system_calls.program("pdp11")


@pytest.mark.parametrize("machine", sorted(system_calls.PROCESSORS))
def test_every_processor_has_a_number_for_what_is_refused(machine):
    of_x86_only = {"inotify_init"}
    assert system_calls.UNKNOWN - of_x86_only <= system_calls.PROCESSORS[machine][1].keys()
    assert all(len(line) == 8 for line in system_calls.program(machine))


def test_nothing_can_be_installed(run):
    shown = run("!pip install --disable-pip-version-check --retries 0 example-package; echo $?")
    assert "No matching distribution" in shown[0] or "Network is unreachable" in shown[0]


@both_ways
def test_other_processes_cannot_be_seen_or_ended(run):
    shown = run(
        "import os\nprint(sorted(int(it) for it in os.listdir('/proc') if it.isdigit())[0])",
        f"os.kill({os.getpid()}, 0)",
        "os.kill(-1, 15)",  # everybody whom it may
        "os.kill(1, 9)",
        "print(os.getppid())",
    )
    assert shown[0] in ("1\n", "2\n")
    assert shown[1] == "ProcessLookupError"
    assert shown[4] == "1\n"


def test_nothing_outside_the_own_folders_can_be_written(run, tmp_path):
    places = ["/x", "/usr/x", "/etc/passwd", sys.prefix + "/lib/x"]
    places += [str(ROOT / "course_utils" / "checks.py"), "/dev/x"]
    own = [f"{place}{tmp_path.name}" for place in ("", "/tmp/", "/dev/shm/")]
    shown = run(
        f"failed = 0\nfor place in {places!r}:\n"
        "    try:\n        open(place, 'a')\n"
        "    except OSError:\n        failed += 1\nprint(failed)",
        f"for place in {own!r}: print(open(place, 'w').write('mine'))",
    )
    assert shown == [f"{len(places)}\n", "4\n4\n4\n"]
    assert not any(map(os.path.exists, own))


@both_ways
def test_there_are_no_rights_and_no_way_to_any(run):
    clone = "import ctypes; libc = ctypes.CDLL(None, use_errno=True)\n"
    shown = run(
        clone + "print(libc.unshare(0x10000000), libc.unshare(0x20000), libc.chroot(b'/tmp'))",
        "print(libc.mount(b'x', b'/tmp', b'tmpfs', 0, None), libc.umount2(b'/tmp', 2))",
        "print([line.split()[1] for line in open('/proc/self/status')\n"
        "       if line.startswith(('Cap', 'NoNewPrivs'))])",
        "import os\nos.setuid(0)",
    )
    assert shown == ["-1 -1 -1\n", "-1 -1\n", str(["0" * 16] * 5 + ["1"]) + "\n", shown[3]]
    assert shown[3] in ("PermissionError", "OSError")


@both_ways
def test_a_confined_user_is_nobody_else(run, user):
    shown = run("import os\nprint(os.getuid(), os.getgid(), os.getgroups())")
    number = int(shown[0].split()[0])
    if os.geteuid() == 0:
        assert number > 10**6
        assert shown == [f"{number} {number} []\n"]
    else:
        assert number == sandbox.OWN_NUMBER


# What can be used up


@pytest.mark.parametrize("place", ["", "/tmp/", "/dev/shm/"])
def test_the_disk_can_be_filled_only_so_far(run, place):
    shown = run(
        "for i in range(10):\n"
        f"    with open(f'{place}file{{i}}', 'wb') as file:\n"
        "        file.write(bytes(8 * 2**20))\n        print(i)"
    )
    assert shown == ["0\n1\nOSError"]


def test_files_can_be_made_only_so_many(run):
    shown = run(f"for i in range({2 * sandbox.FILES_IN_MEMORY}): open(f'file{{i}}', 'w').close()\n")
    assert shown == ["OSError"]


def test_memory_is_limited(run):
    shown = run(
        "bytearray(8 * 2**30)",
        "import mmap\nmmap.mmap(-1, 8 * 2**30)",
        "import numpy as np\nnp.ones(2**30).sum()",
        "print(len(bytearray(2**28)))",
        incidents=["memory", "memory"],
    )
    assert shown[1:] == ["OSError", "MemoryError", f"{2**28}\n"]


def test_processes_and_descriptors_are_limited(run):
    shown = run(
        "import subprocess\nstarted = []\n"
        "while True: started.append(subprocess.Popen(['sleep', '100']))",
        "print(0 < len(started) < 64)\nfor it in started: it.kill(); it.wait()",
        "files = []\nwhile True: files.append(open('/dev/null'))",
        "print(len(files) < 1024); files.clear()",
    )
    assert shown == ["BlockingIOError", "True\n", "OSError", "True\n"]


@both_ways
def test_a_confined_process_stays_the_first_to_go(run):
    shown = run(
        "place = '/proc/self/oom_score_adj'\nprint(open(place).read())",
        "open(place, 'w').write('0')",
        "open('/proc/self/oom_adj', 'w').write('0')",
    )
    assert shown == ["1000\n\n", "OSError", "OSError"]


def test_memory_is_counted_for_all_processes_together_where_that_can_be(tmp_path):
    script = (
        "import os, signal, time\n"
        "for child in range(4):\n    if os.fork() == 0:\n"
        "        kept = bytearray(120 * 2**20)\n        time.sleep(60)\n        os._exit(0)\n"
        "pid, status = os.wait()\n"
        "os.kill(os.getpid(), os.waitstatus_to_exitcode(status) * -1)"
    )
    parent = next(iter(control_groups._parents()), None)
    try:
        (parent / "course-0").mkdir()
        (parent / "course-0").rmdir()
    except (OSError, TypeError):
        pytest.skip("no control group can be had here")
    its_policy = sandbox.policy(None, memory=2**28, disk=2**20, processes=9, seconds=50)
    connection, process = sandbox.launch(its_policy, [sys.executable, "-c", script])
    with connection:
        assert process.wait(timeout=50) == -signal.SIGKILL


def test_groups_of_what_has_ended_are_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(control_groups, "PLACE", tmp_path)
    (tmp_path / "cgroup.controllers").touch()
    gone, there = tmp_path / "course-4194305", tmp_path / f"course-{os.getpid()}"
    gone.mkdir()
    there.mkdir()
    assert control_groups.enter(os.getpid(), 2**20) == []  # there is one already
    assert not gone.exists()
    made = control_groups.enter(f"{os.getpid()}-b", 2**20)
    assert [it.name for it in made] == [f"course-{os.getpid()}-b"]
    assert (made[0] / "cgroup.procs").read_text() == str(os.getpid())


# How it ends


@contextlib.contextmanager
def sleeping():
    """A confined process that sleeps; yields the one outside, those inside, and its pidfd."""
    its_policy = sandbox.policy(None, memory=2**30, disk=2**20, processes=9, seconds=9)
    connection, process = sandbox.launch(its_policy, ["/bin/sleep", "600"])
    with connection:
        answer, descriptors, _, _ = socket.recv_fds(connection, 1000, 2)
    assert json.loads(answer)["pid"] == process.pid
    inside = psutil.Process(process.pid).children(recursive=True)
    deadline = time.monotonic() + 20
    while not any(it.name() == "sleep" for it in inside):  # it reports before it becomes that
        assert time.monotonic() < deadline
        time.sleep(0.01)
    yield process, inside, descriptors[1]
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_the_process_outside(number):
    with sleeping() as (process, inside, _):
        assert len(inside) == 2
        process.send_signal(number)
        assert process.wait(timeout=20) == -number
        _, alive = psutil.wait_procs(inside, timeout=20)
        assert not [it for it in alive if it.status() != psutil.STATUS_ZOMBIE]


def test_the_process_outside_ends_as_the_one_inside():
    with sleeping() as (process, _, inside):
        signal.pidfd_send_signal(inside, signal.SIGINT)
        assert process.wait(timeout=20) == -signal.SIGINT


@both_ways
def test_nothing_outlives_a_killed_grader(user):
    script = (
        "import os, signal, json; from course_utils.instructor.execute import sandbox\n"
        "its = sandbox.policy(None, memory=2**30, disk=2**20, processes=9, seconds=9)\n"
        "connection, process = sandbox.launch(its, ['/bin/sleep', '600'])\n"
        "connection.recv(1000); print(process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    run = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    outside, deadline = int(run.stdout), time.monotonic() + 20
    while psutil.pid_exists(outside) and time.monotonic() < deadline:
        if psutil.Process(outside).status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(0.02)
    else:
        assert not psutil.pid_exists(outside)


def test_a_process_that_cannot_be_confined_is_none(user):
    its_policy = sandbox.policy("/nowhere", memory=2**30, disk=2**20, processes=9, seconds=9)
    connection, process = sandbox.launch(its_policy, ["/bin/sleep", "600"])
    with connection:
        answer = json.loads(connection.recv(10000))
    assert "/nowhere" in answer["refused"]
    assert process.wait(timeout=20) == 1


def test_where_nothing_can_be_confined_one_can_tell(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    sandbox.available.cache_clear()
    assert "Linux only" in sandbox.available()
    monkeypatch.undo()
    sandbox.available.cache_clear()
    assert sandbox.available() == ""
