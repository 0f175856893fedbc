"""Where the parts of a network come from, and which of them learn."""

from course_utils.figures import transfer_plans

PLANS = {
    "from scratch": ("new", "new"),
    "freeze": ("frozen", "new"),
    "fine-tune": ("tuned", "tuned"),
}


def test_what_learns_has_a_thick_frame_and_what_is_frozen_is_hatched():
    axes = transfer_plans(PLANS).figure.axes[0]
    learns = [True, True, False, True, True, True]
    assert [box.get_hatch() is None for box in axes.patches[:6]] == learns
    thick = max(box.get_linewidth() for box in axes.patches[:6])
    assert [box.get_linewidth() == thick for box in axes.patches[:6]] == learns


def test_each_part_says_where_it_begins_and_whether_it_learns():
    axes = transfer_plans({"freeze": PLANS["freeze"]}).figure.axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert texts[:5] == ["body", "head", "freeze", "borrowed\nfrozen", "begins random\nlearns"]


def test_texts_fit_the_figure_and_do_not_touch(extents):
    figure = transfer_plans(PLANS | {"a way with a name far too long": ("new", "new")}).figure
    boxes = extents(figure, [it for it in figure.axes[0].texts if it.get_text()])
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 for box in boxes)
    for one, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[one + 1 :])


def test_words_tell_every_part():
    words = transfer_plans(PLANS).alt_text
    assert "“freeze”: the body is borrowed and is frozen, the head begins random" in words
    assert "“fine-tune”: the body is borrowed and learns on, the head is borrowed" in words
    assert "“from scratch”: the body begins random and learns," in words
