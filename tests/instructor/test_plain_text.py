"""Texts that somebody else made are shown to people whole, and carry nothing out."""

import pytest

from course_utils.instructor.plain_text import first_few, in_one_sentence


@pytest.mark.parametrize(
    ("sentences", "line"),
    [
        ((), ""),
        (("Cell 3 is new.",), "Cell 3 is new"),
        (
            ("Cell 3 is new. Look at it.", "cell 4: odd", "Why?"),
            "Cell 3 is new. Look at it; cell 4: odd; Why",
        ),
    ],
)
def test_sentences_in_a_line_have_no_full_stops_before_a_semicolon(sentences, line):
    assert in_one_sentence(sentences) == line


@pytest.mark.parametrize(
    ("texts", "line"), [((), ""), ("ab", "a, b"), (iter("abcde"), "a, b and 3 more")]
)
def test_of_many_texts_the_first_are_told_and_how_many_more_there_are(texts, line):
    assert first_few(texts, 2) == line
