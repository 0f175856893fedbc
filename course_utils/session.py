"""Start a lesson: one call that sets the seeds, tells the device and applies the profile."""

import os
import platform
import re
import warnings
from functools import wraps

from course_utils import arguments
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


def begin(lesson, seed=DEFAULT_SEED):
    """Begin a lesson: seed Python, NumPy and TensorFlow, and print where the lesson runs.

    In the fast profile every later ``Model.fit`` runs at most ``FAST_EPOCHS`` epochs; the number
    that was asked for is kept in ``asked_epochs``.

    Parameters
    ----------
    lesson : str
        The name of the lesson's folder, such as ``"01-pixels-and-labels"``.
    seed : int
        Seed of all random numbers, 0 to 2**32 - 1.

    Raises
    ------
    TypeError
        If ``lesson`` is not a string or ``seed`` not an integer.
    ValueError
        If ``lesson`` is not named like a lesson, ``seed`` is out of range or ``COURSE_PROFILE``
        is not a profile.
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
    chosen = profile()
    tensorflow = import_tensorflow()
    import keras

    keras.utils.set_random_seed(seed)
    # Keras says so at every fit on a tf.data pipeline, although that shuffles by itself.
    warnings.filterwarnings("ignore", message=".*shuffle=True.* will be ignored")
    asked_epochs.clear()
    _limit_epochs(keras.Model, FAST_EPOCHS if chosen == "fast" else None)
    print(f"Lesson {lesson} · {_device(tensorflow)} · seed {seed}")
    print(
        f"Python {platform.python_version()} · TensorFlow {tensorflow.__version__}"
        f" · Keras {keras.__version__}"
    )
    if chosen == "fast":
        print(
            f"Fast profile: the small embedded data, and at most {FAST_EPOCHS} epochs a fit. "
            "Unset COURSE_PROFILE for the full lesson."
        )


def _device(tensorflow):
    """Name what the lesson computes on, as a student would."""
    graphics = tensorflow.config.list_physical_devices("GPU")
    if not graphics:
        return f"CPU ({os.cpu_count()} cores)"
    details = tensorflow.config.experimental.get_device_details(graphics[0])
    return f"GPU ({details.get('device_name', 'name unknown')})"


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
