"""`course data`: fetch the data before the class, check it, and say where it lies."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from course_utils.instructor.cli.terminal import command, console, progress, say
from course_utils.instructor.course import CourseError

app = typer.Typer(help="Fetch, check and find the data sets of the lessons.", no_args_is_help=True)

Names = Annotated[
    list[str] | None,
    typer.Argument(help="Data sets such as mnist; without any, every one.", show_default=False),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        help="A folder of yours in place of the usual caches.",
        show_default=False,
        parser=lambda text: Path(text).expanduser().resolve(),
        metavar="FOLDER",
    ),
]


@command(app, "list")
def show():
    """Show every data set: its size, its licence, and what of it is on this machine."""
    table = Table("name", "images", "download", "on this machine", "licence")
    for data_set in _chosen(None):
        size = f"{data_set.editions[0].size / 1e6:,.0f} MB" if data_set.editions else "none"
        found = [copy.kind for copy in _copies(data_set, None)]
        table.add_row(
            data_set.name,
            " + ".join(f"{count:,}" for count in data_set.counts),
            size,
            ", ".join([*found, _what_ships(data_set)]),
            data_set.licence,
        )
    console.print(table)
    return True


@command(app)
def fetch(
    names: Names = None,
    folder: Folder = None,
    minutes: Annotated[float, typer.Option(help="How long a data set may take.")] = 20,
):
    """Download data sets, so that no class need wait: into Keras' cache, or a folder of yours."""
    from course_utils.datasets import download
    from course_utils.datasets.sources import files

    if not minutes > 0:
        raise CourseError(f"minutes should be more than 0; got {minutes:g}.")
    place = folder or files.cache_folders()[0]
    fetched = True
    for data_set in _downloadable(names):
        if folder:
            _refuse_to_overwrite(data_set, folder)
        # Whoever says how long to wait decides how slow a host may be.
        patience = download.Patience(time.monotonic() + 60 * minutes, least_rate=0)
        try:
            host = files.fetch(data_set, place, patience)
        except download.DownloadError as error:
            say(f"{data_set.name}: failed. {error}", style="red")
            fetched = False
        else:
            say(f"{data_set.name}: {f'from {host}' if host else 'was there'}, in {place}")
    if folder and fetched:
        say(f'In a lesson: datasets.load(..., folder="{folder}")')
    return fetched


@command(app)
def verify(names: Names = None, folder: Folder = None):
    """Check every byte of the data sets that are on this machine."""
    from course_utils.instructor.desk.data_copies import problem_of

    right = True
    for data_set in _downloadable(names):
        found = _copies(data_set, folder)
        for copy in found:
            with progress(f"{data_set.name}, {copy.kind}"):
                problem = problem_of(copy)
            style = "red" if problem else None
            say(f"{data_set.name}: {problem or 'right'} ({copy.kind}, {copy.folder})", style)
            right = right and not problem
        if not found:
            say(f"{data_set.name}: not there. Fetch it: {_fetch_command(data_set, folder)}")
            right = right and not (names or folder)
    return right


@command(app)
def path(
    name: Annotated[str, typer.Argument(help="A data set such as mnist.")], folder: Folder = None
):
    """Print the folder that holds a data set, for scripts and for load(..., folder=...)."""
    (data_set,) = _downloadable([name])
    found = _copies(data_set, folder)
    if not found:
        raise CourseError(
            f"{name} is not on this machine. Fetch it: {_fetch_command(data_set, folder)}"
        )
    say(f"{found[0].folder}")
    return True


def _chosen(names):
    """The catalogue's entries of some names, or all."""
    from course_utils.datasets.catalogue import CATALOGUE

    unknown = [name for name in names or [] if name not in CATALOGUE]
    if unknown:
        raise CourseError(
            f"There is no data set {', '.join(unknown)}; there are {', '.join(CATALOGUE)}."
        )
    return [CATALOGUE[name] for name in names or CATALOGUE]


def _downloadable(names):
    """The entries of some names, or all, that are not drawn by the course itself."""
    chosen = [data_set for data_set in _chosen(names) if data_set.editions]
    if not chosen:
        raise CourseError(f"{', '.join(names)} is drawn by the course; there is nothing to fetch.")
    return chosen


def _copies(data_set, folder):
    """Where a data set lies, on this machine or in a folder."""
    from course_utils.instructor.desk.data_copies import copies

    return copies(data_set, folder)


def _refuse_to_overwrite(data_set, folder):
    """Refuse to write where a folder has a file of that name which is not the published one."""
    from course_utils.datasets import download

    for edition in data_set.editions:
        for file in edition.files:
            path = folder / file.name
            if path.exists() and not download.is_right(path, file):
                raise CourseError(
                    f"{path} is there and is not the published file. Move it away, or choose "
                    "another folder."
                )


def _what_ships(data_set):
    """What of a data set comes with the course."""
    if data_set.stand_in:
        return f"{data_set.stand_in} stands in"
    return "a subset ships" if data_set.editions else "drawn here"


def _fetch_command(data_set, folder):
    """The command that fetches a data set to where it was looked for."""
    return f"course data fetch {data_set.name}" + (f" --folder {folder}" if folder else "")
