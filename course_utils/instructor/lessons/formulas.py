"""Formulas of Markdown cells as MathML, which browsers draw without fetching a script."""

import re

from latex2mathml.converter import convert

# Code comes first, so that a dollar sign within it stays one.
CODE_OR_FORMULA = re.compile(
    r"(?P<code>```.*?```|`[^`\n]+`)"
    r"|\$\$(?P<block>.+?)\$\$"
    r"|(?<![\\$])\$(?P<inline>[^\s$](?:[^$\n]*[^\s$\\])?)\$(?!\d)",
    re.DOTALL,
)


def with_mathml(markdown):
    r"""Replace the formulas of a Markdown text by MathML.

    Parameters
    ----------
    markdown : str
        A text with formulas between ``$`` or ``$$``. A formula does not begin or end with a
        space; ``\$`` and dollar signs in code stay as they are.

    Returns
    -------
    str
    """
    return CODE_OR_FORMULA.sub(_translated, markdown)


def _translated(match):
    """The MathML of one formula; code unchanged."""
    if match["code"]:
        return match["code"]
    display = "block" if match["block"] else "inline"
    mathml = convert((match["block"] or match["inline"]).strip(), display=display)
    # HTML needs no namespace, and with one nbconvert would prefix the tags within headings.
    return mathml.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")
