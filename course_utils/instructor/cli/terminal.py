"""What every command of `course` does alike: how it ends, what it prints, how it shows progress."""

import functools
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from course_utils.instructor.course import CourseError
from course_utils.instructor.plain_text import escaped

# Without emojis: what somebody called :x: is not to be shown as another sign.
console = Console(highlight=False, emoji=False)
errors = Console(highlight=False, emoji=False, stderr=True)  # apart from what a script may read


def command(app, name=None):
    """Make a function a command of an app; the function returns whether all went well."""

    def decorate(function):
        @functools.wraps(function)
        def run(*arguments, **options):
            try:
                succeeded = function(*arguments, **options)
            except CourseError as error:
                _complain(error)
                raise typer.Exit(2) from error
            except OSError as error:  # a full disk, or a folder that may not be written to
                _complain(error)
                raise typer.Exit(1) from error
            raise typer.Exit(0 if succeeded else 1)

        return app.command(name)(run)

    return decorate


@contextmanager
def progress(what):
    """Show on a terminal that something is being done; yields a function that tells how far."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(what, total=None)
        yield functools.partial(bar.update, task)


def say(text, style=None):
    """Print a text, not wrapped, so that paths can be copied and searched for."""
    _print(console, text, style)


def cell(text):
    """Make a text a cell of a table, in which nothing is markup or obeyed."""
    return Text(escaped(text))


def _complain(error):
    """Print why a command ends."""
    _print(errors, f"Error: {error}", "red")


def _print(where, text, style):
    """Print a text in which only line ends are obeyed: names in it may be anybody's."""
    lines = "\n".join(map(escaped, text.split("\n")))
    where.print(lines, style=style, markup=False, soft_wrap=True)
