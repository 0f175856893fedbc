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
from contextlib import contextmanager, suppress
from typing import NamedTuple
from urllib.parse import urlsplit

import filelock
import requests
from tqdm import tqdm
from urllib3.exceptions import ReadTimeoutError

NETWORK_SECONDS = 180
"""How long all downloads of one ``load`` may take together."""
CONNECT_SECONDS = 2.5
"""How long a host may take to tell that it is there."""
WINDOW_SECONDS = 5.0
"""How long a host may be silent, and the time over which its rate is measured."""
LOCK_SECONDS = 60
"""How long to wait for another notebook that downloads the same; then the next source is asked."""
LEAST_RATE = 50_000
"""Bytes a second below which a lesson leaves a host, however little it still has to send."""
CHUNK_BYTES = 1 << 16


class Patience(NamedTuple):
    """How long to wait for the network.

    Attributes
    ----------
    deadline : float
        On the clock of ``time.monotonic``; a host that would not be done by then is left.
    least_rate : float
        Bytes a second; a slower host is left at once.
    """

    deadline: float
    least_rate: float = LEAST_RATE

    @property
    def left(self):
        """Seconds until the deadline, at least 0."""
        return max(0.0, self.deadline - time.monotonic())

    def check(self, began, before, done, size):
        """Refuse to wait on, from what came between the time ``began`` and now.

        Raises
        ------
        DownloadError
            If that was too slow, or too slow for the deadline.
        """
        now = time.monotonic()
        rate = max(done - before, 0) / max(now - began, 1e-9)
        missing = max(size - done, 0)
        if rate < self.least_rate or now + missing / max(rate, 1) > self.deadline:
            raise DownloadError(
                f"is too slow: {rate / 1000:,.0f} kB/s, and {missing / 1000:,.0f} kB to go"
            )


class DownloadError(RuntimeError):
    """A host did not give the file; the message says which host, and why."""


class StorageError(DownloadError):
    """The file cannot be kept in this folder; another host would not help."""


class _BrokenOff(DownloadError):
    """The host ended too early or sent wrong bytes; it may do better the second time."""


def fetch(file, folder, addresses, patience):
    """Make sure that a file is in a folder, asking one address after the other.

    Only one process on a machine downloads it; others wait for that one. It is written under
    another name, checked, and only then renamed.

    Parameters
    ----------
    file : course_utils.datasets.catalogue.File
    folder : Path
        Made if need be.
    addresses : iterable of str
    patience : Patience

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
    with _storage(folder):
        if is_right(target, file):
            return None
        target.parent.mkdir(parents=True, exist_ok=True)
        part = _part_of(target)
        with one_at_a_time(_lock_of(target), target.name, patience):
            if is_right(target, file):
                return None
            try:
                host = _from_any(file, part, addresses, patience)
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
    return host


def sweep(target):
    """Remove what a process that was killed has left of a download, unless another goes on."""
    part = _part_of(target)
    with suppress(OSError):
        if part.exists():
            with filelock.FileLock(_lock_of(target), timeout=0):
                part.unlink(missing_ok=True)


def _part_of(target):
    """Where a file is written while it is not whole."""
    return target.with_name(f".{target.name}.part")


def _lock_of(target):
    """The lock of a file."""
    return target.with_name(f".{target.name}.lock")


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

    So a machine without a network knows within seconds, however many hosts there are. A host that
    would give the file but lets a question for its headers alone hang is passed over.

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


def _from_any(file, part, addresses, patience):
    """Write the right bytes to ``part`` from the first address that has them; return its host."""
    problems = {}
    for address in addresses:
        host = host_of(address)
        for _attempt in range(2):
            try:
                _from_one(file, part, address, patience)
                return host
            except StorageError:
                raise
            except DownloadError as error:
                problems[host] = error
                if not isinstance(error, _BrokenOff):
                    break
    raise DownloadError(in_words(problems) or "no host left to ask")


def in_words(problems):
    """Hosts and why each failed, in one line; those with the same reason together."""
    hosts = {}
    for host, reason in problems.items():
        hosts.setdefault(str(reason), []).append(host)
    return "; ".join(f"{', '.join(sorted(group))}: {reason}" for reason, group in hosts.items())


def _from_one(file, part, address, patience):
    """Write the right bytes to ``part`` from one address, going on where it was left."""
    if not patience.left:
        raise DownloadError("was not asked, because the time for downloading was over")
    start = part.stat().st_size if part.exists() else 0
    if start >= file.size:
        start = 0
    _check_room(part.parent, file.size - start)
    request = {"Range": f"bytes={start}-"} if start else {}
    response = _wait_for(_in_background(_get, address, request), WINDOW_SECONDS)
    try:
        start = _accepted_start(response, start, file)
    except DownloadError:
        response.close()
        raise
    with part.open("r+b" if start else "wb") as out:
        out.seek(start)
        out.truncate()
        _copy(response, out, file, start, patience)
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


def _copy(response, out, file, start, patience):
    """Copy the body to a file; leave a host that is silent or too slow."""
    done, history = start, [(time.monotonic(), start)]
    with progress_bar(file.name.rsplit("/", 1)[-1], file.size, start) as bar:
        for chunk in _chunks(response):
            out.write(chunk)
            done += len(chunk)
            bar.update(len(chunk))
            if done >= file.size:
                break
            now = time.monotonic()
            history.append((now, done))
            while history[1][0] <= now - WINDOW_SECONDS:
                del history[0]
            if now - history[0][0] >= WINDOW_SECONDS or not patience.left:
                patience.check(*history[0], done, file.size)
    if done < file.size:
        raise _BrokenOff(f"broke off after {done:,} of {file.size:,} bytes")
    if done > file.size:
        raise _BrokenOff("sent more bytes than the file has")


def _chunks(response):
    """The body's bytes as they come; ends when the connection does.

    They are read in a thread, because a host can keep a single read waiting for ever: within the
    headers of a chunk, for example. Such a thread is left behind, and with it the response, which
    cannot be closed while it is being read.
    """
    ready, stop = queue.Queue(maxsize=64), threading.Event()

    def run():
        with suppress(queue.Full), response:
            try:
                while chunk := response.raw.read1(CHUNK_BYTES, decode_content=False):
                    ready.put(chunk, timeout=10 * WINDOW_SECONDS)
                    if stop.is_set():
                        return
            except ReadTimeoutError:
                return  # whoever waits notices by itself
            except Exception:  # the connection broke off
                pass
            ready.put(b"", timeout=10 * WINDOW_SECONDS)

    threading.Thread(target=run, daemon=True).start()
    try:
        while chunk := ready.get(timeout=WINDOW_SECONDS):
            yield chunk
    except queue.Empty:
        raise DownloadError(f"sent nothing for {WINDOW_SECONDS:g} s") from None
    finally:
        stop.set()


def _get(address, headers):
    """Open an address and read its headers."""
    headers = {"Accept-Encoding": "identity", **headers}
    return requests.get(address, headers=headers, stream=True, timeout=WINDOW_SECONDS)


def _head(address):
    """Ask an address for its headers alone."""
    return requests.head(address, allow_redirects=False, timeout=CONNECT_SECONDS)


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
    return getattr(error, "strerror", None) or f"{error}" or type(error).__name__


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
def one_at_a_time(lock_file, what, patience):
    """Let one process at a time do something; the system frees the lock of a killed one.

    Raises
    ------
    DownloadError
        If another process keeps the lock for too long.
    """
    lock = filelock.FileLock(lock_file)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        print(f"Another notebook on this machine is downloading {what}; waiting for it.")
        try:
            lock.acquire(timeout=min(patience.left, LOCK_SECONDS))
        except filelock.Timeout:
            raise DownloadError(
                f"another notebook on this machine has been downloading {what} for too long"
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
