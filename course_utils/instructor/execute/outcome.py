"""What is said of a notebook's run: each cell's state, what happened on the way, and its limits."""

from dataclasses import dataclass

RAN, FAILED, NOT_RUN, LEFT_OUT = STATES = ("ran", "failed", "not run", "left out")
DIED, TIME, OUTPUT, MEMORY, TAMPERING, SETTINGS = KINDS = (
    "kernel died",
    "time",
    "output",
    "memory",
    "tampering",
    "settings",
)


@dataclass(frozen=True)
class Limits:
    """What a submission may use up.

    Attributes
    ----------
    cell_seconds, seconds : float
        For a cell, and for the whole notebook.
    grace : float
        Seconds that a cell has to end after it was interrupted, before its kernel is killed.
    memory : int
        Bytes for each process, beyond what Python and its modules have at the start.
    disk : int
        Bytes that may be written; they are kept in memory.
    processes : int
        Processes and threads at a time.
    text, output : int
        Characters that a cell may print, and bytes of everything else it may show.
    notebook_output : int
        Bytes of all that the notebook may print and show.
    deaths : int
        Kernels that may die before the rest of the cells is given up.
    """

    cell_seconds: float = 300
    seconds: float = 1800
    grace: float = 5
    memory: int = 4 * 2**30
    disk: int = 512 * 2**20
    processes: int = 512
    text: int = 4_000_000
    output: int = 40_000_000
    notebook_output: int = 100_000_000
    deaths: int = 3


@dataclass(frozen=True)
class Incident:
    """Something that happened to a cell.

    Attributes
    ----------
    cell : int
        Its place among all the notebook's cells, from 0.
    kind : str
        One of `KINDS`.
    words : str
        What happened, in one line.
    """

    cell: int
    kind: str
    words: str


@dataclass(frozen=True)
class Execution:
    """An executed notebook, and what happened on the way.

    Attributes
    ----------
    notebook : NotebookNode
        Every code cell has ``metadata.execution.state``, one of `STATES`. A test that has passed
        is `RAN`; one that has not is `FAILED` and has an error among its outputs; of one that is
        `NOT_RUN` nobody knows. Of another cell that is `FAILED`, ``metadata.execution.elsewhere``
        tells that it ends with a statement that cannot work here. A cell of which not everything
        was run, because no test depends on it, is `LEFT_OUT`, unless what was run of it has failed.
    incidents : tuple of Incident
        In the order in which they happened.
    skipped : tuple of elsewhere.Skipped
        Statements of cells other than tests that cannot work here; what follows them was run.
    run : str
        What was run: what is ``needed``, the ``whole`` notebook, or ``both``, one after the other.
    why : str
        Why the whole notebook was run, if somebody has not asked for it; empty if it was not.
    """

    notebook: object
    incidents: tuple
    skipped: tuple = ()
    run: str = "whole"
    why: str = ""
