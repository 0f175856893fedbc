"""Every number of the chain is written, backwards only if asked for, and within the figure."""

import numpy as np

from course_utils.figures import chain_rule

VALUES = {"x": 2, "w1": 1.5, "a": 3, "h": 3, "w2": -0.5, "y": -1.5, "target": 1, "loss": 6.25}
SLOPES = {"w1": 5, "a": 2.5, "h": 2.5, "w2": -15, "y": -5}


def texts_of(picture):
    return [text.get_text() for text in picture.figure.axes[0].texts if text.get_text()]


def test_forwards_there_are_all_values_and_no_slope():
    texts = texts_of(chain_rule(VALUES))
    for text in ("2", "w₁ = 1.5", "3", "w₂ = −0.5", "−1.5", "6.25", "t = 1", "ReLU"):
        assert text in texts
    assert texts.count("3") == 2
    assert not any("slope" in text for text in texts)


def test_backwards_every_slope_stands_there_with_what_it_was_multiplied_by():
    texts = texts_of(chain_rule(VALUES, SLOPES))
    for text in ("slope 5", "slope −15", "−5", "2 (y − t)", "· −0.5", "· 1"):
        assert text in texts
    assert texts.count("2.5") == 2
    assert "slope of w₁:\n2.5 · 2 = 5" in texts
    assert "slope of w₂:\n−5 · 3 = −15" in texts


def test_behind_zero_relu_passes_nothing_back():
    values = VALUES | {"x": -2, "a": -3, "h": 0, "y": 0, "loss": 1}
    texts = texts_of(chain_rule(values, dict.fromkeys(SLOPES, 0)))
    assert "· 0" in texts


def test_no_text_leaves_the_figure_or_covers_another(extents):
    for given in ((VALUES,), (VALUES, SLOPES)):
        picture = chain_rule(*given)
        texts = [text for text in picture.figure.axes[0].texts if text.get_text()]
        boxes = extents(picture.figure, texts)
        frame = picture.figure.bbox
        for place, box in enumerate(boxes):
            assert frame.x0 <= box.x0 and box.x1 <= frame.x1
            assert frame.y0 <= box.y0 and box.y1 <= frame.y1
            assert not any(box.overlaps(other) for other in boxes[place + 1 :])


def test_alt_text_reads_forwards_and_then_backwards():
    forwards = (
        "Two neurons in a row. Forwards: the input 2 times w₁ = 1.5 is a = 3; ReLU makes h = 3 of "
        "it; times w₂ = −0.5 this is y = −1.5; and the squared difference from the target 1 is a "
        "loss of 6.25."
    )
    assert chain_rule(VALUES).alt_text == forwards
    assert chain_rule(VALUES, SLOPES).alt_text == (
        f"{forwards} Backwards, the slopes of the loss: −5 for y, −15 for w₂ and 2.5 for h, 2.5 "
        "for a, and 5 for w₁."
    )


def test_numbers_of_numpy_are_numbers():
    given = {name: np.float32(value) for name, value in VALUES.items()}
    assert chain_rule(given).alt_text == chain_rule(VALUES).alt_text
