"""Start a lesson: one call that sets the seeds, tells the device and applies the profile."""

import logging
import os
import platform
import re
import warnings
from functools import wraps

from course_utils import arguments, colab, devices, predictions
from course_utils.tensorflow_quietly import import_tensorflow

PROFILES = ("full", "fast")
FAST_EPOCHS = 3
DEFAULT_SEED = 2026

asked_epochs = []
"""The ``epochs`` of every ``Model.fit`` since ``begin``, as the lesson asked for them."""


def profile():
    """Tell the profile that lessons run in.

    Returns
    -------
    str
        ``"full"`` or ``"fast"``, from the environment variable ``COURSE_PROFILE`` (default full).

    Raises
    ------
    ValueError
        If the variable holds anything else.
    """
    value = os.environ.get("COURSE_PROFILE", "full")
    if value not in PROFILES:
        raise ValueError(
            f"COURSE_PROFILE should be one of {', '.join(PROFILES)}; got {value!r}. "
            "Unset it for the full profile."
        )
    return value


def begin(lesson, seed=DEFAULT_SEED, *, mixed_precision=False, deterministic=False):
    """Begin a lesson: seed Python, NumPy and TensorFlow, and print where the lesson runs.

    On a GPU, its memory is taken as it is needed. In Colab without a GPU, a line says which menu
    gives one. Whether XLA compiles a network is left to Keras: on a GPU it does where it can.

    In the fast profile every later ``Model.fit`` runs at most ``FAST_EPOCHS`` epochs; the number
    that was asked for is kept in ``asked_epochs``. Predictions of an earlier lesson are forgotten.

    Parameters
    ----------
    lesson : str
        The name of the lesson's folder, such as ``"01-pixels-and-labels"``.
    seed : int
        Seed of all random numbers, 0 to 2**32 - 1.
    mixed_precision : bool
        Let layers that are made from now on calculate with float16 (their weights stay float32),
        on a GPU that is quicker with it, and only there: compute capability 7.0 or more, such as
        Colab's T4. For lessons with large steps; give the last layer, and layers for augmentation,
        ``dtype="float32"``.
    deterministic : bool
        Take only operations that give exactly the same numbers in every run on the same machine;
        with the seed alone, runs on a GPU may differ slightly. It stays on until Python is started
        anew. What it costs: on a CPU about a tenth (``benchmarks/determinism.py``: 1.09 to 1.12
        times the processor time, three runs each, TensorFlow 2.21; the seed alone gave equal runs
        there, too). On a GPU, which was not measured, slower operations are chosen and XLA is off;
        an operation without such a version stops the lesson with an error.

    Raises
    ------
    TypeError
        If ``lesson`` is not a string, ``seed`` not an integer or another argument not a bool.
    ValueError
        If ``lesson`` is not named like a lesson, ``seed`` is out of range or ``COURSE_PROFILE``
        is not a profile.
    ImportError
        If TensorFlow is not installed, with what to do about it.
    """
    if not isinstance(lesson, str):
        raise TypeError(
            f"lesson should be a string such as '01-pixels-and-labels'; got {lesson!r}."
        )
    if not re.fullmatch(r"\d\d-[a-z0-9-]+", lesson):
        raise ValueError(
            "lesson should be the name of the lesson's folder, such as '01-pixels-and-labels'; "
            f"got {lesson!r}."
        )
    seed = arguments.random_seed(seed)
    for name, value in (("mixed_precision", mixed_precision), ("deterministic", deterministic)):
        if not isinstance(value, bool):
            raise TypeError(
                f"{name} should be True or False; got {value!r}. Leave it out for False."
            )
    chosen = profile()
    tensorflow = _tensorflow()
    import keras

    devices.let_memory_grow(tensorflow)
    graphics = devices.find_graphics(tensorflow)
    halves = mixed_precision and devices.halves_pay(graphics)
    keras.config.set_dtype_policy("mixed_float16" if halves else keras.config.floatx())
    if deterministic:
        tensorflow.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(seed)
    # Keras says so at every fit on a tf.data pipeline, although that shuffles by itself.
    warnings.filterwarnings("ignore", message=".*shuffle=True.* will be ignored")
    logging.getLogger("tensorflow").addFilter(_is_not_about_retracing)
    asked_epochs.clear()
    predictions.forget()
    _limit_epochs(keras.Model, FAST_EPOCHS if chosen == "fast" else None)
    device = devices.describe(graphics, os.cpu_count())
    extras = " · float16 where it is quicker" * halves + " · deterministic" * deterministic
    print(f"Lesson {lesson} · {device} · seed {seed}{extras}")
    print(
        f"Python {platform.python_version()} · TensorFlow {tensorflow.__version__}"
        f" · Keras {keras.__version__}"
    )
    advice = devices.advise(graphics, colab.is_here())
    if advice is not None:
        print(advice)
    if chosen == "fast":
        print(
            f"Fast profile: the small embedded data, and at most {FAST_EPOCHS} epochs a fit. "
            "Unset COURSE_PROFILE for the full lesson."
        )


def _tensorflow():
    """TensorFlow, or an error that says what to do about its absence."""
    try:
        return import_tensorflow()
    except ImportError as error:
        installed = not isinstance(error.__cause__, ModuleNotFoundError)
        advice = None if installed else devices.without_tensorflow(colab.is_here())
        if advice is None:
            raise
        raise advice from None


def _is_not_about_retracing(record):
    """Whether a message is another one than TensorFlow's when several networks are trained."""
    return "triggered tf.function retracing" not in record.getMessage()


def _limit_epochs(model_class, limit):
    """Let ``model_class.fit`` run at most ``limit`` epochs (None: as many as asked for)."""
    original = getattr(model_class.fit, "unlimited", model_class.fit)

    @wraps(original)
    def fit(self, x=None, y=None, batch_size=None, epochs=1, *arguments, **options):
        asked_epochs.append(epochs)
        first = options.get("initial_epoch", 0)
        allowed = epochs if limit is None else min(epochs, first + limit)
        if allowed < epochs:
            print(f"Fast profile: {epochs} epochs asked for, stopping after epoch {allowed}.")
        return original(self, x, y, batch_size, allowed, *arguments, **options)

    fit.unlimited = original
    model_class.fit = fit
