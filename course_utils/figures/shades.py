"""Shades of one colour for the cells of a table, and text that can be read on them."""

import numpy as np

from .style import EMPHASIS, PAPER


def shade_map():
    """Matplotlib's colour map from white to the course's dark blue, in one direction of grey."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("shades", [PAPER, EMPHASIS])


def text_colour(shade):
    """Black or white, whichever has the higher contrast (WCAG 2.2) on an RGB shade of 0 to 1."""
    channels = np.asarray(shade[:3], dtype=float)
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    return "#000000" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "#ffffff"
