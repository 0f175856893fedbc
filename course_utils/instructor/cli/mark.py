"""`course mark`: answers are marked by hand, question by question, in a browser."""

import asyncio
from contextlib import suppress
from typing import Annotated

import typer

from course_utils.instructor.cli.terminal import say
from course_utils.instructor.course import choose_lessons, find_course

Lesson = Annotated[str, typer.Argument(metavar="LESSON", show_default=False)]
Port = Annotated[int, typer.Option(help="The port to listen on; 0 takes any that is free.")]


def mark(lesson: Lesson, port: Port = 0):
    """Mark by hand what waits for it, all answers to one question after the other."""
    from course_utils.instructor.report.standing import read_standings

    course = find_course()
    (lesson,) = choose_lessons(course, [lesson])
    waiting = sum(len(it.waiting) for it in read_standings(course, lesson))
    say(f"{lesson}: {waiting} answers wait for a mark")
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(course, lesson, port))
    return True


async def _serve(course, lesson, port):
    """Serve the pages until somebody presses Ctrl and C."""
    from tornado.httpserver import HTTPServer
    from tornado.netutil import bind_sockets

    from course_utils.instructor.report.marking.server import make_app

    app, path = make_app(course, lesson)
    sockets = bind_sockets(port, "127.0.0.1")
    HTTPServer(app).add_sockets(sockets)
    say(f"Open http://127.0.0.1:{sockets[0].getsockname()[1]}{path}")
    say("Only this computer can. End with Ctrl-C, before you grade again.")
    await asyncio.Event().wait()
