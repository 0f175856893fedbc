"""A place as Colab is for a notebook: its environment variables, its module, its empty folder.

The release is served from this machine, under the same path as on GitHub.
"""

import http.server
import os
import threading
from contextlib import contextmanager
from functools import partial
from pathlib import Path

STAND_IN = Path(__file__).parent / "stand_in"
COLAB = {
    "COLAB_BACKEND_VERSION": "next",
    "COLAB_GPU": "0",
    "COLAB_JUPYTER_TRANSPORT": "ipc",
    "COLAB_RELEASE_TAG": "release-colab_20260813-060125_RC00",
    "LANG": "en_US.UTF-8",
    "MPLBACKEND": "module://ipykernel.pylab.backend_inline",
    "PYDEVD_USE_FRAME_EVAL": "NO",
    "TF2_BEHAVIOR": "1",
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
}
"""What Colab sets on a machine without a graphics card, as far as Python's packages look at it."""
NOTEBOOK = "STAND_IN_NOTEBOOK"
ADDRESS = "COURSE_RELEASE_URL"
LEFT_OUT = ("PYTHON", "VIRTUAL_ENV", "TFDS_", "KERAS_", "COURSE_", "JUPYTER", "PIP_TARGET",
            "PIP_USER", "PIP_CONSTRAINT", "PIP_REQUIRE", "CUDA_", "JPY_", "VSCODE", "XLA_", "TF_",
            "OMP_", "MPL")  # fmt: skip
"""Beginnings of variables of this machine that Colab would not have."""


def variables(folder, address, notebook="", profile="fast"):
    """The environment of a kernel in Colab.

    Parameters
    ----------
    folder : Path
        For what libraries keep: empty, as on a machine that Colab has just started.
    address : str
        Where the release's files are; empty for where the notebook says.
    notebook : str or Path, optional
        The file that the page in the browser shows, once saved.
    profile : str, optional

    Returns
    -------
    dict of str to str
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}
    ours = {
        "COURSE_PROFILE": profile,
        "KERAS_HOME": str(folder / "keras"),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
        "TFDS_DATA_DIR": str(folder / "tensorflow_datasets"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "PYTHONPATH": str(STAND_IN),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        NOTEBOOK: str(notebook),
        ADDRESS: address,
    }
    return {**kept, **COLAB, **{name: value for name, value in ours.items() if value}}


@contextmanager
def served(folder, prefix):
    """Serve a folder on this machine.

    Parameters
    ----------
    folder : Path
    prefix : str
        What addresses begin with, such as ``"/OWNER/NAME/TAG"``; all others are not found.

    Yields
    ------
    str
        The address of the folder, without a slash at its end.
    """
    handler = partial(_Handler, prefix=prefix, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{prefix}"
        finally:
            server.shutdown()


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serve files below one prefix, in silence."""

    def __init__(self, *arguments, prefix, **options):
        self.prefix = prefix
        super().__init__(*arguments, **options)

    def translate_path(self, path):
        if not path.startswith(self.prefix + "/"):
            return str(Path(self.directory, "there is no such file"))
        return super().translate_path(path.removeprefix(self.prefix))

    def log_message(self, *arguments):
        pass
