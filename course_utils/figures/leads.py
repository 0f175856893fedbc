"""How far a network's first class leads while it learns, and whether it is right."""

import numpy as np

from ..arguments import array, finite, number_array, text_list
from .picture import Picture
from .style import (
    BAR_CHOSEN,
    FAINT,
    QUIET,
    WIDTH,
    WRONG,
    course_style,
    new_figure,
    points,
    shortened,
)
from .words import capitalised, counted, number, trend

MOST_IMAGES = 8
COLUMNS = 2
TEXT_SIZE, SMALL_SIZE = 16, 14  # on a phone the figure is half as wide
PANEL = 105  # height of a panel, and what lies around it, in pixels
ABOVE, BETWEEN, BELOW = 30, 48, 74
LEFT, BESIDE, RIGHT = 62, 40, 16


@course_style()
def leads(leads, right, names):
    """Draw how far the first class leads before the second, image by image, over the snapshots.

    A filled dot is a prediction that is right, a cross one that is wrong.

    Parameters
    ----------
    leads : ndarray, shape (n, m), float, values 0 to 1
        Of ``n`` snapshots and ``m`` images, one to 8. Not changed.
    right : ndarray, shape (n, m), bool
        Whether the class that leads is the true one. Not changed.
    names : list or tuple of m strings
        The title of each panel, such as the true class.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If an argument is not of the kind above, a list instead of an array for instance.
    ValueError
        If shapes do not belong together, values are not finite or out of range, or there are too
        many images.
    """
    _check(leads, right, names)
    rows = -(-len(names) // COLUMNS)
    high = ABOVE + rows * (PANEL + BETWEEN) - BETWEEN + BELOW
    figure = new_figure(WIDTH, high)
    figure.set_layout_engine("none")
    places = {
        "left": LEFT / WIDTH,
        "right": 1 - RIGHT / WIDTH,
        "top": 1 - ABOVE / high,
        "bottom": BELOW / high,
        "hspace": BETWEEN / PANEL,
        "wspace": COLUMNS * BESIDE / (WIDTH - LEFT - RIGHT - BESIDE),
    }
    panels = figure.subplots(
        rows, COLUMNS, sharex=True, sharey=True, squeeze=False, gridspec_kw=places
    ).ravel()
    for axes, name, own, fine in zip(panels, names, leads.T, right.T, strict=False):
        _draw(axes, own, fine)
        axes.set_title(shortened(name, WIDTH / 3, TEXT_SIZE, "bold"), fontsize=points(TEXT_SIZE))
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    for axes in panels[max(len(names) - COLUMNS, 0) : len(names)]:
        axes.set_xlabel("snapshot", fontsize=points(SMALL_SIZE))
        axes.tick_params(labelbottom=True)
    for axes in panels[::COLUMNS]:
        axes.set_ylabel("lead", fontsize=points(SMALL_SIZE))
    note = "● right   ✕ wrong.  Lead: the highest probability minus the second highest."
    figure.text(LEFT / WIDTH, 8 / high, note, fontsize=points(SMALL_SIZE), color=QUIET)
    return Picture(figure, _words(leads, right, names))


def _draw(axes, own, fine):
    """One image's panel: a line, and a sign for each snapshot."""
    snapshots = np.arange(len(own))
    axes.plot(snapshots, own, color=FAINT, linewidth=points(1.5), zorder=1)
    look = {"linestyle": "none", "markersize": points(5.5), "clip_on": False}
    axes.plot(snapshots[fine], own[fine], marker="o", color=BAR_CHOSEN, **look)
    axes.plot(snapshots[~fine], own[~fine], marker="x", color=WRONG, **look)
    axes.set(ylim=(0, 1), yticks=[0, 0.5, 1])
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.tick_params(labelsize=points(SMALL_SIZE))
    axes.grid(axis="y")


def _check(leads, right, names):
    """Refuse leads, verdicts and names that do not belong together."""
    number_array(leads, "leads")
    array(right, "right")
    if right.dtype != bool:
        raise TypeError(
            f"right should be bool; got {right.dtype}. "
            "Compare: probabilities.argmax(axis=2) == labels."
        )
    if leads.ndim != 2 or leads.size == 0 or leads.shape[1] > MOST_IMAGES:
        raise ValueError(
            f"leads should have a row a snapshot and one to {MOST_IMAGES} columns, one an image; "
            f"got shape {leads.shape}. Choose some images: leads[:, :{MOST_IMAGES}]."
        )
    if right.shape != leads.shape:
        raise ValueError(
            f"right should have the shape of leads, {leads.shape}; got {right.shape}. "
            "Work both out from the same probabilities."
        )
    text_list(names, "names", leads.shape[1])
    finite(leads, "leads")
    if leads.min() < -1e-6 or leads.max() > 1 + 1e-6:
        raise ValueError(
            f"leads should be 0 to 1; got {leads.min():.3g} to {leads.max():.3g}. "
            "Subtract the second highest probability from the highest."
        )


def _words(leads, right, names):
    """What is seen in the panels."""
    snapshots = np.arange(len(leads))
    parts = []
    for name, own, fine in zip(names, leads.T, right.T, strict=True):
        wrong = own[~fine]
        worst = f"; wrong with a lead of up to {number(wrong.max())}" if len(wrong) else ""
        parts.append(
            f"{name}: the lead {trend(own, snapshots, 'snapshot')}, "
            f"right in {int(fine.sum())} of {len(fine)}{worst}"
        )
    return (
        f"{capitalised(counted(len(names), 'panel'))}, one an image: the lead of the first class "
        f"before the second in {counted(len(leads), 'snapshot')}, with a dot where the prediction "
        f"is right and a cross where it is wrong. {capitalised('; '.join(parts))}."
    )
