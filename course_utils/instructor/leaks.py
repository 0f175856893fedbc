"""The leak gate: no solution, hidden test or marker may reach students.

What students get is compared with the lessons' secrets: the code between the solution markers (or
the whole answer cell where it has none), the code between the hidden-test markers (or the whole
``NAME-hidden`` cell where it has none), and the model answers of written exercises. A secret has
leaked when at least half of its substantial lines, and at least one, stand in one notebook or one
file. Layout, comments, quotes and brackets do not matter: statements are compared as sequences of
words and operators, so a solution in a comment, a string or a Markdown fence is found as well.
What a statement assigns or returns counts as the statement if it has at least four words, and so
does an assertion without its message. The lines of a model answer are its sentences, and one of
eight words is a leak by itself. Renamed variables are not found.

A line is substantial when it has at least three words. A secret without any is looked for as a
whole, and one of fewer than three words (``return 6``) not at all: it cannot be told from
ordinary code. A released answer cell or hidden-test cell may therefore hold nothing but a stub:
imports, headings, docstrings, comments and ``raise NotImplementedError("...")``.
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
STUB = re.compile(r"raise NotImplementedError\(('[^']*'|\"[^\"]*\")\)")
SENTENCE_END = re.compile(r"[.!?]\W*(?:\s|$)|\n\s*\n")
ENOUGH_WORDS = 3
ENOUGH_WORDS_OF_PART = 4  # lessons teach formulas as short as ``arriving * neurons + neurons``
LONG_SENTENCE = 8


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
    """A line or sentence of a secret.

    Attributes
    ----------
    text : str
        The line, to read.
    ways : tuple of str
        The sequences of words and operators to look for.
    alone : bool
        Whether it gives its secret away by itself.
    """

    text: str
    ways: tuple
    alone: bool = False


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
            lines_of = _secret_lines if cell.cell_type == "code" else _sentences
            for block in SOLUTION.findall(cell.source) or [cell.source]:
                secrets.append(Secret(f"solution of {name!r} in {lesson}", lines_of(block)))
    return [secret for secret in secrets if secret.lines]


def leaks_in_notebook(path, secrets, place, mend):
    """Search a notebook: sources, outputs, attachments and metadata, of each cell and of all.

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
    texts = {f"{place}, notebook metadata": ("\n".join(_strings(notebook.metadata)), [])}
    leaks = []
    for number, cell in enumerate(notebook.cells, start=1):
        code = [cell.source] if cell.cell_type == "code" else FENCED.findall(cell.source + "\n")
        opening = cell.source.strip().split("\n")[0][:40]
        label = f"{place}, cell {number} ({opening!r})"
        texts[label] = ("\n".join(_strings(cell)), code)
        beside = _beside_stub(cell)
        if beside:
            leaks.append(Leak(label, f"may hold a stub only, and holds: {beside}", mend))
    return leaks + _search(texts, secrets, f"{place}, several cells together", mend)


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
    code = [text] if path.suffix == ".py" else []
    return _search({place: (text, code)}, secrets, place, mend)


def leaks_in_text(text, secrets, place, mend):
    """Search a text.

    Parameters
    ----------
    text : str
    secrets : list of Secret
    place, mend : str
        How messages call the text, and what they advise.

    Returns
    -------
    list of Leak
    """
    return _search({place: (text, [])}, secrets, place, mend)


def _search(texts, secrets, together, mend):
    """Leaks in texts, given by place with the parts that may be code; then in all together."""
    leaks = [
        Leak(place, f"holds the marker {marker!r}", mend)
        for place, (text, _) in texts.items()
        for marker in sorted({found.upper() for found in MARKER.findall(text)})
    ]
    haystacks = {
        place: [_joined(text), *(_joined(tidied) for tidied in map(_tidied, code) if tidied)]
        for place, (text, code) in texts.items()
    }
    everything = {together: [haystack for parts in haystacks.values() for haystack in parts]}
    for secret in secrets:
        leaks += _leaks_of(secret, haystacks, mend) or _leaks_of(secret, everything, mend)
    return leaks


def _leaks_of(secret, haystacks, mend):
    """Leaks of one secret in the haystacks of each place."""
    leaks = []
    for place, texts in haystacks.items():
        found = [
            line for line in secret.lines if any(way in text for way in line.ways for text in texts)
        ]
        if found and (2 * len(found) >= len(secret.lines) or any(line.alone for line in found)):
            count = f"{len(found)} of {len(secret.lines)} lines of the {secret.what}"
            leaks.append(Leak(place, f"holds {count}, such as: {found[0].text.strip()[:80]}", mend))
    return leaks


def _beside_stub(cell):
    """The first line in a released answer or hidden-test cell that is no stub's, if any."""
    roles = cell.metadata.get("nbgrader", {})
    answer = roles.get("solution") or roles.get("grade_id", "").endswith(HIDDEN)
    if cell.cell_type != "code" or not answer:
        return ""
    try:
        statements = _statements(ast.parse(cell.source))
    except SyntaxError as error:
        return f"what is no Python, {(error.text or '').strip()!r}"
    headings = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    for node in statements:
        if not (isinstance(node, headings) or STUB.fullmatch(ast.unparse(node))):
            return ast.unparse(node).split("\n")[0]
    return ""


def _secret_lines(block):
    """The substantial lines of a secret; if there is none, the secret as a whole, or nothing."""
    block = dedent(block)
    try:
        lines = [_ways(node, block) for node in _statements(ast.parse(block))]
    except SyntaxError:  # such as a solution that begins in the middle of a statement
        lines = [(line,) for line in block.splitlines()]
    for candidates in (lines, [(block,)]):
        substantial = [ways for ways in candidates if _is_substantial(ways)]
        if substantial:
            return tuple(Line(ways[0], tuple(map(_joined, ways))) for ways in substantial)
    return ()


def _sentences(block):
    """The substantial sentences of a model answer."""
    sentences = [" ".join(sentence.split()) for sentence in SENTENCE_END.split(block)]
    return tuple(
        Line(sentence, (_joined(sentence),), alone=_words(sentence) >= LONG_SENTENCE)
        for sentence in sentences
        if _words(sentence) >= ENOUGH_WORDS
    )


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
    ways = [tidied, ast.get_source_segment(block, node)]
    if isinstance(node, ast.Assert):
        parts, opening = node.test, "assert "
    else:
        parts, opening = getattr(node, "value", None), ""
    # Numbers and texts alone are no secret.
    if parts and any(isinstance(part, ast.Name) for part in ast.walk(parts)):
        others = [opening + ast.unparse(parts), opening + ast.get_source_segment(block, parts)]
        ways += [way for way in others if _words(way) >= ENOUGH_WORDS_OF_PART]
    return tuple(ways)


def _is_substantial(ways):
    """Whether a line has words enough to be told from other code."""
    return all(_words(way) >= ENOUGH_WORDS for way in ways)


def _words(text):
    """Number of words."""
    return len(re.findall(r"\w+", text))


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
