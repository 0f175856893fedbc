"""The pieces of a text by which it is known again: a few words or signs of code in a row.

Code is read with its names, since short functions that are right have the same shape anyway: tools
such as copydetect and MOSS, which leave names out, call independent answers of three lines alike.
Only long pieces are also read without names, for those who rename.
"""

import io
import keyword
import re
import tokenize
from dataclasses import dataclass

PROSE, WITH_NAMES, WITHOUT_NAMES = "prose", "code with names", "code without names"
IN_A_ROW = {PROSE: 4, WITH_NAMES: 6, WITHOUT_NAMES: 14}
"""How many words or signs are a piece."""
LAYOUT = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
LAYOUT |= {tokenize.ENCODING}


@dataclass(frozen=True)
class Piece:
    """A few signs in a row.

    Attributes
    ----------
    key : tuple of str
        What it is compared by.
    start, end : int
        Where it stands in its text.
    """

    key: tuple
    start: int
    end: int


def pieces_of(text, read):
    """Cut a text into overlapping pieces.

    Parameters
    ----------
    text : str
    read : str
        As `PROSE`, or as Python, or what a student took for it, `WITH_NAMES` or `WITHOUT_NAMES`.

    Returns
    -------
    list of Piece
    """
    signs = None if read == PROSE else _signs(text)
    if signs is None:
        return _in_a_row(_words(text), IN_A_ROW[PROSE])
    if read == WITHOUT_NAMES:
        signs = [("NAME" if _is_name(sign) else sign, *place) for sign, *place in signs]
    return _in_a_row(signs, IN_A_ROW[read])


def _in_a_row(signs, count):
    """Every so many signs in a row."""
    rows = (signs[start : start + count] for start in range(len(signs) - count + 1))
    return [Piece(tuple(it[0] for it in row), row[0][1], row[-1][2]) for row in rows]


def _words(text):
    """The words of a text, in small letters, with their places."""
    return [(it[0].casefold(), *it.span()) for it in re.finditer(r"\w+", text)]


def _signs(text):
    """The signs of Python code and the words of its comments, with their places; None if none."""
    lines = [0]
    for line in text.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    found = []
    try:
        for it in tokenize.generate_tokens(io.StringIO(text).readline):
            start, end = (lines[row - 1] + column for row, column in (it.start, it.end))
            if it.type == tokenize.COMMENT:
                found += [(word, start + a, start + b) for word, a, b in _words(it.string)]
            elif it.type not in LAYOUT:
                found.append((it.string, start, end))
    except (tokenize.TokenError, SyntaxError, IndexError):
        return None
    return found


def _is_name(sign):
    """Whether a sign is a name that somebody chose, or may have."""
    return sign.isidentifier() and not keyword.iskeyword(sign)
