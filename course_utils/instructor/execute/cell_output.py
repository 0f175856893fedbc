"""Take what a cell prints and shows into its notebook: what that can hold, and no more than it may.

What comes after too much is left out, and the cell is to be stopped; halves of characters, and
messages that make no sense, harm nothing.
"""

import asyncio
import re
import time
from contextlib import suppress
from queue import Empty

from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal
from nbformat.v4 import new_output

KEPT = 20_000  # characters kept of the beginning and of the end of what is too long
PER_MESSAGE = 500  # bytes that even an empty output costs
# Run in the kernel, whose usual tracebacks take ten seconds after an endless recursion: for each of
# its thousand calls, all modules are searched.
PLAIN_TRACEBACKS = "get_ipython().InteractiveTB.set_mode(mode='Plain')"
# Run in the kernel, which otherwise cannot send halves of characters, nor whatever comes with them:
# not even that a cell has ended. Nor could it tell that without the streams of sys.
SEND_ANYTHING = """
def send_anything(session):
    import json
    from jupyter_client.jsonutil import json_default
    usual = session.pack
    def pack(message):
        try:
            return usual(message)
        except UnicodeEncodeError:
            return json.dumps(message, default=json_default).encode()
    session.pack = pack
send_anything(get_ipython().kernel.session)
del send_anything
def keep_streams(events):
    import sys
    usual = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    def put_back(result):
        for name, stream in usual.items():
            if not hasattr(getattr(sys, name, None), "flush"):
                setattr(sys, name, stream)
    events.register("post_run_cell", put_back)
keep_streams(get_ipython().events)
del keep_streams
"""
HALVES = re.compile("[\ud800-\udfff]")
JSON_DATA = re.compile(r"application/(.*\+)?json")  # the only kinds of data that are not text


class LimitedClient(NotebookClient):
    """A client that takes no more output from a cell than it may give."""

    def prepare(self, limits):
        """Begin a notebook.

        Parameters
        ----------
        limits : outcome.Limits
        """
        self.limits = limits
        self.left = limits.notebook_output
        self.replies = []
        self.on_cell_executed = lambda cell, cell_index, execute_reply: self.replies.append(
            execute_reply
        )

    async def async_start_new_kernel_client(self):
        """Connect to the kernel; the usual way waits longer, until nothing more seems to come."""
        self.kc = self.km.client()
        self.kc.start_channels()
        self.kc.allow_stdin = False
        end = time.monotonic() + self.startup_timeout
        while not await self._is_connected():
            if not await self.km.is_alive() or time.monotonic() > end:
                raise RuntimeError("the kernel has not answered")
        return self.kc

    async def _is_connected(self):
        """Whether the kernel answers a request, and says on the other channel that it is done."""
        request = self.kc.kernel_info()
        with suppress(Empty):
            await _wait_for(self.kc.shell_channel, request, "kernel_info_reply", 1)
            await _wait_for(self.kc.iopub_channel, request, "status", 0.2)
            return True
        return False

    def begin_cell(self):
        """Begin a cell."""
        self.replies.clear()
        self.refused = False
        self.excess = asyncio.Event()
        self.room = {"text": self.limits.text, "other": self.limits.output}
        self.end = ""

    def process_message(self, msg, cell, cell_index):
        """Keep what a message brings, if a notebook can hold it."""
        try:
            return self.keep(msg, cell, cell_index)
        except CellControlSignal:  # how nbclient learns of a cell's end
            raise
        except Exception:
            self.refused = True
            return None

    def keep(self, msg, cell, cell_index):
        """Keep what a message brings, while there is room for it."""
        msg["content"] = replace_surrogates(msg["content"])
        kind, content = msg["msg_type"], msg["content"]
        if not _fits(kind, content):
            self.refused = True
            return None
        if kind in ("status", "execute_input", "clear_output"):
            return super().process_message(msg, cell, cell_index)
        if kind.startswith("comm"):  # widgets
            return None
        text = content["text"] if kind == "stream" else ""
        room = "text" if kind == "stream" else "other"
        size = (len(text) if kind == "stream" else _size(content)) + PER_MESSAGE
        self.room[room] -= size
        self.left -= size
        if self.excess.is_set() or self.room[room] < 0 or self.left < 0:
            if kind == "error":  # how the cell ended is always wanted
                return super().process_message(msg, cell, cell_index)
            if not self.excess.is_set() and text:
                content["text"] = text[:KEPT]
                super().process_message(msg, cell, cell_index)
            self.excess.set()
            self.end = (self.end + text[-KEPT:])[-KEPT:]
            return None
        return super().process_message(msg, cell, cell_index)


def say(cell, name, words):
    """Have a cell say why it was stopped, in place of what it said when that was done.

    Parameters
    ----------
    cell : NotebookNode
        Changed.
    name, words : str
        Of the error that it is to end with.
    """
    interrupts = [it for it in cell.outputs if it.get("ename") == "KeyboardInterrupt"]
    where = interrupts[-1].traceback[:-1] if interrupts else []
    cell.outputs = [it for it in cell.outputs if it not in interrupts]
    lines = [*where, f"{name}: {words}"]
    cell.outputs.append(new_output("error", ename=name, evalue=words, traceback=lines))


def show_as_handed_in(cell, outputs, *, part):
    """Show what a student's notebook showed in a cell, and say that it is theirs.

    Parameters
    ----------
    cell : NotebookNode
        Changed.
    outputs : list of NotebookNode
        As they were handed in.
    part : bool
        Whether a part of the cell was run, after all.
    """
    words = "only what tests depend on was run" if part else "not run: no test depends on it"
    shown = "shown as handed in; " if outputs else ""
    note = new_output("stream", name="stdout", text=f"({shown}{words})\n")
    cell.outputs = [note, *outputs]


def shorten(cell, end):
    """Leave the beginning and the end of what a cell has printed, and nothing it has shown.

    Parameters
    ----------
    cell : NotebookNode
        Changed.
    end : str
        The end of what it has printed beyond what is in it.
    """
    text = "".join(it.text for it in cell.outputs if it.output_type == "stream")
    errors = [it for it in cell.outputs if it.output_type == "error"]
    shown = sum(it.output_type not in ("stream", "error") for it in cell.outputs)
    end = (text[KEPT:] + end)[-KEPT:]
    note = "\n[... the rest was left out: this cell printed or showed too much ...]\n"
    if shown:
        note += f"[... and {shown} figures or other things ...]\n"
    cell.outputs = [new_output("stream", name="stdout", text=text[:KEPT] + note + end), *errors]


def replace_surrogates(value):
    """Put U+FFFD in place of halves of characters, which no file can hold.

    Parameters
    ----------
    value : object
        From JSON. Not changed.

    Returns
    -------
    object
    """
    if isinstance(value, str):
        return HALVES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {replace_surrogates(key): replace_surrogates(it) for key, it in value.items()}
    return [replace_surrogates(it) for it in value] if isinstance(value, list) else value


async def _wait_for(channel, request, kind, seconds):
    """Wait for a kind of answer to a request; raises Empty if for so long nothing comes."""
    while True:
        message = await channel.get_msg(timeout=seconds)
        if message["parent_header"].get("msg_id") == request and message["msg_type"] == kind:
            return


def _fits(kind, content):
    """Whether a message is one that a notebook can hold: a student's code can send any.

    One that does not fit would be found only when the notebook is written, and spoil it whole.
    """
    count = content.get("execution_count")
    if count is not None and (type(count) is not int or count < 0):
        return False
    if kind == "stream":
        return isinstance(content["name"], str) and isinstance(content["text"], str)
    if kind == "error":
        lines = content["traceback"]
        texts = [content["ename"], content["evalue"], *lines]
        return isinstance(lines, list) and all(isinstance(it, str) for it in texts)
    if kind in ("display_data", "update_display_data", "execute_result"):
        data = content["data"].items()
        return isinstance(content["metadata"], dict) and all(
            _is_text(value) or JSON_DATA.fullmatch(media) for media, value in data
        )
    return True


def _is_text(value):
    """Whether a value is a text, or the lines of one."""
    lines = value if isinstance(value, list) else [value]
    return all(isinstance(line, str) for line in lines)


def _size(value):
    """Roughly the bytes of a value from JSON."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(key) + _size(it) for key, it in value.items())
    return sum(map(_size, value)) if isinstance(value, list) else 10
