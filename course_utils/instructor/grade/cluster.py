"""Have the workers of an existing dask.distributed cluster examine submissions.

Only the notebooks travel: marks, records and the sandbox's decision stay where `course grade` runs.
dask gives a submission whose worker dies to another worker; one that takes several workers with it
could not be graded.
"""

import contextlib
import logging
import platform
import secrets
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from course_utils.instructor.course import CourseError
from course_utils.instructor.execute import sandbox
from course_utils.instructor.execute.execution import interrupt
from course_utils.instructor.plain_text import in_one_line

PATIENCE = 10  # seconds for a scheduler to answer
PACKAGES = (  # whose versions may change a mark
    *("distributed", "ipykernel", "ipython", "keras", "matplotlib", "nbclient", "nbformat"),
    *("numpy", "pandas", "scikit-learn", "scipy", "tensorflow", "umap-learn"),
)


class Workers:
    """What `grading.grade` takes for an executor.

    Parameters
    ----------
    client : distributed.Client
    """

    def __init__(self, client):
        self._client = client
        self._token = secrets.token_hex(8)  # others may use the cluster at the same time
        # Not pure: two equal submissions are run twice, as they are without a cluster.
        self._executor = client.get_executor(pure=False)

    def submit(self, function, *arguments, **options):
        """Have a worker call a function; returns a concurrent.futures.Future."""
        try:
            return self._executor.submit(function, *arguments, owner=self._token, **options)
        except (RuntimeError, ValueError) as error:  # what dask says when it has been closed
            raise OSError(
                f"The cluster has gone ({in_one_line(error)}). What is graded is kept; run the "
                "same command again."
            ) from error

    def stop(self):
        """End what still runs: dask alone would let it run to its end."""
        self._executor.shutdown(wait=False)
        with contextlib.suppress(OSError, RuntimeError, ValueError):  # what has gone runs nothing
            self._client.run(interrupt, self._token, on_error="ignore")


@contextmanager
def cluster(address, confined=True):
    """Connect to a cluster; when the block ends, what still runs there is ended.

    Parameters
    ----------
    address : str
        The scheduler's, such as ``tcp://10.0.0.1:8786``.
    confined : bool
        Whether its workers have to be able to confine students' code.

    Yields
    ------
    executor : Workers
        For `grading.grade`.
    count : int
        How many notebooks the cluster runs at the same time.

    Raises
    ------
    CourseError
        If distributed is not installed, nobody answers, there are no workers, or they have other
        versions than this machine, or cannot confine.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise CourseError(
            "A cluster needs distributed, which is not installed here. Run: python -m pip install "
            "distributed, here and where the workers run."
        ) from error
    for name in ("distributed", "distributed.client"):  # what matters of it we say ourselves
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise CourseError(
            f"No dask scheduler answers at {address} ({in_one_line(error, 200)}). Expected its "
            "address, such as tcp://10.0.0.1:8786. To start one: dask scheduler"
        ) from error
    with client:
        count = sum(client.nthreads().values())
        if not count:
            raise CourseError(
                f"The cluster at {address} has no workers. On each machine, run: dask worker "
                f"{address} --nthreads 1 --nworkers -1"
            )
        _check(client, confined)
        workers = Workers(client)
        try:
            yield workers, count
        finally:
            workers.stop()


def versions():
    """Tell what a mark may depend on.

    Returns
    -------
    dict of str to str
        Versions by package, Python's, and a digest of this package's own files.
    """
    package = Path(__file__).parents[2]
    digest = sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(f"{path.relative_to(package)}\n".encode() + path.read_bytes())
    found = {"Python": platform.python_version(), "course_utils": digest.hexdigest()[:12]}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def _check(client, confined):
    """Refuse workers whose marks could differ, or that cannot confine what they run."""
    try:
        theirs = client.run(versions)
        unable = client.run(sandbox.available) if confined else {}
    except (ImportError, AttributeError) as error:
        raise CourseError(
            f"The cluster's workers have no course_utils like this one ({in_one_line(error)}). "
            "Install the course and its packages where they run, as here."
        ) from error
    ours = versions()
    for worker, its in theirs.items():
        other = [
            f"{name} {its.get(name)} (here: {ours[name]})"
            for name in ours
            if its.get(name) != ours[name]
        ]
        if other:
            raise CourseError(
                f"The worker at {worker} has other versions, so marks could differ: "
                f"{', '.join(other)}. Install the same there, and start it again."
            )
    for worker, why in unable.items():
        if why:
            raise CourseError(
                f"Students' code cannot be confined by the worker at {worker}: {why} With "
                "--no-sandbox it runs all the same, and can then read, change and send whatever "
                "the worker can."
            )
