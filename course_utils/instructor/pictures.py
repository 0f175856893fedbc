"""Whether something is a picture, and nothing that only says so."""

import binascii
from base64 import b64decode

LARGEST = 8_000_000  # letters of Base64: a photo of a telephone
BEGINNINGS = {  # what a file of a kind begins with
    "png": b"\x89PNG\r\n\x1a\n",
    "jpeg": b"\xff\xd8\xff",
    "gif": b"GIF8",
    "webp": b"RIFF",
}


def is_picture(kind, data):
    """Tell whether a text is a picture in Base64.

    Parameters
    ----------
    kind : str
        One of `BEGINNINGS`.
    data : str

    Returns
    -------
    bool
    """
    try:
        return b64decode(data, validate=True).startswith(BEGINNINGS[kind])
    except (binascii.Error, ValueError):
        return False
