"""What went wrong at the desk once, by its smallest input; B1 to B27 are the report's names."""

import base64
import csv
import io
import os
import re
import tomllib
import zipfile
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import nbformat
import pytest

from course_utils.instructor.collect.attempts import read_collected
from course_utils.instructor.collect.collect import collect
from course_utils.instructor.collect.names import Owner
from course_utils.instructor.collect.roster import add_list, read_class, read_roster
from course_utils.instructor.execute.outcome import RAN, TAMPERING
from course_utils.instructor.grade.cause import cause
from course_utils.instructor.grade.examination import Examined
from course_utils.instructor.grade.grading import grade, pending, submissions
from course_utils.instructor.gradebook.records import GRADED, NEEDS_REVIEW, UNTOUCHED
from course_utils.instructor.lessons.exercises import inject
from course_utils.instructor.release.release import release
from course_utils.instructor.report.export import as_canvas, as_moodle
from course_utils.instructor.report.feedback import write_feedback
from course_utils.instructor.report.formgrader import Harmless
from course_utils.instructor.report.standing import read_standings
from tests.instructor.marked_class import mark
from tests.instructor.toy_cells import RIGHT, answer, closed_box, kinds, states
from tests.instructor.toy_cells import test as box
from tests.instructor.toy_course import LESSON, write_lesson

FIRST, SECOND = "01-sums", "02-more-sums"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
HOUR = 3600
TOTAL = "def total(numbers):\n    return sum(numbers)"
MEAN = "def mean(numbers):\n    return sum(numbers) / len(numbers)"
ALL = {"total": TOTAL, "mean": MEAN, "why": "Nothing can be divided by zero."}
HALF = {"total": TOTAL}


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def put(course, inbox):
    """Put the released notebook with answers into the inbox, or some bytes."""

    def put(path, answers=ALL, time=NOON, lesson=FIRST, **metadata):
        file = inbox / path
        file.parent.mkdir(parents=True, exist_ok=True)
        data = answers if isinstance(answers, bytes) else solved(course, answers, lesson, metadata)
        file.write_bytes(data)
        os.utime(file, (time, time))
        return data

    return put


class Executor:
    """A worker that finds nothing odd, and runs nothing."""

    def submit(self, function, data, *arguments, **options):
        future = Future()
        future.set_result(Examined(data.decode()))
        return future


def solved(course, answers, lesson=FIRST, metadata=None):
    """The released notebook with answers, by exercise, and some metadata."""
    notebook = inject(nbformat.read(course.released(lesson), as_version=4), answers)
    notebook.metadata |= metadata or {}
    return nbformat.writes(notebook).encode()


def standing(course, student, lesson=FIRST):
    """Where a student stands."""
    return {it.student: it for it in read_standings(course, lesson)}[student]


def test_b1_an_empty_copy_handed_in_later_replaces_nothing(course, put, inbox):
    done = put(f"Ada/a/{FIRST}.ipynb", ALL)
    put(f"Ada/b/{FIRST}.ipynb", {}, NOON + 24 * HOUR, colab={"provenance": []})
    (row,) = collect(course, inbox).rows
    assert course.submission("ada", FIRST).read_bytes() == done
    assert row.oddities == ("also came untouched: not counted",)


def test_b1_nor_does_an_empty_copy_of_an_earlier_release(course, put, inbox):
    former = course.released(FIRST).read_bytes()
    write_lesson(course, FIRST, LESSON.replace("Sum of a list", "The sum of a list"))
    release(course, [FIRST])
    done = put(f"Ada/a/{FIRST}.ipynb", ALL)
    put(f"Ada/b/{FIRST}.ipynb", former, NOON + 24 * HOUR)
    put(f"Bo/{FIRST}.ipynb", former)
    ada, bo = collect(course, inbox).rows
    assert course.submission("ada", FIRST).read_bytes() == done
    assert bo.attempts[0].untouched
    assert not ada.attempts[0].untouched


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"total": ""},
        {"total": "# I will do this later"},
        {"why": "  "},
    ],
)
def test_b2_an_untouched_notebook_is_no_zero(course, put, inbox, run, answers):
    put(f"Ada/{FIRST}.ipynb", answers, colab={"provenance": []})
    collect(course, inbox)
    (record,) = grade(course, submissions(course, [FIRST]), confined=False)
    assert (record.status, record.cells) == (UNTOUCHED, ())
    assert pending(course, [("ada", FIRST)]) == []
    ada = standing(course, "ada")
    assert (ada.state, ada.earned) == (UNTOUCHED, None)
    assert "ada" not in as_canvas([ada]) and "ada" not in as_moodle([ada]).lower()
    code, output = run("status")
    assert code == 0
    assert "untouched: ada: " in output and "whether it was the wrong file" in output
    (page,) = write_feedback(course, [FIRST])
    assert "This is the notebook as we gave it to you" in page.path.read_text()


@pytest.mark.parametrize("where", ["answer", "a cell of its own", "text below"])
def test_b2_whoever_has_written_anything_has_begun(course, put, inbox, where):
    notebook = nbformat.read(course.released(FIRST), as_version=4)
    place = next(i for i, it in enumerate(notebook.cells) if "why" in str(it.metadata))
    if where == "answer":
        notebook = inject(notebook, {"total": "def total(numbers):\n    pass"})
    elif where == "a cell of its own":
        notebook.cells.append(nbformat.v4.new_code_cell(TOTAL, id="mine"))
    else:
        notebook.cells.insert(place + 1, nbformat.v4.new_markdown_cell("No sum.", id="mine"))
    put(f"Ada/{FIRST}.ipynb", nbformat.writes(notebook).encode())
    (row,) = collect(course, inbox).rows
    assert (row.attempts[0].untouched, row.attempts[0].answered) == (False, 1)


@pytest.mark.parametrize("salt", range(3))
@pytest.mark.parametrize(
    ("half", "whole"),
    [
        (
            f"Ada Lovelace_1234_assignsubmission_file_/{FIRST}.ipynb",
            f"Ada Lovelace_1234_assignsubmission_file_/{FIRST} final.ipynb",
        ),
        (
            f"Ada Lovelace_1234_assignsubmission_file_/Copy of {FIRST} (1).ipynb",
            f"Ada Lovelace_1234_assignsubmission_file_/{FIRST}.ipynb",
        ),
        (f"lovelaceada_1_67891_{FIRST}-draft.ipynb", f"lovelaceada_1_67890_{FIRST}.ipynb"),
    ],
    ids=["Moodle", "a copy", "Canvas"],
)
def test_b3_of_two_in_one_hand_in_the_fuller_counts_and_it_is_told(
    course, put, inbox, run, salt, half, whole
):
    put(half, HALF, salt=salt)
    done = put(whole, ALL)
    (row,) = collect(course, inbox).rows
    assert course.submission(row.student, FIRST).read_bytes() == done
    (doubt,) = row.doubts
    assert doubt.startswith("2 notebooks at one time: ") and "3 answered" in doubt
    assert row.attempts[1].file in doubt and "1 answered" in doubt
    assert "2 notebooks at one time" in " ".join(run("collect", inbox)[1].split())


def test_b3_a_person_is_to_look_and_may_choose(course, put, inbox, run):
    half = put(f"Ada_1_assignsubmission_file_/{FIRST}.ipynb", HALF)
    other = put(f"Ada_1_assignsubmission_file_/{FIRST} b.ipynb", ALL)
    collect(course, inbox)
    assert course.submission("ada-1", FIRST).read_bytes() == other
    list(grade(course, [("ada-1", FIRST)], executor=Executor()))
    ada = standing(course, "ada-1")
    assert ada.state == NEEDS_REVIEW and "at one time" in ada.reasons[-1]
    code, _ = run("review", "ada-1", FIRST, "--note", "asked her")
    assert code == 0
    assert standing(course, "ada-1").state == GRADED
    course.submission("ada-1", FIRST).write_bytes(half)
    list(grade(course, [("ada-1", FIRST)], executor=Executor()))
    assert standing(course, "ada-1").reasons == ()


CHECKED = "from course_utils import checks\n\nchecks.equal(total([1, 2]), 3, 'total')"


@pytest.mark.parametrize(
    "death",
    [
        "exit()",
        "quit()",
        "import os\nos._exit(1)",
        "def total(numbers):\n    return total(numbers)",
    ],
)
def test_b4_a_kernels_death_costs_no_later_test_and_accuses_nobody(run_cells, death):
    done = run_cells(
        answer(RIGHT),
        box(closed_box(CHECKED)),
        death,
        answer(RIGHT),
        box(closed_box(CHECKED)),
        box(closed_box("import math\n\nassert total([math.floor(2.5)]) == 2")),
    )
    assert [states(done)[place] for place in (1, 4, 5)] == [RAN, RAN, RAN]
    assert TAMPERING not in {kind for _, kind in kinds(done)}


def settled_class(course):
    """Ada graded, Bo with nothing, Cy not to be graded, Di to be reviewed."""
    mark(course, "ada", by_hand={"why": 2.0})
    mark(course, "cy", status="could not grade", reasons=["no notebook"])
    mark(course, "di", status=NEEDS_REVIEW, reasons=["odd"], by_hand={"why": 2.0})
    (course.build / "roster.csv").write_text("id,name\nada,Ada\nbo,Bo\ncy,Cy\ndi,Di\n")


def rows(text):
    """Cells of a table below its first line."""
    return list(csv.reader(io.StringIO(text)))[1:]


def test_b5_and_b25_only_settled_rows_go_to_a_platform(course, run):
    settled_class(course)
    found = read_standings(course, FIRST)
    assert [row[0] for row in rows(as_canvas(found))] == ["    Points Possible", "Ada"]
    assert [row[1] for row in rows(as_moodle(found))] == ["Ada"]
    assert all(row[-1] for row in rows(as_canvas(found)))
    code, output = run("export", "--format", "canvas")
    assert code == 0
    assert f"canvas-{FIRST}.csv" in output
    assert "Rows: 1, of those with all their points. The others are left out" in output
    assert "Need review before you rely on their points; left out: di" in output


LANGUAGES = tomllib.loads(Path(__file__).with_name("languages.toml").read_text("utf-8"))
WORKSHEETS = LANGUAGES["worksheets"]


@pytest.mark.parametrize("language", WORKSHEETS)
def test_b6_a_worksheet_in_any_language_is_read(tmp_path, language):
    columns, row, time = (WORKSHEETS[language][it] for it in ("columns", "row", "time"))
    path = tmp_path / "worksheet.csv"
    path.write_text(f"{columns}\n{row.format(time)}\n", encoding="utf-8-sig")
    roster = read_roster(path, ZoneInfo("Europe/Berlin"))
    assert [(it.id, it.name, it.email) for it in roster.people] == [
        ("ada@x.org", "Ada Lovelace", "ada@x.org")
    ]
    ada = roster.told(Owner("Moodle", "Ada Lovelace", "777"))
    assert ada.submitted == datetime(2026, 11, 22, 14, 45, tzinfo=UTC)
    assert (ada.late, roster.worksheets[0].maximum) == (False, 9)


@pytest.mark.parametrize("columns", LANGUAGES["participants"]["columns"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_b6_a_participants_list_in_any_language_is_read(tmp_path, columns, encoding):
    mark = re.search(r"[;,\t]", columns)[0]
    rows = [["Jürgen", "Müller", "j@x.org"], ["Anaïs", "Lefèvre", "a@x.org"]]
    lines = [columns, *(mark.join(row) for row in rows)]
    path = tmp_path / "class.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding))
    found = read_roster(path).people
    assert [(it.id, it.name) for it in found] == [
        ("j@x.org", "Jürgen Müller"),
        ("a@x.org", "Anaïs Lefèvre"),
    ]


def test_b7_a_day_lasts_until_its_end_and_is_said_back(course, run, put, inbox):
    code, output = run("due", f"{FIRST}=2026-12-01", "02=2026-12-02T18:00+01:00")
    assert code == 0, output
    assert f"{FIRST} is due 2026-12-01 23:59 UTC" in output
    assert "02-more-sums is due 2026-12-02 17:00 UTC" in output
    for name, time, late in (
        ("ada", "2026-12-01 10:00:00", False),
        ("bo", "2026-12-01 23:59:30", False),
        ("cy", "2026-12-02 00:00:00", True),
    ):
        put(f"{name}+{FIRST}+{time} UTC/{FIRST}.ipynb", HALF, mine=name)
        assert {it.student: it.late for it in collect(course, inbox).rows}[name] is late
    code, output = run("collect", inbox)
    assert f"{FIRST} is due 2026-12-01 23:59 UTC" in output
    assert run("due")[1].count(" is due ") == 2
    for wrong in ("01.12.2026", "2026-W49-2", "20261201", "2026-12-01T24:00:61", ""):
        assert run("due", f"{FIRST}={wrong}")[0] == 2


def test_b7_an_extension_is_one_students(course, run, put, inbox):
    for name in ("ada", "bo"):
        put(f"{name}+{FIRST}+2026-12-02 10:00:00 UTC/{FIRST}.ipynb", HALF, mine=name)
    collect(course, inbox)
    run("due", f"{FIRST}=2026-12-01")
    assert [it.late for it in read_collected(course, FIRST).values()] == [True, True]
    code, output = run("due", f"{FIRST}=2026-12-03", "--student", "ada")
    assert code == 0 and "  ada: 2026-12-03 23:59 UTC" in output
    assert [it.late for it in read_collected(course, FIRST).values()] == [False, True]
    assert [row.late for row in collect(course, inbox).rows] == [False, True]
    assert run("due", f"{FIRST}=2026-12-03", "--student", "nobody")[0] == 2
    assert run("due", "--student", "ada")[0] == 2


@pytest.mark.parametrize(
    "place",
    [
        "Ada Lovelace/{}",
        "{}-submissions/{}-octocat/{}",
        "Lovelace_Ada_ada_371/{}",
        "by mail/Ada Lovelace/{}",
    ],
)
def test_b8_a_zips_clock_makes_nobody_late(course, inbox, place):
    path = inbox / "class.zip"
    names = [place.format(*[FIRST] * 3), place.format(*[FIRST] * 3).replace("Ada", "Bo")]
    names[1] = names[1].replace("octocat", "bo")
    with zipfile.ZipFile(path, "w") as archive:
        for minute, name in enumerate(names):
            entry = zipfile.ZipInfo(f"{name}.ipynb", (2026, 11, 30, 8, 40 + 9 * minute, 0))
            archive.writestr(entry, solved(course, ALL, FIRST, {"n": minute}))
    due = {FIRST: datetime(2026, 11, 23, tzinfo=UTC)}
    result = collect(course, path, due=due)
    assert {row.late for row in result.rows} == {None} and len(result.rows) == 2


GROUPS = "id,name,email,group\na1,Ada Lovelace,a@x.org,Project Group 1\n"
GROUPS += "b2,Bo Li,b@x.org,Project Group 1\nb3,Bo Li,c@x.org,\n"


def class_list(course, text):
    """Give a class list."""
    path = course.root / "class.csv"
    path.write_text(text)
    add_list(course, path)


def test_b9_moodles_groups_are_found(course, put, inbox):
    class_list(course, GROUPS)
    put(f"Group 1-Ada Lovelace_7_assignsubmission_file_/{FIRST}.ipynb")
    put(f"A-B-Team-Ada Lovelace_8_assignsubmission_file_/{SECOND}.ipynb", lesson=SECOND)
    result = collect(course, inbox)
    assert [(it.student, it.lesson) for it in result.rows] == [("a1", FIRST), ("a1", SECOND)]


def test_b9_whoever_hands_in_together_is_told_so_everywhere(course, put, inbox, run):
    """Moodle hands over one file for each member, below the group's name and the member's."""
    class_list(course, "id,name,email\na1,Ada Lovelace,a@x.org\nb2,Bo Li,\nc3,Cy Young,\n")
    for number, name in enumerate(("Ada Lovelace", "Bo Li", "Cy Young")):
        place = f"Lab 1-{name}_{number}_assignsubmission_file_/{FIRST}.ipynb"
        put(place, ALL if number < 2 else HALF)  # Cy handed in something else since
    told = "handed in together with b2"
    assert told in " ".join(run("collect", inbox)[1].replace("│", " ").split())
    assert [it.partners for it in read_standings(course, FIRST)] == [("b2",), ("a1",), ()]
    for student in ("a1", "b2", "c3"):
        mark(course, student, answers=ALL if student < "c" else HALF)
    assert "handed in together: a1 with b2" in run("status")[1]
    page = next(write_feedback(course, [FIRST], "a1")).path.read_text()
    assert "Handed in together with <bdi>Bo Li</bdi>; the marks count for each of you" in page
    run("report")
    page = (course.build / "report" / "class.html").read_text()
    assert "<bdi>Ada Lovelace (a1)</bdi> with <bdi>Bo Li (b2)</bdi>" in page
    run("export")
    table = csv.DictReader((course.build / "export" / "marks.csv").open(encoding="utf-8-sig"))
    assert [row["together with"] for row in table] == ["b2", "a1", ""]


def test_b9_a_canvas_group_is_everybody_of_it(course, put, inbox):
    class_list(
        course,
        "Student,ID,SIS User ID,SIS Login ID,Section\nLovelace Ada,12345,a1,ada,A\n",
    )
    put(f"projectgroup1_12345_67890_{FIRST}.ipynb")
    (row,) = collect(course, inbox).rows
    assert "named 'projectgroup1': a group's?" in row.oddities[0]
    class_list(course, GROUPS)
    one, two = collect(course, inbox).rows
    assert (one.student, two.student) == ("a1", "b2")
    assert (one.attempts[0].partners, two.attempts[0].partners) == (("b2",), ("a1",))
    assert two.sha256 == one.sha256


GRADESCOPE = """---
submission_98:
  :submitters:
  - :name: Ada Lovelace
    :sid: a1
    :email: a@x.org
  - :name: Bo Li
    :sid:
    :email: {}
  :created_at: 2026-11-22 10:00:00.513370000 -08:00
  :history: []
"""


@pytest.mark.parametrize(("email", "second"), [("b@x.org", "b2"), ("c@x.org", "b3")])
def test_b9_and_b24_gradescopes_groups_and_addresses_tell_who(course, put, inbox, email, second):
    class_list(course, GROUPS)
    put("x/submission_metadata.yml", GRADESCOPE.format(email).encode())
    put(f"x/submission_98/{FIRST}.ipynb")
    result = collect(course, inbox)
    assert [it.student for it in result.rows] == ["a1", second]
    assert {it.received for it in result.rows} == {"2026-11-22T18:00:00+00:00"}


def test_several_inboxes_are_collected_one_after_the_other(run, put, inbox):
    for name in ("one", "two"):
        put(f"{name}/Ada {name}/{FIRST}.ipynb", salt=name)
    code, output = run("collect", inbox / "one", inbox / "two")
    assert code == 0, output
    assert output.count("Notebooks: 1; students: 1; new attempts: 1") == 2


def test_b9_canvass_own_list_of_groups_is_a_list(course):
    class_list(course, "Student,ID,SIS User ID,SIS Login ID,Section\nLovelace Ada,12,a1,ada,A\n")
    class_list(
        course,
        "name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id\n"
        "Ada Lovelace,12,a1,ada,A,Project Group 1,7,\nBo Li,13,b2,bo,A,Project Group 1,7,\n",
    )
    people = read_class(course)
    assert [(it.id, it.canvas) for it in people.group("projectgroup1")] == [
        ("a1", "12"),
        ("b2", "13"),
    ]


def test_b10_ids_stay_and_nobody_is_there_twice(course, put, inbox):
    class_list(course, "First name,Last name,Email address\nAda,Lovelace,ada@x.org\n")
    put(f"Ada Lovelace_777_assignsubmission_file_/{FIRST}.ipynb")
    collect(course, inbox)
    class_list(
        course,
        "Identifier,Full name,ID number,Email address,Status\n"
        "Participant 777,Ada Lovelace,70001,ada@x.org,Submitted\n",
    )
    (ada,) = read_standings(course, FIRST)
    assert (ada.student, ada.numbers) == ("ada@x.org", {"Moodle": "777"})
    assert collect(course, inbox).rows[0].oddities == ()
    assert read_class(course).find(Owner("", "70001"))[0].id == "ada@x.org"


def test_b11_a_worksheet_of_every_week_is_remembered(course, put, inbox):
    sheet = "Identifier,Full name,Email address,Status\n"
    sheet += "Participant {}1,Ada,a@x.org,-\nParticipant {}2,Bo,b@x.org,-\n"
    for week, lesson in ((1, FIRST), (2, SECOND)):
        class_list(course, sheet.format(week, week))
        put(f"Ada_{week}1_assignsubmission_file_/{lesson}.ipynb", lesson=lesson)
    put(f"Bo/{FIRST}.ipynb", HALF)
    collect(course, inbox)
    numbers = {it.student: it.numbers for it in read_standings(course, FIRST)}
    assert numbers == {"a@x.org": {"Moodle": "11"}, "b@x.org": {"Moodle": "12"}}
    assert standing(course, "b@x.org", SECOND).numbers == {"Moodle": "22"}


def test_b12_canvas_with_split_names(course, put, inbox):
    class_list(
        course,
        "LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,Old (7)\n"
        "    Points Possible,,,,,,10\nLovelace,Ada,12345,a1,ada,A,3\n",
    )
    put(f"lovelaceada_12345_6_{FIRST}.ipynb")
    (row,) = collect(course, inbox).rows
    assert (row.student, row.names) == ("a1", ("Ada Lovelace",))


def test_b13_github_classrooms_repositories(course, put, inbox):
    class_list(
        course,
        'identifier,github_username,github_id,name\n"ada@x.org","octocat",583231,""\n'
        '"Bo Ek","bo-ek","17",""\n',
    )
    put(f"{FIRST}-submissions/lessons-octocat/{FIRST}/{FIRST}.ipynb")
    put(f"{FIRST}-submissions/{FIRST}-bo-ek/{FIRST}.ipynb", HALF)
    result = collect(course, inbox)
    assert sorted(it.student for it in result.rows) == ["Bo Ek", "ada@x.org"]
    assert result.unplaced == []


@pytest.mark.parametrize("salt", range(2))
@pytest.mark.parametrize(
    ("first", "second", "received"),
    [
        (
            f"Lesson 1_alovelace_attempt_2026-11-20-09-30-12_{FIRST}.ipynb",
            f"Lesson 1_alovelace_attempt_2026-11-21-09-30-12_{FIRST}.ipynb",
            "2026-11-21T09:30:12+00:00",
        ),
        (
            f"123-45 - Ada Lovelace - Nov 20, 2026 930 AM/{FIRST}.ipynb",
            f"124-45 - Ada Lovelace - Nov 21, 2026 1230 AM/{FIRST}.ipynb",
            "2026-11-21T00:30:00+00:00",
        ),
        (
            f"Lovelace_Ada_alovelace_371/20261120093012_{FIRST}.ipynb",
            f"Lovelace_Ada_alovelace_371/20261121093012_{FIRST}.ipynb",
            "2026-11-21T09:30:12+00:00",
        ),
    ],
    ids=["Blackboard", "Brightspace", "ILIAS"],
)
def test_b14_the_last_attempt_of_blackboard_brightspace_and_ilias(
    course, put, inbox, salt, first, second, received
):
    class_list(course, "Last Name,First Name,Username\nLovelace,Ada,#alovelace\n")
    put(f"x/{first}", ALL, NOON + HOUR, salt=salt)
    last = put(f"x/{second}", HALF)
    (row,) = collect(course, inbox, due={FIRST: datetime(2026, 11, 20, tzinfo=UTC)}).rows
    assert (row.student, row.late, row.received) == ("alovelace", True, received)
    assert course.submission("alovelace", FIRST).read_bytes() == last
    assert row.oddities[-1].startswith("answers less than an earlier attempt: ")


@pytest.mark.parametrize(
    "name", ["Lesson 1.5", "01. Sums", "Copy of 01-sums v1.2", "Exercise 1.1 Pixels"]
)
def test_b17_a_dot_in_a_title_is_no_ending(course, put, inbox, name):
    write_lesson(course, SECOND, LESSON.replace("number", "figure").replace("list", "row"))
    done = put(f"Ada/{name}")
    assert [it.lesson for it in collect(course, inbox).rows] == [FIRST]
    assert course.submission("ada", FIRST).read_bytes() == done


def test_b18_of_namesakes_canvas_gets_none(course, run):
    mark(course, "s1", by_hand={"why": 2.0})
    mark(course, "s2", by_hand={"why": 0.0})
    (course.build / "roster.csv").write_text('id,name\ns1,Bo Ek\ns2,"Ek, Bo"\n')
    assert len(rows(as_canvas(read_standings(course, FIRST)))) == 1
    output = run("export", "--format", "canvas")[1]
    assert "Canvas would take one for the other: s1, s2" in output
    class_list(course, "Student,ID,SIS User ID\nBo Ek,101,s1\nBo Ek,102,s2\n")
    assert [row[1] for row in rows(as_canvas(read_standings(course, FIRST)))[1:]] == ["101", "102"]


def test_b19_every_time_has_a_zone(course, run, put, inbox):
    (course.root / "pyproject.toml").write_text('[tool.course]\ntimezone = "Asia/Kolkata"\n')
    put(f"ada+{FIRST}+2026-12-01 18:20:00 UTC/{FIRST}.ipynb")
    output = run("collect", inbox, "--due", f"{FIRST}=2026-12-01T18:00")[1]
    assert "2026-12-01 23:50 UTC+05:30, late" in " ".join(output.split())
    assert f"{FIRST} is due 2026-12-01 18:00 UTC+05:30" in output
    mark(course, "ada", answers=ALL)
    (page,) = write_feedback(course, [FIRST])
    text = page.path.read_text()
    assert "1 December 2026, 23:50 UTC+05:30" in text
    assert "(due 1 December 2026, 18:00 UTC+05:30)" in text
    (course.root / "pyproject.toml").write_text('[tool.course]\ntimezone = "Mars"\n')
    code, output = run("collect", inbox)
    assert code == 2 and "expected timezone = 'Europe/Berlin'" in output


def test_b20_another_maximum_in_moodle_is_told(course, put, inbox, run):
    class_list(
        course,
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade\n"
        "Participant 7,Ada,a@x.org,Submitted,,100.00\n",
    )
    put(f"Ada_7_assignsubmission_file_/{FIRST}.ipynb")
    collect(course, inbox)
    output = run("export", "--format", "moodle", "--lesson", FIRST)[1]
    assert f"{FIRST}: the lesson's maximum is 9, Moodle's 100. Set it to 9 there" in output


def test_b21_no_tutors_comment_is_overwritten(course):
    settled_class(course)
    assert "comment" not in as_moodle(read_standings(course, FIRST)).lower()


@pytest.mark.parametrize(
    ("status", "late"),
    [
        ("Submitted for grading - 2 days 3 hours late", True),
        ("Submitted for grading", False),
        (LANGUAGES["late"]["de"], True),
        (
            "Submitted for grading - Extension granted until: Friday, 27 November 2026, 11:59 PM",
            False,
        ),
        (
            "Submitted for grading - 3 days late - Extension granted until: Thursday, 26 "
            "November 2026, 1:00 PM",
            True,
        ),
    ],
)
@pytest.mark.parametrize("due", [True, False])
def test_b22_moodles_worksheet_tells_who_is_late_and_extended(
    course, put, inbox, run, status, late, due
):
    class_list(
        course,
        "Identifier,Full name,Email address,Status,Last modified (submission)\n"
        f'Participant 7,Ada,a@x.org,"{status}","Thursday, 26 November 2026, 3:45 PM"\n',
    )
    put(f"Ada_7_assignsubmission_file_/{FIRST}.ipynb")
    if due:
        until = "24" if late or "Extension" in status else "26"
        run("due", f"{FIRST}=2026-11-{until}")
    (row,) = collect(course, inbox).rows
    assert row.late is late


@pytest.mark.parametrize("word", ["Participant", "Teilnehmerin"])
def test_b23_anonymous_hand_ins_are_known_by_number(course, put, inbox, word):
    class_list(course, "id,name\na1,Ada\n")
    for number in (777, 778, 779):
        put(f"{word}_{number}_assignsubmission_file_/{FIRST}.ipynb", n=number)
    found = collect(course, inbox)
    assert [it.student for it in found.rows] == [f"participant-{it}" for it in (777, 778, 779)]
    assert all("same name" not in " ".join(it.oddities) for it in found.rows)
    assert standing(course, "participant-777").numbers == {"Moodle": "777"}
    sheet = "Identifier,Status,Grade,Last modified (submission)\n"
    sheet += "Participant 777,Submitted,,-\nParticipant 778,Submitted,,-\n"
    class_list(course, sheet)
    assert [it.id for it in read_class(course).people][1:] == ["participant-777", "participant-778"]


def test_b24_gradescopes_roster_without_those_who_teach(course, run):
    path = course.root / "roster.csv"
    path.write_text(
        "First Name,Last Name,SID,Email,Role\nAda,Lovelace,a1,a@x.org,Student\n"
        "Alan,Turing,t1,t@x.org,Instructor\nMary,Shelley,t2,m@x.org,TA\n"
    )
    code, output = run("roster", path)
    assert code == 0
    assert "Left out, because their role is not a student's: Alan Turing, Mary Shelley" in output
    assert [it.id for it in read_class(course).people] == ["a1"]


def test_b26_a_syntax_error_is_told_as_one():
    answer = nbformat.v4.new_code_cell("def total(numbers):\n    return 'sum")
    told = cause(answer, "NameError: name 'total' is not defined")
    assert told.startswith("SyntaxError: line 2 of your answer")


def test_b27_a_figure_of_the_course_is_a_picture_for_the_marker():
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(200)).decode()
    page = f'<img src="data:image/png;base64,{picture}" alt="Three digits">'
    output = nbformat.v4.new_output(
        "display_data", {"text/html": page, "text/plain": "Three digits"}
    )
    cell = nbformat.v4.new_code_cell("figures.digits()", outputs=[output])
    shown, _ = Harmless().preprocess_cell(cell, {}, 0)
    assert shown.outputs[0].data == {"image/png": picture}
