"""Every image is a dot at its place, names stand at medians and apart, and words tell the trend."""

import re

import numpy as np
import pytest
from PIL import Image

from course_utils.figures import map_animation, scatter_maps
from course_utils.figures.maps import LOOKS
from course_utils.figures.style import PIXELS_PER_INCH

PHONE = 366  # pixels of the page that a figure gets on a telephone

generator = np.random.default_rng(9)
NAMES = ["cat", "dog", "frog"]
LABELS = np.array([0, 1, 2, 1, 1, 0, 2, 2, 0])
PLACES = generator.normal(size=(9, 2)) + 6 * np.eye(3)[LABELS][:, :2]
STATES = [PLACES * share for share in (0.2, 0.5, 0.8, 1.0)]


def dots_of(axes):
    """The places drawn in a panel, one array for each class that occurs."""
    return [np.asarray(dots.get_offsets()) for dots in axes.collections]


def names_of(axes):
    """The names that are seen in a panel."""
    return [text for text in axes.texts if text.get_visible()]


def test_every_dot_is_where_the_map_says():
    [axes] = scatter_maps({"a": (PLACES, LABELS)}, NAMES).figure.axes
    for label, drawn in enumerate(dots_of(axes)):
        np.testing.assert_array_equal(drawn, PLACES[label == LABELS])


def test_dots_without_classes_are_all_drawn_and_nothing_is_named():
    [axes] = scatter_maps({"noise": (PLACES, None)}).figure.axes
    [drawn] = dots_of(axes)
    np.testing.assert_array_equal(drawn, PLACES)
    assert not axes.texts


def test_names_stand_at_the_medians_of_their_dots():
    [axes] = scatter_maps({"a": (PLACES, LABELS)}, NAMES).figure.axes
    for label, text in enumerate(names_of(axes)):
        assert text.get_text() == NAMES[label]
        expected = np.median(PLACES[label == LABELS], axis=0)
        np.testing.assert_allclose(text.get_position(), expected)


def test_names_have_a_white_outline():
    [axes] = scatter_maps({"a": (PLACES, LABELS)}, NAMES).figure.axes
    for text in names_of(axes):
        [outline] = text.get_path_effects()
        assert outline._gc["foreground"] == "#ffffff"


@pytest.mark.parametrize("panels", [1, 2, 3, 4])
def test_names_can_be_read_on_a_phone(panels):
    picture = scatter_maps({f"map {k}": (PLACES, LABELS) for k in range(panels)}, NAMES)
    width = picture.figure.get_figwidth() * PIXELS_PER_INCH
    for axes in picture.figure.axes:
        for text in [axes.title, *names_of(axes)]:
            pixels = text.get_fontsize() * PIXELS_PER_INCH / 72
            assert pixels * PHONE / width >= 7


@pytest.mark.parametrize("panels", [1, 2, 3, 4])
def test_names_that_would_cover_each_other_are_moved_apart(panels, extents):
    same = np.tile(generator.normal(scale=0.1, size=(10, 2)), (3, 1))
    same[:2] = [[-5, -5], [5, 5]]
    labels = np.tile(np.arange(10), 3)
    names = ["T-shirt/top", "Trouser", *("Pullover",) * 8]
    picture = scatter_maps({f"map {k}": (same, labels) for k in range(panels)}, names)
    assert len(picture.figure.axes) == panels
    for axes in picture.figure.axes:
        boxes = extents(picture.figure, names_of(axes))
        assert len(boxes) == 10
        for place, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:place])
            assert axes.bbox.x0 <= box.x0 <= box.x1 <= axes.bbox.x1
            assert axes.bbox.y0 <= box.y0 <= box.y1 <= axes.bbox.y1


def test_a_class_without_dots_is_not_named():
    some = LABELS != 1
    [axes] = scatter_maps({"a": (PLACES[some], LABELS[some])}, NAMES).figure.axes
    assert [text.get_text() for text in names_of(axes)] == ["cat", "frog"]


def test_classes_differ_in_shape_as_well_as_in_colour():
    assert len({colour for colour, _ in LOOKS}) == len({shape for _, shape in LOOKS}) == 10
    [axes] = scatter_maps({"a": (PLACES, LABELS)}, NAMES).figure.axes
    shapes = [dots.get_paths()[0].vertices.tobytes() for dots in axes.collections]
    assert len(set(shapes)) == 3


def test_panels_share_their_axes_only_if_asked_to():
    maps = {"a": (PLACES, LABELS), "b": (9 * PLACES + 3, LABELS)}
    apart = scatter_maps(maps, NAMES).figure.axes
    together = scatter_maps(maps, NAMES, same_axes=True).figure.axes
    assert apart[0].get_xlim() != apart[1].get_xlim()
    assert together[0].get_xlim() == together[1].get_xlim()
    assert together[0].get_ylim() == together[1].get_ylim()


def test_one_unit_is_as_long_across_as_up_and_there_are_no_numbers():
    flat = PLACES * [100, 1]
    [axes] = scatter_maps({"a": (flat, LABELS)}, NAMES).figure.axes
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    assert right - left == pytest.approx(top - bottom)
    assert axes.get_box_aspect() == 1
    assert not len(axes.get_xticks())
    assert not len(axes.get_yticks())


def test_words_tell_how_well_classes_are_apart():
    dots = np.array([[0.0, 0], [0, 2], [9, 0], [9, 2], [0, 1], [9, 9]])
    labels = np.array([0, 0, 1, 1, 1, 2])
    assert scatter_maps({"a": (dots, labels), "b": (dots, None)}, NAMES).alt_text == (
        "2 scatter maps in 3 classes, a dot for each image. “a”: 6 dots, of which 83 % are nearer "
        "to the name of their own class than to any other; the names closest to each other are "
        "“dog” and “frog”. “b”: 6 dots without classes; half of them have another "
        "within 17 % of the map's width."
    )


def test_words_tell_clusters_from_a_cloud():
    cloud = generator.random((200, 2))
    clusters = np.repeat(generator.random((20, 2)), 10, axis=0) + 1e-3 * cloud
    words = scatter_maps({"a": (cloud, None), "b": (clusters, None)}).alt_text
    shares = re.findall(r"within (?:< )?([\d.]+) % of the map's width", words)
    assert float(shares[0]) > 10 * float(shares[1])


def test_dots_that_are_all_at_one_place_are_no_map_to_measure():
    words = scatter_maps({"a": (np.ones((3, 2)), None)}).alt_text
    assert words.endswith("“a”: 3 dots without classes, all at one place.")


def test_every_frame_shows_its_state_where_it_is():
    made = map_animation(STATES, LABELS, NAMES, epochs=[1, 2, 4, 8])
    assert len(made.frames) == 4
    assert made.rest > 0
    assert made.captions == [f"epoch {k} of 8" for k in (1, 2, 4, 8)]
    # What is drawn in a frame is what a panel with the same borders shows: dots move outwards.
    inked = [np.argwhere(frame[60:].min(axis=2) < 160) for frame in made.frames]
    reach = [np.ptp(places, axis=0).max() for places in inked]
    assert reach == sorted(reach)
    assert reach[-1] > 2 * reach[0]


def test_a_film_as_long_as_the_lesson_s_is_small_in_both_formats(tmp_path):
    frames, dots = 64, 1500  # every second one of 128 epochs
    # Scattered all over the map and moving at random, as files of pictures like it least.
    states = [generator.random((dots, 2)) for _ in range(frames)]
    labels = np.arange(dots) % 10
    names = ["T-shirt/top", "Ankle boot", *(f"class {k}" for k in range(2, 10))]
    made = map_animation(states, labels, names, epochs=range(2, 129, 2))

    for ending in ("gif", "html", "png"):
        made.save(tmp_path / f"film.{ending}")
        size = (tmp_path / f"film.{ending}").stat().st_size
        assert 10_000 < size < 5_000_000, f"{ending}: {size:,} bytes"
    with Image.open(tmp_path / "film.gif") as gif:
        assert gif.n_frames == frames
        assert gif.info["comment"].decode() == made.alt_text
    page = (tmp_path / "film.html").read_text(encoding="utf-8")
    assert f'alt="{made.alt_text}"' in page
    assert page.count("epoch ") >= frames
    with Image.open(tmp_path / "film.png") as still:
        np.testing.assert_array_equal(still, made.frames[0])
        assert still.text["Description"] == made.alt_text


def test_frames_hold_the_arrays_that_were_handed_in(monkeypatch):
    from course_utils.figures import maps

    drawn = []

    def record(figure, update, count, alt_text, **options):
        [axes] = figure.axes
        for number in range(count):
            update(number)
            places = [text.get_position() for text in names_of(axes)]
            drawn.append((dots_of(axes), places, axes.get_title(loc="left"), axes.get_xlim()))

    monkeypatch.setattr(maps.Animation, "record", record)
    map_animation(np.stack(STATES), LABELS, NAMES, epochs=range(2, 9, 2))
    assert len(drawn) == len(STATES)
    for (dots, places, title, limits), state, epoch in zip(
        drawn, STATES, (2, 4, 6, 8), strict=True
    ):
        for label in range(3):
            np.testing.assert_array_equal(dots[label], state[label == LABELS])
        assert title == f"Epoch {epoch} of 8"
        assert limits == drawn[0][3]
        assert len(places) == 3
    medians = [np.median(PLACES[label == LABELS], axis=0) for label in range(3)]
    np.testing.assert_allclose(drawn[-1][1], medians)


def test_words_of_the_animation_tell_beginning_and_end():
    far = np.array([[0.0, 0], [1, 0], [9, 0], [8, 0]])
    near = np.array([[0.0, 0], [9, 0], [8, 0], [1, 1]])
    words = map_animation([near, far], np.array([0, 0, 1, 1]), ["a", "b"], epochs=[1, 9]).alt_text
    assert words == (
        "Animation of a scatter map of 4 images in 2 classes from epoch 1 to 9. Dots move from "
        "frame to frame, each name with its class: nearest to the name of their own class are "
        "75 % of the dots at the beginning and 100 % at the end; the names closest to each other "
        "are “a” and “b”."
    )
