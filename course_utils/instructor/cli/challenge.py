"""`course challenge` and `course leaderboard`: images with secret labels, and who names them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from course_utils.instructor.cli.terminal import cell, console, progress, say
from course_utils.instructor.course import find_course

Seed = Annotated[
    str | None,
    typer.Option(
        help="A secret of yours, 64 hexadecimal digits made by chance, to draw a challenge once "
        "more. Better leave it out: a new one is made, and does not stay in your shell's history.",
        show_default=False,
    ),
]
Images = Annotated[int, typer.Option(help="How many images to draw, 100 to 20,000.")]
Folder = Annotated[
    Path,
    typer.Argument(
        help="Files of predictions; those in a folder of it belong to the student it is named "
        "after.",
        show_default=False,
    ),
]


def challenge(seed: Seed = None, images: Images = 2000):
    """Draw Emoji-10 images whose labels only you can find out, for students to name."""
    from course_utils.instructor.challenge import hidden_images

    course = find_course()
    with progress("challenge"):
        made, handout, secret = hidden_images.make(course, seed, images)
    say(f"{made}")
    say(f"  for students          {handout}")
    say(f"  for nobody but you    {secret}")
    say("Keep the second file: without it nothing can be scored, and who has it knows the labels.")
    say("The drawings are in the course, so images can be named by comparing, without a network:")
    say("ask for the notebook behind an entry, too.")
    return True


def leaderboard(folder: Folder):
    """Score every file of predictions in a folder; say of each that cannot be scored why."""
    from course_utils.instructor.challenge import scores

    course = find_course()
    with progress("leaderboard"):
        board = scores.read_folder(course, folder)
        written = scores.write_board(course, board)
    for track, entries in board.tracks.items():
        console.print(_table(track, entries))
    if not board.tracks:
        say("No file could be scored.")
    for file, problems in board.refused.items():
        say(f"{file!r}: not scored.", style="red")
        for problem in problems:
            say(f"  {problem}")
    for note in board.notes:
        say(f"Note: {note}")
    for path in written:
        say(f"  {path}")
    return not board.refused


def _table(track, entries):
    """One track's entries as a table; names are the students' own, so nothing in them is markup."""
    table = Table("rank", "student", "right", "accuracy", "± standard error", "files", title=track)
    for entry in entries:
        table.add_row(
            str(entry.rank),
            cell(entry.student),
            f"{entry.right:,} of {entry.images:,}",
            f"{entry.accuracy:.2%}",
            f"{entry.standard_error:.2%}",
            str(entry.files),
        )
    return table
