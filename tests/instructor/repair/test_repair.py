import json
from copy import deepcopy

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course_utils.instructor.lessons.exercises import inject
from course_utils.instructor.repair.repair import repair
from tests.instructor.grade.test_grading import earned, grade

LESSON = "01-sums"
ANSWERS = {
    "total": "def total(numbers):\n    return sum(numbers)",
    "mean": "def mean(numbers):\n    return sum(numbers) / len(numbers)",
    "why": "Nothing can be divided by zero.",
}
GRADED = [
    "total",
    "total-visible",
    "total-hidden",
    "mean",
    "mean-visible",
    "mean-hidden",
    "why",
]


@pytest.fixture(scope="module")
def lesson(released_course):
    """The toy lesson: its source and its release."""
    places = released_course.source(LESSON), released_course.released(LESSON)
    return tuple(nbformat.read(place, as_version=4) for place in places)


@pytest.fixture
def solved(lesson):
    """What an honest student hands in, as JSON has it, for a test to change."""
    return as_json(inject(lesson[1], ANSWERS))


def as_json(notebook):
    return json.loads(nbformat.writes(notebook))


def mended(notebook, lesson):
    """Repair what was handed in, and check what holds for every repaired notebook."""
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    result = repair(data, *lesson)
    for line in (*result.repairs, *result.reviews, result.problem):
        assert line.isprintable(), line
    if result.notebook is None:
        assert result.problem.startswith("Expected ")
        assert result.problem.endswith(".")
        assert "report this" not in result.problem, result.problem
        assert (result.repairs, result.reviews) == ((), ())
    else:
        assert not result.problem
        check_notebook(result.notebook, lesson[0])
    return result


def check_notebook(notebook, source):
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert not any(cell.get("execution_count") for cell in notebook.cells)
    names = [name for name in map(grade_id, notebook.cells) if name]
    assert sorted(names) == sorted(GRADED)
    for name, answer in (("total", "total"), ("mean", "mean")):
        own = [name for name in names if name.startswith(answer)]
        assert own == [answer, f"{answer}-visible", f"{answer}-hidden"], name
    wanted = {grade_id(cell): cell for cell in source.cells}
    for cell in notebook.cells:
        name = grade_id(cell)
        if name:
            roles, ours = cell.metadata.nbgrader, wanted[name].metadata.nbgrader
            keys = ("grade", "solution", "locked", "points", "schema_version", "grade_id")
            assert {key: roles.get(key) for key in keys} == {key: ours.get(key) for key in keys}
            assert cell.cell_type == wanted[name].cell_type
            if not ours.solution:
                assert cell.source == wanted[name].source
                assert roles == ours, "without the checksum of a release that has no hidden tests"
        else:
            assert "nbgrader" not in cell.metadata


def grade_id(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def at(notebook, name):
    """Place of a graded cell."""
    return next(i for i, cell in enumerate(notebook["cells"]) if grade_id(cell) == name)


def cell_of(notebook, name):
    return notebook["cells"][at(notebook, name)]


def sources(notebook):
    return [cell["source"] for cell in notebook["cells"]]


def code_cell(source, **metadata):
    """A cell without metadata of its own, as Jupyter writes it."""
    cell = {"cell_type": "code", "source": source, "metadata": metadata}
    return cell | {"execution_count": None, "outputs": []}


def said(lines, *words):
    """The one line that holds all these words."""
    found = [line for line in lines if all(word in line for word in words)]
    assert len(found) == 1, (words, lines)
    return found[0]


# What needs no repair


def test_an_honest_notebook_stays_as_it_is(lesson, solved):
    result = mended(solved, lesson)
    assert (result.repairs, result.reviews) == ((), ())
    for before, after in zip(solved["cells"], result.notebook.cells, strict=True):
        assert (before["id"], before["cell_type"]) == (after["id"], after["cell_type"])
        if not str(grade_id(before)).endswith("hidden"):
            assert "".join(before["source"]) == after["source"]


def test_an_untouched_notebook_keeps_its_stubs(lesson):
    result = mended(as_json(lesson[1]), lesson)
    assert (result.repairs, result.reviews) == ((), ())
    why = cell_of(result.notebook, "why")
    assert why["metadata"]["nbgrader"] == cell_of(lesson[1], "why").metadata.nbgrader


def test_outputs_tags_and_own_cells(lesson, solved):
    solved["cells"][1]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "a lesson begins"}
    ]
    own = code_cell("print(1)", tags=["mine", "mine", "a,b", 3], cellView="form", jupyter={})
    solved["cells"].insert(3, own)
    result = mended(solved, lesson)
    assert result.notebook.cells[3].source == "print(1)"
    assert result.notebook.cells[3].metadata == {"tags": ["mine"], "cellView": "form"}
    assert [it.text for it in result.notebook.cells[1].outputs] == ["a lesson begins"]
    assert result.reviews == ()


def test_what_is_given_is_not_changed(lesson, solved):
    before = deepcopy(lesson)
    solved["cells"] = solved["cells"][::-1]
    mended(solved, lesson)
    assert before == lesson


def test_pictures_pasted_into_a_written_answer_stay(lesson, solved):
    cell_of(solved, "why")["attachments"] = {"photo.png": {"image/png": ["iVBO\n", "Rw0="]}}
    result = mended(solved, lesson)
    picture = {"photo.png": {"image/png": "iVBO\nRw0="}}
    assert cell_of(result.notebook, "why").attachments == picture


# Colab and other editors


@pytest.mark.parametrize("ids", ["none", "in the metadata"])
def test_a_notebook_from_colab(lesson, solved, ids):
    solved["nbformat_minor"] = 0
    solved["metadata"] |= {
        "colab": {"provenance": [], "toc_visible": True},
        "accelerator": "GPU",
        "widgets": {"application/vnd.jupyter.widget-state+json": {"no": {"state": None}}},
    }
    for number, cell in enumerate(solved["cells"]):
        del cell["id"]
        cell["metadata"]["colab"] = {"base_uri": "https://localhost:8080/"}
        cell["metadata"]["outputId"] = "c0ffee"
        if ids == "in the metadata":
            cell["metadata"]["id"] = f"Xy_{number}"
    badge = {"cell_type": "markdown", "source": '<a href="https://colab.research.google.com">'}
    badge["metadata"] = {"id": "view-in-github", "colab_type": "text"}
    solved["cells"].insert(0, badge)
    result = mended(solved, lesson)
    assert result.reviews == ()
    said(result.repairs, "nbformat 4.0, as Colab saves it, and was brought to 4.5")
    said(result.repairs, "metadata widgets were left out")
    said(result.repairs, "Colab's entries in the cells' metadata", "cells 1, 2, 3, 4, 5, …")
    if ids == "none":
        said(result.repairs, f"{len(solved['cells']) - 1} cells had no id")
    else:
        assert [cell.id for cell in result.notebook.cells[1:3]] == ["Xy_0", "Xy_1"]
    assert sources(result.notebook)[1] == sources(lesson[1])[0]


def test_missing_and_doubled_ids(lesson, solved):
    solved["cells"][0]["id"] = solved["cells"][1]["id"]
    solved["cells"][2]["id"] = "no id at all"
    solved["cells"][3].pop("id")
    result = mended(solved, lesson)
    assert result.repairs == (
        "3 cells had no id, or one that another cell has, and got a new one.",
    )
    assert result.reviews == ()


@pytest.mark.parametrize(
    ("kernel", "repairs"),
    [
        ({"name": "venv", "display_name": "my env", "language": "python"}, 1),
        ({"name": "python", "display_name": "Python (Pyodide)", "language": "python"}, 1),
        ({"name": "ir", "display_name": "R", "language": "R"}, 1),
        ({"name": "python3"}, 0),
        ({}, 0),
        ("nonsense", 0),
    ],
)
def test_python_in_a_notebook_for_another_kernel(lesson, solved, kernel, repairs):
    solved["metadata"] = {"kernelspec": kernel}
    result = mended(solved, lesson)
    assert len(result.repairs) == repairs
    assert result.reviews == ()
    if repairs:
        said(result.repairs, f"the kernel {kernel['display_name']!r}; Python 3 runs it")


def test_what_fails_in_python_is_no_other_language(lesson, solved):
    solved["metadata"] = {"kernelspec": {"name": "venv", "language": "python"}}
    cell_of(solved, "total")["source"] = "def total(numbers):\n    return ("
    assert mended(solved, lesson).reviews == ()


def test_magics_are_no_other_language(lesson, solved):
    solved["metadata"] = {"kernelspec": {"name": "ir", "language": "R"}}
    cell_of(solved, "total")["source"] = f"%%time\n!pip list\n{ANSWERS['total']}"
    assert mended(solved, lesson).reviews == ()


def test_answers_in_another_language(lesson, solved):
    solved["metadata"] = {"language_info": {"name": "julia"}}
    cell_of(solved, "total")["source"] = "function total(numbers) sum(numbers) end"
    result = mended(solved, lesson)
    said(result.reviews, "'julia'", "no Python")


def test_nbformat_3(lesson, solved):
    cells = []
    for cell in solved["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            old = {"cell_type": "code", "input": source, "prompt_number": 3, "language": "python"}
        elif source.startswith("# "):
            old = {"cell_type": "heading", "level": 1, "source": [source[2:]]}
        else:
            old = {"cell_type": "markdown", "source": source}
        cells.append(old | {"metadata": cell["metadata"]})
    old = {"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells, "metadata": {}}]}
    result = mended(old, lesson)
    said(result.repairs, "nbformat 3.0 and was brought to 4.5")
    said(result.repairs, f"{len(cells)} cells had no id")
    assert len(result.repairs) == 2
    assert sources(result.notebook)[0] == "# Sums and means"
    assert [cell.cell_type for cell in result.notebook.cells] == [
        cell["cell_type"] for cell in solved["cells"]
    ]


def test_newer_nbformats(lesson, solved):
    solved["nbformat_minor"] = 7
    assert mended(solved, lesson).repairs == (
        "It is of nbformat 4.7, newer than 4.5; it was read as 4.5.",
    )
    solved["nbformat"] = 5
    assert mended(solved, lesson).problem == (
        "Expected a Jupyter notebook (.ipynb); this one is of nbformat 5.7, and the newest that "
        "can be read is 4.5. Update the course's environment, or ask the student to save it as "
        "nbformat 4."
    )


@pytest.mark.parametrize("version", [1, 2, 4, "x", None])
def test_nbgraders_older_and_newer_metadata(lesson, solved, version):
    for cell in solved["cells"]:
        if grade_id(cell):
            cell["metadata"]["nbgrader"]["schema_version"] = version
            cell["metadata"]["nbgrader"].pop("task")
            cell["metadata"]["nbgrader"]["new"] = {"in": "this version"}
    result = mended(solved, lesson)
    assert len(result.repairs) == 1
    said(result.repairs, f"were of schema version {version!r}, and are now of 3")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_encodings(lesson, solved, encoding):
    cell_of(solved, "why")["source"] = "Its “size” is naïve: ½ – or so."
    data = json.dumps(solved, ensure_ascii=False).encode(encoding)
    result = mended(data, lesson)
    assert cell_of(result.notebook, "why").source == "Its “size” is naïve: ½ – or so."
    assert len(result.repairs) == 1
    assert result.reviews == ()


def test_odd_json_that_is_a_notebook_all_the_same(lesson, solved):
    why, total = cell_of(solved, "why"), cell_of(solved, "total")
    why["source"] = [line + "\n" for line in ("Because.", "Really.")]
    total["source"] = (
        total["source"].splitlines()
        if isinstance(total["source"], str)
        else [line.rstrip("\n") for line in total["source"]]
    )
    solved["cells"][0]["metadata"] = []
    solved["cells"][-1].pop("source")
    solved["cells"][-1]["metadata"] = {"value": float("nan")}
    solved["cells"] += [None, "a text", {"cell_type": "sql", "source": 3, "metadata": {}}, []]
    solved["cells"] += [{"cell_type": ["code"], "source": "\ud800!"}, {}]
    result = mended(solved, lesson)
    assert cell_of(result.notebook, "why").source == "Because.\nReally.\n"
    assert cell_of(result.notebook, "total").source == ANSWERS["total"]
    assert sources(result.notebook)[-4:] == ["a text", "3", "\ufffd!", ""]
    assert result.reviews == ()
    said(result.repairs, "NaN")
    said(result.repairs, "Cell metadata that were no object were left out (cell 1)")
    said(result.repairs, "Entries that were no cells were left out")
    said(result.repairs, "an unknown type")


def test_what_stands_twice_or_behind_is_looked_at(lesson, solved):
    text = json.dumps(solved)
    doubled = text[:-1] + ', "cells": ' + json.dumps(solved["cells"]) + "}"
    said(mended(doubled.encode(), lesson).reviews, "cells twice in one place")
    said(mended((text + text).encode(), lesson).reviews, f"{len(text)} more characters")
    assert mended(text.encode() + bytes(100), lesson).reviews == ()


def test_the_form_in_which_jupyters_server_sends_it(lesson, solved):
    sent = {"type": "notebook", "name": "01-sums.ipynb", "content": solved}
    result = mended(sent, lesson)
    assert (result.repairs, result.problem) == ((), "")


# Graded cells that are missing, doubled, moved or changed


@pytest.mark.parametrize("name", ["total-visible", "total-hidden", "mean-hidden"])
def test_a_deleted_test_is_put_back(lesson, solved, name):
    del solved["cells"][at(solved, name)]
    result = mended(solved, lesson)
    which = "visible" if "visible" in name else "hidden"
    assert result.repairs == (
        f"The {which} test of {name.partition('-')[0]!r} was missing; it was put back.",
    )
    assert result.reviews == ()
    assert sources(result.notebook) == sources(
        mended(as_json(inject(lesson[1], ANSWERS)), lesson).notebook
    )


@pytest.mark.parametrize("with_tests", [True, False])
def test_a_deleted_answer_becomes_the_stub(lesson, solved, with_tests):
    kept = [cell for cell in solved["cells"] if grade_id(cell) != "mean"]
    if not with_tests:
        kept = [cell for cell in kept if not str(grade_id(cell)).startswith("mean")]
    result = mended(solved | {"cells": kept}, lesson)
    said(result.reviews, "The cell of the answer to 'mean' is missing", "earns no points")
    assert cell_of(result.notebook, "mean").source == cell_of(lesson[1], "mean").source
    assert at(result.notebook, "mean") == at(lesson[1], "mean")
    assert len(result.repairs) == (0 if with_tests else 2)


def test_a_deleted_written_answer_becomes_the_stub(lesson, solved):
    del solved["cells"][at(solved, "why")]
    result = mended(solved, lesson)
    said(result.reviews, "The cell of the answer to 'why' is missing")
    assert at(result.notebook, "why") == at(lesson[1], "why")
    assert cell_of(result.notebook, "why").source == cell_of(lesson[1], "why").source


def test_two_answers_merged_into_one_cell(lesson, solved):
    cell_of(solved, "total")["source"] = ANSWERS["total"] + "\n\n\n" + ANSWERS["mean"]
    del solved["cells"][at(solved, "mean")]
    result = mended(solved, lesson)
    said(result.reviews, "cell 4 defines mean, and this is tested")
    assert "NotImplementedError" not in "".join(sources(result.notebook))


def test_an_answer_that_stands_in_the_test(lesson, solved):
    test = cell_of(solved, "total-visible")
    test["source"] = ANSWERS["total"] + "\n" + "".join(test["source"])
    del solved["cells"][at(solved, "total")]
    result = mended(solved, lesson)
    place = at(result.notebook, "total-visible")
    assert result.notebook.cells[place - 1].source.startswith(ANSWERS["total"])
    assert "NotImplementedError" not in "".join(sources(result.notebook))
    assert len(result.reviews) == 2


def copy_behind(notebook, name, *texts, **changes):
    """Put copies of a graded cell with other texts at the end, each with an id of its own."""
    for number, text in enumerate(texts):
        copied = deepcopy(cell_of(notebook, name)) | {"source": text, "id": f"copy-{number}"}
        notebook["cells"].append(copied | changes)


def test_of_two_answers_the_last_filled_in_counts(lesson, solved):
    stub = cell_of(lesson[1], "total").source
    better = "import math\n\ndef total(numbers):\n    return math.fsum(numbers)"
    copy_behind(solved, "total", better, stub, "  " + stub + "\n")
    copy_behind(solved, "total", stub + "  # tried in vain")
    result = mended(solved, lesson)
    assert cell_of(result.notebook, "total").source == better
    assert said(result.reviews, "Cell 14 counts", "5 times (cells 4, 14, 15, 16 and 17)")
    assert result.notebook.cells[3].source == ANSWERS["total"]
    raw = [cell for cell in result.notebook.cells if cell.cell_type == "raw"]
    assert [cell.source for cell in raw] == [stub + "  # tried in vain"]
    assert sources(result.notebook).count(stub) == 0
    said(result.repairs, "The visible test of 'total' stood above")


@pytest.mark.parametrize("others", [["stub"], ["same"], ["same", "stub", "same"]])
def test_the_same_answer_twice_is_no_doubt(lesson, solved, others):
    texts = {"stub": cell_of(lesson[1], "total").source, "same": ANSWERS["total"]}
    copy_behind(solved, "total", *(texts[other] for other in others))
    result = mended(solved, lesson)
    assert result.reviews == ()
    said(result.repairs, "'total' is there", "cell 4 counts")
    assert len(result.notebook.cells) == len(lesson[1].cells)


def test_an_answer_cell_that_was_split(lesson, solved):
    place = at(solved, "total")
    copy_behind(solved, "total", 'print("it works")')
    solved["cells"].insert(place + 1, solved["cells"].pop())
    result = mended(solved, lesson)
    assert cell_of(result.notebook, "total").source == ANSWERS["total"]
    assert result.notebook.cells[place + 1].source == 'print("it works")'


def test_a_doubled_test_counts_once(lesson, solved):
    changed = "assert total([5]) == 5"
    test = "".join(cell_of(solved, "total-visible")["source"])
    copy_behind(solved, "total-visible", test, changed)
    result = mended(solved, lesson)
    assert result.reviews == ()
    said(result.repairs, "is there 3 times (cells 5, 14 and 15)", "one counts")
    assert sources(result.notebook)[-1] == changed
    assert len(result.notebook.cells) == len(lesson[1].cells) + 1


def test_of_two_copies_of_a_test_the_one_below_its_answer_counts(lesson, solved):
    copy_behind(solved, "total-visible", "".join(cell_of(solved, "total-visible")["source"]))
    solved["cells"].insert(0, solved["cells"].pop())
    result = mended(solved, lesson)
    assert len(result.repairs) == 1
    assert at(result.notebook, "total-visible") == at(lesson[1], "total-visible")


def test_of_two_changed_copies_of_a_test_too(lesson, solved):
    changed = cell_of(solved, "total-visible")["source"] = "assert total([5]) == 5"
    copy_behind(solved, "total-visible", "assert total([6]) == 6")
    solved["cells"].insert(0, solved["cells"].pop())
    result = mended(solved, lesson)
    assert len(result.notebook.cells) == len(lesson[1].cells) + 2
    assert result.notebook.cells[0].source == "assert total([6]) == 6"
    assert result.notebook.cells[at(result.notebook, "total-visible") - 1].source == changed


def test_a_stub_is_put_back_above_tests_that_were_moved(lesson, solved):
    cells = solved["cells"]
    tests = [cells.pop(at(solved, name)) for name in ("mean-visible", "mean-hidden")]
    del cells[at(solved, "mean")]
    cells[1:1] = tests
    result = mended(solved, lesson)
    assert [grade_id(cell) for cell in result.notebook.cells[1:4]] == GRADED[3:6]
    assert result.repairs == ()


def test_tests_above_their_answer_are_moved_below(lesson, solved):
    cells = solved["cells"]
    cells.append(cells.pop(at(solved, "total")))
    result = mended(solved, lesson)
    said(result.repairs, "The visible test of 'total' stood above the answer to 'total'")
    said(result.repairs, "The hidden test of 'total' stood above the visible test of 'total'")
    assert [grade_id(cell) for cell in result.notebook.cells[-3:]] == GRADED[:3]


def test_tests_elsewhere_below_their_answer_stay_there(lesson, solved):
    cells = solved["cells"]
    cells.append(cells.pop(at(solved, "total-hidden")))
    result = mended(solved, lesson)
    assert (result.repairs, result.reviews) == ((), ())


VISIBLE_TEST = "total-visible"


@pytest.mark.parametrize(
    ("change", "reviewed", "kept"),
    [
        (lambda test: "assert True", True, True),
        (lambda test: "", True, False),
        (lambda test: "total = lambda numbers: 3\n" + test, True, True),
        (lambda test: test.replace("== 3", "== 4"), True, True),
        (lambda test: test + "\nprint(total([1, 2]))", False, True),
        (lambda test: test + "\n# it passes!", False, True),
        (lambda test: test + "\nprint(total := sum)", True, True),
        (lambda test: test + "\n)", False, True),
        (lambda test: "%%script false\n" + test, False, True),
        (lambda test: "#" + test, True, True),
        (lambda test: test.replace("== 3", "==3"), False, True),
        (lambda test: test.replace("should be 3", "is 3"), False, True),
    ],
)
def test_a_changed_test_is_restored(lesson, solved, change, reviewed, kept):
    cell = cell_of(solved, VISIBLE_TEST)
    changed = cell["source"] = change("".join(cell["source"]))
    result = mended(solved, lesson)
    lines, others = (result.repairs, result.reviews)[:: -1 if reviewed else 1]
    said(lines, "visible test of 'total' had been changed (cell 5); it is the lesson's again")
    assert others == ()
    own = result.notebook.cells[at(result.notebook, VISIBLE_TEST) - 1]
    assert (own.source == changed) == kept


def test_tests_that_were_changed_alike_are_told_in_one_sentence(lesson, solved):
    for name in ("total-visible", "mean-visible", "mean-hidden"):
        cell_of(solved, name)["source"] = "assert True"
    result = mended(solved, lesson)
    assert result.repairs == ()
    assert result.reviews == (
        "The visible tests of 'total' and 'mean' and the hidden test of 'mean' had been changed "
        "(cells 5, 9 and 10); they are the lesson's again, and the student's versions are ordinary "
        "cells above them. The changes could have made them pass: look at them.",
    )


def test_white_space_is_no_change(lesson, solved):
    cell = cell_of(solved, VISIBLE_TEST)
    cell["source"] = "\n" + "".join(cell["source"]).replace("\n", "  \r\n") + "\n\n"
    assert mended(solved, lesson).repairs == ()


def test_a_test_from_an_earlier_release_is_no_tampering(lesson, solved):
    from nbgrader.utils import compute_checksum

    cell = cell_of(solved, VISIBLE_TEST)
    cell["source"] = "assert total([1]) == 1, 'as it once was'"
    cell["metadata"]["nbgrader"]["points"] = 5
    checksum = compute_checksum(nbformat.from_dict(cell))
    cell["metadata"]["nbgrader"]["checksum"] = checksum
    result = mended(solved, lesson)
    assert result.reviews == ()
    said(result.repairs, "was from an earlier release; it is today's")
    said(result.repairs, "says that it gives 5 points; the lesson's 1 count", "earlier release")
    assert len(result.notebook.cells) == len(lesson[1].cells)


@pytest.mark.parametrize("points", [100, -1, "many", 2.0])
def test_changed_points_do_not_count(lesson, solved, points):
    cell_of(solved, "total-hidden")["metadata"]["nbgrader"]["points"] = points
    if points == 2:
        assert mended(solved, lesson).reviews == ()
    else:
        told = said(mended(solved, lesson).reviews, "the lesson's 2 count")
        assert f"{points!r} points" in told


def test_points_as_a_text_are_the_same_points(lesson, solved):
    roles = cell_of(solved, "total-hidden")["metadata"]["nbgrader"]
    roles["points"] = "2"
    del roles["checksum"]
    assert mended(solved, lesson).reviews == ()


@pytest.mark.parametrize("bare", [False, True])
def test_the_text_of_an_answer_that_was_made_a_heading_stays(lesson, solved, bare):
    for name in ANSWERS:
        cell = cell_of(solved, name)
        cell["cell_type"], cell["level"] = "heading", 1
        if bare and name != "why":
            cell["metadata"] = {}
    result = mended(solved, lesson)
    assert {name: cell_of(result.notebook, name).source for name in ANSWERS} == ANSWERS


def test_changed_roles_do_not_count(lesson, solved):
    cell_of(solved, "total-hidden")["metadata"]["nbgrader"]["grade"] = False
    cell_of(solved, "total")["metadata"]["nbgrader"] |= {"grade": True, "points": 50}
    cell_of(solved, "mean")["metadata"]["nbgrader"] |= {"solution": False, "locked": True}
    result = mended(solved, lesson)
    said(result.repairs, "The hidden test of 'total' had other nbgrader settings (grade)")
    said(result.repairs, "The answer to 'total' had other nbgrader settings (grade)")
    said(result.repairs, "The answer to 'mean' had other nbgrader settings (solution, locked)")


@pytest.mark.parametrize("name", GRADED)
@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
@pytest.mark.parametrize("stripped", [False, True])
def test_a_cell_of_another_type_gets_its_own_back(lesson, solved, name, kind, stripped):
    cell = cell_of(solved, name)
    text, place = "".join(cell["source"]), at(solved, name)
    before = cell["cell_type"]
    cell["cell_type"] = kind
    if stripped:
        cell["metadata"] = {}
    result = mended(solved, lesson)
    after = cell_of(result.notebook, name)
    assert at(result.notebook, name) == place
    if name in ANSWERS:
        assert after.source == text
    if kind != before:
        said(result.repairs, f"had been changed to a {kind} cell; it is a {before} cell again")
    assert result.reviews == ()


# Names and metadata that were lost


def test_renamed_grade_ids(lesson, solved):
    for name in GRADED:
        cell_of(solved, name)["metadata"]["nbgrader"]["grade_id"] = f"my_{name}"
    result = mended(solved, lesson)
    assert result.reviews == ()
    assert len(result.repairs) == len(GRADED)
    said(result.repairs, "The answer to 'total' had the grade id 'my_total'; it was recognised")
    assert {name: cell_of(result.notebook, name).source for name in ANSWERS} == ANSWERS


def test_exchanged_grade_ids(lesson, solved):
    for one, other in (("total", "mean"), ("total-visible", "mean-visible")):
        first, second = cell_of(solved, one), cell_of(solved, other)
        first["metadata"], second["metadata"] = second["metadata"], first["metadata"]
    result = mended(solved, lesson)
    assert {name: cell_of(result.notebook, name).source for name in ANSWERS} == ANSWERS


@pytest.mark.parametrize("exchanged", [False, True])
def test_an_answer_with_the_grade_id_of_its_test(lesson, solved, exchanged):
    answer, test = cell_of(solved, "total"), cell_of(solved, "total-visible")
    answer["metadata"]["nbgrader"]["grade_id"] = "total-visible"
    if exchanged:
        test["metadata"]["nbgrader"]["grade_id"] = "total"
    result = mended(solved, lesson)
    assert cell_of(result.notebook, "total").source == ANSWERS["total"]
    assert len(result.notebook.cells) == len(lesson[1].cells)
    assert result.reviews == ()


def stripped(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    return notebook


def test_all_metadata_stripped(lesson, solved):
    honest = mended(solved, lesson).notebook
    result = mended(stripped(solved), lesson)
    assert result.reviews == ()
    told = said(result.repairs, "metadata were missing from 6 graded cells")
    assert told.endswith("total-visible, total-hidden, mean-visible, mean-hidden, total, mean.")
    said(result.repairs, "No cell is marked as the answer to 'why'; cell 12, which stands in its")
    assert result.notebook.cells == honest.cells


def test_only_the_answers_in_a_new_notebook(lesson):
    texts = ["import numpy as np", ANSWERS["mean"], "total = sum", "def helper(): pass"]
    bare = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}
    result = mended(bare | {"cells": [code_cell(text) for text in texts]}, lesson)
    assert cell_of(result.notebook, "mean").source == ANSWERS["mean"]
    assert result.notebook.cells[0].source == texts[0]
    said(result.reviews, "answer to 'why' is missing")


def test_stripped_and_given_another_name(lesson, solved):
    cell_of(solved, "total")["source"] = "def my_sum(numbers):\n    return sum(numbers)"
    result = mended(stripped(solved), lesson)
    assert cell_of(result.notebook, "total").source.startswith("def my_sum")
    said(result.reviews, "No cell is marked as the answer to 'total'; cell 4")


def test_stripped_and_assigned(lesson, solved):
    cell_of(solved, "total")["source"] = "total = sum"
    solved["cells"].insert(at(solved, "total") + 1, code_cell("print(total([1]))"))
    result = mended(stripped(solved), lesson)
    assert cell_of(result.notebook, "total").source == "total = sum"
    assert result.reviews == ()


def test_stripped_and_tried_several_times(lesson, solved):
    place = at(solved, "mean")
    first = "def mean(numbers):\n    return 0"
    solved["cells"].insert(place, code_cell(first))
    solved["cells"].append(code_cell("mean = 3"))
    result = mended(stripped(solved), lesson)
    assert cell_of(result.notebook, "mean").source == ANSWERS["mean"]
    said(result.reviews, "The answer to 'mean' is there 2 times")
    assert first in sources(result.notebook)


def test_stripped_and_defined_again_at_the_end(lesson, solved):
    again = "def mean(numbers):\n    return 0"
    solved["cells"].append(code_cell(again))
    result = mended(stripped(solved), lesson)
    assert cell_of(result.notebook, "mean").source == ANSWERS["mean"]
    assert sources(result.notebook)[-1] == again


def note_above(notebook, name):
    """Put a note of the student's own above a graded cell."""
    note = {"cell_type": "markdown", "source": "My notes on this.", "metadata": {}}
    notebook["cells"].insert(at(notebook, name), note)


def test_a_written_answer_below_a_note(lesson, solved):
    note_above(solved, "why")
    result = mended(stripped(deepcopy(solved)), lesson)
    said(result.reviews, "No cell is marked as the answer to 'why'; cell 12", "the right one")
    cell_of(solved, "why")["metadata"]["nbgrader"]["grade_id"] = "renamed"
    result = mended(solved, lesson)
    assert cell_of(result.notebook, "why").source == ANSWERS["why"]
    assert result.reviews == ()


def test_a_written_answer_that_was_not_filled_in_below_a_note(lesson):
    untouched = as_json(lesson[1])
    note_above(untouched, "why")
    result = mended(stripped(untouched), lesson)
    assert cell_of(result.notebook, "why").source == cell_of(lesson[1], "why").source
    assert result.reviews == ()


def markdown_cell(source, **attachments):
    cell = {"cell_type": "markdown", "source": source, "metadata": {}}
    return cell | ({"attachments": attachments} if attachments else {})


def test_a_written_answer_in_a_cell_of_its_own_below_the_stub(lesson):
    handed_in = as_json(lesson[1])
    picture = {"image/png": "aGVsbG8="}
    stub = cell_of(handed_in, "why")
    stub["attachments"] = {"image.png": picture}
    own = [
        markdown_cell("Nothing can be\n\ndivided by zero."),
        code_cell("1 + 1"),
        markdown_cell("![it](attachment:image.png)", **{"image.png": picture}),
    ]
    place = at(handed_in, "why") + 1
    handed_in["cells"][place:place] = own
    result = mended(handed_in, lesson)
    said(result.reviews, "The answer to 'why' was left as it was; the student's own text below it")
    said(result.reviews, f"(cells {place + 1} and {place + 3}) was taken for it")
    answer = cell_of(result.notebook, "why")
    assert answer.source == "\n\n".join(
        ["".join(stub["source"]), own[0]["source"], "![it](attachment:1-image.png)"]
    )
    assert set(answer.attachments) == {"image.png", "1-image.png"}
    assert len(result.notebook.cells) == len(lesson[1].cells) + 1


@pytest.mark.parametrize("filled_in", [True, False])
def test_what_is_no_answer_below_a_written_one(lesson, solved, filled_in):
    handed_in = solved if filled_in else as_json(lesson[1])
    answer = cell_of(handed_in, "why")["source"]
    place = at(handed_in, "why") + 1
    own = [markdown_cell("A note.")] if filled_in else [code_cell("2"), markdown_cell(" ")]
    handed_in["cells"][place:place] = own
    handed_in["cells"].append(markdown_cell("A note at the end, behind a cell of the lesson's."))
    result = mended(handed_in, lesson)
    assert result.reviews == ()
    assert cell_of(result.notebook, "why").source == "".join(answer)


def test_a_written_answer_renamed_and_moved(lesson, solved):
    place = at(solved, "why")
    cell_of(solved, "why")["metadata"]["nbgrader"]["grade_id"] = "renamed"
    solved["cells"].insert(0, solved["cells"].pop(place))
    result = mended(solved, lesson)
    assert result.notebook.cells[0].source == ANSWERS["why"]
    assert grade_id(result.notebook.cells[0]) == "why"


def test_stripped_with_changed_tests(lesson, solved):
    cell = cell_of(solved, VISIBLE_TEST)
    cell["source"] = "".join(cell["source"]).replace("== 3", "== 3 or True")
    result = mended(stripped(solved), lesson)
    said(result.reviews, "The visible test of 'total' had been changed")
    assert at(result.notebook, VISIBLE_TEST) == at(lesson[1], VISIBLE_TEST) + 1


def test_an_answer_that_the_lesson_defines_itself_is_no_answer(lesson, solved):
    release = deepcopy(lesson[1])
    shown = nbformat.v4.new_code_cell(ANSWERS["total"])
    release.cells.insert(1, shown)
    solved["cells"].insert(1, as_json(release)["cells"][1])
    del solved["cells"][at(solved, "total")]
    result = mended(solved, (lesson[0], release))
    assert cell_of(result.notebook, "total").source == cell_of(release, "total").source


def importing(notebook):
    """The cell that imports what the lesson needs."""
    return next(cell for cell in notebook["cells"] if "import math" in "".join(cell["source"]))


USES_MATH = "def total(numbers):\n    return math.fsum(numbers)"


@pytest.mark.parametrize(
    "instead",
    [
        "",
        "# We import math and numpy here.",
        "print('import math')",
        "def helper():\n    import math\n    return math",
        "import math\nfsum(",  # no Python, so nothing of it is run
        "from math import fsum",
    ],
)
def test_a_deleted_import_that_an_answer_uses_is_put_back(instead, lesson, solved):
    cell_of(solved, "total")["source"] = USES_MATH
    assert mended(solved, lesson).repairs == ()
    importing(solved)["source"] = instead
    result = mended(solved, lesson)
    assert result.notebook.cells[0].source == "import math"
    said(result.repairs, "No cell imports math any more before an exercise uses it")
    assert len(result.repairs) == 1


@pytest.mark.parametrize(
    "instead",
    [
        "from math import (\n    fsum as math,\n)",
        "%matplotlib inline\nimport math",
        "try:\n    import cmath as math\nexcept ImportError:\n    pass",
        "import numpy, math",
        "import math.nothing",
    ],
)
def test_an_import_in_other_words_is_one(instead, lesson, solved):
    cell_of(solved, "total")["source"] = USES_MATH
    importing(solved)["source"] = instead
    assert mended(solved, lesson).repairs == ()


def test_an_answer_that_imports_for_itself_needs_nothing_put_back(lesson, solved):
    cell_of(solved, "total")["source"] = f"import math\n{USES_MATH}"
    importing(solved)["source"] = ""
    assert mended(solved, lesson).repairs == ()


def test_what_only_a_test_reads_is_not_put_back(lesson):
    source, release = deepcopy(lesson)
    for notebook in (source, release):
        cell_of(notebook, VISIBLE_TEST).source += "\nassert math.isclose(total([1]), 1)"
    handed_in = as_json(inject(release, ANSWERS))
    importing(handed_in)["source"] = ""
    assert mended(handed_in, (source, release)).repairs == ()


def test_an_import_that_moved_below_an_answer_with_its_exercise_is_put_back(lesson):
    source, release = deepcopy(lesson)
    for notebook in (source, release):
        cell_of(notebook, "total").source = f"import fractions\n{cell_of(notebook, 'total').source}"
    mean = "def mean(numbers):\n    return sum(map(fractions.Fraction, numbers)) / len(numbers)"
    answers = {"total": f"import fractions\n{ANSWERS['total']}", "mean": mean}
    handed_in = as_json(inject(release, ANSWERS | answers))
    assert mended(handed_in, (source, release)).repairs == ()
    handed_in["cells"].append(handed_in["cells"].pop(at(handed_in, "total")))
    result = mended(handed_in, (source, release))
    assert result.notebook.cells[0].source == "import fractions"
    said(result.repairs, "No cell imports fractions any more before an exercise uses it")
    assert result.reviews == ()


def test_an_import_that_only_comes_after_an_exercise_is_not_asked_for_in_it(lesson, solved):
    release = deepcopy(lesson[1])
    release.cells.append(nbformat.v4.new_code_cell("import time"))
    solved["cells"].append(code_cell("import time"))
    cell = solved["cells"][at(solved, "total")]
    cell["source"] += "\nprint(time)"
    assert "imports" not in " ".join(mended(solved, (lesson[0], release)).repairs)


@pytest.mark.parametrize("below", [0, 1, 2, 3])
def test_an_answer_beside_its_stub_counts_or_waits_for_a_person(lesson, solved, below):
    place = at(solved, "total")
    answer = solved["cells"][place]["source"]
    cell_of(solved, "total")["source"] = cell_of(lesson[1], "total").source
    solved["cells"].insert(place + below, code_cell(answer))
    result = mended(solved, lesson)
    if below == 1:  # above its tests
        assert result.reviews == ()
    else:
        said(result.reviews, "The answer to 'total' was left as it was", "not where the tests look")
        said(result.reviews, f"cell {place + below + 1} defines total")


def test_the_instructors_own_notebook(lesson):
    result = mended(as_json(lesson[0]), lesson)
    said(result.reviews, "Markers of solutions or hidden tests stand in cells")
    assert said(result.reviews, "instructor's own notebook")


# What cannot be repaired


def notebook_of(heading, *names):
    """A notebook of another lesson."""
    cells = [{"cell_type": "markdown", "source": f"# {heading}", "metadata": {}}]
    for name in names:
        roles = {"grade_id": name, "solution": True, "grade": False, "schema_version": 3}
        cells.append(code_cell(f"def {name}():\n    return 1", nbgrader=roles))
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def test_another_lesson(lesson):
    other = notebook_of("Products", "product", "quotient", "power")
    assert mended(other, lesson).problem == (
        "Expected the notebook of 'Sums and means'; this one is 'Products', with none of the "
        "exercises expected, but with product, quotient, power. Collect it as the lesson that it "
        "is, or ask the student for the right notebook."
    )
    for cell in other["cells"]:
        cell["metadata"] = {}
    assert "this one is 'Products'" in mended(other, lesson).problem
    shared = notebook_of("Products", "product", "quotient", "total")
    assert "'Products', with 1 of the 3 exercises expected" in mended(shared, lesson).problem
    for cell in shared["cells"]:
        cell["metadata"] = {}
    assert "'Products', with 1 of the 3 exercises expected" in mended(shared, lesson).problem
    alike = notebook_of("Sums and means", "product", "quotient", "power", "total", "mean")
    assert (
        "this one has 2 of the 3 exercises expected, but with product"
        in mended(alike, lesson).problem
    )


def test_an_empty_notebook(lesson):
    assert "this one has none of the exercises expected" in mended(notebook_of(""), lesson).problem


@pytest.mark.parametrize("name", ["", " ", "-visible", "-hidden"])
def test_a_message_names_no_exercise_without_a_name(lesson, name):
    other = notebook_of("Products", "product")
    other["cells"][1]["metadata"]["nbgrader"]["grade_id"] = name
    assert "none of the exercises expected. Collect it" in mended(other, lesson).problem


# Two lessons in one notebook


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("many", [1, 4, 30])
def test_of_two_lessons_in_one_notebook_this_one_is_graded(lesson, solved, many, first, bare):
    other = notebook_of("Products", *(f"product_{number}" for number in range(many)))["cells"]
    if bare:
        for cell in (*other, *solved["cells"]):
            cell["metadata"] = {}
    solved["cells"] = [*other, *solved["cells"]] if first else [*solved["cells"], *other]
    result = mended(solved, lesson)
    assert {name: cell_of(result.notebook, name).source for name in ANSWERS} == ANSWERS
    assert result.reviews == ()
    if not bare:
        assert said(result.repairs, "also holds graded cells that are not this lesson's (product_0")


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("filled_in", [False, True])
def test_of_two_lessons_with_an_exercise_of_one_name_this_ones_answer_counts(
    lesson, solved, first, filled_in
):
    if not filled_in:
        cell_of(solved, "total")["source"] = cell_of(as_json(lesson[1]), "total")["source"]
    own = "".join(cell_of(solved, "total")["source"])
    other = notebook_of("Products", "product", "total", "quotient", "power")["cells"]
    solved["cells"] = [*other, *solved["cells"]] if first else [*solved["cells"], *other]
    result = mended(solved, lesson)
    assert cell_of(result.notebook, "total").source == own
    assert said(result.reviews, "'total' is there 2 times", "exercises of another lesson")
    assert other[2]["source"] in sources(result.notebook)


def test_another_lesson_is_no_answer_to_the_last_question_of_this_one(lesson, solved):
    stub = cell_of(solved, "why")["source"] = cell_of(as_json(lesson[1]), "why")["source"]
    cells = solved["cells"][: at(solved, "why") + 1]
    other = [*notebook_of("Products", "product")["cells"], markdown_cell("A product is a sum.")]
    result = mended(solved | {"cells": [*cells, *other]}, lesson)
    assert cell_of(result.notebook, "why").source == "".join(stub)


LOGIN = b"<!DOCTYPE html><html><head><title>Log in to the site</title></head></html>"


@pytest.mark.parametrize(
    ("data", "came"),
    [
        (b"", "it is empty"),
        (b" \n", "holds 2 empty bytes"),
        (bytes(4096), "it holds 4096 empty bytes and nothing else"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a PNG picture"),
        (b"PK\x03\x04 [Content_Types].xml word/document.xml", "a Word document"),
        (b"PK\x03\x04 01-sums.ipynb", "a zip archive"),
        (b"%PDF-1.7", "a PDF document"),
        (rb"{\rtf1\ansi}", "a rich-text document"),
        (LOGIN, "a web page ('Log in to the site'), such as a login page"),
        (b"import math\nprint(1)", "Python code, without a notebook"),
        (b"this is no notebook \xff\xfe\x00", "no text"),
        (b"Dear teacher, my dog", "a text that begins 'Dear teacher, my dog'"),
        (b"[1, 2]", "JSON that holds a list"),
        (b"null", "JSON that holds nothing"),
        (b"3", "JSON that holds a number"),
        (b'{"a": 1, "b": 2}', "JSON without cells; it holds a, b"),
        (b'{"nbformat": 4, "cells": 3}', "JSON without cells; it holds cells, nbformat"),
        (b"{}", "JSON without cells; it holds nothing"),
        (b'{"cells": [{"source": "def total', "breaks off after 32 characters"),
        (b'{"cells": [', "breaks off"),
        (b'{"cells": [}, "nbformat": 4, "nbformat_minor": 5}', "damaged in line 1"),
        (b'{\n<<<<<<< HEAD\n"cells": []}', "an unfinished git merge"),
        (b'{"nbformat": ' + b"9" * 9999 + b', "cells": []}', "too many digits"),
        (b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested deeper"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested deeper"),
        (b'{"cells": [' + b"[]," * 5_000_001 + b"[]]}", "5000000 lists and objects"),
        (b'{"cells": [' + b"{}," * 2_000 + b"{}]}", "2001 cells"),
        (b'{"cells": ["' + b"x" * 20_000_001 + b'"]}', "20000000 characters"),
        (b" " * 64_000_001, "64 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_notebook_is_told(lesson, data, came):
    result = mended(data, lesson)
    assert came in result.problem


@pytest.mark.parametrize("field", ["metadata", "attachments", "source", "id", "nbgrader", "tags"])
def test_deep_values_do_no_harm(lesson, solved, field):
    deep = value = []
    for _ in range(300):
        value.append([])
        value = value[0]
    cell = cell_of(solved, "why")
    (cell["metadata"] if field in ("nbgrader", "tags") else cell)[field] = deep
    mended(solved, lesson)


def test_code_that_no_parser_likes(lesson, solved):
    digits = "x = 0x" + "f" * 99_000
    for bad in (
        digits,
        "(" * 5000,
        "-" * 50_000 + "1",
        "\0",
        "a" + ".b" * 40_000,
        "x = " + "1+" * 20_000,
    ):
        cell_of(solved, "total")["source"] = bad
        cell_of(solved, VISIBLE_TEST)["source"] = bad
        result = mended(stripped(deepcopy(solved)), lesson)
        assert bad in sources(result.notebook)
        result = mended(solved, lesson)
        assert cell_of(result.notebook, "total").source == bad


def test_wrong_arguments_are_told(lesson):
    with pytest.raises(TypeError, match="data should be the bytes"):
        repair("text", *lesson)
    with pytest.raises(TypeError, match="notebook should be a notebook"):
        repair(b"", {}, lesson[1])
    with pytest.raises(ValueError, match="should have the cell 'total' of its source"):
        repair(b"", lesson[0], nbformat.v4.new_notebook())


# Whatever happens to a notebook

TEXTS = st.sampled_from(
    [*ANSWERS.values(), "", "total = sum", "assert True", "# a comment", "def total(", "1"]
)
NAMES = st.sampled_from([*GRADED, "other", "", None, 3])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)
MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(
            ["delete", "double", "swap", "strip", "rename", "retype", "text", "junk", "id"]
        ),
        st.integers(0, 30),
        st.integers(0, 30),
        st.data(),
    ),
    max_size=12,
)


def mutate(cells, kind, one, other, data):
    """Change a notebook's cells as students, editors and accidents do."""
    if not cells:
        return
    one, other = one % len(cells), other % len(cells)
    cell = cells[one]
    roles = cell["metadata"].get("nbgrader") if isinstance(cell["metadata"], dict) else None
    if kind == "delete":
        del cells[one]
    elif kind == "double":
        cells.insert(other, deepcopy(cell))
    elif kind == "swap":
        cells[one], cells[other] = cells[other], cells[one]
    elif kind == "strip":
        cell["metadata"] = {}
    elif kind == "rename" and isinstance(roles, dict):
        roles["grade_id"] = data.draw(NAMES)
    elif kind == "retype":
        cell["cell_type"] = data.draw(st.sampled_from(["code", "markdown", "raw", "heading"]))
    elif kind == "text":
        cell["source"] = data.draw(TEXTS)
    elif kind == "id":
        cell["id"] = data.draw(JUNK)
    elif kind == "junk":
        target = data.draw(st.sampled_from([cell, cell["metadata"], roles]))
        if isinstance(target, dict):
            keys = [*sorted(target), "tags", "attachments"]
            key = data.draw(st.sampled_from(keys))
            if key != "source":
                target[key] = data.draw(JUNK)


@settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(mutations=MUTATIONS)
def test_whatever_happens_to_a_notebook_nothing_is_lost(lesson, mutations):
    notebook = as_json(inject(lesson[1], ANSWERS))
    for mutation in mutations:
        mutate(notebook["cells"], *mutation)
    written = {text for cell in notebook["cells"] if (text := "".join(cell["source"])).strip()}
    given_texts = {cell.source for cell in lesson[1].cells}
    result = mended(notebook, lesson)
    if result.notebook is not None:
        kept = sources(result.notebook)
        for text in written - given_texts:
            assert any(text in other for other in kept), text
        if written.isdisjoint(ANSWERS.values()):
            return
        again = mended(as_json(result.notebook), lesson)
        assert sources(again.notebook) == kept, "what was mended needs no mending"


@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(
        st.binary(max_size=300),
        JUNK.map(lambda value: json.dumps(value).encode()),
        st.fixed_dictionaries(
            {"cells": st.lists(JUNK, max_size=4)},
            optional={"nbformat": JUNK, "metadata": JUNK, "worksheets": JUNK},
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_whatever_comes_is_told_in_words(lesson, data):
    mended(data, lesson)


@settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_a_damaged_file_is_told_in_words(lesson, data):
    text = json.dumps(as_json(inject(lesson[1], ANSWERS))).encode()
    place = data.draw(st.integers(0, len(text)))
    mended(text[:place], lesson)
    mended(text[:place] + data.draw(st.binary(max_size=3)) + text[place:], lesson)


# What nbgrader makes of it


def spoil_nothing(notebook):
    pass


def spoil_by_stripping(notebook):
    stripped(notebook)


def spoil_by_colab(notebook):
    notebook["nbformat_minor"] = 0
    for cell in notebook["cells"]:
        del cell["id"]


def spoil_by_renaming(notebook):
    for name in GRADED:
        cell_of(notebook, name)["metadata"]["nbgrader"]["grade_id"] = f"my_{name}"


def spoil_by_tampering(notebook):
    cell_of(notebook, VISIBLE_TEST)["source"] = "assert True"
    cell_of(notebook, "total-hidden")["metadata"]["nbgrader"]["points"] = 100
    cell_of(notebook, "mean-hidden")["metadata"]["nbgrader"]["grade"] = False
    del notebook["cells"][at(notebook, "mean-visible")]


def spoil_by_doubling(notebook):
    copy_behind(notebook, "total", ANSWERS["total"])
    copy_behind(notebook, "total-hidden", "".join(cell_of(notebook, "total-hidden")["source"]))
    notebook["cells"][0]["id"] = notebook["cells"][1]["id"]


def spoil_by_age(notebook):
    cells = [
        cell | {"input": cell["source"]} if cell["cell_type"] == "code" else cell
        for cell in notebook["cells"]
    ]
    for cell in cells:
        cell["metadata"].get("nbgrader", {})["schema_version"] = 1
    notebook |= {"nbformat": 3, "worksheets": [{"cells": cells}]}
    notebook.pop("cells")


SPOILT = [
    spoil_nothing,
    spoil_by_stripping,
    spoil_by_colab,
    spoil_by_renaming,
    spoil_by_tampering,
    spoil_by_doubling,
    spoil_by_age,
]


@pytest.mark.usefixtures("quick_kernels")
def test_nbgrader_gives_what_it_gives_to_an_honest_notebook(course, lesson):
    wrong = "def mean(numbers):\n    return 3"  # the visible test passes, the hidden one fails
    honest = inject(lesson[1], ANSWERS | {"mean": wrong})
    for spoil in SPOILT:
        student = spoil.__name__.replace("_", "-")
        notebook = as_json(honest)
        spoil(notebook)
        path = course.submission(student, LESSON)
        path.parent.mkdir(parents=True)
        nbformat.write(mended(notebook, lesson).notebook, path)
        assert earned(grade(course, student)) == {
            "total-visible": 1,
            "total-hidden": 2,
            "mean-visible": 1,
            "mean-hidden": 0,
            "why": None,
        }, student


@pytest.mark.usefixtures("quick_kernels")
def test_a_written_answer_below_the_stub_waits_for_a_person(course, lesson):
    handed_in = as_json(lesson[1])
    handed_in["cells"].insert(at(handed_in, "why") + 1, markdown_cell("Because."))
    path = course.submission("ada", LESSON)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(handed_in), encoding="utf-8")
    record = grade(course, "ada")
    assert earned(record)["why"] is None
    assert record.status == "needs review"


@pytest.mark.usefixtures("quick_kernels")
def test_deleted_answers_earn_nothing(course, lesson, solved):
    solved["cells"] = [cell for cell in solved["cells"] if grade_id(cell) not in ANSWERS]
    path = course.submission("ada", LESSON)
    path.parent.mkdir(parents=True)
    nbformat.write(mended(solved, lesson).notebook, path)
    record = grade(course, "ada")
    assert (record.status, record.cells) == ("untouched", ())


def test_what_is_built_to_take_long_is_mended_at_once(solved, lesson):
    """Each of these took hours before, as its length counted squared."""
    solved["metadata"]["many"] = {f"k{i}": i for i in range(200_000)}
    twice = json.dumps(solved).replace('"k1":', '"k0":', 1).encode()
    assert "says k0 twice" in mended(twice, lesson).reviews[0]
    del solved["metadata"]["many"]
    cell = next(it for it in solved["cells"] if "import math" in "".join(it["source"]))
    cell["source"] = "# " + "import " * 200_000
    grade_ids = [it["metadata"].get("nbgrader", {}).get("grade_id") for it in solved["cells"]]
    solved["cells"][grade_ids.index("total")]["source"] = "total = math.fsum"
    assert "No cell imports math any more" in mended(solved, lesson).repairs[-1]


def test_a_web_page_that_is_built_to_take_long_is_refused_at_once(lesson):
    page = b"<html>" + b"<title" * 1_000_000
    assert "the file is a web page, such as" in mended(page, lesson).problem


def test_of_many_names_in_a_file_a_message_tells_the_first(solved, lesson):
    solved["metadata"]["many"] = {f"k{i}": i for i in range(2_000)}
    twice = json.dumps(solved)
    for i in range(0, 2_000, 2):
        twice = twice.replace(f'"k{i}":', f'"k{i + 1}":')
    (review,) = mended(twice.encode(), lesson).reviews
    assert "says k1, k1001, k1003, k1005, k1007, k1009 and 994 more twice" in review
