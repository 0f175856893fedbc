"""Ways to train a network that begins with layers of another one."""

from ..arguments import named
from .picture import Picture
from .style import (
    BAR,
    EMPHASIS,
    FAINT,
    INK,
    PAPER,
    QUIET,
    WIDTH,
    course_style,
    drawing_board,
    points,
    shortened,
)
from .words import counted, quoted

STATES = {
    "new": ("begins random", "learns"),
    "frozen": ("borrowed", "frozen"),
    "tuned": ("borrowed", "learns on"),
}
SIZE = 16  # of text: on a phone the figure is half as wide
ROW = 96
BOX = 66
LEFT = 168
GAP = 30
BODY, HEAD = 300, 166


@course_style()
def transfer_plans(plans):
    """Draw networks as a body and a head, each with where it comes from and whether it learns.

    Parameters
    ----------
    plans : dict of str to pair of {"new", "frozen", "tuned"}
        Name of each way to the states of its body and its head, one to six ways: ``"new"`` begins
        random and learns, ``"frozen"`` is borrowed and stays as it is, ``"tuned"`` is borrowed and
        learns on. Not changed.

    Returns
    -------
    Picture
        A row a way. What learns has a thick frame, what is frozen is hatched.

    Raises
    ------
    TypeError
        If ``plans`` is no dict of pairs, or a name no string.
    ValueError
        If there are no or more than six ways, or a state is unknown.
    """
    example = '{"fine-tune": ("tuned", "new")}'
    named(plans, "plans", "name to states of body and head", example, most=6)
    for name, states in plans.items():
        _check_states(name, states)
    figure, axes = drawing_board(WIDTH, 44 + ROW * len(plans))
    for left, width, part in ((LEFT, BODY, "body"), (LEFT + BODY + GAP, HEAD, "head")):
        axes.text(left + width / 2, 24, part, ha="center", weight="bold", fontsize=points(SIZE))
    for row, (name, states) in enumerate(plans.items()):
        middle = 44 + row * ROW + ROW / 2 - 8
        label = shortened(name, LEFT - 36, SIZE, "bold")
        axes.text(8, middle, label, va="center", weight="bold", fontsize=points(SIZE))
        _draw_part(axes, LEFT, BODY, middle, states[0])
        _draw_part(axes, LEFT + BODY + GAP, HEAD, middle, states[1])
        for start in (LEFT - GAP, LEFT + BODY, LEFT + BODY + GAP + HEAD):
            _draw_arrow(axes, start, middle)
    return Picture(figure, _plan_words(plans))


def _check_states(name, states):
    """Refuse anything but a pair of known states."""
    if not isinstance(states, tuple | list):
        raise TypeError(
            f"plans[{name!r}] should be a pair of states, of body and head; got "
            f'{type(states).__name__}. Write ("frozen", "new").'
        )
    if len(states) != 2 or not all(state in STATES for state in states):
        raise ValueError(
            f"plans[{name!r}] should be two of {', '.join(STATES)}; got {states!r}. "
            'Write ("frozen", "new").'
        )


def _draw_part(axes, left, width, middle, state):
    """A part of a network as a box: thick if it learns, hatched if it does not."""
    from matplotlib.patches import Rectangle

    learns = state != "frozen"
    place = (left, middle - BOX / 2)
    fill = {"new": PAPER, "tuned": "#dce7ef", "frozen": PAPER}[state]
    axes.add_patch(
        Rectangle(
            place,
            width,
            BOX,
            facecolor=fill,
            edgecolor=EMPHASIS if learns else BAR,
            linewidth=points(3.5 if learns else 1),
            hatch=None if learns else "///",
        )
    )
    begins, goes_on = STATES[state]
    axes.text(
        left + width / 2,
        middle,
        f"{begins}\n{goes_on}",
        ha="center",
        va="center",
        linespacing=1.35,
        fontsize=points(SIZE),
        color=INK,
        bbox={"facecolor": fill, "edgecolor": "none", "pad": 2},
    )


def _draw_arrow(axes, left, middle):
    """A short arrow between two parts."""
    arrow = {
        "arrowstyle": "-|>",
        "color": QUIET,
        "linewidth": points(2),
        "shrinkA": 3,
        "shrinkB": 3,
    }
    axes.annotate("", xy=(left + GAP, middle), xytext=(left, middle), arrowprops=arrow)
    axes.plot([left + 4, left + GAP - 8], [middle] * 2, color=FAINT, linewidth=points(0.5))


def _plan_words(plans):
    """What is seen of the ways."""
    words = [
        f"Diagram of {counted(len(plans), 'way')} to train a network, each a row in which an image "
        "goes through a body and then a head."
    ]
    for name, states in plans.items():
        parts = [
            f"the {part} {'is' if begins == 'borrowed' else ''} {begins} and {_does(goes_on)}"
            for part, (begins, goes_on) in zip(
                ("body", "head"), (STATES[state] for state in states), strict=True
            )
        ]
        words.append(f"{quoted(name)}: {', '.join(parts)}.".replace("  ", " "))
    return " ".join(words)


def _does(goes_on):
    """A state as a verb of a sentence."""
    return "is frozen" if goes_on == "frozen" else goes_on
