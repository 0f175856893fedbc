"""What the name of a file or folder tells: the platform that gave it, the student, the lesson.

What the platforms' names look like was read in their sources. Canvas: ``NAME_USER_FILE_the name``,
with ``LATE`` after the name where it is; USER is the same in every assignment, and FILE grows with
every upload. Moodle: ``NAME_NUMBER_assignsubmission_file_the name``, as one name or with a folder
instead of the last ``_``; NUMBER is another one in every assignment. Gradescope: a folder
``submission_NUMBER``. Blackboard: ``ASSIGNMENT_LOGIN_attempt_TIME_the name``. Brightspace:
``NUMBER-NUMBER - NAME - TIME``, as a folder or before `` - the name``.
"""

import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath

MOODLE, CANVAS, GRADESCOPE = "Moodle", "Canvas", "Gradescope"
ANONYMOUS = "participant-"
"""What the ids of those begin with whom Moodle does not name."""
BLACKBOARD, BRIGHTSPACE = "Blackboard", "Brightspace"
PLATFORMS = {
    MOODLE: r"(?P<name>.+?)(?:_(?P<number>\d+))?_assignsubmission_[a-z]+(?:_(?P<rest>.*))?",
    CANVAS: r"(?P<name>\w*?[^\W\d_]\w*?)_(?P<late>LATE_)?(?P<number>\d+)_"
    r"(?:(?P<file>\d+)_(?P<rest>.+)|(?:text|link)\.html)",
    "Canvas, anonymous": r"(?P<late>LATE_)?(?P<name>anon)_(?P<number>[A-Za-z0-9]+)_"
    r"(?:(?P<file>\d+)_(?P<rest>.+)|(?:text|link)\.html)",
    BLACKBOARD: r".+_(?P<name>[^_]+)_attempt_(?P<stamp>\d{4}(?:-\d\d){5})(?:_(?P<rest>.+)|\.txt)",
    BRIGHTSPACE: r"\d+-\d+ ?- (?P<name>.+?) ?- (?P<stamp>[^-]*\d{4}[^-]*?\d{1,2}.?\d\d ?(?:[AP]M)?)"
    r"(?: ?- (?P<rest>.+))?",
    GRADESCOPE: r"(?P<name>submission)_(?P<number>\d+)",
    "nbgrader": r"(?P<name>[^+]+)\+[^+]+\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? "
    r"(?P<zone>[\w/]+)(?:\+.*)?",
}
PLATFORMS = {system: re.compile(names, re.DOTALL) for system, names in PLATFORMS.items()}
COPIES = re.compile(
    r"(?<![^\W_])(?:copy|[ck][oó]pi[ae])[ _](?:of|von|de|di|van|av)(?![^\W_])"
    r"|(?<![^\W_])(?:copy|[ck]opi[ae])\s*$|\(\d+\)|\.ipynb$",
    re.IGNORECASE,
)
"""What Colab, Drive and Windows write into the name of a copy."""
NOBODY = {"answer", "answers", "attempt", "backup", "copy", "corrected", "data", "done", "draft"}
NOBODY |= {"exercise", "exercises", "images", "part", "src", "try", "upload"}
NOBODY |= {"final", "finished", "fixed", "homework", "lesson", "my", "new", "notebook", "of", "old"}
NOBODY |= {"solution", "solutions", "solved", "submission", "the", "updated", "version", "v"}
"""Words in the names of notebooks and folders that are nobody's name."""
RESERVED = {"con", "prn", "aux", "nul"}
RESERVED |= {f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)}
RESERVED |= {"collected"}
"""What Windows lets no file be called, and the list that lies beside students' folders."""
NUMBER = re.compile(
    r"^([0-9]{2})(?:-|$)|(?:^|-)(?:lesson|notebook|lab|homework|hw)-?([0-9]{1,2})(?:-|$)"
)
"""A lesson's number in a name."""


@dataclass(frozen=True)
class Owner:
    """Whose a file is, as its name says.

    Attributes
    ----------
    system : str
        Whose way of naming it is: ``"Moodle"``, ``"Canvas"``, …, or ``""``.
    name : str
        The student's name, in Unicode's composed form.
    number : str
        What the system counts the student as; empty if it does not.
    email : str
        Empty if the system does not tell.
    """

    system: str
    name: str
    number: str = ""
    email: str = ""

    @property
    def student(self):
        """A student id made of name and number, which may name a folder: always the same."""
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", self.name).casefold())
        kept = (
            character if unicodedata.category(character)[0] in "LNM" or character in "_.@+" else "-"
            for character in text
        )
        made = re.sub("-+", "-", "".join(kept)).strip("-_.@+")
        if len(made) > 48 or not made:
            start = made[:40].strip("-_.@+") or "student"
            made = f"{start}-{sha256(text.encode()).hexdigest()[:8]}"
        if self.number:
            return f"{made}-{self.number}"
        return f"student-{made}" if made.split(".")[0] in RESERVED else made


def named_lesson(text, lessons):
    """Find the lesson that a name tells.

    Parameters
    ----------
    text : str
        A file's or folder's name.
    lessons : sequence of str

    Returns
    -------
    lesson : str or None
    exactly : bool
        Whether the whole name of the lesson is in it, and not just its number or title.
    """
    words = _joined(text)
    held = [lesson for lesson in lessons if f"-{_joined(lesson)}-" in f"-{words}-"]
    if held:
        return max(held, key=len), True
    number = NUMBER.search(words)
    number = int(number[1] or number[2]) if number else None
    for lesson in lessons:
        count, _, title = _joined(lesson).partition("-")
        numbered = count.isdigit() and int(count) == number
        if numbered or ("-" in title and f"-{title}-" in f"-{words}-"):
            held.append(lesson)
    return (held[0] if len(held) == 1 else None), False


def named_platform(name):
    """Find the platform that gave a file or folder its name.

    Parameters
    ----------
    name : str

    Returns
    -------
    (str, dict of str to str) or None
        The platform, and what the name tells by the groups of its pattern; None if it is no
        platform's.
    """
    for system, names in PLATFORMS.items():
        told = names.fullmatch(name)
        if told and (system != CANVAS or told["name"].islower()):  # Canvas makes it so
            return system, told.groupdict()
    return None


def owner_in(name):
    """Tell whose a file or folder is, if its name is a platform's or a person's.

    Parameters
    ----------
    name : str

    Returns
    -------
    Owner
    """
    system, told = named_platform(name) or ("", {"name": PurePath(without_zip(name)).name})
    return Owner(system.split(",")[0], composed(told["name"]), told.get("number") or "")


def student_in(stem, lessons):
    """Find the student's name that stands beside a lesson's.

    GitHub Classroom, for one, calls a folder after the lesson and the student.

    Parameters
    ----------
    stem : str
        A file's or folder's name without its ending.
    lessons : sequence of str

    Returns
    -------
    str
        Empty if there is none.
    """
    lesson, exactly = named_lesson(stem, lessons)
    if not exactly:
        return ""
    before = None
    while stem != before:
        before, stem = stem, COPIES.sub(" ", stem)
    spelt = r"[\W_]*".join(map(re.escape, _words(lesson)))
    rest = re.sub(spelt, " ", composed(stem), flags=re.IGNORECASE).strip(" -–—_.,:;")
    return re.sub(r"\s+", " ", rest) if may_be_name(rest) else ""


def may_be_name(text):
    """Tell whether a text may be somebody's name, and not just tell one version from another.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
    """
    return any(
        word not in NOBODY and not re.fullmatch(r"v?\d+|[a-z]", word) for word in _words(text)
    )


def _joined(text):
    """Words and numbers of a name, joined alike."""
    return "-".join(_words(text))


def _words(text):
    """Words and numbers of a name, whatever stands between them."""
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())


def composed(name):
    """Bring a name into Unicode's composed form, however a computer wrote it.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
    """
    return unicodedata.normalize("NFC", name.encode("utf-8", "backslashreplace").decode("utf-8"))


def without_zip(name):
    """Give a zip's or folder's name without ``.zip``.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
    """
    return name[:-4] if name.lower().endswith(".zip") else name
