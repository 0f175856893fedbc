"""Every run is drawn, the two sets are told apart without colour, and words tell who leads."""

import numpy as np
import pytest

from course_utils.figures import compare_variants

RESULTS = {
    "nothing": {"training": [0.80, 0.84, 0.82], "validation": [0.50, 0.53, 0.50]},
    "dropout": {"training": [0.60, 0.62, 0.61], "validation": [0.55, 0.57, 0.56]},
    "both": {"training": [0.58], "validation": [0.6]},
}


def dots_of(picture):
    """The runs' dots, by set of images, in the order of the variants."""
    [axes] = picture.figure.axes
    found = {}
    for line in axes.lines:
        if not line.get_label().startswith("_"):
            found.setdefault(line.get_label(), []).append(line)
    return found


def texts_of(picture):
    return [text for text in picture.figure.axes[0].texts if text.get_text()]


def test_every_run_is_a_dot_in_its_variant_s_row():
    dots = dots_of(compare_variants(RESULTS))
    assert list(dots) == ["training", "validation"]
    for name, lines in dots.items():
        for row, (line, runs) in enumerate(zip(lines, RESULTS.values(), strict=True)):
            np.testing.assert_array_equal(line.get_xdata(), runs[name])
            assert set(np.round(line.get_ydata())) == {row}


def test_rows_are_the_variants_from_top_to_bottom():
    [axes] = compare_variants(RESULTS).figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == list(RESULTS)
    bottom, top = axes.get_ylim()
    assert bottom > top


def test_range_and_mean_are_drawn_and_the_mean_is_written():
    picture = compare_variants(RESULTS)
    [axes] = picture.figure.axes
    ranges = [list(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2]
    assert [0.50, 0.53] in ranges
    means = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "|"]
    np.testing.assert_allclose(means, [0.82, 0.51, 0.61, 0.56])  # not of the single runs
    assert [text.get_text() for text in texts_of(picture)] == [
        "training  0.82", "validation  0.51", "0.61", "0.56", "0.58", "0.6"
    ]  # fmt: skip


def test_the_dotted_line_stands_at_the_first_variant_s_mean_and_is_explained():
    [axes] = compare_variants(RESULTS).figure.axes
    assert axes.lines[0].get_xdata()[0] == pytest.approx(0.51)
    assert axes.get_xlabel() == "accuracy (dotted: mean validation of “nothing”)"


def test_the_two_sets_differ_in_marker_and_filling_and_height():
    training, validation = (lines[0] for lines in dots_of(compare_variants(RESULTS)).values())
    assert training.get_marker() != validation.get_marker()
    assert training.get_markerfacecolor() != validation.get_markerfacecolor()
    assert training.get_ydata()[0] < validation.get_ydata()[0]  # above: the axis runs downwards


@pytest.mark.parametrize("count", [1, 7, 12])
def test_numbers_do_not_overlap_and_stay_on_the_figure(count, extents):
    results = {f"a variant with quite a long name, {k}": RESULTS["nothing"] for k in range(count)}
    picture = compare_variants(results)
    boxes = extents(picture.figure, texts_of(picture))
    assert len(boxes) == 2 * count
    for place, box in enumerate(boxes):
        assert box.x1 <= picture.figure.bbox.x1
        assert not any(box.overlaps(other) for other in boxes[:place])


def test_a_single_set_and_a_single_run_are_fine():
    picture = compare_variants({"a": {"test": [0.5]}, "b": {"test": np.array([0.7])}}, "recall")
    assert list(dots_of(picture)) == ["test"]
    assert picture.figure.axes[0].get_title(loc="left") == "Recall of a single run of each"
    several = compare_variants(RESULTS).figure.axes[0].get_title(loc="left")
    assert several == "Accuracy of every run, and their mean"
    assert picture.alt_text == (
        "Dot plot of recall in 1 run of 2 variants, for “test”. “a”: test 0.5. “b”: test 0.7. "
        "The mean of test is highest for “b” and lowest for “a”."
    )


def test_a_single_run_has_no_bar_that_looks_like_an_error():
    [axes] = compare_variants({"a": {"test": [0.5]}, "b": {"test": [0.7]}}).figure.axes
    drawn = [line for line in axes.lines if not line.get_label().startswith("_")]
    assert [line for line in axes.lines if line not in drawn] == [axes.lines[0]]  # the dotted one
    assert axes.get_xlabel() == "accuracy (dotted: test of “a”)"


def test_alt_text_tells_means_ranges_and_gaps():
    assert compare_variants(RESULTS).alt_text == (
        "Dot plot of accuracy in 1 to 3 runs of 3 variants, for “training” and “validation”. "
        "“nothing”: training 0.82 (0.8 to 0.84), validation 0.51 (0.5 to 0.53). "
        "“dropout”: training 0.61 (0.6 to 0.62), validation 0.56 (0.55 to 0.57). "
        "“both”: training 0.58, validation 0.6. "
        "The mean of validation is highest for “both” and lowest for “nothing”. "
        "Training and validation lie furthest apart for “nothing”, 0.31, and closest for “both”, "
        "0.02."
    )


def test_one_variant_is_compared_with_nothing():
    picture = compare_variants({"only": RESULTS["nothing"]})
    assert picture.alt_text.endswith("validation 0.51 (0.5 to 0.53).")
    assert picture.figure.axes[0].get_xlabel() == "accuracy"
