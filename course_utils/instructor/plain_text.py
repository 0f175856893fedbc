"""Texts that somebody else made, for people to read: nothing in them is carried out or unseen."""

import re
import unicodedata

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
KEPT_FORMATS = "\u200c\u200d"  # joiners, which some scripts and emojis need


def escaped(text):
    """Escape what a terminal might obey or could not show; different texts stay different.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    return "".join(
        it if it.isprintable() else it.encode("unicode_escape").decode()
        for it in text.encode("utf-8", "backslashreplace").decode("utf-8")
    )


def for_tables(text):
    """Escape what a terminal might obey, or what turns the direction of writing, and no more.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        With its line ends, with spaces of every width and with joiners: names are written so.
    """
    return "".join(
        it if it in f"\n{KEPT_FORMATS}" or unicodedata.category(it) == "Zs" else escaped(it)
        for it in text.replace("\r\n", "\n")
    )


def quoted(text):
    """Put a text that somebody else made into quotation marks, with nothing hidden in it."""
    return f"'{escaped(text)}'"


def cleaned(text):
    """Give a text without colours, and without signs that are not seen but do something.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        With U+FFFD in place of control characters other than line ends, of what turns the direction
        of writing, and of halves of characters.
    """
    text = COLOURS.sub("", text).replace("\r\n", "\n").expandtabs(4)
    return "".join(
        "\ufffd"
        if unicodedata.category(it) in ("Cc", "Cf", "Cs", "Co") and it not in f"\n{KEPT_FORMATS}"
        else it
        for it in text
    )


def in_one_line(error, longest=500):
    """Give what an error says in one line that is not too long, with nothing hidden in it."""
    return escaped(" ".join(str(error).split()))[:longest]


def in_one_sentence(sentences):
    """Give sentences in one line, between which a semicolon stands in place of full stops."""
    return "; ".join(sentence.rstrip(".?") for sentence in sentences)


def first_few(texts, most):
    """Give texts between commas; of many, the first, and how many more there are."""
    texts = list(texts)
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
