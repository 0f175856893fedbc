"""What students hand in is put in place; all attempts are kept; nothing is lost or merged."""

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock

from course_utils import checks
from course_utils.instructor import whole_file
from course_utils.instructor.collect.attempts import (
    ATTEMPTS,
    BESIDE,
    LIST,
    attempts_folder,
    read_collected,
    read_list,
)
from course_utils.instructor.collect.collect import UNPLACED, collect
from course_utils.instructor.collect.roster import read_class
from course_utils.instructor.course import CourseError
from course_utils.instructor.grade.grading import submissions
from course_utils.instructor.lessons.exercises import inject
from course_utils.instructor.whole_file import PART
from tests.instructor.toy_course import LESSON, write_lesson

FIRST, SECOND = "01-sums", "02-more-sums"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
HOUR = 3600


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def put(course, inbox):
    """Put a notebook into the inbox: its answer tells it from others."""

    def put(path, answer="x = 1", time=NOON, lesson=FIRST):
        data = answer if isinstance(answer, bytes) else notebook(course, answer, lesson)
        file = inbox / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        os.utime(file, (time, time))
        return data

    return put


def notebook(course, answer, lesson=FIRST):
    """The released notebook with an answer, as a student would save it."""
    return solved(course, {"total": answer}, lesson)


def solved(course, answers, lesson=FIRST):
    """The released notebook with answers, by exercise."""
    released = nbformat.read(course.released(lesson), as_version=4)
    return nbformat.writes(inject(released, answers)).encode()


def tree(course):
    """What lies where in the build folder, but for what a release makes."""
    places = (course.submitted, course.build / ATTEMPTS, course.build / UNPLACED)
    return {
        str(path.relative_to(course.build)): hashlib.sha256(path.read_bytes()).hexdigest()
        for place in places
        for path in place.rglob("*")
        if path.is_file()
    }


def counts(course, student, lesson=FIRST):
    """The notebook that counts."""
    return course.submission(student, lesson).read_bytes()


def kept(course, student, lesson=FIRST):
    """Contents of all attempts."""
    return {path.read_bytes() for path in attempts_folder(course, lesson, student).glob("*.ipynb")}


def why(result):
    """Place to why it is not in place."""
    return {file.path: file.why for file in result.unplaced}


def test_moodle_canvas_and_folders_come_to_their_places(course, inbox, put):
    put(f"Ada Lovelace_123_assignsubmission_file_/{FIRST}.ipynb", "a")
    put(f"ekbo_77_901_{SECOND}-1.ipynb", "b", lesson=SECOND)
    result = collect(course, inbox)
    assert [(row.student, row.lesson) for row in result.rows] == [
        ("ada-lovelace-123", FIRST),
        ("ekbo-77", SECOND),
    ]
    assert (result.new, result.unplaced) == (2, [])
    assert counts(course, "ada-lovelace-123") == notebook(course, "a")
    assert submissions(course, [FIRST, SECOND]) == [
        ("ada-lovelace-123", FIRST),
        ("ekbo-77", SECOND),
    ]
    assert "numbers students anew" in result.notes[0]


def test_a_zip_is_collected_like_a_folder(course, inbox, put, tmp_path):
    put(f"Åsa Ek/{FIRST}.ipynb", "a")
    put("Bo/Copy of 02-more-sums (2).ipynb", "b", lesson=SECOND)
    shutil.make_archive(str(tmp_path / "all"), "zip", inbox)
    collect(course, tmp_path / "all.zip")
    from_zip = set(tree(course))
    shutil.rmtree(course.submitted)
    shutil.rmtree(course.build / ATTEMPTS)
    collect(course, inbox)
    assert set(tree(course)) == from_zip
    assert counts(course, "åsa-ek") == notebook(course, "a")
    assert counts(course, "bo", SECOND) == notebook(course, "b", SECOND)


def test_the_last_attempt_counts_and_all_are_kept(course, inbox, put):
    data = [put(f"Ada/{n}/{FIRST}.ipynb", f"try {n}", NOON + n * HOUR) for n in (3, 1, 2)]
    (row,) = collect(course, inbox).rows
    assert counts(course, "ada") == data[0]
    assert kept(course, "ada") == set(data)
    assert row.sha256 == hashlib.sha256(data[0]).hexdigest()
    assert row.received == "2026-11-22T15:00:00+00:00"
    assert [attempt.received[11:13] for attempt in row.attempts] == ["15", "14", "13"]
    assert row.attempts[0].file == f"20261122T150000Z-{row.sha256[:8]}.ipynb"
    assert row.oddities == ()


def test_platforms_numbers_decide_between_attempts_of_one_time(course, inbox, put):
    put(f"ada_1_100_{FIRST}.ipynb", "old", NOON + 60)
    new = put(f"ada_1_101_{FIRST}-1.ipynb", "new", NOON)
    put(f"Bo/{FIRST}.ipynb", "old")
    newer = put(f"Bo/{FIRST} (2).ipynb", "new")
    collect(course, inbox)
    assert counts(course, "ada-1") == new
    assert counts(course, "bo") == newer


def test_equal_content_is_one_attempt_at_its_first_time(course, inbox, put):
    put(f"Ada/a/{FIRST}.ipynb", "same", NOON + HOUR)
    put(f"Ada/b/{FIRST}.ipynb", "same", NOON)
    (row,) = collect(course, inbox).rows
    assert len(row.attempts) == len(kept(course, "ada")) == 1
    assert row.received == "2026-11-22T12:00:00+00:00"


def test_handing_in_again_what_one_had_before_makes_it_count(course, inbox, put):
    first = put(f"Ada/{FIRST}.ipynb", "first", NOON)
    collect(course, inbox)
    put(f"Ada/{FIRST}.ipynb", "second", NOON + HOUR)
    collect(course, inbox)
    assert counts(course, "ada") != first
    put(f"Ada/{FIRST}.ipynb", "first", NOON + 2 * HOUR)
    (row,) = collect(course, inbox).rows
    assert counts(course, "ada") == first
    assert row.received == "2026-11-22T12:00:00+00:00"
    assert len(row.attempts) == 2


def test_an_untouched_notebook_is_no_last_attempt(course, inbox, put):
    mine = put(f"Ada/{FIRST}.ipynb", "mine")
    released = course.released(FIRST).read_bytes()
    put(f"Ada/all/{FIRST}.ipynb", released, NOON + HOUR)
    put(f"Bo/{FIRST}.ipynb", released)
    ada, bo = collect(course, inbox).rows
    assert counts(course, "ada") == mine
    assert len(ada.attempts) == 2
    assert ada.oddities == ("also came untouched: not counted",)
    assert counts(course, "bo") == released
    assert bo.oddities == ("untouched: no answer differs from what was given out",)


def test_collecting_twice_changes_nothing(course, inbox, put):
    put(f"Ada/{FIRST}.ipynb", "a")
    put(f"Ada/x/{FIRST}.ipynb", "b", NOON + 1)
    put("Ada/helper.py", b"print(1)")
    put("Eve/nothing.pdf", b"%PDF")
    first = collect(course, inbox)
    before = tree(course)
    again = collect(course, inbox)
    assert tree(course) == before
    assert (first.new, again.new) == (2, 0)
    assert again.rows == first.rows
    assert again.unplaced == first.unplaced


def test_a_second_inbox_adds(course, inbox, put):
    put(f"Ada/{FIRST}.ipynb", "a")
    put(f"Bo/{FIRST}.ipynb", "b")
    collect(course, inbox)
    shutil.rmtree(inbox)
    new = put(f"Ada/{FIRST}.ipynb", "new", NOON + HOUR)
    result = collect(course, inbox)
    assert [row.student for row in result.rows] == ["ada"]
    assert set(read_collected(course, FIRST)) == {"ada", "bo"}
    assert counts(course, "ada") == new
    assert len(kept(course, "ada")) == 2


def test_an_older_inbox_collected_later_does_not_count(course, inbox, put):
    new = put(f"Ada/{FIRST}.ipynb", "new", NOON)
    collect(course, inbox)
    put(f"Ada/{FIRST}.ipynb", "old", NOON - HOUR)
    (row,) = collect(course, inbox).rows
    assert counts(course, "ada") == new
    assert len(row.attempts) == 2


def test_what_somebody_put_in_place_by_hand_is_kept(course, inbox, put):
    put(f"Ada/{FIRST}.ipynb", "a")
    collect(course, inbox)
    path = course.submission("ada", FIRST)
    path.write_bytes(b"mended by hand")
    os.utime(path, (NOON - 1, NOON - 1))
    (row,) = collect(course, inbox).rows
    assert kept(course, "ada") == {b"mended by hand", notebook(course, "a")}
    assert counts(course, "ada") == b"mended by hand"
    path.write_bytes(b"mended again")
    (row,) = collect(course, inbox).rows
    assert counts(course, "ada") == b"mended again"
    assert row.oddities == ("put into build/submitted by hand",)
    assert len(row.attempts) == 3
    due = {FIRST: datetime.fromtimestamp(NOON, UTC)}
    assert collect(course, inbox, due=due).rows[0].late is None


def test_an_earlier_attempt_chosen_by_hand_counts_until_a_new_one_arrives(course, inbox, put):
    first = put(f"Ada/a/{FIRST}.ipynb", "first", NOON)
    second = put(f"Ada/b/{FIRST}.ipynb", "second", NOON + HOUR)
    due = {FIRST: datetime.fromtimestamp(NOON, UTC)}
    collect(course, inbox, due=due)
    path = course.submission("ada", FIRST)
    path.write_bytes(first)
    for _ in range(2):
        (row,) = collect(course, inbox).rows
        assert counts(course, "ada") == first
        assert (row.received, row.late) == ("2026-11-22T12:00:00+00:00", False)
        assert row.oddities == ("put into build/submitted by hand",)
        assert row.sha256 == hashlib.sha256(first).hexdigest()
    put(f"Ada/c/{FIRST}.ipynb", "between", NOON + 60)
    assert collect(course, inbox).new == 1
    assert counts(course, "ada") == first
    path.write_bytes(second)  # taken back
    assert collect(course, inbox).rows[0].oddities == ()
    path.write_bytes(first)
    third = put(f"Ada/d/{FIRST}.ipynb", "third", NOON + 2 * HOUR)
    (row,) = collect(course, inbox).rows
    assert (counts(course, "ada"), row.oddities) == (third, ())
    assert kept(course, "ada") > {first, second, third}


def test_what_an_interrupted_run_put_in_place_was_put_there_by_nobody(course, inbox, put):
    put(f"Ada/{FIRST}.ipynb", "first")
    collect(course, inbox)
    new = put(f"Ada/{FIRST}.ipynb", "new", NOON + HOUR)
    course.submission("ada", FIRST).write_bytes(new)  # killed before the list was written
    (row,) = collect(course, inbox).rows
    assert (row.oddities, row.chosen, counts(course, "ada")) == ((), "", new)


def test_what_was_removed_from_the_attempts_is_taken_back(course, inbox, put, tmp_path):
    first = put(f"Ada/a/{FIRST}.ipynb", "first", NOON)
    put(f"Ada/b/{FIRST}.ipynb", "wrong", NOON + HOUR)
    put(f"Bo/{FIRST}.ipynb", "wrong, too")
    put(f"Cy/{FIRST}.ipynb", "c")
    ada, bo, _ = collect(course, inbox).rows
    for row in (ada, bo):
        (attempts_folder(course, FIRST, row.student) / row.attempts[0].file).unlink()
    other = tmp_path / "other"
    (other / "Cy").mkdir(parents=True)
    (other / "Cy" / f"{FIRST}.ipynb").write_bytes(notebook(course, "c"))
    for _ in range(2):
        result = collect(course, other)
        assert counts(course, "ada") == first
        assert set(read_collected(course, FIRST)) == {"ada", "cy"}
        assert "All attempts of bo, 01-sums were removed" in result.notes[0]
    right = other / "Bo" / f"{FIRST}.ipynb"
    right.parent.mkdir()
    right.write_bytes(notebook(course, "right"))
    os.utime(right, (NOON - HOUR, NOON - HOUR))
    result = collect(course, other)
    assert counts(course, "bo") == kept(course, "bo").pop() == notebook(course, "right")
    assert result.notes == []
    assert len(collect(course, inbox).rows[0].attempts) == 2


def test_a_student_whose_attempts_are_all_removed_gets_only_what_comes(course, inbox, put):
    put(f"Ada/{FIRST}.ipynb", "wrong")
    collect(course, inbox)
    shutil.rmtree(attempts_folder(course, FIRST, "ada"))
    assert read_collected(course, FIRST) == {}
    right = put(f"Ada/{FIRST}.ipynb", "right", NOON - HOUR)
    collect(course, inbox)
    assert counts(course, "ada") == right
    assert kept(course, "ada") == {right}


def test_dates_outlast_a_list_that_is_moved_away(course, inbox, put, tmp_path):
    due = {FIRST: datetime.fromtimestamp(NOON - HOUR, UTC)}
    put(f"Ada/{FIRST}.ipynb", "a")
    assert collect(course, inbox, due=due).rows[0].late is None
    (attempts_folder(course, FIRST) / LIST).rename(tmp_path / "away")
    assert collect(course, inbox).rows[0].late is None
    assert read_list(course, FIRST)[1] == due[FIRST]
    (attempts_folder(course, FIRST) / LIST).rename(tmp_path / "away")
    attempts_folder(course, "due.json").write_text("[")
    with pytest.raises(CourseError, match="is damaged .* Remove it"):
        collect(course, inbox)


def test_a_copy_of_what_has_no_place_keeps_its_time(course, inbox, put, tmp_path):
    (tmp_path / "class.csv").write_text("id,name\ns1,Ada L\ns2,Ada L\n")
    due = {FIRST: datetime.fromtimestamp(NOON, UTC)}
    put(f"Ada L_1_assignsubmission_file_/{FIRST}.ipynb", "a")
    put(f"Ada L_2_assignsubmission_file_/{FIRST}.ipynb", "b")
    result = collect(course, inbox, tmp_path / "class.csv", due)
    assert [file.copy.stat().st_mtime for file in result.unplaced] == [NOON, NOON]
    other = tmp_path / "other"
    for student, file in zip(("s1", "s2"), result.unplaced, strict=True):
        (other / student).mkdir(parents=True)
        shutil.copy2(file.copy, other / student / f"{FIRST}.ipynb")
    assert [row.late for row in collect(course, other).rows] == [False, False]
    # What was placed by hand is not asked for again.
    again = collect(course, inbox)
    assert (again.rows, again.unplaced, len(again.placed)) == ([], [], 2)


def test_of_two_who_handed_in_the_same_nobody_is_lost(course, inbox, put, tmp_path):
    (tmp_path / "class.csv").write_text("id,name\ns1,Ada L\ns2,Ada L\ns3,Bo Ek\n")
    put(f"Ada L_1_assignsubmission_file_/{FIRST}.ipynb", "same")
    put(f"Bo Ek_3_assignsubmission_file_/{FIRST}.ipynb", "same")
    for _ in range(2):
        result = collect(course, inbox, tmp_path / "class.csv")
        assert (len(result.unplaced), result.placed) == (1, [])
    put(f"Ada L_2_assignsubmission_file_/{FIRST}.ipynb", "same")
    (tmp_path / "other" / "s1").mkdir(parents=True)
    (tmp_path / "other" / "s1" / f"{FIRST}.ipynb").write_bytes(notebook(course, "same"))
    collect(course, tmp_path / "other")
    assert len(collect(course, inbox).unplaced) == 2


def test_a_class_list_that_drops_people_is_told(course, inbox, put, tmp_path):
    roster = tmp_path / "class.csv"
    roster.write_text("id,name\ns1,Ada\ns2,Bo\ns3,Cy\n")
    put(f"Ada/{FIRST}.ipynb", "a")
    assert collect(course, inbox, roster).notes == []
    roster.write_text("id,name\ns1,Ada\ns4,Di\n")
    (note,) = collect(course, inbox, roster).notes
    assert note.startswith("2 of the former class list are not on this one: s2, s3. They are kept")
    assert [it.id for it in read_class(course).people] == ["s1", "s2", "s3", "s4"]
    assert collect(course, inbox).notes == []


def zip_of_class(inbox, files):
    """A zip that somebody has made of students' folders, with the times of their files."""
    path = inbox.parent / "class submissions.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data, time in files:
            moment = datetime.fromtimestamp(time).timetuple()[:6]
            archive.writestr(zipfile.ZipInfo(name, moment), data)
    return path


def test_the_time_in_a_folder_makes_nobody_late(course, inbox, put):
    due = {FIRST: datetime.fromtimestamp(NOON, UTC)}
    put(f"Ada/{FIRST}.ipynb", "a", NOON)
    put(f"Bo/{FIRST}.ipynb", "b", NOON + 1)
    put(f"{FIRST} Cy.ipynb", "c", NOON + 1)
    result = collect(course, inbox, due=due)
    assert [row.late for row in result.rows] == [False, None, None]
    assert "packed or saved" in result.notes[0] and "worksheet" not in result.notes[0]


def named(student, lesson, time):
    """A place whose name tells the time of handing in, as nbgrader's do."""
    moment = datetime.fromtimestamp(time, UTC)
    return f"{student}+{lesson}+{moment:%Y-%m-%d %H:%M:%S} UTC/{lesson}.ipynb"


def test_late_ones_are_marked_and_collected(course, inbox):
    due = {FIRST: datetime.fromtimestamp(NOON, UTC)}
    inbox = zip_of_class(
        inbox,
        [
            (named("ada", FIRST, NOON), notebook(course, "a"), NOON),
            (named("bo", FIRST, NOON + 2), notebook(course, "b"), NOON),
            (named("bo", SECOND, NOON + 2), notebook(course, "b", SECOND), NOON),
        ],
    )
    late = {(row.student, row.lesson): row.late for row in collect(course, inbox, due=due).rows}
    assert late == {("ada", FIRST): False, ("bo", FIRST): True, ("bo", SECOND): False}
    assert read_list(course, FIRST)[1] == due[FIRST]
    assert [row.late for row in collect(course, inbox).rows] == [False, True, False]
    due = {FIRST: datetime.fromtimestamp(NOON + 2, UTC)}
    assert [row.late for row in collect(course, inbox, due=due).rows] == [False, False, False]


def test_canvas_says_who_is_late(course, inbox, put):
    put(f"ada_LATE_1_100_{FIRST}.ipynb", "a")
    put(f"bo_2_101_{FIRST}.ipynb", "b")
    result = collect(course, inbox)
    assert ([row.late for row in result.rows], result.notes) == ([True, False], [])
    due = {FIRST: datetime.fromtimestamp(NOON - HOUR, UTC)}
    result = collect(course, inbox, due=due)
    assert [row.late for row in result.rows] == [True, False]
    assert "Canvas does not call late" in result.notes[0]


def test_what_came_in_time_is_not_late_when_it_is_downloaded_again(course, inbox, put):
    put(f"ada_1_100_{FIRST}.ipynb", "a")
    collect(course, inbox)
    shutil.rmtree(inbox)
    put(f"ada_LATE_1_100_{FIRST}.ipynb", "a", NOON + HOUR)
    assert [row.late for row in collect(course, inbox).rows] == [False]


def test_the_time_of_a_download_makes_nobody_late(course, inbox, put):
    due = {FIRST: datetime.fromtimestamp(NOON - HOUR, UTC)}
    put(f"Ada_1_assignsubmission_file_/{FIRST}.ipynb", "a", NOON)
    put(f"Bo_2_assignsubmission_file_/{FIRST}.ipynb", "b", NOON + 9)
    result = collect(course, inbox, due=due)
    assert [row.late for row in result.rows] == [None, None]
    assert "Whether 2 came in time cannot be told" in result.notes[-1]
    due = {FIRST: datetime.fromtimestamp(NOON + HOUR, UTC)}
    assert [row.late for row in collect(course, inbox, due=due).rows] == [False, False]


def test_moodles_worksheet_tells_when_it_was_handed_in(course, inbox, put, tmp_path):
    worksheet = tmp_path / "worksheet.csv"
    local = datetime.fromtimestamp(NOON - 7200).strftime("%A, %d %B %Y, %I:%M %p")
    worksheet.write_text(
        "Identifier,Full name,Email address,Last modified (submission)\n"
        f'Participant 1,Ada,ada@x.example,"{local}"\nParticipant 2,Bo,bo@x.example,-\n'
    )
    due = {FIRST: datetime.fromtimestamp(NOON - HOUR, UTC)}
    put(f"Ada_1_assignsubmission_file_/{FIRST}.ipynb", "a")
    put(f"Bo_2_assignsubmission_file_/{FIRST}.ipynb", "b")
    ada, bo = collect(course, inbox, worksheet, due).rows
    assert (ada.student, ada.late, ada.received) == (
        "ada@x.example",
        False,
        "2026-11-22T10:00:00+00:00",
    )
    assert (bo.student, bo.late) == ("bo@x.example", None)


def test_two_students_of_one_name_are_told_apart_by_number(course, inbox, put):
    put(f"Ada L_1_assignsubmission_file_/{FIRST}.ipynb", "a")
    put(f"Ada L_2_assignsubmission_file_/{FIRST}.ipynb", "b")
    one, two = collect(course, inbox).rows
    assert (one.student, two.student) == ("ada-l-1", "ada-l-2")
    assert one.oddities == ("has the same name as ada-l-2",)
    assert two.oddities == ("has the same name as ada-l-1",)
    assert counts(course, "ada-l-1") != counts(course, "ada-l-2")


def test_two_students_of_one_name_without_numbers_are_refused(course, inbox, put):
    put(f"group a/Ada/{FIRST}.ipynb", "a")
    put(f"group b/Ada/{FIRST}.ipynb", "b")
    put(f"group b/Bo/{FIRST}.ipynb", "c")
    put(f"group a/Cy/{FIRST}.ipynb", "same")
    put(f"group b/Cy/{FIRST}.ipynb", "same")
    # Two folders of groups look like two students; within a zip's folder they are told.
    result = collect(course, inbox)
    assert {row.student for row in result.rows} == {"group-a", "group-b"}
    for folder in ("group a", "group b"):
        shutil.move(inbox / folder, inbox / f"{folder} submissions")
    shutil.rmtree(course.submitted)
    shutil.rmtree(course.build / ATTEMPTS)
    result = collect(course, inbox)
    assert {row.student for row in result.rows} == {"bo", "cy"}
    assert len(result.unplaced) == 2
    assert "two students may have the name 'Ada'" in result.unplaced[0].why
    assert {file.copy.read_bytes() for file in result.unplaced} == {
        notebook(course, "a"),
        notebook(course, "b"),
    }


@pytest.mark.parametrize(
    ("one", "other"), [("Strauß", "Strauss"), ("Ann-Marie Lee", "Ann Marie Lee")]
)
def test_two_names_that_make_one_id_are_refused(course, inbox, put, one, other):
    put(f"{one}/{FIRST}.ipynb", "a")
    put(f"{other}/{FIRST}.ipynb", "b")
    put(f"Bo/{FIRST}.ipynb", "c")
    result = collect(course, inbox)
    assert [row.student for row in result.rows] == ["bo"]
    names = " or ".join(map(repr, sorted((one, other))))
    assert [file.why.partition(" (")[0] for file in result.unplaced] == [
        f"two students may have the name {names}"
    ] * 2


def test_a_roster_does_not_guess_between_two_of_one_name(course, inbox, put, tmp_path):
    roster = tmp_path / "class.csv"
    roster.write_text("id,name\ns1,Ada L\ns2,Ada L\ns3,Bo Ek\n")
    put(f"Ada L_1_assignsubmission_file_/{FIRST}.ipynb", "a")
    put(f"Bo Ek_2_assignsubmission_file_/{FIRST}.ipynb", "b")
    put(f"s2/{FIRST}.ipynb", "c")
    result = collect(course, inbox, roster)
    assert [row.student for row in result.rows] == ["s2", "s3"]
    assert [*why(result).values()] == [
        "several people of the class list have this name (s1, s2)",
    ]


def test_one_student_under_two_spellings_is_one_and_odd(course, inbox, put):
    put(f"Ada Lovelace/{FIRST}.ipynb", "a")
    collect(course, inbox)
    shutil.rmtree(inbox)
    put(f"ada_lovelace submissions/Ada-Lovelace/{FIRST}.ipynb", "b", NOON + 1)
    (row,) = collect(course, inbox).rows
    assert row.student == "ada-lovelace"
    assert row.oddities == ("called 'Ada Lovelace' and 'Ada-Lovelace'",)
    put(f"åsa_7_100_{FIRST}.ipynb", "a")
    put(f"åsaek_7_101_{FIRST}.ipynb", "b")
    row = collect(course, inbox).rows[-1]
    assert row.student == "åsa-7"
    assert row.oddities[0] == "called 'åsa' and 'åsaek'"


def test_a_student_keeps_the_id_when_canvas_changes_the_name(course, inbox, put):
    put(f"ada_7_100_{FIRST}.ipynb", "a")
    collect(course, inbox)
    shutil.rmtree(inbox)
    put(f"byron_7_109_{SECOND}.ipynb", "b", lesson=SECOND)
    (row,) = collect(course, inbox).rows
    assert (row.student, row.lesson) == ("ada-7", SECOND)


def test_a_roster_tells_downloads_from_students_folders(course, inbox, put, tmp_path):
    roster = tmp_path / "class.csv"
    roster.write_text("id,name\ns1,Ada Lovelace\ns2,Bo Ek\ns3,Cy Ng\n")
    put(f"Lesson 1-Hand in-4711/Ada Lovelace_70_assignsubmission_file_/{FIRST}.ipynb", "x = 11")
    put(f"Lesson 1-Hand in-4711/Bo Ek_71_assignsubmission_file_/{FIRST}.ipynb", "x = 22")
    put(f"by mail/Cy Ng/Copy of {FIRST} (2).ipynb", "x = 33")
    # Whoever is on the list hands in for nobody else.
    put(f"Cy Ng/Ada Lovelace_70_assignsubmission_file_/{SECOND}.ipynb", lesson=SECOND)
    result = collect(course, inbox, roster)
    assert not result.unplaced
    got = {(row.student, row.lesson): row.oddities for row in result.rows}
    assert got == {
        ("s1", FIRST): (),
        ("s2", FIRST): (),
        ("s3", FIRST): (),
        ("s3", SECOND): ("named as if by 'Ada Lovelace 70', but in this student's folder",),
    }


def test_files_without_a_place_for_one_reason_give_it_once(run, inbox, put):
    put(f"Cy/{FIRST}.ipynb")
    for number, student in enumerate(("Ada", "Bo", "Di")):
        put(f"Download/{student}_{number}_assignsubmission_file_/{FIRST}.ipynb")
    code, output = run("collect", inbox)
    assert code == 1
    assert "Not placed (3):" in output
    assert output.count("give a class list with --roster") == 1


def test_a_roster_gives_the_ids_and_is_kept(course, inbox, put, tmp_path):
    other_lesson(course)
    roster = tmp_path / "class.csv"
    roster.write_text("id,name\ns1,Ada Lovelace\n")
    put(f"Ada Lovelace_1_assignsubmission_file_/{FIRST}.ipynb", "a")
    put("class.csv", roster.read_bytes())
    result = collect(course, inbox, roster)
    assert [row.student for row in result.rows] == ["s1"]
    assert (result.notes, result.unplaced) == ([], [])
    roster.unlink()
    put(f"Ada Lovelace_9_assignsubmission_file_/{SECOND}.ipynb", "b", lesson=SECOND)
    put(f"Eve_3_assignsubmission_file_/{FIRST}.ipynb", "c")
    put("s1.ipynb", "d", NOON + 1)
    result = collect(course, inbox)
    assert [(row.student, row.lesson) for row in result.rows] == [("s1", FIRST), ("s1", SECOND)]
    assert list(why(result).values()) == ["'Eve' is not on the class list"]


def test_a_roster_that_comes_late_is_odd(course, inbox, put, tmp_path):
    put(f"Ada_1_assignsubmission_file_/{FIRST}.ipynb", "a")
    collect(course, inbox)
    roster = tmp_path / "class.csv"
    roster.write_text("id,name\ns1,Ada\n")
    (row,) = collect(course, inbox, roster).rows
    assert row.student == "s1"
    assert row.oddities[0].startswith("collected before as ada-1")
    assert collect(course, inbox).rows == [row]
    shutil.rmtree(attempts_folder(course, FIRST, "ada-1"))
    shutil.rmtree(course.submitted / "ada-1")
    (row,) = collect(course, inbox).rows
    assert row.oddities == ()
    assert set(read_collected(course, FIRST)) == {"s1"}


def other_lesson(course):
    """Make the second lesson unlike the first."""
    text = LESSON.replace("number", "figure").replace("total", "amount").replace("list", "row")
    write_lesson(course, SECOND, text.replace("mean", "median").replace("Sums", "Amounts"))


def test_the_wrong_lesson_is_odd(course, inbox, put):
    other_lesson(course)
    put(f"Ada/{SECOND}.ipynb", "a", lesson=FIRST)
    put(f"Bo/{FIRST}.ipynb", "a", lesson=FIRST)
    put("Cy/Untitled7.ipynb", "c", lesson=FIRST)
    ada, bo, cy = collect(course, inbox).rows
    assert (ada.lesson, ada.oddities) == (SECOND, (f"named {SECOND}, holds {FIRST}",))
    assert (bo.lesson, bo.oddities) == (cy.lesson, cy.oddities) == (FIRST, ())


OTHER_COURSE = nbformat.writes(
    nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('of another course')")])
).encode()


@pytest.mark.parametrize("hours", [-1, 0, 1])
@pytest.mark.parametrize("name", ["extra.ipynb", "extra.py", f"{FIRST} (2).ipynb"])
def test_a_second_notebook_of_no_lesson_does_not_count(course, inbox, put, hours, name):
    right = put(f"bo/{FIRST}/{FIRST}.ipynb")
    put(f"bo/{FIRST}/{name}", OTHER_COURSE, NOON + hours * HOUR)
    (row,) = collect(course, inbox).rows
    assert counts(course, "bo") == right
    assert kept(course, "bo") == {right, OTHER_COURSE}
    told = f"came with {name}, which holds nothing of this lesson: not counted"
    assert row.oddities == (told,)
    put(f"bo/{FIRST}/again.ipynb", OTHER_COURSE + b"\n", NOON + 9 * HOUR)
    collect(course, inbox)
    assert counts(course, "bo") == right
    newer = put(f"bo/{FIRST}/{FIRST} (3).ipynb", "y = 2", NOON + 2 * HOUR)
    collect(course, inbox)
    assert counts(course, "bo") == newer


def test_the_only_notebook_counts_though_it_holds_nothing_of_the_lesson(course, inbox, put):
    put(f"bo/{FIRST}.ipynb", OTHER_COURSE)
    (row,) = collect(course, inbox).rows
    assert counts(course, "bo") == OTHER_COURSE
    assert row.oddities == (f"holds nothing of {FIRST}",)


def test_a_notebook_with_two_lessons_is_told(course, inbox, put):
    write_lesson(course, SECOND, LESSON.replace("numbers", "values").replace("total", "add_up"))
    cells = [nbformat.read(course.source(name), as_version=4).cells for name in (FIRST, SECOND)]
    both = nbformat.v4.new_notebook(cells=[*cells[1], *cells[0]])
    for number, cell in enumerate(both.cells):
        cell.id = f"cell-{number}"
    put(f"bo/{FIRST}.ipynb", nbformat.writes(both).encode())
    put("cy/both.ipynb", nbformat.writes(both).encode() + b"\n")
    result = collect(course, inbox)
    assert [(row.lesson, row.oddities) for row in result.rows] == [
        (FIRST, (f"also holds {SECOND}: to be handed in there, too",))
    ]
    assert why(result) == {
        "cy/both.ipynb": f"it holds {FIRST} and {SECOND}, and its name does not tell which counts"
    }
    put(f"bo/{SECOND}.ipynb", nbformat.writes(both).encode())
    assert [row.oddities for row in collect(course, inbox).rows] == [(), ()]


@pytest.mark.parametrize("ending", [".py", ".json", ".ipynb.txt", "", ".txt", ".PY"])
def test_a_notebook_is_known_by_its_content(course, inbox, put, ending):
    data = put(f"bo/{FIRST}{ending}")
    (row,) = collect(course, inbox).rows
    assert counts(course, "bo") == data
    assert row.oddities == (f"handed in as '{FIRST}{ending}'",)


def test_the_wrong_assignment_is_odd(course, inbox, put):
    for number in range(5):
        lesson = SECOND if number == 3 else FIRST
        put(f"Ada {number}_{number}_assignsubmission_file_/{lesson}.ipynb", "a", lesson=lesson)
    rows = collect(course, inbox).rows
    assert [row.oddities for row in rows if row.lesson == SECOND] == [
        (f"among notebooks of {FIRST}",)
    ]
    assert [row.oddities for row in rows if row.lesson == FIRST] == [()] * 4


def test_garbage_is_collected_if_student_and_lesson_are_known(course, inbox, put):
    put(f"Ada/{FIRST}.ipynb", b"\xff\x00garbage")
    put(f"Bo/{FIRST}.ipynb", b"")
    put(f"Cy/{FIRST}.ipynb", b"[" * 100_000)
    put(f"Di/{FIRST}.ipynb", notebook(course, "d")[:-40])
    put(f"Ed/{FIRST}.ipynb.txt", "e")
    rows = collect(course, inbox).rows
    assert [row.oddities for row in rows] == [
        ("damaged, or not a notebook",),
        ("empty",),
        ("damaged, or not a notebook",),
        ("damaged, or not a notebook",),
        (f"handed in as '{FIRST}.ipynb.txt'",),
    ]
    assert counts(course, "ada") == b"\xff\x00garbage"
    assert counts(course, "bo") == b""
    assert counts(course, "ed") == notebook(course, "e")


def test_what_cannot_be_placed_is_told_and_copied(course, inbox, put):
    put(f"{FIRST}.ipynb", "nobody's")
    put("Ada/Untitled.ipynb", b"{}")
    put("Bo/answers.pdf", b"%PDF")
    put(f"Cy_9_assignsubmission_file_/{FIRST}.py", b"print(1)")
    put("Di.zip", b"")
    put("Ed/work.rar", b"Rar!")
    (inbox / f"Eve {FIRST}.ipynb").symlink_to("/etc/passwd")
    result = collect(course, inbox)
    assert why(result) == {
        f"{FIRST}.ipynb": "its name does not tell whose it is",
        "Ada/Untitled.ipynb": "neither its name nor its cells tell which lesson it is",
        "Bo/answers.pdf": "it is no notebook: expected .ipynb, got .pdf",
        f"Cy_9_assignsubmission_file_/{FIRST}.py": "it is no notebook: expected .ipynb, got .py",
        "Di.zip": "it is a zip of 0 bytes",
        "Ed/work.rar": "it is no notebook: expected .ipynb, got .rar",
        f"Eve {FIRST}.ipynb": "it is a link, and links are not followed",
    }
    assert result.rows == []
    assert all(file.advice for file in result.unplaced)
    copies = [file.copy for file in result.unplaced]
    assert [copy and copy.parent for copy in copies].count(course.build / UNPLACED) == 6
    assert copies[-1] is None
    assert not course.submitted.exists()


def test_what_lies_beside_a_notebook_is_kept_where_nothing_imports_it(course, inbox, put):
    put(f"Ada/{FIRST}.ipynb", "a")
    put("Ada/numpy.py", b"raise SystemExit('run')")
    put("Ada/data/y.csv", b"1,2")
    put("Ada/../Ada/-rf [x]*.py", b"print(2)")
    put("Ada/z.py", b"print(3)")
    (row,) = collect(course, inbox).rows
    assert [path.name for path in course.submission("ada", FIRST).parent.iterdir()] == [
        f"{FIRST}.ipynb"
    ]
    files = sorted((attempts_folder(course, FIRST, "ada") / BESIDE).iterdir())
    assert {path.read_bytes() for path in files} == {
        b"raise SystemExit('run')",
        b"1,2",
        b"print(2)",
        b"print(3)",
    }
    assert not any(path.stem.isidentifier() for path in files)
    assert row.oddities == ("came with _rf_x_.py, numpy.py, y.csv and 1 more: kept, never run",)


def test_the_courses_own_files_are_nothing_new(course, inbox, put):
    put(f"Ada/{FIRST}.ipynb", "a")
    readme = next(course.release.rglob("*.md"), None) or course.release / "README.md"
    readme.write_text("For students")
    put("Ada/README.md", readme.read_bytes())
    put(
        "Ada/course_utils/checks.py",
        Path(checks.__file__).read_bytes(),
    )
    (row,) = collect(course, inbox).rows
    assert row.oddities == ()


@pytest.mark.parametrize(
    "name",
    [
        'O\'Brien, "Zoë"',
        "=1+1",
        "Ada [*?]",
        "..",
        "a" * 200,
        "con",
        "🦊",
        "a\x1b[31m\nb",
        "-rf",
        "%s {0}",
    ],
)
def test_every_name_can_be_graded(course, inbox, put, name):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(f"{name}_5_assignsubmission_file_/{FIRST}.ipynb", notebook(course, "a"))
    inbox.joinpath("in.zip").write_bytes(data.getvalue())
    (row,) = collect(course, inbox / "in.zip").rows
    assert submissions(course, [FIRST]) == [(row.student, FIRST)]
    assert row.student.endswith("-5")
    assert not set(row.student) & set("[]*?/\\\x1b\n")
    assert course.submission(row.student, FIRST).resolve().is_relative_to(course.submitted)


def test_a_zip_with_a_path_that_leads_out_writes_nothing_there(course, inbox):
    with zipfile.ZipFile(inbox / "in.zip", "w") as archive:
        archive.writestr(f"../../evil/{FIRST}.ipynb", b"evil")
        archive.writestr(f"Ada/{FIRST}.ipynb", notebook(course, "a"))
    before = {path for path in inbox.parent.rglob("*") if course.build not in path.parents}
    result = collect(course, inbox / "in.zip")
    assert {path for path in inbox.parent.rglob("*") if course.build not in path.parents} == before
    assert [row.student for row in result.rows] == ["ada"]
    assert [file.why for file in result.unplaced] == ["its name leads out of the zip"]


def test_the_list_is_as_others_read_it(course, inbox, put):
    put(f"Ada/{FIRST}.ipynb", "a")
    collect(course, inbox)
    told = json.loads((attempts_folder(course, FIRST) / LIST).read_text())
    (entry,) = told["students"]
    keys = {"student", "lesson", "sha256", "received", "late", "attempts", "oddities"}
    assert keys <= set(entry)
    assert hashlib.sha256(counts(course, "ada")).hexdigest() == entry["sha256"]
    assert read_collected(course, SECOND) == {}


def test_a_damaged_list_is_told(course, inbox, put):
    put(f"Ada/{FIRST}.ipynb", "a")
    collect(course, inbox)
    (attempts_folder(course, FIRST) / LIST).write_text('{"students": [{')
    with pytest.raises(CourseError, match="is damaged .* Move it away"):
        collect(course, inbox)
    (attempts_folder(course, FIRST) / LIST).unlink()
    assert [row.student for row in collect(course, inbox).rows] == ["ada"]


def test_the_course_itself_is_no_inbox(course):
    with pytest.raises(CourseError, match="holds the course itself"):
        collect(course, course.root)


def test_two_collects_do_not_meet(course, inbox, put):
    put(f"Ada/{FIRST}.ipynb", "a")
    with FileLock(course.build / ".collect.lock"), pytest.raises(CourseError, match="Another"):
        collect(course, inbox)


@pytest.mark.parametrize("writes", [0, 1, 3, 4, 6, 7, 8])
def test_a_full_disk_leaves_only_whole_files(course, inbox, put, monkeypatch, writes):
    for student in ("Ada", "Bo"):
        put(f"{student}/{FIRST}.ipynb", student)
        put(f"{student}/helper.py", student.encode())
    put("nobody.pdf", b"%PDF")
    real, left = os.fdopen, [writes]

    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(28, "No space left on device")

    def fdopen(handle, mode="r", **options):
        left[0] -= mode == "wb"
        file = real(handle, mode, **options)
        if mode == "wb" and left[0] < 0:
            file.write(b"half")
            file.close()
            return Full()
        return file

    with monkeypatch.context() as patch:
        patch.setattr(whole_file.os, "fdopen", fdopen)
        if writes < 8:
            with pytest.raises(OSError, match="No space left"):
                collect(course, inbox)
        else:
            collect(course, inbox)
    assert not list(course.build.glob(f"{PART}*"))
    assert b"half" not in [path.read_bytes() for path in course.build.rglob("*") if path.is_file()]
    assert all(path.is_file() for path in course.submitted.glob("*/*/*"))
    assert all(list(path.iterdir()) for path in course.submitted.glob("*/*"))
    collect(course, inbox)
    repeated = tree(course)
    for place in (course.submitted, course.build / ATTEMPTS, course.build / UNPLACED):
        shutil.rmtree(place)
    collect(course, inbox)
    assert tree(course) == repeated


KILLED = """
import os, signal, sys
from pathlib import Path
from course_utils.instructor.course import find_course
from course_utils.instructor.collect import collect
calls = int(sys.argv[3])
real = os.open, Path.replace, Path.mkdir, Path.chmod
def counted(function):
    def run(*arguments, **options):
        global calls
        calls -= 1
        if calls < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)
    return run
Path.replace, Path.mkdir, Path.chmod = map(counted, real[1:])
print("begins", flush=True)
collect.collect(find_course(sys.argv[1]), Path(sys.argv[2]))
"""


def test_killed_at_any_moment_and_repeated_gives_the_same(course, inbox, put):
    for student in ("Ada", "Bo", "Cy"):
        put(f"{student}/{FIRST}.ipynb", student)
        put(f"{student}/x/{FIRST}.ipynb", f"{student} again", NOON + 1)
        put(f"{student}/{SECOND}.ipynb", student, lesson=SECOND)
    put("Ada/helper.py", b"print(1)")
    put("nobody.pdf", b"%PDF")
    collect(course, inbox)
    whole = tree(course)
    killed = 0
    for calls in (0, 1, 4, 9, 16, 25, 33, 50):
        for place in (course.submitted, course.build / ATTEMPTS, course.build / UNPLACED):
            shutil.rmtree(place, ignore_errors=True)
        command = [sys.executable, "-c", KILLED, str(course.root), str(inbox), str(calls)]
        done = subprocess.run(command, capture_output=True, check=False)
        killed += done.returncode == -signal.SIGKILL
        half = tree(course)
        assert half.items() <= {**whole, **{k: v for k, v in half.items() if LIST in k}}.items()
        collect(course, inbox)
        assert tree(course) == whole
        assert not list(course.build.glob(f"{PART}*"))
    assert killed >= 7


def test_killed_by_the_clock_and_repeated_gives_the_same(course, inbox, put):
    for number in range(60):
        put(f"student {number}/{FIRST}.ipynb", f"answer {number}")
    collect(course, inbox)
    whole = tree(course)
    for seconds in (0.02, 0.08, 0.15):
        for place in (course.submitted, course.build / ATTEMPTS):
            shutil.rmtree(place)
        command = [sys.executable, "-c", KILLED, str(course.root), str(inbox), "100000"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            timer = threading.Timer(seconds, process.kill)
            timer.start()
            process.wait()
            timer.cancel()
        collect(course, inbox)
        assert tree(course) == whole


def test_the_command_ends_with_a_table(run, inbox, put):
    put(f"Ada/{FIRST}.ipynb", "a")
    put(f"Ada/x/{FIRST}.ipynb", "b", NOON + 1)
    code, output = run("collect", inbox)
    assert code == 0, output
    assert "who" in output and "what is odd" not in output
    assert f"{FIRST} (2 attempts)" in output
    assert "Notebooks: 1; students: 1; new attempts: 2" in output
    put(f"Bo/{FIRST}.ipynb", b"")
    code, output = run("collect", inbox, "--due", f"{FIRST}=2026-11-22T10:00+00:00")
    assert code == 0
    assert "what is odd" in output and "empty" in output and ", late" in output


def test_the_command_fails_where_something_has_no_place(run, inbox, put):
    put("Ada [red]/a\x1b[31m.pdf", b"%PDF")
    code, output = run("collect", inbox)
    assert code == 1
    assert "Not placed (1):" in output
    assert "Ada [red]/a\\x1b[31m.pdf (copied to " in output
    assert "It is no notebook" in output
    assert "\x1b" not in output
    assert "Ask ada-red for the notebook" in output


def test_an_empty_inbox_fails(run, inbox):
    code, output = run("collect", inbox)
    assert code == 1
    assert "nothing in it" in output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere"], "nowhere is neither"),
        (["nbgrader_config.py"], "is one file. Give the folder"),
        (["inbox", "--due", "tomorrow"], "Expected LESSON=DATE"),
        (["inbox", "--due", "09-none=2026-12-01"], "No lesson is called '09-none'"),
        (["inbox", "--roster", "none.csv"], "cannot be read"),
    ],
)
def test_wrong_calls_are_told(run, inbox, arguments, complaint):
    arguments = [inbox if argument == "inbox" else argument for argument in arguments]
    code, output = run("collect", *arguments)
    assert code == 2
    assert complaint in output


@pytest.mark.parametrize("width", [30, 80])
def test_a_narrow_terminal_shows_everything(run, inbox, put, monkeypatch, width):
    monkeypatch.setattr("course_utils.instructor.cli.collect.console.width", width, raising=False)
    name = "Wolfeschlegelsteinhausenbergerdorff"
    put(f"{name}/{FIRST}.ipynb", b"")
    output = run("collect", inbox)[1]
    table = output[: output.index("Notebooks: 1")]
    assert "…" not in table
    assert all(len(line) <= width for line in table.splitlines())
    cells = [line.split("│")[1].strip() for line in table.splitlines() if line.startswith("│")]
    assert "".join(cells) == name.casefold()


def zipped(data, year):
    """A student's own zip, whose times are those of the student's clock."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(f"{FIRST}.ipynb", (year, 1, 1, 0, 0, 0)), data)
    return file.getvalue()


def test_the_times_in_a_students_own_zip_count_for_nothing(course, inbox, put):
    due = {FIRST: datetime.fromtimestamp(NOON - HOUR, UTC)}
    put("Ada/work.zip", zipped(notebook(course, "a"), 1999))
    put("bo.zip", zipped(notebook(course, "b"), 1999))
    assert [row.late for row in collect(course, inbox, due=due).rows] == [None, None]


def test_a_students_own_zip_makes_nobody_else_late(course, inbox, put):
    due = {FIRST: datetime.fromtimestamp(NOON - HOUR, UTC)}
    put(f"Ada_1_assignsubmission_file_/{FIRST}.ipynb", "a", NOON)
    put("Mal_2_assignsubmission_file_/work.zip", zipped(notebook(course, "b"), 1999), NOON + 9)
    put(f"cy_3_103_{FIRST}.ipynb", "c", NOON)
    put("mel_4_104_work.zip", zipped(notebook(course, "d"), 1999), NOON + 9)
    late = {row.student: row.late for row in collect(course, inbox, due=due).rows}
    assert late == {"ada-1": None, "mal-2": None, "cy-3": False, "mel-4": False}


def test_the_times_in_the_zip_of_a_class_make_nobody_late(course, inbox, put):
    due = {FIRST: datetime.fromtimestamp(NOON - HOUR, UTC)}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for year, name in ((1999, "Ada"), (2099, "Bo")):
            entry = zipfile.ZipInfo(f"{name}/{FIRST}.ipynb", (year, 1, 1, 0, 0, 0))
            archive.writestr(entry, notebook(course, name))
    put("submissions.zip", file.getvalue())
    assert [row.late for row in collect(course, inbox, due=due).rows] == [False, None]


def test_nobody_can_be_called_like_the_list(course, inbox, put):
    put(f"collected.json/{FIRST}.ipynb", "a")
    put(f"Ada/{FIRST}.ipynb", "b")
    students = [row.student for row in collect(course, inbox).rows]
    assert students == ["ada", "student-collected.json"]
    assert collect(course, inbox).new == 0
