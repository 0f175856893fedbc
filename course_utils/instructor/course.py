"""Where a course lives: its root, its lessons, and the places of everything that is generated."""

import os
import re
import tomllib
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

CONFIGURATION = "nbgrader_config.py"
SETTINGS = "pyproject.toml"
GRADEBOOK = "COURSE_GRADEBOOK"
"""The environment variable that names another gradebook than ``build/gradebook.db``."""
LONGEST_STEM = 180  # bytes; a file's name may have 255, and ours add to it
PUBLICATION = {
    "release-repository": (r"[\w-]+/[\w.-]+", "owner/lessons"),
    "release-tag": (r"\w[\w.+-]*", "v1.0.0"),
}
"""The settings in ``tool.course``: a pattern and an example of each."""


OTHER_SETTINGS = {"late", "timezone"}


class CourseError(ValueError):
    """A foreseeable mistake in a call; its text is meant for the person who made the call."""


@dataclass(frozen=True)
class Publication:
    """Where the release is published for students.

    Attributes
    ----------
    repository : str
        Owner and name on GitHub, ``"OWNER/NAME"``.
    tag : str
        The tag, which stays as it is; another release gets another one.
    """

    repository: str
    tag: str

    @property
    def page(self):
        """Address of the repository's page, where people find its newest release."""
        return f"https://github.com/{self.repository}"

    def file(self, path):
        """Address that a file of the release is downloaded from."""
        return f"https://raw.githubusercontent.com/{self.repository}/{self.tag}/{path}"

    def on_github(self, path):
        """Address of the page that shows a file of the release."""
        return f"{self.page}/blob/{self.tag}/{path}"

    def in_colab(self, path):
        """Address that opens a notebook of the release in Google Colab."""
        return f"https://colab.research.google.com/github/{self.repository}/blob/{self.tag}/{path}"


@dataclass(frozen=True)
class Course:
    """A course on disk.

    Attributes
    ----------
    root : Path
        The folder that holds ``nbgrader_config.py`` and ``notebooks``.
    build : Path
        The folder for everything generated.
    gradebook_url : str
        Address of the gradebook, as SQLAlchemy understands it.
    logs : Path
        The folder of nbgrader's and the kernels' own messages.
    """

    root: Path
    build: Path
    gradebook_url: str
    logs: Path

    @property
    def notebooks(self):
        """The folder with one folder a lesson."""
        return self.root / "notebooks"

    @property
    def pages(self):
        """The folder of the executed lessons, as HTML."""
        return self.build / "lessons"

    @property
    def release(self):
        """The folder of what students get."""
        return self.build / "release"

    @property
    def submitted(self):
        """The folder of what students handed in."""
        return self.build / "submitted"

    @property
    def autograded(self):
        """The folder of the submissions as they were executed for grading."""
        return self.build / "autograded"

    @property
    def settings(self):
        """The table ``tool.course`` of ``pyproject.toml``; empty if there is none."""
        return self._table() or {}

    def _table(self):
        """The table ``tool.course``; None if there is none."""
        path = self.root / SETTINGS
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        try:
            table = tomllib.loads(text).get("tool", {}).get("course")
        except tomllib.TOMLDecodeError as error:
            raise CourseError(f"{SETTINGS} is no TOML: {error}. Mend that line.") from None
        if not (table is None or isinstance(table, dict)):
            raise CourseError(
                f"{SETTINGS}: expected a table [tool.course] with lines such as "
                f"release-tag = 'v1.0.0'; got {table!r}. Mend that line."
            )
        return table

    @property
    def zone(self):
        """The zone of dates and times without one: ``timezone`` in ``tool.course``.

        Returns
        -------
        ZoneInfo or None
            None stands for this computer's.

        Raises
        ------
        CourseError
            If there is no such zone.
        """
        name = self.settings.get("timezone")
        if name is None:
            return None
        try:
            return ZoneInfo(name)
        except (ValueError, KeyError, OSError, TypeError, AttributeError):
            raise CourseError(
                f"{SETTINGS}: expected timezone = 'Europe/Berlin' or the like in [tool.course]; "
                f"got {name!r}. Mend that line."
            ) from None

    @property
    def publication(self):
        """Where the release is published: the table ``tool.course`` of ``pyproject.toml``.

        Returns
        -------
        Publication or None
            None if there is no such table.

        Raises
        ------
        CourseError
            If the table is not as it should be.
        """
        table = self._table()
        if table is None or (table and not table.keys() - OTHER_SETTINGS):
            return None
        found = [table.get(key) for key in PUBLICATION]
        for (key, (pattern, example)), value in zip(PUBLICATION.items(), found, strict=True):
            if not (isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII)):
                raise CourseError(
                    f"{SETTINGS}: expected in the table [tool.course] a line such as "
                    f"{key} = {example!r}; got {value!r}. Mend that line."
                )
        return Publication(*found)

    def source(self, lesson):
        """Path of a lesson's notebook, with solutions and hidden tests."""
        return self.notebooks / lesson / f"{lesson}.ipynb"

    def released(self, lesson):
        """Path of the notebook that students get."""
        return self.release / lesson / f"{lesson}.ipynb"

    def submission(self, student, lesson):
        """Path of the notebook that a student handed in."""
        return self.submitted / student / lesson / f"{lesson}.ipynb"

    def graded(self, student, lesson):
        """Path of a submission as it was executed for grading."""
        return self.autograded / student / lesson / f"{lesson}.ipynb"

    def with_build(self, build):
        """Give the same lessons another build folder: separate releases, submissions and marks."""
        return replace(self, **_places(Path(build).resolve()))


def _places(build):
    """What a course needs to know about its build folder."""
    gradebook = f"sqlite:///{build / 'gradebook.db'}"
    return {"build": build, "gradebook_url": gradebook, "logs": build / "logs"}


def find_course(start="."):
    """Find the course that a folder belongs to.

    Parameters
    ----------
    start : str or Path
        The folder to begin in; its parents are looked at as well.

    Returns
    -------
    Course
        With ``build`` as its folder for everything generated, and the gradebook that the
        environment variable ``COURSE_GRADEBOOK`` names, if it is set.

    Raises
    ------
    CourseError
        If neither the folder nor any parent holds ``nbgrader_config.py``.
    """
    start = Path(start).resolve()
    for folder in (start, *start.parents):
        if (folder / CONFIGURATION).is_file():
            course = Course(root=folder, **_places(folder / "build"))
            return replace(course, gradebook_url=os.environ.get(GRADEBOOK) or course.gradebook_url)
    raise CourseError(
        f"Expected {CONFIGURATION} in {start} or in a folder above it, and found none. "
        "Run this command inside the course's folder."
    )


def lesson_names(course):
    """List the lessons of a course.

    Parameters
    ----------
    course : Course

    Returns
    -------
    list of str
        Names of the lessons' folders, in order.

    Raises
    ------
    CourseError
        If there is no lesson, or a lesson's notebook has not been made from its Markdown.
    """
    lessons = sorted(
        folder.name
        for folder in course.notebooks.glob("*")
        if any((folder / f"{folder.name}.{kind}").is_file() for kind in ("md", "ipynb"))
    )
    if not lessons:
        raise CourseError(
            f"Expected lessons in {course.notebooks}, each in a folder with a notebook of the "
            "same name, and found none."
        )
    unpaired = [lesson for lesson in lessons if not course.source(lesson).is_file()]
    if unpaired:
        raise CourseError(
            f"{', '.join(unpaired)}: there is a Markdown file, but no notebook made from it. "
            "Run: make pair"
        )
    return lessons


def choose_lessons(course, asked):
    """Choose the lessons that were asked for.

    Parameters
    ----------
    course : Course
    asked : sequence of str
        Names of lessons, or what only one begins with, such as ``"01"``; none means every lesson.

    Returns
    -------
    list of str
        The lessons asked for, in the course's order, each once.

    Raises
    ------
    CourseError
        If a name is not a lesson's; the text says which lessons exist.
    TypeError
        If ``asked`` is one text.
    """
    if isinstance(asked, str):
        raise TypeError(f"asked should be a list of names; got {asked!r}. Use [{asked!r}].")
    lessons = lesson_names(course)
    meant = {name: _meant(name, lessons) for name in asked}
    unknown = [name for name, its in meant.items() if len(its) != 1]
    if unknown:
        raise CourseError(
            f"No lesson is called {', '.join(map(repr, unknown))}. "
            f"The lessons are: {', '.join(lessons)}"
        )
    chosen = {lesson for its in meant.values() for lesson in its}
    return [lesson for lesson in lessons if lesson in chosen] if asked else lessons


def _meant(name, lessons):
    """The lessons that a name or the beginning of one can mean."""
    if name in lessons:
        return [name]
    # The whole of a number, since 1 is the beginning of 10.
    return [it for it in lessons if name and re.match(rf"{re.escape(name)}(?!(?<=\d)\d)", it)]


def file_stem(student):
    """Give what the name of a student's file begins with.

    Parameters
    ----------
    student : str
        Name of the student's folder, of any length that a folder's name can have.

    Returns
    -------
    str
        The same or, if files could not be called so, its beginning and SHA-256.
    """
    name = os.fsencode(student)
    if len(name) <= LONGEST_STEM:
        return student
    start = name[: LONGEST_STEM - 64].decode("utf-8", "ignore")
    stem = f"{start}-{sha256(name).hexdigest()}"
    return stem + "_" * (LONGEST_STEM + 1 - len(stem.encode()))  # too long to be another's name
