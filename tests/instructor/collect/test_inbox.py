"""Where a file lies in an inbox tells whose it is, when it came, and of which lesson it is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.instructor.collect.archives import Found
from course_utils.instructor.collect.inbox import read_inbox
from course_utils.instructor.collect.names import Owner

LESSONS = ["01-pixels-and-labels", "02-neurons-to-networks", "05-convolutions", "14-challenge"]
FIRST = LESSONS[0]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def found(path, time=NOW, problem=""):
    return Found(tuple(path.split("/")), time, time, 1, problem)


def read(*paths, called="inbox"):
    """Arrivals of files with these places, in their order."""
    arrivals = {it.found.parts: it for it in read_inbox(list(map(found, paths)), LESSONS, called)}
    return [arrivals[tuple(path.split("/"))] for path in paths]


def whose(*paths, called="inbox"):
    """Student ids, or nothing, of files with these places."""
    return [it.owner and it.owner.student for it in read(*paths, called=called)]


@pytest.mark.parametrize(
    ("path", "system", "name", "number", "own"),
    [
        (
            f"Ada Lovelace_123456_assignsubmission_file_{FIRST}.ipynb",
            "Moodle",
            "Ada Lovelace",
            "123456",
            f"{FIRST}.ipynb",
        ),
        (
            f"Ada Lovelace_123456_assignsubmission_file_/{FIRST}.ipynb",
            "Moodle",
            "Ada Lovelace",
            "123456",
            f"{FIRST}.ipynb",
        ),
        (
            f"Ada Lovelace_123456_assignsubmission_file/part/{FIRST}.ipynb",
            "Moodle",
            "Ada Lovelace",
            "123456",
            f"{FIRST}.ipynb",
        ),
        (
            "Ada Lovelace_123456_assignsubmission_onlinetext_/onlinetext.html",
            "Moodle",
            "Ada Lovelace",
            "123456",
            "onlinetext.html",
        ),
        (
            f"Default group_assignsubmission_file_/{FIRST}.ipynb",
            "Moodle",
            "Default group",
            "",
            f"{FIRST}.ipynb",
        ),
        (
            f"lovelaceada_12345_67890_{FIRST}-2.ipynb",
            "Canvas",
            "lovelaceada",
            "12345",
            f"{FIRST}-2.ipynb",
        ),
        (
            f"lovelaceada_LATE_12345_67890_{FIRST}.ipynb",
            "Canvas",
            "lovelaceada",
            "12345",
            f"{FIRST}.ipynb",
        ),
        (
            "o_briené_12345_67890_Copy_of_x_1_2_y.ipynb",
            "Canvas",
            "o_briené",
            "12345",
            "Copy_of_x_1_2_y.ipynb",
        ),
        ("lovelaceada_12345_text.html", "Canvas", "lovelaceada", "12345", None),
        (f"LATE_anon_aB3dE_67890_{FIRST}.ipynb", "Canvas", "anon", "aB3dE", f"{FIRST}.ipynb"),
        ("lovelaceada_1_2_hand in.zip/deep/a.ipynb", "Canvas", "lovelaceada", "1", "a.ipynb"),
        (f"submission_98765/{FIRST}.ipynb", "Gradescope", "submission", "98765", f"{FIRST}.ipynb"),
        (
            f"ada+{FIRST}+2026-11-01 10:00:00 UTC+x1y2/{FIRST}.ipynb",
            "nbgrader",
            "ada",
            "",
            f"{FIRST}.ipynb",
        ),
    ],
)
def test_platforms_names_are_understood(path, system, name, number, own):
    (arrival,) = read(path)
    assert arrival.owner == Owner(system, name, number)
    assert arrival.name == (own or path)
    assert arrival.late == (("LATE" in path) if system == "Canvas" else None)


@pytest.mark.parametrize(
    "wrapper",
    ["", "submissions/", "ML-Lesson 1-4242/", "a.zip/", f"{FIRST}/", f"ML {FIRST} 42.zip/"],
)
def test_a_download_may_lie_in_a_folder_or_zip(wrapper):
    names = ("lovelaceada_12_34_a.ipynb", "byronanne_13_35_b.ipynb")
    assert whose(*(wrapper + name for name in names)) == ["lovelaceada-12", "byronanne-13"]


def test_two_downloads_may_lie_side_by_side():
    paths = ("week1/lovelaceada_12_34_a.ipynb", "week 2.zip/Ada L_9_assignsubmission_file_/b.ipynb")
    assert whose(*paths) == ["lovelaceada-12", "ada-l-9"]


@pytest.mark.parametrize(
    ("paths", "students"),
    [
        (["Ada/x.ipynb", "Bo/x.ipynb"], ["ada", "bo"]),
        ([f"Ada/{FIRST}/x.ipynb", "Ada/05-convolutions/x.ipynb"], ["ada", "ada"]),
        ([f"{FIRST}/Ada/x.ipynb", "05-convolutions/Ada/x.ipynb"], ["ada", "ada"]),
        (["class/Ada/x.ipynb", "class/Bo/x.ipynb"], ["ada", "bo"]),
        (["class.zip/Ada/x.ipynb", "class.zip/Bo.zip/x.ipynb"], ["ada", "bo"]),
        (["class.zip/Ada/x.ipynb", "class.zip/Bo/x.ipynb", "readme.txt"], ["ada", "bo", None]),
        (["Ada.zip/x.ipynb", "Bo.zip/Bo's work/x.ipynb"], ["ada", "bo"]),
        (["Ada/x.ipynb"], ["ada"]),
        (["Ada/x.ipynb", "Ada/helper.py", "Ada/data/y.csv"], ["ada", "ada", "ada"]),
        (["inbox/Ada/x.ipynb"], ["ada"]),
        (
            [
                f"{FIRST}-submissions/{FIRST}-octocat/x.ipynb",
                f"{FIRST}-submissions/{FIRST}-bo/x.ipynb",
            ],
            ["octocat", "bo"],
        ),
        (["drive-download-20261101T1Z-001.zip/Ada/x.ipynb"], ["ada"]),
        ([f"{FIRST} – Ada.ipynb", f"Bo Ek - Copy of {FIRST} (2).ipynb"], ["ada", "bo-ek"]),
        (
            [f"Copy of Copy of {FIRST} (1).ipynb", f"{FIRST}_final_v2.ipynb", "Untitled3.ipynb"],
            [None, None, None],
        ),
        ([f"{FIRST}/{FIRST}.ipynb"], [None]),
    ],
)
def test_folders_and_files_of_students_are_understood(paths, students):
    assert whose(*paths) == students


def test_a_student_cannot_hand_in_for_another():
    ada = "ada_12_34_x.ipynb"
    honest, forged = read("Ada/x.ipynb", f"Eve/{ada}")
    assert forged.owner.student == "eve"
    assert forged.oddities == ("named as if by 'ada 12', but in this student's folder",)
    (nested,) = read(f"eve_66_1_x.zip/{ada}")
    assert nested.owner.student == "eve-66"
    _, first, second = read("Ada/x.ipynb", f"Eve/{ada}", "Eve/bo_13_35_x.ipynb")
    assert first.owner is second.owner is None
    assert "collect it by itself" in first.advice


def test_a_folder_tells_the_lesson_where_the_file_does_not():
    whole, number, file = read(
        f"Ada/{FIRST}/final.ipynb", f"Ada/{FIRST}/04.ipynb", f"Ada/{FIRST}/14-challenge.ipynb"
    )
    assert (whole.lesson, number.lesson, file.lesson) == (FIRST, FIRST, "14-challenge")


@given(
    st.lists(st.text(st.characters(exclude_characters="/")).filter(bool), min_size=1, max_size=4)
)
def test_no_name_stops_the_reading(parts):
    (arrival,) = read_inbox([Found(tuple(parts), NOW, NOW, 1)], LESSONS, "inbox")
    assert arrival.found.parts == tuple(parts)


def test_files_of_a_download_bear_its_time_and_are_not_ordered_by_it():
    first = found(f"ada_1_100_{FIRST}.ipynb", NOW + timedelta(minutes=2))
    second = found(f"ada_1_101_{FIRST}-1.ipynb", NOW)
    old, new = read_inbox([first, second], LESSONS, "submissions.zip")
    assert old.of_download and new.of_download
    assert old.received == new.received == NOW + timedelta(minutes=2)
    assert new.order > old.order


def test_times_that_lie_apart_order_files_but_are_no_times_of_handing_in():
    first = found(f"Ada_1_assignsubmission_file_{FIRST}.ipynb")
    second = found(f"Bo_2_assignsubmission_file_{FIRST}.ipynb", NOW + timedelta(hours=2))
    old, new = read_inbox([first, second], LESSONS, "x.zip")
    assert (old.received, new.received) == (first.time, second.time)
    assert old.of_download and new.of_download


def test_nbgraders_names_tell_the_time():
    (arrival,) = read(
        f"ada+{FIRST}+2026-11-01 10:00:00.25 Europe/Stockholm/x.ipynb".replace("e/S", "e%S")
    )
    assert arrival.owner is not None
    (arrival,) = read(f"ada+{FIRST}+2026-11-01 10:00:00 UTC/x.ipynb")
    assert arrival.received == datetime(2026, 11, 1, 10, tzinfo=UTC)
    (arrival,) = read(f"ada+{FIRST}+2026-99-01 10:00:00 UTC/x.ipynb")
    assert arrival.received is None


def test_gradescopes_list_tells_names_and_times():
    text = (
        "---\nsubmission_98:\n  :submitters:\n  - :name: O'Brien, Zoë\n    :sid: 's100'\n"
        "    :email: z@x.example\n  :created_at: 2026-11-01 10:00:00.513370000 Z\n"
        "  :history:\n  - :created_at: 2020-01-01 00:00:00 Z\n    :submitters:\n"
        "    - :name: Somebody Else\nsubmission_99:\n  :submitters:\n  - :name: 'Ada: ''A'\n"
        "    :sid:\n  - :name: Bo\n    :sid: '78'\n  :created_at: never\nsubmission_100:\n"
    )
    listing = Found(("x", "submission_metadata.yml"), NOW, NOW, 1, read=lambda: text.encode())
    forged = text.replace("O'Brien", "Forged").encode()
    files = [found(f"x/submission_{number}/{FIRST}.ipynb") for number in (98, 99, 100)]
    own = (*files[2].parts[:2], "submission_metadata.yml")
    theirs = Found(own, NOW, NOW, 1, read=lambda: forged)
    three, one, two = read_inbox([listing, theirs, *files], LESSONS, "x.zip")
    assert (one.owner, two.owner, three.owner) == (
        Owner("Gradescope", "O'Brien, Zoë", "s100", "z@x.example"),
        Owner("Gradescope", "Ada: 'A", "99"),
        Owner("Gradescope", "submission", "100"),
    )
    assert one.received == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert two.received == NOW
    assert [it.name for it in two.partners] == ["Bo"]


def test_copies_are_numbered():
    names = (
        f"{FIRST}.ipynb",
        f"{FIRST}-2.ipynb",
        f"{FIRST} (3).ipynb",
        f"Copy of {FIRST}(4).ipynb",
    )
    assert [it.order[-1] for it in read(*(f"Ada/{name}" for name in names))] == [0, 2, 3, 4]
