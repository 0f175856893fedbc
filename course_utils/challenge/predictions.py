"""The file in which a student hands in what the images of a challenge are.

A file of predictions is a text file in UTF-8 of this form, of at most a megabyte::

    # track: emoji10
    # challenge: 0123456789ab
    # student: Ada Lovelace
    index,label
    0,7
    1,frog

First come these three lines, in any order, each beginning with ``#``: the track, the challenge's id
(which says which images were named, so that a file can never be scored with another's labels), and
the student's name, of 1 to 60 printable characters. Then comes ``index,label``. Then one row for
each image, in any order: the image's place in ``Challenge.images``, counted from 0, and its class,
as a number from 0 to 9 or by its name. Blank lines, spaces around a value, and commas with which a
spreadsheet fills up the first three lines do not matter.
"""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils import arguments
from course_utils.challenge.images import TRACKS, Challenge, PredictionError, checked_path
from course_utils.models import course_folder

KEYS = ("track", "challenge", "student")
COLUMNS = "index,label"
FOLDER = Path("build", "predictions")
"""Where files of predictions are written, below the course's folder."""

LARGEST_FILE = 2**20
LONGEST_NAME = 60
AROUND = ", \t"
"""What may stand around a value of the first three lines: a spreadsheet adds commas."""
TOLD = 3
"""How many problems of a file are told, of each kind."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a student says the images of a challenge are.

    Attributes
    ----------
    track, challenge, student : str
    labels : ndarray, int64, shape (n,), values 0 to 9
        In the order of the challenge's images.
    """

    track: str
    challenge: str
    student: str
    labels: np.ndarray


def write_predictions(challenge, labels, student, folder=None):
    """Write what you say the images are to a file to hand in, and check it.

    Parameters
    ----------
    challenge : Challenge
    labels : ndarray, any integer dtype, shape (n,), values 0 to 9
        One for each of ``challenge.images``, in their order.
    student : str
        Your name as it shall stand in the leaderboard, 1 to 60 printable characters.
    folder : str or Path, optional
        Where to write it, in place of ``build/predictions`` in the course's folder. A file of the
        same track and student is replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    TypeError
        If an argument is of another type; probabilities, for instance, are no labels.
    ValueError
        If there is not one label for each image, a label is no class, or the name will not do.
    """
    if not isinstance(challenge, Challenge):
        raise TypeError(
            f"challenge should be a Challenge; got {type(challenge).__name__}. "
            "Make one with from_test_split(...) or open_challenge(...)."
        )
    arguments.label_vector(labels, len(challenge.class_names), len(challenge))
    if not isinstance(student, str):
        raise TypeError(f"student should be a string, your name; got {student!r}. Write it so.")
    problem = _problem_of_name(student)
    if problem:
        raise ValueError(problem)
    folder = course_folder() / FOLDER if folder is None else checked_path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    plain = "-".join("".join(c if c.isalnum() else " " for c in student.lower()).split())
    path = folder / f"{challenge.track}-{plain[:40]}.csv"  # some systems allow 255 bytes
    lines = [
        f"# track: {challenge.track}",
        f"# challenge: {challenge.id}",
        f"# student: {student}",
        COLUMNS,
        *(f"{index},{label}" for index, label in enumerate(labels.tolist())),
    ]
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as part:
        draft = Path(part, path.name)
        draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
        read_predictions(draft, challenge)
        draft.replace(path)
    return path


def read_predictions(path, challenge):
    """Read a file of predictions, if there is nothing wrong with it.

    Parameters
    ----------
    path : str or Path
    challenge : Challenge, or list or tuple of Challenge
        The images that were to be named; of several, those that the file says.

    Returns
    -------
    Predictions

    Raises
    ------
    TypeError
        If ``path`` is no path or ``challenge`` no challenge.
    PredictionError
        If the file cannot be read or is malformed: says everything that is wrong with it, one line
        a problem, each with what was expected, what came and what to do.
    """
    challenges = [challenge] if isinstance(challenge, Challenge) else challenge
    if not isinstance(challenges, list | tuple) or not all(
        isinstance(each, Challenge) for each in challenges
    ):
        raise TypeError(
            f"challenge should be a Challenge, or a list of them; got {type(challenge).__name__}. "
            "Make one with from_test_split(...) or open_challenge(...)."
        )
    told, rows, problems = _parts(_text(checked_path(path)))
    named = next((each for each in challenges if each.id == told.get("challenge")), None)
    problems += _problems_of_head(told, challenges, named)
    if named is None:  # how many rows there should be, and of which classes, is not known
        raise PredictionError("\n".join(problems))
    labels, of_rows = _read_rows(rows, named)
    if problems or of_rows:
        raise PredictionError("\n".join([*problems, *of_rows]))
    return Predictions(named.track, named.id, told["student"], labels)


def track_of(path):
    """Read which track a file says it is for.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    str or None
        None if it cannot be read, or names no track that there is.
    """
    try:
        track = _parts(_text(checked_path(path)))[0].get("track")
    except PredictionError:
        return None
    return track if track in TRACKS else None


def _text(path):
    """What a file holds, or an error that says why that is no text."""
    try:
        if not path.is_file():  # a folder, or a pipe that would never end
            raise PredictionError(
                f"Expected a file of predictions; got {path.name!r}, which is none. Look for it."
            )
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, PredictionError):
            raise
        raise PredictionError(f"Expected a file that can be read; got: {error}.") from None
    if len(content) > LARGEST_FILE:
        raise PredictionError(
            "Expected at most a megabyte; the file is larger. Write it with write_predictions."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PredictionError(
            "Expected text in UTF-8; the file is something else, such as a workbook, an archive, "
            "or text in another encoding. Hand in the .csv as write_predictions made it."
        ) from None


def _parts(text):
    """What the file tells of itself, its rows with their line numbers, and problems with both."""
    told, rows, problems, columns = {}, [], [], None
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = line.strip()
        if not line:
            continue
        if line.startswith("#") and columns is None:
            key, _, value = line[1:].partition(":")
            key = key.strip().lower()
            if key in KEYS and key in told:
                problems.append(
                    f"line {number}: expected {key} to be told once; it came again. Delete one."
                )
            told.setdefault(key, value.strip(AROUND))
        elif columns is None:
            columns = number
            if line.replace(" ", "").lower() != COLUMNS:
                problems.append(
                    f"line {number}: expected {COLUMNS!r} above the rows; got {_shown(line)}. "
                    "Write the file with write_predictions."
                )
        else:
            rows.append((number, line))
    if columns is None:
        problems.append(
            f"Expected {COLUMNS!r} and a row for each image; got neither. Write the file with "
            "write_predictions."
        )
    return told, rows, problems


def _problems_of_head(told, challenges, named):
    """Say what is wrong with the lines before the rows."""
    problems = []
    for key in KEYS:
        if key not in told:
            problems.append(
                f"Expected a line '# {key}: …' at the beginning; there is none. Write the file "
                "with write_predictions."
            )
    known = {each.id: each for each in challenges}
    if "challenge" in told and named is None:
        expected = ", ".join(f"{each.id} ({each.track})" for each in known.values()) or "none"
        problems.append(
            f"Expected the id of a challenge that is known here: {expected}; got "
            f"{_shown(told['challenge'])}. These may be images to practise with, of another year, "
            "of another source or of the fast profile: name those of this challenge."
        )
    if named is not None and "track" in told and told["track"] != named.track:
        problems.append(
            f"Expected the track {named.track}, to which challenge {named.id} belongs; got "
            f"{_shown(told['track'])}. Write the file with write_predictions."
        )
    name_problem = _problem_of_name(told["student"]) if "student" in told else None
    return [*problems, name_problem] if name_problem else problems


def _problem_of_name(name):
    """What is wrong with a student's name; None if nothing is."""
    if (
        0 < len(name) <= LONGEST_NAME
        and name.isprintable()
        and name == name.strip(AROUND)
        and any(letter.isalnum() for letter in name)
    ):
        return None
    return (
        f"student should be a name of 1 to {LONGEST_NAME} printable characters, with a letter or "
        f"digit, and without spaces or commas around it; got {_shown(name)}. Choose another."
    )


def _read_rows(rows, challenge):
    """Labels in the order of the images, and what is wrong with the rows."""
    labels, wrong = _labels(rows, challenge)
    names = challenge.class_names
    whole = not (wrong["malformed"] or wrong["outside"] or wrong["unknown"])
    missing = np.flatnonzero(labels < 0).astype(str) if whole else ()
    problems = (
        (
            "two values in each row, with a comma between them; got",
            wrong["malformed"],
            "Mend these.",
        ),
        (
            f"indices that are whole numbers from 0 to {len(labels) - 1}; got",
            wrong["outside"],
            "Name the images of this challenge, and all of them.",
        ),
        (
            f"labels from 0 to {len(names) - 1} or class names such as {names[0]!r}; got",
            wrong["unknown"],
            "Of probabilities, take argmax(axis=1).",
        ),
        (
            "one row for each image; got",
            wrong["again"],
            "These came before; delete all but one.",
        ),
        (
            f"a row for each of the {len(labels):,} images; none came for",
            missing,
            "Add the images that lack one.",
        ),
    )
    return labels, [
        f"Expected {expected} {_listed(found)}. {mend}"
        for expected, found, mend in problems
        if len(found)
    ]


def _labels(rows, challenge):
    """Labels in the order of the images, -1 where there is none; and wrong rows by their kind."""
    classes = {name.lower(): label for label, name in enumerate(challenge.class_names)}
    classes |= {str(label): label for label in range(len(challenge.class_names))}
    labels = np.full(len(challenge), -1, dtype=np.int64)
    wrong = {"malformed": [], "outside": [], "unknown": [], "again": []}
    for number, line in rows:
        cells = [cell.strip().strip('"').strip() for cell in line.split(",")]
        if len(cells) != 2:
            wrong["malformed"].append(f"line {number}: {_shown(line)}")
            continue
        # At most nine digits, because Python refuses to read numbers of thousands.
        index = int(cells[0]) if re.fullmatch(r"[0-9]{1,9}", cells[0]) else -1
        label = classes.get(cells[1].lower())
        if not 0 <= index < len(labels):
            wrong["outside"].append(f"line {number}: {_shown(cells[0])}")
        elif label is None:
            wrong["unknown"].append(f"line {number}: {_shown(cells[1])}")
        else:
            if labels[index] >= 0:
                wrong["again"].append(f"line {number}: {index}")
            labels[index] = label
    return labels, wrong


def _listed(found):
    """The first few of what was found, and how many more there are."""
    more = f", and {len(found) - TOLD:,} more" if len(found) > TOLD else ""
    return ", ".join(found[:TOLD]) + more


def _shown(text):
    """A short text in quotes, with everything escaped that a terminal might obey."""
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
