"""Which state of the sources something was made from."""

import os
import subprocess
from datetime import UTC, datetime


def origin(root):
    """Tell the commit of a course's folder, and its date.

    Parameters
    ----------
    root : Path

    Returns
    -------
    dict
        ``commit`` (None without git), ``date`` of the commit (or of ``SOURCE_DATE_EPOCH``; None
        without either), and ``changed``: whether files differ from the commit.
    """
    commit = _git(root, "rev-parse", "HEAD") or None
    seconds = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not seconds.isdigit() and commit:
        seconds = _git(root, "log", "-1", "--format=%ct")
    date = datetime.fromtimestamp(int(seconds), UTC).isoformat() if seconds else None
    changed = bool(commit and _git(root, "status", "--porcelain", "--", "."))
    return {"commit": commit, "date": date, "changed": changed}


def _git(root, *arguments):
    """What git answers, empty if it is not there or knows nothing of this folder."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
