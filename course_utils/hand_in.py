"""Tell before a lesson is handed in what is done, and whether this is the notebook to hand in.

Nothing here needs nbgrader. The notebook is read as it is open in Colab, or as it was saved in
Jupyter or VS Code; what its visible tests should be stands in its own metadata.
"""

import json
import os
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from pathlib import Path

from course_utils import colab

VISIBLE = "-visible"
LONGEST_LINE = 160
MARKS = {True: "✓", False: "·"}


def fingerprint(text):
    """SHA-256 of a cell's text; white space at its ends and at those of its lines does not count.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    TypeError
        If ``text`` is no string.
    """
    if not isinstance(text, str):
        raise TypeError(f"text should be a string; got {text!r}. Use a cell's source.")
    lines = (line.rstrip() for line in text.strip().splitlines())
    return sha256("\n".join(lines).encode()).hexdigest()


def report():
    """Print how far the exercises of this notebook are, and whether it is the one to hand in.

    An exercise is done when its visible test is as it was given, and passes now; it runs in a copy
    of the notebook's names, so that nothing changes. Whatever goes wrong is printed, never raised.
    """
    try:
        print(_report(_shell()))
    except (Exception, KeyboardInterrupt) as error:
        print(
            f"This check could not be finished ({type(error).__name__}: {error}). Your answers are "
            "as they were: save the notebook, and hand it in all the same."
        )


@dataclass(frozen=True)
class _Cell:
    """What counts of a cell here."""

    kind: str
    source: str
    name: str
    count: int


@dataclass(frozen=True)
class _Notebook:
    """A notebook as it is open or saved: its metadata and cells, and how to hand it in."""

    metadata: dict
    cells: list
    advice: str
    saved: bool


def _shell():
    """The IPython that runs this notebook; None outside one."""
    from IPython import get_ipython

    return get_ipython()


def _report(shell):
    """What there is to say, in lines."""
    found = _in_colab() if colab.is_here() else _in_a_file(shell)
    if isinstance(found, str):
        return found
    course = found.metadata.get("course", {})
    if not isinstance(course, dict) or not course.get("tests"):
        return (
            "This notebook does not say which lesson it is, as every released lesson does. Open "
            "the lesson anew from the course's page, and copy your answers into it."
        )
    ran = _what_ran(shell)
    done, lines = 0, []
    for name in _exercises(found, course):
        problem = _problem(found, course, name, shell.user_ns, ran)
        done += not problem
        lines.append(f"{MARKS[not problem]} {name}: {problem or 'done'}"[:LONGEST_LINE])
    heading = f"Lesson {course.get('lesson')}: {done} of {len(lines)} exercises done."
    return "\n".join([heading, *lines, "", *_closing(found, shell, done == len(lines))])


def _in_colab():
    """The notebook as Colab shows it now."""
    try:
        answer = import_module("google.colab._message").blocking_request(
            "get_ipynb", request="", timeout_sec=30
        )
        notebook = answer["ipynb"]
    except Exception as error:  # not a documented function: it may change
        return (
            f"Colab did not show its notebook to this check ({type(error).__name__}: {error}). "
            "Look through the tests yourself; then choose File → Download → Download .ipynb and "
            "hand in that file."
        )
    advice = "Now choose File → Download → Download .ipynb, and hand in the file that you get."
    return _Notebook(*_parts(notebook), advice, saved=False)


def _in_a_file(shell):
    """The notebook as Jupyter or VS Code last saved it."""
    name = (shell.user_ns if shell else {}).get("__vsc_ipynb_file__")
    name = name or os.environ.get("JPY_SESSION_NAME", "")
    # A session may be named after the server's folder; the kernel runs in the notebook's.
    places = [path for path in (Path(name), Path(Path(name).name)) if path.suffix == ".ipynb"]
    path = next(filter(Path.is_file, places), None)
    if not path:
        return (
            "This check could not see which file the notebook is saved in. Look through the tests "
            "yourself, save the notebook, and hand in its .ipynb file."
        )
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return _Notebook(*_parts(notebook), f"The file to hand in is {path.name}.", saved=True)


def _parts(notebook):
    """Metadata and cells of a notebook, whichever program wrote it."""
    cells = []
    for cell in notebook["cells"]:
        source = cell.get("source", "")
        roles = cell.get("metadata", {}).get("nbgrader", {})
        cells.append(
            _Cell(
                kind=cell.get("cell_type", ""),
                source=source if isinstance(source, str) else "".join(source),
                name=str(roles.get("grade_id", "")),
                count=cell.get("execution_count") or 0,
            )
        )
    return notebook.get("metadata", {}), cells


def _exercises(notebook, course):
    """Names of the exercises, in the notebook's order; those that have gone come last."""
    names = [name.removesuffix(VISIBLE) for name in course["tests"]]
    names += course.get("written", {})
    places = {}
    for place, cell in enumerate(notebook.cells):
        places.setdefault(cell.name.removesuffix(VISIBLE), place)
    return sorted(names, key=lambda name: places.get(name, len(notebook.cells)))


def _problem(notebook, course, name, names, ran):
    """Why an exercise is not done; empty if it is."""
    answers = [cell for cell in notebook.cells if cell.name == name]
    if any(cell.name for cell in notebook.cells) and not answers:
        return "its answer cell is missing. Open the lesson anew, and copy your answers into it."
    if len({fingerprint(cell.source) for cell in answers}) > 1:
        return f"there are {len(answers)} cells with answers. Keep one, and delete the others."
    if name in course.get("written", {}):
        given = {course["written"][name], fingerprint("")}
        untouched = all(fingerprint(cell.source) in given for cell in answers)
        return "not yet answered (your own words)." if untouched else ""
    tests = [cell for cell in notebook.cells if cell.name == name + VISIBLE]
    expected = course["tests"][name + VISIBLE]
    given = [
        it for it in notebook.cells if it.kind == "code" and fingerprint(it.source) == expected
    ]
    if not given:
        what = "is not as it was given" if tests else "is missing"
        return f"its test cell {what}. Your work is graded with the original test all the same."
    if ran and answers and fingerprint(answers[0].source) not in ran:
        return "not yet: its answer cell has not been run since it was last changed."
    return _failure(given[0].source, names)


def _failure(test, names):
    """Run a test in a copy of some names, silently; say why it does not pass, if it does not."""
    from IPython.utils.capture import capture_output

    try:
        with capture_output():
            exec(compile(test, "<visible test>", "exec"), dict(names))
    except NotImplementedError:
        return "not yet."
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # an answer may raise anything
        lines = str(error).strip().splitlines() or [""]
        called = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
        return f"not yet: {called}{lines[0]}"
    return ""


def _what_ran(shell):
    """Fingerprints of what has been run in this session."""
    return {fingerprint(text) for text in shell.history_manager.input_hist_raw}


def _closing(notebook, shell, everything):
    """What to do next."""
    if notebook.saved and not _is_up_to_date(notebook, shell):
        return ["Something was run after the notebook was saved: save it, and run this cell again."]
    more = "Further tests, with other numbers, run when your work is graded."
    rest = more if everything else f"You may hand it in as it is, or go on. {more}"
    return [rest, notebook.advice]


def _is_up_to_date(notebook, shell):
    """Whether a saved notebook has the cell that was run last, before this one."""
    number = shell.execution_count - 1
    if number < 1:
        return True
    last = fingerprint(shell.history_manager.input_hist_raw[number])
    return any(it.count == number and fingerprint(it.source) == last for it in notebook.cells)
