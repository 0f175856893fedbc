"""Which code page short texts, such as names, are written in.

Libraries that guess encodings go by how often letters come, which needs sentences: of a list of
five names they take Chinese for Korean. Names tell otherwise: people are called by letters of one
script, and by its usual ones.
"""

import re
import unicodedata

WINDOWS = ("cp1252", "cp1251", "cp1250", "cp932", "cp949", "gb18030", "big5", "cp1253", "cp1254")
"""What spreadsheets write."""
DOS = ("cp437", "cp850", "cp1252", "cp866", "cp852", "cp1251", "cp1250", "cp932", "cp949")
DOS += ("gb18030", "big5")
"""What programs that make zips write."""
USUAL = {  # first bytes of the characters that people are called by
    "gb18030": range(0xB0, 0xD8),
    "big5": range(0xA4, 0xC7),
    "cp932": range(0x82, 0xA0),
    "cp949": range(0xB0, 0xC9),
}
WESTERN = ("cp437", "cp850", "cp1252")
PUNCTUATION = "’‘“”–—°«»·、。，．・（）"


def guess(texts, code_pages, knows=None):
    """Find the code page that texts are written in, all in the same.

    Parameters
    ----------
    texts : sequence of bytes
    code_pages : sequence of str
        Those to try, likely ones first.
    knows : callable, optional
        Tells of a decoded text whether it is somebody's name; whatever knows most is right.

    Returns
    -------
    code_page : str
    sure : bool
        Whether that is more than a guess.
    """
    texts = [text for text in texts if not text.isascii()]
    for encoding in ("ascii", "utf-8"):
        if _decoded(texts, encoding) is not None:
            return "utf-8", True
    possible = {it: found for it in code_pages if (found := _decoded(texts, it)) is not None}
    if knows:
        known = {it: sum(map(knows, found)) for it, found in possible.items()}
        best = max(known, key=known.get, default=None)
        if best and known[best]:
            return best, True
    for encoding, found in possible.items():
        if all(_is_usual(text, it, encoding) for text, it in zip(texts, found, strict=True)):
            return encoding, False
    return next(iter(possible), code_pages[0]), False


def _decoded(texts, encoding):
    """Texts in an encoding; nothing if one of them cannot be."""
    try:
        return [text.decode(encoding) for text in texts]
    except UnicodeError:
        return None


def _is_usual(raw, text, encoding):
    """Whether a text looks like something that people write in an encoding."""
    odd = [it for it in text if not it.isascii()]
    if encoding in USUAL:
        firsts = [it.encode(encoding)[0] for it in odd if it.isalpha()]
        return bool(firsts) and all(it in USUAL[encoding] for it in firsts)
    if not all(it in PUNCTUATION or unicodedata.category(it) in ("Lu", "Ll") for it in odd):
        return False
    words = re.findall(r"[^\W\d_]+", text)
    return all(_is_usual_word(word, encoding in WESTERN) for word in words)


def _is_usual_word(word, western):
    """Whether a word is of one script, capitals first, and in the West with few accents."""
    scripts = {unicodedata.name(it, "").split()[0] for it in word}
    mixed = any(one.islower() and two.isupper() for one, two in zip(word, word[1:], strict=False))
    accents = sum(not it.isascii() for it in word)
    few = not western or 2 * accents <= len(word)
    return len(scripts) == 1 and few and not (mixed and accents)
