"""What the steps of a tf.data pipeline change: the order of images, and who waits for whom."""

import numpy as np

from ..arguments import label_vector, named, positive_integer, text_list
from .picture import Picture
from .style import (
    BAR,
    BAR_CHOSEN,
    EMPHASIS,
    INK,
    PAPER,
    QUIET,
    SMALL_SIZE,
    TEXT_SIZE,
    WIDTH,
    course_style,
    drawing_board,
    new_figure,
    points,
    shortened,
    text_width,
)
from .words import counted, quoted

BOARD = 560  # narrower than other figures: a telephone shrinks it less
MOST_STREAMS = 4
MOST_UNITS = 60
LANE = 28
LANE_GAP = 4
PANEL_HEAD = 34
PANEL_STEP = PANEL_HEAD + 2 * LANE + LANE_GAP + 24
AXIS = 46
LEFT = 76
RIGHT_MARGIN = 14


@course_style()
def label_order(streams, class_names):
    """Show in which order the images of one or more streams come, as a dot an image.

    Parameters
    ----------
    streams : dict of str to ndarray, shape (n,), any integer dtype
        Name of each stream and its labels in the order in which they come, values 0 to
        len(class_names) - 1; one to four streams. Not changed.
    class_names : list or tuple of str

    Returns
    -------
    Picture
        A panel a stream: from left to right the place in the stream, from top to bottom the
        classes. Within its class's row a dot's height means nothing.

    Raises
    ------
    TypeError
        If ``streams`` is no dict, a name no string, a stream no array of an integer dtype, or
        ``class_names`` no list of strings.
    ValueError
        If there are no or more than four streams, one is empty, or a label is no class index.
    """
    names = text_list(class_names)
    streams = _checked_streams(streams, len(names))
    figure = new_figure(WIDTH, 96 + 24 * len(names))
    panels = figure.subplots(ncols=len(streams), sharey=True, squeeze=False)[0]
    for axes, (title, labels) in zip(panels, streams.items(), strict=True):
        # Heights come from a generator of their own: the notebook's random numbers stay as due.
        spread = np.random.default_rng(0).uniform(-0.36, 0.36, size=len(labels))
        axes.plot(
            np.arange(1, len(labels) + 1),
            labels + spread,
            linestyle="",
            marker="o",
            markersize=points(2.2 if len(labels) > 300 else 5),
            markeredgewidth=0,
            color=BAR_CHOSEN,
        )
        width = (WIDTH - 90) / len(streams) - 10
        axes.set_title(shortened(title, width, TEXT_SIZE, "bold"), fontsize=points(TEXT_SIZE))
        axes.set(xlabel="place in the stream", xlim=(0, len(labels) + 1))
        axes.locator_params(axis="x", nbins=4, integer=True)
        axes.xaxis.set_major_formatter(lambda place, _: f"{place:,.0f}")
        axes.tick_params(axis="y", length=0)
    panels[0].set_yticks(np.arange(len(names)), names)
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    return Picture(figure, _order_words(streams, names))


@course_style()
def prefetch_timeline(prepare, learn, batches=4, ready=1):
    """Show when batches are prepared and when they are learned from, without and with prefetch.

    Parameters
    ----------
    prepare, learn : int, at least 1
        How many units of time it takes to prepare a batch, and to learn from it.
    batches : int, 1 to 9
    ready : int, at least 1
        How many batches ``prefetch`` may hold ready.

    Returns
    -------
    Picture
        Two timelines in the same units. Batches are numbered; where the network waits for one,
        it says so.

    Raises
    ------
    TypeError
        If an argument is no whole number.
    ValueError
        If one is less than 1, ``batches`` more than 9, or the time without prefetch more than 60
        units.
    """
    prepare, learn = positive_integer(prepare, "prepare"), positive_integer(learn, "learn")
    batches, ready = positive_integer(batches, "batches"), positive_integer(ready, "ready")
    if batches > 9:
        raise ValueError(
            f"batches should be at most 9, to be told apart; got {batches}. Four show it all."
        )
    if batches * (prepare + learn) > MOST_UNITS:
        raise ValueError(
            f"batches * (prepare + learn) should be at most {MOST_UNITS} units of time; got "
            f"{batches * (prepare + learn)}. Use smaller numbers of the same ratio."
        )
    plans = {
        "without prefetch": _taking_turns(prepare, learn, batches),
        f"with prefetch({ready})": _side_by_side(prepare, learn, batches, ready),
    }
    end = batches * (prepare + learn)
    figure, axes = drawing_board(BOARD, 2 * PANEL_STEP + AXIS)
    scale = (BOARD - LEFT - RIGHT_MARGIN) / end
    for place, (title, plan) in enumerate(plans.items()):
        _draw_plan(axes, place * PANEL_STEP, scale, title, plan, (prepare, learn))
    _draw_axis(axes, 2 * PANEL_STEP, scale, end)
    return Picture(figure, _step_words(prepare, learn, batches, ready, plans))


def _checked_streams(streams, classes):
    """The streams, or an error that names the one at fault."""
    named(streams, "streams", "name to labels", '{"as in the file": labels}', most=MOST_STREAMS)
    for name, labels in streams.items():
        label_vector(labels, classes=classes, name=f"streams[{name!r}]")
    return streams


def _order_words(streams, names):
    """What is seen of the order of labels."""
    words = [
        f"Dots that show the order of labels in {counted(len(streams), 'stream')}: "
        f"place in the stream against {counted(len(names), 'class', 'classes')}."
    ]
    for name, labels in streams.items():
        start = len(np.unique(labels[: -(-len(labels) // 10)]))
        present = len(np.unique(labels))
        if (labels[1:] >= labels[:-1]).all() and present > 1:
            how = "one class comes after the other, like a staircase"
        else:
            how = f"the first tenth holds {start} of the {counted(present, 'class', 'classes')}"
        words.append(f"{quoted(name)}: {how}.")
    return " ".join(words)


def _taking_turns(prepare, learn, batches):
    """When each batch is begun to be prepared, and to be learned from, one thing at a time."""
    starts = [batch * (prepare + learn) for batch in range(batches)]
    return [(start, start + prepare) for start in starts]


def _side_by_side(prepare, learn, batches, ready):
    """The same with a buffer: a batch is prepared as soon as there is room for it."""
    plan = []
    for batch in range(batches):
        begun = plan[-1][0] + prepare if plan else 0
        if batch >= ready:
            begun = max(begun, plan[batch - ready][1])
        free = plan[-1][1] + learn if plan else 0
        plan.append((begun, max(begun + prepare, free)))
    return plan


def _waits(plan, learn):
    """Start and end of every time in which the network has nothing to learn from."""
    free = [0, *(start + learn for _, start in plan)]
    return [
        (begin, start) for begin, (_, start) in zip(free[:-1], plan, strict=True) if start > begin
    ]


def _draw_plan(axes, top, scale, title, plan, durations):
    """Draw one timeline: a headline, a lane of preparing and one of learning."""
    prepare, learn = durations
    end, waited = plan[-1][1] + learn, _waited(plan, learn)
    axes.text(LEFT, top + 24, title, fontweight="bold", color=EMPHASIS)
    axes.text(
        LEFT + text_width(title, TEXT_SIZE, "bold") + 14,
        top + 24,
        f"{counted(end, 'unit')} of time, for {waited} of which the network waits",
        fontsize=points(SMALL_SIZE),
        color=QUIET,
    )
    lanes = top + PANEL_HEAD, top + PANEL_HEAD + LANE + LANE_GAP
    for lane, name in zip(lanes, ("prepare", "learn"), strict=True):
        axes.text(LEFT - 10, lane + LANE / 2, name, ha="right", va="center")
    for number, (begun, start) in enumerate(plan, start=1):
        _draw_bar(axes, lanes[0], (begun, begun + prepare), scale, BAR, INK, str(number))
        _draw_bar(axes, lanes[1], (start, start + learn), scale, BAR_CHOSEN, PAPER, str(number))
    for begin, start in _waits(plan, learn):
        _draw_wait(axes, lanes[1], (begin, start), scale)


def _draw_bar(axes, top, span, scale, colour, text_colour, text):
    """A bar of one batch with its number."""
    from matplotlib.patches import Rectangle

    begin, end = (LEFT + scale * time for time in span)
    axes.add_patch(
        Rectangle(
            (begin, top), end - begin, LANE, facecolor=colour, edgecolor=PAPER, linewidth=points(2)
        )
    )
    axes.text((begin + end) / 2, top + LANE / 2, text, ha="center", va="center", color=text_colour)


def _draw_wait(axes, top, span, scale):
    """A dashed frame where the network waits, with the word if there is room for it."""
    from matplotlib.patches import Rectangle

    begin, end = (LEFT + scale * time for time in span)
    axes.add_patch(
        Rectangle(
            (begin + 2, top + 2),
            end - begin - 4,
            LANE - 4,
            fill=False,
            edgecolor=QUIET,
            linewidth=points(1.2),
            linestyle=(0, (3, 2)),
        )
    )
    if text_width("waits", SMALL_SIZE) < end - begin - 4:
        axes.text(
            (begin + end) / 2,
            top + LANE / 2,
            "waits",
            ha="center",
            va="center",
            fontsize=points(SMALL_SIZE),
            color=QUIET,
        )


def _draw_axis(axes, top, scale, end):
    """The axis of time below both timelines."""
    axes.plot([LEFT, LEFT + scale * end], [top, top], color=QUIET, linewidth=points(1.2))
    step = next(step for step in (1, 2, 5, 10) if step * 12 >= end)
    for time in range(0, end + 1, step):
        place = LEFT + scale * time
        axes.plot([place, place], [top, top + 4], color=QUIET, linewidth=points(1.2))
        axes.text(place, top + 17, str(time), ha="center", fontsize=points(SMALL_SIZE))
    axes.text(
        LEFT + scale * end / 2, top + 37, "time, in units", ha="center", fontsize=points(SMALL_SIZE)
    )


def _waited(plan, learn):
    """For how many units the network waits in all."""
    return sum(start - begin for begin, start in _waits(plan, learn))


def _step_words(prepare, learn, batches, ready, plans):
    """What is seen in the timelines."""
    ends = [plan[-1][1] + learn for plan in plans.values()]
    waits = [_waited(plan, learn) for plan in plans.values()]
    return (
        f"Two timelines of {counted(batches, 'batch', 'batches')}; to prepare a batch takes "
        f"{prepare} and to learn from it {counted(learn, 'unit')} of time. "
        f"Without prefetch the two take turns: all is done after {ends[0]} units, and the network "
        f"waits for {waits[0]} of them. With up to {counted(ready, 'batch', 'batches')} ready, "
        f"the next one is prepared while the network learns: done after {ends[1]} units, with "
        f"{waits[1]} of waiting."
    )
