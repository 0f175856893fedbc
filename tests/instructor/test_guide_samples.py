"""The samples in the guide are what the commands say, to a toy class of eight.

Whoever changes what a command says writes them anew: ``COURSE_WRITE_SAMPLES=1 pytest`` this file.
"""

import contextlib
import os
import re
import shutil
import zipfile

import nbformat
import pytest

from course_utils.instructor.execute import sandbox, warm_kernel
from course_utils.instructor.gradebook.by_hand import give_mark
from course_utils.instructor.lessons.exercises import inject
from tests.instructor.toy_course import ROOT

GUIDE = ROOT / "docs" / "instructor.md"
SAMPLE = re.compile(r"(<!-- (?P<words>[^\n]+) -->\n\n```\n)(?P<text>.*?)(?=^```)", re.M | re.S)
HOME = "/home/you/course-desk"
LESSON = "01-sums"
RIGHT = {
    "total": "def total(numbers):\n    return sum(numbers)",
    "mean": "def mean(numbers):\n    return sum(numbers) / len(numbers)",
    "why": "Nothing can be divided by zero.",
}
NAMES = ["Ada Lovelace", "Bo Li", "Cy Young", "Di Ru", "Eve Ito", "Fay Po", "Gus Ek", "Hal Ru"]
CLASS = {f"{name[0].lower()}{place}": name for place, name in enumerate(NAMES, start=1)}
HANDED_IN = {
    "a1": RIGHT,
    "b2": RIGHT,
    "c3": b"PK\3\4 a Word document",
    "d4": {"total": "def total(numbers):\n    return 7"},
    "e5": RIGHT | {"total": "import os\n\nos._exit(1)"},
    "f6": b"PK\3\4 another one",
    "g7": RIGHT,
}
BESIDE = {"e5": "helpers.py", "f6": "answers.docx"}


def samples():
    """Samples in the guide, by what is run."""
    return {it["words"]: it["text"] for it in SAMPLE.finditer(GUIDE.read_text("utf-8"))}


def download(course, path):
    """The download of a Moodle assignment."""
    released = nbformat.read(course.released(LESSON), as_version=4)
    with zipfile.ZipFile(path, "w") as archive:
        for number, (student, answers) in enumerate(HANDED_IN.items(), start=1001):
            folder = f"{CLASS[student]}_{number}_assignsubmission_file_"
            files = {BESIDE[student]: b"another file"} if student in BESIDE else {}
            if student != "f6":
                is_file = isinstance(answers, bytes)
                notebook = None if is_file else nbformat.writes(inject(released, answers)).encode()
                files[f"{LESSON}.ipynb"] = answers if is_file else notebook
            for name, data in files.items():
                archive.writestr(
                    zipfile.ZipInfo(f"{folder}/{name}", (2026, 11, 23, 1, 34, 10)), data
                )


@pytest.fixture
def say(course, run, monkeypatch):
    """A function that runs a command and gives what it says, as lines without spaces at ends."""
    monkeypatch.setattr(warm_kernel, "warm_kernels", contextlib.nullcontext)
    settings = '[tool.course]\ntimezone = "Europe/Berlin"\n'
    (course.root / "pyproject.toml").write_text(settings)

    def say(*words):
        text = run(*words)[1].replace(str(course.root), HOME)
        return "".join(f"{line.rstrip()}\n" for line in text.strip("\n").split("\n"))

    return say


@pytest.mark.skipif(sandbox.available() != "", reason="nothing can be confined here")
@pytest.mark.usefixtures("quick_kernels")
def test_samples_are_what_commands_say(course, say):
    people = [f"{id_},{name},{name.split()[0].lower()}@example.org" for id_, name in CLASS.items()]
    (course.root / "class.csv").write_text("\n".join(["id,name,email", *people]))
    download(course, course.root / "submissions.zip")
    said = {"course roster class.csv": say("roster", "class.csv")}
    say("due", f"{LESSON}=2026-12-01T18:00")
    say("due", f"{LESSON}=2026-12-08", "--student", "a1")
    said["course due"] = say("due")
    said["course collect submissions.zip"] = say("collect", "submissions.zip")
    said["course grade"] = say("grade", "--workers", "1")  # one by one, in a known order
    said["course status 01"] = say("status", "01")
    give_mark(course.gradebook_url, "a1", LESSON, "why", 1.5, "why", "")
    said["course export"] = say("export")
    rows = (course.build / "export" / "marks.csv").read_text("utf-8-sig").splitlines(keepends=True)
    shown = "".join(it for it in rows if re.match("(student|a1|c3|h8),", it))
    said["build/export/marks.csv: a1, c3 and h8"] = shown

    if os.environ.get("COURSE_WRITE_SAMPLES"):
        text = SAMPLE.sub(lambda it: it[1] + said.get(it["words"], it["text"]), GUIDE.read_text())
        GUIDE.write_text(text, encoding="utf-8")
    told = samples()
    assert told.keys() - {"course doctor"} <= said.keys()
    assert {words: said[words] for words in told if words in said} == {
        words: text for words, text in told.items() if words in said
    }


def findings(text):
    """What a doctor says of each thing, whatever the numbers are."""
    found = re.findall(r"^(ok|warning|problem) +([^:\n]+): (.*(?:\n {9}.*)*)", text, re.M)
    return {what: (result, re.sub(r"\d+", "1", words)) for result, what, words in found}


def test_the_doctors_sample_is_what_it_says_here_where_this_machine_is_alike(course, say):
    shutil.copytree(ROOT / "requirements", course.root / "requirements")
    told, said = findings(samples()["course doctor"]), findings(say("doctor"))
    assert len(told) > 4
    assert told.keys() <= said.keys()
    alike = [what for what, (result, _) in told.items() if said[what][0] == result]
    assert "lessons" in alike
    assert [told[what] for what in alike] == [said[what] for what in alike]
