"""A little data set, the hosts that serve it well or badly, and the caches it is kept in.

Everything runs on 127.0.0.1. ``notebook`` loads the little data set in a process of its own.
"""

import hashlib
import io
import json
import os
import socketserver
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np

from course_utils import datasets
from course_utils.datasets import download
from course_utils.datasets.catalogue import CATALOGUE, MNIST, Edition, File
from course_utils.datasets.sources import tfds

NOBODY = "http://127.0.0.1:9/mnist.npz"  # the port "discard", where nothing listens
SLOW_RATE = 10_000  # bytes a second
TRAIN, TEST = 400, 100


def little_arrays(shape=(28, 28)):
    """Forty noisy images a class to train, ten to test; noise, so that they do not compress."""
    generator = np.random.default_rng(7)
    return {
        "x_train": generator.integers(0, 256, (TRAIN, *shape), dtype=np.uint8),
        "y_train": np.repeat(np.arange(10, dtype=np.uint8), TRAIN // 10),
        "x_test": generator.integers(0, 256, (TEST, *shape), dtype=np.uint8),
        "y_test": np.repeat(np.arange(10, dtype=np.uint8), TEST // 10),
    }


def npz(arrays):
    """The bytes of a NumPy archive, the same each time."""
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


RIGHT = npz(little_arrays())
SIZE = len(RIGHT)
WRONG_SHAPE = npz(little_arrays((28, 27)))


def little_data_set(addresses, content=RIGHT, source="mirrors"):
    """MNIST's entry in the catalogue, with the little archive at some addresses."""
    file = File("mnist.npz", len(content), hashlib.sha256(content).hexdigest(), tuple(addresses))
    return replace(MNIST, editions=(Edition(source, "npz", (file,)),), checksum=None)


class Server(socketserver.ThreadingTCPServer):
    """A host whose address says how it behaves: ``…/stalls/mnist.npz``."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, pace=0.05):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pace = pace  # seconds between the drops of a slow host
        self.requests = []

    def address(self, behaviour):
        """Where the little archive lies for a behaviour."""
        return f"http://127.0.0.1:{self.server_address[1]}/{behaviour}/mnist.npz"


@contextmanager
def serving(**options):
    """A host that serves while the block runs."""
    with Server(**options) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


class Handler(BaseHTTPRequestHandler):
    """Answers in the way that the first part of the path names."""

    protocol_version = "HTTP/1.0"

    def do_HEAD(self):
        if "is-silent" in self.path:
            time.sleep(20 * download.CONNECT_SECONDS)
        self.send_response(200)
        self.end_headers()

    def do_GET(self):
        behaviour = self.path.split("/")[1]
        start = int((self.headers.get("Range") or "bytes=0-")[len("bytes=") : -1])
        self.server.requests.append((behaviour, start))
        BEHAVIOURS[behaviour](self, start)

    def log_message(self, *_):
        """Say nothing."""

    def begin(self, start=0, size=SIZE):
        """Send the headers of an answer that begins at ``start``."""
        self.send_response(206 if start else 200)
        if size is not None:
            self.send_header("Content-Length", str(size - start))
        self.end_headers()

    def send(self, content):
        """Send bytes, unless the other side has gone."""
        try:
            self.wfile.write(content)
            self.wfile.flush()
        except OSError:
            self.close_connection = True
            return False
        return True


def right(host, start):
    host.begin(start)
    host.send(RIGHT[start:])


def forbidden(host, _):
    host.send_error(403)


def not_found(host, _):
    host.send_error(404)


def redirects(host, _):
    host.send_response(302)
    host.send_header("Location", host.server.address("right"))
    host.end_headers()


def redirects_in_a_circle(host, _):
    host.send_response(302)
    host.send_header("Location", host.path)
    host.end_headers()


def is_slow(host, start):
    """SLOW_RATE: a drop of the right size at every pace."""
    host.begin(start)
    drop = int(SLOW_RATE * host.server.pace)
    for place in range(start, len(RIGHT), drop):
        if not host.send(RIGHT[place : place + drop]):
            return
        time.sleep(host.server.pace)


def stalls(host, start):
    host.begin(start)
    host.send(RIGHT[start : len(RIGHT) // 2])
    time.sleep(20 * download.WINDOW_SECONDS)


def is_silent(host, _):
    """Accepts the connection and says nothing, as behind a firewall that drops everything."""
    time.sleep(20 * download.WINDOW_SECONDS)


def drips_headers(host, _):
    while host.send(b"H"):
        time.sleep(host.server.pace)


def drips_a_chunk_header(host, _):
    """A body in chunks, the first of which never begins: a single read would wait for ever."""
    host.protocol_version = "HTTP/1.1"
    host.send_response(200)
    host.send_header("Transfer-Encoding", "chunked")
    host.end_headers()
    while host.send(b"0"):
        time.sleep(host.server.pace)


def truncates(host, start):
    """Each answer ends early: the second one has the rest, but for the last byte."""
    host.begin(start)
    host.send(RIGHT[start : len(RIGHT) // 2] if start == 0 else RIGHT[start:-1])


def breaks_off_once(host, start):
    host.begin(start)
    host.send(RIGHT[start:] if start else RIGHT[: len(RIGHT) // 3])


def does_not_resume(host, _):
    """Breaks off once, and then sends everything although only the rest was asked for."""
    host.begin(0)
    again = [asked for asked, _ in host.server.requests].count("does-not-resume") > 1
    host.send(RIGHT if again else RIGHT[: len(RIGHT) // 3])


def sends_wrong_bytes(host, start):
    host.begin(start)
    host.send(bytes(len(RIGHT) - start))


def sends_another_shape(host, _):
    host.begin(size=len(WRONG_SHAPE))
    host.send(WRONG_SHAPE)


def sends_another_size(host, _):
    """As a log-in page of a hotel's network does."""
    page = b"<html>Please accept our terms.</html>"
    host.begin(size=len(page))
    host.send(page)


def sends_too_much(host, _):
    host.begin(size=None)
    host.send(RIGHT + RIGHT)


BEHAVIOURS = {
    function.__name__.replace("_", "-"): function
    for function in (
        right,
        forbidden,
        not_found,
        redirects,
        redirects_in_a_circle,
        is_slow,
        stalls,
        is_silent,
        drips_headers,
        drips_a_chunk_header,
        truncates,
        breaks_off_once,
        does_not_resume,
        sends_wrong_bytes,
        sends_another_shape,
        sends_another_size,
        sends_too_much,
    )
}


def left_behind(*folders):
    """Every file in some folders but the empty locks and what is published."""
    return [
        path
        for folder in folders
        for path in Path(folder).rglob("*")
        if path.is_file() and path.suffix != ".lock" and path.read_bytes() != RIGHT
    ]


def notebook(home, addresses, tfds_host, window=None, **options):
    """Start a process that loads the little data set as a notebook does.

    Its caches are in the folder ``home``; ``window`` replaces the seconds of patience.
    """
    settings = {"addresses": addresses, "window": window, "tfds_host": tfds_host}
    root = Path(__file__).parents[2]
    paths = [*options.pop("paths", []), str(root)]
    return subprocess.Popen(
        [*options.pop("prefix", ()), sys.executable, "-m", "tests.datasets.classroom"],
        cwd=root,
        env={
            **os.environ,
            "COURSE_PROFILE": "full",
            "CLASSROOM": json.dumps(settings),
            "KERAS_HOME": str(home / "keras"),
            "TFDS_DATA_DIR": str(home / "tfds"),
            "TMPDIR": str(home),
            "NO_PROXY": "127.0.0.1",
            "PYTHONPATH": os.pathsep.join(paths),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


def main():
    """Load the little data set in this process, and tell in one line what came."""
    settings = json.loads(os.environ["CLASSROOM"])
    if settings["window"]:
        download.CONNECT_SECONDS = download.WINDOW_SECONDS = settings["window"]
    tfds.HOST = settings["tfds_host"]
    content = WRONG_SHAPE if "another-shape" in str(settings["addresses"]) else RIGHT
    CATALOGUE["mnist"] = little_data_set(settings["addresses"], content)
    started = time.monotonic()
    data = datasets.load("mnist")
    print(f"LOADED {len(data.train)} {data.source}, in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
