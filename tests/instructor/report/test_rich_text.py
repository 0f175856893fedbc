"""Code and formulas are shown as such, and nothing that somebody wrote is carried out."""

import pytest

from course_utils.instructor.report.rich_text import rich


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("`a < b`", "<code>a &lt; b</code>"),
        (r"$\frac{1}{2}$", "<mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac>"),
        ("costs 5$ or $6", "costs 5$ or $6"),
        (r"$\frac$", r"$\frac$"),
        (f"${'{' * 400}$", "{{{"),
    ],
)
def test_formulas_are_drawn_and_everything_else_is_escaped(text, expected):
    assert expected in rich(text)


def test_a_formula_is_mathematics_and_nothing_else(monkeypatch):
    import latex2mathml.converter

    made = '<math><mi href="x" onclick="y" mathvariant="bold">a</mi></math>'
    monkeypatch.setattr(latex2mathml.converter, "convert", lambda *_, **__: made)
    assert rich("$a$") == '<math><mi mathvariant="bold">a</mi></math>'
    made = "<math><script>alert(1)</script></math>"
    assert rich("$a$") == "$a$"


def test_comments_that_are_never_closed_take_no_time():
    assert rich("<!-- a -->b<!-- c <!-- d -->e --> f") == "be --&gt; f"
    assert rich("<!--" * 1_000_000).startswith("&lt;!--&lt;!--")
