"""Build the site: all or nothing, warnings are errors, and no byte of it gives an answer away.

Every file is searched, its name included, but for those that came with Sphinx and the theme and are
as they came.
"""

import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from filelock import FileLock

from course_utils.instructor.course import CourseError, lesson_names
from course_utils.instructor.release.leaks import find_leaks
from course_utils.instructor.release.release import every_secret
from course_utils.instructor.release.swap import mend, swap
from course_utils.instructor.site import results, theirs
from course_utils.instructor.site.editions import Edition, read_edition
from course_utils.instructor.site.pages import FILES, make_page
from course_utils.instructor.site.prose import write_prose
from course_utils.instructor.site.should_see import write_should_see
from course_utils.instructor.site.slides import write_slides
from course_utils.instructor.site.stumbles import write_stumbles
from course_utils.instructor.site.teaching import keep_what_there_is

SOURCES = "site"
ASIDE = ".making-site-for-"
PLACES = {Edition.students: "site", Edition.solutions: "site-with-solutions"}
MEND = "Readers of the site get this: say it differently where it is written, then: make site"
SOLUTION = "solution of"
"""What the names of those secrets begin with that the edition with solutions shows."""
GUIDES, MARKER = "guides/", "holds the marker"
"""Guides tell how lessons are written, so they name the markers."""
NOTICE = "This edition shows solutions. Students get the other one."


class SiteError(CourseError):
    """The site was refused; the former one is untouched."""


def build_site(course, edition, profile, chosen, on_cell=lambda *_: None):
    """Build an edition of the site.

    Parameters
    ----------
    course : Course
    edition : Edition
    profile : str
        "fast" or "full": which results are shown.
    chosen : collection of str
        Lessons that are run unless their results are kept. The others are shown without results if
        none are kept.
    on_cell : function of (str, int, int), optional
        Told lesson, cell and number of cells before each cell that is run.

    Returns
    -------
    (Path, int)
        The folder, and how many files of it were searched for leaks: all that are ours.

    Raises
    ------
    SiteError
        If Sphinx warns of anything, or a secret or a hidden test would be shown.
    RunError
        If a lesson does not run to its end.
    """
    target = course.build / PLACES[edition]
    course.build.mkdir(parents=True, exist_ok=True)
    with FileLock(course.build / f".{target.name}.lock"):
        mend(target)
        aside = f"{ASIDE}{edition}-"
        for left in course.build.glob(f"{aside}*"):  # by whoever was killed
            shutil.rmtree(left)
        with TemporaryDirectory(prefix=aside, dir=course.build) as folder:
            source, html = Path(folder, "source"), Path(folder, "html")
            shutil.copytree(course.root / SOURCES, source)
            _write_lessons(course, edition, profile, chosen, source, on_cell)
            _run_sphinx(source, html, Path(folder, "doctrees"), edition)
            count = _search(course, edition, html)
            swap(html, target)
    return target, count


def _write_lessons(course, edition, profile, chosen, source, on_cell):
    """Write every page that is made from the course."""
    place, shown, titles = source / "lessons", {}, {}
    place.mkdir(exist_ok=True)
    for lesson in lesson_names(course):
        notebook = read_edition(course, lesson, edition)
        found = results.kept_results(course, notebook, edition, profile)
        if not found and lesson in chosen:

            def tell(number, total, lesson=lesson):
                on_cell(lesson, number, total)

            found = results.run(course, lesson, notebook, edition, profile, tell)
        shown[lesson] = found
        page = make_page(notebook, lesson, edition, found, course.publication, source / "extra")
        titles[lesson] = re.search(r"^# (.*)", page.cells[0].source, re.MULTILINE)[1]
        write_slides(page, lesson, source / "extra")
        nbformat.write(page, place / f"{lesson}.ipynb")
    (source / "extra" / FILES).mkdir(parents=True, exist_ok=True)
    write_prose(course, titles, source)
    write_should_see(course, titles, shown, source)
    write_stumbles(course, titles, source)
    keep_what_there_is(titles, source)


def _run_sphinx(source, html, doctrees, edition):
    """Let Sphinx make the pages; refuse any warning."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going"]
    command += ["-d", doctrees]
    if edition is Edition.solutions:
        command += ["-D", f"html_theme_options.announcement={NOTICE}"]
    quiet = os.environ | {"PYTHONWARNINGS": "ignore"}
    done = subprocess.run([*command, source, html], env=quiet, capture_output=True, text=True)
    if done.returncode:
        raise SiteError(f"Sphinx refused the site:\n{(done.stderr or done.stdout).strip()}")
    shutil.rmtree(html / ".doctrees", ignore_errors=True)
    (html / ".buildinfo").unlink(missing_ok=True)


def _search(course, edition, html):
    """Search every byte of ours in a site for secrets; give the number of files."""
    secrets = every_secret(course)
    if edition is Edition.solutions:
        secrets = [secret for secret in secrets if not secret.what.startswith(SOLUTION)]
    files = _files_of_ours(html)
    leaks = [
        leak
        for leak in find_leaks(files.items(), secrets, lambda path: MEND)
        if not (leak.place.startswith(GUIDES) and leak.what.startswith(MARKER))
    ]
    if leaks:
        raise SiteError("\n".join(map(str, leaks)))
    return len(files)


def _files_of_ours(html):
    """What each file holds, by its path, of those that are not another package's."""
    known = theirs.hashes()
    paths = sorted(path for path in html.rglob("*") if path.is_file())
    files = {str(path.relative_to(html)): path.read_bytes() for path in paths}
    return {path: data for path, data in files.items() if sha256(data).digest() not in known}
