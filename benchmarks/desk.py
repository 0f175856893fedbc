"""How long does a class take at the desk? ``python -m benchmarks.desk``, a quarter of an hour.

A class of 300 is made: in four Moodles of other languages, in Canvas and in Gradescope, with
groups, extensions, namesakes, empty copies, two notebooks at one time and late ones; its answers
are a lesson's own solutions. It goes through roster, due, collect, grade, mark (in the pages that a
browser would show), review, feedback, report and export, each in a process of its own. A table
shows the seconds of each step. It ends with 1 if anybody is lost, or has another mark, status, name
or group than is due; what the platforms make of the tables is worked out by their importers' rules.

* ``--lesson 02-neurons-to-networks`` takes another lesson, ``--students 96`` a smaller class.
* ``--keep FOLDER`` leaves the course there, to look at.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from html import unescape
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from rich.console import Console
from rich.table import Table

from course_utils.instructor.course import find_course
from course_utils.instructor.lessons.exercises import read_exercises, read_source
from course_utils.instructor.release.release import generate
from tests.instructor.class_walk import SETTINGS, Walk
from tests.instructor.made_class import make_class, make_students

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-c", "from course_utils.instructor.cli.app import app; app()"]


def make_course(folder, lesson):
    """A course of one lesson, released."""
    for name in ("nbgrader_config.py", "jupytext.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    shutil.copytree(ROOT / "notebooks" / lesson, folder / "notebooks" / lesson)
    course = find_course(folder)
    course.build.mkdir()
    generate(course, lesson)
    return course


class Commands:
    """Runs `course` in a folder, and keeps how long each of its commands took."""

    def __init__(self, folder):
        self.seconds = defaultdict(list)
        environment = os.environ | {"PYTHONPATH": str(ROOT), "COURSE_PROFILE": "fast"}
        self.options = {"cwd": folder, "env": environment, "text": True}

    def __call__(self, *words):
        """Run a command; gives its exit code and what it printed."""
        start = time.perf_counter()
        done = subprocess.run(
            [*COMMAND, *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **self.options,
        )
        self.seconds[words[0]].append(time.perf_counter() - start)
        return done.returncode, done.stdout

    def mark(self, lesson, halves):
        """Mark by hand in the pages of `course mark`: so many points for each question."""
        words = [*COMMAND, "mark", lesson]
        with subprocess.Popen(words, stdout=subprocess.PIPE, **self.options) as process:
            told = iter(process.stdout.readline, "")
            address = next(it for line in told for it in re.findall(r"http://\S+", line))
            for cell, half in halves.items():
                self._mark_all(f"{address}{cell}", half)
            process.terminate()

    def _mark_all(self, address, half):
        """Give points to all answers to a question."""
        page = _read(address)
        while 'name="digest"' in page:
            fields = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
            form = {it: unescape(value) for it, value in fields.items()} | {"points": f"{half:g}"}
            start = time.perf_counter()
            page = _read(address, urlencode(form).encode())  # the next answer, or the list
            self.seconds["mark, one answer"].append(time.perf_counter() - start)


def _read(address, form=None):
    """A page."""
    with urlopen(address, form) as answer:
        return answer.read().decode()


def walk(folder, lesson, count):
    """Take a class through all steps; gives the seconds by command."""
    course, students = make_course(folder, lesson), make_students(count)
    run = Commands(folder)
    made = make_class(course, lesson, students, folder / "inboxes")
    it = Walk(course, lesson, students, made, run)
    it.take_in()
    it.grade()
    it.compare(marked=False)
    exercises = read_exercises(read_source(course.source(lesson))).values()
    written = [exercise for exercise in exercises if exercise.written]
    run.mark(lesson, {own.name: sum(own.points.values()) / 2 for own in written})
    it.review()
    it.compare(marked=True)
    run("status")
    it.hand_back()
    return run.seconds


def main():
    """Show the table; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lesson", default="01-pixels-and-labels")
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            seconds = walk(folder.resolve(), given.lesson, given.students)
        except AssertionError as error:
            print(f"Somebody is lost or wrong: {error}")
            return 1
    table = Table("step", "times", "seconds each", "in all")
    for step, taken in seconds.items():
        row = len(taken), f"{sum(taken) / len(taken):.2f}", f"{sum(taken):.0f}"
        table.add_row(step, *map(str, row))
    Console().print(table)
    print(f"{given.students} students, {given.lesson}: nobody lost, nobody wrong")
    return 0


if __name__ == "__main__":
    sys.exit(main())
