"""Guesses of every kind are understood and compared; none can break a lesson or flood it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.guesses import LONGEST, OTHER, judge, typical_distance


class Hostile:
    """Fails at whatever is asked of it."""

    def __repr__(self):
        raise RuntimeError

    __eq__ = __array__ = __float__ = __len__ = __iter__ = __hash__ = __repr__


@pytest.mark.parametrize(
    ("guess", "outcome", "form", "line"),
    [
        (None, 4, None, "You left this one open; it was 4."),
        (5, 4, None, "You said 5; it was 4: one too many."),
        (2, 4, None, "You said 2; it was 4: 2 too few."),
        (4, 4.0, ",d", "You said 4; it was 4: spot on."),
        (118000, 118282, ",d", "You said 118,000; it was 118,282: 282 too few."),
        (-3, -1.5, None, "You said -3; it was -1.5: 1.5 too low."),
        (0.5, 0.53, None, "You said 0.5; it was 0.53: 0.03 too low."),
        (0, -0.2, ".0f", "You said 0; it was 0: spot on."),
        (-1, -0.0004, ".1%", "You said -100.0%; it was 0.0%: 100.0 points too low."),
        (0.6, 0.53, ".1%", "You said 60.0%; it was 53.0%: 7.0 points too high."),
        (60, 0.53, ".0%", "You said 60%; it was 53%: 7 points too high."),
        ("60 %", 0.53, ".0%", "You said 60%; it was 53%: 7 points too high."),
        ("0,6", 0.53, None, "You said 0.6; it was 0.53: 0.07 too high."),
        ("1,234", 1234, None, "You said 1,234; it was 1,234: spot on."),
        (np.float32(3), np.array([4]), None, "You said 3; it was 4: one too few."),
        ((0.6, 0.4), 0.53, None, "You said 0.4 to 0.6; it was 0.53: inside your range."),
        ([40, 60], 0.7, ".0%", "You said 40% to 60%; it was 70%: 10 points above your range."),
        ("40 to 60 %", 0.3, ".0%", "You said 40% to 60%; it was 30%: 10 points below your range."),
        ((0.4, 0.6), 0.6004, ".1%", "You said 40.0% to 60.0%; it was 60.0%: inside your range."),
        (True, np.True_, None, "You said yes, and so it was."),
        ("No.", True, None, "You said no; it was yes: the other way round."),
        (" Shirt ", "shirt", None, "You said Shirt, and so it was."),
        ("coat", "shirt", None, "You said coat; it was shirt: something else."),
        (
            "it falls at first",
            "falls",
            None,
            "You said “it falls at first”; it was falls: compare the two yourself.",
        ),
        ((1, 3, 2), [1, 2, 3], None, "You said 1, 3, 2; it was 1, 2, 3: 1 of 3 in their place."),
        ("a, b", ("a", "b"), None, "You said a, b, and so it was."),
        ((0.1, 0.3), np.array([0.1, 0.3]), None, "You said 0.1, 0.3, and so it was."),
    ],
)
def test_a_guess_is_held_against_what_came(guess, outcome, form, line):
    assert str(judge(guess, outcome, form)) == line


@pytest.mark.parametrize(
    ("guess", "outcome", "advice"),
    [
        ("many", 4, "write a number, or a range such as (0.4, 0.6)"),
        (float("nan"), 4, "write a number, or a range such as (0.4, 0.6)"),
        ((1, 2, 3), 4, "write a number, or a range such as (0.4, 0.6)"),
        (True, 4, "write a number, or a range such as (0.4, 0.6)"),
        (7, True, "write True or False"),
        (7, "shirt", "write a word in quotation marks"),
        (7, (1, 2), "write them in a row, such as (3, 1, 2)"),
    ],
)
def test_a_guess_of_another_kind_gets_advice(guess, outcome, advice):
    judgement = judge(guess, outcome)
    assert judgement.kind == OTHER
    assert f"{judgement}".endswith(f" To see how far off that was, {advice}.")


def test_a_list_that_holds_itself_is_shown_in_short():
    endless = []
    endless.append(endless)
    assert len(str(judge(endless, 4))) < 4 * LONGEST


def test_a_number_that_python_will_not_write_is_no_number():
    assert judge(10**5000, 4).kind == OTHER


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(),
    st.complex_numbers(), st.builds(Hostile), st.sampled_from([print, 10**5000, 10**299, np.nan]),
    st.sampled_from([np.zeros((3, 3)), np.array([]), np.array("x"), np.float16(1), np.arange(999)]),
    st.just("x" * 10**5), st.just([[[0] * 20] * 20] * 20),
)  # fmt: skip
ODD = st.one_of(ODD, st.lists(ODD), st.tuples(ODD, ODD), st.dictionaries(st.text(), ODD))


@settings(deadline=None)
@given(ODD, ODD, st.sampled_from([None, ".1%", ",d", ".2f", "no form", 7]))
def test_nothing_breaks_or_floods(guess, outcome, form):
    line = str(judge(guess, outcome, form))
    assert len(line) < 4 * LONGEST + 80
    assert "\n" not in line


def test_distances_are_shares_of_what_came():
    guesses = [judge(5, 4), judge(90, 100), judge(0, 0), judge((1, 2), 1), judge(None, 1)]
    assert typical_distance(guesses) == pytest.approx(0.1)
    assert typical_distance(guesses[3:]) is None
    assert judge(3, 0).distance is None
