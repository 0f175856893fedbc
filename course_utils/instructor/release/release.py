"""Make what students get: lessons without solutions, hidden tests and notes for instructors.

A release is all or nothing. It is made and searched for leaks in a folder aside, which then trades
places with the former one in a single step; the gradebook learns of it in the same moment. Whenever
this is interrupted, the former release is whole, or the new one is.
"""

import json
import shutil
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from filelock import FileLock, Timeout

from course_utils.instructor.course import CourseError, choose_lessons, lesson_names
from course_utils.instructor.lessons.exercises import (
    check_markers,
    read_exercises,
    read_source,
)
from course_utils.instructor.lessons.pairs import check_pairs
from course_utils.instructor.lessons.stubs import keep_stubs
from course_utils.instructor.plain_text import in_one_line
from course_utils.instructor.release import bundle, leaks
from course_utils.instructor.release.confidential import INSTRUCTOR_TAG, read_secrets, read_seeds
from course_utils.instructor.release.swap import mend, swap

ASIDE = ".release-"
UNFINISHED = ".unfinished-release.json"
REPOSITORY = "release.git"
SEEDS = "challenge-secrets"
"""Where ``hidden_images`` keeps them."""
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


def release(course, lessons, on_step=None):
    """Release lessons: all of them, or none if any leaks.

    Lessons released earlier stay as they are; those that the course has no longer disappear.

    Parameters
    ----------
    course : Course
    lessons : sequence of str
        Names of lessons; none means every lesson.
    on_step : function of (str, int, int), optional
        Told what is done, how many steps are done, and how many there are.

    Returns
    -------
    list of Path
        The released notebooks, below ``course.release``.

    Raises
    ------
    CourseError
        If there is no such lesson, its Markdown and notebook differ, a lesson's notebook is
        damaged, or the course is being released by somebody else.
    ReleaseError
        If a solution, a hidden test or a marker would reach students.
    ConversionError
        If nbgrader could not make a lesson's release, or the gradebook refuses it.
    ValueError
        If a graded cell is tagged ``instructor``, or the markers in a lesson are not in order.

    Notes
    -----
    Cells tagged ``instructor`` are left out. If ``build/release`` is a git repository, the new
    release is its working tree; the repository itself moves to ``build/release.git``.
    """
    # nbgrader takes 0.7 s to import, which `course --help` need not wait for.
    from course_utils.instructor.gradebook.entries import entered

    lessons = choose_lessons(course, lessons)
    check_pairs(course, lessons)
    course.build.mkdir(parents=True, exist_ok=True)
    tell = on_step or (lambda *_: None)
    with _alone(course), TemporaryDirectory(prefix=ASIDE, dir=course.build) as folder:
        asked, lessons = lessons, _with_unfinished(course, lessons)
        trial = replace(course.with_build(folder), logs=course.logs)
        trial.release.mkdir()
        entries = {}
        for number, lesson in enumerate(lessons):
            tell(lesson, number, len(lessons) + 2)
            entries[lesson] = _make(trial, lesson)
        _keep_others(course, trial, lessons)
        tell("zips and manifest", len(lessons), len(lessons) + 2)
        former = bundle.read_manifest(course.release)
        bundle.write_bundle(course, trial.release, lessons, former)
        tell("search for leaks", len(lessons) + 1, len(lessons) + 2)
        found = _search(course, trial)
        if found:
            raise ReleaseError(found)
        keep_stubs(course, lessons)
        with _finished(course, trial, lessons), entered(course.gradebook_url, entries):
            swap(trial.release, course.release)
    return [course.released(lesson) for lesson in asked]


def generate(course, lesson):
    """Make one lesson's release and enter it in the gradebook, without searching it for leaks.

    Parameters
    ----------
    course : Course
    lesson : str

    Raises
    ------
    CourseError
        If the lesson's notebook is damaged.
    ConversionError
        If nbgrader could not make it.
    ValueError
        If a graded cell is tagged ``instructor``, or the markers in a lesson are not in order.
    """
    from course_utils.instructor.gradebook.entries import entered

    with entered(course.gradebook_url, {lesson: _make(course, lesson)}):
        pass


def find_leaks(course):
    """Search everything released, and the package that students get with it.

    Parameters
    ----------
    course : Course

    Returns
    -------
    list of Leak
        Empty if the release is clean.

    Raises
    ------
    CourseError
        If a lesson's notebook is damaged.
    """
    return _search(course, course)


def every_secret(course):
    """Read what no student may get of a course: of all its lessons, and of its challenges.

    Parameters
    ----------
    course : Course

    Returns
    -------
    list of Secret

    Raises
    ------
    CourseError
        If a lesson's notebook is damaged.
    """
    secrets = read_seeds(course.build / SEEDS)
    for lesson in lesson_names(course):
        secrets += read_secrets(read_source(course.source(lesson)), lesson)
    return secrets


def _search(course, trial):
    """Leaks of a course's secrets in the release of a trial, which may be the course itself."""
    secrets = every_secret(course)
    package = course.root / bundle.PACKAGE
    places = {
        path: path.relative_to(course.root)
        for path in sorted(package.rglob("*"))
        if not {"instructor", "__pycache__"}.intersection(path.relative_to(package).parts)
    }
    # Files that are copied to several places are told of where they are mended, and zips come last.
    released = sorted(trial.release.rglob("*"), key=lambda path: (path.suffix == ".zip", path))
    places |= {path: path.relative_to(trial.build) for path in released}
    sources = {
        str(trial.released(lesson).relative_to(trial.build)): _markdown(course, lesson)
        for lesson in lesson_names(course)
    }

    def advice(place):
        return MEND_LESSON.format(source=sources[place]) if place in sources else MEND_FILE

    files = ((str(place), path.read_bytes()) for path, place in places.items() if path.is_file())
    return leaks.find_leaks(files, secrets, advice)


def _make(course, lesson):
    """Make one lesson's release; give what belongs in the gradebook."""
    from course_utils.instructor.gradebook.entries import convert_for_students

    source = read_source(course.source(lesson))
    check_markers(source, _markdown(course, lesson))
    try:
        read_exercises(source)
    except ValueError as error:  # with such cells, marks would be missing or nothing be graded
        raise ValueError(
            f"{_markdown(course, lesson)}: {in_one_line(error)} Then run: make pair"
        ) from None
    entries = convert_for_students(course, lesson)
    path = course.released(lesson)
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("jupytext", None)
    notebook.cells = [cell for cell in notebook.cells if not _is_for_instructors(cell, lesson)]
    nbformat.write(notebook, path)
    return entries


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


def _keep_others(course, trial, lessons):
    """Take over the lessons that were released earlier, and are still the course's."""
    for lesson in lesson_names(course):
        if lesson not in lessons and course.released(lesson).is_file():
            shutil.copytree(course.release / lesson, trial.release / lesson)


@contextmanager
def _alone(course):
    """See to it that nobody else releases the course, and clear up after an interrupted release."""
    lock = FileLock(course.build / ".release.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise CourseError(
            f"{course.root} is being released by another process. Wait until that has ended."
        ) from None
    try:
        mend(course.release)
        for left in course.build.glob(f"{ASIDE}*/"):
            shutil.rmtree(left)
        yield
    finally:
        lock.release()


def _with_unfinished(course, lessons):
    """The lessons, and those of which a killed release may have left the gradebook without word."""
    try:
        unfinished = json.loads((course.build / UNFINISHED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return lessons
    return [lesson for lesson in lesson_names(course) if lesson in {*lessons, *unfinished}]


@contextmanager
def _finished(course, trial, lessons):
    """Swap the release back if the gradebook fails; note what to repeat if all is cut off."""
    note = course.build / UNFINISHED
    before = course.release.stat().st_ino if course.release.exists() else None
    _bring_repository(course, trial)
    draft = Path(trial.build, UNFINISHED)
    draft.write_text(json.dumps(lessons), encoding="utf-8")
    draft.replace(note)
    try:
        yield
    except BaseException:
        if before is None and course.release.exists():
            course.release.rename(trial.release)
        elif before and course.release.stat().st_ino != before:
            swap(trial.release, course.release)
        note.unlink()
        raise
    note.unlink()


def _bring_repository(course, trial):
    """Let the new release be the working tree of the git repository that the former one was."""
    repository = course.build / REPOSITORY
    if (course.release / ".git").is_dir() and not repository.exists():
        (course.release / ".git").rename(repository)
    if repository.exists():
        for folder in (course.release, trial.release):
            if folder.exists() and not (folder / ".git").exists():
                (folder / ".git").write_text(f"gitdir: ../{REPOSITORY}\n", encoding="utf-8")
