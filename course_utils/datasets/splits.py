"""Hold images out, class by class, whatever order the files came in."""

from hashlib import blake2b

import numpy as np

from course_utils import arguments


def stratified_choice(images, labels, count, seed=0):
    """Choose images so that every class keeps its share, independently of their order.

    An image's turn comes from a hash of its own bytes, so the same images are chosen however
    the source happened to sort them.

    Parameters
    ----------
    images : ndarray, shape (n, ...), any dtype
    labels : ndarray, shape (n,), integer
    count : int
        How many to choose, 0 to n. Classes get their exact share, rounded by largest remainder.
    seed : int
        Another seed chooses other images.

    Returns
    -------
    ndarray of bool, shape (n,)
        True for the chosen images.

    Raises
    ------
    TypeError
        If ``images`` or ``labels`` is no array, or ``labels`` or ``count`` is not whole numbers.
    ValueError
        If there are no images, not one label for each, or ``count`` is not between 0 and n.
    """
    if arguments.array(images, "images").ndim < 2:
        raise ValueError(
            f"images should have shape (n, ...); got {images.shape}. Add the axis of n."
        )
    arguments.label_vector(labels, length=len(images))
    arguments.integer(count, "count")
    if not 0 <= count <= len(labels):
        raise ValueError(f"count should lie between 0 and {len(labels)}; got {count}.")
    turns = np.array([_turn(image, seed) for image in images], dtype=np.uint64)
    chosen = np.zeros(len(labels), dtype=bool)
    classes, sizes = np.unique(labels, return_counts=True)
    for label, quota in zip(classes, _quotas(sizes, count), strict=True):
        members = np.flatnonzero(labels == label)
        chosen[members[np.argsort(turns[members], kind="stable")[:quota]]] = True
    return chosen


def _turn(image, seed):
    """Number of 64 bits that depends on an image's bytes and the seed, and on nothing else."""
    digest = blake2b(image.tobytes(), digest_size=8, salt=str(seed).encode()[:16]).digest()
    return int.from_bytes(digest, "little")


def _quotas(sizes, count):
    """Whole numbers that add up to ``count``, in proportion to ``sizes``."""
    if not count:
        return np.zeros(len(sizes), dtype=int)
    exact = sizes * count / sizes.sum()
    quotas = np.floor(exact).astype(int)
    neediest = np.argsort(quotas - exact, kind="stable")[: count - quotas.sum()]
    quotas[neediest] += 1
    return quotas
