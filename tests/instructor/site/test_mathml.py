"""Formulas of the site are MathML, and a broad one can be scrolled by keyboard."""

from types import SimpleNamespace

import pytest
from docutils import nodes

from course_utils.instructor.site import mathml


@pytest.mark.parametrize(
    ("visit", "display"), [(mathml._inline, "inline"), (mathml._block, "block")]
)
def test_a_formula_becomes_mathml(visit, display):
    page = SimpleNamespace(body=[])
    with pytest.raises(nodes.SkipNode):
        visit(page, nodes.math("x<y", "x<y"))
    (html,) = page.body
    assert f'display="{display}"' in html
    assert "<mo>&lt;</mo>" in html or "<mo>&#x0003C;</mo>" in html
    assert ('tabindex="0"' in html) == (display == "block")
