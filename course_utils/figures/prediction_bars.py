"""What a network says about a few images: all its probabilities, at one time or while it learns."""

from ..arguments import array, image_batch, label_vector, probability_matrix, text_list
from .animation import Animation
from .learning import checked_steps, film_clocks, when
from .picture import Picture
from .style import (
    BAR,
    BAR_CHOSEN,
    FAINT,
    INK,
    QUIET,
    WIDTH,
    WRONG,
    course_style,
    drawing_board,
    points,
    shortened,
    text_width,
)
from .tiles import GAP, Tile, draw_image, shades_of
from .words import capitalised, counted, listed, percent

MOST_IMAGES = 8
MOST_CLASSES = 12
COLUMNS = 2
ROW = 19  # height of a class
HEAD = 28  # above the bars of an image
FOOT = 22  # below them
PICTURE = 84
FURTHEST_NAME = 98
HEADLINE_SIZE, HEADING_SIZE, NAME_SIZE = 18, 16, 14  # on a phone the figure is half as wide
FOOT_SIZE = 12.5  # what fits below the bars


@course_style()
def prediction_bars(images, labels, probabilities, class_names):
    """Show a few images, each with the probabilities of all classes.

    Above each image stands what the network takes it for and whether that is right. The true class
    is written in bold with an arrow; the bar of the prediction is dark if right and hatched if
    wrong. A dashed line marks chance, one divided by the number of classes.

    Parameters
    ----------
    images : ndarray, shape (m, height, width), (m, height, width, 1) or (m, height, width, 3)
        One to 8, uint8 or float, shaded as by `image_grid`. Not changed.
    labels : ndarray, shape (m,), any integer dtype, values 0 to len(class_names) - 1
        The true classes.
    probabilities : ndarray, shape (m, len(class_names)), float, values 0 to 1
        What ``model.predict`` returns; each row adds up to 1.
    class_names : list or tuple of str, 2 to 12

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If an argument is not of the kind above, a list instead of an array for instance.
    ValueError
        If images, labels and probabilities do not belong together, a class index is out of range,
        the probabilities are none, or there are too many images or classes.
    """
    _check_images(images, labels, class_names)
    probability_matrix(probabilities, classes=len(class_names), length=len(images))
    board = _PredictionBoard(images, labels, class_names, headline=False)
    board.show(probabilities)
    return Picture(board.figure, _bars_words(labels, probabilities, class_names))


@course_style()
def learning_predictions(
    images, labels, probabilities, class_names, steps, images_seen=None, *, over="snapshots"
):
    """Animate how a network's predictions of a few images change while it learns.

    Each frame is one snapshot, drawn as by `prediction_bars`.

    Parameters
    ----------
    images : ndarray, shape (m, height, width), (m, height, width, 1) or (m, height, width, 3)
        One to 8, uint8 or float, shaded as by `image_grid`. Not changed.
    labels : ndarray, shape (m,), any integer dtype, values 0 to len(class_names) - 1
        The true classes.
    probabilities : ndarray, shape (n, m, len(class_names)), float, values 0 to 1
        Of ``n`` snapshots; for each image they add up to 1. Not changed.
    class_names : list or tuple of str, 2 to 12
    steps : sequence of int, n values that rise
        Training steps until each snapshot.
    images_seen : sequence of int, n values that rise, optional
        Images shown until each snapshot, repeated ones counted each time.
    over : {"snapshots", "steps", "images"}
        What the film's time opens with.

    Returns
    -------
    Animation
        4 frames a second in the mean, with a rest at both ends.

    Raises
    ------
    TypeError
        If an argument is not of the kind above, a list instead of an array for instance.
    ValueError
        If shapes do not belong together, a class index is out of range, the probabilities are
        none, there are too many images or classes, or ``over`` is none of the three or asks for
        images that were not counted.
    """
    _check_images(images, labels, class_names)
    array(probabilities, "probabilities")
    if probabilities.ndim != 3 or not len(probabilities):
        raise ValueError(
            "probabilities should have a matrix for each snapshot, shape (n, images, classes); got "
            f"{probabilities.shape}. For one snapshot, use figures.prediction_bars."
        )
    for place, matrix in enumerate(probabilities):
        name = f"probabilities[{place}]"
        probability_matrix(matrix, classes=len(class_names), length=len(images), name=name)
    steps = checked_steps(steps, len(probabilities))
    clocks = film_clocks(steps, images_seen, over)
    board = _PredictionBoard(images, labels, class_names, headline=True)
    right = (probabilities.argmax(axis=2) == labels).sum(axis=1)
    counts = [f"{count} of {len(images)} right" for count in right]

    def show(place):
        board.show(probabilities[place])
        board.headline.set_text(f"{capitalised(when(place, steps))}: {counts[place]}")

    return Animation.record(
        board.figure,
        show,
        len(probabilities),
        _learning_words(labels, probabilities, class_names, steps),
        captions=tuple(f"{when(place, steps)}, {count}" for place, count in enumerate(counts)),
        clocks=clocks,
    )


class _PredictionBoard:
    """The drawing of some images with their bars, and how it changes with the probabilities."""

    def __init__(self, images, labels, names, headline):
        self.labels, self.names = labels, names
        self.count, self.classes = len(labels), len(names)
        self.cell_width = (WIDTH - GAP * (COLUMNS + 1)) / COLUMNS
        bars_high = ROW * self.classes
        self.cell_height = HEAD + max(bars_high + FOOT, PICTURE) + GAP
        self.top = GAP + (2 * HEADLINE_SIZE if headline else 0)
        rows = -(-self.count // COLUMNS)
        self.figure, self.axes = drawing_board(WIDTH, self.top + rows * self.cell_height)
        self.headline = self.axes.text(
            GAP, GAP, "", fontsize=points(HEADLINE_SIZE), weight="bold", va="top"
        )
        self.shown_names = [shortened(name, FURTHEST_NAME, NAME_SIZE, "bold") for name in names]
        longest = max(text_width(name, NAME_SIZE, "bold") for name in self.shown_names)
        # From the left: picture, arrow and name of the class, bar, room for the last label.
        self.bars_left = PICTURE + 28 + longest
        self.bars_width = self.cell_width - self.bars_left - 22
        shades = shades_of(images)
        self.headings, self.bars = [], []
        for place, image in enumerate(images):
            self._draw_cell(place, image, shades)

    def show(self, probabilities):
        """Change the drawing to these probabilities, a row an image."""
        for place, shares in enumerate(probabilities):
            label, predicted = self.labels[place], int(shares.argmax())
            right = label == predicted
            told = f"{'✓' if right else '✗'} {_taken_for(shares, self.names)}"
            if not right:
                told = f"{told}, true: {self.names[label]}"
            heading = self.headings[place]
            heading.set_text(shortened(told, self.cell_width, HEADING_SIZE, "bold"))
            heading.set_color(INK if right else WRONG)
            for number, (bar, share) in enumerate(zip(self.bars[place], shares, strict=True)):
                bar.set_width(float(share) * self.bars_width)
                chosen = number == predicted
                bar.set_facecolor((BAR_CHOSEN if right else "white") if chosen else BAR)
                bar.set_edgecolor(WRONG if chosen and not right else "none")
                bar.set_hatch("/////" if chosen and not right else "")

    def _draw_cell(self, place, image, shades):
        """Draw one image, and the frame of its bars."""
        from matplotlib.patches import Rectangle

        axes = self.axes
        left = GAP + place % COLUMNS * (self.cell_width + GAP)
        top = self.top + place // COLUMNS * self.cell_height
        look = {"fontsize": points(HEADING_SIZE), "weight": "bold", "va": "baseline"}
        self.headings.append(axes.text(left, top + HEADING_SIZE + 2, "", **look))
        height, width = image.shape[:2]
        scale = PICTURE / max(height, width)
        draw_image(axes, image, shades, Tile(left, top + HEAD, width * scale, height * scale))
        start, y = left + self.bars_left, top + HEAD
        bottom = y + ROW * self.classes
        small = {"fontsize": points(FOOT_SIZE), "va": "center_baseline"}
        bars = []
        for number, name in enumerate(self.shown_names):
            middle = y + (number + 0.5) * ROW
            true = number == self.labels[place]
            words = f"▶ {name}" if true else name
            weight = "bold" if true else "normal"
            look = {"fontsize": points(NAME_SIZE), "va": "center_baseline", "weight": weight}
            axes.text(start - 6, middle, words, ha="right", **look)
            bar = Rectangle((start, middle - 0.38 * ROW), 0, 0.76 * ROW, linewidth=points(1))
            bars.append(axes.add_patch(bar))
        self.bars.append(bars)
        for share in (0, 0.5, 1):
            x = start + share * self.bars_width
            axes.plot([x, x], [y, bottom], color=FAINT, linewidth=points(1), zorder=0.5)
        x = start + self.bars_width
        axes.text(x, bottom + 9, percent(1), ha="center", color=QUIET, **small)
        x = start + self.bars_width / self.classes
        dashes = {"linestyle": (0, (4, 3)), "linewidth": points(1.2)}
        axes.plot([x, x], [y, bottom + 4], color=INK, **dashes)
        words = f"chance: {percent(1 / self.classes)}"
        axes.text(x, bottom + 9, words, ha="left", color=QUIET, **small)


def _taken_for(shares, names):
    """What an image is taken for, as one says it: 34 % a cat."""
    name = names[int(shares.argmax())]
    article = "an" if name[:1].lower() in tuple("aeiou") else "a"
    return f"{percent(shares.max())} {article} {name}"


def _check_images(images, labels, class_names):
    """Refuse images, labels and names that do not belong together or do not fit."""
    text_list(class_names)
    image_batch(images)
    label_vector(labels, classes=len(class_names), length=len(images))
    if not 2 <= len(class_names) <= MOST_CLASSES:
        raise ValueError(
            f"class_names should be 2 to {MOST_CLASSES}, to be readable; got {len(class_names)}. "
            "For one image, use figures.probability_bars."
        )
    if len(images) > MOST_IMAGES:
        raise ValueError(
            f"images should be at most {MOST_IMAGES}, to leave room for the bars; "
            f"got {len(images)}. Choose some, or use figures.prediction_grid."
        )


def _bars_words(labels, probabilities, names):
    """What is seen in the bars of several images."""
    right = probabilities.argmax(axis=1) == labels
    told = []
    for label, shares, fine in zip(labels, probabilities, right, strict=True):
        verdict = "right" if fine else f"wrong, {percent(shares[label])} for the true class"
        told.append(f"{names[label]}: {_taken_for(shares, names)}, {verdict}")
    return (
        f"{counted(len(labels), 'image')}, each with horizontal bars: the probabilities of "
        f"{counted(len(names), 'class', 'classes')}, where chance is {percent(1 / len(names))}. "
        f"{int(right.sum())} of {len(labels)} right. {capitalised('; '.join(told))}."
    )


def _learning_words(labels, probabilities, names, steps):
    """What is seen while predictions change."""
    right = (probabilities.argmax(axis=2) == labels).sum(axis=1)
    sure = probabilities.max(axis=2).mean(axis=1)
    ends = [
        f"{names[label]} ends as {_taken_for(shares, names)}"
        for label, shares in zip(labels, probabilities[-1], strict=True)
    ]
    return (
        f"Animation of {counted(len(probabilities), 'snapshot')}, the last "
        f"{when(len(steps) - 1, steps)}: {counted(len(labels), 'image')}, each with bars for the "
        f"probabilities of {counted(len(names), 'class', 'classes')}. The highest probability of "
        f"an image, {percent(1 / len(names))} by chance, goes from {percent(sure[0])} to "
        f"{percent(sure[-1])} on average, and the number of right predictions from {right[0]} to "
        f"{right[-1]}. {capitalised(listed(ends))}."
    )
