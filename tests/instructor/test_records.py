"""Records are read as they were written, and never half."""

import os
from dataclasses import replace

import pytest

from course_utils.instructor.course import Course
from course_utils.instructor.records import (
    NEEDS_REVIEW,
    Cell,
    Record,
    read_record,
    read_records,
    record_path,
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


def test_records_are_sorted_by_student_then_lesson(course):
    later, other = replace(RECORD, lesson="02-next"), replace(RECORD, student="Aaron")
    for record in (later, RECORD, other):
        write_record(course, record)
    assert read_records(course, ["01-first", "02-next"]) == [other, RECORD, later]
    assert read_records(course, ["03-last"]) == []


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
