"""Two neurons in a row with every number on them: forwards, and, if asked for, backwards."""

from collections.abc import Mapping
from numbers import Real

from .picture import Picture
from .style import (
    EMPHASIS,
    INK,
    PAPER,
    QUIET,
    TITLE_SIZE,
    WIDTH,
    WRONG,
    course_style,
    drawing_board,
    points,
)
from .words import number

NODES = ("x", "a", "h", "y", "loss")
WEIGHTS = {"w1": ("x", "a"), "w2": ("h", "y")}
VALUES = ("x", "w1", "a", "h", "w2", "y", "target", "loss")
SLOPES = ("w1", "a", "h", "w2", "y")
WRITTEN = {"w1": "w₁", "w2": "w₂", "a": "a", "h": "h", "x": "x", "y": "y", "loss": "loss"}
DOES = {"a": "· w₁", "h": "ReLU", "y": "· w₂", "loss": "(y − t)²"}
SIZE = 17  # of text: on a phone the figure is half as wide
RADIUS = 37
STEP = (WIDTH - 2 * 52) / 4
TOP = 58  # of the weights' boxes, the numbers' circles, and the slopes' row
MIDDLE = 176
BACK = 284


@course_style()
def chain_rule(values, slopes=None):
    """Draw a chain of two neurons with one weight each, and the numbers that go through it.

    An input ``x`` is multiplied by ``w1``, cut off at zero (ReLU), multiplied by ``w2``, and
    compared with a target by the squared difference. The values stand in the circles; below them,
    with arrows that lead back, the slopes: how fast the loss grows with each of these numbers.

    Parameters
    ----------
    values : dict of str to number
        With the keys ``x``, ``w1``, ``a`` (= w1 · x), ``h`` (= ReLU of a), ``w2``, ``y``
        (= w2 · h), ``target`` and ``loss``. Not changed.
    slopes : dict of str to number, optional
        Of the loss, with the keys ``w1``, ``a``, ``h``, ``w2`` and ``y``. Without it only the way
        forwards is drawn. Not changed.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``values`` or ``slopes`` is no dict of numbers.
    ValueError
        If a key is missing or unknown.
    """
    _check(values, "values", VALUES)
    if slopes is not None:
        _check(slopes, "slopes", SLOPES)
    figure, axes = drawing_board(WIDTH, 370 if slopes else 252)
    places = {name: (52 + place * STEP, MIDDLE) for place, name in enumerate(NODES)}
    for before, after in zip(NODES[:-1], NODES[1:], strict=True):
        _draw_operation(axes, places[before], places[after], DOES[after])
    for weight, (_, after) in WEIGHTS.items():
        places[weight] = (places[after][0] - STEP / 2, TOP)
        _draw_weight(axes, places[weight], places[after])
    for name, place in places.items():
        _draw_number(axes, place, name, values[name], round_=name not in WEIGHTS)
    x, y = places["loss"]
    _write(axes, x, y + RADIUS + 18, f"t = {number(values['target'])}", QUIET)
    if slopes:
        _draw_way_back(axes, places, values, slopes)
    return Picture(figure, _words(values, slopes))


def _check(numbers, name, keys):
    """Refuse what is no dict with these keys and numbers as its values."""
    if not isinstance(numbers, Mapping):
        raise TypeError(
            f"{name} should be a dict from names to numbers; got {type(numbers).__name__}. "
            f'Write {{"{keys[0]}": 1.0, ...}}.'
        )
    if set(numbers) != set(keys):
        raise ValueError(
            f"{name} should have the keys {', '.join(keys)}; got "
            f"{', '.join(map(str, numbers)) or 'none'}. Give each of them, and no other."
        )
    for key in keys:
        if not isinstance(numbers[key], Real):
            raise TypeError(
                f"{name}[{key!r}] should be a number; got {type(numbers[key]).__name__}. "
                "Use float(...)."
            )


def _write(axes, x, y, text, colour=INK, **look):
    """Write a text with its middle at a place."""
    look = {"ha": "center", "va": "center", "fontsize": points(SIZE), "zorder": 4} | look
    axes.text(x, y, text, color=colour, **look)


def _arrow(axes, start, end, colour, dashes="-"):
    """Draw an arrow."""
    axes.annotate(
        "",
        xy=end,
        xytext=start,
        zorder=1,
        arrowprops={
            "arrowstyle": "-|>",
            "color": colour,
            "linewidth": points(2.2),
            "linestyle": dashes,
            "shrinkA": 0,
            "shrinkB": 0,
            "mutation_scale": points(22),
        },
    )


def _draw_operation(axes, start, end, text):
    """Draw the arrow forwards to a number, and what is done on the way."""
    _arrow(axes, (start[0] + RADIUS + 2, MIDDLE), (end[0] - RADIUS - 3, MIDDLE), INK)
    _write(axes, (start[0] + end[0]) / 2, MIDDLE - 17, text, fontsize=points(TITLE_SIZE))


def _draw_weight(axes, place, after):
    """Draw the line from a weight down to the arrow where it multiplies."""
    axes.plot(
        [place[0]] * 2, [place[1] + 30, MIDDLE - 30], color=EMPHASIS, linewidth=points(2), zorder=1
    )


def _draw_number(axes, place, name, value, round_):
    """Draw a value with its name: in a circle, or in a box for a weight."""
    from matplotlib.patches import Circle, FancyBboxPatch

    x, y = place
    if round_:
        shape = Circle(place, RADIUS, facecolor=PAPER, edgecolor=INK, linewidth=points(2), zorder=3)
        _write(axes, x, y - RADIUS - 15, WRITTEN[name], QUIET)
        _write(axes, x, y, number(value), weight="bold")
    else:
        shape = FancyBboxPatch(
            (x - 52, y - 22), 104, 44, boxstyle="round,pad=0,rounding_size=8", facecolor="#e8eef4",
            edgecolor=EMPHASIS, linewidth=points(2), zorder=3,
        )  # fmt: skip
        _write(axes, x, y, f"{WRITTEN[name]} = {number(value)}", EMPHASIS, weight="bold")
    axes.add_patch(shape)


def _draw_way_back(axes, places, values, slopes):
    """Draw the slopes from right to left, what each is multiplied by, and those of the weights."""
    passes = float(values["a"] > 0)
    gears = {"y": "2 (y − t)", "h": f"· {number(values['w2'])}", "a": f"· {number(passes)}"}
    for (name, gear), after in zip(gears.items(), ("loss", "y", "h"), strict=True):
        here, there = places[name][0], places[after][0]
        _arrow(axes, (there - 44, BACK), (here + 44, BACK), WRONG, (0, (4, 2)))
        _write(axes, (here + there) / 2, BACK - 18, gear, WRONG, fontsize=points(TITLE_SIZE))
        _write(axes, here, BACK, number(slopes[name]), WRONG, weight="bold")
    _write(axes, places["loss"][0], BACK, "start", WRONG)
    for weight, (before, after) in WEIGHTS.items():
        x, y = places[weight]
        _write(axes, x, y - 37, f"slope {number(slopes[weight])}", WRONG, weight="bold")
        product = f"{number(slopes[after])} · {number(values[before])} = {number(slopes[weight])}"
        _write(axes, x, BACK + 48, f"slope of {WRITTEN[weight]}:\n{product}", WRONG)


def _words(values, slopes):
    """What is seen, forwards and backwards."""
    v = {name: number(value) for name, value in values.items()}
    words = (
        f"Two neurons in a row. Forwards: the input {v['x']} times w₁ = {v['w1']} is a = {v['a']}; "
        f"ReLU makes h = {v['h']} of it; times w₂ = {v['w2']} this is y = {v['y']}; and the "
        f"squared difference from the target {v['target']} is a loss of {v['loss']}."
    )
    if slopes is None:
        return words
    s = {name: number(value) for name, value in slopes.items()}
    return (
        f"{words} Backwards, the slopes of the loss: {s['y']} for y, {s['w2']} for w₂ and "
        f"{s['h']} for h, {s['a']} for a, and {s['w1']} for w₁."
    )
