"""Measure a number that a lesson's prose claims, over several seeds, by running the lesson itself.

    python tests/notebooks/measure.py 03-how-it-learns test_accuracy

Prints the runs, device, versions and date as ``claims/<lesson>.yaml`` wants them.
"""

import contextlib
import datetime
import io
import os
import platform
import sys
from pathlib import Path

import nbformat

SEEDS = (1, 2, 3, 4, 5)


def run_lesson(lesson, seed):
    """Run a lesson's own cells, without the exercises, and give back all of its variables."""
    path = Path(__file__).parents[2] / "notebooks" / lesson / f"{lesson}.ipynb"
    namespace = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.source.startswith("## Exercises"):
            break
        if cell.cell_type == "code":
            code = cell.source.replace(
                f'session.begin("{lesson}")', f'session.begin("{lesson}", seed={seed})'
            )
            with contextlib.redirect_stdout(io.StringIO()):
                exec(code, namespace)
    return namespace


def main(lesson, variable):
    """Print one claim's measurement."""
    runs = [round(float(run_lesson(lesson, seed)[variable]), 4) for seed in SEEDS]
    import keras
    import tensorflow

    print(f"    runs: {runs}")
    print(f"    device: CPU ({os.cpu_count()} cores, {platform.machine()})")
    print(f"    versions: TensorFlow {tensorflow.__version__}, Keras {keras.__version__}")
    print(f"    date: {datetime.date.today()}")
    print(f"    command: python tests/notebooks/measure.py {lesson} {variable}")


if __name__ == "__main__":
    main(*sys.argv[1:])
