"""What a cell shows reaches the notebook, if that can hold it and it is not too much."""

import nbformat
import pytest

from course_utils.instructor.execute.outcome import DIED, FAILED, OUTPUT, RAN
from tests.instructor.toy_cells import (
    FAILS,
    PASSES,
    RIGHT,
    SHORT,
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
    "'execute_input', {'execution_count': 'x', 'code': '1'}",
    "'execute_input', {'execution_count': -1, 'code': '1'}",
    "'execute_input', {'execution_count': True, 'code': '1'}",
    "'execute_input', b'[1]'",
    "'status', {'execution_state': 3}",
    "'status', {'execution_state': 'busy', 'execution_count': 1.5}",
    "'stream', {'name': 3, 'text': 'a'}",
    "'stream', {'name': 'stdout', 'text': 3}",
    "'error', {'ename': 'E', 'evalue': 'e', 'traceback': 'text'}",
    "'error', {'ename': 'E', 'evalue': 'e', 'traceback': [3]}",
    "'error', {'ename': 3, 'evalue': None, 'traceback': []}",
    "'display_data', {'data': {'text/plain': 3}, 'metadata': {}}",
    "'display_data', {'data': {'text/plain': 'a'}, 'metadata': 3}",
    "'display_data', {'data': {'text/plain': 'a'}, 'metadata': {}, 'transient': 'x'}",
    "'display_data', {'data': {}, 'metadata': {}, 'transient': {'display_id': []}}",
    "'execute_result', {'data': {'text/plain': 'a'}, 'metadata': {}, 'execution_count': '1'}",
    "'execute_result', {'data': {'application/json': [1]}, 'metadata': {}, 'execution_count': 1}",
    "'clear_output', b'[3]'",
    "'of no kind', {}",
]
SEND = "kernel = get_ipython().kernel\nsent = kernel.session.send(kernel.iopub_socket, "


def test_forged_messages_stop_nothing(run_cells):
    cells = [f"{SEND}{forged}, parent=kernel.get_parent())" for forged in FORGED]
    pairs = [cell for forge in cells for cell in (forge, test(PASSES))]
    done = run_cells(answer(RIGHT), *pairs, test(FAILS))
    assert states(done)[2::2] == [RAN] * len(FORGED)
    assert states(done)[-1] == FAILED
    assert not any(incident.kind == DIED for incident in done.incidents)
    assert {number for number, _ in kinds(done)} <= set(range(1, 2 * len(FORGED), 2))
    nbformat.validate(done.notebook)


@pytest.mark.parametrize(
    "forged",
    [
        "kernel.iopub_socket, 'stream', {'name': 'stdout', 'text': 'a'}, parent='x'",
        "kernel.iopub_socket, 3, {}, parent=kernel.get_parent()",
        "kernel.shell_stream, 'execute_reply', b'[1]', ident=who, parent=kernel.get_parent()",
        "kernel.shell_stream, 'execute_reply', {'payload': 3}, ident=who, **parent",
    ],
)
def test_a_message_that_nobody_can_read_harms_its_own_cell_only(run_cells, forged):
    """Whether the cell is noted, and the kernel is ended or not, the rest is run."""
    who = "who, parent = kernel._parent_ident['shell'], {'parent': kernel.get_parent()}\n"
    forge = f"kernel = get_ipython().kernel\n{who}sent = kernel.session.send({forged})"
    done = run_cells(answer(RIGHT), forge, test(PASSES), test(FAILS))
    assert states(done)[2:] == [RAN, FAILED]
    assert {incident.cell for incident in done.incidents} <= {1, 2}
    nbformat.validate(done.notebook)


def test_what_an_earlier_cell_shows_cannot_be_spoilt(run_cells):
    show = "from IPython.display import display\nx = display('a', display_id='x')"
    spoil = f"{SEND}'update_display_data', {{'data': {{'text/plain': 3}}, 'metadata': 3, "
    spoil += "'transient': {'display_id': 'x'}}, parent=kernel.get_parent())"
    done = run_cells(show, spoil, answer(RIGHT), test(PASSES))
    assert states(done) == [RAN] * 4
    assert kinds(done) == [(1, OUTPUT)]
    nbformat.validate(done.notebook)


def test_streams_that_are_taken_away_come_back(run_cells):
    done = run_cells(
        "import sys\nsys.stdout = sys.stderr = None\nprint(1)", "print(2)", limits=SHORT
    )
    assert states(done) == [RAN, RAN]
    assert said(done.notebook.cells[1]) == "2\n"
    assert done.incidents == ()
