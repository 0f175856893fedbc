"""Walks are drawn stop by stop on the curve they belong to, and words say how they end."""

import numpy as np
import pytest

from course_utils.figures import loss_walks
from course_utils.figures.style import INK

WEIGHTS = np.linspace(-4, 4, 81)
LOSSES = WEIGHTS**2


def walk(factor, steps=5, start=2.0):
    """Stops on the parabola, each this many times as far from the middle as the one before."""
    weights = start * factor ** np.arange(steps + 1)
    return np.stack([weights, weights**2], axis=1)


WALKS = {"crawls": walk(0.95), "arrives": walk(0.1), "explodes": walk(-1.5)}


def panels(picture):
    return {axes.get_title(loc="left"): axes for axes in picture.figure.axes}


def test_every_panel_has_the_curve_the_walk_and_its_start():
    for title, axes in panels(loss_walks(WEIGHTS, LOSSES, WALKS)).items():
        curve, stops, start = axes.lines
        np.testing.assert_array_equal(curve.get_xydata(), np.stack([WEIGHTS, LOSSES], axis=1))
        np.testing.assert_array_equal(stops.get_xydata(), WALKS[title])
        np.testing.assert_array_equal(start.get_xydata(), WALKS[title][:1])
        assert stops.get_marker() == "o"
        assert (start.get_marker(), start.get_markeredgecolor()) == ("s", INK)


def test_all_panels_have_one_scale():
    axes = list(panels(loss_walks(WEIGHTS, LOSSES, WALKS)).values())
    assert len({one.get_xlim() for one in axes}) == len({one.get_ylim() for one in axes}) == 1


def test_only_a_walk_that_leaves_the_picture_has_a_note_and_it_names_the_step():
    notes = {
        title: [text.get_text() for text in axes.texts]
        for title, axes in panels(loss_walks(WEIGHTS, LOSSES, WALKS)).items()
    }
    outside = int(np.flatnonzero(np.abs(WALKS["explodes"][:, 0]) > 4)[0])
    assert notes == {
        "crawls": [],
        "arrives": [],
        "explodes": [f"step {outside} leads\nout of here"],
    }


@pytest.mark.parametrize("last", [np.nan, np.inf, 1e300])
def test_a_walk_that_is_thrown_to_the_end_of_the_numbers_is_cut_off(last):
    stops = np.concatenate([walk(-1.5, 2), [[last, last]]])
    picture = loss_walks(WEIGHTS, LOSSES, {"far": stops})
    [axes] = picture.figure.axes
    np.testing.assert_array_equal(axes.lines[1].get_xydata(), stops[:3])
    assert "the loss grows over 3 steps" in picture.alt_text
    picture._repr_html_()


def test_labels_are_written_once_up_and_below_each_panel():
    axes = loss_walks(WEIGHTS, LOSSES, WALKS, "w", "mistake").figure.axes
    assert [one.get_xlabel() for one in axes] == ["w"] * 3
    assert [one.get_ylabel() for one in axes] == ["mistake", "", ""]


def test_titles_and_notes_fit_into_their_panels(extents):
    picture = loss_walks(WEIGHTS, LOSSES, {f"{name} " * 9: WALKS[name] for name in WALKS})
    for axes in picture.figure.axes:
        edge = axes.get_tightbbox().x1
        for box in extents(picture.figure, [*axes.texts, axes._left_title]):
            assert box.x1 <= picture.figure.bbox.x1
            assert box.width < 1.2 * axes.get_window_extent().width
        assert edge <= picture.figure.bbox.x1


def test_alt_text_tells_how_each_walk_goes():
    assert loss_walks(WEIGHTS, LOSSES, WALKS).alt_text == (
        "Loss as a curve over weight, from −4 to 4, lowest near 0, with the stops of 3 walks. "
        "“crawls” starts at 2 with a loss of 4 and is at 1.55 with 2.39 after 5 steps. "
        "“arrives” starts at 2 with a loss of 4 and is at 2e−05 with 4e−10 after 5 steps. "
        "“explodes” starts at 2 with a loss of 4 and is thrown further away at each side: the loss "
        "grows over 5 steps."
    )


def test_a_walk_that_jumps_back_and_forth_is_told_from_one_that_does_not():
    words = loss_walks(WEIGHTS, LOSSES, {"back and forth": walk(-0.5), "down": walk(0.5)}).alt_text
    assert words.count("jumping over the lowest place") == 1
    assert "after 5 steps, jumping" in words.split("“down”")[0]
