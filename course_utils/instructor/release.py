"""Make what students get: lessons without solutions, hidden tests and notes for instructors."""

from dataclasses import replace
from tempfile import TemporaryDirectory

import nbformat

from course_utils.instructor import leaks
from course_utils.instructor.course import choose_lessons, lesson_names
from course_utils.instructor.exercises import check_markers

INSTRUCTOR_TAG = "instructor"
MEND_LESSON = (
    "Say it differently in {source}, or put it between ### BEGIN SOLUTION and ### END SOLUTION "
    "(tests: ### BEGIN HIDDEN TESTS and ### END HIDDEN TESTS); then run: make pair"
)
MEND_FILE = "Students get this file: say it differently, or move it to where they do not"


class ReleaseError(Exception):
    """A release was refused; ``leaks`` lists why, and the former release is untouched."""

    def __init__(self, found):
        super().__init__("\n".join(map(str, found)))
        self.leaks = found


def release(course, lessons):
    """Release lessons: all of them, or none if any leaks.

    Parameters
    ----------
    course : Course
    lessons : sequence of str
        Names of lessons; none means every lesson.

    Returns
    -------
    list of Path
        The released notebooks, below ``course.release``.

    Raises
    ------
    CourseError
        If there is no such lesson.
    ReleaseError
        If a solution, a hidden test or a marker would reach students.
    ConversionError
        If nbgrader could not make a lesson's release.
    ValueError
        If a graded cell is tagged ``instructor``, or the markers in a lesson are not in order.

    Notes
    -----
    The release is made and searched in a folder aside; only then do the course's gradebook and
    release learn of it. Cells tagged ``instructor`` are left out.
    """
    lessons = choose_lessons(course, lessons)
    course.build.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".release-", dir=course.build) as folder:
        trial = replace(course.with_build(folder), logs=course.logs)
        for lesson in lessons:
            generate(trial, lesson)
        found = find_leaks(trial)
        if found:
            raise ReleaseError(found)
        checked = replace(trial, gradebook_url=course.gradebook_url)
        for lesson in lessons:
            generate(checked, lesson)
        for lesson in lessons:
            _put_in_place(checked, course, lesson)
    return [course.released(lesson) for lesson in lessons]


def generate(course, lesson):
    """Make one lesson's release and enter it in the gradebook, without searching it for leaks.

    Parameters
    ----------
    course : Course
    lesson : str

    Raises
    ------
    ConversionError
        If nbgrader could not make it.
    ValueError
        If a graded cell is tagged ``instructor``, or the markers in a lesson are not in order.
    """
    # nbgrader takes 0.7 s to import, which `course --help` need not wait for.
    from nbgrader.converters import GenerateAssignment

    from course_utils.instructor.converters import convert

    check_markers(nbformat.read(course.source(lesson), as_version=4), _markdown(course, lesson))
    convert(GenerateAssignment, course, lesson)
    path = course.released(lesson)
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("jupytext", None)
    notebook.cells = [cell for cell in notebook.cells if not _is_for_instructors(cell, lesson)]
    nbformat.write(notebook, path)


def find_leaks(course):
    """Search everything released, and the package that students get with it.

    Parameters
    ----------
    course : Course

    Returns
    -------
    list of Leak
        Empty if the release is clean.
    """
    secrets = [
        secret
        for lesson in lesson_names(course)
        for secret in leaks.read_secrets(nbformat.read(course.source(lesson), as_version=4), lesson)
    ]
    found = []
    for path in sorted(path for path in course.release.rglob("*") if path.is_file()):
        place = path.relative_to(course.build)
        lesson = place.parts[1]
        if path == course.released(lesson):
            mend = MEND_LESSON.format(source=_markdown(course, lesson))
            found += leaks.leaks_in_notebook(path, secrets, str(place), mend)
        else:
            found += leaks.leaks_in_file(path, secrets, str(place), MEND_FILE)
    package = course.root / "course_utils"
    for path in sorted(path for path in package.rglob("*") if path.is_file()):
        if not {"instructor", "__pycache__"}.intersection(path.relative_to(package).parts):
            place = str(path.relative_to(course.root))
            found += leaks.leaks_in_file(path, secrets, place, MEND_FILE)
    return found


def _markdown(course, lesson):
    """A lesson's Markdown, as messages call it."""
    return str(course.source(lesson).with_suffix(".md").relative_to(course.root))


def _is_for_instructors(cell, lesson):
    """Whether a cell is tagged for instructors only."""
    tagged = INSTRUCTOR_TAG in cell.metadata.get("tags", [])
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    if tagged and name:
        raise ValueError(
            f"{lesson}: cell {name!r} is graded and tagged {INSTRUCTOR_TAG!r}; students would "
            "never see it. Remove the tag, or the cell's nbgrader metadata."
        )
    return tagged


def _put_in_place(checked, course, lesson):
    """Move a lesson's checked release to where students' releases lie, and the former one away."""
    target = course.release / lesson
    course.release.mkdir(exist_ok=True)
    if target.exists():
        target.rename(checked.build / f"former-{lesson}")
    (checked.release / lesson).rename(target)
