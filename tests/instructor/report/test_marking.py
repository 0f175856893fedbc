"""Marks given by `course mark` are the formgrader's, and nothing on its pages is carried out."""

import asyncio
import re
from base64 import b64encode
from html import unescape
from urllib.parse import urlencode

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_output
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

from course_utils.instructor.collect.collect import collect
from course_utils.instructor.gradebook.by_hand import give_mark
from course_utils.instructor.gradebook.marks import read_marks
from course_utils.instructor.gradebook.records import GRADED, NEEDS_REVIEW
from course_utils.instructor.lessons.exercises import read_source
from course_utils.instructor.release.release import release
from course_utils.instructor.report.marking.answer import show_answer
from course_utils.instructor.report.marking.questions import read_questions, used, waiting
from course_utils.instructor.report.marking.server import make_app
from course_utils.instructor.report.standing import read_standings
from tests.instructor.marked_class import mark
from tests.instructor.toy_course import LESSON, write_lesson

NAME = "01-sums"
TOGETHER = "id,name,group\nada,Ada,Team 1\nbo,Bo,Team 1\n"
SCRIPT = "<script>alert(1)</script> **bold** `sum([])`"
PICTURE = b64encode(b"\x89PNG\r\n\x1a\n and so on").decode()


@pytest.fixture
def ask(course):
    """A function that sends requests, one after the other, to the pages of the lesson."""

    def ask(*requests, host="127.0.0.1"):
        async def send():
            app, path = make_app(course, NAME)
            socket, port = bind_unused_port("127.0.0.1")
            server = HTTPServer(app)
            server.add_socket(socket)
            answers = []
            for where, form in requests:
                answers.append(
                    await AsyncHTTPClient(force_instance=True).fetch(
                        f"http://127.0.0.1:{port}{path}{where}",
                        method="GET" if form is None else "POST",
                        body=None if form is None else urlencode(form),
                        headers={"Host": f"{host}:{port}"},
                        raise_error=False,
                    )
                )
            server.stop()
            return [(it.code, it.body.decode(), it.headers) for it in answers]

        return asyncio.run(send())

    return ask


def form_of(page, **filled):
    """What the form of a page holds, with some fields filled in."""
    fields = re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page)
    return {name: unescape(value) for name, value in fields} | {"comment": ""} | filled


def test_answers_come_one_after_the_other_and_marks_stand(course, ask):
    mark(course, "ada", answers={"why": SCRIPT})
    mark(course, "bo")
    mark(course, "cy", by_hand={"why": 2.0}, comments={"why": "Well said."})
    code, page, headers = ask(("why", None))[0]
    assert code == 200
    assert "waiting: 2" in page and "(<bdi>ada</bdi>)" in page
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page
    assert "<code>sum([])</code>" in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Because there is nothing to divide the sum among." in page
    assert 'data-points="2" data-comment="Well said."' in page
    code, page, _ = ask(("why", form_of(page, points="1,5", comment="Nearly.\r\nYes")))[0]
    assert code == 200
    assert "waiting: 1" in page and "(<bdi>bo</bdi>)" in page
    given = read_marks(course.gradebook_url, NAME)["ada"]["why"]
    assert (given.earned, given.by_hand, given.comment) == (1.5, True, "Nearly.\nYes")
    ((_, page, _),) = ask(("why?student=ada", None))
    assert 'value="1.5"' in page and "Nearly.\nYes</textarea>" in page


def test_wrong_points_and_other_versions_are_refused(course, ask):
    mark(course, "ada")
    ((_, page, _),) = ask(("why", None))
    for points in ("", "x", "-1", "2.5", "nan", "inf"):
        code, said, _ = ask(("why", form_of(page, points=points)))[0]
        assert code == 400 and "from 0 to 2" in said
    mark(course, "ada", answers={"why": "Another answer."})
    assert ask(("why", form_of(page, points="1")))[0][0] == 409
    assert ask(("why", form_of(page, points="1", student="eve")))[0][0] == 400
    assert ask(("nothing", None))[0][0] == 404
    assert read_marks(course.gradebook_url, NAME)["ada"]["why"].earned is None


def test_other_names_of_this_computer_are_refused(course, ask):
    mark(course, "ada")
    assert ask(("", None), host="evil.example")[0][0] == 403


def test_the_list_tells_what_waits_and_an_empty_question_leads_back_to_it(course, ask):
    mark(course, "ada", by_hand={"why": 2.0}, points={"total-hidden": None})
    (_, page, _), (_, back, _) = ask(("", None), ("why", None))
    assert page == back or "what waits for a mark" in back
    assert "(total-hidden)" in page and "(mean-visible)" not in page
    assert re.search(r"In your own words.*?<td>2</td><td>nothing</td>", page, re.DOTALL)


def test_a_notebook_is_reviewed_with_its_reasons_and_the_answers_they_name(course, ask):
    reasons = ["cell 4 (total): <the kernel ended>"]
    mark(course, "ada", status=NEEDS_REVIEW, reasons=reasons, points={"total-hidden": 0.0})
    mark(course, "bo")
    (_, page, _), (_, overview, _), (_, review, _) = ask(
        ("why", None), ("", None), ("review/ada", None)
    )
    for it in (page, overview, review):
        assert "cell 4 (total): &lt;the kernel ended&gt;" in it
    assert "/review/ada" in page and "/review/ada" in overview
    assert "total-hidden: 0 of 2" in review and "mean-visible" not in review
    code, overview, _ = ask(("review/ada", {"note": "Looked at it."}))[0]
    assert code == 200 and "To be reviewed" not in overview
    (it,) = (it for it in read_standings(course, NAME) if it.student == "ada")
    assert (it.state, it.note, it.reasons) == (GRADED, "Looked at it.", tuple(reasons))
    assert ask(("review/bo", None))[0][0] == 404


def test_mark_schemes_and_notes_are_beside_the_answer(course):
    scheme = "### BEGIN MARK SCHEME\nTwo points for zero.\n### END MARK SCHEME\n"
    note = '<!-- #region tags=["instructor"] -->\nBe kind.\n<!-- #endregion -->\n\n'
    lesson = LESSON.replace("Because there is", f"{scheme}Because there is")
    fence = "<!-- #region nbgrader"
    write_lesson(course, NAME, lesson.replace(fence, note + fence))
    question = read_questions(read_source(course.source(NAME)))["why"]
    assert "Two points for zero." in question.scheme and "Be kind." in question.scheme
    assert "Two points" not in question.model and "Be kind" not in question.task
    assert question.title == "In your own words"
    assert "Why has an empty list no mean?" in question.task


def test_pictures_are_shown_and_html_is_not(course):
    mark(course, "ada")
    path = course.graded("ada", NAME)
    notebook = nbformat.read(path, as_version=4)
    data = {"image/png": PICTURE, "text/html": "<script>alert(1)</script>"}
    notebook.cells[-1:] = [
        new_code_cell("draw()", outputs=[new_output("display_data", data=data)]),
        new_code_cell("say()", outputs=[new_output("stream", text="x" * 30_000)]),
    ]
    nbformat.write(notebook, path)
    shown = show_answer(path, "why")
    assert f"data:image/png;base64,{PICTURE}" in shown and "<script" not in shown
    assert "10,000 more letters stand in the notebook itself" in shown
    assert "Why has an empty list no mean?" not in shown, "the task is not the student's"


def test_points_used_before_are_offered_the_most_used_first(course):
    for student, points in (("a", 1.0), ("b", 2.0), ("c", 2.0)):
        mark(course, student, by_hand={"why": points})
    mark(course, "d")
    standings = read_standings(course, NAME)
    assert used(standings, "why") == [(2.0, ""), (1.0, "")]
    assert [it.student for it in waiting(standings, "why")] == ["d"]


def test_a_mark_of_a_test_has_its_comment_at_the_answer(course):
    mark(course, "ada", points={"total-hidden": None})
    give_mark(course.gradebook_url, "ada", NAME, "total-hidden", 1.0, "total", "By eye.")
    given = read_marks(course.gradebook_url, NAME)["ada"]["total-hidden"]
    assert (given.earned, given.comment) == (1.0, "By eye.")
    with pytest.raises(KeyError):
        give_mark(course.gradebook_url, "eve", NAME, "why", 1.0, "why", "")


@pytest.mark.parametrize("before", ["", "### BEGIN SOLUTION\n"])
def test_a_mark_scheme_in_an_answer_is_not_released(course, before):
    scheme = "### BEGIN MARK SCHEME\nTwo points for zero.\n### END MARK SCHEME\n"
    answer = "Because there is nothing to divide the sum among."
    after = "\n### END SOLUTION" if before else ""
    write_lesson(course, NAME, LESSON.replace(answer, f"{before}{scheme}{answer}{after}"))
    release(course, [NAME])
    released = course.released(NAME).read_text(encoding="utf-8")
    assert "Two points" not in released and "MARK SCHEME" not in released
    question = read_questions(read_source(course.source(NAME)))["why"]
    assert question.scheme == "Two points for zero." and question.model == answer


def test_a_group_has_one_mark_unless_somebody_gave_its_members_different_ones(
    course, ask, tmp_path
):
    path = tmp_path / "inbox" / "Team 1" / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    mark(course, "ada")
    path.write_bytes(course.submission("ada", NAME).read_bytes())
    (course.build / "roster.csv").write_text(TOGETHER)
    collect(course, tmp_path / "inbox")
    mark(course, "bo")
    page = ask(("why", None))[0][1]
    assert "waiting: 1" in page and "the mark is for all 2 of them" in page
    ask(("why", form_of(page, points="1")))

    def given():
        marks = read_marks(course.gradebook_url, NAME)
        return [marks[it]["why"].earned for it in ("ada", "bo")]

    assert given() == [1, 1]
    give_mark(course.gradebook_url, "bo", NAME, "why", 2.0, "why", "")
    page = ask(("why?student=ada", None))[0][1]
    ask(("why", form_of(page, points="0")))
    assert given() == [0, 2]
