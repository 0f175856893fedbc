"""How quickly a long film is drawn: ``python -m benchmarks.animations``, about a minute.

It is the film of 10-watching-it-learn. The same 49 snapshots of 64 kernels, of the maps that 16
of them make of an image, and of two accuracies, are made into frames of the same size in two ways,
which take turns: by ``figures.learning_kernels``, and as it is usually done, with 64 and 16 small
axes, drawn anew for every frame, saved as a JPEG and read again. Prints frames a second, and ends
with 1 if the course's way is less than five times as fast.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image
from rich.console import Console
from rich.progress import track
from rich.table import Table

from course_utils import figures
from course_utils.features import kernel_pictures

REQUIRED = 5
SNAPSHOTS, KERNELS, MAPS = 49, 64, 16
TURNS = 3
USUAL_FRAMES = 4  # in each turn; every frame takes as long as the other


def made_up(count=SNAPSHOTS, kernels=KERNELS, seed=8):
    """Arrays as a training gives them: kernels that grow out of noise, maps after ReLU, curves."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(scale=0.01, size=(count, 5, 5, 3, kernels)), axis=0)
    maps = np.maximum(rng.normal(size=(count, 32, 32, kernels)), 0)
    growth = np.linspace(0, 1, count)
    return {
        "image": rng.integers(0, 256, size=(32, 32, 3), dtype=np.uint8),
        "kernels": walk.astype(np.float32),
        "activations": maps.astype(np.float32),
        "accuracies": {"training": 0.1 + 0.8 * growth, "validation": 0.1 + 0.6 * growth},
        "steps": 5 * np.arange(count) ** 2,
    }


def course_way(snapshots):
    """Frames, uint8 of shape (n, height, width, 3)."""
    return figures.learning_kernels(**snapshots).frames


def usual_way(snapshots, places, size):
    """Frames of some of the snapshots, as many pixels large: (height, width)."""
    frames = []
    with tempfile.TemporaryDirectory() as folder:
        for place in places:
            path = Path(folder, f"frame_{place:03}.jpg")
            save_usual_frame(snapshots, place, size, path)
            with Image.open(path) as image:
                frames.append(np.asarray(image.convert("RGB")))
    return np.stack(frames)


def save_usual_frame(snapshots, place, size, path):
    """Draw one frame with one axes for every tile, and save it."""
    from matplotlib import pyplot

    pictures = kernel_pictures(snapshots["kernels"][place])
    maps = snapshots["activations"][place]
    maps = maps[..., :: -(-maps.shape[-1] // MAPS)]  # as many as the course's way draws
    density = 200
    figure = pyplot.figure(figsize=(size[1] / density, size[0] / density), dpi=density)
    upper, lower = figure.subfigures(2, 1, height_ratios=(2.2, 1))
    left, right = upper.subfigures(1, 2)
    for panel, title, count in (
        (left, "kernels", len(pictures)),
        (right, "the image as the kernels see it", maps.shape[-1]),
    ):
        panel.suptitle(title)
        columns = int(np.ceil(count**0.5))
        for number, axes in enumerate(panel.subplots(columns, columns, squeeze=False).flat):
            axes.set_axis_off()
            if number >= count:
                continue
            if panel is left:
                axes.imshow(pictures[number])
            else:
                axes.imshow(maps[..., number], vmin=0, vmax=maps.max(), cmap="gray")
    beside, axes = lower.subplots(1, 2, width_ratios=(1, 4))
    beside.imshow(snapshots["image"])
    beside.set_axis_off()
    for name, values in snapshots["accuracies"].items():
        axes.plot(values[: place + 1], label=name)
    axes.set(xlim=(0, len(snapshots["steps"])), ylim=(0, 1), xlabel="snapshot", ylabel="accuracy")
    axes.legend()
    figure.savefig(path)
    pyplot.close(figure)


def seconds_of(function, *arguments):
    """How long a call takes, and what it gives."""
    start = time.perf_counter()
    answer = function(*arguments)
    return time.perf_counter() - start, answer


def measure():
    """Seconds for one frame in each way: a list of one value a turn."""
    snapshots = made_up()
    size = course_way(made_up(count=1)).shape[1:3]  # and everything is imported
    usual_way(snapshots, [0], size)
    seconds = {"course": [], "usual": []}
    for turn in track(range(TURNS), "turns"):
        taken, frames = seconds_of(course_way, snapshots)
        seconds["course"].append(taken / len(frames))
        places = range(turn * USUAL_FRAMES, (turn + 1) * USUAL_FRAMES)
        taken, frames = seconds_of(usual_way, snapshots, places, size)
        seconds["usual"].append(taken / len(frames))
    return seconds, size


def main():
    """Measure, print the table, and return the exit status."""
    mpl.use("agg")
    console = Console(width=100)
    seconds, size = measure()
    medians = {way: statistics.median(values) for way, values in seconds.items()}
    ratio = medians["usual"] / medians["course"]
    shown = Table(f"frames of {size[1]} x {size[0]} pixels", "frames a second", "range")
    for way, words in (
        ("course", "figures.learning_kernels"),
        ("usual", "64 and 16 axes, JPEGs written and read"),
    ):
        slowest, fastest = 1 / max(seconds[way]), 1 / min(seconds[way])
        shown.add_row(words, f"{1 / medians[way]:.2f}", f"{slowest:.2f}–{fastest:.2f}")
    console.print(shown)
    console.print(f"{ratio:.1f} times as fast; required {REQUIRED}.")
    return 0 if ratio >= REQUIRED else 1


if __name__ == "__main__":
    sys.exit(main())
