"""A notebook's cells by the headings that they stand below."""

import re

HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)


def blocks(cells):
    """Put cells together that stand below one heading.

    Parameters
    ----------
    cells : sequence of NotebookNode

    Returns
    -------
    list of list of NotebookNode
        In order; the first holds what stands above all headings. A written answer begins none.
    """
    found = [[]]
    for cell in cells:
        if cell.cell_type == "markdown" and HEADING.match(cell.source) and not grade_id(cell):
            found.append([])
        found[-1].append(cell)
    return found


def block_of(cells, name):
    """Give the cells below the same heading as a graded cell or answer.

    Parameters
    ----------
    cells : sequence of NotebookNode
    name : str
        Its grade id.

    Returns
    -------
    list of NotebookNode
        Empty if there is no such cell.
    """
    found = (block for block in blocks(cells) if any(grade_id(cell) == name for cell in block))
    return next(found, [])


def grade_id(cell):
    """Give a cell's grade id.

    Parameters
    ----------
    cell : NotebookNode

    Returns
    -------
    str
        Empty if it has none.
    """
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")
