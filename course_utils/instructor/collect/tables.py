"""Read tables as spreadsheets and learning platforms save them: rows of texts below their names."""

import codecs
import csv
import io
import re
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from defusedxml import ElementTree

from course_utils.instructor.collect.code_pages import WINDOWS, guess
from course_utils.instructor.course import CourseError

SEPARATORS = ",;\t|"
SHEET = "xl/worksheets/sheet1.xml"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LARGEST = 50 * 2**20  # bytes of a sheet when it is unpacked
LEGACY_EXCEL = b"\xd0\xcf\x11\xe0"


def read_table(path):
    """Read a table.

    Parameters
    ----------
    path : Path
        Separated values in any usual encoding, or an Excel workbook (``.xlsx``), of which the first
        sheet counts.

    Returns
    -------
    columns : list of str
    rows : list of list of str
        Each as long as ``columns``, without spaces at the ends of cells; empty rows left out.

    Raises
    ------
    CourseError
        If it cannot be read, is no table, or has no rows.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CourseError(f"The class list {path} cannot be read: {error.strerror}.") from error
    if data.startswith(LEGACY_EXCEL):
        raise CourseError(f"{path} is an old Excel file. Save it as .xlsx or as CSV.")
    try:
        table = _sheet(path) if data.startswith(b"PK\x03\x04") else _separated(decoded(data)[0])
        columns, *rows = [[it.strip() for it in row] for row in table if any(map(str.strip, row))]
    except (csv.Error, ValueError) as error:
        raise CourseError(f"Expected a table in {path}; it is empty or damaged.") from error
    if not rows:
        raise CourseError(f"Expected a class list in {path}; it has no rows below its first line.")
    width = len(columns)
    return columns, [(row + [""] * width)[:width] for row in rows]


def decoded(data):
    """Decode a text of unknown encoding.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    text, encoding : str
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace"), encoding
    if b"\0" in data[:200]:
        encoding = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
        return data.decode(encoding, "replace"), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeError:
        encoding, _ = guess(re.split(rb"[\r\n,;\t]+", data), WINDOWS)
        return data.decode(encoding, "replace"), encoding


def _separated(text):
    """Rows of separated values; Excel may say in a line before them by what."""
    told = re.match(r"sep=(.)\r?\n", text)
    text = text[told.end() :] if told else text
    first = text.partition("\n")[0]
    delimiter = told[1] if told else max(SEPARATORS, key=first.count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _sheet(path):
    """Rows of a workbook's first sheet."""
    try:
        with ZipFile(path) as book:
            names = book.namelist()
            if any(book.getinfo(name).file_size > LARGEST for name in names):
                raise ValueError("too large")
            shared = []
            if "xl/sharedStrings.xml" in names:
                root = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
                shared = [_text(it) for it in root.iter(f"{MAIN}si")]
            sheet = ElementTree.fromstring(book.read(SHEET))
    except (BadZipFile, KeyError, ParseError, RuntimeError, NotImplementedError) as error:
        raise ValueError(f"no workbook ({error})") from error
    return [_row(row, shared) for row in sheet.iter(f"{MAIN}row")]


def _row(row, shared):
    """Texts of a row; cells that it leaves out are empty."""
    texts = {}
    for number, cell in enumerate(row.iter(f"{MAIN}c")):
        letters = re.match(r"[A-Z]*", cell.get("r", ""))[0]
        place = number
        if letters:
            place = sum((ord(it) - 64) * 26**power for power, it in enumerate(letters[::-1])) - 1
        value = cell.findtext(f"{MAIN}v") or ""
        if cell.get("t") == "s":
            value = shared[int(value)]
        elif cell.get("t") == "inlineStr":
            value = _text(cell)
        elif re.fullmatch(r"\d+\.0", value):
            value = value[:-2]
        texts[place] = value
    return [texts.get(place, "") for place in range(max(texts, default=-1) + 1)]


def _text(node):
    """All text below a node."""
    return "".join(it.text or "" for it in node.iter(f"{MAIN}t"))
