"""A map has the hills of its losses and every stop of its paths, and words tell how these run."""

import numpy as np
import pytest

from course_utils.figures import loss_map

ACROSS, UP = np.linspace(-2, 2, 41), np.linspace(-1, 3, 21)
LOSSES = ACROSS**2 + 3 * (UP[:, np.newaxis] - 1) ** 2
STRAIGHT = np.linspace([-1.5, 2.5], [0, 1], 6)
CROOKED = np.array([[1.5, 2.5], [-1.5, 2], [1.5, 1.5], [0, 1.02]])


def test_each_path_has_a_panel_with_its_stops_and_start():
    axes = loss_map(ACROSS, UP, LOSSES, {"a": STRAIGHT, "b": CROOKED}).figure.axes
    assert [one.get_title(loc="left") for one in axes] == ["a", "b"]
    for one, stops in zip(axes, (STRAIGHT, CROOKED), strict=True):
        _, path, start = one.lines
        np.testing.assert_array_equal(path.get_xydata(), stops)
        np.testing.assert_array_equal(start.get_xydata(), stops[:1])
        assert start.get_marker() == "s"


def test_a_cross_marks_the_lowest_place_and_the_map_is_not_turned_round():
    [axes] = loss_map(ACROSS, UP, LOSSES, {"a": STRAIGHT}).figure.axes
    np.testing.assert_allclose(axes.lines[0].get_xydata(), [[0, 1]], atol=1e-9)
    assert axes.lines[0].get_marker() == "X"
    [shades] = axes.get_images()
    assert shades.origin == "lower"
    assert shades.get_extent() == [-2, 2, -1, 3]
    row, column = np.unravel_index(np.argmin(shades.get_array()), LOSSES.shape)
    assert (ACROSS[column], UP[row]) == pytest.approx((0, 1))


def test_the_darker_the_higher():
    [axes] = loss_map(ACROSS, UP, LOSSES, {"a": STRAIGHT}).figure.axes
    [shades] = axes.get_images()
    low, high = (sum(shades.cmap(shades.norm(value))[:3]) for value in shades.get_clim())
    assert low > high


def test_contour_lines_halve_in_height():
    [axes] = loss_map(ACROSS, UP, LOSSES, {"a": STRAIGHT}).figure.axes
    [lines] = [it for it in axes.collections if hasattr(it, "levels")]
    np.testing.assert_allclose(lines.levels[1:] / lines.levels[:-1], 2)


def test_a_flat_land_has_no_hills_and_is_drawn_all_the_same():
    with np.errstate(all="raise"):
        picture = loss_map(ACROSS, UP, np.zeros(LOSSES.shape), {"a": STRAIGHT})
    picture._repr_html_()


def test_alt_text_tells_where_paths_end_and_how_crooked_they_are():
    paths = {"a": STRAIGHT, "b": CROOKED, "c": STRAIGHT[:1]}
    assert loss_map(ACROSS, UP, LOSSES, paths).alt_text == (
        "Map of the loss over weight, from −2 to 2, and bias, from −1 to 3, with contour lines "
        "around the lowest place near weight 0, bias 1, and 3 paths: “a”, “b” and “c”. “a” ends "
        "at 0, 1 after 5 steps, close to the lowest place. “b” ends at 0, 1.02 after 3 steps, "
        "close to the lowest place, on a way 3.63 times as long as the straight one. “c” is only "
        "its start, −1.5, 2.5."
    )
