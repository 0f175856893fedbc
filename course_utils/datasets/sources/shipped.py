"""Images that ship with the course: a subset of a data set, or the drawings that stand in."""

from importlib.resources import as_file, files

from course_utils.datasets import emoji10
from course_utils.datasets.image_data import Split
from course_utils.datasets.sources import Answer, layouts

TRAIN_IMAGES, TEST_IMAGES = 5_000, 1_000


def shipped(data_set, train, seed):
    """Images that need no network: 5,000 for training, 1,000 for testing.

    Parameters
    ----------
    data_set : DataSet
    train : int or None
        How many images Emoji-10 is to draw for training; a subset is what it is.
    seed : int
        Seed of Emoji-10's drawings.
    """
    if data_set.name == "emoji10":
        return _drawn(data_set.name, train, seed, "drawings made here")
    if data_set.stand_in:
        told = f"drawings made here, which stand in for {data_set.title}"
        return _drawn(data_set.stand_in, train, seed, told)
    archive = files("course_utils.datasets") / "embedded" / f"{data_set.name}.npz"
    with as_file(archive) as path:
        splits = layouts.read("npz", [path], data_set)
    return Answer(data_set.name, *splits, "the embedded subset", "of this course")


def _drawn(name, train, seed, told):
    """Emoji-10, drawn: the test split shows drawings that the training split never does."""
    return Answer(
        name,
        Split(*emoji10.draw(train or TRAIN_IMAGES, seed=seed, sprites="train")),
        Split(*emoji10.draw(TEST_IMAGES, seed=seed, sprites="test")),
        told,
        f"seed {seed}",
    )
