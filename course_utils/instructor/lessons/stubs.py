"""What stood in the answers of former releases: whoever hands one in has not answered anything."""

import json

import nbformat

from course_utils.instructor.whole_file import read_kept, write_whole

STUBS = "stubs.json"


def read_stubs(course, lesson):
    """Read what stood in a lesson's answers in former releases.

    Parameters
    ----------
    course : Course
    lesson : str

    Returns
    -------
    dict of str to list of str
        By exercise.

    Raises
    ------
    CourseError
        If the file is damaged.
    """
    return _read(course).get(lesson, {})


def keep_stubs(course, lessons):
    """Remember what stands in the answers of lessons as they are released now.

    Parameters
    ----------
    course : Course
    lessons : sequence of str
        Those that have not been released are passed over.

    Raises
    ------
    CourseError
        If the file is damaged.
    OSError
        If it cannot be written.
    """
    kept = _read(course)
    for lesson in lessons:
        if course.released(lesson).is_file():
            own = kept.setdefault(lesson, {})
            for cell in nbformat.read(course.released(lesson), as_version=4).cells:
                roles = cell.metadata.get("nbgrader", {})
                known = own.setdefault(roles["grade_id"], []) if roles.get("solution") else None
                if known is not None and cell.source not in known:
                    known.append(cell.source)
    write_whole(course.build / STUBS, json.dumps(kept, ensure_ascii=False, indent=1).encode())


def _read(course):
    """What stood in all answers."""

    def convert(told):
        return {lesson: dict(stubs) for lesson, stubs in told.items()}

    return read_kept(course.build / STUBS, convert, "Remove it; then: course release") or {}
