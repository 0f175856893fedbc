"""Read what a student handed in as a notebook, whatever it is.

Students' files come from Colab, from old and new editors, through mail programmes and learning
platforms. What is left of a notebook is read here cell by cell, without nbformat, which gives up
at the first thing that it does not expect; what is none is described in words.
"""

import codecs
import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from course_utils.instructor.plain_text import first_few
from course_utils.instructor.repair import outputs

LARGEST = 64_000_000
MOST_CELLS = 2_000
MOST_NAMES = 6
MOST_CHARACTERS = 20_000_000
MOST_BRACKETS = 5_000_000  # each list or object of JSON takes far more memory than its brackets
AGAIN = "Ask the student to hand in the notebook again."
EXPORT = "Ask the student for the notebook itself (.ipynb)."
KINDS = ("code", "markdown", "raw")
COLAB_CELL = {"base_uri", "colab", "colab_type", "executionInfo", "id", "outputId"}
COLAB_NOTEBOOK = {"gpuClass", "widgets"}  # what is released has the others
OTHER_FILES = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Word, Excel or PowerPoint document",
    b"PK": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"\x89HDF": "an HDF5 file, such as a saved model",
    b"\x93NUMPY": "a NumPy array",
    b"SQLite": "a database",
    rb"{\rtf": "a rich-text document",
}
OFFICE = {b"word/": "a Word document", b"xl/": "an Excel workbook", b"ppt/": "a presentation"}
WEB_PAGE = re.compile(r"\s*<(?:!doctype html|html|head|body|\?xml)", re.IGNORECASE)
TITLE = re.compile(r"<title[^<>]*>([^<]{1,200})", re.IGNORECASE)
PYTHON = re.compile(r"^(?:import|from|def|class) +\w+", re.MULTILINE)
ALONE = re.compile("[\ud800-\udfff]")


class UnreadableSubmissionError(ValueError):
    """A file that cannot be graded; the text says what was expected, what came, what to do."""


@dataclass(eq=False)
class Cell:
    """A cell as it was handed in; two cells are equal only if they are the same one.

    Attributes
    ----------
    kind : str
        ``code``, ``markdown`` or ``raw``.
    source : str
    number : int
        Its place in the file, from 1; 0 for a cell that was not in the file.
    name : str
        Its id; empty if it has none.
    roles : dict
        What it says of itself to nbgrader; nothing in it is to be trusted.
    metadata : dict
        Its tags and ``cellView``.
    attachments : dict
        Pictures pasted into it.
    outputs : list of dict
        What it shows: texts and pictures.
    """

    kind: str
    source: str
    number: int = 0
    name: str = ""
    roles: dict = field(default_factory=dict)
    metadata: dict = field(default_factory=dict)
    attachments: dict = field(default_factory=dict)
    outputs: list = field(default_factory=list)


@dataclass
class Submission:
    """What could be read.

    Attributes
    ----------
    cells : list of Cell
    kernel : dict of str to str
        ``name``, ``title`` and ``language`` of the kernel that it asks for; empty texts if none.
    notes : list of str
        What was mended while reading.
    doubts : list of str
        What a person should look at.
    """

    cells: list = field(default_factory=list)
    kernel: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    doubts: list = field(default_factory=list)


def read_submission(data):
    """Read a file that was handed in.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    Submission

    Raises
    ------
    UnreadableSubmissionError
        If it is no notebook, or one that is too large or too new.
    """
    found = Submission()
    raw = _parse(_decode(data, found), found)
    if isinstance(raw.get("content"), dict) and "cells" not in raw:
        raw = raw["content"]  # as Jupyter's own server sends a notebook
    cells = _raw_cells(raw, found)
    if len(cells) > MOST_CELLS:
        raise _unreadable(
            f"this one has {len(cells)} cells, more than {MOST_CELLS}",
            "Look at it; delete the cells that belong to no exercise, and grade again.",
        )
    _read_notebook_metadata(raw, found)
    _read_cells(cells, found)
    return found


def _unreadable(came, advice=AGAIN):
    """The error that says what came in place of a notebook, and what to do."""
    return UnreadableSubmissionError(f"Expected a Jupyter notebook (.ipynb); {came}. {advice}")


def _decode(data, found):
    """The file's text."""
    if len(data) > LARGEST:
        raise _unreadable(
            f"the file has {len(data) / 1e6:.0f} MB, more than {LARGEST / 1e6:.0f} MB",
            "Ask the student to clear all outputs and hand it in again.",
        )
    if not data.strip(b"\0 \t\r\n"):
        came = f"it holds {len(data)} empty bytes and nothing else" if data else "it is empty"
        raise _unreadable(f"{came}: the upload failed, perhaps")
    for opening, what in OTHER_FILES.items():
        if data.startswith(opening):
            if opening == b"PK":
                what = next((office for part, office in OFFICE.items() if part in data), what)
            raise _unreadable(f"the file is {what}", EXPORT)
    encoding = json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
        if not text.lstrip().startswith("{"):
            raise _unreadable("the file is no text") from None
        with suppress(UnicodeDecodeError):
            text = data.decode("cp1252")  # what Windows wrote before UTF-8
        found.notes.append("The file is not valid UTF-8; it was read as Windows would (cp1252).")
        return text
    if encoding != "utf-8":
        what = "with a byte order mark" if data.startswith(codecs.BOM_UTF8) else f"as {encoding}"
        found.notes.append(f"The file was saved {what}; it was read all the same.")
    return text.lstrip("\ufeff")


def _parse(text, found):
    """The JSON object in a text; what is odd about it is noted."""
    raw, end, twice, numbers = _read_json(text)
    if not isinstance(raw, dict):
        raise _unreadable(f"the file is JSON that holds {_called(raw)}", EXPORT)
    rest = text[end:].strip("\0 \t\r\n")
    if rest:
        found.doubts.append(
            f"Behind the notebook, the file holds {len(rest)} more characters, which were left "
            "out. Look whether they are a second notebook."
        )
    if twice:
        found.doubts.append(
            f"The file says {_listed(twice)} twice in one place; as in Jupyter, the last one "
            "counts. Look at the file in a text editor."
        )
    if numbers:
        found.notes.append(f"Numbers that JSON does not know were left out: {_listed(numbers)}.")
    return raw


def _read_json(text):
    """What a text holds as JSON, where that ends, names told twice, and numbers not in JSON."""
    if text.count("{") + text.count("[") > MOST_BRACKETS:
        raise _unreadable(
            f"the file has more than {MOST_BRACKETS} lists and objects",
            "Ask the student to clear all outputs and hand it in again.",
        )
    twice, numbers = set(), set()

    def pairs(items):
        together = dict(items)
        if len(together) != len(items):
            counts = Counter(name for name, _ in items)
            twice.update(name for name in together if counts[name] > 1)
        return together

    decoder = json.JSONDecoder(object_pairs_hook=pairs, parse_constant=numbers.add)
    start = len(text) - len(text.lstrip())
    try:
        raw, end = decoder.raw_decode(text, start)
    except RecursionError:
        raise _unreadable("its JSON is nested deeper than any notebook's") from None
    except ValueError as error:
        raise _unreadable(*_no_json(text, error)) from None
    return raw, end, twice, numbers


def _no_json(text, error):
    """What a text is that is no JSON, and what to do about it."""
    if WEB_PAGE.match(text):
        title = TITLE.search(text)
        called = f" ({one_line(title[1])!r})" if title else ""
        return f"the file is a web page{called}, such as a login page saved by mistake", EXPORT
    if text.lstrip().startswith("{"):
        if "\n<<<<<<< " in text:
            return "it holds the marks of an unfinished git merge (<<<<<<<)", AGAIN
        position = getattr(error, "pos", 0)
        if "Unterminated" in str(error) or position >= len(text.rstrip()) - 5:
            came = f"this one breaks off after {len(text)} characters"
            return f"{came}: the upload was interrupted, perhaps", AGAIN
        if isinstance(error, json.JSONDecodeError):
            return f"its JSON is damaged in line {error.lineno}", AGAIN
        return "it holds a number with too many digits", AGAIN
    if PYTHON.search(text):
        return "the file is Python code, without a notebook around it", EXPORT
    return f"the file is a text that begins {text.strip()[:40]!r}", EXPORT


def _raw_cells(raw, found):
    """The cells of a notebook of any version, as JSON has them."""
    major, minor = _whole(raw.get("nbformat")), _whole(raw.get("nbformat_minor")) or 0
    if major is not None and major > 4:
        raise _unreadable(
            f"this one is of nbformat {major}.{minor}, and the newest that can be read is 4.5",
            "Update the course's environment, or ask the student to save it as nbformat 4.",
        )
    cells = raw.get("cells")
    if not isinstance(cells, list):
        sheets = raw.get("worksheets")
        if not isinstance(sheets, list):
            raise _unreadable(
                f"the file is JSON without cells; it holds {_listed(list(raw)[:5]) or 'nothing'}",
                EXPORT,
            )
        parts = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        cells = [cell for part in parts if isinstance(part, list) for cell in part]
    if major is None:
        found.notes.append("It did not say which nbformat it is of; it was read as 4.5.")
    elif (major, minor) > (4, 5):
        found.notes.append(
            f"It is of nbformat {major}.{minor}, newer than 4.5; it was read as 4.5."
        )
    elif (major, minor) < (4, 5):
        whose = ", as Colab saves it," if (major, minor) == (4, 0) else ""
        found.notes.append(f"It is of nbformat {major}.{minor}{whose} and was brought to 4.5.")
    return cells


def _read_notebook_metadata(raw, found):
    """Note the kernel that a notebook asks for, and what Colab wrote beside it."""
    metadata = _object(raw.get("metadata"))
    if "metadata" in raw and not isinstance(raw["metadata"], dict):
        found.notes.append(f"The notebook's metadata were {_called(raw['metadata'])}: left out.")
    kernel = _object(metadata.get("kernelspec"))
    about = _object(metadata.get("language_info"))
    languages = (kernel.get("language"), about.get("name"), metadata.get("language"))
    found.kernel = {
        "name": _text(kernel.get("name")),
        "title": _text(kernel.get("display_name")) or _text(kernel.get("name")),
        "language": next(filter(None, map(_text, languages)), ""),
    }
    left_out = sorted(COLAB_NOTEBOOK & set(metadata))
    if left_out:
        found.notes.append(f"The notebook's metadata {_listed(left_out)} were left out.")


def _read_cells(cells, found):
    """Read the cells; say once what was odd about some of them."""
    odd = {}
    for number, raw in enumerate(cells, start=1):
        cell = _read_cell(raw, number, odd)
        if cell is not None:
            found.cells.append(cell)
    if sum(len(cell.source) for cell in found.cells) > MOST_CHARACTERS:
        raise _unreadable(
            f"the cells of this one hold more than {MOST_CHARACTERS} characters, without outputs",
            "Look at it; delete what belongs to no exercise, and grade again.",
        )
    outputs.limit(found.cells)
    for what, numbers in odd.items():
        some = ", ".join(map(str, numbers[:5])) + (", …" if len(numbers) > 5 else "")
        found.notes.append(f"{what} ({'cell' if len(numbers) == 1 else 'cells'} {some}).")


def _read_cell(raw, number, odd):
    """One cell, and in ``odd`` what was not as it should be."""

    def note(what):
        odd.setdefault(what, []).append(number)

    if isinstance(raw, str):
        note("Texts that were no cells were kept as cells that are not run")
        return Cell("raw", raw, number)
    if not isinstance(raw, dict):
        note("Entries that were no cells were left out")
        return None
    source = _source(raw, note)
    kind = raw.get("cell_type")
    if kind == "heading":
        kind = "markdown"
        if not _is_graded(raw) and "\n" not in source.strip():  # else its text may be an answer
            source = f"{'#' * min(max(_whole(raw.get('level')) or 1, 1), 6)} {source}"
    elif kind == "html":
        kind = "markdown"
    elif kind not in KINDS:
        note("Cells of an unknown type were kept as cells that are not run")
        kind = "raw"
    metadata = raw.get("metadata", {})
    if not isinstance(metadata, dict):
        note("Cell metadata that were no object were left out")
        metadata = {}
    if COLAB_CELL & set(metadata):
        note("Colab's entries in the cells' metadata were left out")
    return Cell(
        kind,
        source,
        number,
        name=_text(raw.get("id")) or _text(metadata.get("id")),
        roles={key: _scalar(it) for key, it in _object(metadata.get("nbgrader")).items()},
        metadata=_kept(metadata),
        attachments=_attachments(raw.get("attachments")),
        outputs=outputs.clean(raw.get("outputs")) if kind == "code" else [],
    )


def _is_graded(raw):
    """Whether a cell says that nbgrader knows it."""
    return bool(_object(_object(raw.get("metadata")).get("nbgrader")).get("grade_id"))


def _source(raw, note):
    """A cell's text, however it was stored."""
    source = raw.get("source", raw.get("input", ""))  # ``input`` until nbformat 3
    if isinstance(source, list):
        lines = [line if isinstance(line, str) else json.dumps(line) for line in source]
        ended = any(line.endswith("\n") for line in lines)
        source = ("" if ended else "\n").join(lines)
    elif not isinstance(source, str):
        note("Cell sources that were no text were kept as JSON writes them")
        source = "" if source is None else json.dumps(source)
    if ALONE.search(source):
        note("Characters that exist only in halves were replaced by \ufffd")
        source = ALONE.sub("\ufffd", source)
    return source


def _kept(metadata):
    """What is kept of a cell's metadata: tags as nbformat allows them, and Colab's form view."""
    kept = {}
    tags = metadata.get("tags")
    if isinstance(tags, list):
        good = [tag for tag in tags if isinstance(tag, str) and tag and "," not in tag]
        kept["tags"] = [ALONE.sub("\ufffd", tag) for tag in dict.fromkeys(good)]
    if metadata.get("cellView") in ("form", "code", "both"):
        kept["cellView"] = metadata["cellView"]
    return kept


def _attachments(raw):
    """Pictures pasted into a cell, each by its name and media type."""
    kept = {}
    for name, bundle in _object(raw).items():
        parts = {
            media: "".join(part) if isinstance(part, list) else part
            for media, part in _object(bundle).items()
            if isinstance(part, str)
            or (isinstance(part, list) and all(isinstance(line, str) for line in part))
        }
        if parts:
            kept[name] = parts
    return kept


def _object(value):
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def _scalar(value):
    """The value if it is a text, a number, true, false or nothing; else its kind in words."""
    if isinstance(value, str):
        return _text(value)
    return _called(value) if isinstance(value, list | dict) else value


def _text(value):
    """The value if it is a text, else an empty one."""
    return ALONE.sub("\ufffd", value) if isinstance(value, str) else ""


def _whole(value):
    """The value as a whole number; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def _called(value):
    """A JSON value's kind in words."""
    kinds = {list: "a list", dict: "an object", str: "a text", bool: "true or false"}
    return kinds.get(type(value), "nothing" if value is None else "a number")


def _listed(names):
    """Names in order, between commas; of many, the first."""
    return first_few(map(one_line, sorted(names)), MOST_NAMES)


def one_line(text):
    """Shorten a text from a file so that it can stand in a message."""
    return " ".join("".join(it if it.isprintable() else " " for it in text[:60]).split())
