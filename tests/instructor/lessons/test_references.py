"""Links to other lessons lead to pages, or to Colab; all other links stay as they are."""

import pytest

from course_utils.instructor.lessons.pages import execute_lesson
from course_utils.instructor.lessons.references import with_links
from tests.instructor.toy_course import LESSON, write_lesson

IN_COLAB = "https://colab.research.google.com/github/a/b/blob/v1/01-sums/01-sums.ipynb"


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("as in [Sums](../01-sums/01-sums.ipynb).", "as in [Sums](01-sums.html)."),
        ("[Sums](../01-sums/01-sums.ipynb#Means)", "[Sums](01-sums.html#Means)"),
        (f"[Sums]({IN_COLAB})", "[Sums](01-sums.html)"),
        ("[a](../01-sums/01-more.ipynb)", "[a](../01-sums/01-more.ipynb)"),
        ("[a](../01-sums/01-sums.png)", "[a](../01-sums/01-sums.png)"),
        ("[a](https://example.org/01-sums/01-sums.ipynb)",) * 2,
    ],
)
def test_links_to_lessons_are_written_anew(text, becomes):
    assert with_links(text, "{}.html".format) == becomes


@pytest.mark.usefixtures("quick_kernels")
def test_a_page_links_to_the_page_of_the_other_lesson(course):
    text = LESSON.replace(
        "# Sums and means", "# Sums\n\n[More](../02-more-sums/02-more-sums.ipynb)"
    )
    write_lesson(course, "01-sums", text)
    page, _ = execute_lesson(course, "01-sums")
    assert '<a href="02-more-sums.html">More</a>' in page.read_text(encoding="utf-8")
