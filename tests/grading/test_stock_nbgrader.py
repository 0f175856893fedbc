"""Stock nbgrader, without anything of ours but ``nbgrader_config.py``, agrees on the extremes.

This proves that the lessons are ordinary nbgrader assignments: whoever uses nbgrader's own commands
(or our graders after a change) gives the reference solution full marks and the untouched release
none. It also proves that a lesson can be graded by a cold kernel and in its default environment:
the first one whole, of the others the exercises, because each runs whole elsewhere already.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from course_utils.instructor.course import find_course
from tests.grading.answers import (
    COURSE,
    autograded_exercises,
    exercises_alone,
    lessons_to_test,
    markdown_of,
)


def nbgrader(course, *arguments):
    """Run a command of nbgrader's in a course's folder, as from an activated environment."""
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    inherited = {name: value for name, value in os.environ.items() if name != "JUPYTER_PATH"}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        env=inherited | {"PATH": tools, "COURSE_PROFILE": "fast"},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("lesson", lessons_to_test())
def test_reference_earns_full_marks_and_stub_none(lesson, tmp_path):
    full = {
        cell: points
        for exercise in autograded_exercises(COURSE, lesson).values()
        for cell, points in exercise.points.items()
    }
    shutil.copy(COURSE.root / "nbgrader_config.py", tmp_path)
    shutil.copytree(COURSE.source(lesson).parent, tmp_path / "notebooks" / lesson)
    course = find_course(tmp_path)
    course.build.mkdir()

    nbgrader(tmp_path, "generate_assignment", lesson)
    reference, untouched = (
        nbformat.read(path, as_version=4)
        for path in (COURSE.source(lesson), course.released(lesson))
    )
    if lesson != lessons_to_test()[0]:
        reference = exercises_alone(reference)
    handed_in = {"reference": reference, "untouched": exercises_alone(untouched)}
    for student, notebook in handed_in.items():
        path = course.submission(student, lesson)
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    nbgrader(tmp_path, "autograde", lesson)

    with Gradebook(course.gradebook_url) as gradebook:
        for student, expected in (("reference", full), ("untouched", dict.fromkeys(full, 0))):
            grades = gradebook.find_submission_notebook(lesson, lesson, student).grades
            earned = {grade.name: grade.auto_score for grade in grades if grade.name in full}
            assert earned == expected, (
                f"{lesson}: stock nbgrader gives {student} {earned}; expected {expected}. "
                f"Mend {markdown_of(lesson)}, then run: make pair"
            )
