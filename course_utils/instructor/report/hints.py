"""What a student may be told of a failing test, and nothing that gives a hidden test away.

A student's function that a hidden test calls can read that test's source, keep it, and raise or
return it there or in any later test. Of any test, therefore, only its own message is told: one that
is literally written in it, comes from an f-string in it or from a call of `course_utils.checks`.
Whatever comes from elsewhere (the values in such a message, and what a well-known error says in a
visible test) is compared with all hidden tests, forwards and backwards, and left out where it
shares a piece with one that students have not got anyway.

What this cannot detect is a test that was enciphered before it was raised. What looks enciphered is
left out, and what students can say is short (`LONGEST_VALUE`, `LONGEST_ERROR`), so it takes them
many submissions, which their instructor can read.
"""

import ast
import builtins
import re
import unicodedata
from pathlib import Path

import course_utils
from course_utils.instructor.lessons.exercises import HIDDEN, read_exercises
from course_utils.instructor.plain_text import cleaned
from course_utils.instructor.release.confidential import HIDDEN_TESTS

LONGEST_MESSAGE, LONGEST_ERROR, LONGEST_VALUE, MOST_LINES = 700, 200, 80, 14
LONGEST_CHECKED = 130  # a value as `course_utils.checks` describes it
PIECE, LETTERS = 12, 6  # letters and digits in a row that give a test away; numbers alone do not
ENCIPHERED = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])[A-Za-z0-9+/=]{32,}|(?:\\x[0-9a-f]{2}){6,}")
# A word of letters of two scripts, such as one with a Cyrillic a in it, which looks like ours.
OTHERS = r"[\u0370-\u058f\u13a0-\u13ff]"
MIXED = re.compile(rf"[A-Za-z][^\W\d_]*{OTHERS}|{OTHERS}[^\W\d_]*[A-Za-z]")
LONGEST_LOOKED_AT = 5_000  # characters; no test of ours says as much
ERRORS = {
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
} | {"AxisError", "LinAlgError", "UFuncTypeError", "_UFuncNoLoopError", "_ArrayMemoryError"}
ERRORS |= {  # TensorFlow's
    "FailedPreconditionError",
    "InvalidArgumentError",
    "NotFoundError",
    "OutOfRangeError",
    "ResourceExhaustedError",
    "UnimplementedError",
}
CHECKS = Path(course_utils.__file__).with_name("checks.py")
NUMBERS = re.compile(r"(?:[\s\d.,:()\[\]+-]|e(?=[+-]\d)|\b(?:nan|inf|True|False|None)\b)*")
ENDED = (  # what `execution` itself says, word for word
    (re.compile(r"Stopped: stopped after [\d.e+]+ s"), "It ran for too long, and was stopped."),
    (
        re.compile(r"Stopped: stopped, because it printed or showed too much"),
        "It printed or showed too much, and was stopped.",
    ),
    (
        re.compile(r"KernelDied: this cell ended the kernel, which (was|ended) [\w ]+"),
        "It ended Python itself: sys.exit, a crash, or too much memory.",
    ),
)
GAP = "…"


class Hints:
    """What may be told of a lesson's tests.

    Parameters
    ----------
    source, release : NotebookNode
        The lesson with its hidden tests, and as students got it.
    """

    def __init__(self, source, release):
        tests = {
            name: test
            for exercise in read_exercises(source).values()
            for name, test in exercise.tests.items()
        }
        hidden = {
            name: "\n".join(HIDDEN_TESTS.findall(test)) or test
            for name, test in tests.items()
            if name.endswith(HIDDEN)
        }
        self._hidden = set(hidden)
        # Where several fit, the one of which most is literal is the one that was meant.
        self.templates = {
            name: sorted(_templates(hidden.get(name, test)), key=lambda it: -len("".join(it)))
            for name, test in tests.items()
        }
        own = [it for code in hidden.values() for it in _texts(code)]
        given = _squeezed("\n".join([*(cell.source for cell in release.cells), *own]), "\n")
        self._pieces = {
            piece
            for code in hidden.values()
            for piece in _pieces(_squeezed(code))
            if sum(map(str.isalpha, piece)) >= LETTERS and piece not in given
        }
        self._stubs = {it for cell in release.cells for it in _texts(cell.source)}

    def tell(self, test, message):
        """Tell what may be told of why a test failed.

        Parameters
        ----------
        test : str
            Its grade id.
        message : str
            What it said, as a record has it.

        Returns
        -------
        str
            Plain text.
        """
        text = cleaned(message[:LONGEST_LOOKED_AT]).strip()
        for pattern, words in ENDED:
            if pattern.fullmatch(text):
                return words
        own = self._own_message(test, text)
        if text in self._stubs and test not in self._hidden:
            return text
        if own:
            return own
        if text in self._stubs:
            return "This exercise is waiting for your answer."
        if test in self._hidden:
            return _only_type(text, "a further test")
        if _only_type(text, "") and not self.reveals(text):
            return shortened(text.split("\n")[0], LONGEST_ERROR)
        return _only_type(text, "this test")

    def gives_away(self, test, message):
        """Tell whether a message was cut because it has a piece of a hidden test in it.

        Parameters
        ----------
        test, message : str
            As for `tell`.

        Returns
        -------
        bool
        """
        whole = self.tell(test, message) == cleaned(message).strip()
        return not whole and self.reveals(message[:LONGEST_LOOKED_AT])

    def reveals(self, text):
        """Tell whether a text has a piece of a hidden test in it that students have not got.

        Parameters
        ----------
        text : str

        Returns
        -------
        bool
        """
        squeezed = _squeezed(text)
        found = {*_pieces(squeezed), *_pieces(squeezed[::-1])}
        if ENCIPHERED.search(text) or MIXED.search(text):
            return True
        return not self._pieces.isdisjoint(found)

    def _own_message(self, test, text):
        """A message of a test's own, with its values where they may be told; or nothing."""
        value = self._value if test in self._hidden else self._checked
        for literals in self.templates.get(test, ()):
            values = _values(literals, text)
            if values is not None:
                told = [value(it) for it in values]
                pairs = zip(literals, [*told, ""], strict=True)
                return shortened("".join(part for pair in pairs for part in pair))
        return ""

    def _value(self, value):
        """A value in a hidden test's message, as far as it may be told."""
        value = " ".join(value.split())
        if len(value) > LONGEST_VALUE or self.reveals(value):
            return GAP
        return value

    def _checked(self, value):
        """A value in a visible test's message: numbers on as many lines as they come."""
        if NUMBERS.fullmatch(value):
            return value
        return GAP if len(value) > LONGEST_CHECKED or self.reveals(value) else value


def shortened(text, longest=LONGEST_MESSAGE):
    """Give the beginning of a text that is too long to be read."""
    lines = text.split("\n")
    cut = "\n".join(lines[:MOST_LINES])[:longest]
    return cut if cut == text else f"{cut.rstrip()} {GAP}"


def _only_type(text, place):
    """Tell of an error nothing but its type, if that is a well-known one."""
    name = re.match(r"\w+", text)
    if name and name[0] in ERRORS and text[len(name[0]) :].startswith(":"):
        return f"Your code raised {name[0].lstrip('_')} in {place}."
    return ""


def _values(literals, text):
    """What stands between literals in a text; None if it is not made of them."""
    first, *others = literals
    if not text.startswith(first):
        return None
    values, place = [], len(first)
    for number, literal in enumerate(others, start=1):
        last = number == len(others)
        end = len(text) - len(literal) if last else text.find(literal, place)
        if end < place or not text.startswith(literal, end):
            return None
        values.append(text[place:end])
        place = end + len(literal)
    return values if place == len(text) else None


def _templates(code):
    """The messages that a test's own assertions can have: their literal parts, in order."""
    tree = ast.parse(code)
    assigned = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and node.msg:
            yield from _enough(_literals(node.msg, assigned))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            called = node.exc.func
            if isinstance(called, ast.Name) and called.id == "AssertionError":
                yield from _enough(_literals(node.exc.args[0], assigned))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = node.func.value
            if isinstance(called, ast.Name) and called.id == "checks":
                yield from _checks(node, assigned)


def _checks(call, assigned):
    """The messages that a call of `course_utils.checks` can have: see `checks._fail`."""
    own = [keyword.value for keyword in call.keywords if keyword.arg == "hint"]
    hints = [way for it in own for way in _literals(it, assigned)]
    fixed = [it for it in _texts(CHECKS.read_text(encoding="utf-8")) if re.fullmatch(r".+\.", it)]
    hints = [[""], *_joined([["\nLook at this: "]], [*hints, *([text] for text in fixed)])]
    # Which argument is the name depends on the check; it does no harm to take any for it.
    texts = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg != "hint")]
    names = [way for it in texts for way in _literals(it, assigned) if way != ["", ""]]
    for name in [*names, ["Your answer"], ["Your network"]]:
        for between, end in ((", but got ", "."), ("\nbut got\n", "")):
            start = ": expected " if end else ": expected\n"
            yield from _joined(_joined([name], [[start, between, end]]), hints)


def _enough(templates):
    """Templates of which enough is literal to be told from anything else."""
    return [it for it in templates if len(re.findall(r"[^\W\d_]{2,}", " ".join(it))) >= 2]


def _literals(node, assigned, depth=3):
    """The ways in which a text can come out: lists of literal parts with a value between each."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [[node.value]]
    if isinstance(node, ast.JoinedStr):
        ways = [[""]]
        for part in node.values:
            ways = _joined(ways, _literals(part, assigned, depth))
        return ways
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined(*(_literals(it, assigned, depth) for it in (node.left, node.right)))
    if isinstance(node, ast.IfExp):
        return [way for it in (node.body, node.orelse) for way in _literals(it, assigned, depth)]
    if isinstance(node, ast.Name) and depth:
        values = assigned.get(node.id, ())
        texts = [it for it in values if isinstance(it, ast.Constant | ast.JoinedStr | ast.BinOp)]
        return [way for it in texts for way in _literals(it, assigned, depth - 1)] or [["", ""]]
    return [["", ""]]


def _joined(ways, others):
    """Every way of the first, followed by every way of the second."""
    return [[*a[:-1], a[-1] + b[0], *b[1:]] for a in ways for b in others][:64]


def _texts(code):
    """The texts of a piece of code that are meant for people to read."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return []
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    ]


def _pieces(squeezed):
    """Every piece of a squeezed text that is long enough to give a test away."""
    return (squeezed[start : start + PIECE] for start in range(len(squeezed) - PIECE + 1))


def _squeezed(text, but=""):
    """A text's letters and digits, in small letters without accents."""
    return re.sub(rf"[^\w{but}]|_", "", unicodedata.normalize("NFKD", text)).casefold()
