"""Pictures within texts that anybody may have written, shown as pictures and nothing else.

Colab pastes a picture into a text as a ``data:`` address, Jupyter as an attachment of the cell, and
the course's figures are HTML with a picture in it.
"""

import re

from markupsafe import Markup

from course_utils.instructor.pictures import LARGEST, is_picture

# Base64 may be broken into lines; ``++`` gives nothing back, so half a picture costs no time.
ADDRESS = (
    r"data:image/(?P<kind{0}>png|jpe?g|gif|webp);base64,"
    r"(?P<data{0}>(?:[A-Za-z0-9+/=]++|\r?\n[ \t]{{0,80}})++)"
)
PICTURE = re.compile(
    r"!\[(?P<alt>[^\[\]\n]{0,1000})\]\(\s*<?"
    + ADDRESS.format(1)
    + r"[^)\n]{0,200}\)"
    + r"|<img\b[^<>]{0,2000}?\bsrc\s*=\s*[\"']?"
    + ADDRESS.format(2)
    + r"[^<>]{0,2000}>",
    re.IGNORECASE,
)
NAMED = re.compile(r"!\[([^\[\]\n]{0,1000})\](?:\[([^\[\]\n]{0,300})\])?(?!\()")  # ![words][name]
NAME = re.compile(
    r"^ {0,3}\[([^\[\]\n]{1,300})\]:\s{0,9}<?"
    r"(data:image/[a-z]{3,4};base64,[A-Za-z0-9+/=]++)[^\n]{0,200}$",
    re.IGNORECASE | re.MULTILINE,
)
ATTACHMENT = re.compile(r"(!\[[^\[\]\n]{0,1000}\]\(\s*)attachment:([^)\s]{1,300})")
ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]{0,1000})\"|'([^']{0,1000})')", re.IGNORECASE)


def without_pictures(text):
    """Take the pictures out of a text.

    Parameters
    ----------
    text : str
        Markdown or HTML, by anybody.

    Returns
    -------
    list of (str, Markup)
        Pieces of the text in order, each with the picture that follows it; the last has none.
    """
    pieces, place = [], 0
    text = _with_addresses(text)
    for match in PICTURE.finditer(text):
        alt = ALT.search(match[0])
        words = match["alt"] or (alt and (alt[1] or alt[2])) or ""
        kind = match["kind1"] or match["kind2"]
        data = re.sub(r"\s", "", match["data1"] or match["data2"])
        pieces.append((text[place : match.start()], _shown(kind, data, words)))
        place = match.end()
    return [*pieces, (text[place:], Markup(""))]


def with_attachments(source, attachments):
    """Write a cell's attachments into its text, as Colab does.

    Parameters
    ----------
    source : str
    attachments : dict of str to (dict of str to str)
        By name: the data in Base64, by their type.

    Returns
    -------
    str
        Attachments that the text does not mention stand at its end.
    """
    addresses = {
        name: f"data:{kind};base64,{data}"
        for name, kinds in attachments.items()
        for kind, data in kinds.items()
        if kind.startswith("image/") and isinstance(data, str)
    }
    named = {match[2] for match in ATTACHMENT.finditer(source)}
    text = ATTACHMENT.sub(lambda it: it[1] + addresses.get(it[2], f"attachment:{it[2]}"), source)
    others = [f"\n\n![{name}]({it})" for name, it in addresses.items() if name not in named]
    return "".join([text, *others])


def _with_addresses(text):
    """Write addresses that stand apart, as ``[name]: data:…``, to where they are named."""
    addresses = {name.casefold(): address for name, address in NAME.findall(text)}
    used = set()

    def picture(match):
        name = (match[2] or match[1]).casefold()
        used.add(name)
        return f"![{match[1]}]({addresses[name]})" if name in addresses else match[0]

    text = NAMED.sub(picture, text) if addresses else text
    return NAME.sub(lambda it: "" if it[1].casefold() in used else f"![{it[1]}]({it[2]})", text)


def _shown(kind, data, words):
    """A picture as HTML, or words in its place if it is none or too large."""
    kind = kind.lower().replace("jpg", "jpeg")
    if len(data) > LARGEST:
        return Markup("[a picture of {:.0f} MB is not shown]").format(len(data) * 0.75e-6)
    if not is_picture(kind, data):
        return Markup("[a damaged picture is not shown]")
    return Markup('<img style="max-width: 100%" alt="{}" src="data:image/{};base64,{}">').format(
        words, kind, data
    )
