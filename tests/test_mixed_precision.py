"""14-challenge as it runs on a T4: its networks and its exercises under float16, on the processor.

It is the only lesson that asks for float16. 08-what-helps, as long, does not: its
demonstrations and the exercise that builds a network compare numbers more closely than float16
keeps them, and its networks are too small for the steps to become quicker.
"""

import ast
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest

from course_utils import datasets

# session.begin silences it for the lessons.
pytestmark = pytest.mark.filterwarnings("ignore:.*shuffle=True.* will be ignored")

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
DATA = datasets.load("fashion_mnist", train=300, validation=0.1)


def cells(graded):
    """The sources of the lesson's code cells: of its exercises, or all others."""
    path = NOTEBOOKS / "14-challenge" / "14-challenge.ipynb"
    return [
        cell.source
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code" and ("nbgrader" in cell.metadata) == graded
    ]


def definitions():
    """What the lesson imports, defines and sets at the beginning, without anything that it runs."""
    names = {"seed": 1}
    for node in (node for source in cells(graded=False) for node in ast.parse(source).body):
        if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef):
            exec(ast.unparse(node), names)
    return names


@pytest.fixture
def halves(tmp_path, monkeypatch):
    """Float16 wherever a layer does not say otherwise, as `session.begin` does on a T4."""
    monkeypatch.chdir(tmp_path)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy(before)


def test_the_challenge_alone_asks_for_float16():
    asking = [
        path.stem for path in NOTEBOOKS.glob("*/*.md") if "mixed_precision" in path.read_text()
    ]
    assert asking == ["14-challenge"]


def test_networks_calculate_with_float16_and_answer_with_float32(halves):
    lesson = definitions()
    networks = [lesson[name]() for name in ("baseline_network", "regularised_network")]
    images = DATA.validation.images / np.float32(255)
    for network in networks:
        computed = [layer.compute_dtype for layer in network.layers]
        assert set(computed[:-1]) == {"float16"}
        assert computed[-1] == "float32", "softmax should not be calculated with float16"
        assert all(weights.dtype == "float32" for weights in network.weights)
        probabilities = lesson["ask"](network, images)
        assert probabilities.dtype == np.float32
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


def test_images_are_changed_with_float32(halves):
    """They are prepared on the processor, which is slower with float16."""
    lesson = definitions()
    for changes in (lesson["mirroring"](), lesson["mirrored_and_covered"]()):
        for layer in getattr(changes, "layers", [changes]):
            assert layer.compute_dtype == "float32"
        assert changes(DATA.train.images[:2, ..., np.newaxis] / np.float32(255)).dtype == "float32"


def test_the_training_of_the_lesson_learns(halves):
    """With the lesson's own blocks, optimiser, smoothing and changes, but few of each.

    Processors calculate with float16 so slowly that its ``three_blocks`` would take minutes. That
    its networks can be built and asked, the tests above show.
    """
    lesson = definitions()

    def two_small_blocks():
        image = maps = keras.Input(shape=(28, 28, 1))
        for width in (4, 8):
            maps = lesson["convolution"](maps, width, pooling=True)
        return keras.Model(image, lesson["output"](maps))

    network, seconds = lesson["train"](
        "tiny",
        DATA.train,
        two_small_blocks,
        epochs=4,
        batch_size=32,
        rates=lesson["constant"](0.02),
        optimiser=lesson["with_momentum"],
        smoothing=0.1,
        augment=lesson["mirroring"],
    )
    assert seconds > 0
    assert type(network.optimizer).__name__ == "LossScaleOptimizer"
    images = DATA.train.images / np.float32(255)
    right = lesson["ask"](network, images).argmax(axis=1) == DATA.train.labels
    assert right.mean() > 0.5  # by chance: 0.1


def test_answers_pass_their_tests(halves):
    """The reference answers, with the visible and the hidden tests of the exercises."""
    from course_utils import checks

    names = definitions() | {"checks": checks}
    sources = cells(graded=True)
    assert sum("### BEGIN HIDDEN TESTS" in source for source in sources) == 4
    for source in sources:
        exec(source, names)
