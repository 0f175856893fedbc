"""Checks of arguments, shared by every public function.

Each check returns what it was given, so that a function can start with
``labels = label_vector(labels, ...)``, or says what was expected, what came and what to do.
No array is converted: a quiet conversion hides the mistake that caused it.
"""

from .classification import (
    DIVERGED,
    class_index,
    class_table,
    image_batch,
    label_vector,
    probability_matrix,
    probability_vector,
    single_image,
)
from .general import (
    array,
    finite,
    integer,
    named,
    number_array,
    number_list,
    number_matrix,
    positive_integer,
    random_seed,
    text_list,
)

__all__ = [
    "DIVERGED",
    "array",
    "class_index",
    "class_table",
    "finite",
    "image_batch",
    "integer",
    "label_vector",
    "named",
    "number_array",
    "number_list",
    "number_matrix",
    "positive_integer",
    "probability_matrix",
    "probability_vector",
    "random_seed",
    "single_image",
    "text_list",
]
