import pytest

from course_utils.instructor.course import CourseError
from course_utils.instructor.lessons import pages as lessons
from course_utils.instructor.lessons.pages import LessonError, execute_lesson, write_index
from tests.instructor.toy_course import LESSON, write_lesson

pytestmark = pytest.mark.usefixtures("quick_kernels")

PICTURE = """
from IPython.display import HTML
HTML('<img alt="one grey pixel" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">')
"""


def with_first_cell(code):
    return LESSON.replace('print("a lesson begins")', code)


def test_a_lesson_becomes_a_page_for_instructors(course):
    told = []
    page, seconds = execute_lesson(
        course, "01-sums", on_cell=lambda number, total: told.append((number, total))
    )
    assert page == course.pages / "01-sums.html"
    assert seconds > 0
    text = page.read_text(encoding="utf-8")
    assert "Instructor's copy" in text
    assert text.index("Instructor's copy") < text.index("a lesson begins")
    numbers, totals = zip(*told, strict=True)
    assert list(numbers) == list(range(1, totals[0] + 1))


def test_a_lesson_runs_in_its_folder_and_the_fast_profile(course):
    code = (
        'import os\nprint("profile", os.environ["COURSE_PROFILE"], os.path.basename(os.getcwd()))'
    )
    write_lesson(course, "01-sums", with_first_cell(code))
    page, _ = execute_lesson(course, "01-sums")
    assert "profile fast 01-sums" in page.read_text(encoding="utf-8")


def test_pictures_keep_their_alternative_text(course):
    write_lesson(course, "01-sums", with_first_cell(PICTURE))
    page, _ = execute_lesson(course, "01-sums")
    assert 'alt="one grey pixel"' in page.read_text(encoding="utf-8")


def test_a_folded_explanation_is_rendered_within_its_fold(course):
    folded = (
        "<details>\n<summary><b>Explain</b></summary>\n\nSo $2^8$ is **256**:\n\n* one\n* two\n\n"
        "</details>\n\nAfterwards."
    )
    write_lesson(course, "01-sums", LESSON.replace("### Exercise: total", f"{folded}\n\n### E"))
    page, _ = execute_lesson(course, "01-sums")
    text = page.read_text(encoding="utf-8")
    inside = text[text.index("<details>") : text.index("</details>")]
    for rendered in ("<summary><b>Explain</b></summary>", "<math", "<strong>256", "<li>two"):
        assert rendered in inside
    assert "Afterwards" not in inside


def test_the_source_stays_without_outputs(course):
    before = course.source("01-sums").read_bytes()
    execute_lesson(course, "01-sums")
    assert course.source("01-sums").read_bytes() == before


def test_a_failing_cell_is_named_with_its_error_and_how_to_see_it_again(course):
    write_lesson(course, "01-sums", with_first_cell('raise ValueError("some\\nlong\\nstory")'))
    (course.pages / "01-sums.html").parent.mkdir(exist_ok=True)
    (course.pages / "01-sums.html").write_text("an older page")
    with pytest.raises(LessonError) as caught:
        execute_lesson(course, "01-sums")
    text = str(caught.value)
    assert text.startswith("01-sums: cell 2 of ")
    assert "ValueError: some\nlong\nstory" in text
    assert "course lessons 01-sums" in text
    assert "notebooks/01-sums/01-sums.ipynb" in text
    assert not (course.pages / "01-sums.html").exists()


@pytest.mark.parametrize("content", ["<<<<<<< HEAD", ""])
def test_a_notebook_that_cannot_be_read_names_the_mend(course, content):
    course.source("01-sums").write_text(content)
    with pytest.raises(LessonError, match=r"01-sums\.ipynb is damaged .*make pair"):
        execute_lesson(course, "01-sums")


def test_a_cell_that_takes_too_long_is_named(course, monkeypatch):
    monkeypatch.setattr(lessons, "SECONDS_A_CELL", 1)
    write_lesson(course, "01-sums", with_first_cell("import time\ntime.sleep(60)"))
    with pytest.raises(LessonError, match=r"cell 2 of .*'import math'(.|\n)*more than 1 seconds"):
        execute_lesson(course, "01-sums")


def test_a_kernel_that_dies_is_told(course):
    write_lesson(course, "01-sums", with_first_cell("import os\nos._exit(1)"))
    with pytest.raises(LessonError, match=r"cell 2 of (.|\n)*the kernel died"):
        execute_lesson(course, "01-sums")


def test_the_index_links_pages_and_tells_which_are_missing(course):
    course.pages.mkdir(parents=True)
    (course.pages / "01-sums.html").touch()
    text = write_index(course).read_text(encoding="utf-8")
    assert '<a href="01-sums.html">01-sums</a>' in text
    assert 'href="02-more-sums.html"' not in text
    assert "02-more-sums (has not been executed to its end)" in text


def test_an_unknown_lesson_is_answered_with_those_there_are(course):
    with pytest.raises(CourseError, match="The lessons are: 01-sums, 02-more-sums"):
        execute_lesson(course, "03-none")


def test_a_page_draws_formulas_and_needs_no_network(course):
    write_lesson(course, "01-sums", LESSON.replace("no mean?", "no mean $\\sum_i x_i / n$?"))
    page, _ = execute_lesson(course, "01-sums")
    text = page.read_text(encoding="utf-8")
    assert "<math" in text
    assert "\\sum_i" not in text
    assert 'src="http' not in text
