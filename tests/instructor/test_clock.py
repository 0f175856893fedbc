"""Dates are read to their end, and no time is shown without its zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from course_utils.instructor.clock import read_deadline, shown

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2026-12-01", "2026-12-01T23:59:59+01:00"),
        ("2026-07-01", "2026-07-01T23:59:59+02:00"),
        ("2026-12-01T18:00", "2026-12-01T18:00:59+01:00"),
        ("2026-12-01 18:00", "2026-12-01T18:00:59+01:00"),
        ("2026-12-01T18:00:30", "2026-12-01T18:00:30+01:00"),
        ("2026-12-01T18:00Z", "2026-12-01T18:00:59+00:00"),
        ("2026-12-01T18:00-08:00", "2026-12-01T18:00:59-08:00"),
    ],
)
def test_a_date_lasts_to_its_end(text, end):
    assert read_deadline(text, BERLIN) == datetime.fromisoformat(end)


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "01.12.2026", "20261201", "2026-W49-2", "2026-13-01"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="expected 2026-12-01|month"):
        read_deadline(text, BERLIN)


def test_a_time_is_shown_with_its_zone():
    time = datetime(2026, 12, 1, 17, 0, 59, tzinfo=UTC)
    assert shown(time, BERLIN) == "2026-12-01 18:00 UTC+01:00"
    assert shown(time.isoformat(), UTC) == "2026-12-01 17:00 UTC"
    assert shown(time, ZoneInfo("America/St_Johns")) == "2026-12-01 13:30 UTC-03:30"
