"""`baosong run`: the scheduled worker, or one full pass."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

from cli.common import config_option, json_option, open_app, print_json
from cli.errors import NeedsAttention


@click.command(epilog="Example: baosong run --once --json")
@click.option("--once", is_flag=True, help="One full pass: poll, process, send what is due; then exit.")
@click.option("--standby", is_flag=True, help="While another worker is at work, wait, and take over when it ends.")
@json_option
@config_option
def run(once: bool, standby: bool, as_json: bool) -> None:
    """Watch the mailbox: poll, read, decide, answer, until SIGTERM (work in hand is finished)."""
    from ingest.scheduler import Worker, one_pass
    from ingest.service import Service
    from ingest.standby import as_worker
    from web.serving import serving_health

    if as_json and not once:
        raise click.UsageError("--json goes with --once")
    if standby and once:
        raise click.UsageError("--standby waits for ever, and --once is done at once: give one of them")
    service = Service()
    with open_app(writes=True) as app, as_worker(app.database, waits=standby, service=service) as held:
        if not once:
            app.prepare()  # a fault of the configuration is told before anything is served
            with serving_health(app):
                Worker(app=app, held=held, service=service).run()
            return
        with _stoppable() as stopped, _waiting(as_json):
            report = one_pass(app, lambda: stopped() or not held.stands())
    if as_json:
        print_json(report.counts)
    else:
        click.echo("  ".join(f"{name} {count}" for name, count in report.counts.items()))
    if stopped():
        report.failures.append("stopped before the pass was through; the next `run` goes on where it was left")
    if report.failures:
        raise NeedsAttention(*dict.fromkeys(report.failures))


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
