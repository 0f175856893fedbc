"""Why a test could not pass, told in words that a student can act on."""

import pytest
from nbformat.v4 import new_code_cell, new_output

from course_utils.instructor.grade.cause import cause

MISSING = "NameError: name 'flatten' is not defined"


def answer(source, error=""):
    """An executed answer's cell."""
    shown = [new_output("error", ename=error, evalue="", traceback=[])] if error else []
    return new_code_cell(source, outputs=shown)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("def flatten(images):\n    return (images", 2),
        ("def flatten(images)\n    return images", 1),
        ("!pip install x\ndef flatten(images):\nreturn images", 3),
        ("def flatten(images):\n    return images\n  x = 1", 3),
    ],
)
def test_a_syntax_error_is_told_as_one_with_its_line(source, line):
    words = cause(answer(source, "SyntaxError"), MISSING)
    assert words.startswith(f"SyntaxError: line {line} of your answer is no Python 3.")


def test_a_cell_that_stopped_above_its_function_is_told():
    words = cause(answer("1 / 0\ndef flatten(images): pass", "ZeroDivisionError"), MISSING)
    assert words == "Your answer's cell stopped with ZeroDivisionError before it came to flatten."


def test_a_name_that_the_answer_uses_and_nothing_gives_is_told():
    words = cause(
        answer("def flatten(images): return npp.ravel(images)"), MISSING.replace("flatten", "npp")
    )
    assert words == "Your answer uses the name npp, which nothing in the notebook gives it."


@pytest.mark.parametrize(
    ("source", "other"),
    [
        ("import cv2\ndef flatten(images): return cv2.flip(images)", "x = 1"),
        ("def flatten(images): return cv2.flip(images)", "import torch, cv2"),
        ("def flatten(images): return cv2(images)", "%matplotlib inline\ncv2 = open('/content/x')"),
        ("def flatten(images): return cv2(images)", "class Cv2[T of a newer Python]\ncv2 = 1"),
    ],
)
def test_a_line_that_did_not_work_is_no_name_that_nothing_gives(source, other):
    words = cause(answer(source), MISSING.replace("flatten", "cv2"), [other])
    assert words == (
        "Your answer uses the name cv2, and the line that makes it did not work where this was "
        "graded."
    )


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def flatten(images): return images", "flatten: expected 1, but got 2."),
        ("def flatten(images): return images", "NameError: name 'a_secret' is not defined"),
        ("def flatten(images): return images", "NameError: name 'x y' is not defined"),
        ("def flatten(images): return images", "TypeError: name 'images' is not defined"),
    ],
)
def test_otherwise_the_test_speaks_for_itself(source, message):
    assert cause(answer(source), message) == ""
