"""nbgrader's settings, for its own commands run in this folder and for ``course`` alike."""

import os
from pathlib import Path

# Submissions meet the small embedded data and few epochs: a class of hundreds is graded in minutes
# and without a network. The exercises' tests ask for no accuracy, so no mark depends on it.
os.environ.setdefault("COURSE_PROFILE", "fast")

root = Path(__file__).resolve().parent
c = get_config()  # noqa: F821 (nbgrader provides it)

c.CourseDirectory.root = str(root)
c.CourseDirectory.course_id = "pixels-to-features"
c.CourseDirectory.source_directory = "notebooks"
c.CourseDirectory.release_directory = "build/release"
c.CourseDirectory.submitted_directory = "build/submitted"
c.CourseDirectory.autograded_directory = "build/autograded"
# Not build/feedback, where `course feedback` writes what students get: pages that nbgrader makes by
# itself show hidden tests.
c.CourseDirectory.feedback_directory = "build/nbgrader-feedback"
c.CourseDirectory.solution_directory = "build/solution"
# Set COURSE_GRADEBOOK to keep marks elsewhere: nbgrader and `course` both obey it, and a password
# does not belong in this file.
c.CourseDirectory.db_url = (
    os.environ.get("COURSE_GRADEBOOK") or f"sqlite:///{root / 'build' / 'gradebook.db'}"
)

# What lies beside a lesson's notebook and is not for students: above all its Markdown, which holds
# the solutions and hidden tests.
c.CourseDirectory.ignore = [
    "*.md",
    "*.pyc",
    ".DS_Store",
    ".ipynb_checkpoints",
    "__pycache__",
    "feedback",
]

(root / "build").mkdir(exist_ok=True)  # nbgrader makes the folders below it, but not this one

c.ClearSolutions.code_stub = {
    "python": (
        'raise NotImplementedError("This exercise is waiting for you: '
        'replace this line with your answer.")'
    )
}
c.ClearSolutions.text_stub = "*Replace this line with your answer.*"

# A right answer that warns, or writes to the standard error, is right all the same.
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = r"[\s\S]"

# Seconds for a cell. Training in the fast profile takes a few; an endless loop ends here.
c.Execute.timeout = 180

# The formgrader shows students' notebooks in the instructor's browser;
# course_utils/instructor/report/formgrader.py says what it has to take out.
c.HTMLExporter.preprocessors = ["course_utils.instructor.report.formgrader.Harmless"]
c.HTMLExporter.filters = {
    "markdown2html": "course_utils.instructor.report.formgrader.harmless_markdown"
}
c.FormgradeExtension.debug = False  # it would show all settings, a database's password too
