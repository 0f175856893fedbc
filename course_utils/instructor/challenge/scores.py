"""Score files of predictions, whatever students put into them, and rank the students."""

import csv
import html
import io
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from course_utils import challenge, datasets, session
from course_utils.datasets.catalogue import CATALOGUE
from course_utils.instructor.challenge import hidden_images
from course_utils.instructor.challenge.hidden_images import Answers
from course_utils.instructor.course import CourseError
from course_utils.instructor.plain_text import escaped
from course_utils.instructor.spreadsheet import cell
from course_utils.instructor.whole_file import write_whole

PLACE = "leaderboard"
COLUMNS = ("challenge", "rank", "student", "right", "images", "accuracy", "standard error", "files")


@dataclass(frozen=True)
class Entry:
    """A student's place in a track.

    Attributes
    ----------
    rank : int
        1 for the best; students with as many right answers share a rank, and the next one is left
        out.
    student : str
    right, images : int
        How many images were named correctly, and how many there are.
    files : int
        How many valid files the student handed in; the last one counts.
    """

    rank: int
    student: str
    right: int
    images: int
    files: int

    @property
    def accuracy(self):
        """Share of the images that were named correctly, 0 to 1."""
        return self.right / self.images

    @property
    def standard_error(self):
        """Standard error of the accuracy, were the images drawn anew."""
        return (self.accuracy * (1 - self.accuracy) / self.images) ** 0.5


@dataclass(frozen=True)
class Board:
    """What came of a folder of predictions.

    Attributes
    ----------
    tracks : dict of str to list of Entry
        Track and challenge, such as ``"emoji10 0123456789ab"``, to its entries, the best first.
    refused : dict of str to list of str
        File to what is wrong with it.
    notes : list of str
        What else the instructor should know.
    """

    tracks: dict = field(default_factory=dict)
    refused: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)


def read_folder(course, folder):
    """Score every file in a folder.

    Parameters
    ----------
    course : Course
        Its secrets tell the labels of Emoji-10's challenges.
    folder : Path
        Files that lie in it belong to the student whom they name; files in a folder within it to
        the student whom that folder is named after, so that nobody can hand in for somebody else.
        Of several valid files of a student for one challenge the last counts, by the time at which
        it was changed, and by name if that is the same. Hidden files are left out, and links are
        refused: they would show what is not the student's own.

    Returns
    -------
    Board

    Raises
    ------
    CourseError
        If there is no such folder, or no file in it.
    """
    if not folder.is_dir():
        raise CourseError(f"Expected a folder of predictions; {folder} is none.")
    board = Board()
    files = _files(folder, board)
    if not files and not board.refused:
        raise CourseError(f"Expected files of predictions in {folder}, and found none.")
    answers = _answers(course, {challenge.track_of(path) for path in files}, board)
    by_id = {each.challenge.id: each for each in answers}
    challenges = [each.challenge for each in answers]
    valid = {}
    for path in files:
        name = path.relative_to(folder)
        try:
            predictions = challenge.read_predictions(path, challenges)
        except challenge.PredictionError as error:
            board.refused[str(name)] = str(error).splitlines()
            continue
        except Exception as error:  # whatever it is, the other files are scored
            board.refused[str(name)] = [
                f"Expected to read it; got {type(error).__name__}: {str(error)!r}. This is a "
                "mistake of the program, not of the student: tell those who maintain it."
            ]
            continue
        student = predictions.student if len(name.parts) == 1 else escaped(name.parts[0])
        if student != predictions.student:
            board.notes.append(
                f"{str(name)!r} says it is by {predictions.student!r}; it counts for {student!r}, "
                "whose folder it lies in."
            )
        valid.setdefault(predictions.challenge, {}).setdefault(student, []).append(predictions)
    for known in sorted(valid, key=lambda known: (by_id[known].challenge.track, known)):
        board.tracks[f"{by_id[known].challenge.track} {known}"] = _ranked(
            valid[known], by_id[known].labels
        )
    return board


def write_board(course, board):
    """Write a board as a table for spreadsheets and as a page.

    Parameters
    ----------
    course : Course
    board : Board

    Returns
    -------
    list of Path
        ``build/leaderboard/leaderboard.csv`` and ``….html``.
    """
    written = []
    # With a mark at its beginning, without which some spreadsheets do not see that it is UTF-8.
    kinds = (("csv", as_csv(board), "utf-8-sig"), ("html", as_html(board), "utf-8"))
    for kind, text, encoding in kinds:
        path = course.build / PLACE / f"leaderboard.{kind}"
        write_whole(path, text.encode(encoding))
        written.append(path)
    return written


def as_csv(board):
    """Make a board comma-separated values, with no cell that a spreadsheet would carry out.

    Parameters
    ----------
    board : Board

    Returns
    -------
    str
        A row for each entry. An apostrophe stands before a name that looks like a formula.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for track, entries in board.tracks.items():
        writer.writerows(map(cell, (track, *_row(entry))) for entry in entries)
    return text.getvalue()


def as_html(board):
    """Make a board a page that needs nothing else.

    Parameters
    ----------
    board : Board

    Returns
    -------
    str
    """
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Leaderboard</title>'
        "<style>body{font:16px sans-serif;margin:2em}table{border-collapse:collapse}"
        "td,th{border:1px solid;padding:.3em .8em;text-align:right}"
        "td:nth-child(2),th:nth-child(2){text-align:left}</style><h1>Leaderboard</h1>"
    ]
    for track, entries in board.tracks.items():
        rows = [COLUMNS[1:], *map(_row, entries)]
        cells = [[html.escape(str(value)) for value in row] for row in rows]
        head = "".join(f'<th scope="col">{value}</th>' for value in cells[0])
        body = "".join(
            f"<tr>{''.join(f'<td>{value}</td>' for value in row)}</tr>" for row in cells[1:]
        )
        parts.append(f"<h2>{html.escape(track)}</h2><table><tr>{head}</tr>{body}</table>")
    return "\n".join(parts) + "\n"


def _files(folder, board):
    """Every file below a folder, the oldest first; what else lies there is refused."""
    found, folders = [], [folder]
    # No recursion, because students may have nested their folders deeper than that goes.
    while folders:
        inside = folders.pop()
        try:
            with os.scandir(inside) as listing:
                entries = [entry for entry in listing if not entry.name.startswith(".")]
        except OSError as error:
            board.refused[str(inside.relative_to(folder))] = [
                f"Expected a folder that can be read; got: {error.strerror}. Ask for the files."
            ]
            continue
        for entry in entries:
            path = Path(entry.path)
            if entry.is_symlink():
                board.refused[str(path.relative_to(folder))] = [
                    "Expected a file; got a link to another place. Hand in the file itself."
                ]
            elif entry.is_dir(follow_symlinks=False):
                folders.append(path)
            else:
                found.append((_changed(path), str(path), path))
    return [path for _, _, path in sorted(found)]


def _changed(path):
    """When a file was changed, in nanoseconds; 0 if that cannot be told."""
    try:
        return path.lstat().st_mtime_ns
    except OSError:
        return 0


def _answers(course, tracks, board):
    """Challenges and their labels, of the tracks that somebody has named images of."""
    answers, problems = hidden_images.all_answers(course)
    board.notes.extend(problems)
    if "fashion_mnist" in tracks:
        data = datasets.load("fashion_mnist")
        images, labels = challenge.from_test_split(data)
        if session.profile() == "full" and len(images) < CATALOGUE[data.name].counts[1]:
            board.notes.append(
                "the track fashion_mnist could not be scored by its 10,000 test images, because "
                "they are not here. Run: course data fetch fashion_mnist"
            )
        answers.append(Answers(images, labels))
    if "emoji10" in tracks and not any(each.challenge.track == "emoji10" for each in answers):
        board.notes.append(
            f"the track emoji10 cannot be scored: {course.build / hidden_images.SECRETS} holds no "
            "secret that can be used. Put back what course challenge wrote there."
        )
    return answers


def _ranked(by_student, labels):
    """Entries of one challenge, the best first."""
    rights = {
        student: int(np.sum(files[-1].labels == labels)) for student, files in by_student.items()
    }
    return [
        Entry(
            rank=1 + sum(other > right for other in rights.values()),
            student=student,
            right=right,
            images=len(labels),
            files=len(by_student[student]),
        )
        for student, right in sorted(rights.items(), key=lambda entry: (-entry[1], entry[0]))
    ]


def _row(entry):
    """An entry's values, in the order of COLUMNS."""
    accuracy, error = f"{entry.accuracy:.4f}", f"{entry.standard_error:.4f}"
    return entry.rank, entry.student, entry.right, entry.images, accuracy, error, entry.files
