"""Execute lessons and write them as readable HTML pages."""

from html import escape
from time import monotonic

import nbformat

from course_utils.instructor.course import CourseError, choose_lessons, lesson_names
from course_utils.instructor.lessons.exercises import read_source
from course_utils.instructor.lessons.running import CellError, run_cells

SECONDS_A_CELL = 300
NO_SCRIPT = "data:text/javascript,"
NOTICE = (
    "> **Instructor's copy.** This page was executed from the lesson's source and shows its "
    "solutions and hidden tests. Do not hand it to students; they get `build/release`."
)


class LessonError(Exception):
    """A lesson did not run to its end; the text says where, why and how to see it again."""


def execute_lesson(course, lesson, on_cell=lambda number, total: None):
    """Execute a lesson in the fast profile and write its page to ``course.pages``.

    A page of an earlier run is removed if the lesson fails.

    Parameters
    ----------
    course : Course
    lesson : str
    on_cell : callable
        Told the cell's number, from 1, and how many there are, before each cell.

    Returns
    -------
    (Path, float)
        The page, and the seconds that the execution took.

    Raises
    ------
    CourseError
        If there is no such lesson.
    LessonError
        If the notebook cannot be read, or a cell raises, takes more than 300 s or ends the kernel.
    """
    (lesson,) = choose_lessons(course, [lesson])
    try:
        notebook = read_source(course.source(lesson))
    except CourseError as error:
        raise LessonError(f"{lesson}: {error}") from error
    page = course.pages / f"{lesson}.html"
    page.unlink(missing_ok=True)
    started = monotonic()
    _run(notebook, course, lesson, on_cell)
    seconds = monotonic() - started
    page.parent.mkdir(parents=True, exist_ok=True)
    html = make_page(notebook, f"{lesson} (instructor's copy)", NOTICE)
    page.write_text(html, encoding="utf-8")
    return page, seconds


def write_index(course):
    """Write a page that links the lessons that have been executed.

    Parameters
    ----------
    course : Course

    Returns
    -------
    Path
    """
    items = "\n".join(
        f'<li><a href="{escape(name)}.html">{escape(name)}</a></li>'
        if (course.pages / f"{name}.html").is_file()
        else f"<li>{escape(name)} (has not been executed to its end)</li>"
        for name in lesson_names(course)
    )
    course.pages.mkdir(parents=True, exist_ok=True)
    index = course.pages / "index.html"
    index.write_text(
        '<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>Lessons, instructor's copy</title>\n"
        "<h1>Lessons, executed</h1>\n"
        "<p>Instructor's copy: these pages show solutions and hidden tests.</p>\n"
        f"<ol>\n{items}\n</ol>\n</html>\n",
        encoding="utf-8",
    )
    return index


def _run(notebook, course, lesson, on_cell):
    """Execute a notebook in place, in its lesson's folder."""
    source, log = course.source(lesson), course.logs / f"lesson-{lesson}.log"
    try:
        run_cells(notebook, source.parent, log, "fast", SECONDS_A_CELL, on_cell)
    except CellError as error:
        raise LessonError(
            f"{lesson}: cell {error.number} of {error.total} ({error.opening!r}) failed.\n"
            f"{error.reason}\nTo see it again: course lessons {lesson} — or, with make lab, run "
            f"{source.relative_to(course.root)} to that cell "
            "(COURSE_PROFILE=fast gives the same data)."
        ) from error


def make_page(notebook, title, notice, address="{}.html".format, **options):
    """Give a notebook as HTML that needs no network.

    Parameters
    ----------
    notebook : NotebookNode
        Changed: formulas and links are made HTML's.
    title : str
    notice : str
        Markdown that stands above all else: for whom the page is.
    address : function of str
        Gives where links to the lesson with this name lead.
    **options
        Those of nbconvert's exporter.

    Returns
    -------
    str
    """
    from nbconvert import HTMLExporter

    from course_utils.instructor.lessons.formulas import with_mathml
    from course_utils.instructor.lessons.references import with_links

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = with_mathml(with_links(cell.source, address))
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(notice))
    exporter = HTMLExporter(mathjax_url=NO_SCRIPT, require_js_url=NO_SCRIPT, **options)
    html, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": title}})
    return html
