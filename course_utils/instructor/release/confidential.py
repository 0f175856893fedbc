"""What students must not get: read it from the lessons' sources, and from a challenge's seeds."""

import ast
import re
from dataclasses import dataclass, replace
from functools import cached_property
from textwrap import dedent

from course_utils.instructor.lessons.exercises import HIDDEN, check_notebook
from course_utils.instructor.plain_text import COLOURS
from course_utils.instructor.release import rewording

INSTRUCTOR_TAG = "instructor"


def _between(what):
    """A pattern for what stands between a pair of markers."""
    return re.compile(f".*BEGIN {what}.*\n((?:.*\n)*?).*END {what}")


HIDDEN_TESTS, SOLUTION = _between("HIDDEN TESTS"), _between("SOLUTION")
MARK_SCHEME = _between("MARK SCHEME")
SEED = re.compile(rb"[0-9a-fA-F]{64}")
# Only of ASCII: what is found between other bytes has no other letters (see ``contents``).
TOKEN = re.compile(r"\w+|(?![#'\"`,()\\])[!-~]", re.ASCII)
SENTENCE_END = re.compile(r"[.!?]\W*(?:\s|$)|\n\s*\n")
ENOUGH_WORDS = 3
ENOUGH_WORDS_OF_PART = 4  # lessons teach formulas as short as ``arriving * neurons + neurons``
LONG_SENTENCE = 8
ENOUGH_STEPS = 4
"""Operations without which code cannot be told from other code."""


@dataclass(frozen=True, eq=False)
class Secret:
    """Something students must not get.

    Attributes
    ----------
    what : str
        Its name in messages.
    lines : tuple of Line
        Its substantial lines.
    steps : tuple of Step
        The steps of its code.
    exact : tuple of bytes
        What gives it away wherever it stands; digits and letters in lower case.
    """

    what: str
    lines: tuple = ()
    steps: tuple = ()
    exact: tuple = ()

    @cached_property
    def parts(self):
        """The wordings of each of its steps' own steps, by the wording of the step."""
        every = {part.wording: part for step in self.steps for part in step.all_steps()}
        return {
            wording: frozenset(part.wording for part in step.all_steps())
            for wording, step in every.items()
        }


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
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    imports = rewording.imported_names(filter(None, map(rewording.parse, code)))
    secrets = []
    for cell in notebook.cells:
        roles = cell.metadata.get("nbgrader", {})
        name = roles.get("grade_id", "")
        kinds = [("mark scheme of", MARK_SCHEME.findall(cell.source))]
        # Without its markers a hidden test would be released as it is.
        unmarked = [cell.source] if name.endswith(HIDDEN) else []
        kinds.append(("hidden tests of", HIDDEN_TESTS.findall(cell.source) or unmarked))
        if roles.get("solution"):
            kinds.append(("solution of", SOLUTION.findall(cell.source) or [cell.source]))
        if INSTRUCTOR_TAG in cell.metadata.get("tags", []):
            kinds.append(("notes for instructors", [cell.source]))
        secrets += [
            _secret(f"{kind} {name!r} in {lesson}", block, cell.cell_type, imports)
            for kind, blocks in kinds
            for block in blocks
        ]
    return [secret for secret in secrets if secret.lines or secret.steps]


def read_seeds(folder):
    """Read the seeds from which the images of challenges are drawn.

    Parameters
    ----------
    folder : Path
        ``build/challenge-secrets``; it need not exist.

    Returns
    -------
    list of Secret
    """
    return [
        Secret(
            f"secret of {path.name}",
            exact=(seed.lower(), bytes.fromhex(seed.decode()), str(int(seed, 16)).encode()),
        )
        for path in sorted(folder.glob("*"))
        if path.is_file()
        for seed in set(SEED.findall(path.read_bytes()))
    ]


def operations(wordings):
    """Choose the operations among steps: all but the constants.

    Parameters
    ----------
    wordings : iterable of str
        Those of ``Step.wording``.

    Returns
    -------
    set of str
    """
    return {wording for wording in wordings if not wording.startswith("=")}


def tokenised(text):
    """Give the tokens of a text, its words and operators, as secrets are looked for among them.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        One space between them and at both ends.
    """
    return f" {' '.join(TOKEN.findall(COLOURS.sub('', text)))} "


def _secret(what, block, cell_type, imports):
    """The secret that a block of a cell is."""
    block = dedent(block)
    if cell_type != "code":
        return Secret(what, _sentences(block))
    tree = rewording.parse(block)
    steps = tuple(rewording.read_steps(tree, imports)) if tree else ()
    secret = Secret(what, _secret_lines(block, tree), steps)
    return secret if len(operations(secret.parts)) >= ENOUGH_STEPS else replace(secret, steps=())


def _secret_lines(block, tree):
    """The substantial lines of a secret; if there is none, the secret as a whole, or nothing."""
    if tree:
        lines = [_ways(node, block) for node in statements(tree)]
    else:  # such as a solution that begins in the middle of a statement
        lines = [(line,) for line in block.splitlines()]
    for candidates in (lines, [(block,)]):
        substantial = [
            ways for ways in candidates if all(_words(it) >= ENOUGH_WORDS for it in ways)
        ]
        if substantial:
            return tuple(Line(ways[0], tuple(map(tokenised, ways))) for ways in substantial)
    return ()


def _sentences(block):
    """The substantial sentences of a model answer."""
    sentences = [" ".join(sentence.split()) for sentence in SENTENCE_END.split(block)]
    return tuple(
        Line(sentence, (tokenised(sentence),), alone=_words(sentence) >= LONG_SENTENCE)
        for sentence in sentences
        if _words(sentence) >= ENOUGH_WORDS
    )


def statements(tree):
    """List the statements in the order they are written, without imports and texts.

    Parameters
    ----------
    tree : ast.Module

    Returns
    -------
    list of ast.stmt
    """
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


def _words(text):
    """Number of words."""
    return len(re.findall(r"\w+", text))
