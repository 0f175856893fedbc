"""What a cell shows reaches the notebook, if that can hold it and it is not too much."""

from dataclasses import replace

import nbformat

from course_utils.instructor.execute.execution import FAILED, RAN
from tests.instructor.toy_cells import (
    FAILS,
    PASSES,
    RIGHT,
    SHORT,
    SMALL,
    answer,
    confined,
    kinds,
    said,
    states,
    test,
)

pytestmark = confined


def test_what_is_too_long_keeps_its_beginning_and_its_end(run_cells):
    cells = run_cells("print('first', 'x' * 10**6, 'last')").notebook.cells
    text = cells[0].outputs[0].text
    assert text.startswith("first xxx")
    assert text.endswith("xxx last\n")
    assert "left out" in text
    assert "printed or showed too much" in cells[0].outputs[-1].evalue


def test_halves_of_characters_cost_nothing(run_cells):
    half = r"\ud800 half \udcff"
    done = run_cells(
        f"print('{half}')\n'{half}'",
        answer(RIGHT),
        f"raise ValueError('{half}')",
        test(f"{PASSES}\nprint('{half}')"),
        test(f"assert total([1]) == 2, '{half}'"),
        "print('on')",
    )
    assert states(done) == [RAN, RAN, FAILED, RAN, FAILED, RAN]
    assert not done.incidents
    for number in (0, 2, 3, 4):
        assert "\ufffd half \ufffd" in said(done.notebook.cells[number])
    assert said(done.notebook.cells[5]) == "on\n"
    nbformat.writes(done.notebook).encode()


def test_halves_of_characters_in_a_cell_are_its_own_mistake(run_cells):
    done = run_cells("x = '\ud800'", answer(RIGHT), test(PASSES))
    assert states(done)[1:] == [RAN, RAN]


FORGED = [
    "'stream', {'nonsense': 1}",
    "'stream', {'name': 'stdout', 'text': {'a': 1}}",
    "'display_data', {'data': 3, 'metadata': []}",
    "'error', {'ename': 1, 'evalue': [], 'traceback': 2}",
    "'status', {}",
    "'update_display_data', {'data': {'text/plain': {}}, 'transient': {'display_id': 1}}",
]


def test_forged_messages_stop_nothing(run_cells):
    start = "kernel = get_ipython().kernel\nkernel.session.send(kernel.iopub_socket, "
    cells = [f"{start}{forged}, parent=kernel.get_parent())" for forged in FORGED]
    pairs = [cell for forge in cells for cell in (forge, test(PASSES))]
    done = run_cells(
        answer(RIGHT), *pairs, test(FAILS), limits=replace(SMALL, deaths=len(FORGED) + 1)
    )
    assert states(done)[2::2] == [RAN] * len(FORGED)
    assert states(done)[-1] == FAILED
    assert {number for number, _ in kinds(done)} <= set(range(1, 2 * len(FORGED), 2))
    nbformat.validate(done.notebook)


def test_streams_that_are_taken_away_come_back(run_cells):
    done = run_cells(
        "import sys\nsys.stdout = sys.stderr = None\nprint(1)", "print(2)", limits=SHORT
    )
    assert states(done) == [RAN, RAN]
    assert said(done.notebook.cells[1]) == "2\n"
    assert done.incidents == ()
