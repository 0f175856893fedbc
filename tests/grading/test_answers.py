"""The bank's machinery itself, on a toy course with a bank of its own."""

import nbformat
import pytest
import yaml

from course_utils.instructor.course import find_course
from course_utils.instructor.release.release import generate
from tests.grading.answers import (
    Answer,
    autograded_exercises,
    disagreement,
    exercises_to_test,
    imports_of,
    number_of_answers,
    problems_of_lesson,
    read_answers,
    run_here,
)
from tests.grading.test_bank import disagreements_of_run
from tests.grading.test_bank_quick import disagreements_of_exercise
from tests.instructor.toy_course import LESSON as MARKDOWN
from tests.instructor.toy_course import make_toy_course, write_lesson

LESSON = "01-sums"
GOOD = {
    "total": """
        exercise: total
        cells: {total-visible: 1, total-hidden: 2}
        right:
          - name: built in
            code: total = sum
          - name: as floats
            code: total = math.fsum
        wrong:
          - name: nothing for an empty list
            marks: {total-visible: 1, total-hidden: 0}
            says: an empty list should give 0
            code: "total = lambda numbers: sum(numbers) or None"
          - name: uses the list up
            marks: {total-visible: 1, total-hidden: 0}
            says: should not change the list
            code: "total = lambda numbers: numbers.pop() + total(numbers) if numbers else 0"
          - name: counts
            marks: {total-visible: 0, total-hidden: 2}
            says: yours gives 2
            code: total = len
          - name: last number
            marks: {total-visible: 0, total-hidden: 0}
            says: yours gives 2
            code: "total = lambda numbers: numbers[-1]"
          - name: has another name
            marks: {total-visible: 0, total-hidden: 0}
            says: NameError
            code: my_total = sum
        """,
    "mean": """
        exercise: mean
        cells: {mean-visible: 1, mean-hidden: 3}
        right:
          - name: by hand
            code: "mean = lambda numbers: sum(numbers) / len(numbers)"
          - name: from the library
            code: from statistics import mean
        wrong:
          - name: whole numbers only
            marks: {mean-visible: 1, mean-hidden: 0}
            says: need not be a whole number
            code: "mean = lambda numbers: sum(numbers) // len(numbers)"
          - name: sum
            marks: {mean-visible: 0, mean-hidden: 0}
            says: yours gives 6
            code: mean = sum
          - name: first number
            marks: {mean-visible: 0, mean-hidden: 0}
            says: yours gives 2
            code: "mean = lambda numbers: numbers[0]"
          - name: no Python
            marks: {mean-visible: 0, mean-hidden: 0}
            says: NameError
            code: the mean is a number
          - name: ends Python
            marks: {mean-visible: 0, mean-hidden: 0}
            says: SystemExit
            code: |
              import sys
              mean = sys.exit
        """,
}


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    course = make_toy_course(tmp_path_factory.mktemp("toy"), [LESSON])
    generate(course, LESSON)
    return find_course(course.root)


@pytest.fixture
def bank(tmp_path):
    """The good bank as files, for a test to spoil."""
    (tmp_path / LESSON).mkdir()
    for name, text in GOOD.items():
        (tmp_path / LESSON / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def problems(bank, toy):
    return problems_of_lesson(bank, toy, LESSON)


def spoil(bank, change, exercise="mean"):
    """Change an exercise's bank file."""
    path = bank / LESSON / f"{exercise}.yaml"
    entry = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(entry)
    path.write_text(yaml.safe_dump(entry), encoding="utf-8")


def test_a_good_bank_has_no_problems(bank, toy):
    assert problems(bank, toy) == []


def test_written_answers_need_no_bank(toy):
    assert list(autograded_exercises(toy, LESSON)) == ["total", "mean"]


def test_an_exercise_without_a_bank_file_is_told(bank, toy):
    (bank / LESSON / "mean.yaml").unlink()
    (problem,) = problems(bank, toy)
    assert f"{LESSON}/mean.yaml: exercise 'mean' of {LESSON} has no bank" in problem
    assert "Write this file" in problem


def test_a_bank_file_without_an_exercise_is_told(bank, toy):
    (bank / LESSON / "median.yaml").write_text(GOOD["mean"])
    (problem,) = problems(bank, toy)
    assert "median.yaml" in problem
    assert "Rename the file, or remove it" in problem


def drop(kind):
    return lambda entry: entry[kind].pop()


def assign(*path, to):
    def change(entry):
        for key in path[:-1]:
            entry = entry[key]
        entry[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (drop("right"), "expected 2 right answers or more; got 1"),
        (drop("wrong"), "expected 5 wrong answers or more; got 4"),
        (lambda entry: entry.pop("cells"), "expected the keys cells, exercise, right, wrong; got"),
        (assign("exercise", to="total"), "exercise should be 'mean'; got 'total'"),
        (assign("cells", to={"mean-visible": 1}), "mean-visible 1, mean-hidden 3; got"),
        (assign("cells", "mean-hidden", to=2), "mean-hidden 3; got mean-hidden 2"),
        (assign("right", to="none"), "expected 2 right answers or more; got 0"),
        (assign("right", 0, to="mean"), "right answer 1: expected the keys code, name; got 'mean'"),
        (assign("wrong", 1, "name", to=""), "wrong answer 2: name should be a text that is not"),
        (assign("wrong", 1, "says", to=7), "wrong answer 2: says should be a text that is not"),
        (assign("wrong", 1, "note", to="?"), "wrong answer 2: expected the keys code, marks, name"),
        (assign("wrong", 0, "marks", to={"mean-visible": 1}), "marks should name the cells mean"),
        (assign("wrong", 0, "marks", "mean-hidden", to=1), "marks of a cell are 0 or all of its"),
        (assign("wrong", 0, "marks", "mean-hidden", to=3), "wrong answer should lose points"),
        (assign("wrong", 0, "name", to="sum"), "2 answers have the same name: 'sum'"),
        (assign("wrong", 0, "code", to="mean = sum"), "2 answers have the same code"),
    ],
)
def test_a_spoilt_bank_file_is_told(bank, toy, change, words):
    spoil(bank, change)
    (problem,) = problems(bank, toy)
    assert problem.startswith(str(bank / LESSON / "mean.yaml"))
    assert words in problem


def test_a_file_that_is_no_yaml_is_told(bank, toy):
    (bank / LESSON / "mean.yaml").write_text("right: [")
    (problem,) = problems(bank, toy)
    assert "mean.yaml: this is not YAML. Mend it" in problem


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda path: path.unlink(), "has no bank. Write this file"),
        (lambda path: path.write_text("right: ["), "this is not YAML. Mend it"),
        (lambda path: path.write_text("right: []"), "expected the keys cells, exercise"),
    ],
)
def test_both_modes_tell_a_broken_bank_file_in_one_line(bank, toy, break_it, words):
    path = bank / LESSON / "mean.yaml"
    break_it(path)
    assert disagreements_of_exercise(bank, toy, LESSON, "total") == []
    for found in (
        disagreements_of_exercise(bank, toy, LESSON, "mean"),
        disagreements_of_run(bank, toy, LESSON, 0),
    ):
        (problem,) = found
        assert problem.startswith(f"{path}: ")
        assert words in problem
        assert "\n" not in problem


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"mean-hidden"', '"mean-hiden"', "'mean-hidden'; there is none"),
        ('"mean-hidden"', '"mean-visible"', "Two cells have the grade_id 'mean-visible'"),
        (', "points": 3', "", "'mean-hidden' should have points"),
    ],
)
def test_a_misbuilt_exercise_is_told_and_stops_no_other_lesson(tmp_path, old, new, words):
    course = make_toy_course(tmp_path, [LESSON, "02-more"])
    assert old in MARKDOWN
    write_lesson(course, LESSON, MARKDOWN.replace(old, new))
    (problem,) = problems_of_lesson(tmp_path, course, LESSON)
    assert problem.startswith(f"notebooks/{LESSON}/{LESSON}.md: ")
    assert words in problem
    assert problem.endswith("Mend this file, then run: make pair")
    assert exercises_to_test(course, [LESSON, "02-more"]) == [
        ("02-more", "total"), ("02-more", "mean"),
    ]  # fmt: skip


def test_a_notebook_that_is_no_json_is_told(tmp_path):
    course = make_toy_course(tmp_path, [LESSON])
    course.source(LESSON).write_text("<<<<<<< HEAD")
    (problem,) = problems_of_lesson(tmp_path, course, LESSON)
    assert problem.startswith(f"{LESSON}.ipynb is damaged")
    assert problem.endswith("make pair")


def test_answers_come_in_a_fixed_order_with_reference_and_stub(bank, toy):
    answers = read_answers(bank, toy, LESSON, "mean")
    assert [answer.name for answer in answers] == [
        "the reference solution", "by hand", "from the library", "the untouched stub",
        "whole numbers only", "sum", "first number", "no Python", "ends Python",
    ]  # fmt: skip
    assert "SOLUTION" not in answers[0].code
    assert "raise NotImplementedError" in answers[3].code
    assert number_of_answers(bank, LESSON) == len(answers)


def test_imports_come_from_the_top_level_of_every_cell():
    cells = [
        "import math as m\nx = 1",
        "%matplotlib inline\nfrom json import dumps, loads",
        "if 1:\n import re",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.cells.append(nbformat.v4.new_markdown_cell("import this"))
    assert imports_of(notebook) == {
        "m": "import math as m",
        "dumps": "from json import dumps",
        "loads": "from json import loads",
    }


def test_an_answer_gets_those_of_the_lesson_s_imports_that_it_uses(toy):
    tested = autograded_exercises(toy, LESSON)["total"]
    imported = {"math": "import math", "this": "import no_such_module"}
    full = {"total-visible": 1, "total-hidden": 2}
    assert run_here(Answer("uses", "total = math.fsum", {}), tested, imported) == (full, "")
    assert run_here(Answer("does not", "total = sum", {}), tested, imported) == (full, "")
    assert run_here(Answer("makes", "math = sum; total = math", {}), tested, {}) == (full, "")


@pytest.mark.parametrize("exercise", GOOD)
def test_quick_mode_agrees_with_a_good_bank(bank, toy, exercise):
    assert disagreements_of_exercise(bank, toy, LESSON, exercise) == []


def test_a_broken_exercise_is_told_with_both_files(bank, tmp_path):
    course = make_toy_course(tmp_path, [LESSON])
    write_lesson(course, LESSON, MARKDOWN.replace("return math.fsum(", "return 1 + math.fsum("))
    generate(course, LESSON)
    (problem,) = disagreements_of_exercise(bank, course, LESSON, "mean")
    assert problem.startswith(f"{LESSON}, mean, 'the reference solution': expected the marks")
    assert f"in notebooks/{LESSON}/{LESSON}.md and run: make pair" in problem
    assert f"tests/grading/bank/{LESSON}/mean.yaml" in problem


def test_quick_mode_keeps_what_answers_print_to_itself(toy, capsys):
    tested = autograded_exercises(toy, LESSON)["total"]
    answer = Answer("loud", "print('loud')\ntotal = print", {})
    run_here(answer, tested, {})
    assert capsys.readouterr() == ("", "")


def test_disagreement_names_place_answer_and_what_came():
    answer = Answer("sum", "mean = sum", {"a": 1, "b": 0}, says="yours gives 6")
    assert disagreement("01", "mean", answer, {"a": 1, "b": 0}, "Error: yours gives 6.") == ""
    marks = disagreement("01", "mean", answer, {"a": 1, "b": 3}, "")
    assert marks == (
        "01, mean, 'sum': expected the marks a 1, b 0; got a 1, b 3. "
        "The first failing test says: nothing. "
        "Mend exercise 'mean' in notebooks/01/01.md and run: make pair; "
        "or mend its entry in tests/grading/bank/01/mean.yaml."
    )
    words = disagreement("01", "mean", answer, {"a": 1, "b": 0}, "NameError: mean")
    assert "expected a message with 'yours gives 6'; got other words" in words
    assert "NameError: mean" in words


@pytest.mark.usefixtures("quick_kernels")
def test_full_mode_agrees_with_a_good_bank(bank, toy):
    for number in range(number_of_answers(bank, LESSON)):
        assert disagreements_of_run(bank, toy, LESSON, number) == []


@pytest.mark.usefixtures("quick_kernels")
def test_full_mode_tells_where_graders_disagree(bank, toy):
    def change(entry):
        entry["wrong"][0]["says"] = "quite another thing"
        entry["right"][0]["code"] = f"{entry['wrong'][1]['code']}  # again"

    spoil(bank, change)
    (problem,) = disagreements_of_run(bank, toy, LESSON, 4)
    assert problem.startswith(f"{LESSON}, mean, 'whole numbers only': expected a message with")
    (problem,) = disagreements_of_run(bank, toy, LESSON, 1)
    assert (
        "'by hand': expected the marks mean-visible 1, mean-hidden 3; got mean-visible 0" in problem
    )


@pytest.mark.usefixtures("quick_kernels")
def test_a_shorter_bank_is_filled_up_with_the_reference(bank, toy):
    another = {"name": "with doubt", "code": "total = lambda numbers: sum(numbers) + 0.0"}
    spoil(bank, lambda entry: entry["right"].append(another), exercise="total")
    assert number_of_answers(bank, LESSON) == 10
    assert disagreements_of_run(bank, toy, LESSON, 9) == []
