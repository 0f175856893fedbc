"""What a class gets when the network, the disk or a cache fails: ``python -m benchmarks.faults``.

Every row is a process of its own that calls ``datasets.load`` for a little data set, with the
course's real limits, from a host on 127.0.0.1 that behaves as the row says. Ends with 1 if a class
got no images, or if anything but whole, right files is left.
"""

import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.datasets.classroom import (
    BEHAVIOURS,
    NOBODY,
    RIGHT,
    left_behind,
    notebook,
    serving,
)

CACHED = Path("keras/datasets/mnist.npz")


def alone(behaviour):
    """The class has one host, which behaves like this."""
    return lambda home, server: outcome(notebook(home, [server.address(behaviour)], NOBODY))


def no_network(home, _):
    """Nobody answers."""
    return outcome(notebook(home, [NOBODY], NOBODY))


def next_host(home, server):
    """The first host stalls, the second is well."""
    return outcome(notebook(home, [server.address("stalls"), server.address("right")], NOBODY))


def garbage(home, server):
    """Keras' cache holds garbage under the file's name."""
    (home / CACHED).parent.mkdir(parents=True)
    (home / CACHED).write_bytes(b"garbage")
    return alone("right")(home, server)


def unwritable(home, server):
    """Keras' cache cannot be made: a file is in its place."""
    (home / "keras").write_text("")
    return alone("right")(home, server)


def full_disk(home, server):
    """The system refuses to write more than 100 kB, in the middle of the file."""

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    return outcome(notebook(home, [server.address("right")], NOBODY, preexec_fn=limit))


def killed(home, server):
    """SIGKILL in the middle of the download; then the notebook is run again."""
    process = notebook(home, [server.address("stalls")], NOBODY, window=60)
    while not (home / "keras/datasets/.mnist.npz.part").exists():
        time.sleep(0.01)
    process.kill()
    process.communicate()
    return alone("right")(home, server)


def two_at_once(home, server):
    """Two notebooks on one machine."""
    before = len(server.requests)
    first, second = (notebook(home, [server.address("right")], NOBODY) for _ in range(2))
    told = [outcome(first)[0], outcome(second)[0]]
    return " · ".join(told), f"{len(server.requests) - before} download"


def tfds_import_raises(home, server):
    """Importing tensorflow_datasets raises, as it can under Colab's versions."""
    package = home / "fake"
    package.mkdir()
    (package / "tensorflow_datasets.py").write_text("raise RuntimeError('protobuf')")
    addresses = [server.address("right")]
    return outcome(notebook(home, addresses, server.address("right"), paths=[str(package)]))


def tfds_hangs(home, server):
    """TensorFlow Datasets retries for minutes, with its host in reach; no other host is."""
    package = home / "fake"
    package.mkdir()
    (package / "tensorflow_datasets.py").write_text(
        "import time\nload = None\n"
        "class builder:\n"
        "    def __init__(self, *_, **__): pass\n"
        "    def download_and_prepare(self): time.sleep(600)\n"
    )
    return outcome(notebook(home, [NOBODY], server.address("right"), paths=[str(package)]))


ROWS = {
    **{behaviour.replace("-", " "): alone(behaviour) for behaviour in BEHAVIOURS},
    "no network": no_network,
    "stalls, another host": next_host,
    "garbage in the cache": garbage,
    "unwritable cache": unwritable,
    "disk full": full_disk,
    "killed, run again": killed,
    "two at once": two_at_once,
    "tfds import raises": tfds_import_raises,
    "tfds hangs": tfds_hangs,
}


def outcome(process):
    """What a notebook got, and why not more: the lines it printed."""
    lines = process.communicate()[0].replace("\r", "\n").splitlines()
    got = next((line for line in lines if line.startswith("LOADED")), "NO IMAGES")
    whys = [line for line in lines if line.startswith(("  - mirrors", "  - a download"))]
    return got.removeprefix("LOADED "), "\n".join(whys)


def main():
    """Run every row and print the table."""
    console = Console()
    table = Table("fault", "images, source, time", "why", "left behind", show_lines=True)
    failed = False
    with serving() as server:
        for name, run in track(ROWS.items(), console=console, transient=True):
            home = Path(tempfile.mkdtemp())
            got, why = run(home, server)
            left = [path.name for path in left_behind(home / "keras/datasets", home / "tfds")]
            shutil.rmtree(home)
            failed |= "NO IMAGES" in got or bool(left)
            for long, short in ((f"{home}", "…"), (f"127.0.0.1:{server.server_address[1]}: ", "")):
                why = why.replace(long, short)
            table.add_row(name, got.replace(f"{home}", "…"), why, ", ".join(left) or "nothing")
    console.print(table)
    console.print(f"The little file has {len(RIGHT) / 1e3:.0f} kB.")
    sys.exit(failed)


if __name__ == "__main__":
    main()
