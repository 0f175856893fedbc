"""What went wrong at the desk once, each by its smallest input; B1 to B27 are the report's names."""

import os
from concurrent.futures import Future
from datetime import UTC, datetime

import nbformat
import pytest

from course_utils.instructor.collect.collect import collect
from course_utils.instructor.grade.examination import Examined
from course_utils.instructor.grade.grading import grade, pending, submissions
from course_utils.instructor.gradebook.records import GRADED, NEEDS_REVIEW, UNTOUCHED
from course_utils.instructor.lessons.exercises import inject
from course_utils.instructor.release.release import release
from course_utils.instructor.report.export import as_canvas, as_moodle
from course_utils.instructor.report.feedback import write_feedback
from course_utils.instructor.report.standing import read_standings
from tests.instructor.toy_course import LESSON, write_lesson

FIRST, SECOND = "01-sums", "02-more-sums"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
HOUR = 3600
TOTAL = "def total(numbers):\n    return sum(numbers)"
MEAN = "def mean(numbers):\n    return sum(numbers) / len(numbers)"
ALL = {"total": TOTAL, "mean": MEAN, "why": "Nothing can be divided by zero."}
HALF = {"total": TOTAL}


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def put(course, inbox):
    """Put the released notebook with answers into the inbox, or some bytes."""

    def put(path, answers=ALL, time=NOON, lesson=FIRST, **metadata):
        file = inbox / path
        file.parent.mkdir(parents=True, exist_ok=True)
        data = answers if isinstance(answers, bytes) else solved(course, answers, lesson, metadata)
        file.write_bytes(data)
        os.utime(file, (time, time))
        return data

    return put


class Executor:
    """A worker that finds nothing odd, and runs nothing."""

    def submit(self, function, data, *arguments, **options):
        future = Future()
        future.set_result(Examined(data.decode()))
        return future


def solved(course, answers, lesson=FIRST, metadata=None):
    """The released notebook with answers, by exercise, and some metadata."""
    notebook = inject(nbformat.read(course.released(lesson), as_version=4), answers)
    notebook.metadata |= metadata or {}
    return nbformat.writes(notebook).encode()


def standing(course, student, lesson=FIRST):
    """Where a student stands."""
    return {it.student: it for it in read_standings(course, lesson)}[student]


def test_b1_an_empty_copy_handed_in_later_replaces_nothing(course, put, inbox):
    done = put(f"Ada/a/{FIRST}.ipynb", ALL)
    put(f"Ada/b/{FIRST}.ipynb", {}, NOON + 24 * HOUR, colab={"provenance": []})
    (row,) = collect(course, inbox).rows
    assert course.submission("ada", FIRST).read_bytes() == done
    assert row.oddities == ("also came untouched: not counted",)


def test_b1_nor_does_an_empty_copy_of_an_earlier_release(course, put, inbox):
    former = course.released(FIRST).read_bytes()
    write_lesson(course, FIRST, LESSON.replace("Sum of a list", "The sum of a list"))
    release(course, [FIRST])
    done = put(f"Ada/a/{FIRST}.ipynb", ALL)
    put(f"Ada/b/{FIRST}.ipynb", former, NOON + 24 * HOUR)
    put(f"Bo/{FIRST}.ipynb", former)
    ada, bo = collect(course, inbox).rows
    assert course.submission("ada", FIRST).read_bytes() == done
    assert bo.attempts[0].untouched
    assert not ada.attempts[0].untouched


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"total": ""},
        {"total": "# I will do this later"},
        {"why": "  "},
    ],
)
def test_b2_an_untouched_notebook_is_no_zero(course, put, inbox, run, answers):
    put(f"Ada/{FIRST}.ipynb", answers, colab={"provenance": []})
    collect(course, inbox)
    (record,) = grade(course, submissions(course, [FIRST]), confined=False)
    assert (record.status, record.cells) == (UNTOUCHED, ())
    assert pending(course, [("ada", FIRST)]) == []
    ada = standing(course, "ada")
    assert (ada.state, ada.earned) == (UNTOUCHED, None)
    assert "ada" not in as_canvas([ada]) and "ada" not in as_moodle([ada]).lower()
    code, output = run("status")
    assert code == 0
    assert "untouched: ada: " in output and "whether it was the wrong file" in output
    (page,) = write_feedback(course, [FIRST])
    assert "This is the notebook as we gave it to you" in page.path.read_text()


@pytest.mark.parametrize("where", ["answer", "a cell of its own", "text below"])
def test_b2_whoever_has_written_anything_has_begun(course, put, inbox, where):
    notebook = nbformat.read(course.released(FIRST), as_version=4)
    place = next(i for i, it in enumerate(notebook.cells) if "why" in str(it.metadata))
    if where == "answer":
        notebook = inject(notebook, {"total": "def total(numbers):\n    pass"})
    elif where == "a cell of its own":
        notebook.cells.append(nbformat.v4.new_code_cell(TOTAL, id="mine"))
    else:
        notebook.cells.insert(place + 1, nbformat.v4.new_markdown_cell("No sum.", id="mine"))
    put(f"Ada/{FIRST}.ipynb", nbformat.writes(notebook).encode())
    (row,) = collect(course, inbox).rows
    assert (row.attempts[0].untouched, row.attempts[0].answered) == (False, 1)


@pytest.mark.parametrize("salt", range(3))
@pytest.mark.parametrize(
    ("half", "whole"),
    [
        (
            f"Ada Lovelace_1234_assignsubmission_file_/{FIRST}.ipynb",
            f"Ada Lovelace_1234_assignsubmission_file_/{FIRST} final.ipynb",
        ),
        (
            f"Ada Lovelace_1234_assignsubmission_file_/Copy of {FIRST} (1).ipynb",
            f"Ada Lovelace_1234_assignsubmission_file_/{FIRST}.ipynb",
        ),
        (f"lovelaceada_1_67891_{FIRST}-draft.ipynb", f"lovelaceada_1_67890_{FIRST}.ipynb"),
    ],
    ids=["Moodle", "a copy", "Canvas"],
)
def test_b3_of_two_in_one_hand_in_the_fuller_counts_and_it_is_told(
    course, put, inbox, run, salt, half, whole
):
    put(half, HALF, salt=salt)
    done = put(whole, ALL)
    (row,) = collect(course, inbox).rows
    assert course.submission(row.student, FIRST).read_bytes() == done
    (doubt,) = row.doubts
    assert doubt.startswith("2 notebooks at one time: ") and "3 answered" in doubt
    assert row.attempts[1].file in doubt and "1 answered" in doubt
    assert "2 notebooks at one time" in " ".join(run("collect", inbox)[1].split())


def test_b3_a_person_is_to_look_and_may_choose(course, put, inbox, run):
    half = put(f"Ada_1_assignsubmission_file_/{FIRST}.ipynb", HALF)
    other = put(f"Ada_1_assignsubmission_file_/{FIRST} b.ipynb", ALL)
    collect(course, inbox)
    assert course.submission("ada-1", FIRST).read_bytes() == other
    list(grade(course, [("ada-1", FIRST)], executor=Executor()))
    ada = standing(course, "ada-1")
    assert ada.state == NEEDS_REVIEW and "at one time" in ada.reasons[-1]
    code, _ = run("review", "ada-1", FIRST, "--note", "asked her")
    assert code == 0
    assert standing(course, "ada-1").state == GRADED
    course.submission("ada-1", FIRST).write_bytes(half)
    list(grade(course, [("ada-1", FIRST)], executor=Executor()))
    assert standing(course, "ada-1").reasons == ()
