"""Formulas become MathML; everything else in the text stays."""

import pytest

from course_utils.instructor.lessons.formulas import with_mathml


def test_formulas_become_mathml():
    text = with_mathml("so $2^8 = 256$ values:\n\n$$\\frac{x - \\mu}{\\sigma}$$\n\nas above")
    assert text.count("<math") == 2
    assert 'display="inline"' in text.split("values")[0]
    assert 'display="block"' in text.split("values")[1]
    assert "$" not in text
    assert "xmlns" not in text
    assert "<mfrac>" in text
    assert text.startswith("so ") and text.endswith("as above")


@pytest.mark.parametrize(
    "text",
    [
        "no formula at all",
        "`price = '$5' + '$6'`",
        "```bash\necho $HOME $PATH\n```",
        r"it costs \$5 or \$6",
        "5 $ and 6 $",
        "between $5 and $6",
    ],
)
def test_other_dollar_signs_stay(text):
    assert with_mathml(text) == text
