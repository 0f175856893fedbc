"""Times for people: read in the course's zone, and never shown without one."""

import re
from datetime import datetime, timedelta

BARE = re.compile(r"\d{4}-\d\d-\d\d")
MINUTE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?P<zone>Z|[+-]\d\d:?\d\d)?")


def shown(time, zone=None):
    """Show a time with its zone, as a distance from UTC, which is never read in two ways.

    Parameters
    ----------
    time : datetime or str
        With a zone; a text is ISO 8601.
    zone : tzinfo, optional
        The one to show it in: the course's; this computer's, if not given.

    Returns
    -------
    str
        Such as ``"2026-12-01 18:00 UTC+01:00"``.
    """
    time = datetime.fromisoformat(time) if isinstance(time, str) else time
    time = time.astimezone(zone)
    return f"{time:%Y-%m-%d %H:%M} {zone_of(time)}"


def zone_of(time):
    """Tell the zone of a time, such as ``"UTC+01:00"``.

    Parameters
    ----------
    time : datetime
        With a zone.

    Returns
    -------
    str
    """
    distance = time.strftime("%z")
    return "UTC" if distance == "+0000" else f"UTC{distance[:3]}:{distance[3:5]}"


def in_zone(time, zone=None):
    """Give a time without zone the course's.

    Parameters
    ----------
    time : datetime
    zone : tzinfo, optional
        This computer's, if not given.

    Returns
    -------
    datetime
        With a zone: the time's own, if it has one.
    """
    if time.tzinfo:
        return time
    return time.replace(tzinfo=zone) if zone else time.astimezone()


def read_deadline(text, zone=None):
    """Read until when something may be handed in.

    Parameters
    ----------
    text : str
        ISO 8601. A day lasts until its end, a minute until its last second.
    zone : tzinfo, optional
        Of a text that tells none; this computer's, if not given.

    Returns
    -------
    datetime
        The last second in time, with a zone.

    Raises
    ------
    ValueError
        If it is no such text.
    """
    text = text.strip()
    if BARE.fullmatch(text):
        text, more = f"{text}T23:59", 59
    elif MINUTE.fullmatch(text):
        more = 59
    elif re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", text):
        more = 0
    else:  # 20261201 and 2026-W49-2 are ISO 8601 as well, and mostly a slip
        raise ValueError(f"expected 2026-12-01, or 2026-12-01T18:00; got {text!r}")
    return in_zone(datetime.fromisoformat(text), zone) + timedelta(seconds=more)
