import contextlib
import subprocess
import sys

import pytest

from course_utils.instructor.cli import grade as grade_cli
from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.execute import sandbox, warm_kernel
from course_utils.instructor.grade import grading
from tests.instructor.grade.test_grading import RIGHT
from tests.instructor.toy_course import LESSON, write_lesson

pytestmark = pytest.mark.usefixtures("quick_kernels")
confined = pytest.mark.skipif(sandbox.available() != "", reason="nothing can be confined here")
LEAK = "\nIn short: return math.fsum(numbers) / len(numbers)\n"


@pytest.fixture
def run(run, monkeypatch):
    """Run `course` without its own warm kernels: the toy course does not need TensorFlow."""
    monkeypatch.setattr(warm_kernel, "warm_kernels", contextlib.nullcontext)
    return run


def rows_of(table):
    """Rows of a table of marks, by student."""
    rows = [line for line in table.splitlines() if line.startswith("│")]
    return {row.split("│")[1].strip(): row for row in rows}


def test_build_does_everything_and_ends_with_marks_and_paths(run, course):
    code, output = run("build")
    assert code == 0, output
    rows = rows_of(output)
    assert "7 / 7, 2 to grade" in rows["perfect"]
    assert "3 / 7, 2 to grade" in rows["partly-right"]
    assert rows["untouched"].count("untouched") == 3  # its name, and both lessons
    for path in (course.pages / "index.html", course.release):
        assert str(path) in output
        assert path.exists()
    assert (course.pages / "02-more-sums.html").is_file()
    assert not course.submitted.exists()


def test_build_goes_on_after_a_failing_lesson(run, course):
    write_lesson(course, "01-sums", LESSON.replace('print("a lesson begins")', "1 / 0"))
    code, output = run("build")
    assert code == 1
    assert "01-sums: cell 2 of" in output
    assert "ZeroDivisionError" in output
    assert (course.pages / "02-more-sums.html").is_file()
    assert "perfect" in output


def test_build_with_a_leak_grades_nothing(run, course):
    write_lesson(course, "02-more-sums", LESSON + LEAK)
    code, output = run("build")
    assert code == 1
    assert "release/02-more-sums/02-more-sums.ipynb" in output
    assert "solution of 'mean'" in output
    assert "perfect" not in output


def test_lessons_executes_those_asked_for(run, course):
    code, output = run("lessons", "02-more-sums")
    assert code == 0, output
    assert (course.pages / "02-more-sums.html").is_file()
    assert not (course.pages / "01-sums.html").exists()


def test_release_tells_what_was_released(run):
    code, output = run("release", "01-sums")
    assert code == 0, output
    assert "build/release/01-sums/01-sums.ipynb" in output
    assert "02-more-sums" not in output


def test_a_refused_release_names_file_cell_and_mend(run, course):
    write_lesson(course, "01-sums", LESSON + LEAK)
    code, output = run("release")
    assert code == 1
    assert "release/01-sums/01-sums.ipynb, cell" in output
    assert "solution of 'mean' in 01-sums" in output
    assert "make pair" in output


def test_a_lesson_that_nbgrader_refuses_is_told_without_a_traceback(run, course):
    write_lesson(course, "01-sums", LESSON + "\n### BEGIN SOLUTION\n### END SOLUTION\n")
    code, output = run("release", "01-sums")
    assert code == 1
    assert "detected in a non-solution cell" in output
    assert "Traceback" not in output


@confined
def test_a_broken_submission_does_not_stop_the_others(run, course):
    for student in ("ada", "zoe"):
        hand_in(course, student, "01-sums", RIGHT)
    broken = course.submission("bo", "01-sums")
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"garbage")
    code, output = run("grade", "--lesson", "01-sums")
    assert code == 1
    assert "could not grade bo, 01-sums: Expected a Jupyter notebook" in output
    rows = rows_of(output)
    assert "7 / 7, 2 to grade" in rows["ada"]
    assert "could not grade" in rows["bo"]
    assert "7 / 7, 2 to grade" in rows["zoe"]

    hand_in(course, "bo", "01-sums", RIGHT | {"mean": "import os; os._exit(3)"})
    code, output = run("grade")
    assert code == 0, output
    assert "Grading submissions (1)" in output
    assert "2 graded before and not changed since" in output
    assert "needs review: bo, 01-sums: cell" in output
    assert "(mean): the kernel ended with 3. Look at" in output
    assert "Look at build/autograded/bo/01-sums/01-sums.ipynb" in output
    rows = rows_of(output)
    assert "7 / 7, 2 to grade" in rows["ada"]
    assert "3 / 7, 2 to grade, needs review" in rows["bo"]

    code, output = run("grade")
    assert code == 0, output
    assert "Grading submissions (0)" in output
    assert "3 / 7, 2 to grade, needs review" in rows_of(output)["bo"]
    code, output = run("grade", "--force", "--student", "bo", "--workers", "1")
    assert code == 0, output
    assert "Grading submissions (1)" in output


@confined
def test_grade_takes_one_student_and_several_lessons(run, course):
    for student in ("ada", "zoe"):
        for lesson in ("01-sums", "02-more-sums"):
            hand_in(course, student, lesson, RIGHT)
    code, output = run("grade", "--student", "zoe", "--lesson", "01-sums")
    assert code == 0, output
    assert "zoe" in output
    assert "ada" not in output
    assert "02-more-sums" not in output
    code, output = run("grade", "--lesson", "01-sums", "--lesson", "02-more-sums")
    assert code == 0, output
    assert "Grading submissions (3)" in output
    assert output.count("7 / 7") == 4


def test_where_nothing_can_be_confined_one_has_to_say_so(run, course, monkeypatch):
    hand_in(course, "ada", "01-sums", RIGHT)
    monkeypatch.setattr(sandbox, "available", lambda: "there is no sandbox here.")
    code, output = run("grade")
    assert code == 2
    assert "there is no sandbox here. With --no-sandbox it runs all the same" in output
    code, output = run("grade", "--no-sandbox")
    assert code == 0, output
    assert "7 / 7, 2 to grade" in rows_of(output)["ada"]


def test_an_interrupted_run_says_how_far_it_came(run, course, monkeypatch):
    hand_in(course, "ada", "01-sums", RIGHT)

    def interrupted(*arguments, **options):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(grading, "grade", interrupted)
    code, output = run("grade", "--no-sandbox")
    assert code == 1
    assert "Interrupted: 0 of 1 have been graded, and are kept." in output


def test_grade_tells_a_log_how_far_it_is_and_what_comes_next(run, course, monkeypatch):
    monkeypatch.setattr(grade_cli, "EVERY", 2)
    for student in ("ada", "bo", "cy"):
        path = course.submission(student, "01-sums")
        path.parent.mkdir(parents=True)
        path.write_bytes(b"garbage")
    _, output = run("grade", "--no-sandbox")
    assert "  graded 2 of 3, " in output
    assert "graded 1 of 3" not in output
    assert "..." not in output.replace("[...]", "")
    assert ".. " not in output
    steps = output.partition("Next\n")[2]
    assert steps.startswith("  Ask those whose notebooks could not be graded for new ones")


@pytest.mark.parametrize(
    ("done", "seconds", "told"),
    [
        (1, 60, "graded 1 of 200"),
        (10, 30, "graded 10 of 200, 20 a minute, about 10 min left"),
        (199, 199, "graded 199 of 200, 60 a minute, about 1 s left"),
        (200, 9, "graded 200 of 200"),
    ],
)
def test_how_far_it_is_and_how_quick(done, seconds, told):
    assert grade_cli.how_far(done, 200, seconds) == told


def test_odd_names_are_shown_as_they_are(run, course):
    for student in ("=1+1", ":x:", '[red]Zoë, "the" 1st'):
        garbage = course.submission(student, "01-sums")
        garbage.parent.mkdir(parents=True)
        garbage.write_bytes(b"garbage")
    code, output = run("grade", "--no-sandbox")
    assert code == 1
    assert "=1+1" in rows_of(output)
    assert "could not grade :x:, 01-sums" in output
    assert '[red]Zoë, "the" 1st' in rows_of(output)


@pytest.mark.parametrize(
    "call", [("lessons", "03-none"), ("release", "03-none"), ("grade", "--lesson", "03-none")]
)
def test_an_unknown_lesson_is_a_wrong_call(run, call):
    code, output = run(*call)
    assert code == 2
    assert "No lesson is called '03-none'. The lessons are: 01-sums, 02-more-sums" in output


def test_grading_when_nobody_handed_in_is_a_wrong_call(run):
    code, output = run("grade")
    assert code == 2
    assert "No submission of any student was found" in output


def test_outside_a_course_is_a_wrong_call(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, output = run("build")
    assert code == 2
    assert "nbgrader_config.py" in output


def test_an_unknown_command_is_a_wrong_call(run):
    assert run("frobnicate")[0] == 2


def test_help_waits_for_nothing_heavy():
    code = (
        "import sys; from course_utils.instructor.cli.app import app; "
        "print({'nbgrader', 'nbformat', 'tensorflow', 'numpy'} & set(sys.modules))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"


def test_a_folder_that_cannot_be_written_is_told_without_a_traceback(run, course):
    (course.build / "lessons").write_text("a file where a folder should be")
    code, output = run("lessons", "01-sums")
    assert code == 1
    assert "Error: " in output
    assert str(course.build / "lessons") in output
