"""`course measure`, on a toy lesson that draws one number."""

import pytest
import yaml

from course_utils.instructor.cli import measure as measure_cli
from course_utils.instructor.measure import measuring, record
from tests.instructor.toy_course import LESSON, write_lesson

pytestmark = pytest.mark.usefixtures("quick_kernels")
DRAWS = """
import random, pathlib
drawn = random.Random(SEED).random()
large = drawn + 10
with open("runs", "a") as file:
    file.write("run")
assert pathlib.Path("runs").read_text() == "run"
""".replace("random.Random(SEED)", "__import__('numpy').random.default_rng(5)")
CLAIMS = """
- {name: drawn, value: float(drawn)}
- {says: It is larger than ten., holds: large > 10}
- {says: It is a small one., holds: drawn < 0.5, profiles: [full]}
- {says: about 0.5, measured: drawn}
"""


@pytest.fixture
def lesson(course):
    """A lesson that draws a number, and claims things of it."""
    text = LESSON.replace('print("a lesson begins")', DRAWS)
    write_lesson(course, "01-sums", text.replace("### Exercise: total", "## Exercises\n\n### E"))
    write_claims(course, CLAIMS)
    return "01-sums"


def write_claims(course, text):
    path = course.root / "tests" / "notebooks" / "claims" / "01-sums.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def measured(course, profile="fast"):
    return record.read(course, "01-sums", profile)["runs"]


def test_runs_differ_and_are_told_with_what_they_were_made_on(run, course, lesson):
    code, output = run("measure", lesson, "--seeds", "3", "--profile", "fast")
    assert code == 0, output
    runs = measured(course)
    assert len({it["numbers"]["drawn"] for it in runs.values()}) == 3
    for entry in runs.values():
        assert entry["holds"] == {"It is larger than ten.": True}
        assert entry["device"].startswith(("CPU", "GPU"))
        assert {"commit", "date", "seconds", "versions", "data"} < entry.keys()
    assert "drawn" in output


def test_what_is_done_is_not_done_again(run, course, lesson, monkeypatch):
    assert run("measure", lesson, "--seeds", "1", "--profile", "fast")[0] == 0
    monkeypatch.setattr(measuring, "run_cells", lambda *_, **__: pytest.fail("was run again"))
    code, output = run("measure", lesson, "--seeds", "1", "--profile", "fast")
    assert code == 0, output
    write_claims(course, CLAIMS + "- {name: large, value: large}\n")
    assert run("measure", lesson, "--seeds", "1", "--profile", "fast")[0] == 0
    assert measured(course)[0]["numbers"]["large"] > 10


def test_the_record_alone_is_enough_where_nothing_else_is_kept(run, course, lesson, monkeypatch):
    assert run("measure", lesson, "--seeds", "1", "--profile", "fast")[0] == 0
    measuring.place(course, lesson, "fast", 0).unlink()
    monkeypatch.setattr(measuring, "run_cells", lambda *_, **__: pytest.fail("was run again"))
    assert run("measure", lesson, "--seeds", "1", "--profile", "fast")[0] == 0


def test_a_sentence_that_a_run_contradicts_is_named(run, course, lesson):
    write_claims(course, CLAIMS.replace("large > 10", "drawn > 2"))
    code, output = run("measure", lesson, "--seeds", "2", "--profile", "fast")
    assert code == 1
    assert "not true in run 1, 2 of 01-sums: It is larger than ten." in output


def test_what_moved_names_the_sentences_it_touches(run, course, lesson):
    assert run("measure", lesson, "--seeds", "1", "--profile", "fast")[0] == 0
    write_claims(course, CLAIMS.replace("float(drawn)", "drawn + 5"))
    code, output = run("measure", lesson, "--seeds", "1", "--profile", "fast")
    assert code == 0
    assert "drawn moved" in output
    assert "about 0.5" in output


def test_runs_of_two_devices_are_not_mixed(run, course, lesson):
    assert run("measure", lesson, "--seeds", "1", "--profile", "fast")[0] == 0
    path = record.path_of(course, lesson, "fast")
    kept = yaml.safe_load(path.read_text())
    kept["runs"][1] = kept["runs"][0] | {"device": "GPU (Tesla T4)"}
    path.write_text(yaml.safe_dump(kept))
    before = path.read_text()
    code, output = run("measure", lesson, "--seeds", "3", "--profile", "fast")
    assert code == 2
    assert "should be from one device" in output
    assert path.read_text() == before


def test_a_lesson_that_fails_is_told_and_leaves_no_record(run, course, lesson):
    write_lesson(course, "01-sums", LESSON.replace('print("a lesson begins")', "1 / 0"))
    code, output = run("measure", lesson, "--seeds", "1", "--profile", "fast")
    assert code == 1
    assert "ZeroDivisionError" in output
    assert not measured(course)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--seeds", "0"), "seeds should be 1 or more; got 0"),
        (("--profile", "slow"), "profile should be full or fast; got 'slow'"),
        (("07-none",), "07-none"),
    ],
)
def test_a_wrong_call_is_refused(run, lesson, words, told):
    code, output = run("measure", *words)
    assert code == 2
    assert told in output


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ("- {name: a, value: drawn +}", "is no Python expression"),
        ("- {name: a, value: unknown}", "cannot be worked out"),
    ],
)
def test_a_claim_that_cannot_be_worked_out_is_refused(run, course, lesson, claims, told):
    write_claims(course, claims)
    code, output = run("measure", lesson, "--seeds", "1", "--profile", "fast")
    assert code == 2
    assert told in output


def test_a_damaged_record_names_the_mend(run, course, lesson):
    path = record.path_of(course, lesson, "fast")
    path.parent.mkdir(parents=True)
    path.write_text("runs: [")
    code, output = run("measure", lesson, "--seeds", "1", "--profile", "fast")
    assert code == 2
    assert "is damaged" in output


def test_time_left_comes_from_runs_before(course, lesson):
    entry = {"seconds": 120, "device": "CPU", "numbers": {}, "holds": {}}
    assert measure_cli._left(course, "fast", {lesson: [0, 1]}) == ""
    record.write(course, lesson, "fast", "0", {0: entry})
    assert measure_cli._left(course, "fast", {lesson: [0, 1]}) == " (left: about 4 min)"
