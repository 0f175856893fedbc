"""Of what a notebook shows, texts and pictures are kept, and nothing else."""

from base64 import b64encode

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.instructor.repair.outputs import LARGEST_NOTEBOOK, LONGEST, clean, limit
from course_utils.instructor.repair.submission_file import Cell

PNG = b64encode(b"\x89PNG\r\n\x1a\n" + bytes(30)).decode()
NO_PNG = b64encode(b"<script>" + bytes(30)).decode()


def shown(**data):
    """What a cell showed, by media type."""
    names = {"png": "image/png", "text": "text/plain", "html": "text/html", "svg": "image/svg+xml"}
    data = {names[name]: it for name, it in data.items()}
    return {"output_type": "display_data", "metadata": {"x": 1}, "data": data}


@pytest.mark.parametrize(
    ("output", "kept"),
    [
        (shown(png=PNG, text="<Figure>"), {"image/png": PNG, "text/plain": "<Figure>"}),
        (
            shown(png=[PNG[:9] + "\n", PNG[9:]]),
            {"image/png": PNG, "text/plain": "(not shown here)"},
        ),
        (shown(png=NO_PNG, text="x"), {"text/plain": "x"}),
        (shown(png=7, text=["a", "b"]), {"text/plain": "ab"}),
        (
            shown(html=f'<img alt="a" src="data:image/png;base64,{PNG}"><script>x</script>'),
            {"image/png": PNG, "text/plain": "(not shown here)"},
        ),
        (shown(html="<b>x</b>", text="x"), {"text/plain": "x"}),
        (shown(svg="<svg/>"), {"text/plain": "(not shown here)"}),
        ({"output_type": "execute_result", "data": {"text/plain": "3"}}, {"text/plain": "3"}),
        ({"output_type": "execute_result", "data": "3"}, {"text/plain": "(not shown here)"}),
    ],
)
def test_what_was_shown(output, kept):
    (it,) = clean([output])
    assert it == {"output_type": "display_data", "metadata": {}, "data": kept}


def test_what_was_printed_and_errors():
    error = {"output_type": "error", "ename": "E", "evalue": 3, "traceback": ["a", 5, ["b"]]}
    given = [
        {"output_type": "stream", "name": "stderr", "text": ["a\n", "b\ud800"]},
        {"output_type": "stream", "name": "other", "text": "x" * 10**6},
        {"output_type": "update_display_data"},
        error,
        "no output",
    ]
    first, second, last = clean(given)
    assert first == {"output_type": "stream", "name": "stderr", "text": "a\nb\ufffd"}
    assert second["name"] == "stdout"
    assert len(second["text"]) < LONGEST + 10
    assert last == error | {"evalue": "", "traceback": ["a", "", "b"]}


def test_a_notebook_shows_only_so_much():
    cells = [Cell("code", "", outputs=clean([shown(text="x")])) for _ in range(3)]
    cells[1].outputs[0]["data"]["image/png"] = "x" * LARGEST_NOTEBOOK
    limit(cells)
    kept = [cell.outputs[0].get("text", "shown") for cell in cells]
    assert kept == ["shown", *["[left out: what this notebook shows is too large]\n"] * 2]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["output_type", "data", "text", "name", "traceback", "image/png"])
            | st.text(max_size=3),
            inner | st.sampled_from(["stream", "error", "display_data", "execute_result"]),
            max_size=4,
        )
    ),
)


@given(JSON)
def test_whatever_it_is_a_notebook_can_hold_it(raw):
    for some in (raw, [raw]):
        cell = nbformat.v4.new_code_cell(outputs=[nbformat.from_dict(it) for it in clean(some)])
        nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
