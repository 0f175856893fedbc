"""What can go wrong in Colab, brought about on this machine; and what the student then reads."""

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from tests.colab.lessons import SET_UP, first_problem, run_notebook, texts
from tests.colab.runtime import ADDRESS, served

NOBODY = "http://127.0.0.1:9"
"""Nobody answers here, as on a machine without a network."""
PROXIES = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), NOBODY)
NO_INDEX = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_INDEX_URL": f"{NOBODY}/simple",
}
RAISES = 'raise ImportError("Detected incompatible Protobuf Gencode/Runtime versions")\n'
BEGIN = 'from course_utils import session\n\nsession.begin("07-overfitting")'
LOAD = f"""\
import os

from course_utils import datasets
from course_utils.datasets.sources import tfds

tfds.HOST = os.environ["{ADDRESS}"]  # answers, so that TensorFlow Datasets is started
data = datasets.load("fashion_mnist", train=500)
print(len(data.train.images), "images")
"""
TRAIN = """\
import os
import signal

import keras
from course_utils import datasets, models

images = datasets.load("fashion_mnist", train=200).train
network = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10)])
network.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
kept = models.Kept("little", network, images, epochs=3)


def end_here(epoch, logs=None):
    if epoch == 2 and "END_KERNEL" in os.environ:
        os.kill(os.getpid(), signal.SIGKILL)


history = kept.load()
if history is None:
    callbacks = [keras.callbacks.LambdaCallback(on_epoch_begin=end_here), kept.checkpoint()]
    history = kept.save(
        network.fit(images.images, images.labels, epochs=3, callbacks=callbacks, verbose=2)
    )
print("trained for", len(history["loss"]), "epochs")
"""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    Attributes
    ----------
    name : str
    says : tuple of str
        Words that the student must read.
    cells : tuple of str
        What is run after the setup cell.
    stops : bool
        Whether the setup cell must fail: then in one line, without a traceback.
    address : function of str
        From the address of the release to the one that is asked.
    spoils : function of Path
        Changes a copy of the release before it is served.
    variables : dict of str to str
        Environment variables.
    files : dict of str to str
        What lies beside the notebook.
    before : dict of str to str, optional
        Variables of a first run, which is to lose its kernel; then all is run once more.
    """

    name: str
    says: tuple
    cells: tuple = ()
    stops: bool = False
    address: object = str
    spoils: object = None
    variables: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    before: dict | None = None


def spoil_wheel(release):
    """Change one byte in the middle of the wheel."""
    (wheel,) = release.glob("*.whl")
    data = bytearray(wheel.read_bytes())
    data[len(data) // 2] ^= 1
    wheel.write_bytes(data)


def cut_wheel(release):
    """Leave half of the wheel, as a proxy does that gives up."""
    (wheel,) = release.glob("*.whl")
    data = wheel.read_bytes()
    wheel.write_bytes(data[: len(data) // 2])


def another_tag(address):
    """The address of a release that is not published any more."""
    return address.rpartition("/")[0] + "/v0.0.0-gone"


SET_UP_FAULTS = (
    Fault("no network", ("could not be downloaded", "run this cell again"), stops=True,
          address=lambda address: NOBODY),
    Fault("old release tag", ("no longer at", "Open the lesson anew"), stops=True,
          address=another_tag),
    Fault("wrong checksum", ("SHA-256 differs", "was not installed", "Run this cell again"),
          stops=True, spoils=spoil_wheel),
    Fault("half a download", ("SHA-256 differs", "was not installed"), stops=True,
          spoils=cut_wheel),
)  # fmt: skip
"""Those that the setup cell meets; they need no TensorFlow."""
MISSING_FAULTS = (
    Fault("no package index", ("importlib-resources could not be added", "The lesson goes on"),
          (BEGIN,), variables=NO_INDEX),
)  # fmt: skip
"""Those that are met where a package is missing, as in Colab."""
LESSON_FAULTS = (
    Fault("TFDS import raises", ("Detected incompatible", "Note: you work with", "500 images"),
          (BEGIN, LOAD), variables={"COURSE_PROFILE": "full"} | PROXIES,
          files={"tensorflow_datasets.py": RAISES}),
    Fault("no GPU", ("has no GPU", "Runtime → Change runtime type → T4 GPU"), (BEGIN,),
          variables={"CUDA_VISIBLE_DEVICES": "-1"}),
    Fault("killed kernel",
          ("before up to epoch 2", "trained for 3 epochs"),
          (BEGIN, TRAIN), before={"END_KERNEL": "1"}),
)  # fmt: skip
"""Those that a lesson meets."""


@dataclass(frozen=True)
class Outcome:
    """What came of a fault.

    Attributes
    ----------
    name : str
    problem : str
        Why it is red; empty if it is green.
    read : str
        What the student reads about it, in a line.
    """

    name: str
    problem: str
    read: str


def bring_about(fault, set_up, release, prefix, folder):
    """Bring a fault about, in an environment that is left as the notebook leaves it.

    Parameters
    ----------
    fault : Fault
    set_up : str
        The setup cell's code.
    release : Path
        What is served.
    prefix : str
        What the addresses of its files begin with.
    folder : Path
        The environment.

    Returns
    -------
    Outcome
    """
    notebook = new_notebook(cells=[new_code_cell(it) for it in (set_up, *fault.cells)])
    with tempfile.TemporaryDirectory(prefix="colab-") as place:
        place = Path(place)
        content, executed = place / "content", place / "executed.ipynb"
        content.mkdir()
        for name, text in fault.files.items():
            (content / name).write_text(text, encoding="utf-8")
        if fault.spoils:
            shutil.copytree(release, place / "release", ignore=shutil.ignore_patterns(".git"))
            release = place / "release"
            fault.spoils(release)
        with served(release, prefix) as address:
            asked = {ADDRESS: fault.address(address)} | fault.variables

            def run(**more):
                failure = run_notebook(
                    notebook, "lesson", folder, executed, address, content, **asked, **more
                )
                return failure, None if failure else nbformat.read(executed, as_version=4)

            if fault.before is not None:
                failure, first = run(**fault.before)
                if failure or "stopped" not in first.metadata:
                    what = failure or first_problem(first) or "all cells ran"
                    return Outcome(fault.name, f"the kernel was not killed: {what}", "")
            failure, ran = run()
    if failure:
        return Outcome(fault.name, failure, "")
    return _judged(fault, ran)


def _judged(fault, ran):
    """Whether an executed notebook tells what it should, as it should."""
    shown = texts(ran.cells)
    lines = [line for line in shown.splitlines() if line.strip()]
    read = next((line.strip() for line in lines if fault.says[0] in line), "")
    missing = [words for words in fault.says if words not in " ".join(shown.split())]
    errors = [
        output
        for cell in ran.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    if missing:
        problem = f"expected the words {missing}; got: {' '.join(shown.split())[-300:] or 'none'}"
    elif fault.stops and [len("\n".join(it.traceback).splitlines()) for it in errors] != [1]:
        problem = "expected one error of one line"
    elif errors and not fault.stops:
        problem = f"a cell failed: {errors[0].ename}: {errors[0].evalue}"
    else:
        problem = ""
    return Outcome(fault.name, problem, read)


def set_up_code(notebook):
    """The code of the setup cell in a released notebook."""
    (cell,) = (it for it in notebook.cells if it.cell_type == "code" and SET_UP in it.source)
    return cell.source
