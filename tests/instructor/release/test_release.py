import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment

from course_utils.instructor.challenge.hidden_images import SECRETS
from course_utils.instructor.course import CourseError
from course_utils.instructor.gradebook.converters import ConversionError, convert
from course_utils.instructor.release import release as module
from course_utils.instructor.release.release import UNFINISHED, ReleaseError, release
from tests.instructor.conftest import LESSONS
from tests.instructor.first_error import check_runs_to_its_first_exercise
from tests.instructor.toy_course import LESSON, ROOT, nbgrader, write_lesson

pytestmark = pytest.mark.usefixtures("quick_kernels")

LEAK = "# Sums: return math.fsum(numbers) / len(numbers)"


def everything_below(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_release_has_the_notebooks_and_nothing_else(released_course):
    assert {str(path.relative_to(released_course.release)) for path in everything_below(
        released_course.release)} == {
        "01-sums/01-sums.ipynb", "02-more-sums/02-more-sums.ipynb", "01-sums.zip",
        "02-more-sums.zip", "README.md", "manifest.json",
    }  # fmt: skip


def test_a_release_is_free_of_what_is_for_instructors(released_course):
    text = released_course.released("01-sums").read_text(encoding="utf-8")
    for secret in ("SOLUTION", "HIDDEN", "running", "empty list should", "nothing to divide",
                   "most students forget", "jupytext"):  # fmt: skip
        assert secret not in text
    notebook = nbformat.reads(text, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    nbformat.validate(notebook)


def test_a_release_asks_for_every_answer(released_course):
    notebook = nbformat.read(released_course.released("01-sums"), as_version=4)
    asking = [cell for cell in notebook.cells if "raise NotImplementedError(" in cell.source]
    assert [cell.metadata.nbgrader.grade_id for cell in asking] == ["total", "mean"]


def test_a_released_notebook_runs_to_its_first_exercise(released_course):
    check_runs_to_its_first_exercise(released_course.released("01-sums"))


def test_a_release_can_be_made_again(course):
    before = everything_below(course.release)
    release(course, ["01-sums"])
    assert everything_below(course.release) == before


def test_only_the_lessons_asked_for_are_replaced(course):
    write_lesson(course, "01-sums", LESSON.replace("in between", "quite another"))
    release(course, ["02-more-sums"])
    assert "in between" in course.released("01-sums").read_text(encoding="utf-8")
    release(course, ["01-sums"])
    assert "quite another" in course.released("01-sums").read_text(encoding="utf-8")


def test_a_leak_refuses_the_release_and_leaves_the_former_one(course):
    before = everything_below(course.release)
    write_lesson(
        course, "02-more-sums", LESSON.replace("Why has an empty", f"{LEAK}\n\nWhy an empty")
    )
    with pytest.raises(ReleaseError) as caught:
        release(course, ["01-sums", "02-more-sums"])
    (leak, other) = caught.value.leaks  # the lessons are alike, so both are given away
    assert leak.place.startswith("release/02-more-sums/02-more-sums.ipynb, cell")
    assert "solution of 'mean' in 01-sums" in leak.what
    assert "solution of 'mean' in 02-more-sums" in other.what
    assert "differently in notebooks/02-more-sums/02-more-sums.md" in leak.mend
    assert everything_below(course.release) == before
    assert not list(course.build.glob(".release-*"))


def test_a_leak_does_not_reach_the_gradebook(course):
    leaking = LESSON.replace("# Sums and means", LEAK).replace('"points": 3', '"points": 9')
    write_lesson(course, "01-sums", leaking)
    with pytest.raises(ReleaseError):
        release(course, ["01-sums"])
    with Gradebook(course.gradebook_url) as gradebook:
        assert gradebook.find_grade_cell("mean-hidden", "01-sums", "01-sums").max_score == 3


@pytest.mark.parametrize(
    ("right", "wrong", "cell"),
    [
        ("    ### BEGIN SOLUTION\n", "    ### begin solution\n", "total"),
        ("### BEGIN SOLUTION\n", "### BEGIN  SOLUTION\n", "total"),
        ("    ### END SOLUTION\n", "", "total"),
        ("### BEGIN HIDDEN TESTS\n", "", "total-hidden"),
        ("### END HIDDEN TESTS\n", "", "total-hidden"),
        ("### BEGIN HIDDEN TESTS\n", "### BEGIN HIDDEN TEST\n", "total-hidden"),
    ],
)
def test_markers_out_of_order_are_refused_in_one_line(course, right, wrong, cell):
    before = everything_below(course.release)
    write_lesson(course, "01-sums", LESSON.replace(right, wrong, 1))
    place = f"notebooks/01-sums/01-sums.md, cell '{cell}': expected one line ### BEGIN"
    with pytest.raises(ValueError, match=place) as caught:
        release(course, ["01-sums"])
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith("run: make pair")
    assert everything_below(course.release) == before


@pytest.mark.parametrize(
    ("begin", "line"),
    [
        ("    ### BEGIN SOLUTION\n", "    running = 0.0\n"),
        ("### BEGIN HIDDEN TESTS\n", 'assert total([]) == 0, "an empty list should give 0"\n'),
    ],
)
def test_a_line_moved_above_the_marker_is_a_leak(course, begin, line):
    moved = LESSON.replace(begin + line, line + begin)
    assert moved != LESSON
    write_lesson(course, "01-sums", moved)
    with pytest.raises(ReleaseError) as caught:
        release(course, ["01-sums"])
    leak = caught.value.leaks[0]
    assert line.strip().split(", ")[0] in leak.what.replace("'", '"')
    assert "may hold a stub only" in leak.what
    assert "notebooks/01-sums/01-sums.md" in leak.mend


def test_a_damaged_lesson_names_the_mend_and_the_former_release_stays(course):
    before = course.released("01-sums").read_bytes()
    write_lesson(course, "01-sums", LESSON.replace("a lesson begins", "it begins"))
    course.source("02-more-sums").write_text("<<<<<<< HEAD")
    with pytest.raises(CourseError, match=r"02-more-sums\.ipynb is damaged .*make pair"):
        release(course, ["01-sums"])
    assert course.released("01-sums").read_bytes() == before


@pytest.mark.parametrize("name", ["answers.py", "answers.txt"])
def test_files_beside_a_lesson_are_searched(course, name):
    (course.source("01-sums").parent / name).write_text("### BEGIN SOLUTION\n")
    with pytest.raises(ReleaseError, match=f"release/01-sums/{name}: holds the marker"):
        release(course, ["01-sums"])


def test_the_package_that_students_get_is_searched(course):
    package = course.root / "course_utils"
    for folder in (package, package / "instructor"):
        folder.mkdir(parents=True)
        (folder / "means.py").write_text("def mean(n):\n    '### BEGIN SOLUTION'\n")
    with pytest.raises(ReleaseError) as caught:
        release(course, ["01-sums"])
    (leak,) = caught.value.leaks
    assert leak.place == "course_utils/means.py"
    assert "Students get this file" in leak.mend


@pytest.mark.parametrize("name", ["datasets/README.md", "datasets/digits.npz"])
def test_every_file_of_the_package_is_searched(course, name):
    for folder in ("datasets", "instructor", "__pycache__"):
        path = course.root / "course_utils" / folder
        path.mkdir(parents=True)
        (path / name.rpartition("/")[2]).write_bytes(b"\xff\x00 ### BEGIN SOLUTION\n")
    with pytest.raises(ReleaseError) as caught:
        release(course, ["01-sums"])
    assert [leak.place for leak in caught.value.leaks] == [f"course_utils/{name}"]


def test_an_unknown_lesson_is_answered_with_those_there_are(course):
    with pytest.raises(CourseError, match="The lessons are: 01-sums, 02-more-sums"):
        release(course, ["03-none"])


def test_what_nbgrader_refuses_is_told_in_one_line(course):
    markers = "# Sums and means\n### BEGIN SOLUTION\n### END SOLUTION"
    write_lesson(course, "01-sums", LESSON.replace("# Sums and means", markers))
    with pytest.raises(ConversionError, match="detected in a non-solution cell") as caught:
        release(course, ["01-sums"])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        (
            nbgrader("why", grade=True, solution=True, points=2),
            nbgrader("why", locked=True, task=True, points=2),
            "Cell 'why' is one of nbgrader's tasks.*Make it a written answer",
        ),
        ('"grade_id": "mean-visible"', '"grade_id": "mean-seen"', "there is none. Add it"),
    ],
)
def test_cells_whose_marks_would_be_lost_are_refused(course, right, wrong, told):
    before = everything_below(course.release)
    assert right in LESSON
    write_lesson(course, "01-sums", LESSON.replace(right, wrong))
    with pytest.raises(ValueError, match=rf"notebooks/01-sums/01-sums.md: .*{told}") as caught:
        release(course, ["01-sums"])
    assert str(caught.value).endswith("Then run: make pair")
    assert everything_below(course.release) == before


def test_a_graded_cell_for_instructors_only_is_refused(course):
    tagged = LESSON.replace("```python nbgrader=", '```python tags=["instructor"] nbgrader=', 1)
    write_lesson(course, "01-sums", tagged)
    with pytest.raises(ValueError, match="01-sums: cell 'total' is graded and tagged"):
        release(course, ["01-sums"])


def test_a_lesson_that_is_kept_is_searched_again(course):
    """What was harmless may be a solution today."""
    newer = LESSON.replace(
        "return math.fsum(numbers) / len(numbers)", 'return print("a lesson begins")'
    )
    write_lesson(course, "01-sums", newer)
    with pytest.raises(ReleaseError, match="release/02-more-sums/02-more-sums.ipynb, cell"):
        release(course, ["01-sums"])


def test_the_secret_of_a_challenge_in_the_package_is_found(course):
    seed = "0123456789abcdef" * 4
    for name in (f"build/{SECRETS}/emoji10-0.json", "course_utils/seed.py"):
        path = course.root / name
        path.parent.mkdir(parents=True)
        path.write_text(f'{{"seed": "{seed}"}}')
    with pytest.raises(ReleaseError, match=r"course_utils/seed.py: holds the secret of emoji10-0"):
        release(course, ["01-sums"])


def points_of(course, cell="mean-hidden", lesson="01-sums"):
    with Gradebook(course.gradebook_url) as gradebook:
        return gradebook.find_grade_cell(cell, lesson, lesson).max_score


NEWER = LESSON.replace('"points": 3', '"points": 9').replace("in between", "quite another")


def test_the_gradebook_learns_of_a_release(course):
    write_lesson(course, "01-sums", NEWER)
    release(course, ["01-sums"])
    assert points_of(course) == 9
    assert points_of(course, lesson="02-more-sums") == 3


def test_our_entries_are_those_of_stock_nbgrader(course, tmp_path):
    stock = course.with_build(tmp_path / "stock")
    stock.build.mkdir()
    convert(GenerateAssignment, stock, "01-sums")

    def entries(url):
        with Gradebook(url) as gradebook:
            notebook = gradebook.find_notebook("01-sums", "01-sums")
            kinds = (notebook.grade_cells, notebook.solution_cells, notebook.source_cells)
            return [
                sorted(
                    tuple((key, value) for key, value in sorted(cell.to_dict().items())
                          if key != "id") for cell in cells
                )
                for cells in kinds
            ], notebook.kernelspec  # fmt: skip

    assert entries(course.gradebook_url) == entries(stock.gradebook_url)


def state(course):
    return everything_below(course.release), points_of(course)


@pytest.mark.parametrize("where", ["swap", "_keep_others", "_search"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_interruption_leaves_the_former_release_and_marks(course, monkeypatch, where, error):
    before = state(course)
    write_lesson(course, "01-sums", NEWER)

    def fail(*_):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(module, where, fail)
        with pytest.raises(type(error)):
            release(course, ["01-sums"])
    assert state(course) == before
    assert not list(course.build.glob(".release-*"))
    release(course, ["01-sums"])
    assert points_of(course) == 9


def test_a_gradebook_that_cannot_be_written_leaves_the_former_release(course):
    before = state(course)
    write_lesson(course, "01-sums", NEWER)
    url = course.gradebook_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(url)) as other:
        other.execute("BEGIN IMMEDIATE")  # somebody else is writing, and goes on doing so
        with pytest.raises(ConversionError, match="The gradebook .* cannot be used: .*locked"):
            release(course, ["01-sums"])
    assert state(course) == before


def test_a_gradebook_that_is_none_is_told_in_one_line(course):
    before = everything_below(course.release)
    Path(course.gradebook_url.removeprefix("sqlite:///")).write_bytes(b"garbage" * 1000)
    with pytest.raises(ConversionError, match="cannot be used: file is not a database"):
        release(course, ["01-sums"])
    assert everything_below(course.release) == before


def test_a_gradebook_that_fails_at_the_last_moment_leaves_the_former_release(course, monkeypatch):
    before = state(course)
    write_lesson(course, "01-sums", NEWER)

    def fail_once_swapped(_, connection):
        if "quite another" in course.released("01-sums").read_text(encoding="utf-8"):
            raise sqlite3.OperationalError("disk I/O error")
        connection.commit()

    monkeypatch.setattr("sqlalchemy.engine.default.DefaultDialect.do_commit", fail_once_swapped)
    with pytest.raises(ConversionError, match="disk I/O error"):
        release(course, ["01-sums"])
    monkeypatch.undo()
    assert state(course) == before


def test_cells_cannot_change_while_there_are_submissions(course):
    before = state(course)
    with Gradebook(course.gradebook_url) as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission("01-sums", "ada")
    write_lesson(course, "01-sums", LESSON.replace('"mean', '"average'))
    with pytest.raises(ConversionError, match="01-sums: graded cells were added, removed or"):
        release(course, ["01-sums"])
    assert state(course) == before


RELEASE = """
import sys
from course_utils.instructor.course import find_course
from course_utils.instructor.release.release import release
release(find_course(sys.argv[1]), [])
"""


def start_release(course):
    return subprocess.Popen([sys.executable, "-c", RELEASE, course.root], cwd=ROOT)


@pytest.mark.parametrize("part", range(6))
def test_killed_at_any_moment_a_release_is_the_former_or_the_new_one(course, part):
    old = everything_below(course.release)
    for lesson in ("01-sums", "02-more-sums"):
        write_lesson(course, lesson, NEWER)
    process = start_release(course)
    until = [".release-*", ".release-*/release/01-sums", ".release-*/release/02-more-sums",
             ".release-*/release/manifest.json", UNFINISHED, "never"][part]  # fmt: skip
    while process.poll() is None and not list(course.build.glob(until)):
        time.sleep(0.001)
    process.kill()
    process.wait()
    found = everything_below(course.release)
    assert "01-sums.zip" in {path.name for path in found}
    manifest = json.loads((course.release / "manifest.json").read_text(encoding="utf-8"))
    for entry in manifest["files"]:
        assert sha256((course.release / entry["path"]).read_bytes()).hexdigest() == entry["sha256"]
    if found == old:
        assert part < 5
    release(course, ["02-more-sums"])
    assert not list(course.build.glob(".release-*"))
    assert not (course.build / UNFINISHED).exists()
    texts = ["quite another" in course.released(it).read_text() for it in LESSONS]
    # What the release says of a lesson, the gradebook says as well.
    assert [points_of(course, lesson=lesson) for lesson in LESSONS] == [
        9 if it else 3 for it in texts
    ]


def test_two_releases_at_once_are_refused(course):
    with FileLock(course.build / ".release.lock"):
        code = subprocess.run([sys.executable, "-c", RELEASE, course.root], cwd=ROOT,
                              capture_output=True, text=True)  # fmt: skip
    assert "is being released by another process" in code.stderr


def git(folder, *arguments):
    who = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_release_that_is_a_git_repository_stays_one(course):
    git(course.release, "init", "-q")
    git(course.release, "add", ".")
    git(course.release, "commit", "-qm", "first")
    write_lesson(course, "01-sums", NEWER)
    for _ in range(2):
        release(course, ["01-sums"])
        told = git(course.release, "status", "--porcelain").split()
        assert told == ["M", "01-sums.zip", "M", "01-sums/01-sums.ipynb", "M", "manifest.json"]
    assert git(course.release, "log", "--format=%s") == "first\n"
