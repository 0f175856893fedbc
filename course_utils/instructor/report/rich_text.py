"""Texts that anybody may have written as HTML: code, formulas and pictures, nothing else."""

import re
import xml.etree.ElementTree as ElementTree

from markupsafe import Markup, escape

from course_utils.instructor.lessons.formulas import CODE_OR_FORMULA
from course_utils.instructor.plain_text import cleaned
from course_utils.instructor.report.pasted import without_pictures

LONGEST_TEXT, LONGEST_FORMULA = 100_000, 500
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
    """Make a text HTML: code, formulas and pictures are shown as such, all else as it stands.

    Parameters
    ----------
    text : str
        Written by anybody.

    Returns
    -------
    Markup
    """
    pieces = [
        (cleaned(words), picture)
        for words, picture in without_pictures(_without_comments(text).strip())
    ]
    return Markup("").join(it for words, picture in _cut(pieces) for it in (_words(words), picture))


def _cut(pieces):
    """Pieces of a text up to as many letters as are shown, and how many more there are."""
    left = LONGEST_TEXT
    for words, picture in pieces:
        yield words[: max(left, 0)], picture
        left -= len(words)
    if left < 0:
        yield f" … ({-left:,} more letters stand in the notebook itself)", Markup("")


def _words(text):
    """A text without pictures as HTML."""
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
