"""A made class goes from its inboxes to the platforms' gradebooks: nobody lost, nobody wrong."""

import contextlib

import pytest

from course_utils.instructor.collect.names import CANVAS, GRADESCOPE
from course_utils.instructor.execute import sandbox, warm_kernel
from course_utils.instructor.gradebook.by_hand import give_mark
from course_utils.instructor.report.marking.questions import of_group, waiting
from course_utils.instructor.report.standing import read_standings
from tests.instructor.class_walk import SETTINGS, Walk
from tests.instructor.made_class import make_class, make_students

LESSON = "01-sums"


@pytest.mark.skipif(sandbox.available() != "", reason="nothing can be confined here")
@pytest.mark.usefixtures("quick_kernels")
def test_a_class_on_three_platforms(course, run, tmp_path, monkeypatch):
    monkeypatch.setattr(warm_kernel, "warm_kernels", contextlib.nullcontext)
    (course.root / "pyproject.toml").write_text(SETTINGS)
    students = make_students(48, ("de", CANVAS, GRADESCOPE))
    made = make_class(course, LESSON, students, tmp_path)
    walk = Walk(course, LESSON, students, made, run)
    walk.take_in()
    for inbox in made.inboxes:
        assert "new attempts: 0" in run("collect", inbox)[1]
    walk.grade()
    walk.compare(marked=False)
    walk.review()
    assert give_marks(course) == sum(bool(it.partner) for it in students) / 2
    walk.compare(marked=True)
    walk.hand_back()


def give_marks(course):
    """Give half the points for whatever waits; returns how often a mark was a group's."""
    groups, standings = 0, read_standings(course, LESSON)
    for it in waiting(standings, "why"):
        members = of_group(standings, it, "why")
        groups += len(members) > 1
        for one in members:
            give_mark(course.gradebook_url, one, LESSON, "why", 1.0, "why", "Half.")
    return groups
