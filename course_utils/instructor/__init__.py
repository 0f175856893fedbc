"""The desk: what instructors run to make a release, grade submissions and hand back marks.

Each room imports only from those below it in ``ROOMS`` and from the ground, the files that stand
directly here. Student code never imports this sub-package, and a release does not contain it.
"""

ROOMS = (
    "cli",
    "measure",
    "report",
    "grade",
    "collect",
    "desk",
    "repair",
    "site",
    "release",
    "gradebook",
    "execute",
    "challenge",
    "lessons",
)
