"""Hostile, broken and honest notebooks: what is said of each cell is true."""

import contextlib
import pickle
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_utils.instructor.execute import execution, sandbox
from course_utils.instructor.execute.cell_output import KEPT
from course_utils.instructor.execute.execution import execute, interrupt
from course_utils.instructor.execute.outcome import (
    DIED,
    FAILED,
    MEMORY,
    NOT_RUN,
    OUTPUT,
    RAN,
    TAMPERING,
    TIME,
    Limits,
)
from course_utils.instructor.execute.warm_kernel import warm_kernels
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

# Honest notebooks


def test_every_cell_of_an_honest_notebook_is_run(run_cells):
    notebook = [
        new_markdown_cell("# A lesson"),
        "print('hello')\nimport sys; print('a warning', file=sys.stderr)",
        answer(RIGHT),
        test(PASSES),
        test(FAILS),
        "1 / 0",
        "",
        "this is no Python",
        "total([1])",
        test("import warnings; warnings.warn('all is well')\ntotal([2])"),
    ]
    done = run_cells(*notebook)
    assert states(done) == [RAN, RAN, RAN, FAILED, FAILED, RAN, FAILED, RAN, RAN]
    assert done.incidents == ()
    cells = done.notebook.cells
    assert sorted(it.name for it in cells[1].outputs) == ["stderr", "stdout"]
    assert [it.output_type for it in cells[3].outputs] == []
    assert [it.ename for it in cells[4].outputs] == ["AssertionError"]
    assert said(cells[4]) == "total([1, 2]) should be 4"
    assert "have passed" not in str(cells)
    assert cells[3].source == PASSES
    assert cells[8].outputs[0].data["text/plain"] == "1"


def test_the_notebook_given_is_not_changed_and_its_old_outputs_count_for_nothing(
    run_cells, tmp_path
):
    old = test(FAILS)
    old.outputs = [new_output("stream", text="passed")]
    notebook = new_notebook(cells=[old])
    before = pickle.dumps(notebook)
    done = execute(notebook, tmp_path, SMALL)
    assert pickle.dumps(notebook) == before
    assert "passed" not in said(done.notebook.cells[0])


def test_a_test_is_not_kept_in_the_history(run_cells):
    done = run_cells(answer(RIGHT), test(PASSES), "print(''.join(In), 'assert' in str(globals()))")
    assert "array_equal" not in said(done.notebook.cells[2])


def test_cold_kernels_do_as_well(tmp_path):
    with warm_kernels(["there_is_no_such_module"]):
        limits = Limits(cell_seconds=30)
        cells = [
            answer(RIGHT),
            test(PASSES),
            test(FAILS),
            new_code_cell("__import__('os')._exit(3)"),
        ]
        notebook = new_notebook(cells=[*cells, test(PASSES)])
        done = execute(notebook, tmp_path, limits, whole=True)
    assert states(done) == [RAN, RAN, FAILED, FAILED, RAN]
    assert kinds(done) == [(3, DIED)]
    assert "ended with 3" in done.incidents[0].words


def test_without_a_sandbox_one_has_to_say_so(run_cells, monkeypatch):
    monkeypatch.setattr(sandbox, "available", lambda: "nothing is confined here")
    with pytest.raises(OSError, match="nothing is confined here"):
        run_cells("1")
    assert states(run_cells(answer(RIGHT), test(PASSES), test(FAILS), confined=False)) == [
        RAN,
        RAN,
        FAILED,
    ]


def test_a_job_can_be_sent_to_another_process():
    limits, done = pickle.loads(pickle.dumps((SMALL, execute)))
    assert limits == SMALL
    assert done is execute


# Hostile cells, among honest neighbours

THREAD = "import threading, os, sys, time\nthreading.Thread(target={}).start()"
HOSTILE = {
    "infinite loop": ("while True: pass", FAILED, [TIME]),
    "loop that swallows interrupts": (
        "import time\nwhile True:\n    try: time.sleep(9)\n    except KeyboardInterrupt: pass",
        FAILED,
        [TIME, DIED],
    ),
    "sys.exit": ("import sys; sys.exit()", FAILED, []),
    "exit": ("exit()", RAN, [DIED]),
    "quit": ("print(1)\nquit()", RAN, [DIED]),
    "exit that keeps the kernel": ("exit(keep_kernel=True)", RAN, []),
    "os._exit": ("import os; os._exit(0)", FAILED, [DIED]),
    "os._exit in a thread": (
        THREAD.format("lambda: os._exit(1)") + "\ntime.sleep(2)",
        FAILED,
        [DIED],
    ),
    "sys.exit in a thread": (THREAD.format("sys.exit"), RAN, []),
    "segfault": ("import ctypes; ctypes.string_at(0)", FAILED, [DIED]),
    "abort": ("import os; os.abort()", FAILED, [DIED]),
    "killing itself": ("import os; os.kill(os.getpid(), 9)", FAILED, [DIED]),
    "killing everybody": (
        "import os, subprocess\nsubprocess.Popen(['sleep', '9'])\n"
        "os.kill(-1, 9)\nos.kill(os.getpid(), 9)",
        FAILED,
        [DIED],
    ),
    "2 million lines": ("for i in range(2_000_000): print('line', i)", FAILED, [OUTPUT]),
    "one line of 60 MB": ("print('x' * 60_000_000)", FAILED, [OUTPUT]),
    "a line of 60 MB on stderr": (
        "import sys; print('x' * 60_000_000, file=sys.stderr)",
        FAILED,
        [OUTPUT],
    ),
    "a table of 60 MB": (
        "from IPython.display import HTML\nHTML('x' * 60_000_000)",
        FAILED,
        [OUTPUT],
    ),
    "500 figures": (
        "import matplotlib.pyplot as plt\nfor i in range(500): plt.plot([i]); plt.show()",
        FAILED,
        [OUTPUT],
    ),
    "8 GB": ("bytearray(8 * 2**30)", FAILED, [MEMORY]),
    "8 GB, bit by bit": ("held = []\nwhile True: held.append(bytearray(10**7))", FAILED, [MEMORY]),
    "recursion": ("def deeper(): deeper()\ndeeper()", FAILED, []),
    "recursion without end": (
        "import sys; sys.setrecursionlimit(10**9)\n"
        "class Deep:\n    def __repr__(self): return repr(self) + repr([self])\n"
        "class Deeper:\n    __getattr__ = property(lambda self: self.x)\nDeeper().x",
        FAILED,
        None,
    ),
    "fork bomb": ("import os\nwhile True: os.fork()", FAILED, None),
    "thread left running": (
        THREAD.format("lambda: [time.sleep(0.01) for i in iter(int, 1)]"),
        RAN,
        [],
    ),
    "thread left printing": (THREAD.format("lambda: [print(i) for i in iter(int, 1)]"), RAN, None),
    "process left running": ("import subprocess; subprocess.Popen(['sleep', '600'])", RAN, []),
    "input": ("input('your name? ')", FAILED, []),
    "bash": ("%%bash\nsleep 0.1; kill -9 -1", FAILED, None),
    "shell without end": ("!yes", FAILED, [OUTPUT]),
    "syntax error": ("def broken(:", FAILED, []),
    "many threads": (
        "import threading, time\n"
        "while True: threading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
        FAILED,
        None,
    ),
    "full disk": ("open('big', 'wb').write(bytes(3 * 10**7))", FAILED, []),
    "no more signals": (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        FAILED,
        [TIME, DIED],
    ),
    "stdout closed": ("import sys; sys.stdout.close(); sys.stderr.close()", RAN, None),
    "sockets removed": ("!rm -rf /home/.kernel/* ~/*", RAN, []),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_cell_harms_nobody_but_itself(name, run_cells):
    source, state, expected = HOSTILE[name]
    limits = SHORT if expected and TIME in expected else SMALL
    done = run_cells(answer(RIGHT), test(PASSES), source, test(PASSES), test(FAILS), limits=limits)
    assert states(done) == [RAN, RAN, state, RAN, FAILED]
    # A thread may go on printing after it.
    errors = [it for it in done.notebook.cells[4].outputs if it.output_type == "error"]
    assert errors[-1].evalue == "total([1, 2]) should be 4"
    if expected is not None:
        happened = [kind for number, kind in kinds(done) if number == 2]
        assert len(happened) == len(done.incidents)
        assert happened[: len(expected)] == expected
        assert set(happened[len(expected) :]) <= ({DIED} if expected else set())
    assert TAMPERING not in [incident.kind for incident in done.incidents]
    assert len(said(done.notebook.cells[2])) < 3 * KEPT
    assert len(str(done.notebook)) < 2_000_000


def test_a_group_of_errors_is_an_error(run_cells):
    group = "def total(numbers):\n    raise ExceptionGroup('many', [ValueError(1), TypeError(2)])"
    done = run_cells(answer(group), test(FAILS), test("1"))
    assert states(done) == [RAN, FAILED, RAN]
    assert "many (2 sub-exceptions)" in said(done.notebook.cells[1])
    assert done.incidents == ()


def test_input_says_at_once_what_is_wrong(run_cells):
    cell = run_cells("input('your name? ')").notebook.cells[0]
    assert cell.outputs[-1].ename == "StdinNotImplementedError"


def test_a_cell_that_ends_the_kernel_says_so(run_cells):
    done = run_cells("import ctypes; ctypes.string_at(0)")
    assert "SIGSEGV" in said(done.notebook.cells[0])
    assert "SIGSEGV" in done.incidents[0].words


# What is known when something has been stopped


def test_after_three_deaths_the_rest_is_not_run(run_cells):
    death = "import os; os._exit(0)"
    done = run_cells(
        answer(RIGHT), test(PASSES), death, death, test(FAILS), death, test(PASSES), "1"
    )
    assert states(done) == [RAN, RAN, FAILED, FAILED, FAILED, FAILED, NOT_RUN, NOT_RUN]
    assert kinds(done) == [(2, DIED), (3, DIED), (5, DIED), (6, DIED), (7, DIED)]
    assert done.notebook.cells[6].outputs == []


def test_after_the_notebooks_time_the_rest_is_not_run(run_cells):
    limits = Limits(cell_seconds=60, seconds=3, grace=1)
    done = run_cells(answer(RIGHT), test(PASSES), "while True: pass", test(PASSES), limits=limits)
    assert states(done) == [RAN, RAN, FAILED, NOT_RUN]
    assert kinds(done) == [(2, TIME), (3, TIME)]


def test_a_test_that_kills_the_kernel_fails_and_the_next_test_is_run(run_cells):
    done = run_cells(
        answer(
            "import os\ndef total(numbers):\n    return sum(numbers) if numbers else os._exit(0)"
        ),
        test("assert total([]) == 0"),
        test(PASSES),
        test(FAILS),
    )
    assert states(done) == [RAN, FAILED, RAN, FAILED]
    assert kinds(done) == [(1, DIED)]


def test_a_test_without_end_fails_and_the_next_test_is_run(run_cells):
    done = run_cells(
        answer("def total(numbers):\n    while not numbers: pass\n    return sum(numbers)"),
        test("assert total([]) == 0"),
        test(PASSES),
        limits=SHORT,
    )
    assert states(done) == [RAN, FAILED, RAN]
    assert kinds(done)[0] == (1, TIME)
    assert "stopped after 4 s" in said(done.notebook.cells[1])


def test_a_new_kernel_knows_what_the_cells_before_have_defined(run_cells):
    done = run_cells(
        "import math\nbegun = True",
        "import random\nnever = 1\ndef helper(x):\n    return math.floor(x)",
        answer("def total(numbers):\n    return helper(math.fsum(numbers))"),
        answer("import os\ndef mean(numbers): return total(numbers) / 2\nos._exit(0)"),
        test("assert begun and random and total([1, 2]) == 3"),
        test("assert mean([2, 2]) == 2"),
        "never",
    )
    assert states(done) == [RAN, RAN, RAN, FAILED, RAN, RAN, FAILED]
    assert kinds(done) == [(3, DIED)]


def test_a_cell_is_not_blamed_for_what_another_one_has_left_running(run_cells):
    late = "import os, threading, time\nthreading.Timer(1, os._exit, [5]).start()"
    done = run_cells(
        answer(RIGHT), late, test(f"import time; time.sleep(2)\n{PASSES}"), test(FAILS)
    )
    assert states(done) == [RAN, RAN, RAN, FAILED]
    assert kinds(done) == [(2, DIED)]
    assert "ended with 5, and a new one" in done.incidents[0].words


# Many at a time, and TensorFlow


def test_honest_neighbours_are_not_disturbed(light_kernels, tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    hostile = [
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        "held = []\nwhile True: held.append(bytearray(10**7))",
        "import os; os._exit(0)",
    ]
    honest = [answer(RIGHT), test(PASSES), test(FAILS)]
    limits = Limits(cell_seconds=5, grace=1, memory=2**29, processes=64)
    notebooks = [[new_code_cell(source), *honest] for source in hostile] + [honest, honest]
    with ThreadPoolExecutor(5) as pool:
        jobs = [pool.submit(execute, new_notebook(cells=c), tmp_path, limits) for c in notebooks]
    for job in jobs:
        assert states(job.result())[-3:] == [RAN, RAN, FAILED]
    assert not jobs[3].result().incidents + jobs[4].result().incidents


FIT = """
import keras, numpy as np
keras.utils.set_random_seed(7)
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    keras.layers.Conv2D(4, 3, activation="relu"),
    keras.layers.Flatten(),
    keras.layers.Dense(3, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy")
images, labels = np.random.rand(64, 8, 8, 1), np.random.randint(0, 3, 64)
history = model.fit(images, labels, epochs=2, batch_size=16, verbose=0)
model.save("model.keras")
"""


def test_what_its_owner_has_given_up_does_not_begin(run_cells):
    interrupt("ada")
    with pytest.raises(InterruptedError):
        run_cells("x = 1", owner="ada")
    assert states(run_cells("x = 1", owner="bo")) == [RAN]
    assert states(run_cells("x = 1")) == [RAN]


def test_what_writes_to_caches_finds_them_in_its_home(run_cells, monkeypatch):
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "NUMBA_CACHE_DIR"):
        monkeypatch.setenv(name, "/nowhere")
    done = run_cells(
        "import os, pathlib\n"
        "assert '/nowhere' not in os.environ.values()\n"
        "for name in ('HOME', 'TMPDIR', 'MPLCONFIGDIR', 'NUMBA_CACHE_DIR'):\n"
        "    folder = pathlib.Path(os.environ[name])\n"
        "    folder.mkdir(exist_ok=True)\n"
        "    (folder / 'x').write_text('x')"
    )
    assert states(done) == [RAN]


def test_tensorflow_trains_confined(tmp_path):
    with warm_kernels():
        done = execute(
            new_notebook(
                cells=[
                    new_code_cell("from course_utils import session\nsession.begin('01-a')"),
                    answer(FIT),
                    test("assert len(history.history['loss']) == 2 and keras"),
                    new_code_cell("bytearray(8 * 2**30)"),
                    new_code_cell("print(__import__('os').listdir())"),
                ]
            ),
            tmp_path,
            whole=True,
        )
    assert states(done) == [RAN, RAN, RAN, FAILED, RAN]
    assert kinds(done) == [(3, MEMORY)]
    assert "model.keras" in said(done.notebook.cells[4])


def test_threads_outside_of_warm_kernels_start_one_server(monkeypatch):
    started = []

    @contextlib.contextmanager
    def slow_server():
        started.append("a server")
        time.sleep(0.2)
        yield

    monkeypatch.setattr(execution, "_is_warm", lambda: False)
    monkeypatch.setattr(execution, "warm_kernels", slow_server)
    execution._keep_warm.cache_clear()
    try:
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(lambda _: execute(new_notebook(), None), range(3)))
    finally:
        execution._keep_warm.cache_clear()
    assert started == ["a server"]
