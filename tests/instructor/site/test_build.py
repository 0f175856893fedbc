"""The site as a whole: what is on its pages, what is not, and what refuses it."""

import re
import shutil

import pytest

from course_utils.instructor.site.build import SiteError, build_site
from course_utils.instructor.site.editions import Edition
from tests.instructor.toy_course import LESSON, ROOT, make_toy_course, write_lesson

INDEX = """\
# A course

```{include} lessons/list.txt
```

```{toctree}
:glob:

lessons/*
```
"""
GUIDE = "---\norphan: true\n---\n# Guide\n\nPut it below `### BEGIN SOLUTION`.\n"
SOLUTION = "for number in numbers:\n        running = math.fsum([running, number])"
HIDDEN = 'assert mean([1, 2]) == 1.5, "a mean need not be a whole number"'
LEAKS = {
    "a-solution": (f"```python\n{SOLUTION}\n```", "solution of 'total'"),
    "a-hidden-test": (f"    {HIDDEN}", "hidden tests of 'mean"),
    "a-marker-outside-the-guides": ("`### BEGIN SOLUTION`", "the marker 'BEGIN SOLUTION'"),
}
"""What is added to a site, and what is said of it."""


@pytest.fixture(scope="module")
def course(tmp_path_factory, quick_kernels):
    course = make_toy_course(tmp_path_factory.mktemp("course"), [])
    write_lesson(
        course, "01-sums", re.sub(r"^### (?=Exercise|In )", "## ", LESSON, flags=re.MULTILINE)
    )
    site = course.root / "site"
    for name in ("lessons", "guides", "teaching"):
        (site / name).mkdir(parents=True)
    shutil.copy(ROOT / "site" / "conf.py", site)
    shutil.copytree(ROOT / "site" / "static", site / "static")
    (site / "index.md").write_text(INDEX, encoding="utf-8")
    (site / "guides" / "writing.md").write_text(GUIDE, encoding="utf-8")
    return course


@pytest.fixture(scope="module")
def built(course):
    return build_site(course, Edition.students, "fast", ["01-sums"])


def pages(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.html")
    }


def words(html):
    return re.sub(r"<[^>]*>", "", html)


def test_a_lesson_is_shown_with_its_results(built):
    text = words(pages(built[0])["lessons/01-sums.html"])
    assert "a lesson begins" in text and "in between" in text
    assert "waiting for you" in text
    assert "Show tests that your answer has to pass" in text


def test_no_answer_and_no_source_is_on_the_site(built):
    folder, searched = built
    assert searched > len(pages(folder))
    for name, html in pages(folder).items():
        for secret in ("running", "empty list should", "nothing to divide", "most students forget"):
            assert secret not in words(html), name
    assert not [path for path in folder.rglob("*") if path.suffix in (".ipynb", ".md")]


def test_nothing_is_loaded_from_elsewhere(built):
    for name, html in pages(built[0]).items():
        loaded = re.findall(r'<(?:script|img|iframe)[^>]* src="([^"]*)"', html)
        loaded += re.findall(r'<link[^>]* rel="(?:stylesheet|preload)"[^>]* href="([^"]*)"', html)
        assert not [it for it in loaded if "//" in it], name


@pytest.fixture
def refused(course, built):
    """A function that adds pages to the site and gives the reason why it is refused."""
    added = course.root / "site" / "added"
    added.mkdir()
    before = pages(built[0])

    def refused(**texts):
        for name, text in texts.items():
            path = added / f"{name}.md"
            path.write_text(f"---\norphan: true\n---\n# Added\n\n{text}\n", encoding="utf-8")
        with pytest.raises(SiteError) as caught:
            build_site(course, Edition.students, "fast", [])
        return str(caught.value)

    yield refused
    shutil.rmtree(added)
    assert pages(built[0]) == before, "the former site should stay as it was"


def test_a_dead_link_refuses_the_site(refused):
    assert "nowhere" in refused(page="See [this](nowhere.md).")


def test_what_gives_an_answer_away_refuses_the_site(refused):
    said = refused(**{name: text for name, (text, _) in LEAKS.items()})
    for name, (_, what) in LEAKS.items():
        assert re.search(f"added/{name}.html.*{what}", said), said
    assert "guides/" not in said


def test_with_solutions_there_are_solutions_and_no_hidden_tests(course):
    folder, _ = build_site(course, Edition.solutions, "fast", ["01-sums"])
    text = words(pages(folder)["lessons/01-sums.html"])
    assert "Show a solution" in text and "running" in text
    assert "nothing to divide the sum among" in text
    assert "empty list should" not in text and "most students forget" not in text
