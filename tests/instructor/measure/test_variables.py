from types import SimpleNamespace

import numpy as np
import pytest

from course_utils.instructor.measure import variables


class History:
    """As Keras' own."""

    history = {"accuracy": [0.5, np.float32(0.75)]}
    epoch = range(2)


def test_plain_values_are_kept():
    namespace = {
        "accuracy": np.float32(0.5),
        "table": {"dense": [1, (2.5, None)], 3: {"a"}},
        "matrix": np.eye(3),
        "history": History(),
    }
    found = variables.plain_variables(namespace)
    assert found["accuracy"] == 0.5
    assert found["table"] == namespace["table"]
    assert np.array_equal(found["matrix"], np.eye(3))
    assert found["history"] == SimpleNamespace(history=History.history, epoch=[0, 1])


@pytest.mark.parametrize(
    "value",
    [
        object(),
        print,
        [object()],
        np.zeros(variables.LARGEST + 1, np.uint8),
        np.array([object()]),
        list(range(variables.MOST + 1)),
        np,
    ],
)
def test_others_are_left_out(value):
    assert variables.plain_variables({"other": value, "one": 1, "_hidden": 2}) == {"one": 1}


def test_what_holds_itself_is_left_out():
    loop = []
    loop.append(loop)
    assert variables.plain_variables({"loop": loop}) == {}


def test_what_is_written_is_read(tmp_path):
    outcome = variables.known({"accuracy": 0.5})
    variables.write(tmp_path / "run", outcome)
    assert variables.read(tmp_path / "run")["variables"] == {"accuracy": 0.5}
    assert outcome["device"].startswith(("CPU", "GPU"))
    assert outcome["processor_seconds"] > 0
