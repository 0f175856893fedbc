"""Dots stand where their labels come; timelines are those that a buffer allows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from course_utils.figures import label_order, prefetch_timeline
from course_utils.figures.pipeline_steps import BOARD, LANE, LEFT, RIGHT_MARGIN
from course_utils.figures.style import BAR

NAMES = ["airplane", "bird", "cat"]
DURATIONS = {"prepare": st.integers(1, 4), "learn": st.integers(1, 4)}


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=30), min_size=1, max_size=4))
def test_every_label_is_a_dot_in_its_place_and_the_row_of_its_class(orders):
    streams = {f"stream {k}": np.array(order, dtype=np.uint8) for k, order in enumerate(orders)}
    panels = label_order(streams, NAMES).figure.axes
    assert [axes.get_title(loc="left") for axes in panels] == list(streams)
    for axes, labels in zip(panels, streams.values(), strict=True):
        [dots] = axes.lines
        places, heights = dots.get_data()
        assert places.tolist() == list(range(1, len(labels) + 1))
        np.testing.assert_array_equal(np.rint(heights), labels)
    assert [text.get_text() for text in panels[0].get_yticklabels()] == NAMES
    assert panels[0].get_ylim()[0] > panels[0].get_ylim()[1], "class 0 should be on top"


def test_dots_are_the_same_each_time_and_no_generator_of_the_notebook_is_used():
    np.random.seed(5)  # noqa: NPY002
    first = label_order({"a": np.arange(3)}, NAMES).figure.axes[0].lines[0].get_ydata()
    second = label_order({"a": np.arange(3)}, NAMES).figure.axes[0].lines[0].get_ydata()
    np.testing.assert_array_equal(first, second)
    drawn = np.random.random()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    assert drawn == np.random.random()  # noqa: NPY002


def test_words_tell_a_staircase_from_a_mixture():
    streams = {
        "sorted": np.repeat([0, 1, 2], 10),
        "turns": np.tile([0, 1, 2], 10),
        "one class": np.zeros(5, dtype=int),
    }
    assert label_order(streams, NAMES).alt_text == (
        "Dots that show the order of labels in 3 streams: place in the stream against 3 classes. "
        "“sorted”: one class comes after the other, like a staircase. "
        "“turns”: the first tenth holds 3 of the 3 classes. "
        "“one class”: the first tenth holds 1 of the 1 class."
    )


def in_units(picture, lane, end):
    """The bars of a lane as lists of begin and end, first without prefetch, then with."""
    scale = (BOARD - LEFT - RIGHT_MARGIN) / end
    timelines = {}
    for bar in picture.figure.axes[0].patches:
        prepares = to_hex(bar.get_facecolor()) == BAR
        if bar.get_fill() and prepares == (lane == "prepare"):
            begin = (bar.get_x() - LEFT) / scale
            span = round(begin, 6), round(begin + bar.get_width() / scale, 6)
            timelines.setdefault(bar.get_y(), []).append(span)
    return [timelines[top] for top in sorted(timelines)]


def simulated(prepare, learn, batches, ready):
    """Step through time unit by unit, as two workers with a shelf of so many batches would."""
    prepared, learned, shelf = [], [], 0
    busy_preparing = busy_learning = 0
    for time in range(200):
        if prepared and time == busy_preparing and len(prepared) > len(learned) + shelf:
            shelf += 1
        if time >= busy_learning and shelf and len(learned) < batches:
            shelf, busy_learning = shelf - 1, time + learn
            learned.append((time, time + learn))
        if time >= busy_preparing and shelf < ready and len(prepared) < batches:
            busy_preparing = time + prepare
            prepared.append((time, time + prepare))
    return prepared, learned


@settings(max_examples=15, deadline=None, derandomize=True)
@given(batches=st.integers(1, 5), ready=st.integers(1, 3), **DURATIONS)
def test_bars_are_those_of_two_workers_with_a_shelf(prepare, learn, batches, ready):
    picture = prefetch_timeline(prepare, learn, batches, ready)
    end = batches * (prepare + learn)
    turns, prefetched = zip(
        in_units(picture, "prepare", end), in_units(picture, "learn", end), strict=True
    )
    starts = [batch * (prepare + learn) for batch in range(batches)]
    assert turns[0] == [(start, start + prepare) for start in starts]
    assert turns[1] == [(start + prepare, start + prepare + learn) for start in starts]
    assert prefetched == simulated(prepare, learn, batches, ready)


def test_words_and_notes_count_the_waiting():
    picture = prefetch_timeline(2, 3)
    assert picture.alt_text == (
        "Two timelines of 4 batches; to prepare a batch takes 2 and to learn from it 3 units of "
        "time. Without prefetch the two take turns: all is done after 20 units, and the network "
        "waits for 8 of them. With up to 1 batch ready, the next one is prepared while the "
        "network learns: done after 14 units, with 2 of waiting."
    )
    texts = [text.get_text() for text in picture.figure.axes[0].texts]
    assert "20 units of time, for 8 of which the network waits" in texts
    assert "14 units of time, for 2 of which the network waits" in texts
    assert texts.count("waits") == 5


def test_where_preparing_is_slower_a_larger_buffer_does_not_help():
    small, large = prefetch_timeline(4, 2, ready=1), prefetch_timeline(4, 2, ready=3)
    assert in_units(small, "learn", 24) == in_units(large, "learn", 24)


@pytest.mark.parametrize("durations", [(2, 3), (1, 6), (9, 1)])
def test_texts_lie_on_the_board_and_lanes_do_not_overlap(durations, extents):
    picture = prefetch_timeline(*durations)
    [axes] = picture.figure.axes
    for box in extents(picture.figure, axes.texts):
        assert box.x0 >= 0
        assert box.x1 <= BOARD
    tops = sorted({bar.get_y() for bar in axes.patches if bar.get_fill()})
    assert all(later - earlier >= LANE for earlier, later in zip(tops, tops[1:], strict=False))
