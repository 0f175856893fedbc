"""What is known as coming from Sphinx and its theme is that, byte for byte, and nothing of ours."""

from hashlib import sha256
from importlib import metadata
from pathlib import Path

import course_utils
from course_utils.instructor.site import theirs


def digest(path):
    return sha256(Path(path).read_bytes()).digest()


def test_a_file_of_the_theme_is_known_and_a_changed_one_is_not(tmp_path):
    name = "pydata-sphinx-theme.css.map"
    (path,) = (it for it in metadata.files("pydata-sphinx-theme") if it.name == name)
    changed = tmp_path / name
    changed.write_bytes(path.locate().read_bytes() + b"\n")
    assert digest(path.locate()) in theirs.hashes()
    assert digest(changed) not in theirs.hashes()


def test_no_file_of_ours_is_known():
    root = Path(course_utils.__file__).parent
    ours = {digest(path) for path in root.rglob("*.py") if path.stat().st_size}
    assert not ours & theirs.hashes()
