"""An animation holds what was drawn, moves as it was told to, and carries its words everywhere."""

import io
import json
import re
from base64 import b64decode
from html.parser import HTMLParser

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from course_utils.figures import Animation, animation, style

generator = np.random.default_rng(8)
FRAMES = generator.integers(0, 256, size=(4, 6, 10, 3), dtype=np.uint8)
WORDS = 'Four frames of noise, a < b & "c".'


def data_of(html):
    """What the player's script was given."""
    return json.loads(re.search(r"^const data = (.*);$", html, re.MULTILINE)[1])


def decoded(text):
    """Pixels of a picture in Base64."""
    with Image.open(io.BytesIO(b64decode(text))) as image:
        return np.asarray(image.convert("RGB"))


class Tags(HTMLParser):
    """Keeps the tags that it reads, and checks that they are closed."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("img", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_every_frame_is_what_was_drawn_then():
    figure, axes = style.drawing_board(20, 10)
    shown = axes.imshow(
        np.zeros((1, 2)), aspect="auto", vmin=0, vmax=1, cmap="gray", extent=(0, 20, 10, 0)
    )
    values = np.array([[0, 1], [1, 0], [1, 1]])
    seen = []

    def update(number):
        seen.append(number)
        shown.set_data(values[[number]])

    made = Animation.record(figure, update, 3, "Two fields.", density=1)
    assert seen == [0, 1, 2]
    assert made.frames.shape == (3, 10, 20, 3)
    np.testing.assert_array_equal(made.frames[:, 5, [5, 15], 0], 255 * values)


def test_frames_are_drawn_twice_as_fine_as_the_page():
    figure, _ = style.drawing_board(20, 10)
    made = Animation.record(figure, lambda number: None, 1, "Nothing.")
    assert made.frames.shape == (1, 20, 40, 3)
    assert 'width="20"' in made._repr_html_()


def test_recording_leaves_the_settings_and_the_place_of_things():
    settings = dict(mpl.rcParams)
    figure = style.new_figure(200, 100)
    axes = figure.add_subplot()
    axes.set(xlim=(0, 1), ylim=(0, 1))

    places = []

    def update(number):
        axes.set_ylabel("label\n" * number)
        places.append(axes.get_position().bounds)

    Animation.record(figure, update, 3, "An empty panel.")
    assert places[1] == places[2]
    assert dict(mpl.rcParams) == settings


def test_frames_are_read_only_but_the_caller_s_array_is_not():
    given = FRAMES.copy()
    made = Animation(given, WORDS)
    with pytest.raises(ValueError, match="read-only"):
        made.frames[0] = 0
    given[0] = 0
    with pytest.raises(AttributeError):
        made.rest = 2


def test_the_player_holds_every_frame_exactly_and_one_image_with_the_words():
    made = Animation(FRAMES, WORDS, captions=("a", "b", "</script>", "d"), density=2, still=1)
    html = made._repr_html_()
    data = data_of(html)
    np.testing.assert_array_equal([decoded(text) for text in data["frames"]], FRAMES)
    assert data["captions"] == ["a", "b", "</script>", "d"]
    tags = Tags(html)
    assert tags.open == []
    [still] = [attributes for tag, attributes in tags.tags if tag == "img"]
    assert still["alt"] == WORDS
    assert still["width"] == "5"
    np.testing.assert_array_equal(decoded(still["src"].partition("base64,")[2]), FRAMES[1])
    assert "let shown = 0;" in html and "show(shown);" in html  # opens on its first frame
    assert sum(tag == "script" for tag, _ in tags.tags) == 1
    assert sum(tag == "button" for tag, _ in tags.tags) == 3
    assert "http" not in html


def test_the_player_is_hidden_where_scripts_do_not_run():
    tags = Tags(Animation(FRAMES, WORDS)._repr_html_()).tags
    [controls] = [attributes for tag, attributes in tags if "hidden" in attributes]
    assert [tag for tag, _ in tags[:4]] == ["div", "img", "p", "div"]
    assert tags[3][1] == controls


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "A film, of which you see frame 1 of 4. Run the cell,"),
        ({"still": -1}, "A film, of which you see frame 4 of 4. Run the cell,"),
        ({"captions": ("a <", "b", "c", "d")}, "you see frame 1 of 4 (a &lt;). Run the cell,"),
    ],
)
def test_where_scripts_do_not_run_a_line_says_which_frame_is_seen(options, words):
    html = Animation(FRAMES, WORDS, **options)._repr_html_()
    assert words in html.partition("<script>")[0]
    assert "note.hidden = true;" in html
    shown = decoded(re.search(r'<img .*?base64,([^"]+)"', html)[1])
    np.testing.assert_array_equal(shown, FRAMES[options.get("still", 0)])


def test_a_thumb_can_hit_every_control():
    tags = Tags(Animation(FRAMES, WORDS)._repr_html_()).tags
    kinds = ("button", "input", "select")
    controls = [attributes["style"] for tag, attributes in tags if tag in kinds]
    assert len(controls) == 6
    for style_of in controls:
        sizes = re.findall(r"(?<!\w-)(?:width|height): (\d+)px", style_of)
        assert sizes
        assert all(int(size) >= 44 for size in sizes)


def test_the_same_frames_give_the_same_html_and_others_another_key():
    html = Animation(FRAMES, WORDS)._repr_html_()
    assert html == Animation(FRAMES.copy(), WORDS)._repr_html_()
    assert data_of(html)["key"] != data_of(Animation(255 - FRAMES, WORDS)._repr_html_())["key"]


@pytest.mark.parametrize(
    ("options", "milliseconds"),
    [
        ({}, [1750, 250, 250, 1750]),
        ({"frames_per_second": 10, "rest": 0}, [100] * 4),
        ({"frames_per_second": 0.5, "rest": 0.2}, [2200, 2000, 2000, 2200]),
    ],
)
def test_it_rests_at_both_ends(options, milliseconds, tmp_path):
    made = Animation(FRAMES, WORDS, **options)
    data = data_of(made._repr_html_())
    assert data["waits"] == {"frames": milliseconds}
    made.save(tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as image:
        durations = []
        for number in range(image.n_frames):
            image.seek(number)
            durations.append(image.info["duration"])
    assert durations == milliseconds


def test_clocks_divide_the_same_time_in_other_ways(tmp_path):
    clocks = {"steps": [0, 1, 3, 6], "frames": np.arange(4)}
    made = Animation(FRAMES, WORDS, rest=0, clocks=clocks)
    waits = data_of(made._repr_html_())["waits"]
    assert list(waits) == ["steps", "frames"]  # opens with the first
    assert waits["steps"] == [125, 250, 375, 250]
    assert waits["frames"] == [250] * 4
    made.save(tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as image:
        durations = []
        for number in range(image.n_frames):
            image.seek(number)
            durations.append(image.info["duration"])
    assert durations == [120, 250, 380, 250]  # in hundredths of a second
    assert len(data_of(Animation(FRAMES[:1], WORDS, clocks={"a": [3]})._repr_html_())["waits"]) == 1


def test_the_reader_chooses_the_speed_and_the_clock():
    html = Animation(FRAMES, WORDS)._repr_html_()
    labels = [it.get("aria-label") for tag, it in Tags(html).tags if tag == "select"]
    assert labels == ["speed", "time passes evenly by"]
    assert "data.waits[clock.value][shown] / Number(speed.value)" in html
    other = Animation(FRAMES, WORDS, clocks={"steps": [0, 1, 3, 6]})._repr_html_()
    assert data_of(html)["key"] != data_of(other)["key"]


def test_a_gif_loops_at_the_size_of_the_page_with_the_words_as_comment(tmp_path):
    flat = np.zeros((3, 20, 40, 3), np.uint8)
    flat[1, :, :20] = (200, 30, 0)
    flat[2, :, 20:] = (0, 0, 180)
    Animation(flat, WORDS, density=2).save(tmp_path / "a.GIF")
    assert [path.name for path in tmp_path.iterdir()] == ["a.GIF"]
    with Image.open(tmp_path / "a.GIF") as image:
        assert image.size == (20, 10)
        assert image.n_frames == 3
        assert image.info["loop"] == 0
        assert image.info["comment"].decode() == WORDS
        for number in range(3):
            image.seek(number)
            pixels = np.asarray(image.convert("RGB"))
            np.testing.assert_array_equal(pixels, flat[number, ::2, ::2])


def test_a_gif_of_a_single_frame(tmp_path):
    Animation(FRAMES[:1], WORDS, density=1).save(tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as image:
        assert image.size == (10, 6)


@pytest.mark.parametrize("still", [-1, 0, 2])
def test_the_still_is_a_png_with_the_words(still, tmp_path):
    Animation(FRAMES, WORDS, still=still).save(str(tmp_path / "a.png"))
    with Image.open(tmp_path / "a.png") as image:
        assert image.text["Description"] == WORDS
        np.testing.assert_array_equal(np.asarray(image), FRAMES[still])


def test_a_page_of_its_own_holds_the_player(tmp_path):
    made = Animation(FRAMES, WORDS)
    made.save(tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert made._repr_html_() in page


def test_large_ones_fall_back_to_256_colours_and_larger_ones_are_refused(monkeypatch, tmp_path):
    noise = generator.integers(0, 256, size=(2, 80, 80, 3), dtype=np.uint8)
    exact = len(Animation(noise, WORDS)._repr_html_())
    monkeypatch.setattr(animation, "MOST_BYTES", exact // 2)
    html = Animation(noise, WORDS)._repr_html_()
    assert len(html) <= exact // 2  # with the still, which is there once more
    assert len(np.unique(decoded(data_of(html)["frames"][0]).reshape(-1, 3), axis=0)) <= 256
    monkeypatch.setattr(animation, "MOST_BYTES", 5000)
    for show in (Animation(noise, WORDS)._repr_html_, Animation(noise, WORDS)._gif):
        with pytest.raises(ValueError, match=r"should take at most .* MB\. Record fewer frames"):
            show()


def test_printed_it_is_the_words():
    assert repr(Animation(FRAMES, WORDS)) == WORDS


WRONG = [
    ({"frames": FRAMES.tolist()}, TypeError, "got a list. Use np.array(frames)"),
    ({"frames": FRAMES[0]}, ValueError, "got uint8 of shape (6, 10, 3). Use np.stack"),
    ({"frames": FRAMES / 255}, ValueError, "got float64"),
    ({"frames": FRAMES[:0]}, ValueError, "got uint8 of shape (0, 6, 10, 3)"),
    ({"frames": FRAMES[..., :1]}, ValueError, "got uint8 of shape (4, 6, 10, 1)"),
    ({"alt_text": None}, TypeError, "got NoneType"),
    ({"captions": ("a",)}, ValueError, "4 strings; got 1"),
    ({"captions": (1, 2, 3, 4)}, TypeError, "got an int, 1 in captions[0]"),
    ({"frames_per_second": 0}, ValueError, "above 0; got 0"),
    ({"frames_per_second": 51}, ValueError, "between 0 and 50; got 51"),
    ({"frames_per_second": "4"}, TypeError, "got '4'"),
    ({"frames_per_second": float("nan")}, ValueError, "got nan"),
    ({"rest": -1}, ValueError, "got -1"),
    ({"rest": True}, TypeError, "got True"),
    ({"still": 4}, ValueError, "0 to 3; got 4"),
    ({"still": 1.0}, TypeError, "got a float"),
    ({"density": 0}, ValueError, "got 0"),
    ({"clocks": {"a": [0, 1, 2]}}, ValueError, "clocks['a'] should be 4 numbers that rise"),
    ({"clocks": {"a": [0, 1, 1, 2]}}, ValueError, "got [0. 1. 1. 2.]"),
    ({"clocks": {"a": ["b"] * 4}}, TypeError, "clocks['a']"),
]


@pytest.mark.parametrize(("changes", "error", "part"), WRONG)
def test_wrong_attributes_are_answered(changes, error, part):
    with pytest.raises(error, match=re.escape(part)):
        Animation(**{"frames": FRAMES, "alt_text": WORDS, **changes})


@pytest.mark.parametrize(
    ("update", "count", "error", "part"),
    [
        (None, 2, TypeError, "got NoneType. Write def update(frame)"),
        (print, 0, ValueError, "count should be at least 1; got 0"),
        (print, 2.0, TypeError, "got a float"),
    ],
)
def test_what_cannot_be_recorded_is_answered(update, count, error, part):
    figure, _ = style.drawing_board(20, 10)
    with pytest.raises(error, match=re.escape(part)):
        Animation.record(figure, update, count, WORDS)


@pytest.mark.parametrize(
    ("path", "error", "part"),
    [
        (None, TypeError, "string or a path; got None"),
        ("a.jpg", ValueError, "got 'a.jpg'. Use 'a.gif'"),
        ("a", ValueError, "got 'a'. Use 'a.gif'"),
        ("", ValueError, "Use 'figure.gif'"),
    ],
)
def test_save_refuses_other_files(path, error, part):
    with pytest.raises(error, match=re.escape(part)):
        Animation(FRAMES, WORDS).save(path)
