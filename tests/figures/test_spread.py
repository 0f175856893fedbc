"""Means, ranges and names of curves that were measured several times."""

import numpy as np

from course_utils.figures import spread_curves

X = np.array([2, 5, 20])
RUNS = {
    "pixels": np.array([[0.4, 0.5, 0.6], [0.6, 0.7, 0.8], [0.9, 0.9, 0.9]]),
    "features": np.array([[0.6, 0.7], [0.7, 0.9], [0.8, 0.84]]),
}


def test_means_are_joined_and_ranges_are_drawn():
    axes = spread_curves(X, RUNS).figure.axes[0]
    curves = [line for line in axes.lines if len(line.get_xdata()) == 3][: len(RUNS)]
    for line, values in zip(curves, RUNS.values(), strict=True):
        np.testing.assert_allclose(line.get_ydata(), values.mean(axis=1))
        np.testing.assert_allclose(line.get_xdata() / X, line.get_xdata()[0] / X[0])
    for ranges, values in zip(axes.collections, RUNS.values(), strict=True):
        ends = np.array([segment[:, 1] for segment in ranges.get_segments()])
        np.testing.assert_allclose(ends, np.stack([values.min(axis=1), values.max(axis=1)], axis=1))


def test_equal_factors_are_equal_steps_and_only_the_places_are_named():
    axes = spread_curves(X, RUNS, "examples").figure.axes[0]
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2", "5", "20"]
    assert {line.get_marker() for line in axes.lines[:2]} == {"o", "s"}
    assert axes.lines[0].get_linestyle() != axes.lines[1].get_linestyle()


def test_names_stand_at_the_ends_and_fit(extents):
    figure = spread_curves(
        X, RUNS | {"a name that is much too long for its place": X[:, None]}
    ).figure
    texts = figure.axes[0].texts
    named = [text for text in texts if text.get_text()]
    boxes = extents(figure, named)
    assert all(box.x1 <= figure.bbox.x1 + 1 for box in boxes)
    for one, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[one + 1 :])


def test_words_tell_means_ranges_and_who_leads():
    words = spread_curves(X, RUNS, "examples", "accuracy", "Digits").alt_text
    assert words.startswith("Digits: line plot of accuracy against examples, 2, 5 and 20")
    assert "mean and range of 2 to 3 runs for “pixels” and “features”." in words
    assert "“pixels”: 0.5 (0.4 to 0.6), 0.7 (0.6 to 0.8) and 0.9 (0.9 to 0.9)." in words
    assert words.endswith("The highest mean is that of “features” at 2 and of “pixels” at 20.")
    alone = spread_curves(X, {"a": X[:, np.newaxis]}).alt_text
    assert "mean and range of 1 run for “a”" in alone
    assert "highest" not in alone
