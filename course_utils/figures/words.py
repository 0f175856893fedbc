"""Words for numbers: what alternative texts and labels are made of."""

import numpy as np


def number(value):
    """Three significant digits, with a true minus sign: 0.956, −0.424, 60,000."""
    value = float(value) + 0.0  # zero has no sign
    text = f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.3g}"
    return text.replace("-", "−")


def percent(share):
    """A share of 0 to 1 in per cent; never rounded to a certainty that it is not."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    digits = 1 if 0 < share < 0.0095 or 0.9905 < share < 1 else 0
    return f"{100 * share:.{digits}f} %"


def counted(count, noun, plural=None):
    """A count with its noun, in the plural where it needs one: 1 image, 1,200 images."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def listed(texts):
    """Several texts as one: a, b and c."""
    texts = [str(text) for text in texts]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def quoted(name):
    """A name in quotation marks, so that its end is heard in a sentence."""
    return f"“{name}”"


def capitalised(text):
    """The text with its first letter, and only that, in upper case."""
    return text[:1].upper() + text[1:]


def trend(values, positions, axis):
    """How a curve runs: rises, falls, stays, or where its lowest and highest points are.

    ``values`` and ``positions`` are finite vectors of one length; ``axis`` names the positions.
    """
    first, last = number(values[0]), number(values[-1])
    steps = np.diff(values)
    low, high = int(np.argmin(values)), int(np.argmax(values))
    if number(values[low]) == number(values[high]):
        return f"stays at {first}"
    if (steps < 0).any() and (steps > 0).any():
        return (
            f"goes from {first} to {last}, lowest {number(values[low])} at {axis} "
            f"{number(positions[low])}, highest {number(values[high])} at {axis} "
            f"{number(positions[high])}"
        )
    verb = "rises" if values[-1] > values[0] else "falls"
    level = int(np.flatnonzero(steps)[0])
    if level >= len(values) / 10 and level > 1:
        return f"stays at {first} up to {axis} {number(positions[level])}, then {verb} to {last}"
    return f"{verb} from {first} to {last}"
