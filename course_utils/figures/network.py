"""Small dense networks as circles and lines, to count parameters by."""

from ..arguments import integer, positive_integer, text_list
from .picture import Picture
from .style import (
    EMPHASIS,
    FAINT,
    INK,
    PAPER,
    QUIET,
    SMALL_SIZE,
    TEXT_SIZE,
    WIDTH,
    course_style,
    drawing_board,
    points,
    shortened,
)
from .words import counted, listed

MOST_NODES = 8
MOST_LAYERS = 6
RADIUS = 19
NODE_STEP = 56
HEAD = 62
FOOT = 48
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@course_style()
def network_diagram(layer_sizes, layer_names=None, counted_layer=None):
    """Draw a small dense network, and count the parameters of one of its layers.

    Parameters
    ----------
    layer_sizes : list or tuple of int, two to six layers of 1 to 8 nodes
        Nodes of every layer, the inputs first: ``[3, 2, 2, 1]``.
    layer_names : list or tuple of str, optional
        A name for each layer; by default input, hidden 1, hidden 2, …, output.
    counted_layer : int, 1 to len(layer_sizes) - 1, optional
        The position of the layer whose incoming connections are drawn bold and whose weights and
        biases are added up below. The inputs, layer 0, have none.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``layer_sizes`` is no list of whole numbers, ``layer_names`` no list of strings, or
        ``counted_layer`` no whole number.
    ValueError
        If there are too few or too many layers or nodes, not one name a layer, or if no layer
        with parameters has the position ``counted_layer``.
    """
    sizes = _checked_sizes(layer_sizes)
    names = _default_names(len(sizes)) if layer_names is None else layer_names
    text_list(names, "layer_names", length=len(sizes))
    if counted_layer is not None:
        counted_layer = _checked_layer(counted_layer, len(sizes))
    figure, axes = drawing_board(
        WIDTH * min(1, 0.28 + 0.18 * len(sizes)),
        HEAD + max(sizes) * NODE_STEP + (8 if counted_layer is None else FOOT),
    )
    nodes = _node_places(sizes, axes.get_xlim()[1])
    _draw_connections(axes, nodes, counted_layer)
    _draw_nodes(axes, nodes, counted_layer)
    _write_names(axes, nodes, names)
    if counted_layer is not None:
        _write_count(axes, nodes, counted_layer)
    return Picture(figure, _network_words(sizes, names, counted_layer))


def _checked_sizes(layer_sizes):
    """The layer sizes as Python ints, or an error."""
    if not isinstance(layer_sizes, list | tuple):
        raise TypeError(
            "layer_sizes should be a list of whole numbers; "
            f"got {type(layer_sizes).__name__}. Write [3, 2, 2, 1]."
        )
    if not 2 <= len(layer_sizes) <= MOST_LAYERS:
        raise ValueError(
            f"layer_sizes should have 2 to {MOST_LAYERS} layers, the inputs first; "
            f"got {len(layer_sizes)}. Write [3, 2, 2, 1]."
        )
    sizes = [
        positive_integer(size, f"layer_sizes[{place}]") for place, size in enumerate(layer_sizes)
    ]
    if max(sizes) > MOST_NODES:
        raise ValueError(
            f"layer_sizes should be at most {MOST_NODES} nodes each, to be countable; "
            f"got {max(sizes)}. Draw a smaller network of the same kind."
        )
    return sizes


def _checked_layer(counted_layer, layers):
    """The position of the layer to count, or an error."""
    counted_layer = integer(counted_layer, "counted_layer")
    if not 1 <= counted_layer < layers:
        raise ValueError(
            f"counted_layer should be 1 to {layers - 1}, a layer with incoming connections; "
            f"got {counted_layer}. Layer 0 is the input."
        )
    return counted_layer


def _default_names(layers):
    """Input, hidden layers, output."""
    if layers == 3:
        return ["input", "hidden", "output"]
    return ["input", *(f"hidden {place}" for place in range(1, layers - 1)), "output"]


def _node_places(sizes, width):
    """For every layer the (x, y) of its nodes, the layers centred on one line."""
    middle = HEAD + max(sizes) * NODE_STEP / 2
    margin = 70
    step = (width - 2 * margin) / (len(sizes) - 1)
    return [
        [
            (margin + layer * step, middle + (node - (size - 1) / 2) * NODE_STEP)
            for node in range(size)
        ]
        for layer, size in enumerate(sizes)
    ]


def _draw_connections(axes, nodes, counted_layer):
    """Draw each node's connections to the layer before; the counted ones bold."""
    for layer in range(1, len(nodes)):
        bold = layer == counted_layer
        width = (3 if len(nodes[layer - 1]) * len(nodes[layer]) <= 16 else 2) if bold else 1.2
        for x_to, y_to in nodes[layer]:
            for x_from, y_from in nodes[layer - 1]:
                axes.plot(
                    [x_from, x_to],
                    [y_from, y_to],
                    color=EMPHASIS if bold else FAINT,
                    linewidth=points(width),
                    zorder=2 if bold else 1,
                )


def _draw_nodes(axes, nodes, counted_layer):
    """Draw the nodes: inputs as x, neurons with their bias b, faint where it is not counted."""
    from matplotlib.patches import Circle

    for layer, places in enumerate(nodes):
        bold = layer == counted_layer
        for node, place in enumerate(places):
            axes.add_patch(
                Circle(
                    place,
                    RADIUS,
                    facecolor=PAPER,
                    edgecolor=EMPHASIS if bold else QUIET,
                    linewidth=points(3 if bold else 1.4),
                    zorder=3,
                )
            )
            text = ("x" if layer == 0 else "+b") + str(node + 1).translate(SUBSCRIPTS)
            strong = bold or layer == 0
            axes.text(
                *place, text, ha="center", va="center", zorder=4, color=INK if strong else QUIET
            )


def _write_names(axes, nodes, names):
    """Write name and size of every layer above it."""
    room = nodes[1][0][0] - nodes[0][0][0] - 8
    for layer, (places, name) in enumerate(zip(nodes, names, strict=True)):
        axes.text(
            places[0][0],
            22,
            shortened(name, min(room, 136), TEXT_SIZE, "bold"),
            ha="center",
            weight="bold",
        )
        axes.text(
            places[0][0],
            40,
            _size_of(layer, len(places)),
            ha="center",
            fontsize=points(SMALL_SIZE),
            color=QUIET,
        )


def _size_of(layer, size):
    """How many inputs or neurons a layer has, in words."""
    return counted(size, "neuron" if layer else "input")


def _write_count(axes, nodes, counted_layer):
    """Write how many weights the bold connections are, and the sum with the biases below."""
    before, size = len(nodes[counted_layer - 1]), len(nodes[counted_layer])
    (x_before, y_before), (x, y) = nodes[counted_layer - 1][0], nodes[counted_layer][0]
    axes.text(
        (x_before + x) / 2,
        min(y_before, y) - 7,
        counted(before * size, "weight"),
        ha="center",
        fontsize=points(SMALL_SIZE),
        color=EMPHASIS,
    )
    width, bottom = axes.get_xlim()[1], axes.get_ylim()[0]
    axes.text(
        width / 2,
        bottom - 22,
        f"{before} · {size} weights + {counted(size, 'bias', 'biases')} = "
        f"{counted(before * size + size, 'parameter')}",
        ha="center",
        fontsize=points(TEXT_SIZE),
        weight="bold",
        color=EMPHASIS,
    )


def _network_words(sizes, names, counted_layer):
    """What is seen in a diagram of a network."""
    layers = [
        f"{name} with {_size_of(layer, size)}"
        for layer, (name, size) in enumerate(zip(names, sizes, strict=True))
    ]
    words = (
        f"Dense network: {listed(layers)}. "
        "Every neuron is connected to everything in the layer before."
    )
    if counted_layer is None:
        return words
    before, size = sizes[counted_layer - 1], sizes[counted_layer]
    return (
        f"{words} The connections into {names[counted_layer]} are bold: "
        f"{before} times {size} weights and {counted(size, 'bias', 'biases')} make "
        f"{counted(before * size + size, 'parameter')}."
    )
