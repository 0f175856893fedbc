"""Hostile, broken and honest notebooks: what is said of each cell is true."""

import pickle
from dataclasses import replace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_utils.instructor import sandbox
from course_utils.instructor.execution import (
    DIED,
    FAILED,
    KEPT,
    MEMORY,
    NOT_RUN,
    OUTPUT,
    RAN,
    TAMPERING,
    TIME,
    Limits,
    execute,
    interrupt,
)
from course_utils.instructor.warm_kernel import KERNEL_MODULES, warm_kernels

pytestmark = pytest.mark.skipif(
    sandbox.available() != "", reason=f"nothing can be confined here: {sandbox.available()}"
)

MODULES = (*KERNEL_MODULES, "numpy", "matplotlib.pyplot", "course_utils.checks")
SMALL = Limits(
    cell_seconds=60,
    seconds=300,
    grace=2,
    memory=2**30,
    disk=20 * 2**20,
    processes=64,
    text=200_000,
    output=100_000,
)


SHORT = replace(SMALL, cell_seconds=4, grace=1)  # for what would never end


@pytest.fixture(scope="module")
def warm():
    """A server without TensorFlow."""
    with warm_kernels(MODULES) as server:
        yield server


@pytest.fixture
def run(warm, tmp_path):
    """A function that executes cells, plain sources or made by `test` and `answer`."""

    def run(*cells, limits=SMALL, **options):
        cells = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
        return execute(new_notebook(cells=cells), tmp_path, limits, **options)

    return run


def nbgrader(source, **roles):
    """A cell with a role in grading."""
    others = {"grade": False, "locked": False, "solution": False, "grade_id": "x"}
    return new_code_cell(source, metadata={"nbgrader": others | roles})


def answer(source):
    """An answer cell."""
    return nbgrader(source, solution=True)


def test(source):
    """A test cell."""
    return nbgrader(source, grade=True, locked=True, points=1)


test.__test__ = False

RIGHT = "def total(numbers):\n    return sum(numbers)"
PASSES = "import numpy as np\nassert total([1, 2]) == 3\nassert np.array_equal([1], [1])"
FAILS = "assert total([1, 2]) == 4, 'total([1, 2]) should be 4'"


def states(done):
    """The state of every code cell."""
    code = [cell for cell in done.notebook.cells if cell.cell_type == "code"]
    return [cell.metadata.execution.state for cell in code]


def kinds(done):
    """What happened to which cell."""
    return [(incident.cell, incident.kind) for incident in done.incidents]


def said(cell):
    """All that a cell shows, as text."""
    return "".join(
        it.get("text") or it.get("evalue") or str(sorted(it.get("data", ()))) for it in cell.outputs
    )


# Honest notebooks


def test_every_cell_of_an_honest_notebook_is_run(run):
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
    done = run(*notebook)
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


def test_the_notebook_given_is_not_changed_and_its_old_outputs_count_for_nothing(run, tmp_path):
    old = test(FAILS)
    old.outputs = [new_output("stream", text="passed")]
    notebook = new_notebook(cells=[old])
    before = pickle.dumps(notebook)
    done = execute(notebook, tmp_path, SMALL)
    assert pickle.dumps(notebook) == before
    assert "passed" not in said(done.notebook.cells[0])


def test_a_test_is_not_kept_in_the_history(run):
    done = run(answer(RIGHT), test(PASSES), "print(''.join(In), 'assert' in str(globals()))")
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
        done = execute(new_notebook(cells=[*cells, test(PASSES)]), tmp_path, limits)
    assert states(done) == [RAN, RAN, FAILED, FAILED, RAN]
    assert kinds(done) == [(3, DIED)]
    assert "ended with 3" in done.incidents[0].words


def test_without_a_sandbox_one_has_to_say_so(run, monkeypatch):
    monkeypatch.setattr(sandbox, "available", lambda: "nothing is confined here")
    with pytest.raises(OSError, match="nothing is confined here"):
        run("1")
    assert states(run(answer(RIGHT), test(PASSES), test(FAILS), confined=False)) == [
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
    "exit": ("exit()", RAN, None),  # ipykernel ends 0.1 s later
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
def test_a_hostile_cell_harms_nobody_but_itself(name, run):
    source, state, expected = HOSTILE[name]
    limits = SHORT if expected and TIME in expected else SMALL
    done = run(answer(RIGHT), test(PASSES), source, test(PASSES), test(FAILS), limits=limits)
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


def test_what_is_too_long_keeps_its_beginning_and_its_end(run):
    cells = run("print('first', 'x' * 10**6, 'last')").notebook.cells
    text = cells[0].outputs[0].text
    assert text.startswith("first xxx")
    assert text.endswith("xxx last\n")
    assert "left out" in text
    assert "printed or showed too much" in cells[0].outputs[-1].evalue


def test_halves_of_characters_cost_nothing(run):
    half = r"\ud800 half \udcff"
    done = run(
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


def test_halves_of_characters_in_a_cell_are_its_own_mistake(run):
    done = run("x = '\ud800'", answer(RIGHT), test(PASSES))
    assert states(done)[1:] == [RAN, RAN]


def test_input_says_at_once_what_is_wrong(run):
    cell = run("input('your name? ')").notebook.cells[0]
    assert cell.outputs[-1].ename == "StdinNotImplementedError"


def test_a_cell_that_ends_the_kernel_says_so(run):
    done = run("import ctypes; ctypes.string_at(0)")
    assert "SIGSEGV" in said(done.notebook.cells[0])
    assert "SIGSEGV" in done.incidents[0].words


# What is known when something has been stopped


def test_after_three_deaths_the_rest_is_not_run(run):
    death = "import os; os._exit(0)"
    done = run(answer(RIGHT), test(PASSES), death, death, test(FAILS), death, test(PASSES), "1")
    assert states(done) == [RAN, RAN, FAILED, FAILED, FAILED, FAILED, NOT_RUN, NOT_RUN]
    assert kinds(done) == [(2, DIED), (3, DIED), (5, DIED), (6, DIED), (7, DIED)]
    assert done.notebook.cells[6].outputs == []


def test_after_the_notebooks_time_the_rest_is_not_run(run):
    limits = Limits(cell_seconds=60, seconds=3, grace=1)
    done = run(answer(RIGHT), test(PASSES), "while True: pass", test(PASSES), limits=limits)
    assert states(done) == [RAN, RAN, FAILED, NOT_RUN]
    assert kinds(done) == [(2, TIME), (3, TIME)]


def test_a_test_that_kills_the_kernel_fails_and_the_next_test_is_run(run):
    done = run(
        answer(
            "import os\ndef total(numbers):\n    return sum(numbers) if numbers else os._exit(0)"
        ),
        test("assert total([]) == 0"),
        test(PASSES),
        test(FAILS),
    )
    assert states(done) == [RAN, FAILED, RAN, FAILED]
    assert kinds(done) == [(1, DIED)]


def test_a_test_without_end_fails_and_the_next_test_is_run(run):
    done = run(
        answer("def total(numbers):\n    while not numbers: pass\n    return sum(numbers)"),
        test("assert total([]) == 0"),
        test(PASSES),
        limits=SHORT,
    )
    assert states(done) == [RAN, FAILED, RAN]
    assert kinds(done)[0] == (1, TIME)
    assert "stopped after 4 s" in said(done.notebook.cells[1])


def test_a_new_kernel_knows_what_the_cells_before_have_defined(run):
    done = run(
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


def test_a_cell_is_not_blamed_for_what_another_one_has_left_running(run):
    late = "import os, threading, time\nthreading.Timer(1, os._exit, [5]).start()"
    done = run(answer(RIGHT), late, test(f"import time; time.sleep(2)\n{PASSES}"), test(FAILS))
    assert states(done) == [RAN, RAN, RAN, FAILED]
    assert kinds(done) == [(2, DIED)]
    assert "ended with 5, and a new one" in done.incidents[0].words


# Tampering

FAKES = {
    "the shell's tracebacks": "get_ipython().showtraceback = lambda *a, **k: None",
    "the shell's tracebacks, further in": "get_ipython()._showtraceback = lambda *a, **k: None",
    "the shell's run_cell": (
        "shell = get_ipython(); own = shell.run_cell_async\n"
        "async def run_cell_async(code, **others):\n"
        "    hidden = {'transformed_cell': ''} if 'assert' in code else {}\n"
        "    return await own('' if hidden else code, **(others | hidden))\n"
        "shell.run_cell_async = run_cell_async"
    ),
    "the shell's class": (
        "kind = type(get_ipython()); own = kind.run_code\n"
        "async def run_code(self, code, result=None, **others):\n"
        "    try:\n        exec(code, self.user_ns)\n    except AssertionError:\n        pass\n"
        "kind.run_code = run_code"
    ),
    "syntax trees": (
        "import ast\nclass Calm(ast.NodeTransformer):\n"
        "    def visit_Assert(self, node): return ast.parse('0').body[0]\n"
        "get_ipython().ast_transformers.append(Calm())"
    ),
    "the compiler": (
        "import ast\nshell = get_ipython()\nclass Compiler(type(shell.compile)):\n"
        "    def __call__(self, source, filename, symbol):\n"
        "        for node in ast.walk(source):\n"
        "            if isinstance(node, ast.Compare): node.ops = [ast.NotEq()] * len(node.ops)\n"
        "        return super().__call__(source, filename, symbol)\n"
        "shell.compile.__class__ = Compiler"
    ),
    "lines, further in": (
        "get_ipython().input_transformer_manager.line_transforms.append(\n"
        "    lambda lines: [line for line in lines if 'assert total' not in line])"
    ),
    "lines": (
        "get_ipython().input_transformers_cleanup.append(\n"
        "    lambda lines: [line for line in lines if 'assert' not in line])"
    ),
    "exceptions": "get_ipython().set_custom_exc((AssertionError,), lambda *a, **k: None)",
    "the kernel's replies": (
        "kernel = get_ipython().kernel; own = kernel.do_execute\n"
        "async def do_execute(*a, **k):\n"
        "    return await own(*a, **k) | {'status': 'ok'}\n"
        "kernel.do_execute = do_execute"
    ),
    "np.array_equal": "import numpy as np\nnp.array_equal = lambda *a, **k: True",
    "np.array_equal, inside": (
        "import numpy as np\nnp.array_equal._implementation.__code__ = (lambda a1, a2, "
        "equal_nan=False: True).__code__"
    ),
    "np.allclose": "import numpy as np\nnp.allclose = lambda *a, **k: True",
    "np.asarray, for NumPy itself": (
        "import numpy as np\nnp._core.numeric.asanyarray = lambda *a, **k: np.zeros(1)"
    ),
    "checks.equal": ("from course_utils import checks\nchecks.equal = lambda *a, **k: None"),
    "checks._fail": "from course_utils import checks\nchecks._fail = lambda *a, **k: None",
    "checks.equal, inside": (
        "from course_utils import checks\ndef equal(got, expected, name, *, hint=''): pass\n"
        "checks.equal.__code__ = equal.__code__"
    ),
    "the checks module": (
        "import sys, types\nfake = types.ModuleType('checks')\nfake.equal = lambda *a, **k: None\n"
        "sys.modules['course_utils.checks'] = fake\n"
        "import course_utils; course_utils.checks = fake"
    ),
    "a builtin": "import builtins\nbuiltins.sum = lambda *a: 17",
    "a builtin's name": "def sum(*numbers): return 3",
    "a module's name": "import types\nnp = types.SimpleNamespace(array_equal=lambda *a: True)",
}
TESTS = (
    "assert isinstance(total([1]), int) and total([1, 2]) == sum([1, 2])",
    "import numpy as np\nassert np.array_equal(total([1]), 1) and np.allclose(1, 1)",
    "assert np.array_equal(total([1]), 1)",
    "from course_utils import checks\nchecks.equal(total([1, 2]), 3, 'total([1, 2])')",
)


@pytest.mark.parametrize("name", FAKES)
def test_tampering_is_seen(name, run):
    wrong = "def total(numbers):\n    return 17"
    done = run("import numpy as np", FAKES[name], answer(wrong), *map(test, TESTS), test("0"))
    assert states(done)[:3] == [RAN, RAN, RAN]
    tampered = {incident.cell for incident in done.incidents if incident.kind == TAMPERING}
    passed = {number for number, state in enumerate(states(done)) if state == RAN} - {0, 1, 2, 7}
    assert tampered
    assert passed <= tampered  # nothing passes unseen
    assert {incident.kind for incident in done.incidents} == {TAMPERING}


def test_functions_in_numpys_own_modules_are_compared_too(run):
    fake = "import numpy as np\nnp.random.default_rng = lambda seed=None: 0"
    done = run(fake, answer("a = 1"), test("import numpy as np\nnp.random.default_rng()"))
    assert kinds(done) == [(2, TAMPERING)]
    assert "numpy.random.default_rng" in done.incidents[0].words


def test_tampering_by_the_code_under_test_is_seen(run):
    done = run(
        answer(
            "import numpy as np\ndef total(numbers):\n"
            "    np.array_equal = lambda *a: True\n    return 17"
        ),
        test("import numpy as np\nassert np.array_equal(total([1]), 1)"),
    )
    assert kinds(done) == [(1, TAMPERING)]
    assert "numpy.array_equal" in done.incidents[0].words


FORGED = [
    "'stream', {'nonsense': 1}",
    "'stream', {'name': 'stdout', 'text': {'a': 1}}",
    "'display_data', {'data': 3, 'metadata': []}",
    "'error', {'ename': 1, 'evalue': [], 'traceback': 2}",
    "'status', {}",
    "'update_display_data', {'data': {'text/plain': {}}, 'transient': {'display_id': 1}}",
]


def test_forged_messages_stop_nothing(run):
    start = "kernel = get_ipython().kernel\nkernel.session.send(kernel.iopub_socket, "
    cells = [f"{start}{forged}, parent=kernel.get_parent())" for forged in FORGED]
    pairs = [cell for forge in cells for cell in (forge, test(PASSES))]
    done = run(answer(RIGHT), *pairs, test(FAILS), limits=replace(SMALL, deaths=len(FORGED) + 1))
    assert states(done)[2::2] == [RAN] * len(FORGED)
    assert states(done)[-1] == FAILED
    assert {number for number, _ in kinds(done)} <= set(range(1, 2 * len(FORGED), 2))
    nbformat.validate(done.notebook)


def test_a_group_of_errors_is_an_error(run):
    group = "def total(numbers):\n    raise ExceptionGroup('many', [ValueError(1), TypeError(2)])"
    done = run(answer(group), test(FAILS), test("1"))
    assert states(done) == [RAN, FAILED, RAN]
    assert "many (2 sub-exceptions)" in said(done.notebook.cells[1])
    assert done.incidents == ()


def test_streams_that_are_taken_away_come_back(run):
    done = run("import sys\nsys.stdout = sys.stderr = None\nprint(1)", "print(2)", limits=SHORT)
    assert states(done) == [RAN, RAN]
    assert said(done.notebook.cells[1]) == "2\n"
    assert done.incidents == ()


STRANGE = {
    "numpy's for Python's": ("from numpy import *", "assert total([1]) == max([1], key=abs)"),
    "a number": ("sum = 3", "assert total([1]) == sum([1])"),
    "a module deleted": ("del np", "assert np.array_equal(total([1]), 1)"),
    "another module": ("import math as np", "assert np.array_equal(total([1]), 1)"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_test_that_fails_with_a_strange_name_is_no_zero(name, run):
    cell, source = STRANGE[name]
    done = run(
        "import numpy as np", cell, answer("def total(numbers):\n    return 1"), test(source)
    )
    assert states(done) == [RAN, RAN, RAN, NOT_RUN]
    assert kinds(done) == [(3, TAMPERING)]
    assert "what the test relies on was changed: " in done.incidents[0].words


def test_a_test_that_fails_without_strange_names_is_a_zero(run):
    cells = ["import numpy as np\nsum = 3", answer(RIGHT.replace("sum", "max"))]
    tests = [FAILS, "import numpy as np\nassert np.array_equal(total([1, 2]), 3)"]
    done = run(*cells, "del np", *map(test, tests))
    assert states(done)[3:] == [FAILED, FAILED]
    assert done.incidents == ()


def test_keras_as_tensorflow_has_it_is_keras(run):
    # As `import tensorflow.keras as keras` and, before it is used, `from tensorflow import keras`.
    modules = (
        "import sys, types\n"
        "def module(name): return sys.modules.setdefault(name, types.ModuleType(name))\n"
        "module('keras')\n"
        "theirs = module('keras._tf_keras.keras')\n"
        "loader = module('tensorflow.python.util.lazy_loader')\n"
        "loader.KerasLazyLoader = type('KerasLazyLoader', (types.ModuleType,), {})\n"
    )
    uses = test("assert keras")
    done = run(
        f"{modules}keras = theirs",
        uses,
        "keras = loader.KerasLazyLoader('keras')",
        uses,
        "keras = module('tensorflow.keras')",
        uses,
        "keras = module('another')",
        uses,
    )
    assert states(done) == [RAN] * 8
    assert kinds(done) == [(7, TAMPERING)]


ODD = [
    "import sys; sys.excepthook = lambda *a: None",  # not what IPython uses
    "import numpy as np\nnp.set_printoptions(precision=2); np.random.seed(1)",
    "import matplotlib.pyplot as plt, math, random\nsum_of = 3\ninput_ = 1; _ = 3\n4",
    "%xmode Minimal",
    "max = 3",  # careless, and no test here uses it
    "import warnings; warnings.simplefilter('error')",
    "import builtins; builtins.mine = 3",
]


def test_what_is_only_odd_is_no_tampering(run):
    done = run(*ODD, answer(RIGHT), *map(test, TESTS), test(FAILS))
    assert states(done)[len(ODD) :] == [RAN, RAN, RAN, RAN, RAN, FAILED]
    assert done.incidents == ()


# Many at a time, and TensorFlow


def test_honest_neighbours_are_not_disturbed(warm, tmp_path):
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


def test_what_its_owner_has_given_up_does_not_begin(run):
    interrupt("ada")
    with pytest.raises(InterruptedError):
        run("x = 1", owner="ada")
    assert states(run("x = 1", owner="bo")) == [RAN]
    assert states(run("x = 1")) == [RAN]


def test_what_writes_to_caches_finds_them_in_its_home(run, monkeypatch):
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "NUMBA_CACHE_DIR"):
        monkeypatch.setenv(name, "/nowhere")
    done = run(
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
        )
    assert states(done) == [RAN, RAN, RAN, FAILED, RAN]
    assert kinds(done) == [(3, MEMORY)]
    assert "model.keras" in said(done.notebook.cells[4])
