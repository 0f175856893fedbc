"""What a trained network looks for: its kernels, what excites its filters, and two heat maps.

Every function takes NumPy arrays, or a Keras model with them, and returns NumPy arrays; nothing is
drawn here. Images are float as the network takes them, or uint8, which are divided by 255.
"""

from course_utils.features.filters import (
    Answers,
    dead_filters,
    kernel_pictures,
    most_exciting,
    seen_part,
    strongest_answers,
)
from course_utils.features.heat_maps import agreement, enlarged, grad_cam, occlusion

__all__ = [
    "Answers",
    "agreement",
    "dead_filters",
    "enlarged",
    "grad_cam",
    "kernel_pictures",
    "most_exciting",
    "occlusion",
    "seen_part",
    "strongest_answers",
]
