"""What is embedded in a result becomes files, and a film waits until it is needed."""

from base64 import b64encode
from io import BytesIO

import numpy as np
from PIL import Image

from course_utils import figures
from course_utils.instructor.site.pictures import with_files

DATA = b64encode(b"\x89PNG and more").decode()


def test_a_picture_becomes_a_file_and_keeps_its_words(tmp_path):
    html = with_files(f'<img alt="a 4" src="data:image/png;base64,{DATA}">', tmp_path, "../x")
    (path,) = tmp_path.iterdir()
    assert path.read_bytes() == b"\x89PNG and more"
    assert html == f'<img alt="a 4" loading="lazy" src="../x/{path.name}">'


def test_the_height_that_goes_with_a_width_is_told(tmp_path):
    written = BytesIO()
    Image.new("L", (40, 20)).save(written, "png")
    data = b64encode(written.getvalue()).decode()
    html = with_files(f'<img width="100" src="data:image/png;base64,{data}">', tmp_path, "x")
    assert 'width="100" height="50"' in html


def test_the_same_picture_is_one_file(tmp_path):
    with_files(f'<img src="data:image/png;base64,{DATA}">' * 2, tmp_path, "x")
    assert len(list(tmp_path.iterdir())) == 1


def test_a_film_leaves_its_still_on_the_page_and_its_player_in_a_file(tmp_path):
    film = figures.Animation(np.zeros((3, 8, 8, 3), np.uint8), "A square that stays black.")
    html = with_files(film._repr_html_(), tmp_path, "../results")
    (player,) = tmp_path.glob("*.js")
    assert f'data-film="../results/{player.name}"' in html
    assert "<script" not in html and "base64" not in html
    assert "Run the cell" not in html
    assert 'alt="A square that stays black."' in html
    code = player.read_text(encoding="utf-8")
    assert code.startswith("(() => {") and code.endswith("})();")


def test_other_html_stays(tmp_path):
    table = "<table><tr><td>1</td></tr></table>"
    assert with_files(table, tmp_path, "x") == table
