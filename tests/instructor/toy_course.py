"""A toy course whose lessons need no TensorFlow, made anew for every test that wants one."""

import json
import shutil
from pathlib import Path

import jupytext
import nbformat

from course_utils.instructor.course import CONFIGURATION, find_course

ROOT = Path(__file__).parents[2]


def nbgrader(name, **roles):
    """A cell's nbgrader metadata, as they stand on a Markdown fence."""
    others = {"grade": False, "locked": False, "schema_version": 3, "solution": False}
    return "nbgrader=" + json.dumps(others | {"task": False, "grade_id": name} | roles)


def answer(name):
    """The fence of an answer cell."""
    return f"```python {nbgrader(name, solution=True)}"


def tests(name, points):
    """The fence of a test cell."""
    return f"```python {nbgrader(name, grade=True, locked=True, points=points)}"


LESSON = f'''\
---
jupyter:
  jupytext:
    formats: ipynb,md
    text_representation:
      extension: .md
      format_name: markdown
      format_version: '1.3'
  kernelspec:
    display_name: Python 3
    language: python
    name: python3
---

# Sums and means

```python
import math

print("a lesson begins")
```

<!-- #region tags=["instructor"] -->
Answers to expect in class: most students forget the empty list.
<!-- #endregion -->

### Exercise: total

{answer("total")}
def total(numbers):
    """Sum of a list of numbers."""
    ### BEGIN SOLUTION
    running = 0.0
    for number in numbers:
        running = math.fsum([running, number])
    return running
    ### END SOLUTION
```

{tests("total-visible", 1)}
assert total([1, 2]) == 3, f"total([1, 2]) should be 3; yours gives {{total([1, 2])}}."
```

{tests("total-hidden", 2)}
# These tests use other numbers.
### BEGIN HIDDEN TESTS
assert total([]) == 0, "an empty list should give 0"
numbers = [1, 2, 3]
total(numbers)
assert numbers == [1, 2, 3], "total should not change the list it is given"
### END HIDDEN TESTS
```

### Exercise: mean

{answer("mean")}
def mean(numbers):
    """Mean of a list of numbers."""
    ### BEGIN SOLUTION
    return math.fsum(numbers) / len(numbers)
    ### END SOLUTION
```

{tests("mean-visible", 1)}
assert mean([2, 4]) == 3, f"mean([2, 4]) should be 3; yours gives {{mean([2, 4])}}."
```

{tests("mean-hidden", 3)}
# These tests use other numbers.
### BEGIN HIDDEN TESTS
assert mean([1, 2]) == 1.5, "a mean need not be a whole number"
### END HIDDEN TESTS
```

### In your own words

Why has an empty list no mean?

<!-- #region {nbgrader("why", grade=True, solution=True, points=2)} -->
Because there is nothing to divide the sum among.
<!-- #endregion -->

```python
print("in between")
```
'''


def make_toy_course(folder, lessons):
    """Write a course with these lessons, all alike, and tell where it lies."""
    shutil.copy(ROOT / CONFIGURATION, folder)
    course = find_course(folder)
    for lesson in lessons:
        write_lesson(course, lesson, LESSON)
    return course


def write_lesson(course, lesson, markdown):
    """Write a lesson as the course's people do: Markdown, and the notebook made from it."""
    place = course.source(lesson)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.with_suffix(".md").write_text(markdown, encoding="utf-8")
    nbformat.write(jupytext.reads(markdown, fmt="md"), place)
