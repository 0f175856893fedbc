"""How often a network is right, against how sure it is."""

import numpy as np

from ..arguments import label_vector, named, positive_integer, probability_matrix
from .picture import Picture
from .style import LINES, QUIET, SMALL_SIZE, course_style, new_figure, points, shortened
from .words import counted, listed, number, percent, quoted

WIDTH, HEIGHT = 560, 500  # not as wide as a page, so that a phone need not shrink it by much
MOST_BINS = 50
MARKERS = ("o", "s", "^")
LARGEST_MARKER = 15
PAIR = "a pair of probabilities and labels"


@course_style()
def reliability_diagram(answers, bins=10):
    """Show how often answers are right (their accuracy), against how sure they are (confidence).

    Images are put into bins of equal width by the probability of the predicted class. Each bin
    with images in it is a marker: across, its mean confidence, up, its accuracy; the larger the
    marker, the more images. Upright lines reach one standard error to either side. On the dashed
    diagonal a network is as sure as it is right.

    DeGroot and Fienberg, *The Comparison and Evaluation of Forecasters*, 1983; for networks Guo et
    al., *On Calibration of Modern Neural Networks*, 2017.

    Parameters
    ----------
    answers : dict of str to pair of ndarray
        One to three names, each with probabilities, float of shape (n, classes), and labels, any
        integer dtype, shape (n,). Not changed.
    bins : int, 1 to 50

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``answers`` is no dict of pairs of arrays, or ``bins`` no whole number.
    ValueError
        If there are no or more than three answers, probabilities are none, there is not one label
        for each image, or ``bins`` is out of range.
    """
    named(answers, "answers", f"name to {PAIR}", '{"test": (p, labels)}', most=len(MARKERS))
    bins = positive_integer(bins, "bins")
    if bins > MOST_BINS:
        raise ValueError(f"bins should be at most {MOST_BINS}; got {bins}. Use 10.")
    tables = {name: _table(pair, name, bins) for name, pair in answers.items()}
    figure = new_figure(WIDTH, HEIGHT)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color=QUIET, linestyle=(0, (3, 3)), linewidth=points(1.5))
    axes.text(
        0.03, 0.075, "as sure as it is right", color=QUIET, fontsize=points(SMALL_SIZE),
        rotation=45, rotation_mode="anchor", transform_rotates_text=True,
    )  # fmt: skip
    for (name, table), line, marker in zip(tables.items(), LINES, MARKERS, strict=False):
        _draw(axes, shortened(name, WIDTH / 2, SMALL_SIZE), table, line, marker)
    axes.set(
        title="How often it is right, by how sure it is",
        xlabel="confidence: probability of the answer",
        ylabel="accuracy: share of right answers",
        xlim=(-0.02, 1.02), ylim=(-0.02, 1.04), aspect="equal",
    )  # fmt: skip
    axes.xaxis.set_major_formatter(lambda value, _: percent(value))
    axes.yaxis.set_major_formatter(lambda value, _: percent(value))
    axes.grid()
    axes.legend(loc="upper left", frameon=False)
    return Picture(figure, _reliability_words(tables))


def _table(pair, name, bins):
    """Count, mean confidence and accuracy of each bin with images; shape (bins in use, 3)."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise TypeError(
            f"answers[{name!r}] should be {PAIR}; got {type(pair).__name__}. "
            f"Write {{{name!r}: (probabilities, labels)}}."
        )
    probabilities = probability_matrix(pair[0], name=f"answers[{name!r}][0]")
    labels = label_vector(pair[1], probabilities.shape[1], len(probabilities), "labels")
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return np.array(
        [
            ((place == k).sum(), confidence[place == k].mean(), right[place == k].mean())
            for k in np.unique(place)
        ]
    )


def _draw(axes, name, table, line, marker):
    """One set of answers: a line through its bins, with markers and standard errors."""
    counts, confidence, accuracy = table.T
    error = np.sqrt(accuracy * (1 - accuracy) / counts)
    axes.vlines(
        confidence, accuracy - error, accuracy + error, color=line.colour, linewidth=points(1.5)
    )
    axes.plot(
        confidence, accuracy, color=line.colour, linestyle=line.dashes, marker=marker,
        markersize=points(6.5), label=name,
    )  # fmt: skip
    sizes = (LARGEST_MARKER * np.sqrt(counts / counts.max())).clip(4) ** 2
    axes.scatter(confidence, accuracy, s=sizes, color=line.colour, marker=marker, zorder=3)


def _reliability_words(tables):
    """What is seen in a reliability diagram."""
    words = f"Reliability diagram of {listed(map(quoted, tables))}: accuracy against confidence."
    for name, table in tables.items():
        counts, confidence, accuracy = table.T
        total = int(counts.sum())
        gap = (counts * (accuracy - confidence)).sum() / total
        side = "below" if gap < 0 else "above"
        last = (
            f"where it is surest, at {percent(confidence[-1])} on average, {percent(accuracy[-1])} "
            f"of {counted(int(counts[-1]), 'answer is', 'answers are')} right"
        )
        below = int((accuracy < confidence).sum())
        words += (
            f" {quoted(name)}, {counted(total, 'image')}: {below} of {len(table)} bins lie below "
            f"the diagonal, on average {number(100 * abs(gap))} points {side} it; {last}."
        )
    return words
