"""Sphinx extension: a fold is read aloud as what it says, and not always as the same words."""

SPOKEN = ' aria-label="Toggle hidden content"'
"""What myst-nb gives every fold in place of its own words."""


def setup(app):
    """Let Sphinx ask before it writes a page."""
    app.connect("html-page-context", _let_words_be_read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _let_words_be_read(app, pagename, templatename, context, doctree):
    """Take the spoken name away, so that the shown words are the name."""
    context["body"] = context.get("body", "").replace(SPOKEN, "")
