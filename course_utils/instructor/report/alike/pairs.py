"""Which hand-ins of a lesson share what hardly anybody else has."""

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from course_utils.instructor.report.alike.pieces import (
    PROSE,
    WITH_NAMES,
    WITHOUT_NAMES,
    pieces_of,
)

FEWEST_SHARED, LEAST_SHARE = 20, 0.6
"""Pieces that two share in an exercise, and as a share of such pieces of the one who has fewer."""
FEW, FEW_OF = 3, 20
"""What more than three students have, and more than one in twenty, tells nothing about two."""


@dataclass(frozen=True)
class Pair:
    """Two hand-ins that are alike.

    Attributes
    ----------
    students : tuple of str
    exercises : dict of str to float
        In which, and how much: of the pieces that hardly anybody else has, of the one who has
        fewer of them, how many the other has too, from 0 to 1.
    pieces : frozenset
        What is shared, as (exercise, key of the piece).
    identical : bool
        Whether the files are, to the last byte.
    """

    students: tuple
    exercises: dict
    pieces: frozenset = frozenset()
    identical: bool = False


def find_alike(answers, known, written, digests=None, groups=None):
    """Find pairs that are more alike than independent work is.

    Parameters
    ----------
    answers : dict of str to (dict of str to str)
        By student, then by exercise.
    known : sequence of dict of str to str
        What students got or could well write by themselves, by exercise: it is left out.
    written : set of str
        Exercises that are answered in words.
    digests : dict of str to str, optional
        SHA-256 of the files, by student: those of the same are always told.
    groups : dict of str to str, optional
        Those of one group have handed in together, and are not compared.

    Returns
    -------
    list of Pair
        The most alike first.
    """
    students = list(answers)
    found = {two: Pair(two, {}, identical=True) for two in _identical(students, digests or {})}
    for exercise in dict.fromkeys(it for own in answers.values() for it in own):
        texts = [answers[it].get(exercise, "") for it in students]
        left_out = [it.get(exercise, "") for it in known]
        for (i, j), share, keys in _alike_in(texts, left_out, exercise in written):
            it = found.get((students[i], students[j])) or Pair((students[i], students[j]), {})
            found[it.students] = replace(
                it,
                exercises={**it.exercises, exercise: max(share, it.exercises.get(exercise, 0))},
                pieces=it.pieces | {(exercise, key) for key in keys},
            )
    group = groups or {}
    pairs = [it for two, it in found.items() if len({group.get(one) or one for one in two}) > 1]
    return sorted(pairs, key=lambda it: (not it.identical, -len(it.pieces)))


def _identical(students, digests):
    """Pairs whose files are the same to the last byte."""
    same = defaultdict(list)
    for student in students:
        if digests.get(student):
            same[digests[student]].append(student)
    return [two for its in same.values() for two in combinations(its, 2)]


def _alike_in(texts, left_out, written):
    """Who is alike in an exercise, by place, with how much and by which pieces."""
    for read in (PROSE,) if written else (WITH_NAMES, WITHOUT_NAMES):
        known = {piece.key for text in left_out for piece in pieces_of(text, read)}
        keys = [{piece.key for piece in pieces_of(text, read)} - known for text in texts]
        if any(keys):
            rare, names = _rare(keys)
            shared = (rare @ rare.T).toarray()
            least = np.minimum.outer(np.diag(shared), np.diag(shared))
            alike = (shared >= FEWEST_SHARED) & (shared >= LEAST_SHARE * least)
            for i, j in np.argwhere(np.triu(alike, 1)):
                both = rare[[i]].multiply(rare[[j]]).tocoo().coords[1]
                yield (i, j), float(shared[i, j] / least[i, j]), [names[it] for it in both]


def _rare(pieces):
    """Who has which of the pieces that few have: ones, students by pieces; and these."""
    counter = CountVectorizer(analyzer=lambda it: it, binary=True, dtype=np.int64)
    counts = counter.fit_transform(pieces)
    most = max(FEW, len(pieces) // FEW_OF)
    few = np.flatnonzero(np.asarray(counts.sum(axis=0)).ravel() <= most)
    names = sorted(counter.vocabulary_, key=counter.vocabulary_.get)
    return counts[:, few].tocsr(), [names[it] for it in few]
