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

import builtins
import re
import unicodedata

from course_utils.instructor.lessons.exercises import HIDDEN, read_exercises
from course_utils.instructor.plain_text import cleaned
from course_utils.instructor.release.confidential import HIDDEN_TESTS
from course_utils.instructor.report.messages import templates, texts, values

LONGEST_MESSAGE, LONGEST_ERROR, LONGEST_VALUE, MOST_LINES = 700, 200, 80, 14
FEW_LINES = 3
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
NUMBERS = re.compile(r"(?:[\s\d.,:()\[\]+-]|e(?=[+-]\d)|\b(?:nan|inf|True|False|None)\b)*")
ENDED = (  # what `run` itself says, word for word
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
            name: sorted(templates(hidden.get(name, test)), key=lambda it: -len("".join(it)))
            for name, test in tests.items()
        }
        own = [it for code in hidden.values() for it in texts(code)]
        given = _squeezed("\n".join([*(cell.source for cell in release.cells), *own]), "\n")
        self._pieces = {
            piece
            for code in hidden.values()
            for piece in _pieces(_squeezed(code))
            if sum(map(str.isalpha, piece)) >= LETTERS and piece not in given
        }
        self._stubs = {it for cell in release.cells for it in texts(cell.source)}

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
            found = values(literals, text)
            if found is not None:
                told = [value(it) for it in found]
                said = _filled(literals, told)
                if shortened(said) != said:  # the hint comes last, and says more than an array
                    told = [GAP if it.count("\n") > FEW_LINES else it for it in told]
                return shortened(_filled(literals, told))
        return ""

    def _value(self, value):
        """A value in a hidden test's message, as far as it may be told."""
        plain = value if NUMBERS.fullmatch(value) else " ".join(value.split())
        return GAP if len(plain) > LONGEST_VALUE or self.reveals(plain) else plain

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


def _filled(literals, told):
    """A message made of its literal parts and of what stands between them."""
    pairs = zip(literals, [*told, ""], strict=True)
    return "".join(part for pair in pairs for part in pair)


def _only_type(text, place):
    """Tell of an error nothing but its type, if that is a well-known one."""
    name = re.match(r"\w+", text)
    if name and name[0] in ERRORS and text[len(name[0]) :].startswith(":"):
        return f"Your code raised {name[0].lstrip('_')} in {place}."
    return ""


def _pieces(squeezed):
    """Every piece of a squeezed text that is long enough to give a test away."""
    return (squeezed[start : start + PIECE] for start in range(len(squeezed) - PIECE + 1))


def _squeezed(text, but=""):
    """A text's letters and digits, in small letters without accents."""
    return re.sub(rf"[^\w{but}]|_", "", unicodedata.normalize("NFKD", text)).casefold()
