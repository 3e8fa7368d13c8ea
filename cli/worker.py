"""`baosong run`: the scheduled worker, or one full pass."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from cli.common import config_option, json_option, open_app, print_json
from cli.errors import NeedsAttention


@click.command(epilog="Example: baosong run --once --json")
@click.option("--once", is_flag=True, help="One full pass: poll, process, send what is due; then exit.")
@json_option
@config_option
def run(once: bool, as_json: bool) -> None:
    """Watch the mailbox: poll, read, decide, answer, until SIGTERM (work in hand is finished)."""
    from domain.submission import State
    from ingest.scheduler import Worker, one_pass

    if as_json and not once:
        raise click.UsageError("--json goes with --once")
    with open_app(writes=True) as app:
        if not app.settings.mailboxes:
            raise click.UsageError("the configuration has no [mailbox]; `baosong init DIR` writes one to fill in")
        if not once:
            Worker(app=app).run()
            return
        with _waiting(as_json):
            report = one_pass(app)
    counts = {"received": report.received}
    counts |= {str(state): report.count(state) for state in State if state is not State.SUPERSEDED}
    counts |= {"ignored": report.ignored, "replies_sent": report.replies_sent}
    if as_json:
        print_json(counts)
    else:
        click.echo("  ".join(f"{name} {count}" for name, count in counts.items()))
    if report.failures:
        raise NeedsAttention(*dict.fromkeys(report.failures))


@contextmanager
def _waiting(as_json: bool) -> Iterator[None]:
    """A spinner where a person waits."""
    if as_json or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status("poll, process, send …"):
        yield
