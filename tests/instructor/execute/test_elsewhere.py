"""What only works in Colab takes nothing else of its cell along."""

import pytest

from course_utils.instructor.execute.elsewhere import apart, bound, split, wants
from course_utils.instructor.execute.outcome import FAILED, RAN
from tests.instructor.toy_cells import PASSES, RIGHT, answer, confined, said, states, test

IN_COLAB = {
    "a package": ("import no_such_package_anywhere", "no_such_package_anywhere"),
    "a part of one": ("from no_such_package.part import thing", "no_such_package"),
    "several at once": ("import math, no_such_package, json", "no_such_package"),
    "a version's own name": ("from IPython.core.display import nothing_of_it", "ImportError"),
    "a magic": ("%tensorflow_version 2.x", "UsageError"),
    "an extension": ("%load_ext no_such_extension", "no_such_extension"),
    "the keyboard": ("name = input('Your name? ')", "StdinNotImplementedError"),
    "the network": (
        "import urllib.request; urllib.request.urlopen('https://example.org/x')",
        "URLError",
    ),
    "a file on Colab's disk": ("text = open('/content/sample_data/x.csv').read()", "/content"),
    "a file on Drive": ("text = open('drive/MyDrive/x.csv').read()", "drive/MyDrive"),
    "a program": ("import subprocess; subprocess.run(['nvidia-smi'], check=True)", "nvidia-smi"),
    "a card": ("gpus = []\nfirst_gpu = gpus[0]", "IndexError"),
    "a check for a card": ("raise SystemError('GPU device not found')", "SystemError"),
    "a newer Python": ("import sys\nassert sys.version_info >= (9, 9)", "AssertionError"),
    "a file from the student": (
        "from google.colab import files\nuploaded = files.upload()\nfirst = next(iter(uploaded))",
        "NotInTheGrader",
    ),
    "a secret": ("from google.colab import userdata\nkey = userdata.get('K')", "NotInTheGrader"),
}


@confined
@pytest.mark.parametrize(("line", "asked"), IN_COLAB.values(), ids=IN_COLAB)
def test_what_follows_in_the_cell_is_run(run_cells, line, asked):
    cells = [answer(f"{line}\n{RIGHT}"), test(PASSES), test("total(1, 2)")]
    done = run_cells(*cells)
    assert states(done) == [RAN, RAN, FAILED]
    assert done.incidents == ()
    assert asked in done.skipped[0].wants
    assert done.notebook.cells[0].source == f"{line}\n{RIGHT}"
    assert "error" in {it.output_type for it in done.notebook.cells[0].outputs} or "%" in line


@confined
def test_an_import_cell_brings_what_there_is(run_cells):
    first = "import no_such, numpy as np\nfrom google.colab import drive\nimport math\nimport nope"
    done = run_cells(
        f"{first}\ndrive.mount('/content/drive')\nhelper = math.floor",
        answer("def total(numbers):\n    return helper(np.sum(numbers))"),
        test(PASSES),
    )
    assert states(done) == [RAN, RAN, RAN]
    assert [it.wants for it in done.skipped] == ["no_such", "nope"]
    assert [sorted(it.names) for it in done.skipped] == [["no_such"], ["nope"]]
    assert "drive.mount does nothing here" in said(done.notebook.cells[0])


@confined
def test_what_builds_on_it_is_left_out_with_it(run_cells):
    done = run_cells(
        "import cv22\nimage = cv22.imread('x.png')\nprint('read')\nlarge = image * 2\nx = 1", "x"
    )
    assert states(done) == [RAN, RAN]
    assert [it.wants for it in done.skipped] == ["cv22", "cv22", "image"]
    assert "read" in said(done.notebook.cells[0])


@confined
def test_a_cell_of_nothing_else_has_failed(run_cells):
    done = run_cells("import no_such_package", "x = 1\ninput()")
    assert states(done) == [FAILED, FAILED]
    assert [it.wants.split()[0] for it in done.skipped] == [
        "no_such_package",
        "StdinNotImplementedError",
    ]
    assert all(cell.metadata.execution.elsewhere for cell in done.notebook.cells)
    assert [len(cell.outputs) for cell in done.notebook.cells] == [1, 1]


@confined
def test_any_other_error_ends_its_cell_as_it_does_in_colab(run_cells):
    done = run_cells("1 / 0\nx = 1", "x", "def f(): return undefined\nf()\ny = 1", "y")
    assert states(done) == [FAILED] * 4
    assert done.skipped == ()


@confined
@pytest.mark.parametrize("magic", ["%%capture", "%%capture --no-stderr", "%%time"])
def test_a_magic_around_the_cell_takes_nothing_along(run_cells, magic):
    done = run_cells(
        answer(f"{magic}\n!pip install no_such\nimport no_such\n{RIGHT}"), test(PASSES)
    )
    assert states(done) == [RAN, RAN]


@confined
def test_after_a_dead_kernel_it_is_the_same(run_cells):
    done = run_cells(
        "import no_such\nimport numpy as np",
        answer("import no_such_either\ndef total(numbers):\n    return int(np.sum(numbers))"),
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        test(PASSES),
    )
    assert states(done)[-1] == RAN


@confined
def test_a_stand_in_for_colab_says_what_it_is(run_cells):
    done = run_cells(
        "from google.colab import drive, files, output, userdata, auth, data_table\n"
        "import google.colab\n"
        "from google.colab.patches import cv2_imshow\n"
        "drive.mount('/content/drive', force_remount=True)\n"
        "files.download('x'); output.enable_custom_widget_manager(); auth.authenticate_user()\n"
        "data_table.enable_dataframe_formatter()\n"
        "import numpy as np; cv2_imshow(np.zeros((4, 4, 3)))"
    )
    assert states(done) == [RAN]
    assert said(done.notebook.cells[0]).count("does nothing here: only Google Colab has it") == 5
    assert "image/png" in said(done.notebook.cells[0])


def test_a_cell_is_taken_apart_at_its_statement():
    source = "é = 1; import cv2; x = 2\nif x:\n    import torch\n    y = 1\n!ls\nz = 3"
    before, statement, text, after = split(source, 3)
    assert before == "é = 1; import cv2; x = 2\n"
    assert type(statement).__name__ == "If"
    assert after.endswith("z = 3\n")
    assert text.startswith("if x:")
    assert split(source, 99) is None
    assert split(source, 1, 8)[2] == "import cv2; "
    assert split(source, 1, 21)[2].startswith("x = 2")
    assert split("this is no Python", 1) is None


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import a.b, c as d", {"a", "d"}),
        ("from a import *", set()),
        ("x, (y, z) = f()", {"x", "y", "z"}),
        ("print(1)", set()),
        ("with open('/content/x') as file:\n    text = file.read()", {"file", "text"}),
    ],
)
def test_what_a_statement_binds(code, names):
    statement = split(code, 1)[1]
    assert bound(statement) == names


def test_an_import_of_several_things_is_taken_apart():
    assert apart(split("import a, b as c", 1)[1]) == "import a\nimport b as c\n"
    assert apart(split("from ..a import b, c", 1)[1]) == "from ..a import b\nfrom ..a import c\n"
    assert apart(split("import a", 1)[1]) == apart(split("x = 1", 1)[1]) == ""


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (("ValueError", "shapes do not match"), "x = np.zeros(3) + np.zeros(4)"),
        (("NameError", "name 'cv2' is not defined"), "cv2.imread('x')"),
        (("FileNotFoundError", "No such file: 'data/x.csv'"), "open('data/x.csv')"),
        (("TypeError", "unsupported operand"), "flatten(images)"),
    ],
)
def test_a_mistake_is_nobody_elses(error, text):
    reply = dict(zip(("ename", "evalue"), error, strict=True))
    assert wants(reply, text) == ""


def test_tensorflow_datasets_beside_another_protobuf_is_the_places_matter():
    said = "module 'tensorflow_datasets' has no attribute 'load'"
    reply = {"ename": "AttributeError", "evalue": said}
    assert wants(reply, "data = tfds.load('cifar10')") == f"AttributeError ({said})"
