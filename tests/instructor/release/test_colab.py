"""What a release brings for Google Colab: a wheel, addresses, metadata, and cells of its own."""

import json
import re
import tomllib
import zipfile
from hashlib import sha256

import nbformat
import pytest

from course_utils.hand_in import fingerprint
from course_utils.instructor.course import CourseError, Publication, find_course, lesson_names
from course_utils.instructor.gradebook.records import GRADED
from course_utils.instructor.release.colab import ADVICE, BADGE, HAND_IN, SET_UP
from course_utils.instructor.release.release import find_leaks, release
from course_utils.instructor.repair.repair import repair
from tests.instructor.grade import test_grading
from tests.instructor.toy_course import LESSON, ROOT, write_lesson

ADDRESS = re.compile(r"https?://[^\s)\"'>]+")


def read(course, lesson="01-sums"):
    return nbformat.read(course.released(lesson), as_version=4)


def cell_of(notebook, name):
    [cell] = [cell for cell in notebook.cells if cell.id == name]
    return cell


def test_one_setting_tells_where_the_release_is_published():
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["course"]
    assert find_course(ROOT).publication == Publication(
        table["release-repository"], table["release-tag"]
    )


def test_a_course_without_the_setting_is_not_for_colab(released_course):
    assert released_course.publication is None
    text = released_course.released("01-sums").read_text(encoding="utf-8")
    assert "olab" not in text
    assert not list(released_course.release.glob("*.whl"))


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("", "release-repository"),
        ('release-repository = "lessons"', "release-repository"),
        ('release-repository = "a/b/c"', "release-repository"),
        ('release-repository = "https://github.com/a/b"', "release-repository"),
        ("release-repository = 7", "release-repository"),
        ('release-repository = "a/b"', "release-tag"),
        ('release-repository = "a/b"\nrelease-tag = ""', "release-tag"),
        ('release-repository = "a/b"\nrelease-tag = "v 1"', "release-tag"),
        ('release-repository = "a/b"\nrelease-tag = "v1/x"', "release-tag"),
        ('release-repository = "a/b"\nrelease-tag = "\\u00e9"', "release-tag"),
    ],
)
def test_a_setting_that_makes_no_address_is_refused(course, table, key):
    (course.root / "pyproject.toml").write_text(f"[tool.course]\n{table}\n")
    with pytest.raises(CourseError, match=rf"a line such as {key} = .*; got .* Mend that line"):
        _ = course.publication


@pytest.mark.parametrize("text", ["[tool.course", "[tool]\ncourse = 3"])
def test_a_file_that_cannot_be_read_is_refused(course, text):
    (course.root / "pyproject.toml").write_text(text)
    with pytest.raises(CourseError, match=r"pyproject\.toml.*Mend that line"):
        _ = course.publication


def test_every_address_is_made_of_the_setting(published_course):
    [wheel] = published_course.release.glob("*.whl")
    for lesson in lesson_names(published_course):
        notebook = read(published_course, lesson)
        badge = cell_of(notebook, BADGE)
        assert notebook.cells[0] is badge
        assert ADDRESS.findall(badge.source)[1] == (
            "https://colab.research.google.com/github/owner/lessons/blob/v7/"
            f"{lesson}/{lesson}.ipynb"
        )
        code = cell_of(notebook, SET_UP).source
        assert ADDRESS.findall(code) == [
            f"https://raw.githubusercontent.com/owner/lessons/v7/{wheel.name}",
            "https://github.com/owner/lessons",
        ]
        assert sha256(wheel.read_bytes()).hexdigest() in code
        with zipfile.ZipFile(published_course.release / f"{lesson}.zip") as archive:
            readme = archive.read(f"{lesson}/README.md").decode()
        assert badge.source.splitlines()[0] in readme
        readme = (published_course.release / "README.md").read_text(encoding="utf-8")
        assert f"| {badge.source.splitlines()[0]} |" in readme


def test_links_to_other_lessons_lead_to_the_published_ones(published_course):
    link = "[More](../02-more-sums/02-more-sums.ipynb)"
    before = "```python\nimport math"
    write_lesson(published_course, "01-sums", LESSON.replace(before, f"{link}\n\n{before}", 1))
    release(published_course, ["01-sums"])
    for tag in ("v7", "v8"):  # the second time, the lesson is taken over from the first release
        settings = published_course.root / "pyproject.toml"
        settings.write_text(settings.read_text().replace('"v7"', f'"{tag}"'))
        release(published_course, ["02-more-sums"])
        sources = [cell.source for cell in read(published_course).cells]
        (source,) = [it for it in sources if "[More](" in it]
        assert ADDRESS.findall(source) == [
            f"https://colab.research.google.com/github/owner/lessons/blob/{tag}/"
            "02-more-sums/02-more-sums.ipynb"
        ]


def test_no_address_of_a_release_is_written_anywhere_else():
    publication = find_course(ROOT).publication
    files = [*ROOT.glob("course_utils/**/*"), *ROOT.glob("notebooks/*/*.md")]
    for path in files:
        if path.suffix in (".py", ".md", ".jinja"):
            assert publication.repository not in path.read_text(encoding="utf-8"), path


def test_the_setup_cell_is_the_first_that_runs_and_the_same_in_every_lesson(published_course):
    cells = []
    for lesson in lesson_names(published_course):
        code = [cell for cell in read(published_course, lesson).cells if cell.cell_type == "code"]
        assert code[0].id == SET_UP
        assert code[0].metadata.cellView == "form"
        assert code[0].metadata.jupyter.source_hidden
        assert re.match(r'# @title .+ \{ display-mode: "form" \}\n', code[0].source)
        assert "### " not in code[0].source
        cells.append(code[0].source)
    assert len(set(cells)) == 1


def test_colab_is_asked_for_a_t4(published_course):
    metadata = read(published_course).metadata
    assert metadata.accelerator == "GPU"
    assert metadata.colab.gpuType == "T4"
    assert metadata.kernelspec.name == "python3"
    nbformat.validate(read(published_course))


def test_the_last_cell_checks_and_the_one_above_tells_how_to_save(published_course):
    advice, last = read(published_course).cells[-2:]
    assert (advice.id, last.id) == (ADVICE, HAND_IN)
    assert last.metadata.cellView == "form"
    assert last.source.splitlines()[0].startswith("# @title Before you hand in")
    assert "hand_in.report()" in last.source
    for text in ("Restart session and run all", "Restart Kernel and Run All Cells"):
        assert text in advice.source
    assert "File → Download → Download .ipynb" in read(published_course).cells[0].source


def test_the_notebook_says_what_its_tests_and_unanswered_exercises_are(published_course):
    notebook = read(published_course)
    sources = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    assert notebook.metadata.course == {
        "lesson": "01-sums",
        "tests": {
            name: fingerprint(sources[name].source) for name in ("total-visible", "mean-visible")
        },
        "answers": {name: fingerprint(sources[name].source) for name in ("total", "mean", "why")},
    }


def test_the_wheel_holds_what_students_get_and_nothing_else(published_course):
    [wheel] = published_course.release.glob("*.whl")
    assert wheel.name == "from_pixels_to_features-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        text = archive.read("from_pixels_to_features-0.1.0.dist-info/METADATA").decode()
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert names == ["course_utils/__init__.py", "course_utils/colab.py", "course_utils/sums.py"]
    assert "Requires-Dist: importlib-resources\n" in text
    assert "extra ==" not in text


def test_the_wheel_is_the_same_whoever_builds_it(published_course):
    [wheel] = published_course.release.glob("*.whl")
    before = wheel.read_bytes()
    (published_course.root / "course_utils" / "sums.py").chmod(0o755)
    release(published_course, ["01-sums"])
    assert wheel.read_bytes() == before


def test_a_secret_in_the_wheel_is_found(published_course):
    [wheel] = published_course.release.glob("*.whl")
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("course_utils/x.py", "x = math.fsum(numbers) / len(numbers)")
    places = [leak.place for leak in find_leaks(published_course)]
    assert [place for place in places if place.endswith(f"{wheel.name} > course_utils/x.py")]


def test_lessons_released_earlier_ask_for_the_new_wheel(published_course):
    before = read(published_course, "02-more-sums")
    (published_course.root / "course_utils" / "sums.py").write_text('"""No sums."""\n')
    release(published_course, ["01-sums"])
    first, second = (read(published_course, lesson) for lesson in ("01-sums", "02-more-sums"))
    assert cell_of(first, SET_UP).source == cell_of(second, SET_UP).source
    assert cell_of(second, SET_UP).source != cell_of(before, SET_UP).source
    assert [cell.id for cell in second.cells] == [cell.id for cell in before.cells]


def test_a_submission_with_these_cells_needs_no_repair(published_course):
    source = nbformat.read(published_course.source("01-sums"), as_version=4)
    submitted = published_course.released("01-sums").read_bytes()
    mended = repair(submitted, source, read(published_course))
    assert (mended.repairs, mended.reviews, mended.problem) == ((), (), "")
    without = json.loads(submitted)
    without["cells"] = [cell for cell in without["cells"] if cell["id"] not in (SET_UP, HAND_IN)]
    mended = repair(json.dumps(without).encode(), source, read(published_course))
    assert (mended.repairs, mended.reviews, mended.problem) == ((), (), "")


@pytest.mark.usefixtures("quick_kernels")
def test_under_the_grader_these_cells_do_nothing(published_course):
    test_grading.hand_in(published_course, "ada", "01-sums", test_grading.RIGHT)
    record = test_grading.grade(published_course, "ada")
    assert (record.earned, record.maximum, record.by_hand) == (7, 7, 2)
    assert (record.status, record.reasons, record.repairs) == (GRADED, (), ())
    graded = nbformat.read(published_course.graded("ada", "01-sums"), as_version=4)
    assert cell_of(graded, SET_UP).outputs == []
    [output] = cell_of(graded, HAND_IN).outputs
    assert output.text.startswith("This check could not see which file")
