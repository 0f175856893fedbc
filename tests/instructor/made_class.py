"""A class made by a script, in which everybody's outcome is known: of any size, on three platforms.

A sixth of it is each in Canvas, in Gradescope and in four Moodles that speak other languages. Of
sixteen, three hand in nothing, an empty copy or something damaged; one comes late, one has more
time, one hands in two notebooks at one time and one an empty copy after the finished work; two
hand in together, and two have one name.
"""

import tomllib
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nbformat
from babel.dates import format_datetime

from course_utils.instructor.collect.names import CANVAS, GRADESCOPE
from course_utils.instructor.gradebook.records import (
    COULD_NOT_GRADE,
    GRADED,
    NEEDS_REVIEW,
    UNTOUCHED,
)
from course_utils.instructor.lessons.exercises import inject, read_exercises, read_source
from course_utils.instructor.report.standing import NOT_HANDED_IN

LANGUAGES = tomllib.loads(Path(__file__).with_name("languages.toml").read_text("utf-8"))
MOODLES = {  # how each writes times
    "de": "EEEE, d. MMMM y, HH:mm",
    "fr": "EEEE d MMMM y, HH:mm",
    "es": "EEEE, d 'de' MMMM 'de' y, HH:mm",
    "en_us": "EEEE, MMMM d, y, h:mm a",
}
PLATFORMS = (*MOODLES, CANVAS, GRADESCOPE)
FIRST = ("Ada", "Bo", "Zoë", "José", "Jürgen", "Anaïs", "Mary", "Øystein")
LAST = ("Lovelace", "Li", "Grün", "García", "Ru", "Lefèvre", "O'Neil", "Ek")
KINDS = ("whole", "half", "whole", "late", "group", "group", "whole", "nothing", "half")
KINDS += ("extended", "empty", "double", "whole", "again", "damaged", "half")
HANDED_IN, LATE = "2026-11-30T10:05", "2026-12-02T09:30"
DUE, EXTENDED = "2026-12-01T18:00", "2026-12-08"
DOWNLOAD = (2026, 12, 3, 8, 0, 0)
STATES = {
    "nothing": NOT_HANDED_IN,
    "empty": UNTOUCHED,
    "damaged": COULD_NOT_GRADE,
    "double": NEEDS_REVIEW,
}


@dataclass(frozen=True)
class Student:
    """Somebody of the class, and what is to come of it.

    Attributes
    ----------
    id, name, email, platform, kind : str
    number : int
        Under which the platform knows them.
    partner : str
        The id of the one with whom they hand in; empty if they do so alone.
    """

    id: str
    name: str
    email: str
    platform: str
    kind: str
    number: int
    partner: str = ""

    @property
    def state(self):
        """What grading is to say."""
        return STATES.get(self.kind, GRADED)

    @property
    def half(self):
        """Whether every other exercise is all that is answered in what is to count."""
        return self.kind == "half"


def make_students(count, platforms=PLATFORMS):
    """Make a class.

    Parameters
    ----------
    count : int
        Of each platform, as many as of the others, as far as sixteens allow.
    platforms : sequence of str

    Returns
    -------
    list of Student
    """
    students = []
    for i in range(count):
        block, place = divmod(i, len(KINDS))
        platform = platforms[block % len(platforms)]
        # The first two of a block are namesakes.
        name = f"{FIRST[max(place, 1) % 8]} {LAST[(max(place, 1) // 8 + block) % 8]}"
        email, kind = f"s{i:03}@example.org", KINDS[place]
        id_ = email if platform in MOODLES else f"c{i:03}"
        partner = {4: i + 1, 5: i - 1}.get(place, i)
        partner = "" if partner == i else (id_.replace(f"{i:03}", f"{partner:03}"))
        students.append(Student(id_, name, email, platform, kind, 1000 + i, partner))
    return [
        it for it in students if not it.partner or any(it.partner == one.id for one in students)
    ]


@dataclass(frozen=True)
class MadeClass:
    """The files that platforms give for a class.

    Attributes
    ----------
    lists : dict of str to Path
        Class lists by platform; those of Moodle are worksheets, that of Canvas its gradebook.
    groups : Path
        Canvas's list of groups.
    early, inboxes : list of Path
        Downloads, those before and those after the date.
    """

    lists: dict
    groups: Path
    early: list
    inboxes: list


def make_class(course, lesson, students, folder):
    """Write what the platforms give.

    Parameters
    ----------
    course : Course
        With the lesson released.
    lesson : str
    students : sequence of Student
    folder : Path

    Returns
    -------
    MadeClass
    """
    maker = _Maker(course, lesson, folder)
    lists, early, inboxes = {}, [], []
    for platform in dict.fromkeys(it.platform for it in students):
        own = [it for it in students if it.platform == platform]
        lists[platform] = maker.list_of(platform, own)
        again = [it for it in own if it.kind == "again"]
        if again:
            early.append(maker.download(f"early-{platform}", platform, again, maker.early))
        inboxes.append(maker.download(platform, platform, own, maker.files))
    groups = maker.groups([it for it in students if it.platform == CANVAS])
    return MadeClass(lists, groups, early, inboxes)


def points(course, lesson, student):
    """Points of a student from tests, and by hand if half of each written answer's are given.

    Parameters
    ----------
    course : Course
    lesson : str
    student : Student

    Returns
    -------
    (float, float) or None
        None if there are none.
    """
    if student.state not in (GRADED, NEEDS_REVIEW):
        return None
    exercises = list(read_exercises(read_source(course.source(lesson))).values())
    answered = exercises[::2] if student.half else exercises
    tests = sum(sum(it.points.values()) for it in answered if not it.written)
    return float(tests), sum(sum(it.points.values()) for it in answered if it.written) / 2


class _Maker:
    """Writes lists and downloads of a lesson."""

    def __init__(self, course, lesson, folder):
        self.lesson, self.folder = lesson, folder
        self.released = nbformat.read(course.released(lesson), as_version=4)
        exercises = read_exercises(read_source(course.source(lesson)))
        solutions = {name: it.solution for name, it in exercises.items()}
        every_other = dict(list(solutions.items())[::2])
        self.answers = {"half": every_other, "empty": {}}
        self.whole = solutions
        self.maximum = sum(sum(it.points.values()) for it in exercises.values())

    def notebook(self, student, kind):
        """A student's notebook; groups have one."""
        name = min(student.id, student.partner or student.id)
        notebook = inject(self.released, self.answers.get(kind, self.whole))
        notebook.metadata["mine"] = f"{name}, {kind}"
        return nbformat.writes(notebook).encode()

    def files(self, student):
        """What a student hands in, by the file's own name."""
        name = f"{self.lesson}.ipynb"
        if student.kind == "nothing":
            return {}
        if student.kind == "damaged":
            return {name: f"PK\3\4 of {student.id}".encode()}
        if student.kind == "double":
            second = name.replace(".ipynb", " final.ipynb")
            return {name: self.notebook(student, "half"), second: self.notebook(student, "whole")}
        kind = "empty" if student.kind == "again" else student.kind
        return {name: self.notebook(student, kind)}

    def early(self, student):
        """What a student handed in before."""
        return {f"{self.lesson}.ipynb": self.notebook(student, "whole")}

    def list_of(self, platform, students):
        """A platform's class list."""
        text = {CANVAS: self._gradebook, GRADESCOPE: self._roster}.get(platform, self._worksheet)
        path = self.folder / f"list-{platform}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(students), encoding="utf-8-sig")
        return path

    def _worksheet(self, students):
        """A grading worksheet of Moodle's."""
        language = students[0].platform
        told = LANGUAGES["worksheets"][language]
        zero = told["row"].replace("9.00", f"{self.maximum:.2f}")
        zero = zero.replace("9,00", f"{self.maximum:.2f}".replace(".", ","))
        rows = []
        for it in students:
            time = "-" if it.kind == "nothing" else _time(it, language)
            row = zero.replace("777", str(it.number)).replace("Ada Lovelace", it.name)
            rows.append(row.replace("ada@x.org", it.email).replace("{}", time))
        return "\n".join([told["columns"], *rows]) + "\n"

    def _gradebook(self, students):
        """Canvas's gradebook: one has been excused there, and one has another mark."""
        lines = [f"Student,ID,SIS User ID,SIS Login ID,Section,{self.lesson} (501),Quiz (502)"]
        lines.append(f"    Points Possible,,,,,{self.maximum:g},10")
        for it in students:
            there = {"nothing": "EX", "half": "0.5"}.get(it.kind, "")
            name = ", ".join(reversed(it.name.split()))
            lines.append(f'"{name}",{it.number},{it.id},{it.email},A,{there},8')
        return "\n".join(lines) + "\n"

    def _roster(self, students):
        """Gradescope's list of the class."""
        lines = ["First Name,Last Name,SID,Email,Role"]
        lines += [f"{it.name.replace(' ', ',')},{it.id},{it.email},Student" for it in students]
        return "\n".join([*lines, "Alan,Turing,t1,t@example.org,Instructor"]) + "\n"

    def groups(self, students):
        """Canvas's own list of who is in which group."""
        lines = ["name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id"]
        for it in students:
            group = f"Project Group {_group(it)}" if it.partner else ""
            lines.append(f"{it.name},{it.number},{it.id},{it.email},A,{group},")
        path = self.folder / "groups.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def download(self, name, platform, students, files):
        """A zip of what students handed in, as the platform makes it."""
        path = self.folder / f"{name}.zip"
        entries = {}
        for student in students:
            for place, (file, data) in enumerate(files(student).items()):
                if where := _place(student, place + 10 * name.startswith("early"), file):
                    entries[where] = data
        if platform == GRADESCOPE:
            entries["export/submission_metadata.yml"] = _metadata(students, entries)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for where, data in entries.items():
                archive.writestr(zipfile.ZipInfo(where, DOWNLOAD), data)
        return path


def _group(student):
    """The number of a student's group: the same for both."""
    return "".join(filter(str.isdigit, min(student.id, student.partner)))


def _time(student, language):
    """When a student handed in, as a Moodle writes it."""
    text = LATE if student.kind in ("late", "extended") else HANDED_IN
    locale = language.replace("en_us", "en_US")
    written = format_datetime(datetime.fromisoformat(text), MOODLES[language], locale=locale)
    return written.replace("\u202f", " ")


def _place(student, count, file):
    """Where a platform puts a file; nothing if another one of the group brings it."""
    second = student.partner and student.id > student.partner
    if student.platform in MOODLES:
        group = f"Team {_group(student)}-" if student.partner else ""
        return f"{group}{student.name}_{student.number}_assignsubmission_file_/{file}"
    if second:
        return ""
    if student.platform == CANVAS:
        name = "".join(filter(str.isalpha, student.name.lower()))
        name = f"projectgroup{_group(student)}" if student.partner else name
        late = "LATE_" if student.kind in ("late", "extended") else ""
        # Numbers of files grow with every upload; those before are lower.
        return f"{name}_{late}{student.number}_{student.number * 100 + (count + 10) % 20}_{file}"
    return f"export/submission_{student.number * 100 + (count >= 10)}/{file}"


def _metadata(students, places):
    """Gradescope's list of who handed in what and when."""
    lines = ["---"]
    for student in students:
        numbers = {it.split("/")[1] for it in places if f"submission_{student.number}" in it}
        for number in sorted(numbers):
            time = LATE if student.kind in ("late", "extended") else HANDED_IN
            lines += [f"{number}:", "  :submitters:"]
            partners = [it for it in students if it.id == student.partner]
            for it in (student, *partners):
                lines += [f"  - :name: {it.name}", f"    :sid: {it.id}", f"    :email: {it.email}"]
            lines.append(f"  :created_at: {time.replace('T', ' ')}:00.000000000 Z")
    return "\n".join(lines) + "\n"
