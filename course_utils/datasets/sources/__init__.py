"""Where images come from; each source gives an ``Answer`` or raises ``SourceError``."""

from typing import NamedTuple

from course_utils.datasets.image_data import Split


class SourceError(RuntimeError):
    """A source could not give the images; the message says why and what to do."""


class Answer(NamedTuple):
    """What a source gives.

    Attributes
    ----------
    name : str
        The data set that it is: another one than was asked for if that stands in.
    train, test : Split
    source : str
        For people: where the images come from.
    version : str
        Which edition of the data set this is.
    """

    name: str
    train: Split
    test: Split
    source: str
    version: str
