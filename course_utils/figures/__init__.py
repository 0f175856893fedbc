"""One function a figure; each returns a `Picture` with alternative text.

Importing this needs NumPy only: matplotlib is loaded when the first figure is drawn.
"""

from .counts import class_counts, value_histogram
from .curves import line_curves
from .digit import digit_with_numbers
from .history import training_history
from .images import image_grid
from .network import network_diagram
from .picture import Picture
from .predictions import prediction_grid, probability_bars

__all__ = [
    "Picture",
    "class_counts",
    "digit_with_numbers",
    "image_grid",
    "line_curves",
    "network_diagram",
    "prediction_grid",
    "probability_bars",
    "training_history",
    "value_histogram",
]
