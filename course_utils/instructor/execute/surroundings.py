"""What of the instructor's machine a student's code finds around it: next to nothing.

A variable of the instructor's may be a password, and one for TensorFlow or Keras would make the
grader answer otherwise than Colab. So a kernel gets the few variables that decide which Python
runs and which language it speaks, by their exact names, and the rest as it is in Colab.
"""

import os
import re
import sys
from pathlib import Path

from course_utils.instructor.execute import sandbox

KEPT = re.compile(
    r"PATH|HOME|TMPDIR|LANG|LANGUAGE|LD_LIBRARY_PATH|LD_PRELOAD"
    r"|LC_(ALL|COLLATE|CTYPE|MESSAGES|MONETARY|NUMERIC|TIME)"
    r"|PYTHON(PATH|HOME|UTF8|HASHSEED|NOUSERSITE|SAFEPATH|DONTWRITEBYTECODE|UNBUFFERED)"
    r"|TF_CPP_MIN_LOG_LEVEL|CUDA_VISIBLE_DEVICES"
)
GRADING = {"COURSE_PROFILE": "fast", "COURSE_GRADING": "1"}
"""For every kernel of the grader: its stand-in for ``google.colab`` does not make it Colab."""
MOST_THREADS = 16
"""For each of TensorFlow's two pools. It would start one for each processor, and a notebook may
have no more threads than `outcome.Limits` says."""


def kept():
    """Give the environment variables of this process that a kernel may have.

    Returns
    -------
    dict of str to str
    """
    return {name: value for name, value in os.environ.items() if KEPT.fullmatch(name)}


def confined_environment():
    """Environment variables of a confined kernel.

    Returns
    -------
    dict of str to str
    """
    system = ["/usr/local/bin", "/usr/bin", "/bin"]
    threads = str(min(MOST_THREADS, os.cpu_count() or 1))
    own = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), *system]),
        "HOME": sandbox.HOME,
        "TMPDIR": "/tmp",
        "MPLCONFIGDIR": f"{sandbox.HOME}/.matplotlib",
        "NUMBA_CACHE_DIR": f"{sandbox.HOME}/.numba",  # umap-learn's own folder is read-only
        "TF_NUM_INTRAOP_THREADS": threads,
        "TF_NUM_INTEROP_THREADS": threads,
    }
    return kept() | own | GRADING
