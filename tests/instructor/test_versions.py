"""What Colab has, and where it differs from what is here."""

import sys
from importlib.metadata import version

import pytest

from course_utils.instructor.versions import (
    PYTHON,
    Difference,
    canonical,
    colab_versions,
    differences,
    taken_from_colab,
)
from tests.instructor.toy_course import ROOT

HERE = "{}.{}".format(*sys.version_info)


def test_the_course_knows_what_colab_has():
    colab, taken = colab_versions(ROOT), taken_from_colab(ROOT)
    assert colab[PYTHON].startswith("3.")
    assert len(colab) > 100
    assert taken[0] == PYTHON
    assert set(taken) < set(colab)
    assert {"keras", "numpy", "pandas", "protobuf", "scikit-learn", "umap-learn"} < set(taken)
    assert "ipython" in colab
    assert "ipython" not in taken


def test_a_course_without_a_list_knows_nothing(tmp_path):
    assert colab_versions(tmp_path) == {}
    assert taken_from_colab(tmp_path) == []
    assert differences({}) == {}


def test_only_what_differs_is_told():
    same = {PYTHON: HERE, "numpy": version("numpy")}
    assert differences(same) == {}
    found = differences(same | {"pandas": "0.1", "no-such": "2.0", PYTHON: "9.9"})
    assert found == {
        "pandas": Difference("pandas", version("pandas"), "0.1"),
        "no-such": Difference("no-such", "", "2.0"),
        PYTHON: Difference(PYTHON, HERE, "9.9"),
    }


@pytest.mark.parametrize(
    ("here", "colab", "words", "older"),
    [
        ("2.10.0", "2.9.1", "numpy here is 2.10.0, Colab's is 2.9.1", False),
        ("2.9.1", "2.10.0", "numpy here is 2.9.1, Colab's is 2.10.0", True),
        ("", "2.1.3", "numpy is not here, Colab has 2.1.3", True),
    ],
)
def test_a_difference_in_words(here, colab, words, older):
    difference = Difference("numpy", here, colab)
    assert str(difference) == words
    assert difference.here_is_older == older


def test_names_are_compared_as_the_index_does():
    assert canonical("Tensorflow_Data.sets") == "tensorflow-data-sets"
