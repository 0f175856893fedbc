"""Notebooks cut and put in another order: no mark is lower after a short run than a whole one.

The toy lesson's notebook gets cells such as students write; some cells are left out, doubled or put
elsewhere. It is mended and run as `course grade` does it, whole and short.
"""

import json
import random

import nbformat
import pytest

from course_utils.instructor.execute import sandbox
from course_utils.instructor.execute.outcome import RAN, Limits
from course_utils.instructor.grade.examination import examine
from course_utils.instructor.lessons.exercises import inject, read_source

LIMITS = Limits(cell_seconds=10, seconds=60, grace=1)
FIRST = [
    "import numpy as np\nnp.random.seed(3)\nimages = np.ones((3, 4))",
    "start = 0",
    "table = {}\ndef keep(f):\n    table[f.__name__] = f\n    return f",
    "@keep\ndef helper(numbers):\n    return sum(numbers)",
    "class Counter:\n    seen = []\n    def add(self, it): self.seen += [it]; return it",
    "counter = Counter()\ncounter.add(3)",
    "def reset():\n    global start\n    start = 0\n    table.clear()",
]
OWN = [
    "start = [0]",
    "start += 1\nprint(start)",
    "start = start - start",
    "def helper(numbers):\n    added = 0\n    for it in numbers: added += it\n    return added",
    "helper = table['helper']",
    "reset()",
    "for start in range(3):\n    print(start)",
    "del start",
    "1 / 0",
    "this is no Python",
    "%%time\nprint(images)",
    "!ls",
    "print(total([1, 2, 3]), mean([1, 2, 3]))",
    "total = max",
    "print(table, start, counter.seen)",
]
TOTALS = [
    "def total(numbers):\n    return sum(numbers)",
    "def total(numbers):\n    return sum(numbers) + start",
    "def total(numbers):\n    return helper(numbers)",
    "def total(numbers):\n    return table['helper'](numbers)",
    "def total(numbers):\n    return sum(counter.add(it) for it in numbers)",
    "@keep\ndef total(numbers):\n    return sum(numbers)\n\n\nprint(total(images[0]))",
    "def total(numbers):\n    reset()\n    return sum(numbers, start)",
]
MEANS = [
    "def mean(numbers):\n    return total(numbers) / len(numbers)",
    "def mean(numbers):\n    return np.mean(numbers)",
    "def mean(numbers):\n    return sum(numbers) / len(numbers) + start",
    "def mean(numbers):\n    return Counter().add(sum(numbers) / len(numbers))",
]


def made_up(release, seed):
    """A notebook as a student might leave it, as the bytes of a file."""
    chance = random.Random(seed)
    answers = {"total": chance.choice(TOTALS), "mean": chance.choice(MEANS)}
    cells = inject(release, answers).cells
    cells[1:1] = map(nbformat.v4.new_code_cell, FIRST)
    for source in chance.sample(OWN, chance.randrange(5)):
        cells.insert(chance.randrange(len(cells)), nbformat.v4.new_code_cell(source))
    for _ in range(chance.randrange(3)):
        cells.pop(chance.randrange(len(cells)))
    for _ in range(chance.randrange(4)):
        cells.insert(chance.randrange(len(cells)), cells.pop(chance.randrange(len(cells))))
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


def passed(examined):
    """Names of the tests that have passed."""
    assert not examined.problem
    return {
        cell["metadata"]["nbgrader"]["grade_id"]
        for cell in json.loads(examined.notebook)["cells"]
        if cell["metadata"].get("execution", {}).get("state") == RAN
        and cell["metadata"].get("nbgrader", {}).get("grade")
    }


@pytest.mark.parametrize("seed", range(16))
def test_no_mark_is_lower_than_in_a_whole_run(seed, released_course, light_kernels):
    course, lesson = released_course, "01-sums"
    source = nbformat.writes(read_source(course.source(lesson)))
    release = course.released(lesson).read_text(encoding="utf-8")
    data = made_up(nbformat.reads(release, as_version=4), seed)
    options = {"limits": LIMITS, "confined": not sandbox.available()}
    short, whole = (examine(data, source, release, whole=it, **options) for it in (False, True))
    print(f"{short.run}: {len(passed(short))} passed, {len(passed(whole))} in the whole run")
    assert passed(short) == passed(whole)
