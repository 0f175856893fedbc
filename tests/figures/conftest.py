"""Measuring what is drawn."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from course_utils.figures.style import course_style


@pytest.fixture
def extents():
    """Where texts lie on a figure, in pixels, once it is drawn."""

    def measure(figure, texts):
        with course_style():
            FigureCanvasAgg(figure).draw()
            return [text.get_window_extent() for text in texts]

    return measure
