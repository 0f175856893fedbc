"""What the hidden tests of every lesson ask for, every lesson says."""

import pytest

from course_utils.instructor.lessons.exercises import read_source
from tests.grading.answers import COURSE, lessons_to_test

RULE = "None of your functions may change the arrays or lists it is given."


@pytest.mark.parametrize("lesson", lessons_to_test())
def test_the_exercises_begin_with_their_rule(lesson):
    prose = [it.source for it in read_source(COURSE.source(lesson)).cells if it.cell_type != "code"]
    (introduction,) = [text for text in prose if text.startswith("## Exercises")]
    assert RULE in introduction
