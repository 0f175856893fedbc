"""How quickly is a class graded? ``python -m benchmarks.grading 06-overfitting``, about 10 minutes.

N and 3 N whole notebooks of a lesson, with right and wrong answers from the bank, are graded in two
ways, which take turns: by stock ``nbgrader autograde``, with nothing of ours but
``nbgrader_config.py``; and by ``course grade``. Each run is a process of its own, in a folder of
its own, in the fast profile. Prints the seconds of each run, those of one more notebook (between N
and 3 N), the ratios, and how many marks agree; ends with 1 if one does not, or one more notebook
costs stock less than twelve times as much (eight times, where stock needs less than 8 s for it).

With ``--kernels 100``, it also prints what memory the server of warm kernels has after so many.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from course_utils.instructor.course import find_course
from course_utils.instructor.desk.example_class import hand_in
from course_utils.instructor.execute import sandbox
from course_utils.instructor.execute.execution import execute
from course_utils.instructor.execute.warm_kernel import warm_kernels
from course_utils.instructor.release.release import generate
from tests.grading.answers import BANK, COURSE, autograded_exercises, read_answers

REQUIRED, REQUIRED_OF_SHORT, SHORT = 12, 8, 8  # ratios, and seconds of a notebook
COMMAND = "from course_utils.instructor.cli.app import app; app()"


def make_course(folder, lesson, count):
    """A course of one lesson, released, for which so many students have handed in."""
    for name in ("nbgrader_config.py", "jupytext.toml"):
        shutil.copy(COURSE.root / name, folder)
    shutil.copytree(COURSE.source(lesson).parent, folder / "notebooks" / lesson)
    course = find_course(folder)
    course.build.mkdir()
    generate(course, lesson)
    bank = {
        name: read_answers(BANK, course, lesson, name)
        for name in autograded_exercises(course, lesson)
    }
    for student in range(count):
        answers = {name: some[student % len(some)].code for name, some in bank.items()}
        hand_in(course, f"student-{student:03}", lesson, answers)
    return course


def seconds_of(course, command):
    """How long a command takes in a course's folder."""
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    inherited = {name: value for name, value in os.environ.items() if name != "JUPYTER_PATH"}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command],
        cwd=course.root,
        env=inherited | {"PATH": tools, "COURSE_PROFILE": "fast"},
        capture_output=True,
        text=True,
    )
    taken = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return taken


def marks(course, lesson):
    """Points by student and test; what was graded by hand left out."""
    with Gradebook(course.gradebook_url) as gradebook:
        return {
            (submission.student.id, grade.name): grade.auto_score
            for submission in gradebook.assignment_submissions(lesson)
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.cell.cell_type == "code"
        }


def measure(lesson, counts, workers, tell):
    """Seconds by way and number of notebooks, and marks likewise."""
    ours = ["-c", COMMAND, "grade", "--lesson", lesson, "--workers", str(workers)]
    if sandbox.available():
        ours.append("--no-sandbox")
    ways = {"course": ours, "stock": ["-m", "nbgrader", "autograde", lesson]}
    seconds, found = {}, {}
    for count in counts:
        for way, command in ways.items():
            with tempfile.TemporaryDirectory() as folder:
                tell(f"{way}, {count} notebooks")
                course = make_course(Path(folder), lesson, count)
                seconds[way, count] = seconds_of(course, command)
                found[way, count] = marks(course, lesson)
    return seconds, found


def memory_of_server(kernels, tell):
    """MiB of the server of warm kernels, by the number of kernels it has started."""
    sizes = {}
    with warm_kernels() as server:
        for count in range(1, kernels + 1):
            tell(f"kernel {count} of {kernels}")
            notebook = new_notebook(cells=[new_code_cell("import keras; keras.layers.Dense(3)")])
            execute(notebook, None, confined=not sandbox.available())
            if count in {1, 2, kernels // 2, kernels}:
                lines = Path(f"/proc/{server.pid}/smaps_rollup").read_text().splitlines()
                pss = next(line for line in lines if line.startswith("Pss:"))
                sizes[count] = int(pss.split()[1]) / 1024
    return sizes


def show(console, lesson, counts, seconds, workers):
    """Print the table; returns the ratio of one more notebook, and stock's seconds for it."""
    few, many = counts
    shown = Table(f"{lesson}, seconds", f"{few} notebooks", f"{many} notebooks", "one more")
    more = {}
    for way, words in (
        ("stock", "nbgrader autograde"),
        ("course", f"course grade, {workers} at a time"),
    ):
        more[way] = (seconds[way, many] - seconds[way, few]) / (many - few)
        shown.add_row(
            words, f"{seconds[way, few]:.1f}", f"{seconds[way, many]:.1f}", f"{more[way]:.2f}"
        )
    ratios = [seconds["stock", count] / seconds["course", count] for count in counts]
    ratio = more["stock"] / more["course"]
    shown.add_row("ratio", *(f"{it:.1f}" for it in (*ratios, ratio)))
    console.print(shown)
    return ratio, more["stock"]


def main():
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading")
    parser.add_argument("lesson", help="such as 06-overfitting")
    parser.add_argument("--submissions", type=int, default=8, metavar="N")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--kernels", type=int, default=0, help="for the memory of their server")
    wanted = parser.parse_args()
    counts = wanted.submissions, 3 * wanted.submissions
    console = Console(width=100)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("", total=None)

        def tell(words):
            progress.update(task, description=words)

        seconds, found = measure(wanted.lesson, counts, wanted.workers, tell)
        sizes = memory_of_server(wanted.kernels, tell) if wanted.kernels else {}
    ratio, stock = show(console, wanted.lesson, counts, seconds, wanted.workers)
    different = [
        f"{student}, {cell}: {ours!r}, and {found['stock', count].get((student, cell))!r} by stock"
        for count in counts
        for (student, cell), ours in found["course", count].items()
        if found["stock", count].get((student, cell)) != ours
    ]
    cells = sum(len(found["course", count]) for count in counts)
    console.print(f"{cells - len(different)} of {cells} marks agree.", *different, sep="\n")
    for count, size in sizes.items():
        console.print(f"server after {count} kernels: {size:.0f} MiB")
    required = REQUIRED if stock >= SHORT else REQUIRED_OF_SHORT
    console.print(f"one more notebook: {ratio:.1f} times as fast; required {required}.")
    return 0 if ratio >= required and not different else 1


if __name__ == "__main__":
    sys.exit(main())
