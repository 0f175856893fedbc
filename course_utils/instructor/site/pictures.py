"""Pictures and films of results as files: a page stays small, and a film is loaded when needed."""

import re
from base64 import b64decode
from hashlib import sha256
from io import BytesIO

from PIL import Image

PICTURE = re.compile(
    r'(?P<opening><img\b[^>]*?)src="data:image/(?P<kind>png|jpeg|gif);base64,(?P<data>[\w+/=]+)"'
)
WIDTH = re.compile(r'width="(\d+)"')
FILM = re.compile(r"<script>(?P<player>.*?)</script>", re.DOTALL)
FILM_BOX = "<div data-animation="
IN_A_NOTEBOOK = "Run the cell, or trust the notebook, to play it."
ON_A_PAGE = "It plays where JavaScript is on."


def with_files(html, folder, address):
    """Move what is embedded in the HTML of a result to files.

    Parameters
    ----------
    html : str
    folder : Path
        Where the files are written; called by their content, so that there is one of each.
    address : str
        Of that folder, as the page sees it.

    Returns
    -------
    str
    """
    if html.lstrip().startswith(FILM_BOX):
        html = FILM.sub("", _with_film(html, folder, address)).replace(IN_A_NOTEBOOK, ON_A_PAGE)

    def linked(match):
        data = b64decode(match["data"])
        place = f'loading="lazy" src="{address}/{_write(folder, data, match["kind"])}"'
        return f"{match['opening']}{_shape(match['opening'], data)}{place}"

    return PICTURE.sub(linked, html)


def _shape(opening, data):
    """The height that goes with a picture's width, so that nothing jumps when it has come."""
    width = WIDTH.search(opening)
    if not width:
        return ""
    columns, rows = Image.open(BytesIO(data)).size
    return f'height="{round(int(width[1]) * rows / columns)}" '


def _with_film(html, folder, address):
    """Let a film's box say where its player and frames are; ``films.js`` fetches them."""
    player = FILM.search(html)["player"]
    name = _write(folder, player.strip().encode(), "js")
    return html.replace(FILM_BOX, f'<div data-film="{address}/{name}" data-animation=', 1)


def _write(folder, data, kind):
    """Write a file unless it is there already, and give its name."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{sha256(data).hexdigest()[:16]}.{kind}"
    path = folder / name
    if not path.exists():
        path.write_bytes(data)
    return name
