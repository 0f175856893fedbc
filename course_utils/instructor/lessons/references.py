"""Links from a lesson to another one, for each place where lessons are read."""

import re

COLAB = r"https://colab\.research\.google\.com/github/[^)\s]+/"
LINK = re.compile(
    rf"\]\((?:\.\./|{COLAB})(?P<lesson>[\w-]+)/(?P=lesson)\.ipynb(?P<part>#[^)\s]*)?\)"
)
"""As in the sources, or as an earlier release wrote it for Colab."""


def with_links(markdown, address):
    """Let the links to other lessons lead to where those lie for a reader.

    Parameters
    ----------
    markdown : str
    address : function of str
        Gives the address of the lesson with this name.

    Returns
    -------
    str

    Examples
    --------
    >>> with_links("[Sums](../01-sums/01-sums.ipynb)", "{}.html".format)
    '[Sums](01-sums.html)'
    """
    return LINK.sub(lambda it: f"]({address(it['lesson'])}{it['part'] or ''})", markdown)
