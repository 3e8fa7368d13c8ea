"""`baosong run`: the scheduled worker, or one full pass."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import click

from cli.common import config_option, json_option, open_app, print_json
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from ingest.app import App

_places = click.option(
    "--places",
    type=click.IntRange(1, 64),
    default=2,
    show_default=True,
    help="Mails read at the same time: each wants a core and up to 1.1 GB of memory.",
)


@click.command(epilog="Example: baosong run --once --json")
@click.option("--once", is_flag=True, help="One full pass: poll, process, send what is due; then exit.")
@_places
@json_option
@config_option
def run(once: bool, places: int, as_json: bool) -> None:
    """Watch the mailbox: poll, read, decide, answer, until SIGTERM (work in hand is finished).

    On PostgreSQL several machines may do so at once: one polls and sends, all read and decide.
    """
    if as_json and not once:
        raise click.UsageError("--json goes with --once")
    with open_app(writes=True) as app:
        _take(app, places)
        if not once:
            _run(app)
            return
        from ingest.scheduler import one_pass

        with app.database.sole_worker(), _stoppable() as stopped, _waiting(as_json):
            report = one_pass(app, stopped)
    if as_json:
        print_json(report.counts)
    else:
        click.echo("  ".join(f"{name} {count}" for name, count in report.counts.items()))
    if stopped():
        report.failures.append("stopped before the pass was through; the next `run` goes on where it was left")
    if report.failures:
        raise NeedsAttention(*dict.fromkeys(report.failures))


def _run(app: App) -> None:
    from ingest.members import Member
    from ingest.scheduler import Worker
    from web.serving import serving_health

    app.prepare()  # a fault of the configuration is told before anything is served
    if app.queue is not None:
        with serving_health(app):
            Member(app=app, queue=app.queue).run()
        return
    with app.database.sole_worker(), serving_health(app):
        Worker(app=app).run()


@click.command(epilog="Example: baosong worker --places 4")
@_places
@config_option
def worker(places: int) -> None:
    """Read and decide mails that `baosong run` on another machine takes in, until SIGTERM. Needs PostgreSQL."""
    from config.settings import SettingsError
    from ingest.members import Member

    with open_app(writes=True) as app:
        if app.queue is None:
            raise SettingsError(
                ["storage.database: workers share a PostgreSQL server; on SQLite `baosong run` does it all"]
            )
        _take(app, places)
        Member(app=app, queue=app.queue, may_lead=False).run()


def _take(app: App, places: int) -> None:
    from ingest.memory import memory, warn_if_short

    app.places = places
    warn_if_short(places, memory())


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """SIGTERM and Ctrl-C let the work in hand be finished, and say so; a second one ends the process at once."""
    asked = threading.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)

    def ask(number: int, frame: FrameType | None) -> None:
        click.echo("baosong: stopping when the work in hand is done; once more to stop at once", err=True)
        asked.set()
        for each in numbers:
            signal.signal(each, signal.SIG_DFL)

    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _waiting(as_json: bool) -> Iterator[None]:
    """A spinner where a person waits."""
    if as_json or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status("poll, process, send …"):
        yield
