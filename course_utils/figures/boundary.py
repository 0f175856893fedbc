"""A film of a small network that learns to tell two groups of points apart."""

import numpy as np

from ..arguments import array, finite, label_vector, number_array, number_list
from .animation import Animation
from .descent import rising
from .shades import shade_map
from .style import (
    INK,
    PAPER,
    TITLE_SIZE,
    TRAINING_LINE,
    VALIDATION,
    WIDTH,
    course_style,
    new_figure,
    points,
)
from .words import counted, number

HEIGHT = 390
LOOKS = (("o", PAPER), ("^", VALIDATION))  # shape and fill of both classes' points


@course_style()
def learning_boundary(places, labels, across, up, probabilities, losses, steps):
    """Animate how a network's boundary between two classes moves while its loss falls.

    On the left the plane of both inputs: the darker, the larger the probability of class 1; the
    thick line is the boundary, where it is one half. Points of class 0 are white dots, those of
    class 1 triangles. On the right the loss until then.

    Parameters
    ----------
    places : ndarray, shape (points, 2), integer or float
        The points that are learned. Not changed.
    labels : ndarray, shape (points,), any integer dtype, values 0 and 1
        Not changed.
    across, up : ndarray, shape (n,) and (m,), integer or float, rising, at least 2
        Where the plane is divided into a grid. Not changed.
    probabilities : ndarray, shape (frames, m, n), float, values 0 to 1
        Of class 1 at each place of the grid, in each frame. Not changed.
    losses : sequence of float, one a frame
        Not changed.
    steps : sequence of int, one a frame, rising
        Training steps until each frame.

    Returns
    -------
    Animation
        8 frames a second, with a rest at both ends. Its still is the first frame.

    Raises
    ------
    TypeError
        If an argument is not of the kind above, a list instead of an array for instance.
    ValueError
        If shapes do not belong together, or values are not finite or out of range.
    """
    number_array(places, "places")
    if places.ndim != 2 or places.shape[1] != 2:
        raise ValueError(f"places should have shape (points, 2); got {places.shape}. Use reshape.")
    labels = label_vector(labels, classes=2, length=len(places))
    rising(across, "across")
    rising(up, "up")
    _check_probabilities(probabilities, (len(up), len(across)))
    mends = ("Take the loss of each frame.", "Take one for each frame.")
    losses = finite(number_list(losses, "losses", "frame", mends), "losses")
    if len(losses) != len(probabilities):
        raise ValueError(
            f"losses should be one for each of the {len(probabilities)} frames; got {len(losses)}. "
            "Keep both at the same time."
        )
    steps = _checked_steps(steps, len(probabilities))
    stage = _Stage(places, labels, across, up, probabilities, losses, steps)
    return Animation.record(
        stage.figure,
        stage.show,
        len(steps),
        _words(labels, losses, steps),
        captions=tuple(
            f"step {step}, loss {number(loss)}" for step, loss in zip(steps, losses, strict=True)
        ),
        frames_per_second=8,
        density=1,
    )


def _check_probabilities(probabilities, shape):
    """Refuse what is not a grid of probabilities for each frame."""
    array(probabilities, "probabilities")
    if probabilities.dtype.kind != "f":
        raise TypeError(
            f"probabilities should hold floats of 0 to 1; got {probabilities.dtype}. "
            "Take what the network answers, not the classes."
        )
    if probabilities.ndim != 3 or probabilities.shape[1:] != shape or len(probabilities) == 0:
        raise ValueError(
            f"probabilities should have shape (frames, {shape[0]}, {shape[1]}), like the grid; got "
            f"{probabilities.shape}. Use reshape(len(up), len(across)) on each answer."
        )
    finite(probabilities, "probabilities")
    if probabilities.min() < 0 or probabilities.max() > 1:
        raise ValueError(
            f"probabilities should be 0 to 1; got {probabilities.min():g} to "
            f"{probabilities.max():g}. Does the last layer have a sigmoid?"
        )


def _checked_steps(steps, count):
    """The steps as whole numbers that rise, one a frame, or an error."""
    values = number_list(steps, "steps", "frame", ("Count them.", "Keep one for each frame."))
    whole = np.isfinite(values).all() and (values == np.rint(values)).all()
    if not whole or (np.diff(values) <= 0).any() or values[0] < 0 or len(values) != count:
        raise ValueError(
            f"steps should be {counted(count, 'whole number')} of at least 0 that rise; got "
            f"{values}. Keep the number of steps with each frame."
        )
    return values.astype(int)


def _words(labels, losses, steps):
    """What is seen, and how it changes."""
    zeros, ones = np.bincount(labels, minlength=2)
    verb = "falls" if losses[-1] < losses[0] else "does not fall: it goes"
    return (
        f"A network learns to tell {counted(zeros, 'dot')} from {counted(ones, 'triangle')}, "
        f"from step {steps[0]} to step {steps[-1]}. The plane is shaded by the probability of the "
        "triangles, and a thick line, the boundary where it is one half, moves from frame to "
        f"frame, while the loss {verb} from {number(losses[0])} to {number(losses[-1])}."
    )


class _Stage:
    """The drawing of one frame, and how it changes into another one."""

    def __init__(self, places, labels, across, up, probabilities, losses, steps):
        self.across, self.up, self.probabilities = across, up, probabilities
        self.losses, self.steps = losses, steps
        self.figure = new_figure(WIDTH, HEIGHT)
        self.plane, right = self.figure.subplots(ncols=2, width_ratios=(3, 2))
        self._draw_plane(places, labels)
        self._draw_losses(right)
        self.boundary = None

    def _draw_plane(self, places, labels):
        """Draw the shades of the first frame, and the points on them."""
        extent = (self.across[0], self.across[-1], self.up[0], self.up[-1])
        self.shades = self.plane.imshow(
            self.probabilities[0], cmap=shade_map(), vmin=0, vmax=1, alpha=0.5, origin="lower",
            extent=extent, aspect="auto", interpolation="bilinear",
        )  # fmt: skip
        for label, (marker, fill) in enumerate(LOOKS):
            chosen = places[labels == label]
            self.plane.plot(
                *chosen.T, marker, color=fill, markeredgecolor=INK, markersize=points(8)
            )
        self.plane.set(xticks=[], yticks=[], xlim=extent[:2], ylim=extent[2:])
        self.title = self.plane.set_title("")

    def _draw_losses(self, axes):
        """Draw the whole curve as a faint line, and what of it is known in the first frame."""
        axes.set_xlim(0, max(self.steps[-1], 1))
        axes.set_ylim(0, 1.08 * self.losses.max())
        axes.grid(axis="y")
        axes.set_title("Loss")
        axes.set_xlabel("step", fontsize=points(TITLE_SIZE))
        axes.tick_params(labelsize=points(TITLE_SIZE))
        axes.locator_params(nbins=4)
        look = TRAINING_LINE
        (self.curve,) = axes.plot([], [], color=look.colour, linewidth=points(3))
        (self.now,) = axes.plot([], [], "o", color=look.colour, markersize=points(10))

    def show(self, frame):
        """Change the drawing into a frame."""
        self.shades.set_data(self.probabilities[frame])
        if self.boundary is not None:
            self.boundary.remove()
        self.boundary = self.plane.contour(
            self.across, self.up, self.probabilities[frame], levels=[0.5], colors=INK,
            linewidths=points(4),
        )  # fmt: skip
        self.title.set_text(f"After {counted(self.steps[frame], 'step')}")
        self.curve.set_data(self.steps[: frame + 1], self.losses[: frame + 1])
        self.now.set_data(self.steps[frame : frame + 1], self.losses[frame : frame + 1])
