"""A test's own words are recognised, however they get into its message."""

import nbformat
import pytest

from course_utils import checks
from course_utils.instructor.course import find_course
from course_utils.instructor.lessons.exercises import read_exercises
from course_utils.instructor.report.hints import GAP, Hints
from course_utils.instructor.report.messages import templates, values
from tests.instructor.toy_course import LESSON, ROOT, write_lesson

LONG = "words " * 20 + "to the end"  # no value of a hidden test may be as long
WAYS = {
    "as it is": f'assert False, "{LONG}"',
    "in an f-string": f'assert False, f"{LONG}"',
    "a variable": f'ask = "{LONG}"\nassert False, ask',
    "a variable in an f-string": f'ask = "{LONG}"\nassert False, f"{{ask}}"',
    "through two variables": f'ask = "{LONG}"\nwhat = ask\nassert False, what',
    "with a walrus": f'if (ask := "{LONG}"): assert False, ask',
    "two at once": f'number, ask = 3, "{LONG}"\nassert False, ask',
    "a condition": f'ask = "{LONG}" if total else "other words"\nassert False, ask',
    "raised": f'ask = "{LONG}"\nraise AssertionError(ask)',
    "a loop": f'for number, ask in ((1, "some words"), (2, "{LONG}")): pass\nassert False, ask',
    "a loop over a variable": f'asked = ["{LONG}"]\nfor ask in asked: assert False, ask',
    "a loop in a loop": f'for all in ((3, ("{LONG}", 2)),):\n'
    "    for number, (ask, two) in [all]: assert False, ask",
    "pairs within pairs": f'for one, (ask, two) in ((1, ("{LONG}", 2)),): assert False, ask',
    "put into a dict": f'asked = {{}}\nasked["low"] = "{LONG}"\nassert False, asked["low"]',
    "enumerate": f'for number, ask in enumerate(["{LONG}"]): assert False, ask',
    "zip": f'for number, ask in zip((1, 2), ("some words", "{LONG}")): pass\nassert False, ask',
    "a comprehension": f'[checks.equal(3, 4, ask) for ask in ["{LONG}"]]',
    "a dict": f'asked = {{"low": "some words", "high": "{LONG}"}}\nassert False, asked["high"]',
    "a dict's items": f'for what, ask in {{"low": "{LONG}"}}.items(): assert False, ask',
    "a dict's items, by name": f'asked = {{1: "{LONG}"}}\nfor _, ask in asked.items(): pass\n'
    "assert False, ask",
    "a dict's keys": f'for ask in {{"{LONG}": 3}}: assert False, ask',
    "a tuple's place": f'asked = ("some words", "{LONG}")\nassert False, asked[1]',
    "an argument": f'def ends(number, ask):\n    assert False, ask\nends(3, "{LONG}")',
    "an argument by its name": f'def ends(ask):\n    assert False, ask\nends(ask="{LONG}")',
    "a hint": f'ask = "{LONG}"\nchecks.equal(3, 4, "three", hint=ask)',
    "a name": f'for ask in ["{LONG}"]: checks.equal(3, 4, ask)',
}


def closed(code):
    """A test that is a closed box, and its message."""
    lines = "".join(f"    {line}\n" for line in code.splitlines())
    lines = f"    from course_utils import checks\n{lines}"
    box = f"def test_mean_hidden():\n{lines}test_mean_hidden()\n"
    with pytest.raises(AssertionError) as caught:
        exec(box, {"total": sum, "mean": sum})
    return box, str(caught.value)


@pytest.fixture
def hints(course):
    """A function that gives the hints of the toy lesson with another hidden test of ``mean``."""

    def hints(box):
        own = 'assert mean([1, 2]) == 1.5, "a mean need not be a whole number"'
        assert own in LESSON
        write_lesson(course, "01-sums", LESSON.replace(own, box))
        source = nbformat.read(course.source("01-sums"), as_version=4)
        return Hints(source, nbformat.read(course.released("01-sums"), as_version=4))

    return hints


@pytest.mark.parametrize("name", WAYS)
def test_words_of_a_test_are_told_in_full(name, hints):
    box, message = closed(WAYS[name])
    assert LONG in message
    assert hints(box).tell("mean-hidden", message) == message


@pytest.mark.parametrize(
    "code",
    [
        'ask = "w" * 99\nassert False, f"a long word: {ask}"',
        'def ask(): return "w" * 99\nassert False, f"a long word: {ask()}"',
        'for ask in [mean, "w" * 99]: pass\nassert False, f"a long word: {ask}"',
        f'asked = {{1: "{LONG}"}}\nasked[1] = "w" * 99\nassert False, f"a long word: {{asked[1]}}"',
        f'ask = "{LONG}"\nassert False, f"a long word: {{ask:.90}}"',
        f'ask = "{LONG}"\nask += "w" * 99\nassert False, f"a long word: {{ask}}"',
    ],
)
def test_what_is_not_a_test_s_own_words_stays_a_value(code, hints):
    box, message = closed(code)
    assert hints(box).tell("mean-hidden", message) == f"a long word: {GAP}"


def test_many_ways_take_no_time_and_lose_no_message(hints):
    words = ", ".join(f'"the words {number}"' for number in range(30))
    loops = "".join(f"for it{n} in ({words}): pass\n" for n in range(8))
    said = " ".join(f"{{it{n}}}" for n in range(8))
    box, message = closed(f'{loops}assert False, f"so many: {said}."')
    assert len(templates(box)) < 1000
    told = hints(box).tell("mean-hidden", message)
    assert told.startswith("so many: the words 29")


BY_HAND = (
    "one_hot called to_categorical of Keras. Write it with NumPy and plain Python only.",
    "<lambda> called mode of SciPy. Write it with NumPy and plain Python only.",
    "correlate called corrcoef of NumPy. Write it without that.",
    "make_pipeline called batches of the course. Write it without that.",
)


@pytest.mark.parametrize("said", BY_HAND)
def test_what_was_called_instead_of_written_by_hand_is_told(said, hints):
    box, _ = closed("checks.by_hand(mean, [3])\nassert False")
    assert hints(box).tell("mean-hidden", said) == said
    assert hints("pass").tell("mean-hidden", said) == ""
    assert hints(box).tell("mean-hidden", said.replace("called", "called x" + "x" * 99)).count(GAP)


def test_by_hand_says_what_is_told(hints):
    box, _ = closed("checks.by_hand(mean, [3])\nassert False")
    with pytest.raises(AssertionError) as caught:
        checks.by_hand(lambda: __import__("pandas").Series([1]).mean())
    message = str(caught.value)
    assert hints(box).tell("mean-hidden", message) == message


@pytest.mark.parametrize(
    "check",
    [
        'checks.is_group(mean([3]), 2, "mean", hint="give a mean and an error.")',
        'checks.is_group([3], 2, "the answer")',
        'checks.is_group(None, 2, "mean")',
        'import numpy as np\nchecks.equal(np.array(6), 6, "the sum of all counts")',
        "import numpy as np\nchecks.close(np.full(3, 1 / 3), np.array([0.33331] * 3), "
        '"softmax of equal scores", hint="divide by the sum.")',
        'checks.close([[1.0, 2]], [[1.0, 2.0000501]], "the two means", tolerance=1e-9)',
        'checks.parameter_count(3, 3, hint="add up all layers.")',
        'checks.is_array([3], "the means")',
    ],
)
def test_what_checks_say_is_told_of_hidden_tests_too(check, hints):
    box, message = closed(check)
    assert hints(box).tell("mean-hidden", message) == message


def test_a_long_array_does_not_take_the_place_of_the_hint(hints):
    array = "import numpy as np\ngiven = np.arange(48).reshape(6, 2, 4) / 3\n"
    box, message = closed(f'{array}checks.equal(given, 3 * given, "six", hint="look here.")')
    visible = Hints.__new__(Hints)
    visible.__dict__ |= vars(hints(box)) | {"_hidden": set()}
    assert len(message.splitlines()) > 14
    assert visible.tell("mean-hidden", message) == (
        f"six: expected\n{GAP}\nbut got\n{GAP}\nLook at this: look here."
    )


def test_every_message_of_the_course_s_tests_has_words():
    """No message of a lesson consists of values alone, of which a student would read nothing."""
    course = find_course(ROOT)
    for path in sorted((ROOT / "notebooks").glob("*/*.ipynb")):
        source = nbformat.read(course.source(path.stem), as_version=4)
        for exercise in read_exercises(source).values():
            for test, code in exercise.tests.items():
                assert templates(code), f"{path.stem}, {test}"


def test_values_stand_between_the_literal_parts():
    assert values(["a ", " of ", "."], "a cat of mine.") == ["cat", "mine"]
    assert values(["a ", " of ", "."], "a cat.") is None
    assert values(["a"], "a") == []
    assert values(["", " b ", ""], "a b b b ") == ["a", "b b "]
