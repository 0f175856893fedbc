"""A lesson begins with known seeds, a banner, and in the fast profile with limited fits."""

import logging
import random
import subprocess
import sys
import warnings

import numpy as np
import pytest

from course_utils import devices, session

T4 = devices.Graphics("Tesla T4", (7, 5))
LESSON = "01-pixels-and-labels"
DETAILS = ("device_name", "compute_capability")  # as TensorFlow names them


@pytest.fixture
def keras():
    """Keras with its own ``fit`` put back afterwards."""
    import keras

    before, policy = keras.Model.fit, keras.config.dtype_policy()
    yield keras
    keras.Model.fit = before
    keras.config.set_dtype_policy(policy)


def tiny_fit(keras, epochs):
    """Fit the smallest network there is; its history."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    return model.fit(np.zeros((4, 1)), np.zeros((4, 1)), epochs=epochs, verbose=0)


def test_importing_the_package_does_not_import_tensorflow():
    code = (
        "import sys, course_utils, course_utils.session, course_utils.datasets, "
        "course_utils.figures, course_utils.checks; print('tensorflow' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False", "import TensorFlow inside the function that needs it"


def test_importing_the_package_alone_imports_nothing_heavy():
    code = "import sys, course_utils; print(sorted({'numpy', 'matplotlib'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_begin_is_silent_apart_from_its_banner():
    code = f"from course_utils import session; session.begin({LESSON!r})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr == "", "students should not see TensorFlow's start-up messages"
    assert f"Lesson {LESSON}" in ran.stdout


@pytest.mark.parametrize("name", session.PROFILES)
def test_profile_comes_from_the_environment(monkeypatch, name):
    monkeypatch.setenv("COURSE_PROFILE", name)
    assert session.profile() == name


def test_profile_is_full_by_default(monkeypatch):
    monkeypatch.delenv("COURSE_PROFILE", raising=False)
    assert session.profile() == "full"


def test_profile_refuses_anything_else(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    with pytest.raises(ValueError, match="one of full, fast; got 'quick'"):
        session.profile()


def test_banner_tells_device_versions_and_profile(monkeypatch, capsys, keras):
    monkeypatch.setenv("COURSE_PROFILE", "fast")
    session.begin(LESSON, seed=5)
    banner = capsys.readouterr().out
    assert f"Lesson {LESSON}" in banner
    assert "CPU" in banner or "GPU" in banner
    assert "seed 5" in banner
    assert f"Keras {keras.__version__}" in banner
    assert "Fast profile" in banner


def test_full_profile_says_nothing_of_a_limit(monkeypatch, capsys, keras):
    monkeypatch.setenv("COURSE_PROFILE", "full")
    session.begin(LESSON)
    assert "Fast profile" not in capsys.readouterr().out


def test_same_seed_same_random_numbers(keras):
    draws = []
    for seed in (3, 3, 4):
        session.begin(LESSON, seed=seed)
        draws.append((random.random(), float(keras.random.uniform(()))))
    assert draws[0] == draws[1]
    assert draws[0] != draws[2]


def test_fast_profile_limits_epochs_and_keeps_what_was_asked(monkeypatch, capsys, keras):
    monkeypatch.setenv("COURSE_PROFILE", "fast")
    session.begin(LESSON)
    history = tiny_fit(keras, epochs=30)
    assert history.epoch == list(range(session.FAST_EPOCHS))
    assert session.asked_epochs == [30]
    assert "30 epochs asked for" in capsys.readouterr().out


def test_fast_profile_leaves_short_fits_alone(monkeypatch, capsys, keras):
    monkeypatch.setenv("COURSE_PROFILE", "fast")
    session.begin(LESSON)
    capsys.readouterr()
    assert len(tiny_fit(keras, epochs=2).epoch) == 2
    assert capsys.readouterr().out == ""


def test_full_profile_takes_the_limit_off_again(monkeypatch, keras):
    monkeypatch.setenv("COURSE_PROFILE", "fast")
    session.begin(LESSON)
    session.begin(LESSON)
    monkeypatch.setenv("COURSE_PROFILE", "full")
    session.begin(LESSON)
    assert len(tiny_fit(keras, epochs=session.FAST_EPOCHS + 2).epoch) == session.FAST_EPOCHS + 2


@pytest.mark.parametrize(
    ("lesson", "seed", "error", "message"),
    [
        (1, 0, TypeError, "lesson should be a string such as"),
        (None, 0, TypeError, "lesson should be a string such as"),
        ("pixels", 0, ValueError, "name of the lesson's folder"),
        ("", 0, ValueError, "name of the lesson's folder"),
        (LESSON, 0.5, TypeError, "seed should be a whole number"),
        (LESSON, True, TypeError, "seed should be a whole number"),
        (LESSON, [1], TypeError, "seed should be a whole number"),
        (LESSON, np.array(["a", "b"]), TypeError, "seed should be a whole number"),
        (LESSON, -1, ValueError, "between 0 and"),
        (LESSON, 2**32, ValueError, "between 0 and"),
    ],
)
def test_begin_refuses_wrong_input(lesson, seed, error, message):
    with pytest.raises(error, match=message):
        session.begin(lesson, seed=seed)


def test_fit_on_a_pipeline_says_nothing_of_shuffling(keras):
    import tensorflow as tf

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        session.begin(LESSON)
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        pairs = tf.data.Dataset.from_tensor_slices(([[1.0]], [1.0])).batch(1)
        model.fit(pairs, verbose=0)
    assert not [warning for warning in told if "shuffle" in str(warning.message)]


def test_several_networks_say_nothing_of_retracing(keras):
    session.begin(LESSON)
    told, log = [], logging.getLogger("tensorflow")
    hearing = logging.Handler()
    hearing.emit = lambda record: told.append(record.getMessage())
    log.addHandler(hearing)
    try:
        log.warning("5 out of the last %d calls triggered tf.function retracing.", 17)
        log.warning("Something else.")
    finally:
        log.removeHandler(hearing)
    assert told == ["Something else."]


@pytest.mark.parametrize("option", ["mixed_precision", "deterministic"])
def test_begin_refuses_options_that_are_no_bools(option):
    with pytest.raises(TypeError, match=f"{option} should be True or False; got 'yes'. Leave it"):
        session.begin(LESSON, **{option: "yes"})


@pytest.mark.parametrize(
    ("graphics", "wanted", "policy"),
    [
        (T4, True, "mixed_float16"),
        (T4, False, "float32"),
        (devices.Graphics("NVIDIA A100-SXM4-40GB", (8, 0)), True, "mixed_float16"),
        (devices.Graphics("Tesla P100-PCIE-16GB", (6, 0)), True, "float32"),
        (None, True, "float32"),
    ],
)
def test_float16_only_where_wanted_and_on_a_gpu_that_gains(
    graphics, wanted, policy, monkeypatch, capsys, keras
):
    import tensorflow as tf

    # What TensorFlow lists is faked, and nothing else: so the whole way from there is tried.
    cards = [] if graphics is None else ["the card"]
    details = {} if graphics is None else dict(zip(DETAILS, graphics, strict=True))
    growing = []
    monkeypatch.setattr(
        tf.config, "list_physical_devices", lambda kind: cards if kind == "GPU" else ["processor"]
    )
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda card: details)
    monkeypatch.setattr(
        tf.config.experimental, "set_memory_growth", lambda *asked: growing.append(asked)
    )
    session.begin(LESSON, mixed_precision=wanted)
    assert keras.config.dtype_policy().name == policy
    assert growing == [(card, True) for card in cards]
    said = capsys.readouterr().out
    assert ("float16" in said) == (policy == "mixed_float16")
    assert ("CPU" if graphics is None else f"GPU ({graphics.name})") in said
    keras.config.set_dtype_policy("mixed_float16")
    session.begin(LESSON)  # the next lesson in the same kernel
    assert keras.config.dtype_policy().name == "float32"


def test_colab_without_a_gpu_is_told_the_menu_and_the_lesson_goes_on(monkeypatch, capsys, keras):
    monkeypatch.setattr(devices, "find_graphics", lambda tensorflow: None)
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab")
    session.begin(LESSON)
    assert "Runtime → Change runtime type → T4 GPU" in capsys.readouterr().out
    monkeypatch.setattr(devices, "find_graphics", lambda tensorflow: T4)
    session.begin(LESSON)
    assert "Runtime" not in capsys.readouterr().out


def test_determinism_is_switched_on_only_when_asked_for(monkeypatch, capsys, keras):
    import tensorflow as tf

    asked = []
    # The real one cannot be taken back, and other tests run in this process.
    monkeypatch.setattr(tf.config.experimental, "enable_op_determinism", lambda: asked.append(True))
    session.begin(LESSON)
    assert not asked
    assert "deterministic" not in capsys.readouterr().out
    session.begin(LESSON, deterministic=True)
    assert asked == [True]
    assert "deterministic" in capsys.readouterr().out


def test_memory_growth_is_asked_for_even_if_tensorflow_was_there_before(monkeypatch, keras):
    asked = []
    monkeypatch.setattr(devices, "let_memory_grow", asked.append)
    session.begin(LESSON)
    assert len(asked) == 1
