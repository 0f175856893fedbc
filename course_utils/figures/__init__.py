"""One function a figure; each returns a `Picture` or an `Animation` with alternative text.

Importing this needs NumPy only: matplotlib is loaded when the first figure is drawn.
"""

from .album import Album
from .animation import Animation
from .attention import attention_of_patch
from .block import residual_block
from .boundary import learning_boundary
from .chain_rule import chain_rule
from .changed_images import changed_images
from .comparison import compare_histories
from .confusion import confusion_matrix
from .convolution import sliding_kernel
from .correlation import class_correlation
from .counts import class_counts, value_histogram
from .curves import line_curves
from .descent import loss_walks
from .digit import digit_with_numbers
from .error_bars import error_bars
from .feature_maps import framed_images, map_grid
from .filtering import kernel_effects
from .groups import group_accuracies
from .heat_maps import heat_maps
from .history import training_history
from .image_map import image_map
from .images import image_grid
from .leads import leads
from .learned_kernel import learned_kernel
from .learning import kernel_tiles, learning_kernels
from .loss_map import loss_map
from .maps import map_animation, scatter_maps
from .network import network_diagram
from .picture import Picture
from .pipeline_steps import label_order, prefetch_timeline
from .prediction_bars import learning_predictions, prediction_bars
from .predictions import prediction_grid, probability_bars
from .reliability import reliability_diagram
from .spread import spread_curves
from .transfer import transfer_plans
from .validation_curve import validation_curve
from .variants import compare_variants

__all__ = [
    "Album",
    "Animation",
    "Picture",
    "attention_of_patch",
    "chain_rule",
    "changed_images",
    "class_correlation",
    "class_counts",
    "compare_histories",
    "compare_variants",
    "confusion_matrix",
    "digit_with_numbers",
    "error_bars",
    "framed_images",
    "group_accuracies",
    "heat_maps",
    "image_grid",
    "image_map",
    "kernel_effects",
    "kernel_tiles",
    "label_order",
    "leads",
    "learned_kernel",
    "learning_boundary",
    "learning_kernels",
    "learning_predictions",
    "line_curves",
    "loss_map",
    "loss_walks",
    "map_animation",
    "map_grid",
    "network_diagram",
    "prediction_bars",
    "prediction_grid",
    "prefetch_timeline",
    "probability_bars",
    "reliability_diagram",
    "residual_block",
    "scatter_maps",
    "sliding_kernel",
    "spread_curves",
    "training_history",
    "transfer_plans",
    "validation_curve",
    "value_histogram",
]
