"""Layers in a row, and the way round them."""

from course_utils.figures import residual_block

LAYERS = ["convolution", "ReLU", "convolution"]


def texts_of(picture):
    return [text.get_text() for text in picture.figure.axes[0].texts if text.get_text()]


def test_layers_stand_in_their_order_and_the_shortcut_ends_in_a_sum():
    texts = texts_of(residual_block(LAYERS))
    assert texts == ["x", *LAYERS, "+", "shortcut: x as it is", "x + F(x)"]
    assert texts_of(residual_block(LAYERS, shortcut=False)) == ["x", *LAYERS, "F(x)"]


def test_texts_fit_and_do_not_touch(extents):
    for layers in (["convolution"], ["batch normalisation and more"] * 5):
        figure = residual_block(layers).figure
        boxes = extents(figure, [it for it in figure.axes[0].texts if it.get_text()])
        assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 for box in boxes)
        assert all(box.y0 >= 0 and box.y1 <= figure.bbox.y1 for box in boxes)
        for one, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[one + 1 :])


def test_words_tell_the_layers_and_the_sum():
    words = residual_block(LAYERS).alt_text
    assert "x goes through “convolution”, “ReLU” and “convolution”, which answer F(x)." in words
    assert words.endswith("the answer of the whole is x plus F(x).")
    assert "there is no shortcut" in residual_block(LAYERS, shortcut=False).alt_text
