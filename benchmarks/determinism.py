"""What does ``session.begin(deterministic=True)`` cost? ``python -m benchmarks.determinism``.

Trains the three blocks of 14-challenge on 2,700 images for three epochs, with mirrored images and
dropout, and with the switch on and off in turns. Each run is a process of its own, because the
switch cannot be taken back. Prints the ratio of the seconds, on a CPU those of the processor, and
whether equal runs ended with equal weights.
"""

import contextlib
import hashlib
import io
import json
import statistics
import subprocess
import sys
import time

RUNS = 3


def train(deterministic):
    """Seconds of one training, and a digest of the weights that it ended with."""
    from course_utils import datasets, session

    with contextlib.redirect_stdout(io.StringIO()):
        session.begin("14-challenge", deterministic=deterministic)
        data = datasets.load("fashion_mnist", train=3000, validation=0.1)
    import keras
    import tensorflow as tf

    layers = [keras.Input((28, 28, 1))]
    for width in (32, 64, 128):
        layers += [
            keras.layers.Conv2D(width, 3, padding="same", use_bias=False),
            keras.layers.MaxPooling2D(2),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
        ]
    layers += [keras.layers.Flatten(), keras.layers.Dropout(0.2, seed=1)]
    network = keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])
    network.compile("adam", "sparse_categorical_crossentropy")
    mirrored = keras.layers.RandomFlip("horizontal", seed=1)
    batches = datasets.batches(data.train, 128, seed=1, augment=mirrored)
    network.fit(batches, epochs=1, verbose=0)  # everything is compiled here
    clock = time.perf_counter if tf.config.list_physical_devices("GPU") else time.process_time
    start = clock()
    network.fit(batches, epochs=3, verbose=0)
    seconds = clock() - start
    weights = b"".join(values.tobytes() for values in network.get_weights())
    return seconds, hashlib.sha256(weights).hexdigest()


def main():
    """Run both ways in turns; print the table."""
    runs = {False: [], True: []}
    for _ in range(RUNS):
        for deterministic, done in runs.items():
            command = [sys.executable, "-m", "benchmarks.determinism", json.dumps(deterministic)]
            ran = subprocess.run(command, capture_output=True, text=True, check=True)
            done.append(json.loads(ran.stdout.splitlines()[-1]))
    for deterministic, done in runs.items():
        seconds = ", ".join(f"{taken:.2f}" for taken, _ in done)
        equal = "equal" if len({weights for _, weights in done}) == 1 else "different"
        print(f"deterministic={deterministic}: {seconds} seconds, {equal} weights")
    ratios = [on[0] / off[0] for off, on in zip(runs[False], runs[True], strict=True)]
    told = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"with the switch / without: {told}; median {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(train(json.loads(sys.argv[1]))))
    else:
        main()
