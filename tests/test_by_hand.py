"""A forbidden call is seen under whatever name it was imported; nobody else is blamed."""

import gc
import re
import sys

import numpy as np
import pytest

from course_utils.by_hand import LIBRARIES, by_hand

TABLE = np.arange(12.0).reshape(3, 4)
LABELS = np.array([0, 2, 1])


def answer(code):
    """The function ``answer`` that a student's code defines."""
    namespace = {"__name__": "__main__"}
    exec(code, namespace)
    return namespace["answer"]


ONE_HOT = {
    "Keras, dotted": "import keras\ndef answer(it): return keras.utils.to_categorical(it, 3)",
    "Keras, by name": "from keras.utils import to_categorical as h\n"
    "def answer(it): return h(it, 3)",
    "Keras, inside": "def answer(it):\n    from keras.utils import to_categorical\n"
    "    return to_categorical(it, 3)",
    "Keras, by TensorFlow": "import tensorflow as tf\n"
    "def answer(it): return tf.keras.utils.to_categorical(it, 3)",
    "Keras, by getattr": "import keras\n"
    "def answer(it): return getattr(keras, 'ut' + 'ils').to_categorical(it, 3)",
    "Keras, in a helper": "import keras\ndef help(it): return keras.ops.one_hot(it, 3).numpy()\n"
    "def answer(it): return help(it)",
    "Keras, as an argument": "import keras, functools\n"
    "def answer(it): return functools.partial(keras.utils.to_categorical, num_classes=3)(it)",
    "TensorFlow": "import tensorflow as tf\ndef answer(it): return tf.one_hot(it, 3).numpy()",
    "TensorFlow, raw": "import tensorflow as tf\ndef answer(it): return tf.raw_ops.OneHot("
    "indices=it, depth=3, on_value=1.0, off_value=0.0).numpy()",
    "pandas": "import pandas as pd\ndef answer(it): return pd.get_dummies(it).to_numpy(float)",
    "scikit-learn": "from sklearn.preprocessing import label_binarize\n"
    "def answer(it): return label_binarize(it, classes=[0, 1, 2])",
    "SciPy": "from scipy.sparse import csr_matrix\n"
    "def answer(it): return csr_matrix((np.ones(3), (range(3), it))).toarray()\nimport numpy as np",
}


@pytest.mark.parametrize("code", ONE_HOT.values(), ids=ONE_HOT)
def test_every_spelling_of_a_forbidden_call_is_seen(code):
    with pytest.raises(
        AssertionError, match=r"answer called .* of .*\. Write it with NumPy and plain"
    ):
        by_hand(answer(code), LABELS)


NAMED = [
    ("from keras.activations import softmax as s", "s(it)", TABLE, "softmax of Keras"),
    ("import tensorflow as tf", "tf.one_hot(it, 3)", LABELS, "one_hot of TensorFlow"),
    ("from keras import layers", "layers.Dense(2)(it)", TABLE, "Dense of Keras"),
    ("from sklearn import metrics as m", "m.confusion_matrix(it, it)", LABELS, "scikit-learn"),
    ("import pandas", "pandas.DataFrame(it)", TABLE, "DataFrame of pandas"),
    ("from scipy.special import softmax", "softmax(it)", TABLE, "softmax of SciPy"),
    ("from course_utils import checks", "checks.equal(1, 1, 'one')", TABLE, "equal of the course"),
]


@pytest.mark.parametrize(("imports", "call", "given", "words"), NAMED)
def test_it_is_told_what_was_called(imports, call, given, words):
    with pytest.raises(AssertionError, match=rf"^answer called .*{re.escape(words)}\."):
        by_hand(answer(f"{imports}\ndef answer(it): return {call}"), given)


HONEST = {
    "NumPy": "import numpy as np\ndef answer(it): return np.linalg.norm(np.corrcoef(it))",
    "plain Python": "import math, statistics\n"
    "def answer(it): return statistics.mean(math.sqrt(x) for x in it[0])",
    "imports what it does not use": "def answer(it):\n"
    "    import keras, scipy.stats, sklearn.cluster, pandas\n"
    "    from tensorflow import nn\n"
    "    return it.sum()",
    "asks for a type": "import tensorflow as tf, keras, pandas\ndef answer(it):\n"
    "    return it if isinstance(it, (tf.Tensor, keras.Layer, pandas.Series)) else it + 1",
    "mentions a name": "import tensorflow as tf, scipy\n"
    "def answer(it): return it.sum(), tf.float32, scipy.special",
    "prints": "def answer(it):\n    print(it)\n    return it",
    "is a class": "class answer:\n    def __init__(self, it): self.it = it",
}


@pytest.mark.parametrize("code", HONEST.values(), ids=HONEST)
def test_nobody_else_is_blamed(code):
    by_hand(answer(code), TABLE)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("def answer(it): return sum(it, axis=1)", TypeError),
        ("import numpy as np\ndef answer(it): return np.reshape(it, (5, 5))", ValueError),
        ("import keras\ndef answer(it): return keras.ops.add(it)", TypeError),
        ("def answer(it): return answer(it)", RecursionError),
        ("def answer(it): raise NotImplementedError('waiting')", NotImplementedError),
    ],
)
def test_an_answers_own_error_is_passed_on_as_it_is(code, error):
    with pytest.raises(error):
        by_hand(answer(code), TABLE)


def test_a_single_function_may_be_forbidden():
    dotted = "import numpy as np\ndef answer(a, b): return np.corrcoef(a, b)[0, 1]"
    by_name = "from numpy import corrcoef\ndef answer(a, b): return corrcoef(a, b)[0, 1]"
    masked = "import numpy as np\ndef answer(a, b): return np.ma.corrcoef(a, b)[0, 1]"
    for code in (dotted, by_name, masked):
        with pytest.raises(AssertionError, match=r"corrcoef of NumPy. Write it without that\."):
            by_hand(answer(code), TABLE[0], TABLE[1], without=["numpy.corrcoef"])
    other = "import numpy as np, pandas as pd\ndef answer(a, b): return np.dot(a, pd.Series(b))"
    assert by_hand(answer(other), TABLE[0], TABLE[1], without=["numpy.corrcoef"]) == 38.0


def test_only_what_is_named_is_forbidden():
    schedule = (
        "from keras.optimizers.schedules import CosineDecay\n"
        "def answer(step): return float(CosineDecay(1.0, 10)(step))"
    )
    with pytest.raises(AssertionError, match="CosineDecay of Keras"):
        by_hand(answer(schedule), 3, without=["keras", "tensorflow"])
    by_hand(answer(ONE_HOT["pandas"]), LABELS, without=["keras", "tensorflow"])


def test_arguments_results_and_settings_are_as_they_were():
    def watcher(*_):
        pass

    sys.setprofile(watcher)
    try:
        assert by_hand(lambda a, b=0: (a, b), 1, b=2) == (1, 2)
        with pytest.raises(ZeroDivisionError):
            by_hand(lambda: 1 / 0)
        assert sys.getprofile() is watcher
    finally:
        sys.setprofile(None)
    assert gc.isenabled()


def test_what_is_cleared_away_meanwhile_is_not_the_students_doing():
    import tensorflow as tf

    def answer(it):
        for _ in range(3):
            gc.collect()
        return it

    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    ring = [table]
    ring.append(ring)
    del table, ring
    by_hand(answer, TABLE)


def test_libraries_are_named_as_they_are_imported():
    assert {"keras", "tensorflow", "scipy", "sklearn", "pandas", "course_utils"} <= set(LIBRARIES)
