"""Pages tell students what they need, and nothing that they must not get."""

import base64
import html
import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest
import yaml
from traitlets.config.loader import PyFileConfigLoader

from course_utils.instructor.course import CONFIGURATION, find_course
from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.gradebook.records import sign_off
from course_utils.instructor.lessons.exercises import read_exercises
from course_utils.instructor.plain_text import cleaned
from course_utils.instructor.report import feedback as feedback_module
from course_utils.instructor.report.feedback import (
    PLACE,
    feedback_path,
    read_lesson,
    write_feedback,
)
from course_utils.instructor.report.hints import GAP, Hints
from tests.instructor.marked_class import mark
from tests.instructor.toy_course import LESSON, ROOT, write_lesson

NAME = "01-sums"
EMPTY = {"link", "meta", "br", "hr", "img", "input"}
SECRET = "assert numbers == [1, 2, 3]"


class Reader(HTMLParser):
    """Reads a page: its tags, and that each is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes = [], set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def page_of(course):
    """A function that writes a student's page, and gives it as text to read and as HTML."""

    def page_of(student="ada"):
        (page,) = write_feedback(course, [NAME], student)
        source = page.path.read_text(encoding="utf-8")
        text = html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", source, flags=re.DOTALL))
        return " ".join(text.split()), source

    return page_of


def hints_of(course, lesson=LESSON):
    write_lesson(course, NAME, lesson)
    source = nbformat.read(course.source(NAME), as_version=4)
    return Hints(source, nbformat.read(course.released(NAME), as_version=4))


def test_a_page_teaches(course, page_of):
    said = "total([1, 2]) should be 3; yours gives 4."
    mark(
        course,
        "ada",
        points={"total-visible": 0.0, "total-hidden": 0.0, "mean-hidden": 0.0},
        messages={
            "total-visible": said,
            "total-hidden": "an empty list should give 0",
            "mean-hidden": "a mean need not be a whole number",
        },
        repairs=["2 cells had no id, or one that another cell has, and got a new one."],
    )
    text, _ = page_of()
    assert "Feedback for ada Sums and means 1 of 9 points so far ? 2 more wait for your" in text
    assert "total 0 of 3 ✗ not yet The test in your notebook: 0 of 1 " + said in text
    assert "✗ not yet Further tests: 0 of 2 an empty list should give 0 Next: Run the test" in text
    assert "mean 1 of 4 ✓ passed The test in your notebook: 1 of 1" in text
    assert "a mean need not be a whole number Next: The test in your notebook passes; the" in text
    assert "In your own words 2 points open Your answer Nothing can be divided by zero" in text
    assert "? waits for your instructor" in text
    assert "What was mended before grading None of this cost points. 2 cells had no id" in text


def test_points_and_comments_given_by_hand_are_shown(course, page_of):
    mark(course, "ada", by_hand={"why": 1.5}, comments={"why": "Well said.", "total": "Elegant."})
    text, _ = page_of()
    assert "8.5 of 9 points" in text
    assert "so far" not in text
    assert "1.5 of 2" in text
    assert "Your instructor gave these points. Comment Well said." in text
    assert "Comment Elegant." in text


def test_a_test_that_did_not_run_is_no_zero(course, page_of):
    reasons = ["cell 5 (total): stopped after 30 s", "cell 6: the kernel was killed"]
    mark(course, "ada", points={"total-hidden": None}, status="needs review", reasons=reasons)
    text, _ = page_of()
    assert "total 1 of 3, 2 open" in text
    assert "not run Further tests: 2 open Next: A test could not be run" in text
    assert "Your instructor will look at this notebook; the points may change." in text
    assert "ran for longer than is allowed and was stopped. A cell ended Python itself" in text


def test_what_could_not_be_graded_is_said_in_a_student_s_words(course, page_of):
    why = (
        "Expected a Jupyter notebook (.ipynb); the file is a Word document. "
        "Ask the student for the notebook itself (.ipynb)."
    )
    mark(course, "ada", status="could not grade", reasons=[why])
    text, _ = page_of()
    assert "Not graded: not a zero Your notebook could not be graded. A Jupyter notebook" in text
    assert "the file is a Word document." in text
    assert "Ask the student" not in text
    assert "0 of" not in text


@pytest.mark.parametrize(
    ("came", "told"),
    [
        (
            "this one is '2 · Neurons', with 1 of its 3 exercises. Collect it as …",
            "It is the notebook of another lesson: “2 · Neurons”. Hand in your notebook of “Sums",
        ),
        (
            'this one is "2 · Let\'s see" and has none of its exercises. Grade it as …',
            "It is the notebook of another lesson: “2 · Let's see”.",
        ),
        (
            f"this one is {SECRET!r} and has none of its exercises. Grade it as …",
            "It is not the notebook of this lesson: this lesson's exercises are not in it. Hand in",
        ),
        ("this one has none of its exercises. Grade it as …", "It is not the notebook of this"),
    ],
)
def test_a_notebook_of_another_lesson_is_told(course, page_of, came, told):
    reasons = [f"Expected the notebook of 'Sums and means'; {came}"]
    mark(course, "ada", status="could not grade", reasons=reasons)
    text, _ = page_of()
    assert told in text
    assert "Open it once more" not in text


def test_an_instructor_s_folders_are_not_told(course, page_of):
    why = f"KeyError: 'cells' (see {course.logs}/Marking.log)"
    mark(course, "ada", status="could not grade", reasons=[why])
    text, _ = page_of()
    assert "Marking.log" not in text


def test_pages_of_what_changed_since_are_removed(course, page_of):
    mark(course, "ada")
    page_of()
    hand_in(course, "ada", NAME, {"total": "total = max"})
    (page,) = write_feedback(course, [NAME])
    assert (page.state, page.path) == ("not graded yet", None)
    assert not feedback_path(course, "ada", NAME).exists()


def test_whatever_students_write_stays_text(course, page_of):
    evil = '"><script>alert(1)<img src=x onerror=alert(2)>'
    student = f"eve {evil}\u202e"
    mark(
        course,
        student,
        answers={"why": f"{evil} `{evil}` $\\text{{{evil}}}$ $\\href{{javascript:x}}{{y}}$ \x00"},
        points={"total-visible": 0.0, "mean-visible": 0.0},
        messages={"total-visible": evil + "\x1b[31m\x07", "mean-visible": f"KeyError: {evil}"},
        comments={"why": evil},
        repairs=[evil],
        status="needs review",
        reasons=[evil],
    )
    text, source = page_of(student)
    reader = Reader()
    reader.feed(source)
    assert reader.open == []
    assert not reader.tags & {"script", "img", "a", "link", "iframe", "object"}
    assert not any(name.startswith("on") or name in ("href", "src") for name in reader.attributes)
    assert evil.replace("  ", " ") in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", source)


def test_a_page_needs_nothing_else(course, page_of):
    mark(course, "ada")
    _, source = page_of()
    assert "default-src 'none'" in source
    assert not re.search(r"url\(|@import|https?://", source)
    assert 'name="viewport" content="width=device-width' in source


# What a hidden test's message may tell.

FORMATTED = LESSON.replace(
    'assert mean([1, 2]) == 1.5, "a mean need not be a whole number"',
    "given = [1, 2]\n"
    'hint = "a mean need not be whole"\n'
    'assert mean(given) == 1.5, f"for {given} expected {1.5}: {hint}; got {mean(given)}"',
)
GIVES = "total([1, 2]) should be 3; yours gives {}."
FORM = "for [1, 2] expected 1.5: a mean need not be whole; got {}"


@pytest.mark.parametrize(
    ("came", "told"),
    [
        ("2", FORM.format("2")),
        ("[0.5, 1.5]", FORM.format("[0.5, 1.5]")),
        (SECRET, FORM.format(GAP)),
        (SECRET[::-1], FORM.format(GAP)),
        (" ".join(SECRET).upper(), FORM.format(GAP)),
        (base64.b64encode(SECRET.encode()).decode(), FORM.format(GAP)),
        ("".join(f"\\x{it:02x}" for it in SECRET.encode()), FORM.format(GAP)),
        ("7" * 100, FORM.format(GAP)),
    ],
)
def test_values_in_a_hidden_test_s_message_are_told_if_they_are_harmless(course, came, told):
    assert hints_of(course, FORMATTED).tell("mean-hidden", FORM.format(came)) == told


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("an empty list should give 0", "an empty list should give 0"),
        ("an empty list should give 0 and so on", ""),
        (SECRET, ""),
        ("", ""),
        (f"ValueError: {SECRET}", "Your code raised ValueError in a further test."),
        ("AxisError: axis 3", "Your code raised AxisError in a further test."),
        ("AssertTotalIsZero: x", ""),
        ("NameError", ""),
        ("Stopped: stopped after 30 s", "It ran for too long, and was stopped."),
        (f"Stopped: stopped after 30 s {SECRET}", ""),
        (
            "KernelDied: this cell ended the kernel, which was ended by SIGSEGV",
            "It ended Python itself: sys.exit, a crash, or too much memory.",
        ),
    ],
)
def test_of_a_hidden_test_only_its_own_message_is_told(course, message, told):
    assert hints_of(course).tell("total-hidden", message) == told


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("total([1, 2]) should be 3; yours gives 4.", "total([1, 2]) should be 3; yours gives 4."),
        ("NameError: name 'tottal' is not defined", "NameError: name 'tottal' is not defined"),
        (f"ValueError: {SECRET}", "Your code raised ValueError in this test."),
        (f"ValueError: {SECRET[::-1]}", "Your code raised ValueError in this test."),
        (SECRET, ""),
        ("assert tQZ otal([])QZ == 0", ""),  # as a student's own AssertionError would say it
        ("total([1, 2]) should be 3; yours gives " + "no " * 99 + ".", GIVES.format(GAP)),
        (GIVES.format(SECRET), GIVES.format(GAP)),
        (GIVES.format("[[1, 2],\n [nan, 4e-05]]"), GIVES.format("[[1, 2],\n [nan, 4e-05]]")),
        ("MineError: of my own", ""),
        ("InvalidArgumentError: shapes differ", "InvalidArgumentError: shapes differ"),
    ],
)
def test_a_visible_test_tells_no_hidden_one(course, message, told):
    # A function can keep the source of a hidden test, and raise it in a later visible one.
    assert hints_of(course).tell("total-visible", message) == told


BANK = ROOT / "tests" / "grading" / "bank"
NEEDS_NUMPY_ONLY = (
    ("01-pixels-and-labels", "brighten"),
    ("01-pixels-and-labels", "one_hot"),
    ("01-pixels-and-labels", "flatten"),
    ("02-neurons-to-networks", "softmax"),
    ("02-neurons-to-networks", "pattern_neuron"),
    ("02-neurons-to-networks", "network_scores"),
    ("04-fashion-mnist", "recall_and_precision"),
    ("08-what-helps", "early_stopping"),
    ("09-feature-maps", "strongest_places"),
    ("10-watching-it-learn", "distances_moved"),
)


@pytest.mark.parametrize(("lesson", "name"), NEEDS_NUMPY_ONLY)
def test_what_our_own_visible_tests_say_is_told_in_full(lesson, name):
    source = nbformat.read(find_course(ROOT).source(lesson), as_version=4)
    hints = Hints(source, nbformat.v4.new_notebook())
    test = f"{name}-visible"
    code = read_exercises(source)[name].tests[test]
    said = set()
    for wrong in yaml.safe_load((BANK / lesson / f"{name}.yaml").read_text("utf-8"))["wrong"]:
        names = {"np": np, "math": math}
        exec(wrong["code"], names)
        try:
            with np.errstate(all="ignore"):
                exec(f"from course_utils import checks\n{code}", names)
        except AssertionError as error:
            said.add(str(error))
        except NameError:
            pass  # it uses TensorFlow or Keras, which are not loaded for this
    assert said
    assert {text: hints.tell(test, text) for text in said} == {text: text for text in said}


def test_what_an_error_says_is_short(course):
    # What a test says may be long, since arrays are; what an error says need not be.
    told = hints_of(course).tell("total-visible", f"ValueError: {'ab ' * 200}\nmore")
    assert told.startswith("ValueError: ab ab")
    assert len(told) < 210


def test_the_instructor_is_told_who_reads_hidden_tests(course, run):
    failed = {"total-visible": 0.0, "total-hidden": 0.0}
    honest = {"total-visible": "total([1, 2]) should be 3; yours gives 4.", "total-hidden": ""}
    for student, messages in (
        ("honest", honest),
        ("spy", honest | {"total-visible": f"ValueError: {SECRET}"}),
        ("mole", honest | {"total-hidden": f"ValueError: {SECRET}"}),
    ):
        mark(course, student, points=failed, messages=messages)
    code, output = run("feedback", NAME)
    assert code == 0, output
    assert "What a test said to mole, spy was left out" in output


def test_untouched_exercises_are_told_from_errors(course):
    stub = "This exercise is waiting for you: replace this line with your answer."
    hints = hints_of(course)
    assert hints.tell("total-visible", stub) == stub
    assert hints.tell("total-hidden", stub) == "This exercise is waiting for your answer."


def test_a_message_that_gives_a_solution_away_is_withheld_and_others_stay(course):
    solution = "return math.fsum(numbers) / len(numbers)"  # no hidden test: `hints` lets it pass
    leak = f"mean([2, 4]) should be 3; yours gives {solution}."
    harmless = "total([1, 2]) should be 3; yours gives 4."
    mark(
        course,
        "ada",
        points={"total-visible": 0.0, "mean-visible": 0.0},
        messages={"total-visible": harmless, "mean-visible": leak},
    )
    (page,) = write_feedback(course, [NAME])
    source = page.path.read_text(encoding="utf-8")
    assert page.withheld
    assert "fsum" not in source
    assert harmless in html.unescape(source)


def test_a_page_that_would_leak_without_messages_is_not_written(course):
    mark(course, "ada")
    next(write_feedback(course, [NAME]))
    release = nbformat.read(course.released(NAME), as_version=4)
    release.cells[0].source = "# return math.fsum(numbers) / len(numbers)"
    nbformat.write(release, course.released(NAME))
    (page,) = write_feedback(course, [NAME])
    assert page.path is None
    assert "would give a solution or a hidden test away" in page.problem
    assert not feedback_path(course, "ada", NAME).exists()


def test_a_right_written_answer_is_the_student_s_own(course, page_of):
    answer = "Because there is nothing to divide the sum among."  # word for word the model answer
    mark(course, "ada", answers={"why": answer})
    text, _ = page_of()
    assert answer in text


def test_a_disk_that_fills_up_leaves_the_earlier_page(course, page_of, monkeypatch):
    mark(course, "ada")
    _, before = page_of()
    mark(course, "ada", points={"total-visible": 0.0})

    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(feedback_module, "write_whole", full)
    with pytest.raises(OSError, match="No space"):
        list(write_feedback(course, [NAME]))
    assert feedback_path(course, "ada", NAME).read_text(encoding="utf-8") == before


def test_signs_that_are_not_seen_are_replaced():
    assert cleaned("a\x1b[31mb\x00c\u202ed\u200ee\ud800") == "ab\ufffdc\ufffdd\ufffde\ufffd"
    assert cleaned("é 👩\u200d🔬\n中") == "é 👩\u200d🔬\n中"


def test_the_command_tells_what_it_wrote_and_whom_it_left_out(course, run):
    code, output = run("feedback")
    assert code == 2
    assert "Nothing handed in by anybody for 01-sums, 02-more-sums." in output
    mark(course, "ada")
    hand_in(course, "bo", NAME, {})
    code, output = run("feedback", NAME)
    assert code == 0, output
    assert "Pages: 1, in " in output
    assert "No page, because not graded yet: bo. Run: course grade" in output


def test_pages_that_nbgrader_made_are_not_to_be_handed_out(course, run):
    mark(course, "ada")
    foreign = course.build / "feedback" / "ada" / NAME / f"{NAME}.html"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("assert total([]) == 0")
    code, output = run("feedback", NAME)
    assert code == 1
    assert f"Do not hand out {foreign}: nbgrader made it" in output


def test_a_lesson_that_is_not_released_is_told(course, run):
    mark(course, "ada")
    course.released(NAME).unlink()
    code, output = run("feedback", NAME)
    assert code == 2
    assert "01-sums has not been released. Run: course release 01-sums" in output


def test_an_untouched_answer_is_told(course, page_of):
    mark(course, "ada", answers={"total": "total = sum"}, points={"why": 0.0})
    text, _ = page_of()
    assert "In your own words 0 of 2 Nothing was written here yet." in text
    assert "Replace this line" not in text


def test_names_of_the_class_list_are_shown(course, page_of):
    course.build.joinpath("roster.csv").write_text('id,name\nada,"O\'Hara, ""A"" <Ada>"\n')
    mark(course, "ada")
    text, _ = page_of()
    assert """Feedback for O'Hara, "A" <Ada> ( ada )""" in text


def test_lateness_is_told(course):
    mark(course, "ada")
    lesson = feedback_module.read_lesson(course, NAME)
    (standing,) = feedback_module.read_standings(course, NAME)
    late = replace(standing, late=True, received="2026-11-22T10:00:00+00:00")
    source, _ = feedback_module.make_page(late, lesson, {})
    assert re.search(r"Handed in on 2\d November 2026, \d\d:\d\d UTC\S*, <b>late</b>", source)
    source, _ = feedback_module.make_page(replace(late, at_latest=True, late=None), lesson, {})
    assert re.search(r"Handed in by 2\d November 2026, \d\d:\d\d UTC\S*</p>", source)


def test_what_was_reviewed_waits_for_nobody(course, page_of):
    record = mark(
        course, "ada", by_hand={"why": 1.0}, status="needs review", reasons=["cell 3: odd"]
    )
    assert "will look" in page_of()[0]
    sign_off(course, record)
    text, _ = page_of()
    assert "Your instructor has looked at this notebook" in text
    assert "will look" not in text


def test_an_id_that_nobody_has_is_told(course, run):
    mark(course, "ada")
    code, output = run("feedback", "--student", "adda")
    assert code == 2
    assert "Nobody is known as 'adda': expected the id of" in output


def test_nbgrader_s_own_pages_go_elsewhere(course):
    settings = PyFileConfigLoader(CONFIGURATION, path=str(course.root)).load_config()
    place = settings.CourseDirectory.feedback_directory
    assert (place, PLACE) == ("build/nbgrader-feedback", "feedback")


@pytest.mark.parametrize(
    "letters", ["aeopcy\u0430\u0435\u043e\u0440\u0441\u0443", "aeo\u00e5\u00e9\u00f6"]
)
def test_a_hidden_test_in_letters_that_look_alike_is_left_out(released_course, letters):
    half = len(letters) // 2
    alike = str.maketrans(letters[:half], letters[half:])
    hints = read_lesson(released_course, "01-sums").hints
    text = "assert numbers == [1, 2, 3]\ntotal(numbers)"
    assert hints.tell("mean-visible", text) == ""
    assert hints.tell("mean-visible", text.translate(alike)) == ""
    honest = "mean([2, 4]) should be 3; yours gives 4 \u00b5m and \u0394 = 2."
    assert hints.tell("mean-visible", honest) == honest
