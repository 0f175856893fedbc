"""Lessons refer to each other by name and link, so that a new one moves no prose."""

import re
import subprocess
from pathlib import Path

import jupytext
import pytest

from tests.notebooks.rename import rename

ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*/*.md"))
OTHER_TEXTS = [
    *[ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")],
    *(ROOT / "course_utils").rglob("*.py"),
    *(ROOT / "benchmarks").glob("*.py"),
]
TITLE = re.compile(r"^# (?:(\d+) · )?(.+)$", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
BY_NUMBER = re.compile(
    rf"\blessons?(?:[ \t]+|[ \t]*\n[ \t]*)(?:no\.\s*)?(?:\d+|(?:{WORDS}))\b(?!-)"
    r"|\b(?:next|last|previous|preceding|following|first|second|third|\d+th)\s+lessons?\b"
    r"|\blessons?\s+(?:before|after)\b",
    re.IGNORECASE,
)
COLUMNS = 30


def title(lesson):
    """A lesson's number and name, as its heading gives them."""
    number, name = TITLE.search(lesson.read_text(encoding="utf-8")).groups()
    return number, name


def wrong_links(lesson, text, titles):
    """Links to nowhere, and links to lessons that are not as they should be, each with the mend."""
    wrong = []
    for words, target in LINK.findall(CODE.sub("", text)):
        if re.match(r"\w+:|#", target):
            continue
        name = Path(target.split("#")[0]).stem
        if not (lesson.parent / target.split("#")[0]).is_file():
            wrong.append(f"({target}) leads nowhere")
        elif name in titles:
            due = f"[{titles[name]}](../{name}/{name}.ipynb)"
            if f"[{words}]({target.split('#')[0]})" != due:
                wrong.append(f"[{words}]({target}) should be {due}")
    return wrong


def by_number(text):
    """Where a text names a lesson by its number or its place."""
    return [
        text[max(it.start() - COLUMNS, 0) : it.end() + COLUMNS].replace("\n", " ")
        for it in BY_NUMBER.finditer(text)
    ]


TITLES = {lesson.stem: title(lesson)[1] for lesson in LESSONS}


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda it: it.stem)
def test_a_lesson_s_links_lead_where_they_say(lesson):
    assert not wrong_links(lesson, lesson.read_text(encoding="utf-8"), TITLES)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[Sums](../02-none/02-none.ipynb)", "leads nowhere"),
        ("[this](figure.png)", "leads nowhere"),
        ("[Neurons](../02-neurons-to-networks/02-neurons-to-networks.ipynb)", "should be [From"),
        (
            "[From neurons to networks](../02-neurons-to-networks/02-neurons-to-networks.md)",
            "should be [From",
        ),
    ],
)
def test_a_dead_or_wrong_link_is_found(text, told):
    (wrong,) = wrong_links(LESSONS[0], f"See {text}.", TITLES)
    assert told in wrong


def test_other_links_are_nobody_s_business():
    text = "[a](https://example.org) [b](#part) ![c](none.png) `[d](e)` x[0](1)"
    assert wrong_links(LESSONS[0], text, TITLES) == ["(1) leads nowhere"]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda it: it.stem)
def test_a_cell_that_is_graded_holds_no_link_to_a_lesson(lesson):
    """The release writes links anew, and must not touch such cells."""
    cells = [cell for cell in jupytext.read(lesson).cells if "nbgrader" in cell.metadata]
    assert cells
    assert not [it for it in cells if re.search(r"\]\(\.\./", it.source)]


@pytest.mark.parametrize("path", [*LESSONS, *OTHER_TEXTS], ids=lambda it: it.name)
def test_no_lesson_is_named_by_its_number(path):
    text = path.read_text(encoding="utf-8")
    is_lesson = path in LESSONS
    found = by_number(text if is_lesson else CODE.sub("", text))
    assert not found, "Give the lesson's name, with a link: see CONTRIBUTING.md"


@pytest.mark.parametrize(
    "text",
    ["as in lesson 4.", "Lessons 3 and 4", "lesson two", "the next\nlesson", "the lesson before:",
     "the last lessons", "# of lesson 04", "the 5th lesson"],
)  # fmt: skip
def test_a_number_or_a_place_is_found(text):
    assert len(by_number(text)) == 1


@pytest.mark.parametrize(
    "text", ["this lesson", "a lesson of 90 minutes", "lessonly 4", "lesson 01-sums"]
)
def test_other_words_about_lessons_are_left_alone(text):
    assert not by_number(text)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda it: it.stem)
def test_a_lesson_s_title_has_the_number_of_its_folder(lesson):
    number, name = title(lesson)
    due = str(int(lesson.stem[:2]))
    assert number == due, f"{lesson.name}: the title should be '# {due} · {name}'"


def test_the_readme_lists_the_lessons_by_number_and_name():
    due = [
        f"[{lesson.stem[:2]} · {TITLES[lesson.stem]}](notebooks/{lesson.stem}/{lesson.name})"
        for lesson in LESSONS
    ]
    rows = re.findall(r"^\| (\[\d\d · .*?\]\(.*?\)) \|", (ROOT / "README.md").read_text(), re.M)
    assert rows == due


@pytest.fixture
def course(tmp_path):
    """Two lessons under git, the first of which refers to the second, and what belongs to them."""
    texts = {
        "README.md": "| [01 · A](notebooks/01-a/01-a.md) |\n| [02 · B](notebooks/02-b/02-b.md) |\n",
        "notebooks/01-a/01-a.md": '# 1 · A\n\n[B](../02-b/02-b.ipynb)\n\nbegin("01-a")\n',
        "notebooks/02-b/02-b.md": "# 2 · B\n\n```python\n# 2 · no title\n```\n",
        "tests/bank/02-b/f.yaml": "lesson: 02-b, not 102-b\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89 02-b")
    for command in (["git", "init", "--quiet"], ["git", "add", "."]):
        subprocess.run(command, cwd=tmp_path, check=True)
    return tmp_path


def test_lessons_trade_places_in_one_command(course):
    rename(course, {"01-a": "02-a", "02-b": "01-b"})

    def read(name):
        return (course / name).read_text(encoding="utf-8")

    assert "| [02 · A](notebooks/02-a/02-a.md) |" in read("README.md")
    assert read("notebooks/02-a/02-a.md").startswith("# 2 · A\n\n[B](../01-b/01-b.ipynb)")
    assert 'begin("02-a")' in read("notebooks/02-a/02-a.md")
    assert read("notebooks/01-b/01-b.md") == "# 1 · B\n\n```python\n# 2 · no title\n```\n"
    assert read("tests/bank/01-b/f.yaml") == "lesson: 01-b, not 102-b\n"
    assert (course / "picture.png").read_bytes() == b"\x89 02-b"
    assert not (course / "notebooks/01-a/01-a.md").exists()
