"""What holds for every public figure function: words, inputs, rendering, answers to wrong input."""

import io
import subprocess
import sys
import warnings
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from course_utils import figures

generator = np.random.default_rng(3)
IMAGES = generator.integers(0, 256, size=(5, 6, 4), dtype=np.uint8)
COLOUR = generator.random((5, 6, 4, 3))
LABELS = np.array([0, 1, 2, 1, 1])
NAMES = ["cat & <dog>", 'a "bird"', "$x$"]
PROBABILITIES = generator.dirichlet(np.ones(3), size=5)
X = np.linspace(-1, 1, 11)
HISTORY = {"loss": [2.0, 1.0], "val_loss": [2.5, 1.5], "accuracy": [0.1, 0.6]}
VARIANTS = {"$a$": {"training": np.array([0.9, 0.8]), "<b>": [0.5]}}
CONFUSIONS = np.array([[5, 2, 0], [1, 4, 1], [0, 0, 0]])
MAPS = np.maximum(generator.normal(size=(4, 6, 9)), 0)
FRAMES = np.array([[-1, 0, 3, 3]] * 5)
HEATS = {"$a$": generator.normal(size=(5, 6, 4)), "<b>": generator.random((5, 6, 4))}
ALIKE = np.array([[1.0, 0.8, -0.1], [0.8, 1.0, 0.3], [-0.1, 0.3, 1.0]])
KERNELS = generator.normal(size=(3, 5, 5, 3, 4)).astype(np.float32)
SHOTS = generator.random((3, 6, 4, 4), np.float32)
FILM = generator.dirichlet(np.ones(3), size=(3, 5))
STEPS = np.array([0, 5, 20])
SCORES = {"$a$": [0.1, 0.2, 0.9], "<b>": np.array([0.1, 0.2, 0.3])}

LEARNED_BY = figures.learning_kernels

# One call a figure function and kind of input: name, function, arguments, keyword arguments.
CALLS = [
    ("grid", figures.image_grid, (IMAGES,), {"titles": LABELS, "columns": 3}),
    ("grid in colour", figures.image_grid, (COLOUR,), {"titles": ["$a$"] * 5}),
    ("grid normalised", figures.image_grid, (COLOUR * 4 - 2,), {}),
    ("digit", figures.digit_with_numbers, (IMAGES[0],), {"title": "5 < 6"}),
    ("digit in float", figures.digit_with_numbers, (IMAGES[0] / 9 - 5,), {}),
    ("values", figures.value_histogram, (IMAGES,), {}),
    ("classes", figures.class_counts, (LABELS, NAMES), {}),
    ("curves", figures.line_curves, (X, {"ReLU": np.maximum(0, X), "$x$": X}, "in", "out"), {}),
    ("network", figures.network_diagram, ([3, 2, 2, 1],), {"counted_layer": 2}),
    ("network plain", figures.network_diagram, ((2, 1), ["in", "out"]), {}),
    ("order", figures.label_order, ({"$a$": LABELS, "b": LABELS[::-1]}, NAMES), {}),
    ("prefetch", figures.prefetch_timeline, (2, 3), {"batches": 3, "ready": 2}),
    ("history", figures.training_history, (HISTORY,), {}),
    ("comparison", figures.compare_histories, ({"$a$": HISTORY, "b": HISTORY},), {}),
    ("variants", figures.compare_variants, (VARIANTS,), {}),
    ("sizes", figures.validation_curve, ([1, 10, 99], SCORES), {"xlabel": "$x$"}),
    ("confusion", figures.confusion_matrix, (CONFUSIONS, NAMES), {}),
    ("correlation", figures.class_correlation, (ALIKE, NAMES), {}),
    ("sliding", figures.sliding_kernel, (IMAGES[0], np.eye(2)), {"padding": 1, "stride": 2}),
    ("learned", figures.learned_kernel, (IMAGES[0], {0: np.eye(2), 5: -np.eye(2)}, np.eye(2)), {}),
    ("effects", figures.kernel_effects, (IMAGES[0], {"$x$": np.eye(3), "b": np.eye(2) - 0.5}), {}),
    ("maps", figures.map_grid, (MAPS,), {"title": "$a$ <b>"}),
    ("maps on one scale", figures.map_grid, (MAPS - 1,), {"scale": "shared", "columns": 5}),
    ("framed", figures.framed_images, (COLOUR, FRAMES), {"titles": ["$a$"] * 5, "columns": 3}),
    ("heat", figures.heat_maps, (COLOUR, HEATS), {"titles": ["<a> $b$"] * 5}),
    ("heat in grey", figures.heat_maps, (IMAGES, {"a": -HEATS["<b>"]}), {}),
    ("tiles", figures.kernel_tiles, ({"$x$": KERNELS[0], "<b>": KERNELS[1]},), {}),
    ("learning", figures.learning_kernels, (COLOUR[0], KERNELS, SHOTS, SCORES, STEPS), {}),
    ("by steps", LEARNED_BY, (COLOUR[0], KERNELS, SHOTS, SCORES, STEPS), {"over": "steps"}),
    ("leads", figures.leads, (FILM[..., 0], FILM[..., 0] > 0.3, NAMES + ["d", "e"]), {}),
    ("learning words", figures.learning_predictions, (COLOUR, LABELS, FILM, NAMES, STEPS), {}),
    ("a few predictions", figures.prediction_bars, (IMAGES, LABELS, PROBABILITIES, NAMES), {}),
    ("history of Keras", figures.training_history, (SimpleNamespace(history=HISTORY),), {}),
    ("predictions", figures.prediction_grid, (IMAGES, LABELS, PROBABILITIES, NAMES), {}),
    (
        "predictions in colour",
        figures.prediction_grid,
        (COLOUR, LABELS, PROBABILITIES, tuple(NAMES)),
        {"columns": 2, "indices": np.array([3, 0])},
    ),
    ("bars", figures.probability_bars, (PROBABILITIES[0], NAMES), {}),
    (
        "bars and image",
        figures.probability_bars,
        (PROBABILITIES[0], NAMES),
        {"label": 2, "image": COLOUR[0]},
    ),
]
PLACES = generator.normal(size=(5, 2))
NOTES = ["$a$, <b>"] * 5
WALK = np.array([[-0.5, 0.25], [0.4, 0.16], [9.0, 81.0]])
PLANE = X, X[::2], X**2 + (X[::2, np.newaxis] - 0.2) ** 2
CHAIN = {"x": 2, "w1": 1.5, "a": 3, "h": 3, "w2": -0.5, "y": -1.5, "target": 1, "loss": 6.25}
SLOPES = {"w1": 5, "a": 2.5, "h": 2.5, "w2": -15, "y": -5}
MOVED = PLACES, np.array([0, 1, 0, 1, 1]), X, X[::2], generator.random((3, 6, 11)), [3, 2, 1], STEPS
RUNS = {"$a$": np.array([[0.5, 0.6], [0.8, 0.7]]), "<b>": np.array([[1], [2]])}
TWO_PLACES = np.array([2, 20])
CALLS += [
    ("spread", figures.spread_curves, (TWO_PLACES, RUNS, "$x$", "<b>", "a & b"), {}),
    ("plans", figures.transfer_plans, ({"$a$ <b>": ("frozen", "new"), "b": ["tuned", "new"]},), {}),
    ("block", figures.residual_block, (["$a$", "<b>"],), {}),
    ("no shortcut", figures.residual_block, (("a",),), {"shortcut": False}),
    ("patches", figures.attention_of_patch, (COLOUR[0], np.full((3, 2), 1 / 6), 5), {}),
    ("patches in grey", figures.attention_of_patch, (IMAGES[0], np.eye(2) / 2, 0), {}),
    ("walks", figures.loss_walks, (X, X**2, {"$a$": WALK, "<b>": WALK[:1]}), {"xlabel": "$w$"}),
    ("land", figures.loss_map, (*PLANE, {"$a$ <b>": WALK}), {}),
    ("two lands", figures.loss_map, (*PLANE, {"$a$": WALK, "b": WALK[:1]}), {"ylabel": "<b>"}),
    ("chain", figures.chain_rule, (CHAIN,), {}),
    ("chain and back", figures.chain_rule, (CHAIN, SLOPES), {}),
    ("boundary", figures.learning_boundary, MOVED, {}),
    (
        "reliability",
        figures.reliability_diagram,
        ({"$a$": (PROBABILITIES, LABELS), "<b>": (PROBABILITIES[:3], LABELS[:3])},),
        {"bins": 5},
    ),
    ("groups", figures.group_accuracies, ({"$a$": LABELS == 1, "<b>": LABELS == 0},), {}),
    ("changed", figures.changed_images, (COLOUR, COLOUR[::-1].copy(), NOTES, NOTES), {}),
    ("not changed", figures.changed_images, (COLOUR[..., 0], COLOUR[..., 0], NOTES, NOTES), {}),
    (
        "scattered",
        figures.scatter_maps,
        ({"$a$": (PLACES, LABELS), "<b>": (PLACES, None)}, NAMES),
        {},
    ),
    (
        "scattered on one scale",
        figures.scatter_maps,
        ({"$a$": (PLACES, LABELS)}, NAMES),
        {"same_axes": True},
    ),
    ("images on a map", figures.image_map, (PLACES, IMAGES, LABELS, NAMES), {"cells": 4}),
    (
        "margins",
        figures.error_bars,
        ({"$a$": 1, "<b>": -2}, {"$a$": 2, "<b>": 1}, "$x$"),
        {"line": 0},
    ),
    ("moving", figures.map_animation, ([PLACES, 2 * PLACES], LABELS, NAMES, [1, 3]), {}),
]
RETURNED = {figures.Album, figures.Animation, figures.Picture}
PUBLIC = {getattr(figures, name) for name in figures.__all__} - RETURNED
every_call = pytest.mark.parametrize(
    ("function", "args", "kwargs"), [call[1:] for call in CALLS], ids=[call[0] for call in CALLS]
)


def arrays_in(values):
    """Every array among arguments, in order."""
    for value in values:
        if isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, dict):
            yield from arrays_in(value.values())


class ImageTag(HTMLParser):
    """Keeps the attributes of the tags it reads."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_every_public_function_is_called_here():
    assert {call[1] for call in CALLS} == PUBLIC


@every_call
def test_a_figure_is_drawn_small_with_words_and_leaves_everything_as_it_was(
    function, args, kwargs, tmp_path
):
    given = list(arrays_in([*args, kwargs]))
    before = [array.tobytes() for array in given]
    for array in given:
        array.flags.writeable = False
    settings = dict(mpl.rcParams)

    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # a missing glyph, a failed layout
        picture = function(*args, **kwargs)
        html = picture._repr_html_()
        picture.save(tmp_path / "figure.png")

    assert [array.tobytes() for array in given] == before
    assert dict(mpl.rcParams) == settings

    assert len(picture.alt_text) > 40
    assert picture.alt_text.endswith(".")
    assert "\n" not in picture.alt_text
    assert repr(picture) == picture.alt_text
    [attributes] = [attributes for tag, attributes in ImageTag(html).tags if tag == "img"]
    assert attributes["alt"] == picture.alt_text
    assert int(attributes["width"]) <= 760

    data = (tmp_path / "figure.png").read_bytes()
    assert len(data) < 300_000
    with Image.open(io.BytesIO(data)) as image:
        density = getattr(picture, "density", 2)
        assert image.width == density * int(attributes["width"])
        assert image.text["Description"] == picture.alt_text
        extremes = image.convert("L").getextrema()
    assert extremes[1] - extremes[0] > 100, "the picture is blank, or almost"


def test_nothing_heavy_is_imported_and_pyplot_never():
    code = (
        "import sys, numpy as np; import course_utils.figures as figures;"
        "assert not {'matplotlib', 'tensorflow', 'keras', 'PIL'} & set(sys.modules), 'on import';"
        "picture = figures.image_grid(np.zeros((2, 4, 4), np.uint8)); picture._repr_html_();"
        "picture = figures.training_history({'loss': [2.0, 1.0]}); picture._repr_html_();"
        "assert not {'matplotlib.pyplot', 'tensorflow', 'keras'} & set(sys.modules), 'on drawing'"
    )
    root = Path(figures.__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_a_failure_leaves_the_settings_as_they_were():
    settings = dict(mpl.rcParams)
    with pytest.raises(TypeError):
        figures.image_grid([1, 2])
    assert dict(mpl.rcParams) == settings


def test_the_notebook_s_own_settings_do_not_change_a_figure(tmp_path):
    plain, other = tmp_path / "plain.png", tmp_path / "other.png"
    figures.class_counts(LABELS, NAMES).save(plain)
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "black", "savefig.dpi": 10}):
        figures.class_counts(LABELS, NAMES).save(other)
    assert plain.read_bytes() == other.read_bytes()


def test_every_docstring_names_its_parameters_and_errors():
    for function in PUBLIC:
        names = function.__wrapped__.__code__.co_varnames[
            : function.__wrapped__.__code__.co_argcount
        ]
        for word in (*names, "Parameters", "Returns", "Raises"):
            assert word in function.__doc__, (function.__name__, word)


GRID, DIGIT = figures.image_grid, figures.digit_with_numbers
VALUES, CLASSES = figures.value_histogram, figures.class_counts
CURVES, NETWORK, TRAINING = figures.line_curves, figures.network_diagram, figures.training_history
PREDICTIONS, BARS = figures.prediction_grid, figures.probability_bars
COMPARISON, CONFUSION = figures.compare_histories, figures.confusion_matrix
COMPARED, GROWING = figures.compare_variants, figures.validation_curve
CORRELATION = figures.class_correlation
SLIDING, EFFECTS = figures.sliding_kernel, figures.kernel_effects
LEARNED, EYE = figures.learned_kernel, np.eye(2)
TILES, FEW = figures.kernel_tiles, figures.prediction_bars
LEARNING, OPINIONS = figures.learning_kernels, figures.learning_predictions
LEADS = figures.leads
FIRST = COLOUR[0]
LEARNED_FROM = (FIRST, KERNELS, SHOTS, SCORES, STEPS)
ORDER, PREFETCH = figures.label_order, figures.prefetch_timeline
MAPPED, FRAMED, HEATED = figures.map_grid, figures.framed_images, figures.heat_maps
SCATTER, MOVING = figures.scatter_maps, figures.map_animation
P, L = PROBABILITIES, LABELS
WALKED, LAND = figures.loss_walks, figures.loss_map
CHAINED, BOUNDARY = figures.chain_rule, figures.learning_boundary
SEEN, BARRED = figures.image_map, figures.error_bars
SPREAD, PLANS, BLOCK = figures.spread_curves, figures.transfer_plans, figures.residual_block
PATCHES, SHARES = figures.attention_of_patch, np.full((3, 2), 1 / 6)
RELIABLE, GROUPED, CHANGED = (
    figures.reliability_diagram,
    figures.group_accuracies,
    figures.changed_images,
)
WRONG = [
    (SEEN, (PLACES.tolist(), IMAGES, L, NAMES), {}, TypeError, "np.array(places)"),
    (SEEN, (PLACES[:4], IMAGES, L, NAMES), {}, ValueError, "each of the 5 images; got 4"),
    (SEEN, (PLACES * np.nan, IMAGES, L, NAMES), {}, ValueError, "got NaN"),
    (SEEN, (PLACES, IMAGES, L, NAMES[:2]), {}, ValueError, "2 classes"),
    (SEEN, (PLACES, IMAGES, L, NAMES, 1), {}, ValueError, "2 to 60"),
    (SEEN, (PLACES, IMAGES, L, NAMES, 2.0), {}, TypeError, "got a float"),
    (BARRED, ([1.0], {"a": 1.0}, "x"), {}, TypeError, "got list"),
    (BARRED, ({"a": 1.0}, {"a": 1.0}, 3), {}, TypeError, "xlabel"),
    (BARRED, ({"a": 1.0}, {"a": 1.0}, "x"), {"title": 3}, TypeError, "title"),
    (BARRED, ({"a": 1.0}, {"b": 1.0}, "x"), {}, ValueError, "got ['b']"),
    (BARRED, ({"a": "one"}, {"a": 1.0}, "x"), {}, TypeError, "Use float(...)"),
    (BARRED, ({"a": np.inf}, {"a": 1.0}, "x"), {}, ValueError, "infinity"),
    (BARRED, ({"a": 1.0}, {"a": -1.0}, "x"), {}, ValueError, "at least 0; got -1"),
    (SPREAD, ([2, 20], RUNS), {}, TypeError, "np.array(x)"),
    (SPREAD, (TWO_PLACES, [1]), {}, TypeError, "got list"),
    (SPREAD, (TWO_PLACES, {"a": [[1], [2]]}), {}, TypeError, "np.array(runs['a'])"),
    (SPREAD, (TWO_PLACES, RUNS, 3), {}, TypeError, "xlabel"),
    (SPREAD, (TWO_PLACES[:1], RUNS), {}, ValueError, "got (1,)"),
    (SPREAD, (TWO_PLACES - 2, RUNS), {}, ValueError, "got [0, 18]"),
    (SPREAD, (TWO_PLACES[::-1], RUNS), {}, ValueError, "got [20, 2]"),
    (SPREAD, (TWO_PLACES * np.nan, RUNS), {}, ValueError, "got NaN"),
    (SPREAD, (TWO_PLACES, {}), {}, ValueError, "got 0"),
    (SPREAD, (TWO_PLACES, {"a": np.ones((3, 2))}), {}, ValueError, "got shape (3, 2)"),
    (SPREAD, (TWO_PLACES, {"a": np.ones((2, 0))}), {}, ValueError, "got shape (2, 0)"),
    (SPREAD, (TWO_PLACES, {"a": np.full((2, 1), np.inf)}), {}, ValueError, "got NaN"),
    (PLANS, ([("new", "new")],), {}, TypeError, "got list"),
    (PLANS, ({1: ("new", "new")},), {}, TypeError, "got 1"),
    (PLANS, ({"a": "new"},), {}, TypeError, "got str"),
    (PLANS, ({},), {}, ValueError, "got 0"),
    (PLANS, ({"a": ("new", "old")},), {}, ValueError, "got ('new', 'old')"),
    (PLANS, ({"a": ("new",)},), {}, ValueError, "got ('new',)"),
    (BLOCK, ("ReLU",), {}, TypeError, "got a str"),
    (BLOCK, ([3],), {}, TypeError, "got an int"),
    (BLOCK, (["a"], 1), {}, TypeError, "got 1"),
    (BLOCK, ([],), {}, ValueError, "got none"),
    (BLOCK, (list("abcdef"),), {}, ValueError, "got 6"),
    (PATCHES, (COLOUR[0].tolist(), SHARES, 0), {}, TypeError, "np.array(image)"),
    (PATCHES, (COLOUR[0], SHARES.tolist(), 0), {}, TypeError, "np.array(weights)"),
    (PATCHES, (COLOUR[0], SHARES, 0.0), {}, TypeError, "got a float"),
    (PATCHES, (COLOUR[0], SHARES, 6), {}, ValueError, "got 6"),
    (PATCHES, (COLOUR[0], SHARES, -1), {}, ValueError, "got -1"),
    (PATCHES, (COLOUR[0], SHARES * 2, 0), {}, ValueError, "a sum of 2"),
    (PATCHES, (COLOUR[0], SHARES - 1, 0), {}, ValueError, "Apply softmax first"),
    (PATCHES, (COLOUR[0], SHARES.reshape(2, 3), 0), {}, ValueError, "got (2, 3)"),
    (PATCHES, (np.zeros((9, 9)), np.full((9, 9), 1 / 81), 0), {}, ValueError, "got (9, 9)"),
    (RELIABLE, ((P, L),), {}, TypeError, "got tuple"),
    (RELIABLE, ({"a": P},), {}, TypeError, "Write {'a': (probabilities, labels)}"),
    (RELIABLE, ({"a": (P * 2, L)},), {}, ValueError, "answers['a'][0]"),
    (RELIABLE, ({"a": (P, L[:3])},), {}, ValueError, "labels"),
    (RELIABLE, ({},), {}, ValueError, "got 0"),
    (RELIABLE, ({"a": (P, L)}, 0), {}, ValueError, "bins"),
    (RELIABLE, ({"a": (P, L)}, 51), {}, ValueError, "at most 50; got 51"),
    (GROUPED, ([L == 1],), {}, TypeError, "got list"),
    (GROUPED, ({"a": L},), {}, TypeError, "Use predicted == labels"),
    (GROUPED, ({"a": [True]},), {}, TypeError, "right['a']"),
    (GROUPED, ({"a": L[:0] == 1},), {}, ValueError, "Leave empty groups out"),
    (GROUPED, ({},), {}, ValueError, "got 0"),
    (CHANGED, (IMAGES, IMAGES, NOTES, NOTES), {}, TypeError, "Divide by 255"),
    (CHANGED, (COLOUR, COLOUR * 2, NOTES, NOTES), {}, ValueError, "np.clip(images, 0, 1)"),
    (CHANGED, (COLOUR, COLOUR[:3], NOTES, NOTES), {}, ValueError, "the same slice"),
    (CHANGED, (COLOUR, COLOUR, NOTES[:4], NOTES), {}, ValueError, "before"),
    (CHANGED, (COLOUR, COLOUR, NOTES, "abcde"), {}, TypeError, "after"),
    (
        CHANGED,
        (np.tile(COLOUR, (3, 1, 1, 1)),) * 2 + (NOTES * 3,) * 2,
        {},
        ValueError,
        "at most 12",
    ),
    (WALKED, (X.tolist(), X**2, {"a": WALK}), {}, TypeError, "np.array(weights)"),
    (WALKED, (X, X**2, [WALK]), {}, TypeError, "got list"),
    (WALKED, (X, X**2, {"a": WALK.tolist()}), {}, TypeError, "np.array(walks['a'])"),
    (WALKED, (X, X**2, {"a": WALK}, 3), {}, TypeError, "xlabel"),
    (WALKED, (X, X**2, {}), {}, ValueError, "got 0"),
    (WALKED, (X, X**2, dict.fromkeys("abcd", WALK)), {}, ValueError, "got 4"),
    (WALKED, (X, X[1:] ** 2, {"a": WALK}), {}, ValueError, "each of the 11 weights; got shape"),
    (WALKED, (X, X * np.nan, {"a": WALK}), {}, ValueError, "got NaN"),
    (WALKED, (X[::-1], X**2, {"a": WALK}), {}, ValueError, "should rise"),
    (WALKED, (X[:1], X[:1], {"a": WALK}), {}, ValueError, "got (1,)"),
    (WALKED, (X, X**2, {"a": WALK[:, 0]}), {}, ValueError, "got (3,)"),
    (WALKED, (X, X**2, {"a": WALK[:0]}), {}, ValueError, "got (0, 2)"),
    (WALKED, (X, X**2, {"a": WALK + 3}), {}, ValueError, "between -1 and 1; got 2.5"),
    (WALKED, (X, X**2, {"a": WALK * np.nan}), {}, ValueError, "got nan"),
    (LAND, (*PLANE, [WALK]), {}, TypeError, "got list"),
    (LAND, (*PLANE, {"a": WALK}, 3), {}, TypeError, "xlabel"),
    (LAND, (X, X, PLANE[2], {"a": WALK}), {}, ValueError, "got (6, 11)"),
    (LAND, (X, X[::2], PLANE[2].T, {"a": WALK}), {}, ValueError, "Use losses.T"),
    (LAND, (*PLANE, {}), {}, ValueError, "got 0"),
    (LAND, (*PLANE, {"a": WALK - [0, 2]}), {}, ValueError, "got -1.75"),
    (CHAINED, ([1, 2],), {}, TypeError, "got list"),
    (CHAINED, (CHAIN, 3), {}, TypeError, "got int"),
    (CHAINED, (CHAIN | {"x": "2"},), {}, TypeError, "values['x']"),
    (CHAINED, (SLOPES,), {}, ValueError, "x, w1, a, h, w2, y, target, loss; got w1"),
    (CHAINED, (CHAIN, {}), {}, ValueError, "got none"),
    (BOUNDARY, (PLACES.tolist(), *MOVED[1:]), {}, TypeError, "np.array(places)"),
    (BOUNDARY, (PLACES.T, *MOVED[1:]), {}, ValueError, "got (2, 5)"),
    (BOUNDARY, (PLACES, L, *MOVED[2:]), {}, ValueError, "labels"),
    (BOUNDARY, (*MOVED[:4], MOVED[4] > 0.5, *MOVED[5:]), {}, TypeError, "got bool"),
    (BOUNDARY, (*MOVED[:4], MOVED[4][0], *MOVED[5:]), {}, ValueError, "got (6, 11)"),
    (BOUNDARY, (*MOVED[:4], MOVED[4] * 2, *MOVED[5:]), {}, ValueError, "a sigmoid?"),
    (BOUNDARY, (*MOVED[:5], [1, 2], STEPS), {}, ValueError, "3 frames; got 2"),
    (BOUNDARY, (*MOVED[:6], STEPS[::-1]), {}, ValueError, "that rise"),
    (GRID, (IMAGES.tolist(),), {}, TypeError, "got a list. Use np.array(images)"),
    (GRID, (IMAGES.astype(int),), {}, TypeError, "got int64"),
    (GRID, (IMAGES[:0],), {}, ValueError, "got shape (0, 6, 4)"),
    (GRID, (IMAGES[0],), {}, ValueError, "images[np.newaxis]"),
    (GRID, (np.zeros((401, 2, 2)),), {}, ValueError, "at most 400"),
    (GRID, (IMAGES, ["a"]), {}, ValueError, "the 5 images; got 1"),
    (GRID, (IMAGES, "abcde"), {}, TypeError, "got str"),
    (GRID, (IMAGES, L / 2), {}, TypeError, "got float64"),
    (GRID, (IMAGES,), {"columns": 0}, ValueError, "at least 1; got 0"),
    (GRID, (IMAGES,), {"columns": 2.0}, TypeError, "got a float, 2.0"),
    (DIGIT, (IMAGES[0].tolist(),), {}, TypeError, "np.array(image)"),
    (DIGIT, (IMAGES,), {}, ValueError, "image[0]"),
    (DIGIT, (IMAGES[0, :0],), {}, ValueError, "not be empty"),
    (DIGIT, (COLOUR[0],), {}, ValueError, "image[..., 0]"),
    (DIGIT, (np.zeros((33, 5), np.uint8),), {}, ValueError, "image[:28, :28]"),
    (DIGIT, (IMAGES[0], 7), {}, TypeError, "got int"),
    (VALUES, (IMAGES.tolist(),), {}, TypeError, "np.array(images)"),
    (VALUES, (IMAGES / 255,), {}, TypeError, "got float64"),
    (VALUES, (IMAGES[:0],), {}, ValueError, "not be empty"),
    (VALUES, (IMAGES[0],), {}, ValueError, "got (6, 4)"),
    (CLASSES, (L.tolist(), NAMES), {}, TypeError, "np.array(labels)"),
    (CLASSES, (L.astype(float), NAMES), {}, TypeError, "labels.astype(int)"),
    (CLASSES, (L[:0], NAMES), {}, ValueError, "not be empty"),
    (CLASSES, (np.eye(3), NAMES), {}, ValueError, "argmax"),
    (CLASSES, (L, NAMES[:2]), {}, ValueError, "labels[2] should be an index into the 2 classes"),
    (CLASSES, (L, "abc"), {}, TypeError, "got a str"),
    (CLASSES, (L, [0, 1, 2]), {}, TypeError, "class_names[0]"),
    (CURVES, (X.tolist(), {"y": X}), {}, TypeError, "np.array(x)"),
    (CURVES, (X, {"y": X.tolist()}), {}, TypeError, "curves['y']"),
    (CURVES, (X, X), {}, TypeError, "got ndarray"),
    (CURVES, (X, {}), {}, ValueError, "got 0"),
    (CURVES, (X, dict.fromkeys("abcdefg", X)), {}, ValueError, "got 7"),
    (CURVES, (X, {1: X}), {}, TypeError, "got 1"),
    (CURVES, (X, {"y": X[1:]}), {}, ValueError, "the 11 values of x; got 10"),
    (CURVES, (X, {"y": X * np.nan}), {}, ValueError, "got NaN"),
    (CURVES, (X[::-1], {"y": X}), {}, ValueError, "np.sort"),
    (CURVES, (X[:1], {"y": X[:1]}), {}, ValueError, "got one value"),
    (CURVES, (X[:0], {"y": X[:0]}), {}, ValueError, "got (0,)"),
    (CURVES, (X > 0, {"y": X}), {}, TypeError, "got bool"),
    (CURVES, (X, {"y": X}, 3), {}, TypeError, "xlabel"),
    (NETWORK, (np.array([3, 2]),), {}, TypeError, "got ndarray"),
    (NETWORK, ([3],), {}, ValueError, "got 1"),
    (NETWORK, ([3, 9],), {}, ValueError, "at most 8 nodes each, to be countable; got 9"),
    (NETWORK, ([1] * 7,), {}, ValueError, "2 to 6 layers"),
    (NETWORK, ([3, 0],), {}, ValueError, "layer_sizes[1]"),
    (NETWORK, ([3, 2.0],), {}, TypeError, "layer_sizes[1]"),
    (NETWORK, ([3, 2], ["in"]), {}, ValueError, "2 strings; got 1"),
    (NETWORK, ([3, 2],), {"counted_layer": 0}, ValueError, "Layer 0 is the input"),
    (NETWORK, ([3, 2],), {"counted_layer": 2}, ValueError, "1 to 1"),
    (NETWORK, ([3, 2],), {"counted_layer": 1.0}, TypeError, "got a float"),
    (TRAINING, ([1.0, 0.5],), {}, TypeError, "got list"),
    (TRAINING, (None,), {}, TypeError, "history = model.fit"),
    (TRAINING, ({},), {}, ValueError, "got none"),
    (TRAINING, ({"accuracy": [1.0]},), {}, ValueError, "got accuracy"),
    (TRAINING, ({"loss": []},), {}, ValueError, "got shape (0,)"),
    (TRAINING, ({"loss": ["a"]},), {}, TypeError, "got ['a']"),
    (TRAINING, ({"loss": [[1.0]]},), {}, ValueError, "got shape (1, 1)"),
    (TRAINING, ({"loss": [2, 1], "val_loss": [1]},), {}, ValueError, "validation_freq=1"),
    (COMPARISON, (HISTORY,), {}, TypeError, "got one history"),
    (COMPARISON, ([HISTORY],), {}, TypeError, "got list"),
    (COMPARISON, ({},), {}, ValueError, "got 0"),
    (COMPARISON, (dict.fromkeys("abcdefghi", HISTORY),), {}, ValueError, "got 9"),
    (COMPARISON, ({1: HISTORY},), {}, TypeError, "got 1"),
    (COMPARISON, ({"a": [1.0]},), {}, TypeError, "history = model.fit"),
    (COMPARISON, ({"a": HISTORY}, 3), {}, TypeError, "got int"),
    (COMPARISON, ({"a": HISTORY}, "auc"), {}, ValueError, "got loss, val_loss and accuracy"),
    (COMPARISON, ({"a": {}},), {}, ValueError, "got none"),
    (COMPARISON, ({"a": {"loss": []}},), {}, ValueError, "got shape (0,)"),
    (COMPARISON, ({"a": {"loss": ["b"]}},), {}, TypeError, "got ['b']"),
    (
        COMPARISON,
        ({"a": {"loss": [2, 1], "val_loss": [1]}},),
        {},
        ValueError,
        "curves of 1 and 2 values",
    ),
    (COMPARED, ([VARIANTS],), {}, TypeError, "got list"),
    (COMPARED, ({},), {}, ValueError, "got 0"),
    (COMPARED, (dict.fromkeys("abcdefghijklm", VARIANTS["$a$"]),), {}, ValueError, "got 13"),
    (COMPARED, ({1: {"test": [1.0]}},), {}, TypeError, "got 1"),
    (COMPARED, ({"a": [1.0]},), {}, TypeError, "'validation': ..."),
    (COMPARED, (VARIANTS, 3), {}, TypeError, "got int"),
    (COMPARED, ({"a": {}},), {}, ValueError, "got none"),
    (COMPARED, ({"a": dict.fromkeys("xyz", [1.0])},), {}, ValueError, "got “x”, “y” and “z”"),
    (COMPARED, (VARIANTS | {"b": {"<b>": [0.5]}},), {}, ValueError, "Measure all variants alike"),
    (COMPARED, ({"a": {"test": ["b"]}},), {}, TypeError, "got ['b']"),
    (COMPARED, ({"a": {"test": 0.5}},), {}, ValueError, "got shape ()"),
    (COMPARED, ({"a": {"test": []}},), {}, ValueError, "got shape (0,)"),
    (COMPARED, ({"a": {"test": [np.nan]}},), {}, ValueError, "got NaN"),
    (GROWING, ([1, 2, 3], [SCORES]), {}, TypeError, "got list"),
    (GROWING, ([1, 2, 3], SCORES, 3), {}, TypeError, "xlabel"),
    (GROWING, ([1, 2, 3], SCORES, "x", 3), {}, TypeError, "metric"),
    (GROWING, (["a", 2, 3], SCORES), {}, TypeError, "sizes should be numbers"),
    (GROWING, ([1], {"a": [0.5]}), {}, ValueError, "at least two"),
    (GROWING, ([0, 2, 3], SCORES), {}, ValueError, "positive"),
    (GROWING, ([1, 3, 2], SCORES), {}, ValueError, "got 1, 3 and 2"),
    (GROWING, ([1, 2, np.inf], SCORES), {}, ValueError, "inf"),
    (GROWING, ([1, 2, 3], {}), {}, ValueError, "got 0"),
    (GROWING, ([1, 2, 3], dict.fromkeys("abc", [1, 2, 3])), {}, ValueError, "got 3"),
    (GROWING, ([1, 2, 3], {"a": [0.5, 0.6]}), {}, ValueError, "each of the 3 sizes; got 2"),
    (GROWING, ([1, 2, 3], {"a": ["b", 1, 2]}), {}, TypeError, "scores['a']"),
    (GROWING, ([1, 2, 3], {"a": [0.5, 0.6, np.nan]}), {}, ValueError, "got NaN"),
    (CONFUSION, (CONFUSIONS.tolist(), NAMES), {}, TypeError, "np.array(counts)"),
    (CONFUSION, (CONFUSIONS / 7, NAMES), {}, TypeError, "got float64"),
    (CONFUSION, (CONFUSIONS, NAMES[:2]), {}, ValueError, "the 2 classes; got shape (3, 3)"),
    (CONFUSION, (CONFUSIONS[:2], NAMES), {}, ValueError, "got shape (2, 3)"),
    (CONFUSION, (CONFUSIONS - 1, NAMES), {}, ValueError, "got -1"),
    (CONFUSION, (CONFUSIONS * 0, NAMES), {}, ValueError, "got zeros only"),
    (CONFUSION, (CONFUSIONS, "abc"), {}, TypeError, "got a str"),
    (CONFUSION, (CONFUSIONS, NAMES[:1]), {}, ValueError, "got 1"),
    (CONFUSION, (np.eye(21, dtype=int), ["a"] * 21), {}, ValueError, "2 to 20"),
    (CORRELATION, (ALIKE.tolist(), NAMES), {}, TypeError, "np.array(correlation)"),
    (CORRELATION, (np.eye(3, dtype=int), NAMES), {}, TypeError, "got int64"),
    (CORRELATION, (ALIKE[:2], NAMES), {}, ValueError, "got shape (2, 3)"),
    (CORRELATION, (ALIKE * np.nan, NAMES), {}, ValueError, "got NaN"),
    (CORRELATION, (ALIKE * 100, NAMES), {}, ValueError, "divide by 100"),
    (CORRELATION, (np.triu(ALIKE), NAMES), {}, ValueError, "symmetric"),
    (CORRELATION, (ALIKE, NAMES[:1]), {}, ValueError, "got 1"),
    (CORRELATION, (np.eye(21), ["a"] * 21), {}, ValueError, "2 to 20"),
    (SLIDING, (IMAGES[0].tolist(), np.eye(2)), {}, TypeError, "np.array(image)"),
    (SLIDING, (IMAGES[0], [[1]]), {}, TypeError, "np.array(kernel)"),
    (SLIDING, (IMAGES[0] > 0, np.eye(2)), {}, TypeError, "got bool"),
    (SLIDING, (COLOUR[0], np.eye(2)), {}, ValueError, "image[..., 0]"),
    (SLIDING, (IMAGES[0], np.full((2, 2), np.inf)), {}, ValueError, "kernel should hold finite"),
    (SLIDING, (IMAGES[0], np.eye(5)), {}, ValueError, "of (6, 4); got (5, 5)"),
    (SLIDING, (IMAGES[0], np.eye(2)), {"padding": -1}, ValueError, "got -1"),
    (SLIDING, (IMAGES[0], np.eye(2)), {"padding": 0.5}, TypeError, "got a float"),
    (SLIDING, (IMAGES[0], np.eye(2)), {"stride": 0}, ValueError, "got 0"),
    (SLIDING, (np.zeros((28, 28)), np.eye(3)), {}, ValueError, "got (28, 28) and (3, 3)"),
    (EFFECTS, (IMAGES[0].tolist(), {"a": np.eye(2)}), {}, TypeError, "np.array(image)"),
    (EFFECTS, (IMAGES[0], np.eye(2)), {}, TypeError, "got ndarray"),
    (EFFECTS, (IMAGES[0], {1: np.eye(2)}), {}, TypeError, "got 1"),
    (EFFECTS, (IMAGES[0], {"a": [[1]]}), {}, TypeError, "np.array(kernels['a'])"),
    (EFFECTS, (COLOUR[0], {"a": np.eye(2)}), {}, ValueError, "image.mean(axis=2)"),
    (EFFECTS, (IMAGES[0], {}), {}, ValueError, "got 0"),
    (EFFECTS, (IMAGES[0], {str(k): np.eye(2) for k in range(9)}), {}, ValueError, "got 9"),
    (EFFECTS, (IMAGES[0], {"a": np.eye(5)}), {}, ValueError, "of (6, 4); got (5, 5)"),
    (EFFECTS, (np.zeros((9, 9)), {"a": np.eye(6)}), {}, ValueError, "got (6, 6)"),
    (LEARNED, (IMAGES[0].tolist(), {0: EYE}, EYE), {}, TypeError, "np.array(image)"),
    (LEARNED, (COLOUR[0], {0: EYE}, EYE), {}, ValueError, "image.mean(axis=2)"),
    (LEARNED, (IMAGES[0], [EYE], EYE), {}, TypeError, "got list"),
    (LEARNED, (IMAGES[0], {}, EYE), {}, ValueError, "got none"),
    (LEARNED, (IMAGES[0], {"a": EYE}, EYE), {}, TypeError, "got a str, 'a'"),
    (LEARNED, (IMAGES[0], {-1: EYE}, EYE), {}, ValueError, "got [-1]"),
    (LEARNED, (IMAGES[0], {5: EYE, 0: EYE}, EYE), {}, ValueError, "got [5, 0]"),
    (LEARNED, (IMAGES[0], {0: np.eye(3)}, EYE), {}, ValueError, "(2, 2); got (3, 3)"),
    (LEARNED, (IMAGES[0], {0: [[1]]}, EYE), {}, TypeError, "np.array(kernels[0])"),
    (LEARNED, (IMAGES[0], {0: EYE}, np.eye(6)), {}, ValueError, "of (6, 4); got (6, 6)"),
    (TILES, (KERNELS[0],), {}, TypeError, "got ndarray"),
    (TILES, ({},), {}, ValueError, "got 0"),
    (TILES, (dict.fromkeys("abc", KERNELS[0]),), {}, ValueError, "got 3"),
    (TILES, ({1: KERNELS[0]},), {}, TypeError, "got 1"),
    (TILES, ({"a": KERNELS[0].tolist()},), {}, TypeError, "got a list"),
    (TILES, ({"a": KERNELS[0].astype(int)},), {}, TypeError, "got int64"),
    (TILES, ({"a": KERNELS},), {}, ValueError, "got (3, 5, 5, 3, 4)"),
    (TILES, ({"a": KERNELS[0] * np.nan},), {}, ValueError, "got NaN"),
    (TILES, ({"a": np.zeros((3, 3, 64, 8))},), {}, ValueError, "got 64. Choose"),
    (TILES, ({"a": np.zeros((9, 9, 3, 9999))},), {}, ValueError, "got 9999 tiles of 9 by 9"),
    (LEARNING, (COLOUR, KERNELS, SHOTS, SCORES, STEPS), {}, ValueError, "image[0]"),
    (
        LEARNING,
        (FIRST, KERNELS.tolist(), SHOTS, SCORES, STEPS),
        {},
        TypeError,
        "np.array(kernels)",
    ),
    (
        LEARNING,
        (FIRST, KERNELS[0], SHOTS, SCORES, STEPS),
        {},
        ValueError,
        "got (5, 5, 3, 4)",
    ),
    (LEARNING, (FIRST, KERNELS, SHOTS > 0, SCORES, STEPS), {}, TypeError, "got bool"),
    (
        LEARNING,
        (FIRST, KERNELS, SHOTS[1:], SCORES, STEPS),
        {},
        ValueError,
        "got shape (2, 6, 4, 4)",
    ),
    (
        LEARNING,
        (FIRST, KERNELS, SHOTS[..., 1:], SCORES, STEPS),
        {},
        ValueError,
        "the same layer",
    ),
    (LEARNING, (FIRST, KERNELS, SHOTS, [1.0], STEPS), {}, TypeError, "got list"),
    (LEARNING, (FIRST, KERNELS, SHOTS, {}, STEPS), {}, ValueError, "got 0"),
    (
        LEARNING,
        (FIRST, KERNELS, SHOTS, {1: [0.1, 0.2, 0.3]}, STEPS),
        {},
        TypeError,
        "got 1",
    ),
    (LEARNING, (FIRST, KERNELS, SHOTS, {"a": ["b"]}, STEPS), {}, TypeError, "got ['b']"),
    (
        LEARNING,
        (FIRST, KERNELS, SHOTS, {"a": [0.1, 0.2]}, STEPS),
        {},
        ValueError,
        "3 values",
    ),
    (
        LEARNING,
        (FIRST, KERNELS, SHOTS, {"a": [1, 2, 3]}, STEPS),
        {},
        ValueError,
        "got [1. 2. 3.]",
    ),
    (LEARNING, (FIRST, KERNELS, SHOTS, SCORES, STEPS[1:]), {}, ValueError, "got [ 5. 20.]"),
    (
        LEARNING,
        (FIRST, KERNELS, SHOTS, SCORES, STEPS[::-1]),
        {},
        ValueError,
        "got [20.  5.  0.]",
    ),
    (LEARNING, (FIRST, KERNELS, SHOTS, SCORES, "abc"), {}, TypeError, "got 'abc'"),
    (FEW, (IMAGES.tolist(), L, P, NAMES), {}, TypeError, "np.array(images)"),
    (FEW, (IMAGES, L, P[1:], NAMES), {}, ValueError, "the 5 images; got 4"),
    (FEW, (IMAGES, L, P[0], NAMES), {}, ValueError, "got (3,)"),
    (FEW, (IMAGES[[0] * 9], L[[0] * 9], P[[0] * 9], NAMES), {}, ValueError, "got 9"),
    (FEW, (IMAGES, L * 0, P, NAMES[:1]), {}, ValueError, "2 to 12"),
    (OPINIONS, (IMAGES, L, FILM.tolist(), NAMES, STEPS), {}, TypeError, "np.array(probabilities)"),
    (OPINIONS, (IMAGES, L, P, NAMES, STEPS), {}, ValueError, "figures.prediction_bars"),
    (LEARNING, (FIRST, KERNELS, SHOTS, SCORES, STEPS, [0, 1]), {}, ValueError, "images_seen"),
    (LEARNING, (*LEARNED_FROM, None), {"over": "images"}, ValueError, "as images_seen"),
    (LEARNING, LEARNED_FROM, {"over": "weeks"}, ValueError, "got 'weeks'"),
    (OPINIONS, (IMAGES, L, FILM, NAMES, STEPS), {"over": "days"}, ValueError, "got 'days'"),
    (LEADS, (FILM[..., 0].tolist(), FILM[..., 0] > 0, "abcde"), {}, TypeError, "np.array(leads)"),
    (LEADS, (FILM[..., 0], FILM[..., 0], list("abcde")), {}, TypeError, "got float64"),
    (LEADS, (FILM[0, :, 0], FILM[0, :, 0] > 0, list("abcde")), {}, ValueError, "got shape (5,)"),
    (LEADS, (FILM[..., 0], FILM[1:, :, 0] > 0, list("abcde")), {}, ValueError, "got (2, 5)"),
    (LEADS, (FILM[..., 0], FILM[..., 0] > 0, ["a"]), {}, ValueError, "5 strings; got 1"),
    (LEADS, (FILM[..., 0] * 9, FILM[..., 0] > 0, list("abcde")), {}, ValueError, "0 to 1; got"),
    (OPINIONS, (IMAGES, L, FILM[:, 1:], NAMES, STEPS), {}, ValueError, "the 5 images; got 4"),
    (OPINIONS, (IMAGES, L, FILM / 2, NAMES, STEPS), {}, ValueError, "a sum of 0.5 in row 0"),
    (OPINIONS, (IMAGES, L, FILM, NAMES, STEPS[1:]), {}, ValueError, "3 whole numbers"),
    (ORDER, (L, NAMES), {}, TypeError, "got ndarray"),
    (ORDER, ({}, NAMES), {}, ValueError, "got 0"),
    (ORDER, (dict.fromkeys("abcde", L), NAMES), {}, ValueError, "got 5"),
    (ORDER, ({1: L}, NAMES), {}, TypeError, "got 1"),
    (ORDER, ({"a": L.tolist()}, NAMES), {}, TypeError, "np.array(streams['a'])"),
    (ORDER, ({"a": L / 2}, NAMES), {}, TypeError, "got float64"),
    (ORDER, ({"a": L[:0]}, NAMES), {}, ValueError, "streams['a'] should not be empty"),
    (ORDER, ({"a": L + 1}, NAMES), {}, ValueError, "0 to 2; got 3"),
    (ORDER, ({"a": L}, "abc"), {}, TypeError, "got a str"),
    (PREFETCH, (2.0, 3), {}, TypeError, "got a float, 2.0"),
    (PREFETCH, (2, 0), {}, ValueError, "got 0"),
    (PREFETCH, (1, 1), {"batches": 10}, ValueError, "got 10"),
    (PREFETCH, (1, 1), {"ready": 0}, ValueError, "got 0"),
    (PREFETCH, (9, 9), {}, ValueError, "got 72"),
    (MAPPED, (MAPS.tolist(),), {}, TypeError, "np.array(maps)"),
    (MAPPED, (IMAGES,), {}, TypeError, "got uint8"),
    (MAPPED, (MAPS[0],), {}, ValueError, "maps[0]"),
    (MAPPED, (np.zeros((1, 1, 129)),), {}, ValueError, "got 129"),
    (MAPPED, (MAPS * np.nan,), {}, ValueError, "got NaN"),
    (MAPPED, (MAPS, "both"), {}, ValueError, "got 'both'"),
    (MAPPED, (MAPS,), {"columns": 0}, ValueError, "got 0"),
    (MAPPED, (MAPS,), {"title": 3}, TypeError, "got int"),
    (FRAMED, (COLOUR.tolist(), FRAMES), {}, TypeError, "np.array(images)"),
    (FRAMED, (COLOUR, FRAMES.tolist()), {}, TypeError, "np.array(frames)"),
    (FRAMED, (COLOUR, FRAMES / 2), {}, TypeError, "got float64"),
    (FRAMED, (COLOUR, FRAMES[1:]), {}, ValueError, "got shape (4, 4)"),
    (FRAMED, (COLOUR, FRAMES + 6), {}, ValueError, "got [5, 6, 9, 9] in frames[0]"),
    (FRAMED, (COLOUR, FRAMES, ["a"]), {}, ValueError, "got 1"),
    (FRAMED, (COLOUR, FRAMES, "abcde"), {}, TypeError, "got a str"),
    (HEATED, (COLOUR.tolist(), HEATS), {}, TypeError, "np.array(images)"),
    (HEATED, (COLOUR, HEATS["$a$"]), {}, TypeError, "got ndarray"),
    (HEATED, (COLOUR, {1: HEATS["$a$"]}), {}, TypeError, "got 1"),
    (HEATED, (COLOUR, {"a": IMAGES}), {}, TypeError, "got uint8"),
    (HEATED, (COLOUR, {}), {}, ValueError, "got 0"),
    (HEATED, (COLOUR, {"a": MAPS}), {}, ValueError, "features.enlarged"),
    (HEATED, (COLOUR, {"a": HEATS["$a$"] * np.inf}), {}, ValueError, "got NaN"),
    (HEATED, (COLOUR, HEATS, ["a"]), {}, ValueError, "got 1"),
    (HEATED, (np.zeros((25, 2, 2)), {}), {}, ValueError, "got 25"),
    (PREDICTIONS, (IMAGES.tolist(), L, P, NAMES), {}, TypeError, "np.array(images)"),
    (PREDICTIONS, (IMAGES, L.tolist(), P, NAMES), {}, TypeError, "np.array(labels)"),
    (PREDICTIONS, (IMAGES, L, P.tolist(), NAMES), {}, TypeError, "np.array(probabilities)"),
    (PREDICTIONS, (IMAGES, L * 1.0, P, NAMES), {}, TypeError, "labels.astype(int)"),
    (PREDICTIONS, (IMAGES[:0], L[:0], P[:0], NAMES), {}, ValueError, "not be empty"),
    (PREDICTIONS, (IMAGES[0], L, P, NAMES), {}, ValueError, "got (6, 4)"),
    (PREDICTIONS, (IMAGES, L[1:], P, NAMES), {}, ValueError, "the 5 images; got 4"),
    (PREDICTIONS, (IMAGES, L, P[1:], NAMES), {}, ValueError, "the 5 images; got 4"),
    (PREDICTIONS, (IMAGES, L + 1, P, NAMES), {}, ValueError, "0 to 2; got 3"),
    (PREDICTIONS, (IMAGES, L, P[:, :2], NAMES), {}, ValueError, "the 3 classes; got 2"),
    (PREDICTIONS, (IMAGES, L, P * 5 - 2, NAMES), {}, ValueError, "apply softmax first"),
    (PREDICTIONS, (IMAGES, L, P / 2, NAMES), {}, ValueError, "apply softmax first"),
    (PREDICTIONS, (IMAGES, L, P, NAMES), {"columns": -1}, ValueError, "got -1"),
    (PREDICTIONS, (IMAGES, L, P, NAMES), {"indices": [0]}, TypeError, "np.array(indices)"),
    (PREDICTIONS, (IMAGES, L, P, NAMES), {"indices": L > 0}, TypeError, "np.flatnonzero"),
    (PREDICTIONS, (IMAGES, L, P, NAMES), {"indices": L + 4}, ValueError, "0 to 4; got 6"),
    (PREDICTIONS, (IMAGES, L, P, NAMES), {"indices": L[:0]}, ValueError, "not be empty"),
    (BARS, (P[0].tolist(), NAMES), {}, TypeError, "np.array(probabilities)"),
    (BARS, (P, NAMES), {}, ValueError, "probabilities[0]"),
    (BARS, (P[0, :0], NAMES), {}, ValueError, "not be empty"),
    (BARS, (np.array([1, 0, 0]), NAMES), {}, TypeError, "got int64"),
    (BARS, (np.array([3.0, -1.0, 0.0]), NAMES), {}, ValueError, "-1 to 3. If these are scores"),
    (BARS, (P[0] / 2, NAMES), {}, ValueError, "a sum of 0.5"),
    (BARS, (P[0], NAMES[:2]), {}, ValueError, "the 2 classes; got 3"),
    (BARS, (P[0], NAMES), {"label": 3}, ValueError, "0 to 2; got 3"),
    (BARS, (P[0], NAMES), {"label": 1.0}, TypeError, "got a float"),
    (BARS, (P[0], NAMES), {"image": IMAGES}, ValueError, "image[0]"),
    (BARS, (P[0], NAMES), {"image": [[0]]}, TypeError, "np.array(image)"),
    (SCATTER, ([PLACES],), {}, TypeError, "got list"),
    (SCATTER, ({},), {}, ValueError, "got 0"),
    (SCATTER, (dict.fromkeys("abcde", (PLACES, None)),), {}, ValueError, "got 5"),
    (SCATTER, ({1: (PLACES, None)},), {}, TypeError, "got 1"),
    (SCATTER, ({"a": PLACES},), {}, TypeError, "(points, None)"),
    (SCATTER, ({"a": (PLACES.tolist(), None)},), {}, TypeError, "got a list"),
    (SCATTER, ({"a": (PLACES > 0, None)},), {}, TypeError, "got bool"),
    (SCATTER, ({"a": (PLACES[:, :1], None)},), {}, ValueError, "got (5, 1)"),
    (SCATTER, ({"a": (PLACES[:0], None)},), {}, ValueError, "got (0, 2)"),
    (SCATTER, ({"a": (PLACES * np.nan, None)},), {}, ValueError, "got NaN"),
    (SCATTER, ({"a": (PLACES, L[1:])}, NAMES), {}, ValueError, "got 4"),
    (SCATTER, ({"a": (PLACES, L)}, NAMES[:2]), {}, ValueError, "an index into the 2 classes"),
    (SCATTER, ({"a": (PLACES, L)}, "abc"), {}, TypeError, "got a str"),
    (SCATTER, ({"a": (PLACES, L)}, list("abcdefghijk")), {}, ValueError, "got 11"),
    (SCATTER, ({"a": (PLACES, None)},), {"same_axes": 1}, TypeError, "got 1"),
    (MOVING, (PLACES, L, NAMES, [1]), {}, TypeError, "embedding_list_"),
    (MOVING, ([PLACES], L, NAMES, [1]), {}, ValueError, "got 1"),
    (MOVING, ([PLACES, PLACES[1:]], L, NAMES, [1, 2]), {}, ValueError, "states[1] should have"),
    (MOVING, ([PLACES, PLACES * np.inf], L, NAMES, [1, 2]), {}, ValueError, "states[1] should"),
    (MOVING, ([PLACES] * 2, L / 2, NAMES, [1, 2]), {}, TypeError, "got float64"),
    (MOVING, ([PLACES] * 2, L, [], [1, 2]), {}, ValueError, "got none"),
    (MOVING, ([PLACES] * 2, L, NAMES, 2), {}, TypeError, "got int"),
    (MOVING, ([PLACES] * 2, L, NAMES, [1]), {}, ValueError, "the 2 states; got 1"),
    (MOVING, ([PLACES] * 2, L, NAMES, [2, 1]), {}, ValueError, "should rise"),
    (MOVING, ([PLACES] * 2, L, NAMES, [0, 1]), {}, ValueError, "epochs[0]"),
]


@pytest.mark.parametrize(("function", "args", "kwargs", "error", "part"), WRONG)
def test_wrong_input_is_answered_with_expected_got_and_mend(function, args, kwargs, error, part):
    with pytest.raises(error) as caught:
        function(*args, **kwargs)
    message = str(caught.value)
    assert part in message
    expected, got = message.split("; got ")
    assert " should " in expected
    assert ". " in got, f"no word on what to do in {message!r}"


def test_every_public_function_is_given_wrong_kinds_and_wrong_values():
    for error in (TypeError, ValueError):
        assert {row[0] for row in WRONG if row[3] is error} == PUBLIC
