"""What is decided for each kind of device, tried with devices that are not there."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from course_utils import devices, tensorflow_quietly

ROOT = Path(__file__).parents[1]
T4 = devices.Graphics("Tesla T4", (7, 5))
A100 = devices.Graphics("NVIDIA A100-SXM4-40GB", (8, 0))
P100 = devices.Graphics("Tesla P100-PCIE-16GB", (6, 0))
UNKNOWN = devices.Graphics("name unknown", (0, 0))


class Config:
    """``tensorflow.config`` of a machine with these graphics cards."""

    def __init__(self, *cards, used=False):
        self.cards, self.used, self.growing = cards, used, []
        self.experimental = self

    def list_physical_devices(self, kind):
        return list(range(len(self.cards))) if kind == "GPU" else ["the processor"]

    def get_device_details(self, place):
        return self.cards[place]

    def set_memory_growth(self, place, grows):
        if self.used:
            raise RuntimeError("Physical devices cannot be modified after being initialized")
        self.growing.append((place, grows))


def machine(*cards, used=False):
    """A stand-in for TensorFlow."""
    return SimpleNamespace(config=Config(*cards, used=used))


@pytest.mark.parametrize(
    ("details", "found"),
    [
        ({"device_name": "Tesla T4", "compute_capability": (7, 5)}, T4),
        ({"device_name": "NVIDIA A100-SXM4-40GB", "compute_capability": (8, 0)}, A100),
        ({}, UNKNOWN),  # as with cards that are not NVIDIA's
    ],
)
def test_a_card_is_found_by_name_and_capability(details, found):
    assert devices.find_graphics(machine(details)) == found


def test_the_first_of_several_cards_counts():
    first = {"device_name": "Tesla T4", "compute_capability": (7, 5)}
    assert devices.find_graphics(machine(first, {"device_name": "other"})) == T4


def test_a_machine_without_a_card_has_none():
    assert devices.find_graphics(machine()) is None


def test_the_memory_of_all_cards_grows():
    two = machine({}, {})
    assert devices.let_memory_grow(two)
    assert two.config.growing == [(0, True), (1, True)]


def test_a_card_in_use_is_left_alone():
    assert not devices.let_memory_grow(machine({}, used=True))


def test_without_a_card_no_memory_grows():
    assert not devices.let_memory_grow(machine())


def test_memory_is_let_grow_before_the_first_operation(monkeypatch):
    """After it TensorFlow refuses, and takes all the memory of the card."""
    fresh = machine({})

    def constant(value):
        fresh.config.used = True
        return value

    fresh.constant = constant
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.setattr(tensorflow_quietly.importlib, "import_module", lambda name: fresh)
    assert tensorflow_quietly.import_tensorflow() is fresh
    assert fresh.config.used
    assert fresh.config.growing == [(0, True)]


@pytest.mark.parametrize(
    ("graphics", "name"),
    [(T4, "GPU (Tesla T4)"), (A100, "GPU (NVIDIA A100-SXM4-40GB)"), (None, "CPU (2 cores)")],
)
def test_the_device_is_named(graphics, name):
    assert devices.describe(graphics, cores=2) == name


@pytest.mark.parametrize(
    ("graphics", "colab", "advised"),
    [(None, True, True), (None, False, False), (T4, True, False), (A100, False, False)],
)
def test_the_menu_is_named_in_colab_without_a_gpu_and_nowhere_else(graphics, colab, advised):
    advice = devices.advise(graphics, colab)
    assert (advice is not None) == advised
    if advised:
        assert "Runtime → Change runtime type → T4 GPU" in advice


@pytest.mark.parametrize(
    ("graphics", "pay"),
    [
        (T4, True),
        (A100, True),
        (devices.Graphics("Tesla V100-SXM2-16GB", (7, 0)), True),
        (devices.Graphics("NVIDIA B200", (10, 0)), True),
        (P100, False),
        (UNKNOWN, False),
        (None, False),
    ],
)
def test_float16_pays_from_compute_capability_7_on(graphics, pay):
    assert devices.halves_pay(graphics) is pay


def test_a_tpu_runtime_is_told_in_one_sentence_and_a_next_step():
    error = devices.without_tensorflow(colab=True)
    assert isinstance(error, ImportError)
    assert str(error) == (
        "This runtime has no TensorFlow, as those with a TPU have none. In the menu, choose "
        "Runtime → Change runtime type → T4 GPU, then run the cells from the first one on."
    )
    assert devices.without_tensorflow(colab=False) is None


def test_a_notebook_shows_that_sentence_and_no_traceback():
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.io import capture_output

    shell = InteractiveShell()
    with capture_output() as captured:
        shell.run_cell(
            "from course_utils import devices\nraise devices.without_tensorflow(colab=True)"
        )
    assert captured.stdout.strip() == str(devices.without_tensorflow(colab=True))


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"COLAB_RELEASE_TAG": "release-colab"}, "NoTensorFlowError: This runtime has no Tensor"),
        ({}, "pip install -r requirements/student.txt"),
    ],
)
def test_begin_says_so_where_tensorflow_is_missing(variables, says):
    code = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'tensorflow': raise ModuleNotFoundError('no', name='tensorflow')\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from course_utils import session\n"
        "session.begin('01-pixels-and-labels')"
    )
    kept = {name: value for name, value in os.environ.items() if name != "COLAB_RELEASE_TAG"}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=kept | variables
    )
    assert ran.returncode == 1
    assert says in ran.stderr.splitlines()[-1]


def test_nobody_decides_about_xla_but_keras():
    """Lessons and what they import; `compile` takes "auto" if nothing is said."""
    places = [*ROOT.glob("notebooks/*/*.md"), *ROOT.glob("course_utils/**/*.py")]
    assert len(places) > 20
    chosen = re.compile(r"jit_compile|TF_XLA_FLAGS|enable_xla|set_jit")
    assert not [str(place) for place in places if chosen.search(place.read_text("utf-8"))]
