"""What do ``datasets.batches`` save? ``python -m benchmarks.pipeline``, about 15 minutes.

Trains two networks of 06-dense-vs-cnn and 07-overfitting on the 45,000 CIFAR-10 images: through the
per-element pipeline as published courses have it, which holds validation images out of the stream
by ``shard``; through the same pipeline with the better split of TensorFlow Datasets; on NumPy
arrays of floats; and through ``datasets.batches``. A last way learns one batch as often as there
are batches: nothing is read, so that no pipeline could be quicker. CIFAR-10 must have been prepared
by TensorFlow Datasets before. Each run is a process of its own, so that its peak of memory is its
own, and the ways take turns, so that a busy machine is unfair to all of them alike. Prints the
table and exits with 1 if a requirement is missed. For Linux, whose kernel keeps the peak.
"""

import json
import math
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from course_utils import datasets
from course_utils.datasets.pipeline import batches
from course_utils.tensorflow_quietly import import_tensorflow, quiet_stderr

BATCH_SIZE = 64
# Seeds and epochs of each network; an epoch of the convolutional one takes ten times as long.
RUNS = {"dense": ((0, 1, 2), 8), "convolutional": ((0, 1), 3)}
PARAMETERS = {"dense": 789_258, "convolutional": 94_890}
TRAINING_IMAGES, VALIDATION_IMAGES = 45_000, 5_000


def published(seed):
    """The usual pipeline as published: every tenth image of the stream is for validation."""
    tf = import_tensorflow()
    with quiet_stderr():
        import tensorflow_datasets as tfds

    images, _ = tfds.load("cifar10", split=["train", "test"], as_supervised=True, download=False)
    numbered = images.enumerate()
    train = numbered.filter(lambda number, _: number % 10 != 0).map(lambda _, pair: pair)
    return _per_element(tf, train, images.shard(10, index=0), seed)


def per_element(seed):
    """The usual pipeline with images held out by TensorFlow Datasets, which skips their files."""
    tf = import_tensorflow()
    with quiet_stderr():
        import tensorflow_datasets as tfds

    train, validation = tfds.load(
        "cifar10", split=["train[:90%]", "train[90%:]"], as_supervised=True, download=False
    )
    return _per_element(tf, train, validation, seed)


def _per_element(tf, train, validation, seed):
    """Each image is mapped, kept as floats, shuffled and put into a batch."""

    def scaled(image, label):
        return tf.cast(image, tf.float32) / 255, label

    train = train.map(scaled, num_parallel_calls=tf.data.AUTOTUNE).cache()
    train = train.shuffle(TRAINING_IMAGES, seed=seed).batch(BATCH_SIZE)
    validation = validation.map(scaled, num_parallel_calls=tf.data.AUTOTUNE)
    validation = validation.batch(BATCH_SIZE).cache()
    return {
        "x": train.prefetch(tf.data.AUTOTUNE),
        "validation_data": validation.prefetch(tf.data.AUTOTUNE),
    }


def float_arrays(seed):
    """Arrays of floats, which ``fit`` shuffles and cuts into batches itself."""
    data = _loaded()
    return {
        "x": data.train.images.astype("float32") / 255,
        "y": data.train.labels,
        "batch_size": BATCH_SIZE,
        "validation_data": (
            data.validation.images.astype("float32") / 255,
            data.validation.labels,
        ),
    }


def course_batches(seed):
    """The pipeline of this course."""
    data = _loaded()
    return {
        "x": batches(data.train, BATCH_SIZE, seed=seed),
        "validation_data": batches(data.validation, BATCH_SIZE),
    }


def one_batch(seed):
    """No pipeline at all: the same batch again and again."""
    tf = import_tensorflow()
    rng = np.random.default_rng(seed)
    images = rng.random((BATCH_SIZE, 32, 32, 3), np.float32)
    kept = tf.data.Dataset.from_tensors((images, rng.integers(10, size=BATCH_SIZE)))
    options = tf.data.Options()
    options.autotune.enabled = False  # its helper thread can sleep on at the end of an epoch
    kept = kept.with_options(options)
    return {
        "x": kept.repeat(math.ceil(TRAINING_IMAGES / BATCH_SIZE)),
        "validation_data": kept.repeat(math.ceil(VALIDATION_IMAGES / BATCH_SIZE)),
    }


WAYS = {
    "published": published,
    "per element": per_element,
    "float arrays": float_arrays,
    "batches": course_batches,
    "one batch": one_batch,
}


def _loaded():
    """CIFAR-10 from the same files as the per-element pipeline reads."""
    return datasets.load("cifar10", source="tfds", validation=0.1)


def build(name):
    """One of the two networks, compiled."""
    import keras
    from keras import layers

    inner, optimizer = {
        "dense": ([layers.Flatten(), layers.Dense(256, activation="sigmoid")], "sgd"),
        "convolutional": (
            [
                *(layer for maps in (32, 32, 64) for layer in _block(layers, maps)),
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
    assert model.count_params() == PARAMETERS[name]
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _block(layers, maps):
    """A convolution of 3 x 3 that keeps the image's size, and a pooling that halves it."""
    return layers.Conv2D(maps, 3, padding="same", activation="relu"), layers.MaxPooling2D()


def run(network, way, seed):
    """Train once, in this process, and return what was measured.

    Memory is the process's resident set in MB, as the kernel counts it: its peak while reading the
    data and training, all of it or what exceeds the size before that, when TensorFlow, Keras and
    TensorFlow Datasets had been imported and the network had been built. The seconds of the first
    epoch are counted twice: in ``fit``, as Keras shows them, and from files on disk, because the
    per-element pipeline reads the files while it trains and the other ways before.
    """
    import_tensorflow()
    import keras

    with quiet_stderr():
        import tensorflow_datasets  # noqa: F401
    keras.utils.set_random_seed(seed)
    model = build(network)
    clock = {"epochs": []}
    watch = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda *_, **__: clock.setdefault("step", time.perf_counter()),
        on_epoch_end=lambda *_, **__: clock["epochs"].append(time.perf_counter()),
    )
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    imported = _memory("VmRSS")
    start = time.perf_counter()
    given = WAYS[way](seed)
    fit = time.perf_counter()
    history = model.fit(
        **given,
        epochs=RUNS[network][1],
        callbacks=[watch],
        verbose=0,
        shuffle=way == "float arrays",
    ).history
    ends = clock["epochs"]
    return {
        "peak": _memory("VmHWM"),
        "peak above": _memory("VmHWM") - imported,
        "first step": clock["step"] - start,
        "first epoch": ends[0] - start,
        "first epoch in fit": ends[0] - fit,
        # The quickest, because whatever else the machine does can only make an epoch longer.
        "steady epoch": min(end - begin for begin, end in zip(ends, ends[1:], strict=False)),
        "accuracy": history["val_accuracy"][-1],
    }


def _memory(field):
    """A number in MB of what the kernel says about this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024 / 1e6
    raise KeyError(field)


def run_apart(network, way, seed):
    """Train once in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.pipeline", network, way, str(seed)]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        raise SystemExit(f"{network}, {way}, seed {seed} failed:\n{ran.stderr}")
    return json.loads(ran.stdout.splitlines()[-1])


def turns():
    """Every run: network, way and seed; the first of the ways is another one each time."""
    for network, (seeds, _) in RUNS.items():
        for seed in seeds:
            for turn in range(len(WAYS)):
                yield network, list(WAYS)[(seed + turn) % len(WAYS)], seed


# What is shown: the measure, its unit and what batches may take of the published pipeline.
MEASURES = {
    "peak above": ("peak memory above TensorFlow", "MB", 1 / 3),
    "peak": ("peak memory of the process", "MB", None),
    "first step": ("files on disk to end of first step", "s", None),
    "first epoch": ("files on disk to end of first epoch", "s", None),
    "first epoch in fit": ("first epoch of fit", "s", 0.6),
    "steady epoch": ("every further epoch", "s", 1.05),
}


def compared(results, network):
    """Median of each measure in each way, and its ratios to the two per-element pipelines."""
    for measure in MEASURES:
        medians = {
            way: statistics.median(one[measure] for one in results[network, way]) for way in WAYS
        }
        ratios = {
            usual: {way: medians[way] / medians[usual] for way in ("batches", "one batch")}
            for usual in ("published", "per element")
        }
        yield measure, medians, ratios


def accuracy_range(results, network, way):
    """Lowest and highest validation accuracy over the seeds, and how sure such a number is."""
    values = [one["accuracy"] for one in results[network, way]]
    mean = statistics.mean(values)
    return min(values), max(values), 2 * (mean * (1 - mean) / VALIDATION_IMAGES) ** 0.5


def shortcomings(results):
    """Which requirements are missed; empty if none."""
    missed = []
    for network in RUNS:
        for measure, _, ratios in compared(results, network):
            words, _, allowed = MEASURES[measure]
            ratio = ratios["published"]["batches"]
            if allowed is not None and ratio > allowed:
                missed.append(f"{network}, {words}: {ratio:.2f} times, required {allowed:.2f}")
        low, high, error = accuracy_range(results, network, "batches")
        low_usual, high_usual, _ = accuracy_range(results, network, "published")
        if low > high_usual + error or high < low_usual - error:
            missed.append(f"{network}, accuracy: another than that of the per-element pipeline")
    return missed


def table(results):
    """All measures of both networks."""
    shown = Table(
        "",
        *WAYS,
        "batches : published",
        "required",
        "batches : per element",
        "one batch : per element",
    )
    shown.columns[0].no_wrap = True
    for column in shown.columns[1:]:
        column.justify = "right"
    for network, (seeds, epochs) in RUNS.items():
        shown.add_row(
            f"[bold]{network}[/], {PARAMETERS[network]:,} parameters, "
            f"{len(seeds)} seeds, {epochs} epochs"
        )
        for measure, medians, ratios in compared(results, network):
            words, unit, allowed = MEASURES[measure]
            digits = 0 if unit == "MB" else 2
            shown.add_row(
                f"{words}, {unit}",
                *(f"{medians[way]:,.{digits}f}" for way in WAYS),
                f"{ratios['published']['batches']:.2f}",
                "" if allowed is None else f"{allowed:.2f}",
                f"{ratios['per element']['batches']:.2f}",
                f"{ratios['per element']['one batch']:.2f}",
            )
        learning = [way for way in WAYS if way != "one batch"]
        ranges = (accuracy_range(results, network, way) for way in learning)
        shown.add_row(
            "validation accuracy, %, range",
            *(f"{100 * low:.1f}–{100 * high:.1f}" for low, high, _ in ranges),
        )
        shown.add_section()
    return shown


def main():
    """Run everything, print the table and what is missed, and return the exit status."""
    console = Console(width=160)
    results = {(network, way): [] for network in RUNS for way in WAYS}
    with Progress(console=console) as progress:
        task = progress.add_task("runs", total=len(list(turns())))
        for network, way, seed in turns():
            progress.update(task, description=f"{network}, {way}, seed {seed}")
            results[network, way].append(run_apart(network, way, seed))
            progress.advance(task)
    console.print(table(results))
    missed = shortcomings(results)
    console.print("\n".join(missed) or "Every requirement is met.")
    return 1 if missed else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        network, way, seed = sys.argv[1:]
        print(json.dumps(run(network, way, int(seed))))
    else:
        sys.exit(main())
