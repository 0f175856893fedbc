"""Refuse a confined process what Linux offers beside the namespaces, by a filter of system calls.

No namespace holds keys, the sockets of virtual machines, or locks and watches on files that other
sandboxes see as well; and no limit counts memory that has a descriptor or a key instead of a
place in a process. Honest code asks for none of these, or has another way when it is told that this
Linux does not know them.

`sandbox` runs this file by its path, so it uses the standard library only.
"""

import ctypes
import errno
import platform
import socket
import struct

# For each processor: Linux's number of it, and the numbers of its system calls.
GENERIC = {
    **{"add_key": 217, "request_key": 218, "keyctl": 219},
    **{"memfd_create": 279, "memfd_secret": 447, "shmget": 194, "msgget": 186, "semget": 190},
    **{"inotify_init1": 26, "fanotify_init": 262, "fcntl": 25, "flock": 32},
    **{"socket": 198, "socketpair": 199, "io_uring_setup": 425},
    **{"bpf": 280, "perf_event_open": 241, "userfaultfd": 282},
}
X86_64 = {
    **{"add_key": 248, "request_key": 249, "keyctl": 250},
    **{"memfd_create": 319, "memfd_secret": 447, "shmget": 29, "msgget": 68, "semget": 64},
    **{"inotify_init": 253, "inotify_init1": 294, "fanotify_init": 300, "fcntl": 72, "flock": 73},
    **{"socket": 41, "socketpair": 53, "io_uring_setup": 425},
    **{"bpf": 321, "perf_event_open": 298, "userfaultfd": 323},
}
PROCESSORS = {
    "x86_64": (0xC000003E, X86_64),
    "aarch64": (0xC00000B7, GENERIC),
    "riscv64": (0xC00000F3, GENERIC),
}
X32 = 0x40000000  # from here on, numbers mean the same calls in another form

UNKNOWN = {  # this Linux seems not to know them
    *("add_key", "request_key", "keyctl"),
    *("memfd_create", "memfd_secret", "shmget", "msgget", "semget"),
    *("inotify_init", "inotify_init1", "fanotify_init"),
    *("io_uring_setup", "bpf", "perf_event_open", "userfaultfd"),  # holes in Linux are found here
}
FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
# Of `fcntl`. Those that lock seem to succeed, as does `flock`: a sandbox holds one notebook, which
# has nobody to lock out, and libraries that lock their files go on working.
LOCKS = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW
WATCHES = (1024, 1026)  # F_SETLEASE, F_NOTIFY

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
KEYCTL_JOIN_SESSION_KEYRING = 1
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER, PROCESSOR, ARGUMENTS = 0, 4, 16  # where they lie; the low half of each is first

libc = ctypes.CDLL(None, use_errno=True)


def forget_keys():
    """Leave the keyring that this process shares with all of its login, for an empty one.

    Raises
    ------
    OSError
        If this Linux has keys and does not let go of them.
    """
    number = ctypes.c_long(_numbers(platform.machine())[1]["keyctl"])
    if libc.syscall(number, KEYCTL_JOIN_SESSION_KEYRING, None) == -1:
        error = ctypes.get_errno()
        if error not in (errno.ENOSYS, errno.EPERM):  # in a container, nobody may use keys at all
            raise OSError(error, "no keyring of its own can be had")


def refuse():
    """Filter the system calls of this process and all it starts, for good.

    The process must have given up new rights (``PR_SET_NO_NEW_PRIVS``).

    Raises
    ------
    OSError
        If this Linux cannot, or for a processor whose numbers are not known.
    """
    code = b"".join(program(platform.machine()))
    kept = ctypes.create_string_buffer(code, len(code))
    filtered = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(kept))
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filtered, 0, 0):
        raise OSError(ctypes.get_errno(), "system calls cannot be filtered")


def program(machine):
    """Give the filter, in the language that Linux runs for each system call.

    Parameters
    ----------
    machine : str
        As `platform.machine` names the processor.

    Returns
    -------
    list of bytes
        One instruction each.
    """
    processor, numbers = _numbers(machine)
    lines = [_do(LOAD, PROCESSOR), *_unless(processor, errno.ENOSYS), _do(LOAD, NUMBER)]
    if machine == "x86_64":
        lines += [_do(AT_LEAST, X32, 0, 1), _answer(errno.ENOSYS)]
    for name in sorted(UNKNOWN & numbers.keys()):
        lines += _where(numbers[name], [_answer(errno.ENOSYS)])
    for name in ("socket", "socketpair"):
        others = [line for it in FAMILIES for line in _where(it, [_do(RETURN, ALLOW)])]
        lines += _where(numbers[name], [_argument(0), *others, _answer(errno.EAFNOSUPPORT)])
    lines += _where(numbers["flock"], [_answer(0)])
    locks = [line for it in LOCKS for line in _where(it, [_answer(0)])]
    watches = [line for it in WATCHES for line in _where(it, [_answer(errno.EINVAL)])]
    lines += _where(numbers["fcntl"], [_argument(1), *locks, *watches, _do(RETURN, ALLOW)])
    return [*lines, _do(RETURN, ALLOW)]


def _numbers(machine):
    """Linux's numbers of a processor and of its system calls."""
    if machine not in PROCESSORS:
        raise OSError(f"the system calls of a {machine} processor are not known")
    return PROCESSORS[machine]


def _where(value, then):
    """Lines that are run where what was loaded last is this value."""
    return [_do(EQUAL, value, 0, len(then)), *then]


def _unless(value, number):
    """Lines that end with this error where what was loaded last is another value."""
    return [_do(EQUAL, value, 1, 0), _answer(number)]


def _argument(place):
    """Load the lower half of an argument, which is all of an int."""
    return _do(LOAD, ARGUMENTS + 8 * place)


def _answer(number):
    """Answer with this error instead of doing anything; 0 is success."""
    return _do(RETURN, ERRNO | int(number))


def _do(code, value, yes=0, no=0):
    """Write one instruction: what to do, with what, and how many lines to leave out after it."""
    return struct.pack("HBBI", code, yes, no, int(value))
