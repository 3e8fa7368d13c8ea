"""`baosong replay`: saved mails through the pipeline."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.common import config_option, in_zone, json_option, open_app, parse_moment, print_json
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from ingest.replaying import Replayed


def _json(one: Replayed) -> dict[str, object]:
    return {
        "file": str(one.path),
        "outcome": one.outcome,
        "disposition": one.disposition or None,
        "submissions": [{"receipt": receipt, "state": str(state)} for receipt, state in one.cases],
    }


@click.command(epilog="Example: baosong replay saved/*.eml --received-at 2020-02-27T15:40+08:00")
@click.argument(
    "files", metavar="EML...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--received-at",
    metavar="TIME",
    callback=parse_moment,
    help="Time of receipt (ISO 8601; in the zone of the staff unless it says another); else as archived, else the newest "
    "trusted Received, else now; never Date.",
)
@json_option
@config_option
def replay(files: tuple[Path, ...], received_at: datetime | None, as_json: bool) -> None:
    """Feed saved mails through the pipeline. What was decided before is not decided again; held mails start anew.

    Replies are queued and go out with the next `run`.
    """
    from ingest.indexing import index_waiting
    from ingest.passes import PassReport
    from ingest.replaying import replay as feed

    report = PassReport()
    with open_app(writes=True) as app:
        done = feed(app, files, in_zone(received_at, app.settings.staff.zone), report)
        index_waiting(app)
    if as_json:
        print_json(report.counts | {"mails": [_json(one) for one in done]})
    else:
        for one in done:
            became = ", ".join(f"{state} {receipt}" for receipt, state in one.cases) or one.disposition
            click.echo(f"{one.outcome:<9} {one.path}" + (f"  {became}" if became else ""))
    if report.failures:
        raise NeedsAttention(*report.failures)
