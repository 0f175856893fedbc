"""Cells tell of which lesson a notebook is, however damaged it is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.instructor.collect import fingerprints as module
from course_utils.instructor.collect.fingerprints import (
    fingerprints,
    held_lesson,
    held_lessons,
    holds_some,
    is_notebook,
    notebook_texts,
)

FIRST, SECOND = "01-pixels-and-labels", "02-neurons-to-networks"


def notebook(*sources, **metadata):
    cells = [{"cell_type": "code", "source": source, "metadata": metadata} for source in sources]
    return json.dumps({"cells": cells, "nbformat": 4}).encode()


COMMON = "import matplotlib.pyplot as plt"
LINES = [f"this is line {line} of a lesson" for line in range(4)]
SOURCES = {
    name: notebook(*(f"this is line {line} of {name}" for line in range(9)), COMMON)
    for name in (FIRST, SECOND)
}
PRINTS = fingerprints(SOURCES)


def test_cells_tell_the_lesson():
    for lesson, data in SOURCES.items():
        assert held_lesson(notebook_texts(data)[0], PRINTS) == lesson
    half = notebook("mine", COMMON, *(f"this is line {line} of {FIRST}" for line in range(4)))
    assert held_lesson(notebook_texts(half)[0], PRINTS) == FIRST
    assert held_lesson(notebook_texts(notebook("mine", COMMON))[0], PRINTS) is None
    both = notebook(*(f"this is line {line} of {name}" for line in range(9) for name in SOURCES))
    assert held_lesson(notebook_texts(both)[0], PRINTS) is None


def test_a_notebook_may_hold_two_lessons():
    lines = [f"this is line {line} of {name}" for line in range(9) for name in SOURCES]
    assert held_lessons(notebook_texts(notebook(*lines))[0], PRINTS) == [FIRST, SECOND]
    assert held_lessons(notebook_texts(notebook(*lines[:-6]))[0], PRINTS) == [FIRST, SECOND]
    assert held_lessons(notebook_texts(notebook(*lines[::2], lines[1]))[0], PRINTS) == [FIRST]
    assert held_lessons(notebook_texts(notebook("mine", COMMON))[0], PRINTS) == []


def test_a_notebook_holds_something_of_a_lesson_or_nothing():
    lesson = notebook_texts(notebook("def total(numbers):", COMMON, *"abc", *LINES))[0]
    for sources in ([COMMON], [*LINES[:2], COMMON], ["def other(numbers):"], []):
        assert not holds_some(notebook_texts(notebook(*sources))[0], lesson)
    for sources in (["def total(numbers):\n    return 1"], LINES[:3]):
        assert holds_some(notebook_texts(notebook(*sources))[0], lesson)
    named = {"nbgrader": {"grade_id": "total"}}
    texts = notebook_texts(notebook("x", **named))[0]
    assert holds_some(texts, texts | lesson)


def test_a_notebook_that_breaks_off_still_tells_its_lesson():
    data = SOURCES[FIRST][: len(SOURCES[FIRST]) * 2 // 3]
    texts, whole = notebook_texts(data)
    assert not whole
    assert held_lesson(texts, PRINTS) == FIRST


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00garbage",
        b"[" * 100_000,
        b"null",
        b'{"cells": 3}',
        b'{"cells": [1, null, {"source": 5, "metadata": []}, {"source": [1, "x"]}]}',
        b'{"cells": [{"source": "a", "metadata": {"nbgrader": {"grade_id": 7}}}]}',
        b'{"worksheets": [3]}',
        b"1" * 10_000,
    ],
)
def test_no_content_stops_the_reading(data):
    texts, _ = notebook_texts(data)
    assert held_lesson(texts, PRINTS) is None


@given(st.binary())
def test_no_bytes_stop_the_reading(data):
    assert notebook_texts(data)[1] in (True, False)


def test_old_notebooks_have_their_cells_elsewhere():
    old = json.dumps({"worksheets": [{"cells": [{"input": ["a line of an ", "old notebook"]}]}]})
    assert notebook_texts(old.encode()) == ({"a line of an old notebook"}, True)


@pytest.mark.parametrize(
    ("name", "data", "is_one"),
    [
        ("a.py", notebook("x"), True),
        ("a.ipynb.pdf", notebook("x"), True),
        ("a.docx", notebook("x"), True),
        ("a.py", b"import math", False),
        ("a.py", b'{"cells": []}', False),
        ("a.npz", bytes(1000), False),
        ("a.ipynb", b"garbage", True),
        ("a.IPYNB", b"", True),
        ("a.ipynb.txt", notebook("x"), True),
        ("a.json", notebook("x"), True),
        ("a", notebook("x"), True),
        ("a.txt", b"my answer", False),
        ("a.json", b"{}", False),
        ("a.html", b"<html>", False),
    ],
)
def test_what_is_a_notebook(name, data, is_one):
    assert is_notebook(name, data) == is_one


def test_json_that_would_fill_the_memory_is_not_read(monkeypatch):
    monkeypatch.setattr(module, "MOST_BRACKETS", 3)
    assert notebook_texts(b'{"cells": [[]]}') == (set(), True)
    assert notebook_texts(b'{"cells": [[], []]}') == (set(), False)
