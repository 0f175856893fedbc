"""Expectations of a lesson, looked at where nbmake runs it: by one more cell."""

from contextlib import contextmanager
from unittest import mock

import nbformat

from course_utils.instructor.measure import claims, measuring


def asserting(expectations, profile):
    """The code that holds the expectations of a profile."""
    lines = ["import numpy as np"]
    lines += [
        f"assert {it.predicate}, {f'The lesson says: {it.sentence}'!r}"
        for it in expectations
        if profile in it.profiles
    ]
    return "\n".join(lines)


def with_expectations(notebook, expectations, profile):
    """A notebook with a cell that holds its expectations, after its experiments."""
    place = len(measuring.experiment(notebook))
    cell = nbformat.v4.new_code_cell(asserting(expectations, profile))
    return nbformat.from_dict(
        notebook | {"cells": [*notebook.cells[:place], cell, *notebook.cells[place:]]}
    )


@contextmanager
def looked_at(course, lesson, profile):
    """Within this context, the lesson's notebook is read with that cell."""
    _, expectations = claims.read(course, lesson)
    read = nbformat.read

    def read_with_expectations(path, *arguments, **options):
        notebook = read(path, *arguments, **options)
        if str(path) != str(course.source(lesson)):
            return notebook
        return with_expectations(notebook, expectations, profile)

    with mock.patch.object(nbformat, "read", read_with_expectations):
        yield
