"""Run the cells of a notebook of ours, one after the other, to the first that fails."""

from course_utils.instructor.environment import environment, errors_to

LINES_OF_ERROR = 4


class CellError(Exception):
    """A cell did not run to its end.

    Attributes
    ----------
    number, total : int
        Which cell, from 1, of how many.
    opening : str
        Its first line.
    reason : str
        The end of what it says.
    """

    def __init__(self, number, total, source, reason):
        self.number, self.total = number, total
        self.opening = source.strip().split("\n")[0]
        self.reason = "\n".join(reason.strip().splitlines()[-LINES_OF_ERROR:])
        super().__init__(f"the cell {self.opening!r} failed.\n{self.reason}")


def run_cells(notebook, folder, log, profile, seconds_a_cell, on_cell):
    """Execute a notebook in place.

    Parameters
    ----------
    notebook : NotebookNode
    folder : Path
        Where it is executed.
    log : Path
        The file for what its kernel complains of.
    profile : str
        ``"full"`` or ``"fast"``.
    seconds_a_cell : int or None
        How long a cell may take; None for as long as it likes.
    on_cell : callable
        Told the cell's number, from 1, and how many there are, before each cell.

    Raises
    ------
    CellError
        If a cell raises, takes longer or ends the kernel.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    current = 1

    def begin_cell(cell, cell_index):
        nonlocal current
        current = cell_index + 1
        on_cell(current, len(notebook.cells))

    client = NotebookClient(
        notebook,
        timeout=seconds_a_cell,
        on_cell_start=begin_cell,
        coalesce_streams=True,  # one output for a progress bar, not one for each of its steps
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        with environment({"COURSE_PROFILE": profile}), errors_to(log):
            client.execute()
    except CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}"
    except CellTimeoutError:
        reason = f"took more than {seconds_a_cell} seconds"
    except DeadKernelError:
        reason = "the kernel died"
    else:
        return
    raise CellError(current, len(notebook.cells), notebook.cells[current - 1].source, reason)
