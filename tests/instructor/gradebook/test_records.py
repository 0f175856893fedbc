"""Records are read as they were written, and never half."""

import os
from dataclasses import replace

import pytest

from course_utils.instructor.course import Course, file_stem
from course_utils.instructor.gradebook.records import (
    COULD_NOT_GRADE,
    GRADED,
    NEEDS_REVIEW,
    Cell,
    Record,
    read_record,
    record_path,
    sign_off,
    write_record,
)

RECORD = Record(
    student='Ada "=1+1", née Byron',
    lesson="01-first",
    status=NEEDS_REVIEW,
    reasons=("cell 3 ended the kernel",),
    repairs=("two cells had the same id",),
    cells=(Cell("total-visible", "total", 1.0, 1.0, False), Cell("why", "why", None, 2.0, True)),
    submission="ab" * 32,
    release="cd" * 32,
    graded="2026-11-22T10:00:00+00:00",
)


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path, tmp_path / "build", "sqlite://", tmp_path / "logs")


def test_a_record_is_read_as_it_was_written(course):
    assert read_record(course, RECORD.student, RECORD.lesson) is None
    write_record(course, RECORD)
    assert read_record(course, RECORD.student, RECORD.lesson) == RECORD


def test_a_record_of_before_does_not_say_what_was_run(course):
    write_record(course, RECORD)
    path = record_path(course, RECORD.student, RECORD.lesson)
    path.write_text(path.read_text().replace(',\n "run": ""', ""))
    assert "run" not in path.read_text()
    assert read_record(course, RECORD.student, RECORD.lesson) == RECORD


@pytest.mark.parametrize("length", [180, 181, 255])
@pytest.mark.parametrize("letter", ["a", "é", "🧮", "\udcff"])
def test_a_student_s_name_may_be_as_long_as_a_folder_s(course, letter, length):
    size = len(os.fsencode(letter))
    longest = letter * (length // size) + "x" * (length % size)
    other = longest[:-1] + "y"
    for student in (longest, other):
        write_record(course, replace(RECORD, student=student))
    for student in (longest, other):
        assert read_record(course, student, RECORD.lesson).student == student
        # Not even who knows how files are called can have another's.
        assert read_record(course, file_stem(student), RECORD.lesson) == (
            None if length > 180 else read_record(course, student, RECORD.lesson)
        )


def test_what_was_reviewed_counts_as_graded_and_says_so(course):
    write_record(course, RECORD)
    sign_off(course, RECORD, "she \udcff took care")
    record = read_record(course, RECORD.student, RECORD.lesson)
    assert (record.status, record.reasons) == (GRADED, RECORD.reasons)
    assert (record.note, record.reviewed[:2]) == ("she \udcff took care", "20")


@pytest.mark.parametrize(
    ("change", "stands"),
    [
        ({"graded": "2026-11-23T10:00:00+00:00", "release": "ef" * 32}, True),
        ({"reasons": ()}, True),
        ({"reasons": ("cell 4 ended the kernel",)}, False),
        ({"reasons": (*RECORD.reasons, "cell 4 ended the kernel")}, False),
        ({"submission": "ef" * 32}, False),
        ({"student": "bo"}, False),
        ({"lesson": "02-next"}, False),
    ],
    ids=["later", "fewer", "another", "more", "handed in again", "student", "lesson"],
)
def test_a_review_is_of_one_version_and_its_reasons(course, change, stands):
    write_record(course, RECORD)
    sign_off(course, RECORD)
    record_path(course, RECORD.student, RECORD.lesson).unlink()  # as grading does at first
    again = replace(RECORD, **change)
    write_record(course, again)
    record = read_record(course, again.student, again.lesson)
    assert record.status == (GRADED if stands else NEEDS_REVIEW)
    assert bool(record.reviewed) == stands


def test_a_review_makes_nothing_graded_that_could_not_be(course):
    sign_off(course, RECORD)
    write_record(course, replace(RECORD, status=COULD_NOT_GRADE))
    assert read_record(course, RECORD.student, RECORD.lesson).status == COULD_NOT_GRADE


def test_a_damaged_review_is_none(course):
    write_record(course, RECORD)
    sign_off(course, RECORD)
    path = record_path(course, RECORD.student, RECORD.lesson)
    (path.parent / "reviewed" / path.name).write_text('{"submission": ')
    assert read_record(course, RECORD.student, RECORD.lesson) == RECORD


def test_a_disk_that_fills_up_leaves_the_earlier_record(course, monkeypatch):
    write_record(course, RECORD)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_record(course, replace(RECORD, status="graded"))
    assert read_record(course, RECORD.student, RECORD.lesson) == RECORD
    folder = record_path(course, RECORD.student, RECORD.lesson).parent
    assert [path.suffix for path in folder.iterdir()] == [".json"]
