"""Maps of images: every image a dot, every class a name in the middle of its dots."""

import numpy as np

from ..arguments import finite, label_vector, named, number_array, positive_integer, text_list
from .animation import Animation
from .picture import Picture
from .style import (
    FAINT,
    INK,
    PAPER,
    PIXELS_PER_INCH,
    WIDTH,
    course_style,
    new_figure,
    points,
    shortened,
    text_width,
)
from .words import counted, listed, percent, quoted

MOST_PANELS = 4
MOST_FRAMES = 200
HEAD = 30  # of a panel's title
SINGLE = 550  # sides of a panel that stands alone: not as wide as a page, as a phone shrinks it
TEXT = {1: 15, 2: 16, 3: 14}  # sizes of names and titles, by panels in a row, for phones, too
MARGIN = 0.06  # around the dots, as a share of the map
ROUNDS = 60  # of pushing names apart
# Neighbours in this list differ in lightness, and every class has a shape of its own.
LOOKS = (
    ("#004c80", "o"),
    ("#e69f00", "s"),
    ("#00695a", "^"),
    ("#cc6699", "v"),
    ("#4d4d4d", "D"),
    ("#56b4e9", "P"),
    ("#8a2b2b", "X"),
    ("#8fbf4d", "*"),
    ("#5b3a99", "<"),
    ("#b38f5c", ">"),
)


@course_style()
def scatter_maps(maps, class_names=(), same_axes=False):
    """Draw maps of images side by side: a dot an image, and each class's name at its median.

    Every class has a colour and a shape of dots; its name stands at the median of its dots, moved
    up or down only as far as it must be not to cover another name. There are no numbers along the
    edges, because those of such a map mean nothing. One unit is as long across as up.

    Parameters
    ----------
    maps : dict of str to pair of ndarrays, one to four
        Title to a map and its labels. A map has shape (n, 2), integer or float, finite; its labels
        shape (n,), any integer dtype, 0 to classes - 1, or None if there are no classes. Not
        changed.
    class_names : list or tuple of str, at most ten; empty if no map has labels
    same_axes : bool
        Whether all panels show the same part of the plane, so that places can be compared; else
        each is as large as its dots need.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``maps`` is no dict of pairs, a title or name is no string, a map is no array of
        numbers, labels are not of an integer dtype, or ``same_axes`` is no bool.
    ValueError
        If there are no maps, too many, or too many classes; a map has another shape, is empty or
        not finite; or labels are not one a dot, or belong to no class.
    """
    names = _checked_names(class_names)
    maps = _checked_maps(maps, names)
    if not isinstance(same_axes, bool):
        raise TypeError(f"same_axes should be True or False; got {same_axes!r}. Use bool(...).")
    columns = {1: 1, 3: 3}.get(len(maps), 2)
    rows = -(-len(maps) // columns)
    width = SINGLE + 10 if columns == 1 else WIDTH
    side, text_size = width / columns - 10, TEXT[columns]
    figure = new_figure(width, rows * (side + HEAD))
    every = [places for places, _ in maps.values()]
    for position, (title, (places, labels)) in enumerate(maps.items(), start=1):
        axes = figure.add_subplot(rows, columns, position)
        shown = shortened(title, width / columns - 20, text_size, "bold")
        _prepare(axes, every if same_axes else [places], shown)
        axes.title.set_fontsize(points(text_size))
        _draw_dots(axes, places, labels, size=6 if columns == 1 else 4)
        if labels is not None:
            texts = _new_names(axes, names, text_size)
            _move_names(axes, texts, _medians(places, labels, len(names)), side)
    return Picture(figure, _words_of_maps(maps, names))


@course_style()
def map_animation(states, labels, class_names, epochs):
    """Show how a map of images comes about, epoch by epoch, each class's name moving with it.

    Every class has a colour and a shape of dots, and its name stands at the median of its dots, as
    in ``scatter_maps``. All frames show the same part of the plane. It rests at both ends.

    Parameters
    ----------
    states : list or tuple of ndarrays, 2 to 200, or one ndarray of shape (frames, n, 2)
        The map after some epochs, such as UMAP's ``embedding_list_``, each of shape (n, 2),
        integer or float, finite. Not changed.
    labels : ndarray, shape (n,), any integer dtype, values 0 to classes - 1
        Not changed.
    class_names : list or tuple of str, at most ten
    epochs : sequence of int, at least 1, one a state
        After how many epochs each state was reached, rising.

    Returns
    -------
    Animation
        A frame for each state.

    Raises
    ------
    TypeError
        If ``states`` is no list of arrays of numbers, ``labels`` not of an integer dtype, a name
        no string, or ``epochs`` no whole numbers.
    ValueError
        If there are too few or too many states or classes, states differ in shape, are empty or
        not finite, labels are not one a dot or belong to no class, or ``epochs`` are not one a
        state and rising.
    """
    names = _checked_names(class_names)
    if not names:
        raise ValueError("class_names should be one to ten; got none. Give one for each class.")
    states = _checked_states(states)
    labels = label_vector(labels, classes=len(names), length=len(states[0]))
    epochs = _checked_epochs(epochs, len(states))
    figure = new_figure(SINGLE + 10, SINGLE + HEAD)
    axes = figure.add_subplot()
    _prepare(axes, states, _title(epochs, len(epochs) - 1))
    dots = _draw_dots(axes, states[-1], labels, size=6)
    texts = _new_names(axes, names, TEXT[1])

    def update(frame):
        for label, drawn in dots.items():
            drawn.set_offsets(states[frame][labels == label])
        _move_names(axes, texts, _medians(states[frame], labels, len(names)), SINGLE)
        axes.set_title(_title(epochs, frame))

    return Animation.record(
        figure,
        update,
        len(states),
        _words_of_animation(states, labels, names, epochs),
        captions=[f"epoch {epoch} of {epochs[-1]}" for epoch in epochs],
        frames_per_second=10,
        density=1,  # thousands of dots take many bytes
    )


def _title(epochs, frame):
    """What a frame is called."""
    return f"Epoch {epochs[frame]} of {epochs[-1]}"


def _checked_names(class_names):
    """The names, or an error."""
    if isinstance(class_names, list | tuple) and not class_names:
        return ()
    names = text_list(class_names)
    if len(names) > len(LOOKS):
        raise ValueError(
            f"class_names should be at most {len(LOOKS)}, to be told apart; got {len(names)}. "
            "Choose some of the classes."
        )
    return names


def _checked_maps(maps, names):
    """The maps, or an error that names the one at fault."""
    example = '{"pixels": (points, labels)}'
    named(maps, "maps", "title to a pair of map and labels", example, most=MOST_PANELS)
    for title, pair in maps.items():
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(
                f"maps[{title!r}] should be a pair of map and labels; got {type(pair).__name__}. "
                "Write (points, labels), or (points, None) where there are no classes."
            )
        places, labels = pair
        check_places(places, f"the map of {title!r}")
        if labels is not None:
            name = f"the labels of {title!r}"
            label_vector(labels, classes=len(names), length=len(places), name=name)
    return maps


def check_places(places, name):
    """Refuse what is no map."""
    number_array(places, name)
    if places.ndim != 2 or places.shape[1] != 2 or len(places) == 0:
        raise ValueError(
            f"{name} should have a row of two numbers for each image, shape (n, 2); got "
            f"{places.shape}. Use n_components=2."
        )
    finite(places, name, "Leave those images out.")


def _checked_states(states):
    """The states of a map as a list, or an error that names the one at fault."""
    if isinstance(states, np.ndarray) and states.ndim == 3:
        states = list(states)
    if not isinstance(states, list | tuple):
        raise TypeError(
            f"states should be a list of maps; got {type(states).__name__}. "
            "Use mapper.embedding_list_."
        )
    if not 2 <= len(states) <= MOST_FRAMES:
        raise ValueError(
            f"states should be 2 to {MOST_FRAMES}, one a frame; got {len(states)}. "
            "Take every second or third, such as states[::2]."
        )
    for position, state in enumerate(states):
        check_places(state, f"states[{position}]")
        if state.shape != states[0].shape:
            raise ValueError(
                f"states[{position}] should have the shape of the first, {states[0].shape}; got "
                f"{state.shape}. Take the same images in all of them."
            )
    return states


def _checked_epochs(epochs, count):
    """The epochs as a list of int, or an error."""
    if not isinstance(epochs, list | tuple | range | np.ndarray) or len(np.shape(epochs)) != 1:
        raise TypeError(
            f"epochs should be whole numbers, one for each state; got {type(epochs).__name__}. "
            "Use range(...)."
        )
    if len(epochs) != count:
        raise ValueError(
            f"epochs should be one for each of the {count} states; got {len(epochs)}. "
            "Take both from the same slice."
        )
    epochs = [
        positive_integer(epoch, f"epochs[{position}]") for position, epoch in enumerate(epochs)
    ]
    if sorted(set(epochs)) != epochs:
        raise ValueError(
            "epochs should rise from each state to the next; got some that do not. "
            "Sort the states, and leave out those that are there twice."
        )
    return epochs


def square_around(maps, margin=MARGIN):
    """Lowest and highest corner of a square that holds the dots of some maps."""
    low = np.min([places.min(axis=0) for places in maps], axis=0).astype(float)
    high = np.max([places.max(axis=0) for places in maps], axis=0).astype(float)
    half = max((high - low).max(), 1e-9) * (0.5 + margin)
    return (low + high) / 2 - half, (low + high) / 2 + half


def _prepare(axes, maps, title):
    """A frame without numbers that is large enough for all dots of some maps."""
    (left, bottom), (right, top) = square_around(maps)
    axes.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[], title=title)
    axes.set_box_aspect(1)
    axes.spines[["top", "right"]].set_visible(True)
    for spine in axes.spines.values():
        spine.set_edgecolor(FAINT)


def _draw_dots(axes, places, labels, size):
    """Draw the dots of each class, or of all without classes; give them back by label."""
    groups = {0: slice(None)} if labels is None else {k: labels == k for k in np.unique(labels)}
    return {
        label: axes.scatter(
            *places[chosen].T,
            s=points(size) ** 2,
            color=LOOKS[label][0] if labels is not None else INK,
            marker=LOOKS[label][1] if labels is not None else "o",
            alpha=0.75,
            linewidths=0,
        )
        for label, chosen in groups.items()
    }


def _new_names(axes, names, size):
    """The names of all classes, outlined in white, not yet at their places."""
    from matplotlib.patheffects import withStroke

    return [
        axes.text(
            0,
            0,
            name,
            horizontalalignment="center",
            verticalalignment="center",
            fontsize=points(size),
            fontweight="bold",
            path_effects=[withStroke(linewidth=points(4), foreground=PAPER)],
            zorder=5,
        )
        for name in names
    ]


def _medians(places, labels, classes):
    """Each class's median along both axes; NaN for a class without dots."""
    medians = np.full((classes, 2), np.nan)
    for label in np.unique(labels):
        medians[label] = np.median(places[labels == label], axis=0)
    return medians


def _move_names(axes, texts, medians, side):
    """Put names at their medians, then apart, up and down, until none covers another."""
    present = [k for k in range(len(texts)) if np.isfinite(medians[k]).all()]
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    unit = (right - left) / side  # of the map, for each pixel
    sizes = [text.get_fontsize() * PIXELS_PER_INCH / 72 for text in texts]
    widths = [text_width(texts[k].get_text(), sizes[k], "bold") for k in present]
    widths = (np.array(widths) + 6) * unit
    height = 1.25 * max(sizes) * unit
    x = np.clip(medians[present, 0], left + widths / 2, right - widths / 2)
    y = medians[present, 1].copy()
    for _ in range(ROUNDS):
        order = np.argsort(y, kind="stable")
        moved = False
        for above, upper in enumerate(order):
            for lower in order[:above]:
                covered = height - (y[upper] - y[lower])
                if covered > 1e-6 * height and (
                    abs(x[upper] - x[lower]) < (widths[upper] + widths[lower]) / 2
                ):
                    y[upper] += covered / 2
                    y[lower] -= covered / 2
                    moved = True
        y = np.clip(y, bottom + height / 2, top - height / 2)
        if not moved:
            break
    for text in texts:
        text.set_visible(False)
    for place, k in enumerate(present):
        texts[k].set(position=(x[place], y[place]), visible=True)


def _share_at_home(places, labels, classes):
    """Share of the dots that are nearest to the median of their own class."""
    medians = _medians(places, labels, classes)
    distances = np.linalg.norm(places[:, np.newaxis] - medians, axis=2)
    return float(np.mean(np.nanargmin(distances, axis=1) == labels))


def _closest(places, labels, names):
    """The two classes whose medians are closest, as words; empty if there is only one."""
    medians = _medians(places, labels, len(names))
    gaps = np.linalg.norm(medians[:, np.newaxis] - medians, axis=2)
    gaps[~np.isfinite(gaps)] = np.inf
    np.fill_diagonal(gaps, np.inf)
    if not np.isfinite(gaps).any():
        return ""
    one, other = np.unravel_index(gaps.argmin(), gaps.shape)
    closest = listed([quoted(names[one]), quoted(names[other])])
    return f"; the names closest to each other are {closest}"


def _crowding(places):
    """How close dots are to each other, as words: closer if they gather in clusters."""
    from scipy.spatial import cKDTree

    width = np.ptp(places, axis=0).max()
    if not width:
        return ", all at one place"
    distances, _ = cKDTree(places).query(places, k=2)  # the first is the dot itself
    near = percent(np.median(distances[:, 1]) / width)
    return f"; half of them have another within {near} of the map's width"


def _words_of_maps(maps, names):
    """What is seen in maps."""
    kinds = f" in {counted(len(names), 'class', 'classes')}" if names else ""
    words = [f"{counted(len(maps), 'scatter map')}{kinds}, a dot for each image."]
    for title, (places, labels) in maps.items():
        dots = counted(len(places), "dot")
        if labels is None:
            words.append(f"{quoted(title)}: {dots} without classes{_crowding(places)}.")
            continue
        home = percent(_share_at_home(places, labels, len(names)))
        words.append(
            f"{quoted(title)}: {dots}, of which {home} are nearer to the name of their own class "
            f"than to any other{_closest(places, labels, names)}."
        )
    return " ".join(words)


def _words_of_animation(states, labels, names, epochs):
    """What is seen in the animation of a map."""
    first, last = (percent(_share_at_home(states[k], labels, len(names))) for k in (0, -1))
    return (
        f"Animation of a scatter map of {counted(len(labels), 'image')} in "
        f"{counted(len(names), 'class', 'classes')} from epoch {epochs[0]} to {epochs[-1]}. Dots "
        "move from frame to frame, each name with its class: nearest to the name of their own "
        f"class are {first} of the dots at the beginning and {last} at the end"
        f"{_closest(states[-1], labels, names)}."
    )
