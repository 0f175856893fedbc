"""Make .venv from the lock: the first thing that ``make course``, ``test`` and ``lab`` do.

The second time it only compares a stamp and returns. Whatever can be foreseen to fail ends in one
line that says what happened and what to do. Old Pythons, down to 2.7, must be able to run this
file far enough to say that they are too old, so it does without f-strings and annotations.
"""

import ast
import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

SUPPORTED = ((3, 11), (3, 12), (3, 13))  # the last is Colab's, and taken where it can be had
CHOICE = "COURSE_PYTHON"  # the environment variable that asks for another of them
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOCK = os.path.join("requirements", "dev.txt")
VENV = ".venv"
VENV_PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "course-stamp.json")
LOG = os.path.join("build", "install.log")

# Measured on Linux with Python 3.11: 3.4 GB with uv, 4.1 GB with pip while it is at work.
NEEDED_BYTES = 5 * 10**9

HEARTBEAT_SECONDS = 20
BRINGING_SECONDS = 120
CAN_MAKE_ENVIRONMENTS = "import venv, ensurepip; ensurepip.version()"

# What uv calls the settings that people behind a company's mirror or proxy give to pip.
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
}

# Looked for in the installer's own words, in this order: pip, for one, reports an unreachable
# index as a missing package as well.
FAILURES = (
    (
        "disk",
        r"No space left on device|os error 28|Disk quota exceeded|os error 122",
        "The disk filled up while packages were being installed. Free about 5 GB, or point TMPDIR "
        "and UV_CACHE_DIR at a larger disk",
    ),
    (
        "permission",
        r"Permission denied|Read-only file system|os error (13|30)\b",
        "A folder could not be written to ({} names it). Make it writable".format(LOG),
    ),
    (
        "hash",
        r"DO NOT MATCH THE HASHES|Hash mismatch",
        "A downloaded package is not the one that the lock names; a proxy or mirror may have "
        "changed it, or the download broke off. Try another network or mirror",
    ),
    (
        "certificate",
        r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer",
        "The package index was reached, but its certificate is not trusted. Set PIP_CERT to your "
        "organisation's certificate file",
    ),
    (
        "network",
        r"name resolution|dns error|getaddrinfo|Name or service not known|ConnectionError|"
        r"[Cc]onnection (refused|reset|broken|aborted|closed)|[Tt]imed out|Timeout|ProxyError|"
        r"Network is unreachable|error sending request|IncompleteRead|Failed to (fetch|download)",
        "The package index could not be reached. Check the network (behind a proxy or a company "
        "mirror, set HTTPS_PROXY or PIP_INDEX_URL)",
    ),
    (
        "platform",
        r"No matching distribution|no wheels? with a matching|not supported wheel|"
        r"a source distribution or wheel for the current platform",
        "The package index offers no build of a package for this machine ({} names it). TensorFlow "
        "has builds for Linux with glibc (x86-64, ARM64) and for Macs with Apple silicon. Use one "
        "of these, or another index".format(LOG),
    ),
)


class Problem(Exception):
    """A failure that is told to the user in one line."""


class Failed(Exception):
    """An installer's failure; ``kind`` and ``told`` are its row of ``FAILURES``."""

    def __init__(self, kind, told):
        Exception.__init__(self, told)
        self.kind = kind


def main():
    """Set up the environment; return the exit status."""
    try:
        os.chdir(ROOT)
        use_supported_python()
        with one_at_a_time():
            set_up()
    except (Problem, Failed) as problem:
        return complain("{}, then run the same command again.".format(problem))
    except KeyboardInterrupt:
        complain("Interrupted. Run the same command again; the installation starts afresh.")
        return 130
    except EnvironmentError as error:
        return complain("{}, then run the same command again.".format(explained(error)))
    return 0


def complain(line):
    """Print one line on standard error and return a failure's exit status."""
    sys.stderr.write("\nCannot set up the course: {}\n".format(line))
    return 1


def explained(error):
    """Say what an operating system's error means here and what to do about it."""
    where = error.filename or ROOT
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk of {} is full. Free about 5 GB".format(where)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "{} cannot be written to. Make it writable, or clone into a folder of yours".format(
            where
        )
    return "{} ({}). Mend that".format(error.strerror or error, where)


# --- which Python -----------------------------------------------------------------------------


def use_supported_python():
    """Go on if this is the best Python here; else start again under that, or say what is missing.

    A Python without ensurepip (Debian ships it separately) will do if uv is there to make .venv.
    """
    versions, uv = accepted(), find_uv()
    suitable = this_version() in versions and (has_ensurepip() or uv)
    other = find_python(versions[: versions.index(this_version())] if suitable else versions, uv)
    if other:
        start_again(other)
    if suitable:
        return
    here = "Python {}.{} ({})".format(this_version()[0], this_version()[1], sys.executable)
    if this_version() in versions:
        raise Problem(
            "{} comes without its venv module. Install it (on Debian and Ubuntu: sudo apt install "
            "python3-venv), or install uv".format(here)
        )
    if len(versions) == 1:
        raise Problem(
            "{} asks for Python {}.{}, and none was found. Install it, or unset {}".format(
                CHOICE, versions[0][0], versions[0][1], CHOICE
            )
        )
    age = "old" if this_version() < SUPPORTED[0] else "new for TensorFlow"
    raise Problem(
        "{} is too {}, and no other was found that will do. Install Python 3.11, 3.12 or "
        "3.13".format(here, age)
    )


def accepted():
    """Return the versions that will do, the best first."""
    names = {"{}.{}".format(*version): version for version in SUPPORTED}
    chosen = os.environ.get(CHOICE)
    if not chosen:
        return SUPPORTED[::-1]
    if chosen not in names:
        raise Problem(
            "{} is {!r}; expected one of {}. Change or unset it".format(
                CHOICE, chosen, ", ".join(sorted(names))
            )
        )
    return (names[chosen],)


def start_again(python):
    """Run this file under another Python, in the place of this process."""
    sys.stdout.flush()
    os.execv(python, [python, os.path.abspath(__file__)])


def this_version():
    """Return the version of the Python that runs this, such as (3, 11)."""
    return sys.version_info[:2]


def has_ensurepip():
    """Tell whether this Python can make an environment that holds pip."""
    return runs([sys.executable, "-c", CAN_MAKE_ENVIRONMENTS])


def find_python(versions, uv):
    """Find a Python of the first version that is here, runs and can make environments, or None."""
    for version in versions:
        # Of a Python without the global lock, packages have no builds.
        check = (
            "import sys, sysconfig; sys.exit(sys.version_info[:2] != {} or "
            "bool(sysconfig.get_config_var('Py_GIL_DISABLED')))".format(version)
        )
        if not uv:
            check = CAN_MAKE_ENVIRONMENTS + "; " + check
        for path in places(version):
            if runs([path, "-c", check]):
                return path
    return None


def places(version):
    """Yield where a Python of that version may be: below .venv, on PATH, with pyenv, with uv."""
    if os.path.islink(VENV_PYTHON):  # first, because a shim on PATH may take a second
        yield os.path.realpath(VENV_PYTHON)
    name = "python{}.{}".format(*version)
    for path in on_path(name):
        yield path
    home, get = os.path.expanduser("~"), os.environ.get
    data = get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    for folder in (
        os.path.join(get("PYENV_ROOT") or os.path.join(home, ".pyenv"), "versions"),
        get("UV_PYTHON_INSTALL_DIR") or os.path.join(data, "uv", "python"),
    ):
        children = os.listdir(folder) if os.path.isdir(folder) else []
        for child in sorted(children, key=numbers, reverse=True):
            yield os.path.join(folder, child, "bin", name)


def numbers(name):
    """Return the numbers in a folder's name, by which 3.13.10 comes after 3.13.9."""
    return [int(digits) for digits in re.findall("[0-9]+", name)]


def bring_python(uv, pip):
    """Start again under the best Python if this is another and uv can bring it.

    Where it cannot (no network, or not to where it asks), nothing is said: this one will do.
    """
    best = accepted()[0]
    if this_version() == best:
        return
    environment = uv_environment(pip)
    environment.update(UV_HTTP_RETRIES="0", UV_PYTHON_INSTALL_BIN="0")
    environment["UV_HTTP_TIMEOUT"] = os.environ.get("UV_HTTP_TIMEOUT", "10")
    if runs([uv, "python", "install", "{}.{}".format(*best)], environment, BRINGING_SECONDS):
        found = find_python([best], uv)
        if found:
            print("  uv has brought Python {}.{}.".format(*best))
            start_again(found)


def find_uv():
    """Find a uv that runs, or None."""
    for path in on_path("uv"):
        if runs([path, "--version"]):
            return path
    return None


def on_path(name):
    """Yield every executable of that name on PATH; the first may be a shim that runs nothing."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, name)
        if folder and os.access(path, os.X_OK) and not os.path.isdir(path):
            yield path


def runs(command, environment=None, seconds=None):
    """Tell whether a command can be run and ends well, and soon, without showing what it says."""
    try:
        with open(os.devnull, "w") as nowhere:
            options = {} if seconds is None else {"timeout": seconds}
            return not subprocess.call(
                command, stdout=nowhere, stderr=nowhere, env=environment, **options
            )
    except EnvironmentError:
        return False
    except subprocess.SubprocessError:  # not in Python 2, which sets no limit either
        return False


def output_of(command):
    """Return what a command prints, or an empty string if it fails."""
    try:
        with open(os.devnull, "w") as nowhere:
            return subprocess.check_output(command, stderr=nowhere).decode("utf-8", "replace")
    except (EnvironmentError, subprocess.CalledProcessError):
        return ""


# --- the environment --------------------------------------------------------------------------


@contextlib.contextmanager
def one_at_a_time():
    """Let a second ``make`` in the same checkout wait until the first has installed."""
    import fcntl  # not in every Python, but wherever make runs these targets

    if not os.path.isdir("build"):
        os.mkdir("build")
    with open(os.path.join("build", "install.lock"), "w") as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except EnvironmentError:
            print("Another command is setting up .venv; waiting for it.")
            fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def set_up():
    """Bring .venv in line with the lock and pyproject.toml, doing only what is missing."""
    wanted = {
        "python": "{}.{}".format(*this_version()),
        "place": ROOT,
        "lock": digest(LOCK),
        "project": digest("pyproject.toml"),
    }
    stamp = read_stamp()
    if not (stamp and runs([VENV_PYTHON, "-c", ""])):
        stamp = {}
    if stamp == wanted:
        return
    started = time.time()
    if dict(stamp, project=None) == dict(wanted, project=None):
        print("pyproject.toml has changed.")
    else:
        afresh(wanted)
    install_project()
    with open(STAMP, "w") as file:
        json.dump(wanted, file)
    print("Ready after {:.0f} s: {} holds everything.".format(time.time() - started, VENV))


def digest(path):
    """Return the SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def read_stamp():
    """Return what the last finished installation noted, or an empty dictionary."""
    try:
        with open(STAMP) as file:
            return json.load(file)
    except (EnvironmentError, ValueError):
        return {}


def afresh(wanted):
    """Make .venv from nothing, as fast as this machine allows."""
    free = shutil.disk_usage(".").free
    if free < NEEDED_BYTES:
        raise Problem(
            "The packages need about {:.0f} GB, and {} has {:.1f} GB left. Free some space".format(
                NEEDED_BYTES / 1e9, ROOT, free / 1e9
            )
        )
    if os.path.lexists(VENV):
        print(".venv is incomplete, moved or out of date: making it anew.")
    print("Making .venv with Python {} and {}.".format(wanted["python"], LOCK))
    open(LOG, "w").close()
    uv = find_uv()
    try:
        if uv:
            install_with_own_uv(uv)
        else:
            install_with_fetched_uv()
    except Failed as failure:
        if failure.kind in ("disk", "permission", "unreachable") or not has_ensurepip():
            raise
        print("  uv could not do it ({}). Trying pip, which is slower.".format(failure.kind))
        make_venv_with_pip()
        install_with_pip()


def install_with_own_uv(uv):
    """Install with the uv that the user has."""
    pip = [sys.executable, "-m", "pip"]
    bring_python(uv, pip)
    step(
        "  making the environment with {}".format(uv),
        [uv, "venv", "--clear", "--no-python-downloads", "--python", sys.executable, VENV],
        os.environ,
    )
    install_with_uv(uv, pip)


def install_with_fetched_uv():
    """Let pip fetch the uv that the lock names into .venv, and install with that."""
    make_venv_with_pip()
    pip = [VENV_PYTHON, "-m", "pip"]
    try:
        step(
            "  fetching uv",
            pip + ["install", "--require-hashes", "--no-deps", "-r", write_uv_lock()],
            pip_environment(),
        )
    except Failed as failure:
        # Where pip reaches no index for one package, it will not reach one for all of them.
        if failure.kind in ("network", "certificate"):
            failure.kind = "unreachable"
        raise
    uv = os.path.join(VENV, "bin", "uv")
    bring_python(uv, pip)
    install_with_uv(uv, pip)


def make_venv_with_pip():
    """Make an environment that holds nothing but the pip that Python brings along."""
    step("  making the environment", [sys.executable, "-m", "venv", "--clear", VENV], os.environ)


def write_uv_lock():
    """Write uv's own lines of the lock to a file and return its path."""
    with open(LOCK) as file:
        lines = re.search(r"^uv==.*\n(?:    --hash.*\n)+", file.read(), re.M).group()
    path = os.path.join(VENV, "uv-lock.txt")
    with open(path, "w") as file:
        file.write(lines)
    return path


def install_with_uv(uv, pip):
    """Install the lock with uv; ``pip`` is only asked for its configuration."""
    command = [uv, "pip", "install", "--python", VENV_PYTHON]
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):
        # 40 s now; left to Python, every single start of TensorFlow would pay for its share.
        command.append("--compile-bytecode")
    step(
        "  installing {} packages with uv (a minute or so)".format(count_packages()),
        command + ["--require-hashes", "--build-constraints", LOCK, "-r", LOCK],
        uv_environment(pip),
    )


def install_with_pip():
    """Install the lock with pip alone."""
    step(
        "  installing {} packages with pip (some minutes)".format(count_packages()),
        [VENV_PYTHON, "-m", "pip", "install", "--require-hashes", "-r", LOCK],
        pip_environment(),
    )


def install_project():
    """Install the course itself, editable, with the backend and the installer the lock brought."""
    uv = os.path.join(VENV, "bin", "uv")
    if runs([uv, "--version"]):
        command = [uv, "pip", "install", "--python", VENV_PYTHON, "--offline"]
    else:
        command = [VENV_PYTHON, "-m", "pip", "install", "--no-index"]
    step(
        "  installing the course itself",
        command + ["--no-deps", "--no-build-isolation", "-e", "."],
        pip_environment(),
    )


def count_packages():
    """Count the packages that the lock names."""
    with open(LOCK) as file:
        return len(re.findall(r"^[\w.-]+==", file.read(), re.M))


# --- running the installers -------------------------------------------------------------------


def step(title, command, environment):
    """Say what is done, do it, and raise ``Failed`` with a line for the user if it fails.

    What the command says goes to the log. A sign of life is printed while it takes long.
    """
    print(title)
    sys.stdout.flush()
    started = time.time()
    with open(LOG, "a") as log:
        log.write("\n$ {}\n".format(" ".join(command)))
        log.flush()
        beginning = log.tell()
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            while True:
                try:
                    status = process.wait(timeout=HEARTBEAT_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    print("    {:.0f} s ...".format(time.time() - started))
                    sys.stdout.flush()
        except BaseException:
            process.kill()
            process.wait()
            raise
    if status:
        raise diagnosed(beginning)


def diagnosed(beginning):
    """Return the ``Failed`` for what the log says from that position on."""
    with open(LOG, "rb") as file:
        file.seek(beginning)
        said = file.read().decode("utf-8", "replace")
    for kind, pattern, told in FAILURES:
        if re.search(pattern, said):
            return Failed(kind, told)
    return Failed("unknown", "An installer failed; {} ends with why. Mend that".format(LOG))


def pip_environment():
    """Return the environment for pip and uv, without what would turn them away from .venv.

    A host that swallows every packet should cost a minute, not the ten of pip's own settings; who
    has set other limits keeps them.
    """
    environment = dict(os.environ)
    for name in ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_CONSTRAINT"):
        environment.pop(name, None)
    environment.update(PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    environment.setdefault("PIP_DEFAULT_TIMEOUT", "15")
    environment.setdefault("PIP_RETRIES", "2")
    environment.setdefault("UV_HTTP_RETRIES", "2")
    environment.setdefault("UV_HTTP_TIMEOUT", "30")
    return environment


def uv_environment(pip):
    """Return the environment for uv, which gets the index, proxy and so on that pip would use.

    uv does not read pip's configuration. Settings that the user made for uv itself win.
    """
    settings = {}
    # One line a setting, such as: global.index-url='...' or :env:.cert='...'; the latter win.
    lines = output_of(pip + ["config", "list"]).splitlines()
    for line in sorted(lines, key=lambda line: line.startswith(":env:")):
        found = re.match(r"[^.]+\.([\w-]+)=('.*'|\".*\")$", line)
        if found and found.group(1) in UV_NAMES:
            settings[found.group(1)] = ast.literal_eval(found.group(2))
    environment = {}
    for name, value in settings.items():
        separator = "," if name == "find-links" else " "
        environment[UV_NAMES[name]] = separator.join(value.split())
    # What pip does with several indexes. The hashes of the lock make it safe.
    environment["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    environment.update(pip_environment())
    return environment


if __name__ == "__main__":
    sys.exit(main())
