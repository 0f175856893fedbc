"""Images with labels, the same from whichever source answers: ``datasets.load("mnist")``."""

from course_utils.datasets.image_data import ImageData, Split
from course_utils.datasets.load import load
from course_utils.datasets.pipeline import batches

__all__ = ["ImageData", "Split", "batches", "load"]
