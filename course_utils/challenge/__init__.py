"""The challenge: images to name, and the file in which a student hands in what they are.

There are two tracks. The labels of **fashion_mnist**'s test images are public, so that track is on
honour. The images of **emoji10** are drawn by an instructor from a secret (``course challenge``),
and nobody else has their labels.
"""

from course_utils.challenge.images import (
    TRACKS,
    Challenge,
    PredictionError,
    from_test_split,
    open_challenge,
    save_challenge,
)
from course_utils.challenge.predictions import (
    Predictions,
    read_predictions,
    track_of,
    write_predictions,
)

__all__ = [
    "TRACKS",
    "Challenge",
    "PredictionError",
    "Predictions",
    "from_test_split",
    "open_challenge",
    "read_predictions",
    "save_challenge",
    "track_of",
    "write_predictions",
]
