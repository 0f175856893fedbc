"""Is Emoji-10 as hard as the course needs it? ``python -m benchmarks.emoji10``, about 7 minutes.

Trains the networks of 06-dense-vs-cnn and 07-overfitting on 5,000 images, for five seeds that each
draw other data and start from other weights, prints what they reach, and exits with 1 if Emoji-10
does not tell CIFAR-10's story for every seed.
"""

import sys
import time

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from course_utils.datasets import emoji10
from course_utils.tensorflow_quietly import import_tensorflow

import_tensorflow()
import keras  # noqa: E402
from keras import layers  # noqa: E402

SEEDS = (0, 1, 2, 3, 4)
EPOCHS = {"dense": 10, "one conv": 10, "three conv": 30}
SPLITS = ("train", "validation", "test")


def build(name):
    """One of the three networks, compiled."""
    inner, optimizer = {
        "dense": ([layers.Flatten(), layers.Dense(256, activation="sigmoid")], "sgd"),
        "one conv": ([_conv(32), layers.Flatten(), layers.Dense(128)], "adam"),
        "three conv": (
            [
                *(layer for maps in (32, 32, 64) for layer in (_conv(maps), layers.MaxPooling2D())),
                layers.Flatten(),
                layers.Dense(64, activation="relu"),
                layers.Dropout(0.5),
            ],
            "adam",
        ),
    }[name]
    model = keras.Sequential(
        [keras.Input((32, 32, 3)), *inner, layers.Dense(10, activation="softmax")]
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _conv(maps):
    """A convolution of 3 x 3 that keeps the image's size."""
    return layers.Conv2D(maps, 3, padding="same", activation="relu")


def data(seed):
    """Images scaled to 0 to 1 and labels of the three splits; test sprites were never seen."""
    images, labels = emoji10.draw(6_000, seed=seed)
    test_images, test_labels = emoji10.draw(1_000, seed=seed, sprites="test")
    return {
        split: (part.astype(np.float32) / 255, part_labels)
        for split, part, part_labels in (
            ("train", images[:5_000], labels[:5_000]),
            ("validation", images[5_000:], labels[5_000:]),
            ("test", test_images, test_labels),
        )
    }


def accuracies(name, splits, seed, tick):
    """Accuracy of one trained network on each split, and that of its last epoch while training."""
    keras.utils.set_random_seed(seed)
    model = build(name)
    history = model.fit(
        *splits["train"],
        batch_size=64,
        epochs=EPOCHS[name],
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: tick())],
    )
    reached = {
        split: model.evaluate(*splits[split], batch_size=500, verbose=0)[1] for split in SPLITS
    }
    return {**reached, "last epoch": history.history["accuracy"][-1]}


def shortcomings(reached):
    """What one seed's accuracies, ``reached[network][split]``, miss; empty if nothing."""
    dense, one, three = (reached[name] for name in EPOCHS)
    unseen = ("validation", "test")
    return [
        words
        for words, holds in {
            "dense between 25 and 45 %": all(0.25 <= dense[split] <= 0.45 for split in SPLITS),
            "one conv at least 80 % in training": one["train"] >= 0.8,
            "and 20 points less in validation": one["train"] - one["validation"] >= 0.2,
            "three conv at least 70 % on new sprites": three["test"] >= 0.7,
            "and validation within 8 points of training": abs(three["train"] - three["validation"])
            < 0.08,
            "dense < one conv < three conv": all(
                dense[split] < one[split] < three[split] for split in unseen
            ),
        }.items()
        if not holds
    ]


def drawing_seconds():
    """Seconds for 6,000 images, the sprites read anew."""
    emoji10.sprites.prepared.cache_clear()
    start = time.perf_counter()
    emoji10.draw(6_000, seed=0)
    return time.perf_counter() - start


def table(results):
    """Accuracies in percent, a column for each seed and their range."""
    shown = Table("network", "accuracy", *(f"seed {seed}" for seed in results), "range")
    for name in EPOCHS:
        for split in (*SPLITS, "last epoch"):
            values = [100 * reached[name][split] for reached in results.values()]
            cells = [f"{value:.1f}" for value in values]
            shown.add_row(name, split, *cells, f"{min(values):.1f} to {max(values):.1f}")
        shown.add_section()
    return shown


def main():
    """Train all, print the table and what is missed, and return the exit status."""
    console = Console(width=100)
    console.print(f"6,000 images drawn in {drawing_seconds():.2f} s")
    results = {}
    with Progress(console=console) as progress:
        task = progress.add_task("epochs", total=len(SEEDS) * sum(EPOCHS.values()))
        for seed in SEEDS:
            splits = data(seed)
            results[seed] = {
                name: accuracies(name, splits, seed, lambda: progress.advance(task))
                for name in EPOCHS
            }
    console.print(table(results))
    missed = [f"seed {seed}: {words}" for seed in results for words in shortcomings(results[seed])]
    console.print("\n".join(missed) or "Every seed meets every requirement.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
