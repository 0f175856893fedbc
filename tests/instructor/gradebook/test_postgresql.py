"""A gradebook on a real PostgreSQL server: the same marks and files as with SQLite, and no more."""

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import PyFileConfigLoader
from typer.testing import CliRunner

from course_utils.instructor.cli.app import app
from course_utils.instructor.course import CONFIGURATION, GRADEBOOK, find_course
from course_utils.instructor.desk import doctor
from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.execute import sandbox
from course_utils.instructor.execute.outcome import Limits
from course_utils.instructor.grade import grading, job
from course_utils.instructor.grade.grading import pending, submissions
from course_utils.instructor.gradebook import converters
from course_utils.instructor.gradebook import database as gradebook
from course_utils.instructor.gradebook.converters import ConversionError
from course_utils.instructor.gradebook.database import (
    GradebookError,
    newest_version,
    prepare_gradebook,
)
from course_utils.instructor.gradebook.marking import Marking, SaveMarks
from course_utils.instructor.gradebook.marks import read_marks, read_submissions
from course_utils.instructor.gradebook.records import (
    COULD_NOT_GRADE,
    GRADED,
    read_record,
    record_path,
)
from course_utils.instructor.release import release as release_module
from course_utils.instructor.release.release import release
from tests.instructor.postgresql import MISSING, QUOTED, programs, running_server
from tests.instructor.toy_course import LESSON, write_lesson

pytestmark = [
    pytest.mark.skipif(programs() is None, reason=MISSING),
    pytest.mark.usefixtures("quick_kernels"),
]

ROOT = Path(__file__).parents[3]
NAME = "01-sums"
RIGHT = {
    "total": "total = sum",
    "mean": "def mean(numbers):\n    return sum(numbers) / len(numbers)",
    "why": "Nothing can be divided by zero.",
}
WRONG = RIGHT | {"mean": "def mean(numbers):\n    return sum(numbers) // len(numbers)"}
ODD = "Zoë O'Neill; DROP TABLE grade --"
CONFINED = not sandbox.available()
LIMITS = Limits(cell_seconds=20, seconds=60, grace=1)
number = itertools.count()


def earned(course, student):
    """Points of a student so far."""
    marks = read_marks(course.gradebook_url, NAME, student)[student]
    return sum(it.earned or 0 for it in marks.values())


@pytest.fixture(scope="module")
def server():
    with running_server() as server:
        yield server


@pytest.fixture
def empty(server, monkeypatch):
    """The name of a new database without tables, in which the course's marks are to be kept."""
    name = f"marks{next(number)}"
    server.run(f"CREATE DATABASE {name}")
    monkeypatch.setenv(GRADEBOOK, server.url(name))
    return name


@pytest.fixture(scope="module")
def released(server, released_course, tmp_path_factory):
    """The name of a database that knows the toy course's release."""
    server.run("CREATE DATABASE released")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(GRADEBOOK, server.url("released"))
        folder = tmp_path_factory.mktemp("released") / "course"
        shutil.copytree(released_course.root, folder)
        release(find_course(folder), [])
    return "released"


@pytest.fixture
def here(server, released, released_course, tmp_path, monkeypatch):
    """A copy of the released toy course, with its marks in PostgreSQL; and their database."""
    name = f"marks{next(number)}"
    server.run(f"CREATE DATABASE {name} TEMPLATE {released}")
    folder = tmp_path / "here"
    shutil.copytree(released_course.root, folder)
    (folder / "build" / "gradebook.db").unlink()
    monkeypatch.setenv(GRADEBOOK, server.url(name))
    monkeypatch.chdir(folder)
    course = find_course(folder)
    yield course, name
    assert not (course.build / "gradebook.db").exists(), "something was written beside the server"


def run(*arguments):
    """Run `course`; give its exit code and what it printed."""
    result = CliRunner().invoke(app, [*arguments], env={"COLUMNS": "160"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def grade(course, *students, **options):
    """Grade students' submissions."""
    options = {"confined": CONFINED, "limits": LIMITS} | options
    return list(grading.grade(course, [(it, NAME) for it in students], **options))


def garbage(course, student):
    """Hand in what is no notebook."""
    path = course.submission(student, NAME)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"this is no notebook \xff")


def give_by_hand(course, student, points, comment):
    """Give points and a comment as nbgrader's formgrader does."""
    with Gradebook(course.gradebook_url) as book:
        given = book.find_grade("why", NAME, NAME, student)
        given.manual_score, given.needs_manual_grade = points, False
        book.find_comment("why", NAME, NAME, student).manual_comment = comment
        book.db.commit()


def points_of(course, cell="mean-hidden", lesson=NAME):
    with Gradebook(course.gradebook_url) as book:
        return book.find_grade_cell(cell, lesson, lesson).max_score


def connections(server, name):
    """How many are connected to a database; those that have just left are waited for."""
    count = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'"
    for _ in range(100):
        if not (found := server.run(count)[0][0]):
            break
        time.sleep(0.05)
    return found


def files(folder):
    return {it.relative_to(folder): it.read_bytes() for it in folder.rglob("*") if it.is_file()}


def test_marks_pages_and_exports_are_those_of_sqlite(server, here, course):
    postgresql, name = here
    sqlite = course.with_build(course.build)
    everybody = {
        "ada": RIGHT,
        "bo": WRONG,
        "cy": {"mean": "mean = max"},
        ODD: WRONG,
        "Ada": {"total": "total = max"},
    }

    def whole_path(course):
        for student, answers in everybody.items():
            hand_in(course, student, NAME, answers)
        garbage(course, "di")
        (course.build / "roster.csv").write_text("id,name\nzed,Zed\nada,=1+1\n", encoding="utf-8")
        grade(course, *everybody, "di")
        give_by_hand(course, "ada", 1.5, "Well said: ½ · 2, “quoted”, 数.")
        give_by_hand(course, "bo", 2.0, "")
        hand_in(course, "ada", NAME, RIGHT | {"total": "total = len"})  # points by hand stand
        hand_in(course, "bo", NAME, WRONG | {"why": "Another answer."})  # and are looked at again
        garbage(course, "cy")
        records = grade(course, "ada", "bo", "cy")
        return sorted((it.student, it.status, it.reasons, it.cells) for it in records)

    assert postgresql.gradebook_url == server.url(name)
    assert sqlite.gradebook_url.startswith("sqlite:///")
    assert whole_path(postgresql) == whole_path(sqlite)
    marks = read_marks(postgresql.gradebook_url, NAME)
    assert marks == read_marks(sqlite.gradebook_url, NAME)
    assert {cell: it.earned for cell, it in marks["ada"].items()} == {
        "total-visible": 0,
        "total-hidden": 2,
        "mean-visible": 1,
        "mean-hidden": 3,
        "why": 1.5,
    }
    assert {it.earned for it in marks["cy"].values()} == {None}
    made = [_made_by(it) for it in (postgresql, sqlite)]
    assert made[0] == made[1]
    assert len(made[0]) == 6 + 4  # pages; a table of every kind, of Moodle's one a lesson
    assert connections(server, name) == 0


def _made_by(course):
    """What `course feedback` and `course export` make of a course, as the shell calls them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course.root)
        patch.setenv(GRADEBOOK, course.gradebook_url)
        assert run("feedback")[0] == 0
        for kind in ("csv", "canvas", "moodle", "json"):
            assert run("export", "--format", kind)[0] == 0
        code, output = run("status")
        assert code == 0
        assert "could not grade: cy" in output
    return {
        Path(place, name): data
        for place in ("feedback", "export")
        for name, data in files(course.build / place).items()
    }


def test_the_doctor_says_which_database_answers(server, here, monkeypatch):
    monkeypatch.setattr(doctor, "CHECKS", {"gradebook": doctor.look_at_gradebook})
    _, name = here
    code, output = run("doctor")
    assert code == 0
    kind = f"PostgreSQL {server.run('SHOW server_version')[0][0].split()[0]}"
    where = f"postgresql+psycopg://teacher:***@127.0.0.1:{server.port}/{name}"
    assert f"ok       gradebook: {where}, {kind}, tables of version {newest_version()}" in output


def test_nbgrader_itself_finds_the_marks(here):
    course, _ = here
    hand_in(course, ODD, NAME, RIGHT)
    grade(course, ODD)
    settings = PyFileConfigLoader(CONFIGURATION, path=str(course.root)).load_config()
    api = NbGraderAPI(CourseDirectory(config=settings), config=settings)
    (found,) = api.get_submissions(NAME)
    assert (found["student"], found["score"], found["max_score"]) == (ODD, 7, 9)
    assert found["needs_manual_grade"]


def test_a_release_enters_everything_or_nothing(here, monkeypatch):
    course, _ = here
    newer = LESSON.replace('"points": 3', '"points": 9')
    for lesson in (NAME, "02-more-sums"):
        write_lesson(course, lesson, newer)
    before = files(course.release)
    swap = release_module.swap

    def fails(new, old):
        swap(new, old)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(release_module, "swap", fails)
        with pytest.raises(OSError, match="No space left"):
            release(course, [])
    assert files(course.release) == before
    assert [points_of(course, lesson=it) for it in (NAME, "02-more-sums")] == [3, 3]
    release(course, [])
    assert [points_of(course, lesson=it) for it in (NAME, "02-more-sums")] == [9, 9]


def test_cells_can_change_until_there_are_submissions(here):
    course, _ = here
    write_lesson(course, NAME, LESSON.replace('"mean', '"average'))
    release(course, [NAME])
    assert points_of(course, "average-hidden") == 3
    hand_in(course, "ada", NAME, {"total": RIGHT["total"]})
    grade(course, "ada")
    write_lesson(course, NAME, LESSON)
    with pytest.raises(ConversionError, match="graded cells were added, removed or renamed"):
        release(course, [NAME])
    assert points_of(course, "average-hidden") == 3


START = "import sys\nfrom course_utils.instructor.course import find_course\n"
RELEASE = f"""{START}
import time
from course_utils.instructor.release import release as module
def stuck(new, old):
    print("in the middle", flush=True)
    time.sleep(600)
module.swap = stuck
module.release(find_course(), [])
"""
GRADE = f"""{START}
import json, pathlib
from course_utils.instructor.grade import grading
from course_utils.instructor.gradebook import marking
from course_utils.instructor.execute.outcome import (Limits)
from course_utils.instructor.execute.warm_kernel import KERNEL_MODULES, warm_kernels
add = marking.SaveMarks._add_score
def stuck(self, cell, resources):
    add(self, cell, resources)
    if self.student_id == "bo" and cell.metadata.nbgrader.grade_id == "total-visible":
        print("in the middle", flush=True)
        sys.stdin.read()
marking.SaveMarks._add_score = stuck
with warm_kernels(modules=KERNEL_MODULES):
    course = find_course()
    found = grading.submissions(course, ["{NAME}"])
    list(grading.grade(course, found, workers=1, confined={CONFINED}, limits=Limits(20, 60)))
"""


def killed_in_the_middle(program):
    """Run a program and kill it with SIGKILL as soon as it says that it is in the middle."""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout.readline() == "in the middle\n"
        process.kill()
    assert process.returncode == -signal.SIGKILL


def test_killed_within_its_transaction_a_release_has_changed_nothing(server, here):
    course, name = here
    write_lesson(course, NAME, LESSON.replace('"points": 3', '"points": 9'))
    before = files(course.release)
    killed_in_the_middle(RELEASE)
    assert files(course.release) == before
    assert points_of(course) == 3
    assert connections(server, name) == 0
    release(course, [NAME])
    assert points_of(course) == 9


def test_killed_between_two_marks_grading_goes_on_where_it_was(server, here):
    course, name = here
    for student in ("bo", "cy"):
        hand_in(course, student, NAME, RIGHT)
    found = submissions(course, [NAME])
    grade(course, "bo")  # so that there are marks of an earlier version
    hand_in(course, "bo", NAME, WRONG)
    killed_in_the_middle(GRADE)
    assert connections(server, name) == 0
    left = pending(course, found)
    assert ("bo", NAME) in left
    assert read_record(course, "bo", NAME) is None
    records = {it.student: it for it in grade(course, *(student for student, _ in left))}
    assert (records["bo"].earned, records["bo"].status) == (4, GRADED)
    assert pending(course, found) == []
    assert read_record(course, "cy", NAME).earned == 7
    assert earned(course, "bo") == 4


def test_several_may_ask_for_a_gradebook_that_is_not_there_yet(server, empty):
    with ThreadPoolExecutor(8) as executor:
        found = list(executor.map(read_submissions, [server.url(empty)] * 16))
    assert found == [set()] * 16
    with Gradebook(server.url(empty)) as book:
        assert book.students == []
    assert connections(server, empty) == 0


def test_two_processes_use_one_gradebook_at_the_same_time(here):
    course, _ = here
    students = ("ada", "bo")
    for student in students:
        hand_in(course, student, NAME, RIGHT)
    records = grading.grade(course, submissions(course, [NAME]), confined=CONFINED, limits=LIMITS)
    next(records)
    program = (
        f"{START}from course_utils.instructor.cli.app import app\n"
        "print([app([it], standalone_mode=False) for it in ('status', 'export', 'release')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == "[0, 0, 0]", done.stderr
    assert len(list(records)) == 1
    assert [earned(course, student) for student in students] == [7, 7]


def throw_out(server, name):
    """End all connections to a database, as a server does that starts anew."""
    who = "pg_stat_activity WHERE datname"
    server.run(f"SELECT pg_terminate_backend(pid) FROM {who} = '{name}'")


def shut(server, name):
    """Let nobody into a database, and throw out who is in."""
    server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    throw_out(server, name)


@pytest.mark.parametrize(
    ("place", "function", "trouble"),
    [
        (job, "convert", shut),
        (job, "keep_marks_by_hand", shut),
        (SaveMarks, "_add_score", throw_out),
    ],
    ids=["before nbgrader's part", "after it", "within it, and is back at once"],
)
def test_a_server_that_goes_away_costs_nobody_a_mark(
    server, here, monkeypatch, place, function, trouble
):
    course, name = here
    for student in ("ada", "bo"):
        hand_in(course, student, NAME, RIGHT)
    found = submissions(course, [NAME])
    grade(course, "ada")
    right = getattr(place, function)

    def in_trouble(*arguments):
        trouble(server, name)
        return right(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(place, function, in_trouble)
        with pytest.raises(GradebookError, match="cannot be used: .*Start the database") as caught:
            grade(course, "bo")
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert read_record(course, "bo", NAME) is None  # nobody is told that bo's could not be graded
    server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert pending(course, found) == [("bo", NAME)]
    assert grade(course, "bo")[0].earned == 7


TROUBLE = {  # what is wrong with the address, the address, what is said
    "down": ("teacher:{password}@127.0.0.1:1/postgres", "Connection refused"),
    "wrong password": (
        "teacher:{password}x@127.0.0.1:{port}/postgres",
        "password authentication failed",
    ),
    "no database": ("teacher:{password}@127.0.0.1:{port}/none", 'database "none" does not exist'),
    "no user": ("nobody:{password}@127.0.0.1:{port}/postgres", "authentication failed"),
}
COMMANDS = ("status", "feedback", "export", "grade", "release", "doctor")


@pytest.mark.parametrize(
    ("trouble", "command"),
    [
        *itertools.product(("down", "wrong password"), COMMANDS),
        *itertools.product(list(TROUBLE)[2:], ("status", "doctor")),
    ],
)
def test_trouble_is_told_in_one_sentence(server, course, monkeypatch, trouble, command):
    monkeypatch.chdir(course.root)
    monkeypatch.setattr(doctor, "CHECKS", {"gradebook": doctor.look_at_gradebook})
    address, why = TROUBLE[trouble]
    address = address.format(password=QUOTED, port=server.port)
    monkeypatch.setenv(GRADEBOOK, f"postgresql+psycopg://{address}")
    hand_in(course, "ada", NAME, RIGHT)
    before = files(course.release)
    code, output = run(command)
    assert code == 1
    assert why in output
    assert GRADEBOOK in output, "the next step says where to look"
    assert sum("radebook" in line for line in output.splitlines()) == 1
    for part in ("Traceback", "s3cret", "p@ss"):
        assert part not in output
    assert files(course.release) == before


def test_no_password_is_written_anywhere(server, here):
    course, name = here
    hand_in(course, "ada", NAME, RIGHT)
    grade(course, "ada")
    release(course, [])
    shut(server, name)
    with pytest.raises(GradebookError):
        converters.convert(Marking, course, NAME, "ada")
    for path, data in files(course.root).items():
        assert b"s3cret" not in data, path


def test_what_postgresql_does_not_take_concerns_one_student(here):
    course, _ = here
    long = "x" * 140  # nbgrader's tables have room for 128; SQLite does not mind
    for student in ("ada", long, "zoë"):
        hand_in(course, student, NAME, RIGHT)
    records = {it.student: it for it in grade(course, "ada", long, "zoë")}
    assert {records[it].status for it in ("ada", "zoë")} == {GRADED}
    assert records[long].status == COULD_NOT_GRADE
    assert "128" in records[long].reasons[0]
    assert json.loads(record_path(course, long, NAME).read_text())["cells"] == []


def test_a_gradebook_is_made_whole_or_not_at_all(server, empty, monkeypatch):
    def fails():
        raise RuntimeError("ended")

    monkeypatch.setattr(gradebook, "newest_version", fails)
    with pytest.raises(RuntimeError, match="ended"):
        prepare_gradebook(server.url(empty))
    monkeypatch.undo()
    assert read_submissions(server.url(empty)) == set()
    with Gradebook(server.url(empty)) as book:
        assert book.db.connection().exec_driver_sql(
            "SELECT version_num FROM alembic_version"
        ).scalar() == newest_version()  # fmt: skip
