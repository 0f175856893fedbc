"""The leak gate: no solution, hidden test, mark scheme, seed or marker may reach students.

Every byte that students get is read (see ``contents``) and compared with the secrets of the lessons
(see ``confidential``): the code between the solution markers (or the whole answer cell where it has
none), the code between the hidden-test markers (or the whole ``NAME-hidden`` cell where it has
none), the model answers of written exercises, mark schemes, and cells tagged ``instructor``. The
seeds of challenges are looked for as digits and as bytes.

A secret has leaked in either of two ways:

*In its own words*, when at least half of its substantial lines, and at least one, stand in one
notebook or one file. Layout, comments, quotes and brackets do not matter: statements are compared
as sequences of words and operators, so a solution in a comment, a string or a Markdown fence is
found as well. What a statement assigns or returns counts as the statement if it has at least four
words, and so does an assertion without its message. The lines of a model answer are its sentences,
and one of eight words is a leak by itself.

*In other words*, when more than half of the steps of its code, and at least four operations among
them, stand in one cell, one file, or one notebook, whatever the variables are called (see
``rewording``). A step is an operation or a constant, each counted once; those count that belong to
an operation on at least three. Code is looked for in cells, Python files, Markdown fences,
comments, texts within code, printed results, and paragraphs of any file (see ``passages``).

A line is substantial when it has at least three words. A secret without any is looked for as a
whole, and one of fewer than three words (``return 6``, ``x.shape``) not at all, as little as one of
fewer than four operations in other words: they cannot be told from ordinary code. A released answer
cell or hidden-test cell may therefore hold nothing but a stub: imports, headings, docstrings,
comments, names that wait for a value (``rate = None``, ``curve_of = {0.1: None}``) and
``raise NotImplementedError("...")``.

Not found are a model answer in other words, less than half of a secret, code that reaches the same
result in another way, and what ``contents`` cannot read, such as a text in a picture.
"""

import ast
import json
import re
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath

import nbformat

from course_utils.instructor.lessons.exercises import HIDDEN
from course_utils.instructor.release import contents, passages, rewording
from course_utils.instructor.release.confidential import (
    ENOUGH_STEPS,
    operations,
    statements,
    tokenised,
)

MARKER = re.compile(
    r"(?:BEGIN|END)[ \t_-]+(?:SOLUTION|HIDDEN[ \t_-]+TESTS?|MARK[ \t_-]+SCHEME)", re.IGNORECASE
)
STUB = re.compile(r"raise NotImplementedError\(('[^']*'|\"[^\"]*\")\)")
SMALLEST_PART = 3
SHORTEST_TEXT = 12
"""Characters of a text that can hold a marker or a secret."""
DEEPEST = 6
"""How many archives and encodings may stand in each other."""


@dataclass(frozen=True)
class Leak:
    """A secret or marker found where students would read it."""

    place: str
    what: str
    mend: str

    def __str__(self):
        """Say where, what and how to mend it, in one line."""
        return f"{self.place}: {self.what}. {self.mend}"


@dataclass(frozen=True)
class _Piece:
    """A part of a file that is read by itself: its place, its texts, and the code in it."""

    place: str
    texts: tuple
    trees: tuple = ()
    problems: tuple = ()


def find_leaks(files, secrets, mend):
    """Search files for secrets and markers.

    Parameters
    ----------
    files : iterable of (str, bytes)
        How messages call each file, which is its path, and what it holds. Of files that are alike
        the first one is searched.
    secrets : list of Secret
    mend : function of str
        Gives what messages advise, for a path.

    Returns
    -------
    list of Leak
    """
    search = _Search(secrets)
    return [
        Leak(place, what, mend(path))
        for path, data in files
        for place, what in search.file(path, PurePath(path).name, data)
    ]


class _Search:
    """What is looked for, arranged so that it is found quickly; and what has been read already."""

    def __init__(self, secrets):
        self.secrets = secrets
        self.read = set()
        ways = [
            (way, number, line)
            for number, secret in enumerate(secrets)
            for line in secret.lines
            for way in line.ways
        ]
        times = Counter(word for way, *_ in ways for word in set(way.split()))
        self.ways = defaultdict(list)
        for way, number, line in ways:
            self.ways[min(way.split(), key=times.__getitem__)].append((way, number, line))
        self.shapes, self.holders = set(), defaultdict(set)
        for number, secret in enumerate(secrets):
            for step in (part for whole in secret.steps for part in whole.all_steps()):
                if step.size >= SMALLEST_PART:
                    self.shapes.add(step.shape)
                    self.holders[step.wording].add(number)

    def file(self, place, name, data, depth=0):
        """Yield place and nature of every leak in a file, or in what stands in one."""
        yield from self.name(place, name)
        key = PurePath(name).suffix, data
        if key in self.read:
            return
        self.read.add(key)
        if depth > DEEPEST:
            yield place, "is packed so deep that it was not searched"
            return
        try:
            parts, rest = contents.members(data)
        except contents.UnreadableArchiveError as error:
            parts, rest = [], data
            yield place, f"{error}, so it was not searched"
        small = rest.lower()
        for secret in self.secrets:
            if any(it in rest or it in small for it in secret.exact):
                yield place, f"holds the {secret.what}"
        for part, content in parts:
            yield from self.file(f"{place} > {part or 'what it packs'}", part, content, depth + 1)
        text = contents.text_of(rest)
        if len(text) < SHORTEST_TEXT:
            return
        pieces = _pieces(place, name, text)
        yield from self.pieces(place, pieces)
        for piece in pieces:
            for content in {it for text in piece.texts for it in contents.encoded(text)}:
                yield from self.file(f"{piece.place}, decoded", "", content, depth + 1)

    def name(self, place, name):
        """Yield the leaks in the name of a file."""
        if name not in self.read:
            self.read.add(name)
            yield from self.pieces(place, [_Piece(f"{place}, its name", (name,))])

    def pieces(self, place, pieces):
        """Yield the leaks in the pieces of a file: in each, or else in all of them together."""
        imports = rewording.imported_names(tree for piece in pieces for tree in piece.trees)
        lines, steps = {}, {}
        for piece in pieces:
            for problem in piece.problems:
                yield piece.place, problem
            markers = {it.upper() for text in piece.texts for it in MARKER.findall(text)}
            for marker in sorted(markers):
                yield piece.place, f"holds the marker {marker!r}"
            lines[piece.place] = self.lines_in(piece)
            steps[piece.place] = self.steps_in(piece.trees, imports)
        every_line = {line for found in lines.values() for line in found}
        every_step = set().union(*steps.values())
        if len(pieces) > 1:  # a variable may have got its value in another cell
            body = [
                statement for piece in pieces for tree in piece.trees for statement in tree.body
            ]
            every_step |= self.steps_in([ast.Module(body, [])], imports)
        concerned = {number for number, _ in every_line}
        concerned |= {number for wording in every_step for number in self.holders[wording]}
        for number in sorted(concerned):
            found = {where: self.leak(number, lines[where], steps[where]) for where in lines}
            if not any(found.values()):
                where = f"{place}, several cells together"
                found = {where: self.leak(number, every_line, every_step)}
            yield from ((where, leak) for where, leak in found.items() if leak)

    def lines_in(self, piece):
        """Lines of secrets that stand in a piece, each with the number of its secret."""
        tidied = map(ast.unparse, piece.trees)  # without what may stand between two words
        found = set()
        for words in map(tokenised, (*piece.texts, *tidied)):
            for word in self.ways.keys() & set(words.split()):
                found.update(
                    (number, line) for way, number, line in self.ways[word] if way in words
                )
        return found

    def steps_in(self, trees, imports):
        """Wordings of the steps that some code has in common with secrets."""
        read = []
        for tree in trees:
            read += rewording.read_steps(tree, imports)
            for unit in rewording.read_functions(tree, imports):
                read += unit
        return {
            step.wording
            for whole in read
            for step in whole.all_steps()
            if step.size >= SMALLEST_PART and step.shape in self.shapes
            if step.wording in self.holders
        }

    def leak(self, number, lines, steps):
        """Say how much of a secret has been found, if it is enough."""
        secret = self.secrets[number]
        own = [line for line in secret.lines if (number, line) in lines]
        if own and (2 * len(own) >= len(secret.lines) or any(line.alone for line in own)):
            count = f"{len(own)} of {len(secret.lines)} lines of the {secret.what}"
            return f"holds {count}, such as: {own[0].text.strip()[:80]}"
        common = set().union(*(secret.parts.get(wording, ()) for wording in steps))
        if len(operations(common)) >= ENOUGH_STEPS and 2 * len(common) > len(secret.parts):
            count = f"{len(common)} of {len(secret.parts)} steps of the {secret.what}"
            return f"holds {count}, in other words"
        return ""


def _pieces(place, name, text):
    """The pieces of a file: of a notebook its cells, else all of it."""
    if PurePath(name).suffix == ".ipynb":
        with suppress(Exception):  # nbformat raises anything for what is no notebook
            return _cells(place, nbformat.reads(text, as_version=4))
    texts = [text]
    if text.lstrip()[:1] in ("{", "["):
        with suppress(ValueError):
            texts.append("\n\n".join(_strings(json.loads(text))))
    return [_piece(place, texts)]


def _cells(place, notebook):
    """A piece for each cell of a notebook, and one for its metadata."""
    metadata = "\n\n".join(_strings(notebook.metadata))
    pieces = [_piece(f"{place}, notebook metadata", [metadata])]
    for number, cell in enumerate(notebook.cells, start=1):
        source = cell.pop("source")
        opening = source.strip().split("\n")[0][:40]
        beside = _beside_stub(cell, source)
        problems = (f"may hold a stub only, and holds: {beside}",) if beside else ()
        label = f"{place}, cell {number} ({opening!r})"
        pieces.append(_piece(label, [source, "\n\n".join(_strings(cell))], problems))
    return pieces


def _piece(place, texts, problems=()):
    """A piece of texts, which are also read without their tags, and the code in them."""
    texts = [*texts, *filter(None, map(passages.plain, texts))]
    trees = (tree for text in texts for tree in passages.code_in(text))
    return _Piece(place, tuple(texts), tuple(trees), problems)


def _beside_stub(cell, source):
    """The first line in a released answer or hidden-test cell that is no stub's, if any."""
    roles = cell.metadata.get("nbgrader", {})
    answer = roles.get("solution") or roles.get("grade_id", "").endswith(HIDDEN)
    if cell.cell_type != "code" or not answer:
        return ""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        return f"what is no Python, {(error.text or '').strip()!r}"
    headings = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    for node in statements(tree):
        stub = isinstance(node, headings) or STUB.fullmatch(ast.unparse(node))
        if not (stub or _waits_for_value(node)):
            return ast.unparse(node).split("\n")[0]
    return ""


def _waits_for_value(node):
    """Whether a statement gives a name nothing but None, or a dict with nothing but that."""
    if not isinstance(node, ast.Assign):
        return False
    values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
    return all(isinstance(it, ast.Constant) and it.value is None for it in values)


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
