"""Find code within texts: in fences, comments, texts of programs, examples and plain paragraphs."""

import ast
import html
import re
from textwrap import dedent

from course_utils.instructor.release import rewording

FENCED = re.compile(r"^ *(?:```|~~~).*\n((?:.*\n)*?) *(?:```|~~~)", re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
COMMENT = re.compile(r"#+(?: ?)(.*)$")
PROMPT = re.compile(r"^\s*(?:>>>|\.\.\.|In \[\d*\]:|\s+\.\.\.:) ?(.*)$")
TAG = re.compile(r"<[^<>]*>")
LONGEST_PARAGRAPH = 40
"""Lines of a paragraph whose passages are tried; longer ones are lists and tables."""
SHORTEST = 12
"""Characters of a passage within a text that can hold anything that matters."""
DEEPEST = 3
"""Texts within code within texts."""


def plain(text):
    """Take the tags out of a text, if it has any.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Empty if there is nothing to take out.
    """
    without = html.unescape(TAG.sub("", text)) if "</" in text else html.unescape(text)
    return "" if without == text else without


def code_in(text, deep=0):
    """Find what is Python in a text, or may be.

    Parameters
    ----------
    text : str
    deep : int
        How many texts this one stands in.

    Returns
    -------
    list of ast.Module
    """
    if (deep and len(text) < SHORTEST) or deep > DEEPEST:
        return []
    tree = rewording.parse(dedent(text))
    if tree:
        return [tree, *_in_strings(tree, deep), *_in_comments(text, deep)]
    trees = []
    for fence in FENCED.findall(text + "\n"):
        trees += code_in(fence, deep + 1)
    rest = FENCED.sub("\n\n", text + "\n")
    for span in SPAN.findall(rest):
        trees += code_in(span, deep + 1)
    for paragraph in re.split(r"\n\s*\n", rest):
        if len(paragraph) >= SHORTEST:
            trees += _in_paragraph(paragraph.strip("\n").split("\n"), deep)
    return trees


def _in_paragraph(lines, deep):
    """Code in lines without a blank one between them: as long passages of it as there are."""
    prompted = [match[1] for match in map(PROMPT.match, lines) if match]
    if prompted:
        return code_in("\n".join(prompted), deep + 1)
    if len(lines) > LONGEST_PARAGRAPH:
        return []
    trees, first = _in_comments("\n".join(lines), deep), 0
    while first < len(lines):
        for last in range(len(lines), first, -1):
            passage = dedent("\n".join(lines[first:last]))
            tree = rewording.parse(passage) if len(passage) >= SHORTEST else None
            if tree:
                trees += [tree, *_in_strings(tree, deep)]
                first = last
                break
        else:
            first += 1
    return trees


def _in_strings(tree, deep):
    """Code in the texts of a program, its docstrings included."""
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return [found for text in texts for found in code_in(text, deep + 1)]


def _in_comments(text, deep):
    """Code in the comments of a program, those of successive lines together."""
    trees, block = [], []
    for line in [*text.split("\n"), ""]:
        comment = COMMENT.search(line)
        if comment:
            block.append(comment[1])
        elif block:
            trees += code_in("\n".join(block), deep + 1)
            block = []
    return trees
