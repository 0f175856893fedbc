"""Run a notebook from its first cell to its last, as "Run all" does; the rest is skipped on error.

This runs with the environment's own Python and holds only to what Colab has. ::

    python execute.py NOTEBOOK EXECUTED SECONDS

NOTEBOOK is run in the folder where it lies; EXECUTED gets it with its outputs. The status is 1 if
a cell failed, and the error stands in EXECUTED.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError


def main(notebook, executed, seconds):
    """Run it; return the exit status."""
    content = nbformat.read(notebook, as_version=4)
    client = NotebookClient(
        content,
        timeout=int(seconds),  # a cell
        kernel_name="python3",
        resources={"metadata": {"path": str(Path(notebook).parent)}},
    )
    status = 0
    try:
        client.execute()
    except CellExecutionError:
        status = 1
    except (CellTimeoutError, DeadKernelError) as error:
        content.metadata["stopped"] = str(error)
        status = 1
    nbformat.write(content, executed)
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
