import ast

import pytest

from course_utils.instructor.measure.seeds import reseeded


@pytest.mark.parametrize(
    ("written", "moved"),
    [
        ("datasets.batches(split, 64, seed=1)", "datasets.batches(split, 64, seed=2001)"),
        ("UMAP(random_state=24)", "UMAP(random_state=2024)"),
        ("keras.utils.set_random_seed(7)", "keras.utils.set_random_seed(2007)"),
        ("np.random.default_rng(3).normal(3)", "np.random.default_rng(2003).normal(3)"),
        ("seed = 1", "seed = 2001"),
        ("seeds = (1, 2)", "seeds = (2001, 2002)"),
        ("images, compared_seeds = 1000, (1,)", "images, compared_seeds = 1000, (2001,)"),
        ("def train(name, seed=4, size=5): pass", "def train(name, seed=2004, size=5): pass"),
        ("def train(*, size=5, seed=4): pass", "def train(*, size=5, seed=2004): pass"),
        ('session.begin("05-cnn")', 'session.begin("05-cnn", seed=4026)'),
        ('session.begin("05-cnn", seed=1)', 'session.begin("05-cnn", seed=2001)'),
        ('title = "für 3"; layer(rate=3, seed=1)', 'title = "für 3"; layer(rate=3, seed=2001)'),
    ],
)
def test_a_seed_is_moved(written, moved):
    assert reseeded(written, 2) == moved
    assert reseeded(written, 0) == written


@pytest.mark.parametrize(
    "code",
    [
        "datasets.batches(split, 64, seed=number)",
        "layer(3, rate=1)",
        "epochs, size = 3, 4",
        "train(seed=None)",
        "%matplotlib inline\nseed = 1",
        "def train(name, size=5): pass",
    ],
)
def test_nothing_else_is_touched(code):
    assert reseeded(code, 3) == code


def test_every_line_of_a_cell_is_looked_at():
    cell = "a = f(seed=1)\nif True:\n    b = g(\n        2,\n        seed=1,\n    )\n"
    ast.parse(reseeded(cell, 1))
    assert reseeded(cell, 1) == cell.replace("seed=1", "seed=1001")
