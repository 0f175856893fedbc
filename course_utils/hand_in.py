"""Tell before a lesson is handed in what is done, and whether this is the notebook to hand in.

Nothing here needs nbgrader. The notebook is read as it is open in Colab, or as it was saved in
Jupyter or VS Code; what its visible tests and its unanswered exercises are stands in its own
metadata, which Colab, Jupyter and VS Code keep.
"""

import json
import os
import re
from ast import PyCF_ALLOW_TOP_LEVEL_AWAIT
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from textwrap import shorten

from course_utils import colab

VISIBLE = "-visible"
THIS = "hand_in.report("
LONGEST_LINE = 200
SECONDS = 60  # a notebook full of pictures is sent slowly
MARKS = {True: "✓", False: "·"}


def fingerprint(text):
    """SHA-256 of a cell's text; empty lines and white space at the ends of lines do not count.

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
    return sha256("\n".join(filter(None, lines)).encode()).hexdigest()


def report():
    """Print how far the exercises of this notebook are, and whether it is the one to hand in.

    An exercise is done when its answer cell is what was run last for it, and its visible test is
    as it was given and passes now. Each test runs in a copy of the notebook's names, so that
    nothing changes. Whatever goes wrong is printed, never raised.
    """
    try:
        print(_report(_shell()))
    except (Exception, KeyboardInterrupt) as error:
        print(
            f"This check could not be finished ({_named(error)}). Your answers are as they were: "
            "save the notebook, and hand it in all the same."
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
    saved_as: str = ""


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
            "This notebook has no note of its exercises, as every released lesson has, so they "
            "cannot be checked here. If it is a lesson of this course, look through its tests "
            f"yourself, and hand it in all the same. {found.advice}"
        )
    if found.saved_as and not _is_up_to_date(found, shell):
        return (
            f"What was run last is not in {found.saved_as}.\n"
            "Save the notebook, and run this cell again.\n"
            "If you have changed or deleted the cell that ran last, run another before you save."
        )
    ran, done, lines = _what_ran(shell), 0, []
    for name in _exercises(found, course):
        problem = _problem(found, course, name, ran, shell.user_ns)
        done += not problem
        line = f"{MARKS[not problem]} {name}: {problem or 'done'}"
        lines.append(shorten(line, LONGEST_LINE, placeholder=" …"))
    heading = f"Lesson {course.get('lesson')}: {done} of {len(lines)} exercises done."
    return "\n".join([heading, *lines, "", *_closing(found, ran, done == len(lines))])


def _in_colab():
    """The notebook as Colab shows it now."""
    try:
        answer = import_module("google.colab._message").blocking_request(
            "get_ipynb", request="", timeout_sec=SECONDS
        )
        if answer is None:
            raise TimeoutError(f"no answer within {SECONDS} seconds")
        notebook = answer["ipynb"]
    except Exception as error:  # not a documented function: it may change
        return (
            f"Colab did not show its notebook to this check ({_named(error)}). Run this cell "
            "again, or look through the tests yourself. Then hand in the notebook's .ipynb file; "
            "in Colab, choose File → Download → Download .ipynb."
        )
    advice = "Now choose File → Download → Download .ipynb, and hand in the file that you get."
    return _Notebook(*_parts(notebook), advice)


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
    time = datetime.fromtimestamp(path.stat().st_mtime)
    saved_as = f"{path.name} as it was saved at {time:%H:%M}"
    advice = (
        f"The file to hand in is {saved_as}.\n"
        "If you have changed anything since, save the notebook, and run this cell again."
    )
    return _Notebook(*_parts(notebook), advice, saved_as)


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
    places = {}
    for place, cell in enumerate(notebook.cells):
        places.setdefault(cell.name.removesuffix(VISIBLE), place)
    return sorted(course["answers"], key=lambda name: places.get(name, len(notebook.cells)))


def _problem(notebook, course, name, ran, names):
    """Why an exercise is not done; empty if it is."""
    answers = [cell.source for cell in notebook.cells if cell.name == name]
    if any(cell.name for cell in notebook.cells) and not answers:
        return "its answer cell is missing. Open the lesson anew, and copy your answers into it."
    if len(set(map(fingerprint, answers))) > 1:
        return f"there are {len(answers)} answer cells. Put all of it into one, delete the others."
    given = course["answers"][name]
    sources = answers or [cell.source for cell in notebook.cells if cell.source.strip()]
    if {given, fingerprint("")} & set(map(fingerprint, sources)):
        return "not yet: nothing of yours is in its answer cell."
    if name + VISIBLE not in course["tests"]:
        return ""
    test = _test(notebook, course["tests"][name + VISIBLE])
    if not test:
        found = any(cell.name == name + VISIBLE for cell in notebook.cells)
        what = "is not as it was given" if found else "is missing"
        return f"its test cell {what}. Your work is graded with the original test all the same."
    if answers and not _is_in_use(answers[0], name, ran):
        return (
            "not yet: run its answer cell as it stands now (in Jupyter, save too), then this cell."
        )
    return _failure("".join(answers[:1]), test, names)


def _test(notebook, expected):
    """The code with a fingerprint, wherever it stands; empty if it does not."""
    codes = (cell.source for cell in notebook.cells if cell.kind == "code")
    return next((code for code in codes if fingerprint(code) == expected), "")


def _is_in_use(answer, name, ran):
    """Whether an answer is what was run last, of all that defines its name."""
    name = re.escape(name)
    defines = re.compile(rf"^((def|class) {name}\b|{name}\s*=(?!=))", re.MULTILINE)
    rivals = [text for text in ran if defines.search(text)][-1:] if defines.search(answer) else ran
    return not ran or fingerprint(answer) in map(fingerprint, rivals)


def _failure(answer, test, names):
    """Run a test silently in a copy of some names; say why it does not pass, if so."""
    from IPython.core.inputtransformer2 import TransformerManager
    from IPython.utils.capture import capture_output

    try:
        with capture_output():
            code = TransformerManager().transform_cell(answer)
            # If the answer is no Python, an earlier one may still be in memory.
            compile(code, "<answer>", "exec", PyCF_ALLOW_TOP_LEVEL_AWAIT)
            exec(compile(test, "<visible test>", "exec"), dict(names))
    except NotImplementedError:
        return "not yet."
    except KeyboardInterrupt:
        return "not yet: its test was stopped before it came to an end."
    except BaseException as error:  # an answer may raise anything
        told = _named(error).removeprefix("AssertionError: ")
        return f"not yet: {told.splitlines()[0]}"
    return ""


def _named(error):
    """An error's kind and what it says."""
    return f"{type(error).__name__}: {error}".strip().rstrip(":")


def _what_ran(shell):
    """What has been run in this session, in order; nothing if the program keeps no history."""
    return list(filter(str.strip, shell.history_manager.input_hist_raw))


def _closing(notebook, ran, everything):
    """What to do next."""
    codes = (fingerprint(cell.source) for cell in notebook.cells if cell.kind == "code")
    own = [fingerprint(text) for text in ran if THIS not in text]
    lines = [] if everything else ["You may hand it in as it is, or go on."]
    if not all(it in codes for it in own):  # each search goes on where the last one ended
        lines.append(
            "Some cells were run again or in another order, or have changed since.\n"
            "To be sure of what is done, run everything from a fresh start (see above), then this "
            "cell."
        )
    lines.append("Further tests, with other numbers, run when your work is graded.")
    return [*lines, notebook.advice]


def _is_up_to_date(notebook, shell):
    """Whether a saved notebook has the cell that was run last, before this one."""
    texts = shell.history_manager.input_hist_raw  # the shell's own counter differs by version
    number = max(number for number, text in enumerate(texts) if THIS not in text)
    last = fingerprint(texts[number])
    return not number or any(
        it.count == number and fingerprint(it.source) == last for it in notebook.cells
    )
