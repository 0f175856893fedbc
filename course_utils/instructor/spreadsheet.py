"""Cells of tables that a spreadsheet takes for text, whatever students call themselves."""

import re
import unicodedata

FORMULA = re.compile(r"[\s']*[=+\-@\t\r]")
"""What a cell begins with that a spreadsheet would carry out, spaces and apostrophes aside."""


def harmless(value):
    """Make a value a cell that a spreadsheet does not carry out.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
        Its text. An apostrophe, which spreadsheets do not show, stands before one that looks like a
        formula, be it behind apostrophes: so every cell tells which text it was made of.
    """
    text = str(value)
    plain = unicodedata.normalize("NFKC", text)  # there are wide and small forms of these signs
    return f"'{text}" if FORMULA.match(plain) else text
