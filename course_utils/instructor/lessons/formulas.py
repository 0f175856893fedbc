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


def mathml(formula, display):
    r"""Translate one formula.

    Parameters
    ----------
    formula : str
        LaTeX, such as ``r"\frac{x}{2}"``.
    display : str
        ``"block"`` for a formula in a line of its own, else ``"inline"``.

    Returns
    -------
    str
        A ``math`` element as HTML has it.
    """
    element = convert(formula.strip(), display=display)
    # HTML needs no namespace, and with one nbconvert would prefix the tags within headings.
    return element.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")


def _translated(match):
    """The MathML of one formula; code unchanged."""
    if match["code"]:
        return match["code"]
    if match["block"]:
        return mathml(match["block"], "block")
    return mathml(match["inline"], "inline")
