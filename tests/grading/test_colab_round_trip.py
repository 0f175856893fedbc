"""Every lesson of this very course, solved and saved in Colab, is mended without a doubt."""

import json

import nbformat
import pytest
from nbformat.v4 import new_output

from course_utils.instructor.course import Publication
from course_utils.instructor.lessons.exercises import inject, read_exercises
from course_utils.instructor.release import colab
from course_utils.instructor.repair.repair import repair
from tests.colab.round_trip import FORMS, as_colab_saves
from tests.grading.answers import lessons_to_test


@pytest.mark.parametrize("lesson", lessons_to_test())
@pytest.mark.parametrize("form", FORMS)
def test_a_lesson_solved_in_colab_keeps_its_answers(lesson, form, released, tmp_path):
    course = released(lesson)
    source = nbformat.read(course.source(lesson), as_version=4)
    release = nbformat.read(course.released(lesson), as_version=4)
    wheel = tmp_path / "package-1.0-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    colab.prepare(release, lesson, Publication("somebody/lessons", "v1"), wheel)
    solutions = {name: it.solution for name, it in read_exercises(source).items()}
    solved = inject(release, solutions)
    for cell in solved.cells:
        if cell.cell_type == "code":
            cell.outputs = [new_output("stream", name="stdout", text="Epoch 1/3\n")]
    saved = as_colab_saves(solved, **form)
    result = repair(json.dumps(saved).encode(), source, release)
    assert (result.problem, result.reviews) == ("", ())
    mended = {name: it.answer for name, it in read_exercises(result.notebook).items()}
    assert mended == solutions
