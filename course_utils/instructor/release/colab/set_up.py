# @title Set up Google Colab (run this cell first) { display-mode: "form" }
# In Google Colab, this installs the course's package. Anywhere else, it does nothing.


class SetUpError(Exception):
    """What went wrong, and what to do next; shown without a traceback."""

    def _render_traceback_(self):
        """Show the text alone; notebooks ask for this."""
        return [str(self)]


def set_up_colab(wheel, checksum, page):
    """Install the wheel at an address if Colab has not got it; ``page`` has today's lessons."""
    import importlib
    import os
    import sys

    if "KAGGLE_KERNEL_RUN_TYPE" in os.environ or "COURSE_GRADING" in os.environ:
        return  # Kaggle's machines are made from Colab's; the grader has a stand-in for its module
    if "COLAB_RELEASE_TAG" not in os.environ and "google.colab" not in sys.modules:
        return
    name = wheel.split("/")[-1]
    if _checksum_of_installed(name.split("-")[0]) != checksum:
        base = os.environ.get("COURSE_RELEASE_URL", wheel.rsplit("/", 1)[0])
        _install(name, _download(f"{base}/{name}", checksum, page))
        importlib.invalidate_caches()
        for module in [it for it in sys.modules if it.split(".")[0] == "course_utils"]:
            del sys.modules[module]  # else an earlier version would stay in use
    from course_utils import colab

    colab.add_missing_packages()
    print(f"The course's package is ready ({name}).")


def _checksum_of_installed(project):
    """SHA-256 of the wheel that a project was installed from, as pip noted it; or nothing."""
    import json
    from importlib import metadata

    try:
        note = metadata.distribution(project).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return ""
    return json.loads(note or "{}").get("archive_info", {}).get("hashes", {}).get("sha256", "")


def _download(address, checksum, page):
    """Read a file that has this SHA-256, trying twice."""
    import hashlib
    import time
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import urlopen

    for attempt in (1, 2):
        data, end = b"", time.monotonic() + 60
        try:
            with urlopen(address, timeout=15) as answer:
                while (part := answer.read1()) and time.monotonic() < end:
                    data += part
                if part or len(data) != int(answer.headers.get("Content-Length", len(data))):
                    raise TimeoutError(f"only {len(data):,} bytes came")
        except (OSError, HTTPException) as error:
            if isinstance(error, HTTPError) and error.code == 404:
                problem = (
                    "The release of the course that this notebook belongs to is no longer at "
                    f"{address}. Open the lesson anew from {page} and copy your answers into it."
                )
                break
            reason = getattr(error, "reason", None) or error
            problem = (
                f"The course's package could not be downloaded from {address} ({reason}). Wait a "
                "minute and run this cell again; if it fails again, tell your instructor."
            )
        else:
            if hashlib.sha256(data).hexdigest() == checksum:
                return data
            problem = (
                f"What came from {address} is not what this notebook expects (its SHA-256 "
                "differs), and was not installed. Run this cell again; if it fails again, open "
                f"the lesson anew from {page} and copy your answers into it."
            )
        time.sleep(2 - attempt)
    raise SetUpError(problem)


def _install(name, data):
    """Install a wheel, and nothing but this wheel, whatever pip's variables say."""
    import re
    import subprocess
    import sys
    from pathlib import Path
    from tempfile import TemporaryDirectory

    pip = [sys.executable, "-m", "pip", "--isolated", "--quiet", "--disable-pip-version-check"]
    pip += ["install", "--no-deps", "--no-index", "--force-reinstall"]
    pip += ["--break-system-packages"]  # Colab's Python is its system's; all of it is the student's
    try:
        with TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.write_bytes(data)
            run = subprocess.run([*pip, str(path)], capture_output=True, text=True)
        if run.returncode == 0:
            return
        lines = run.stderr.strip().splitlines() or ["pip did not say why"]
        errors = [line for line in lines if re.match("(?i)error: (?!exception:$)", line)]
        reason = (errors or lines)[-1]
    except OSError as error:
        reason = error
    raise SetUpError(
        f"The course's package could not be installed ({reason}). Choose Runtime → Disconnect and "
        "delete runtime, then run this cell again; if it fails again, tell your instructor."
    )
