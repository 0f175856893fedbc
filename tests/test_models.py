"""Trained networks are found again by what made them, and by nothing else."""

import keras
import numpy as np
import pytest

from course_utils import datasets, models, training

# session.begin silences it for the lessons.
pytestmark = pytest.mark.filterwarnings("ignore:.*shuffle=True.* will be ignored")

RNG = np.random.default_rng(1)
SPLIT = datasets.Split(RNG.integers(0, 256, (20, 4, 4), np.uint8), np.arange(20) % 2)


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_PROFILE", "full")


def network(units=3, optimizer="sgd", rate=0.5):
    built = keras.Sequential(
        [
            keras.Input((4, 4)),
            keras.layers.Flatten(),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dropout(rate),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    built.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return built


def trained():
    one = network()
    kept = models.Kept("Two layers!", one, SPLIT, epochs=2)
    assert kept.load() is None
    history = kept.save(one.fit(datasets.batches(SPLIT, 5), epochs=2, verbose=0))
    return one, kept, history


def test_kept_network_answers_as_before(capsys):
    one, kept, history = trained()
    assert len(history["loss"]) == 2
    keras.layers.Dense(1)  # takes a number that Keras would have given to a layer
    other = network()
    assert models.Kept("Two layers!", other, SPLIT, epochs=2).load() == history
    images = SPLIT.images / 255
    np.testing.assert_array_equal(other.predict(images, verbose=0), one.predict(images, verbose=0))
    told = capsys.readouterr().out
    assert "so it is trained now" in told
    assert "trained here before" in told
    assert [path.name for path in kept.path.parent.iterdir()] == [kept.path.name]
    assert kept.path.name.startswith("two-layers-")


def test_layers_that_change_the_images_are_part_of_what_made_the_network():
    def place(rate, seed=1):
        changes = keras.Sequential(
            [keras.layers.RandomFlip(seed=seed), keras.layers.RandomTranslation(rate, rate, seed=2)]
        )
        return models.Kept("net", network(), SPLIT, augment=changes).path

    assert place(0.1) == place(0.1)
    assert len({place(0.1), place(0.2), place(0.1, seed=3)}) == 3


def test_functional_networks_are_found_again():
    def built():
        image = keras.Input((4, 4))
        flat = keras.layers.Flatten()(image)
        one = keras.Model(image, keras.layers.Dense(2, activation="softmax")(flat))
        one.compile("sgd", "sparse_categorical_crossentropy")
        return one

    paths = {models.Kept("functional", built(), SPLIT).path for _ in range(3)}
    assert len(paths) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"network": network(units=4)},
        {"network": network(rate=0.4)},
        {"network": network(optimizer="adam")},
        {"network": network(optimizer=keras.optimizers.SGD(0.02))},
        {"split": datasets.Split(SPLIT.images, 1 - SPLIT.labels)},
        {"split": datasets.Split(SPLIT.images[::-1], SPLIT.labels)},
        {"epochs": 3},
        {"seed": None},
        {"profile": "fast"},
        {"random_seed": 7},
        {"augment": keras.layers.RandomFlip(seed=1)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_network_has_another_place(change, monkeypatch):
    keras.utils.set_random_seed(1)
    first = models.Kept("net", network(), SPLIT, epochs=2)
    monkeypatch.setenv("COURSE_PROFILE", change.pop("profile", "full"))
    keras.utils.set_random_seed(change.pop("random_seed", 1))
    arguments = {"network": network(), "split": SPLIT, "epochs": 2} | change
    assert models.Kept("net", **arguments).path != first.path


def filmed(save):
    """A small network with a convolution, its place, and snapshots of its training, if wanted."""
    one = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.Conv2D(2, 3),
            keras.layers.Flatten(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    one.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    batches = datasets.batches(SPLIT, 5)
    snapshots = training.Snapshots(SPLIT.images[:2, ..., np.newaxis] / 255, {"all": batches})
    kept = models.Kept("filmed", one, SPLIT)
    if save:
        kept.save(one.fit(batches, epochs=2, callbacks=[snapshots], verbose=0), snapshots)
        assert models.Kept("filmed", one, SPLIT).path == kept.path  # the training changes no key
    return one, kept, snapshots


def test_snapshots_are_kept_with_their_network(capsys):
    one, _, snapshots = filmed(save=True)
    other, kept, restored = filmed(save=False)
    assert set(kept.load(restored)) == {"accuracy", "loss"}
    assert len(restored) == 3
    for name, values in snapshots.state().items():
        np.testing.assert_array_equal(restored.state()[name], values)
    for values, loaded in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(loaded, values)
    assert kept.load() is not None  # without them, too


def test_network_that_was_kept_without_snapshots_is_trained_again(capsys):
    one, kept, snapshots = filmed(save=False)
    before = one.get_weights()
    kept.save(filmed(save=False)[0].fit(datasets.batches(SPLIT, 5), verbose=0))
    assert kept.load(snapshots) is None
    assert len(snapshots) == 0
    for values, unchanged in zip(before, one.get_weights(), strict=True):
        np.testing.assert_array_equal(unchanged, values)
    assert "is trained again" in capsys.readouterr().out


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-40], lambda content: b"", lambda content: b"x" * 999]
)
def test_damaged_file_is_trained_again(damage, capsys):
    _, kept, _ = trained()
    kept.path.write_bytes(damage(kept.path.read_bytes()))
    assert kept.load() is None
    assert "is trained again" in capsys.readouterr().out


def test_flipped_bit_in_the_weights_is_found(capsys):
    one, kept, _ = trained()
    content = bytearray(kept.path.read_bytes())
    content[content.index(one.get_weights()[0].tobytes()) + 2] ^= 1
    kept.path.write_bytes(content)
    assert kept.load() is None
    assert "is trained again" in capsys.readouterr().out


def test_folder_that_cannot_be_written_to_stops_nothing(tmp_path, capsys):
    (tmp_path / "build").write_text("a file where the folder should be")
    _, kept, history = trained()
    assert len(history["loss"]) == 2
    assert "cannot be kept" in capsys.readouterr().out


def test_folder_of_the_course_is_used_from_within(tmp_path, monkeypatch):
    (tmp_path / "course_utils").mkdir()
    (tmp_path / "notebooks" / "07").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "notebooks" / "07")
    assert models.Kept("net", network(), SPLIT).path.parent == tmp_path / "build" / "models"


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ((7, network(), SPLIT), TypeError, "name should be a string"),
        (("", network(), SPLIT), ValueError, "letter or digit"),
        (("net", "network", SPLIT), TypeError, "Keras model"),
        (("net", network(), SPLIT.images), TypeError, "such as data.train"),
        (("net", keras.Sequential([keras.layers.Dense(1)]), SPLIT), ValueError, "compile"),
    ],
)
def test_wrong_arguments_are_told(arguments, error, says):
    with pytest.raises(error, match=says):
        models.Kept(*arguments)


def test_settings_must_be_plain():
    with pytest.raises(TypeError, match="Give its name"):
        models.Kept("net", network(), SPLIT, augment=len)
