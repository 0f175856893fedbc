"""The data sets of the course: what each is called, holds and is licensed under."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DataSet:
    """What is known of a data set before any of it is read.

    Attributes
    ----------
    name : str
        Its name in TensorFlow Datasets, in Keras and here.
    class_names : tuple of str
    image_shape : tuple of int
    licence : str
    """

    name: str
    class_names: tuple
    image_shape: tuple
    licence: str


CATALOGUE = {
    "mnist": DataSet(
        name="mnist",
        class_names=tuple("0123456789"),
        image_shape=(28, 28),
        licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
    ),
}
