"""Planted leaks, every rewording in every kind of place; and what looks alike but may be said."""

import ast
import base64
import builtins
import gzip
import html
import io
import json
import tarfile
import zipfile
import zlib
from pathlib import Path
from textwrap import dedent

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_utils.instructor.course import find_course, lesson_names
from course_utils.instructor.release.confidential import (
    HIDDEN_TESTS,
    SOLUTION,
    read_secrets,
    read_seeds,
)
from course_utils.instructor.release.leaks import find_leaks
from course_utils.instructor.release.rewording import imported_names, parse

SOFTMAX = '''\
def softmax(scores):
    """Probabilities from scores."""
    ### BEGIN SOLUTION
    shifted = scores - scores.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    return powers / powers.sum(axis=1, keepdims=True)
    ### END SOLUTION
'''
MEDIANS = """\
def class_medians(points, labels, classes):
    ### BEGIN SOLUTION
    medians = np.zeros((classes, 2))
    for label in range(classes):
        medians[label] = np.median(points[labels == label], axis=0)
    return medians
    ### END SOLUTION
"""
STOPPING = """\
def early_stopping(losses, patience):
    ### BEGIN SOLUTION
    best = 1
    for epoch, loss in enumerate(losses, start=1):
        if loss < losses[best - 1]:
            best = epoch
        elif epoch - best >= patience:
            return epoch, best
    return len(losses), best
    ### END SOLUTION
"""
NETWORK = """\
def build_network():
    ### BEGIN SOLUTION
    pixels = keras.Input(shape=(784,))
    first = keras.layers.Dense(64, activation="relu")(pixels)
    second = keras.layers.Dense(32, activation="relu")(first)
    return keras.Model(pixels, keras.layers.Dense(10, activation="softmax")(second))
    ### END SOLUTION
"""
HIDDEN = """\
# These tests use other scores.
### BEGIN HIDDEN TESTS
generator = np.random.default_rng(22)
for images, classes in ((4, 10), (1, 5), (6, 2)):
    batch = generator.normal(scale=4, size=(images, classes))
    answer = softmax(batch.copy())
    assert np.allclose(answer.sum(axis=1), 1, atol=1e-6), "no probabilities"
    assert np.array_equal(answer.argmax(axis=1), batch.argmax(axis=1)), "another order"
### END HIDDEN TESTS
"""
REWORDED = {
    "softmax, renamed": """\
def probabilities_of(values):
    reduced = values - values.max(axis=1, keepdims=True)
    raised = np.exp(reduced)
    return raised / raised.sum(axis=1, keepdims=True)
""",
    "softmax, lambda": """\
p = lambda s: np.exp(s - s.max(axis=1, keepdims=True)) / np.exp(
    s - s.max(keepdims=True, axis=1)
).sum(axis=1, keepdims=True)
""",
    "softmax, one name for all": """\
x = x - x.max(axis=1, keepdims=True)
x = np.exp(x)
x = x / x.sum(axis=1, keepdims=True)
""",
    "softmax, split and imported by name": """\
from numpy import exp, sum as add, max as largest
def s(v: "array") -> "array":
    top = \\
        largest(v, axis=1, keepdims=True)
    e = exp(v \\
        - top)
    below = add(e, keepdims=True, axis=1)
    return e / below
""",
    "medians, as a comprehension with other names": """\
def middle(dots, kinds, n):
    result = np.zeros((n, 2))
    for k in range(n):
        chosen = dots[k == kinds]
        result[k] = np.median(chosen, axis=0)
    return result
""",
    "stopping, turned and renamed": """\
def stop_early(history, waiting):
    lowest = 1
    for number, value in enumerate(history, start=1):
        if history[lowest - 1] > value:
            lowest = number
        elif waiting <= number - lowest:
            return (number, lowest)
    return (len(history), lowest)
""",
    "network, in one line and reordered": """\
inp = keras.Input(shape=[784])
out = keras.layers.Dense(32, activation="relu")(keras.layers.Dense(64, activation="relu")(inp))
model = keras.Model(inp, keras.layers.Dense(10, activation="softmax")(out))
""",
    "hidden tests, renamed and without messages": """\
rng = np.random.default_rng(22)
for rows, columns in [(4, 10), (1, 5), (6, 2)]:
    given = rng.normal(size=(rows, columns), scale=4)
    got = softmax(given.copy())
    assert np.array_equal(given.argmax(axis=1), got.argmax(axis=1))
    assert np.allclose(got.sum(axis=1), 1, atol=1e-6)
""",
}


def notebook(*cells, **metadata):
    return nbformat.writes(new_notebook(cells=list(cells), metadata=metadata)).encode()


def zipped(name, content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def tarred(name, content):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        part = tarfile.TarInfo(name)
        part.size = len(content)
        archive.addfile(part, io.BytesIO(content))
    return buffer.getvalue()


def array_of(text):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, words=np.array([text]))
    return buffer.getvalue()


def indented(code, by="    "):
    return "".join(by + line for line in code.splitlines(keepends=True))


def encoded(data):
    return base64.encodebytes(data).decode()


def picture_with(text):
    packed = zlib.compress(b"Comment\0" + text.encode())
    return b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + bytes(13) + b"\0\0\0\0zTXt" + packed + b"\xff\xfe"


PLACES = {
    "code cell": lambda code: ("a.ipynb", notebook(new_code_cell(f"print(1)\n{code}"))),
    "fence in a cell": lambda code: (
        "a.ipynb",
        notebook(new_markdown_cell(f"Look:\n\n```python\n{code}```\n\nDone.")),
    ),
    "commented out in a cell": lambda code: (
        "a.ipynb",
        notebook(new_code_cell(f"x = 1\n# try this\n{indented(code, '# ')}")),
    ),
    "docstring in a cell": lambda code: (
        "a.ipynb",
        notebook(new_code_cell(f'def f():\n    """\n{indented(code)}    """')),
    ),
    "printed": lambda code: (
        "a.ipynb",
        notebook(new_code_cell("1", outputs=[new_output("stream", text=code)])),
    ),
    "shown as a text": lambda code: (
        "a.ipynb",
        notebook(
            new_code_cell("1", outputs=[new_output("execute_result", {"text/plain": repr(code)})])
        ),
    ),
    "shown in HTML": lambda code: (
        "a.ipynb",
        notebook(
            new_code_cell(
                "1",
                outputs=[
                    new_output(
                        "display_data", {"text/html": f"<pre><b></b>{html.escape(code)}</pre>"}
                    )
                ],
            )
        ),
    ),
    "shown in a picture's comment": lambda code: (
        "a.ipynb",
        notebook(
            new_code_cell(
                "1",
                outputs=[new_output("display_data", {"image/png": encoded(picture_with(code))})],
            )
        ),
    ),
    "metadata of a cell": lambda code: (
        "a.ipynb",
        notebook(new_code_cell("1", metadata={"old": {"source": [code]}})),
    ),
    "metadata of a notebook": lambda code: ("a.ipynb", notebook(kept=code)),
    "attachment": lambda code: (
        "a.ipynb",
        notebook(
            new_markdown_cell("see", attachments={"a.txt": {"text/plain": encoded(code.encode())}})
        ),
    ),
    "module": lambda code: ("course_utils/a.py", f"import os\n\n{code}".encode()),
    "method": lambda code: (
        "course_utils/a.py",
        (f"class A:\n    def f(self):\n{indented(code, ' ' * 8)}").encode(),
    ),
    "Markdown file": lambda code: ("README.md", f"# Title\n\n~~~\n{code}~~~\n".encode()),
    "indented in a text file": lambda code: ("notes.txt", f"So:\n\n{indented(code)}\n".encode()),
    "example with prompts": lambda code: ("notes.txt", indented(code, ">>> ").encode()),
    "JSON": lambda code: ("data.json", json.dumps({"a": [{"b": code}]}).encode()),
    "UTF-16": lambda code: ("notes.txt", code.encode("utf-16")),
    "between other bytes": lambda code: ("figure.bin", b"\xff\x01" + code.encode() + b"\x80\xfe"),
    "notebook in a zip": lambda code: ("a.zip", zipped("a/a.ipynb", notebook(new_code_cell(code)))),
    "zip in a wheel": lambda code: ("a.whl", zipped("a.zip", zipped("b.py", code))),
    "zip in an attachment": lambda code: (
        "a.ipynb",
        notebook(
            new_markdown_cell(
                "see", attachments={"a": {"application/zip": encoded(zipped("b.py", code))}}
            )
        ),
    ),
    "tar": lambda code: ("a.tar.gz", tarred("b.py", code.encode())),
    "gzip": lambda code: ("a.gz", gzip.compress(code.encode())),
    "array": lambda code: ("a.npz", array_of(code)),
    "hexadecimal digits": lambda code: ("a.py", f"x = '{code.encode().hex()}'".encode()),
}


def graded(cell, name, **roles):
    cell.metadata["nbgrader"] = {"grade_id": name, **roles}
    return cell


@pytest.fixture(scope="module")
def secrets():
    answers = {"softmax": SOFTMAX, "medians": MEDIANS, "stopping": STOPPING, "network": NETWORK}
    cells = [graded(new_code_cell(code), name, solution=True) for name, code in answers.items()]
    cells.append(graded(new_code_cell(HIDDEN), "softmax-hidden", grade=True))
    imports = new_code_cell("import numpy as np\nimport keras")
    return read_secrets(new_notebook(cells=[imports, *cells]), "02-neurons")


def leaks_in(place, data, secrets):
    return find_leaks([(place, data)], secrets, lambda path: "Mend it.")


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("reworded", REWORDED)
def test_a_reworded_secret_is_found_in_every_place(secrets, reworded, place):
    name, data = place(REWORDED[reworded])
    found = leaks_in(name, data, secrets)
    kind, exercise = (
        ("hidden tests", "softmax-hidden")
        if "hidden" in reworded
        else ("solution", reworded.partition(",")[0])
    )
    assert any(f"{kind} of '{exercise}' in 02-neurons" in leak.what for leak in found), found
    assert all(leak.place.startswith(name) for leak in found)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize(
    "text",
    [
        SOFTMAX.partition("SOLUTION\n")[2].partition("    ###")[0],
        "### BEGIN SOLUTION",
        "# END hidden tests",
        "=== BEGIN MARK SCHEME ===",
    ],
)
def test_a_secret_in_its_own_words_is_found_in_every_place(secrets, text, place):
    assert leaks_in(*place(text), secrets)


def test_a_reworded_solution_split_over_cells_is_found(secrets):
    lines = [
        "m = x.max(axis=1, keepdims=True)",
        "a = x - m",
        "b = np.exp(a)",
        "c = b.sum(axis=1, keepdims=True)",
        "d = b / c",
    ]
    data = notebook(*(new_code_cell(line) for line in lines))
    (leak,) = leaks_in("a.ipynb", data, secrets)
    assert "a.ipynb, several cells together: holds 7 of 7 steps" in str(leak)
    assert "solution of 'softmax' in 02-neurons, in other words" in leak.what


INNOCENT = {
    "another normalisation": "(images - images.mean(axis=0, keepdims=True)) / images.std(axis=0)",
    "what a hint may say": "scores.max(axis=1, keepdims=True)",
    "calling it": "probabilities = softmax(network.predict(images))\nprobabilities.sum(axis=1)",
    "another network": "image = keras.Input(shape=(28, 28))\n"
    "flat = keras.layers.Flatten()(image)\nhidden = keras.layers.Dense(256, activation='sigmoid')"
    "(flat)\nkeras.Model(image, keras.layers.Dense(10, activation='softmax')(hidden))",
    "another loop that fills an array": "means = np.zeros((10, 28, 28))\nfor label in range(10):\n"
    "    means[label] = images[labels == label].mean(axis=0)",
    "another loop with a best": "best = 0\nfor number, value in enumerate(values):\n"
    "    if value > values[best]:\n        best = number\nprint(best)",
    "a visible test": "two = np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0]])\nresult = softmax(two)\n"
    "assert result.shape == (2, 3)\nassert np.allclose(result[1], 1 / 3)",
    "random numbers": "generator = np.random.default_rng(22)\n"
    "noise = generator.normal(scale=4, size=images.shape)\nnoisy = images + noise",
    "prose": "Subtract the largest score of each row, raise e to the rest, divide by the sum.",
    "a table of numbers": "\n".join(f"{n}, {n * n}, 0x{n:064x}" for n in range(60)),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("text", INNOCENT.values(), ids=INNOCENT)
def test_what_only_looks_alike_passes(secrets, text, place):
    assert leaks_in(*place(text + "\n"), secrets) == []


@pytest.mark.parametrize(
    ("solution", "told"),
    [
        ("return 6", False),
        ("return images.shape", False),
        ("return x @ w + b", False),
        ("return (images - mean) / std", False),
        ("return math.fsum(numbers) / len(numbers)", False),
        ("return (images.astype(float) - mean) / (std + epsilon)", True),
        ("return np.cumsum([size * steps for size, steps in schedule])", True),
    ],
)
def test_four_operations_tell_a_solution_from_other_code(solution, told):
    block = f"def f():\n    ### BEGIN SOLUTION\n    {solution}\n    ### END SOLUTION\n"
    cells = [new_code_cell("import math"), graded(new_code_cell(block), "f", solution=True)]
    secrets = read_secrets(new_notebook(cells=cells), "any")
    reworded = solution
    for name in ("images", "mean", "std", "epsilon", "numbers", "size", "steps", "schedule"):
        reworded = reworded.replace(name, f"other_{name[::-1]}")
    reworded = reworded.replace("return", "answer =")
    reworded = reworded.replace("x @ w + b", "b1 + x1 @ w1").replace(".other_", ".")
    found = leaks_in("a.ipynb", notebook(new_code_cell(f"import math\n{reworded}")), secrets)
    assert bool(found) == told, found


SEED = "5b1f" * 15 + "0a9c"


@pytest.mark.parametrize(
    "text",
    [
        SEED,
        SEED.upper(),
        bytes.fromhex(SEED),
        base64.b64encode(bytes.fromhex(SEED)),
        base64.b64encode(SEED.encode()),
        str(int(SEED, 16)),
        zipped("a", json.dumps({"seed": SEED})),
    ],
    ids=["digits", "capitals", "bytes", "Base64", "digits in Base64", "number", "file"],
)
def test_the_secret_of_a_challenge_is_found(tmp_path, text):
    (tmp_path / "emoji10-0.json").write_text(json.dumps({"seed": SEED, "images": 100}))
    data = text.encode() if isinstance(text, str) else text
    name, data = ("a.zip", data) if data[:2] == b"PK" else ("a.bin", b"\xff " + data + b" ")
    found = leaks_in(name, data, read_seeds(tmp_path))
    assert found
    assert {leak.what for leak in found} == {"holds the secret of emoji10-0.json"}


def test_without_challenges_there_are_no_seeds(tmp_path):
    assert read_seeds(tmp_path / "none") == []


SCHEME = "Two points if the answer names overfitting, one point if it only describes the gap."


@pytest.mark.parametrize(
    "cell",
    [
        graded(
            new_markdown_cell(
                f"Why?\n=== BEGIN MARK SCHEME ===\n{SCHEME}\n=== END MARK SCHEME ==="
            ),
            "why",
            task=True,
        ),
        new_markdown_cell(SCHEME, metadata={"tags": ["instructor"]}),
    ],
)
def test_mark_schemes_and_notes_for_instructors_are_secret(cell):
    secrets = read_secrets(new_notebook(cells=[cell]), "any")
    (leak,) = leaks_in("README.md", f"Well. {SCHEME} So.".encode(), secrets)
    assert "1 of 1 lines of the" in leak.what


@pytest.mark.parametrize(
    "name", ["END SOLUTION.png", "begin_solution.py", "begin-hidden-tests.txt"]
)
def test_names_of_files_are_searched(name):
    (leak,) = leaks_in(f"course_utils/{name}", b"nothing", [])
    assert "its name: holds the marker" in str(leak)
    found = leaks_in("a.zip", zipped(name, b"nothing at all here"), [])
    assert any(f"a.zip > {name}, its name: holds the marker" in str(leak) for leak in found)


def test_what_cannot_be_opened_is_refused():
    (leak,) = leaks_in("a.zip", b"PK\x03\x04 no archive", [])
    assert "cannot be opened" in leak.what
    assert "not searched" in leak.what


def test_what_is_packed_too_deep_is_refused():
    data = b"print(1)"
    for _ in range(12):
        data = zipped("a.zip", data)
    (leak,) = leaks_in("a.zip", data, [])
    assert "packed so deep" in leak.what


def test_of_files_that_are_alike_one_is_told(secrets):
    code = REWORDED["softmax, renamed"].encode()
    files = [("course_utils/a.py", code), ("b/a.py", code), ("b.zip", zipped("a.py", code))]
    (leak,) = find_leaks(files, secrets, lambda path: "Mend it.")
    assert leak.place == "course_utils/a.py"


def test_a_notebook_that_is_none_is_read_as_a_text(secrets):
    assert leaks_in("a.ipynb", REWORDED["softmax, renamed"].encode(), secrets)


COURSE = find_course(Path(__file__).parent)
TOO_SHORT = {"dense_layer", "learning_rates", "temperature_for"}
"""Solutions of this course that cannot be told from other code once they are renamed."""


def renamed(tree, kept):
    """Code with other names for its variables."""
    numbers = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in kept:
            node.id = f"v{numbers.setdefault(node.id, len(numbers))}"
        elif isinstance(node, ast.arg):
            node.arg = f"v{numbers.setdefault(node.arg, len(numbers))}"
    return ast.unparse(tree)


def test_all_solutions_and_hidden_tests_of_this_course_are_found_when_they_are_renamed():
    secrets, files = [], []
    for lesson in lesson_names(COURSE):
        source = nbformat.read(COURSE.source(lesson), as_version=4)
        secrets += read_secrets(source, lesson)
        trees = [parse(cell.source) for cell in source.cells if cell.cell_type == "code"]
        body = [node for tree in trees if tree for node in ast.walk(tree)]
        body = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
        imports = ast.unparse(ast.Module(body, []))
        kept = {*imported_names([parse(imports)]), *dir(builtins)}
        for cell in source.cells:
            if cell.cell_type == "code":
                for block in SOLUTION.findall(cell.source) + HIDDEN_TESTS.findall(cell.source):
                    code = renamed(parse(dedent(block)), kept)
                    place = f"{lesson}/{cell.metadata.nbgrader.grade_id}.ipynb"
                    files.append((place, notebook(new_code_cell(imports), new_code_cell(code))))
    leaks = find_leaks(files, secrets, lambda path: "Mend it.")
    missed = {
        Path(place).stem
        for place, _ in files
        if not any(
            leak.place.startswith(place) and f"of {Path(place).stem!r} in " in leak.what
            for leak in leaks
        )
    }
    assert len(files) > 80
    assert missed == TOO_SHORT
