"""What a network says about images, and whether it is right."""

import numpy as np

from ..arguments import (
    array,
    class_index,
    image_batch,
    label_vector,
    positive_integer,
    probability_matrix,
    probability_vector,
    single_image,
    text_list,
)
from .picture import Picture
from .style import (
    BAR,
    BAR_CHOSEN,
    INK,
    QUIET,
    RIGHT,
    SMALL_SIZE,
    TEXT_SIZE,
    WIDTH,
    WRONG,
    course_style,
    new_figure,
    points,
    shortened,
    text_width,
)
from .tiles import common_size, shades_of, shown_pixels, tile_board, write_above
from .words import counted, percent

FURTHEST = 1.25  # where the axis of probabilities ends, with room for words beyond 1


@course_style()
def prediction_grid(images, labels, probabilities, class_names, columns=6, indices=None):
    """Show images with their true class, the predicted class and its probability.

    Above each image stand its index and true class, and below these ✓ or ✗ with the predicted
    class, the one of highest probability. Wrong ones have a thick dashed frame.

    Parameters
    ----------
    images : ndarray, shape (n, height, width), (n, height, width, 1) or (n, height, width, 3)
        uint8 or float, shaded as by `image_grid`. Not changed.
    labels : ndarray, shape (n,), any integer dtype, values 0 to len(class_names) - 1
        The true classes.
    probabilities : ndarray, shape (n, len(class_names)), float, values 0 to 1
        What ``model.predict`` returns; each row adds up to 1.
    class_names : list or tuple of str
    columns : int
        Images in a row.
    indices : ndarray, shape (m,), any integer dtype, values 0 to n - 1, optional
        Which of the images to show, and in which order: ``np.arange(30)`` for the first thirty.
        Without it all are shown.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If an argument is not of the kind above, a list instead of an array for instance.
    ValueError
        If images, labels and probabilities do not belong together, a class index or an image
        index is out of range, the probabilities are none, or there are more than 400 to show.
    """
    names = text_list(class_names)
    images = image_batch(images)
    labels = label_vector(labels, classes=len(names), length=len(images))
    probabilities = probability_matrix(probabilities, classes=len(names), length=len(images))
    columns = positive_integer(columns, "columns")
    indices = np.arange(len(images)) if indices is None else _image_indices(indices, len(images))
    labels, predicted = labels[indices], probabilities[indices].argmax(axis=1)
    shares = probabilities[indices].max(axis=1)
    right = int((labels == predicted).sum())
    headline = (
        f"{right} of {len(indices)} right. Above each image: #index and true class, "
        "then ✓ right or ✗ wrong with the predicted class."
    )
    figure, axes, tiles = tile_board(images[indices], columns, lines=2, headline=headline)
    truths = [f"#{index}: {names[label]}" for index, label in zip(indices, labels, strict=True)]
    answers = [
        f"{'✓' if label == guess else '✗'} {names[guess]} ({percent(share)})"
        for label, guess, share in zip(labels, predicted, shares, strict=True)
    ]
    size = common_size(truths + answers, tiles[0], "bold")
    for tile, truth, answer, wrong in zip(tiles, truths, answers, labels != predicted, strict=True):
        look = {"color": WRONG, "fontweight": "bold"} if wrong else {"color": INK}
        write_above(axes, tile, truth, line=1, size=size, color=QUIET)
        write_above(axes, tile, answer, line=0, size=size, **look)
        _frame(axes, tile, wrong)
    return Picture(figure, _grid_words(indices, labels, predicted, shares, names))


@course_style()
def probability_bars(probabilities, class_names, label=None, image=None):
    """Show the class probabilities of one image, beside the image if it is given.

    Parameters
    ----------
    probabilities : ndarray, shape (len(class_names),), float, values 0 to 1, adding up to 1
        One row of what ``model.predict`` returns. Not changed.
    class_names : list or tuple of str, two or more
    label : int, 0 to len(class_names) - 1, optional
        The true class.
    image : ndarray, shape (height, width), (height, width, 1) or (height, width, 3), optional
        uint8 or float, shaded as by `image_grid`. Not changed.

    Returns
    -------
    Picture
        A bar a class; a dashed line marks chance, one divided by the number of classes.

    Raises
    ------
    TypeError
        If an argument is not of the kind above, a list instead of an array for instance.
    ValueError
        If the probabilities are none or not one a class, ``label`` is out of range, or the image
        is empty or of another shape.
    """
    names = text_list(class_names)
    probabilities = probability_vector(probabilities, classes=len(names))
    label = None if label is None else class_index(label, len(names))
    image = None if image is None else single_image(image)
    predicted = int(probabilities.argmax())
    figure = new_figure(WIDTH, max(260, 90 + 25 * len(names)))
    if image is None:
        axes = figure.add_subplot()
    else:
        beside, axes = figure.subplots(ncols=2, width_ratios=(1, 1.9))
        _show_image(beside, image, _verdict(probabilities, predicted, label, names))
    width = WIDTH * (0.85 if image is None else 0.55)
    _draw_bars(axes, width, probabilities, names, predicted, label)
    return Picture(figure, _bar_words(probabilities, names, predicted, label, image))


def _image_indices(indices, count):
    """The indices of images to show, or an error."""
    array(indices, "indices")
    if np.issubdtype(indices.dtype, np.bool_):
        raise TypeError(
            "indices should be whole numbers; got a mask of dtype bool. Use np.flatnonzero(mask)."
        )
    label_vector(indices, name="indices")
    if indices.max() >= count:
        raise ValueError(
            f"indices should choose among the {count} images, 0 to {count - 1}; "
            f"got {indices.max()}. Pass all images, labels and probabilities, not a slice of them."
        )
    return indices


def _frame(axes, tile, wrong):
    """A thin frame around a right prediction, a thick dashed one around a wrong."""
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle(
            (tile.left, tile.top),
            tile.width,
            tile.height,
            fill=False,
            edgecolor=WRONG if wrong else RIGHT,
            linewidth=points(4 if wrong else 1),
            linestyle=(0, (3, 1.5)) if wrong else "-",
        )
    )


def _show_image(axes, image, title):
    """The image beside the bars."""
    shades = shades_of(image)
    axes.imshow(shown_pixels(image, shades), vmin=shades.black, vmax=shades.white)
    axes.set_axis_off()
    title = "\n".join(
        shortened(line, 0.33 * WIDTH, TEXT_SIZE, "bold") for line in title.split("\n")
    )
    axes.set_title(title, loc="left", fontsize=points(TEXT_SIZE))


def _verdict(probabilities, predicted, label, names):
    """The prediction in a few words."""
    words = f"predicted: {names[predicted]} ({percent(probabilities[predicted])})"
    if label is None:
        return words
    return f"{words}\n{'✓ right' if label == predicted else f'✗ true class: {names[label]}'}"


def _draw_bars(axes, width, probabilities, names, predicted, label):
    """The bars with their values, the marks in words, and the chance line, on so many pixels."""
    places = np.arange(len(names))
    bars = axes.barh(places, probabilities, height=0.72, color=BAR)
    bars[predicted].set_color(BAR_CHOSEN)
    texts = [percent(share) for share in probabilities]
    if label is not None:
        texts[label] += "  true class"
    texts[predicted] += ", predicted" if label == predicted else "  predicted"
    chance = 1 / len(names)
    longest = max(text_width(text, TEXT_SIZE, "bold") for text in texts) + 10
    reaches = probabilities + FURTHEST * longest / width
    # The chance line should run through no text: where it would, all begin beyond it.
    start = chance if ((probabilities < chance) & (chance < reaches)).any() else 0
    for place, (share, text) in enumerate(zip(probabilities, texts, strict=True)):
        axes.annotate(
            text,
            xy=(max(share, start), place),
            xytext=(points(5), 0),
            textcoords="offset points",
            verticalalignment="center_baseline",
            fontweight="bold" if place in (predicted, label) else "normal",
        )
    _draw_chance(axes, chance)
    axes.set_yticks(places, names)
    axes.set(ylim=(len(names) - 0.4, -0.6), xlim=(0, FURTHEST), xticks=[0, 0.25, 0.5, 0.75, 1])
    axes.xaxis.set_major_formatter(lambda share, _: percent(share))
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("probability")


def _draw_chance(axes, chance):
    """The line of chance, with its value above."""
    axes.axvline(chance, color=INK, linestyle=(0, (4, 3)), linewidth=points(1.2), zorder=0.5)
    axes.annotate(
        f"chance: {percent(chance)}",
        xy=(chance, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        fontsize=points(SMALL_SIZE),
        color=QUIET,
        horizontalalignment="left",
    )


def _grid_words(indices, labels, predicted, shares, names):
    """What is seen in a grid of predictions."""
    wrong = labels != predicted
    words = (
        f"{counted(len(indices), 'image')} with predictions, "
        f"{int((~wrong).sum())} of {len(indices)} right."
    )
    if not wrong.any():
        return words
    cases = (
        f"image {indices[case]} is {names[labels[case]]}, predicted {names[predicted[case]]} "
        f"with {percent(shares[case])}"
        for case in np.flatnonzero(wrong)
    )
    return f"{words} Wrong: {'; '.join(cases)}."


def _bar_words(probabilities, names, predicted, label, image):
    """What is seen in the probabilities of one image."""
    order = np.argsort(-probabilities, kind="stable")
    beside = " beside the image" if image is not None else ""
    words = (
        f"Horizontal bars{beside}: the probabilities of {counted(len(names), 'class', 'classes')}. "
        f"Predicted is {names[predicted]} with {percent(probabilities[predicted])}"
    )
    if len(names) > 1:
        second = order[1]
        words = f"{words}, next comes {names[second]} with {percent(probabilities[second])}"
    words = f"{words}; chance is {percent(1 / len(names))}."
    if label is None:
        return words
    if label == predicted:
        return f"{words} The prediction is right."
    return (
        f"{words} The prediction is wrong: the true class, {names[label]}, "
        f"has {percent(probabilities[label])}."
    )
