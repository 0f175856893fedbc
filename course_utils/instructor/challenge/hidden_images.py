"""Emoji-10 images whose labels nobody can look up but who holds the secret they are drawn from.

Students have the program that draws, and may try seeds until one gives the images in their hands.
So the seed is 32 bytes made by chance, and the words drawn from it come from SHAKE-256 (see
``datasets.emoji10.draw``): neither the seed nor the labels follow from the images. Twice as many
images are drawn as are handed out, in a random order, so that not even the number of images of each
class is known. Labels are written nowhere; they are drawn anew when files are scored.

The images show the drawings that are kept for testing, because recognising new drawings is what
Emoji-10 is about. These drawings are in the package, where everybody can look at them. So the
labels are held out, but not beyond the reach of a cheat. Whoever looks for each image's nearest
neighbour among 20,000 drawn with ``sprites="test"`` has 494 of 500 labels right within a minute,
without a network (compared by their edges; measured on 2026-11-22). And people can name the images
by eye. That nobody does is on honour, and shows in the notebook that belongs to an entry.
"""

import json
import re
import secrets
from dataclasses import dataclass

import numpy as np

from course_utils.challenge import Challenge, save_challenge
from course_utils.datasets import emoji10
from course_utils.instructor.course import CourseError
from course_utils.instructor.whole_file import write_whole

FEWEST, MOST = 100, 20_000
HANDOUTS = "challenge"
SECRETS = "challenge-secrets"
"""Apart from what is handed out, so that nobody packs the two together."""


@dataclass(frozen=True, eq=False)
class Answers:
    """A challenge with the labels of its images.

    Attributes
    ----------
    challenge : Challenge
    labels : ndarray, int64, shape (n,), values 0 to 9
    """

    challenge: Challenge
    labels: np.ndarray


def make(course, seed=None, images=2000):
    """Draw the images of a challenge and write them for students, and the secret for yourself.

    Parameters
    ----------
    course : Course
    seed : str, optional
        64 hexadecimal digits; the same ones draw the same challenge. A new secret without it.
    images : int
        How many images to hand out, 100 to 20,000.

    Returns
    -------
    challenge : Challenge
    handout : Path
        The images for students: ``build/challenge/emoji10-ID.npz``.
    secret : Path
        Seed and number of images: ``build/challenge-secrets/emoji10-ID.json``, which only the
        owner may read.

    Raises
    ------
    CourseError
        If the seed is no such number, or ``images`` is out of range.
    """
    seed = secrets.token_hex(32) if seed is None else seed.strip().lower()
    _check(seed, images)
    answers = _draw(seed, images)
    name = f"{answers.challenge.track}-{answers.challenge.id}"
    secret = course.build / SECRETS / f"{name}.json"
    secret.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = json.dumps({"seed": seed, "images": images}) + "\n"
    write_whole(secret, kept.encode(), mode=0o600)
    handout = course.build / HANDOUTS / f"{name}.npz"
    save_challenge(answers.challenge, handout)
    return answers.challenge, handout, secret


def all_answers(course):
    """Draw the images and labels of every challenge whose secret is there.

    Parameters
    ----------
    course : Course

    Returns
    -------
    answers : list of Answers
    problems : list of str
        One for each secret that cannot be used, for people.
    """
    found, problems = [], []
    for path in sorted((course.build / SECRETS).glob("*.json")):
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            _check(kept["seed"], kept["images"])
            answers = _draw(kept["seed"], kept["images"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            problems.append(f"{path} cannot be used ({type(error).__name__}: {error}).")
            continue
        if path.stem != f"{answers.challenge.track}-{answers.challenge.id}":
            problems.append(
                f"{path} now draws challenge {answers.challenge.id}: the file was renamed, or "
                "Emoji-10 has changed since. Use the version of the course that made it."
            )
            continue
        found.append(answers)
    return found, problems


def _check(seed, images):
    """Refuse a seed that could be found by trying, and too few or too many images."""
    if not re.fullmatch(r"[0-9a-f]{64}", seed) or len(set(seed)) < 8:
        raise CourseError(
            "The seed should be 64 hexadecimal digits made by chance, so that nobody finds it by "
            f"trying; got {len(seed)} characters that are not. Leave it out, and one is made."
        )
    if isinstance(images, bool) or not isinstance(images, int) or not FEWEST <= images <= MOST:
        raise CourseError(
            f"The number of images should lie between {FEWEST} and {MOST:,}; got {images}."
        )


def _draw(seed, images):
    """A challenge and its labels."""
    # With the number in it. Else a larger challenge from the same seed would use the same words,
    # and what is noise in one, for everybody to see, would be the order of labels in the other.
    secret = bytes.fromhex(seed) + images.to_bytes(4, "little")
    drawn, labels = emoji10.draw(2 * images, seed=secret, sprites="test")
    return Answers(Challenge("emoji10", drawn[:images]), labels[:images])
