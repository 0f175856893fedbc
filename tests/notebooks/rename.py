"""Give lessons other names, such as another number: wherever a name stands, and in files' names.

    python tests/notebooks/rename.py 09-feature-maps 10-feature-maps 10-maps 11-maps

Pairs of an old and a new name, all taken at once, so lessons may trade places. Prose refers to
lessons by title and link, so only the links' targets change. Afterwards: make pair
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TITLE = re.compile(r"^# \d+(?= · )", re.MULTILINE)
ROW = re.compile(r"\[\d\d( · [^\]]*\]\(notebooks/(\d\d)-)")


def rename(root, names):
    """Rename in all files that git knows; ``names`` has each lesson's new name for its old one."""
    pattern = re.compile(rf"(?<!\d)(?:{'|'.join(map(re.escape, names))})(?![\w-])")
    told = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
    before = {name: (root / name).read_bytes() for name in told.stdout.decode().split("\0") if name}
    after = {}
    for name, data in before.items():
        new = pattern.sub(lambda it: names[it[0]], name)
        after[new] = _renamed(new, data, pattern, names)
    for name in before.keys() - after.keys():
        (root / name).unlink()
    for name, data in after.items():
        if before.get(name) != data:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)


def _renamed(name, data, pattern, names):
    """A file's new content; what is no text stays as it is."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return data
    text = pattern.sub(lambda it: names[it[0]], text)
    if Path(name).name == "README.md":
        text = ROW.sub(r"[\2\1", text)
    if Path(name).stem in names.values() and name.endswith(".md"):
        text = TITLE.sub(f"# {int(Path(name).name[:2])}", text, count=1)
    return text.encode()


if __name__ == "__main__":
    rename(ROOT, dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True)))
