"""Execute lessons and write them as readable HTML pages."""

from html import escape
from time import monotonic

import nbformat

from course_utils.instructor.course import CourseError, choose_lessons, lesson_names
from course_utils.instructor.environment import environment, errors_to
from course_utils.instructor.lessons.exercises import read_source

SECONDS_A_CELL = 300
LINES_OF_ERROR = 4
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
    run_cells(notebook, course, lesson, on_cell, seconds_a_cell=SECONDS_A_CELL)
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


def run_cells(
    notebook, course, lesson, on_cell, *, folder=None, profile="fast", seconds_a_cell=None
):
    """Execute a notebook in place.

    Parameters
    ----------
    notebook : NotebookNode
    course : Course
    lesson : str
        Its name, for people.
    on_cell : callable
        Told the cell's number, from 1, and how many there are, before each cell.
    folder : Path, optional
        Where it is executed; in the lesson's own folder, if not given.
    profile : str
        ``"full"`` or ``"fast"``.
    seconds_a_cell : int or None
        How long a cell may take; None for as long as it likes.

    Raises
    ------
    LessonError
        If a cell raises, takes longer or ends the kernel.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    current = 1

    def begin_cell(cell, cell_index):
        nonlocal current
        current = cell_index + 1
        on_cell(current, len(notebook.cells))

    client = NotebookClient(
        notebook,
        timeout=seconds_a_cell,
        on_cell_start=begin_cell,
        coalesce_streams=True,  # one output for a progress bar, not one for each of its steps
        resources={"metadata": {"path": str(folder or course.source(lesson).parent)}},
    )
    try:
        messages = course.logs / f"lesson-{lesson}.log"
        with environment({"COURSE_PROFILE": profile}), errors_to(messages):
            client.execute()
    except CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}"
    except CellTimeoutError:
        reason = f"took more than {seconds_a_cell} seconds"
    except DeadKernelError:
        reason = "the kernel died"
    else:
        return
    opening = notebook.cells[current - 1].source.strip().split("\n")[0]
    last_lines = "\n".join(reason.strip().splitlines()[-LINES_OF_ERROR:])
    raise LessonError(
        f"{lesson}: cell {current} of {len(notebook.cells)} ({opening!r}) failed.\n{last_lines}\n"
        f"To see it again: course lessons {lesson} — or, with make lab, run "
        f"{course.source(lesson).relative_to(course.root)} to that cell "
        "(COURSE_PROFILE=fast gives the same data)."
    )


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
