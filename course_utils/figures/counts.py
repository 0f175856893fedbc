"""How often values and classes occur."""

import numpy as np

from ..arguments import image_batch, label_vector, text_list
from .picture import Picture
from .style import BAR_CHOSEN, PAPER, WIDTH, course_style, new_figure
from .words import capitalised, counted, number, percent


@course_style()
def value_histogram(images):
    """Show how often each of the pixel values 0 to 255 occurs, on a logarithmic scale.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width), (n, height, width, 1) or (..., 3)
        Raw pixels; of colour images all channels are counted together. Not changed.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``images`` is no array of dtype uint8.
    ValueError
        If ``images`` is empty or of another shape.
    """
    images = image_batch(images, raw=True)
    # In parts: bincount turns what it counts into eight bytes a pixel.
    parts = np.array_split(images, -(-len(images) // 1000))
    counts = sum(np.bincount(part.ravel(), minlength=256) for part in parts)
    figure = new_figure(WIDTH, 330)
    axes = figure.add_subplot()
    axes.stairs(counts, np.arange(257) - 0.5, fill=True, color=BAR_CHOSEN)
    axes.set_yscale("log")
    axes.set(
        title="How often each pixel value occurs",
        xlabel="pixel value: 0 is black, 255 is white",
        ylabel="how often (log scale)",
        xlim=(-4, 259),
        xticks=[0, 50, 100, 150, 200, 255],
        ylim=(0.7, counts.max() * 3),
    )
    axes.grid(axis="y")
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    _name_most_frequent(axes, counts)
    return Picture(figure, _histogram_words(counts))


@course_style()
def class_counts(labels, class_names):
    """Show how many labels each class has, as bars with their numbers.

    Parameters
    ----------
    labels : ndarray, shape (n,), any integer dtype, values 0 to len(class_names) - 1
        Not changed.
    class_names : list or tuple of str
        The name of class 0, of class 1, and so on.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``labels`` is no array of an integer dtype, or ``class_names`` no list of strings.
    ValueError
        If either is empty, or a label is no index into ``class_names``.
    """
    names = text_list(class_names)
    labels = label_vector(labels, classes=len(names))
    counts = np.bincount(labels, minlength=len(names))
    figure = new_figure(WIDTH, 70 + 26 * len(names))
    axes = figure.add_subplot()
    bars = axes.barh(np.arange(len(names)), counts, height=0.72, color=BAR_CHOSEN)
    axes.bar_label(bars, [f"{count:,}" for count in counts], padding=4)
    axes.set_yticks(np.arange(len(names)), names)
    axes.set(ylim=(len(names) - 0.4, -0.6), xlim=(0, counts.max() * 1.1), xticks=[])
    axes.set_title(f"{counted(len(labels), 'label')} by class", loc="left")
    axes.tick_params(length=0)
    axes.spines["bottom"].set_visible(False)
    return Picture(figure, _class_words(counts, names))


def _name_most_frequent(axes, counts):
    """Write the value that occurs most, and its share, beside its column."""
    value = int(counts.argmax())
    left = value < 128
    axes.annotate(
        f"{value}: {percent(counts[value] / counts.sum())} of all pixels",
        xy=(value, counts[value]),
        xytext=(8 if left else -8, 0),
        textcoords="offset points",
        backgroundcolor=PAPER,  # a grid line would cross the words
        horizontalalignment="left" if left else "right",
        verticalalignment="center",
    )


def _histogram_words(counts):
    """What is seen in the histogram of pixel values."""
    total = int(counts.sum())
    present = np.flatnonzero(counts)
    order = np.argsort(-counts, kind="stable")
    words = f"Histogram of {counted(total, 'pixel value')} on a logarithmic scale. "
    if len(present) == 1:
        return f"{words}All of them are {present[0]}."
    return (
        f"{words}{len(present)} of the 256 possible values occur, from {present[0]} to "
        f"{present[-1]}. "
        f"Most frequent is {order[0]} with {percent(counts[order[0]] / total)}, "
        f"then {order[1]} with {percent(counts[order[1]] / total)}."
    )


def _class_words(counts, names):
    """What is seen in the chart of class counts."""
    each = ", ".join(f"{name} {count:,}" for name, count in zip(names, counts, strict=True))
    most, least = counts.max(), counts.min()
    if most == least:
        ending = "All classes are equally frequent."
    elif least == 0:
        absent = counted(int((counts == 0).sum()), "class", "classes")
        ending = f"{capitalised(absent)} without a label."
    else:
        ending = (
            f"The most frequent class, {names[counts.argmax()]}, has {number(most / least)} times "
            f"as many as the rarest, {names[counts.argmin()]}."
        )
    return f"Horizontal bars: {counted(int(counts.sum()), 'label')} by class. {each}. {ending}"
