"""Ask a kernel something without a trace: none of a student's names is read or changed by it."""

import ast
import json


async def result(ask, code, **given):
    """Run code in a kernel, in a space of its own, and give what it leaves as ``result``.

    Parameters
    ----------
    ask : coroutine function
        Has the kernel run a source unseen and evaluate the expressions given by keyword; returns
        its reply.
    code : str
        It also finds ``get_ipython``, and the student's names in the dict ``space``.
    **given
        What else it finds, as literals of Python.

    Returns
    -------
    object
        Of JSON, and anything at all if a student's code has answered; None if nothing can be
        understood.
    """
    pythons = "__import__('builtins')"  # a student's notebook may have a ``dict`` of its own
    expression = (
        f"(lambda it: [{pythons}.exec(it['code'], it), __import__('json').dumps(it['result'])][1])"
        f"({given!r} | {{'code': {code!r}, 'space': {pythons}.globals(), "
        "'get_ipython': get_ipython})"
    )
    reply = await ask("", result=expression)
    try:
        said = reply["content"]["user_expressions"]["result"]["data"]["text/plain"]
        return json.loads(ast.literal_eval(said))
    except (KeyError, TypeError, ValueError, SyntaxError, AttributeError):
        return None
