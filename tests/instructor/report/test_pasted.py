"""Pictures that students paste are shown to whoever marks and on the page; nothing else is."""

import html
from base64 import b64encode
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_output
from PIL import Image

from course_utils import figures
from course_utils.instructor.report.formgrader import Harmless, harmless_markdown
from course_utils.instructor.report.pasted import with_attachments, without_pictures
from course_utils.instructor.report.rich_text import LONGEST_TEXT, rich


def picture(kind="png", size=4):
    """A picture of a kind in Base64."""
    file = BytesIO()
    Image.effect_noise((size, size), 50).convert("RGB").save(file, format=kind)
    return b64encode(file.getvalue()).decode()


PNG = picture()
ADDRESS = f"data:image/png;base64,{PNG}"


@pytest.mark.parametrize(
    "pasted",
    [
        f"![image.png]({ADDRESS})",
        f"![]({ADDRESS} 'a title')",
        f"![a](<{ADDRESS}>)",
        f"<img src='{ADDRESS}'>",
        f'<IMG width=300 alt="a" src="{ADDRESS}" onerror="alert(1)"/>',
        f"<img src={ADDRESS}>",
        f"![a](data:image/jpeg;base64,{picture('jpeg')})",
        f"![a](data:image/jpg;base64,{picture('jpeg')})",
        f"<img src='data:image/png;base64,{PNG[:76]}\n  {PNG[76:]}'>",
        f"![a][1]\n\n[1]: {ADDRESS}",
        f"![a][Net]\n\n[net]: <{ADDRESS}> 'a title'",
        f"![a][]\n\n[a]: {ADDRESS}",
        f"![a]\n\n[a]: {ADDRESS}",
        f"[never named]: {ADDRESS}",
        f"![a](data:image/webp;base64,{picture('webp')})",
        f"![a](data:image/gif;base64,{picture('gif')})",
        f"![a](data:image/png;base64,{picture(size=700)})",
    ],
)
def test_a_pasted_picture_is_shown_and_so_is_the_text_around_it(pasted):
    shown = rich(f"Before it, `x`.\n\n{pasted}\n\nAfter it.")
    assert shown.count("<img ") == 1
    assert ";base64," in shown
    assert "onerror" not in shown
    assert "alert" not in shown
    assert shown.startswith("Before it, <code>x</code>.")
    assert shown.endswith("After it.")


def test_several_pictures_stand_in_their_places():
    pieces = without_pictures(f"a![1]({ADDRESS})b<img src={ADDRESS}>c")
    assert [words for words, _ in pieces] == ["a", "b", "c"]
    assert [bool(shown) for _, shown in pieces] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("![a](data:image/png;base64,AAAA)", "[a damaged picture is not shown]"),
        ("![a](data:image/png;base64,AAA)", "[a damaged picture is not shown]"),
        (f"![a](data:image/png;base64,{'A' * 9_000_000})", "[a picture of 7 MB is not shown]"),
        ("![a](data:image/svg+xml;base64,AAAA)", "![a](data:image/svg+xml;base64,AAAA)"),
        ("![a](https://example.org/x.png)", "![a](https://example.org/x.png)"),
    ],
)
def test_what_is_no_picture_is_words(text, words):
    assert html.unescape(str(rich(text))) == words


def test_words_of_a_picture_are_escaped():
    shown = rich(f'![" onload="alert(1)]({ADDRESS})')
    assert 'alt="&#34; onload=&#34;alert(1)"' in shown


def test_a_long_answer_is_never_cut_in_silence():
    whole = rich("word " * 6_000)
    assert len(whole) == 5 * 6_000 - 1
    cut = rich("x" * (LONGEST_TEXT + 1_234))
    assert cut.endswith(" … (1,234 more letters stand in the notebook itself)")
    assert "more letters" not in rich("x" * LONGEST_TEXT)
    with_picture = rich("x" * (LONGEST_TEXT + 10) + f"![a]({ADDRESS})" + "y" * 5)
    assert "<img" in with_picture
    assert with_picture.endswith("(15 more letters stand in the notebook itself)")


def test_attachments_are_pictures_at_their_place_or_at_the_end():
    attachments = {"a.png": {"image/png": PNG}, "b.png": {"image/png": PNG}, "c": {"text/x": "?"}}
    text = with_attachments("See ![it](attachment:a.png) here.", attachments)
    assert text == f"See ![it]({ADDRESS}) here.\n\n![b.png]({ADDRESS})"
    assert with_attachments("![x](attachment:gone.png)", {}) == "![x](attachment:gone.png)"
    shown = harmless_markdown({"cell": {"attachments": attachments}}, "![it](attachment:a.png)")
    assert shown.count("<img ") == 2


def test_a_figure_of_the_course_is_shown_to_whoever_marks():
    mpl.use("Agg")
    page = figures.image_grid(np.zeros((1, 4, 4), np.uint8))._repr_html_()
    words = {"text/html": page, "text/plain": "words"}
    cell = new_code_cell("figures", outputs=[new_output("display_data", data=words)])
    shown, _ = Harmless().preprocess_cell(cell, {}, 0)
    assert list(shown.outputs[0].data) == ["image/png"]
    other = {"text/html": "<b>no picture</b>", "text/plain": "words"}
    cell = new_code_cell("x", outputs=[new_output("display_data", data=other)])
    shown, _ = Harmless().preprocess_cell(cell, {}, 0)
    assert dict(shown.outputs[0].data) == {"text/plain": "words"}


def test_a_text_full_of_beginnings_takes_no_time():
    rich("![" * 200_000)
    rich("<img " * 200_000)
    rich("![a](data:image/png;base64," * 20_000)
