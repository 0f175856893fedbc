"""Sphinx extension: formulas are MathML, which needs no script and nothing from elsewhere."""

from html import escape

from docutils.nodes import SkipNode

from course_utils.instructor.lessons.formulas import mathml


def setup(app):
    """Let Sphinx know of the renderer ``mathml``."""
    app.add_html_math_renderer(
        "mathml", inline_renderers=(_inline, None), block_renderers=(_block, None)
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _inline(translator, node):
    """Write a formula within a sentence."""
    translator.body.append(mathml(node.astext(), "inline"))
    raise SkipNode


def _block(translator, node):
    """Write a formula of its own, which one can scroll where it is too wide, by keyboard too."""
    words = escape(node.astext().strip())
    translator.body.append(
        f'<div class="formula" tabindex="0" role="group" aria-label="{words}">'
        f"{mathml(node.astext(), 'block')}</div>"
    )
    raise SkipNode
