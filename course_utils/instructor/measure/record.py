"""The file of a lesson's measurements: one readable entry a run."""

import yaml

from course_utils.instructor.course import CourseError
from course_utils.instructor.measure import claims
from course_utils.instructor.whole_file import write_whole

HEAD = "# Written by `course measure {lesson}`; see docs. Do not edit: measure anew.\n"
FACTS = ("date", "commit", "device", "versions", "data", "seconds", "processor_seconds")


def path_of(course, lesson, profile):
    """Where a lesson's measurements stand.

    Parameters
    ----------
    course : Course
    lesson : str
    profile : str

    Returns
    -------
    Path
    """
    name = lesson if profile == "full" else f"{lesson}-{profile}"
    return course.root / "site" / "measured" / f"{name}.yaml"


def read(course, lesson, profile="full"):
    """Read what was measured.

    Parameters
    ----------
    course : Course
    lesson : str
    profile : str

    Returns
    -------
    dict
        ``code``, and ``runs``: by number a dict with `FACTS`, ``numbers`` by name, and ``holds`` by
        sentence. Without runs if nothing was measured yet.

    Raises
    ------
    CourseError
        If the file is damaged.
    """
    path = path_of(course, lesson, profile)
    if not path.is_file():
        return {"code": "", "runs": {}}
    try:
        kept = yaml.safe_load(path.read_text("utf-8"))
        return {"code": kept["code"], "runs": dict(kept["runs"])}
    except (yaml.YAMLError, KeyError, TypeError, ValueError):
        raise CourseError(
            f"{path.relative_to(course.root)} is damaged. Take it from git (git checkout -- "
            f"{path.relative_to(course.root)}), or remove it and measure anew."
        ) from None


def entry(outcome, numbers, expectations, profile):
    """Make the entry of a run from what was kept of it.

    Parameters
    ----------
    outcome : dict
        See `measuring.measure`.
    numbers : list of claims.Number
    expectations : list of claims.Expectation
    profile : str

    Returns
    -------
    dict
    """
    variables = outcome["variables"]
    facts = {name: outcome[name] for name in FACTS}
    facts["seconds"] = round(facts["seconds"])
    facts["processor_seconds"] = round(facts["processor_seconds"])
    return facts | {
        "numbers": {it.name: _short(claims.value(it.expression, variables)) for it in numbers},
        "holds": {
            it.sentence: bool(claims.value(it.predicate, variables))
            for it in expectations
            if profile in it.profiles
        },
    }


def write(course, lesson, profile, code, runs):
    """Write what was measured, in place of what the file held.

    Parameters
    ----------
    course : Course
    lesson : str
    profile : str
    code : str
        See `measuring.code_digest`.
    runs : dict
        Entries by number.

    Raises
    ------
    CourseError
        If they are from more than one device.
    """
    devices = {it["device"] for it in runs.values()}
    if len(devices) > 1:
        raise CourseError(
            f"The runs of {lesson} should be from one device; got {' and '.join(sorted(devices))}. "
            f"Measure all on one, or move {path_of(course, lesson, profile).name} away first."
        )
    kept = {"lesson": lesson, "profile": profile, "code": code, "runs": dict(sorted(runs.items()))}
    text = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=100)
    write_whole(path_of(course, lesson, profile), (HEAD.format(lesson=lesson) + text).encode())


def ranges(runs):
    """Give the least and the greatest value of each number.

    Parameters
    ----------
    runs : dict
        Entries by number.

    Returns
    -------
    dict of str to (float, float)
    """
    names = {name: None for run in runs.values() for name in run["numbers"]}
    found = {
        name: [it["numbers"][name] for it in runs.values() if name in it["numbers"]]
        for name in names
    }
    return {name: (min(values), max(values)) for name, values in found.items()}


def moved(before, now):
    """Give the numbers whose ranges have nothing in common with those of last time.

    Parameters
    ----------
    before, now : dict of str to (float, float)

    Returns
    -------
    list of str
    """
    return [
        name
        for name in before.keys() & now.keys()
        if now[name][0] > before[name][1] or now[name][1] < before[name][0]
    ]


def _short(number):
    """A number as it is written down."""
    number = float(number)
    return int(number) if number.is_integer() and abs(number) < 1e15 else float(f"{number:.6g}")
