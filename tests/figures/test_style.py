"""Colours and lines can be read by everyone, and pictures are scaled for the page."""

import itertools

import matplotlib as mpl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgb

from course_utils.figures import Picture, style


def luminance(colour):
    """Relative luminance, as WCAG 2.2 defines it."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in to_rgb(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    "colour",
    [style.INK, style.QUIET, style.TRAINING, style.VALIDATION, style.RIGHT, style.WRONG]
    + [style.EMPHASIS, *(line.colour for line in style.LINES)],
)
def test_text_colours_can_be_read_on_white(colour):
    assert contrast(colour, style.PAPER) >= 4.5


def test_lines_differ_in_more_than_colour():
    for one, other in itertools.combinations(style.LINES, 2):
        assert one.dashes != other.dashes
    assert style.TRAINING_LINE.dashes != style.VALIDATION_LINE.dashes
    assert style.TRAINING_LINE.marker != style.VALIDATION_LINE.marker


def test_bars_and_emphasis_differ_in_greyscale():
    assert contrast(style.BAR, style.BAR_CHOSEN) > 3
    assert contrast(style.EMPHASIS, style.FAINT) > 3


def test_settings_hold_within_and_end_with_an_error():
    @style.course_style()
    def fail():
        assert mpl.rcParams["text.parse_math"] is False
        raise KeyError

    before = dict(mpl.rcParams)
    with pytest.raises(KeyError):
        fail()
    assert dict(mpl.rcParams) == before


@settings(deadline=None, derandomize=True)
@given(st.text("abcdefghij WM", min_size=1, max_size=40), st.integers(40, 200))
def test_shortened_text_fits_and_starts_like_the_text(text, width):
    short = style.shortened(text, width, style.TEXT_SIZE)
    assert style.text_width(short, style.TEXT_SIZE) <= width
    assert short == text or text.startswith(short.removesuffix("…"))


def test_text_width_is_what_matplotlib_draws(extents):
    figure, axes = style.drawing_board(400, 50)
    with style.course_style():
        drawn = axes.text(0, 20, "Ankle boot", fontsize=style.points(style.TEXT_SIZE))
    [box] = extents(figure, [drawn])
    assert style.text_width("Ankle boot", style.TEXT_SIZE) == pytest.approx(box.width, abs=3)


def test_words_are_escaped_in_html():
    figure, _ = style.drawing_board(20, 10)
    html = Picture(figure, "a < b & \"c\" 'd' > e")._repr_html_()
    assert 'alt="a &lt; b &amp; &quot;c&quot; &#x27;d&#x27; &gt; e"' in html


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [(None, TypeError, "string or a path"), ("", ValueError, "Use 'figure.png'")],
)
def test_save_refuses_what_is_no_path(path, error, message):
    figure, _ = style.drawing_board(20, 10)
    with pytest.raises(error, match=message):
        Picture(figure, "words").save(path)


def test_save_writes_png_only(tmp_path):
    figure, _ = style.drawing_board(20, 10)
    picture = Picture(figure, "Nothing.")
    with pytest.raises(ValueError, match=r"got 'a.jpg'. Use 'a.png'"):
        picture.save(tmp_path / "a.jpg")
    with pytest.raises(ValueError, match=r"got 'a'. Use 'a.png'"):
        picture.save(str(tmp_path / "a"))
    picture.save(str(tmp_path / "a.PNG"))
    assert (tmp_path / "a.PNG").read_bytes().startswith(b"\x89PNG")


def test_a_picture_cannot_be_changed():
    figure, _ = style.drawing_board(20, 10)
    with pytest.raises(AttributeError):
        Picture(figure, "Nothing.").alt_text = "Something."
