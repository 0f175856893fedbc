"""Three whole notebooks as students write them in Colab, from the inbox to the table of marks."""

import csv
import json
import zipfile

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_output

from course_utils.instructor.collect.collect import collect
from course_utils.instructor.execute import sandbox
from course_utils.instructor.grade.grading import grade
from course_utils.instructor.gradebook.records import GRADED, NEEDS_REVIEW
from course_utils.instructor.lessons.exercises import inject
from course_utils.instructor.report.export import export
from tests.colab.round_trip import as_colab_saves
from tests.grading.answers import autograded_exercises

TOP = """# @title Mount Drive and install what is missing
from google.colab import drive
drive.mount('/content/drive')
!pip install -q torchinfo
%load_ext tensorboard
import torch, torchinfo
import cv2
"""
NAME = "name = input('Your name: ')\nprint('Hello', name)"
PHOTO = """from google.colab import files
uploaded = files.upload()
photo = cv2.imread(next(iter(uploaded)))
small = cv2.resize(photo, (28, 28))
plt.imshow(small)
"""
LAYERS = """import tensorflow as tf
print(tf.__version__, tf.config.list_physical_devices('GPU'))
gpus = tf.config.list_physical_devices('GPU')
tf.config.experimental.set_memory_growth(gpus[0], True)
from tensorflow.keras import datasets, layers, models
tf.keras.mixed_precision.set_global_policy('mixed_float16')
"""
BRIGHTEN = """import cv2
from google.colab.patches import cv2_imshow

def brighten(images, amount):
    return np.clip(images.astype(int) + amount, 0, 255).astype(np.uint8)
"""
FLATTEN = """def flatten(images):
    return torch.tensor(images).reshape(len(images), -1).numpy()
"""
BUILD = """def build_network():
    model = models.Sequential()
    model.add(layers.Input((784,)))
    model.add(layers.Dense(64, activation='relu'))
    model.add(layers.Dense(32, activation='relu'))
    model.add(layers.Dense(10, activation='softmax'))
    return model
"""
SOFTMAX = """def softmax(scores):
    powers = np.exp(scores)
    return powers / powers.sum(axis=0)
"""


def written(course, lesson, own, answers, above="", last=""):
    """A lesson as a student hands it in: solved, run, with own cells on top, as Colab saves it."""
    release = nbformat.read(course.released(lesson), as_version=4)
    solutions = {n: it.solution for n, it in autograded_exercises(course, lesson).items()}
    notebook = inject(release, solutions | answers)
    notebook.cells[0:0] = [new_code_cell(source) for source in own]
    if above:
        names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
        notebook.cells.insert(names.index(above), new_code_cell(last))
    for count, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            cell.execution_count = count
    return notebook


def marks_of(record, *lost):
    """What was earned, and what should have been: all but what is lost."""
    cells = [cell for cell in record.cells if not cell.written]
    expected = {it.name: 0 if it.name in lost else it.maximum for it in cells}
    return {it.name: it.earned for it in cells}, expected


@pytest.fixture(scope="module")
def graded(released, tmp_path_factory):
    """The records of three students, and the table of marks."""
    folder = tmp_path_factory.mktemp("colab")
    pixels, neurons = "01-pixels-and-labels", "02-neurons-to-networks"
    released(neurons)
    course = released(pixels)
    ada = written(course, pixels, [TOP], {"brighten": BRIGHTEN}, "flatten", NAME)
    # Bo's flatten needs PyTorch, which the desk has not.
    bo = written(course, pixels, [TOP, PHOTO], {"flatten": FLATTEN})
    cy = written(course, neurons, [LAYERS, TOP], {"build_network": BUILD, "softmax": SOFTMAX})
    for cell in cy.cells:  # Cy has seen that softmax is wrong, and hands in all the same
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "softmax-visible":
            cell.outputs = [new_output("error", ename="AssertionError", evalue="", traceback=[])]
    inbox = folder / "submissions.zip"
    with zipfile.ZipFile(inbox, "w") as archive:
        for number, (name, lesson, notebook) in enumerate(
            [("Ada Love", pixels, ada), ("Bo Li", pixels, bo), ("Cy Young", neurons, cy)]
        ):
            saved = json.dumps(as_colab_saves(notebook, seed=number))
            place = f"{name}_{number}_assignsubmission_file_/Copy of {lesson}.ipynb"
            archive.writestr(place, saved)
    collected = collect(course, inbox)
    assert not collected.unplaced
    found = [(row.student, row.lesson) for row in collected.rows]
    records = grade(course, found, workers=2, confined=not sandbox.available())
    by_student = {record.student.split("-")[0]: record for record in records}
    (table,), _ = export(course, [pixels, neurons], "csv", folder / "marks.csv")
    return by_student, table


def test_what_colab_has_costs_an_answer_that_does_not_need_it_nothing(graded):
    ada = graded[0]["ada"]
    earned, expected = marks_of(ada)
    assert earned == expected
    assert (ada.status, ada.reasons) == (GRADED, ())


def test_an_answer_that_needs_it_waits_for_a_person(graded):
    bo = graded[0]["bo"]
    earned, expected = marks_of(bo, "flatten-visible", "flatten-hidden")
    assert earned == expected
    assert bo.status == NEEDS_REVIEW
    assert "asks for torch, which is not here: look whether flatten would pass" in bo.reasons[0]
    assert any("flatten-visible passed in the student's own notebook" in it for it in bo.reasons)


def test_a_wrong_answer_is_wrong_there_and_here(graded):
    cy = graded[0]["cy"]
    earned, expected = marks_of(cy, "softmax-visible", "softmax-hidden")
    assert earned == expected
    assert (cy.status, cy.reasons) == (GRADED, ())


def test_the_table_has_what_they_deserve(graded):
    records, table = graded
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = {(row["student"], row["lesson"]): row for row in csv.DictReader(file)}
    for record in records.values():
        row = rows[record.student, record.lesson]
        assert row["status"] == record.status
        assert float(row["points"]) == record.earned
