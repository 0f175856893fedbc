"""What a student's notebook shows below its cells: texts and pictures, and nothing else.

A cell that is not run keeps this, for whoever marks by hand. Anybody can write it, so it is never a
mark; and nothing in it is carried out.
"""

import re

from course_utils.instructor.pictures import LARGEST, is_picture

MOST = 50  # outputs of a cell
LONGEST = 20_000  # characters of each
LARGEST_NOTEBOOK = 20_000_000  # characters of all, Base64 of pictures among them
PICTURES = {"image/png": "png", "image/jpeg": "jpeg"}
IN_A_PAGE = re.compile(r"data:(image/(?:png|jpeg));base64,([A-Za-z0-9+/=]+)")  # a course's figure
HALVES = re.compile("[\ud800-\udfff]")


def clean(raw):
    """Keep of a cell's outputs what is text or a picture.

    Parameters
    ----------
    raw : object
        What a notebook of nbformat 4 has in this place; anything at all.

    Returns
    -------
    list of dict
        As nbformat 4.5 has them.
    """
    some = raw[:MOST] if isinstance(raw, list) else []
    found = [_clean(it) for it in some if isinstance(it, dict)]
    return [it for it in found if it]


def limit(cells):
    """Take the outputs from cells from which on they are too large for a notebook.

    Parameters
    ----------
    cells : list of submission_file.Cell
        Changed.
    """
    left = LARGEST_NOTEBOOK
    for cell in cells:
        left -= sum(_size(it) for it in cell.outputs)
        if left < 0 and cell.outputs:
            cell.outputs = [_stream("[left out: what this notebook shows is too large]\n")]


def _clean(raw):
    """One output; None if there is nothing in it that can be kept."""
    kind = raw.get("output_type")
    if kind == "stream":
        return _stream(_text(raw.get("text")), raw.get("name"))
    if kind in ("display_data", "execute_result"):
        data = raw.get("data")
        return _display(data if isinstance(data, dict) else {})
    if kind == "error":
        lines = raw.get("traceback")
        lines = [_text(it) for it in lines[:MOST]] if isinstance(lines, list) else []
        error = {"ename": _text(raw.get("ename")), "evalue": _text(raw.get("evalue"))}
        return {"output_type": "error", **error, "traceback": lines}
    return None


def _stream(text, name="stdout"):
    """A printed text."""
    name = name if name in ("stdout", "stderr") else "stdout"
    return {"output_type": "stream", "name": name, "text": text}


def _display(data):
    """Something that was shown: its picture, else its text."""
    shown = {"text/plain": _text(data.get("text/plain")) or "(not shown here)"}
    page = "".join(_lines(data.get("text/html")))
    found = IN_A_PAGE.search(page)
    pairs = [(kind, "".join(_lines(data.get(kind)))) for kind in PICTURES]
    pairs += [found.groups()] if found else []
    for kind, letters in pairs:
        letters = re.sub(r"\s", "", letters)
        if letters and len(letters) <= LARGEST and is_picture(PICTURES[kind], letters):
            shown[kind] = letters
            break
    return {"output_type": "display_data", "metadata": {}, "data": shown}


def _lines(value):
    """A text's lines, however they are stored."""
    parts = value if isinstance(value, list) else [value]
    return [it for it in parts if isinstance(it, str)]


def _text(value):
    """A text that any file can hold, not too long."""
    text = HALVES.sub("\ufffd", "".join(_lines(value)))
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return f"{text[:half]}\n[...]\n{text[-half:]}"


def _size(output):
    """Characters of an output."""
    parts = output.get("data", {}).values()
    return len(output.get("text", "")) + sum(map(len, (*parts, *output.get("traceback", ()))))
