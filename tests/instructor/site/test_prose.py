"""What the site takes from the rest of the repository."""

from types import SimpleNamespace

import pytest

from course_utils.instructor.site.prose import write_prose
from course_utils.instructor.site.results import Results
from course_utils.instructor.site.should_see import write_should_see
from course_utils.instructor.site.stumbles import NONE, write_stumbles
from course_utils.instructor.site.teaching import keep_what_there_is

TITLES = {"01-sums": "1 · Sums", "02-more": "2 · More"}
README = """
| lesson | what |
| --- | --- |
| [01 · Sums](notebooks/01-sums/01-sums.md) | adding up |
"""
BANK = """
exercise: total
wrong:
  - {name: forgets the last, says: one is missing, marks: {total-visible: 0, total-hidden: 0}}
  - {name: changes its input, says: a secret message, marks: {total-visible: 1, total-hidden: 0}}
"""
CLAIMS = """
- says: about 88 %
  measured: {runs: [0.88, 0.89, 0.87], device: CPU, versions: Keras 3, date: 2026-11-30}
- {says: "784", computed: images.size}
"""


@pytest.fixture
def course(tmp_path):
    files = {
        "README.md": README,
        "docs/instructor.md": "See [the file](../NOTES.md), [below](#here), `[a](b)`.",
        "tests/grading/bank/01-sums/total.yaml": BANK,
        "tests/notebooks/claims/01-sums.yaml": CLAIMS,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return SimpleNamespace(root=tmp_path)


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    for name in ("lessons", "guides"):
        (folder / name).mkdir(parents=True)
    return folder


def test_lessons_are_listed_with_what_the_readme_says(course, source):
    write_prose(course, TITLES, source)
    lines = (source / "lessons" / "list.txt").read_text(encoding="utf-8").splitlines()
    assert lines == [
        "* **[1 · Sums](/lessons/01-sums.ipynb)**  ",
        "  adding up",
        "* **[2 · More](/lessons/02-more.ipynb)**",
    ]


def test_a_guide_has_no_links_to_files_that_the_site_has_not(course, source):
    write_prose(course, TITLES, source)
    text = (source / "guides" / "instructor.md").read_text(encoding="utf-8")
    assert text == "See the file, [below](#here), `[a](b)`."


def test_only_mistakes_that_visible_tests_find_are_told(course, source):
    write_stumbles(course, TITLES, source)
    folder = source / "teaching" / "stumbles"
    told = (folder / "01-sums.txt").read_text(encoding="utf-8")
    assert told == "**total**\n\n* forgets the last: *“one is missing”*\n"
    assert (folder / "02-more.txt").read_text(encoding="utf-8") == f"{NONE}\n"


def test_the_teaching_guide_has_only_lessons_that_there_are(source):
    folder = source / "teaching"
    folder.mkdir()
    text = "[Sums](/lessons/01-sums.ipynb), [Gone](/lessons/09-gone.ipynb)"
    for name in ("index", "01-sums", "09-gone"):
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    keep_what_there_is(TITLES, source)
    assert {path.name for path in folder.iterdir()} == {"index.md", "01-sums.md"}
    kept = (folder / "index.md").read_text(encoding="utf-8")
    assert kept == "[Sums](/lessons/01-sums.ipynb), Gone"


def test_a_lesson_s_page_for_teachers_leads_to_its_slides(source):
    folder = source / "teaching"
    folder.mkdir()
    (folder / "01-sums.md").write_text("[To the lesson](/lessons/01-sums.ipynb)", encoding="utf-8")
    keep_what_there_is(TITLES, source)
    text = (folder / "01-sums.md").read_text(encoding="utf-8")
    assert text.endswith('ipynb) · <a href="../slides/01-sums.html">Slides</a>')


def test_what_was_measured_is_told_with_its_spread(course, source):
    found = Results([], "fast", "CPU (2 cores)", "2026-11-30", {}, 12.3)
    write_should_see(course, TITLES, {"01-sums": found, "02-more": None}, source)
    text = (source / "should-see.txt").read_text(encoding="utf-8")
    assert "| 1 · Sums | 12 s | CPU (2 cores) | fast | 2026-11-30 |" in text
    assert "| “about 88 %” | 3 | 0.87 | 0.88 | 0.89 | CPU; Keras 3; 2026-11-30 |" in text
    assert "784" not in text
