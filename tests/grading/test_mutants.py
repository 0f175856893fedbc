"""Every mutant of a reference solution earns less than all points, or is listed with a reason.

A lesson's file in ``mutants/`` keeps, for each exercise, what came out and the survivors. Where an
exercise is still the one that was judged, the file is only read; where its solution or its tests
have changed, all its mutants are run. ``python -m tests.grading.judge_mutants`` runs them and
writes the files.
"""

import pytest

from tests.grading import judge_mutants
from tests.grading.answers import COURSE, exercises_to_test, lessons_to_test
from tests.grading.mutants import mutants

EXERCISES = exercises_to_test(COURSE, lessons_to_test())
SUMS = '''\
def total(numbers, start=2):
    """The sum."""
    ### BEGIN SOLUTION
    found = 0
    for number in numbers[1:]:
        if number > start and number in (1, 3):
            found += number * 2
    return np.maximum(found, 0)
    ### END SOLUTION
'''


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES)
def test_survivors_are_known(lesson, exercise):
    loose = judge_mutants.unexplained(COURSE, lesson, exercise)
    assert not loose, (
        f"{lesson}, {exercise}: these wrong answers earn all points: {'; '.join(loose)}. Make a "
        f"test see them, or say in tests/grading/mutants/{lesson}.yaml why they are right."
    )


@pytest.mark.parametrize(
    "changed",
    [
        "found = 0 → found = 1",
        "found = 0 → pass",
        "for number in numbers[1:]: → for number in numbers[:]:",
        "if number > start and number in (1, 3): → if number >= start and number in (1, 3):",
        "if number > start and number in (1, 3): → if number > start or number in (1, 3):",
        "if number > start and number in (1, 3): → if True:",
        "if number > start and number in (1, 3): → if number > start and number in (3,):",
        "found += number * 2 → found -= number * 2",
        "found += number * 2 → found = number * 2",
        "return np.maximum(found, 0) → return np.minimum(found, 0)",
        "return np.maximum(found, 0) → return found",
        "return np.maximum(found, 0) → return None",
    ],
)
def test_mistakes_that_students_make_are_among_the_mutants(changed):
    assert changed in mutants(SUMS)


def test_a_mutant_differs_in_its_solution_alone():
    made = mutants(SUMS)
    assert len(set(made.values())) == len(made)
    head, tail = SUMS.partition("    ### BEGIN")[0], SUMS.partition("### END")[2]
    for code in made.values():
        assert code != SUMS
        assert code.startswith(head)
        assert code.endswith(tail)
        compile(code, "mutant", "exec")


def test_without_a_solution_there_are_none():
    assert mutants("def total(numbers):\n    return sum(numbers)\n") == {}
