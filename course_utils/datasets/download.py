"""Download one file so that it is whole and right, or not there at all; never for long.

A classroom's network fails in many ways: a host refuses, sends an error page, stalls, or is
throttled to a few kilobytes a second. Each is noticed within seconds, and the next host is asked.
"""

import hashlib
import queue
import shutil
import sys
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import filelock
import requests
from tqdm import tqdm
from urllib3.exceptions import HTTPError, ReadTimeoutError

NETWORK_SECONDS = 180
"""How long all downloads of one ``load`` may take together."""
CONNECT_SECONDS = 2.5
"""How long a host may take to tell that it is there."""
WINDOW_SECONDS = 5.0
"""How long a host may be silent, and the time over which its rate is measured."""
LEAST_RATE = 50_000
"""Bytes a second below which a host is left, however little it still has to send."""
CHUNK_BYTES = 1 << 16


class DownloadError(RuntimeError):
    """A host did not give the file; the message says which host, and why."""


class StorageError(DownloadError):
    """The file cannot be kept in this folder; another host would not help."""


class _BrokenOff(DownloadError):
    """The host ended too early or sent wrong bytes; it may do better the second time."""


def fetch(file, folder, addresses, deadline):
    """Make sure that a file is in a folder, asking one address after the other.

    Only one process on a machine downloads it; others wait for that one. It is written under
    another name, checked, and only then renamed.

    Parameters
    ----------
    file : course_utils.datasets.catalogue.File
    folder : Path
        Made if need be.
    addresses : iterable of str
    deadline : float
        On the clock of ``time.monotonic``; a host that would not be done by then is left.

    Returns
    -------
    str or None
        The host that gave it; None if the file was there already.

    Raises
    ------
    StorageError
        If the folder cannot be written to, or has too little room.
    DownloadError
        If no address gave the file; says why for each.
    """
    target = folder / file.name
    part = target.with_name(f".{target.name}.part")
    with _storage(folder):
        target.parent.mkdir(parents=True, exist_ok=True)
        with _lock(target, deadline):
            if is_right(target, file):
                return None
            try:
                host = _from_any(file, part, addresses, deadline)
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
    return host


def is_right(path, file):
    """Whether a path holds exactly the published bytes of a file."""
    try:
        if path.stat().st_size != file.size:
            return False
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
    except FileNotFoundError:
        return False


def unreachable(addresses):
    """Ask all addresses at the same time whether anyone answers there.

    Parameters
    ----------
    addresses : iterable of str

    Returns
    -------
    dict of str to str
        The hosts that do not answer within ``CONNECT_SECONDS``, and why.
    """
    hosts = {host_of(address): address for address in addresses}
    answers = {host: _in_background(_head, address) for host, address in hosts.items()}
    give_up = time.monotonic() + CONNECT_SECONDS
    silent = {}
    for host, answer in answers.items():
        try:
            _wait_for(answer, CONNECT_SECONDS, give_up).close()
        except DownloadError as error:
            silent[host] = str(error)
    return silent


def host_of(address):
    """The host in an address, with its port if that is unusual."""
    return urlsplit(address).netloc


def _from_any(file, part, addresses, deadline):
    """Write the right bytes to ``part`` from the first address that has them; return its host."""
    problems = []
    for address in addresses:
        host = host_of(address)
        for _attempt in range(2):
            try:
                _from_one(file, part, address, deadline)
                return host
            except _BrokenOff as error:
                problems.append(f"{host}: {error}")
            except StorageError:
                raise
            except DownloadError as error:
                problems.append(f"{host}: {error}")
                break
    raise DownloadError("; ".join(problems) or "no host left to ask")


def _from_one(file, part, address, deadline):
    """Write the right bytes to ``part`` from one address, going on where it was left."""
    if time.monotonic() >= deadline:
        raise DownloadError("was not asked, because the time for downloading was over")
    start = part.stat().st_size if part.exists() else 0
    if start >= file.size:
        start = 0
    _check_room(part.parent, file.size - start)
    request = {"Range": f"bytes={start}-"} if start else {}
    answer = _in_background(_get, address, request)
    with _wait_for(answer, WINDOW_SECONDS) as response:
        start = _accepted_start(response, start, file)
        with part.open("r+b" if start else "wb") as out:
            out.seek(start)
            out.truncate()
            _copy(response, out, file, start, deadline)
    if not is_right(part, file):
        part.unlink()  # nobody knows which of its bytes are wrong
        raise _BrokenOff("sent other bytes than were published (SHA-256 differs)")


def _accepted_start(response, start, file):
    """Where the answer begins in the file; refuses an answer that cannot be it."""
    if response.status_code not in (200, 206):
        raise DownloadError(f"answered {response.status_code} {response.reason}")
    if response.status_code == 200:  # it does not resume, and sends everything
        start = 0
    announced = response.headers.get("Content-Length")
    if announced is not None and announced != str(file.size - start):
        raise DownloadError(
            f"offers {announced} bytes in place of {file.size - start:,}: an error page, "
            "a log-in page of the network, or another edition"
        )
    return start


def _copy(response, out, file, start, deadline):
    """Copy the body to a file; leave a host that is silent or too slow."""
    done, history = start, [(time.monotonic(), start)]
    with progress_bar(file.name.rsplit("/", 1)[-1], file.size, start) as bar:
        while done < file.size:
            try:
                chunk = response.raw.read1(CHUNK_BYTES, decode_content=False)
            except ReadTimeoutError as error:
                raise DownloadError(f"sent nothing for {WINDOW_SECONDS:g} s") from error
            except (OSError, HTTPError):
                chunk = b""
            if not chunk:
                raise _BrokenOff(f"broke off after {done:,} of {file.size:,} bytes")
            out.write(chunk)
            done += len(chunk)
            bar.update(len(chunk))
            _check_rate(history, done, file.size, deadline)
        if done > file.size:
            raise _BrokenOff("sent more bytes than the file has")


def _check_rate(history, done, size, deadline):
    """Refuse to go on when the last seconds were too slow, or too slow for the deadline."""
    now = time.monotonic()
    history.append((now, done))
    while len(history) > 2 and history[1][0] <= now - WINDOW_SECONDS:
        del history[0]
    began, before = history[0]
    if now - began < WINDOW_SECONDS and now < deadline:
        return
    rate = (done - before) / (now - began)
    if rate < LEAST_RATE or now + (size - done) / rate > deadline:
        raise DownloadError(
            f"is too slow: {rate / 1000:,.0f} kB/s, and {(size - done) / 1e6:,.1f} MB to go"
        )


def _get(address, headers):
    """Open an address and read its headers."""
    headers = {"Accept-Encoding": "identity", **headers}
    return requests.get(address, headers=headers, stream=True, timeout=WINDOW_SECONDS)


def _head(address):
    """Ask an address for its headers alone."""
    return requests.head(address, allow_redirects=True, timeout=CONNECT_SECONDS)


def _in_background(ask, *arguments):
    """Start a request in a thread of its own; returns the queue that its outcome comes to.

    A name look-up cannot be interrupted, and a host may send its headers letter by letter. So the
    thread is left behind when its time is over.
    """
    outcome = queue.SimpleQueue()

    def run():
        try:
            outcome.put(ask(*arguments))
        except Exception as error:  # handed over to whoever waits
            outcome.put(error)

    threading.Thread(target=run, daemon=True).start()
    return outcome


def _wait_for(outcome, seconds, give_up=None):
    """The response, or the reason why there is none after ``seconds``, or by ``give_up``."""
    left = seconds if give_up is None else max(0.0, give_up - time.monotonic())
    try:
        answer = outcome.get(timeout=left)
    except queue.Empty:
        answer = requests.exceptions.Timeout()
    if isinstance(answer, requests.exceptions.Timeout):
        raise DownloadError(f"did not answer within {seconds:g} s")
    if isinstance(answer, Exception):
        raise DownloadError(_root_of(answer))
    return answer


def _root_of(error):
    """The innermost reason of an error of requests, without the layers around it."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return f"{error}" or type(error).__name__


def _check_room(folder, needed):
    """Refuse to begin a file for which the disk has no room."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageError(
            f"{folder} has {free / 1e6:,.1f} MB of room; {needed / 1e6:,.1f} MB are needed"
        )


@contextmanager
def _storage(folder):
    """Turn what the file system refuses into a ``StorageError`` that names the folder."""
    try:
        yield
    except (OSError, NotImplementedError) as error:  # the latter: no locks on this file system
        reason = getattr(error, "strerror", None) or error
        raise StorageError(f"{folder} cannot be written to: {reason}") from error


@contextmanager
def _lock(target, deadline):
    """Let one process at a time download a file; the system frees the lock of a killed one."""
    lock = filelock.FileLock(target.with_name(f".{target.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        print(f"Another notebook on this machine is downloading {target.name}; waiting for it.")
        try:
            lock.acquire(timeout=max(0.0, deadline - time.monotonic()))
        except filelock.Timeout:
            raise DownloadError(
                f"another notebook on this machine has been downloading {target.name} for too long"
            ) from None
    try:
        yield
    finally:
        lock.release()


def progress_bar(what, size, done=0):
    """A bar of plain text, which Colab shows and stores as it is; gone when the work is done."""
    return tqdm(
        desc=what,
        total=size,
        initial=done,
        unit="B",
        unit_scale=True,
        leave=False,
        file=sys.stdout,
        delay=1,  # nothing flickers for a file that is there at once
        mininterval=0.5,
        ncols=80,
    )
