"""Confine a process that is to run a student's code: what it can see, change, reach and use up.

`confine` turns the process that calls it into three. The first stays outside and ends as the kernel
ends; the second is the first process of the sandbox, whose end is the end of
everything inside; the third returns from `confine`, confined, and becomes the kernel. A process
that has imported TensorFlow can be confined like this after a fork, which a program that starts
another one (bubblewrap, for instance) cannot do; apart from that it takes bubblewrap's steps.

Inside there are namespaces of its own for mounts, processes, network, messages and the machine's
name; a root folder built from nothing, with the system's programs and libraries, Python, its
packages and `course_utils` without `instructor`, all read-only; a home folder, a ``/tmp`` and a
``/dev/shm`` in memory, together of limited size, which end with the sandbox; no network at all;
another user, without any rights, who cannot regain them and cannot make namespaces; limits for
memory, processor time, processes and files; no terminal; and none of the system calls that
`system_calls` refuses: no keys, no sockets beside those of the network that is not there, no
memory that no limit counts, no locks or watches that another sandbox would notice.

What it does not do: where no control group can be had (see `control_groups`), memory is limited by
process, not for all of them together (but if the machine runs out of it, Linux ends a confined
process first), and the Linux kernel is shared, so a hole in it is not covered. Where the course and
Python's packages lie can be seen (``/proc/self/mountinfo`` says it, as the packages do themselves),
but not what lies beside them. For code from people who would use one, put the whole grader into a
virtual machine.

The warm server loads this file by its path and a cold kernel starts with it as a script, so it uses
the standard library only.
"""

import contextlib
import ctypes
import functools
import json
import os
import platform
import pwd
import resource
import runpy
import shutil
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

HOME = "/home/student"
KERNEL_FOLDER = "/home/.kernel"  # the kernel's sockets, and the file that describes them
CONNECTION_FILE = f"{KERNEL_FOLDER}/connection.json"
LARGEST_REQUEST = 2**20

SYSTEM = [
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"),
    *("/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/ld.so.conf"),
    *("/etc/ld.so.conf.d", "/etc/localtime", "/etc/mime.types", "/etc/ssl/openssl.cnf"),
    "/sys/devices/system",  # how many processors there are
]
PYTHON = ["bin", "lib", "lib64", "include", "share", "pyvenv.cfg"]  # never a whole prefix: a
# virtual environment may lie in the course's own folder, and be that folder
DEVICES = ["null", "zero", "full", "random", "urandom"]
OF_THE_MACHINE = ["keys", "key-users", "locks", "kallsyms", "modules", "timer_list"]  # in /proc
READ, NOTHING = "read", "nothing"

# Linux's own names; `pivot_root` has no function in the C library, and its number varies.
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41}
MOUNT_SETATTR = 442
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC = 1, 2, 4, 8
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOSYMFOLLOW = 2, 4, 8, 256
MS_BIND, MS_REC, MS_PRIVATE, MNT_DETACH = 0x1000, 0x4000, 0x40000, 2
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4
CAPABILITY_VERSION = 0x20080522

INSIDE, OUTSIDE = "/inside", "/outside"  # while the new root is being built
OWN_NUMBER = 1000  # the user inside a user namespace
FILES_IN_MEMORY = 50_000
DESCRIPTORS = 1024
UNUSED_USERS_END = 2**31 - 2**18  # systemd's list of user numbers leaves those below to nobody
PEOPLE = range(1000, 65534)  # the user numbers of those who have a home

system_calls = runpy.run_path(Path(__file__).with_name("system_calls.py"))
control_groups = runpy.run_path(Path(__file__).with_name("control_groups.py"))
libc = ctypes.CDLL(None, use_errno=True)


@functools.cache
def available():
    """Tell whether processes can be confined here, by trying it.

    Returns
    -------
    str
        Empty if they can; otherwise why not, and what might help, in one line.
    """
    if sys.platform != "linux":
        return f"code can be confined on Linux only; this is {platform.system()}."
    trial = policy(None, memory=2**30, disk=2**20, processes=64, seconds=10)
    with contextlib.ExitStack() as stack:
        connection, process = launch(trial, ["/bin/sh", "-c", "exit 7"])
        stack.enter_context(connection)
        try:
            answer = json.loads(connection.recv(LARGEST_REQUEST) or "{}")
            code = process.wait(timeout=30)
        except (OSError, subprocess.TimeoutExpired) as error:
            process.kill()
            process.wait()
            return f"a confined process did not end: {error}"
    if "refused" in answer:
        return answer["refused"]
    return "" if code == 7 else f"a confined process ended with {code} instead of 7."


def policy(folder, *, memory, disk, processes, seconds, hidden=()):
    """Say what a process is to be confined to.

    Parameters
    ----------
    folder : Path or None
        A folder whose files the process finds in its home folder, as copies.
    memory : int
        Bytes that a process may take beyond what it has when it is confined.
    disk : int
        Bytes that it may write, in all.
    processes : int
        Processes and threads there may be at a time.
    seconds : int
        Seconds of processor time for each process.
    hidden : sequence of Path
        Folders and files that must not be seen even if they lie in a folder that is.

    Returns
    -------
    dict
        That can be written as JSON, for `confine`. Its ``files``, none at first, are what the
        kernel's own folder is to hold, as texts by name.
    """
    rules = dict.fromkeys([*SYSTEM, *_python()], READ)
    desk = Path(__file__).resolve().parents[1]
    package = desk.parent
    rules[str(package)] = READ
    installed = [Path(path, package.name) for path in _site_packages()]
    for place in (package, *installed):
        rules[str(place / desk.name)] = NOTHING
    shown = [(place, os.path.realpath(place)) for place in rules]
    for path in map(os.path.realpath, [*hidden, *_homes(), *_repositories(package, *hidden)]):
        for place in _seen_at(path, shown):
            rules.setdefault(place, NOTHING)
    return {
        "folder": None if folder is None else str(Path(folder).resolve()),
        "rules": rules,
        "memory": memory,
        "disk": disk,
        "processes": processes,
        "seconds": seconds,
        "files": {},
        "user_namespace": os.geteuid() != 0,
    }


def launch(its_policy, command, **options):
    """Start a program confined, by way of this file as a script.

    Parameters
    ----------
    its_policy : dict
        From `policy`.
    command : list of str
    **options
        For `subprocess.Popen`.

    Returns
    -------
    (socket.socket, subprocess.Popen)
        A connection on which `confine` answers, and the process outside.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", __file__, str(theirs.fileno()), *command],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **options,
        )
    ours.send(json.dumps(its_policy).encode())
    return ours, process


def confine(its_policy, connection):
    """Confine this process; returns in the confined one only.

    The process must have one thread. Its answer goes to ``connection`` as a packet of JSON:
    ``{"pid": 123}``, the process outside, together with two descriptors, of the kernel's folder
    and of the confined process (a pidfd, for interrupts); or ``{"refused": "why"}``, and then the
    process ends. Whatever ends the process outside ends all that is inside, and it ends as the
    confined process does.

    Parameters
    ----------
    its_policy : dict
        From `policy`.
    connection : socket.socket
        With packets (``SOCK_SEQPACKET``). Closed.
    """
    outside = os.getpid()
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
    outer, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        if its_policy["user_namespace"]:
            _make_user_namespace()
        _call("unshare", CLONE_NEWPID)
        _die_with_parent()  # new rights undo what was set before
        first = os.fork()
    except OSError as error:
        _send(connection, refused=_reason(error))
        os._exit(1)
    if first:
        inner.close()
        _stay_outside(first, outer, connection)
    try:
        outer.close()
        connection.close()
        _be_first(its_policy, outside, inner)
        signal.signal(signal.SIGINT, interrupt)
    except Exception as error:
        _send(inner, refused=_reason(error))
        os._exit(1)
    inner.close()


# The three processes


def _stay_outside(first, inside, connection):
    """Pass the answer on and end as the kernel ends. Never returns."""
    packet, descriptors, _, _ = socket.recv_fds(inside, LARGEST_REQUEST, 2)
    if not descriptors:
        said = json.loads(packet) if packet else {"refused": "the confined process died."}
        _send(connection, **said)
        os._exit(1)
    with contextlib.suppress(OSError):  # whoever asked may have gone
        socket.send_fds(connection, [json.dumps({"pid": os.getpid()}).encode()], descriptors)
    _close_all_but(inside)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    packet = inside.recv(LARGEST_REQUEST)
    os.waitpid(first, 0)
    code = json.loads(packet)["returncode"] if packet else -signal.SIGKILL
    if code < 0:
        with contextlib.suppress(OSError):  # SIGKILL has no handler
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _be_first(its_policy, outside, outer):
    """Build the sandbox and start the kernel in it; returns in the kernel only."""
    _die_with_parent()
    os.setsid()
    control_groups["enter"](outside, its_policy["memory"] + its_policy["disk"])
    _call("unshare", CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
    # The first to go if the machine runs out of memory; nobody can write this in the sandbox.
    Path("/proc/self/oom_score_adj").write_text("1000")
    system_calls["forget_keys"]()
    user = OWN_NUMBER if its_policy["user_namespace"] else _spare_user(outside)
    _build(its_policy, user)
    socket.sethostname("sandbox")
    kernel = os.fork()
    if not kernel:
        return _be_kernel(its_policy, user, outer)
    _close_all_but(outer)
    ended = None
    while ended != kernel:  # it is also the parent of every process that has lost its own
        ended, status = os.wait()
    _send(outer, returncode=os.waitstatus_to_exitcode(status))
    os._exit(0)


def _be_kernel(its_policy, user, outer):
    """Give up every right, and report."""
    os.setsid()
    folder = os.open(KERNEL_FOLDER, os.O_PATH | os.O_DIRECTORY)
    nothing = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    os.chdir(HOME)
    _limit(its_policy)
    _give_up_rights(None if its_policy["user_namespace"] else user)
    system_calls["refuse"]()
    itself = os.pidfd_open(os.getpid())
    socket.send_fds(outer, [b"{}"], [folder, itself])
    os.close(folder)
    os.close(itself)


# What they do


def _make_user_namespace():
    """Become the owner of a user namespace, in which an ordinary user may make the others."""
    user, group = os.geteuid(), os.getegid()
    _call("unshare", CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{OWN_NUMBER} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{OWN_NUMBER} {group} 1")


def _build(its_policy, user):
    """Make the new root folder and enter it."""
    os.umask(0o022)
    real = {place: os.path.realpath(place) for place in its_policy["rules"]}
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    _mount("root", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=16m,mode=755")
    for place in (INSIDE, OUTSIDE):
        Path(f"/tmp{place}").mkdir()
    _system_call(PIVOT_ROOT[platform.machine()], b"/tmp", f"/tmp{OUTSIDE}".encode())
    os.chdir("/")
    _make_writable_folders(its_policy, user)
    _make_system_folders(user)
    sealed = []
    for place, rule in sorted(its_policy["rules"].items(), key=lambda item: item[0].count("/")):
        if rule == READ:
            _show(place, real[place])
        elif os.path.lexists(INSIDE + place):
            sealed += _hide(INSIDE + place)
    for place in sealed:
        _restrict(place, ATTR_RDONLY)
    _call("umount2", OUTSIDE.encode(), MNT_DETACH)
    Path(OUTSIDE).rmdir()
    _restrict("/", ATTR_RDONLY)
    # Linux lets nobody make user namespaces who has another root than the mounts have.
    os.chroot(INSIDE)
    os.chdir("/")


def _make_writable_folders(its_policy, user):
    """Make the home folder and those for temporary files, in a memory of limited size."""
    Path(f"{INSIDE}/home").mkdir()
    options = f"size={its_policy['disk']},nr_inodes={FILES_IN_MEMORY},mode=755"
    _mount("home", f"{INSIDE}/home", "tmpfs", MS_NOSUID | MS_NODEV, options)
    Path(f"{INSIDE}/dev").mkdir()
    for place, hidden in (("/tmp", "/home/.tmp"), ("/dev/shm", "/home/.shm")):
        Path(INSIDE + hidden).mkdir()
        Path(INSIDE + hidden).chmod(0o1777)
        Path(INSIDE + place).mkdir()
        _mount(INSIDE + hidden, INSIDE + place, None, MS_BIND)
    for place in (HOME, KERNEL_FOLDER):
        Path(INSIDE + place).mkdir(0o700)
    # A link here could lead the grader, which opens the kernel's sockets, to somebody else's.
    kept = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW
    _mount("kernel", INSIDE + KERNEL_FOLDER, "tmpfs", kept, "size=1m,nr_inodes=64,mode=700")
    if its_policy["folder"]:
        shutil.copytree(
            OUTSIDE + its_policy["folder"], INSIDE + HOME, symlinks=True, dirs_exist_ok=True
        )
    for name, text in its_policy["files"].items():
        Path(INSIDE + KERNEL_FOLDER, name).write_text(text)
    for place in (HOME, KERNEL_FOLDER):
        for folder, _, names in os.walk(INSIDE + place):
            for path in (folder, *(f"{folder}/{name}" for name in names)):
                os.chown(path, user, user, follow_symlinks=False)


def _make_system_folders(user):
    """Make what programs expect to find: processes, devices, and who is who."""
    Path(f"{INSIDE}/proc").mkdir()
    _mount("proc", f"{INSIDE}/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=2")
    for device in DEVICES:
        _show(f"/dev/{device}", f"/dev/{device}", ATTR_NOSUID | ATTR_NOEXEC)
    for name in OF_THE_MACHINE:
        if os.path.lexists(f"{INSIDE}/proc/{name}"):
            _mount(f"{INSIDE}/dev/null", f"{INSIDE}/proc/{name}", None, MS_BIND)
    _restrict(f"{INSIDE}/proc", ATTR_RDONLY)
    Path(f"{INSIDE}/dev/pts").mkdir()
    options = "newinstance,ptmxmode=0666,mode=620"
    _mount("devpts", f"{INSIDE}/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, options)
    links = {"ptmx": "pts/ptmx", "fd": "/proc/self/fd"}
    links |= {name: f"/proc/self/fd/{i}" for i, name in enumerate(("stdin", "stdout", "stderr"))}
    for name, target in links.items():
        Path(f"{INSIDE}/dev/{name}").symlink_to(target)
    Path(f"{INSIDE}/etc").mkdir()
    for name, text in {
        "passwd": f"root:x:0:0::/:/bin/sh\nstudent:x:{user}:{user}::{HOME}:/bin/sh\n",
        "group": f"root:x:0:\nstudent:x:{user}:\n",
        "hosts": "127.0.0.1 localhost\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    }.items():
        Path(f"{INSIDE}/etc/{name}").write_text(text)


def _show(place, real, restriction=ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV):
    """Make a folder or file from outside visible; one that is not there is left out."""
    source, target = OUTSIDE + real, INSIDE + place
    if not os.path.lexists(source):
        return
    if Path(source).is_dir():
        Path(target).mkdir(parents=True, exist_ok=True)
    elif not os.path.lexists(target):
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        Path(target).touch()
    _mount(source, target, None, MS_BIND | MS_REC)
    _restrict(target, restriction, AT_RECURSIVE)


def _hide(target):
    """Cover a folder or file that lies in a visible one; returns folders to be sealed later."""
    if not Path(target).is_dir():
        _mount(f"{INSIDE}/dev/null", target, None, MS_BIND)
        return []
    _mount("nothing", target, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=755")
    return [target]


def _limit(its_policy):
    """Set limits, for this process and all it starts."""
    sizes = dict(line.split(":\t") for line in Path("/proc/self/status").read_text().splitlines())
    used = {name: int(sizes[name].split()[0]) * 1024 for name in ("VmSize", "VmData")}
    memory, cpu = its_policy["memory"], its_policy["seconds"]
    for kind, limit in {
        resource.RLIMIT_DATA: used["VmData"] + memory,
        # Threads reserve much of it that they never use.
        resource.RLIMIT_AS: used["VmSize"] + 2 * memory,
        resource.RLIMIT_FSIZE: its_policy["disk"],
        resource.RLIMIT_NPROC: its_policy["processes"],
        resource.RLIMIT_CPU: cpu,
        resource.RLIMIT_NOFILE: DESCRIPTORS,
        resource.RLIMIT_CORE: 0,
    }.items():
        highest = resource.getrlimit(kind)[1]
        lower = limit if highest == resource.RLIM_INFINITY else min(limit, highest)
        resource.setrlimit(kind, (lower, lower))


def _give_up_rights(user):
    """Become this user (or stay the one), with no capabilities and no way to any."""
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    with contextlib.suppress(OSError):  # after the last one that this Linux knows
        for capability in range(64):
            _call("prctl", PR_CAPBSET_DROP, capability, 0, 0, 0)
    _call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    header, nothing = struct.pack("Ii", CAPABILITY_VERSION, 0), struct.pack("6I", *[0] * 6)
    _call("capset", header, nothing)
    _call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)  # or its own files in /proc are root's
    rights = [
        line for line in Path("/proc/self/status").read_text().splitlines() if line[:3] == "Cap"
    ]
    if any(int(line.split()[1], 16) for line in rights):
        raise OSError(f"some rights could not be given up: {', '.join(rights)}")


def _spare_user(process):
    """A user number that nobody has, another one for every process outside.

    Linux counts the processes of a user, so two sandboxes with one would share their limit.
    """
    known = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    end = min(max(int(first) + int(count) for first, _, count in known), UNUSED_USERS_END)
    return end - 1 - process % (end // 2)


# Linux


def _python():
    """Folders of this Python and its packages."""
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    prefixes |= {os.path.realpath(prefix) for prefix in prefixes}
    return [f"{prefix}/{part}" for prefix in prefixes for part in PYTHON] + _site_packages()


def _site_packages():
    """Folders that packages are installed in."""
    return [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]


def _homes():
    """Folders of people, wherever they lie."""
    yield Path.home()
    for person in pwd.getpwall():
        if person.pw_uid == 0 or person.pw_uid in PEOPLE:
            yield person.pw_dir


def _repositories(*paths):
    """Git's folders beside these paths and above them: the whole history of the course."""
    return {folder / ".git" for path in paths for folder in Path(path).resolve().parents}


def _seen_at(path, shown):
    """Where something can be seen because it lies in a folder that can.

    A folder that is shown itself, or holds all of the system, is not what is meant.
    """
    for place, real in shown:
        if path.startswith(f"{real}/"):
            yield place + path.removeprefix(real)


def _die_with_parent():
    """Have this process killed when its parent ends."""
    _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _close_all_but(one):
    """Close every descriptor above the standard ones, except this one's."""
    for descriptor in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if descriptor > 2 and descriptor != one.fileno():
            with contextlib.suppress(OSError):  # the one that listed them
                os.close(descriptor)


def _mount(source, target, kind, flags, options=None):
    """Mount something."""
    texts = [text and text.encode() for text in (source, target, kind, options)]
    source, target, kind, options = texts
    _call("mount", source, target, kind, ctypes.c_ulong(flags), options, what=texts[1])


def _restrict(place, attributes, recursive=0):
    """Make a mount read-only or the like, with all that is mounted below it."""
    change = struct.pack("4Q", attributes, 0, 0, 0)
    _system_call(MOUNT_SETATTR, AT_FDCWD, place.encode(), recursive, change, len(change))


def _system_call(number, *arguments):
    """Call Linux by number."""
    _call("syscall", ctypes.c_long(number), *arguments, what=f"{number} {arguments}")


def _call(name, *arguments, what=""):
    """Call a function of the C library; OSError if it fails."""
    if getattr(libc, name)(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name} {what}: {os.strerror(number)}")


def _reason(error):
    """Say why a process cannot be confined, and what to do about it."""
    return (
        f"this system refuses to confine a process ({error}). In a container, or where ordinary "
        "users may not make namespaces, run the grader as root of a machine, or in a virtual one."
    )


def _send(connection, **message):
    """Send a message; nobody may be listening."""
    with contextlib.suppress(OSError):
        connection.send(json.dumps(message).encode())


def main(descriptor, *command):
    """Confine this process, as the policy says that is sent to it, and run a command."""
    # An interrupt between the report and the command would be noted by Python, and lost with it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    connection = socket.socket(fileno=int(descriptor))
    confine(json.loads(connection.recv(LARGEST_REQUEST)), connection)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
