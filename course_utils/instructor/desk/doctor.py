"""Look whether this machine can do what the instructor's desk needs, and say what to do if not."""

import logging
import os
import re
import shutil
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from course_utils.instructor.clock import shown
from course_utils.instructor.course import CONFIGURATION, SETTINGS, lesson_names
from course_utils.instructor.environment import environment, errors_to
from course_utils.instructor.plain_text import in_one_line
from course_utils.instructor.versions import (
    PYTHON,
    canonical,
    colab_versions,
    differences,
    taken_from_colab,
)

OK, WARNING, PROBLEM = RESULTS = ("ok", "warning", "problem")
PROJECT = "from-pixels-to-features"
LITTLE, ENOUGH = (
    10**9,
    5 * 10**9,
)  # bytes; a class of 300 with all attempts takes less than the first
STARTING = 180  # seconds for the first warm kernel, which waits for TensorFlow
OF_LIBRARIES = re.compile(r"(KERAS|TF|MPL|OMP|NUMBA|CUDA|XLA|TFDS)_|MPL|MATPLOTLIB")
INSTALL = "Install the tested set again: make course"


@dataclass(frozen=True)
class Finding:
    """What came of looking at one thing.

    Attributes
    ----------
    what, result, words : str
        The thing, one of `RESULTS`, and what was found.
    mend : str
        What to do; empty if all is well.
    """

    what: str
    result: str
    words: str
    mend: str = ""


def examine(course):
    """Look at everything, whatever else is wrong.

    Parameters
    ----------
    course : Course

    Yields
    ------
    Finding
    """
    for what, look in CHECKS.items():
        try:
            yield Finding(what, *look(course))
        except Exception as error:  # a doctor who falls ill helps nobody
            words = in_one_line(error, 300)
            yield Finding(
                what,
                PROBLEM,
                f"could not be looked at: {type(error).__name__}: {words}",
                "Report this to the course's authors if the words above do not help.",
            )


def look_at_python(course):
    """The version of Python, and whether it is one of those tested."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    project = _project()
    names = project.get("classifiers", ())
    tested = re.findall(r"Python :: (3\.\d+)$", "\n".join(names), re.MULTILINE)
    words = f"{version}, at {sys.executable}"
    if not tested or version in tested:
        return OK, words
    return WARNING, words, f"Tested are {', '.join(tested)}. Install one of them; then: make course"


def look_at_clock(course):
    """The zone in which dates are read and times shown."""
    zone = course.zone
    now = shown(datetime.now(UTC), zone)
    if zone:
        return OK, f"dates are in {zone}: {now}"
    words = f"dates are by this computer's clock: {now}"
    if not now.endswith(" UTC"):
        return OK, words
    mend = "If students hand in by another: write timezone = 'Europe/Berlin' or the like below "
    return WARNING, words, f"{mend}[tool.course] in {SETTINGS}"


def look_at_packages(course):
    """The packages that the course needs, and whether their versions are those tested."""
    from packaging.requirements import Requirement

    project = _project()
    needed = [*project["dependencies"], *project["optional-dependencies"]["instructor"]]
    tested = _locked()
    missing, other = [], []
    for requirement in map(Requirement, needed):
        if requirement.marker and not requirement.marker.evaluate():
            continue
        version = _version(requirement.name)
        if version is None:
            missing.append(requirement.name)
        elif not requirement.specifier.contains(version, prereleases=True):
            missing.append(f"{requirement} (found {version})")
        elif tested.get(requirement.name, version) != version:
            other.append(f"{requirement.name} {version} (tested: {tested[requirement.name]})")
    if missing:
        return PROBLEM, f"missing: {', '.join(missing)}", INSTALL
    if other:
        return WARNING, f"not as tested: {', '.join(other)}", f"If anything fails: {INSTALL}"
    return OK, f"{len(needed)} as tested" if tested else f"{len(needed)} there"


def look_at_colab(course):
    """Whether Python and what lessons call differ from Colab, where students write."""
    colab, taken = colab_versions(course.root), taken_from_colab(course.root)
    if not (colab and taken):
        return OK, "no list of its versions is here"
    found = differences({name: colab[name] for name in taken if name in colab})
    if not found:
        return OK, f"Python and {len(taken) - 1} packages have its versions"
    locked = _locked()
    mends = [f"Install Python {colab[PYTHON]}; then: make course."] if PYTHON in found else []
    packages = [it for name, it in found.items() if name != PYTHON]
    if packages and all(locked.get(it.name) == it.colab for it in packages):
        mends.append(f"{INSTALL}.")
    elif packages:
        mends.append("The lock has not followed Colab yet: make lock; then: make course.")
    mends.append("Until then an error that may come from it needs review.")
    lines = _project().get("dependencies", ())
    own = [PYTHON, *(canonical(re.match(r"[\w.-]+", line)[0]) for line in lines)]
    order = sorted(found, key=lambda name: name not in own)  # the lessons' own come first
    words = (f"{name} {found[name].here or 'not here'} ({found[name].colab})" for name in order)
    return WARNING, f"other versions here (there): {', '.join(words)}", " ".join(mends)


def look_at_disk(course):
    """Room and the right to write, where marks are kept and where notebooks run."""
    course.build.mkdir(parents=True, exist_ok=True)
    rooms = []
    for place in (course.build, Path(tempfile.gettempdir())):
        try:
            with tempfile.TemporaryFile(dir=place) as file:
                file.write(b"\0" * 2**16)
                file.flush()
        except OSError as error:
            mend = f"Make {place} writable, or free some of its disk."
            return PROBLEM, f"{place} cannot be written to: {error.strerror}", mend
        rooms.append((shutil.disk_usage(place).free, place))
    free, place = min(rooms)
    words = f"{free / 1e9:.1f} GB free in {place}"
    if free < LITTLE:
        return PROBLEM, words, "Free some of this disk; grading ends where it is full."
    if free < ENOUGH:
        return WARNING, words, "A large class and its attempts may need more."
    return OK, words


def look_at_lessons(course):
    """The lessons, and whether they have been released."""
    lessons = lesson_names(course)
    left = [lesson for lesson in lessons if not course.released(lesson).is_file()]
    words = f"{len(lessons)}, of which {len(lessons) - len(left)} are released"
    if left:
        return WARNING, words, f"Before grading: course release {' '.join(left)}"
    return OK, words


def look_at_kernelspec(course):
    """Whether Jupyter knows a kernel called python3, and which Python that is."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    mend = "Run: python -m ipykernel install --sys-prefix"
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return PROBLEM, "Jupyter knows no kernel python3", mend
    own = ("python", f"python{sys.version_info[0]}", "python{}.{}".format(*sys.version_info))
    named = sys.executable if spec.argv[0] in own else spec.argv[0]  # as jupyter_client does it
    program = shutil.which(named)
    if not program:
        return PROBLEM, f"python3 is {named}, which is not there", mend
    if Path(program).absolute().parent != Path(sys.executable).absolute().parent:
        return WARNING, f"python3 is another Python: {program}", mend
    return OK, f"python3 is {program}"


def look_at_kernels(course):
    """Whether a kernel starts warm, and computes."""
    from jupyter_client.manager import start_new_kernel

    from course_utils.instructor.execute.warm_kernel import warm_kernels

    said = _Heard()
    loggers = [logging.getLogger(name) for name in ("traitlets", warm_kernels.__module__)]
    for logger in loggers:
        logger.addHandler(said)
    try:
        with errors_to(course.logs / "doctor.log"), warm_kernels() as server:
            manager, client = start_new_kernel(startup_timeout=STARTING, kernel_name="python3")
            try:
                reply = client.execute_interactive(
                    "answer = 6 * 7",
                    user_expressions={"answer": "answer"},
                    timeout=STARTING,
                    output_hook=lambda message: None,
                )
            finally:
                client.stop_channels()
                manager.shutdown_kernel(now=True)
    finally:
        for logger in loggers:
            logger.removeHandler(said)
    told = reply["content"].get("user_expressions", {}).get("answer", {}).get("data", {})
    if told.get("text/plain") != "42":
        return PROBLEM, "a kernel started, and did not compute 6 * 7", INSTALL
    if server is None or said.heard:
        why = said.heard[0] if said.heard else "there is no warm server on this system"
        return (
            WARNING,
            f"kernels start cold: {why}",
            "Grading works, and takes 10 s longer a notebook.",
        )
    return OK, "a warm one started, and computed"


def look_at_sandbox(course):
    """Whether students' code can be confined, and finds there what tests need."""
    from nbformat.v4 import new_code_cell, new_notebook

    from course_utils.instructor.execute.execution import execute
    from course_utils.instructor.execute.sandbox import available
    from course_utils.instructor.execute.warm_kernel import KERNEL_MODULES, warm_kernels

    reason = available()
    if reason:
        mend = "Grade on a Linux machine that allows it, or in a virtual machine of its own."
        return PROBLEM, f"students' code cannot be confined: {reason}", mend
    try:
        with warm_kernels(modules=KERNEL_MODULES):
            execute(new_notebook(cells=[new_code_cell("6 * 7")]), None)
    except OSError as error:
        return PROBLEM, f"students' code does not run confined: {error}", INSTALL
    return OK, "students' code runs confined"


def look_at_data(course):
    """Which data sets are on this machine."""
    from course_utils.datasets.catalogue import CATALOGUE
    from course_utils.instructor.desk.data_copies import copies

    sets = [data_set for data_set in CATALOGUE.values() if data_set.editions]
    here = [data_set.name for data_set in sets if copies(data_set)]
    missing = [data_set.name for data_set in sets if data_set.name not in here]
    words = f"here: {', '.join(here) or 'none'}"
    if missing:
        mend = (
            "Grading needs none of them. For full lessons without a network: "
            f"course data fetch {' '.join(missing)}"
        )
        return WARNING, f"{words}; not here: {', '.join(missing)}", mend
    return OK, words


def look_at_gradebook(course):
    """Whether the gradebook can be read, and is of the version that nbgrader needs."""
    from sqlalchemy import inspect, text
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    from course_utils.instructor.gradebook import database as gradebook

    url = course.gradebook_url
    file = make_url(url).database if url.startswith("sqlite") else None
    if file and not Path(file).is_file():
        return OK, f"none yet; the first release or grading makes it ({gradebook.named(url)})"
    try:
        with gradebook.connected(url) as connection:
            named = _described(url, connection)
            tables = inspect(connection).get_table_names()
            if file:
                state = connection.execute(text("PRAGMA quick_check")).scalar()
                if state != "ok":
                    return PROBLEM, f"{named} is damaged: {state}", "Put a copy of it back."
            if not tables:
                return OK, f"empty ({named})"
            if "alembic_version" not in tables:
                mend = "Let course make another: move this one away, or give another URL."
                return PROBLEM, f"{named} is no gradebook of nbgrader's", mend
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except gradebook.GradebookError as error:  # the address, or the driver
        return PROBLEM, str(error)
    except SQLAlchemyError as error:
        words = f"{gradebook.named(url)} cannot be read: {gradebook.reason(error)}"
        return PROBLEM, words, gradebook.advice(url)
    head = gradebook.newest_version()
    if version != head:
        mend = "Make a copy of it; then, in the course's folder: nbgrader db upgrade"
        return PROBLEM, f"{named} has tables of version {version}; nbgrader needs {head}", mend
    other = _nbgraders_gradebook(course)
    if other != url:
        mend = "Marks given in the formgrader would be lost. Take db_url back to what it was."
        return PROBLEM, f"{named}, but nbgrader_config.py names another one", mend
    return OK, f"{named}, tables of version {version}"


def _described(url, connection):
    """A gradebook's address, and which database answers there."""
    from course_utils.instructor.gradebook.database import named

    kind = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
    kind = kind.get(connection.dialect.name, connection.dialect.name)
    version = ".".join(map(str, connection.dialect.server_version_info))
    return f"{named(url)}, {kind} {version}"


def _nbgraders_gradebook(course):
    """The gradebook that nbgrader's own commands use."""
    from traitlets.config.loader import PyFileConfigLoader

    loader = PyFileConfigLoader(CONFIGURATION, path=str(course.root))
    with environment({"COURSE_PROFILE": "fast"}):  # which the file sets for the whole process
        return loader.load_config().CourseDirectory.db_url


def look_at_settings(course):
    """Which settings of the instructor's own would change what students' code does."""
    from course_utils.instructor.execute.surroundings import KEPT

    home = Path.home()
    files = [home / ".keras" / "keras.json", *(home / ".config").glob("matplotlib/matplotlibrc")]
    files += [home / ".matplotlib" / "matplotlibrc", home / ".ipython" / "profile_default"]
    found = [f"~/{path.relative_to(home)}" for path in files if path.exists()]
    found += [name for name in sorted(os.environ) if OF_LIBRARIES.match(name)]
    found = [name for name in found if not KEPT.fullmatch(name)]
    if not found:
        return OK, "none of yours that students' code could meet"
    return OK, f"students' code does not meet yours: {', '.join(found)}"


CHECKS = {
    "Python": look_at_python,
    "packages": look_at_packages,
    "Colab": look_at_colab,
    "clock": look_at_clock,
    "disk": look_at_disk,
    "lessons": look_at_lessons,
    "kernel": look_at_kernelspec,
    "warm kernels": look_at_kernels,
    "sandbox": look_at_sandbox,
    "settings": look_at_settings,
    "data": look_at_data,
    "gradebook": look_at_gradebook,
}


class _Heard(logging.Handler):
    """Keeps what is logged as a warning or worse."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.heard = []

    def emit(self, record):
        """Keep one message."""
        self.heard.append(record.getMessage())


def _root():
    """The folder that this package lies in: the repository's, if it was not installed elsewhere."""
    return Path(__file__).parents[3]


def _project():
    """What the project says of itself."""
    path = _root() / "pyproject.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))["project"] if path.is_file() else {}


def _locked():
    """The versions that were tested, for this machine, by name."""
    from packaging.requirements import Requirement

    path = _root() / "requirements" / "dev.txt"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    lines = re.findall(r"^([\w.-]+==[^\\\n]+?) *\\?$", text, re.MULTILINE)
    return {
        locked.name: next(iter(locked.specifier)).version
        for locked in map(Requirement, lines)
        if not locked.marker or locked.marker.evaluate()
    }


def _version(name):
    """The version of a package; None if it is not there."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
