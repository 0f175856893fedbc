"""Files that came with Sphinx, its extensions and the theme, and are as they came."""

from base64 import urlsafe_b64decode
from importlib import metadata

PACKAGES = ("sphinx", "pydata-sphinx-theme", "myst-nb")


def hashes():
    """Give what these packages say of the files that they have installed.

    Returns
    -------
    set of bytes
        SHA-256 of the contents. A file of the site that has one of them holds nothing of ours,
        wherever it lies and whatever it is called. Where packages keep no record (Linux
        distributions may not) there are none, and every file has to be read.
    """
    files = [file for name in PACKAGES for file in metadata.files(name) or ()]
    return {
        urlsafe_b64decode(file.hash.value + "=")  # a record leaves the filling out
        for file in files
        if file.hash and file.hash.mode == "sha256"
    }
