"""The leak gate: no solution, hidden test or marker may reach students.

What students get is compared with the lessons' secrets: the code between the solution markers (or
the whole answer cell where it has none), the code between the hidden-test markers (or the whole
``NAME-hidden`` cell where it has none), and the model answers of written exercises. A secret has
leaked when at least half of its substantial lines, and at least one, stand in one cell or one
file. Layout, comments, quotes and brackets do not matter: statements are compared as sequences of
words and operators, so a solution in a comment, a string or a Markdown fence is found as well.
Renamed variables are not found.

A line is substantial when it has at least three words. A secret without any is looked for as a
whole, and one of fewer than three words (``return 6``) not at all: it cannot be told from
ordinary code.
"""

import ast
import re
import warnings
from dataclasses import dataclass
from textwrap import dedent

import nbformat

from course_utils.instructor.exercises import HIDDEN, check_notebook

MARKER = re.compile(r"(?:BEGIN|END) (?:SOLUTION|HIDDEN TESTS|MARK SCHEME)", re.IGNORECASE)
HIDDEN_TESTS = re.compile(r".*BEGIN HIDDEN TESTS.*\n((?:.*\n)*?).*END HIDDEN TESTS")
SOLUTION = re.compile(r".*BEGIN SOLUTION.*\n((?:.*\n)*?).*END SOLUTION")
FENCED = re.compile(r"^ *(?:```|~~~).*\n((?:.*\n)*?) *(?:```|~~~)", re.MULTILINE)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
TOKEN = re.compile(r"\w+|[^\w\s#'\"`,()\\]")
ENOUGH_WORDS = 3


@dataclass(frozen=True)
class Secret:
    """Something students must not get.

    Attributes
    ----------
    what : str
        Its name in messages.
    lines : tuple of Line
        Its substantial lines.
    """

    what: str
    lines: tuple


@dataclass(frozen=True)
class Line:
    """A line of a secret, to read, and as the sequences of words and operators to look for."""

    text: str
    ways: tuple


@dataclass(frozen=True)
class Leak:
    """A secret or marker found where students would read it."""

    place: str
    what: str
    mend: str

    def __str__(self):
        """Say where, what and how to mend it, in one line."""
        return f"{self.place}: {self.what}. {self.mend}"


def read_secrets(notebook, lesson):
    """Read what a lesson must keep from students.

    Parameters
    ----------
    notebook : NotebookNode
        The lesson's source, with solutions and hidden tests.
    lesson : str
        The lesson's name, for messages.

    Returns
    -------
    list of Secret

    Raises
    ------
    TypeError
        If this is not a notebook.
    """
    check_notebook(notebook)
    secrets = []
    for cell in notebook.cells:
        roles = cell.metadata.get("nbgrader", {})
        name = roles.get("grade_id", "")
        # Without its markers a hidden test would be released as it is.
        unmarked = [cell.source] if name.endswith(HIDDEN) else []
        for block in HIDDEN_TESTS.findall(cell.source) or unmarked:
            secrets.append(Secret(f"hidden tests of {name!r} in {lesson}", _secret_lines(block)))
        if roles.get("solution"):
            for block in SOLUTION.findall(cell.source) or [cell.source]:
                secrets.append(Secret(f"solution of {name!r} in {lesson}", _secret_lines(block)))
    return [secret for secret in secrets if secret.lines]


def leaks_in_notebook(path, secrets, place, mend):
    """Search a notebook: sources, outputs, attachments and metadata of every cell.

    Parameters
    ----------
    path : Path
    secrets : list of Secret
    place, mend : str
        How messages call the file, and what they advise.

    Returns
    -------
    list of Leak
    """
    notebook = nbformat.read(path, as_version=4)
    metadata = "\n".join(_strings(notebook.metadata))
    leaks = _search(metadata, [], secrets, f"{place}, notebook metadata", mend)
    for number, cell in enumerate(notebook.cells, start=1):
        code = [cell.source] if cell.cell_type == "code" else FENCED.findall(cell.source + "\n")
        opening = cell.source.strip().split("\n")[0][:40]
        label = f"{place}, cell {number} ({opening!r})"
        leaks += _search("\n".join(_strings(cell)), code, secrets, label, mend)
    return leaks


def leaks_in_file(path, secrets, place, mend):
    """Search any file, byte by byte where it is not text.

    Parameters
    ----------
    path : Path
    secrets : list of Secret
    place, mend : str
        How messages call the file, and what they advise.

    Returns
    -------
    list of Leak
    """
    text = path.read_bytes().decode("utf-8", errors="replace")
    return _search(text, [text] if path.suffix == ".py" else [], secrets, place, mend)


def _search(text, code, secrets, place, mend):
    """Leaks in one text, parts of which may be code."""
    leaks = [
        Leak(place, f"holds the marker {marker!r}", mend)
        for marker in sorted({found.upper() for found in MARKER.findall(text)})
    ]
    haystacks = [_joined(text), *(_joined(tidied) for tidied in map(_tidied, code) if tidied)]
    for secret in secrets:
        found = [
            line
            for line in secret.lines
            if any(way in haystack for way in line.ways for haystack in haystacks)
        ]
        if found and 2 * len(found) >= len(secret.lines):
            count = f"{len(found)} of {len(secret.lines)} lines of the {secret.what}"
            leaks.append(Leak(place, f"holds {count}, such as: {found[0].text.strip()[:80]}", mend))
    return leaks


def _secret_lines(block):
    """The substantial lines of a secret; if there is none, the secret as a whole, or nothing."""
    block = dedent(block)
    try:
        lines = [_ways(node, block) for node in _statements(ast.parse(block))]
    except SyntaxError:  # prose, or a solution that begins in the middle of a statement
        lines = [(line,) for line in block.splitlines()]
    for candidates in (lines, [(block,)]):
        substantial = [ways for ways in candidates if _is_substantial(ways)]
        if substantial:
            return tuple(Line(ways[0], tuple(map(_joined, ways))) for ways in substantial)
    return ()


def _statements(tree):
    """Statements in the order they are written, without imports and texts."""
    nodes = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
        and not isinstance(node, ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    return sorted(nodes, key=lambda node: node.lineno)


def _ways(node, block):
    """A statement as the author wrote it and as Python would; of a compound one, its heading."""
    tidied = ast.unparse(node)
    if hasattr(node, "body"):
        return (tidied.partition(":\n")[0],)
    return (tidied, ast.get_source_segment(block, node))


def _is_substantial(ways):
    """Whether a line has words enough to be told from other code."""
    return all(len(re.findall(r"\w+", way)) >= ENOUGH_WORDS for way in ways)


def _joined(text):
    """Words and operators of a text, one space between them and at both ends."""
    return f" {' '.join(TOKEN.findall(COLOURS.sub('', text)))} "


def _tidied(code):
    """Code as Python itself would write it, without comments; None if it is not Python."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.unparse(ast.parse(code))
    except (SyntaxError, ValueError):
        return None


def _strings(value):
    """Every text within a notebook's part."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
