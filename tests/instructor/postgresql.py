"""A real PostgreSQL server for tests: started on a free port, and gone without a trace afterwards.

Debian's package suffices; nothing of it needs to be set up or running.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from course_utils.instructor.execute.sandbox import PR_SET_PDEATHSIG, libc

MISSING = "PostgreSQL is not installed here. To run these tests: apt-get install postgresql"
PASSWORD = "s3cret/p@ss:word"  # with everything that means something in an address
QUOTED = "s3cret%2Fp%40ss%3Aword"
SECONDS = 60
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",  # no test pulls the plug of the machine
    "max_connections": "30",
}


@dataclass(frozen=True)
class Server:
    """A running server; its user is ``teacher``.

    Attributes
    ----------
    port : int
    """

    port: int

    def url(self, database, password=QUOTED):
        """The address of a database, as a course names its gradebook."""
        return f"postgresql+psycopg://teacher:{password}@127.0.0.1:{self.port}/{database}"

    def run(self, command):
        """Run a command as the server's user, outside of any transaction; give its rows."""
        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="teacher",
            password=PASSWORD,
            dbname="postgres",
            autocommit=True,
        ) as connection:
            found = connection.execute(command)
            return found.fetchall() if found.description else []


def programs():
    """The folder of PostgreSQL's programs, the newest if there are several; None without any."""
    on_path = [shutil.which(name) for name in ("initdb", "postgres")]
    if all(on_path):
        return Path(on_path[0]).resolve().parent
    found = [
        folder
        for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if (folder / "initdb").is_file() and (folder / "postgres").is_file()
    ]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


@contextmanager
def running_server():
    """Start a server for the length of a ``with`` block.

    Yields
    ------
    Server

    Raises
    ------
    RuntimeError
        If it does not start; the text is what it said.
    """
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    process = None
    try:
        secret = folder / "password"
        secret.write_text(PASSWORD)
        owner = _owner()
        if owner:
            for path in (folder, secret):
                shutil.chown(path, owner["user"], owner["group"])
        make = [programs() / "initdb", "-D", folder / "data", "--no-sync"]
        make += ["-U", "teacher", "-A", "scram-sha-256", "--pwfile", secret]
        make += ["--locale", "C.UTF-8", "--encoding", "UTF8"]
        made = subprocess.run(make, cwd=folder, capture_output=True, text=True, **owner)
        if made.returncode:
            raise RuntimeError(made.stderr)
        with (folder / "log").open("w") as log:
            for _ in range(5):  # somebody else may take the port in the meantime
                server = Server(_free_port())
                settings = {**SETTINGS, "port": server.port}.items()
                start = [programs() / "postgres", "-D", folder / "data"]
                start += [f"--{name}={value}" for name, value in settings]
                process = subprocess.Popen(
                    start, cwd=folder, stdout=log, stderr=log, preexec_fn=_end_with_us, **owner
                )
                if _answers(server, process):
                    break
            else:
                raise RuntimeError((folder / "log").read_text())
        yield server
    finally:
        if process and process.poll() is None:
            process.send_signal(signal.SIGQUIT)  # at once: nothing of it is to be kept
            process.wait(timeout=SECONDS)
        shutil.rmtree(folder)


def _owner():
    """Whom the server runs as: the server refuses to be root."""
    if os.getuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _end_with_us():
    """Have the server end when the tests do, even if those are killed; Linux can do that."""
    if sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _free_port():
    """A port that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _answers(server, process):
    """Wait until a server answers; tell whether it does."""
    until = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return True
    return False
