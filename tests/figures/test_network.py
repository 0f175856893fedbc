"""A diagram has the nodes and connections of its network, and counts them rightly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from course_utils.figures import network_diagram
from course_utils.figures.style import EMPHASIS


def texts_of(picture):
    return [text.get_text() for text in picture.figure.axes[0].texts]


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 8), min_size=2, max_size=6), st.data())
def test_circles_lines_and_the_sum_are_those_of_the_network(sizes, data):
    counted = data.draw(st.integers(1, len(sizes) - 1))
    picture = network_diagram(sizes, counted_layer=counted)
    [axes] = picture.figure.axes
    assert len(axes.patches) == sum(sizes)
    pairs = [one * other for one, other in zip(sizes, sizes[1:], strict=False)]
    assert len(axes.lines) == sum(pairs)

    widths = np.array([line.get_linewidth() for line in axes.lines])
    bold = widths > 1.3 * widths.min() if len(sizes) > 2 else widths == widths
    assert bold.sum() == pairs[counted - 1]
    emphasised = [to_hex(line.get_color()) == EMPHASIS for line in axes.lines]
    assert emphasised == bold.tolist()

    parameters = sizes[counted - 1] * sizes[counted] + sizes[counted]
    assert any(text.endswith(f"= {parameters} parameters") for text in texts_of(picture))
    assert picture.alt_text.endswith(f"make {parameters} parameters.")


def test_the_first_counted_layer_of_the_lesson():
    picture = network_diagram([3, 2, 2, 1], counted_layer=2)
    texts = texts_of(picture)
    assert "2 · 2 weights + 2 biases = 6 parameters" in texts
    assert "4 weights" in texts
    assert [text for text in texts if text[0] in "x+"] == [
        "x₁", "x₂", "x₃", "+b₁", "+b₂", "+b₁", "+b₂", "+b₁",
    ]  # fmt: skip
    assert picture.alt_text == (
        "Dense network: input with 3 inputs, hidden 1 with 2 neurons, hidden 2 with 2 neurons "
        "and output with 1 neuron. Every neuron is connected to everything in the layer "
        "before. The connections into hidden 2 are bold: 2 times 2 weights and 2 biases make "
        "6 parameters."
    )


def test_one_weight_and_one_bias_are_singular():
    texts = texts_of(network_diagram([1, 1], counted_layer=1))
    assert "1 weight" in texts
    assert "1 · 1 weights + 1 bias = 2 parameters" in texts


def test_without_a_counted_layer_nothing_is_bold_or_counted():
    picture = network_diagram([3, 2, 1])
    assert len({line.get_linewidth() for line in picture.figure.axes[0].lines}) == 1
    assert not any("parameter" in text for text in [*texts_of(picture), picture.alt_text])


@pytest.mark.parametrize(
    ("sizes", "names"),
    [
        ([2, 1], ["input", "output"]),
        ([2, 2, 1], ["input", "hidden", "output"]),
        ([2, 2, 2, 1], ["input", "hidden 1", "hidden 2", "output"]),
    ],
)
def test_names_by_default(sizes, names):
    texts = texts_of(network_diagram(sizes))
    assert [text for text in texts if text in names] == names


def test_names_given():
    texts = texts_of(network_diagram((2, 1), ("pixels", "scores")))
    assert {"pixels", "scores"} <= set(texts)


def test_every_line_joins_two_neighbouring_layers():
    [axes] = network_diagram([3, 2, 1]).figure.axes
    centres = {tuple(np.round(circle.center, 6)) for circle in axes.patches}
    columns = sorted({x for x, _ in centres})
    for line in axes.lines:
        start, end = np.round(line.get_xydata(), 6)
        assert {tuple(start), tuple(end)} <= centres
        assert columns.index(end[0]) - columns.index(start[0]) == 1
    assert len({tuple(line.get_xydata().ravel()) for line in axes.lines}) == 8
