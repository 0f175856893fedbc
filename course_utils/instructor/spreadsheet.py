"""Cells of tables that a spreadsheet takes for text, whatever students call themselves."""

import re
import unicodedata

from course_utils.instructor.plain_text import for_tables

FORMULA = re.compile(r"[\s']*[=+\-@\t\r]")
"""What a cell begins with that a spreadsheet would carry out, spaces and apostrophes aside."""
SIGNS = r"=+\-@\u207a\u207c\u208a\u208c\u2a75\u2a76\ufb29\ufe62\ufe63\ufe66\ufe6b"
SIGNS += r"\uff0b\uff0d\uff1d\uff20"
WITHIN = re.compile(rf"(?<=[;\t\r\n])(?=[\s'\uff07]*[{SIGNS}])")
"""Where a cell would begin, with a formula in it, for a spreadsheet that parts cells by semicolons
or tabs, as Excel does in countries with a decimal comma: there, commas and their quotes part
nothing."""


def cell(value):
    """Make a value a cell in which nothing is carried out or hidden.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
        Its text as `harmless` gives it. What a terminal that shows the table would obey, and what
        turns the direction of writing, is escaped.
    """
    return harmless(for_tables(str(value)))


def harmless(value):
    """Make a value a cell that a spreadsheet does not carry out.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
        Its text. An apostrophe, which spreadsheets do not show, stands before whatever looks like a
        formula, be it behind apostrophes: so every cell tells which text it was made of.
    """
    text = WITHIN.sub("'", str(value))
    plain = unicodedata.normalize("NFKC", text)  # there are wide and small forms of these signs
    return f"'{text}" if FORMULA.match(plain) else text
