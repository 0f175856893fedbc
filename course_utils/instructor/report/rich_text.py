"""Texts that anybody may have written as HTML: code and formulas shown as such, nothing else."""

import re
import xml.etree.ElementTree as ElementTree

from markupsafe import Markup, escape

from course_utils.instructor.lessons.formulas import CODE_OR_FORMULA
from course_utils.instructor.plain_text import cleaned

LONGEST_TEXT, LONGEST_FORMULA = 20_000, 500
ELEMENTS = re.compile(
    "math|mrow|m[inos]|mtext|mspace|m(sub|sup|subsup)|mfrac|msqrt|mroot|m(over|under|underover)"
    "|mtable|mtr|mtd|mstyle|mpadded|mphantom|menclose|mfenced"
)
ATTRIBUTES = re.compile(
    "display|displaystyle|scriptlevel|mathvariant|stretchy|symmetric|fence|form|separators?|largeop"
    "|[lr]space|width|height|depth|voffset|linethickness|(column|row)(align|spacing|lines)"
    "|(min|max)size|movablelimits|accent(under)?|notation|open|close"
)


def rich(text):
    """Make a text HTML: code and formulas are shown as such, everything else as it stands.

    Parameters
    ----------
    text : str
        Written by anybody.

    Returns
    -------
    Markup
    """
    text = cleaned(_without_comments(text)).strip()
    text = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]} …"
    parts, place = [], 0
    for match in CODE_OR_FORMULA.finditer(text):
        parts.append(escape(text[place : match.start()]))
        if match["code"]:
            parts.append(Markup("<code>{}</code>").format(match["code"].strip("`").strip()))
        else:
            parts.append(_formula(match))
        place = match.end()
    return Markup("").join([*parts, escape(text[place:])])


def _without_comments(text):
    """A text without HTML's comments; in one step, however many of them are never closed."""
    *parts, last = text.split("-->")
    kept = [part.partition("<!--")[0] if "<!--" in part else f"{part}-->" for part in parts]
    return "".join([*kept, last])


def _formula(match):
    """A formula as MathML; as it stands if it is none, or holds anything but mathematics."""
    from latex2mathml.converter import convert

    text = (match["block"] or match["inline"]).strip()
    if len(text) > LONGEST_FORMULA:
        return escape(match[0])
    try:
        tree = ElementTree.fromstring(
            convert(text, display="block" if match["block"] else "inline")
        )
        for element in tree.iter():
            element.tag = element.tag.rpartition("}")[2]
            element.attrib = {
                key: it for key, it in element.attrib.items() if ATTRIBUTES.fullmatch(key)
            }
        if not all(ELEMENTS.fullmatch(element.tag) for element in tree.iter()):
            return escape(match[0])
        return Markup(ElementTree.tostring(tree, encoding="unicode"))
    except Exception:  # a student's formula may be anything
        return escape(match[0])
