"""Pack students' pages so that Moodle or Canvas hands them out by itself, or a mail merge does.

What they ask of names was read in their public sources. Moodle's *Upload multiple feedback files in
a zip* (importziplib.php) parts ``NAME_NUMBER_assignfeedback_file_FILE`` at four ``_``, and
goes by the number. Canvas's upload of submission files parts names at every ``_``, and takes the
first two numbers for the student's and for that of the file that was handed in.
"""

import csv
import io
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from course_utils.instructor.collect.attempts import read_collected
from course_utils.instructor.collect.names import CANVAS, MOODLE, named_platform
from course_utils.instructor.report.export import PLACE
from course_utils.instructor.report.feedback import feedback_path
from course_utils.instructor.report.standing import read_standings
from course_utils.instructor.spreadsheet import cell
from course_utils.instructor.whole_file import write_whole

PLATFORMS = (MOODLE.lower(), CANVAS.lower())
MAIL = ("id", "name", "email", "lesson", "page")
CONSTANT = (1980, 1, 1, 0, 0, 0)  # the same pages make the same zip


def pack_pages(course, lesson, platform):
    """Pack the pages of a lesson for a platform.

    Parameters
    ----------
    course : Course
    lesson : str
    platform : str
        One of `PLATFORMS`.

    Returns
    -------
    path : Path or None
        The zip; None if there is no page that the platform could hand out.
    left_out : list of Standing
        Those who have a page, and whom the platform would not find.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    name_of = _for_moodle if platform == MOODLE.lower() else _for_canvas
    collected = read_collected(course, lesson)
    names, left_out = {}, []
    for it in read_standings(course, lesson):
        page = feedback_path(course, it.student, lesson)
        if page.is_file():
            name = name_of(it, collected.get(it.student))
            if name:
                names[name] = page
            else:
                left_out.append(it)
    if not names:
        return None, left_out
    data = io.BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as archive:
        for name, page in sorted(names.items()):
            archive.writestr(ZipInfo(name, CONSTANT), page.read_bytes(), ZIP_DEFLATED)
    path = course.build / PLACE / f"pages-{platform}-{lesson}.zip"
    write_whole(path, data.getvalue())
    return path, left_out


def _for_moodle(standing, entry):
    """What Moodle wants a student's page to be called; nothing if the number is not known."""
    number = standing.numbers.get(MOODLE)
    name = "".join(it if it.isalnum() else " " for it in standing.name or standing.student).strip()
    return number and f"{name}_{number}_assignfeedback_file_{standing.lesson}.html"


def _for_canvas(standing, entry):
    """What Canvas wants a student's page to be called; nothing if it did not name a file."""
    for attempt in entry.attempts if entry else ():
        for part in attempt.source.split("/"):
            system, told = named_platform(part) or ("", {})
            if system == CANVAS and told.get("file"):
                name = "".join(filter(str.isalpha, told["name"])) or "page"
                return f"{name}_{told['number']}_{told['file']}_{standing.lesson}.html"
    return None


def write_mail_table(course, lessons):
    """Write to whom which page goes, for a mail merge.

    Parameters
    ----------
    course : Course
    lessons : sequence of str

    Returns
    -------
    path : Path
    without : list of Standing
        Those who have a page and no address.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    found = [
        (it, feedback_path(course, it.student, lesson))
        for lesson in lessons
        for it in read_standings(course, lesson)
    ]
    found = [(it, page) for it, page in found if page.is_file()]
    rows = [(it.student, it.name, it.email, it.lesson, str(page)) for it, page in found]
    table = io.StringIO(newline="")
    csv.writer(table).writerows([MAIL, *(map(cell, row) for row in rows)])
    path = course.build / PLACE / "pages.csv"
    write_whole(path, table.getvalue().encode("utf-8-sig", "backslashreplace"))
    return path, [it for it, _ in found if not it.email]
