"""Functions of one number, as lines."""

import numpy as np

from ..arguments import finite, named, number_array
from .line_ends import End, label_line_ends
from .picture import Picture
from .style import FAINT, LINES, TEXT_SIZE, WIDTH, course_style, new_figure, points, shortened
from .words import listed, number, quoted, trend

HEIGHT = 380


@course_style()
def line_curves(x, curves, xlabel="", ylabel="", title=""):
    """Draw functions of one variable into one panel, each with its name at its end.

    Parameters
    ----------
    x : ndarray, shape (n,), float or integer, rising, n at least 2
        Not changed.
    curves : dict of str to ndarray, shape (n,), float or integer
        Name and values of each curve; at most six, so that each has a line style of its own.
        Not changed.
    xlabel, ylabel, title : str, optional

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        If ``x`` or a curve is no array of numbers, ``curves`` no dict, or a name no string.
    ValueError
        If ``x`` does not rise, there are no or more than six curves, a curve's shape is not that
        of ``x``, or a value is not finite.
    """
    x = _numbers(x, "x")
    if len(x) < 2 or (np.diff(x) <= 0).any():
        raise ValueError(
            "x should rise from each value to the next and have two at least; got "
            f"{'one value' if len(x) == 1 else 'values that do not'}. Use np.linspace or np.sort."
        )
    curves = _checked_curves(curves, x)
    for name, text in (("xlabel", xlabel), ("ylabel", ylabel), ("title", title)):
        if not isinstance(text, str):
            raise TypeError(f"{name} should be a string; got {type(text).__name__}. Use str(...).")
    figure = new_figure(WIDTH, HEIGHT)
    axes = figure.add_subplot()
    axes.grid()
    for (name, y), look in zip(curves.items(), LINES, strict=False):
        axes.plot(x, y, label=name, color=look.colour, linestyle=look.dashes)
    _draw_zero_lines(axes)
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title, xlim=(x[0], x[-1]))
    ends = [
        End(x[-1], y[-1], shortened(name, WIDTH / 3, TEXT_SIZE), look)
        for (name, y), look in zip(curves.items(), LINES, strict=False)
    ]
    label_line_ends(axes, ends, width=0.8 * WIDTH, height=0.8 * HEIGHT)
    return Picture(figure, _curve_words(x, curves, xlabel, ylabel, title))


def _checked_curves(curves, x):
    """The curves, or an error that names the one at fault."""
    named(curves, "curves", "name to values", '{"ReLU": y}', most=len(LINES))
    for name, y in curves.items():
        _numbers(y, f"curves[{name!r}]")
        if y.shape != x.shape:
            raise ValueError(
                f"curves[{name!r}] should have a value for each of the {len(x)} values of x; "
                f"got {len(y)}. Compute it from x."
            )
    return curves


def _numbers(values, name):
    """A vector of finite numbers, or an error."""
    number_array(values, name)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(
            f"{name} should have shape (n,) and not be empty; got {values.shape}. "
            f"Use {name}.ravel() if it holds the right numbers."
        )
    finite(values, name, "Leave those out, with np.isfinite for instance.")
    return values


def _draw_zero_lines(axes):
    """Thin lines through zero, where zero is in sight."""
    for draw, (low, high) in ((axes.axhline, axes.get_ylim()), (axes.axvline, axes.get_xlim())):
        if low < 0 < high:
            draw(0, color=FAINT, linewidth=points(1.5), zorder=1)


def _curve_words(x, curves, xlabel, ylabel, title):
    """What is seen in a panel of curves."""
    across, up = xlabel or "x", ylabel or "y"
    words = f"{title}: line plot" if title else "Line plot"
    words = (
        f"{words} of {up} against {across}, from {number(x[0])} to {number(x[-1])}, "
        f"for {listed(map(quoted, curves))}."
    )
    runs = (
        f"{quoted(name)} {trend(y, x, across)}{_steepest_words(x, y, across)}."
        for name, y in curves.items()
    )
    return f"{words} {' '.join(runs)}"


def _steepest_words(x, y, across):
    """Where a curve that only rises or only falls is steepest, if both its ends are nearly flat."""
    slopes = np.gradient(y, x)
    steepest = int(np.argmax(np.abs(slopes)))
    ends = np.abs(slopes[[0, -1]]).max()
    if slopes.min() * slopes.max() < 0 or ends >= abs(slopes[steepest]) / 5:
        return ""
    return f", nearly flat at both ends and steepest near {across} {number(x[steepest])}"
