"""The friendly asserts pass what is right and, for what is wrong, say expected, got and mend."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from course_utils import checks

ROW = np.array([1.0, 2.0])


@pytest.mark.parametrize(
    ("check", "arguments", "options"),
    [
        (checks.is_array, (ROW, "f"), {"shape": (2,), "dtype": np.floating}),
        (checks.is_array, (np.zeros((2, 3), np.uint8), "f"), {"dtype": np.uint8}),
        (checks.equal, (ROW, np.array([1, 2]), "f"), {}),
        (checks.equal, (6, 6, "f"), {}),
        (checks.equal, (np.int64(6), 6, "f"), {}),
        (checks.equal, ((4, 9), (4, 9), "f"), {}),
        (checks.equal, ("ReLU", "ReLU", "f"), {}),
        (checks.equal, ([4, 9], (4, 9), "f"), {}),
        (checks.equal, (np.array([4, 9]), (4, 9), "f"), {}),
        (checks.is_group, ((1, 2), 2, "f"), {}),
        (checks.is_group, ([1, 2], 2, "f"), {}),
        (checks.close, (0.1 + 0.2, 0.3, "f"), {}),
        (checks.close, (ROW + 1e-9, ROW, "f"), {}),
        (checks.close, ([1.0, 2.0], ROW, "f"), {}),
    ],
)
def test_right_answers_pass(check, arguments, options):
    check(*arguments, **options)


@pytest.mark.parametrize(
    ("check", "arguments", "options", "message"),
    [
        (checks.is_array, ([1, 2], "f"), {}, r"f: expected a NumPy array, but got \[1, 2\]"),
        (checks.is_array, (None, "f"), {}, "is a return missing"),
        (checks.is_array, (len, "f"), {}, "the function len itself"),
        (checks.is_array, (ROW, "f"), {"shape": (3,)}, r"shape \(3,\), but got shape \(2,\)"),
        (
            checks.is_array,
            (ROW, "f"),
            {"dtype": np.uint8},
            "array of uint8, but got one of float64",
        ),
        (checks.is_array, (ROW, "f"), {"dtype": np.integer}, "an array of whole numbers"),
        (checks.is_array, (ROW > 0, "f"), {"dtype": np.number}, "an array of numbers, but got"),
        (checks.equal, (ROW, np.array([1, 3]), "f"), {}, r"expected \[1, 3\], but got \[1., 2.\]"),
        (checks.equal, (ROW, np.ones(3), "f"), {}, "shape"),
        (checks.equal, (5, 6, "f"), {}, "expected 6, but got 5"),
        (checks.equal, (True, 1, "f"), {}, "expected 1, but got True"),
        (checks.equal, (ROW, 1, "f"), {}, "expected 1, but got"),
        (checks.equal, (None, 6, "f"), {}, "is a return missing"),
        (checks.equal, ((np.int64(9), 4), (4, 9), "f"), {}, r"expected \(4, 9\), but got \(9, 4\)"),
        (checks.equal, ([4], (4, 9), "f"), {}, r"but got \(4,\)"),
        (checks.equal, (np.array(4), (4, 9), "f"), {}, r"expected \(4, 9\), but got 4"),
        (checks.equal, ((None, 9), (4, 9), "f"), {}, r"but got \(None, 9\)\.$"),
        (checks.equal, (np.array(6), 6, "f"), {}, "but got 6, which is of another kind"),
        (checks.close, (None, ROW, "f"), {}, "is a return missing"),
        (checks.close, ("0.3", 0.3, "f"), {}, "expected 0.3, but got '0.3'"),
        (checks.is_group, (None, 2, "f"), {}, "2 things.*None .is a return missing"),
        (checks.is_group, ((1, 2, 3), 2, "f"), {}, "expected 2 things, but got 3"),
        (checks.is_group, (ROW, 2, "f"), {}, "expected 2 things, with a comma between them"),
        (checks.close, (0.5, 0.3, "f"), {}, "expected 0.3, but got 0.5"),
        (checks.close, (np.nan, 0.3, "f"), {}, "but got nan"),
        (checks.close, ("three", 3.0, "f"), {}, "expected 3.0, but got 'three'"),
        (checks.close, (None, 3.0, "f"), {}, "is a return missing"),
        (checks.close, (ROW, np.ones((2, 2)), "f"), {}, r"shape \(2, 2\), but got shape \(2,\)"),
    ],
)
def test_wrong_answers_are_told_what_was_expected_and_what_came(check, arguments, options, message):
    with pytest.raises(AssertionError, match=message):
        check(*arguments, **options)


def test_hint_comes_last_on_a_line_of_its_own():
    with pytest.raises(AssertionError) as caught:
        checks.equal(5, 6, "f", hint="count again.")
    assert str(caught.value).splitlines()[-1] == "Look at this: count again."


def test_long_answers_are_shortened():
    with pytest.raises(AssertionError) as caught:
        checks.equal("x" * 10_000, 6, "f")
    assert len(str(caught.value)) < 300


def test_arrays_of_several_rows_stand_on_lines_of_their_own():
    with pytest.raises(AssertionError) as caught:
        checks.equal(np.zeros((2, 2)), np.eye(2), "f")
    assert "expected\n[[1., 0.],\n [0., 1.]]\nbut got\n[[0., 0.]," in str(caught.value)


class FakeModel:
    """Looks like a Keras model to ``parameter_count``."""

    def __init__(self, built, count=0):
        self.built = built
        self.count_params = lambda: count


def test_parameter_count():
    checks.parameter_count(FakeModel(True, 6), 6)
    with pytest.raises(AssertionError, match="expected 1,290 parameters, but got 1,280"):
        checks.parameter_count(FakeModel(True, 1280), 1290)
    with pytest.raises(AssertionError, match="start it with keras.Input"):
        checks.parameter_count(FakeModel(False), 6)
    with pytest.raises(AssertionError, match="expected a Keras model, but got None"):
        checks.parameter_count(None, 6)


def test_objects_that_cannot_be_compared_count_as_different():
    class Stubborn:
        def __eq__(self, other):
            raise RuntimeError

    with pytest.raises(AssertionError, match="expected 6"):
        checks.equal(Stubborn(), 6, "f")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: checks.is_array(ROW, "f", shape=[2]), TypeError, "shape should be a tuple"),
        (lambda: checks.close(1, 1, "f", tolerance=0), ValueError, "tolerance should be above 0"),
        (lambda: checks.close(1, 1, "f", tolerance=None), ValueError, "tolerance should be above"),
        (lambda: checks.close(1, "abc", "f"), TypeError, "expected should be a number"),
    ],
)
def test_authors_mistakes_are_not_blamed_on_the_student(call, error, message):
    with pytest.raises(error, match=message):
        call()


@given(arrays.arrays(float, st.integers(1, 30), elements=st.floats(-1e6, 1e6)))
def test_close_accepts_rounding_and_refuses_more(array):
    checks.close(array * (1 + 1e-8), array, "f")
    with pytest.raises(AssertionError):
        checks.close(array + 0.01 * (1 + abs(array)), array, "f")
