"""What a cell reads from outside, and imports, is told as Python itself sees it."""

import pytest

from course_utils.instructor.lessons.cell_text import LONGEST_CODE, borrowed, imported

BOX = """
def test_softmax_visible():
    import numpy as np
    from course_utils import checks

    scores = np.array([[1.0, 2]])
    def close(given, *others, by=abs, **more):
        nonlocal scores
        scores = [one for one in zip(given, others)]
        return checks.close(scores, by, more)
    class Fake:
        zeros = min
        def ask(self):
            return self.zeros, zeros
    try:
        with open("x") as file: close(softmax(scores), file)
    except ValueError as error:
        (lambda wanted: wanted + error + late)(tf)
    if (told := 3): print(told)
    del scores
    match told:
        case [first, *rest]: first, rest
test_softmax_visible()
"""


def test_what_a_function_makes_is_its_own():
    assert borrowed(BOX) == {
        *("softmax", "tf", "late", "zeros"),
        *("abs", "min", "zip", "open", "print", "ValueError"),
    }


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("sum(numbers)", {"sum", "numbers"}),
        ("sum = 3\nsum(numbers)", {"numbers"}),
        ("def f():\n    global sum\n    sum = 3\nsum", set()),
        ("def f():\n    sum = 3\nsum", {"sum"}),
        ("[one for one in numbers]\none", {"numbers", "one"}),
        ("%time f(3)\n!ls\nf(4)", {"f"}),
        ("import numpy as np\nnp.sum(3)", set()),
        ("f(", set()),
        ("\0", set()),
        ("x\n" * LONGEST_CODE, set()),
    ],
)
def test_what_a_cell_reads_from_outside(text, names):
    assert borrowed(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import numpy as np, os.path\nfrom math import fsum as add, e", {"np", "os", "add", "e"}),
        ("try:\n    import keras\nexcept ImportError:\n    import tf_keras as keras", {"keras"}),
        ("def f():\n    import numpy", set()),
        ("%matplotlib inline\nimport numpy", {"numpy"}),
        ("# import numpy\nprint('import numpy')\nnumpy = 3", set()),
        ("import numpy\nf(", set()),
        ("import numpy\n" * LONGEST_CODE, set()),
    ],
)
def test_what_a_cell_imports(text, names):
    assert imported(text) == names
